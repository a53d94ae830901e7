"""The form of a report: what became of a task, since when, on what ground."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from releve.restoration.case import Task
from releve.restoration.evidence_form import EvidenceForm, evidence_file, one_line
from releve.restoration.facts import Reported
from releve.restoration.pages.sentences import refusal_text
from releve.web.forms import Radios

__all__ = ["ReportForm"]

CHOICES = [
    ("started", pgettext_lazy("report", "It has begun")),
    ("done", pgettext_lazy("report", "It is done")),
    ("late", pgettext_lazy("report", "It is late")),
    ("blocked", pgettext_lazy("report", "It is blocked")),
    ("undone", pgettext_lazy("report", "What was said of it was wrong: take it back")),
]


class ReportForm(EvidenceForm):
    """One report. Whether it may be recorded is for `rules.py`; here only what cannot be read is refused."""

    state = forms.ChoiceField(
        label=pgettext_lazy("report", "What is said of it"), choices=CHOICES, widget=Radios, required=True
    )
    remaining = one_line(_("Late: hours of work that remain"), 8, spellcheck="false", inputmode="numeric")
    until = one_line(
        _("Blocked until"),
        40,
        help_text=_("Left empty when nobody knows: it is asked again the next day."),
        spellcheck="false",
    )
    reason = one_line(pgettext_lazy("report", "Why"), 300)
    evidence = forms.CharField(
        label=_("Evidence: what was found, by which tool, when"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )
    file = evidence_file(
        _("Evidence: the report itself"), _("A file of 10 MB at most; it is kept under its SHA-256.")
    )
    at = EvidenceForm.real_hour()
    told_by = one_line(_("Told by, when somebody else saw it"), 80)

    def __init__(self, *args: Any, task: Task | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
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

    def clean_at(self) -> int:
        """Return the moment in UTC microseconds; left empty, now."""
        at_us = self.moment_of("at")
        return at_us if at_us is not None else self._now_ms * 1000

    def clean_until(self) -> int | None:
        """Return the moment in UTC microseconds; left empty, nobody knows."""
        return self.moment_of("until")

    def clean_file(self) -> Any:
        """Return the file when it is neither empty nor too large."""
        return self.file_of("file")

    @property
    def said_state(self) -> Reported:
        """What is said."""
        return cast(Reported, self.cleaned_data["state"])
