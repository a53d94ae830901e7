"""The one place where a ward writes, for each care function: the panel "where to write" of boards and patient pages."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

import msgspec

from releve.bedside.now import IslandNow
from releve.hospital.care import WARD_FUNCTIONS
from releve.hospital.status import WriteHere, where_to_write
from releve.hospital.writing import OPEN_DEPARTMENTS

__all__ = ["Cut", "Place", "kinds_to_write", "places_to_write"]

Kind = Literal["application", "releve", "paper"]


class Cut(NamedTuple):
    """The applications, by name, that are down in a ward since the same hour; None when no hour was said."""

    since_ms: int | None
    names: tuple[str, ...]


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One place to write and the care functions that are written there."""

    kind: Kind
    name: str
    functions: tuple[str, ...]
    cuts: tuple[Cut, ...] = ()  # the applications it stands in for, by the hour of their cut
    confirmed: bool = True
    next_change_ms: int | None = None
    restored: bool = False


def kinds_to_write(wards: Iterable[str], now: IslandNow) -> frozenset[Kind]:
    """Return the kinds of places that stand in, in these wards, for the applications that are down there."""
    kinds: set[Kind] = set()
    for ward in wards:
        down = {line.application for line in now.statuses.down(ward)}
        known = [one for name in down if (one := now.directory.application(name)) is not None]
        cut = {code for one in known for code in one.care_functions}
        for function in WARD_FUNCTIONS:
            if function.code in cut:
                answer = where_to_write(function.code, ward, now.directory, now.statuses, OPEN_DEPARTMENTS)
                if answer.down:
                    kinds.add(answer.kind)
    return frozenset(kinds)


def _cuts(codes: Iterable[str], ward: str, now: IslandNow) -> tuple[Cut, ...]:
    """Return the applications by the minute since which they are down in the ward, the earliest first."""
    found: dict[int, list[str]] = {}
    for code in codes:
        since_us = now.statuses.at(code, ward).since_us
        application = now.directory.application(code)
        minute = since_us // 60_000_000 if since_us is not None else -1
        found.setdefault(minute, []).append(application.name if application is not None else code)
    return tuple(
        Cut(minute * 60_000 if minute >= 0 else None, tuple(names)) for minute, names in sorted(found.items())
    )


def places_to_write(ward: str, now: IslandNow, language: str) -> list[Place]:
    """Return where this ward writes, one line for each place, what is not the ordinary place first."""
    grouped: dict[tuple[str, str], list[tuple[str, WriteHere]]] = {}
    for function in WARD_FUNCTIONS:
        answer = where_to_write(function.code, ward, now.directory, now.statuses, OPEN_DEPARTMENTS)
        grouped.setdefault((answer.kind, answer.code), []).append((function.label(language), answer))
    places = []
    for group in grouped.values():
        first = group[0][1]
        down = dict.fromkeys(code for _, answer in group for code in answer.down)
        changes = [answer.next_change_us for _, answer in group if answer.next_change_us is not None]
        places.append(
            Place(
                kind=first.kind,
                name=first.label(language),
                functions=tuple(label for label, _ in group),
                cuts=_cuts(down, ward, now),
                confirmed=all(answer.confirmed for _, answer in group),
                next_change_ms=min(changes) // 1000 if changes else None,
                restored=first.status == "restored",
            )
        )
    return sorted(places, key=lambda place: place.kind == "application" and not place.restored)
