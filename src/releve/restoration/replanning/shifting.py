"""A plan kept as it is, as far as what happened allows; and the part of it that is not to be touched any more.

Pure. A *right shift* takes tasks in the order of their old starts, each with its old people, at the first place that
is free (Sakkout & Wallace 2000 call it schedule repair; Van de Vonder et al. 2007 measure it). Without events it
gives the old plan back, whoever made that. What is far enough is better taken up in the order of applications: a
late task then holds up what waits for it, and not all that was to begin after it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

from releve.restoration.plan import Plan, PlannedTask
from releve.restoration.planner.calendars import calendar_masks, profile_of
from releve.restoration.planner.grid import Grid, Option, Patience
from releve.restoration.planner.placing import NOWHERE, Placed, place

__all__ = [
    "freeze", "first_placed", "frozen_tasks", "merged", "planned_before", "shifted", "with_planned_people",
]  # fmt: skip

# Who does a task is asked again for those that came late; others may come late by that, seldom and by little.
_ROUNDS_MAX = 3

Place = Callable[[Grid, Sequence[int]], Placed]


def with_planned_people(grid: Grid, plan: Plan) -> Grid:
    """Return the grid with the people of the plan among the teams of each task, where they can do it together.

    A planner looks at some of the possible teams when there are very many; a person may have planned another.
    """
    person = {one.id: p for p, one in enumerate(grid.case.people)}
    calendars: dict[str, int] = {}
    missing: dict[tuple[int, tuple[int, ...]], list[int]] = {}
    for planned in plan.tasks:
        i = grid.links.task.get(planned.task, -1)
        if i < 0 or grid.options[i] < 0 or grid.started[i] >= 0 or not set(planned.people) <= person.keys():
            continue
        people = tuple(sorted(person[id] for id in planned.people))
        if all(option.people != people for option in grid.teams[grid.options[i]]) and _able(grid, i, people):
            missing.setdefault((grid.options[i], people), []).append(i)
    for (number, people), tasks in missing.items():
        calendars = calendars or calendar_masks(grid.case, grid.horizon)
        mask = calendars.get(grid.case.tasks[tasks[0]].calendar, 0)
        for p in people:
            mask &= grid.people_masks[p]
        if mask:
            grid = _with_one_more(grid, number, people, mask, tasks)
    return grid


def _with_one_more(grid: Grid, number: int, people: tuple[int, ...], mask: int, tasks: Sequence[int]) -> Grid:
    """Return the grid in which these tasks may be done by one team more than the list `number`."""
    options = list(grid.options)
    for i in tasks:
        options[i] = len(grid.teams)
    teams = [*grid.teams, (*grid.teams[number], Option(people, len(grid.profiles)))]
    waits = [*grid.patience.waits, grid.patience.waits[number]]
    return replace(
        grid, options=options, teams=teams, masks=[*grid.masks, mask],
        profiles=[*grid.profiles, profile_of(mask, grid.horizon)], keys=[*grid.keys, ((), grid.keys[number][1])],
        best_profiles=[*grid.best_profiles, (*grid.best_profiles[number], len(grid.profiles))],
        patience=Patience(teams, waits), team_at=[*grid.team_at, grid.team_at[-1] + len(teams[-1])], arrays=None,
    )  # fmt: skip


def _with_teams(grid: Grid, more: Sequence[tuple[int, Sequence[int]]], **changes: Any) -> Grid:
    """Return the grid with more lists of teams after those it has, each a choice from one of those."""
    # A list for no skills in particular: it is not told among the preferences of a plan.
    added = [tuple(grid.teams[number][n] for n in chosen) for number, chosen in more]
    teams = [*grid.teams, *added]
    waits = [*grid.patience.waits, *(grid.patience.waits[number] for number, _ in more)]
    return replace(
        grid, teams=teams, keys=[*grid.keys, *(((), grid.keys[number][1]) for number, _ in more)],
        best_profiles=[*grid.best_profiles, *(tuple(sorted({o.profile for o in team})) for team in added)],
        patience=Patience(teams, waits), team_at=[0, *accumulate(len(team) for team in teams)], arrays=None,
        **changes,
    )  # fmt: skip


def _able(grid: Grid, i: int, people: Sequence[int]) -> bool:
    """Return whether these people have the skills of a task, nobody counted twice (Kuhn's augmenting paths)."""
    seats = [line.skill for line in grid.case.tasks[i].team for _ in range(line.count)]
    if len(seats) != len(people) or len(set(people)) != len(people):
        return False
    seat_of: dict[int, int] = {}

    def seated(seat: int, asked: set[int]) -> bool:
        for p in people:
            if p not in asked and seats[seat] in grid.case.people[p].skills:
                asked.add(p)
                if p not in seat_of or seated(seat_of[p], asked):
                    seat_of[p] = seat
                    return True
        return False

    return all(seated(seat, set()) for seat in range(len(seats)))


def shifted(
    grid: Grid, plan: Plan, order: Sequence[int], until: int, place: Place = place
) -> tuple[Grid, Placed]:
    """Return where the tasks stand when the plan is kept but for what cannot be, and the grid that says it.

    When all of it can, that is the plan. Else what was to begin before the hour `until` comes first, in the order of
    its old starts and with its old people: others do a task only when it comes later than planned, and earlier with
    them. The rest follows in the plan's order of applications. `grid` is one of `with_planned_people`, with the
    plan's preferences.
    """
    known = {grid.links.task[each.task]: each for each in plan.tasks if each.task in grid.links.task}
    whole = [i for i in _by_start(known) if grid.fixed[i] < 0 and not grid.left[i]]
    if len(whole) == sum(end < 0 for end in grid.fixed) - len(grid.left_out) and _may_stay(
        grid, known, whole
    ):
        ready = list(grid.ready)
        for i in whole:
            ready[i] = max(ready[i], known[i].start)
        same, placed = _kept(replace(grid, ready=ready, arrays=None), known, whole, order, place)
        if all(placed.end[i] == known[i].end for i in whole):
            return replace(same, ready=grid.ready, running=grid.running, arrays=None), placed
    kept, placed = _kept(grid, known, planned_before(grid, plan, until), order, place)
    return replace(kept, running=grid.running, arrays=None), placed


def _may_stay(grid: Grid, known: dict[int, PlannedTask], tasks: Sequence[int]) -> bool:
    """Return whether each task by itself still ends when planned: not begun too late, no longer, nobody away."""
    planned_team = _planned_teams(grid, known)
    for i in tasks:
        begin = grid.ready[i] if grid.started[i] >= 0 else known[i].start
        if begin < grid.ready[i]:
            return False
        if not grid.work[i]:
            continue
        if grid.options[i] < 0:
            profile = grid.machine[i]
        elif grid.started[i] >= 0:
            profile = grid.teams[grid.options[i]][0].profile
        elif i in planned_team:
            profile = grid.teams[grid.options[i]][planned_team[i]].profile
        else:
            return False
        span = grid.profiles[profile].span(begin, grid.work[i])
        if span is None or span[1] != known[i].end:
            return False
    return True


def planned_before(grid: Grid, plan: Plan, until: int) -> list[int]:
    """Return the tasks not begun yet that the plan has begin before the hour `until`, in the order of their starts."""
    known = {grid.links.task[each.task]: each for each in plan.tasks if each.task in grid.links.task}
    return [i for i in _by_start(known) if known[i].start < until]


def _by_start(known: dict[int, PlannedTask]) -> list[int]:
    return sorted(known, key=lambda i: (known[i].start, known[i].end, i))


def first_placed(grid: Grid, tasks: Sequence[int]) -> Grid:
    """Return the grid in which these tasks are placed before any order is taken up, after those under way.

    Left out are those that wait for one that is neither among them nor placed.
    """
    placed = {i for i, end in enumerate(grid.fixed) if end >= 0}.union(grid.running)
    running = list(grid.running)
    for i in tasks:
        if i not in placed and not grid.left[i] and placed.issuperset(grid.before[i]):
            placed.add(i)
            running.append(i)
    return replace(grid, running=running, arrays=None)


def _kept(
    grid: Grid, known: dict[int, PlannedTask], first: Sequence[int], order: Sequence[int], place: Place
) -> tuple[Grid, Placed]:
    """Return where tasks stand when `first` come first, with their old people while those make none of them late."""
    ahead = first_placed(grid, first)
    planned_team = _planned_teams(grid, {i: known[i] for i in first})
    late: set[int] = set()
    for _ in range(_ROUNDS_MAX):
        narrowed = _narrowed(ahead, planned_team, late)
        placed = place(narrowed, order)
        came_late = {i for i in planned_team if not 0 <= placed.end[i] <= known[i].end}
        if came_late <= late:
            break
        late |= came_late
    return narrowed, placed


def _planned_teams(grid: Grid, known: dict[int, PlannedTask]) -> dict[int, int]:
    """Return which of its teams each task has in the plan, where it has one of them."""
    name = [one.id for one in grid.case.people]
    found = {}
    for i, planned in known.items():
        if grid.left[i] or grid.options[i] < 0 or grid.started[i] >= 0:
            continue
        people = set(planned.people)
        for number, option in enumerate(grid.teams[grid.options[i]]):
            if len(option.people) == len(people) and {name[p] for p in option.people} == people:
                found[i] = number
                break
    return found


def _narrowed(grid: Grid, planned_team: dict[int, int], late: set[int]) -> Grid:
    """Return the grid in which tasks have the team they had, those that are late any (that one first when equal)."""
    more: list[tuple[int, list[int]]] = []
    options = list(grid.options)
    made: dict[tuple[int, int, bool], int] = {}
    for i, team in planned_team.items():
        key = grid.options[i], team, i in late
        if key not in made:
            made[key] = len(grid.teams) + len(more)
            count = len(grid.teams[grid.options[i]])
            others = [n for n in range(count) if n != team] if i in late else []
            more.append((grid.options[i], [team, *others]))
        options[i] = made[key]
    return _with_teams(grid, more, options=options)


def frozen_tasks(grid: Grid, placed: Placed, until: int) -> list[int]:
    """Return the tasks not begun yet that begin before the hour `until`."""
    return [
        i
        for i in range(grid.size)
        if grid.fixed[i] < 0 and grid.started[i] < 0 and placed.end[i] != NOWHERE and placed.start[i] < until
    ]


def freeze(grid: Grid, placed: Placed, until: int, first: Sequence[int] = ()) -> Grid:
    """Return the grid as it will be at the hour `until` when all goes as placed: whatever begins before is given.

    Of the tasks of `first` those that begin later still come first, with the people they have. So the order that made
    `placed` gives it back on this grid, and other orders move only what begins from `until` on.
    """
    work, fixed, started = list(grid.work), list(grid.fixed), list(grid.started)
    ready = [max(hour, until) for hour in grid.ready]
    alone = _Alone(grid, placed)
    for i in (*frozen_tasks(grid, placed, until), *grid.running):
        started[i] = placed.start[i]
        if placed.end[i] == NOWHERE:
            continue
        if placed.end[i] <= until:
            fixed[i], work[i] = placed.end[i], 0
            continue
        profile = grid.profiles[alone.keep(i) if placed.team[i] >= 0 else grid.machine[i]]
        work[i] = profile.before[placed.end[i]] - profile.before[until]
    for i in first:
        if started[i] < 0 and fixed[i] < 0 and placed.team[i] >= 0:
            alone.keep(i)
    running = sorted(
        (i for i, at in enumerate(started) if at >= 0 and fixed[i] < 0 and not grid.left[i]),
        key=lambda i: (started[i], i),
    )
    frozen = _with_teams(
        grid, alone.more, work=work, ready=ready, fixed=fixed, started=started, options=alone.options,
        running=running,
    )  # fmt: skip
    return first_placed(frozen, first)


class _Alone:
    """Tasks that may be done by one team alone, the one they have."""

    def __init__(self, grid: Grid, placed: Placed) -> None:
        self._grid, self._placed = grid, placed
        self.options = list(grid.options)
        self.more: list[tuple[int, list[int]]] = []
        self._made: dict[tuple[int, int], int] = {}

    def keep(self, i: int) -> int:
        """Leave a task no other team; return the profile of its hours."""
        key = self._grid.options[i], self._placed.team[i]
        if key not in self._made:
            self._made[key] = len(self._grid.teams) + len(self.more)
            self.more.append((key[0], [key[1]]))
        self.options[i] = self._made[key]
        return self._grid.teams[key[0]][key[1]].profile


def merged(grid: Grid, kept: Placed, frozen: Grid, found: Placed) -> Placed:
    """Return what was found on a frozen grid in terms of the whole one, with the frozen part as it was kept."""
    placed = Placed(list(found.start), list(found.end), list(found.team), list(found.sequence))
    for i in range(grid.size):
        if frozen.started[i] >= 0 and kept.end[i] != NOWHERE:
            placed.start[i], placed.end[i], placed.team[i] = kept.start[i], kept.end[i], kept.team[i]
        elif frozen.options[i] != grid.options[i] and placed.team[i] >= 0:
            placed.team[i] = kept.team[i]
    there = set(placed.sequence)
    placed.sequence[:0] = [i for i in kept.sequence if i not in there]
    return placed
