"""What the island hears: each feed against its habit, unannounced senders, what was not understood, who is missing."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET

from releve.bedside.now import IslandNow, island_now
from releve.crisis.feed_lines import CLOCK_MS_MAX, HOUR_MS, FeedLine, Hours, feed_lines, hours_heard, rate
from releve.crisis.journal_figures import Figures, figures
from releve.crisis.missing import Comparison, compare_with_census, shown_to
from releve.crisis.not_understood import Place, groups, received
from releve.crisis.rules import DECLARERS
from releve.hospital.tables import Sender
from releve.web.access import can_see_patient, needs_role
from releve.web.accounts.people import Person
from releve.web.database import data_folder
from releve.web.templatetags.releve import count, near

__all__ = ["entry", "feeds"]

# Who looks into a raw message: it holds a patient's values, and serves to mend a feed, not to care.
READS_RAW = ("it", "crisis")
NAMES_MAX = 40


@require_GET
def feeds(request: HttpRequest) -> HttpResponse:
    """Return the page."""
    now = island_now(request)
    if now is None:
        return render(request, "crisis/no-map.html")
    person: Person | None = getattr(request, "person", None)
    hours = hours_heard(now.now_ms)
    lines = feed_lines(now, hours)
    told = figures(data_folder(), now_ms=now.now_ms, zone=now.zone)
    comparison = compare_with_census(now.directory)
    context = {
        "feeds": lines,
        "first": _first(lines, told, comparison, now),
        "strangers": [_stranger_row(sender, hours, now.now_ms) for sender in now.strangers],
        "groups": groups(),
        "figures": told,
        "comparison": comparison,
        "differences": _differences(comparison, person, now) if comparison else [],
        "sees_names": can_see_patient(person),
        "reads_raw": person is not None and person.role in READS_RAW,
        "may_declare": person is not None and person.role in DECLARERS,
        "clock_ms_max": CLOCK_MS_MAX,
    }
    return render(request, "crisis/feeds.html", context)


@require_GET
@needs_role(*READS_RAW)
def entry(request: HttpRequest, origin: str, epoch: int, index: int) -> HttpResponse:
    """Return one entry as it was received: for those who mend feeds, never kept by the browser, never logged."""
    place = Place(origin=origin, epoch=epoch, index=index)
    found = received(data_folder(), place)
    # Acts have their own pages; this one opens what the hospital's senders sent.
    if found is None or not found.entry.kind.startswith(("message.", "initial.")):
        raise Http404
    context = {"place": place, "received": found, "at_ms": found.entry.recorded_at_us // 1000}
    response = render(request, "crisis/entry.html", context)
    response["Cache-Control"] = "no-store, private"
    return response


def _first(
    lines: list[FeedLine], told: Figures, comparison: Comparison | None, now: IslandNow
) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    silent = [line for line in lines if line.state == "silent"]
    if silent:
        starts = [line.fresh.last_at or 0 for line in silent]
        first, last = near(min(starts)), near(max(starts))
        items.append(
            {
                "stale": True,
                "strong": ngettext("%(n)d silent feed", "%(n)d silent feeds", len(silent))
                % {"n": len(silent)},
                "text": gettext("since %s") % first
                if first == last
                else gettext("from %(first)s to %(last)s") % {"first": first, "last": last},
            }
        )
    items.append(
        {
            "strong": ngettext(
                "%(n)s message not understood", "%(n)s messages not understood", told.not_understood
            )
            % {"n": count(told.not_understood)},
            "text": gettext("kept, never thrown away"),
        }
    )
    items.append(
        {
            "strong": ngettext("%(n)s entry in the journal", "%(n)s entries in the journal", told.recorded)
            % {"n": count(told.recorded)},
            "text": gettext("all on the pages")
            if not told.waiting
            else ngettext(
                "%(n)s waits to be read into the pages", "%(n)s wait to be read into the pages", told.waiting
            )
            % {"n": count(told.waiting)},
        }
    )
    if comparison is not None and (comparison.census_only or comparison.view_only):
        number = comparison.census_only + comparison.view_only
        items.append(
            {
                "strong": ngettext(
                    "%(n)d patient on one list only", "%(n)d patients on one list only", number
                )
                % {"n": number},
                "links": [(gettext("See"), "#h-missing")],
            }
        )
    if now.strangers:
        items.append(
            {
                "strong": ngettext(
                    "%(n)d sender nobody announced", "%(n)d senders nobody announced", len(now.strangers)
                )
                % {"n": len(now.strangers)},
                "links": [(gettext("See"), "#h-strangers")],
            }
        )
    return items


def _stranger_row(sender: Sender, hours: Hours, now_ms: int) -> dict[str, Any]:
    heard = hours.get(sender.id, {})
    current = now_ms // HOUR_MS
    return {
        "sender": sender,
        "rate": rate(heard, now_ms),
        "hours": [heard.get(hour, 0) for hour in range(current - 23, current + 1)],
    }


def _differences(comparison: Comparison, person: Person | None, now: IslandNow) -> list[dict[str, Any]]:
    """Return the wards where the lists differ; names only for those who take part in care."""
    cover = now.directory.map.confidential.cover_name
    rows = []
    for ward in comparison.wards:
        known = now.directory.ward(ward.code)
        sides = {}
        for side in ("census_only", "view_only"):
            ones = getattr(ward, side)
            shown = [line for one in ones if (line := shown_to(one, person, cover)) is not None]
            sides[side] = {
                "count": len(ones),
                "shown": shown[:NAMES_MAX],
                "more": max(0, len(ones) - NAMES_MAX),
            }
        name = known.name if known else ward.code or gettext("no ward said")
        rows.append({"name": name, "sides": list(sides.values()), **sides})
    return rows
