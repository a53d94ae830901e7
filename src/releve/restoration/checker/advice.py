"""What a plan that can be carried out does worse than it could: advice, mostly for plans made by hand.

Each is found by looking at one task or one pair of applications with all the rest left where it is, so it can be
followed; that following all of it at once would help is not said.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from releve.restoration.case import Task
from releve.restoration.checker.criticism import Criticism
from releve.restoration.checker.dates import loss_until, service_back
from releve.restoration.checker.hours import bits_from
from releve.restoration.checker.reading import Reading, team_fits
from releve.restoration.checker.sentences import Fact
from releve.restoration.checker.shared import held

__all__ = ["advice"]

EARLIER_WITH_PEOPLE = (
    "%(task)s starts at hour %(start)s and ends at hour %(end)s; with %(people)s idle it could start at hour "
    "%(could_start)s and end at hour %(could_end)s, all other tasks where they are."
)
EARLIER_WITH_UNITS = (
    "%(task)s starts at hour %(start)s and ends at hour %(end)s; with its units free it could start at hour "
    "%(could_start)s and end at hour %(could_end)s, all other tasks where they are."
)
LESSER_CARE_FIRST = (
    "%(application)s (%(care_per_day)s of care a day) waits with %(task)s from hour %(from_hour)s to hour %(to_hour)s, "
    "while %(person)s was given to %(rival)s of %(other)s (%(other_care_per_day)s a day) at hour %(began)s; without "
    "that it could end at hour %(could_end)s and not %(end)s."
)
_LINES_MAX = 40  # of one kind; more would not be read


Over = Callable[[], bool]  # whether the time that was given is over


def advice(reading: Reading, over: Over = lambda: False) -> Iterator[Criticism]:
    """Yield what is weak, the most costly first, and announced dates the plan does not keep.

    `over`: asked between one task and the next; once it is, what was seen until then is all there is.
    """
    # The quicker of the two before the other, whatever time there is.
    earlier = list(_could_start_earlier(reading, over))
    yield from _announced(reading)
    yield from _order(reading)
    yield from _first_lines(
        _lesser_care_first(reading, over), "%(more)s more applications wait for others of lesser care."
    )
    yield from _first_lines(earlier, "%(more)s more tasks could start earlier.")


def _first_lines(found: Iterable[Criticism], rest: str) -> Iterator[Criticism]:
    lines = list(found)
    yield from lines[:_LINES_MAX]
    if len(lines) > _LINES_MAX:
        more = len(lines) - _LINES_MAX
        yield Criticism(
            severity="weak",
            place="tasks",
            rule="more",
            said=rest,
            facts={"more": more},
            numbers={"more": more},
        )


def _announced(reading: Reading) -> Iterator[Criticism]:
    services = {each.id: each for each in reading.case.services}
    for date in reading.case.published:
        if date.kind == "application":
            hour = reading.back(date.id)
        else:
            hour = service_back(reading, services[date.id]) if date.id in services else None
        if hour is None or hour > date.p80:
            numbers: dict[str, float] = {"announced": date.p80}
            if hour is not None:
                numbers["planned"] = hour
            yield Criticism(
                severity="weak",
                place=f"{date.kind}s[{date.id}]",
                rule="announced",
                said="%(id)s was announced for hour %(announced)s; this plan never has it back."
                if hour is None
                else "%(id)s was announced for hour %(announced)s; this plan has it back at hour %(planned)s.",
                facts={"id": date.id, **numbers},
                numbers=numbers,
            )


def _order(reading: Reading) -> Iterator[Criticism]:
    order = reading.plan.order
    for name in dict.fromkeys(order):
        if name not in reading.applications:
            sentence = "The order names %(id)s, which is no application of the case."
            yield Criticism(severity="weak", place="order", rule="order", said=sentence, facts={"id": name})
        elif order.count(name) > 1:
            facts: dict[str, Fact] = {"id": name, "times": order.count(name)}
            sentence = "The order names %(id)s %(times)s times."
            yield Criticism(severity="weak", place="order", rule="order", said=sentence, facts=facts)
    missing = [name for name in reading.applications if name not in order]
    if order and missing:
        sentence = "The order leaves out %(id)s: after an event nothing says when they are taken up."
        yield Criticism(
            severity="weak", place="order", rule="order", said=sentence, facts={"id": ", ".join(missing)}
        )


class _Booked:
    """Who and what is held in which hours, by the plan as it stands; and the hours of all, a bit each.

    A number of bits is asked for all its hours at once, where asking them one by one took a page longer than it waits.
    """

    def __init__(self, reading: Reading) -> None:
        self._hours = reading.hours
        self._length = max((each.end for each in reading.planned.values()), default=0)
        self._held: dict[str, int] = {}
        self._by: dict[tuple[str, str], int] = {}
        self.tasks_of: dict[str, list[str]] = {person: [] for person in reading.people}
        self.units: dict[tuple[str, int], int] = {}
        for planned in reading.planned.values():
            begin, end = held(reading, planned.task)
            hours = bits_from(begin, end)
            for person in planned.people:
                if begin < end:
                    # Of two tasks in one hour the later one is taken to hold it.
                    for each, other in self._of(person):
                        self._by[person, each] = other & ~hours
                    self._by[person, planned.task] = hours
                    self._held[person] = self._held.get(person, 0) | hours
                    self.tasks_of.setdefault(person, []).append(planned.task)
            for use in reading.tasks[planned.task].uses:
                for hour in range(begin, end):
                    key = (use.resource, hour)
                    self.units[key] = self.units.get(key, 0) + use.units

    def _of(self, person: str) -> list[tuple[str, int]]:
        return [(task, self._by[person, task]) for task in self.tasks_of.get(person, ())]

    def free(self, person: str, but: tuple[str, ...]) -> int:
        """Return the hours in which no task but these holds a person."""
        taken = self._held.get(person, 0)
        for task in but:
            taken &= ~self._by.get((person, task), 0)
        return bits_from(0, self._length) & ~taken

    def held_in(self, person: str, begin: int, end: int) -> list[str]:
        """Return the tasks that hold a person in one of these hours, the order of the plan's lines."""
        asked = bits_from(begin, end)
        return [task for task in self.tasks_of[person] if self._by[person, task] & asked]

    def works(self, calendar: str) -> int:
        """Return the hours in which a calendar works."""
        return self._hours.working(calendar, self._length)

    def there(self, person: str) -> int:
        """Return the hours in which a person is available."""
        return self._hours.present(person, self._length)


def _hours_of(bits: int) -> Iterator[int]:
    """Yield hours in order."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low


def _could_start_earlier(reading: Reading, over: Over) -> Iterator[Criticism]:
    """Yield each task that free people could have ended earlier, all other tasks where they are."""
    booked = _Booked(reading)
    found: list[tuple[int, Criticism]] = []
    for planned in reading.planned.values():
        if over():
            break
        task = reading.tasks[planned.task]
        earliest = reading.earliest(task)
        if reading.reported(task.id) or earliest is None or planned.start <= earliest:
            continue
        better = _earlier(reading, booked, task, earliest, planned.start, planned.end)
        if better is None:
            continue
        start, end, people = better
        numbers = {"start": planned.start, "end": planned.end, "could_start": start, "could_end": end}
        found.append(
            (
                end - planned.end,
                Criticism(
                    severity="weak",
                    place=f"tasks[{task.id}]",
                    rule="could-start-earlier",
                    said=EARLIER_WITH_PEOPLE if people else EARLIER_WITH_UNITS,
                    facts={"task": task.id, "people": ", ".join(people), **numbers},
                    numbers=dict(numbers),
                ),
            )
        )
    found.sort(key=lambda each: each[0])
    yield from (criticism for _, criticism in found)


def _earlier(
    reading: Reading, booked: _Booked, task: Task, earliest: int, start: int, end: int, without: str = ""
) -> tuple[int, int, tuple[str, ...]] | None:
    """Return an earlier start, its end and its people, as if another task held nobody; None when none was found."""
    if task.work_hours == 0:
        return earliest, earliest, ()
    but = (task.id, without)
    places = reading.qualified(task)
    able = sorted(
        {person for place in places for person in place},
        key=lambda person: (len(reading.people[person].skills), person),
    )
    calendar = booked.works(task.calendar)
    free = {person: booked.free(person, but) for person in able}
    idle = {person: free[person] & booked.there(person) for person in able}
    begins = calendar & bits_from(earliest, start)
    for place in places:  # somebody at least for each
        somebody = 0
        for person in place:
            somebody |= idle[person]
        begins &= somebody
    tried: dict[tuple[str, ...], tuple[str, ...] | None] = {}
    for first in _hours_of(begins):
        there = tuple(person for person in able if idle[person] >> first & 1)
        if there not in tried:
            tried[there] = _team(places, there)
        people = tried[there]
        if people is None:
            continue
        last = _end(booked, task, people, free, first, end)
        if last is not None and _units_free(reading, booked, task, first, last):
            return first, last, people
    return None


def _team(places: list[list[str]], idle: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return people who fill all places, the least needed first; None when these cannot."""
    if not team_fits(places, idle):
        return None
    people = idle
    for person in reversed(idle):  # whoever can be spared is
        without = tuple(each for each in people if each != person)
        if len(people) > len(places) and team_fits(places, without):
            people = without
    return people


def _end(
    booked: _Booked, task: Task, people: tuple[str, ...], free: Mapping[str, int], first: int, before: int
) -> int | None:
    """Return the hour at which these people would have done the work, when that is before another hour.

    None as well when one of them is not `free` on the way.
    """
    hours = bits_from(first, before - 1)
    worked, taken = hours & booked.works(task.calendar), 0
    for person in people:
        taken |= hours & ~free[person]
        worked &= booked.there(person)
    if taken:
        worked &= (taken & -taken) - 1  # what comes once one of them is held is too late
    if worked.bit_count() < task.work_hours:
        return None
    for _ in range(task.work_hours - 1):
        worked &= worked - 1
    return (worked & -worked).bit_length()


def _units_free(reading: Reading, booked: _Booked, task: Task, first: int, last: int) -> bool:
    own = range(*held(reading, task.id))
    for use in task.uses:
        for hour in range(first, last):
            others = booked.units.get((use.resource, hour), 0) - (use.units if hour in own else 0)
            if others + use.units > reading.units.get(use.resource, 0):
                return False
    return True


def _lesser_care_first(reading: Reading, over: Over) -> Iterator[Criticism]:
    """Yield applications that waited for people whom one of lesser care, and no better use of their hours, took up.

    An application carries the care of all services that need it, directly or through others. Smith's rule (1956): of
    two that ask for the same people, the one with more care an hour of work goes first; only who loses by both
    measures is looked at, and named when the waiting task could have ended earlier without the other.
    """
    care = _care(reading)
    work = {
        name: max(1, sum(reading.tasks[task].work_hours for task in tasks))
        for name, tasks in reading.tasks_of.items()
    }
    booked = _Booked(reading)
    found: dict[str, tuple[float, Criticism]] = {}
    for planned in reading.planned.values():
        if over():
            break
        task = reading.tasks[planned.task]
        ready = reading.earliest(task)
        mine = care.get(task.application, 0.0)
        if reading.reported(task.id) or ready is None or ready >= planned.start:
            continue
        rivals: dict[str, str] = {}  # task: somebody it took
        for person in sorted({person for place in reading.qualified(task) for person in place}):
            for rival in booked.held_in(person, ready, planned.start):
                rivals.setdefault(rival, person)
        for rival, person in rivals.items():
            other = reading.tasks[rival].application
            theirs, began = care.get(other, 0.0), reading.planned[rival].start
            if other == task.application or reading.reported(rival) or began < ready or theirs >= mine:
                continue
            if theirs / work[other] >= mine / work[task.application]:
                continue
            # It cannot end before its work is done: where even that would gain less, nothing is looked for.
            most = (planned.end - ready - task.work_hours) / 24 * (mine - theirs)
            if found.get(task.application, (0.0,))[0] >= most:
                continue
            better = _earlier(reading, booked, task, ready, planned.start, planned.end, without=rival)
            lost = 0.0 if better is None else (planned.end - better[1]) / 24 * (mine - theirs)
            if better is None or found.get(task.application, (0.0,))[0] >= lost:
                continue
            numbers = {
                "care_per_day": mine,
                "other_care_per_day": theirs,
                "from_hour": ready,
                "to_hour": planned.start,
                "end": planned.end,
                "could_end": better[1],
            }
            named: dict[str, Fact] = {
                "application": task.application,
                "task": task.id,
                "person": person,
                "rival": rival,
                "other": other,
                "began": began,
            }
            found[task.application] = (
                lost,
                Criticism(
                    severity="weak",
                    place=f"applications[{task.application}]",
                    rule="lesser-care-first",
                    said=LESSER_CARE_FIRST,
                    facts=named | numbers,
                    numbers=numbers,
                ),
            )
    yield from (each for _, each in sorted(found.values(), key=lambda pair: -pair[0]))


def _care(reading: Reading) -> dict[str, float]:
    """Return the care lost a day, over the plan's first thirty days, for want of each application."""
    care: dict[str, float] = {}
    for service in reading.case.services:
        per_day = loss_until(service, 30 * 24) / 30
        shares = {share.application: share.share for share in service.shares}
        for name in reading.applications:
            needed = [asked for asked in service.requires if name in _needed_by(reading, asked)]
            share = sum(part for asked, part in shares.items() if name in _needed_by(reading, asked))
            care[name] = care.get(name, 0.0) + (per_day if needed else per_day * min(share, 1.0))
    return care


def _needed_by(reading: Reading, application: str) -> set[str]:
    """Return an application and all that must be back before it."""
    found: set[str] = set()
    waiting = [application]
    while waiting:
        name = waiting.pop()
        if name not in found and name in reading.applications:
            found.add(name)
            waiting += [need.application for need in reading.applications[name].needs]
    return found
