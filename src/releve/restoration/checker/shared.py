"""What several tasks share: a person works on one task at a time, a resource has so many units."""

from collections.abc import Iterator

from releve.restoration.checker.criticism import Criticism, found
from releve.restoration.checker.reading import FAR_HOURS, Reading
from releve.restoration.checker.values import count, the, these

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
                yield found(
                    # Two tasks under way: so it was reported.
                    "held-twice-as-reported" if both else "held-twice",
                    f"people[{person}]",
                    person=the("people", person),
                    task=the("tasks", task),
                    other=the("tasks", other),
                    from_hour=reading.hours.said(first),
                    to_hour=reading.hours.said(last),
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
                place, resource = f"resources[{name}]", the("resources", name)
                yield found("unknown-resource", place, task=the("tasks", users[0]), resource=resource)
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
        yield found(
            "too-many-units",
            f"resources[{name}]",
            resource=the("resources", name),
            tasks=these("tasks", holders[first]),
            held=count(units[first], "unit"),
            units=count(limit, "unit"),
            from_hour=reading.hours.said(first),
            to_hour=reading.hours.said(last + 1),
        )
