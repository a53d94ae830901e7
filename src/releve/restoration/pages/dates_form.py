"""Dates that somebody is away or only then there, that a calendar is closed or worked: read as typed, listed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, cast
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from releve.bedside.now import IslandNow
from releve.restoration.facts import DatedHours, LineSaid
from releve.restoration.pages.acting import say
from releve.restoration.pages.catalogue_form import line_of
from releve.restoration.standing.lines import dates_of
from releve.restoration.standing.now import RestorationNow
from releve.web import words
from releve.web.forms import SheetForm
from releve.web.typed import read_birth, read_moment

__all__ = [
    "CALENDAR_KINDS",
    "KIND_WORDS",
    "PERSON_KINDS",
    "DatesForm",
    "DatesRow",
    "answer_dates",
    "dates_rows",
    "span_words",
]

KIND_WORDS: dict[str, Any] = {
    "away": pgettext_lazy("dates", "Away"),
    "there": pgettext_lazy("dates", "There, and at no other time"),
    "closed": pgettext_lazy("dates", "Nobody works"),
    "worked": pgettext_lazy("dates", "Worked all the same"),
}
PERSON_KINDS = ("away", "there")
CALENDAR_KINDS = ("closed", "worked")
_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
_AHEAD_MS = 3 * 366 * _DAY_MS
_PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class DatesForm(SheetForm):
    """From one moment to another; a day alone is the whole day."""

    quiet = True
    prefix = "dates"

    kind = forms.ChoiceField(label=pgettext_lazy("dates", "What"))
    begins = forms.CharField(
        label=pgettext_lazy("dates", "From"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs=_PLAIN),
        help_text=_("A day, such as 24/12/2026, or a day and an hour."),
    )
    ends = forms.CharField(
        label=pgettext_lazy("dates", "Until"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs=_PLAIN),
        help_text=_("This day included. Left empty: one day."),
    )
    name = forms.CharField(
        label=pgettext_lazy("dates", "Why"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(
        self, *args: Any, kinds: tuple[str, ...], now_ms: int, zone: ZoneInfo, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._now_ms, self._zone = now_ms, zone
        cast(forms.ChoiceField, self.fields["kind"]).choices = [(kind, KIND_WORDS[kind]) for kind in kinds]
        self.span = (0, 0)

    def clean(self) -> dict[str, Any]:
        """Put the span together: its first and its last moment, UTC milliseconds."""
        values = super().clean() or {}
        begins = self._read("begins", last=False)
        ends = self._read("ends", last=True) if values.get("ends", "").strip() else None
        if ends is None and begins is not None and "ends" not in self.errors:
            ends = self._read("begins", last=True)
            ends = begins + _DAY_MS if ends == begins else ends
        if begins is None or ends is None:
            return values
        if ends < begins + _HOUR_MS:
            self.add_error(
                "ends", gettext("The end comes before the beginning, or less than an hour after it.")
            )
        elif ends < self._now_ms:
            self.add_error("ends", gettext("These dates have gone by."))
        elif begins > self._now_ms + _AHEAD_MS or ends - begins > _AHEAD_MS:
            self.add_error("begins", gettext("More than three years: check the year."))
        self.span = (begins, ends)
        return values

    def _read(self, name: str, *, last: bool) -> int | None:
        text = str(self.cleaned_data.get(name, "")).strip()
        moment = read_moment(text, self._zone, now_ms=self._now_ms)
        if moment is not None and not moment.ambiguous:
            return moment.at_us // 1000
        day = read_birth(text)
        if day is None or len(day) != len("2026-12-24"):
            self.add_error(name, gettext("Write a day, such as 24/12/2026, or a day and an hour."))
            return None
        at = datetime.fromisoformat(day) + timedelta(days=1 if last else 0)
        return round(at.replace(tzinfo=self._zone).astimezone(UTC).timestamp() * 1000)

    def said(self, whom: str) -> LineSaid:
        """Return the line of the catalogue that these dates are."""
        kind = self.cleaned_data["kind"]
        begins, ends = self.span
        return line_of(
            "dates",
            DatedHours(
                id=f"{whom}@{begins}-{kind}",
                kind=kind,
                whom=whom,
                from_ms=begins,
                to_ms=ends,
                name=self.cleaned_data["name"].strip(),
            ),
        )


class DatesRow(NamedTuple):
    """Dates as a page lists them."""

    id: str
    kind: str
    what: str
    when: str
    name: str
    past: bool


def dates_rows(seen: RestorationNow, whom: str, kinds: tuple[str, ...], zone: ZoneInfo) -> list[DatesRow]:
    """Return the dates of a person or of a calendar, by the day on which they begin; what has gone by comes last."""
    own = [one for one in dates_of(seen.lines, whom) if one.kind in kinds]
    rows = [
        DatesRow(
            id=one.id,
            kind=one.kind,
            what=str(KIND_WORDS[one.kind]),
            when=span_words(one.from_ms, one.to_ms, zone),
            name=one.name,
            past=one.to_ms <= seen.now_ms,
        )
        for one in sorted(own, key=lambda each: (each.from_ms, each.id))
    ]
    return [row for row in rows if not row.past] + [row for row in rows if row.past]


def span_words(from_ms: int, to_ms: int, zone: ZoneInfo) -> str:
    """Return a span in words: whole days as days, anything else with its hours."""
    language = get_language() or "fr"
    first, last = words.local(from_ms, zone), words.local(to_ms, zone)
    if first.hour == first.minute == last.hour == last.minute == 0:
        begins, ends = words.day(from_ms, zone, language), words.day(to_ms - 1, zone, language)
    else:
        begins = words.moment(from_ms, zone, language)
        same = first.date() == last.date()
        ends = words.hour(to_ms, zone) if same else words.moment(to_ms, zone, language)
    return begins if begins == ends else f"{begins} – {ends}"


def answer_dates(
    request: HttpRequest,
    now: IslandNow,
    seen: RestorationNow,
    own: Any,
    *,
    to: str,
    kinds: Any,
    page: Callable[[DatesForm | None], HttpResponse],
) -> HttpResponse:
    """Record dates of somebody or of a calendar, or take some out, then go `to`; refused, return the `page` again."""
    if request.POST.get("step") == "drop":
        wanted = request.POST.get("dates", "")
        lines = [
            LineSaid(what="dates", id=one.id) for one in dates_of(seen.lines, own.id) if one.id == wanted
        ]
        return say(request, lines, to, what=gettext("dates taken out")) or page(None)
    form = DatesForm(request.POST, kinds=kinds, now_ms=now.now_ms, zone=now.zone)
    if form.is_valid():
        answer = say(request, [form.said(own.id)], to, what=own.name or own.id, form=form)
        if answer is not None:
            return answer
    return page(form)
