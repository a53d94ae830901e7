"""Traits put right: what changes is named, and a strict trait that changes must be seen on a document again."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from releve.departments.admissions import rules
from releve.departments.admissions.desk import desk_of
from releve.departments.admissions.facts import IdentityCorrected, Traits
from releve.departments.admissions.identity_form import IdentityForm
from releve.departments.admissions.sentences import with_number_doubts
from releve.journal.entry import Draft
from releve.record.acts import draft_of
from releve.record.chart import chart_of, chart_page
from releve.record.crossed import Saying, differing, side_by_side, token
from releve.record.sayings import sayings_of
from releve.record.tables import Person
from releve.web.access import CARE, needs_role
from releve.web.acting import new_key, receipt_of, record_act, saved, wait_until_folded

__all__ = ["correct"]

FUNCTION = "identity"
NAMES = {
    "birth_name": _("Birth name"),
    "given_name": _("First given name"),
    "birth_date": _("Birth date"),
    "sex": _("Sex"),
    "birth_place": _("Birth place"),
    "used_name": _("Name in use, if another"),
    "doubt": _("Doubt"),
}


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@needs_role(*CARE)
def correct(request: HttpRequest, handle: str) -> HttpResponse:
    """Return the form of the traits as they are known; sent, the correction."""
    chart, desk = chart_of(request, handle), desk_of(request)
    row = Person.objects.filter(id=chart.person).first() or Person(id=chart.person, person=chart.person)
    before = traits_known(row)
    place = f"{row.log}#{row.index}"
    stand = sayings_of("identity.corrected.1", [chart.person]).get(chart.person, ())
    two = () if chart.covered else side_by_side(stand)
    # What one may start from: either statement, as it was said.
    start = next((one for one in two if one.entry == request.GET.get("from")), None)
    shown_place = token(place, stand)
    ward = chart.ward or next(iter(desk.reader.wards), "") or next(iter(desk.here.directory.wards), "")
    opening = desk.here.opening(FUNCTION, ward)
    address = reverse("stay", args=[handle])

    def form_of(data: Any = None) -> IdentityForm:
        return IdentityForm(
            data, before=before, place=shown_place, who=desk.who, here=desk.here, function=FUNCTION, ward=ward,
            two=bool(two), start=start.words if start is not None else None,
        )  # fmt: skip

    form, status = form_of(), 200
    if request.method == "POST" and not chart.covered:
        sent = receipt_of(request)
        if sent is not None:
            return saved(request, sent, address, what=gettext("identity"), shown=True)
        form = form_of(request.POST)
        if form.is_valid():
            said = IdentityCorrected(
                **form.common(by=desk.reader.code, by_name=desk.reader.name),
                act=(request.POST.get("act_key") or new_key())[:64],
                person=chart.person,
                visit=chart.visit,
                place=place,
                seen=tuple(one.entry for one in stand),
                traits=form.after,
                changed=form.changed,
                ins="".join(form.cleaned_data["ins"].split()).upper(),
                reason=form.cleaned_data["reason"].strip(),
            )
            receipt = record_act(request, _after(draft_of(said), stand))
            what = with_number_doubts(
                gettext("identity"), exercise=desk.here.directory.map.exercise, ins=said.ins
            )
            return saved(request, receipt, address, what=what, shown=wait_until_folded(receipt))
        status = 422
    writes = opening.open and desk.who.role in rules.WRITERS and not chart.covered
    return chart_page(
        request, chart, "admissions/identity.html", status=status, tab="identity", form=form, writes=writes,
        where=desk.place(ward), place=shown_place, before=before,
        two=[(one, _worded(one.words, differing(two))) for one in two],
    )  # fmt: skip


def _after(draft: Draft, stand: Sequence[Saying]) -> Draft:
    """Return the entry, ordered after the statements that stood: from an island whose clock runs ahead too.

    Else what was seen and put right would come back as the last word.
    """
    latest_us = (max((one.stamp or 0 for one in stand), default=0) + 1) * 1000
    return msgspec.structs.replace(draft, occurred_at_us=max(draft.occurred_at_us or 0, latest_us))


def _worded(words: Mapping[str, str], names: frozenset[str]) -> list[tuple[Any, str, str]]:
    """Return what one statement said where the others said otherwise: name of the field, its code, its value."""
    return [(label, name, words.get(name, "")) for name, label in NAMES.items() if name in names]


def traits_known(row: Person) -> Traits:
    """Return the traits of a person as the record has them."""
    return Traits(
        birth_name=row.birth_name or "",
        given_name=row.given_name or "",
        given_names=row.given_names or "",
        birth_date=row.birth_date or "",
        sex=row.sex or "",
        birth_place=row.birth_place or "",
        used_name=row.used_name or "",
        status=(row.identity_status or "").upper(),
        doubt=row.identity_doubt or "",
    )
