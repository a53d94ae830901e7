"""Criticise a plan: what is wrong in it, then what is weak."""

from collections.abc import Callable

import msgspec

from releve.restoration.case import Case
from releve.restoration.checker.advice import advice
from releve.restoration.checker.criticism import Criticism
from releve.restoration.checker.dates import back_and_loss, service_back, service_loss
from releve.restoration.checker.reading import Reading
from releve.restoration.checker.shared import double_booking, resources
from releve.restoration.checker.tasks import presence, task_by_task
from releve.restoration.plan import BackAt, Plan

__all__ = ["Criticism", "advised", "check", "faults", "with_its_dates"]

_RANK = {"wrong": 0, "weak": 1, "note": 2}


def check(case: Case, plan: Plan) -> list[Criticism]:
    """Return all that is to be said against a plan, the wrong first; none: it holds, and nothing better was seen.

    Judged from the case and the dates of the tasks alone; what the plan says of applications, services and loss is
    computed again. A plan with something wrong gets no advice: what it would be about cannot be carried out.
    """
    found = faults(case, plan)
    if all(each.severity != "wrong" for each in found):
        found = sorted([*found, *advised(case, plan)], key=lambda each: _RANK[each.severity])
    return found


def faults(case: Case, plan: Plan) -> list[Criticism]:
    """Return what is wrong in a plan, and what it leaves unsaid; no advice."""
    reading = Reading(case, plan)
    found = [
        *presence(reading),
        *task_by_task(reading),
        *double_booking(reading),
        *resources(reading),
        *back_and_loss(reading),
    ]
    return sorted(found, key=lambda each: _RANK[each.severity])


def advised(case: Case, plan: Plan, over: Callable[[], bool] = lambda: False) -> list[Criticism]:
    """Return what a plan in which nothing is wrong could do better, the most costly first; until time is `over`."""
    return list(advice(Reading(case, plan), over))


def with_its_dates(case: Case, plan: Plan) -> Plan:
    """Return a plan that says of tasks alone with what follows from them: dates of applications, of care, the loss.

    Another program's plan says nothing else; what nothing brings back has no date.
    """
    reading = Reading(case, plan)
    applications = ((each.id, reading.back(each.id)) for each in case.applications)
    services = ((each.id, service_back(reading, each), service_loss(reading, each)) for each in case.services)
    cared = [BackAt(id=id_, hour=hour, loss=loss or 0.0) for id_, hour, loss in services if hour is not None]
    return msgspec.structs.replace(
        plan,
        applications=tuple(BackAt(id=id_, hour=hour) for id_, hour in applications if hour is not None),
        services=tuple(cared),
        loss=sum(each.loss for each in cared),
        left_out=tuple(task for task in reading.tasks if task not in reading.planned),
    )
