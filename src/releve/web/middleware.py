"""What holds for every page: response headers, the generation of the views, language and theme."""

from collections.abc import Callable
from hashlib import blake2s

from django.conf import settings
from django.db import OperationalError, connections
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from releve.web import errors
from releve.web.database import data_folder, follow_views
from releve.web.shell import zone_of

__all__ = ["Boundaries", "Choices", "CurrentViews", "choice_cookie"]

_Next = Callable[[HttpRequest], HttpResponse]

# Scripts, styles and pictures come from the island alone and never from within a page.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; "
    "frame-src 'self'"
)


class Boundaries:
    """Headers that keep pages to the island: no outside source, no frame, no copy left in the browser's cache."""

    def __init__(self, get_response: _Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the headers added."""
        response = self._next(request)
        response.setdefault("Content-Security-Policy", _POLICY)
        response.setdefault("X-Content-Type-Options", "nosniff")
        response.setdefault("X-Frame-Options", "DENY")
        # Not "no-referrer": browsers would then send forms with `Origin: null`, and every form would be refused.
        response.setdefault("Referrer-Policy", "same-origin")
        response.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        if not request.path_info.startswith(str(settings.STATIC_URL)):
            # A ward's shared workstation must not keep a patient's page on its disk. Polling still saves work:
            # `releve.js` sends the ETag that the page itself carries.
            response.setdefault("Cache-Control", "no-store")
        return response


class CurrentViews:
    """Read the generation of the views that is in force; say in words when there is none yet."""

    def __init__(self, get_response: _Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer from the generation in force at the start of the request."""
        follow_views()
        try:
            return self._next(request)
        finally:
            # Outside Django's own handler (tests, other servers) nobody else ends a read left open by an error.
            for connection in connections.all(initialized_only=True):
                connection.close_if_unusable_or_obsolete()

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a page that needed views which are not there."""
        if isinstance(exception, OperationalError) and not (data_folder() / "views.sqlite3").exists():
            return errors.views_missing(request)
        return None


def choice_cookie(code: str) -> str:
    """Return the name of the cookie that keeps one person's language and theme; the code is not legible in it."""
    return f"releve-choice-{blake2s(code.encode(), digest_size=5).hexdigest()}" if code else "releve-choice"


class Choices:
    """The language and theme this person chose on this workstation.

    Until she chooses, the browser's language when the island speaks it, otherwise the island's. What is recorded and
    printed asks the map for its language, never the browser: a lent laptop changes what its reader reads, nothing else.
    """

    def __init__(self, get_response: _Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the language chosen, hours in the hospital's zone."""
        person = getattr(request, "person", None)
        kept = request.COOKIES.get(choice_cookie(person.code if person else ""), "")
        if not kept and person is not None:
            kept = request.COOKIES.get(choice_cookie(""), "")
        language, _, theme = kept.partition(".")
        if language not in dict(settings.LANGUAGES):
            language = translation.get_language_from_request(request)
        request.theme = theme if theme in {"day", "night"} else ""  # type: ignore[attr-defined]
        request.LANGUAGE_CODE = language
        with translation.override(language), timezone.override(zone_of(request)):
            response = self._next(request)
        response.setdefault("Content-Language", language)
        return response
