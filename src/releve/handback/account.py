"""The account of a downtime: every act recorded here, by patient, in the order in which it happened.

Rows of `record_act` say which acts there are; the entries themselves say what was done. An entry that cannot be read
is in the account all the same, by its place.
"""

from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec

from releve.journal.entry import Entry
from releve.journal.errors import JournalError
from releve.journal.folder import logs
from releve.journal.reader import LogReader
from releve.record.carried import Carriage, carriages
from releve.record.tables import Act, Identifier, Person
from releve.views.carried import entry_at
from releve.views.parts import in_parts
from releve.web.tables import Account as WebAccount

__all__ = ["Account", "ActLine", "PersonLines", "account_of", "lines_of"]


class ActLine(msgspec.Struct, frozen=True, kw_only=True):
    """One act: what its row says of it, and its body (None when the entry cannot be read here)."""

    row: Act
    applications: tuple[str, ...]
    author: str  # account of who recorded it
    source: str  # the screen, or the browser where it waited
    body: dict[str, Any] | None
    way: Carriage | None = None  # when a colleague's session brought it here


class PersonLines(msgspec.Struct, frozen=True, kw_only=True):
    """The acts of one person. `person` is None when no trait of hers is known here."""

    key: str
    person: Person | None
    numbers: tuple[tuple[str, str, str], ...]  # number, assigning authority, type
    lines: tuple[ActLine, ...]


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What was recorded, `application` only when one is asked for. Counts are of acts."""

    application: str
    persons: tuple[PersonLines, ...]
    by_application: dict[str, int]
    by_kind: dict[str, int]
    acts: int
    late: int
    offline: int
    unread: int
    nobody: int  # acts that stand in for no application
    people: dict[str, str] = {}  # RPPS number of those who did the acts, by account, as far as it is known


def account_of(data: Path, *, application: str = "", since_ms: int | None = None) -> Account:
    """Return the account of the island in `data`, for one application or for all.

    `since_ms` (UTC) leaves out what happened before. Needs Django and views that are up to date.
    """
    rows = Act.objects.exclude(kind=None).order_by("person", "happened_at", "log", "index", "id")
    if since_ms is not None:
        rows = rows.filter(happened_at__gte=since_ms)
    chosen = [row for row in rows if not application or application in _owed(row)]
    lines: dict[str, list[ActLine]] = {}
    for line in lines_of(data, chosen):
        lines.setdefault(line.row.person, []).append(line)
    flat = [line for some in lines.values() for line in some]
    return Account(
        application=application,
        persons=_persons(lines),
        by_application=dict(Counter(code for line in flat for code in line.applications)),
        by_kind=dict(Counter(line.row.kind or "" for line in flat)),
        acts=len(flat),
        late=sum(bool(line.row.late) for line in flat),
        offline=sum(bool(line.row.offline) for line in flat),
        unread=sum(line.body is None for line in flat),
        nobody=sum(not line.applications for line in flat),
        people=_registered({code for line in flat for code in (line.row.by, line.row.second) if code}),
    )


def _registered(codes: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    asked = sorted(codes)
    for part in in_parts(asked):
        rows = WebAccount.objects.filter(id__in=part).exclude(rpps=None)
        found |= {code: rpps for code, rpps in rows.values_list("id", "rpps") if rpps}
    return found


def lines_of(data: Path, rows: Iterable[Act]) -> list[ActLine]:
    """Return these acts with what their entries hold, in the same order; `data` is the island's folder."""
    chosen = list(rows)
    if not chosen:
        return []
    ways = carriages(chosen)
    lines = []
    with ExitStack() as stack:
        readers = {log.name: stack.enter_context(LogReader(log.path)) for log in logs(data)}
        for row in chosen:
            entry = _entry(data, readers, row)
            lines.append(
                ActLine(
                    row=row,
                    applications=_owed(row),
                    author=entry.author if entry is not None else "",
                    source=entry.source if entry is not None else "",
                    body=_body(entry),
                    way=ways.get(row.entry or row.id),
                )
            )
    return lines


def _owed(row: Act) -> tuple[str, ...]:
    return tuple(msgspec.json.decode(row.applications or "[]"))


def _entry(data: Path, readers: dict[str, LogReader], row: Act) -> Entry | None:
    name, _, index = (row.entry or "").rpartition("#")
    reader = readers.get(name)
    if not index.isdigit():
        return None
    if reader is None:
        return entry_at(data, name, int(index))
    try:
        return reader.get(int(index))
    except (JournalError, LookupError):
        return None


def _body(entry: Entry | None) -> dict[str, Any] | None:
    if entry is None or entry.redacted or entry.missing:
        return None
    try:
        decoded = msgspec.msgpack.decode(entry.body)
    except msgspec.MsgspecError:
        return None
    return decoded if isinstance(decoded, dict) else None


def _persons(lines: dict[str, list[ActLine]]) -> tuple[PersonLines, ...]:
    known: dict[str, Person] = {}
    numbers: dict[str, list[tuple[str, str, str]]] = {}
    for part in in_parts(sorted(lines)):
        known |= {row.id: row for row in Person.objects.filter(id__in=part)}
        for one in Identifier.objects.filter(person__in=part, until=None).order_by("id"):
            numbers.setdefault(one.person, []).append((one.value, one.system or "", one.type or ""))
    found = [
        PersonLines(
            key=key, person=known.get(key), numbers=tuple(numbers.get(key, ())), lines=tuple(lines[key])
        )
        for key in lines
    ]
    return tuple(sorted(found, key=_by_name))


def _by_name(one: PersonLines) -> tuple[str, str, str]:
    person = one.person
    name = (person.birth_name or person.used_name or "") if person is not None else ""
    given = (person.given_name or "") if person is not None else ""
    return name, given, one.key
