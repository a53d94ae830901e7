"""What every form of an act asks besides its own fields: when it was done, told by whom, copied from which paper.

A department's form extends `ActForm`; its template includes `record/_act_fields.html` where these fields stand.
`timing_of` puts the refusal at the field when the act may not be recorded here.
"""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from releve.hospital.writing import Timing
from releve.record.chart import Here
from releve.web import words
from releve.web.forms import SheetForm
from releve.web.typed import read_moment

__all__ = ["ActForm"]

# The clock of the person who types may be a little ahead of the island's (ms).
CLOCKS_MS = 90_000
# An older hour is a slip of the keyboard: downtimes are counted in weeks.
PAST_MS_MAX = 120 * 86_400_000


class ActForm(SheetForm):
    """A form of an act. `here` is the island; `function` and `ward` say where the act would be written.

    After `is_valid()`: `happened_ms` (UTC), `timing` (late or not, applications it stands in for).
    """

    quiet = True  # at a bedside most fields may stay empty: saying so at each is noise

    happened_at = forms.CharField(
        label=_("Real hour"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "numeric"}),
    )
    told_by = forms.CharField(
        label=_("Told by telephone by"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    read_back = forms.BooleanField(label=_("Read back, and confirmed"), required=False)
    paper = forms.CharField(
        label=_("Copied from paper form no."),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, here: Here, function: str, ward: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.here, self.function, self.ward = here, function, ward
        self.happened_ms = here.now_ms
        self.timing: Timing | None = None
        if not self.is_bound:
            self.initial.setdefault(
                "happened_at", words.moment(here.now_ms, here.zone, get_language() or "fr")
            )

    @property
    def zone(self) -> ZoneInfo:
        """The hospital's zone."""
        return self.here.zone

    def clean_happened_at(self) -> int:
        """Return the moment in UTC milliseconds; left empty, now."""
        text = self.cleaned_data["happened_at"].strip()
        if not text:
            return self._not_typed()
        moment = read_moment(text, self.zone, now_ms=self.here.now_ms)
        if moment is None:
            raise forms.ValidationError(
                gettext("An hour such as 02:44, or 21/11/2026 02:44."), code="unreadable"
            )
        if moment.ambiguous:
            raise forms.ValidationError(
                gettext("This hour happens twice tonight: write 02:30 A or 02:30 B."), code="twice"
            )
        at_ms = moment.at_us // 1000
        if at_ms > self.here.now_ms + CLOCKS_MS:
            raise forms.ValidationError(gettext("This hour has not come yet."), code="future")
        if at_ms < self.here.now_ms - PAST_MS_MAX:
            raise forms.ValidationError(gettext("More than 120 days ago: check the date."), code="old")
        return at_ms

    def _not_typed(self) -> int:
        """Return now, or when a form that waited in a browser was sent: by the clock of that workstation."""
        if self.happened_ms < self.here.now_ms - PAST_MS_MAX:
            raise forms.ValidationError(gettext("More than 120 days ago: check the date."), code="old")
        # It is done by now, whatever that clock said.
        return min(self.happened_ms, self.here.now_ms)

    def clean(self) -> dict[str, Any]:
        """Check what is told by telephone, and whether the act may be written here at that hour."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("told_by") and not data.get("read_back"):
            self.add_error("read_back", gettext("Read it back to the caller, then tick."))
        if "happened_at" in data:
            self.happened_ms = data["happened_at"]
            self.timing = self.here.timing(self.function, self.ward, self.happened_ms)
            if not self.timing.accepted:
                self.add_error(None, self.refusal(self.timing))
        return data

    def refusal(self, timing: Timing) -> str:
        """Return why the act is not written here, and where it is."""
        place = timing.where.label(get_language() or "fr")
        return gettext("Not here: this ward writes in %(place)s.") % {"place": place}

    def common(self, *, by: str, by_name: str) -> dict[str, Any]:
        """Return the fields of `CareAct` that this form knows, once valid."""
        timing = self.timing
        assert timing is not None
        data = self.cleaned_data
        return {
            "ward": self.ward,
            "function": self.function,
            "applications": timing.applications,
            "happened_at": self.happened_ms,
            "late": timing.late,
            "by": by,
            "by_name": by_name,
            "told_by": data.get("told_by", "").strip(),
            "read_back": bool(data.get("read_back")),
            "paper": data.get("paper", "").strip(),
        }
