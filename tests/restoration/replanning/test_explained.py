"""Why something is back when it is, and what a change would do: from the plan, in ids and hours."""

import pytest
from msgspec.structs import replace
from troubled import planned
from two_rooms import two_rooms

from releve.restoration.case import CaseError, Person
from releve.restoration.planner.decode import decode
from releve.restoration.replanning import explain as explain_module
from releve.restoration.replanning.events import (
    BackupInfected,
    CoverageDropped,
    PeopleAdded,
    PersonAbsent,
    VendorLate,
)
from releve.restoration.replanning.explain import Explainer, explain, one_more
from releve.restoration.replanning.what_if import what_if


def test_a_chain_goes_from_the_last_task_back_to_what_nothing_holds_up() -> None:
    """The director asks why results are not back: the answer begins at the end and stops at a cause."""
    case = two_rooms()
    plan = decode(case, ("AD", "LAB"))

    found = explain(case, plan, "results")

    assert found.decided_by == "LAB"
    assert [link.task for link in found.chain] == ["LAB-test", "AD-gate", "AD-scan", "AD-restore"]
    assert found.chain[0].binding.kind in ("application", "window")
    assert found.back == found.chain[0].end == found.order_back


def test_an_application_without_its_need_is_back_as_soon_as_the_vendor_comes() -> None:
    """Whether a dependency is worth a workaround is decided by what it costs."""
    case = replace(two_rooms(), people=(*two_rooms().people[:2], Person(id="lab", skills=("lab",))))
    plan = decode(case, ("AD", "LAB"))

    found = explain(case, plan, "LAB")

    need = next(each for each in found.needs if each.id == "AD")
    assert need.of == "LAB"
    assert need.loss < 0
    assert need.hour == 16


def test_less_to_wait_for_never_costs_more() -> None:
    """In one order more people may make a plan worse; nobody must be told that a colleague costs care."""
    case, plan = planned(1)

    found = explain(case, plan, plan.services[-1].id)

    assert all(each.loss <= 0 for each in (*found.needs, *found.means))
    assert {each.kind for each in found.means} <= {"person", "resource"}


def test_explaining_all_one_after_the_other_says_the_same_and_dates_no_way_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A plan that is made explains what it can in ten seconds: a need that two wait for is dated once for both."""
    case, plan = planned(1)
    ids = [each.id for each in plan.applications]
    alone = [explain_module.explain(case, plan, id_, others=False) for id_ in ids]
    made: list[object] = []
    engine = explain_module.Engine
    monkeypatch.setattr(explain_module, "Engine", lambda grid: made.append(grid) or engine(grid))

    explainer = Explainer(case, plan)
    together = [explainer.explain(id_, others=False) for id_ in ids]

    assert together == alone
    ways = {(way.kind, way.id, way.of, way.before) for each in alone for way in (*each.needs, *each.means)}
    assert len(made) == 1 + len(ways) < sum(len(each.needs) + len(each.means) for each in alone)


def test_every_other_application_is_told_with_what_its_turn_would_cost() -> None:
    """ "Why not us first?" has one answer each, the same for all who ask."""
    case, plan = planned(2)

    found = explain(case, plan, plan.applications[3].id)

    assert {each.id for each in found.others} == {one.id for one in case.applications} - {found.id}
    assert found.others == tuple(sorted(found.others, key=lambda each: each.loss))
    other = found.others[-1]
    order = (other.id, *(id for id in plan.order if id != other.id))
    assert decode(case, order, plan.preferences).loss - found.order_loss == pytest.approx(
        other.loss, abs=1e-5
    )


def test_what_the_plan_does_not_know_is_an_error_that_names_it() -> None:
    """A misspelt name is no application that is never back."""
    with pytest.raises(CaseError, match=r"^PAX: expected an application or a service"):
        explain(two_rooms(), decode(two_rooms()), "PAX")


def test_a_vendor_late_is_seen_where_it_hurts_and_nowhere_else() -> None:
    """Before the contract is signed, not after the day was missed."""
    case = two_rooms()
    plan = decode(case, ("AD", "LAB"))
    change = VendorLate(person="vendor", window_from=48, from_hour=120, to_hour=200)

    found = what_if(case, plan, (change,), iterations=0)

    back = {each.id: (each.before, each.same_order) for each in found.services}
    assert back["results"] == (54, 126)
    assert back["sign-in"][0] == back["sign-in"][1]
    assert found.gained == pytest.approx(-10 * 72 / 24)
    assert found.never == ()


def test_one_more_person_never_costs_care_when_planned_anew() -> None:
    """The offer of a neighbour's engineer is answered with a number of care, not with a feeling."""
    case, plan = planned(3)
    change = PeopleAdded(people=(one_more(case, case.people[0].skills[0]),))

    found = what_if(case, plan, (change,), iterations=60)

    assert found.loss_anew <= found.loss_same_order
    assert len(found.case.people) == len(case.people) + 1


def test_what_makes_things_worse_is_told_as_a_cost() -> None:
    """An infected backup, a degraded mode that gives way, somebody ill: each is a sum of care."""
    case = two_rooms()
    plan = decode(case, ("AD", "LAB"))
    for change in (
        BackupInfected(application="AD", more_hours=30),
        PersonAbsent(person="vendor", from_hour=0, to_hour=60),
    ):
        assert what_if(case, plan, (change,), iterations=0).gained < 0
    covered = what_if(case, plan, (CoverageDropped(service="results", from_day=0, share=0.5),), iterations=0)
    assert covered.gained == pytest.approx(plan.services[0].loss / 2)


def test_a_service_that_never_comes_back_is_told_and_is_no_gain() -> None:
    """Care that is lost for ever is in no sum: a sum that falls by it would praise the vendor who does not come."""
    case = two_rooms()
    plan = decode(case, ("AD", "LAB"))
    change = VendorLate(person="vendor", window_from=48, from_hour=30, to_hour=32)

    found = what_if(case, plan, (change,), iterations=0)

    assert found.never == ("results",)
    assert found.gained == 0


def test_dates_of_a_comparison_are_simulated_when_asked() -> None:
    """A bare date of a plan is never announced."""
    case = two_rooms()
    plan = decode(case, ("AD", "LAB"))
    change = VendorLate(person="vendor", window_from=48, from_hour=120, to_hour=200)

    found = what_if(case, plan, (change,), iterations=0, runs=40)

    results = next(each for each in found.services if each.id == "results")
    assert results.p80_before is not None
    assert results.p80_same_order is not None
    assert results.p80_same_order > results.p80_before >= 54
