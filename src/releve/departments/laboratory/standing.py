"""Which report of a result stands: the last one, in the order in which they were said."""

from collections import defaultdict
from typing import Any

from releve.record.together import together_of, touched_persons
from releve.views.parts import in_parts
from releve.views.reading import Touched

__all__ = ["derive_current", "standing"]


def standing(reports: list[tuple[str, int, str | None]]) -> tuple[str, str | None]:
    """Return the id of the report that stands, and the value it replaced; reports are (id, stamp, value).

    >>> standing([("b", 2, "6.4"), ("a", 1, "4.6")])
    ('b', '4.6')
    """
    ordered = sorted(reports, key=lambda report: (report[1], report[0]))
    last = ordered[-1]
    earlier = [value for _, _, value in ordered[:-1] if value is not None and value != last[2]]
    return last[0], earlier[-1] if earlier else None


def derive_current(cursor: Any, touched: Touched) -> None:
    """Mark, for each result that came or changed, the report that stands, under whichever number it was said.

    A value corrected after two numbers turned out to be one patient corrects what was said under the other one.
    """
    rows = touched.rows["laboratory_result"]
    linked = touched_persons(touched)
    if not rows and not linked:
        return
    together = together_of(cursor, {values["person"] for _, values in rows} | linked)
    samples = {values["sample"] for _, values in rows}
    samples |= _samples_of(cursor, sorted({*together.persons, *linked}) if linked else [])
    wanted = {together.owner(values["person"], values.get("visit")) for _, values in rows}
    wanted |= {together.owner(person, None) for person in linked} | set(together.heads.values())
    reports: dict[tuple[str, str, str], list[tuple[str, int, str | None]]] = defaultdict(list)
    for part in in_parts(sorted(samples)):
        marks = ", ".join(["%s"] * len(part))
        cursor.execute(
            "SELECT id, person, visit, series, sample, stamp, value FROM laboratory_result "  # noqa: S608
            f"WHERE sample IN ({marks})",
            part,
        )
        for key, person, visit, series, sample, stamp, value in cursor.fetchall():
            owner = together.owner(person, visit)
            if owner in wanted:
                reports[owner, series, sample].append((key, stamp, value))
    updates = []
    for said in reports.values():
        current, previous = standing(said)
        updates += [(key == current, previous if key == current else None, key) for key, _, _ in said]
    cursor.executemany("UPDATE laboratory_result SET current = %s, previous = %s WHERE id = %s", updates)


def _samples_of(cursor: Any, persons: list[str]) -> set[str]:
    found: set[str] = set()
    for part in in_parts(persons):
        marks = ", ".join(["%s"] * len(part))
        cursor.execute(f"SELECT DISTINCT sample FROM laboratory_result WHERE person IN ({marks})", part)  # noqa: S608
        found.update(sample for (sample,) in cursor.fetchall())
    return found
