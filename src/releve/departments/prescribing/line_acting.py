"""From a filled form of a line to the entry: who signs, what warns, who confirms, and the receipt."""

import re
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from releve.departments.prescribing.checks import Outcome, Switched, check_line, needs_second
from releve.departments.prescribing.formulary import Formulary
from releve.departments.prescribing.formulary_now import switched_in_force
from releve.departments.prescribing.line_facts import Posology, Warned
from releve.departments.prescribing.line_form import LineForm
from releve.departments.prescribing.line_state import known_of
from releve.departments.prescribing.line_words import refusal_text
from releve.departments.prescribing.rules import Refusal, overridden, second_refusal, signature
from releve.departments.prescribing.tables import MedicationLineAct, MedicationRequest
from releve.record.acts import CareAct, draft_of
from releve.record.chart import Chart
from releve.record.numbers_said import with_doubts
from releve.web.accounts.people import Person
from releve.web.acting import new_key, record_act, safe_next, saved, wait_until_folded
from releve.web.second import second_person

__all__ = [
    "FUNCTION",
    "Signed",
    "act_key_of",
    "already",
    "line_done",
    "record_line_act",
    "sign",
    "signed_fields",
]

FUNCTION = "prescribe"
_KEY = re.compile(r"[A-Za-z0-9_-]{12,48}")


class Signed(msgspec.Struct, kw_only=True):
    """What the form says once everything holds: the fields that `PrescriptionStarted` and `...Changed` share."""

    what: Posology
    fields: dict[str, Any]


def act_key_of(request: HttpRequest) -> str:
    """Return the form's own key; one that no form of ours made is replaced."""
    key = str(request.POST.get("act_key") or "")
    return key if _KEY.fullmatch(key) else new_key()


def already(person: str, act: str, kind: str) -> bool:
    """Tell whether this very form was recorded before: pressing again is the same act."""
    return MedicationLineAct.objects.filter(id=f"{person}/{act}", kind=kind).exists()


def signed_fields(request: HttpRequest, form: Any, chart: Chart) -> dict[str, Any] | None:
    """Return the fields that every act has, None when the form is refused (said on the form)."""
    person: Person = request.person  # type: ignore[attr-defined]
    if not form.is_valid():
        return None
    data = form.cleaned_data
    said = signature(person.role, told_by=data.get("told_by", ""), read_back=bool(data.get("read_back")))
    if isinstance(said, Refusal):
        form.add_error(said.field or None, refusal_text(said.code))
        return None
    return {
        **form.common(by=person.code, by_name=person.name),
        "act": act_key_of(request),
        "visit": chart.visit,
        "awaits": said.awaits,
    }


def sign(
    request: HttpRequest,
    form: LineForm,
    chart: Chart,
    *,
    formulary: Formulary | None,
    switched: Switched,
    itself: str = "",
) -> tuple[Signed | None, Outcome | None]:
    """Return what is signed and what the checks said; no signature when something is to be mended (on the form)."""
    person: Person = request.person  # type: ignore[attr-defined]
    fields = signed_fields(request, form, chart)
    if form.what is None:
        return None, None
    what = form.what
    outcome = compared(what, chart, formulary, switched=switched, itself=itself)
    reasons = {one.key: request.POST.get(f"why.{one.key}", "")[:200] for one in outcome.warnings}
    missing = overridden(reasons, reasons)
    if missing:
        form.add_error(None, refusal_text("reason-needed"))
    second = None
    drug = formulary.drug(what.code) if formulary is not None and what.code else None
    if fields is not None and not missing and needs_second(switched, what, drug):
        second = _second(request, form, person)
    if fields is None or form.errors:
        return None, outcome
    if second is not None:
        fields |= {"second": second.code, "second_name": second.name}
    awaits = fields["awaits"]
    fields |= {
        "prescriber": "" if awaits else person.code,
        "prescriber_name": "" if awaits else person.name,
        "warnings": tuple(
            Warned(check=one.key, about=" | ".join(one.about), reason=reasons[one.key].strip())
            for one in outcome.warnings
        ),
        "unchecked": tuple(
            f"{one.check}:{one.why}" + (f":{one.about}" if one.why.startswith("weight-old") else "")
            for one in outcome.unchecked
        ),
        "checked": outcome.made,
    }
    return Signed(what=what, fields=fields), outcome


def compared(
    what: Posology,
    chart: Chart,
    formulary: Formulary | None,
    *,
    switched: Switched | None = None,
    itself: str = "",
) -> Outcome:
    """Return what the checks say of a line for this person."""
    return check_line(
        what,
        known_of(chart, formulary),
        drug=formulary.drug(what.code) if formulary is not None and what.code else None,
        limits=formulary.limits if formulary else (),
        switched=switched or switched_in_force(),
        itself=itself,
    )


def _second(request: HttpRequest, form: LineForm, person: Person) -> Person | None:
    second = second_person(request, form)
    if form.errors:
        return None
    refused = second_refusal(
        first=person.code,
        second=second.code if second is not None else None,
        role=second.role if second is not None else "",
    )
    if refused is not None:
        form.add_error(refused.field, refusal_text(refused.code))
        return None
    return second


def record_line_act(
    request: HttpRequest, act: CareAct, chart: Chart, *, after: MedicationRequest | None, what: str
) -> HttpResponse:
    """Return to the patient's page once the act is recorded. `after` is the row it was decided on."""
    draft = draft_of(act)
    if after is not None and after.stamp is not None:
        # The hour that is typed has no seconds: what was decided on a line never stands before that line.
        draft = msgspec.structs.replace(
            draft, occurred_at_us=max(draft.occurred_at_us or 0, (after.stamp + 1) * 1000)
        )
    receipt = record_act(request, draft)
    shown = wait_until_folded(receipt)
    patient = reverse("patient", args=[chart.handle]) + "#h-med"
    # Signed in the list of a ward, the next one to sign is there.
    to = safe_next(request, request.POST.get("next"), patient)
    return saved(request, receipt, to, what=with_doubts(what, act.told_by), shown=shown)


def line_done(request: HttpRequest, chart: Chart) -> HttpResponse:
    """Return to the patient's page: this form was recorded before."""
    return HttpResponseRedirect(reverse("patient", args=[chart.handle]) + "#h-med")
