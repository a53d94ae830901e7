"""The form of a declaration: what, where, since when, why; and who stands by it."""

from collections.abc import Iterable
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from releve.crisis.facts import Reason
from releve.crisis.sentences import REASONS, refusal_text
from releve.hospital.map import Directory
from releve.hospital.status import Place, State
from releve.web.forms import Awaited, Boxes, Radios, SheetForm
from releve.web.typed import read_moment

__all__ = ["ChoiceForm", "PairForm", "place_code", "place_of"]

STATES: dict[State, Any] = {
    "down": _("They do not answer: cut"),
    "restored": _("They are back: restored"),
    "live": _("All is as before: in service"),
}
NOTE_CHARS_MAX = 500


def place_code(place: Place) -> str:
    """Return a place as a form writes it: "all", "building:A", "ward:2140"."""
    return place.kind if place.kind == "all" else f"{place.kind}:{place.code}"


def place_of(code: str) -> Place | None:
    """Return the place of a form's value, None for anything else."""
    kind, _sep, rest = code.partition(":")
    if code == "all":
        return Place(kind="all")
    if kind == "building" and rest:
        return Place(kind="building", code=rest)
    if kind == "ward" and rest:
        return Place(kind="ward", code=rest)
    return None


class ChoiceForm(SheetForm):
    """What is declared. Whether it may be is for `rules.py`; here only what cannot be read is refused."""

    status = forms.ChoiceField(
        label=_("What happened to them"), choices=lambda: list(STATES.items()), widget=Radios, initial="down"
    )
    applications = forms.MultipleChoiceField(label=_("Which applications"), required=False, widget=Boxes)
    places = forms.MultipleChoiceField(label=_("Where"), required=False, widget=Boxes)
    since = forms.CharField(
        label=_("Since"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Left empty: the last message received from them."),
    )
    switch = forms.CharField(
        label=_("Restored: the wards write there again from"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Left empty: at once. Until then they go on writing where they write now."),
    )
    reason = forms.ChoiceField(
        label=pgettext_lazy("cut", "Reason"),
        choices=lambda: list(REASONS.items()),
        widget=Radios,
        required=False,
    )
    note = forms.CharField(
        label=_("What was seen, in one sentence"),
        required=False,
        max_length=NOTE_CHARS_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("For the log of the crisis. Never a patient’s name."),
    )

    def __init__(
        self,
        *args: Any,
        directory: Directory,
        zone: ZoneInfo,
        now_ms: int,
        heard_ms: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._zone, self._now_ms, self._heard_ms = zone, now_ms, heard_ms
        self._choices("applications", ((one.code, one.name) for one in directory.map.applications))
        places = [
            "all",
            *(f"building:{one.code}" for one in directory.map.buildings),
            *(f"ward:{one.code}" for one in directory.map.wards),
        ]
        self._choices("places", ((code, code) for code in places))

    def _choices(self, name: str, choices: Iterable[tuple[str, str]]) -> None:
        field = cast(forms.MultipleChoiceField, self.fields[name])
        field.choices = list(choices)
        field.error_messages["invalid_choice"] = refusal_text(f"unknown-{name.removesuffix('s')}")

    def clean_since(self) -> int | None:
        """Return the moment in UTC microseconds; left empty, the last message of the chosen applications, else now."""
        text = self.cleaned_data["since"].strip()
        if not text:
            chosen = self.cleaned_data.get("applications") or []
            heard = (
                self._heard_ms(chosen) if self._heard_ms is not None and self.said_status == "down" else None
            )
            return (heard if heard is not None else self._now_ms) * 1000
        moment = read_moment(text, self._zone, now_ms=self._now_ms)
        if moment is None:
            raise forms.ValidationError(refusal_text("since-unreadable"))
        if moment.ambiguous:
            raise forms.ValidationError(refusal_text("since-ambiguous"))
        return moment.at_us

    def clean_switch(self) -> int | None:
        """Return the announced switch in UTC microseconds, None when none is."""
        text = self.cleaned_data["switch"].strip()
        if not text or self.said_status != "restored":
            return None
        moment = read_moment(text, self._zone, now_ms=self._now_ms)
        if moment is None:
            raise forms.ValidationError(refusal_text("switch-unreadable"))
        if moment.ambiguous:
            raise forms.ValidationError(refusal_text("since-ambiguous"))
        return moment.at_us

    @property
    def said_status(self) -> State:
        """The status that is declared."""
        return cast(State, self.cleaned_data.get("status") or "down")

    @property
    def said_reason(self) -> Reason | None:
        """Why, None when nothing was chosen."""
        return cast(Reason, self.cleaned_data["reason"]) if self.cleaned_data.get("reason") else None

    @property
    def said_places(self) -> tuple[Place, ...]:
        """The places that were ticked."""
        found = (place_of(code) for code in self.cleaned_data.get("places") or ())
        return tuple(place for place in found if place is not None)


class PairForm(SheetForm):
    """The second person, at the same screen: her badge and her code, or nobody there."""

    second = Awaited(
        label=_("Second person: badge, or identifier"),
        max_length=80,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false", "data-scan": "here"}
        ),
        help_text=_(
            "Physician, pharmacist, crisis cell, information systems; or a colleague of the same wards."
        ),
    )
    second_pin = Awaited(
        label=_("Her or his island code"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    alone = forms.BooleanField(
        label=_("Nobody is here: I declare for my own wards, unconfirmed"), required=False
    )
