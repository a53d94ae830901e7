"""How much is back at the end of each day, of the whole: in half, 80 and 95 % of the runs at least.

What each application alone is back by with 80 % is another question: the runs in which one is late are not those in
which another is, so that of the whole much more is back by a day than dates of single applications let expect.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from releve.restoration.forecast.engine import Played
from releve.restoration.forecast.forecast import MEASURES, Measure, Returned
from releve.restoration.forecast.tables import Policy

__all__ = ["returned_of"]

SHARES = (0.5, 0.8, 0.95)
Parts = list[tuple[float, list[int]]]  # of a measure: what each thing counts for, the columns it needs all of


def returned_of(policy: Policy, played: Played) -> tuple[Returned, ...]:
    """Return the curves of applications, care functions and patients a day, in the measure's own unit.

    What the catalogue counts nothing for has no curve.
    """
    found = []
    for measure in MEASURES:
        name, width, things = _things(policy, measure)
        if not any(weight for weight, _ in things):
            continue
        row = played.rows[name]
        by_day = _in_list if isinstance(row, list) else _in_array
        found.append(_trimmed(measure, by_day(row, played.runs, width, things, policy.horizon)))
    return tuple(found)


def _things(policy: Policy, measure: Measure) -> tuple[str, int, Parts]:
    case = policy.case
    if measure == "applications":
        known = [a for a in range(len(case.applications)) if not policy.grid.lost[a]]
        return "back", len(case.applications), [(1.0, policy.parts((a,))) for a in known]
    counted = {milestone.service for milestone in policy.grid.milestones}
    return (
        "served",
        policy.sums.services,
        [
            (1.0 if measure == "services" else one.patients_per_day, [number])
            for number, one in enumerate(case.services)
            if number in counted
        ],
    )


def _at(runs: int, share: float) -> int:
    """Return the place, in ascending order, of what this share of the runs reach at least."""
    return max(0, runs - max(1, -(-round(share * runs * 100) // 100)))


def _in_list(
    row: Sequence[int], runs: int, width: int, things: Parts, horizon: int
) -> list[tuple[float, ...]]:
    days = horizon // 24 + 2
    grown = []
    for at in range(0, runs * width, width):
        steps = [0.0] * days
        for weight, parts in things:
            hours = [row[at + part] for part in parts]
            if all(0 <= hour <= horizon for hour in hours):
                steps[-(-max(hours, default=0) // 24)] += weight
        for day in range(1, days):
            steps[day] += steps[day - 1]
        grown.append(steps)
    places = [_at(runs, share) for share in SHARES]
    return [tuple(ordered[place] for place in places) for ordered in map(sorted, zip(*grown, strict=True))]


def _in_array(row: Any, runs: int, width: int, things: Parts, horizon: int) -> list[tuple[float, ...]]:
    import numpy as np

    came = (row >= 0) & (row <= horizon)
    days = int(row[came].max(initial=0)) // 24 + 2
    # By run and column, the day it is back by; a day more for what does not come back, cut off below.
    reached = np.where(came, -(-row // 24), days).astype(np.int16).reshape(runs, width)
    if all(len(parts) == 1 for _, parts in things):
        by_thing = reached[:, [part for _, (part,) in things]]
    else:
        by_thing = np.zeros((runs, len(things)), np.int16)
        for number, (_, parts) in enumerate(things):
            by_thing[:, number] = reached[:, parts].max(axis=1, initial=0)
    places = [_at(runs, share) for share in SHARES]
    if all(weight == 1.0 for weight, _ in things):
        # Counted one by one: as many are back by a day, in so many runs, as have their turn by then in so many runs.
        turns = np.sort(by_thing, axis=1)
        by_turn = np.sort(np.ascontiguousarray(turns.T), axis=1)
        counts = [
            np.searchsorted(by_turn[:, runs - place - 1], np.arange(days), side="right") for place in places
        ]
        return [tuple(float(count[day]) for count in counts) for day in range(days)]
    begins = np.arange(runs)
    steps = np.zeros((days + 1) * runs, np.float32)
    for number, (weight, _) in enumerate(things):
        # One place a run: nothing is added to twice.
        steps[by_thing[:, number].astype(np.int64) * runs + begins] += weight
    grown = steps.reshape(days + 1, runs)
    for day in range(1, days):
        grown[day] += grown[day - 1]
    whole = np.partition(grown[:-1], sorted(set(places)), axis=1)
    return [tuple(float(line[place]) for place in places) for line in whole]


def _trimmed(measure: Measure, days: list[tuple[float, ...]]) -> Returned:
    """Return the days up to the last on which any of the three grows."""
    last = max((day for day in range(1, len(days)) if days[day] != days[day - 1]), default=0)

    def column(number: int) -> tuple[float, ...]:
        # Counted things are whole; patients a day are given to a tenth.
        rounded = (round(day[number], 1) for day in days[: last + 1])
        return tuple(int(value) if value == int(value) else value for value in rounded)

    return Returned(measure=measure, p50=column(0), p80=column(1), p95=column(2))
