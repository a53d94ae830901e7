"""What a plan that can be carried out does worse than it could: advice, mostly for plans made by hand.

Each is found by looking at one task or one pair of applications with all the rest left where it is, so it can be
followed; that following all of it at once would help is not said.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from releve.restoration.case import Task
from releve.restoration.checker.criticism import Criticism, found
from releve.restoration.checker.dates import loss_until, service_back
from releve.restoration.checker.hours import bits_from
from releve.restoration.checker.reading import Reading, team_fits
from releve.restoration.checker.shared import held
from releve.restoration.checker.values import Fact, care_a_day, count, the, these

__all__ = ["advice"]

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
    yield from _first_lines(_lesser_care_first(reading, over))
    yield from _first_lines(earlier)


def _first_lines(criticisms: Iterable[Criticism]) -> Iterator[Criticism]:
    lines = list(criticisms)
    yield from lines[:_LINES_MAX]
    more = len(lines) - _LINES_MAX
    if more <= 0:
        return
    if lines[0].rule == "lesser-care-first":
        yield found("more-lesser-care-first", "applications", more=count(more, "application"))
    else:
        yield found("more-could-start-earlier", "tasks", more=count(more, "task"))


def _announced(reading: Reading) -> Iterator[Criticism]:
    at = reading.hours.said
    services = {each.id: each for each in reading.case.services}
    for date in reading.case.published:
        if date.kind == "application":
            place, id_ = f"applications[{date.id}]", the("applications", date.id)
            hour = reading.back(date.id)
        else:
            place, id_ = f"services[{date.id}]", the("services", date.id)
            hour = service_back(reading, services[date.id]) if date.id in services else None
        if hour is None:
            yield found("announced-never-back", place, id=id_, announced=at(date.p80))
        elif hour > date.p80:
            yield found("announced-earlier", place, id=id_, announced=at(date.p80), planned=at(hour))


def _order(reading: Reading) -> Iterator[Criticism]:
    order = reading.plan.order
    for name in dict.fromkeys(order):
        if name not in reading.applications:
            yield found("order-unknown", "order", id=the("applications", name))
        elif order.count(name) > 1:
            times = count(order.count(name), "time")
            yield found("order-twice", "order", id=the("applications", name), times=times)
    missing = [name for name in reading.applications if name not in order]
    if order and missing:
        yield found("order-incomplete", "order", ids=these("applications", missing))


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
    at = reading.hours.said
    earlier: list[tuple[int, Criticism]] = []
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
        moved: dict[str, Fact] = {
            "task": the("tasks", task.id),
            "start": at(planned.start),
            "end": at(planned.end),
            "could_start": at(start),
            "could_end": at(end),
        }
        place = f"tasks[{task.id}]"
        one = (
            found("earlier-with-idle-people", place, people=these("people", people), **moved)
            if people
            else found("earlier-with-free-means", place, **moved)
        )
        earlier.append((end - planned.end, one))
    earlier.sort(key=lambda each: each[0])
    yield from (criticism for _, criticism in earlier)


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
    at = reading.hours.said
    worst: dict[str, tuple[float, Criticism]] = {}
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
            if worst.get(task.application, (0.0,))[0] >= most:
                continue
            better = _earlier(reading, booked, task, ready, planned.start, planned.end, without=rival)
            lost = 0.0 if better is None else (planned.end - better[1]) / 24 * (mine - theirs)
            if better is None or worst.get(task.application, (0.0,))[0] >= lost:
                continue
            worst[task.application] = (
                lost,
                found(
                    "lesser-care-first",
                    f"applications[{task.application}]",
                    application=the("applications", task.application),
                    care_per_day=care_a_day(mine),
                    task=the("tasks", task.id),
                    from_hour=at(ready),
                    to_hour=at(planned.start),
                    person=the("people", person),
                    rival=the("tasks", rival),
                    other=the("applications", other),
                    other_care_per_day=care_a_day(theirs),
                    began=at(began),
                    could_end=at(better[1]),
                    end=at(planned.end),
                ),
            )
    yield from (each for _, each in sorted(worst.values(), key=lambda pair: -pair[0]))


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
