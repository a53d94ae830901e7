"""The one place where a ward writes, for each care function: the panel "where to write" of boards and patient pages."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from releve.bedside.now import IslandNow
from releve.hospital.care import WARD_FUNCTIONS
from releve.hospital.status import WriteHere, where_to_write
from releve.hospital.writing import OPEN_DEPARTMENTS

__all__ = ["Place", "kinds_to_write", "places_to_write"]

Kind = Literal["application", "releve", "paper"]


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One place to write and the care functions that are written there."""

    kind: Kind
    name: str
    functions: tuple[str, ...]
    down: tuple[str, ...] = ()  # names of the applications it stands in for
    since_ms: int | None = None
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
                down=tuple(
                    application.name if (application := now.directory.application(code)) else code
                    for code in down
                ),
                since_ms=first.since_us // 1000 if first.since_us is not None else None,
                confirmed=all(answer.confirmed for _, answer in group),
                next_change_ms=min(changes) // 1000 if changes else None,
                restored=first.status == "restored",
            )
        )
    return sorted(places, key=lambda place: place.kind == "application" and not place.restored)
