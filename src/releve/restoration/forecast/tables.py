"""A case and a plan as the rows the loops read: the planner's grid, the plan's ranks, who may not come."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from copy import copy
from typing import Any, TypeVar

from releve.restoration.case import Case, Service, Task
from releve.restoration.forecast.shapes import Reals, Row, Scratch, Sums, Tables
from releve.restoration.plan import Plan
from releve.restoration.planner.calendars import profile_of, window_mask
from releve.restoration.planner.grid import Grid, compile_case

_T = TypeVar("_T")
_N = TypeVar("_N", int, float)

__all__ = ["MAKEUP_HOURS", "Policy", "scratch"]

# Somebody who missed a window comes at the same hours a week later; nothing better is known before they say so.
MAKEUP_HOURS = 168
# Runs last longer than the plan: this many times what it takes, and three months, before a date is given up.
_LONGER, _MARGIN_HOURS = 1.8, 90 * 24
_HORIZON_MAX = 4 * 366 * 24
_KINDS = (
    "contain", "rebuild", "restore", "scan", "harden", "test", "reopen", "catch-up", "gate", "workstations", "other",
)  # fmt: skip
_FIRST_KINDS = (
    "contain",
    "rebuild",
)  # not done again after a reinfection, unless the application has no others


class Policy:
    """A plan as a policy: `tables` to play it, `sums` to count what is lost; made once for all runs."""

    def __init__(self, case: Case, plan: Plan) -> None:
        self.case, self.plan = case, plan
        last = max((each.end for each in plan.tasks), default=case.now)
        horizon = case.now + int(max(last - case.now, 1) * _LONGER) + _MARGIN_HOURS
        horizon = max(horizon, *(task.not_before + _MARGIN_HOURS for task in case.tasks), 1)
        horizon = max([horizon, *((state.blocked_until or 0) + _MARGIN_HOURS for state in case.states)])
        horizon = -(-min(horizon, _HORIZON_MAX) // 24) * 24
        self.grid: Grid = compile_case(case, horizon=horizon)
        self.horizon = self.grid.horizon
        self._profiles: dict[int, int] = {}
        self._masks: list[int] = []
        self._vendors()
        self._options()
        self._group()
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
        self.sets_of: list[list[int]] = [[] for _ in case.people]
        for number, begins, ends in sets.values():
            for person in sorted({p for o in range(begins, ends) for p in self.option_people[o]}):
                self.sets_of[person].append(number)

    def _option(self, people: tuple[int, ...], mask: int) -> None:
        for person in people:
            mask &= self.always_there.get(person, self.grid.people_masks[person])
        self.option_people.append(people)
        self.option_profile.append(self._profile(mask))
        self.option_vendors.append(tuple(self.vendor[p] for p in people if p in self.vendor))

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
        planned = _Planned(self)
        counted, hours_at, hours = self._profile_rows()
        windows_at, windows = _rows(self.windows)
        chain_at, chain = _rows(_chains(grid))
        after_at, after_row = _rows(after)
        people_at, people_of = _rows(self.option_people)
        vendors_at, vendors = _rows(self.option_vendors)
        uses_at, uses = _rows(grid.uses)
        sets_at, sets_of = _rows(self.sets_of)
        wake_at, wake = _rows(self.wake)
        due_at, due = _rows(self._due(planned.start))
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
            "set_of": self.set_of,
            "teams_at": self.teams_at,
            "teams_end": self.teams_end,
            "profile_of": self.option_profile,
            "people_at": people_at,
            "people_of": people_of,
            "lead": [people[0] if people else len(case.people) for people in self.option_people],
            "sets_at": sets_at,
            "sets_of": sets_of,
            "uses_at": uses_at,
            "use_resource": [r for r, _ in uses],
            "use_units": [units for _, units in uses],
            "units": grid.units,
            "counted": counted,
            "hours_at": hours_at,
            "hours": hours,
            "group_of": self.group_of,
            "wake_at": wake_at,
            "wake": wake,
            "due_at": due_at,
            "due": due,
            "vendors_at": vendors_at,
            "vendors": vendors,
            "windows_at": windows_at,
            "window_from": [w[0] for w in windows],
            "window_to": [w[1] for w in windows],
            "order": planned.order,
            "rank": planned.rank,
            "planned_start": planned.start,
            "planned_end": planned.end,
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
            resources=len(case.resources), sets=self.sets,
            not_sure=len(self.windows), windows=len(windows), kinds=len(_KINDS), horizon=horizon,
            now=max(case.now, 0), until=horizon,
            to_end=sum(not left and fixed < 0 for left, fixed in zip(grid.left, grid.fixed, strict=True)),
            makeup_hours=MAKEUP_HOURS, reinfection_hours=round(unc.reinfection_after_days * 24),
            **places, **real_places,
        )  # fmt: skip
        return tables, d, f

    def _profile_rows(self) -> tuple[list[int], list[int], list[int]]:
        counted, hours, hours_at = array("i"), array("i"), [0]
        for mask in self._masks:
            profile = profile_of(mask, self.horizon)
            counted.extend(profile.before)
            hours.extend(profile.hour_of)
            hours_at.append(len(hours))
        return counted, hours_at, hours  # type: ignore[return-value]

    def _group(self) -> None:
        """Group the sets by the hours at which one of their teams begins to work, and list the groups by hour."""
        masks = [0] * self.sets
        begins = [mask & ~(mask << 1) for mask in self._masks]
        for number, first, last in self._sets.values():
            for option in range(first, last):
                masks[number] |= begins[self.option_profile[option]]
                for vendor in self.option_vendors[option]:
                    for start, _, _ in self.windows[vendor]:
                        for hour in (start, start + MAKEUP_HOURS):
                            masks[number] |= 1 << hour if 0 <= hour <= self.horizon else 0
        groups = {mask: number for number, mask in enumerate(dict.fromkeys(masks))}
        self.group_of = [groups[mask] for mask in masks]
        self.wake: list[list[int]] = [[] for _ in range(self.horizon + 1)]
        for mask, group in groups.items():
            bits = bin(mask)[:1:-1]
            hour = bits.find("1")
            while hour >= 0:
                self.wake[hour].append(group)
                hour = bits.find("1", hour + 1)

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
        parts_at, parts = _rows([self.parts(m.applications) for m in grid.milestones])
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


class _Planned:
    """What the plan says of each task: its rank, its hours, its team; and of each person and resource, what comes."""

    def __init__(self, policy: Policy) -> None:
        grid, plan = policy.grid, policy.plan
        lines = {each.task: each for each in plan.tasks}
        number = {person.id: i for i, person in reversed(list(enumerate(policy.case.people)))}
        self.start, self.end, self.option = [0] * grid.size, [0] * grid.size, [-1] * grid.size
        teams: dict[tuple[int, int], dict[tuple[int, ...], int]] = {}
        for i, task in enumerate(policy.case.tasks):
            line = lines.get(task.id)
            begins, ends = policy.teams_at[i], policy.teams_end[i]
            if grid.started[i] >= 0 and begins < ends:
                self.option[i] = begins
            if line is None or grid.fixed[i] >= 0:
                continue
            self.start[i], self.end[i] = line.start, line.end
            if (begins, ends) not in teams:
                teams[begins, ends] = {
                    tuple(sorted(policy.option_people[o])): o for o in range(ends - 1, begins - 1, -1)
                }
            people = tuple(sorted({number[p] for p in line.people if p in number}))
            self.option[i] = teams[begins, ends].get(people, self.option[i])
        self.order = _ranks(grid, plan)
        self.rank = [0] * grid.size
        for rank, i in enumerate(self.order):
            self.rank[i] = rank
        coming = sorted(
            (i for i in range(grid.size) if self.option[i] >= 0 and grid.started[i] < 0 and not grid.left[i]),
            key=lambda i: (self.start[i], self.rank[i]),
        )
        people_lists: list[list[int]] = [[] for _ in policy.case.people]
        user_lists: list[list[tuple[int, int]]] = [[] for _ in policy.case.resources]
        for i in coming:
            for person in policy.option_people[self.option[i]]:
                people_lists[person].append(i)
            for resource, units in grid.uses[i]:
                user_lists[resource].append((i, units))
        self.people_at, self.people = _rows(people_lists)
        self.users_at, self.users = _rows(user_lists)


def _ranks(grid: Grid, plan: Plan) -> list[int]:
    """Return tasks in the order the plan takes them up: application by application, each pulling what it waits for.

    A plan without an order (one made by hand) is followed by its starts.
    """
    begins = {each.task: (each.start, each.end) for each in plan.tasks}
    if not plan.order:
        last = (1 << 60, 0)
        place = {i: at for at, i in enumerate(grid.links.order)}
        return sorted(
            range(grid.size), key=lambda i: (begins.get(grid.case.tasks[i].id, last), place.get(i, grid.size))
        )
    order: dict[int, None] = {}
    known = grid.links.application
    names = dict.fromkeys((*plan.order, *known))
    for a in [known[name] for name in names if name in known]:
        for task in grid.own[a]:
            waiting = [task]
            while waiting:
                i = waiting[-1]
                missing = next((j for j in grid.before[i] if j not in order), -1)
                if missing >= 0 and i not in order:
                    waiting.append(missing)
                else:
                    order.setdefault(waiting.pop())
    order.update(dict.fromkeys(range(grid.size)))
    return list(order)


def _chains(grid: Grid) -> list[list[int]]:
    """Return what is done again: by task that may fail, its rework and itself; by application, after a reinfection."""
    case = grid.case
    place = {i: at for at, i in enumerate(grid.links.order)}
    chains: list[list[int]] = []
    for i, task in enumerate(case.tasks):
        again: list[int] = []
        if task.fail_probability > 0.0:
            known = {grid.links.task[name] for name in task.rework if name in grid.links.task} - {i}
            again = [*sorted(known, key=lambda j: place.get(j, 0)), i]
        chains.append(again)
    for tasks in grid.links.own:
        again = [i for i in tasks if case.tasks[i].kind not in _FIRST_KINDS] or list(tasks)
        chains.append(sorted(again, key=lambda j: place.get(j, 0)))
    return chains


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


def _rows(lists: Sequence[Sequence[_T]]) -> tuple[list[int], list[_T]]:
    """Return lists as one row, and a row of where each begins."""
    at: list[int] = [0]
    row: list[_T] = []
    for one in lists:
        row += one
        at.append(len(row))
    return at, row


def scratch(t: Tables) -> tuple[Scratch, int]:
    """Return where the parts of what one run writes begin, and how long they are together."""
    lengths = {
        "work": t.tasks, "again": t.tasks, "fails": t.tasks, "absent": t.windows, "reinfects": t.applications,
        "bucket": t.horizon + 1, "next_item": t.tasks + t.applications, "status": t.tasks, "start": t.tasks,
        "began": t.tasks,
        "end": t.tasks, "team": t.tasks, "rest": t.tasks, "waits": t.tasks, "chain_of": t.tasks,
        "chain_place": t.tasks + t.applications, "busy": t.people + 1, "next_planned": t.people,
        "stays_from": t.not_sure, "stays_to": t.not_sure, "free": t.resources,
        "blocked": t.sets, "version": t.sets,
        "tide": t.sets, "looked": t.tasks, "ready": t.tasks, "moments": t.tasks, "counts": 3, "left": t.applications,
        "first": t.applications, "down": t.applications, "back": t.applications,
    }  # fmt: skip
    places, length = {}, 0
    for name, count in lengths.items():
        places[name] = length
        length += count
    return Scratch(**places), length
