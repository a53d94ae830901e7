"""Who is at the screen, and the door: nothing opens without signing in, an abandoned screen asks for the code again."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from releve.web.accounts.people import Person
from releve.web.accounts.signin import load_person
from releve.web.database import setting
from releve.web.shell import now_ms

__all__ = ["Door", "WhoIsIt", "is_poll"]

_Next = Callable[[HttpRequest], HttpResponse]
_WRITE_EVERY_MS = 60_000


def is_poll(request: HttpRequest) -> bool:
    """Tell whether the page asked by itself: such a request is nobody's act."""
    return request.headers.get("X-Poll") == "1"


class WhoIsIt:
    """Set `request.person` (None when nobody is signed in) from the session; a disabled account is out at once."""

    def __init__(self, get_response: _Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, knowing who asks."""
        person: Person | None = None
        try:
            code = request.session.get("account")
            if code:
                person = load_person(code)
        except DatabaseError:
            # No views yet, or no runtime: nobody can be known, and the page that says so must still come out.
            person = None
        request.person = person  # type: ignore[attr-defined]
        return self._next(request)


class Door:
    """Send to the sign-in page whoever is not signed in, and to the lock page whoever left the screen too long."""

    def __init__(self, get_response: _Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; decisions need the view and are taken in `process_view`."""
        return self._next(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Return where to go instead, or None when the page may open."""
        if getattr(view, "is_public", False):
            return None
        person: Person | None = request.person  # type: ignore[attr-defined]
        if person is None:
            return _send(request, reverse("sign-in"))
        if not request.session.get("locked") and self._idle(request):
            request.session["locked"] = True
        if request.session.get("locked") and not getattr(view, "opens_when_locked", False):
            return _send(request, reverse("lock"))
        if person.once and not getattr(view, "opens_with_first_password", False):
            # Somebody else knows this password: nothing is read or written before it is changed.
            return _send(request, reverse("change-code"))
        return None

    def _idle(self, request: HttpRequest) -> bool:
        now, seen = now_ms(), int(request.session.get("seen_ms", 0))
        if now - seen > setting("RELEVE_LOCK_MINUTES") * 60_000:
            return True
        # Once a minute is enough to know; a write a click would wear the disk for nothing.
        if not is_poll(request) and now - seen > _WRITE_EVERY_MS:
            request.session["seen_ms"] = now
        return False


def _send(request: HttpRequest, to: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        # htmx would swap the sign-in page into a corner of the board.
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    if request.method != "GET":
        # A form that was being sent is not kept, and whoever sent it must not believe that it is.
        return HttpResponseRedirect(f"{to}?{urlencode({'unsaved': '1'})}")
    after = request.get_full_path()
    return HttpResponseRedirect(f"{to}?{urlencode({'next': after})}" if after != "/" else to)
