"""Which report of a result stands: the last one, in the order in which they were said."""

from collections import defaultdict
from typing import Any

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
    """Mark, for each result that came or changed, the report that stands."""
    rows = touched.rows["laboratory_result"]
    if not rows:
        return
    wanted = {(values["person"], values["series"], values["sample"]) for _, values in rows}
    listed = sorted({sample for _, _, sample in wanted})
    reports: dict[tuple[str, str, str], list[tuple[str, int, str | None]]] = defaultdict(list)
    for key, values in rows:
        reports[values["person"], values["series"], values["sample"]].append(
            (key, values["stamp"], values["value"])
        )
    seen = {key for key, _ in rows}
    for start in range(0, len(listed), 400):
        part = listed[start : start + 400]
        marks = ", ".join(["%s"] * len(part))
        cursor.execute(
            f"SELECT id, person, series, sample, stamp, value FROM laboratory_result WHERE sample IN ({marks})",  # noqa: S608
            part,
        )
        for key, person, series, sample, stamp, value in cursor.fetchall():
            place = (person, series, sample)
            if place in wanted and key not in seen:
                reports[place].append((key, stamp, value))
    updates = []
    for said in reports.values():
        current, previous = standing(said)
        updates += [(key == current, previous if key == current else None, key) for key, _, _ in said]
    cursor.executemany("UPDATE laboratory_result SET current = %s, previous = %s WHERE id = %s", updates)
