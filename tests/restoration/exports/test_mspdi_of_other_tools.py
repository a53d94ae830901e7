"""Files in the manner of other tools: what a case keeps, what it does not, and that each is said with its line."""

from pathlib import Path

import pytest

from releve.restoration.case import ALWAYS, Need, TaskState, Window
from releve.restoration.catalogue.problems import problems
from releve.restoration.exports.mspdi import MspdiReading, XmlError, read_mspdi
from releve.restoration.exports.remarks import FRENCH, MESSAGES, line, sentence
from releve.restoration.planner.decode import decode

SAMPLES = Path(__file__).parent / "samples"


def sample(name: str) -> MspdiReading:
    """Return what one of the sample files says."""
    return read_mspdi((SAMPLES / f"{name}.xml").read_bytes())


@pytest.mark.parametrize("name", ["msproject", "projectlibre", "ganttproject"])
def test_a_plan_is_made_of_every_sample(name: str) -> None:
    """A file with what we do not support is still the plan of somebody's weeks."""
    case = sample(name).case

    assert not [problem for problem in problems(case) if problem.severity == "stops"]
    plan = decode(case, [application.id for application in case.applications])
    assert {planned.task for planned in plan.tasks} == {task.id for task in case.tasks}


def test_what_is_not_kept_of_a_microsoft_project_file_is_said_line_by_line() -> None:
    """Dropped in silence, a deadline is missed by everybody."""
    said = [(remark.line, remark.code) for remark in sample("msproject").remarks]

    assert {code for _, code in said} == {
        "assignment-unknown", "baseline", "calendar-minutes", "calendar-recurring", "constraint-start", "cost",
        "deadline", "duration-elapsed", "element", "fixed-cost", "inactive", "lag", "lead", "link-type", "link-unknown",
        "manual", "minutes", "no-care", "notes", "recurring", "resource-material", "split", "summary-work",
        "timephased", "unit", "units",
    }  # fmt: skip
    assert said == sorted(said, key=lambda each: each[0])
    lines = (SAMPLES / "msproject.xml").read_text().splitlines()
    for remark in sample("msproject").remarks:
        if remark.code in ("link-unknown", "lag", "link-type"):
            assert "<PredecessorLink>" in lines[remark.line - 1]
        if remark.code == "element":
            assert "<HomeMade>" in lines[remark.line - 1]


def test_the_outline_becomes_applications_and_their_tasks() -> None:
    """Three levels deep in the file, two in a case."""
    case = sample("msproject").case

    assert [(application.id, application.name) for application in case.applications] == [
        ("A1", "Annuaire"),
        ("A4", "Archive d’images"),
        ("A13", "Point d’étape"),
    ]
    assert {task.id: task.application for task in case.tasks} == {
        "T2": "A1", "T3": "A1", "T5": "A4", "T7": "A4", "T8": "A4", "T9": "A4", "T10": "A4", "T13": "A13", "A4~1": "A4",
    }  # fmt: skip


def test_links_between_summaries_become_needs_and_those_of_tasks_stay() -> None:
    """Both say “not before”; a case has a word for each."""
    case = sample("msproject").case
    needs = {application.id: application.needs for application in case.applications}
    after = {task.id: task.after for task in case.tasks}

    assert needs["A4"] == (Need(application="A1"),)
    assert needs["A13"] == (Need(application="A4", before="T13"),)
    assert after["T3"] == ("T2",)
    assert after["T9"] == ("T7", "T8")  # the summary it follows, leaf by leaf


def test_a_lag_becomes_a_task_that_waits() -> None:
    """Eight working hours between restoring and checking are not nothing: a date without them is too early."""
    case = sample("msproject").case
    wait = next(task for task in case.tasks if task.id == "A4~1")

    assert (wait.work_hours, wait.after, wait.team, wait.calendar) == (8, ("T5",), (), "C1")
    assert {task.id for task in case.tasks if wait.id in task.after} == {"T7", "T8"}


def test_links_that_would_make_a_circle_as_finish_to_start_are_left_out_and_said() -> None:
    """Start to start one way and finish to finish the other is no circle in that tool; here it would stop the plan."""
    reading = sample("ganttproject")

    assert [remark.code for remark in reading.remarks if remark.code.startswith("link")] == [
        "link-type",
        "link-type",
        "link-circle",
    ]
    assert not [problem for problem in problems(reading.case) if "cycle" in problem.code]


def test_progress_of_another_tool_is_what_was_reported() -> None:
    """Percentages and actual dates are all that a chart of bars says of what was done."""
    microsoft, libre, gantt = (sample(name).case for name in ("msproject", "projectlibre", "ganttproject"))

    assert microsoft.now == 50
    assert microsoft.states == (
        TaskState(task="T2", started=0, ended=33, people=("R2-1", "R2-2")),
        TaskState(task="T3", started=48, people=("R1",), remaining_hours=2),
    )
    assert libre.states == (TaskState(task="T1", started=0, people=("R1",), remaining_hours=15),)
    assert gantt.states == (TaskState(task="T2", ended=48),)


def test_people_of_another_tool_do_the_tasks_they_were_given() -> None:
    """Such a file knows no skills: whoever was named is named still."""
    case = sample("msproject").case
    teams = {task.id: {each.skill: each.count for each in task.team} for task in case.tasks}
    people = {person.id: person for person in case.people}

    assert teams["T3"] == {"is:R1": 1}
    assert teams["T2"] == {"is:R2": 2}
    assert people["R1"].absences == (Window(from_hour=64, to_hour=112),)  # Thursday and Friday
    assert [id for id, person in people.items() if "is:R2" in person.skills] == ["R2-1", "R2-2"]


def test_durations_are_hours_whatever_they_were_written_in() -> None:
    """Five minutes, two working days, two days by the clock, two months."""
    hours = {task.id: task.work_hours for task in sample("msproject").case.tasks}
    calendars = {task.id: task.calendar for task in sample("msproject").case.tasks}

    assert (hours["T7"], hours["T2"], hours["T5"], hours["T9"]) == (1, 16, 48, 320)
    assert calendars["T5"] == ALWAYS
    assert sample("projectlibre").case.tasks[0].work_hours == 21  # three days of seven hours


def test_a_holiday_told_twice_in_a_file_is_one() -> None:
    """Files of 2007 and later say each exception in the old way as well."""
    (standard,) = [each for each in sample("msproject").case.calendars if each.name == "Standard"]

    assert [(told.from_hour, told.to_hour, told.name) for told in standard.exceptions] == [(760, 784, "Noël")]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "line 1"),
        (b"<Project>", "line 1"),
        (b"<html/>", "expected a Project"),
        (b"PK\x03\x04", "line 1"),
        (b"<?xml version='1.0' encoding='no-such'?><Project/>", "line 1"),
        (b"<!DOCTYPE Project [<!ENTITY a 'aaaa'>]><Project>&a;</Project>", "no entities"),
        (b"<!DOCTYPE Project SYSTEM 'file:///etc/passwd'><Project/>", "no document type"),
        (b"<Project>" + b"<Tasks>" * 70 + b"</Tasks>" * 70 + b"</Project>", "64 levels"),
    ],
    ids=["empty", "cut", "html", "zip", "encoding", "entities", "external", "deep"],
)
def test_a_file_that_is_no_mspdi_is_refused_in_one_sentence(data: bytes, words: str) -> None:
    """A file from outside that opens other files, or fills the memory, is an attack on the crisis cell."""
    with pytest.raises(XmlError, match=words):
        read_mspdi(data)


def test_entities_are_not_expanded_a_billion_times() -> None:
    """Ten lines of XML that become a gigabyte are the oldest trick there is."""
    lines = [b"<!ENTITY a0 'ha'>"] + [
        f"<!ENTITY a{place} '&a{place - 1};&a{place - 1};'>".encode() for place in range(1, 40)
    ]

    with pytest.raises(XmlError):
        read_mspdi(b"<!DOCTYPE Project [" + b"".join(lines) + b"]><Project>&a39;</Project>")


def test_a_file_with_nothing_in_it_is_an_empty_case_that_says_so() -> None:
    """An empty plan is better than none, and worse than a sentence."""
    reading = read_mspdi(b"<Project xmlns='http://schemas.microsoft.com/project'/>")

    assert reading.case.tasks == ()
    assert {remark.code for remark in reading.remarks} == {"no-start", "no-care"}


def test_hours_that_do_not_count_and_parts_that_begin_later_are_said() -> None:
    """Both move the end of a task, and neither shows in its bar."""
    whole = (SAMPLES / "msproject.xml").read_text()
    told = whole.replace("<IgnoreResourceCalendar>0<", "<IgnoreResourceCalendar>1<", 3).replace(
        "<Units>1</Units>", "<Units>1</Units><Delay>4800</Delay>", 1
    )

    codes = [remark.code for remark in read_mspdi(told.encode()).remarks]

    assert codes.count("delay") == 1
    assert codes.count("ignores-people") == 2  # the first of the three is the project itself


def test_true_and_false_are_read_as_one_and_zero() -> None:
    """The schema allows both; a tool that writes words would bring abandoned tasks back to life."""
    whole = (SAMPLES / "msproject.xml").read_text()
    for name in ("Active", "Manual", "IsNull", "Milestone", "Recurring", "DayWorking", "IsBaseCalendar"):
        whole = whole.replace(f"<{name}>1<", f"<{name}>true<").replace(f"<{name}>0<", f"<{name}>false<")

    assert read_mspdi(whole.encode()) == sample("msproject")


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_dates_of_other_centuries_are_said_and_not_followed(year: str) -> None:
    """“Never” is written as the year 9999 by some tools, and as the year 1 by others."""
    whole = (SAMPLES / "msproject.xml").read_text()
    spoiled = whole.replace("<ToDate>2026-11-27", f"<ToDate>{year}-12-31").replace(
        "<ActualStart>2026", f"<ActualStart>{year}"
    )

    reading = read_mspdi(spoiled.replace("<Finish>2026-12", f"<Finish>{year}-12").encode())

    assert {(remark.code, remark.facts.get("name")) for remark in reading.remarks} >= {
        ("date", "ActualStart"),
        ("date", "TimePeriod"),
        ("date", "Finish"),
    }
    assert [state.started for state in reading.case.states] == [None, 48]  # the second by its percentage


def test_a_french_remark_has_no_english_word_in_it() -> None:
    """Half a sentence in another language is read as none."""
    said = [line(remark, "fr") for remark in sample("msproject").remarks]

    assert (
        "ligne 418, tâche 8 «\u00a0Vérifier le reste\u00a0»\u00a0: un lien de type début à début avec la tâche 7 "
        "«\u00a0Vérifier un examen\u00a0»\u202f; lu comme fin à début, ce qui attend plus longtemps"
    ) in said
    assert not [text for text in said if "task" in text or " to " in text or "“" in text]


def test_every_remark_exists_in_both_languages() -> None:
    """A sentence without its French is a line nobody on the night reads."""
    assert set(FRENCH) == set(MESSAGES)
    for remark in sample("msproject").remarks:
        assert "%(" not in sentence(remark, "fr")
        if remark.line:
            assert line(remark, "fr").startswith(f"ligne {remark.line}, ")
