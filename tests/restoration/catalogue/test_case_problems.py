"""What is wrong with a case is found, named with its place, and said in two languages."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from releve.restoration.case import (
    Application,
    Calendar,
    CalendarException,
    Case,
    Coverage,
    Impact,
    Need,
    Person,
    PublishedDate,
    Resource,
    Service,
    Share,
    Skill,
    SkillCount,
    Task,
    TaskState,
    Uncertainty,
    Use,
    Window,
    WorkingHours,
)
from releve.restoration.catalogue.problems import FRENCH, MESSAGES, line, problems, sentence, what_remains

NIGHT = datetime(2026, 11, 22, 3, 10, tzinfo=ZoneInfo("Europe/Paris"))
WEEK = ("mon", "tue", "wed", "thu", "fri")


def case(**changes: Any) -> Case:
    """Return three applications in a row, two people, and nothing wrong; `changes` replace lists of it."""
    whole = Case(
        starts_at=NIGHT,
        calendars=(
            Calendar(id="office", week=(WorkingHours(days=WEEK, from_hour=8, to_hour=18),)),
            Calendar(id="night", week=(WorkingHours(days=("mon",), from_hour=20, to_hour=24),)),
        ),
        skills=(Skill(id="system"), Skill(id="network")),
        people=(
            Person(id="anne", skills=("system",), calendar="office"),
            Person(id="bruno", skills=("network",), calendar="night"),
        ),
        resources=(Resource(id="bench", units=2),),
        applications=(
            Application(id="AD", owner="a"),
            Application(id="RIS", owner="b", needs=(Need(application="AD"),)),
            Application(id="PACS", owner="b", needs=(Need(application="RIS"),)),
        ),
        tasks=(
            Task(id="AD-1", application="AD", work_hours=4, team=(SkillCount(skill="system"),)),
            Task(id="RIS-1", application="RIS", work_hours=4),
            Task(id="PACS-1", application="PACS", work_hours=8, uses=(Use(resource="bench"),)),
        ),
        services=(Service(id="images", requires=("PACS",), impact=(Impact(from_day=0, per_day=10),)),),
    )
    return replace(whole, **changes)


def with_task(**changes: Any) -> Case:
    """Return the case with its last task changed."""
    whole = case()
    return replace(whole, tasks=(*whole.tasks[:2], replace(whole.tasks[2], **changes)))


def with_service(**changes: Any) -> Case:
    """Return the case with its service changed."""
    return case(services=(replace(case().services[0], **changes),))


def test_a_sound_case_has_no_problems_and_comes_back_as_it_is() -> None:
    """Warnings that are always there are no longer read."""
    sound = case()

    assert problems(sound) == []
    assert what_remains(sound) == (sound, [])


WRONG: dict[str, tuple[Callable[[], Case], str, str]] = {
    "application-cycle": (
        lambda: case(
            applications=(
                Application(id="AD", owner="a", needs=(Need(application="PACS"),)),
                *case().applications[1:],
            )
        ),
        "stops",
        "applications[AD].needs",
    ),
    "task-cycle": (
        lambda: case(tasks=(replace(case().tasks[0], after=("PACS-1",)), *case().tasks[1:])),
        "stops",
        "tasks[AD].after",
    ),
    "unknown": (lambda: with_task(after=("nobody",)), "stops", "tasks[PACS-1].after"),
    "id-twice": (
        lambda: case(tasks=(*case().tasks, replace(case().tasks[2], work_hours=9))),
        "stops",
        "tasks[PACS-1]",
    ),
    "line-twice": (lambda: case(tasks=(*case().tasks, case().tasks[2])), "stops", "tasks[PACS-1]"),
    "id-empty": (lambda: case(skills=(Skill(id=" "), *case().skills)), "stops", "skills[]"),
    "calendar-always": (
        lambda: case(calendars=(*case().calendars, Calendar(id="always"))),
        "stops",
        "calendars[always]",
    ),
    "start": (lambda: case(starts_at=NIGHT.replace(year=9999)), "stops", "starts_at"),
    "zone": (lambda: case(zone="Europe/Atlantis"), "stops", "zone"),
    "now": (lambda: case(now=-1), "stops", "now"),
    "hours-negative": (lambda: with_task(work_hours=-4), "stops", "tasks[PACS-1].work_hours"),
    "hours-absurd": (lambda: with_task(work_hours=8761), "stops", "tasks[PACS-1].work_hours"),
    "count": (
        lambda: with_task(team=(SkillCount(skill="system", count=0),)),
        "stops",
        "tasks[PACS-1].team",
    ),
    "skill-nobody": (lambda: with_task(team=(SkillCount(skill="magic"),)), "stops", "tasks[PACS-1].team"),
    "team-too-large": (
        lambda: with_task(team=(SkillCount(skill="system", count=2),)),
        "stops",
        "tasks[PACS-1].team",
    ),
    "no-common-hour": (
        lambda: with_task(team=(SkillCount(skill="system"), SkillCount(skill="network"))),
        "stops",
        "tasks[PACS-1].team",
    ),
    "calendar-short": (
        lambda: replace(with_task(calendar="none"), calendars=(*case().calendars, Calendar(id="none"))),
        "stops",
        "tasks[PACS-1].calendar",
    ),
    "calendar-empty": (
        lambda: case(calendars=(*case().calendars, Calendar(id="none"))),
        "warns",
        "calendars[none]",
    ),
    "units-short": (lambda: with_task(uses=(Use(resource="bench", units=3),)), "stops", "tasks[PACS-1].uses"),
    "shares-above-one": (
        lambda: with_service(
            shares=(Share(application="AD", share=0.6), Share(application="RIS", share=0.6))
        ),
        "stops",
        "services[images].shares",
    ),
    "share": (
        lambda: with_service(shares=(Share(application="AD", share=-0.1),)),
        "stops",
        "services[images].shares",
    ),
    "coverage": (
        lambda: with_service(coverage=(Coverage(from_day=0, share=1.5),)),
        "stops",
        "services[images].coverage",
    ),
    "impact-negative": (
        lambda: with_service(impact=(Impact(from_day=0, per_day=-1),)),
        "stops",
        "services[images].impact",
    ),
    "day-twice": (
        lambda: with_service(impact=(Impact(from_day=0, per_day=1), Impact(from_day=0, per_day=2))),
        "stops",
        "services[images].impact",
    ),
    "remaining-negative": (
        lambda: case(now=9, states=(TaskState(task="AD-1", started=2, remaining_hours=-1),)),
        "stops",
        "states[AD-1].remaining_hours",
    ),
    "not-ordered": (
        lambda: with_service(impact=(Impact(from_day=3, per_day=1), Impact(from_day=0, per_day=2))),
        "warns",
        "services[images].impact",
    ),
    "requires-nothing": (lambda: with_service(requires=()), "warns", "services[images].requires"),
    "no-impact": (lambda: with_service(impact=()), "warns", "services[images].impact"),
    "no-task": (
        lambda: case(applications=(*case().applications, Application(id="X", owner="x"))),
        "warns",
        "applications[X]",
    ),
    "no-owner": (
        lambda: case(applications=tuple(replace(each, owner="") for each in case().applications)),
        "warns",
        "applications[].owner",
    ),
    "no-evidence": (lambda: with_task(kind="gate"), "warns", "tasks[].evidence"),
    "probability": (lambda: with_task(fail_probability=1.2), "warns", "tasks[PACS-1].fail_probability"),
    "probability-one": (lambda: with_task(fail_probability=1.0), "warns", "tasks[PACS-1].fail_probability"),
    "spread": (
        lambda: case(uncertainty=Uncertainty(task_sigma=-1.0)),
        "warns",
        "uncertainty.task_sigma",
    ),
    "days-negative": (
        lambda: case(uncertainty=Uncertainty(reinfection_after_days=-1.0)),
        "warns",
        "uncertainty.reinfection_after_days",
    ),
    "before-start": (lambda: with_task(not_before=-5), "warns", "tasks[PACS-1].not_before"),
    "late-start": (lambda: replace(with_task(not_before=5), now=50), "warns", "tasks[].not_before"),
    "unknown-before": (
        lambda: case(
            applications=(
                *case().applications[:2],
                Application(id="PACS", owner="b", needs=(Need(application="RIS", before="RIS-1"),)),
            )
        ),
        "warns",
        "applications[PACS].needs[RIS].before",
    ),
    "skill-unlisted": (lambda: case(skills=(Skill(id="system"),)), "warns", "skills[network]"),
    "units-absurd": (
        lambda: case(resources=(*case().resources, Resource(id="none", units=0))),
        "warns",
        "resources[none].units",
    ),
    "no-hour": (
        lambda: case(
            people=(
                *case().people,
                Person(id="zoe", skills=("system",), windows=(Window(from_hour=5, to_hour=5),)),
            )
        ),
        "warns",
        "people[zoe]",
    ),
    "window-past": (
        lambda: case(
            now=50,
            people=(
                *case().people,
                Person(id="zoe", skills=("system",), windows=(Window(from_hour=5, to_hour=9),)),
            ),
        ),
        "warns",
        "people[zoe].windows",
    ),
    "span": (
        lambda: case(
            people=(
                *case().people,
                Person(id="zoe", skills=("system",), absences=(Window(from_hour=9, to_hour=5),)),
            )
        ),
        "warns",
        "people[zoe].absences",
    ),
    "span-far": (
        lambda: case(
            people=(
                *case().people,
                Person(id="zoe", skills=("system",), absences=(Window(from_hour=9, to_hour=10**6),)),
            )
        ),
        "warns",
        "people[zoe].absences",
    ),
    "calendar-hours": (
        lambda: case(
            calendars=(
                *case().calendars,
                Calendar(id="odd", week=(WorkingHours(days=WEEK, from_hour=8, to_hour=26),)),
            )
        ),
        "warns",
        "calendars[odd].week",
    ),
    "state-order": (
        lambda: case(now=9, states=(TaskState(task="AD-1", started=5, ended=3),)),
        "warns",
        "states[AD-1]",
    ),
    "state-future": (lambda: case(states=(TaskState(task="AD-1", started=5),)), "warns", "states[AD-1]"),
    "nothing": (lambda: case(tasks=(), applications=(), services=()), "warns", "applications"),
}


@pytest.mark.parametrize("code", WRONG)
def test_each_wrong_line_is_named_with_its_place(code: str) -> None:
    """A person at three in the morning corrects the line she is shown, not the one she has to look for."""
    wrong, severity, place = WRONG[code][0](), WRONG[code][1], WRONG[code][2]

    found = [problem for problem in problems(wrong) if problem.code == code]

    assert [(problem.severity, problem.place) for problem in found] == [(severity, place)]
    assert line(found[0]).startswith(f"{place}: ")
    assert "%(" not in sentence(found[0], "fr")


@pytest.mark.parametrize("code", WRONG)
def test_what_remains_has_nothing_that_stops_and_is_not_changed_again(code: str) -> None:
    """The planner is given what remains: one more problem there is a traceback in the crisis cell."""
    rest, left = what_remains(WRONG[code][0]())

    assert [problem for problem in problems(rest) if problem.severity == "stops"] == []
    assert what_remains(rest) == (rest, [])
    assert all(each.because.code in MESSAGES for each in left)


def test_a_circle_is_told_member_by_member_and_in_the_order_they_wait() -> None:
    """“There is a circle” sends people looking through two hundred applications."""
    circle = WRONG["application-cycle"][0]()

    (problem,) = [each for each in problems(circle) if each.severity == "stops"]

    assert sentence(problem) == "these applications wait for one another in a circle: AD → PACS → RIS → AD"
    assert set(problem.ids) == {"AD", "PACS", "RIS"}


def test_a_circle_through_the_need_of_an_application_is_found_as_one_of_tasks() -> None:
    """A task that follows another application's, which needs this one: nobody sees it in either list alone."""
    (problem,) = [each for each in problems(WRONG["task-cycle"][0]()) if each.severity == "stops"]

    assert set(problem.ids) >= {"AD", "AD-1", "PACS-1", "RIS-1"}


def test_a_chain_of_five_thousand_tasks_is_no_circle_and_no_crash() -> None:
    """A recursive search would die on a long plan: Python stops at a thousand calls."""
    tasks = tuple(
        Task(id=f"T{place}", application="AD", work_hours=1, after=(f"T{place - 1}",) if place else ())
        for place in range(5000)
    )
    long = Case(starts_at=NIGHT, applications=(Application(id="AD", owner="a"),), tasks=tasks, services=())

    assert problems(long) == []


def test_what_waits_for_what_is_left_out_is_left_out_too_and_said() -> None:
    """A date for the archive, planned without the imaging system it needs, would be a promise nobody can keep."""
    wrong = case(tasks=(case().tasks[0], replace(case().tasks[1], work_hours=-1), case().tasks[2]))

    rest, left = what_remains(wrong)

    assert [application.id for application in rest.applications] == ["AD"]
    assert [task.id for task in rest.tasks] == ["AD-1"]
    assert rest.services == ()
    assert [(each.list, each.id, each.because.code) for each in left] == [
        ("applications", "RIS", "hours-negative"),
        ("applications", "PACS", "needs-left-out"),
        ("services", "images", "service-left-out"),
    ]


def test_what_only_the_forecast_reads_is_set_to_its_default_and_keeps_its_application() -> None:
    """A probability typed as a percentage must not take the archive out of the plan."""
    rest, left = what_remains(
        replace(
            with_task(fail_probability=30.0, rework=("gone",), spread=9.0, not_before=-2),
            published=(PublishedDate(id="gone", p80=3),),
            states=(
                TaskState(task="AD-1", blocked_until=7, people=("gone",)),
                TaskState(task="gone", ended=0),
            ),
        )
    )

    assert left == []
    assert rest.tasks[2] == case().tasks[2]
    assert rest.published == ()
    assert rest.states == (TaskState(task="AD-1", blocked_until=7),)


def test_what_is_reported_for_next_month_is_no_report() -> None:
    """A date typed wrong would hold everything that waits for the task until then."""
    soon = case(now=9, states=(TaskState(task="AD-1", started=2, ended=11),))
    far = case(now=9, states=(TaskState(task="AD-1", started=2, ended=900),))
    absurd = case(now=9, states=(TaskState(task="AD-1", started=2, remaining_hours=10**9),))

    assert what_remains(soon) == (soon, [])
    for wrong, code in ((far, "state-future"), (absurd, "hours-absurd")):
        rest, left = what_remains(wrong)
        assert rest.states == ()
        assert rest.tasks == wrong.tasks
        assert [(each.list, each.id, each.because.code) for each in left] == [("states", "AD-1", code)]


def test_a_vendor_who_comes_only_when_the_team_is_away_is_found() -> None:
    """Found in the plan it is a surprise in three weeks; found here it is one call today."""
    monday_night = 24 + 17  # Monday 20:10, after the start on Sunday 03:10
    people = (
        Person(id="anne", skills=("system",), calendar="office"),
        Person(
            id="vendor",
            kind="vendor",
            skills=("pacs",),
            windows=(Window(from_hour=monday_night, to_hour=monday_night + 8),),
        ),
    )
    team = (SkillCount(skill="system"), SkillCount(skill="pacs"))
    never = replace(with_task(team=team), people=people, skills=())
    often = replace(
        never, people=(people[0], replace(people[1], windows=(Window(from_hour=24, to_hour=90),)))
    )

    assert "no-common-hour" in {problem.code for problem in problems(never)}
    assert "no-common-hour" not in {problem.code for problem in problems(often)}


def test_a_holiday_that_never_ends_leaves_no_hours() -> None:
    """A calendar closed by an exception looks full of hours in its week."""
    closed = Calendar(
        id="office",
        week=(WorkingHours(days=WEEK, from_hour=8, to_hour=18),),
        exceptions=(CalendarException(from_hour=0, to_hour=10**6),),
    )

    found = {problem.code for problem in problems(case(calendars=(closed, case().calendars[1])))}

    assert {"calendar-empty", "no-hour", "no-common-hour"} <= found


def test_every_sentence_exists_in_both_languages_with_the_same_facts() -> None:
    """A French sentence without its fact names nothing."""
    facts = re.compile(r"%\((\w+)\)s")

    assert set(FRENCH) == set(MESSAGES)
    for code, english in MESSAGES.items():
        assert set(facts.findall(english)) == set(facts.findall(FRENCH[code])), code


def test_two_hundred_applications_without_an_owner_are_one_line() -> None:
    """Two hundred lines that say the same hide the one that stops the plan."""
    many = tuple(Application(id=f"A{place}") for place in range(200))
    found = [problem for problem in problems(case(applications=many)) if problem.code == "no-owner"]

    assert len(found) == 1
    assert len(found[0].ids) == 200
    assert "(+ 188)" in sentence(found[0])
