"""A checker that shares nothing with the solvers: it reads the jobs one period after the other."""

from collections.abc import Mapping

from releve.restoration.makespan.project import Project


def breaches(project: Project, starts: Mapping[int, int]) -> list[str]:
    """Return in words everything a schedule breaks."""
    found = []
    ends = {job.number: starts[job.number] + job.duration for job in project.jobs}
    if sorted(starts) != sorted(ends):
        found.append("a job has no start, or a start no job")
    for job in project.jobs:
        if starts[job.number] < 0:
            found.append(f"job {job.number} starts before the project")
        for successor in job.successors:
            if starts[successor] < ends[job.number]:
                found.append(f"job {successor} starts before job {job.number} has ended")
    for period in range(max(ends.values(), default=0)):
        running = [job for job in project.jobs if starts[job.number] <= period < ends[job.number]]
        for resource, capacity in enumerate(project.capacities):
            if sum(job.demands[resource] for job in running) > capacity:
                found.append(f"resource {resource + 1} lacks units in period {period}")
    return found
