"""What several tasks share: a person works on one task at a time, a resource has so many units."""

from collections.abc import Iterator

from releve.restoration.checker.criticism import Criticism
from releve.restoration.checker.reading import FAR_HOURS, Reading
from releve.restoration.checker.sentences import Fact

__all__ = ["double_booking", "resources"]


def held(reading: Reading, task: str) -> tuple[int, int]:
    """Return the hours in which a task holds its people and units, from now on: what is past is not judged."""
    planned = reading.planned[task]
    if reading.ended(task) or reading.tasks[task].work_hours == 0 or not 0 <= planned.end <= FAR_HOURS:
        return (0, 0)
    start = max(planned.start, reading.case.now) if reading.reported(task) else planned.start
    return (start, max(start, planned.end))


def double_booking(reading: Reading) -> Iterator[Criticism]:
    """Yield whoever is held by two tasks in one hour."""
    tasks_of: dict[str, list[str]] = {}
    for planned in reading.planned.values():
        for person in dict.fromkeys(planned.people):
            tasks_of.setdefault(person, []).append(planned.task)
    for person, tasks in tasks_of.items():
        spans = sorted((*held(reading, task), task) for task in tasks)
        spans = [each for each in spans if each[0] < each[1]]
        for at, (start, end, task) in enumerate(spans):
            for other_start, other_end, other in spans[at + 1 :]:
                first, last = max(start, other_start), min(end, other_end)
                if first >= last:
                    continue
                both = reading.reported(task) and reading.reported(other)
                yield Criticism(
                    severity="note" if both else "wrong",  # two tasks under way: so it was reported
                    place=f"people[{person}]",
                    rule="double-booking",
                    said="%(person)s is held by %(task)s and by %(other)s at once, for %(hours)s hours from %(at)s.",
                    facts={
                        "person": person,
                        "task": task,
                        "other": other,
                        "hours": last - first,
                        "at": reading.hours.said(first),
                    },
                    numbers={"from_hour": first, "to_hour": last},
                )


def resources(reading: Reading) -> Iterator[Criticism]:
    """Yield each time from one hour to another in which more units are held than there are."""
    for name in sorted({use.resource for task in reading.tasks.values() for use in task.uses}):
        if name not in reading.units:
            users = [
                task.id
                for task in reading.tasks.values()
                if task.id in reading.planned and any(use.resource == name for use in task.uses)
            ]
            if users:
                sentence = "%(task)s uses %(resource)s, which is no resource of the case."
                yield _over(name, "unknown-resource", sentence, {"task": users[0]})
            continue
        yield from _hour_by_hour(reading, name)


def _hour_by_hour(reading: Reading, name: str) -> Iterator[Criticism]:
    units: dict[int, int] = {}
    holders: dict[int, list[str]] = {}
    under_way: dict[int, int] = {}
    for task in reading.tasks.values():
        asked = sum(use.units for use in task.uses if use.resource == name)
        if asked == 0 or task.id not in reading.planned:
            continue
        for hour in range(*held(reading, task.id)):
            units[hour] = units.get(hour, 0) + asked
            holders.setdefault(hour, []).append(task.id)
            if reading.reported(task.id):
                under_way[hour] = under_way.get(hour, 0) + asked
    limit = reading.units[name]
    over = sorted(
        hour for hour, held_units in units.items() if held_units > max(limit, under_way.get(hour, 0))
    )
    for at, first in enumerate(over):
        if at and over[at - 1] == first - 1 and holders[over[at - 1]] == holders[first]:
            continue
        last = first
        while last + 1 in units and units[last + 1] > limit and holders[last + 1] == holders[first]:
            last += 1
        yield _over(
            name,
            "resource",
            "%(tasks)s hold %(held)s units of %(resource)s, which has %(units)s, for %(hours)s hours from %(at)s.",
            {
                "tasks": ", ".join(holders[first]),
                "hours": last + 1 - first,
                "at": reading.hours.said(first),
            },
            units=limit,
            held=units[first],
            from_hour=first,
            to_hour=last + 1,
        )


def _over(name: str, rule: str, sentence: str, facts: dict[str, Fact], **numbers: float) -> Criticism:
    return Criticism(
        severity="wrong",
        place=f"resources[{name}]",
        rule=rule,
        said=sentence,
        facts={"resource": name, **numbers, **facts},
        numbers=numbers,
    )
