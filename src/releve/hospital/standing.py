"""What stands now, read from the views: the status of every application in every ward, and which map is in force.

Whose word counts is decided here. What this island said, or two managers signed, counts everywhere. What another
island said by itself counts in the wards it keeps; beyond them it is *claimed*: shown, and nothing more.
"""

from collections.abc import Collection
from typing import Any

import msgspec
from django.db.models import Max, QuerySet

from releve.hospital.belonging import CUT, NO_ISLANDS, Belonging, Said, decide
from releve.hospital.map import Directory
from releve.hospital.status import Place, StatusDeclaration, Statuses
from releve.hospital.tables import Declaration, DeclarationWord, IslandStatement, MapTold
from releve.journal.power import Statement
from releve.views.prepared import Fixed
from releve.views.tables import SubjectEntry
from releve.web.accounts.managers import counted
from releve.web.accounts.trust import managers_now, own_origin

__all__ = [
    "belonging_now",
    "declarations",
    "heeded",
    "lines_now",
    "map_told",
    "persons_beyond",
    "statements_now",
    "statuses_now",
    "told_in_force",
]

_NOWHERE: frozenset[str] = frozenset()
_declared: Fixed[Declaration] = Fixed(
    lambda: Declaration.objects.exclude(applications=None).order_by("order")
)
_words: Fixed[DeclarationWord] = Fixed(lambda: DeclarationWord.objects.order_by("stamp", "log", "index"))
_maps: Fixed[MapTold] = Fixed(lambda: _newest_first(MapTold.objects.defer("body")))


class _Heed:
    """Where the word of an entry counts: None everywhere, else these wards."""

    def __init__(self, rows: list[Declaration], words: list[DeclarationWord]) -> None:
        self._own = own_origin()
        told = [*map(_statement, rows), *map(_statement, words)]
        foreign = self._own is not None and any(one.origin != self._own for one in told)
        # One island alone, which is nearly always, asks nothing more of the database.
        self._signed = counted(told, managers_now()) if foreign else frozenset()
        self._belonging = belonging_now() if foreign else NO_ISLANDS

    def wards(self, place: str) -> frozenset[str] | None:
        """Return where the word told at `place` counts."""
        origin = place.partition("/")[0]
        if self._own is None or origin == self._own or place in self._signed:
            return None
        island = self._belonging.islands.get(origin)
        if island is None or self._belonging.beyond(place):
            return _NOWHERE
        return island.wards


def declarations() -> list[StatusDeclaration]:
    """Return all declarations, withdrawn ones included, as `releve.hospital.status` wants them."""
    rows = _declared()
    words = _words() if rows else []
    heed = _Heed(rows, words)
    of: dict[str, list[DeclarationWord]] = {}
    for word in words:
        of.setdefault(word.declaration or "", []).append(word)
    return [_declaration(row, of.get(row.id, []), heed) for row in rows]


def _declaration(row: Declaration, words: list[DeclarationWord], heed: _Heed) -> StatusDeclaration:
    log, _, index = row.id.rpartition("#")
    origin = row.id.partition("/")[0]
    only = heed.wards(row.id)
    confirmed, withdrawn, withdrawn_in = row.confirmed_by is not None, False, _NOWHERE
    for word in words:
        where = heed.wards(word.id)
        # Who claimed something for more than her wards takes all of it back by herself.
        whole = where is None or (only is not None and word.id.partition("/")[0] == origin)
        if word.what == "confirmed":
            confirmed = confirmed or whole
        elif whole:
            withdrawn = True
        else:
            withdrawn_in |= where or _NOWHERE
    return StatusDeclaration(
        id=row.id,
        applications=tuple(msgspec.json.decode(row.applications or "[]")),
        places=msgspec.json.decode(row.places or "[]", type=tuple[Place, ...]),
        status=row.status,
        since_us=(row.since_at or 0) * 1000,
        declared_us=(row.declared_at or 0) * 1000,
        order_key=(log, int(index)),
        by=row.declared_by or "",
        confirmed=confirmed,
        withdrawn=withdrawn,
        switch_us=row.switch_at * 1000 if row.switch_at is not None else None,
        wards_only=only,
        withdrawn_in=withdrawn_in,
        answers=msgspec.json.decode(row.answers or "[]", type=tuple[str, ...]),
    )


def heeded() -> list[str]:
    """Return the declarations that stand somewhere here: neither withdrawn nor only claimed by another island."""
    return [said.id for said in declarations() if not said.withdrawn and said.wards_only != _NOWHERE]


def statuses_now(directory: Directory, *, now_us: int) -> Statuses:
    """Return who may write where at this moment."""
    return Statuses(declarations(), directory, at_us=now_us)


def lines_now() -> Belonging:
    """Return which islands belong when a cut line was ever drawn, else nobody: asked for every page."""
    return belonging_now() if IslandStatement.objects.filter(kind=CUT).exists() else NO_ISLANDS


def persons_beyond(persons: Collection[str]) -> dict[str, str]:
    """Return those of these persons of whom a fact is shown that lies beyond a cut line, and the island it is from."""
    belonging = lines_now()
    found: dict[str, str] = {}
    for origin, lines in sorted(belonging.cuts.items()):
        if all(line.mode == "exclude" for line in lines.values()):
            continue
        name = belonging.islands[origin].name if origin in belonging.islands else origin
        entries = SubjectEntry.objects.filter(subject__in=persons, log__startswith=f"{origin}/")
        for subject, log, last in entries.values_list("subject", "log").annotate(last=Max("index")):
            if subject not in found and belonging.beyond(f"{log}#{last}"):
                found[subject] = name
    return found


def map_told() -> str | None:
    """Return the row of the views that is the map in force (ORIGIN/EPOCH#INDEX), None before any map was folded."""
    return _in_force(_maps())


def told_in_force(told: QuerySet[Any]) -> str | None:
    """Return which of these rows (`id`: ORIGIN/EPOCH#INDEX, with `signed_by` and `statement`) holds for the hospital.

    The newest one that this island told or two managers signed: an island that was taken over decides nothing here.
    """
    return _in_force(list(_newest_first(told)))


def _newest_first(told: QuerySet[Any]) -> QuerySet[Any]:
    return told.order_by("-recorded_at", "-log", "-index")


def _in_force(rows: list[Any]) -> str | None:
    own = own_origin()
    signed: frozenset[str] | None = None
    for row in rows:
        if own is None or row.id.partition("/")[0] == own:
            return row.id
        if signed is None:
            signed = counted(map(_statement, rows), managers_now())
        if row.id in signed:
            return row.id
    return None


def statements_now() -> list[Said]:
    """Return all that was said of islands, by place; what does not count is only claimed."""
    rows = list(IslandStatement.objects.order_by("stamp", "log", "index"))
    if not rows:
        return []
    counts = counted(map(_statement, rows), managers_now())
    return [
        Said(
            place=row.id,
            kind=row.kind or "",
            island=row.island or "",
            body=msgspec.json.decode(row.body or "{}"),
            stamp=row.stamp or 0,
            counts=row.id in counts,
        )
        for row in rows
    ]


def belonging_now() -> Belonging:
    """Return which islands belong, as the views know it."""
    return decide(statements_now())


def _statement(row: Any) -> Statement:
    return Statement(
        row.id, msgspec.json.decode(row.signed_by or "[]", type=tuple[str, ...]), row.statement or ""
    )
