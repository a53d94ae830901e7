"""The form of a report: what became of a task, since when, on what ground."""

from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from releve.restoration.case import Task
from releve.restoration.facts import Reported
from releve.restoration.pages.acting import EVIDENCE_BYTES_MAX
from releve.restoration.pages.sentences import refusal_text
from releve.web.forms import Radios, SheetForm
from releve.web.typed import read_moment

__all__ = ["ReportForm"]

_PLAIN = {"autocomplete": "off", "spellcheck": "false"}
CHOICES = [
    ("started", pgettext_lazy("report", "It has begun")),
    ("done", pgettext_lazy("report", "It is done")),
    ("late", pgettext_lazy("report", "It is late")),
    ("blocked", pgettext_lazy("report", "It is blocked")),
    ("undone", pgettext_lazy("report", "What was said of it was wrong: take it back")),
]


class ReportForm(SheetForm):
    """One report. Whether it may be recorded is for `rules.py`; here only what cannot be read is refused."""

    quiet = True

    state = forms.ChoiceField(
        label=pgettext_lazy("report", "What is said of it"), choices=CHOICES, widget=Radios, required=True
    )
    remaining = forms.CharField(
        label=_("Late: hours of work that remain"),
        required=False,
        max_length=8,
        widget=forms.TextInput(attrs={**_PLAIN, "inputmode": "numeric"}),
    )
    until = forms.CharField(
        label=_("Blocked until"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs=_PLAIN),
        help_text=_("Left empty when nobody knows: it is asked again the next day."),
    )
    reason = forms.CharField(
        label=pgettext_lazy("report", "Why"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    evidence = forms.CharField(
        label=_("Evidence: what was found, by which tool, when"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )
    file = forms.FileField(
        label=_("Evidence: the report itself"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(),
        help_text=_("A file of 10 MB at most; it is kept under its SHA-256."),
    )
    at = forms.CharField(
        label=_("Real hour, when it was not now"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs=_PLAIN),
    )
    told_by = forms.CharField(
        label=_("Told by, when somebody else saw it"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, task: Task | None, now_ms: int, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._now_ms, self._zone = now_ms, zone
        if task is None or task.kind != "gate":
            self.fields["evidence"].label = _("Words for whoever comes after")
            del self.fields["file"]

    def clean_remaining(self) -> int | None:
        """Return the hours, None when nothing was typed."""
        text = str(self.cleaned_data["remaining"]).strip().removesuffix("h").strip()
        if not text:
            return None
        if not (text.isascii() and text.isdigit()):
            raise forms.ValidationError(refusal_text("remaining-out-of-range"))
        return int(text)

    def clean_at(self) -> int | None:
        """Return the moment in UTC microseconds; left empty, now."""
        return self._moment("at", self._now_ms * 1000)

    def clean_until(self) -> int | None:
        """Return the moment in UTC microseconds; left empty, nobody knows."""
        return self._moment("until", None)

    def _moment(self, name: str, otherwise: int | None) -> int | None:
        text = str(self.cleaned_data[name]).strip()
        if not text:
            return otherwise
        moment = read_moment(text, self._zone, now_ms=self._now_ms)
        if moment is None or moment.ambiguous:
            raise forms.ValidationError(refusal_text("at-unreadable"))
        return moment.at_us

    def clean_file(self) -> Any:
        """Return the file when it is neither empty nor too large."""
        file = self.cleaned_data["file"]
        if file is not None and not file.size:
            raise forms.ValidationError(_("The file is empty."))
        if file is not None and file.size > EVIDENCE_BYTES_MAX:
            raise forms.ValidationError(_("The file is larger than 10 MB."))
        return file

    @property
    def said_state(self) -> Reported:
        """What is said."""
        return cast(Reported, self.cleaned_data["state"])
