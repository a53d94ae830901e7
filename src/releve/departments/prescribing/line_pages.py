"""One medication line: what it is, who did what to it, and what can be done: change, stop, suspend, resume, sign."""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from releve.departments.prescribing.checks import Outcome, needs_second
from releve.departments.prescribing.formulary_now import formulary_in_force, switched_in_force
from releve.departments.prescribing.hours import dose_hours
from releve.departments.prescribing.line_acting import (
    FUNCTION,
    act_key_of,
    already,
    compared,
    line_done,
    record_line_act,
    sign,
    signed_fields,
)
from releve.departments.prescribing.line_facts import (
    OPINIONS,
    PrescriptionChanged,
    PrescriptionCountersigned,
    PrescriptionOpinion,
    PrescriptionResumed,
    PrescriptionStopped,
    PrescriptionSuspended,
)
from releve.departments.prescribing.line_form import LineForm, PlainForm, initial_of
from releve.departments.prescribing.line_state import Acted, history_of, place_of, posology_of
from releve.departments.prescribing.line_words import (
    ACTS,
    OPINION_NAMES,
    act_text,
    refusal_text,
    unchecked_of,
    what_text,
)
from releve.departments.prescribing.prescribe_page import form_context
from releve.departments.prescribing.rules import ACTORS, COUNTERSIGNERS, PHARMACISTS, PRESCRIBERS, may_act_on
from releve.departments.prescribing.tables import MedicationRequest
from releve.record.chart import Chart, chart_of, chart_page
from releve.record.tables import Encounter
from releve.web import words
from releve.web.access import CARE, needs_role
from releve.web.accounts.people import Person
from releve.web.opaque import open_handle

__all__ = ["change", "line"]

KINDS: dict[str, Any] = {
    "stop": PrescriptionStopped,
    "suspend": PrescriptionSuspended,
    "resume": PrescriptionResumed,
    "opinion": PrescriptionOpinion,
    "countersign": PrescriptionCountersigned,
}


class ActionForm(PlainForm):
    """Stop, suspend or resume a line, with the reason."""

    reason = forms.CharField(
        label=_("Why"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Needed to stop and to suspend: whoever reads it next must understand."),
    )
    wants_reason = False

    def clean(self) -> dict[str, Any]:
        """Ask for the reason of what takes a medicine away."""
        data = super().clean()
        if self.wants_reason and len(data.get("reason", "").strip()) < 3 and "reason" not in self.errors:
            self.add_error("reason", gettext("Say why, in a few words."))
        return data


class SignatureForm(ActionForm):
    """The signature of what was told: asked for whenever it comes, also when the ward no longer writes here."""

    def clean(self) -> dict[str, Any]:
        """Take it at any hour: what it signs was accepted when it was written."""
        data = super().clean()
        self.errors.pop(NON_FIELD_ERRORS, None)
        return data


class OpinionForm(PlainForm):
    """A pharmacist's opinion."""

    opinion = forms.ChoiceField(
        label=_("Opinion"),
        choices=[(code, OPINION_NAMES[code]) for code in OPINIONS],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one.")},
    )
    text = forms.CharField(
        label=_("In words"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean_text(self) -> str:
        """Return the text on one line: lines of a text are kept as spaces."""
        return " ".join(str(self.cleaned_data["text"]).split())


def _row(chart: Chart, line_handle: str) -> MedicationRequest:
    key = open_handle(line_handle, "line")
    row = MedicationRequest.told.filter(id=key).first() if key else None
    if row is not None and row.retold:  # told again under another number since this page was opened
        row = MedicationRequest.objects.filter(id=row.retold).first() or row
    if row is None or not row.label or not _is_of(chart, row):
        raise Http404
    return row


def _is_of(chart: Chart, row: MedicationRequest) -> bool:
    """Tell whether a line is this patient's: of one of her numbers, or of a visit that A44 moved to her."""
    return row.person in chart.persons or (
        row.visit is not None
        and Encounter.objects.filter(
            person__in=list(chart.persons), visit=row.visit, moved_from=row.person
        ).exists()
    )


@require_http_methods(["GET", "POST"])
@needs_role(*CARE)
def line(request: HttpRequest, handle: str, line_handle: str) -> HttpResponse:
    """Return the page of a line; posted, one act on it."""
    chart = chart_of(request, handle)
    row = _row(chart, line_handle)
    person: Person = request.person  # type: ignore[attr-defined]
    if request.method == "GET":
        return _line_page(request, chart, row, line_handle, _forms(chart))
    do = request.POST.get("do", "")
    roles = {"opinion": PHARMACISTS, "countersign": COUNTERSIGNERS}.get(do, ACTORS)
    if do not in KINDS or person.role not in roles:
        raise PermissionDenied
    return _act(request, chart, row, line_handle, do)


def _forms(chart: Chart) -> dict[str, Any]:
    shared: dict[str, Any] = {"here": chart.here, "function": FUNCTION, "ward": chart.ward}
    return {"action": ActionForm(**shared), "opinion": OpinionForm(**shared)}


def _act(
    request: HttpRequest, chart: Chart, row: MedicationRequest, line_handle: str, do: str
) -> HttpResponse:
    kind = KINDS[do]
    name = str(kind.__struct_config__.tag)
    act = act_key_of(request)
    if already(row.person, act, name):
        return line_done(request, chart)
    forms_ = _forms(chart)
    shared: dict[str, Any] = {"here": chart.here, "function": FUNCTION, "ward": chart.ward}
    which = "opinion" if do == "opinion" else "action"
    kinds = {"opinion": OpinionForm, "countersign": SignatureForm}
    form: Any = kinds.get(do, ActionForm)(request.POST, **shared)
    if isinstance(form, ActionForm):
        form.wants_reason = do in ("stop", "suspend")
    if do != "countersign":
        forms_[which] = form
    person: Person = request.person  # type: ignore[attr-defined]
    fields = (
        signed_fields(request, form, chart)
        if do not in ("opinion", "countersign")
        else {**form.common(by=person.code, by_name=person.name), "act": act, "visit": chart.visit}
        if form.is_valid()
        else None
    )
    refused = may_act_on(
        do,
        status=row.status or "active",
        place=place_of(row),
        decided_on=request.POST.get("place", ""),
    )
    if refused is not None:
        forms_[which] = form
        form.add_error(None, refusal_text(refused.code))
        return _line_page(request, chart, row, line_handle, forms_, status=422)
    if fields is None:
        return _line_page(request, chart, row, line_handle, forms_, status=422)
    more: dict[str, Any] = {}
    if do in ("stop", "suspend", "resume"):
        more["reason"] = form.cleaned_data["reason"].strip()
    elif do == "opinion":
        more |= {"opinion": form.cleaned_data["opinion"], "text": form.cleaned_data["text"]}
    else:
        history = history_of(row.id, row.person)
        if not history.unsigned:
            forms_["action"] = form
            form.add_error(None, refusal_text("nothing-to-sign"))
            return _line_page(request, chart, row, line_handle, forms_, status=422)
        more["acts"] = history.unsigned
        # It goes back to where what it signs goes back to.
        told = [one.body for one in history.acts if one.act in history.unsigned]
        fields["applications"] = tuple(
            sorted({code for body in told for code in body.get("applications", ())})
        )
        fields["late"] = not form.timing.accepted
    made = kind(person=row.person, line=row.id, label=row.label or "", place=place_of(row), **fields, **more)
    return record_line_act(request, made, chart, after=row, what=_done_words(do))


def _done_words(do: str) -> str:
    return {
        "stop": gettext("1 line stopped"),
        "suspend": gettext("1 line suspended"),
        "resume": gettext("1 line resumed"),
        "opinion": gettext("1 opinion"),
        "countersign": gettext("1 line signed"),
    }[do]


def _line_page(
    request: HttpRequest,
    chart: Chart,
    row: MedicationRequest,
    line_handle: str,
    forms_: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    person: Person = request.person  # type: ignore[attr-defined]
    formulary = formulary_in_force()
    what = posology_of(row, formulary)
    history = history_of(row.id, row.person)
    doses = dose_hours(what, chart.here.zone)
    return chart_page(
        request,
        chart,
        "prescribing/line.html",
        tab="prescribing",
        row=row,
        line_handle=line_handle,
        what=what,
        words=what_text(what),
        doses=doses,
        first_dose=doses[0] if doses else None,
        last_dose=doses[-1] if doses else None,
        acts=[
            (one, ACTS.get(one.kind, one.kind), act_text(one.kind, one.body), unchecked_of(one.body))
            for one in reversed(history.acts)
        ],
        conflicts=[[_said(chart, one) for one in group] for group in history.conflicts],
        unsigned=history.unsigned,
        place=place_of(row),
        here=row.source == "releve",
        opening=chart.here.opening(FUNCTION, chart.ward),
        where_words=chart.here.opening(FUNCTION, chart.ward).where.label(get_language() or "fr"),
        acts_on=person.role in ACTORS,
        signs=person.role in PRESCRIBERS,
        gives_opinion=person.role in PHARMACISTS,
        form=forms_["action"],
        opinion_form=forms_["opinion"],
        errors_form=forms_["opinion"] if forms_["opinion"].is_bound else forms_["action"],
        status=status,
    )


def _said(chart: Chart, one: Acted) -> str:
    """Return one act of a conflict: what, by whom, when."""
    at = words.near(one.happened_at or 0, chart.here.now_ms, chart.here.zone, get_language() or "fr")
    told = act_text(one.kind, one.body)
    return ", ".join(part for part in (f"{ACTS.get(one.kind, one.kind)}", told, one.by_name, at) if part)


@sensitive_post_parameters("second_pin")
@require_http_methods(["GET", "POST"])
@needs_role(*sorted(ACTORS))
def change(request: HttpRequest, handle: str, line_handle: str) -> HttpResponse:
    """Return the form of a line; posted, the line as it is from here on. Received lines are so signed here."""
    chart = chart_of(request, handle)
    row = _row(chart, line_handle)
    formulary = formulary_in_force()
    before = posology_of(row, formulary)
    drug = formulary.drug(before.code) if formulary and before.code else None
    shared: dict[str, Any] = {
        "here": chart.here,
        "function": FUNCTION,
        "ward": chart.ward,
        "before": before,
        "drug": drug,
    }
    if request.method == "GET":
        form = LineForm(initial=initial_of(before, now_ms=chart.here.now_ms), **shared)
        return _change_page(request, chart, row, form, compared(before, chart, formulary, itself=row.id))
    if already(row.person, act_key_of(request), "prescription.changed.1"):
        return line_done(request, chart)
    form = LineForm(request.POST, **shared)
    signed, outcome = sign(
        request, form, chart, formulary=formulary, switched=switched_in_force(), itself=row.id
    )
    refused = may_act_on(
        "change", status=row.status or "active", place=place_of(row), decided_on=request.POST.get("place", "")
    )
    if refused is not None:
        form.add_error(None, refusal_text(refused.code))
        conflict = _changes_since(chart, row, request.POST.get("place", ""), what_text(before))
        return _change_page(
            request, chart, row, form, outcome,
            conflict=conflict if refused.code == "changed-meanwhile" else None, status=422,
        )  # fmt: skip
    if signed is None:
        return _change_page(request, chart, row, form, outcome, status=422)
    act = PrescriptionChanged(
        person=row.person,
        line=row.id,
        label=before.label,
        place=place_of(row),
        what=signed.what,
        before=before,
        revalidated=row.source != "releve",
        **signed.fields,
    )
    return record_line_act(request, act, chart, after=row, what=gettext("1 line changed"))


def _changes_since(chart: Chart, row: MedicationRequest, decided_on: str, now: str) -> list[str]:
    """Return what happened to a line since the form was shown, and what it is now."""
    acts = history_of(row.id, row.person).acts
    seen = [place for place, one in enumerate(acts) if one.place == decided_on]
    since = [one for one in (acts[seen[0] + 1 :] if seen else acts[-1:]) if one.place != decided_on]
    told = [_said(chart, one) for one in since]
    if row.source != "releve":
        told.append(gettext("A message of the application changed it."))
    return [*told, gettext("It is now: %(line)s") % {"line": now}]


def _change_page(
    request: HttpRequest,
    chart: Chart,
    row: MedicationRequest,
    form: LineForm,
    outcome: Outcome | None,
    *,
    conflict: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    person: Person = request.person  # type: ignore[attr-defined]
    before = form.before
    assert before is not None
    switched = switched_in_force()
    return chart_page(
        request,
        chart,
        "prescribing/line-form.html",
        tab="prescribing",
        form=form,
        title=before.label,
        drug=form.drug,
        token="",
        step="change",
        signs=person.role in PRESCRIBERS,
        high_alert=before.high_alert,
        two=needs_second(switched, before, form.drug) or "second" in form.errors,
        switched=switched,
        place=place_of(row),
        conflict=conflict,
        mirrored=row.source != "releve",
        status=status,
        **form_context(outcome, request),
    )
