"""What differs between a plan and the one made after it, task by task and date by date, and why. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from releve.restoration.case import Case, Task
from releve.restoration.plan import Binding, Plan, PlannedTask
from releve.restoration.planner.links import link
from releve.restoration.replanning.events import (
    BackupInfected,
    Event,
    GateFailed,
    PersonAbsent,
    TaskBlocked,
    TaskEnded,
    TaskLate,
    TaskStarted,
    VendorLate,
)  # fmt: skip

__all__ = [
    "DateMoved",
    "Move",
    "Reason",
    "chosen_moves",
    "forced_moves",
    "moved_in_window",
    "never_back",
    "saved",
]


class _Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    pass


class Reason(_Line, frozen=True, kw_only=True):
    """Why a task moved.

    `event`: something was told of it or of its people (`events` by number). `waits`: it waits longer, or no longer,
    for what `binding` names. `gains`: it comes earlier, for services that lose `gain` less care by it. `gives-way`: an
    application (`id`) goes first. `follows`: its people or units come free at another hour.
    """

    kind: Literal["event", "waits", "gains", "gives-way", "follows"]
    binding: Binding = Binding(kind="start")
    events: tuple[int, ...] = ()
    id: str = ""
    services: tuple[str, ...] = ()
    gain: float = 0.0


class Move(_Line, frozen=True, kw_only=True):
    """A task at other hours or with other people; before or after is None when it had or has no date."""

    task: str
    application: str
    before: PlannedTask | None = None
    after: PlannedTask | None = None
    reason: Reason


class DateMoved(_Line, frozen=True, kw_only=True):
    """A published date and what it would be now: hours of the P80.

    `repaired` is what the events alone make of it. It is to be announced anew when `now` is more than two days later
    than `published`: what comes earlier keeps its date. `chosen`: because of the new plan, the events alone leave it.
    """

    kind: Literal["application", "service"]
    id: str
    published: int
    repaired: int
    now: int
    chosen: bool = False


def saved(old: Plan, new: Plan) -> float:
    """Return the care the new plan saves in the services that both bring back, below 0: costs."""
    lost = {each.id: each.loss for each in old.services}
    return sum(lost[each.id] - each.loss for each in new.services if each.id in lost)


def never_back(old: Plan, new: Plan) -> tuple[str, ...]:
    """Return the services that the old plan brings back and the new one does not: their loss is in no sum."""
    there = {each.id for each in new.services}
    return tuple(each.id for each in old.services if each.id not in there)


def forced_moves(case: Case, plan: Plan, repaired: Plan, events: Sequence[Event]) -> tuple[Move, ...]:
    """Return what the events alone move, in the order of the new starts; `case` is the case after them."""
    told, told_of_people = _told(case, events)
    moves = []
    for task, before, after in _different(case, plan, repaired):
        people = {person for each in (before, after) if each is not None for person in each.people}
        numbers = set(told.get(task.id, ())).union(*(told_of_people.get(person, ()) for person in people))
        binding = after.binding if after is not None else Binding(kind="start")
        reason = Reason(kind="event" if numbers else "waits", events=tuple(sorted(numbers)), binding=binding)
        moves.append(
            Move(task=task.id, application=task.application, before=before, after=after, reason=reason)
        )
    return tuple(moves)


def chosen_moves(case: Case, repaired: Plan, plan: Plan) -> tuple[Move, ...]:
    """Return what the new plan moves that no event made it move, in the order of the new starts."""
    reasons = _Reasons(case, repaired, plan)
    return tuple(
        Move(
            task=task.id,
            application=task.application,
            before=before,
            after=after,
            reason=reasons.of(task.application, before, after),
        )
        for task, before, after in _different(case, repaired, plan)
    )


def moved_in_window(repaired: Plan, plan: Plan, until: int) -> tuple[str, ...]:
    """Return the tasks that begin before the hour `until` in one of the plans, at another hour or with others."""
    old = {each.task: each for each in repaired.tasks}
    new = {each.task: each for each in plan.tasks}
    return tuple(
        id
        for id in {**old, **new}
        if not _same(before := old.get(id), after := new.get(id))
        and any(each is not None and each.start < until for each in (before, after))
    )


def _same(before: PlannedTask | None, after: PlannedTask | None) -> bool:
    if before is None or after is None:
        return before is after
    return before.start == after.start and set(before.people) == set(after.people)


def _different(
    case: Case, old: Plan, new: Plan
) -> Iterator[tuple[Task, PlannedTask | None, PlannedTask | None]]:
    """Yield the tasks whose hours or people differ, but those that have ended: their hours are reports, no plan."""
    ended = {each.task for each in case.states if each.ended is not None}
    before = {each.task: each for each in old.tasks}
    after = {each.task: each for each in new.tasks}
    known = {each.id: each for each in case.tasks}
    for id in {**after, **before}:
        one, other = before.get(id), after.get(id)
        if id not in known or id in ended:
            continue
        if not _same(one, other) or (one is not None and other is not None and one.end != other.end):
            yield known[id], one, other


def _told(case: Case, events: Sequence[Event]) -> tuple[Mapping[str, list[int]], Mapping[str, list[int]]]:
    """Return which events speak of each task, and of each person, by number."""
    tasks: dict[str, list[int]] = defaultdict(list)
    people: dict[str, list[int]] = defaultdict(list)
    known = {each.id: each for each in case.tasks}
    for number, event in enumerate(events):
        match event:
            case TaskStarted() | TaskEnded() | TaskLate() | TaskBlocked():
                tasks[event.task].append(number)
            case GateFailed():
                again = known[event.task].rework if event.task in known else ()
                for id in dict.fromkeys((event.task, *again, *event.hours)):
                    tasks[id].append(number)
            case BackupInfected():
                for each in case.tasks:
                    if each.application == event.application and each.kind in ("restore", "scan"):
                        tasks[each.id].append(number)
            case PersonAbsent() | VendorLate():
                people[event.person].append(number)
    return tasks, people


class _Reasons:
    """Why the new plan has tasks elsewhere: who gains by it, who goes first."""

    def __init__(self, case: Case, old: Plan, new: Plan) -> None:
        lost = {each.id: each.loss for each in old.services}
        gained = {each.id: lost[each.id] - each.loss for each in new.services if each.id in lost}
        self._of = {each.id: each.application for each in case.tasks}
        self._gains: dict[str, dict[str, float]] = defaultdict(dict)
        closure = _closures(case)
        for service in case.services:
            gain = gained.get(service.id, 0.0)
            if gain > 0.0:
                named = {*service.requires, *(share.application for share in service.shares)}
                for application in named.union(*(closure.get(id, ()) for id in named)):
                    self._gains[application][service.id] = gain

    def of(self, application: str, before: PlannedTask | None, after: PlannedTask | None) -> Reason:
        binding = after.binding if after is not None else Binding(kind="start")
        gains = self._gains.get(application, {})
        if before is not None and after is not None and gains and after.end < before.end:
            services = tuple(sorted(gains, key=lambda id: -gains[id]))
            return Reason(kind="gains", binding=binding, services=services, gain=sum(gains.values()))
        if binding.kind in ("person", "resource") and self._of.get(binding.id, application) != application:
            return Reason(kind="gives-way", binding=binding, id=self._of[binding.id])
        return Reason(kind="follows", binding=binding)


def _closures(case: Case) -> dict[str, set[str]]:
    """Return each application with all it needs, directly or not."""
    links = link(case)
    names = [each.id for each in case.applications]
    found: dict[int, set[int]] = {}
    for number in links.application_order:
        found[number] = {number}.union(*(found.get(other, {other}) for other in links.needed[number]))
    return {names[number]: {names[other] for other in those} for number, those in found.items()}
