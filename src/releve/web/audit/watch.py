"""When the audit is told something: two steps of every request, so that no room can forget it.

`Watch` looks at what was answered: a page about a patient or a ward that opened, something taken out, a refusal, a
sign-in. `Guard`, just before the view, asks for a reason where the page lies beyond one's wards. What a page asks by
itself (`X-Poll: 1`) is nobody's reading. Nothing here ever keeps a page from opening because it fails.
"""

import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from releve.web.access import ADMITTING, may_open_page, needs_reason
from releve.web.accounts.middleware import is_poll
from releve.web.accounts.people import Person
from releve.web.audit import keeping
from releve.web.audit.about import About, about_of, patients_of_ward
from releve.web.audit.facts import Looked, PageOpened, Refused, Searched, Signed, TakenOut
from releve.web.audit.glass import Mark, close_all, mark_of
from releve.web.opaque import open_handle
from releve.web.shell import now_ms

__all__ = ["Guard", "Opening", "Watch", "audit_of", "name_patients"]

_Next = Callable[[HttpRequest], HttpResponse]
_log = logging.getLogger("releve.web")

QUARTER_MS = 15 * 60 * 1000
# Pages that name patients without address or link that says whom: a message as it was received.
_WITHOUT_ADDRESS = frozenset({"feed-entry"})
# Whom a page leads to, it names: searches, lists of duplicates, boards, whichever room made them.
_LEADS_TO = re.compile(rb'(?:href|action)="/(?:patient|admit/known)/([A-Za-z0-9_-]{20,400})/')
_NAMED_MAX = 500
# What a page asks by itself; of any other page, to call it so is to read it.
_POLLED = frozenset({"island-stick-live", "outbox-here", "overview-live", "shell", "ward-live"})
_PRINTS = frozenset({"packs-print"})
_SAVES = frozenset({"island-stick-write"})
_SIGNING = frozenset({"sign-in", "sign-out", "lock", "first", "switch", "badge"})


@dataclass(kw_only=True)
class Opening:
    """What the audit knows of the request in hand."""

    about: About = field(default_factory=About)
    glass: Mark | None = None
    named: tuple[str, ...] = ()  # patients a search showed
    unasked: bool = False  # an act that waited, taken without the reason that a page would have asked for

    @cached_property
    def waiting_since_ms(self) -> int | None:
        """Since when facts wait because the audit cannot be written, None while it can."""
        return keeping.waiting_since_ms()


def audit_of(request: HttpRequest) -> Opening:
    """Return what the audit knows of this request; made when nothing was known yet."""
    found: Opening | None = getattr(request, "audit", None)
    if found is None:
        found = request.audit = Opening()  # type: ignore[attr-defined]
    return found


def name_patients(request: HttpRequest, handles: Iterable[str]) -> None:
    """Tell the audit whom this page names, by their handles, where its address does not say it (a search)."""
    opening = audit_of(request)
    keys = filter(None, map(open_handle, handles))
    opening.named = tuple(dict.fromkeys((*opening.named, *keys)))


class Guard:
    """Ask for a reason before a page beyond one's wards, and keep whoever audits out of all others."""

    def __init__(self, get_response: _Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; decisions need the address and are taken in `process_view`."""
        return self._next(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Return where a reason is asked, or None when the page may open.

        Raises:
            PermissionDenied: this role opens no such page.
        """
        person: Person | None = getattr(request, "person", None)
        match = request.resolver_match
        opening = audit_of(request)
        if person is None or match is None or getattr(view, "is_public", False):
            return None
        if not may_open_page(person, match.view_name):
            raise PermissionDenied
        opening.about = about = about_of(request, match)
        if (
            not about.is_somebody
            or match.view_name in ADMITTING
            or not needs_reason(person, wards=about.wards, patient=about.is_file)
        ):
            return None
        opening.glass = mark_of(request, about)
        # What was done offline is taken whenever it arrives, whoever's screen carries it; it opens no page.
        if opening.glass is not None:
            return None
        if request.method == "POST" and request.headers.get("X-Outbox"):
            opening.unasked = True
            return None
        return _ask(request)


def _ask(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):
        # htmx would swap the question into a corner of the board.
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return HttpResponseRedirect(f"{reverse('beyond-wards')}?{urlencode({'next': request.get_full_path()})}")


class Watch:
    """Tell the audit what was opened, taken out or refused, once the answer is made."""

    def __init__(self, get_response: _Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and let the audit know."""
        before: Person | None = getattr(request, "person", None)
        was_locked = bool(before and request.session.get("locked"))
        response = self._next(request)
        try:
            self._tell(request, response, before, was_locked)
        except Exception:
            # Reading is care: a fault of the audit is ours to find, never the ward's to wait for.
            _log.exception("the audit could not be told")
        return response

    def _tell(
        self, request: HttpRequest, response: HttpResponse, before: Person | None, was_locked: bool
    ) -> None:
        match = request.resolver_match
        if match is None:
            return
        if before is not None and request.session.get("locked"):
            close_all(request)
        page, status = match.view_name, response.status_code
        after: Person | None = getattr(request, "person", None)
        changed = after is not None and (before is None or before.code != after.code)
        if request.method == "POST" and (changed or page in _SIGNING):
            self._tell_signing(request, page, status, before, was_locked)
        elif status == 403:
            if not is_poll(request):
                self._tell_refused(request, page)
        elif before is None or status == 204 or (is_poll(request) and page in _POLLED):
            return
        elif 200 <= status < 300 or status == HTTPStatus.UNPROCESSABLE_ENTITY:
            # A form that is refused comes back on the patient's own page.
            self._tell_opened(request, response, page, before)

    def _tell_signing(
        self, request: HttpRequest, page: str, status: int, before: Person | None, was_locked: bool
    ) -> None:
        after: Person | None = getattr(request, "person", None)
        locked = bool(after and request.session.get("locked"))
        address, at_us = _address(request), now_ms() * 1000

        def say(act: Literal["in", "out", "locked", "unlocked", "failed"], who: Person | None) -> None:
            code, role = (who.code, who.role) if who else ("", "")
            keeping.keep(Signed(who=code, role=role, act=act, address=address, at_us=at_us))

        if page == "sign-out":
            if before is not None:
                say("out", before)
        elif after is not None and (before is None or before.code != after.code):
            if before is not None:
                say("out", before)
            say("in", after)
        elif status >= 400:
            say("failed", before if page == "lock" else None)
        elif was_locked and not locked:
            say("unlocked", after)
        elif locked and not was_locked:
            say("locked", after)

    def _tell_refused(self, request: HttpRequest, page: str) -> None:
        about = audit_of(request).about
        patients = (about.patient,) if about.patient else ()
        said = _looked(request, page, patients, about.ward)
        # Once a minute: whoever holds a key down must not fill the disk.
        key = _key("refused", said.who or said.address, page, request.method or "", about.patient, about.ward)
        fact = Refused(**_fields(said), method=request.method or "")
        keeping.keep(fact, f"{key}{said.at_us // 60_000_000}", said.at_us // 1000 // QUARTER_MS)

    def _tell_opened(self, request: HttpRequest, response: HttpResponse, page: str, person: Person) -> None:
        opening = audit_of(request)
        about, glass = opening.about, opening.glass.reason if opening.glass else ""
        patients = (about.patient,) if about.patient else ()
        if not about.patient and not opening.named:
            opening.named = _led_to(response)
        if how := _taken_out(page, response, bool(about.is_somebody or opening.named)):
            said = _looked(request, page, patients or opening.named, about.ward)
            keeping.keep(TakenOut(**_fields(said), how=how, glass=glass))
            return
        quarter = now_ms() // QUARTER_MS
        if opening.named and not about.is_somebody and request.method == "POST":
            keeping.keep(Searched(**_fields(_looked(request, page, opening.named, ""))))
        elif about.patient:
            fact = PageOpened(**_fields(_looked(request, page, patients, "")), glass=glass)
            keeping.keep(fact, _key("patient", person.code, about.patient, glass), quarter)
        elif about.ward:
            named = opening.named or patients_of_ward(about.ward)
            fact = PageOpened(**_fields(_looked(request, page, named, about.ward)), glass=glass)
            keeping.keep(fact, _key("ward", person.code, about.ward, glass, *sorted(named)), quarter)
        elif opening.named or page in _WITHOUT_ADDRESS:
            fact = PageOpened(**_fields(_looked(request, page, opening.named, "")))
            keeping.keep(fact, _key("page", person.code, request.path_info, *opening.named), quarter)


def _led_to(response: HttpResponse) -> tuple[str, ...]:
    """Return the keys of the patients that a page leads to."""
    if response.streaming or "html" not in response.headers.get("Content-Type", ""):
        return ()
    handles = dict.fromkeys(_LEADS_TO.findall(response.content))
    keys = (open_handle(handle.decode("ascii")) for handle in list(handles)[:_NAMED_MAX])
    return tuple(dict.fromkeys(key for key in keys if key))


def _taken_out(page: str, response: HttpResponse, is_somebody: bool) -> Literal["print", "file", ""]:
    """Return how something left the screen; a room need not say it: a file is what is not a page."""
    if page in _PRINTS:
        return "print"
    if page in _SAVES:
        return "file"
    media = response.headers.get("Content-Type", "").partition(";")[0]
    saved = "attachment" in response.headers.get("Content-Disposition", "")
    return "file" if (saved or media == "application/pdf") and (is_somebody or saved) else ""


def _looked(request: HttpRequest, page: str, patients: tuple[str, ...], ward: str) -> Looked:
    person: Person | None = getattr(request, "person", None)
    return Looked(
        who=person.code if person else "",
        role=person.role if person else "",
        page=page,
        address=_address(request),
        at_us=now_ms() * 1000,
        patients=patients,
        ward=ward,
    )


def _fields(said: Looked) -> dict[str, Any]:
    return {name: getattr(said, name) for name in Looked.__struct_fields__}


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def _key(*parts: str) -> str:
    return blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()
