"""What is stated about a person: allergies asked and told, alerts, problems. Never inferred, never silently dropped."""

from typing import Any

import msgspec
from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from releve.departments.observations.rules import CHARTERS
from releve.departments.observations.statement_facts import AlertStated, AllergyStatedHere, ProblemStatedHere
from releve.record.act_form import ActForm
from releve.record.acts import CareAct, draft_of
from releve.record.allergies import is_none_known
from releve.record.chart import Chart, chart_of, chart_page
from releve.record.identity import search_letters
from releve.record.tables import Alert, Allergy, Problem
from releve.web.access import CARE, needs_role
from releve.web.accounts.people import Person
from releve.web.acting import new_key, record_act, saved, wait_until_folded
from releve.web.opaque import open_handle, seal
from releve.web.paper_language import as_recorded

__all__ = ["statements"]

FUNCTION = "observe"
LABEL_CHARS_MAX = 160
STATERS = CHARTERS | {"pharmacist"}
# To say that an allergy is none any more changes every prescription after it.
REMOVERS = frozenset({"physician", "midwife", "pharmacist"})

# Alerts everyone at the bedside understands; strong ones are filled.
ALERTS = {
    "ISO-CONTACT": (_("Contact isolation"), True),
    "ISO-DROPLET": (_("Droplet isolation"), True),
    "ISO-AIR": (_("Airborne isolation"), True),
    "FALL": (_("Risk of falling"), False),
    "FASTING": (_("Nothing by mouth"), True),
    "WANDERING": (_("May wander off"), False),
    "SWALLOW": (_("Difficulty swallowing"), True),
}


def _line(label: Any, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=LABEL_CHARS_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        **more,
    )


class AllergyForm(ActForm):
    """An allergy, or "asked, none known"."""

    state = forms.ChoiceField(
        label=_("What was answered"),
        required=False,
        choices=[("stated", _("Allergic to")), ("none-known", _("Asked: no allergy known"))],
        widget=forms.RadioSelect,
        initial="stated",
    )
    label = _line(_("Substance, in the words used"))
    reaction = _line(_("Reaction"))
    severity = forms.ChoiceField(
        label=_("Severity"),
        required=False,
        choices=[("", _("not known")), ("SV", _("severe")), ("MO", _("moderate")), ("MI", _("mild"))],
    )
    source_of = _line(_("Said by"))

    def __init__(self, *args: Any, stands: list[Allergy], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._stands = stands

    def clean(self) -> dict[str, Any]:
        """Check that the answer says something, and takes no stated allergy back."""
        data = super().clean()
        state, label = data.get("state") or "stated", (data.get("label") or "").strip()
        if state == "stated" and "label" in data and not label:
            self.add_error("label", gettext("Write the substance."))
        if state == "stated" and is_none_known(label, None):
            self.add_error(
                "label", gettext("This says that none is known: choose “asked: no allergy known”.")
            )
        if state == "none-known" and label:
            self.add_error("label", gettext("A substance is written: choose “allergic to”, or remove it."))
        if state == "none-known" and any(row.state == "stated" for row in self._stands):
            self.add_error(
                "state", gettext("An allergy is stated above: it must be withdrawn first, by a physician.")
            )
        return data


class AlertForm(ActForm):
    """One alert."""

    code = forms.ChoiceField(
        label=_("Alert for everyone"),
        required=False,
        choices=[("", _("Choose")), *((k, v[0]) for k, v in ALERTS.items())],
    )

    def clean(self) -> dict[str, Any]:
        """Check that one is chosen."""
        data = super().clean()
        if "code" in data and not data["code"]:
            self.add_error("code", gettext("Choose an alert."))
        return data


class ProblemForm(ActForm):
    """One problem."""

    label = _line(_("Problem or diagnosis"))

    def clean(self) -> dict[str, Any]:
        """Check that something is written."""
        data = super().clean()
        if "label" in data and not data["label"].strip():
            self.add_error("label", gettext("Write the problem."))
        return data


class EndForm(ActForm):
    """A statement that ends: an allergy withdrawn, an alert over, a problem solved."""

    reason = _line(_("Why"))


@require_http_methods(["GET", "POST"])
@needs_role(*CARE)
def statements(request: HttpRequest, handle: str) -> HttpResponse:
    """Return what is stated about one person, or what became of a new statement."""
    chart = chart_of(request, handle)
    person: Person = request.person  # type: ignore[attr-defined]
    rows: dict[str, list[Any]] = {"allergies": [], "alerts": [], "problems": []}
    if not chart.covered:
        keys = list(chart.persons)
        rows["allergies"] = list(
            Allergy.objects.filter(person__in=keys).exclude(state="removed").order_by("label")
        )
        rows["alerts"] = list(Alert.objects.filter(person__in=keys, status="active").order_by("label"))
        rows["problems"] = list(Problem.objects.filter(person__in=keys, status="active").order_by("label"))
    what = request.POST.get("what", "") if request.method == "POST" else ""
    base: dict[str, Any] = {"here": chart.here, "function": FUNCTION, "ward": chart.ward}
    data = {name: request.POST if what == name else None for name in ("allergy", "alert", "problem", "end")}
    bound: dict[str, ActForm] = {
        "allergy": AllergyForm(data["allergy"], stands=rows["allergies"], auto_id="id_a_%s", **base),
        "alert": AlertForm(data["alert"], auto_id="id_b_%s", **base),
        "problem": ProblemForm(data["problem"], auto_id="id_c_%s", **base),
        "end": EndForm(data["end"], auto_id="id_e_%s", **base),
    }
    if what in bound and person.role not in STATERS:
        raise PermissionDenied
    form = bound.get(what)
    if form is not None and form.is_valid():
        act = _act(request, chart, what, form, rows, person)
        if act is not None:
            draft = draft_of(act)
            if what == "end":
                # The moment that orders an end is the one at which it was said: it must follow what it ends.
                draft = msgspec.structs.replace(draft, occurred_at_us=None)
            receipt = record_act(request, draft)
            shown = wait_until_folded(receipt)
            url = reverse("statements", args=[handle])
            return saved(request, receipt, url, what=_named(act), shown=shown)
    opened = chart.here.opening(FUNCTION, chart.ward)
    may = person.role in STATERS
    was = not opened.open and chart.here.was_open(FUNCTION, chart.ward)
    late = was and ("late" in request.GET or request.method == "POST")
    return chart_page(
        request,
        chart,
        "observations/statements.html",
        status=422 if request.method == "POST" else 200,
        tab="",
        forms=bound,
        refused=form,
        writing=may and (opened.open or late),
        # An end is decided on what stands now: what was ended during the cut is ended again in the application.
        ends=may and opened.open,
        may=may,
        may_be_late=was and not late,
        where=opened.where.label(get_language() or "fr"),
        allergies=[
            (row, seal(f"allergy {row.id}", "statement") if person.role in REMOVERS else "", withdrawn)
            for row, withdrawn in _with_withdrawn(rows["allergies"], chart)
        ],
        alerts=[(row, seal(f"alert {row.id}", "statement")) for row in rows["alerts"]],
        problems=[(row, seal(f"problem {row.id}", "statement")) for row in rows["problems"]],
    )


def _with_withdrawn(rows: list[Allergy], chart: Chart) -> list[tuple[Allergy, Allergy | None]]:
    """Return each statement with the later withdrawal of the same substance made of another: somebody has to decide."""
    gone = {
        search_letters(row.label): row
        for row in Allergy.objects.filter(person__in=list(chart.persons), state="removed").order_by("stamp")
    }
    found = []
    for row in rows:
        withdrawn = gone.get(search_letters(row.label))
        later = withdrawn is not None and (withdrawn.stamp or 0) >= (row.stamp or 0)
        found.append((row, withdrawn if later else None))
    return found


def _named(act: CareAct) -> str:
    """Return what was recorded, as the receipt says it."""
    if isinstance(act, AllergyStatedHere):
        names = {
            "stated": gettext("allergy"),
            "none-known": gettext("no known allergy"),
            "removed": gettext("allergy withdrawn"),
        }
        return names[act.state]
    if isinstance(act, AlertStated):
        return gettext("alert ended") if act.status == "ended" else gettext("alert raised")
    resolved = isinstance(act, ProblemStatedHere) and act.status == "resolved"
    return gettext("problem resolved") if resolved else gettext("problem stated")


def _act(
    request: HttpRequest, chart: Chart, what: str, form: ActForm, rows: dict[str, list[Any]], person: Person
) -> CareAct | None:
    """Return the act of a valid form; None when it was refused after all, at its field."""
    data = form.cleaned_data
    common: dict[str, Any] = {
        "act": request.POST.get("act_key", "")[:64] or new_key(),
        "person": chart.person,
        "visit": chart.visit,
        **form.common(by=person.code, by_name=person.name),
    }
    if what == "allergy":
        none = data.get("state") == "none-known"
        return AllergyStatedHere(
            state="none-known" if none else "stated",
            label=data["label"].strip(),
            reaction=data["reaction"].strip(),
            severity=data.get("severity") or "",
            source_of=data["source_of"].strip(),
            **common,
        )
    if what == "alert":
        label, strong = ALERTS[data["code"]]
        return AlertStated(code=data["code"], label=as_recorded(label), strong=strong, **common)
    if what == "problem":
        return ProblemStatedHere(label=data["label"].strip(), **common)
    kind, _space, id_ = (open_handle(request.POST.get("row", ""), "statement") or "").partition(" ")
    row = next((row for found in rows.values() for row in found if row.id == id_), None)
    reason = data["reason"].strip()
    if row is None:
        form.add_error(None, gettext("It was withdrawn in the meantime: look again."))
        return None
    common |= {"person": row.person, "place": f"{row.log}#{row.index}"}
    if kind == "alert":
        return AlertStated(
            code=row.code or "",
            label=row.label or "",
            strong=bool(row.strong),
            status="ended",
            row=row.id,
            **common,
        )
    if kind == "problem":
        return ProblemStatedHere(label=row.label or row.code or "", status="resolved", row=row.id, **common)
    if person.role not in REMOVERS:
        form.add_error(None, gettext("A physician, midwife or pharmacist withdraws an allergy."))
        return None
    if not reason:
        form.add_error("reason", gettext("Say why it is withdrawn."))
        return None
    return AllergyStatedHere(
        state="removed",
        label=row.label or "",
        code=row.code or "",
        system=row.system or "",
        reason=reason,
        row=row.id,
        **common,
    )
