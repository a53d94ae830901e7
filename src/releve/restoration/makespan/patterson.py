"""Project files in Patterson's format (`.rcp`): RG300, RG30 and others.

Number of jobs and of resources; the capacities; then for each job its duration, its demands, how many jobs follow it
and which. The numbers run on over as many lines as the writer liked.
Source: Patterson 1984; Debels & Vanhoucke 2007 (RG300).
"""

from releve.restoration.makespan.lines import Number, lines_of, numbers_of
from releve.restoration.makespan.project import JOBS_MAX, Job, Project, ProjectError, checked

__all__ = ["read_patterson"]

_RESOURCES_MAX = 1_000


def read_patterson(data: bytes) -> Project:
    """Return the project of a `.rcp` file; jobs are numbered from 1 in the order of the file.

    Raises:
        ProjectError: the message names the line and what was expected there.
    """
    numbers = _Numbers(data)
    job_count = numbers.count("the number of jobs", JOBS_MAX)
    resource_count = numbers.count("the number of resources", _RESOURCES_MAX)
    capacities = tuple(
        numbers.take(f"the capacity of resource {place}").value for place in range(1, resource_count + 1)
    )
    jobs = []
    for number in range(1, job_count + 1):
        duration = numbers.take(f"the duration of job {number}")
        demands = tuple(
            numbers.take(f"the demand of job {number} on resource {place}").value
            for place in range(1, resource_count + 1)
        )
        successor_count = numbers.count(f"the number of successors of job {number}", job_count)
        successors = []
        for _ in range(successor_count):
            successor = numbers.take(f"a successor of job {number}")
            if not 1 <= successor.value <= job_count:
                raise ProjectError(
                    f"line {successor.line}: expected a successor of job {number} from 1 to {job_count}, "
                    f"found {successor.value}"
                )
            successors.append(successor.value)
        jobs.append(
            Job(
                number=number,
                duration=duration.value,
                demands=demands,
                successors=tuple(successors),
                line=duration.line,
            )
        )
    numbers.end(job_count)
    return checked(Project(capacities=capacities, jobs=tuple(jobs)))


class _Numbers:
    """The numbers of the file, taken one by one."""

    def __init__(self, data: bytes) -> None:
        lines = lines_of(data)
        self._numbers: list[Number] = [
            number
            for at, line in enumerate(lines, 1)
            for number in numbers_of(line, at, "numbers of a Patterson file")
        ]
        self._last_line = max(1, len(lines))
        self._at = 0

    def take(self, what: str) -> Number:
        if self._at == len(self._numbers):
            raise ProjectError(f"line {self._last_line}: expected {what}, found the end of the file")
        self._at += 1
        return self._numbers[self._at - 1]

    def count(self, what: str, most: int) -> int:
        number = self.take(what)
        if not 0 <= number.value <= most:
            raise ProjectError(
                f"line {number.line}: expected {what}, from 0 to {most:,}, found {number.value}"
            )
        return number.value

    def end(self, job_count: int) -> None:
        if self._at < len(self._numbers):
            number = self._numbers[self._at]
            raise ProjectError(
                f"line {number.line}: expected the end of the file after job {job_count}, found {number.value}"
            )
