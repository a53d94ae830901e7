"""What a page of this room needs of a request: the state of the restoration, who asks, what she may do."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language

from releve.bedside.now import IslandNow, island_now
from releve.restoration.case import HOUR_MS
from releve.restoration.rules import PLANNERS, Who
from releve.restoration.standing.lines import decoded_of
from releve.restoration.standing.now import PlanSeen, RestorationNow, cut_now, plan_seen, restoration_now
from releve.web import words
from releve.web.access import AUDITOR_PAGES
from releve.web.accounts.facts import ROLES
from releve.web.acting import receipt_of, saved

__all__ = [
    "READERS", "at_hour", "id_asked", "line_asked", "may_plan", "opens", "plan_asked", "who_is",
]  # fmt: skip

NEAR_MS = 72 * HOUR_MS
# Everybody who takes part in the hospital reads when care comes back; who looks at reading reads nothing else.
READERS = tuple(role for role in ROLES if role != "auditor")
assert "restoration" not in AUDITOR_PAGES
_View = Callable[..., HttpResponse]
# Where a form leads that was recorded: the name of an address, or what makes the address.
Back = str | Callable[[HttpRequest, RestorationNow], str]


def opens(*, back: Back = "", file: bool = False) -> Callable[[_View], _View]:
    """Return a decorator that gives a page the island and the state of its restoration.

    Before any map there is a page that says so, and no file. A form that is sent again leads `back`, before what it
    recorded the first time may be a reason to refuse it.
    """

    def decorate(view: _View) -> _View:
        @wraps(view)
        def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            now = island_now(request)
            if now is None and file:
                raise Http404
            if now is None:
                return render(
                    request, "restoration/no-map.html", status=422 if request.method == "POST" else 200
                )
            # Read once a request, here.
            seen = restoration_now(now_ms=now.now_ms, cut=cut_now(now.said, now.statuses, now.directory))
            if back and request.method == "POST" and (before := receipt_of(request)) is not None:
                return saved(request, before, reverse(back) if isinstance(back, str) else back(request, seen))
            return view(request, now, seen, *args, **kwargs)

        return opened

    return decorate


def id_asked(request: HttpRequest) -> str:
    """Return the `id` of an address or of a form, "" without."""
    return (request.POST if request.method == "POST" else request.GET).get("id", "")


def line_asked(request: HttpRequest, seen: RestorationNow, what: str) -> Any:
    """Return the line of the catalogue whose `id` is asked for, None when none is named: something new.

    Raises:
        Http404: there is no such line.
    """
    id_ = id_asked(request)
    own = decoded_of(seen.lines, what, id_)
    if id_ and own is None:
        raise Http404
    return own


def plan_asked(request: HttpRequest, seen: RestorationNow) -> PlanSeen | None:
    """Return the plan that `?plan=` names, without it the one in force, else the newest; None when there is none.

    Raises:
        Http404: there is no such plan.
    """
    wanted = request.GET.get("plan", "")
    if not wanted:
        return seen.shown
    shown = plan_seen(wanted)
    if shown is None:
        raise Http404
    return shown


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
