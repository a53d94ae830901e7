"""Dates that a calendar file (iCalendar) brings to a person or to hours of work: shown first, recorded if confirmed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import urlencode

import msgspec
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from releve.bedside.now import IslandNow
from releve.restoration import rules
from releve.restoration.case import Case
from releve.restoration.facts import DatedHours, LineSaid
from releve.restoration.pages.acting import record
from releve.restoration.pages.bring_page import Brought, wrong_after
from releve.restoration.pages.catalogue_form import line_of
from releve.restoration.pages.dates_form import (
    CALENDAR_KINDS,
    KIND_WORDS,
    PERSON_KINDS,
    DatesRow,
    dates_rows,
    span_words,
)
from releve.restoration.pages.request import opens, who_is
from releve.restoration.pages.sentences import refusal_text
from releve.restoration.pages.uploaded_files import FILE_BYTES_MAX, SHOWN_MAX
from releve.restoration.rules import PLANNERS
from releve.restoration.standing.lines import standing
from releve.restoration.standing.now import RestorationNow
from releve.web.access import needs_role
from releve.web.forms import SheetForm
from releve.web.uploads import too_large

__all__ = ["dates"]

_OTHERS_MAX = 200
_decode = msgspec.json.Decoder(list[DatedHours]).decode
_PAGES = {"person": "restoration-person", "calendar": "restoration-hours"}


@dataclass(frozen=True)
class Whose:
    """Whose dates they are: a person’s or those of hours of work; which kinds of dates can be said of them."""

    of: str
    id: str
    name: str
    usual: str

    @property
    def value(self) -> str:
        """As a form sends it."""
        return f"{self.of}:{self.id}"

    @property
    def kinds(self) -> tuple[str, ...]:
        """What dates of these may be."""
        return PERSON_KINDS if self.of == "person" else CALENDAR_KINDS

    @property
    def page(self) -> str:
        """The page on which the dates stand."""
        return f"{reverse(_PAGES[self.of])}?{urlencode({'id': self.id})}"


class DatesFileForm(SheetForm):
    """Whose dates, what they are, and the file."""

    quiet = True

    whom = forms.ChoiceField(label=_("Whose dates"))
    kind = forms.ChoiceField(label=pgettext_lazy("dates", "What"))
    file = forms.FileField(
        label=_("The calendar file (.ics)"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".ics,.ical,.ifb,text/calendar"}),
        help_text=_("As Outlook, Thunderbird, Google, Nextcloud and others give it out; 10 MB at most."),
    )

    def __init__(self, *args: Any, case: Case, own: Whose | None, **kwargs: Any) -> None:
        if own is not None:
            kwargs.setdefault("initial", {"whom": own.value, "kind": own.usual})
        super().__init__(*args, **kwargs)
        self._known: dict[str, Whose] = {one.value: one for one in _every(case)}
        self.chosen: Whose | None = None
        groups: dict[str, list[tuple[str, str]]] = {}
        for one in self._known.values():
            title = gettext("Hours of the teams") if one.of == "calendar" else gettext("People")
            groups.setdefault(title, []).append((one.value, one.name))
        cast(forms.ChoiceField, self.fields["whom"]).choices = [("", "—"), *groups.items()]
        kinds = own.kinds if own is not None else (*PERSON_KINDS, *CALENDAR_KINDS)
        cast(forms.ChoiceField, self.fields["kind"]).choices = [(kind, KIND_WORDS[kind]) for kind in kinds]

    def clean(self) -> dict[str, Any]:
        """Hold what the dates are against whose they are; a file there must be, of a size that is read."""
        values = super().clean() or {}
        file = values.get("file")
        if "file" not in self.errors and not file:
            self.add_error("file", gettext("Choose a file."))
        elif file and file.size > FILE_BYTES_MAX:
            self.add_error("file", gettext("The file is larger than 10 MB."))
        own = self._known.get(values.get("whom", ""))
        if own is not None and values.get("kind") and values["kind"] not in own.kinds:
            self.add_error(
                "kind",
                gettext(
                    "A person is away or there; of hours of work it is days closed, or worked all the same."
                ),
            )
        self.chosen = own
        return values


@require_http_methods(["GET", "POST"])
@needs_role(*PLANNERS)
@opens(back="restoration-means")
def dates(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    """Return the form for a calendar file; sent, what it would bring; confirmed, record it."""
    if request.method == "GET":
        wanted = f"{request.GET.get('of', '')}:{request.GET.get('id', '')}"
        own = next((one for one in _every(seen.case) if one.value == wanted), None)
        return _ask(request, seen, DatesFileForm(case=seen.case, own=own), own)
    if request.POST.get("step") == "say":
        return _say(request, now, seen)
    form = DatesFileForm(request.POST, request.FILES, case=seen.case, own=None)
    if too_large(request):
        form.add_error("file", gettext("The file is larger than 10 MB."))
    if not form.is_valid() or form.chosen is None:
        return _ask(request, seen, form, None)
    own, kind = form.chosen, form.cleaned_data["kind"]
    told, remarks = _read(form.cleaned_data["file"].read(), own, kind, now)
    if not told:
        return _ask(request, seen, DatesFileForm(case=seen.case, own=own), own, remarks)
    return _review(request, now, seen, own, kind, told, remarks=remarks)


def _every(case: Case) -> list[Whose]:
    """Return all whose dates can be said, people before hours, by name."""
    people = [
        Whose("person", one.id, one.name or one.id, "there" if one.kind == "vendor" else "away")
        for one in case.people
    ]
    calendars = [Whose("calendar", one.id, one.name or one.id, "closed") for one in case.calendars]
    return [
        *sorted(people, key=lambda one: one.name.lower()),
        *sorted(calendars, key=lambda one: one.name.lower()),
    ]


def _read(data: bytes, own: Whose, kind: Any, now: IslandNow) -> tuple[list[DatedHours], list[str]]:
    # Loaded when a file comes: no start of the pages waits for readers of other tools' files.
    from releve.restoration.exports.ics_read import AHEAD, read_ics
    from releve.restoration.exports.remarks import line

    at = datetime.fromtimestamp(now.now_ms / 1000, UTC)
    reading = read_ics(data, use=kind, zone=now.zone, since=at, until=at + AHEAD)
    language = get_language() or "fr"
    told = [
        DatedHours(
            id=f"{own.id}@{begins}-{kind}",
            kind=kind,
            whom=own.id,
            from_ms=begins,
            to_ms=round(one.ends.timestamp() * 1000),
            name=one.name,
        )
        for one in reading.dates
        for begins in (round(one.begins.timestamp() * 1000),)
    ]
    return told, [line(one, language) for one in reading.remarks]


def _say(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    whom, kind = request.POST.get("whom", ""), request.POST.get("kind", "")
    own = next((one for one in _every(seen.case) if one.value == whom and kind in one.kinds), None)
    try:
        # What was shown is what is recorded.
        told = _decode(request.POST.get("kept", "").encode())
    except msgspec.MsgspecError:
        told = []
    if own is None or any(one.whom != own.id or one.kind != kind for one in told):
        form = DatesFileForm(request.POST, case=seen.case, own=None)
        form.add_error("file", gettext("The file is to be chosen again."))
        return _ask(request, seen, form, None)
    taken, dropped = set(request.POST.getlist("take")), set(request.POST.getlist("drop"))
    stands = {row.id for row in dates_rows(seen, own.id, (kind,), now.zone)}
    lines = [line_of("dates", one) for place, one in enumerate(told) if str(place) in taken]
    lines += [LineSaid(what="dates", id=id_) for id_ in sorted(dropped & stands)]
    if not lines:
        error = gettext("Tick at least one.")
        return _review(request, now, seen, own, kind, told, error=error, taken=taken, dropped=dropped)
    said = rules.say_lines(who=who_is(request), lines=lines, come_from="file")
    if isinstance(said, rules.Refusal):
        error = refusal_text(said.code)
        return _review(request, now, seen, own, kind, told, error=error, taken=taken, dropped=dropped)
    return record(request, said, own.page, what=own.name)


def _ask(
    request: HttpRequest,
    seen: RestorationNow,
    form: DatesFileForm,
    own: Whose | None,
    remarks: Sequence[str] = (),
) -> HttpResponse:
    context = {
        "tab": "means",
        "may_plan": True,
        "now": seen,
        "form": form,
        "back": own.page if own is not None else reverse("restoration-means"),
        "remarks": remarks[:SHOWN_MAX],
        "more": len(remarks) > SHOWN_MAX,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "restoration/dates-file.html", context, status=status)


def _review(
    request: HttpRequest,
    now: IslandNow,
    seen: RestorationNow,
    own: Whose,
    kind: str,
    told: list[DatedHours],
    *,
    remarks: Sequence[str] = (),
    error: str = "",
    taken: set[str] | None = None,
    dropped: set[str] | None = None,
) -> HttpResponse:
    was = standing(seen.lines)
    rows = [
        {
            "place": place,
            "when": span_words(one.from_ms, one.to_ms, now.zone),
            "name": one.name,
            "ticked": taken is None or str(place) in taken,
        }
        for place, one in enumerate(told)
        if was.get(("dates", one.id)) != line_of("dates", one).value
    ]
    named = {one.id for one in told}
    others: list[DatesRow] = [
        row for row in dates_rows(seen, own.id, (kind,), now.zone) if not row.past and row.id not in named
    ]
    changed: list[tuple[str, str, str | None]] = [
        ("dates", one.id, line_of("dates", one).value) for one in told
    ]
    context = {
        "tab": "means",
        "may_plan": True,
        "now": seen,
        "name": own.name,
        "whom": own.value,
        "kind": KIND_WORDS[kind],
        "kind_code": kind,
        "kept": msgspec.json.encode(told).decode(),
        "new": rows,
        "standing": len(told) - len(rows),
        "others": others[:_OTHERS_MAX],
        "dropped": dropped or set(),
        "remarks": remarks[:SHOWN_MAX],
        "more": len(remarks) > SHOWN_MAX,
        "wrong": wrong_after(seen, Brought(changed)) if changed else [],
        "error": error,
        "back": own.page,
    }
    return render(request, "restoration/dates-review.html", context, status=422 if error else 200)
