"""The words handed from shift to shift: which stand, who took over, and how they are written down."""

from collections.abc import Collection
from typing import Any

import msgspec
from django import forms
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from releve.departments.observations.facts import HandoverTaken, HandoverWritten, TakenOver
from releve.departments.observations.fluids import shift_of
from releve.departments.observations.rules import Refusal
from releve.departments.observations.tables import Handover
from releve.departments.observations.words import refusal_text
from releve.journal.entry import Draft
from releve.record.act_form import ActForm
from releve.record.chart import Chart, Here
from releve.web.accounts.people import Person
from releve.web.acting import new_key

__all__ = ["TEXT_CHARS_MAX", "HandoverForm", "Words", "draft_of_taking", "place_of", "words_of", "written"]

FUNCTION = "observe"
TEXT_CHARS_MAX = 2000
_encode = msgspec.msgpack.Encoder().encode


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What stands about one person: the newest words, and who took over after them."""

    row: Handover
    taken: Handover | None


class HandoverForm(ActForm):
    """Free words about one person for the next shift. `place` is the entry of the words that were read."""

    text = forms.CharField(
        label=_("For the next shift"),
        required=False,
        max_length=TEXT_CHARS_MAX,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )
    place = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)

    def __init__(self, *args: Any, stands: Handover | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stands = stands
        self.changed_meanwhile = False
        self.initial.setdefault("place", place_of(stands))
        if stands is not None:
            self.initial.setdefault("text", stands.body or "")

    def clean(self) -> dict[str, Any]:
        """Check the words, and that nobody wrote others since they were read."""
        data = super().clean()
        language = get_language() or "fr"
        if "text" in data and not data["text"].strip():
            self.add_error("text", refusal_text(Refusal(code="empty-words"), language))
        if data.get("place", "") != place_of(self.stands):
            self.changed_meanwhile = True
            self.add_error("text", refusal_text(Refusal(code="changed"), language))
            # What was typed is kept; sent again, it is decided on the words that are shown now.
            sent: Any = self.data
            kept = sent.copy()
            kept[self.add_prefix("place")] = place_of(self.stands)
            self.data = kept
        return data


def place_of(row: Handover | None) -> str:
    """Return the entry of some words, as forms carry it."""
    return f"{row.log}#{row.index}" if row is not None else ""


def words_of(persons: Collection[str], *, since_ms: int) -> dict[str, Words]:
    """Return what stands about each of these persons, by the key it was said under."""
    rows = Handover.objects.filter(person__in=list(persons), happened_at__gte=since_ms)
    newest: dict[str, Handover] = {}
    taken: dict[str, Handover] = {}
    for row in rows.order_by("happened_at", "recorded_at", "id"):
        (newest if row.kind == "written" else taken)[row.person] = row
    return {
        person: Words(
            row=row, taken=after if (after := taken.get(person)) and after.about == row.act else None
        )
        for person, row in newest.items()
    }


def written(request: HttpRequest, chart: Chart, form: HandoverForm, person: Person) -> HandoverWritten:
    """Return the act of a valid form."""
    return HandoverWritten(
        act=request.POST.get("act_key", "")[:64] or new_key(),
        person=chart.person,
        visit=chart.visit,
        shift=shift_of(form.happened_ms, chart.here.zone).code,
        text=form.cleaned_data["text"].strip(),
        place=form.cleaned_data.get("place", ""),
        **form.common(by=person.code, by_name=person.name),
    )


def draft_of_taking(
    act: str, ward: str, read: Collection[tuple[str, str]], here: Here, person: Person
) -> Draft:
    """Return the entry by which a shift takes a ward over; `read` are persons and the act of the words read."""
    said = HandoverTaken(
        act=act or new_key(),
        ward=ward,
        shift=shift_of(here.now_ms, here.zone).code,
        persons=tuple(TakenOver(person=key, about=about) for key, about in read),
        happened_at=here.now_ms,
        by=person.code,
        by_name=person.name,
    )
    return Draft(
        kind="handover.taken.1",
        body=_encode(said),
        source="",
        occurred_at_us=here.now_ms * 1000,
        subjects=tuple(one.person for one in said.persons),
    )
