"""What a report of a task and a step of a machine both ask: the real hour, a sentence, the file that proves it."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from releve.web.forms import SheetForm
from releve.web.typed import read_moment

__all__ = ["EvidenceForm", "evidence_file", "one_line"]

# A scanner's report of a whole application, or of a console for fifty machines; more is no evidence but a disk image.
# Below what an island reads at all.
EVIDENCE_BYTES_MAX = 10 * 1024 * 1024


def one_line(label: Any, most: int, *, help_text: Any = "", **attrs: str) -> forms.CharField:
    """Return a field of one line that may stay empty; browsers keep nothing of what others typed in it."""
    return forms.CharField(
        label=label,
        required=False,
        max_length=most,
        widget=forms.TextInput(attrs={"autocomplete": "off", **attrs}),
        help_text=help_text,
    )


def evidence_file(label: Any, help_text: Any) -> forms.FileField:
    """Return the field of a file that proves something."""
    return forms.FileField(
        label=label, required=False, allow_empty_file=True, widget=forms.FileInput(), help_text=help_text
    )


class EvidenceForm(SheetForm):
    """A form of something that was done, now or at an hour that is typed."""

    quiet = True

    def __init__(self, *args: Any, now_ms: int, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._now_ms, self._zone = now_ms, zone

    @staticmethod
    def real_hour() -> forms.CharField:
        """Return the field of the hour at which it was done."""
        return one_line(_("Real hour, when it was not now"), 40, spellcheck="false")

    def moment_of(self, name: str) -> int | None:
        """Return the moment typed in a field, in UTC microseconds; None when nothing was typed.

        Raises:
            ValidationError: nobody can tell which moment it is.
        """
        text = str(self.cleaned_data[name]).strip()
        if not text:
            return None
        moment = read_moment(text, self._zone, now_ms=self._now_ms)
        if moment is None:
            raise forms.ValidationError(gettext("An hour such as 02:44, or 21/11/2026 02:44."))
        if moment.ambiguous:
            raise forms.ValidationError(gettext("This hour happens twice tonight: write 02:30 A or 02:30 B."))
        return moment.at_us

    def file_of(self, name: str) -> Any:
        """Return the file of a field, None without.

        Raises:
            ValidationError: it is empty, or too large to be kept.
        """
        file = self.cleaned_data[name]
        if file is not None and not file.size:
            raise forms.ValidationError(_("The file is empty."))
        if file is not None and file.size > EVIDENCE_BYTES_MAX:
            raise forms.ValidationError(_("The file is larger than 10 MB."))
        return file
