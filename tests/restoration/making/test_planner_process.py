"""The planner process: a plan for each request, and words where there is none."""

import io
import sys
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest
from restoration_island import RestorationIsland
from small_case import CASE, PLAN

from releve.journal.entry import Draft
from releve.restoration.catalogue.sentences import read_kept
from releve.restoration.facts import PlanAsked, PlanMade
from releve.restoration.making.messages import Answer, Failed, Made, Request
from releve.restoration.making.process import main
from releve.restoration.making.runtime_files import (
    PlannerState,
    call_planner,
    planner_wanted,
    read_state,
    write_state,
)
from releve.restoration.making.steps import make, remaining
from releve.restoration.plan import Plan, write_plan

# Answers like `releve.restoration.making.process`, with the plan it was given.
CHILD = """
import sys, msgspec
from releve.restoration.making.messages import Answer, Made, Request
from releve.restoration.plan import Plan
request = msgspec.json.decode(sys.stdin.buffer.read(), type=Request)
say = lambda answer: print(msgspec.json.encode(answer).decode(), flush=True)
say(Answer(done=0.5, step="plan"))
plan = request.base or Plan(tasks=(), id="p")
say(Answer(made=Made(plan=plan, case_digest=f"now {request.case.now}", dates=(), returned=(), runs=1)))
"""


@pytest.fixture
def process(island: RestorationIsland, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function: the planner process of the island, with this child."""
    from releve.app import planner_process

    class Recorder:
        def __init__(self, _data: Path) -> None:
            pass

        def __enter__(self) -> RestorationIsland:
            return island

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(planner_process, "Recorder", Recorder)
    monkeypatch.setattr(planner_process, "now_us", lambda: island.now_ms * 1000)
    monkeypatch.setattr(planner_process, "own_origin", lambda: "a")

    def made(child: str = CHILD, *, more_seconds: float = 20.0) -> Any:
        command = (sys.executable, "-c", child)
        return planner_process.PlannerProcess(
            island.data, threading.Event(), child=command, more_seconds=more_seconds
        )

    return made


def test_a_request_is_answered_with_a_plan_once(island: RestorationIsland, process: Any) -> None:
    """Whoever asked goes to sleep; the plan must be there when she wakes, and one only."""
    island.catalogue()
    island.crisis()
    asked = island.tell(PlanAsked(seconds=5, by="x"))
    call_planner(island.data)
    served = process()

    assert served.turn()
    assert not served.turn()

    said = island.last("restoration.plan.1")
    assert (said["asked"], said["case_digest"], said["now_hour"]) == (asked, "now 30", 30)
    assert island.kinds().count("restoration.plan.1") == 1
    state = read_state(island.data)
    assert state is not None
    assert state.state == "idle"
    assert not planner_wanted(island.data, after_seconds=1e6)()  # the call was heard


def test_what_is_planned_again_begins_from_the_plan_in_force(island: RestorationIsland, process: Any) -> None:
    """Hours of the new plan are those of the old one, or nobody could compare them."""
    island.catalogue()
    island.crisis()
    base = island.plan()
    island.tell(PlanAsked(seconds=5, base=base, by="x"))

    process().turn()

    said = msgspec.msgpack.decode(island.entries[-1].body, type=PlanMade)
    assert said.starts_at_us == msgspec.msgpack.decode(island.entries[-4].body, type=PlanMade).starts_at_us
    assert '"id": "plan-1"' in said.plan


def test_what_has_ended_teaches_the_plan_whoever_did_it(island: RestorationIsland, process: Any) -> None:
    """The list asks nobody who did a task; without them its hours are unknown, and no date ever learns."""
    island.catalogue()
    island.crisis()
    island.plan()
    begun = island.report("R1", "started", hours_ago=28)
    island.report("R1", "done", hours_ago=2, seen=(begun,))
    island.tell(PlanAsked(seconds=5, by="x"))
    child = CHILD.replace("dates=()", "dates=(), learned=_learned(request.case)")

    process(f"from releve.restoration.making.steps import _learned\n{child}").turn()

    said = msgspec.msgpack.decode(island.entries[-1].body, type=PlanMade)
    assert said.learned is not None
    assert said.learned.ended == 1
    assert said.learned.kinds["rebuild"] > 1.0  # 26 hours where 20 were thought of


@pytest.mark.parametrize(
    ("child", "reason"),
    [
        ("raise SystemExit(3)", "broke"),
        ("print('no answer at all')", "broke"),
        ('print(\'{"failed":{"reason":"problems","places":["tasks[X]"]}}\')', "problems"),
        ("import time; time.sleep(60)", "too-long"),
    ],
)
def test_a_child_that_gives_no_plan_is_answered_with_its_reason(
    island: RestorationIsland, process: Any, child: str, reason: str
) -> None:
    """A planner that dies of one case must not die of the next, nor leave anybody waiting."""
    island.catalogue()
    island.tell(PlanAsked(seconds=0.2, by="x"))

    assert process(child, more_seconds=0.8 if reason == "too-long" else 20).turn()

    assert island.last("restoration.plan-failed.1")["reason"] == reason


def test_without_a_catalogue_the_answer_says_so(island: RestorationIsland, process: Any) -> None:
    """Nothing to plan is an answer too."""
    island.tell(PlanAsked(seconds=1, by="x"))

    process().turn()

    assert island.last("restoration.plan-failed.1")["reason"] == "no-catalogue"


def test_a_request_that_brought_the_process_down_twice_is_not_tried_for_ever(
    island: RestorationIsland, process: Any
) -> None:
    """A machine that starts the same computation all night has no breath left for its boards."""
    island.catalogue()
    asked = island.tell(PlanAsked(seconds=1, by="x"))
    write_state(island.data, PlannerState(state="planning", at_ms=0, asked=asked, tries=2))

    process().turn()

    assert island.last("restoration.plan-failed.1")["reason"] == "broke"


def test_a_plan_made_by_hand_goes_to_the_planner_as_it_is(island: RestorationIsland, process: Any) -> None:
    """Its hours are those it was checked with, and its maker stands in the answer for every page to say."""
    island.catalogue()
    island.crisis()
    base = island.plan()
    by_hand = write_plan(msgspec.structs.replace(PLAN, made_by="Claire KERMARREC", parent="plan-1")).decode()
    island.tell(
        PlanAsked(
            seconds=5, base=base, plan=by_hand, starts_at_us=7_200_000_000, made_by="Claire KERMARREC", by="x"
        )
    )

    process(CHILD.replace("request.base or", "not request.base and request.by_hand or")).turn()

    said = msgspec.msgpack.decode(island.entries[-1].body, type=PlanMade)
    assert (said.by_hand, said.starts_at_us) == ("Claire KERMARREC", 7_200_000_000)
    assert '"parent": "plan-1"' in said.plan


def test_what_another_island_asked_is_made_there(island: RestorationIsland, process: Any) -> None:
    """Three islands would make the same plan three times, and three different ones."""
    island.catalogue()
    body = msgspec.msgpack.encode(PlanAsked(seconds=1, by="x"))
    island.hear(Draft(kind="restoration.plan-asked.1", body=body, source="screen"), "b")

    assert not process().turn()


def test_the_process_is_wanted_when_called_or_after_a_while(tmp_path: Path) -> None:
    """A start of an island has the machine for itself."""
    assert not planner_wanted(tmp_path, after_seconds=60)()
    assert planner_wanted(tmp_path, after_seconds=0)()
    call_planner(tmp_path)
    assert planner_wanted(tmp_path, after_seconds=60)()


def test_a_plan_is_made_with_its_dates_and_its_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the pages show comes from one run of the real planner, in pure Python too."""
    monkeypatch.setenv("RELEVE_PLANNER", "python")
    steps: list[str] = []

    made = make(Request(case=CASE, seconds=1.0, runs=40), lambda step, _done: steps.append(step))

    assert isinstance(made, Made)
    assert {one.task for one in made.plan.tasks} == {task.id for task in CASE.tasks}
    assert {(one.kind, one.id) for one in made.dates} >= {("application", "PACS"), ("service", "imagerie")}
    assert all(one.p50 <= one.p80 <= one.p95 for one in made.dates)
    why = msgspec.json.decode(made.why)
    assert set(why) == {"RESEAU", "PACS", "SGL"}
    assert {one["id"] for told in why.values() for one in told["first"]["later"]} <= {"imagerie", "labo"}
    # Whoever is put first makes somebody else wait, and the page names them.
    assert any(one["hours"] > 0 for told in why.values() for one in told["first"]["later"])
    assert steps[-1] == "forecast"


def test_a_plan_is_made_again_from_the_one_in_force_and_a_change_is_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What moved, and what two people more would give: both from the plan that people work by."""
    from releve.restoration.case import TaskState

    monkeypatch.setenv("RELEVE_PLANNER", "python")
    states = (
        TaskState(task="R1", started=0, ended=22),
        TaskState(task="P1", started=22, people=(), remaining_hours=50),
    )
    case = msgspec.structs.replace(CASE, states=states)
    added = '[{"event":"people-added","people":[{"id":"+1","skills":["sys"]},{"id":"+2","skills":["sys"]}]}]'

    again = make(Request(case=case, seconds=1.0, base=PLAN, told={"P1": 28}, runs=20), lambda *_: None)
    tried = make(
        Request(case=case, seconds=1.0, base=PLAN, what_if=added, told={"P1": 28}, runs=20), lambda *_: None
    )

    assert isinstance(again, Made)
    assert isinstance(tried, Made)
    assert again.plan.parent == PLAN.id
    assert set(msgspec.json.decode(again.moved)) >= {"forced", "chosen", "dates", "gained"}
    assert next(one.end for one in again.plan.tasks if one.task == "P1") == 30 + 48
    assert tried.plan.loss <= again.plan.loss


def test_a_plan_made_by_hand_keeps_its_dates_and_gets_a_forecast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's afternoon of moving bars is undone by a search; what it promises is played like any other plan."""
    monkeypatch.setenv("RELEVE_PLANNER", "python")
    case = msgspec.structs.replace(CASE, now=0)
    dates = {"R1": (0, 20), "P1": (30, 90), "P2": (44, 74), "PG": (90, 90), "S1": (20, 44), "SG": (44, 44)}
    moved = tuple(
        msgspec.structs.replace(one, start=dates[one.task][0], end=dates[one.task][1]) for one in PLAN.tasks
    )
    by_hand = Plan(tasks=moved, made_by="Claire", parent="plan-1")
    twice = tuple(
        msgspec.structs.replace(one, start=20, end=50) if one.task == "P2" else one for one in moved
    )

    made = make(Request(case=case, seconds=1.0, by_hand=by_hand, runs=40), lambda *_: None)
    wrong = make(
        Request(case=case, seconds=1.0, by_hand=msgspec.structs.replace(by_hand, tasks=twice), runs=40),
        lambda *_: None,
    )

    assert isinstance(made, Made)
    assert isinstance(wrong, Made)
    assert {one.task: (one.start, one.end) for one in made.plan.tasks} == dates
    assert (made.plan.made_by, made.plan.parent) == ("Claire", "plan-1")
    assert {one.id: one.hour for one in made.plan.services} == {"imagerie": 90, "labo": 44}
    assert made.plan.bound is not None
    assert made.plan.bound <= made.plan.loss
    assert wrong.plan.bound is None  # Lina twice at once: no bound is of such a plan
    assert {one.id for one in made.dates} >= {"PACS", "imagerie"}
    bindings = {one.task: (one.binding.kind, one.binding.id) for one in made.plan.tasks}
    assert (bindings["PG"], bindings["S1"]) == (("task", "P1"), ("application", "RESEAU"))
    assert bindings["P1"] == ("start", "")  # only who put it there knows
    again = make(
        Request(case=msgspec.structs.replace(case, now=10), seconds=0.5, base=made.plan, runs=20),
        lambda *_: None,
    )
    assert isinstance(again, Made)
    assert again.plan.parent == made.plan.id
    assert {one.task: one.start for one in again.plan.tasks}["P1"] == 30  # near: kept as it was put


def test_what_cannot_be_planned_is_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """One circle in the catalogue must not take the network's plan away."""
    monkeypatch.setenv("RELEVE_PLANNER", "python")
    tasks = tuple(
        msgspec.structs.replace(task, after=("SG",)) if task.id == "S1" else task for task in CASE.tasks
    )

    made = make(
        Request(case=msgspec.structs.replace(CASE, tasks=tasks), seconds=0.5, runs=20), lambda *_: None
    )

    assert isinstance(made, Made)
    assert "P1" in {one.task for one in made.plan.tasks}
    assert "S1" not in {one.task for one in made.plan.tasks}
    told = [read_kept(text) for text in made.left_out]
    assert [one.code for one in told if one is not None] == ["task-cycle"]


def test_hours_that_remain_are_counted_from_when_they_were_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """ "Ten hours left", said five hours ago, is five hours."""
    from releve.restoration.case import TaskState

    state = TaskState(task="P1", started=10, remaining_hours=10)
    case = msgspec.structs.replace(CASE, states=(state,))

    assert remaining(case, {"P1": 25}).states[0].remaining_hours == 5
    assert remaining(case, {"P1": 5}).states[0].remaining_hours == 1


def test_a_request_that_cannot_be_read_is_answered_without_its_content() -> None:
    """What somebody typed does not travel in a log."""
    out = io.BytesIO()

    with pytest.raises(msgspec.MsgspecError):
        main(io.BytesIO(b'{"case": "secret"}'), out)

    answer = msgspec.json.decode(out.getvalue(), type=Answer)
    assert answer.failed == Failed(reason="broke", places=("ValidationError",))
