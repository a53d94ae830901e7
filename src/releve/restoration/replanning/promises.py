"""Published dates: what becomes of each by the events alone, and by the new plan.

What is published is the P80 of a simulation. Neither the date of a plan nor its order tells it: measured on generated
hospitals, they explain less than half of how far a P80 moves. So plans are simulated, with the same runs for each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from releve.restoration.case import Case
from releve.restoration.plan import Plan
from releve.restoration.replanning.moves import DateMoved

if TYPE_CHECKING:
    from releve.restoration.forecast.tables import Policy
    from releve.restoration.planner.grid import Grid

__all__ = ["TOLERANCE_HOURS", "Dates", "Promise", "Simulations", "moved_dates", "promises_of"]

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


class Simulations:
    """Simulations of plans of one case, each with the same runs: what they share is made once."""

    def __init__(self, case: Case, *, runs: int, seed: int, grid: Grid | None = None) -> None:
        self._case, self._runs, self._seed, self._grid = case, runs, seed, grid
        self._policy: Policy | None = None

    def p80(self, plan: Plan) -> Dates:
        """Return the P80 of all that was announced; beyond what was looked at, its last hour."""
        from releve.restoration.forecast.engine import play_policy
        from releve.restoration.forecast.tables import Policy

        if self._policy is None:
            self._policy = policy = Policy(self._case, plan, self._grid)
        else:
            policy = self._policy.with_plan(plan)
        played = play_policy(policy, self._runs, self._seed)
        numbers = {one.id: a for a, one in enumerate(self._case.applications)}
        services = {one.id: k for k, one in enumerate(self._case.services)}
        found: dict[tuple[str, str], float] = {}
        for line in self._case.published:
            if line.kind == "application" and line.id in numbers and not policy.grid.lost[numbers[line.id]]:
                parts = policy.parts((numbers[line.id],))
                columns = [played.column("back", len(numbers), part) for part in parts]
                hours = [
                    policy.horizon if min(those) < 0 else max(those) for those in zip(*columns, strict=True)
                ]
            elif line.kind == "service" and line.id in services:
                hours = played.column("served", policy.sums.services, services[line.id])
            else:
                continue
            if hours:
                found[line.kind, line.id] = min(_p80(hours), policy.horizon)
        return found


def _p80(hours: Sequence[int]) -> int:
    """Return the smallest hour that four in five do not exceed."""
    return sorted(hours)[-(-4 * len(hours) // 5) - 1]


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
