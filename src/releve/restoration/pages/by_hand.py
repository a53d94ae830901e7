"""A plan made by hand on its pages: what stops it, what is agreed to by whoever puts it in force."""

from typing import Any

import msgspec
from django.utils.translation import gettext

from releve.restoration import rules
from releve.restoration.case import Case, CaseError
from releve.restoration.catalogue.problems import what_remains
from releve.restoration.checker.check import Criticism, faults, with_its_dates
from releve.restoration.pages.criticised import said_of
from releve.restoration.plan import Plan, read_plan
from releve.restoration.standing.now import PlanSeen, plan_seen
from releve.restoration.tables import PlanTold

__all__ = ["dated_and_found", "found_of", "of_hand", "parent_of", "plan_kept", "to_agree_to"]


def dated_and_found(case: Case, plan: Plan, parent: PlanSeen | None) -> tuple[Plan, list[Criticism]]:
    """Return the plan of a file as it would be kept, and what the checker finds of it then.

    What it says itself of care and loss is not taken over: that follows from the dates of its tasks.
    """
    remains, _left = what_remains(case)
    alone = msgspec.structs.replace(plan, parent=parent.plan.id if parent is not None else "", id="")
    alone = msgspec.structs.replace(alone, applications=(), services=(), loss=0.0, bound=None, order=())
    dated = with_its_dates(remains, alone)
    return dated, faults(remains, dated)


def parent_of(plan: Plan, shown: PlanSeen | None) -> PlanSeen | None:
    """Return the plan that a file was made from: the one it names, as itself or its parent, else `shown`."""
    for id_ in filter(None, (plan.id, plan.parent)):
        entry = PlanTold.objects.filter(plan_id=id_).values_list("id", flat=True).first()
        if entry and (found := plan_seen(entry)) is not None:
            return found
    return shown


def plan_kept(text: str) -> Plan:
    """Return the plan that a form carries.

    Raises:
        CaseError: it is no plan; in words.
    """
    try:
        return read_plan(text.encode())
    except (CaseError, UnicodeError, RecursionError) as error:
        raise CaseError(gettext("The file is to be chosen again.")) from error


def of_hand(case: Case, found: list[Criticism], zone: Any) -> dict[str, Any]:
    """Return for the template what keeps a plan made by hand from being kept, and how much else there is."""
    stopped = rules.stops(found)
    return {"stops": said_of(case, stopped, zone), "others": len(found) - len(stopped)}


def found_of(case: Case, plan: Plan) -> list[Criticism]:
    """Return what the checker says of a plan that was kept, as the case stands now."""
    remains, _left = what_remains(case)
    return faults(remains, plan)


def to_agree_to(case: Case, plan: Plan, zone: Any) -> dict[str, Any]:
    """Return for the template what whoever puts a plan made by hand in force has to read: `stops`, or `despite`."""
    found = found_of(case, plan)
    stopped = rules.stops(found)
    rest = [] if stopped else found
    return {
        "hand": {
            "stops": said_of(case, stopped, zone),
            "despite": said_of(case, rest, zone),
            "agreement": rules.agreement(rest),
        }
    }
