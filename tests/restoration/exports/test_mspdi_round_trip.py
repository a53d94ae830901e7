"""A case goes out as MSPDI and comes back with every task, link, calendar, assignment and progress."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace
from told_case import told_case, told_plan

from releve.exercise.demo import demo_hospital
from releve.restoration.case import Case, Need, Task, TaskState, Window
from releve.restoration.catalogue.first import first_case
from releve.restoration.exports.mspdi import MspdiReading, read_mspdi, write_mspdi
from releve.restoration.planner.calendars import calendar_masks, person_mask
from releve.restoration.planner.decode import decode

HORIZON = 3000


def again(case: Case) -> MspdiReading:
    """Return what another tool would hand back if it changed nothing, read without the case it came from."""
    return read_mspdi(write_mspdi(case, told_plan()))


def sorted_needs(case: Case) -> dict[str, set[Need]]:
    """Return the needs of each application, whose order means nothing."""
    return {application.id: set(application.needs) for application in case.applications}


def test_every_task_comes_back_as_it_went() -> None:
    """A task lost on the way to the planner's own tool is an application that nobody restores."""
    case = told_case()

    assert {task.id: task for task in again(case).case.tasks} == {task.id: task for task in case.tasks}


def test_every_link_comes_back() -> None:
    """Without its needs the archive is reopened before the system that feeds it."""
    assert sorted_needs(again(told_case()).case) == sorted_needs(told_case())


def test_applications_come_back_even_those_without_a_task() -> None:
    """Somebody put it in the case for a reason."""
    told = {line.id: replace(line, needs=()) for line in told_case().applications}

    assert {line.id: replace(line, needs=()) for line in again(told_case()).case.applications} == told


def test_every_calendar_works_the_same_hours() -> None:
    """The clocks go back in the first night of this case: one hour off, and a vendor stands before a closed door."""
    case, read = told_case(), again(told_case()).case
    before, after = calendar_masks(case, HORIZON), calendar_masks(read, HORIZON)

    assert after == before
    assert read.calendars[0].exceptions != ()


def test_everybody_is_there_at_the_same_hours() -> None:
    """Absences and windows are hours of the case; the file speaks of local days."""
    case, read = told_case(), again(told_case()).case
    masks = calendar_masks(case, HORIZON)
    there = {person.id: person_mask(person, masks, HORIZON) for person in case.people}

    assert {person.id: person_mask(person, masks, HORIZON) for person in read.people} == there
    for person, told in zip(read.people, case.people, strict=True):
        assert (person.kind, person.skills, person.name) == (told.kind, told.skills, told.name)
        assert person.no_show_probability == told.no_show_probability
    assert read.resources == case.resources


def test_progress_comes_back() -> None:
    """What was done in the night must not be planned again."""
    read = again(told_case()).case

    assert set(read.states) == set(told_case().states)
    assert read.now == told_case().now


def test_dates_and_people_come_back_as_a_plan() -> None:
    """A plan moved by hand in another tool is a plan like any other, to be criticised."""
    told = {(each.task, each.start, each.end, frozenset(each.people)) for each in told_plan().tasks}

    plan = again(told_case()).plan

    assert {(each.task, each.start, each.end, frozenset(each.people)) for each in plan.tasks} == told


def test_with_the_case_it_was_written_from_nothing_is_lost_at_all() -> None:
    """Services, impacts and announced dates have no place in MSPDI."""
    case = told_case()

    reading = read_mspdi(write_mspdi(case, told_plan()), base=case)

    assert reading.case == case
    assert reading.remarks == ()


def test_lines_come_back_in_the_order_of_the_case() -> None:
    """A file groups tasks by application; a case may not, and one that only changed its order would look changed."""
    case = told_case()
    mixed = replace(case, tasks=case.tasks[::-1], states=case.states[::-1], people=case.people[::-1])

    assert read_mspdi(write_mspdi(mixed), base=mixed).case == mixed


def test_what_another_tool_changed_is_taken_and_the_rest_is_kept() -> None:
    """Somebody moved a duration, a link and a percentage in the file: those, and nothing else."""
    case = told_case()
    written = write_mspdi(case).decode()
    changed = written.replace("<Duration>PT3H0M0S</Duration>", "<Duration>PT5H0M0S</Duration>")
    changed = changed.replace(
        "<RemainingDuration>PT7H0M0S</RemainingDuration>", "<RemainingDuration>PT1H0M0S</RemainingDuration>"
    )
    assert changed.count("PT5H0M0S") == 1

    read = read_mspdi(changed.encode(), base=case).case

    tasks = {task.id: task for task in read.tasks}
    assert tasks["PACS-test"] == replace(case.tasks[3], work_hours=5)
    assert [task for task in read.tasks if task.id != "PACS-test"] == [
        task for task in case.tasks if task.id != "PACS-test"
    ]
    assert TaskState(task="PACS-restore", started=14, remaining_hours=1) in read.states
    assert read.services == case.services
    assert read.people == case.people


def test_a_hospital_of_a_thousand_tasks_comes_back_whole() -> None:
    """The small case has one of each; the size of a real one finds what only happens among many."""
    case = first_case(demo_hospital(), datetime(2026, 11, 22, 3, 10, tzinfo=ZoneInfo("Europe/Paris")))
    plan = decode(case, [application.id for application in case.applications])

    reading = read_mspdi(write_mspdi(case, plan))

    assert reading.case.tasks == case.tasks
    assert sorted_needs(reading.case) == sorted_needs(case)
    assert {(each.task, each.start, each.end) for each in reading.plan.tasks} == {
        (each.task, each.start, each.end) for each in plan.tasks
    }
    assert [remark.code for remark in reading.remarks] == ["no-care"]


def test_the_file_says_which_plan_it_is_and_the_plan_read_from_it_descends_from_that() -> None:
    """Three files on a stick, all called plan.xml: nobody knows which one the teams were given."""
    case, made_at = told_case(), datetime(2026, 10, 25, 9, 30, tzinfo=ZoneInfo("Europe/Paris"))
    plan = replace(told_plan(), id="8c01d6cf2f6d63d4", parent="17b5a1ef00c2aa90")

    written = write_mspdi(case, plan, made_at=made_at)

    subject = "plan=8c01d6cf2f6d63d4 parent=17b5a1ef00c2aa90 made=2026-10-25T09:30:00+01:00</Subject>"
    assert subject in written.decode()
    assert read_mspdi(written).plan.parent == "8c01d6cf2f6d63d4"
    assert read_mspdi(written, base=case).plan.parent == "8c01d6cf2f6d63d4"
    assert read_mspdi(write_mspdi(case, replace(plan, id="two words"))).plan.parent == ""
    assert read_mspdi(write_mspdi(case, told_plan())).plan.parent == ""


def test_elements_stand_in_the_order_of_the_schema() -> None:
    """Microsoft Project refuses a file whose elements are right and in another order."""
    written = write_mspdi(told_case(), told_plan()).decode()
    order = (
        "SaveVersion Name Title Subject ScheduleFromStart StartDate FinishDate CalendarUID StatusDate "
        "ExtendedAttributes Calendars Tasks Resources Assignments"
    ).split()
    of_task = (
        "UID ID Name Active Manual Type IsNull WBS OutlineNumber OutlineLevel Priority Start Finish Duration "
        "DurationFormat EffortDriven Estimated Milestone Summary PercentComplete RemainingDuration ConstraintType "
        "CalendarUID IgnoreResourceCalendar PredecessorLink ExtendedAttribute"
    ).split()
    task = next(part for part in written.split("<Task>") if "<Name>Tester à deux</Name>" in part)

    places = [written.index(f"<{name}>") for name in order]
    task_places = [task.index(f"<{name}>") for name in of_task]

    assert places == sorted(places)
    assert task_places == sorted(task_places)


def test_signs_that_xml_forbids_do_not_break_the_file() -> None:
    """A name pasted from a terminal would make a file that no tool opens."""
    case = replace(
        told_case(), tasks=(Task(id="a", application="AD", name="bell\x07 & <b>", work_hours=1),), states=()
    )

    assert read_mspdi(write_mspdi(case)).case.tasks[0].name == "bell\ufffd & <b>"


@pytest.mark.parametrize("absence", [Window(from_hour=0, to_hour=1), Window(from_hour=23, to_hour=100)])
def test_an_absence_of_any_length_comes_back(absence: Window) -> None:
    """From part of a day to several days, over the night in which the clocks change."""
    case = told_case()
    case = replace(case, people=(replace(case.people[3], absences=(absence,)), *case.people[:3]))
    masks = calendar_masks(case, HORIZON)

    read = read_mspdi(write_mspdi(case)).case

    assert person_mask(read.people[0], masks, HORIZON) == person_mask(case.people[0], masks, HORIZON)
