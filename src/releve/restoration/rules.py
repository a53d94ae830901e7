"""Who may say what of the restoration: a state and a command give a fact or a refusal in words. Pure."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from releve.restoration.case import Task
from releve.restoration.checker.criticism import Criticism
from releve.restoration.facts import (
    ApplicationSigned,
    Dated,
    DatesPublished,
    LineSaid,
    LinesSaid,
    PlanAdopted,
    PlanAsked,
    PublishedMoment,
    Reported,
    TaskReported,
)
from releve.restoration.plan import Plan, write_plan
from releve.restoration.standing.tasks import TaskNow
from releve.web.refusal import Refusal

__all__ = [
    "CODES", "PLANNERS", "SIGNERS", "Refusal", "Who", "adopt", "agreement", "ask_plan", "gates_of", "keep_plan",
    "publish", "report", "say_lines", "sign", "stops", "withheld",
]  # fmt: skip

# Who plans and reports: the crisis cell and the people of the information system, network team included.
PLANNERS = frozenset({"crisis", "it"})
# Announced dates are the hospital's word: the crisis cell gives them.
PUBLISHERS = frozenset({"crisis"})
# Who may stand by it that an application may be used for care again: whoever answers for its department, or the cell.
SIGNERS = frozenset({"crisis", "it", "physician", "pharmacist", "laboratory", "radiographer", "clerk"})
SECONDS_MIN, SECONDS_MAX = 1.0, 600.0
BY_HAND_SECONDS = 10.0  # nothing is searched; what a bound takes
EVIDENCE_CHARACTERS_MIN = 8  # less says nothing that somebody could check
# A report cannot be of more than a year ago, nor of later than now but for the clock of whoever types.
PAST_US_MAX = 366 * 86_400 * 1_000_000
CLOCKS_US = 60_000_000
AHEAD_US_MAX = 366 * 86_400 * 1_000_000
REMAINING_HOURS_MAX = 2_000  # a year of one person's work
LINES_MAX = 20_000

# Every reason to say no; the pages hold a sentence for each (`releve.restoration.pages.sentences`).
CODES = (
    "not-your-role", "nothing-changed", "too-many-lines", "seconds-out-of-range", "no-catalogue", "plan-running",
    "unknown-plan", "what-if-plan", "already-in-force", "no-plan-in-force", "no-forecast", "unknown-date",
    "unknown-task", "no-cut", "at-unreadable", "at-in-the-future", "at-too-old", "remaining-needed",
    "remaining-out-of-range",
    "reason-needed", "until-past", "until-too-far", "evidence-needed", "before-it-started", "already-so",
    "nothing-to-undo", "unknown-application", "words-needed", "gate-open", "seen-since",
    "by-the-fleet", "unsafe-plan", "not-this-catalogue", "maker-needed", "found-since",
)  # fmt: skip

# What the checker finds of a plan made by hand that nobody can agree to. Out of order: an application is brought back
# on one that is not there, or not clean yet; nobody there: hours at which nobody of the team works.
UNSAFE = frozenset({"precedence", "dependency", "start", "unknown-person"})
# What the plan says of other tasks than those of this catalogue, or says twice: it was made for another.
NOT_THIS_CATALOGUE = frozenset({"unknown-task", "task-twice", "dated-and-left-out", "absurd-dates"})
MADE_BY_MAX = 120


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """The person acting."""

    account: str
    name: str
    role: str


def say_lines(
    *, who: Who, lines: Sequence[LineSaid], come_from: str = "screen", note: str = ""
) -> LinesSaid | Refusal:
    """Return what is said of the catalogue."""
    if who.role not in PLANNERS:
        return Refusal(code="not-your-role")
    if not lines:
        return Refusal(code="nothing-changed")
    if len(lines) > LINES_MAX:
        return Refusal(code="too-many-lines")
    return LinesSaid(
        lines=tuple(lines), come_from=come_from, note=note.strip(), by=who.account, by_name=who.name
    )


def ask_plan(
    *,
    who: Who,
    seconds: float,
    applications: int,
    running: bool,
    seed: int = 1,
    base: str = "",
    what_if: str = "",
) -> PlanAsked | Refusal:
    """Return the request for a plan; one is made at a time. `applications`: how many the catalogue holds."""
    if who.role not in PLANNERS:
        return Refusal(code="not-your-role")
    if not applications:
        return Refusal(code="no-catalogue")
    if running:
        return Refusal(code="plan-running")
    if not SECONDS_MIN <= seconds <= SECONDS_MAX:
        return Refusal(code="seconds-out-of-range", field="seconds")
    return PlanAsked(
        seconds=seconds, seed=seed, base=base, what_if=what_if, by=who.account, by_name=who.name,
    )  # fmt: skip


def stops(found: Iterable[Criticism]) -> list[Criticism]:
    """Return what keeps a plan made by hand from being kept or put in force, whoever agrees to it."""
    return [one for one in found if one.severity == "wrong" and _stops(one)]


def _stops(one: Criticism) -> bool:
    fewer = one.rule == "team-size" and one.numbers.get("given", 0) < one.numbers.get("asked", 0)
    return fewer or one.rule in UNSAFE or one.rule in NOT_THIS_CATALOGUE


def named(found: Iterable[Criticism]) -> tuple[str, ...]:
    """Return what was found as it is agreed to, one rule and place for each thing that was read, in order.

    Somebody on two tasks at once a second time is one thing more to say yes to.
    """
    return tuple(sorted(f"{one.rule} {one.place}" for one in found))


def agreement(found: Iterable[Criticism]) -> str:
    """Return the sign that a form carries of what it listed: when more is found, it is not a yes to that."""
    return hashlib.sha256("\n".join(named(found)).encode()).hexdigest()[:16]


def keep_plan(
    *,
    who: Who,
    plan: Plan,
    made_by: str,
    starts_at_us: int,
    base: str,
    found: Sequence[Criticism],
    running: bool,
) -> PlanAsked | Refusal:
    """Return that a plan made by hand is kept and its forecast asked for; `found`: what the checker says of it."""
    if who.role not in PLANNERS:
        return Refusal(code="not-your-role")
    if stopped := stops(found):
        other = any(one.rule in NOT_THIS_CATALOGUE for one in stopped)
        return Refusal(code="not-this-catalogue" if other else "unsafe-plan")
    if not made_by.strip():
        return Refusal(code="maker-needed", field="made_by")
    if running:
        return Refusal(code="plan-running")
    maker = made_by.strip()[:MADE_BY_MAX]
    kept = msgspec.structs.replace(plan, made_by=maker)
    return PlanAsked(
        seconds=BY_HAND_SECONDS, base=base, plan=write_plan(kept).decode(), starts_at_us=starts_at_us,
        made_by=maker, by=who.account, by_name=who.name,
    )  # fmt: skip


def adopt(
    *,
    who: Who,
    plan: str,
    known: Collection[str],
    what_if: Collection[str],
    in_force: str,
    note: str = "",
    found: Sequence[Criticism] = (),
    agreed: str = "",
) -> PlanAdopted | Refusal:
    """Return that a plan is in force. `known` are the entries of plans, `what_if` those that only try something.

    `found`: what the checker says now of a plan made by hand; `agreed`: the `agreement` to what a form listed.
    """
    if who.role not in PLANNERS:
        return Refusal(code="not-your-role")
    if plan not in known:
        return Refusal(code="unknown-plan")
    if plan in what_if:
        return Refusal(code="what-if-plan")
    if plan == in_force:
        return Refusal(code="already-in-force")
    if stops(found):
        return Refusal(code="unsafe-plan")
    if found and agreed != agreement(found):
        return Refusal(code="found-since")
    return PlanAdopted(plan=plan, despite=named(found), by=who.account, by_name=who.name, note=note.strip())


def publish(
    *,
    who: Who,
    plan: str,
    starts_at_us: int,
    dates: Iterable[Dated],
    chosen: Collection[tuple[str, str]],
    told_to: str,
) -> DatesPublished | Refusal:
    """Return which dates are announced: the P80 of each chosen (kind, id), never another."""
    if who.role not in PUBLISHERS:
        return Refusal(code="not-your-role")
    if not plan:
        return Refusal(code="no-plan-in-force")
    of = {(date.kind, date.id): date for date in dates}
    if not of:
        return Refusal(code="no-forecast")
    if not chosen or any(key not in of for key in chosen):
        return Refusal(code="unknown-date", field="dates")
    return DatesPublished(
        plan=plan,
        dates=tuple(
            PublishedMoment(
                kind=one.kind, id=one.id, p80_us=starts_at_us + round(one.p80 * 3_600) * 1_000_000
            )
            for key, one in of.items()
            if key in chosen
        ),
        to=told_to.strip(),
        by=who.account,
        by_name=who.name,
    )


def report(
    *,
    who: Who,
    task: Task | None,
    now: TaskNow | None,
    state: Reported,
    at_us: int | None,
    now_us: int,
    remaining_hours: int | None = None,
    until_us: int | None = None,
    reason: str = "",
    evidence: str = "",
    attachment: str = "",
    sha256: str = "",
    seen: Sequence[str] = (),
    told_by: str = "",
) -> TaskReported | Refusal:
    """Return what is reported of a task, or why it cannot be. A gate is done only with evidence."""
    if who.role not in PLANNERS:
        return Refusal(code="not-your-role")
    if task is None:
        return Refusal(code="unknown-task", field="task")
    if now is not None and now.fleet is not None:
        return Refusal(code="by-the-fleet")
    refusal = _moment(at_us, now_us) or _said(task, now, state, remaining_hours, until_us, now_us, reason)
    if refusal is not None:
        return refusal
    assert at_us is not None
    if now is not None and now.started_ms is not None and state == "done" and at_us // 1000 < now.started_ms:
        return Refusal(code="before-it-started", field="at")
    if (
        task.kind == "gate"
        and state == "done"
        and not (sha256 or len("".join(evidence.split())) >= EVIDENCE_CHARACTERS_MIN)
    ):
        return Refusal(code="evidence-needed", field="evidence")
    # Said on a screen that had not seen what was said since: shown first, then said again if it still holds.
    if now is not None and any(one.entry not in seen and one.by != who.account for one in now.said):
        return Refusal(code="seen-since")
    return TaskReported(
        task=task.id, state=state, at_us=at_us, remaining_hours=remaining_hours if state == "late" else None,
        until_us=until_us if state == "blocked" else None, reason=reason.strip(), evidence=evidence.strip(),
        attachment=attachment, sha256=sha256, seen=tuple(one.entry for one in now.said) if now else (),
        by=who.account, by_name=who.name, told_by=told_by.strip(),
    )  # fmt: skip


def _moment(at_us: int | None, now_us: int) -> Refusal | None:
    if at_us is None:
        return Refusal(code="at-unreadable", field="at")
    if at_us > now_us + CLOCKS_US:
        return Refusal(code="at-in-the-future", field="at")
    if at_us < now_us - PAST_US_MAX:
        return Refusal(code="at-too-old", field="at")
    return None


def _said(
    task: Task,
    now: TaskNow | None,
    state: Reported,
    remaining_hours: int | None,
    until_us: int | None,
    now_us: int,
    reason: str,
) -> Refusal | None:
    was = now.state if now is not None else "todo"
    if state == "undone" and was == "todo":
        return Refusal(code="nothing-to-undo", field="state")
    if state in ("started", "done") and was == state and not (now is not None and now.disputed):
        return Refusal(code="already-so", field="state")
    if state == "late":
        if remaining_hours is None:
            return Refusal(code="remaining-needed", field="remaining")
        if not 1 <= remaining_hours <= REMAINING_HOURS_MAX:
            return Refusal(code="remaining-out-of-range", field="remaining")
    if state in ("blocked", "undone") and not reason.strip():
        return Refusal(code="reason-needed", field="reason")
    if state == "blocked" and until_us is not None:
        if until_us < now_us:
            return Refusal(code="until-past", field="until")
        if until_us > now_us + AHEAD_US_MAX:
            return Refusal(code="until-too-far", field="until")
    return None


def sign(
    *,
    who: Who,
    application: str,
    known: Collection[str],
    words: str,
    gates: Sequence[Task],
    now: Mapping[str, TaskNow],
) -> ApplicationSigned | Refusal:
    """Return that this person stands by the return of an application; `gates` are its own."""
    if who.role not in SIGNERS:
        return Refusal(code="not-your-role")
    if application not in known:
        return Refusal(code="unknown-application", field="application")
    if not words.strip():
        return Refusal(code="words-needed", field="words")
    if any(not _passed(gate, now) for gate in gates):
        return Refusal(code="gate-open")
    return ApplicationSigned(
        application=application, words=words.strip(), by=who.account, by_name=who.name, role=who.role
    )


def gates_of(tasks: Iterable[Task], application: str) -> tuple[Task, ...]:
    """Return the gates of an application, in the order of the catalogue."""
    return tuple(task for task in tasks if task.application == application and task.kind == "gate")


def withheld(
    *,
    status: str,
    applications: Iterable[str],
    tasks: Sequence[Task],
    now: Mapping[str, TaskNow],
    planned: Collection[str],
    signed: Collection[str],
) -> dict[str, str]:
    """Return which of these applications cannot have this status yet, and why: "gate" or "signature".

    Asked only of those that the plan in force brings back (`planned`): an application that nobody plans comes back by
    the word of two people alone, as before there was a plan.
    """
    found: dict[str, str] = {}
    for application in applications:
        if application not in planned or status == "down":
            continue
        if any(not _passed(gate, now) for gate in gates_of(tasks, application)):
            found[application] = "gate"
        elif status == "live" and application not in signed:
            found[application] = "signature"
    return found


def _passed(gate: Task, now: Mapping[str, TaskNow]) -> bool:
    one = now.get(gate.id)
    return one is not None and one.state == "done" and bool(one.evidence)
