"""A project: jobs that follow one another and share resources; and a schedule of it.

Source: Pritsker, Watters & Wolfe 1969; notation of Kolisch & Hartmann 2006 (RCPSP, one mode, renewable resources).
"""

from collections.abc import Sequence

import msgspec

__all__ = [
    "HORIZON_MAX", "JOBS_MAX", "Job", "Project", "ProjectError", "Schedule", "checked", "topological_order",
]  # fmt: skip

HORIZON_MAX = 1_000_000  # sum of all durations: the profile of each resource is kept per period
JOBS_MAX = 10_000


class ProjectError(ValueError):
    """A project cannot be read or done: the message names the line or the job, and what was expected there."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A job as the file numbers it: how long it takes, what it holds meanwhile, which jobs wait for its end."""

    number: int
    duration: int  # periods
    demands: tuple[int, ...] = ()  # units, in the order of the project's capacities
    successors: tuple[int, ...] = ()  # numbers of jobs
    line: int = 0  # of the file, where it was read; 0: not read from one


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """Jobs and the units of each resource that are there in every period."""

    capacities: tuple[int, ...]
    jobs: tuple[Job, ...]

    @property
    def horizon(self) -> int:
        """Periods in which everything can be done one job after the other."""
        return sum(job.duration for job in self.jobs)


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """When each job starts, when the last one ends, and before which period no schedule can end."""

    makespan: int
    starts: dict[int, int]  # job's number: period
    bound: int

    @property
    def proven(self) -> bool:
        """Whether no schedule is shorter."""
        return self.bound >= self.makespan


def checked(project: Project) -> Project:
    """Return the project, once everything in it can be done.

    Raises:
        ProjectError: negative duration or demand, a demand no capacity allows, an unknown or double job, a cycle.
    """
    if len(project.jobs) > JOBS_MAX:
        raise ProjectError(f"jobs: expected at most {JOBS_MAX:,}, found {len(project.jobs):,}")
    for place, capacity in enumerate(project.capacities, 1):
        if capacity < 0:
            raise ProjectError(f"resource {place}: expected 0 units or more, found {capacity}")
    numbers: set[int] = set()
    for job in project.jobs:
        if job.number in numbers:
            raise ProjectError(f"{_place(job)}: expected to stand once in the file")
        numbers.add(job.number)
    for job in project.jobs:
        _check(job, project.capacities, numbers)
    if project.horizon > HORIZON_MAX:
        raise ProjectError(
            f"durations: expected at most {HORIZON_MAX:,} periods together, found {project.horizon:,}"
        )
    topological_order(project)
    return project


def _check(job: Job, capacities: Sequence[int], numbers: set[int]) -> None:
    if job.duration < 0:
        raise ProjectError(f"{_place(job)}: expected a duration of 0 or more, found {job.duration}")
    if len(job.demands) != len(capacities):
        raise ProjectError(
            f"{_place(job)}: expected {len(capacities)} demands, one for each resource, found {len(job.demands)}"
        )
    for place, (demand, capacity) in enumerate(zip(job.demands, capacities, strict=True), 1):
        if demand < 0:
            raise ProjectError(
                f"{_place(job)}: expected a demand of 0 or more on resource {place}, found {demand}"
            )
        if demand > capacity and job.duration:
            raise ProjectError(
                f"{_place(job)}: expected a demand of at most {capacity} on resource {place}, which has no more,"
                f" found {demand}"
            )
    for successor in job.successors:
        if successor not in numbers:
            raise ProjectError(
                f"{_place(job)}: expected successors among the jobs of the file, found {successor}"
            )


def topological_order(project: Project) -> list[int]:
    """Return the places of the jobs, each after all it waits for; ties in the order of the file.

    Raises:
        ProjectError: some jobs wait for one another in a circle; the message names one.
    """
    place = {job.number: at for at, job in enumerate(project.jobs)}
    waits = [0] * len(project.jobs)
    for job in project.jobs:
        for successor in set(job.successors):
            waits[place[successor]] += 1
    ready = [at for at, count in enumerate(waits) if not count]
    for at in ready:  # grows as it is read
        for successor in sorted(set(project.jobs[at].successors), key=place.__getitem__):
            after = place[successor]
            waits[after] -= 1
            if not waits[after]:
                ready.append(after)
    if len(ready) < len(project.jobs):
        raise ProjectError(_cycle(project, place, {at for at, count in enumerate(waits) if count}))
    return ready


def _cycle(project: Project, place: dict[int, int], stuck: set[int]) -> str:
    """Return the sentence that names one circle among the jobs that never become ready."""
    before: dict[int, int] = {}
    for at in stuck:
        for successor in project.jobs[at].successors:
            if place[successor] in stuck:
                before[place[successor]] = at
    walk: list[int] = []
    at = min(before)
    while at not in walk:
        walk.append(at)
        at = before[at]
    circle = [project.jobs[each] for each in [at, *reversed(walk[walk.index(at) :])]]
    words = " → ".join(str(job.number) for job in circle)
    return f"{_place(circle[0])}: expected no circle of jobs that wait for one another, found {words}"


def _place(job: Job) -> str:
    return f"line {job.line}: job {job.number}" if job.line else f"job {job.number}"
