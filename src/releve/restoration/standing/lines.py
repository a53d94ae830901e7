"""Lines of the catalogue: what one holds, those that a case is made of, what differs between two catalogues. Pure."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import msgspec

from releve.restoration.case import HOUR_MS, Calendar, Case, Uncertainty
from releve.restoration.facts import DatedHours
from releve.restoration.fold import LINES, CaseHead

__all__ = [
    "LISTS", "Line", "dates_of", "decoded", "decoded_of", "differences", "every", "head_of", "line_of",
    "lines_of", "standing",
]  # fmt: skip

# Under which name a case keeps lines of a kind.
LISTS = {
    "calendar": "calendars", "skill": "skills", "person": "people", "resource": "resources",
    "application": "applications", "task": "tasks", "service": "services",
}  # fmt: skip
_decoders = {what: msgspec.json.Decoder(type_) for what, type_ in LINES.items()}


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the catalogue that stands: `value` is JSON of its struct."""

    what: str
    id: str
    value: str


def decoded(line: Line) -> Any:
    """Return the struct that a line holds."""
    return _decoders[line.what].decode(line.value)


def decoded_of(lines: Iterable[Line], what: str, id_: str) -> Any:
    """Return the struct of one line as it stands in the catalogue, None when there is none."""
    return next((decoded(line) for line in lines if line.what == what and line.id == id_), None)


def every(lines: Iterable[Line], what: str) -> tuple[Any, ...]:
    """Return the structs of all lines of a kind."""
    return tuple(decoded(line) for line in lines if line.what == what)


def line_of(what: str, value: Any) -> Line:
    """Return the line that a struct of the case makes."""
    return Line(what=what, id=value.id, value=_json(value))


def standing(lines: Iterable[Line]) -> dict[tuple[str, str], str]:
    """Return the JSON of each line by what it is and its id."""
    return {(line.what, line.id): line.value for line in lines}


def dates_of(lines: Iterable[Line], whom: str) -> list[DatedHours]:
    """Return the dates that were said of a person or of a calendar."""
    told: tuple[DatedHours, ...] = every(lines, "dates")
    return [one for one in told if one.whom == whom]


def head_of(lines: Iterable[Line]) -> CaseHead:
    """Return what the catalogue says of itself."""
    for line in lines:
        if line.what == "case":
            head: CaseHead = decoded(line)
            return head
    return CaseHead()


def lines_of(case: Case) -> list[Line]:
    """Return the lines of the catalogue that a case is made of, what was reported left out."""
    head = CaseHead(name=case.name, zone=case.zone)
    made = [Line(what="case", id="case", value=_json(head))]
    for what, name in LISTS.items():
        for one in getattr(case, name):
            days = _days_of(one, case.starts_at_ms) if isinstance(one, Calendar) else []
            made.append(line_of(what, msgspec.structs.replace(one, exceptions=()) if days else one))
            made += [line_of("dates", day) for day in days]
    if case.uncertainty != Uncertainty():
        made.append(Line(what="uncertainty", id="uncertainty", value=_json(case.uncertainty)))
    return made


def _days_of(calendar: Calendar, starts_at_ms: int) -> list[DatedHours]:
    """Return the holidays of a calendar by their dates: they do not move with the cut.

    None where two of them overlap: there the order in which they stand in the calendar decides, and is kept.
    """
    spans = sorted((each.from_hour, each.to_hour) for each in calendar.exceptions)
    if any(one[1] > other[0] for one, other in pairwise(spans)) or any(one[0] >= one[1] for one in spans):
        return []
    return [
        DatedHours(
            id=f"{calendar.id}@{starts_at_ms + each.from_hour * HOUR_MS}",
            kind="worked" if each.works else "closed",
            whom=calendar.id,
            from_ms=starts_at_ms + each.from_hour * HOUR_MS,
            to_ms=starts_at_ms + each.to_hour * HOUR_MS,
            name=each.name,
        )
        for each in calendar.exceptions
    ]


def differences(
    before: Iterable[Line], after: Iterable[Line], *, whole: bool
) -> list[tuple[str, str, str | None]]:
    """Return what changes from one catalogue to another, as (what, id, JSON or None: taken out).

    `whole`: what the other does not name is taken out; otherwise it stays.
    """
    was, now = standing(before), standing(after)
    changed: list[tuple[str, str, str | None]] = [
        (*key, value) for key, value in now.items() if key not in was or not _same(key[0], was[key], value)
    ]
    if whole:
        changed += [(*key, None) for key in was if key not in now]
    return changed


def _same(what: str, one: str, other: str) -> bool:
    """Tell whether two lines say the same: a default may be written out in one and left out in the other."""
    return one == other or bool(_decoders[what].decode(one) == _decoders[what].decode(other))


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
