"""The hospital on one page: where there is room, what is cut, which feeds are silent, what to look at first."""

from typing import Any

from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.http import require_GET

from releve.bedside.live import digest
from releve.bedside.now import IslandNow, island_now
from releve.crisis.applications import (
    ApplicationLine,
    application_lines,
    at_bedside,
    by_care,
    places_of,
    written_at,
)
from releve.crisis.feed_lines import FeedLine, feed_lines
from releve.crisis.number_ranges import ranges_now
from releve.crisis.occupancy import Hospital, hospital_of, occupancy
from releve.crisis.packs import ward_packs
from releve.crisis.rules import DECLARERS
from releve.crisis.sentences import function_names, places_in_words, writes_in_words
from releve.hospital.standing import declarations
from releve.record.tables import WardChange
from releve.web.access import CARE
from releve.web.database import data_folder
from releve.web.disk import disk_is_encrypted
from releve.web.elsewhere import Neighbour, elsewhere_now
from releve.web.ending_again import ending_again
from releve.web.templatetags.releve import count, near, url_or

__all__ = ["applications", "overview", "overview_live"]


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Return the page."""
    now = island_now(request)
    if now is None:
        return render(request, "crisis/no-map.html")
    context = _context(request, now)
    response = render(request, "crisis/overview.html", context)
    response["ETag"] = context["etag"]
    return response


@require_GET
def overview_live(request: HttpRequest) -> HttpResponse:
    """Return the part that changes, or 304 when it is what the page shows already."""
    now = island_now(request)
    if now is None:
        return HttpResponse(status=204)
    etag = _etag(request, now)
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers={"ETag": etag})
    body = render_to_string(
        "crisis/parts/overview.html", {**_context(request, now), "oob": True}, request=request
    )
    return HttpResponse(body, headers={"ETag": etag})


@require_GET
def applications(request: HttpRequest) -> HttpResponse:
    """Return every application of the map with its status and what it does for care."""
    now = island_now(request)
    if now is None:
        return render(request, "crisis/no-map.html")
    lines = application_lines(now)
    shown = {line.application.code for line in lines if line.status != "live"}
    near_care, behind = by_care(now.directory)
    context = {
        "rows": [_application_row(line, now) for line in lines],
        "near": [_quiet_row(one, now) for one in near_care if one.code not in shown],
        "behind": [_quiet_row(one, now) for one in behind if one.code not in shown],
        "total": len(now.directory.applications),
        "may_declare": _may_declare(request),
    }
    return render(request, "crisis/applications.html", context)


def _etag(request: HttpRequest, now: IslandNow) -> str:
    """Return what names everything that the page shows, hours to the minute."""
    changed = WardChange.objects.aggregate(latest=Max("version"))["latest"]
    heard = [(fresh.feed.code, (fresh.last_at or 0) // 60_000, fresh.not_understood) for fresh in now.feeds]
    role = getattr(getattr(request, "person", None), "role", "")
    minute = now.now_ms // 60_000
    shown = (
        now.version,
        changed,
        heard,
        len(now.strangers),
        minute,
        _packs_version(),
        ending_again(data_folder()),
        elsewhere_now(),
        role,
        get_language(),
    )
    return f'"{digest(*shown)}"'


def _packs_version() -> int:
    try:
        return (data_folder() / "packs").stat().st_mtime_ns
    except OSError:
        return 0


def _context(request: HttpRequest, now: IslandNow) -> dict[str, Any]:
    hospital = hospital_of(now, occupancy())
    lines = application_lines(now)
    feeds = feed_lines(now)
    counted = {
        status: len({line.application.code for line in lines if line.status == status})
        for status in ("down", "restored")
    }
    person = getattr(request, "person", None)
    return {
        "etag": _etag(request, now),
        "hospital": hospital,
        "first": [
            *_ending(),
            *_first(hospital, feeds, now),
            *_disk(person.role if person is not None else ""),
        ],
        "rows": [_application_row(line, now) for line in lines],
        "down": counted["down"],
        "restored": counted["restored"],
        "quiet": len(now.directory.applications) - counted["down"] - counted["restored"],
        "feeds": feeds,
        "may_declare": _may_declare(request),
        "sees_wards": person is not None and person.role in CARE,
        "my_ward": next((code for code in person.wards if code in now.directory.wards), "") if person else "",
        "now_ms": now.now_ms,
    }


def _may_declare(request: HttpRequest) -> bool:
    person = getattr(request, "person", None)
    return person is not None and person.role in DECLARERS


def _application_row(line: ApplicationLine, now: IslandNow) -> dict[str, Any]:
    functions = at_bedside(line.application)
    instead = written_at(functions, line.wards, now.directory, now.statuses) if line.status == "down" else []
    return {
        "line": line,
        "functions": function_names(line.application.care_functions),
        "where": ""
        if line.everywhere(now.directory)
        else places_in_words(places_of(line.wards, now.directory), now.directory),
        "paper": writes_in_words(here for here in instead if here.kind == "paper"),
        "instead": writes_in_words(here for here in instead if here.kind != "paper"),
    }


def _quiet_row(application: Any, now: IslandNow) -> dict[str, Any]:
    feed = next((fresh for fresh in now.feeds if fresh.feed.application == application.code), None)
    return {"application": application, "functions": function_names(application.care_functions), "feed": feed}


def _first(hospital: Hospital, feeds: list[FeedLine], now: IslandNow) -> list[dict[str, Any]]:
    """Return what to look at first: who has no bed, what waits for a second person, what is silent, the packs."""
    nothing = bool(hospital.wards) and all(line.unknown for line in hospital.wards)
    items: list[dict[str, Any]] = [
        {
            "strong": gettext("Who is here is not known"),
            "text": gettext("no movement was received yet"),
            "stale": True,
        }
        if nothing
        else {
            "strong": ngettext("%(n)s patient", "%(n)s patients", hospital.present)
            % {"n": count(hospital.present)},
            "text": ngettext("in %(n)s place", "in %(n)s places", hospital.beds)
            % {"n": count(hospital.beds)},
        }
    ]
    crowded = hospital.crowded
    if crowded:
        items.append(
            {
                "urgent": ngettext("%(n)d ward over capacity", "%(n)d wards over capacity", len(crowded))
                % {"n": len(crowded)},
                "strong": "",
                "text": ", ".join(f"{line.ward.name} +{line.over}" for line in crowded[:3]),
            }
        )
    if hospital.elsewhere:
        items.append(
            {
                "strong": ngettext("%(n)d patient", "%(n)d patients", hospital.elsewhere)
                % {"n": hospital.elsewhere},
                "text": gettext("in a ward that the map does not know"),
            }
        )
    waiting = [
        said
        for said in declarations()
        if not said.confirmed and not said.withdrawn and said.status == "down" and _stands(said.id, now)
    ]
    if waiting:
        items.append(
            {
                "strong": ngettext(
                    "%(n)d unconfirmed declaration", "%(n)d unconfirmed declarations", len(waiting)
                )
                % {"n": len(waiting)},
                "text": gettext("waiting for a second person"),
                "links": [(gettext("See"), f"{reverse('declare')}#standing")],
            }
        )
    items += [
        _apart_words(keeper, [line.ward.name for line in lines]) for keeper, lines in hospital.apart.items()
    ]
    silent = [line for line in feeds if line.state == "silent"]
    if silent:
        since = min(line.fresh.last_at or 0 for line in silent)
        items.append(
            {
                "stale": True,
                "strong": ngettext("%(n)d silent feed", "%(n)d silent feeds", len(silent))
                % {"n": len(silent)},
                "text": gettext("since %s") % near(since),
                "links": [(gettext("See"), reverse("feeds"))],
            }
        )
    low = ranges_now(data_folder()).low
    if low:
        items.append(
            {
                "urgent": ngettext(
                    "%(n)d sort of number is nearly used up",
                    "%(n)d sorts of numbers are nearly used up",
                    len(low),
                )
                % {"n": len(low)},
                "strong": "",
                "text": ", ".join(f"{line.name} {line.left_words}" for line in low),
                "links": [(gettext("See"), f"{url_or('#main', 'islands')}#h-numbers")],
            }
        )
    every = ward_packs(data_folder() / "packs", now.directory)
    packs = [line for line in every if line.at_ms is not None]
    if packs:
        oldest = min(line.at_ms or 0 for line in packs)
        items.append(
            {
                "strong": ngettext("%(n)d pack set", "%(n)d packs set", len(packs)) % {"n": len(packs)},
                "text": ngettext(
                    "of %(all)d ward, the oldest at %(at)s",
                    "of %(all)d wards, the oldest at %(at)s",
                    len(every),
                )
                % {"all": len(every), "at": near(oldest)},
                "links": [(gettext("See"), reverse("packs"))],
            }
        )
    return items


def _apart_words(keeper: Neighbour, wards: list[str]) -> dict[str, Any]:
    """Return what is missing of the wards that another island keeps while it is not in step with this one."""
    since = near(keeper.since_ms) if keeper.since_ms is not None else None
    text = {
        "never": gettext("never reached, what is said there does not come here"),
        "behind": gettext("behind, what was said there last may not be here yet"),
        "suspect": gettext("suspect, ask the wards before you rely on what comes from there"),
    }.get(keeper.step) or (
        gettext("silent since %s, what was said there since then is not here") % since
        if since is not None
        else gettext("silent, what is said there does not come here")
    )
    return {
        "stale": True,
        "strong": ngettext(
            "Island %(name)s keeps %(n)s ward:", "Island %(name)s keeps %(n)s wards:", len(wards)
        )
        % {"name": keeper.name, "n": count(len(wards))},
        "text": f"{text} ({', '.join(wards[:4])}{', …' if len(wards) > 4 else ''})",
        "links": [(gettext("See"), url_or("#main", "islands"))],
    }


def _ending() -> list[dict[str, Any]]:
    """Return what does not work because its process ends as soon as it is started."""
    lost = {
        "recorder": gettext("nothing can be recorded"),
        "gateway": gettext("messages of the hospital are not taken"),
        "fold": gettext("what is recorded is not shown: boards grow old"),
        "packs": gettext("packs are not set any more"),
        "audit": gettext("who opens which page waits to be recorded"),
        "publisher": gettext("other islands cannot copy from this one"),
        "puller": gettext("nothing is copied from other islands"),
        "carrier": gettext("no stick can be written or read"),
        "planner": gettext("no plan of the restoration can be made"),
    }
    return [
        {
            "urgent": gettext("A part of this island does not run"),
            "strong": "",
            "text": gettext("%(what)s (process %(name)s, since %(at)s)")
            % {"what": lost.get(one.name, one.name), "name": one.name, "at": near(one.since_ms)},
        }
        for one in ending_again(data_folder())
    ]


def _disk(role: str) -> list[dict[str, Any]]:
    """Return what those who can do something about it must know of the island's disk."""
    if role not in ("it", "crisis") or disk_is_encrypted(data_folder()) is not False:
        return []
    return [
        {
            "strong": gettext("The disk of this island is not encrypted"),
            "text": gettext("whoever carries it away reads it (docs/reference/keys.md)"),
        }
    ]


def _stands(declaration: str, now: IslandNow) -> bool:
    """Tell whether a declaration still makes the status of some ward."""
    said = next((one for one in now.said if one.id == declaration), None)
    if said is None:
        return False
    return any(
        declaration in now.statuses.at(code, ward).declarations
        for code in said.applications
        for ward in now.directory.wards
    )
