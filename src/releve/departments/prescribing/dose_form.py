"""The forms under the grid: a dose given, a dose not given, a charting put right."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from releve.departments.prescribing.dose_rules import CHARS_MAX, DoseState, Refusal
from releve.departments.prescribing.dose_words import ASKS, REASON_WORDS, REFUSALS
from releve.record.act_form import ActForm

__all__ = ["CorrectForm", "GiveForm", "OmitForm", "put"]

_PLAIN = {"autocomplete": "off", "spellcheck": "false"}


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
