"""An order of applications becomes a plan: dates, people, what each task waited for, the care lost."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from releve.restoration.case import Case, write_case
from releve.restoration.plan import BackAt, Binding, Plan, PlannedTask, Preference, write_plan
from releve.restoration.planner.grid import HORIZON_MAX, Grid, Patience, compile_case
from releve.restoration.planner.orders import order_indices, smith_order
from releve.restoration.planner.placing import NOWHERE, Placed, application_ends, place

__all__ = ["MADE_BY", "decode", "digest", "grid_that_holds", "patience_from", "plan_of"]

MADE_BY = "releve list scheduling 1"


def decode(case: Case, order: Iterable[str] = (), preferences: Iterable[Preference] | None = None) -> Plan:
    """Return the plan that follows from taking up applications in this order (names; the rest by Smith's ratio).

    With the order and the preferences of a plan of this case it is that plan again; without preferences people are
    spared as scarce as they are.
    """
    grid, indices, placed = grid_that_holds(case, tuple(order), preferences=preferences)
    return plan_of(grid, placed, indices, patience=grid.patience)


def patience_from(grid: Grid, preferences: Iterable[Preference]) -> Patience:
    """Return preferences as what a decoder reads; those that fit no task or person of the grid are skipped."""
    number = {key: k for k, key in enumerate(grid.keys) if key[0]}
    person = {one.id: k for k, one in enumerate(grid.case.people)}
    waits: list[dict[int, int]] = [{} for _ in grid.teams]
    for line in preferences:
        asked = tuple(sorted(Counter(line.skills).items()))
        k = number.get((asked, line.calendar))
        if k is not None and line.person in person:
            waits[k][person[line.person]] = line.hours
    return Patience(grid.teams, waits)


def _preferences(grid: Grid, patience: Patience) -> tuple[Preference, ...]:
    return tuple(
        Preference(
            skills=tuple(skill for skill, count in asked for _ in range(count)), calendar=calendar,
            person=grid.case.people[who].id, hours=hours,
        )
        for (asked, calendar), own in zip(grid.keys, patience.waits, strict=True)
        if asked
        for who, hours in sorted(own.items())
        if hours
    )  # fmt: skip


def grid_that_holds(
    case: Case,
    names: Sequence[str] = (),
    grid: Grid | None = None,
    *,
    preferences: Iterable[Preference] | None = None,
) -> tuple[Grid, list[int], Placed]:
    """Return a grid long enough for this order, the order as indices, and where it puts the tasks.

    With preferences, such as those of an earlier plan, the patience of the grid is theirs.
    """
    wanted = None if preferences is None else tuple(preferences)
    grid = grid or compile_case(case)
    names_of = [one.id for one in case.applications]
    while True:
        if wanted is not None:
            grid.patience = patience_from(grid, wanted)
        indices = order_indices(grid, (*names, *(names_of[a] for a in smith_order(grid))))
        placed = place(grid, indices)
        if grid.horizon >= HORIZON_MAX or not _longer_helps(grid, placed):
            return grid, indices, placed
        grid = compile_case(case, horizon=grid.horizon * 2)


def _longer_helps(grid: Grid, placed: Placed) -> bool:
    """Return whether a task without a place could have one later: somebody able has no last window."""
    case = grid.case
    weekly = {calendar.id for calendar in case.calendars if calendar.week} | {"always"}
    for i, end in enumerate(placed.end):
        if end != NOWHERE or grid.left[i] or case.tasks[i].calendar not in weekly:
            continue
        if grid.options[i] < 0:
            return True
        for option in grid.teams[grid.options[i]]:
            people = [case.people[p] for p in option.people]
            if all(not one.windows and one.calendar in weekly for one in people):
                return True
    return False


def plan_of(
    grid: Grid,
    placed: Placed,
    order: Sequence[int],
    *,
    patience: Patience | None = None,
    seed: int = 0,
    made_by: str = MADE_BY,
) -> Plan:
    """Return placed tasks as a plan, in the order of their starts, with the reason of each start."""
    case = grid.case
    reasons = _Reasons(grid, placed)
    lines = []
    for i, task in enumerate(case.tasks):
        if placed.end[i] == NOWHERE:
            continue
        lines.append(
            PlannedTask(
                task=task.id, start=placed.start[i], end=placed.end[i],
                people=_people(grid, placed, i), binding=reasons.of(i),
            )
        )  # fmt: skip
    lines.sort(key=lambda line: (line.start, line.end))
    back = application_ends(grid, placed.end)
    services = _services(grid, back)
    plan = Plan(
        case=digest(case), made_by=made_by, seed=seed,
        order=tuple(case.applications[a].id for a in order), tasks=tuple(lines),
        preferences=() if patience is None else _preferences(grid, patience),
        applications=tuple(
            BackAt(id=one.id, hour=back[a]) for a, one in enumerate(case.applications) if back[a] != NOWHERE
        ),
        services=services, loss=sum(service.loss for service in services),
        left_out=tuple(task.id for i, task in enumerate(case.tasks) if placed.end[i] == NOWHERE),
    )  # fmt: skip
    return identified(plan)


def identified(plan: Plan) -> Plan:
    """Return the plan with the digest of its content as its name."""
    plan = msgspec.structs.replace(plan, id="")
    return msgspec.structs.replace(plan, id=hashlib.sha256(write_plan(plan)).hexdigest()[:16])


def digest(case: Case) -> str:
    """Return the digest of a case's bytes, as `write_case` writes them."""
    return hashlib.sha256(write_case(case)).hexdigest()[:16]


def _people(grid: Grid, placed: Placed, i: int) -> tuple[str, ...]:
    case = grid.case
    if placed.team[i] >= 0:
        return tuple(case.people[p].id for p in grid.teams[grid.options[i]][placed.team[i]].people)
    state = next((state for state in case.states if state.task == case.tasks[i].id), None)
    return state.people if state is not None else ()


def _services(grid: Grid, back: Sequence[int]) -> tuple[BackAt, ...]:
    """Return the services all of whose parts are back, at the hour of the last; the loss adds up the parts."""
    hours: dict[int, int] = {}
    lost: dict[int, float] = {}
    absent = set(range(len(grid.case.services))) - {m.service for m in grid.milestones}
    for milestone in grid.milestones:
        ends = [back[a] for a in milestone.applications]
        if NOWHERE in ends:
            absent.add(milestone.service)
            continue
        hour = max(ends, default=0)
        hours[milestone.service] = max(hours.get(milestone.service, 0), hour)
        loss = milestone.weight * milestone.table[min(hour, grid.horizon)]
        lost[milestone.service] = lost.get(milestone.service, 0.0) + loss
    return tuple(
        BackAt(id=service.id, hour=hours[number], loss=lost[number])
        for number, service in enumerate(grid.case.services)
        if number not in absent and number in hours
    )


class _Reasons:
    """What each task waited for last."""

    def __init__(self, grid: Grid, placed: Placed) -> None:
        self.grid, self.placed = grid, placed
        self.states = {state.task: state for state in grid.case.states}
        self.by_person: dict[int, list[int]] = {}
        self.by_resource: dict[int, list[int]] = {}
        for i in placed.sequence:
            if placed.end[i] == NOWHERE:
                continue
            if placed.team[i] >= 0:
                for person in grid.teams[grid.options[i]][placed.team[i]].people:
                    self.by_person.setdefault(person, []).append(i)
            for resource, _ in grid.uses[i]:
                self.by_resource.setdefault(resource, []).append(i)

    def of(self, i: int) -> Binding:
        grid, placed, case = self.grid, self.placed, self.grid.case
        if grid.fixed[i] >= 0 or grid.started[i] >= 0:
            return Binding(kind="start")
        start = placed.start[i]
        ready, why = self._ready(i)
        if start <= ready:
            return why
        team = grid.teams[grid.options[i]][placed.team[i]] if placed.team[i] >= 0 else None
        profile = grid.profiles[team.profile if team is not None else grid.machine[i]]
        free = profile.span(ready, 1)
        held_by = self._held(i, ready, team.people if team is not None else ())
        if held_by is not None and free is not None and free[0] < start:
            return Binding(
                kind="person" if held_by[0] == "person" else "resource", id=case.tasks[held_by[1]].id
            )
        if team is not None and not self._inside_window(team.people, ready):
            return Binding(kind="window", id=why.id)
        return Binding(kind="calendar", id=why.id)

    def _held(self, i: int, ready: int, people: Sequence[int]) -> tuple[str, int] | None:
        """Return the task that held one of its people, or units it needs, last before it starts."""
        placed, start = self.placed, self.placed.start[i]
        found: tuple[int, int, str, int] | None = None
        for rank, (kind, others) in enumerate(
            [
                *(("person", self.by_person.get(person, [])) for person in people),
                *(("resource", self.by_resource.get(resource, [])) for resource, _ in self.grid.uses[i]),
            ]
        ):
            for other in others:
                end = placed.end[other]
                if other != i and ready < end <= start and (found is None or (end, -rank) > found[:2]):
                    found = (end, -rank, kind, other)
        return None if found is None else (found[2], found[3])

    def _inside_window(self, people: Sequence[int], hour: int) -> bool:
        return all(
            not person.windows or any(w.from_hour <= hour < w.to_hour for w in person.windows)
            for person in (self.grid.case.people[p] for p in people)
        )

    def _ready(self, i: int) -> tuple[int, Binding]:
        """Return the hour from which it could start if everybody were free, and what decides that hour."""
        grid, placed, case = self.grid, self.placed, self.grid.case
        task, through = case.tasks[i], grid.links.through[i]
        ready, why = 0, Binding(kind="start")
        own = {grid.links.task[name] for name in task.after if name in grid.links.task}
        for j in grid.before[i]:
            if placed.end[j] > ready:
                ready = placed.end[j]
                if j in own or j not in through:
                    why = Binding(kind="task", id=case.tasks[j].id)
                else:
                    why = Binding(kind="application", id=case.applications[through[j]].id)
        state = self.states.get(task.id)
        if state is not None and state.blocked_until is not None and state.blocked_until > ready:
            ready, why = state.blocked_until, Binding(kind="blocked")
        if task.not_before > ready:
            ready, why = task.not_before, Binding(kind="not-before")
        if case.now > ready:
            ready, why = case.now, Binding(kind="now")
        return ready, why
