"""A project by places instead of numbers: what every engine here reads."""

from __future__ import annotations

from typing import NamedTuple

from releve.restoration.makespan.project import Project, ProjectError, checked, topological_order

__all__ = ["CAPACITY_MAX", "Network", "network_of"]

CAPACITY_MAX = 1 << 30  # above, the units of a file are none


class Network(NamedTuple):
    """Jobs by place, 0 to `size` - 1, in topological order; `numbers` gives the file's numbers back.

    `heads`: no job can start before; `tails`: from the end of a job to the end of the project it takes that long at
    least. Resources nobody can lack are left out.
    """

    numbers: tuple[int, ...]
    durations: tuple[int, ...]
    demands: tuple[tuple[int, ...], ...]
    capacities: tuple[int, ...]
    before: tuple[tuple[int, ...], ...]
    after: tuple[tuple[int, ...], ...]
    heads: tuple[int, ...]
    tails: tuple[int, ...]

    @property
    def size(self) -> int:
        """How many jobs there are."""
        return len(self.durations)

    @property
    def critical_path(self) -> int:
        """The makespan if every resource were without end."""
        return max((head + long for head, long in zip(self.heads, self.durations, strict=True)), default=0)

    @property
    def horizon(self) -> int:
        """Periods in which everything can be done one job after the other."""
        return sum(self.durations)


def network_of(project: Project) -> Network:
    """Return the project as engines read it.

    Raises:
        ProjectError: it cannot be done (see `checked`).
    """
    order = topological_order(checked(project))
    jobs = [project.jobs[at] for at in order]
    place = {job.number: at for at, job in enumerate(jobs)}
    after = tuple(tuple(sorted({place[number] for number in job.successors})) for job in jobs)
    before: list[list[int]] = [[] for _ in jobs]
    for at, followers in enumerate(after):
        for follower in followers:
            before[follower].append(at)
    kept = [
        resource
        for resource, capacity in enumerate(project.capacities)
        if sum(job.demands[resource] for job in jobs if job.duration) > capacity
    ]
    if any(project.capacities[resource] > CAPACITY_MAX for resource in kept):
        raise ProjectError(f"capacities: expected at most {CAPACITY_MAX:,} units")
    durations = tuple(job.duration for job in jobs)
    heads, tails = [0] * len(jobs), [0] * len(jobs)
    for at in range(len(jobs)):
        heads[at] = max((heads[each] + durations[each] for each in before[at]), default=0)
    for at in reversed(range(len(jobs))):
        tails[at] = max((tails[each] + durations[each] for each in after[at]), default=0)
    return Network(
        numbers=tuple(job.number for job in jobs),
        durations=durations,
        demands=tuple(
            tuple(job.demands[resource] if job.duration else 0 for resource in kept) for job in jobs
        ),
        capacities=tuple(project.capacities[resource] for resource in kept),
        before=tuple(tuple(each) for each in before),
        after=after,
        heads=tuple(heads),
        tails=tuple(tails),
    )
