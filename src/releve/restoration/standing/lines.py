"""Lines of the catalogue: what one holds, those that a case is made of, what differs between two catalogues. Pure."""

from collections.abc import Iterable
from typing import Any

import msgspec

from releve.restoration.case import Case, Uncertainty
from releve.restoration.fold import LINES, CaseHead

__all__ = ["LISTS", "Line", "decoded", "differences", "head_of", "lines_of"]

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
        made += [Line(what=what, id=one.id, value=_json(one)) for one in getattr(case, name)]
    if case.uncertainty != Uncertainty():
        made.append(Line(what="uncertainty", id="uncertainty", value=_json(case.uncertainty)))
    return made


def differences(
    before: Iterable[Line], after: Iterable[Line], *, whole: bool
) -> list[tuple[str, str, str | None]]:
    """Return what changes from one catalogue to another, as (what, id, JSON or None: taken out).

    `whole`: what the other does not name is taken out; otherwise it stays.
    """
    was = {(line.what, line.id): line.value for line in before}
    now = {(line.what, line.id): line.value for line in after}
    changed: list[tuple[str, str, str | None]] = [
        (*key, value) for key, value in now.items() if was.get(key) != value
    ]
    if whole:
        changed += [(*key, None) for key in was if key not in now]
    return changed


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
