"""A plan made by hand as any other plan is kept: what follows from its dates, what each of them waits for, its name."""

from collections.abc import Iterator

import msgspec

from releve.restoration.case import Case, Task
from releve.restoration.checker.check import with_its_dates
from releve.restoration.checker.reading import Reading
from releve.restoration.plan import Binding, Plan, PlannedTask

__all__ = ["as_kept"]


def as_kept(case: Case, plan: Plan, *, digest: str) -> Plan:
    """Return a plan made by hand, of the tasks of this case, with its dates of care, its loss and its reasons.

    It has no order but that of its dates: what plays it and what is planned again from it follow these.
    A task that begins when something it waits for ends waits for that; of the others only who put them there knows.
    """
    known = {task.id: task for task in case.tasks}
    lines = sorted(
        (each for each in plan.tasks if each.task in known),
        key=lambda each: (each.start, each.end, each.task),
    )
    kept = msgspec.structs.replace(
        plan, case=digest, order=(), preferences=(), seed=0, bound=None, tasks=tuple(lines)
    )
    reading = Reading(case, kept)
    told = tuple(
        msgspec.structs.replace(each, binding=_binding(reading, known[each.task], each)) for each in lines
    )
    return with_its_dates(case, msgspec.structs.replace(kept, tasks=told))


def _binding(reading: Reading, task: Task, planned: PlannedTask) -> Binding:
    return next(_waited_for(reading, task, planned), Binding(kind="start"))


def _waited_for(reading: Reading, task: Task, planned: PlannedTask) -> Iterator[Binding]:
    for before in task.after:
        if before in reading.planned and reading.planned[before].end == planned.start:
            yield Binding(kind="task", id=before)
    for need in reading.needs_of(task):
        if reading.back(need.application) == planned.start:
            yield Binding(kind="application", id=need.application)
    if planned.start == reading.case.now and not reading.reported(task.id):
        yield Binding(kind="now")
