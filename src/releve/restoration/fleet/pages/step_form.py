"""The form of one step, of one machine or of a batch: what lies between, the evidence, where, when, why."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from releve.restoration.evidence_form import EvidenceForm, evidence_file, one_line
from releve.restoration.fleet.facts import STATES, State
from releve.restoration.fleet.rules import Subject, image_of
from releve.restoration.fleet.state import Evidence, missing_steps, needs_image, rank
from releve.restoration.fleet.tables import Report
from releve.restoration.fleet.words import STATE_WORDS, refusal_text
from releve.web.forms import Radios

__all__ = ["StepForm"]

# How many of the last reports are offered: one report of a console may speak of a whole batch.
REPORTS_OFFERED = 20


class StepForm(EvidenceForm):
    """One step. Whether it may be recorded is for `rules.py`; here only what cannot be read is refused."""

    place = one_line(pgettext_lazy("machine", "Place"), 80)
    image_sha256 = one_line(
        _("SHA-256 of the image"),
        120,
        help_text=_("64 hexadecimal digits, copied from the imaging tool."),
        spellcheck="false",
        autocapitalize="off",
    )
    report_file = evidence_file(
        _("The scanner’s report"), _("A file of 10 MB at most: PDF, text, CSV, HTML.")
    )
    report = forms.ChoiceField(label=_("or a report that is here already"), required=False)
    reason = one_line(_("Why, in one sentence"), 300)
    happened_at = EvidenceForm.real_hour()

    def __init__(self, *args: Any, subjects: Sequence[Subject], to: State, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.to, self.subjects = to, list(subjects)
        between = {
            step for one in subjects if not one.now.two for step in missing_steps(one.now.state, to, one.kind)
        }
        self.between = tuple(step for step in STATES if step in between)
        for step in self.between:
            self.fields[f"step_{step}"] = forms.ChoiceField(
                label=STATE_WORDS[step],
                required=False,
                widget=Radios,
                choices=[
                    ("done", pgettext("step of a machine", "done, not scanned")),
                    ("skipped", pgettext("step of a machine", "not done")),
                ],
            )
        self.two = any(one.now.two for one in subjects)
        self.goes_back = any(rank(to) < rank(one.now.state) for one in subjects)
        self.lacking = {
            lack
            for one in subjects
            for lack in (Evidence() if one.now.two else one.now.evidence).lacks(one.kind)
        }
        self.asks_image = to in ("reimaged", "checked", "returned") and any(
            needs_image(one.kind) for one in subjects
        )
        self.asks_report = to in ("checked", "returned")
        if to == "returned":
            # What is proved already is not asked again.
            self.asks_image = self.asks_image and "image" in self.lacking
            self.asks_report = "report" in self.lacking
        if not self.asks_image:
            del self.fields["image_sha256"]
        if self.asks_report:
            self._offer_reports()
        else:
            del self.fields["report_file"], self.fields["report"]

    @property
    def asks_reason(self) -> bool:
        """Whether a sentence is needed, or may be: something goes back, is settled or lies between."""
        return self.two or self.goes_back or bool(self.between)

    @property
    def one_key(self) -> bool:
        """Whether nothing is asked: Enter alone records it."""
        return not (self.asks_image or self.asks_report or self.asks_reason)

    @property
    def between_fields(self) -> list[Any]:
        """The questions about the steps between."""
        return [self[f"step_{step}"] for step in self.between]

    def _offer_reports(self) -> None:
        tags = {one.tag for one in self.subjects}
        offered: list[tuple[str, str]] = []
        for row in Report.objects.order_by("-happened_at", "id")[:REPORTS_OFFERED]:
            words = row.name or row.id
            if any(f'"{tag}"' in (row.tags or "") for tag in list(tags)[:50]):
                offered.insert(0, (row.id, words))
            else:
                offered.append((row.id, words))
        if not offered:
            del self.fields["report"]
            return
        field = self.fields["report"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", pgettext("report", "none")), *offered]

    def clean_image_sha256(self) -> str:
        """Return the hash as it is kept."""
        text = str(self.cleaned_data["image_sha256"]).strip()
        if text and not image_of(text):
            raise forms.ValidationError(refusal_text("image-unreadable"))
        return image_of(text)

    def clean_report_file(self) -> Any:
        """Return the file when it is neither empty nor too large."""
        return self.file_of("report_file")

    def clean_happened_at(self) -> int:
        """Return the moment in UTC milliseconds; left empty, now."""
        at_us = self.moment_of("happened_at")
        return at_us // 1000 if at_us is not None else self._now_ms

    def steps_told(self, answer: str) -> tuple[State, ...]:
        """Return the steps between of which this was said: "done" or "skipped"."""
        return tuple(step for step in self.between if self.cleaned_data.get(f"step_{step}") == answer)
