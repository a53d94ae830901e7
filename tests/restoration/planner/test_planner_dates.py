"""An order becomes dates: what a task waits for, who does it, what is left out."""

from __future__ import annotations

from datetime import datetime

import msgspec

from releve.restoration.case import (
    Application,
    Calendar,
    Case,
    Impact,
    Need,
    Person,
    Resource,
    Service,
    Share,
    SkillCount,
    Task,
    TaskState,
    Use,
    Window,
    WorkingHours,
)
from releve.restoration.checker.check import check
from releve.restoration.forecast.simulate import simulate
from releve.restoration.plan import Plan, PlannedTask
from releve.restoration.planner.bound import lower_bound
from releve.restoration.planner.decode import decode

WEEK = WorkingHours(days=("mon", "tue", "wed", "thu", "fri"), from_hour=8, to_hour=16)
ONE = (SkillCount(skill="system"),)


def hospital(*tasks: Task, **changes: object) -> Case:
    """A hospital whose cut is a Monday at midnight; one person of skill "system", always there."""
    names = dict.fromkeys(task.application for task in tasks)
    case = Case(
        starts_at=datetime.fromisoformat("2026-11-23T00:00:00+01:00"),
        calendars=(Calendar(id="days", week=(WEEK,)),),
        people=(Person(id="ana", skills=("system",)),),
        resources=(Resource(id="restore", units=2),),
        applications=tuple(Application(id=name) for name in names),
        tasks=tasks,
        services=tuple(
            Service(id=f"s-{name}", requires=(name,), impact=(Impact(from_day=0, per_day=24),))
            for name in names
        ),
    )
    return msgspec.structs.replace(case, **changes)


def of(plan: Plan, task: str) -> PlannedTask:
    """The line of a task in a plan."""
    return next(line for line in plan.tasks if line.task == task)


def test_work_rests_at_night_and_its_person_stays_with_it() -> None:
    """Ten hours of a day of eight end on the second day; meanwhile that person is promised to nobody else."""
    case = hospital(
        Task(id="a", application="A", work_hours=10, team=ONE),
        Task(id="b", application="B", work_hours=1, team=ONE),
        people=(Person(id="ana", skills=("system",), calendar="days"),),
    )

    plan = decode(case, ["A", "B"])

    assert (of(plan, "a").start, of(plan, "a").end) == (8, 34)
    assert (of(plan, "b").start, of(plan, "b").end) == (34, 35)
    assert (of(plan, "b").binding.kind, of(plan, "b").binding.id) == ("person", "a")
    assert of(plan, "a").binding.kind == "calendar"


def test_machine_work_goes_on_at_night_and_shares_units() -> None:
    """Restoring twenty terabytes takes the night; a third stream waits for the bandwidth of another."""
    uses = (Use(resource="restore", units=1),)
    case = hospital(*(Task(id=name, application=name, work_hours=5, uses=uses) for name in "abc"))

    plan = decode(case, ["a", "b", "c"])

    assert [(of(plan, name).start, of(plan, name).end) for name in "abc"] == [(0, 5), (0, 5), (5, 10)]
    assert (of(plan, "c").binding.kind, of(plan, "c").binding.id) in {("resource", "a"), ("resource", "b")}


def test_an_application_pulls_what_it_needs_before_itself() -> None:
    """Whoever asks for the laboratory first asks for the directory too."""
    case = hospital(
        Task(id="d", application="directory", work_hours=2, team=ONE),
        Task(id="x", application="other", work_hours=2, team=ONE),
        Task(id="l", application="laboratory", work_hours=2, team=ONE),
    )
    case = msgspec.structs.replace(
        case,
        applications=(
            Application(id="directory"), Application(id="other"),
            Application(id="laboratory", needs=(Need(application="directory"),)),
        ),
    )  # fmt: skip

    plan = decode(case, ["laboratory", "other"])

    assert [line.task for line in plan.tasks] == ["d", "l", "x"]
    assert of(plan, "l").binding.kind in {"application", "person"}


def test_a_gap_is_filled_by_what_comes_later_in_the_order() -> None:
    """While the copy runs, the person who waits for it does something else."""
    case = hospital(
        Task(id="a1", application="A", work_hours=1, team=ONE),
        Task(id="a2", application="A", work_hours=8, after=("a1",)),
        Task(id="a3", application="A", work_hours=1, team=ONE, after=("a2",)),
        Task(id="b", application="B", work_hours=4, team=ONE),
    )

    plan = decode(case, ["A", "B"])

    assert (of(plan, "b").start, of(plan, "a3").start) == (1, 9)


def test_two_people_are_together_only_in_hours_of_both() -> None:
    """A vendor who comes from hour 100 on tests with the person of the trade, not alone before."""
    case = hospital(
        Task(id="t", application="A", work_hours=2, team=(*ONE, SkillCount(skill="vendor"))),
        people=(
            Person(id="ana", skills=("system",)),
            Person(
                id="ven", kind="vendor", skills=("vendor",), windows=(Window(from_hour=100, to_hour=110),)
            ),
        ),
    )

    line = of(decode(case), "t")

    assert (line.start, line.end, set(line.people)) == (100, 102, {"ana", "ven"})
    assert line.binding.kind == "window"


def test_the_least_flexible_person_is_taken() -> None:
    """Who can do two things is kept for the one that nobody else can."""
    case = hospital(
        Task(id="a", application="A", work_hours=4, team=ONE),
        Task(id="b", application="B", work_hours=4, team=(SkillCount(skill="security"),)),
        people=(Person(id="both", skills=("system", "security")), Person(id="one", skills=("system",))),
    )

    plan = decode(case, ["A", "B"])

    assert (of(plan, "a").people, of(plan, "b").people) == (("one",), ("both",))
    assert (of(plan, "a").end, of(plan, "b").end) == (4, 4)


def test_what_ended_keeps_its_hours_and_what_runs_goes_on_from_now() -> None:
    """On day three the plan starts from what was reported, not from the plan of day one."""
    case = hospital(
        Task(id="a", application="A", work_hours=10, team=ONE),
        Task(id="b", application="B", work_hours=10, team=ONE),
        Task(id="c", application="C", work_hours=3, team=ONE),
        Task(id="d", application="D", work_hours=1),
        now=50,
        states=(
            TaskState(task="a", started=3, ended=20),
            TaskState(task="b", started=45, people=("ana",), remaining_hours=4),
            TaskState(task="d", blocked_until=70),
        ),
    )

    plan = decode(case, ["C", "B", "A"])

    assert [(of(plan, name).start, of(plan, name).end) for name in "abcd"] == [
        (3, 20),
        (45, 54),
        (54, 57),
        (70, 71),
    ]
    assert of(plan, "b").people == ("ana",)
    assert of(plan, "d").binding.kind == "blocked"


def test_what_nobody_can_do_and_what_waits_for_it_gets_no_date_and_the_rest_does() -> None:
    """One missing skill must not cost the whole plan."""
    case = hospital(
        Task(id="a", application="A", work_hours=1, team=(SkillCount(skill="cobol"),)),
        Task(id="b", application="B", work_hours=1, team=ONE),
        Task(id="c1", application="C", work_hours=1, after=("c2",)),
        Task(id="c2", application="C", work_hours=1, after=("c1",)),
        Task(id="d", application="D", work_hours=-3),
        Task(id="e", application="E", work_hours=1, after=("nothing",)),
        Task(id="f", application="F", work_hours=1, uses=(Use(resource="restore", units=3),)),
        Task(id="ok", application="G", work_hours=1, team=ONE),
    )
    needs = {"B": (Need(application="A"),)}
    case = msgspec.structs.replace(
        case,
        applications=tuple(msgspec.structs.replace(a, needs=needs.get(a.id, ())) for a in case.applications),
    )

    plan = decode(case)

    assert set(plan.left_out) == {"a", "b", "c1", "c2", "d", "e", "f"}
    assert [line.task for line in plan.tasks] == ["ok"]
    assert [line.id for line in plan.services] == ["s-G"]


def test_a_share_of_a_service_is_back_with_its_own_batch() -> None:
    """Forty machines of a hundred on the ward are worth something before the last one is back."""
    case = hospital(
        Task(id="a", application="A", work_hours=10),
        Task(id="b", application="B", work_hours=20),
        services=(
            Service(
                id="ward", impact=(Impact(from_day=0, per_day=24),),
                shares=(Share(application="A", share=0.4), Share(application="B", share=0.6)),
            ),
        ),
    )  # fmt: skip

    plan = decode(case)

    assert plan.services[0].hour == 20
    assert plan.loss == 0.4 * 10 + 0.6 * 20


def test_a_service_with_a_share_that_never_comes_back_has_no_date() -> None:
    """Dated without that share, the ward would be announced as back with forty machines of a hundred."""
    case = hospital(
        Task(id="a", application="A", work_hours=10),
        Task(id="b", application="B", work_hours=20, team=(SkillCount(skill="nobody"),)),
        services=(
            Service(
                id="ward", impact=(Impact(from_day=0, per_day=24),),
                shares=(Share(application="A", share=0.4), Share(application="B", share=0.6)),
            ),
            Service(id="office", impact=(Impact(from_day=0, per_day=24),), requires=("A",)),
        ),
    )  # fmt: skip

    plan = decode(case)

    assert [(line.id, line.hour) for line in plan.services] == [("office", 10)]
    assert plan.loss == 10
    assert lower_bound(case, seconds=0.5) <= plan.loss, "no bound counts what the loss does not"
    assert [one.sentence for one in check(case, plan) if one.severity == "wrong"] == []
    assert "ward" in simulate(case, plan, runs=1).never


def test_a_plan_longer_than_expected_makes_the_grid_longer() -> None:
    """One person for a year of work: every task has a date all the same."""
    tasks = [Task(id=f"t{k}", application="A", work_hours=400, team=ONE) for k in range(8)]
    case = hospital(*tasks, people=(Person(id="ana", skills=("system",), calendar="days"),))

    plan = decode(case)

    assert len(plan.tasks) == 8
    assert max(line.end for line in plan.tasks) > 12_000
