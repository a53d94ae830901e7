"""The whole fleet: each ward by state, the pace, when each has its machines again; one ward; what is stuck."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from releve.restoration.fleet.desk import (
    NO_WARD,
    STUCK_DAYS,
    Desk,
    batches_in_order,
    desk_of,
    open_batch_of,
    pace_now,
    place_name,
    stuck_machines,
    ward_lines,
    ward_name,
)
from releve.restoration.fleet.facts import STATES
from releve.restoration.fleet.pace import DAYS_MIN, RETURNS_MIN, Forecast, Pace
from releve.restoration.fleet.pages.quiet_page import quiet_context
from releve.restoration.fleet.rules import FLEET_ROLES
from releve.restoration.fleet.state import rank
from releve.restoration.fleet.tables import MachineRow
from releve.restoration.fleet.words import STATE_WORDS
from releve.web import words
from releve.web.access import needs_role

__all__ = ["overview", "stuck", "ward"]

STUCK_CHOICES = (1, 2, 3, 7, 14)
# Nobody looks for more machines than that in a day; the longest wait stands first.
STUCK_SHOWN = 300


@require_GET
@needs_role(*FLEET_ROLES)
def overview(request: HttpRequest) -> HttpResponse:
    """Return every ward in the order in which it gets its machines back, with counts and dates."""
    desk = desk_of(request)
    batches = batches_in_order()
    pace = pace_now(desk.now_ms, desk.zone)
    lines = ward_lines(desk.directory, batches, pace)
    totals: Counter[str] = Counter()
    for line in lines:
        totals.update(line.counts)
    if totals and totals[""] == sum(totals.values()):
        # Counts by state would be a table of noughts: what is ready is said in words.
        return render(request, "fleet/quiet.html", quiet_context(desk))
    context = {
        "wards": [
            {
                "line": line,
                "date": dates_of(line.forecast, desk),
                "cells": [(STATE_WORDS[state], line.counts.get(state, 0)) for state in STATES],
            }
            for line in lines
        ],
        "states": [(state, STATE_WORDS[state], totals[state]) for state in STATES],
        "total": sum(totals.values()),
        "silent": totals[""],
        "returned": totals["returned"],
        "left": sum(line.left for line in lines),
        "claimed": sum(line.claimed for line in lines),
        "two": sum(line.two for line in lines),
        "stuck": len(stuck_machines(desk.now_ms)),
        "stuck_days": STUCK_DAYS,
        "pace": pace,
        "a_day": _a_day(pace),
        "days_min": DAYS_MIN,
        "returns_min": RETURNS_MIN,
        "batches": len(batches),
        "no_ward": NO_WARD,
    }
    return render(request, "fleet/overview.html", context)


@require_GET
@needs_role(*FLEET_ROLES)
def ward(request: HttpRequest, code: str) -> HttpResponse:
    """Return the machines of one ward, the least advanced first."""
    desk = desk_of(request)
    batches = batches_in_order()
    lines = ward_lines(desk.directory, batches, pace_now(desk.now_ms, desk.zone))
    line = next((one for one in lines if one.code == code), None)
    if line is None:
        raise Http404
    rows = MachineRow.objects.filter(ward=None if code == NO_WARD else code)
    context = {
        "line": line,
        "name": ward_name(code, desk.directory),
        "date": dates_of(line.forecast, desk),
        "states": [(state, STATE_WORDS[state], line.counts.get(state, 0)) for state in STATES],
        "machines": _listed(sorted(rows, key=lambda row: (rank(row.state or ""), row.id)), desk),
        "no_ward": NO_WARD,
    }
    return render(request, "fleet/ward.html", context)


@require_GET
@needs_role(*FLEET_ROLES)
def stuck(request: HttpRequest) -> HttpResponse:
    """Return the machines that no step moved for some days, by name, the longest wait first.

    `?show=two`: those with two reports; `?show=claimed`: those said returned without evidence.
    """
    desk = desk_of(request)
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, STUCK_CHOICES) else STUCK_DAYS
    show = request.GET.get("show", "")
    if show == "two":
        rows = list(MachineRow.objects.exclude(two=None).order_by("id"))
    elif show == "claimed":
        rows = list(MachineRow.objects.filter(claimed=True).order_by("id"))
    else:
        show, rows = "", stuck_machines(desk.now_ms, days)
    context = {
        "show": show,
        "machines": _listed(rows[:STUCK_SHOWN], desk),
        "count": len(rows),
        "more": max(0, len(rows) - STUCK_SHOWN),
        "days": days,
        "choices": STUCK_CHOICES,
    }
    return render(request, "fleet/stuck.html", context)


def _listed(rows: list[MachineRow], desk: Desk) -> list[dict[str, Any]]:
    """Return machines as lists show them."""
    batch_of = open_batch_of(batches_in_order())
    return [
        {"row": row, "place": place_name(row, desk.directory), "batch": batch_of.get(row.id)} for row in rows
    ]


def dates_of(forecast: Forecast | None, desk: Desk) -> dict[str, Any]:
    """Return a forecast as pages say it: its state, and both days in words."""
    if forecast is None:
        return {"state": "done"}
    return {
        "state": forecast.state,
        "p50": _day(forecast.p50_days, desk),
        "p80": _day(forecast.p80_days, desk),
    }


def _day(days: float | None, desk: Desk) -> str:
    """Return the day on which so many days have passed, counted from this morning: today’s work is in them."""
    if days is None:
        return ""
    today = datetime.fromtimestamp(desk.now_ms / 1000, desk.zone).replace(hour=12, minute=0)
    # Half a day is done by this evening; a day and a half by tomorrow evening.
    moment = today + timedelta(days=max(0, -(-days // 1) - 1))
    return words.short_day(int(moment.timestamp() * 1000), desk.zone, get_language() or "fr")


def _a_day(pace: Pace) -> str:
    """Return machines a day, one decimal when few."""
    text = f"{pace.a_day:.0f}" if pace.a_day >= 10 else f"{pace.a_day:.1f}"
    return words.figure(text.removesuffix(".0"), get_language() or "fr")
