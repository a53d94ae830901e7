"""What is said of the restoration becomes rows, and rows become the case as it stands."""

import sys
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parent / "drawing"))

from small_case import CASE, PLAN

from releve.journal.entry import Entry
from releve.restoration.case import HOUR_MS
from releve.restoration.facts import (
    EvidenceKept,
    LineSaid,
    LinesSaid,
    PlanAsked,
    PlanMade,
    PublishedMoment,
    RestorationFact,
    TaskReported,
)
from releve.restoration.fold import FOLDS, KINDS, Said, read
from releve.restoration.plan import write_plan
from releve.restoration.standing.assembled import assemble
from releve.restoration.standing.lines import Line, differences, lines_of
from releve.restoration.standing.tasks import TaskReport, tasks_now
from releve.views.reading import Context, NotRead, Row

START_MS = round(CASE.starts_at.timestamp() * 1000)


def _read(said: RestorationFact | bytes) -> tuple[list[Said], list[NotRead]]:
    body = said if isinstance(said, bytes) else msgspec.msgpack.encode(said)
    kind = "restoration.lines.1" if isinstance(said, bytes) else str(said.__struct_config__.tag)
    entry = Entry(
        version=1, origin="a", epoch=1, index=7, hlc=(0, 0), occurred_at_us=None, recorded_at_us=0, author="x",
        recorder="r", source="screen", kind=kind, subjects=(), body=body,
    )  # fmt: skip
    found = list(read(entry, _context()))
    return [one for one in found if isinstance(one, Said)], [one for one in found if isinstance(one, NotRead)]


def _context() -> Context:
    return Context(zone=ZoneInfo("Europe/Paris"), namespace="CHV", log="a/1", index=7, recorded_at=START_MS)


def _rows(said: RestorationFact) -> list[Row]:
    facts, _ = _read(said)
    return [row for fact in facts for row in FOLDS[type(fact)](fact, _context())]


def _report(entry: str, state: Any, hour: float, seen: tuple[str, ...] = (), **more: Any) -> TaskReport:
    log, _, index = entry.partition("#")
    return TaskReport(
        entry=entry, log=log, index=int(index), task="P1", state=state, at_ms=START_MS + round(hour * HOUR_MS),
        seen=seen, **more,
    )  # fmt: skip


def test_a_catalogue_said_in_one_entry_is_read_line_by_line() -> None:
    """An import of two hundred applications is one act; each of its lines may be corrected alone."""
    lines = tuple(LineSaid(what=line.what, id=line.id, value=line.value) for line in lines_of(CASE))

    rows = _rows(LinesSaid(lines=lines, by="x"))

    assert len(rows) == len(lines)
    assert {row.id for row in rows} >= {"restoration:task:P1", "restoration:application:PACS"}


def test_one_wrong_line_is_left_out_and_counted_and_the_others_stand() -> None:
    """A file of another tool must not take a whole catalogue down."""
    lines = (
        LineSaid(what="skill", id="net", value='{"id":"net"}'),
        LineSaid(what="skill", id="sys", value='{"id":"another"}'),
        LineSaid(what="task", id="T", value='{"id":"T"}'),
        LineSaid(what="skill", id="gone"),
    )

    said, not_read = _read(LinesSaid(lines=lines, by="x"))

    assert [one.person for one in said] == ["restoration:skill:net", "restoration:skill:gone"]
    assert [one.reason for one in not_read] == [
        "restoration.lines.1: lines[1].value: expected a line of the catalogue",
        "restoration.lines.1: lines[2].value: expected a line of the catalogue",
    ]


@pytest.mark.parametrize(
    "said",
    [
        b"\xc1",
        TaskReported(task="P1", state="done", at_us=1 << 62, by="x"),
        TaskReported(task="P1", state="late", at_us=0, remaining_hours=-3, by="x"),
        PlanMade(asked="", plan="{}", starts_at_us=0, now_hour=0, case_digest=""),
        PlanAsked(seconds=1, plan="{}", made_by="x", by="x"),
    ],
)
def test_what_no_row_could_hold_is_not_read_and_its_words_hold_no_value(said: Any) -> None:
    """Another island signs anything; the fold must go on."""
    facts, not_read = _read(said)

    assert not facts
    assert "expected" in not_read[0].reason


def test_every_kind_makes_a_row_of_a_table_that_exists() -> None:
    """A kind without a row would be recorded and never seen."""
    made = PlanMade(
        asked="a/1#3",
        plan=write_plan(PLAN).decode(),
        starts_at_us=START_MS * 1000,
        now_hour=30,
        case_digest="d",
    )
    (row,) = _rows(made)

    assert row.table == "restoration_plan"
    assert row.values["loss"] == PLAN.loss
    (kept,) = _rows(EvidenceKept(name="rapport.pdf", media_type="application/pdf", content=b"%PDF-"))
    assert kept.values["bytes"] == 5
    assert len(KINDS) == len(msgspec.inspect.type_info(RestorationFact).types)  # type: ignore[attr-defined]


def test_a_catalogue_and_its_case_say_the_same() -> None:
    """What is planned is what was written down."""
    case = assemble(lines_of(CASE), starts_at_ms=START_MS, now_ms=START_MS + 30 * HOUR_MS)

    assert sorted(case.tasks, key=lambda one: one.id) == sorted(CASE.tasks, key=lambda one: one.id)
    assert sorted(case.people, key=lambda one: one.id) == sorted(CASE.people, key=lambda one: one.id)
    assert (case.now, case.starts_at) == (30, CASE.starts_at)


def test_only_what_changed_is_said_again() -> None:
    """An import sent twice says nothing the second time; what a whole file leaves out is taken out."""
    lines = lines_of(CASE)

    assert differences(lines, lines, whole=True) == []
    assert differences(lines, [one for one in lines if one.id != "SG"], whole=False) == []
    assert differences(lines, [one for one in lines if one.id != "SG"], whole=True) == [("task", "SG", None)]


def test_what_has_a_date_keeps_it_when_the_cut_comes() -> None:
    """A vendor is there on Tuesday whatever the day of the attack; an impact counts from the attack."""
    lines = [
        Line(what="case", id="case", value='{"starts_at":"2026-11-21T00:00:00+01:00"}'),
        Line(what="person", id="v", value='{"id":"v","skills":[],"windows":[{"from_hour":48,"to_hour":56}]}'),
        Line(what="calendar", id="c", value='{"id":"c","exceptions":[{"from_hour":24,"to_hour":48}]}'),
        Line(what="task", id="t", value='{"id":"t","application":"a","work_hours":1,"not_before":5}'),
    ]
    cut = round(CASE.starts_at.timestamp() * 1000) + 24 * HOUR_MS - 44 * 60_000 - 2 * HOUR_MS

    case = assemble(lines, starts_at_ms=cut, now_ms=cut)

    assert (case.people[0].windows[0].from_hour, case.calendars[0].exceptions[0].from_hour) == (24, 0)
    assert case.tasks[0].not_before == 5


def test_a_task_under_way_has_the_people_of_the_plan_until_others_are_named() -> None:
    """Nobody types six names at three in the morning."""
    now = tasks_now([_report("a/1#1", "started", 10)])

    case = assemble(
        lines_of(CASE),
        starts_at_ms=START_MS,
        now_ms=START_MS + 30 * HOUR_MS,
        tasks=now,
        people={"P1": ("p2",)},
    )

    (state,) = case.states
    assert (state.started, state.people, state.ended) == (10, ("p2",), None)


def test_a_task_that_ended_ends_at_the_end_of_its_hour_and_never_after_now() -> None:
    """What waits for it may start then, and no earlier than it was done."""
    now = tasks_now([_report("a/1#1", "started", 10), _report("a/1#2", "done", 29.5, ("a/1#1",))])

    case = assemble(lines_of(CASE), starts_at_ms=START_MS, now_ms=START_MS + 30 * HOUR_MS - 1, tasks=now)

    assert (case.now, case.states[0].started, case.states[0].ended) == (29, 10, 29)


def test_blocked_without_a_date_waits_a_day() -> None:
    """Nobody knows until when; the plan asks again tomorrow rather than never."""
    now = tasks_now([_report("a/1#1", "blocked", 10, reason="baie en panne")])

    case = assemble(lines_of(CASE), starts_at_ms=START_MS, now_ms=START_MS + 30 * HOUR_MS, tasks=now)

    assert case.states[0].blocked_until == 54


def test_announced_dates_stand_in_the_case() -> None:
    """The planner pays for moving a date that was told."""
    moment = PublishedMoment(kind="service", id="imagerie", p80_us=(START_MS + 100 * HOUR_MS) * 1000)

    case = assemble(lines_of(CASE), starts_at_ms=START_MS, now_ms=START_MS, published=[moment])

    assert (case.published[0].kind, case.published[0].p80) == ("service", 100)


def test_two_islands_that_say_differently_are_both_shown_and_the_plan_takes_the_less_far() -> None:
    """A plan that builds on a gate which another island says is blocked builds on what may not be clean."""
    now = tasks_now([_report("a/1#4", "done", 20), _report("b/1#2", "blocked", 21, reason="alerte")])["P1"]

    assert now.disputed
    assert [one.entry for one in now.said] == ["a/1#4", "b/1#2"]
    assert now.state == "blocked"


def test_who_saw_both_reports_decides() -> None:
    """One word more ends the doubt, and everybody's island sees it so."""
    said = [
        _report("a/1#4", "done", 20),
        _report("b/1#2", "blocked", 21, reason="alerte"),
        _report("a/1#9", "done", 23, ("a/1#4", "b/1#2")),
    ]

    for order in (said, said[::-1]):
        now = tasks_now(order)["P1"]
        assert (now.state, now.disputed, now.ended_ms) == ("done", False, START_MS + 23 * HOUR_MS)
        assert len(now.history) == 3


def test_two_islands_that_say_the_same_at_another_minute_do_not_disagree() -> None:
    """Two people saw the same thing end; nobody needs to decide."""
    now = tasks_now([_report("a/1#4", "done", 20), _report("b/1#2", "done", 20.2)])["P1"]

    assert not now.disputed
    assert now.state == "done"


def test_what_was_taken_back_begins_anew() -> None:
    """A task reported by mistake leaves no start behind."""
    now = tasks_now(
        [
            _report("a/1#1", "started", 10),
            _report("a/1#2", "undone", 11, ("a/1#1",), reason="mauvaise ligne"),
            _report("a/1#3", "started", 20, ("a/1#2",)),
        ]
    )["P1"]

    assert (now.state, now.started_ms) == ("started", START_MS + 20 * HOUR_MS)
