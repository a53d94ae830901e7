"""What every page says of the island (mode, horizon, silence), handed to the shell at start."""

import re
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest

from releve.bedside.horizon import Freshness, still_heard_since, ward_horizon
from releve.bedside.now import IslandNow, cannot_record, island_now
from releve.bedside.where import kinds_to_write
from releve.hospital.status import StatusLine
from releve.record.carried import unanswered_count
from releve.record.tables import Encounter, Person
from releve.web.accounts.middleware import is_poll
from releve.web.database import setting
from releve.web.opaque import open_handle
from releve.web.shell import Mode, Shell, now_ms

__all__ = ["provide", "ward_of_page", "zone"]

_WARD = re.compile(r"^/ward/([^/]+)/")
_PATIENT = re.compile(r"^/patient/([A-Za-z0-9_-]+)/")


def provide(request: HttpRequest | None) -> Shell:
    """Return the state of the island as this request's page shows it.

    A ward's board and a patient's page say what holds in that ward; other pages what holds anywhere.
    """
    now = island_now(request)
    if now is None:
        return Shell(
            hospital=setting("RELEVE_HOSPITAL_NAME"),
            island=setting("RELEVE_ISLAND"),
            zone=ZoneInfo(settings.TIME_ZONE),
            now_ms=now_ms(),
            exercise=setting("RELEVE_EXERCISE"),
            cannot_record=cannot_record(),
        )
    ward = ward_of_page(request)
    mode, lines = _mode(now, ward)
    down = {line.application for line in lines if line.status == "down"}
    horizon = ward_horizon(now.feeds, now.statuses, down, ward)
    silent = [fresh for fresh in now.feeds if fresh.silent]
    return Shell(
        hospital=now.directory.map.name,
        island=setting("RELEVE_ISLAND"),
        zone=now.zone,
        now_ms=now.now_ms,
        mode=mode,
        since_ms=min((line.since_us // 1000 for line in lines if line.since_us is not None), default=None),
        down=len(down),
        down_all=_down_all(now, mode, lines, ward),
        silent=len(silent),
        silent_since_ms=min((fresh.last_at or 0 for fresh in silent), default=None),
        data_until_ms=horizon,
        heard_though_cut_since_ms=still_heard_since(now.feeds, lines if mode == "downtime" else ()),
        overdue=bool(down) or _overdue(now.feeds),
        exercise=setting("RELEVE_EXERCISE") or now.directory.map.exercise,
        cannot_record=cannot_record(),
        to_confirm=_to_confirm(request),
        writes=kinds_to_write([ward] if ward else now.directory.wards, now) if down else frozenset(),
    )


def zone(request: HttpRequest | None) -> ZoneInfo:
    """Return the hospital's zone, that of the settings before any map was folded."""
    now = island_now(request)
    return now.zone if now is not None else ZoneInfo(settings.TIME_ZONE)


def _to_confirm(request: HttpRequest | None) -> int:
    """Return how many acts carried by colleagues wait for this person's word; a poll does not show it, and asks not."""
    person = getattr(request, "person", None)
    return unanswered_count(person.code) if person is not None and request and not is_poll(request) else 0


def ward_of_page(request: HttpRequest | None) -> str:
    """Return the ward that the page is about, "" for none; a fragment asks for the page it stands in."""
    if request is None:
        return ""
    path = request.path_info
    if path == "/shell/":
        path = urlsplit(request.headers.get("HX-Current-URL", "")).path
    if found := _WARD.match(path):
        return found[1]
    if found := _PATIENT.match(path):
        person = open_handle(found[1])
        if person is not None:
            together = Person.objects.filter(cluster=person).values("id")
            return (
                Encounter.objects.filter(person__in=together, status__in=("present", "leave"))
                .values_list("ward", flat=True)
                .first()
                or ""
            )
    return ""


def _mode(now: IslandNow, ward: str) -> tuple[Mode, list[StatusLine]]:
    """Return the mode and the lines that make it: what is down, else what is restored and not yet live."""
    applications = sorted({code for said in now.said if not said.withdrawn for code in said.applications})
    if not applications:
        return "watch", []
    wards = [ward] if ward else list(now.directory.wards)
    lines = [now.statuses.at(code, place) for code in applications for place in wards]
    down = [line for line in lines if line.status == "down"]
    if down:
        return "downtime", down
    restored = [line for line in lines if line.status == "restored"]
    return ("recovery", restored) if restored else ("watch", [])


def _down_all(
    now: IslandNow, mode: Mode, lines: list[StatusLine], ward: str
) -> Literal["", "here", "in places"]:
    """Return whether every application of the map is down: in each ward of this page, or only in some of them."""
    if mode != "downtime" or len({line.application for line in lines}) < len(now.directory.applications):
        return ""
    places = 1 if ward else len(now.directory.wards)
    return "here" if len(lines) == places * len(now.directory.applications) else "in places"


def _overdue(feeds: tuple[Freshness, ...]) -> bool:
    """Tell whether everything that speaks is silent: one feed that is heard keeps the horizon moving."""
    heard = [fresh for fresh in feeds if not fresh.never]
    return bool(heard) and all(fresh.silent for fresh in heard)
