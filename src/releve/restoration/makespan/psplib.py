"""Project files of the library PSPLIB (`.sm`): j30, j60, j90, j120.

Source: Kolisch & Sprecher, PSPLIB, EJOR 96, 1997; the sections are those ProGen writes.
"""

from collections.abc import Iterator
from typing import NamedTuple

from releve.restoration.makespan.lines import Number, lines_of, numbers_of, read_number
from releve.restoration.makespan.project import JOBS_MAX, Job, Project, ProjectError, checked

__all__ = ["read_psplib"]

_JOBS = "jobs (incl. supersource/sink )"
_RENEWABLE, _NONRENEWABLE, _DOUBLY = "- renewable", "- nonrenewable", "- doubly constrained"
_PRECEDENCE, _REQUESTS, _AVAILABILITIES = (
    "PRECEDENCE RELATIONS:",
    "REQUESTS/DURATIONS:",
    "RESOURCEAVAILABILITIES:",
)


class _Row(NamedTuple):
    numbers: list[Number]
    line: int


def read_psplib(data: bytes) -> Project:
    """Return the project of a `.sm` file: one mode, renewable resources.

    Raises:
        ProjectError: the message names the line and what was expected there.
    """
    text = _Text(data)
    job_count = text.setting(_JOBS, JOBS_MAX)
    resource_count = text.setting(_RENEWABLE, 1_000)
    for kind in (_NONRENEWABLE, _DOUBLY):
        if text.setting(kind, 1_000):
            raise ProjectError(
                f"line {text.line_of(kind)}: expected 0 {kind[2:]} resources, only renewable ones are planned"
            )
    successors = dict(_successors(text, job_count))
    requests = dict(_requests(text, job_count, resource_count))
    jobs = tuple(
        Job(
            number=number,
            duration=requests[number].numbers[2].value,
            demands=tuple(demand.value for demand in requests[number].numbers[3:]),
            successors=successors[number],
            line=requests[number].line,
        )
        for number in range(1, job_count + 1)
    )
    return checked(Project(capacities=_capacities(text, resource_count), jobs=jobs))


def _successors(text: "_Text", job_count: int) -> Iterator[tuple[int, tuple[int, ...]]]:
    for row in text.rows(_PRECEDENCE, job_count, "job, modes, number of successors, successors", 3):
        job, modes, count = row.numbers[:3]
        if modes.value != 1:
            raise ProjectError(f"line {row.line}: expected 1 mode for job {job.value}, found {modes.value}")
        found = row.numbers[3:]
        if len(found) != count.value:
            raise ProjectError(
                f"line {row.line}: expected {count.value} successors of job {job.value}, found {len(found)}"
            )
        for successor in found:
            if not 1 <= successor.value <= job_count:
                raise ProjectError(
                    f"line {row.line}: expected a successor of job {job.value} from 1 to {job_count}, "
                    f"found {successor.value}"
                )
        yield job.value, tuple(successor.value for successor in found)


def _requests(text: "_Text", job_count: int, resource_count: int) -> Iterator[tuple[int, _Row]]:
    for row in text.rows(_REQUESTS, job_count, "job, mode, duration, demands", 3 + resource_count):
        if len(row.numbers) != 3 + resource_count:
            raise ProjectError(
                f"line {row.line}: expected job, mode, duration and {resource_count} demands, "
                f"found {len(row.numbers)} numbers"
            )
        yield row.numbers[0].value, row


def _capacities(text: "_Text", resource_count: int) -> tuple[int, ...]:
    start = text.heading(_AVAILABILITIES)
    for at in range(start + 1, len(text.lines)):
        words = text.lines[at].split()
        if not words or words[0] == "R":  # the names of the resources
            continue
        if words[0].startswith("*"):
            break
        found = list(numbers_of(text.lines[at], at + 1, "a capacity"))
        if len(found) != resource_count:
            raise ProjectError(f"line {at + 1}: expected {resource_count} capacities, found {len(found)}")
        return tuple(capacity.value for capacity in found)
    if not resource_count:
        return ()
    raise ProjectError(f"line {start + 1}: expected {resource_count} capacities after {_AVAILABILITIES!r}")


class _Text:
    def __init__(self, data: bytes) -> None:
        self.lines = lines_of(data)

    def line_of(self, name: str) -> int:
        """Return the line, counted from 1, of a setting such as `horizon : 158`."""
        for at, line in enumerate(self.lines, 1):
            if line.strip().startswith(name) and ":" in line:
                return at
        raise ProjectError(
            f"line {max(1, len(self.lines))}: expected a line {name!r}, found the end of the file"
        )

    def setting(self, name: str, most: int) -> int:
        at = self.line_of(name)
        words = self.lines[at - 1].partition(":")[2].split()
        value = read_number(words[0] if words else "", at, f"{name!r}")
        if not 0 <= value <= most:
            raise ProjectError(f"line {at}: expected {name!r} from 0 to {most:,}, found {value}")
        return value

    def heading(self, name: str) -> int:
        """Return the place of a section's heading."""
        for at, line in enumerate(self.lines):
            if line.strip() == name:
                return at
        raise ProjectError(
            f"line {max(1, len(self.lines))}: expected a section {name!r}, found the end of the file"
        )

    def rows(self, heading: str, job_count: int, what: str, least: int) -> list[_Row]:
        """Return the rows of numbers under a heading, one for each job and no other."""
        start = self.heading(heading)
        found: dict[int, _Row] = {}
        for at in range(start + 1, len(self.lines)):
            words = self.lines[at].split()
            if not words or words[0] == "jobnr." or set(words[0]) == {"-"}:
                continue
            if words[0].startswith("*"):
                break
            row = _Row(list(numbers_of(self.lines[at], at + 1, what)), at + 1)
            if len(row.numbers) < least:
                raise ProjectError(f"line {at + 1}: expected {what}, found {len(row.numbers)} numbers")
            number = row.numbers[0].value
            if not 1 <= number <= job_count:
                raise ProjectError(f"line {at + 1}: expected a job from 1 to {job_count}, found {number}")
            if number in found:
                raise ProjectError(f"line {at + 1}: expected job {number} once under {heading!r}")
            found[number] = row
        for number in range(1, job_count + 1):
            if number not in found:
                raise ProjectError(
                    f"line {min(start + 1 + len(found), len(self.lines))}: expected a row of job {number} "
                    f"under {heading!r}"
                )
        return list(found.values())
