"""Projects that do not exist, in the manner of ProGen: what PSPLIB was made with, to have as many hard ones as needed.

Source: Kolisch, Sprecher & Drexl, Management Science 41, 1995; Kolisch & Sprecher, EJOR 96, 1997 (parameters).
"""

import random

from releve.restoration.makespan.project import Job, Project, checked

__all__ = ["HARD", "generate_project"]

# (network complexity, resource factor, resource strength) of the classes of j30, j60 and j90 that stay hard: 9, 13,
# 25, 29, 41 and 45 of 48.
HARD = tuple((complexity, factor, 0.2) for complexity in (1.5, 1.8, 2.1) for factor in (0.75, 1.0))

_RESOURCES = 4
_DURATION_MAX = _DEMAND_MAX = 10
_ENDS = 3  # jobs without another before them, and without another after them
_LINKS_MAX = 3  # that a job follows, and that follow it
_TRIES = 20_000


def generate_project(*, jobs: int, complexity: float, factor: float, strength: float, seed: int) -> Project:
    """Return a project of so many jobs, and a first and a last one that take no time.

    `complexity`: links for each job. `factor`: share of the resources a job uses. `strength`: capacities, from 0 (each
    the largest demand) to 1 (what the earliest start of everything asks for).
    """
    draw = random.Random(f"{jobs} {complexity} {factor} {strength} {seed}")
    after = _links(draw, jobs, round(complexity * (jobs + 2)))
    durations = [0, *(draw.randint(1, _DURATION_MAX) for _ in range(jobs)), 0]
    demands = _demands(draw, jobs, factor)
    starts = [0] * (jobs + 2)
    for at in range(jobs + 2):
        for follower in after[at]:
            starts[follower] = max(starts[follower], starts[at] + durations[at])
    capacities = []
    for resource in range(_RESOURCES):
        profile = [0] * (starts[-1] + 1)
        for at in range(jobs + 2):
            for period in range(starts[at], starts[at] + durations[at]):
                profile[period] += demands[at][resource]
        least = max(each[resource] for each in demands)
        capacities.append(least + round(strength * (max(profile) - least)))
    return checked(
        Project(
            capacities=tuple(capacities),
            jobs=tuple(
                Job(
                    number=at + 1,
                    duration=durations[at],
                    demands=tuple(demands[at]),
                    successors=tuple(sorted(follower + 1 for follower in after[at])),
                )
                for at in range(jobs + 2)
            ),
        )
    )


def _links(draw: random.Random, jobs: int, count: int) -> list[set[int]]:
    """Return who follows each job: first links that leave nobody alone, then others while none says what is said."""
    after: list[set[int]] = [set() for _ in range(jobs + 2)]
    before: list[set[int]] = [set() for _ in range(jobs + 2)]
    ends = min(_ENDS, jobs)

    def link(at: int, follower: int) -> None:
        after[at].add(follower)
        before[follower].add(at)

    for follower in range(ends + 1, jobs + 1):
        could = range(1, max(2, min(follower, jobs - ends + 1)))
        link(draw.choice([at for at in could if len(after[at]) < _LINKS_MAX] or could), follower)
    for at in range(jobs - ends, 0, -1):
        if not after[at]:
            later = range(max(at, ends) + 1, jobs + 1)
            link(at, draw.choice([each for each in later if len(before[each]) < _LINKS_MAX] or later))
    made = sum(len(each) for each in after) + 2 * ends
    for _ in range(_TRIES if jobs > 2 * ends else 0):
        if made >= count:
            break
        at = draw.randint(1, jobs - ends)
        follower = draw.randint(max(at, ends) + 1, jobs)
        room = len(after[at]) < _LINKS_MAX and len(before[follower]) < _LINKS_MAX
        if room and not _said_already(after, before, at, follower):
            link(at, follower)
            made += 1
    for at in range(1, jobs + 1):
        if not before[at]:
            link(0, at)
        if not after[at]:
            link(at, jobs + 1)
    if not jobs:
        link(0, 1)
    return after


def _said_already(after: list[set[int]], before: list[set[int]], at: int, follower: int) -> bool:
    """Return whether this link follows from others, or another would follow from it."""
    earlier, later = _reach(before, at), _reach(after, follower)
    return follower in _reach(after, at) or any(after[each] & later for each in earlier)


def _reach(links: list[set[int]], at: int) -> set[int]:
    found, pending = {at}, [at]
    while pending:
        for each in links[pending.pop()]:
            if each not in found:
                found.add(each)
                pending.append(each)
    return found


def _demands(draw: random.Random, jobs: int, factor: float) -> list[list[int]]:
    """Return what each job uses of each resource: one at least, and `factor` of all of them over all jobs."""
    demands = [[0] * _RESOURCES for _ in range(jobs + 2)]
    cells = [(at, resource) for at in range(1, jobs + 1) for resource in range(_RESOURCES)]
    first = [(at, draw.randrange(_RESOURCES)) for at in range(1, jobs + 1)]
    rest = sorted(set(cells) - set(first))
    draw.shuffle(rest)
    for at, resource in [*first, *rest][: max(jobs, round(factor * len(cells)))]:
        demands[at][resource] = draw.randint(1, _DEMAND_MAX)
    return demands
