"""A valid plan passes, and each rule broken alone is named."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest
from small_restoration import small_case, small_plan

from releve.restoration.case import (
    Application,
    Calendar,
    Case,
    Impact,
    Person,
    Service,
    SkillCount,
    Task,
    TaskState,
    Window,
    WorkingHours,
)  # fmt: skip
from releve.restoration.checker.check import check
from releve.restoration.checker.hours import Hours
from releve.restoration.checker.values import in_words
from releve.restoration.forecast.crises import known_weekly
from releve.restoration.invented import generate
from releve.restoration.plan import BackAt, Plan, PlannedTask
from releve.restoration.planner.decode import decode

replace = msgspec.structs.replace


def wrong(case: Case, plan: Plan) -> set[tuple[str, str]]:
    """Return the rule and the place of all that is wrong."""
    return {(each.rule, each.place) for each in check(case, plan) if each.severity == "wrong"}


def weak(case: Case, plan: Plan) -> set[tuple[str, str]]:
    """Return the rule and the place of all that is weak."""
    return {(each.rule, each.place) for each in check(case, plan) if each.severity == "weak"}


def with_task(plan: Plan, name: str, **changes: object) -> Plan:
    """Return the plan with one task changed."""
    return replace(
        plan, tasks=tuple(replace(each, **changes) if each.task == name else each for each in plan.tasks)
    )


def case_task(case: Case, name: str, **changes: object) -> Case:
    """Return the case with one task changed."""
    return replace(
        case, tasks=tuple(replace(each, **changes) if each.id == name else each for each in case.tasks)
    )


def test_a_plan_that_holds_is_not_criticised() -> None:
    """A checker that cries wolf is switched off."""
    found = check(small_case(), small_plan())

    assert [each.sentence for each in found if each.severity == "wrong"] == []
    assert [each.sentence for each in found] == []


BREAKS: dict[str, tuple[Callable[[Plan], Plan], str, str]] = {
    "a task is missing": (
        lambda plan: replace(plan, tasks=plan.tasks[:-1]), "missing-task", "tasks[INTRANET-1]"),
    "a task nobody knows": (
        lambda plan: replace(plan, tasks=(*plan.tasks, PlannedTask(task="X", start=0, end=1))),
        "unknown-task", "tasks[X]"),
    "a task twice": (
        lambda plan: replace(plan, tasks=(*plan.tasks, plan.tasks[0])), "task-twice", "tasks[AD-1]"),
    "dated and left out": (
        lambda plan: replace(plan, left_out=("AD-1",)), "dated-and-left-out", "tasks[AD-1]"),
    "an end before the start": (lambda plan: with_task(plan, "PACS-1", end=-3), "absurd-dates", "tasks[PACS-1]"),
    "before what it follows": (
        lambda plan: with_task(plan, "AD-gate", start=11, end=11), "precedence", "tasks[AD-gate]"),
    "before an application it needs": (
        lambda plan: with_task(plan, "LAB-1", start=10, end=18), "dependency", "tasks[LAB-1]"),
    "before another task may": (
        lambda plan: with_task(plan, "LAB-1", start=1, end=9), "not-before", "tasks[LAB-1]"),
    "a person nobody knows": (
        lambda plan: with_task(plan, "AD-1", people=("zoe",)), "unknown-person", "tasks[AD-1]"),
    "a person without the skill": (
        lambda plan: with_task(plan, "LAB-2", people=("chloe",)), "skill", "tasks[LAB-2]"),
    "both places for one skill": (
        lambda plan: with_task(plan, "PACS-2", people=("bruno", "chloe")), "skill", "tasks[PACS-2]"),
    "one person too few": (
        lambda plan: with_task(plan, "INTRANET-1", people=("anne",)), "team-size", "tasks[INTRANET-1]"),
    "one person for two": (
        lambda plan: with_task(plan, "INTRANET-1", people=("anne", "anne")), "person-twice", "tasks[INTRANET-1]"),
    "a person on two tasks": (
        lambda plan: with_task(plan, "LAB-2", start=80, end=106 - 14, people=("anne",)),
        "double-booking", "people[anne]"),
    "more units than there are": (
        lambda plan: with_task(plan, "LAB-1", start=12, end=20), "resource", "resources[bandwidth]"),
    "a start at night": (lambda plan: with_task(plan, "AD-1", start=7), "start", "tasks[AD-1]"),
    "a start in an absence": (
        lambda plan: with_task(plan, "PACS-2", start=8, end=14, people=("vendor", "chloe")),
        "start", "tasks[PACS-2]"),
    "an end before the work is done": (lambda plan: with_task(plan, "LAB-2", end=81), "work", "tasks[LAB-2]"),
    "work on a holiday": (lambda plan: with_task(plan, "LAB-2", end=58), "work", "tasks[LAB-2]"),
    "an end after the work is done": (lambda plan: with_task(plan, "AD-1", end=13), "end", "tasks[AD-1]"),
    "a milestone that lasts": (lambda plan: with_task(plan, "AD-gate", end=14), "end", "tasks[AD-gate]"),
    "an application back too early": (
        lambda plan: replace(plan, applications=(BackAt(id="AD", hour=11), *plan.applications[1:])),
        "back", "applications[AD]"),
    "a service back too early": (
        lambda plan: replace(plan, services=(replace(plan.services[0], hour=37), *plan.services[1:])),
        "back", "services[imaging]"),
    "a service that loses less": (
        lambda plan: replace(plan, services=(replace(plan.services[0], loss=19.9), *plan.services[1:])),
        "loss", "services[imaging]"),
    "less lost in all": (lambda plan: replace(plan, loss=60.0), "loss", "loss"),
    "a bound above the loss": (lambda plan: replace(plan, bound=63.0), "bound", "bound"),
    "a date for an application nobody knows": (
        lambda plan: replace(plan, applications=(*plan.applications, BackAt(id="X", hour=1))),
        "unknown", "applications[X]"),
    "an application dated twice": (
        lambda plan: replace(plan, applications=(*plan.applications, plan.applications[0])),
        "said-twice", "applications[AD]"),
}  # fmt: skip


@pytest.mark.parametrize("name", BREAKS)
def test_each_rule_broken_alone_is_named(name: str) -> None:
    """A plan that cannot be carried out is found on paper, not on the morning nobody comes."""
    change, rule, place = BREAKS[name]

    found = wrong(small_case(), change(small_plan()))

    assert (rule, place) in found


def test_a_resource_nobody_knows_is_named() -> None:
    """A case is edited after its plan was made."""
    case = replace(small_case(), resources=())

    assert ("unknown-resource", "resources[bandwidth]") in wrong(case, small_plan())


def test_a_calendar_nobody_knows_is_named() -> None:
    """The same."""
    case = case_task(small_case(), "PACS-1", calendar="nights")

    assert ("unknown-calendar", "tasks[PACS-1]") in wrong(case, small_plan())


def test_hours_are_read_by_the_local_clock_also_when_it_changes() -> None:
    """On the last Sunday of October a night has an hour more: work from eight on begins an hour of count later."""
    case = Case(
        starts_at=datetime(2026, 10, 24, 22, 30, tzinfo=ZoneInfo("Europe/Paris")),  # Saturday
        calendars=(Calendar(id="daily", week=(WorkingHours(days=("sun",), from_hour=8, to_hour=9),)),),
        applications=(),
        tasks=(),
        services=(),
    )

    hours = Hours(case)

    worked = [hour for hour in range(48) if hours.works("daily", hour)]
    assert worked == [11]  # without the change: 10
    assert in_words(hours.said(11), "en") == "Sun 25 Oct 2026 08:30 (hour 11)"


def under_way_case() -> Case:
    """Return the small case on Tuesday at noon: AD is back, LAB-2 has been worked on since Tuesday at 08."""
    return replace(
        small_case(),
        now=36,
        states=(
            TaskState(task="AD-1", started=8, ended=12, people=("anne",)),
            TaskState(task="AD-gate", ended=12),
            TaskState(task="PACS-1", started=0, ended=20),
            TaskState(task="LAB-1", started=20, ended=28),
            TaskState(task="LAB-2", started=32, people=("anne",), remaining_hours=8),
            TaskState(task="INTRANET-1", blocked_until=82),
        ),
    )


def under_way_plan() -> Plan:
    """Return a plan of the rest: Chloé and the vendor start now."""
    plan = with_task(small_plan(), "PACS-2", start=36, end=42)
    imaging = 5 + 4.5 + 18 * 18 / 24
    return replace(
        plan,
        applications=(plan.applications[0], BackAt(id="PACS", hour=42), *plan.applications[2:]),
        services=(replace(plan.services[0], hour=42, loss=imaging), *plan.services[1:]),
        loss=plan.loss - plan.services[0].loss + imaging,
    )


def test_a_plan_under_way_keeps_what_was_reported() -> None:
    """What people reported is not for a plan to move."""
    case, plan = under_way_case(), under_way_plan()

    assert wrong(case, plan) == set()

    assert ("reported", "tasks[PACS-1]") in wrong(case, with_task(plan, "PACS-1", end=21))
    assert ("reported", "tasks[PACS-1]") in wrong(case, with_task(plan, "PACS-1", start=1))
    assert ("reported", "tasks[LAB-2]") in wrong(case, with_task(plan, "LAB-2", start=33))
    assert ("same-people", "tasks[LAB-2]") in wrong(case, with_task(plan, "LAB-2", people=("bruno",)))
    assert ("work", "tasks[LAB-2]") in wrong(case, with_task(plan, "LAB-2", end=81))
    assert ("blocked", "tasks[INTRANET-1]") in wrong(case, with_task(plan, "INTRANET-1", start=81))
    assert ("before-now", "tasks[PACS-2]") in wrong(case, with_task(plan, "PACS-2", start=35, end=41))


def test_what_remains_and_was_not_reported_is_what_was_not_worked() -> None:
    """Somebody started a task and told no more."""
    case = under_way_case()
    states = tuple(replace(each, remaining_hours=None) for each in case.states)

    assert wrong(replace(case, states=states), under_way_plan()) == set()  # 12 hours, 4 worked from 32 to 36


def test_a_gate_does_not_pass_before_now_without_a_report() -> None:
    """Only recorded evidence passes a gate, and a plan is no evidence."""
    case = under_way_case()
    states = tuple(each for each in case.states if each.task != "AD-gate")

    found = wrong(replace(case, states=states), under_way_plan())

    assert found == {("gate-passed", "tasks[AD-gate]")}


def test_a_task_that_can_have_no_date_may_be_left_out_and_all_that_follow_it() -> None:
    """A plan is made for the rest, and says what it goes without."""
    case = replace(small_case(), people=small_case().people[:2])  # nobody for PACS-2
    plan = small_plan()
    plan = replace(
        plan,
        tasks=tuple(each for each in plan.tasks if each.task != "PACS-2"),
        applications=tuple(each for each in plan.applications if each.id != "PACS"),
        services=plan.services[1:],
        loss=plan.loss - plan.services[0].loss,
        left_out=("PACS-2",),
        bound=None,
    )

    found = check(case, plan)

    assert {each.rule for each in found if each.severity == "note"} == {"never-back"}
    assert "wrong" not in {each.severity for each in found}
    assert not any(each.rule == "left-out-without-reason" for each in found)
    dated = replace(plan, applications=(*plan.applications, BackAt(id="PACS", hour=38)))
    assert ("back", "applications[PACS]") in wrong(case, dated)
    assert ("left-out-without-reason", "tasks[PACS-2]") in weak(small_case(), plan)


@pytest.mark.parametrize("seed", [3, 4])
def test_what_the_planner_makes_of_a_generated_hospital_has_nothing_wrong_in_it(seed: int) -> None:
    """Two readings of one rule, made by different hands: where they differ, one of them would mislead a hospital."""
    case = generate(25, seed)

    found = check(case, decode(case))

    assert [each.sentence for each in found if each.severity == "wrong"] == []


def test_plans_made_again_in_the_middle_of_a_crisis_have_nothing_wrong_in_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Tasks under way, late, failed, people held: where a plan made again is wrong, it is so on the worst day."""
    monkeypatch.setenv("RELEVE_PLANNER", "python")
    under_way = 0

    for known in known_weekly(generate(10, 11), 11, weeks=6):
        under_way += sum(state.ended is None for state in known.states)
        assert wrong(known, decode(known)) == set()

    assert under_way > 0


def test_hours_asked_for_all_at_once_are_those_asked_for_one_by_one() -> None:
    """Advice reads them as bits, the faults hour by hour: they must not disagree about who was there."""
    case = generate(12, 7)
    last = case.people[-1]
    away = Window(from_hour=30, to_hour=10**9)
    case = msgspec.structs.replace(
        case,
        people=(
            *case.people[:-1],
            msgspec.structs.replace(last, windows=(Window(from_hour=-5, to_hour=400),), absences=(away,)),
        ),
    )
    hours, length = Hours(case), 24 * 21

    for person in case.people:
        one_by_one = [hour for hour in range(length) if hours.there(person.id, hour)]
        assert [hour for hour in range(length) if hours.present(person.id, length) >> hour & 1] == one_by_one
    for calendar in ("always", "none such", *(each.id for each in case.calendars)):
        one_by_one = [hour for hour in range(length) if hours.works(calendar, hour)]
        assert [hour for hour in range(length) if hours.working(calendar, length) >> hour & 1] == one_by_one
    assert hours.present("nobody", length) == 0


def test_a_task_that_could_start_earlier_is_weak() -> None:
    """A hand-made plan leaves people idle: that is advice, not an error."""
    case = small_case()
    plan = with_task(small_plan(), "PACS-2", start=33, end=39)
    imaging = 5 + 4.5 + 18 * 15 / 24
    plan = replace(
        plan,
        applications=(plan.applications[0], BackAt(id="PACS", hour=39), *plan.applications[2:]),
        services=(replace(plan.services[0], hour=39, loss=imaging), *plan.services[1:]),
        loss=plan.loss - plan.services[0].loss + imaging,
    )

    found = [each for each in check(case, plan) if each.rule == "could-start-earlier"]

    assert [(each.severity, each.place) for each in found] == [("weak", "tasks[PACS-2]")]
    assert found[0].numbers == {"start": 33, "end": 39, "could_start": 32, "could_end": 38}


def two_applications(order: tuple[str, str]) -> tuple[Case, Plan]:
    """Return two applications of five hours for one person, taken up in this order."""
    case = Case(
        starts_at=datetime(2026, 11, 23, tzinfo=ZoneInfo("Europe/Paris")),
        people=(Person(id="anne", skills=("system",), windows=(Window(from_hour=0, to_hour=100),)),),
        applications=(Application(id="BLOOD"), Application(id="MENU")),
        tasks=tuple(
            Task(id=f"{name}-1", application=name, work_hours=5, team=(SkillCount(skill="system"),))
            for name in ("BLOOD", "MENU")
        ),
        services=(
            Service(id="transfusion", requires=("BLOOD",), impact=(Impact(from_day=0, per_day=24),)),
            Service(id="meals", requires=("MENU",), impact=(Impact(from_day=0, per_day=2.4),)),
        ),
    )
    at = {name: 5 * place for place, name in enumerate(order)}
    loss = {"BLOOD": float(at["BLOOD"] + 5), "MENU": (at["MENU"] + 5) * 0.1}
    return case, Plan(
        order=order,
        tasks=tuple(
            PlannedTask(task=f"{name}-1", start=at[name], end=at[name] + 5, people=("anne",))
            for name in order
        ),
        applications=tuple(BackAt(id=name, hour=at[name] + 5) for name in order),
        services=(
            BackAt(id="transfusion", hour=at["BLOOD"] + 5, loss=loss["BLOOD"]),
            BackAt(id="meals", hour=at["MENU"] + 5, loss=loss["MENU"]),
        ),
        loss=sum(loss.values()),
    )


def test_an_application_put_after_one_of_lesser_care_is_weak() -> None:
    """Menus before blood, with nothing that asks for it, is what a hand-made plan is read for."""
    good, bad = two_applications(("BLOOD", "MENU")), two_applications(("MENU", "BLOOD"))

    assert check(*good) == []
    found = check(*bad)
    assert [(each.severity, each.rule, each.place) for each in found] == [
        ("weak", "lesser-care-first", "applications[BLOOD]")
    ]
    assert found[0].numbers["from_hour"] == 0
    assert found[0].numbers["to_hour"] == 5
    assert found[0].numbers["could_end"] == 5


def test_a_plan_without_dates_of_its_applications_is_weak_and_the_dates_are_told() -> None:
    """Who made a plan in a spreadsheet has tasks, and wants to know when imaging is back."""
    plan = replace(small_plan(), applications=(), services=())

    found = check(small_case(), plan)

    assert {(each.rule, each.place) for each in found} == {
        ("missing-date", f"applications[{each}]") for each in ("AD", "PACS", "LAB", "INTRANET")
    } | {("missing-date", f"services[{each}]") for each in ("imaging", "laboratory", "news")}
    assert any(each.place == "applications[PACS]" and each.numbers == {"computed": 38} for each in found)


def test_an_announced_date_that_is_not_kept_is_weak() -> None:
    """A date was told to a whole ward."""
    case = small_case()
    case = replace(case, published=(replace(case.published[0], p80=30),))

    assert weak(case, small_plan()) == {("announced", "applications[PACS]")}


def test_an_order_that_forgets_an_application_is_weak() -> None:
    """After an event, nothing says when it is taken up."""
    plan = replace(small_plan(), order=("AD", "PACS", "PACS", "LAB", "X"))

    found = [each.sentence for each in check(small_case(), plan)]

    assert len(found) == 3
    assert any("INTRANET" in each for each in found)
