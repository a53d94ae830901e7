"""Whether the people a task asks for exist, and are ever there together. Pure."""

from collections.abc import Iterator

from releve.restoration.case import Case, Person, Task
from releve.restoration.catalogue.hours import Hours
from releve.restoration.catalogue.sentences import Problem, Reference

__all__ = ["check_teams"]

_TEAM_MAX = 100  # of more people only the number is looked at
_STEPS_MAX = 5000  # of the search for a team; beyond, it is given the benefit of the doubt


def check_teams(case: Case) -> Iterator[Problem]:
    """Yield calendars and people that are never there, skills nobody has, and teams that never meet."""
    hours = Hours(case)
    for calendar in case.calendars:
        if hours.calendar(calendar.id) == 0:
            yield Problem(
                code="calendar-empty",
                severity="warns",
                place=f"calendars[{calendar.id}]",
                ids=(calendar.id,),
                facts={"id": calendar.id},
            )
    people = _Staff(case, hours)
    yield from people.never_there(case)
    calendars = {calendar.id for calendar in case.calendars}
    states = {state.task: state for state in case.states}
    for task in case.tasks:
        state = states.get(task.id)
        begun = state is not None and (state.started is not None or state.ended is not None)
        if begun or task.work_hours <= 0:
            continue
        blocked = state.blocked_until if state is not None and state.blocked_until is not None else 0
        open_hours = hours.since(max(case.now, task.not_before, blocked)) & hours.calendar(task.calendar)
        if not hours.hold(open_hours, task.work_hours):
            if task.calendar in calendars:  # an unknown one is told elsewhere
                yield _stops(
                    "calendar-short", task, "calendar", {"id": task.calendar, "hours": task.work_hours}
                )
            continue
        yield from people.check(task, open_hours)


def _stops(code: str, task: Task, field: str, facts: dict[str, str | int | float]) -> Problem:
    return Problem(
        code=code,
        severity="stops",
        place=f"tasks[{task.id}].{field}",
        ids=(task.id,),
        facts=facts,
        leaves_out=(Reference("tasks", task.id),),
    )


class _Staff:
    """The people of a case by skill, with the hours at which each is there."""

    def __init__(self, case: Case, hours: Hours) -> None:
        self._hours = hours
        self._there = [hours.person(person) for person in case.people]
        self._skilled: dict[str, list[int]] = {}
        for index, person in enumerate(case.people):
            for skill in dict.fromkeys(person.skills):
                self._skilled.setdefault(skill, []).append(index)
        self._people: tuple[Person, ...] = case.people
        self._known: dict[tuple[tuple[str, ...], int, int], bool] = {}
        self._steps = 0

    def never_there(self, case: Case) -> Iterator[Problem]:
        """Yield the people without an hour from now on."""
        calendars = {calendar.id for calendar in case.calendars}
        ahead = self._hours.since(case.now)
        for person, there in zip(self._people, self._there, strict=True):
            unknown = person.calendar not in calendars and self._hours.calendar(person.calendar) == 0
            if there & ahead == 0 and not unknown:
                yield Problem(
                    code="no-hour",
                    severity="warns",
                    place=f"people[{person.id}]",
                    ids=(person.id,),
                    facts={"id": person.id},
                )

    def check(self, task: Task, open_hours: int) -> Iterator[Problem]:
        """Yield why nobody can do a task in these hours."""
        missing = [count.skill for count in task.team if count.count > 0 and count.skill not in self._skilled]
        for skill in dict.fromkeys(missing):
            yield _stops("skill-nobody", task, "team", {"skill": skill})
        asked = sum(max(count.count, 0) for count in task.team)
        if missing or asked == 0:
            return
        words = ", ".join(
            count.skill if count.count == 1 else f"{count.count} × {count.skill}" for count in task.team
        )
        if any(count.count > len(self._skilled.get(count.skill, ())) for count in task.team):
            yield _stops("team-too-large", task, "team", {"count": asked, "team": words})
            return
        if asked > _TEAM_MAX:
            return
        slots = tuple(skill for count in task.team for skill in [count.skill] * count.count)
        if not self._matched(slots):
            yield _stops("team-too-large", task, "team", {"count": asked, "team": words})
        elif not self._meet(slots, open_hours, task.work_hours):
            yield _stops("no-common-hour", task, "team", {"team": words, "hours": task.work_hours})

    def _matched(self, slots: tuple[str, ...]) -> bool:
        """Return whether each slot finds a person of its own, hours aside (augmenting paths)."""
        taken: dict[int, int] = {}

        def place(slot: int, tried: set[int]) -> bool:
            for person in self._skilled[slots[slot]]:
                if person not in tried:
                    tried.add(person)
                    if person not in taken or place(taken[person], tried):
                        taken[person] = slot
                        return True
            return False

        return all(place(slot, set()) for slot in range(len(slots)))

    def _meet(self, slots: tuple[str, ...], open_hours: int, work_hours: int) -> bool:
        key = (slots, open_hours, work_hours)
        if key not in self._known:
            rarest_first = tuple(sorted(slots, key=lambda skill: len(self._skilled[skill])))
            self._steps = 0
            self._known[key] = self._search(rarest_first, open_hours, work_hours, frozenset())
        return self._known[key]

    def _search(self, slots: tuple[str, ...], common: int, work_hours: int, team: frozenset[int]) -> bool:
        if not slots:
            return True
        failed: set[tuple[int, frozenset[str]]] = set()  # people of the same hours and skills fail alike
        for person in self._skilled[slots[0]]:
            alike = (self._there[person], frozenset(self._people[person].skills))
            if person in team or alike in failed:
                continue
            self._steps += 1
            if self._steps > _STEPS_MAX:
                return True
            together = common & self._there[person]
            if self._hours.hold(together, work_hours) and self._search(
                slots[1:], together, work_hours, team | {person}
            ):
                return True
            failed.add(alike)
        return False
