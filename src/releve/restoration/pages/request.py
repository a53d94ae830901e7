"""What a page of this room needs of a request: the state of the restoration, who asks, what she may do."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language

from releve.bedside.now import IslandNow, island_now
from releve.restoration.case import HOUR_MS
from releve.restoration.rules import PLANNERS, Who
from releve.restoration.standing.now import RestorationNow, cut_now, restoration_now
from releve.web import words
from releve.web.access import AUDITOR_PAGES
from releve.web.accounts.facts import ROLES

__all__ = ["READERS", "at_hour", "island_of", "may_plan", "restoration_of", "who_is"]

NEAR_MS = 72 * HOUR_MS
# Everybody who takes part in the hospital reads when care comes back; who looks at reading reads nothing else.
READERS = tuple(role for role in ROLES if role != "auditor")
assert "restoration" not in AUDITOR_PAGES


def island_of(request: HttpRequest) -> IslandNow | None:
    """Return map, statuses and feeds, None before any map was folded."""
    return island_now(request)


def restoration_of(request: HttpRequest, now: IslandNow) -> RestorationNow:
    """Return the state of the restoration, read once a request."""
    held: RestorationNow | None = getattr(request, "_restoration_now", None)
    if held is None:
        held = restoration_now(now_ms=now.now_ms, cut=cut_now(now.said, now.statuses, now.directory))
        request._restoration_now = held  # type: ignore[attr-defined]
    return held


def who_is(request: HttpRequest) -> Who:
    """Return the person signed in as the rules know her."""
    person: Any = request.person  # type: ignore[attr-defined]
    return Who(account=person.code, name=person.name, role=person.role)


def may_plan(request: HttpRequest) -> bool:
    """Tell whether this person plans and reports."""
    person = getattr(request, "person", None)
    return person is not None and person.role in PLANNERS


def at_hour(starts_at_ms: int, hour: float, now: IslandNow) -> str:
    """Return an hour of a forecast in the language of the page: within three days with its hour, then the day alone."""
    at_ms = round(starts_at_ms + hour * HOUR_MS)
    language = get_language() or "fr"
    if 0 <= at_ms - now.now_ms < NEAR_MS:
        # Rounded up: a forecast knows no minutes, and "by" must hold.
        return words.near(-(-at_ms // HOUR_MS) * HOUR_MS, now.now_ms, now.zone, language)
    same_year = words.local(at_ms, now.zone).year == words.local(now.now_ms, now.zone).year
    return (words.short_day if same_year else words.day)(at_ms, now.zone, language)
