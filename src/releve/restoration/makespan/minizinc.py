"""Data files of MiniZinc (`.dzn`): names with whole numbers, lists, tables and sets; and the projects they hold.

Three of MiniZinc's benchmarks are read: *rcpsp*, *rcpsp-wet* (each job has a date it should start at, and what each
period before and after it costs) and *mspsp* (work asks for people with skills).
Source: MiniZinc Handbook, "Spec: data files"; github.com/MiniZinc/minizinc-benchmarks.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from releve.restoration.makespan.lines import lines_of, read_number
from releve.restoration.makespan.project import HORIZON_MAX, JOBS_MAX, Job, Project, ProjectError, checked

__all__ = ["DatedProject", "SkilledProject", "WantedStart", "read_minizinc"]

Value = int | list["Value"]
_COST_MAX = 1_000_000  # of one period
_RANGED_MAX = 1_000_000  # numbers that ranges such as 1..4 stand for: a short file must not fill the memory


class WantedStart(msgspec.Struct, frozen=True, kw_only=True):
    """When a job should start, and what each period before and after costs."""

    start: int
    early_cost: int
    late_cost: int

    def cost(self, start: int) -> int:
        """Return what starting then costs."""
        return self.early_cost * max(0, self.start - start) + self.late_cost * max(0, start - self.start)


class DatedProject(msgspec.Struct, frozen=True, kw_only=True):
    """A project whose jobs should start at dates; none starts after `latest`."""

    project: Project
    wanted: tuple[WantedStart, ...]  # in the order of the jobs
    latest: int


class SkilledProject(msgspec.Struct, frozen=True, kw_only=True):
    """A project whose resources are skills: a job's demand is so many people, each with the skill, no one twice."""

    project: Project  # capacities: how many people have the skill
    skills: tuple[frozenset[int], ...]  # of each person, as places of resources


class _Given(NamedTuple):
    value: Value
    line: int


def read_minizinc(data: bytes) -> Project | DatedProject | SkilledProject:
    """Return the project of a `.dzn` file of *rcpsp*, *rcpsp-wet* or *mspsp*, told apart by the names in it.

    Raises:
        ProjectError: the message names the line and what was expected there.
    """
    given = _Names(data)
    return _skilled(given) if "n_workers" in given.found else _dated_or_plain(given)


def _dated_or_plain(given: "_Names") -> Project | DatedProject:
    job_count = given.whole("n_tasks", JOBS_MAX)
    resource_count = given.whole("n_res", 1_000)
    capacities = tuple(given.numbers("rc", resource_count))
    project = _project(given, job_count, capacities)
    if "deadline" not in given.found:
        return project
    rows = given.table("deadline", job_count, 3)
    for at, row in enumerate(rows, 1):
        if abs(row[0]) > HORIZON_MAX or not all(0 <= cost <= _COST_MAX for cost in row[1:]):
            raise ProjectError(
                f"line {given.line('deadline')}: expected for job {at} in 'deadline' a start of at most "
                f"{HORIZON_MAX:,} and two costs from 0 to {_COST_MAX:,}"
            )
    wanted = tuple(WantedStart(start=row[0], early_cost=row[1], late_cost=row[2]) for row in rows)
    return DatedProject(
        project=project, wanted=wanted, latest=given.whole("t_max", HORIZON_MAX) - 1
    )  # the model's starts are 0..t_max-1


def _skilled(given: "_Names") -> SkilledProject:
    job_count = given.whole("n_tasks", JOBS_MAX)
    skill_count = given.whole("n_skills", 1_000)
    worker_count = given.whole("n_workers", 10_000)
    sets = given.sets("has_skills", worker_count, skill_count)
    skills = tuple(frozenset(skill - 1 for skill in each) for each in sets)
    capacities = tuple(sum(place in each for each in skills) for place in range(skill_count))
    return SkilledProject(project=_project(given, job_count, capacities), skills=skills)


def _project(given: "_Names", job_count: int, capacities: tuple[int, ...]) -> Project:
    durations = given.numbers("d", job_count)
    demands = given.table("rr", len(capacities), job_count)
    successors = given.sets("suc", job_count, job_count)
    for at in range(job_count):
        if durations[at] < 0:
            raise ProjectError(
                f"line {given.line('d')}: expected a duration of 0 or more for job {at + 1}, found {durations[at]}"
            )
        for place, capacity in enumerate(capacities):
            if not 0 <= demands[place][at] <= capacity:
                raise ProjectError(
                    f"line {given.line('rr')}: expected a demand of job {at + 1} from 0 to {capacity} on resource "
                    f"{place + 1}, found {demands[place][at]}"
                )
    jobs = tuple(
        Job(
            number=at + 1,
            duration=durations[at],
            demands=tuple(row[at] for row in demands),
            successors=tuple(successors[at]),
            line=given.line("suc"),
        )
        for at in range(job_count)
    )
    return checked(Project(capacities=capacities, jobs=jobs))


class _Names:
    """What a file gives, name by name."""

    def __init__(self, data: bytes) -> None:
        self._reader = _Reader(data)
        self.found = dict(self._reader.assignments())

    def line(self, name: str) -> int:
        return self._given(name).line

    def _given(self, name: str) -> _Given:
        if name not in self.found:
            raise ProjectError(f"line {self._reader.last_line}: expected {name!r}, found the end of the file")
        return self.found[name]

    def whole(self, name: str, most: int) -> int:
        value, line = self._given(name)
        if not isinstance(value, int) or not 0 <= value <= most:
            raise ProjectError(f"line {line}: expected {name!r} to be a whole number from 0 to {most:,}")
        return value

    def numbers(self, name: str, count: int) -> list[int]:
        value, line = self._given(name)
        return _numbers(value, count, f"line {line}: expected {name!r} to be a list of {count} whole numbers")

    def table(self, name: str, rows: int, columns: int) -> list[list[int]]:
        value, line = self._given(name)
        words = f"line {line}: expected {name!r} to be a table of {rows} rows of {columns} whole numbers"
        if not isinstance(value, list) or len(value) != rows:
            raise ProjectError(words)
        return [_numbers(row, columns, words) for row in value]

    def sets(self, name: str, count: int, most: int) -> list[list[int]]:
        value, line = self._given(name)
        words = f"line {line}: expected {name!r} to be a list of {count} sets of numbers from 1 to {most}"
        if not isinstance(value, list) or len(value) != count:
            raise ProjectError(words)
        found = [_numbers(each, None, words) for each in value]
        if any(not 1 <= number <= most for each in found for number in each):
            raise ProjectError(words)
        return found


def _numbers(value: Value, count: int | None, words: str) -> list[int]:
    if not isinstance(value, list) or (count is not None and len(value) != count):
        raise ProjectError(words)
    numbers = [each for each in value if isinstance(each, int)]
    if len(numbers) < len(value):
        raise ProjectError(words)
    return numbers


_TOKEN = re.compile(r"%.*|\s+|(?P<token>[A-Za-z_]\w*|[+-]?\d+|\.\.|\[\||\|\]|[][{}(),;=|])")


class _Token(NamedTuple):
    text: str
    line: int


class _Reader:
    """Reads `name = value;`, one after the other."""

    def __init__(self, data: bytes) -> None:
        lines = lines_of(data)
        self.last_line = max(1, len(lines))
        self._tokens = list(_tokens(lines))
        self._at = 0
        self._ranged = 0

    def assignments(self) -> Iterator[tuple[str, _Given]]:
        seen: set[str] = set()
        while self._at < len(self._tokens):
            name = self._take("a name")
            if not name.text[0].isalpha() and name.text[0] != "_":
                raise ProjectError(f"line {name.line}: expected a name, found {name.text[:40]!r}")
            if name.text in seen:
                raise ProjectError(f"line {name.line}: expected {name.text!r} once in the file")
            seen.add(name.text)
            self._expect("=")
            value = self._value()
            if self._at < len(self._tokens):  # the last one may go without
                self._expect(";")
            yield name.text, _Given(value, name.line)

    def _take(self, what: str) -> _Token:
        if self._at == len(self._tokens):
            raise ProjectError(f"line {self.last_line}: expected {what}, found the end of the file")
        self._at += 1
        return self._tokens[self._at - 1]

    def _expect(self, sign: str) -> None:
        token = self._take(repr(sign))
        if token.text != sign:
            raise ProjectError(f"line {token.line}: expected {sign!r}, found {token.text[:40]!r}")

    def _next_is(self, sign: str) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at].text == sign

    def _value(self) -> Value:
        token = self._take("a value")
        if token.text == "[":
            return self._list("]")
        if token.text == "{":
            return self._list("}")
        if token.text == "[|":
            return self._rows()
        if token.text == "array2d":
            return self._shaped()
        first = read_number(token.text, token.line, "a value")
        if self._next_is(".."):
            return self._range(first, token.line)
        return first

    def _range(self, first: int, line: int) -> list[Value]:
        self._expect("..")
        token = self._take("the end of a range")
        last = read_number(token.text, token.line, "the end of a range")
        self._ranged += max(0, last - first + 1)
        if self._ranged > _RANGED_MAX:
            raise ProjectError(f"line {line}: expected ranges of at most {_RANGED_MAX:,} numbers together")
        return list(range(first, last + 1))

    def _list(self, end: str) -> list[Value]:
        found: list[Value] = []
        while not self._next_is(end):
            found.append(self._value_within(end))
            if not self._next_is(end):
                self._expect(",")
        self._expect(end)
        return found

    def _value_within(self, end: str) -> Value:
        # Lists stand in lists no deeper than tables do; a file that nests further is none of ours.
        token = self._tokens[self._at] if self._at < len(self._tokens) else None
        if token is not None and (token.text in ("[", "[|", "array2d") or (end == "}" and token.text == "{")):
            raise ProjectError(f"line {token.line}: expected a number or a set, found {token.text!r}")
        return self._value()

    def _rows(self) -> list[Value]:
        rows: list[Value] = []
        row: list[Value] = []
        while True:
            token = self._take("'|]'")
            if token.text in ("|", "|]"):
                if row or token.text == "|":
                    rows.append(row)
                row = []
                if token.text == "|]":
                    return rows
            elif token.text != ",":
                row.append(read_number(token.text, token.line, "a number of the table"))

    def _shaped(self) -> list[Value]:
        self._expect("(")
        line = self._tokens[self._at - 1].line
        sizes = []
        for _ in range(2):
            first = self._take("a range, such as 1..4")
            if not self._next_is(".."):
                raise ProjectError(f"line {line}: expected two ranges, such as 1..4, in 'array2d'")
            index = self._range(read_number(first.text, first.line, "the start of a range"), first.line)
            sizes.append(len(index))
            self._expect(",")
        self._expect("[")
        flat = self._list("]")
        self._expect(")")
        rows, columns = sizes
        if len(flat) != rows * columns:
            raise ProjectError(
                f"line {line}: expected {rows} x {columns} values in 'array2d', found {len(flat)}"
            )
        return [flat[at * columns : (at + 1) * columns] for at in range(rows)]


def _tokens(lines: list[str]) -> Iterator[_Token]:
    for number, line in enumerate(lines, 1):
        at = 0
        while at < len(line):
            match = _TOKEN.match(line, at)
            if match is None:
                raise ProjectError(f"line {number}: expected MiniZinc data, found {line[at : at + 20]!r}")
            if match["token"]:
                yield _Token(match["token"], number)
            at = match.end()
