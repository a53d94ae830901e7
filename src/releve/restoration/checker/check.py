"""Criticise a plan: what is wrong in it, then what is weak."""

from releve.restoration.case import Case
from releve.restoration.checker.advice import advice
from releve.restoration.checker.criticism import Criticism
from releve.restoration.checker.dates import back_and_loss
from releve.restoration.checker.reading import Reading
from releve.restoration.checker.shared import double_booking, resources
from releve.restoration.checker.tasks import presence, task_by_task
from releve.restoration.plan import Plan

__all__ = ["Criticism", "check"]


def check(case: Case, plan: Plan) -> list[Criticism]:
    """Return all that is to be said against a plan, the wrong first; none: it holds, and nothing better was seen.

    Judged from the case and the dates of the tasks alone; what the plan says of applications, services and loss is
    computed again. A plan with something wrong gets no advice: what it would be about cannot be carried out.
    """
    reading = Reading(case, plan)
    found = [
        *presence(reading),
        *task_by_task(reading),
        *double_booking(reading),
        *resources(reading),
        *back_and_loss(reading),
    ]
    if all(each.severity != "wrong" for each in found):
        found += advice(reading)
    rank = {"wrong": 0, "weak": 1, "note": 2}
    return sorted(found, key=lambda each: rank[each.severity])
