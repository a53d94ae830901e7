"""Crises that did not happen, played to their end, to see whether announced dates held.

The truth is drawn otherwise than the forecast believes: all estimates wrong together, by kind, by application with
heavy tails, gates that fail more or less often than said. Week after week the dispatch policy plays the truth; then
what people would have reported is learned from, the plan made again, dates announced, and at the end compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt
from random import Random
from typing import Any

from msgspec.structs import replace

from releve.restoration.case import Case, TaskState
from releve.restoration.forecast.calibration import calibrate
from releve.restoration.forecast.engine import Room, compiles
from releve.restoration.forecast.simulate import forecast_of
from releve.restoration.forecast.tables import MAKEUP_HOURS, Policy, scratch
from releve.restoration.planner.decode import decode

__all__ = ["WEEK", "Announced", "Reality", "known_weekly", "play_crisis"]

WEEK = 168
_WEEKS_MAX = 60


@dataclass(frozen=True, slots=True)
class Reality:
    """How reality differs from what the forecast believes; sigmas of logarithms."""

    bias: float = 0.08  # estimates are short more often than long
    common_sigma: float = 0.22
    kind_sigma: float = 0.12
    application_sigma: float = 0.28  # Student, 4 degrees of freedom
    task_sigma: float = 0.35  # Student, 5 degrees of freedom; itself uncertain:
    sigma_sigma: float = 0.2
    chance_sigma: float = 0.4  # of the chances of failure and absence


@dataclass(frozen=True, slots=True)
class Announced:
    """What was announced of one application at the beginning of a week, and the hour it was back."""

    week: int
    application: str
    p50: int
    p80: int
    p95: int
    actual: int


def play_crisis(
    case: Case,
    seed: int,
    *,
    runs: int = 500,
    every_weeks: int = 1,
    reality: Reality | None = None,
    learn: bool = True,
) -> list[Announced]:
    """Return what was announced each week of each application that was not back, and when it was.

    `learn`: dates are announced after learning from what has ended, as they should be; without, to see what it brings.
    """
    return _Crisis(case, seed, reality or Reality()).play(runs, every_weeks, learn)


def known_weekly(case: Case, seed: int, weeks: int, reality: Reality | None = None) -> list[Case]:
    """Return the case as it is known at the beginning of each week of a crisis: `now`, and what was reported."""
    crisis = _Crisis(case, seed, reality or Reality())
    found = []
    for week in range(weeks):
        known = replace(crisis.case, now=week * WEEK, states=crisis.states)
        found.append(known)
        crisis.live(Policy(known, decode(known, crisis.order)), (week + 1) * WEEK)
    return found


class _Crisis:
    def __init__(self, case: Case, seed: int, reality: Reality) -> None:
        self.case = case
        self.order = decode(case).order
        random = Random(seed * 7919 + 13)
        self.hours = _hours(case, random, reality)
        shift = exp(random.gauss(0.0, reality.chance_sigma))
        self.fails = [_failures(random, min(task.fail_probability * shift, 0.9)) for task in case.tasks]
        shift = exp(random.gauss(0.0, reality.chance_sigma))
        # By person and window; a window that was missed and is over is written a week later into the case.
        self.missed = {
            (p, w)
            for p, person in enumerate(case.people)
            if person.no_show_probability > 0.0
            for w in range(len(person.windows))
            if random.random() < min(person.no_show_probability * shift, 0.9)
        }
        self.states: tuple[TaskState, ...] = ()
        self.remaining = list(self.hours)
        self.back: dict[str, int] = {}

    def play(self, runs: int, every_weeks: int, learn: bool) -> list[Announced]:
        announced: list[tuple[int, str, int, int, int]] = []
        for week in range(0, _WEEKS_MAX, every_weeks):
            known = replace(self.case, now=week * WEEK, states=self.states)
            believed = calibrate(known) if learn else known
            policy = Policy(believed, decode(believed, self.order))
            forecast = forecast_of(policy, runs=runs, seed=week + 1)
            for each in forecast.applications:
                if each.id not in self.back:
                    beyond = forecast.horizon + 1
                    hours = [beyond if hour is None else hour for hour in (each.p50, each.p80, each.p95)]
                    announced.append((week, each.id, hours[0], hours[1], hours[2]))
            self.live(policy, (week + every_weeks) * WEEK)
            if len(self.back) == len(forecast.applications):
                break
        return [Announced(*each, self.back[each[1]]) for each in announced if each[1] in self.back]

    def live(self, policy: Policy, until: int) -> None:
        """Play the truth up to an hour, and keep what people would have reported by then."""
        t = policy.tables._replace(until=min(until, policy.horizon))
        s, length = scratch(t)
        room = Room(policy, compiled=compiles())
        w = room.whole(length)
        again = [
            hours if task.work_hours > 0 else 0
            for hours, task in zip(self.hours, self.case.tasks, strict=True)
        ]
        w[s.work : s.work + t.tasks] = _like(w, self.remaining)
        w[s.again : s.again + t.tasks] = _like(w, again)
        w[s.fails : s.fails + t.tasks] = _like(w, self.fails)
        people = sorted(policy.vendor, key=policy.vendor.__getitem__)
        absent = [
            int((p, k) in self.missed) for p in people for k in range(len(policy.case.people[p].windows))
        ]
        w[s.absent : s.absent + t.windows] = _like(w, absent)
        room.loops.play_one(room.record(t), room.d, room.record(s), w)
        self._report(policy, s, [int(value) for value in w], until)

    def _report(self, policy: Policy, s: Any, w: list[int], until: int) -> None:
        case, t = policy.case, policy.tables
        again = {w[s.chain_of + i]: i for i in range(t.tasks) if w[s.chain_of + i] >= 0}
        undone: set[int] = set()  # tasks to be done again that were not yet
        for gate in again:
            place = w[s.chain_place + gate] - 1
            undone.update(policy.whole[t.chain + place : policy.whole[t.chain_at + gate + 1] + t.chain])
        states = []
        for i, task in enumerate(case.tasks):
            status, began, end = w[s.status + i], w[s.began + i], w[s.end + i]
            self.fails[i] = w[s.fails + i]
            self.remaining[i] = self.hours[i] if task.work_hours > 0 else 0
            if policy.grid.fixed[i] >= 0 and i not in undone:
                states.append(
                    TaskState(task=task.id, started=policy.grid.started[i], ended=policy.grid.fixed[i])
                )
                states[-1] = next((one for one in case.states if one.task == task.id), states[-1])
            elif status == 4 and i not in undone:
                states.append(
                    TaskState(task=task.id, started=began, ended=end, people=_names(policy, w[s.team + i]))
                )
            elif status == 3 and w[s.work + i] > 0:
                option = w[s.team + i]
                states.append(TaskState(task=task.id, started=began, people=_names(policy, option)))
                since = max(began, t.now)
                self.remaining[i] = max(1, w[s.work + i] - self._worked(policy, option, since, until))
        self.states = tuple(states)
        for a, application in enumerate(case.applications):
            if w[s.back + a] >= 0 and all(i not in undone for i in policy.grid.links.own[a]):
                self.back[application.id] = w[s.back + a]
        self._rewrite_windows(until)

    def _worked(self, policy: Policy, option: int, since: int, until: int) -> int:
        """Return how many hours a team worked, with the windows as they were kept."""
        mask = policy.mask(policy.option_profile[option])
        hours = [hour for hour in range(since, until) if mask >> hour & 1]
        for p in policy.option_people[option]:
            if p in policy.vendor:
                windows = [
                    (each.from_hour + late, each.to_hour + late)
                    for k, each in enumerate(policy.case.people[p].windows)
                    for late in (MAKEUP_HOURS if (p, k) in self.missed else 0,)
                ]
                hours = [hour for hour in hours if any(begin <= hour < end for begin, end in windows)]
        return len(hours)

    def _rewrite_windows(self, now: int) -> None:
        people = list(self.case.people)
        for p, k in sorted(self.missed):
            window = people[p].windows[k]
            if window.from_hour < now:
                late = replace(
                    window, from_hour=window.from_hour + MAKEUP_HOURS, to_hour=window.to_hour + MAKEUP_HOURS
                )
                windows = (*people[p].windows[:k], late, *people[p].windows[k + 1 :])
                people[p] = replace(people[p], windows=windows)
                self.missed.discard((p, k))
        self.case = replace(self.case, people=tuple(people))


def _names(policy: Policy, option: int) -> tuple[str, ...]:
    if option < 0:
        return ()
    return tuple(policy.case.people[p].id for p in policy.option_people[option])


def _like(row: Any, values: list[int]) -> Any:
    """Return values as the row takes them: a list into a list, an array into an array."""
    if isinstance(row, list):
        return values
    import numpy as np

    return np.array(values, row.dtype)


def _hours(case: Case, random: Random, reality: Reality) -> list[int]:
    """Return how long each task really takes."""
    common = random.gauss(reality.bias, reality.common_sigma)
    kinds = {
        kind: random.gauss(0.0, reality.kind_sigma) for kind in sorted({task.kind for task in case.tasks})
    }
    applications = {one.id: reality.application_sigma * _student(random, 4) for one in case.applications}
    sigma = reality.task_sigma * exp(random.gauss(0.0, reality.sigma_sigma))
    found = []
    for task in case.tasks:
        own = (sigma if task.spread is None else task.spread) * _student(random, 5)
        shift = common + kinds[task.kind] + applications.get(task.application, 0.0) + own
        found.append(max(1, round(task.work_hours * exp(min(shift, 2.5)))) if task.work_hours > 0 else 0)
    return found


def _student(random: Random, freedom: int) -> float:
    """Return a draw of Student's law of so many degrees of freedom, scaled to a variance of 1."""
    chi = sum(random.gauss(0.0, 1.0) ** 2 for _ in range(freedom))
    return random.gauss(0.0, 1.0) / sqrt(chi / freedom) * sqrt((freedom - 2) / freedom)


def _failures(random: Random, probability: float) -> int:
    """Return how often something fails before it passes."""
    u = random.random()
    return min(20, int(log(1.0 - u) / log(probability))) if probability > 0.0 else 0
