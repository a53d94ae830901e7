"""A case as numbers: what a decoder and a bound read. Pure: no clock, no file, no numbers library.

Tasks, people, applications keep the index they have in the case. What no date can be given to (nobody has the skills,
a cycle, something unknown, and whatever waits for it) is left out here, once, so that nothing after has to look.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from releve.restoration.case import Case, Task, TaskState
from releve.restoration.planner.calendars import Profile, calendar_masks, person_mask, profile_of, window_mask
from releve.restoration.planner.links import Links, link
from releve.restoration.planner.loss import loss_table
from releve.restoration.planner.teams import flexibility, possible_teams, together_at_best

__all__ = ["HORIZON_MAX", "Grid", "Milestone", "Option", "Patience", "compile_case"]

HORIZON_MAX = 5 * 366 * 24  # hours; what is not done in five years has no date
_HORIZON_MIN = 28 * 24
# How much longer than its load says a project may last before the grid is made again, longer.
_SLACK = 1.6
# Patience with people of the scarcest skill; chosen on generated cases, seeds below 1000.
PATIENCE_HOURS = 72


@dataclass(frozen=True, slots=True)
class Option:
    """A team that could do a task: its people, and the hours they and the task's calendar work together."""

    people: tuple[int, ...]
    profile: int


class Patience(list[int]):
    """By team (all lists of teams one after the other): hours a task may end later rather than take this team.

    That of a team is that of the one of its people with whom it is longest; `waits` has it by list and person.
    """

    def __init__(self, teams: Sequence[Sequence[Option]], waits: Sequence[Mapping[int, int]]) -> None:
        self.teams, self.waits = teams, list(waits)
        super().__init__(
            hours for team, own in zip(teams, waits, strict=True) for hours in self.of_team(team, own)
        )

    @staticmethod
    def of_team(team: Sequence[Option], own: Mapping[int, int]) -> list[int]:
        """Return the hours of each team of a list, from those of its people."""
        return [max((own.get(who, 0) for who in option.people), default=0) for option in team]

    def changed(self, number: int, person: int, hours: int) -> Patience:
        """Return this patience with other hours for one person in one list of teams."""
        found = Patience((), ())
        found.teams, found.waits = self.teams, list(self.waits)
        found.waits[number] = {**self.waits[number], person: hours}
        found.extend(self)
        at = sum(len(team) for team in self.teams[:number])
        team = self.teams[number]
        found[at : at + len(team)] = self.of_team(team, found.waits[number])
        return found


@dataclass(frozen=True, slots=True)
class Milestone:
    """A service, or a share of one: what it needs back, and the care lost at each hour until then.

    `weight` times `table[hour]` is lost.
    """

    service: int
    share: str  # the application of the share; empty: the service itself, or what its shares leave
    applications: tuple[int, ...]
    weight: float
    table: array[float]


@dataclass(slots=True)
class Grid:
    """A case as numbers. Lists are by index of task unless said otherwise; hours are those of the case."""

    case: Case
    horizon: int
    # tasks
    work: list[int]  # hours of work that remain; 0: a moment
    ready: list[int]  # no earlier, whatever it follows: now, `not_before`, `blocked_until`
    fixed: list[int]  # hour of its end when it has ended; -1: to be planned
    started: list[int]  # hour at which it began when it is under way or ended; -1: not yet
    done: list[int]  # hours worked of what is under way when nobody reported the rest; -1: of all others
    before: list[tuple[int, ...]]  # tasks that end before it
    options: list[int]  # index into `teams`; -1: a moment, or machine work that holds nobody
    machine: list[int]  # profile of the calendar, of what has no people; -1: it has, or is a moment
    uses: list[tuple[tuple[int, int], ...]]  # (resource, units)
    tail: list[int]  # hours of work on the longest way from its start to the end of all that waits for it
    running: list[int]  # tasks under way, in the order they began
    left_out: list[int]
    left: list[bool]
    # applications
    own: list[tuple[int, ...]]  # tasks of each application, in the order they are placed
    needed: list[tuple[int, ...]]  # applications each one needs
    lost: list[bool]  # applications that cannot come back: a task of theirs is left out
    # people, resources, services
    teams: list[tuple[Option, ...]]
    team_at: list[int]  # where each list of teams begins when all stand one after the other
    keys: list[tuple[tuple[tuple[str, int], ...], str]]  # what each list of teams is for: skills, calendar
    patience: Patience
    best_profiles: list[tuple[int, ...]]  # of each list of teams: no team is faster than the best of these
    profiles: list[Profile]
    masks: list[int]
    calendars: dict[str, int]  # the hours each works, a bit each
    people_masks: list[int]
    units: list[int]
    milestones: list[Milestone]
    links: Links
    arrays: object = field(
        default=None, repr=False
    )  # the same as arrays of numpy, made once by the fast decoder

    @property
    def missing_cost(self) -> float:
        """What each milestone without a date costs a search: more than all care that can be lost."""
        return 1.0 + sum(m.weight * m.table[self.horizon] for m in self.milestones)

    @property
    def size(self) -> int:
        """Number of tasks of the case."""
        return len(self.work)


def compile_case(case: Case, *, horizon: int | None = None) -> Grid:
    """Return the case as numbers, over `horizon` hours (default: what its load suggests).

    A task that finds no place within the horizon is no error here: see `decode`, which asks for a longer grid.
    """
    links = link(case)
    horizon = min(horizon or _horizon(case), HORIZON_MAX)
    maker = _Maker(case, links, horizon)
    for index in range(len(case.tasks)):
        maker.add(index)
    return maker.grid()


class _Maker:
    """Makes the tables; teams and profiles that are the same are made once."""

    def __init__(self, case: Case, links: Links, horizon: int) -> None:
        self.case, self.links, self.horizon = case, links, horizon
        self.calendars = calendar_masks(case, horizon)
        self.people_masks = [person_mask(person, self.calendars, horizon) for person in case.people]
        self.rank = flexibility(case.people)
        self.resource = {resource.id: i for i, resource in reversed(list(enumerate(case.resources)))}
        self.states = {state.task: state for state in case.states}
        self.person = {person.id: i for i, person in reversed(list(enumerate(case.people)))}
        self.profiles: list[Profile] = []
        self.masks: list[int] = []
        self._profile: dict[int, int] = {}
        self.teams: list[tuple[Option, ...]] = []
        self._team: dict[object, int] = {}
        self._people: dict[object, tuple[list[tuple[int, ...]], bool]] = {}
        self.best_profiles: list[tuple[int, ...]] = []
        self.keys: list[tuple[tuple[tuple[str, int], ...], str]] = []
        count = len(case.tasks)
        self.work, self.ready, self.fixed = [0] * count, [case.now] * count, [-1] * count
        self.started, self.options, self.machine = [-1] * count, [-1] * count, [-1] * count
        self.done = [-1] * count
        self.uses: list[tuple[tuple[int, int], ...]] = [()] * count
        self.left = list(links.left)

    def add(self, index: int) -> None:
        task, state = self.case.tasks[index], self.states.get(self.case.tasks[index].id)
        self.work[index] = task.work_hours
        self.ready[index] = max(self.case.now, task.not_before, 0)
        team: Sequence[tuple[int, ...]] | None = None
        if state is not None:
            team = self._reported(index, task, state)
            if self.fixed[index] >= 0:
                self.left[index] = False
                return
        if self.left[index] or task.work_hours < 0 or task.calendar not in self.calendars:
            self.left[index] = True
            return
        if task.work_hours == 0 and self.started[index] < 0:
            return
        uses: dict[int, int] = {}
        for use in task.uses:
            if use.resource not in self.resource or use.units < 0:
                self.left[index] = True
                return
            resource = self.resource[use.resource]
            uses[resource] = uses.get(resource, 0) + use.units
        self.uses[index] = tuple((resource, units) for resource, units in uses.items() if units > 0)
        if any(units > self.case.resources[resource].units for resource, units in self.uses[index]):
            self.left[index] = True
            return
        calendar = self.calendars[task.calendar]
        if team is None and not any(line.count > 0 for line in task.team):
            self.machine[index] = self.profile(calendar)
            self.left[index] = not calendar
            return
        self.options[index] = self._options(task, team, calendar)
        self.left[index] = not self.teams[self.options[index]]

    def _reported(self, index: int, task: Task, state: TaskState) -> Sequence[tuple[int, ...]] | None:
        """Take over what was reported; return the people who do it when it is under way and they are named."""
        if state.ended is not None:
            self.fixed[index] = state.ended
            self.started[index] = state.ended if state.started is None else min(state.started, state.ended)
            self.work[index] = 0
            return None
        if state.blocked_until is not None:
            self.ready[index] = max(self.ready[index], state.blocked_until)
        if state.started is None:
            return None
        self.started[index] = state.started
        people = tuple(dict.fromkeys(self.person[who] for who in state.people if who in self.person))
        if state.remaining_hours is not None:
            self.work[index] = max(state.remaining_hours, 0)
        else:
            mask = self.calendars.get(task.calendar, 0)
            for who in people:
                mask &= self.people_masks[who]
            self.done[index] = (mask & window_mask(state.started, self.case.now, self.horizon)).bit_count()
            self.work[index] = max(task.work_hours - self.done[index], 1 if task.work_hours else 0)
        return [tuple(sorted(people))] if people else None

    def _options(self, task: Task, reported: Sequence[tuple[int, ...]] | None, calendar: int) -> int:
        asked = tuple(sorted((line.skill, line.count) for line in task.team if line.count > 0))
        key = (asked, task.calendar) if reported is None else ((), tuple(reported), task.calendar)
        if key not in self._team:
            if reported is None and asked not in self._people:
                self._people[asked] = possible_teams(task.team, self.case.people, self.rank)
            teams, complete = (reported, True) if reported is not None else self._people[asked]
            options = []
            for people in teams:
                mask = calendar
                for who in people:
                    mask &= self.people_masks[who]
                if mask:  # people who never work together are no team
                    options.append(Option(people, self.profile(mask)))
            profiles = {option.profile for option in options}
            if not complete:  # the decoder tries a sample; a bound must hold for all
                profiles = {
                    self.profile(together_at_best(task.team, self.case.people, self.people_masks, calendar))
                }
            self._team[key] = len(self.teams)
            self.keys.append((asked if reported is None else (), task.calendar))
            self.teams.append(tuple(options))
            self.best_profiles.append(tuple(sorted(profiles)))
        return self._team[key]

    def profile(self, mask: int) -> int:
        if mask not in self._profile:
            self._profile[mask] = len(self.profiles)
            self.profiles.append(profile_of(mask, self.horizon))
            self.masks.append(mask)
        return self._profile[mask]

    def grid(self) -> Grid:
        case, links = self.case, self.links
        lost = self._leave_out()
        tail = [0] * len(case.tasks)
        for index in reversed(links.order):
            tail[index] = max(self.work[index], 0) + max((tail[i] for i in links.after[index]), default=0)
        place = {index: i for i, index in enumerate(links.order)}
        own = [
            tuple(sorted((i for i in tasks if not self.left[i]), key=lambda i: (-tail[i], place.get(i, 0))))
            for tasks in links.own
        ]
        return Grid(
            case=case, horizon=self.horizon, work=self.work, ready=self.ready, fixed=self.fixed, started=self.started,
            done=self.done,
            before=[tuple(i for i in one if not self.left[i]) for one in links.before],
            options=self.options, machine=self.machine, uses=self.uses, tail=tail,
            running=sorted(
                (i for i, at in enumerate(self.started) if at >= 0 and self.fixed[i] < 0 and not self.left[i]),
                key=lambda i: (self.started[i], i),
            ),
            left_out=[i for i, is_left in enumerate(self.left) if is_left], left=self.left, own=own,
            needed=links.needed, lost=lost, teams=self.teams,
            team_at=[0, *accumulate(len(team) for team in self.teams)], patience=self._patience(), keys=self.keys,
            best_profiles=self.best_profiles, profiles=self.profiles, masks=self.masks,
            calendars=self.calendars, people_masks=self.people_masks,
            units=[resource.units for resource in case.resources],
            milestones=_milestones(case, links, lost, self.horizon), links=links,
        )  # fmt: skip

    def _patience(self) -> Patience:
        """Return how long a task may wait rather than take people whom scarcer skills ask for."""
        case, hours = self.case, [mask.bit_count() for mask in self.people_masks]
        asked: dict[str, float] = {}
        for i, task in enumerate(case.tasks):
            if not self.left[i]:
                for line in task.team:
                    asked[line.skill] = asked.get(line.skill, 0.0) + line.count * self.work[i]
        given: dict[str, float] = {}
        for person, there in zip(case.people, hours, strict=True):
            for skill in person.skills:
                given[skill] = given.get(skill, 0.0) + there / len(person.skills)
        scarcity = {skill: load / max(given.get(skill, 0.0), 1.0) for skill, load in asked.items()}
        most = max(scarcity.values(), default=0.0) or 1.0
        wants = [
            max((scarcity.get(skill, 0.0) for skill in person.skills), default=0.0) for person in case.people
        ]
        found: list[dict[int, int]] = []
        for (asked_for, _), team in zip(self.keys, self.teams, strict=True):
            own = max((scarcity.get(skill, 0.0) for skill, _ in asked_for), default=0.0)
            people = {who for option in team for who in option.people}
            more = {who: round(PATIENCE_HOURS * max(wants[who] - own, 0.0) / most) for who in sorted(people)}
            found.append({who: hours for who, hours in more.items() if hours})
        return Patience(self.teams, found)

    def _leave_out(self) -> list[bool]:
        """Leave out whatever waits for what has no date; return which applications cannot come back."""
        links, left = self.links, self.left
        lost = [False] * len(self.case.applications)
        for application in links.unknown_need:
            lost[application] = True
        changed = True
        while changed:
            changed = False
            for index in links.order:
                waits = any(left[i] for i in links.before[index]) or any(
                    lost[i] for i in links.through[index].values()
                )
                if waits and not left[index] and self.fixed[index] < 0:
                    left[index] = changed = True
            for number, tasks in enumerate(links.own):
                gone = any(left[i] for i in tasks) or (
                    not tasks and any(lost[i] for i in links.needed[number])
                )
                if gone and not lost[number]:
                    lost[number] = changed = True
        return lost


def _milestones(case: Case, links: Links, lost: Sequence[bool], horizon: int) -> list[Milestone]:
    """Return what services lose part by part; the weights of a service sum to 1.

    A service one of whose parts cannot come back has no date: like one that requires it, it is not counted at all.
    """
    found = []
    for number, service in enumerate(case.services):
        required = [links.application.get(name, -1) for name in service.requires]
        shared = [links.application.get(share.application, -1) for share in service.shares]
        if any(i < 0 or lost[i] for i in (*required, *shared)):
            continue
        table = loss_table(service, horizon)
        rest = 1.0
        for share, own in zip(service.shares, shared, strict=True):
            rest -= share.share
            if share.share > 0.0:
                everything = tuple(dict.fromkeys((*required, own)))
                found.append(Milestone(number, share.application, everything, share.share, table))
        if rest > 1e-9:  # the sum of shares is rounded
            found.append(Milestone(number, "", tuple(dict.fromkeys(required)), rest, table))
    return found


def _horizon(case: Case) -> int:
    """Return hours that should hold a whole plan: the load on the people there are, at a fifth of all hours."""
    load = sum(
        max(task.work_hours, 0) * max(sum(max(s.count, 0) for s in task.team), 1) for task in case.tasks
    )
    human = max(1, sum(person.kind == "staff" for person in case.people))
    latest = max((task.not_before for task in case.tasks), default=0)
    latest = max([latest, case.now, *(s.blocked_until or 0 for s in case.states)])
    return min(HORIZON_MAX, latest + max(_HORIZON_MIN, int(_SLACK * 5 * load / human)))
