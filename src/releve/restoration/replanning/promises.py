"""Published dates: what becomes of each by the events alone, and by the new plan.

What is published is the P80 of a simulation. Neither the date of a plan nor its order tells it: measured on generated
hospitals, they explain less than half of how far a P80 moves. So plans are simulated, with the same runs for each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from releve.restoration.case import Case
from releve.restoration.plan import Plan
from releve.restoration.replanning.moves import DateMoved

__all__ = ["TOLERANCE_HOURS", "Dates", "Promise", "moved_dates", "promises_of", "simulated"]

# A published date whose P80 comes later by no more than this is not announced anew (planning.md, section 8, target 7).
TOLERANCE_HOURS = 48

Dates = Mapping[tuple[str, str], float]  # the P80 by kind and id


@dataclass(frozen=True, slots=True)
class Promise:
    """A published date that is still to come, and its P80 in the kept plan."""

    kind: Literal["application", "service"]
    id: str
    published: int
    p80: float

    @property
    def stands(self) -> bool:
        """Whether the events alone leave it as it was announced: what comes earlier than announced keeps its date."""
        return self.p80 - self.published <= TOLERANCE_HOURS


def simulated(case: Case, plan: Plan, *, runs: int, seed: int) -> Dates:
    """Return the P80 of each application and service; beyond what was looked at, its last hour."""
    from releve.restoration.forecast.simulate import simulate

    forecast = simulate(case, plan, runs=runs, seed=seed)
    found: dict[tuple[str, str], float] = {}
    for kind, lines in (("application", forecast.applications), ("service", forecast.services)):
        for line in lines:
            found[kind, line.id] = forecast.horizon if line.p80 is None else line.p80
    return found


def promises_of(case: Case, p80: Dates) -> list[Promise]:
    """Return the published dates that are still to come, `p80` being those of the kept plan."""
    return [
        Promise(line.kind, line.id, line.p80, p80[line.kind, line.id])
        for line in case.published
        if p80.get((line.kind, line.id), 0) > case.now
    ]


def moved_dates(promises: Sequence[Promise], p80: Dates) -> tuple[DateMoved, ...]:
    """Return every promise with its P80 in the kept plan and in the new one."""
    found = []
    for promise in promises:
        now = p80.get((promise.kind, promise.id), promise.p80)
        late = now - promise.published > TOLERANCE_HOURS
        found.append(
            DateMoved(
                kind=promise.kind, id=promise.id, published=promise.published, repaired=round(promise.p80),
                now=round(now), chosen=promise.stands and late,
            )
        )  # fmt: skip
    return tuple(found)
