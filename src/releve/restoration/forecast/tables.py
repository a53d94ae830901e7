"""A case and a plan as the rows the loops read: the planner's grid, the plan's ranks, who may not come."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from itertools import pairwise
from typing import Any, TypeVar

from releve.restoration.case import Case, Service, Task
from releve.restoration.forecast.planned import Planned, chains_of, rows_of
from releve.restoration.forecast.play import CARD, PLACES
from releve.restoration.forecast.presence import SEATS
from releve.restoration.forecast.shapes import Reals, Row, Scratch, Sums, Tables
from releve.restoration.plan import Plan
from releve.restoration.planner.calendars import profile_of, window_mask
from releve.restoration.planner.grid import Grid, compile_case

_T = TypeVar("_T")
_N = TypeVar("_N", int, float)

__all__ = ["MAKEUP_HOURS", "Policy", "horizon_of", "scratch"]

# Somebody who missed a window comes at the same hours a week later; nothing better is known before they say so.
MAKEUP_HOURS = 168
# Runs last longer than the plan: this many times what it takes, and three months, before a date is given up.
_LONGER, _MARGIN_HOURS = 1.8, 90 * 24
_HORIZON_MAX = 4 * 366 * 24
_KINDS = (
    "contain", "rebuild", "restore", "scan", "harden", "test", "reopen", "catch-up", "gate", "workstations", "other",
)  # fmt: skip

# Of a power of two, from the five bits `play` finds it by.
_EXPONENTS = {((PLACES << exponent) & 0xFFFFFFFF) >> 27: exponent for exponent in range(32)}


def horizon_of(case: Case, plan: Plan) -> int:
    """Return the hours that runs of a plan are looked at, whole days."""
    last = max((each.end for each in plan.tasks), default=case.now)
    horizon = case.now + int(max(last - case.now, 1) * _LONGER) + _MARGIN_HOURS
    horizon = max(horizon, *(task.not_before + _MARGIN_HOURS for task in case.tasks), 1)
    horizon = max([horizon, *((state.blocked_until or 0) + _MARGIN_HOURS for state in case.states)])
    return -(-min(horizon, _HORIZON_MAX) // 24) * 24


class Policy:
    """A plan as a policy: `tables` to play it, `sums` to count what is lost; made once for all runs."""

    def __init__(self, case: Case, plan: Plan, grid: Grid | None = None) -> None:
        """`grid`: the case compiled over `horizon_of` a plan of it, for who has it already."""
        self.case, self.plan = case, plan
        self.grid: Grid = grid or compile_case(case, horizon=horizon_of(case, plan))
        self.horizon = self.grid.horizon
        self._profiles: dict[int, int] = {}
        self._masks: list[int] = []
        self._vendors()
        self._options()
        self._seats()
        self._wake()
        self.tables, self.whole, self.reals = self._pack()
        self.sums, self.sums_whole, self.sums_reals = self._pack_sums()

    def with_plan(self, plan: Plan) -> Policy:
        """Return the policy of another plan of the same case, over the same hours; what does not change is shared."""
        other = copy(self)
        other.plan = plan
        other.tables, other.whole, other.reals = other._pack()
        return other

    def _vendors(self) -> None:
        """Find who may not come, and in which windows that are still to come."""
        case, calendars = self.case, self.grid.calendars
        self.vendor: dict[int, int] = {}
        self.always_there: dict[int, int] = {}  # hours of a vendor, whatever the windows
        self.windows: list[list[tuple[int, int, float]]] = []
        for number, person in enumerate(case.people):
            if person.no_show_probability <= 0.0 or not person.windows:
                continue
            self.vendor[number] = len(self.windows)
            absences = 0
            for absence in person.absences:
                absences |= window_mask(absence.from_hour, absence.to_hour, self.horizon)
            self.always_there[number] = calendars.get(person.calendar, 0) & ~absences
            self.windows.append(
                [
                    (w.from_hour, w.to_hour, person.no_show_probability if w.from_hour >= case.now else 0.0)
                    for w in person.windows
                ]
            )

    def _profile(self, mask: int) -> int:
        if mask not in self._profiles:
            self._profiles[mask] = len(self._masks)
            self._masks.append(mask)
        return self._profiles[mask]

    def mask(self, profile: int) -> int:
        """Return the hours of a profile, a bit each."""
        return self._masks[profile]

    def _options(self) -> None:
        """List the teams each set of tasks could have: people, hours, who of them may not come."""
        grid, case = self.grid, self.case
        self.option_people: list[tuple[int, ...]] = []
        self.option_profile: list[int] = []
        self.option_vendors: list[tuple[int, ...]] = []
        self.teams_at, self.teams_end = [0] * grid.size, [0] * grid.size
        self.set_of = [0] * grid.size
        sets: dict[tuple[int, str], tuple[int, int, int]] = {}
        for i, task in enumerate(case.tasks):
            if grid.left[i] or grid.fixed[i] >= 0 or (grid.options[i] < 0 and grid.machine[i] < 0):
                continue
            key = (grid.options[i], task.calendar)
            if key not in sets:
                begins = len(self.option_people)
                if grid.options[i] < 0:
                    self._option((), grid.calendars[task.calendar])
                else:
                    for option in grid.teams[grid.options[i]]:
                        self._option(option.people, grid.calendars[task.calendar])
                sets[key] = (len(sets), begins, len(self.option_people))
            self.set_of[i], self.teams_at[i], self.teams_end[i] = sets[key]
        self.sets, self._sets = max(len(sets), 1), sets
        self.set_words = (set_bit(self.sets) >> 5) + 1
        self.sets_of = [0] * (len(case.people) * self.set_words)
        for number, begins, ends in sets.values():
            bit = set_bit(number)
            for person in {p for o in range(begins, ends) for p in self.option_people[o]}:
                self.sets_of[person * self.set_words + (bit >> 5)] |= 1 << (bit & 31)

    def _option(self, people: tuple[int, ...], mask: int) -> None:
        for person in people:
            mask &= self.always_there.get(person, self.grid.people_masks[person])
        self.option_people.append(people)
        self.option_profile.append(self._profile(mask))
        self.option_vendors.append(tuple(self.vendor[p] for p in people if p in self.vendor))

    def _seats(self) -> None:
        """Give each person and each calendar of tasks a bit, and write who is at work, hour by hour."""
        grid, people = self.grid, len(self.case.people)
        calendars = {name: k for k, name in enumerate(dict.fromkeys(name for _, name in self._sets))}
        self.words = -(-max(people + len(calendars), 1) // SEATS)
        self.calendar_seat = [seat(people + calendars[name]) for _, name in self._sets] or [0]
        self.first_of, self.last_of = [0] * (self.words * self.sets), [0] * (self.words * self.sets)
        self.option_of = [0] * (self.words * self.sets * 32)
        for number, first, last in self._sets.values():
            for option in range(last - 1, first - 1, -1):
                # Machine work is done by nobody: it can begin whenever its calendar lets it.
                seats = [seat(p) for p in self.option_people[option]] or [self.calendar_seat[number]]
                for row, place in ((self.first_of, seats[0]), (self.last_of, seats[-1])):
                    row[number * self.words + (place >> 5)] |= 1 << (place & 31)
                self.option_of[number * self.words * 32 + seats[0]] = option
        bits: dict[int, list[int]] = {}
        masks = [self.always_there.get(p, mask) for p, mask in enumerate(grid.people_masks)]
        for one, mask in enumerate([*masks, *(grid.calendars[name] for name in calendars)]):
            bits.setdefault(mask, [0] * self.words)[seat(one) >> 5] |= 1 << (seat(one) & 31)
        changes = 1
        for mask in bits:
            changes |= mask ^ (mask << 1)
        self.at_work = array("i")
        hours = [*_hours_of(changes & ((1 << self.horizon) - 1)), self.horizon]
        for begin, end in pairwise(hours):
            row = [0] * self.words
            for mask, own in bits.items():
                if mask >> begin & 1:
                    row = [word | more for word, more in zip(row, own, strict=True)]
            self.at_work.extend(array("i", row) * (end - begin))

    def _cards(self, planned: Planned, uses_at: Sequence[int]) -> list[int]:
        """Return by rank what decides whether a task begins, on one card each."""
        return [
            number
            for i in planned.order
            for number in (
                i, self.set_of[i], uses_at[i], uses_at[i + 1], planned.option[i], planned.start[i], planned.end[i],
                0 if uses_at[i] < uses_at[i + 1] else set_bit(self.set_of[i]),
            )
        ]  # fmt: skip

    def _pools(self) -> list[int]:
        """Return what is common to all tasks of a set of teams, on one card each."""
        found = [0] * (CARD * self.sets)
        for number, first, last in self._sets.values():
            of_one = all(len(self.option_people[option]) == 1 for option in range(first, last))
            card = first, last, self.calendar_seat[number], int(of_one), set_bit(number), 0, 0, 0
            found[number * CARD : (number + 1) * CARD] = card
        return found

    def _pack(self) -> tuple[Tables, Row, Reals]:
        """Return where the parts begin, the row of whole numbers and the row of reals."""
        grid, case = self.grid, self.case
        unc, horizon = case.uncertainty, self.horizon
        waiting = [
            [] if grid.started[i] >= 0 else [j for j in before if grid.fixed[j] < 0]
            for i, before in enumerate(grid.before)
        ]
        after: list[list[int]] = [[] for _ in case.tasks]
        for i, before in enumerate(waiting):
            for j in before:
                if not grid.left[i]:
                    after[j].append(i)
        ready = [
            max([grid.ready[i], *(grid.fixed[j] for j in grid.before[i] if grid.fixed[j] >= 0)])
            for i in range(grid.size)
        ]
        own_count = [0 if grid.lost[a] or not tasks else len(tasks) for a, tasks in enumerate(grid.links.own)]
        planned = Planned(self)
        counted, hours_at, hours = self._profile_rows()
        windows_at, windows = rows_of(self.windows)
        chain_at, chain = rows_of(chains_of(grid))
        after_at, after_row = rows_of(after)
        people_at, people_of = rows_of(self.option_people)
        vendors_at, vendors = rows_of(self.option_vendors)
        uses_at, uses = rows_of(grid.uses)
        due_at, due = rows_of(self._due(planned.start))
        whole: dict[str, Sequence[int]] = {
            "work": [max(hours, 0) for hours in grid.work],
            "fixed": grid.fixed,
            "started": grid.started,
            "out": [int(left) for left in grid.left],
            "ready": ready,
            "waits": [len(one) for one in waiting],
            "after_at": after_at,
            "after": after_row,
            "application": [max(a, -1) for a in grid.links.of],
            "own_count": own_count,
            "teams_at": self.teams_at,
            "teams_end": self.teams_end,
            "profile_of": self.option_profile,
            "people_at": people_at,
            "people_of": people_of,
            "seat_of": [seat(person) for people in self.option_people for person in people],
            "first_of": self.first_of,
            "last_of": self.last_of,
            "option_of": self.option_of,
            "place_of": [_EXPONENTS.get(rest, 0) for rest in range(32)],
            "at_work": self.at_work,
            "sets_of": self.sets_of,
            "uses_at": uses_at,
            "use_resource": [r for r, _ in uses],
            "use_units": [units for _, units in uses],
            "units": grid.units,
            "counted": counted,
            "hours_at": hours_at,
            "hours": hours,
            "wake": self.wake,
            "due_at": due_at,
            "due": due,
            "vendors_at": vendors_at,
            "vendors": vendors,
            "vendor_seat": [seat(person) for person in self.vendor],
            "windows_at": windows_at,
            "window_from": [w[0] for w in windows],
            "window_to": [w[1] for w in windows],
            "cards": self._cards(planned, uses_at),
            "pools": self._pools(),
            "rank": planned.rank,
            "planned_start": planned.start,
            "planned_option": planned.option,
            "planned_at": planned.people_at,
            "planned": planned.people,
            "users_at": planned.users_at,
            "users": [i for i, _ in planned.users],
            "user_units": [u for _, u in planned.users],
            "chain_at": chain_at,
            "chain": chain,
            "done": [
                done if task.work_hours > 0 else -1 for done, task in zip(grid.done, case.tasks, strict=True)
            ],
            "kind": [_KINDS.index(task.kind) for task in case.tasks],
        }
        reals: dict[str, Sequence[float]] = {
            "estimate": [float(max(task.work_hours, 0)) for task in case.tasks],
            "sigma": [_sigma(task, unc.task_sigma) for task in case.tasks],
            "fail": [_probability(task.fail_probability) for task in case.tasks],
            "application_sigma": [
                max(unc.application_sigma if a.spread is None else a.spread, 0.0) for a in case.applications
            ],
            "no_show": [w[2] for w in windows],
            "shared": [unc.common_sigma, unc.kind_sigma, _probability(unc.reinfection_probability)],
        }
        places, d = _one_row(whole, array("i"))
        real_places, f = _one_row(reals, array("d"))
        tables = Tables(
            tasks=grid.size, applications=len(case.applications), people=len(case.people),
            words=self.words, options=len(self.option_people), resources=len(case.resources), profiles=len(self._masks),
            sets=self.sets, set_words=self.set_words,
            not_sure=len(self.windows), windows=len(windows), kinds=len(_KINDS), horizon=horizon,
            now=max(case.now, 0), until=horizon,
            to_end=sum(not left and fixed < 0 for left, fixed in zip(grid.left, grid.fixed, strict=True)),
            makeup_hours=MAKEUP_HOURS, reinfection_hours=round(unc.reinfection_after_days * 24),
            **places, **real_places,
        )  # fmt: skip
        return tables, d, f

    def _profile_rows(self) -> tuple[list[int], list[int], list[int]]:
        count = len(self._masks)
        counted, hours, hours_at = array("i", bytes(4 * count * (self.horizon + 1))), array("i"), [0]
        for number, mask in enumerate(self._masks):
            profile = profile_of(mask, self.horizon)
            counted[number::count] = array("i", map(len(hours).__add__, profile.before))
            hours.extend(profile.hour_of)
            hours_at.append(len(hours))
        return counted, hours_at, hours  # type: ignore[return-value]

    def _wake(self) -> None:
        """Write by hour the sets of which somebody or something begins to work."""
        self.wake = array("i", bytes(4 * self.set_words * (self.horizon + 1)))
        begins = [mask & ~(mask << 1) for mask in self._masks]
        for number, first, last in self._sets.values():
            mask, bit = 0, set_bit(number)
            for option in range(first, last):
                mask |= begins[self.option_profile[option]]
                for vendor in self.option_vendors[option]:
                    for start, _, _ in self.windows[vendor]:
                        for hour in (start, start + MAKEUP_HOURS):
                            mask |= 1 << hour if 0 <= hour <= self.horizon else 0
            for hour in _hours_of(mask):
                self.wake[hour * self.set_words] |= 1  # the first bit: of any set at all
                self.wake[hour * self.set_words + (bit >> 5)] |= 1 << (bit & 31)

    def _due(self, planned_start: Sequence[int]) -> list[list[int]]:
        """Return by hour the tasks planned to start then."""
        due: list[list[int]] = [[] for _ in range(self.horizon + 1)]
        for i, hour in enumerate(planned_start):
            if 0 <= hour <= self.horizon:
                due[hour].append(i)
        return due

    def _pack_sums(self) -> tuple[Sums, Row, Reals]:
        """Return where the parts begin, the row of whole numbers and the row of reals; keep the normal care a day."""
        grid, case = self.grid, self.case
        days = self.horizon // 24
        starts: dict[int, int] = {}
        losses = array("d")
        for milestone in grid.milestones:
            if milestone.service not in starts:
                starts[milestone.service] = len(losses)
                losses.extend(milestone.table)
        self.normal = [0.0] * days
        for number, service in enumerate(case.services):
            if number in starts:
                for day, care in enumerate(_care_by_day(service, days)):
                    self.normal[day] += care
        parts_at, parts = rows_of([self.parts(m.applications) for m in grid.milestones])
        places, d = _one_row(
            {
                "service": [m.service for m in grid.milestones],
                "table": [starts[m.service] for m in grid.milestones],
                "parts_at": parts_at,
                "parts": parts,
            },
            array("i"),
        )
        real_places, f = _one_row(
            {"weight": [m.weight for m in grid.milestones], "losses": losses}, array("d")
        )
        sums = Sums(
            applications=len(case.applications), milestones=len(grid.milestones), services=len(case.services),
            days=days, horizon=self.horizon, **places, **real_places,
        )  # fmt: skip
        return sums, d, f

    def parts(self, applications: Iterable[int]) -> list[int]:
        """Return applications, those without tasks replaced by what they need."""
        found: dict[int, None] = {}
        seen: set[int] = set()
        waiting = list(applications)
        while waiting:
            a = waiting.pop()
            if a in seen:
                continue
            seen.add(a)
            if self.grid.links.own[a]:
                found[a] = None
            else:
                waiting += self.grid.needed[a]
        return sorted(found)


def _one_row(parts: dict[str, Sequence[_N]], row: array[_N]) -> tuple[dict[str, int], Any]:
    """Return where each part begins, and all of them in one row."""
    places = {}
    for name, part in parts.items():
        places[name] = len(row)
        row.extend(part)
    return places, row


def _care_by_day(service: Service, days: int) -> list[float]:
    """Return the care a service gives each day at normal activity: its impact, whatever is covered."""
    lines = sorted(service.impact, key=lambda line: line.from_day)
    care = [0.0] * days
    for number, line in enumerate(lines):
        until = lines[number + 1].from_day if number + 1 < len(lines) else float(days)
        begins, ends = max(line.from_day, 0.0), min(until, float(days))
        for day in range(int(begins), min(days, int(ends) + 1)):
            care[day] += line.per_day * max(0.0, min(ends, day + 1.0) - max(begins, float(day)))
    return care


def _probability(value: float) -> float:
    """Return a probability below 1: what always fails would never end."""
    return value if 0.0 < value < 1.0 else 0.0


def _sigma(task: Task, otherwise: float) -> float:
    spread = otherwise if task.spread is None else task.spread
    return max(spread, 0.0)


def _hours_of(mask: int) -> Iterator[int]:
    """Yield the hours of a mask, a bit each."""
    bits = bin(mask)[:1:-1]
    hour = bits.find("1")
    while hour >= 0:
        yield hour
        hour = bits.find("1", hour + 1)


def seat(number: int) -> int:
    """Return where something has its bit: 32 times the word, and the place in it."""
    return number // SEATS * 32 + number % SEATS


def set_bit(number: int) -> int:
    """Return where a set of teams has its bit: the first of all is that of no set."""
    return seat(number + 1)


def scratch(t: Tables) -> tuple[Scratch, int]:
    """Return where the parts of what one run writes begin, and how long they are together."""
    lengths = {
        "work": t.tasks, "again": t.tasks, "fails": t.tasks, "absent": t.windows, "reinfects": t.applications,
        "bucket": t.horizon + 1, "next_item": t.tasks + t.applications, "status": t.tasks, "start": t.tasks,
        "began": t.tasks,
        "end": t.tasks, "team": t.tasks, "rest": t.tasks, "waits": t.tasks, "chain_of": t.tasks,
        "chain_place": t.tasks + t.applications, "idle": t.words, "here": t.words, "there": t.words, "could": t.options,
        "next_planned": t.people,
        "stay": t.not_sure, "stays_end": t.not_sure, "stay_from": t.windows, "stay_to": t.windows, "free": t.resources,
        "next_user": t.resources, "changed": t.set_words,
        "ready": t.tasks, "look": t.tasks, "moments": t.tasks, "counts": 4, "left": t.applications,
        "first": t.applications, "down": t.applications, "back": t.applications,
    }  # fmt: skip
    places, length = {}, 0
    for name, count in lengths.items():
        places[name] = length
        length += count
    return Scratch(**places), length
