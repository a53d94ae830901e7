"""Doses that a correction put at another hour: the one that was corrected is no dose any more.

RXA-21 = U corrects the dose of the same order with the same administration number (RXA-2). Many senders write the same
number on every dose: it then names none, and both stay rather than one being taken away wrongly.
Source: HL7 v2.5 §4.14.7.2 (RXA-2), §4.14.7.21 (RXA-21).
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from releve.views.parts import in_parts
from releve.views.reading import Touched

__all__ = ["Charted", "derive_replaced", "replaced_among"]


class Charted(NamedTuple):
    """One dose of one order, as the derivation reads it; sorted, they stand as they were told."""

    stamp: int
    id: str
    number: str  # RXA-2
    action: str  # RXA-21


def replaced_among(doses: Iterable[Charted]) -> set[str]:
    """Return which doses of one order a later one corrects.

    >>> first, second = Charted(1, "at noon", "1", "A"), Charted(2, "at one", "1", "U")
    >>> replaced_among([second, first])
    {'at noon'}
    >>> replaced_among([first, Charted(1, "at eight", "1", "A"), second])
    set()
    """
    standing: list[Charted] = []
    replaced: set[str] = set()
    for dose in sorted(doses):
        if dose.action == "D":
            continue
        if dose.action == "U":
            same = [one for one in standing if one.number == dose.number]
            if len(same) == 1:
                standing.remove(same[0])
                replaced.add(same[0].id)
        standing.append(dose)
    return replaced


def derive_replaced(cursor: Any, touched: Touched) -> None:
    """Mark the doses that were corrected to another hour, of every order of which a dose was touched."""
    orders = sorted(
        {
            values["request"]
            for _, values in touched.rows["prescribing_administration"]
            if values.get("request") and values.get("number")
        }
    )
    persons = sorted(
        {
            values["person"]
            for _, values in touched.rows["prescribing_administration"]
            if values.get("request") in set(orders)
        }
    )
    doses: dict[str, list[Charted]] = defaultdict(list)
    for part in in_parts(persons):
        marks = ", ".join(["%s"] * len(part))
        cursor.execute(
            "SELECT request, stamp, id, number, action FROM prescribing_administration "  # noqa: S608
            f"WHERE person IN ({marks}) AND number IS NOT NULL AND request IN (SELECT request FROM "
            f"prescribing_administration WHERE person IN ({marks}) AND action = 'U')",
            part * 2,
        )
        for request, stamp, dose, number, action in cursor.fetchall():
            doses[request].append(Charted(stamp, dose, number, action or ""))
    cursor.executemany(
        "UPDATE prescribing_administration SET status = 'deleted' WHERE id = %s",
        [(dose,) for order in doses for dose in sorted(replaced_among(doses[order]))],
    )
