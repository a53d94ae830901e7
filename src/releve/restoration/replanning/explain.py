"""Why something is back when it is: what each task waited for, and what any other way would cost.

Everything is codes, ids and hours; sentences are made where they are read. Costs are differences of care lost
between two orders dated by the same decoder: above 0, the other way loses more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Literal, NamedTuple

import msgspec

from releve.restoration.case import ALWAYS, Case, CaseError, Need, Person
from releve.restoration.plan import Binding, Plan, PlannedTask, order_of
from releve.restoration.planner.decode import grid_that_holds, patience_from
from releve.restoration.planner.grid import Grid, compile_case
from releve.restoration.planner.orders import order_indices
from releve.restoration.planner.placing import NOWHERE, Placed, application_ends, cost_of
from releve.restoration.replanning.searching import Engine

__all__ = ["Alternative", "Explainer", "Explanation", "Link", "explain", "one_more"]


class _Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    pass


class Link(_Line, frozen=True, kw_only=True):
    """One task of the chain that decides a date; `binding` says what it waited for last, which is the next link."""

    task: str
    application: str
    start: int
    end: int
    people: tuple[str, ...] = ()
    binding: Binding


class Alternative(_Line, frozen=True, kw_only=True):
    """Another way, the care it loses more (or less, below 0), and the hour at which the thing explained is then back.

    `first`: taken up before all others. `other-first`: application `id` before all others. `swap`: it and its
    neighbour `id` in the order exchanged. `need`: application `of` does not wait for `id` (its task `before`, if
    named). `person`: one more person of skill `id`. `resource`: one unit more of `id`. `hour` is None when it has no
    date that way.
    """

    kind: Literal["first", "other-first", "swap", "need", "person", "resource"]
    id: str = ""
    of: str = ""
    before: str = ""
    loss: float
    hour: int | None = None


class Explanation(_Line, frozen=True, kw_only=True):
    """Why an application or a service is back at hour `back`, in the plan; `chain` from its last task to the start.

    `decided_by` is the application that a service is waiting for last. `others` are told dearest last.
    """

    kind: Literal["application", "service"]
    id: str
    back: int
    loss: float
    order_loss: float  # of the plan's order, dated anew: what the alternatives are counted from
    order_back: int | None  # when it is back then: another hour than `back` where a plan froze what was near
    decided_by: str
    chain: tuple[Link, ...]
    first: Alternative
    others: tuple[Alternative, ...] = ()
    swaps: tuple[Alternative, ...] = ()
    needs: tuple[Alternative, ...] = ()
    means: tuple[Alternative, ...] = ()


def explain(case: Case, plan: Plan, id: str, *, others: bool = True) -> Explanation:
    """Return why this application or service is back when the plan says so; `others`: each other one put first too.

    Raises:
        CaseError: neither an application nor a service of the plan has this id.
    """
    return Explainer(case, plan).explain(id, others=others)


class Explainer:
    """Explanations of one plan, one after the other: another way that was dated for one is not dated again.

    What a need or one person more is worth to the whole is the same for whoever asks; only the hour at which the thing
    explained is then back is its own.
    """

    def __init__(self, case: Case, plan: Plan) -> None:
        self._case, self._plan = case, plan
        self._shared: _Shared | None = None

    def explain(self, id: str, *, others: bool = True) -> Explanation:
        """Return why this application or service is back when the plan says so; see `explain`."""
        case, plan = self._case, self._plan
        back = {each.id: each.hour for each in plan.applications}
        parts: tuple[str, ...] = (id,)
        if id in back:
            kind: Literal["application", "service"] = "application"
            hour = back[id]
        else:
            kind = "service"
            hour, parts = _service(case, plan, id, back)
        decided_by = max(parts, key=lambda each: back.get(each, -1), default="")
        self._shared = self._shared or _Shared(case, plan)
        ways = _Ways(self._shared, parts)
        chain = tuple(_chain(case, plan, decided_by))
        applications = tuple(dict.fromkeys((*parts, *(link.application for link in chain))))
        return Explanation(
            kind=kind, id=id, back=hour, loss=plan.loss, order_loss=self._shared.base, order_back=ways.hour,
            decided_by=decided_by, chain=chain, first=ways.first(),
            others=ways.others_first() if others else (), swaps=ways.swaps(decided_by),
            needs=ways.without_needs(applications), means=ways.more_means(chain),
        )  # fmt: skip


def _service(case: Case, plan: Plan, id: str, back: dict[str, int]) -> tuple[int, tuple[str, ...]]:
    service = next((each for each in case.services if each.id == id), None)
    hour = next((each.hour for each in plan.services if each.id == id), None)
    if service is None or hour is None:
        raise CaseError(f"{id}: expected an application or a service that the plan brings back")
    named = dict.fromkeys((*service.requires, *(share.application for share in service.shares)))
    return hour, tuple(each for each in named if each in back)


def _chain(case: Case, plan: Plan, application: str) -> Iterable[Link]:
    """Yield the tasks each of which the one before waited for last."""
    planned = {each.task: each for each in plan.tasks}
    of = {task.id: task.application for task in case.tasks}
    last: dict[str, PlannedTask] = {}
    for each in plan.tasks:
        own = of.get(each.task, "")
        if own not in last or each.end >= last[own].end:
            last[own] = each
    seen: set[str] = set()
    at = last.get(application)
    while at is not None and at.task not in seen:
        seen.add(at.task)
        yield Link(
            task=at.task, application=of.get(at.task, ""), start=at.start, end=at.end, people=at.people,
            binding=at.binding,
        )  # fmt: skip
        # A calendar or a window names what had ended before nobody was there.
        name = at.binding.id
        at = last.get(name) if at.binding.kind == "application" else planned.get(name) or last.get(name)


class _Told(NamedTuple):
    """What a way loses more than the plan's order, and the hour at which each application is then back."""

    loss: float
    back: list[int]


class _Shared:
    """The plan's order dated anew, and what was tried instead."""

    def __init__(self, case: Case, plan: Plan) -> None:
        self.case, self.preferences = case, plan.preferences
        held, _, _ = grid_that_holds(case, order_of(plan, case), preferences=plan.preferences)
        # Another order may last longer, and what is beyond the grid would count as never back.
        self.grid = compile_case(case, horizon=2 * held.horizon)
        self.grid.patience = patience_from(self.grid, plan.preferences)
        self.order = order_indices(self.grid, order_of(plan, case))
        self.place = Engine(self.grid).place
        self.base = 0.0
        self.base, self.back = self.told(self.grid, self.place(self.order))
        self.names = [each.id for each in case.applications]
        self._relaxed: dict[tuple[str, ...], _Told] = {}

    def told(self, grid: Grid, placed: Placed) -> _Told:
        """Return what a way comes to."""
        return _Told(round(cost_of(grid, placed) - self.base, 6), application_ends(grid, placed.end))

    def relaxed(
        self, key: tuple[str, ...], made: Callable[[], tuple[Grid, Sequence[int]] | None]
    ) -> _Told | None:
        """Return what less to wait for gives, dated once; None when nothing waits for it.

        Never a loss, because the plan could stay as it is: the same order may well lose more with more people (Graham
        1966), then nothing is gained in this order.
        """
        if key not in self._relaxed:
            way = made()
            if way is None:
                return None
            grid, order = way
            told = self.told(grid, Engine(grid).place(order))
            self._relaxed[key] = told if told.loss < 0.0 else _Told(0.0, self.back)
        return self._relaxed[key]


class _Ways:
    """Other ways of restoring, dated by the same decoder, and what they mean for some applications."""

    def __init__(self, shared: _Shared, parts: Sequence[str]) -> None:
        self.shared, self.case, self.grid = shared, shared.case, shared.grid
        self.order, self.place, self.names = shared.order, shared.place, shared.names
        known = self.grid.links.application
        self.parts = [known[each] for each in parts if each in known]
        self.hour = self._hour(shared.back)

    def _hour(self, back: Sequence[int]) -> int | None:
        hours = [back[part] for part in self.parts]
        return None if not hours or NOWHERE in hours else max(hours)

    def _told(self, placed: Placed) -> tuple[float, int | None]:
        told = self.shared.told(self.grid, placed)
        return told.loss, self._hour(told.back)

    def first(self) -> Alternative:
        ahead = set(self.parts)
        order = [*self.parts, *(a for a in self.order if a not in ahead)]
        loss, hour = self._told(self.place(order))
        return Alternative(kind="first", loss=loss, hour=hour)

    def others_first(self) -> tuple[Alternative, ...]:
        found = []
        fixed = application_ends(self.grid, self.grid.fixed)
        for a in self.order:
            if a in self.parts or fixed[a] >= 0:
                continue
            loss, hour = self._told(self.place([a, *(b for b in self.order if b != a)]))
            found.append(Alternative(kind="other-first", id=self.names[a], loss=loss, hour=hour))
        return tuple(sorted(found, key=lambda each: each.loss))

    def swaps(self, application: str) -> tuple[Alternative, ...]:
        found = []
        own = self.grid.links.application.get(application, -1)
        at = self.order.index(own) if own in self.order else -1
        for other in (at - 1, at + 1) if at >= 0 else ():
            if 0 <= other < len(self.order):
                order = list(self.order)
                order[at], order[other] = order[other], order[at]
                loss, hour = self._told(self.place(order))
                found.append(Alternative(kind="swap", id=self.names[order[at]], loss=loss, hour=hour))
        return tuple(found)

    def without_needs(self, applications: Iterable[str]) -> tuple[Alternative, ...]:
        """Return what each need of these applications costs: a decode without it."""
        found = []
        lines = {each.id: each for each in self.case.applications}
        for id in applications:
            for need in lines[id].needs if id in lines else ():
                told = self.shared.relaxed(
                    ("need", id, need.application, need.before), partial(self._without, id, need)
                )
                if told is not None:
                    found.append(
                        Alternative(
                            kind="need", id=need.application, of=id, before=need.before, loss=told.loss,
                            hour=self._hour(told.back),
                        )
                    )  # fmt: skip
        return tuple(sorted(found, key=lambda each: each.loss))

    def _without(self, id: str, need: Need) -> tuple[Grid, Sequence[int]] | None:
        grid = self.grid
        own = grid.links.own[grid.links.application[id]]
        other = grid.links.application.get(need.application, -1)
        waiting = [grid.links.task[need.before]] if need.before in grid.links.task else own
        before = list(grid.before)
        for i in waiting:
            given = set(self.case.tasks[i].after)
            before[i] = tuple(
                j
                for j in before[i]
                if grid.links.through[i].get(j) != other or self.case.tasks[j].id in given
            )
        return None if before == grid.before else (replace(grid, before=before, arrays=None), self.order)

    def more_means(self, chain: Sequence[Link]) -> tuple[Alternative, ...]:
        """Return what one more person of each skill, or unit of each resource, that the chain uses would save."""
        tasks = {task.id: task for task in self.case.tasks}
        used = [tasks[link.task] for link in chain if link.task in tasks]
        found = []
        ways: list[tuple[Literal["person", "resource"], str, Callable[[], tuple[Grid, Sequence[int]]]]] = [
            ("person", skill, partial(self._with_person, skill))
            for skill in dict.fromkeys(line.skill for task in used for line in task.team)
        ]
        known = {each.id for each in self.case.resources}
        ways += [
            ("resource", resource, partial(self._with_unit, resource))
            for resource in dict.fromkeys(line.resource for task in used for line in task.uses)
            if resource in known
        ]
        for kind, id, made in ways:
            told = self.shared.relaxed((kind, id), made)
            assert told is not None
            found.append(Alternative(kind=kind, id=id, loss=told.loss, hour=self._hour(told.back)))
        return tuple(sorted(found, key=lambda each: each.loss))

    def _with_person(self, skill: str) -> tuple[Grid, Sequence[int]]:
        case = msgspec.structs.replace(self.case, people=(*self.case.people, one_more(self.case, skill)))
        grid = compile_case(case, horizon=self.grid.horizon)
        grid.patience = patience_from(grid, self.shared.preferences)
        return grid, order_indices(grid, (self.names[a] for a in self.order))

    def _with_unit(self, resource: str) -> tuple[Grid, Sequence[int]]:
        number = next(k for k, each in enumerate(self.case.resources) if each.id == resource)
        units = [each + (k == number) for k, each in enumerate(self.grid.units)]
        return replace(self.grid, units=units, arrays=None), self.order


def one_more(case: Case, skill: str) -> Person:
    """Return somebody more who has this skill alone, with the calendar most of those who have it keep."""
    calendars = Counter(each.calendar for each in case.people if skill in each.skills)
    taken = {each.id for each in case.people}
    number = 1
    while f"one-more-{number}" in taken:
        number += 1
    calendar = calendars.most_common(1)[0][0] if calendars else ALWAYS
    return Person(id=f"one-more-{number}", skills=(skill,), calendar=calendar)
