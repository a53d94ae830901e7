"""Projects whose work asks for people with skills (MiniZinc's *mspsp*): who does what, and when.

Source: Young, Feydy & Schutt, CP 2017 (multi-skill project scheduling).
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable

import msgspec

from releve.restoration.makespan.bounds import energy_bound
from releve.restoration.makespan.engine import has_ortools
from releve.restoration.makespan.limits import after, counted
from releve.restoration.makespan.minizinc import SkilledProject
from releve.restoration.makespan.network import Network, network_of
from releve.restoration.makespan.project import ProjectError, Schedule

__all__ = ["SkilledSchedule", "solve_skilled"]

Team = tuple[tuple[int, int], ...]  # person, skill: places


class SkilledSchedule(Schedule, frozen=True, kw_only=True):
    """A schedule with the people of each job."""

    people: dict[int, dict[int, int]]  # job's number: person, from 1: skill, from 1


class _Plan(msgspec.Struct, frozen=True):
    makespan: int
    starts: tuple[int, ...]
    teams: tuple[Team, ...]


def solve_skilled(
    given: SkilledProject, *, seconds: float, seed: int = 1, workers: int = 2, iterations: int | None = None
) -> SkilledSchedule:
    """Return the shortest schedule found within `seconds` with its people, and a bound.

    With `iterations` so many lists are tried instead and the clock is not read.

    Raises:
        ProjectError: the project cannot be done.
    """
    deadline = time.monotonic() + seconds
    network = network_of(given.project)
    needs = _needs(given, network)
    bound = energy_bound(network)
    exact = iterations is None and has_ortools()
    plan = _try_lists(
        network, needs, given.skills, seed, bound,
        late=after(min(deadline, time.monotonic() + 0.05) if exact else deadline) if iterations is None
        else counted(iterations),
    )  # fmt: skip
    if exact and plan.makespan > bound:
        plan, bound = _prove(
            network, needs, given.skills, plan, bound,
            seconds=deadline - time.monotonic(), seed=seed, workers=workers,
        )  # fmt: skip
    numbered = sorted(zip(network.numbers, plan.starts, plan.teams, strict=True))
    return SkilledSchedule(
        makespan=plan.makespan,
        starts={number: start for number, start, _ in numbered},
        bound=min(bound, plan.makespan),
        people={
            number: {person + 1: skill + 1 for person, skill in sorted(team)} for number, _, team in numbered
        },
    )


def _needs(given: SkilledProject, network: Network) -> tuple[tuple[int, ...], ...]:
    """Return for each place the skills it asks for, one for each of its people.

    Raises:
        ProjectError: nobody could ever do a job.
    """
    by_number = {job.number: job for job in given.project.jobs}
    everybody = list(range(len(given.skills)))
    needs = []
    for number in network.numbers:
        job = by_number[number]
        skills = tuple(skill for skill, count in enumerate(job.demands) for _ in range(count))
        if job.duration and team_of(skills, everybody, given.skills) is None:
            raise ProjectError(
                f"job {number}: expected people for its {len(skills)} places, too few have the skills"
            )
        needs.append(skills if job.duration else ())
    return tuple(needs)


def team_of(needs: tuple[int, ...], present: list[int], skills: tuple[frozenset[int], ...]) -> Team | None:
    """Return people among those present, one for each need, those with the fewest skills first; None: too few."""
    taken: dict[int, int] = {}  # person: place in needs

    def find(need: int, seen: set[int]) -> bool:
        for person in sorted(present, key=lambda each: (each in taken, len(skills[each]), each)):
            if person in seen or needs[need] not in skills[person]:
                continue
            seen.add(person)
            if person not in taken or find(taken[person], seen):
                taken[person] = need
                return True
        return False

    for need in range(len(needs)):
        if not find(need, set()):
            return None
    return tuple((person, needs[need]) for person, need in sorted(taken.items()))


def _try_lists(
    network: Network,
    needs: tuple[tuple[int, ...], ...],
    skills: tuple[frozenset[int], ...],
    seed: int,
    bound: int,
    *,
    late: Callable[[], bool],
) -> _Plan:
    """Return the best schedule over lists of jobs, the first by latest start, each next one a neighbour of the best."""
    draw = random.Random(seed)
    urgency = [float(-tail - long) for tail, long in zip(network.tails, network.durations, strict=True)]
    best = _place_all(network, needs, skills, urgency)
    while best.makespan > bound and not late():
        changed = list(urgency)
        for _ in range(draw.randint(1, 3)):
            at = draw.randrange(network.size)
            changed[at] += draw.gauss(0, network.critical_path / 4 + 1)
        plan = _place_all(network, needs, skills, changed)
        if plan.makespan <= best.makespan:
            best, urgency = plan, changed
    return best


def _place_all(
    network: Network,
    needs: tuple[tuple[int, ...], ...],
    skills: tuple[frozenset[int], ...],
    urgency: list[float],
) -> _Plan:
    busy: list[list[tuple[int, int]]] = [[] for _ in skills]  # of each person, from and to
    starts, teams = [0] * network.size, [()] * network.size  # type: list[int], list[Team]
    waits = [len(before) for before in network.before]
    ready = [at for at, count in enumerate(waits) if not count]
    while ready:
        at = min(ready, key=lambda each: (urgency[each], each))
        ready.remove(at)
        long = network.durations[at]
        earliest = max((starts[each] + network.durations[each] for each in network.before[at]), default=0)
        # Somebody is free for longer only where somebody's work ends: no other start can be the first.
        moments = (
            {earliest, *(end for each in busy for _, end in each if end > earliest)}
            if needs[at]
            else {earliest}
        )
        for moment in sorted(moments):
            present = [
                person
                for person, work in enumerate(busy)
                if all(end <= moment or begin >= moment + long for begin, end in work)
            ]
            team = team_of(needs[at], present, skills)
            if team is not None:
                break
        assert team is not None  # after everybody's last work everybody is there
        starts[at], teams[at] = moment, team
        for person, _ in team:
            busy[person].append((moment, moment + long))
        for follower in network.after[at]:
            waits[follower] -= 1
            if not waits[follower]:
                ready.append(follower)
    end = max((start + long for start, long in zip(starts, network.durations, strict=True)), default=0)
    return _Plan(end, tuple(starts), tuple(teams))


def _prove(
    network: Network,
    needs: tuple[tuple[int, ...], ...],
    skills: tuple[frozenset[int], ...],
    plan: _Plan,
    bound: int,
    *,
    seconds: float,
    seed: int,
    workers: int,
) -> tuple[_Plan, int]:
    """Return what CP-SAT makes of it: the best schedule and the best bound."""
    from ortools.sat.python import cp_model

    from releve.restoration.makespan.exact import model_of

    model, starts, end = model_of(network, bound, plan.makespan)
    model.minimize(end)
    does: list[dict[tuple[int, int], cp_model.IntVar]] = []
    work: list[list[cp_model.IntervalVar]] = [[] for _ in skills]
    for at, need in enumerate(needs):
        chosen = {
            (person, skill): model.new_bool_var(f"x{at}_{person}_{skill}")
            for skill in sorted(set(need))
            for person, has in enumerate(skills)
            if skill in has
        }
        does.append(chosen)
        for skill in set(need):
            model.add(sum(x for (_, by), x in chosen.items() if by == skill) == need.count(skill))
        for person in {person for person, _ in chosen}:
            here = [x for (who, _), x in chosen.items() if who == person]
            if len(here) > 1:
                model.add_at_most_one(here)
            for x in here:
                work[person].append(
                    model.new_optional_fixed_size_interval_var(
                        starts[at], network.durations[at], x, f"w{at}_{person}"
                    )
                )
        hint = set(plan.teams[at])
        for key, x in chosen.items():
            model.add_hint(x, key in hint)
        model.add_hint(starts[at], plan.starts[at])
    for intervals in work:
        model.add_no_overlap(intervals)
    anybody = [
        (start, long, len(need))
        for start, long, need in zip(starts, network.durations, needs, strict=True)
        if need
    ]
    model.add_cumulative(  # all people together: follows from the above, and is seen sooner
        [model.new_fixed_size_interval_var(start, long, "") for start, long, _ in anybody],
        [count for _, _, count in anybody],
        len(skills),
    )
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(0.0, seconds)
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = seed
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return plan, bound
    found = _Plan(
        solver.value(end),
        tuple(solver.value(start) for start in starts),
        tuple(tuple(key for key, x in chosen.items() if solver.value(x)) for chosen in does),
    )
    return found, max(bound, math.ceil(solver.best_objective_bound - 1e-6))
