"""What was said of the restoration becomes rows. Pure.

A line of the catalogue and a task are each a subject of their own: said on two islands at the same moment, they give
the same rows everywhere.
"""

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from releve.journal.entry import Entry
from releve.restoration import case, facts
from releve.restoration.case import CaseError
from releve.restoration.plan import read_plan
from releve.views.reading import MOMENT_MAX, MOMENT_MIN, Context, NotRead, Row

__all__ = ["FOLDS", "KINDS", "LINES", "read", "subject"]

KINDS = (
    "restoration.lines.1", "restoration.plan-asked.1", "restoration.plan.1", "restoration.plan-failed.1",
    "restoration.adopted.1", "restoration.published.1", "restoration.task.1", "restoration.evidence.1",
    "restoration.signed.1",
)  # fmt: skip


class CaseHead(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a catalogue says of itself: its name, its zone, and the date its hours count from, if it has one."""

    name: str = ""
    zone: str = "Europe/Paris"
    starts_at: str = ""  # with its zone; empty: hours count from the cut, whenever it comes


# What the value of each sort of line must be.
LINES: dict[str, Any] = {
    "case": CaseHead, "calendar": case.Calendar, "skill": case.Skill, "person": case.Person,
    "resource": case.Resource, "dates": facts.DatedHours, "application": case.Application, "task": case.Task,
    "service": case.Service, "uncertainty": case.Uncertainty,
}  # fmt: skip
_decoder = msgspec.msgpack.Decoder(facts.RestorationFact)
_values = {what: msgspec.json.Decoder(type_) for what, type_ in LINES.items()}
_json = msgspec.json.Encoder().encode
# More is no moment of a restoration, and no column holds it.
_US_MIN, _US_MAX = MOMENT_MIN * 1000, MOMENT_MAX * 1000


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One thing an entry says; `person` is its subject."""

    said: Any
    person: str
    entry: Any = None  # the fact a line stands in


def subject(what: str, id_: str) -> str:
    """Return the subject under which all that is said of one thing is folded."""
    return f"restoration:{what}:{id_}"


def read(entry: Entry, context: Context) -> Iterable[Said | NotRead]:
    """Return what a `restoration.*` entry says; a line that is not what its struct wants is left out and counted."""
    try:
        said = _decoder.decode(entry.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        yield NotRead(reason=f"{entry.kind}: expected the fields of this version of Relève")
        return
    if wrong := _wrong(said):
        yield NotRead(reason=f"{entry.kind}: {wrong}")
        return
    place = f"{context.log}#{context.index}"
    match said:
        case facts.LinesSaid():
            for number, line in enumerate(said.lines):
                if line.value is not None and not _holds(line):
                    yield NotRead(
                        reason=f"{entry.kind}: lines[{number}].value: expected a line of the catalogue"
                    )
                else:
                    yield Said(said=line, person=subject(line.what, line.id), entry=said)
        case facts.TaskReported():
            yield Said(said=said, person=subject("report", said.task))
        case facts.PlanAsked():
            yield Said(said=said, person=subject("asked", place))
        case facts.PlanFailed():
            yield Said(said=said, person=subject("asked", said.asked))
        case facts.ApplicationSigned():
            yield Said(said=said, person=subject("signed", said.application))
        case _:
            yield Said(said=said, person=subject("plan", place))


def _holds(line: facts.LineSaid) -> bool:
    try:
        value = _values[line.what].decode(line.value or "")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    if isinstance(value, facts.DatedHours) and not MOMENT_MIN <= value.from_ms < value.to_ms <= MOMENT_MAX:
        return False
    return getattr(value, "id", line.id) == line.id


def _wrong(said: Any) -> str:
    """Return the field that no row could hold, "" when there is none."""
    moments = {name: getattr(said, name, None) for name in ("at_us", "until_us", "starts_at_us")}
    for name, value in moments.items():
        if value is not None and not _US_MIN <= value <= _US_MAX:
            return f"{name}: expected a moment"
    if isinstance(said, facts.PlanMade) or (isinstance(said, facts.PlanAsked) and said.plan):
        try:
            read_plan(said.plan.encode())
        except (CaseError, UnicodeError, RecursionError):
            return "plan: expected a plan"
    if isinstance(said, facts.TaskReported) and not 0 <= (said.remaining_hours or 0) <= 100_000:
        return "remaining_hours: expected 0 to 100000"
    return ""


def fold_said(fact: Said, context: Context) -> Iterable[Row]:
    """Return the row that one thing said sets."""
    table, id_, columns = _row(fact, context, f"{context.log}#{context.index}")
    yield Row(table, id_, columns)


def _row(fact: Said, context: Context, place: str) -> tuple[str, str, dict[str, Any]]:
    at = context.recorded_at
    match fact.said:
        case facts.LineSaid() as line:
            return "restoration_line", fact.person, {
                "what": line.what, "code": line.id, "value": line.value,
                "come_from": fact.entry.come_from, "by": fact.entry.by, "by_name": fact.entry.by_name or None,
            }  # fmt: skip
        case facts.PlanAsked() as asked:
            return "restoration_plan_request", place, {
                "seconds": asked.seconds, "seed": _small(asked.seed), "base": asked.base or None,
                "what_if": asked.what_if or None, "label": asked.label or None,
                "plan": asked.plan or None, "starts_at": asked.starts_at_us // 1000 if asked.plan else None,
                "made_by": asked.made_by or None, "by": asked.by, "by_name": asked.by_name or None, "asked_at": at,
            }  # fmt: skip
        case facts.PlanFailed() as failed:
            return "restoration_plan_request", failed.asked, {
                "failed": failed.reason, "failed_places": _json(failed.places).decode(), "failed_at": at,
            }  # fmt: skip
        case facts.PlanMade() as made:
            plan = read_plan(made.plan.encode())
            return "restoration_plan", place, {
                "plan_id": plan.id or None, "asked": made.asked or None, "body": made.plan,
                "starts_at": made.starts_at_us // 1000, "now_hour": _small(made.now_hour),
                "case_digest": made.case_digest, "dates": _json(made.dates).decode(),
                "returned": _json(made.returned).decode(), "runs": _small(made.runs),
                "moved": made.moved or None, "why": made.why or None,
                "what_if": made.what_if or None, "left_out": _json(made.left_out).decode(),
                "loss": plan.loss, "bound": plan.bound, "parent": plan.parent or None, "seconds": made.seconds,
                "by_hand": made.by_hand or None, "made_at": at,
                "learned": _json(made.learned).decode() if made.learned is not None else None,
            }  # fmt: skip
        case facts.PlanAdopted() as adopted:
            return "restoration_adopted", place, {
                "plan": adopted.plan, "despite": _json(adopted.despite).decode(), "by": adopted.by,
                "by_name": adopted.by_name or None,
                "note": adopted.note or None, "adopted_at": at,
            }  # fmt: skip
        case facts.DatesPublished() as published:
            return "restoration_published", place, {
                "plan": published.plan, "dates": _json(published.dates).decode(), "told_to": published.to or None,
                "by": published.by, "by_name": published.by_name or None, "published_at": at,
            }  # fmt: skip
        case facts.EvidenceKept() as kept:
            return "restoration_evidence", place, {
                "name": kept.name, "media_type": kept.media_type, "bytes": len(kept.content),
                "sha256": hashlib.sha256(kept.content).hexdigest(),
            }  # fmt: skip
        case facts.ApplicationSigned() as signed:
            return "restoration_signed", place, {
                "application": signed.application, "words": signed.words, "by": signed.by,
                "by_name": signed.by_name, "role": signed.role, "signed_at": at,
            }  # fmt: skip
        case said:
            return "restoration_report", place, _report(said)


def _report(said: facts.TaskReported) -> dict[str, Any]:
    return {
        "task": said.task, "state": said.state, "at": said.at_us // 1000, "remaining_hours": said.remaining_hours,
        "until": said.until_us // 1000 if said.until_us is not None else None, "reason": said.reason or None,
        "evidence": said.evidence or None, "attachment": said.attachment or None, "sha256": said.sha256 or None,
        "people": _json(said.people).decode(), "seen": " ".join(said.seen), "by": said.by,
        "by_name": said.by_name or None, "told_by": said.told_by or None,
    }  # fmt: skip


def _small(number: int) -> int:
    """Return a number that a column holds: another island signs any."""
    return max(-(1 << 62), min(number, 1 << 62))


FOLDS: dict[type, Callable[[Any, Context], Iterable[Row]]] = {Said: fold_said}
