"""What is told of a restoration becomes the case as it stands: nothing invented, nothing lost, errors by place."""

from collections.abc import Sequence

import msgspec
import pytest
from msgspec.structs import replace
from two_rooms import two_rooms

from releve.restoration.case import Application, Case, Person, PublishedDate, Task, TaskState, Window
from releve.restoration.plan import Plan, PlannedTask
from releve.restoration.replanning.applied import apply
from releve.restoration.replanning.events import (
    ApplicationAdded,
    ApplicationRemoved,
    BackupInfected,
    CoverageDropped,
    DatePublished,
    Event,
    EventError,
    GateFailed,
    PeopleAdded,
    PersonAbsent,
    ResourceChanged,
    TaskBlocked,
    TaskEnded,
    TaskLate,
    TaskStarted,
    VendorLate,
    read_events,
)
from releve.restoration.replanning.progress import as_planned


def state_of(case: Case, task: str) -> TaskState | None:
    """Return what was reported of a task."""
    return next((state for state in case.states if state.task == task), None)


def task_of(case: Case, id: str) -> Task:
    """Return a task."""
    return next(task for task in case.tasks if task.id == id)


def under_way() -> Case:
    """Return the case in which the directory is being restored since 08:00."""
    return apply(two_rooms(), (TaskStarted(task="AD-restore", at=8, people=("anne",)),), 12)


def test_a_task_under_way_is_worked_on_in_the_hours_of_its_people_only() -> None:
    """Counting nights as work promises the directory a day too early."""
    case = apply(under_way(), (), 40)

    state = state_of(case, "AD-restore")

    assert state is not None
    assert state.remaining_hours == 20 - (18 - 8) - (40 - 32)


def test_an_absence_told_after_the_start_takes_its_hours_back() -> None:
    """Reports come in any order; the work done does not depend on which was typed first."""
    events = (
        TaskStarted(task="AD-restore", at=8, people=("anne",)),
        PersonAbsent(person="anne", from_hour=8, to_hour=18),
    )

    case = apply(two_rooms(), events, 18)

    state = state_of(case, "AD-restore")
    assert state is not None
    assert state.remaining_hours == 20


def test_an_overdue_task_has_an_hour_left_until_somebody_says_that_it_ended() -> None:
    """A plan that ends tasks by itself announces applications that are not back."""
    state = state_of(apply(under_way(), (), 200), "AD-restore")

    assert state is not None
    assert state.ended is None
    assert state.remaining_hours == 1


def test_a_start_without_names_is_that_of_the_people_planned() -> None:
    """Two clicks say "begun"; nobody types who, when the plan knows."""
    plan = Plan(tasks=(PlannedTask(task="AD-restore", start=8, end=42, people=("bruno",)),))

    case = apply(two_rooms(), (TaskStarted(task="AD-restore", at=8),), 10, plan=plan)

    state = state_of(case, "AD-restore")
    assert state is not None
    assert state.people == ("bruno",)


def test_late_means_what_remains_under_way_and_all_of_it_before_the_start() -> None:
    """The same word on the sheet, two meanings in the plan: the hours already worked are not asked again."""
    events = (
        TaskLate(task="AD-restore", remaining_hours=30),
        TaskLate(task="LAB-test", remaining_hours=9),
    )

    case = apply(under_way(), events, 12)

    state = state_of(case, "AD-restore")
    assert state is not None
    assert state.remaining_hours == 30
    assert task_of(case, "LAB-test").work_hours == 9


def test_a_failed_gate_opens_its_rework_again_and_what_lies_between() -> None:
    """A server restored again and not scanned again brings the attacker back."""
    ended = tuple(
        TaskEnded(task=id, at=at) for id, at in (("AD-restore", 40), ("AD-scan", 44), ("LAB-restore", 45))
    )
    case = apply(two_rooms(), ended, 50)

    case = apply(case, (GateFailed(task="AD-gate", hours={"AD-restore": 12}),), 52)

    assert {state.task for state in case.states} == {"LAB-restore"}
    assert task_of(case, "AD-restore").work_hours == 12


def test_what_followed_a_gate_that_fails_afterwards_is_done_again() -> None:
    """Tested upon a server that was not clean: without this others would build on an application that is not back."""
    case = replace(
        two_rooms(),
        tasks=(*two_rooms().tasks, Task(id="AD-test", application="AD", work_hours=2, after=("AD-gate",))),
    )
    ids = ("AD-restore", "AD-scan", "AD-gate", "AD-test")
    case = apply(case, tuple(TaskEnded(task=id, at=40 + n) for n, id in enumerate(ids)), 50)

    assert apply(case, (GateFailed(task="AD-gate"),), 52).states == ()


def test_an_infected_backup_is_restored_and_scanned_again_and_takes_longer() -> None:
    """An older backup must be found and read: the same hours again would be a promise broken at once."""
    ended = (TaskEnded(task="AD-restore", at=40), TaskEnded(task="AD-scan", at=44))

    case = apply(two_rooms(), (*ended, BackupInfected(application="AD", more_hours=15)), 50)

    assert case.states == ()
    assert task_of(case, "AD-restore").work_hours == 35


def test_people_windows_units_dates_and_coverage_change_where_they_stand() -> None:
    """One event each; what was not told stays as it was."""
    events = (
        VendorLate(person="vendor", window_from=48, from_hour=72, to_hour=120),
        PeopleAdded(people=(Person(id="carl", skills=("system",), calendar="office"),)),
        ResourceChanged(resource="bandwidth", units=3),
        DatePublished(kind="service", id="results", p80=100),
        DatePublished(kind="service", id="results", p80=130),
        CoverageDropped(service="results", from_day=2.0, share=0.1),
        TaskBlocked(task="LAB-restore", until=30),
    )

    case = apply(two_rooms(), events, 5)

    assert case.people[2].windows == (Window(from_hour=72, to_hour=120),)
    assert [person.id for person in case.people] == ["anne", "bruno", "vendor", "carl"]
    assert case.resources[0].units == 3
    assert case.published == (PublishedDate(kind="service", id="results", p80=130),)
    assert case.services[0].coverage[-1].share == 0.1
    assert state_of(case, "LAB-restore") == TaskState(task="LAB-restore", blocked_until=30)


def test_an_application_given_up_holds_nobody_up() -> None:
    """A laboratory that waits for what will never come back never comes back either."""
    case = apply(two_rooms(), (ApplicationRemoved(application="AD"),), 0)

    assert [application.needs for application in case.applications] == [()]
    assert [task.id for task in case.tasks] == ["LAB-restore", "LAB-test"]
    assert [service.id for service in case.services] == ["results"]


def test_an_application_nobody_thought_of_is_waited_for_by_the_services_it_belongs_to() -> None:
    """Found on the fifth day in a cupboard: from then on the service is not back without it."""
    added = ApplicationAdded(
        application=Application(id="MIDDLEWARE"),
        tasks=(Task(id="M-1", application="MIDDLEWARE", work_hours=3),),
        required_by=("results",),
    )

    case = apply(two_rooms(), (added,), 0)

    assert case.services[0].requires == ("LAB", "MIDDLEWARE")


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ((TaskEnded(task="nobody", at=3),), "events[0].task: expected the id of a task of the case"),
        ((TaskEnded(task="AD-scan", at=99),), "events[0].at: expected an hour from 0 to 20, which is now"),
        ((TaskStarted(task="AD-restore", at=1),), "events[0].people: expected 1 of them, each once"),
        ((GateFailed(task="AD-scan"),), "events[0].task: expected a gate"),
        (
            (TaskEnded(task="AD-scan", at=3), TaskEnded(task="AD-scan", at=4)),
            "events[1].task: expected a task that has not ended",
        ),
        (
            (PersonAbsent(person="anne", from_hour=9, to_hour=9),),
            "events[0].to_hour: expected an hour after from_hour, which is not negative",
        ),
        (
            (VendorLate(person="vendor", window_from=50, from_hour=60, to_hour=70),),
            "events[0].window_from: expected the hour at which one of this person’s windows opens",
        ),
    ],
)
def test_an_event_that_cannot_be_is_told_by_its_place(events: Sequence[Event], words: str) -> None:
    """Whoever typed forty lines at night must find the wrong one."""
    with pytest.raises(EventError) as error:
        apply(two_rooms(), events, 20)

    assert str(error.value) == words


def test_a_case_does_not_go_back_in_time() -> None:
    """Hours already counted as worked would be counted twice."""
    with pytest.raises(EventError, match=r"^now: expected an hour from 12 on"):
        apply(under_way(), (), 11)


def test_events_are_read_as_they_were_written_and_a_wrong_line_is_named() -> None:
    """Scripts write these files: what is misspelt is not silently left out."""
    events = (GateFailed(task="AD-gate", hours={"AD-restore": 3}), DatePublished(id="AD", p80=9))

    assert read_events(msgspec.json.encode(events)) == events
    with pytest.raises(EventError, match=r"^events\[1\]\.at: Expected `int`"):
        read_events(
            b'[{"event":"task-blocked","task":"a","until":1},{"event":"task-ended","task":"a","at":"x"}]'
        )


def test_what_waits_for_a_late_task_is_not_told_as_begun() -> None:
    """ "All as planned but this" would otherwise report tests of a server that is still being restored."""
    plan = Plan(
        tasks=(
            PlannedTask(task="LAB-restore", start=0, end=10),
            PlannedTask(task="AD-restore", start=8, end=42, people=("anne",)),
            PlannedTask(task="AD-scan", start=42, end=46),
        )
    )

    told = as_planned(two_rooms(), plan, 44, (TaskLate(task="AD-restore", remaining_hours=9),))

    assert told == (
        TaskStarted(task="LAB-restore", at=0),
        TaskStarted(task="AD-restore", at=8, people=("anne",)),
        TaskEnded(task="LAB-restore", at=10),
    )


def test_telling_changes_no_case_that_was_there_before() -> None:
    """The old plan is of the old case: both are kept."""
    case = two_rooms()
    copy = replace(case)

    apply(case, (ApplicationRemoved(application="AD"), ResourceChanged(resource="bandwidth", units=4)), 9)

    assert case == copy
