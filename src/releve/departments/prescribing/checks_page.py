"""Which checks are switched on, who answers for them, and what each does not do."""

from typing import Any

import msgspec
from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from releve.departments.prescribing.checks import CHECKS, Switched
from releve.departments.prescribing.formulary_now import (
    formulary_in_force,
    switched_elsewhere,
    switched_in_force,
)
from releve.departments.prescribing.hospital_fold import CHECKS_KIND, ChecksEnabled
from releve.departments.prescribing.line_words import CHECK_NAMES
from releve.departments.prescribing.rules import SWITCHERS
from releve.journal.entry import Draft
from releve.web.access import CARE, needs_role
from releve.web.accounts.people import Person
from releve.web.acting import record_act, saved, wait_until_folded
from releve.web.elsewhere import island_of
from releve.web.forms import Awaited, SheetForm

__all__ = ["checks"]

_encode = msgspec.msgpack.Encoder().encode


class ChecksForm(SheetForm):
    """All the checks that are on from here on."""

    checks = forms.MultipleChoiceField(
        label=_("Compared before a line is signed"),
        choices=[(code, CHECK_NAMES[code]) for code in CHECKS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": _("Choose one of the list.")},
    )
    second_at = forms.ChoiceField(
        label=_("A second person for a high-alert medicine"),
        choices=[
            ("administration", _("when it is given")),
            ("prescription", _("when it is prescribed only")),
            ("both", _("when it is prescribed, and when it is given")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one."), "invalid_choice": _("Choose one of the list.")},
    )
    note = Awaited(label=_("Decision of the hospital: which one, and its date"), max_length=200)
    answers = forms.BooleanField(
        label=_("I answer for this choice on behalf of the hospital"),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """Ask for a person who answers."""
        data: dict[str, Any] = super().clean() or {}
        if not data.get("answers"):
            self.add_error("answers", gettext("Tick: a check is switched on by somebody who answers for it."))
        if len(data.get("note", "").strip()) < 3 and "note" not in self.errors:
            self.add_error("note", gettext("Name the decision, such as: drugs committee, 12 June 2026."))
        return data


@require_http_methods(["GET", "POST"])
@needs_role(*CARE)
def checks(request: HttpRequest) -> HttpResponse:
    """Return what is checked and what is not; posted by a physician or pharmacist, what is on from here on."""
    person: Person = request.person  # type: ignore[attr-defined]
    may = person.role in SWITCHERS
    switched = switched_in_force()
    if request.method == "GET":
        form = ChecksForm(initial={"checks": list(switched.checks), "second_at": switched.second_at})
        return _page(request, form, switched, may=may)
    if not may:
        raise PermissionDenied
    form = ChecksForm(request.POST)
    if not form.is_valid():
        return _page(request, form, switched, may=may, status=422)
    data = form.cleaned_data
    said = ChecksEnabled(
        checks=tuple(code for code in CHECKS if code in data["checks"]),
        second_at=data["second_at"],
        by=person.code,
        by_name=person.name,
        note=data["note"].strip(),
    )
    receipt = record_act(request, Draft(kind=CHECKS_KIND, body=_encode(said), source=""))
    shown = wait_until_folded(receipt)
    return saved(request, receipt, reverse("prescribing-checks"), what=gettext("checks"), shown=shown)


def _page(
    request: HttpRequest, form: ChecksForm, switched: Switched, *, may: bool, status: int = 200
) -> HttpResponse:
    formulary = formulary_in_force()
    context = {
        "form": form,
        "switched": switched,
        "may": may,
        "rows": [(CHECK_NAMES[code], code in switched.checks) for code in CHECKS],
        "second_at": dict(form.fields["second_at"].choices)[switched.second_at],  # type: ignore[attr-defined]
        "elsewhere": [
            (
                island_of(log) or log.partition("/")[0].upper(),
                said,
                [str(CHECK_NAMES[code]) for code in CHECKS if code in said.checks] or [gettext("nothing")],
            )
            for log, said in switched_elsewhere()
        ],
        "interactions": CHECK_NAMES["interactions"],
        "limits": len(formulary.limits) if formulary else 0,
        "drugs": len(formulary.drugs) if formulary else 0,
    }
    return render(request, "prescribing/checks.html", context, status=status)
