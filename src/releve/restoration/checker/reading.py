"""The case and the plan side by side: what a check looks up, and nothing computed but what waits for what."""

from releve.restoration.case import Application, Case, Need, Person, Task, TaskState
from releve.restoration.checker.hours import Hours
from releve.restoration.plan import Plan, PlannedTask

__all__ = ["FAR_HOURS", "Reading", "team_fits"]

FAR_HOURS = 20 * 366 * 24  # a plan that goes beyond is not read further


class Reading:
    """A case and a plan of it, by id. Of two lines with one id the first counts."""

    def __init__(self, case: Case, plan: Plan) -> None:
        self.case = case
        self.plan = plan
        self.hours = Hours(case)
        self.tasks: dict[str, Task] = {each.id: each for each in reversed(case.tasks)}
        self.people: dict[str, Person] = {each.id: each for each in reversed(case.people)}
        self.units: dict[str, int] = {each.id: each.units for each in reversed(case.resources)}
        self.applications: dict[str, Application] = {each.id: each for each in reversed(case.applications)}
        self.states: dict[str, TaskState] = {each.task: each for each in case.states}
        self.planned: dict[str, PlannedTask] = {}
        for each in plan.tasks:
            if each.task in self.tasks:
                self.planned.setdefault(each.task, each)
        self.tasks_of: dict[str, list[str]] = {each: [] for each in self.applications}
        for task in self.tasks.values():
            self.tasks_of.setdefault(task.application, []).append(task.id)

    def reported(self, task: str) -> bool:
        """Return whether people reported that a task has started or ended."""
        state = self.states.get(task)
        return state is not None and (state.started is not None or state.ended is not None)

    def ended(self, task: str) -> bool:
        """Return whether people reported that a task has ended."""
        state = self.states.get(task)
        return state is not None and state.ended is not None

    def needs_of(self, task: Task) -> list[Need]:
        """Return the applications that must be back before this task starts."""
        application = self.applications.get(task.application)
        if application is None:
            return []
        own = set(self.tasks_of[task.application])
        first = not any(before in own for before in task.after)
        return [
            need
            for need in application.needs
            if (need.before == task.id if need.before in own else first)  # an unknown task: the whole waits
        ]

    def back(self, application: str) -> int | None:
        """Return the hour at which an application is back by the dates of its tasks; None when one has no date.

        One without tasks is back with the last of those it needs.
        """
        return self._back(application, frozenset())

    def _back(self, application: str, seen: frozenset[str]) -> int | None:
        if application not in self.applications or application in seen:
            return None
        tasks = self.tasks_of[application]
        if any(task not in self.planned for task in tasks):
            return None
        if tasks:
            return max(self.planned[task].end for task in tasks)
        seen |= {application}
        hours = [self._back(need.application, seen) for need in self.applications[application].needs]
        return None if None in hours else max((hour for hour in hours if hour is not None), default=0)

    def earliest(self, task: Task) -> int | None:
        """Return the hour before which a task cannot start, whoever is free; None when it waits for ever."""
        earliest = max(self.case.now, task.not_before)
        state = self.states.get(task.id)
        if state is not None and state.blocked_until is not None:
            earliest = max(earliest, state.blocked_until)
        for before in task.after:
            if before in self.tasks:
                if before not in self.planned:
                    return None
                earliest = max(earliest, self.planned[before].end)
        for need in self.needs_of(task):
            if need.application in self.applications:
                back = self.back(need.application)
                if back is None:
                    return None
                earliest = max(earliest, back)
        return earliest

    def reported_people(self, task: str) -> tuple[str, ...]:
        """Return who was reported to do a task under way, of those the case knows."""
        state = self.states.get(task)
        if state is None or state.started is None:
            return ()
        return tuple(dict.fromkeys(person for person in state.people if person in self.people))

    def qualified(self, task: Task) -> list[list[str]]:
        """Return, for each place in the team of a task, the people who have its skill."""
        return [
            [person.id for person in self.people.values() if each.skill in person.skills]
            for each in task.team
            for _ in range(each.count)
        ]


def team_fits(places: list[list[str]], people: tuple[str, ...]) -> bool:
    """Return whether each place can be given to another of these people, who all have its skill.

    Places are given one after the other; somebody who was given a place is moved to another when that helps (an
    augmenting path in the graph of who can take what).
    """
    taken: dict[str, int] = {}

    def give(place: int, asked: set[str]) -> bool:
        for person in people:
            if person in asked or person not in places[place]:
                continue
            asked.add(person)
            if person not in taken or give(taken[person], asked):
                taken[person] = place
                return True
        return False

    return all(give(place, set()) for place in range(len(places)))
