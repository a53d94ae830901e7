"""Who may say what of the restoration, and what a gate needs."""

import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parent / "drawing"))

from small_case import CASE, PLAN

from releve.restoration.checker.criticism import Criticism
from releve.restoration.checker.sentences import SENTENCES
from releve.restoration.checker.values import Quantity
from releve.restoration.facts import (
    ApplicationSigned,
    Dated,
    DatesPublished,
    LineSaid,
    LinesSaid,
    PlanAdopted,
    PlanAsked,
    TaskReported,
)
from releve.restoration.plan import read_plan
from releve.restoration.rules import (
    CODES,
    Refusal,
    Who,
    adopt,
    agreement,
    ask_plan,
    gates_of,
    keep_plan,
    publish,
    report,
    say_lines,
    sign,
    stops,
    withheld,
)
from releve.restoration.standing.tasks import TaskReport, tasks_now

IT = Who(account="mollivier", name="Marc OLLIVIER", role="it")
CRISIS = Who(account="ylegoff", name="Yann LE GOFF", role="crisis")
NURSE = Who(account="nk", name="Nadia KERVELLA", role="nurse")
NOW_US = 1_795_227_000_000_000
HOUR_US = 3_600_000_000
TASKS = {task.id: task for task in CASE.tasks}


def _said(task: str, state: Any, *, entry: str = "a/1#1", by: str = "mollivier", **more: Any) -> TaskReport:
    log, _, index = entry.partition("#")
    at_ms = more.pop("at_ms", NOW_US // 1000 - 3_600_000)
    return TaskReport(
        entry=entry, log=log, index=int(index), task=task, state=state, at_ms=at_ms, by=by, **more
    )


def _report(task: str, state: Any, *, said: tuple[TaskReport, ...] = (), who: Who = IT, **more: Any) -> Any:
    now = tasks_now(said).get(task)
    more.setdefault("seen", tuple(one.entry for one in now.said) if now else ())
    more.setdefault("at_us", NOW_US - 60_000_000)
    return report(who=who, task=TASKS.get(task), now=now, state=state, now_us=NOW_US, **more)


def test_a_gate_is_done_only_with_evidence() -> None:
    """An infected backup put back takes the hospital down a second time."""
    assert _report("PG", "done") == Refusal(code="evidence-needed", field="evidence")
    assert _report("PG", "done", evidence="  ok   ok ") == Refusal(code="evidence-needed", field="evidence")

    by_words = _report("PG", "done", evidence="Analyse du 22/11, 0 alerte sur 41 218 fichiers")
    by_file = _report("PG", "done", attachment="a/1#3", sha256="ab" * 32)

    assert isinstance(by_words, TaskReported)
    assert isinstance(by_file, TaskReported)


def test_any_other_task_is_done_in_one_word() -> None:
    """Two clicks; a form that asks more is not filled in at three in the morning."""
    said = _report("P1", "done")

    assert isinstance(said, TaskReported)
    assert (said.by, said.by_name) == ("mollivier", "Marc OLLIVIER")


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"who": NURSE}, "not-your-role", ""),
        ({"task": "nobody"}, "unknown-task", "task"),
        ({"at_us": None}, "at-unreadable", "at"),
        ({"at_us": NOW_US + HOUR_US}, "at-in-the-future", "at"),
        ({"at_us": NOW_US - 400 * 24 * HOUR_US}, "at-too-old", "at"),
        ({"state": "late"}, "remaining-needed", "remaining"),
        ({"state": "late", "remaining_hours": 0}, "remaining-out-of-range", "remaining"),
        ({"state": "late", "remaining_hours": 9_999}, "remaining-out-of-range", "remaining"),
        ({"state": "blocked"}, "reason-needed", "reason"),
        ({"state": "blocked", "reason": "x", "until_us": NOW_US - 1}, "until-past", "until"),
        (
            {"state": "blocked", "reason": "x", "until_us": NOW_US + 400 * 24 * HOUR_US},
            "until-too-far",
            "until",
        ),
        ({"state": "undone", "reason": "x"}, "nothing-to-undo", "state"),
    ],
)
def test_a_report_that_cannot_be_says_where_it_is_to_be_mended(
    more: dict[str, Any], code: str, field: str
) -> None:
    """What was typed is kept; the error stands at its field."""
    task, state = more.pop("task", "P1"), more.pop("state", "started")

    assert _report(task, state, **more) == Refusal(code=code, field=field)
    assert code in CODES


def test_a_task_is_not_done_before_it_started() -> None:
    """A slip of the keyboard would make a task last a negative time, and teach the forecast nonsense."""
    said = _said("P1", "started", at_ms=NOW_US // 1000 - 3_600_000)

    assert _report("P1", "done", said=(said,), at_us=NOW_US - 2 * HOUR_US) == Refusal(
        code="before-it-started", field="at"
    )


def test_what_a_colleague_said_meanwhile_is_shown_before_it_is_answered() -> None:
    """Two people at two screens: the second must not undo the first without having read it."""
    said = _said("P1", "blocked", by="other", reason="baie en panne")

    assert _report("P1", "started", said=(said,), seen=()) == Refusal(code="seen-since")
    answer = _report("P1", "started", said=(said,))
    assert isinstance(answer, TaskReported)
    assert answer.seen == ("a/1#1",)


def test_saying_the_same_again_is_refused_unless_two_islands_disagree() -> None:
    """Two presses are one act; but whoever decides between two islands says one of their words again."""
    one, other = _said("P1", "done"), _said("P1", "started", entry="b/1#5", by="other")

    assert _report("P1", "done", said=(one,)) == Refusal(code="already-so", field="state")
    assert isinstance(_report("P1", "done", said=(one, other)), TaskReported)


def test_plans_are_asked_by_those_who_plan_one_at_a_time() -> None:
    """Two plans at once would take the hospital's two cores from its boards."""
    ask: Any = {"who": IT, "seconds": 20, "applications": 3, "running": False}

    assert isinstance(ask_plan(**ask), PlanAsked)
    assert ask_plan(**ask | {"who": NURSE}) == Refusal(code="not-your-role")
    assert ask_plan(**ask | {"applications": 0}) == Refusal(code="no-catalogue")
    assert ask_plan(**ask | {"running": True}) == Refusal(code="plan-running")
    assert ask_plan(**ask | {"seconds": 0.1}) == Refusal(code="seconds-out-of-range", field="seconds")


def test_a_plan_that_only_tries_something_is_never_in_force() -> None:
    """ "What if the vendor comes late" must not send forty people to work."""
    force: Any = {"who": CRISIS, "plan": "a/1#9", "known": {"a/1#9"}, "what_if": set(), "in_force": ""}

    assert isinstance(adopt(**force), PlanAdopted)
    assert adopt(**force | {"what_if": {"a/1#9"}}) == Refusal(code="what-if-plan")
    assert adopt(**force | {"known": set()}) == Refusal(code="unknown-plan")
    assert adopt(**force | {"in_force": "a/1#9"}) == Refusal(code="already-in-force")
    assert adopt(**force | {"who": NURSE}) == Refusal(code="not-your-role")


def _found(rule: str, place: str = "tasks[P1]", **numbers: float) -> Criticism:
    code = next(code for code, said in SENTENCES.items() if said.rule == rule)
    facts = {name: Quantity(value=value, unit="person") for name, value in numbers.items()}
    return Criticism(code=code, place=place, facts=facts)


def test_what_cannot_be_agreed_to_stops_a_plan_made_by_hand_and_the_rest_takes_a_yes() -> None:
    """An order that loses images, hours at which nobody works: no signature makes these safe."""
    safe = [_found("double-booking", "people[p2]"), _found("team-size", asked=1, given=2)]
    force: dict[str, Any] = {
        "who": CRISIS, "plan": "a/1#9", "known": {"a/1#9"}, "what_if": set(), "in_force": "", "found": safe,
    }  # fmt: skip

    for rule in ("precedence", "dependency", "start", "unknown-person", "unknown-task", "task-twice"):
        assert stops([*safe, _found(rule)])
        assert adopt(**force | {"found": [_found(rule)]}) == Refusal(code="unsafe-plan")
    assert stops([_found("team-size", asked=2, given=1)])

    assert not stops(safe)
    assert adopt(**force) == Refusal(code="found-since")
    assert adopt(**force, agreed=agreement(safe[:1])) == Refusal(code="found-since")
    twice = [*safe, _found("double-booking", "people[p2]")]
    assert adopt(**force | {"found": twice}, agreed=agreement(safe)) == Refusal(code="found-since")
    agreed = adopt(**force | {"found": twice}, agreed=agreement(twice))
    assert isinstance(agreed, PlanAdopted)
    assert len(agreed.despite) == 3
    said = adopt(**force, agreed=agreement(reversed(safe)))
    assert isinstance(said, PlanAdopted)
    assert said.despite == ("double-booking people[p2]", "team-size tasks[P1]")


def test_a_plan_made_by_hand_is_kept_by_those_who_plan_under_the_name_of_its_maker() -> None:
    """Forty people would work by a sheet that nobody answers for."""
    keep: dict[str, Any] = {
        "who": IT, "plan": PLAN, "made_by": " Claire ", "starts_at_us": 5, "base": "a/1#3", "found": [],
        "running": False,
    }  # fmt: skip

    said = keep_plan(**keep)

    assert isinstance(said, PlanAsked)
    assert (said.made_by, said.by_name, said.base, said.starts_at_us) == (
        "Claire",
        "Marc OLLIVIER",
        "a/1#3",
        5,
    )
    assert read_plan(said.plan.encode()).made_by == "Claire"
    assert keep_plan(**keep | {"who": NURSE}) == Refusal(code="not-your-role")
    assert keep_plan(**keep | {"made_by": " "}) == Refusal(code="maker-needed", field="made_by")
    assert keep_plan(**keep | {"running": True}) == Refusal(code="plan-running")
    assert keep_plan(**keep | {"found": [_found("dependency")]}) == Refusal(code="unsafe-plan")
    assert keep_plan(**keep | {"found": [_found("unknown-task")]}) == Refusal(code="not-this-catalogue")


def test_what_is_announced_is_the_p80_and_nothing_else() -> None:
    """A date of the plan is earlier than its own median more often than not."""
    dates = [Dated(kind="service", id="imagerie", p50=90, p80=120.5, p95=150)]
    told: Any = {
        "who": CRISIS, "plan": "a/1#9", "starts_at_us": NOW_US, "dates": dates, "chosen": {("service", "imagerie")},
        "told_to": " chefs de pôle ",
    }  # fmt: skip

    said = publish(**told)

    assert isinstance(said, DatesPublished)
    assert said.dates[0].p80_us == NOW_US + round(120.5 * HOUR_US)
    assert said.to == "chefs de pôle"
    assert publish(**told | {"who": IT}) == Refusal(code="not-your-role")
    assert publish(**told | {"dates": []}) == Refusal(code="no-forecast")
    assert publish(**told | {"chosen": {("service", "x")}}) == Refusal(code="unknown-date", field="dates")
    assert publish(**told | {"plan": ""}) == Refusal(code="no-plan-in-force")


def test_the_catalogue_is_said_by_those_who_plan() -> None:
    """Whoever may write the order of the restoration may lose the hospital a week."""
    line = LineSaid(what="skill", id="net", value='{"id":"net"}')

    assert isinstance(say_lines(who=IT, lines=[line]), LinesSaid)
    assert say_lines(who=NURSE, lines=[line]) == Refusal(code="not-your-role")
    assert say_lines(who=IT, lines=[]) == Refusal(code="nothing-changed")


def _withheld(status: str, *, said: tuple[TaskReport, ...] = (), **more: Any) -> dict[str, str]:
    asked: dict[str, Any] = {
        "status": status, "applications": ("PACS",), "tasks": CASE.tasks, "now": tasks_now(said),
        "planned": {"PACS", "SGL"}, "signed": set(),
    }  # fmt: skip
    return withheld(**asked | more)


def test_an_application_is_restored_only_once_its_gate_has_its_evidence() -> None:
    """Wards go back to what is said to be restored."""
    passed = _said("PG", "done", evidence="Analyse sans alerte")

    assert _withheld("restored") == {"PACS": "gate"}
    assert _withheld("restored", said=(passed,)) == {}
    assert _withheld("restored", said=(msgspec.structs.replace(passed, evidence=""),)) == {"PACS": "gate"}


def test_a_gate_that_another_island_says_is_blocked_is_not_passed() -> None:
    """In doubt it is not clean."""
    passed = _said("PG", "done", evidence="Analyse sans alerte")
    other = _said("PG", "blocked", entry="b/1#4", reason="alerte")

    assert _withheld("restored", said=(passed, other)) == {"PACS": "gate"}


def test_an_application_is_in_service_only_once_somebody_signed_for_it() -> None:
    """A name stands under every return to service."""
    passed = _said("PG", "done", evidence="Analyse sans alerte")

    assert _withheld("live", said=(passed,)) == {"PACS": "signature"}
    assert _withheld("live", said=(passed,), signed={"PACS"}) == {}


def test_what_no_plan_brings_back_is_declared_as_before() -> None:
    """A breakdown of one application has no plan; two people's word is enough there."""
    assert _withheld("restored", planned=set()) == {}
    assert _withheld("down") == {}


def test_signing_needs_the_gates_and_words() -> None:
    """A signature says on what ground."""
    gates = gates_of(CASE.tasks, "PACS")
    asked: Any = {
        "who": CRISIS, "application": "PACS", "known": {"PACS"}, "words": "Essayé en salle 3", "gates": gates,
        "now": {},
    }  # fmt: skip
    passed = tasks_now([_said("PG", "done", evidence="Analyse sans alerte")])

    assert sign(**asked) == Refusal(code="gate-open")
    assert isinstance(sign(**asked | {"now": passed}), ApplicationSigned)
    assert sign(**asked | {"now": passed, "words": " "}) == Refusal(code="words-needed", field="words")
    assert sign(**asked | {"who": NURSE}) == Refusal(code="not-your-role")
    assert sign(**asked | {"known": set()}) == Refusal(code="unknown-application", field="application")
