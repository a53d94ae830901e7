"""The forms of the audit, in words."""

import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from releve.web.forms import SheetForm

__all__ = ["BeyondForm", "ReviewForm", "SearchForm", "reason_words", "verdict_words"]

_REASONS = {
    "emergency": _("Emergency"),
    "advice": _("Asked for advice, or on duty"),
    "moving": _("The patient comes to my ward, or leaves it"),
    "replacing": _("I work in this ward today"),
    "other": _("Another reason, in words"),
}
_VERDICTS = {
    "justified": _("Justified"),
    "to-clarify": _("To be clarified with the person"),
    "not-justified": _("Not justified"),
}


def reason_words(code: str) -> str:
    """Return a reason as people read it."""
    return str(_REASONS.get(code, code))


def verdict_words(code: str) -> str:
    """Return a verdict as people read it."""
    return str(_VERDICTS.get(code, code))


class BeyondForm(SheetForm):
    """Why a page beyond one's wards is opened: one press on a reason; words where the reason is another."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=list(_REASONS.items()),
        error_messages={
            "required": _("Press the reason that fits."),
            "invalid_choice": _("Press one of the reasons of the list."),
        },
    )
    words = forms.CharField(
        label=_("In words"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("A few words; needed only when no reason of the list fits."),
        error_messages={"max_length": _("At most 300 characters.")},
    )

    def clean(self) -> dict[str, object]:
        """Return the fields; another reason without words is none."""
        found = super().clean() or {}
        if found.get("reason") == "other" and len(str(found.get("words", "")).strip()) < 3:
            self.add_error("words", _("Type the reason in a few words, then press again."))
        return found


class ReviewForm(SheetForm):
    """What a reviewer says of a break-glass."""

    verdict = forms.ChoiceField(
        label=_("Opinion"),
        choices=list(_VERDICTS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an opinion."), "invalid_choice": _("Choose an opinion.")},
    )
    words = forms.CharField(
        label=_("In words"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": _("At most 500 characters.")},
    )

    def clean(self) -> dict[str, object]:
        """Return the fields; anything but "justified" says why."""
        found = super().clean() or {}
        if (
            found.get("verdict") in ("to-clarify", "not-justified")
            and not str(found.get("words", "")).strip()
        ):
            self.add_error("words", _("Say in a few words what is to be clarified or was not right."))
        return found


class SearchForm(SheetForm):
    """Whose reading, or the reading of whose file, and when."""

    who = forms.CharField(
        label=_("Identifier of the person who read"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
    )
    patient = forms.CharField(
        label=_("Patient’s number (IPP)"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    since = forms.DateField(
        label=_("From (day)"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Choose a day."), "invalid": _("This is no day: year-month-day.")},
    )
    until = forms.DateField(
        label=_("Up to (day, included)"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Choose a day."), "invalid": _("This is no day: year-month-day.")},
    )

    def clean(self) -> dict[str, object]:
        """Return the fields; a period ends after it begins."""
        found = super().clean() or {}
        since, until = found.get("since"), found.get("until")
        if isinstance(since, datetime.date) and isinstance(until, datetime.date) and until < since:
            self.add_error("until", _("The last day comes before the first."))
        return found
