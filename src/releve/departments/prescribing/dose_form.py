"""The forms under the grid: a dose given, a dose not given, a charting put right."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from releve.departments.prescribing.dose_rules import CHARS_MAX, DoseState, Refusal
from releve.record.act_form import ActForm

__all__ = ["ASKS", "CorrectForm", "GiveForm", "OmitForm", "REASON_WORDS", "put"]

_PLAIN = {"autocomplete": "off", "spellcheck": "false"}

REASON_WORDS = {
    "refused": _("The patient refused"),
    "absent": _("Away: examination, theatre, leave"),
    "fasting": _("Fasting"),
    "vomiting": _("Vomits, or cannot swallow"),
    "no-access": _("No venous access"),
    "not-available": _("Drug not on the ward"),
    "measured": _("A measure forbids it: pulse, pressure, glucose, potassium"),
    "on-hold": _("The prescriber said to wait"),
    "asleep": _("Asleep, not woken"),
    "other": pgettext_lazy("reason", "Other: say it in words"),
}

REFUSALS = {
    "not-your-role": _("Nurses, midwives and physicians record doses. Tell one of them."),
    "dose-missing": _("Write the dose that was given."),
    "dose-figure": _("A figure above zero, such as 20 or 2,5."),
    "unit-missing": _("Write the unit: mg, mL, units…"),
    "other-product": _("This product is not the one of this line. Nothing is recorded."),
    "second-is-first": _("The second person must be somebody else."),
    "second-may-not": _("The second person is a nurse, a midwife or a physician."),
    "second-or-alone": _("Two people: badge and code of the second one, or why nobody is there."),
    "reason-missing": _("Choose why it was not given."),
    "reason-words": _("Say why in words."),
    "not-charted-here": _("This dose was charted elsewhere: it is put right there."),
    "corrected-meanwhile": _("Somebody has put it right meanwhile: read what it says now, then send again."),
    "status-missing": _("Choose what was really done."),
    "why-missing": _("Say why it is put right."),
}

# What is asked once before a dose is recorded.
ASKS = {
    "charted": _("This dose is already charted. A second one was really given too?"),
    "changed": _("The prescription changed since this page was opened. Read the line again."),
    "not-active": _("This line is no longer active."),
    "ended": _("The end that was prescribed has passed."),
    "too-soon": _("Sooner than the shortest interval prescribed."),
    "early": _("More than one hour before its time."),
    "more": _("More than prescribed."),
    "less": _("Less than prescribed: it will be charted as given in part."),
    "unread": _("The dose prescribed is in words: nothing compared it."),
    "expired": _("This product has expired."),
}


def put(form: forms.Form, refusals: tuple[Refusal, ...]) -> None:
    """Put what the rules refused at its field, in words; what is to be answered goes into `form.asks`."""
    for refusal in refusals:
        if refusal.code == "sure":
            form.asks = [str(ASKS[code]) for code in refusal.asks]  # type: ignore[attr-defined]
            form.answers = ",".join(refusal.asks)  # type: ignore[attr-defined]
            form.add_error("sure", _("Read what is said above, then tick and send again."))
        else:
            field = refusal.field if refusal.field in form.fields else None
            form.add_error(field, REFUSALS[refusal.code])


class _DoseForm(ActForm):
    """What both forms carry: which dose, on which state of the line it was decided, what was answered."""

    dose = forms.CharField(widget=forms.HiddenInput, max_length=600)
    place = forms.CharField(widget=forms.HiddenInput, required=False, max_length=120)
    answers_to = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)
    sure = forms.BooleanField(label=_("Yes: it was done so"), required=False)
    note = forms.CharField(
        label=_("Words to add"), required=False, max_length=CHARS_MAX, widget=forms.TextInput(attrs=_PLAIN)
    )

    asks: list[str] = []
    answers = ""

    @property
    def answered(self) -> tuple[str, ...]:
        """The questions that were on the page and answered by the tick."""
        if not self.cleaned_data.get("sure"):
            return ()
        return tuple(filter(None, self.cleaned_data.get("answers_to", "").split(",")))


class GiveForm(_DoseForm):
    """A dose given, in whole or in part."""

    dose_value = forms.CharField(
        label=_("Dose given"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={**_PLAIN, "inputmode": "decimal"}),
    )
    dose_unit = forms.CharField(
        label=pgettext_lazy("dose", "Unit"),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs=_PLAIN),
    )
    product = forms.CharField(
        label=_("Product read"),
        required=False,
        max_length=200,
        strip=False,
        widget=forms.TextInput(attrs={**_PLAIN, "data-scan": "here"}),
    )
    read = forms.CharField(widget=forms.HiddenInput, required=False, max_length=600)
    second = forms.CharField(
        label=_("Second person: badge, or identifier"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={**_PLAIN, "autocapitalize": "off", "data-scan": "here"}),
    )
    second_pin = forms.CharField(
        label=_("Her or his island code"),
        required=False,
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    alone = forms.CharField(
        label=_("Nobody is there: why"),
        required=False,
        max_length=CHARS_MAX,
        help_text=_("Marked, and read again tomorrow."),
        widget=forms.TextInput(attrs=_PLAIN),
    )

    def __init__(self, *args: Any, state: DoseState, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.state = state
        if state.unit:
            del self.fields["dose_unit"]
        if not state.high_alert:
            for name in ("second", "second_pin", "alone"):
                del self.fields[name]
        else:
            # Where the link of a dose leads: the first thing that is missing, not the button.
            self.fields["second"].widget.attrs |= {"id": "record", "autofocus": True}


class OmitForm(_DoseForm):
    """A dose not given, and why."""

    reason = forms.ChoiceField(
        label=_("Why not"), required=False, choices=(("", _("Choose")), *REASON_WORDS.items())
    )


class CorrectForm(_DoseForm):
    """A charting put right: what was really done, and why it is changed."""

    status = forms.ChoiceField(
        label=_("What was really done"),
        required=False,
        choices=(
            ("given", pgettext_lazy("dose", "given")),
            ("partial", pgettext_lazy("dose", "given in part")),
            ("omitted", pgettext_lazy("dose", "not given")),
            ("deleted", _("charted by mistake: nothing of it was done")),
        ),
        widget=forms.RadioSelect,
    )
    dose_value = forms.CharField(
        label=_("Dose given"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={**_PLAIN, "inputmode": "decimal"}),
    )
    reason = forms.ChoiceField(
        label=_("Why not"), required=False, choices=(("", _("Choose")), *REASON_WORDS.items())
    )
    why = forms.CharField(
        label=_("Why it is put right"),
        required=False,
        max_length=CHARS_MAX,
        widget=forms.TextInput(attrs=_PLAIN),
    )
