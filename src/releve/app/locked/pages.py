"""The page of a locked island and its two forms. What is typed is answered, never logged."""

import logging
import math
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from releve.app.keys.cards import NEEDED, WORDS, CardRead, open_cards
from releve.app.keys.island_key import open_with, opened
from releve.app.keys.passphrase import open_passphrase
from releve.app.keys.ring import kind_of, read_ring
from releve.app.locked.guesses import Guesses
from releve.app.locked.state import read_state
from releve.journal.errors import FolderError
from releve.journal.keys import key_number

__all__ = [
    "Language", "bad_request", "cards", "form_refused", "locked", "passphrase", "server_error", "state",
]  # fmt: skip

_log = logging.getLogger("releve.locked")
_guesses = Guesses()
# One guess at a time: each takes a large part of the machine's memory.
_one_at_a_time = threading.Lock()
_COOKIE = "releve-choice"


class Language:
    """The language chosen here, otherwise the browser's, otherwise the island's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in that language; what is chosen here holds for the island's pages too."""
        known = dict(settings.LANGUAGES)
        kept = request.COOKIES.get(_COOKIE, "")
        chosen = request.GET.get("language", "")
        browsers = translation.get_language_from_request(
            request
        )  # the island's when it asks for none of ours
        language = next(one for one in (chosen, kept.partition(".")[0], browsers, "fr") if one in known)
        with translation.override(language):
            response = self._next(request)
        if chosen in known:
            response.set_cookie(_COOKIE, f"{chosen}.{kept.partition('.')[2]}", samesite="Lax", httponly=True)
        response.setdefault("Content-Language", language)
        return response


def locked(request: HttpRequest, path: str = "") -> HttpResponse:
    """Return the page, whatever was asked: 503, so that a sender keeps what it has."""
    return _page(request, HTTPStatus.SERVICE_UNAVAILABLE)


@require_GET
def state(request: HttpRequest) -> HttpResponse:
    """Tell whether the island is open by now; asked by the page every two seconds."""
    return JsonResponse({"open": _is_open()})


def passphrase(request: HttpRequest) -> HttpResponse:
    """Open the island with its passphrase; asked for without one (a reload), the page."""
    if request.method != "POST":
        return locked(request)
    typed = request.POST.get("passphrase", "")
    ring = read_ring(settings.RELEVE_DATA)
    if not typed.strip() or ring is None:
        return _refused(request, passphrase_error=_("Type the passphrase of the island."))
    address = request.META.get("REMOTE_ADDR", "")
    with _one_at_a_time:
        wait = _guesses.wait_seconds(address, time.monotonic())
        if wait > 0:
            seconds = math.ceil(wait)
            said = ngettext(
                "Too many tries: wait %(n)s second, then try again. Cards can be typed meanwhile.",
                "Too many tries: wait %(n)s seconds, then try again. Cards can be typed meanwhile.",
                seconds,
            ) % {"n": seconds}
            response = _refused(request, passphrase_error=said, status=HTTPStatus.TOO_MANY_REQUESTS)
            response["Retry-After"] = str(seconds)
            return response
        try:
            key = open_passphrase(ring, typed)
        except MemoryError:
            return _refused(
                request, passphrase_error=_("This machine has too little free memory: use three cards.")
            )
        if key is None:
            _guesses.was_wrong(address, time.monotonic())
            _log.warning("a wrong passphrase was typed")
            return _refused(
                request, passphrase_error=_("This is not the passphrase of this island. Nothing was changed.")
            )
    return _opened(request, key, "passphrase")


def cards(request: HttpRequest) -> HttpResponse:
    """Open the island with three cards; asked for without them (a reload), the page."""
    if request.method != "POST":
        return locked(request)
    typed = [request.POST.get(f"card-{place}", "")[:2000] for place in range(1, NEEDED + 1)]
    key, read = open_cards(typed)
    if key is not None:
        ring = read_ring(settings.RELEVE_DATA)
        if ring is not None and key_number(key) == ring.number:
            return _opened(request, key, "cards")
        said = _(
            "These three cards belong together, but open another key: of another island, or of before the island key "
            "was changed. Look at island, date and set on each card."
        )
        return _refused(request, typed=typed, cards_error=said)
    right = sum(not card.trouble for card in read)
    return _refused(
        request,
        typed=typed,
        cards_error=_("%(right)s of %(needed)s cards are right. What was typed is kept: correct the others.")
        % {"right": right, "needed": NEEDED},
        said=[_card_words(place, card) for place, card in enumerate(read, 1)],
    )


def form_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return the page again when a form came without its protection (cookies off, an old tab)."""
    said = _("The page was too old or cookies are refused. Type it again.")
    return _refused(request, passphrase_error=said, status=HTTPStatus.FORBIDDEN)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return the page when a request cannot be read."""
    return _page(request, HTTPStatus.BAD_REQUEST)


def server_error(request: HttpRequest) -> HttpResponse:
    """Return the page when something failed here."""
    return _page(request, HTTPStatus.INTERNAL_SERVER_ERROR)


def _opened(request: HttpRequest, key: bytes, by: str) -> HttpResponse:
    try:
        opened(settings.RELEVE_DATA, key)
    except (FolderError, OSError) as error:
        _log.error("the island key is right, but the island could not be opened: %s", error)
        return _refused(
            request,
            passphrase_error=_(
                "This opens the island, but its keys folder refuses: see what the machine logs."
            ),
        )
    _log.info("opened by %s", by)
    return _page(request, HTTPStatus.OK, is_open=True)


def _refused(
    request: HttpRequest,
    *,
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY,
    typed: list[str] | None = None,
    said: list[str] | None = None,
    **errors: str,
) -> HttpResponse:
    return _page(request, status, typed=typed or [""] * NEEDED, said=said or [""] * NEEDED, **errors)


def _page(
    request: HttpRequest, status: int, *, typed: list[str] | None = None, said: list[str] | None = None, **more: Any
) -> HttpResponse:  # fmt: skip
    is_open = more.pop("is_open", False) or _is_open()
    try:
        ring = read_ring(settings.RELEVE_DATA)
        kinds = [kind_of(one) for one in ring.means] if ring else []
    except FolderError:
        kinds = ["cards"]
    states = read_state(settings.RELEVE_DATA)
    context = {
        "is_open": is_open,
        "island": settings.RELEVE_ISLAND,
        "hospital": settings.RELEVE_HOSPITAL_NAME,
        "exercise": settings.RELEVE_EXERCISE,
        "language": translation.get_language(),
        "kinds": kinds,
        "why": _why(kinds, states),
        "words": WORDS,
        "needed": NEEDED,
        "cards": [
            {"place": place, "typed": (typed or [""] * NEEDED)[place - 1], "said": (said or [""] * NEEDED)[place - 1]}
            for place in range(1, NEEDED + 1)
        ],
        **more,
    }  # fmt: skip
    response = render(request, "locked/locked.html", context, status=status)
    if is_open:
        response["Refresh"] = "12; url=/"
    return response


def _is_open() -> bool:
    try:
        return open_with(settings.RELEVE_DATA) is not None
    except FolderError:
        return False


def _why(kinds: list[str], states: dict[str, str]) -> list[str]:
    """Return in words what was tried without people, and what it said."""
    words = {
        ("stick", "absent"): _("Key stick: none is plugged in, or the machine has not mounted it."),
        ("stick", "other"): _(
            "Key stick: the one plugged in is not that of this island, or is an older one."
        ),
        ("tpm", "tools"): _("Security chip (TPM): its programs are not installed on this machine."),
        ("tpm", "device"): _(
            "Security chip (TPM): not found, or not open to Relève. Is this the same machine?"
        ),
        ("tpm", "refused"): _(
            "Security chip (TPM): it refuses. Secure Boot settings changed, or this is another machine."
        ),
    }
    return [
        words[kind, states[kind]] for kind in ("tpm", "stick") if kind in kinds and (kind, states.get(kind)) in words
    ]  # fmt: skip


def _card_words(place: int, card: CardRead) -> str:
    """Return what is wrong with a card, "" when it is right."""
    if card.trouble == "words":
        lines = []
        for at, typed, likely in card.unknown[:5]:
            values = {"at": at, "typed": typed, "likely": likely}
            lines.append(
                _("Word %(at)s, “%(typed)s”, is not in the list: “%(likely)s”?") % values
                if likely
                else _("Word %(at)s, “%(typed)s”, is not in the list.") % values
            )
        return " ".join(lines)
    return {
        "": "",
        "empty": _("Not typed yet."),
        "length": _("%(found)s words were typed, a card has %(words)s.") % {"found": len(card.words), "words": WORDS},
        "checksum": _("Every word is in the list, but one is not the card’s, or two changed places. Read it again."),
        "kind": _("This is not a card of an island."),
        "other_set": _("This card is of another set than card 1 above: compare the set and the date on both."),
        "twice": _("This card was typed above already: take another one."),
        "wrong": _("This card is whole, but was not made together with the others."),
    }[card.trouble]  # fmt: skip
