"""How a step, a list, a batch become entries: the one path all pages of the fleet take."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from django.http import HttpRequest

from releve.journal.entry import Receipt
from releve.restoration.fleet.facts import ReportAttached, draft_of
from releve.restoration.fleet.pages.step_form import StepForm
from releve.restoration.fleet.rules import Asked, Command, Moving, Subject, move
from releve.restoration.fleet.tables import Report
from releve.restoration.fleet.words import refusal_text
from releve.web.accounts.people import Person
from releve.web.acting import new_key, record_act, record_beside
from releve.web.uploads import media_of, too_large

__all__ = ["act_of", "person_of", "record_step"]


def person_of(request: HttpRequest) -> Person:
    """Return who is at the screen."""
    person: Person = request.person  # type: ignore[attr-defined]
    return person


def act_of(request: HttpRequest) -> str:
    """Return the form's own key."""
    return str(request.POST.get("act_key") or new_key())[:64]


def record_step(
    request: HttpRequest, form: StepForm, subjects: Sequence[Subject], *, now_ms: int, batch: str = ""
) -> tuple[Moving, Receipt | None]:
    """Record a step of these machines, its report first; return what moved, or put on the form why nothing did.

    The report is recorded only when some machine may make the step with it.
    """
    if too_large(request):
        # The step without its report would be another step.
        form.add_error("report_file" if "report_file" in form.fields else None, refusal_text("report-large"))
        return Moving(), None
    person, data = person_of(request), form.cleaned_data
    act = act_of(request)
    report, attached = _report(request, form, subjects, act, now_ms)
    command = Command(
        act=act,
        role=person.role,
        by=person.code,
        by_name=person.name,
        to=form.to,
        happened_at=data["happened_at"],
        now_ms=now_ms,
        place=data["place"],
        image_sha256=data.get("image_sha256", ""),
        report=report,
        done=form.steps_told("done"),
        skipped=form.steps_told("skipped"),
        reason=data["reason"],
        batch=batch,
        # Only who was shown both reports settles them: the second may have arrived since.
        settles=request.POST.get("settles") == "1",
    )
    moving = move(command, subjects)
    for refusal in moving.refusals:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal_text(refusal.code))
    if moving.fact is None:
        for code in dict.fromkeys(one.code for one in moving.refused):
            form.add_error(_field_of(code, form), refusal_text(code))
        return moving, None
    if attached is not None:
        record_beside(request, draft_of(attached))
    return moving, record_act(request, draft_of(moving.fact))


def _report(
    request: HttpRequest, form: StepForm, subjects: Sequence[Subject], act: str, now_ms: int
) -> tuple[Asked, ReportAttached | None]:
    """Return the report the step refers to, and the fact when it is a new one."""
    file: Any = form.cleaned_data.get("report_file")
    if file is not None:
        person, content = person_of(request), file.read()
        fact = ReportAttached(
            # From the form's own key: pressed twice, it is one report.
            act=f"{act[:56]}.report",
            happened_at=now_ms,
            by=person.code,
            by_name=person.name,
            name=" ".join(str(file.name or "").split())[:80],
            media_type=media_of(content),
            sha256=sha256(content).hexdigest(),
            content=content,
            tags=tuple(one.tag for one in subjects),
        )
        return Asked(act=fact.act, sha256=fact.sha256), fact
    chosen = form.cleaned_data.get("report") or ""
    row = Report.objects.filter(id=chosen).first() if chosen else None
    return (Asked(act=row.id, sha256=row.sha256 or ""), None) if row is not None else (Asked(), None)


def _field_of(code: str, form: StepForm) -> str | None:
    field = {
        "no-evidence": "image_sha256", "no-image": "image_sha256", "no-report": "report_file",
        "back-reason": "reason", "skip-reason": "reason", "settle-reason": "reason",
    }.get(code)  # fmt: skip
    if code == "steps-between" and form.between:
        return f"step_{form.between[0]}"
    return field if field in form.fields else None
