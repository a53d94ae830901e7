"""How far the workstations of a ward are, counted machine by machine: what a batch of the plan is measured by. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from releve.restoration.fleet.facts import STATES, State
from releve.restoration.fleet.state import rank

__all__ = ["Counted", "Reached", "WardProgress", "ward_progress"]


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """One workstation as it counts now; `proved`: the hash of its image and the scanner's report are here."""

    tag: str
    ward: str
    state: str
    proved: bool


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """How many machines came so far, and when the first and the last of them did (UTC ms)."""

    machines: int = 0
    first_ms: int | None = None
    last_ms: int | None = None


class WardProgress(msgspec.Struct, frozen=True, kw_only=True):
    """The workstations of a ward: how many there are, how many reached each state, how many are proved clean."""

    machines: int
    reached: Mapping[State, Reached]
    proved: Reached


def ward_progress(
    machines: Iterable[Counted], steps: Iterable[tuple[str, str, int]], *, since_ms: int
) -> dict[str, WardProgress]:
    """Return the progress of each ward by its code.

    `steps`: of each machine the states that were said of it, and when; what was said before `since_ms` is of an
    earlier crisis, and proves nothing in this one.
    """
    said: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for tag, to, at in steps:
        if at >= since_ms and rank(to) >= 0:
            said[tag].append((at, rank(to)))
    wards: dict[str, list[tuple[Counted, list[int | None]]]] = defaultdict(list)
    for one in machines:
        told = said.get(one.tag, [])
        far = rank(one.state) if told else -1
        wards[one.ward].append((one, _moments(sorted(told), far)))
    return {
        ward: WardProgress(
            machines=len(told),
            reached={state: _reached(at[place] for _, at in told) for place, state in enumerate(STATES)},
            proved=_reached(at[rank("checked")] for one, at in told if one.proved),
        )
        for ward, told in wards.items()
    }


def _moments(told: Sequence[tuple[int, int]], far: int) -> list[int | None]:
    """Return for each state when the machine came so far for good, None where it has not: it may have gone back."""
    found: list[int | None] = [None] * len(STATES)
    for at, place in told:
        for number in range(len(STATES)):
            if number > place:
                found[number] = None
            elif found[number] is None:
                found[number] = at
    return [at if number <= far else None for number, at in enumerate(found)]


def _reached(moments: Iterable[int | None]) -> Reached:
    known = [at for at in moments if at is not None]
    return Reached(machines=len(known), first_ms=min(known, default=None), last_ms=max(known, default=None))
