"""The time to the return of an application, told apart by what it goes to."""

import sys
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).parents[1] / "drawing"))

from small_case import CASE, PLAN

from releve.restoration.plan import Binding, Plan
from releve.restoration.standing.why import causes, chain_of


def bound(**bindings: Binding) -> Plan:
    """Return the plan of the small case, its tasks bound so."""
    tasks = tuple(
        msgspec.structs.replace(one, binding=bindings.get(one.task, one.binding)) for one in PLAN.tasks
    )
    return msgspec.structs.replace(PLAN, tasks=tasks)


WAITS_FOR_LINA = bound(
    PG=Binding(kind="task", id="P2"),
    P2=Binding(kind="person", id="S1"),
    S1=Binding(kind="application", id="RESEAU"),
)


def test_the_hours_to_the_return_are_all_told_and_none_twice() -> None:
    """A head of department adds them up."""
    line = chain_of(CASE, WAITS_FOR_LINA, "PACS")

    found = causes(CASE, line, "PACS")

    assert [link.planned.task for link in line] == ["PG", "P2", "S1", "R1"]
    assert sum(one.hours for one in found) == 80
    assert {(one.kind, one.id): one.hours for one in found} == {
        ("own", ""): 36,  # the scan ends at 74, the gate at 80
        ("people", "sys"): 24,  # Lina is at the laboratory
        ("needs", ""): 20,
    }
    assert found[1].longest_first == ["SGL"]


def test_hours_gone_by_before_the_plan_are_nobodys_decision() -> None:
    """Fourteen days without a plan are not the fault of those who work by it."""
    line = chain_of(CASE, WAITS_FOR_LINA, "PACS")

    found = {one.kind: one.hours for one in causes(CASE, line, "PACS", now_hour=30)}

    assert found == {"own": 36, "gone": 30, "people": 14}


def test_waiting_for_the_vendor_is_told_apart_from_work() -> None:
    """The vendor is called; the team is not."""
    plan = bound(
        PG=Binding(kind="task", id="P1"),
        P1=Binding(kind="window"),
        S1=Binding(kind="application", id="RESEAU"),
    )
    late = msgspec.structs.replace(next(one for one in plan.tasks if one.task == "P1"), start=50)
    plan = msgspec.structs.replace(plan, tasks=tuple(late if one.task == "P1" else one for one in plan.tasks))

    found = {one.kind: one.hours for one in causes(CASE, chain_of(CASE, plan, "PACS"), "PACS")}

    assert found == {"vendor": 50, "own": 30}
