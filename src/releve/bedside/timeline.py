"""The course of events of one person, newest first, day by day, with the hole in our knowledge drawn where it is."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec
from django.utils.translation import get_language, gettext_noop, ngettext, pgettext
from django.utils.translation import gettext as _

from releve.bedside.files import PersonFile
from releve.bedside.horizon import Source
from releve.bedside.now import IslandNow
from releve.bedside.provenance import Origin, Provenance
from releve.bedside.results import CRITICAL
from releve.departments.observations.sheet_page import chart_words, volume_words
from releve.hospital.map import Directory
from releve.web.templatetags.releve import dose as dose_words
from releve.web.templatetags.releve import measure

__all__ = ["Day", "Event", "Hole", "holes_of", "timeline_of"]

MINUTE_MS = 60_000

MOVES = {
    "A01": gettext_noop("Enters the hospital"),
    "A02": gettext_noop("Transfer"),
    "A03": gettext_noop("Discharge"),
    "A04": gettext_noop("Registered"),
    "A05": gettext_noop("Planned admission"),
    "A06": gettext_noop("Becomes an inpatient"),
    "A07": gettext_noop("Becomes an outpatient"),
    "A21": gettext_noop("Leaves for some hours"),
    "A22": gettext_noop("Back from leave"),
    "A11": gettext_noop("Admission cancelled"),
    "A12": gettext_noop("Transfer cancelled"),
    "A13": gettext_noop("Discharge cancelled"),
}


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened."""

    at: int
    kind: str
    title: str
    text: str = ""
    urgent: bool = False
    origin: Origin | None = None


class Hole(msgspec.Struct, frozen=True, kw_only=True):
    """A time of which we know nothing of some functions: from the last message to the declaration, or until now."""

    from_ms: int
    to_ms: int | None  # None: until now
    functions: tuple[tuple[str, int], ...]  # care function, its last message
    kind: Literal["hole"] = "hole"

    @property
    def at(self) -> int:
        """Where it stands among events."""
        return self.to_ms if self.to_ms is not None else 1 << 60


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """Since the declaration: what is done is on paper, and not yet here."""

    from_ms: int
    kind: Literal["paper"] = "paper"
    at: int = 1 << 60


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """The events of one day of the hospital, newest first."""

    at: int
    events: list[Event | Hole | Paper]


def holes_of(sources: dict[str, Source], now: IslandNow, ward: str) -> list[Hole | Paper]:
    """Return the holes of a ward: one until each declaration, one until now for what is silent."""
    grouped: dict[int | None, list[tuple[str, int]]] = defaultdict(list)
    declared_at: list[int] = []
    for source in sources.values():
        if not source.frozen or source.heard_ms is None:
            continue
        until = None
        if source.down:
            line = now.statuses.at(source.application, ward)
            if line.declared_us is not None:
                until = max(line.declared_us // 1000, source.heard_ms)
                declared_at.append(until)
        grouped[until].append((source.function, source.heard_ms))
    found: list[Hole | Paper] = [
        Hole(
            from_ms=min(heard for _function, heard in functions),
            to_ms=until,
            functions=tuple(sorted(functions, key=lambda pair: pair[1])),
        )
        for until, functions in grouped.items()
        # "20:57 to 20:57" says nothing, seven times over: a feed that speaks on after the cut is heard every minute.
        if until is None or until - min(heard for _function, heard in functions) >= MINUTE_MS
    ]
    if declared_at:
        found.append(Paper(from_ms=min(declared_at)))
    return found


def timeline_of(
    file: PersonFile,
    now: IslandNow,
    sources: dict[str, Source],
    provenance: Provenance,
    *,
    since_ms: int,
    covered: bool = False,
) -> list[Day]:
    """Return the days from the present back to `since_ms`."""
    events = [
        event
        for event in _events(file, now.directory, provenance, covered)
        if since_ms <= event.at <= now.now_ms
    ]
    holes = holes_of(sources, now, file.present.encounter.ward or "")
    zone = now.zone
    days: dict[Any, list[Event | Hole | Paper]] = defaultdict(list)
    every: list[Event | Hole | Paper] = [*events, *holes]
    for event in sorted(every, key=_rank, reverse=True):
        at = min(event.at, now.now_ms)
        days[_date(at, zone)].append(event)
    return [
        Day(at=min(held[0].at, now.now_ms), events=held)
        for _date_, held in sorted(days.items(), reverse=True)
    ]


def _rank(event: Event | Hole | Paper) -> tuple[int, int]:
    # At the same instant: what is on paper now stands above the hole, the hole above what was received.
    return event.at, 2 if isinstance(event, Paper) else 1 if isinstance(event, Hole) else 0


def _date(at: int, zone: ZoneInfo) -> Any:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(zone).date()


def _events(file: PersonFile, directory: Directory, provenance: Provenance, covered: bool) -> list[Event]:
    of = provenance.of
    events: list[Event] = []
    for move in file.movements:
        name = MOVES.get(move.event or "")
        if move.happened_at is None or name is None:
            continue
        ward = directory.ward(move.ward or "")
        place = ", ".join(part for part in (ward.name if ward else move.ward, move.bed or move.room) if part)
        events.append(Event(at=move.happened_at, kind="move", title=_(name), text=place, origin=of(move)))
    for doses in file.doses.values():
        for dose in doses:
            if dose.given_at is None:
                continue
            how = {
                "given": pgettext("dose", "given"), "partial": pgettext("dose", "given in part"),
                "omitted": pgettext("dose", "not given"), "refused": pgettext("dose", "refused"),
            }.get(dose.status or "given", dose.status or "")  # fmt: skip
            amount = dose_words(dose.dose_value, dose.dose_unit)
            text = ", ".join(part for part in (amount, how, dose.reason, dose.by) if part)
            events.append(
                Event(
                    at=dose.given_at, kind="dose", title=dose.label or _("Dose"), text=text, origin=of(dose)
                )
            )
    events += _results(file, provenance)
    for request in file.requests:
        if request.requested_at is not None:
            events.append(
                Event(
                    at=request.requested_at,
                    kind="request",
                    title=request.label or _("Request"),
                    text=", ".join(part for part in (_("requested"), request.requester) if part),
                    origin=of(request),
                )
            )
    for line in file.lines:
        if line.ordered_at is not None:
            text = ", ".join(part for part in (_("prescribed"), line.prescriber) if part)
            events.append(
                Event(at=line.ordered_at, kind="line", title=line.label or "", text=text, origin=of(line))
            )
        if line.status in ("suspended", "stopped") and line.status_at is not None:
            text = _("suspended") if line.status == "suspended" else pgettext("line", "stopped")
            events.append(
                Event(at=line.status_at, kind="line", title=line.label or "", text=text, origin=of(line))
            )
    for report in file.reports:
        at = report.issued_at or report.performed_at
        if at is not None:
            text = ", ".join(part for part in (_("report"), report.author) if part)
            events.append(Event(at=at, kind="report", title=report.label or "", text=text, origin=of(report)))
    if not covered:
        for document in file.documents:
            if document.written_at is not None:
                events.append(
                    Event(
                        at=document.written_at, kind="document", title=document.title or _("Document"),
                        text=document.author or "", origin=of(document),
                    )
                )  # fmt: skip
    if not covered:
        events += watch_events(file, of)
    for alert in file.alerts:
        if alert.since_at is not None:
            events.append(
                Event(
                    at=alert.since_at,
                    kind="alert",
                    title=alert.label or "",
                    text=_("alert"),
                    origin=of(alert),
                )
            )
    return events


def watch_events(file: PersonFile, of: Callable[[Any], Origin]) -> list[Event]:
    """Return vital signs and volumes charted here, each with who did."""
    language = get_language() or "fr"
    events = []
    for chart in file.charts:
        title, text, urgent = chart_words(chart, language)
        if title and chart.happened_at is not None:
            text = ", ".join(part for part in (text, chart.by_name or chart.by) if part)
            events.append(
                Event(
                    at=chart.happened_at,
                    kind="signs",
                    title=title,
                    text=text,
                    urgent=urgent,
                    origin=of(chart),
                )
            )
    for fluid in file.fluids:
        if fluid.happened_at is not None:
            events.append(
                Event(
                    at=fluid.happened_at, kind="fluid", title=volume_words(fluid),
                    text=fluid.by_name or fluid.by or "", origin=of(fluid),
                )
            )  # fmt: skip
    return events


def _results(file: PersonFile, provenance: Provenance) -> list[Event]:
    """Return one event for each report, and one for each critical value by itself."""
    reports: dict[tuple[int, str], list[Any]] = defaultdict(list)
    events = []
    for result in file.results:
        at = result.issued_at or result.sampled_at
        if at is None:
            continue
        if result.flag in CRITICAL:
            events.append(
                Event(
                    at=at, kind="result", title=f"{result.label or result.code} {measure(result.value, result.unit)}",
                    text=pgettext("result", "critical"), urgent=True, origin=provenance.of(result),
                )
            )  # fmt: skip
        else:
            reports[at, result.report or result.label or ""].append(result)
    together: dict[int, dict[str, list[Any]]] = defaultdict(dict)
    for (at, label), rows in reports.items():
        together[at][label] = rows
    for at, labels in together.items():
        # The analyses of one blood sample come as many reports of the same minute: one line for the reader.
        rows = [row for each in labels.values() for row in each]
        odd = sum(1 for row in rows if row.flag and row.flag != "normal")
        text = ngettext("%(n)s result", "%(n)s results", len(rows)) % {"n": len(rows)}
        if odd:
            text += ", " + ngettext("%(n)s out of range", "%(n)s out of range", odd) % {"n": odd}
        title = ", ".join(sorted(labels))
        events.append(Event(at=at, kind="result", title=title, text=text, origin=provenance.of(rows[0])))
    return events
