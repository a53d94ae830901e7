"""Errors in words: what happened, whether anything was lost, what to do now. No code alone, no patient's value."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

__all__ = [
    "bad_request", "cannot_record", "form_refused", "not_allowed", "not_found", "server_error", "views_missing",
]  # fmt: skip


def page(request: HttpRequest, status: int, title: str, lines: list[str], **more: Any) -> HttpResponse:
    """Return an error page: a title that says what happened, lines that say what to do."""
    # A handler can run outside the middleware that chose the language.
    language = getattr(request, "LANGUAGE_CODE", None) or translation.get_language() or "fr"
    with translation.override(language):
        body = render_to_string(
            "web/error.html", {"title": title, "lines": lines, "status": status, **more}, request=request
        )
    response = HttpResponse(body, status=status)
    if request.headers.get("X-Poll") != "1":
        # htmx keeps the old content on an error; whoever acted must see that it failed.
        response["HX-Retarget"] = "#main"
        response["HX-Reselect"] = "#main"
        response["HX-Reswap"] = "outerHTML"
    return response


def _in_language(request: HttpRequest) -> translation.override:
    return translation.override(getattr(request, "LANGUAGE_CODE", None) or translation.get_language() or "fr")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return the page of a request that cannot be understood."""
    with _in_language(request):
        return page(
            request,
            HTTPStatus.BAD_REQUEST,
            _("This request could not be understood"),
            [_("Nothing was recorded."), _("Go back, reload the page, and try again.")],
        )


def not_allowed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return the page of somebody whose role does not open this."""
    with _in_language(request):
        return page(
            request,
            HTTPStatus.FORBIDDEN,
            _("Your role does not open this page"),
            [
                _("Nothing was recorded."),
                _(
                    "If your work needs it now, ask the person in charge of accounts, or a colleague who has the role."
                ),
            ],
        )


def form_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return the page of a form whose protection code does not fit (old page, other person, cookies refused)."""
    with _in_language(request):
        return page(
            request,
            HTTPStatus.FORBIDDEN,
            _("This form is too old to be taken"),
            [
                _("Nothing was recorded."),
                _(
                    "It was opened before somebody signed in or out on this screen, or the browser refuses cookies."
                ),
                _("Go back, reload the page, and fill it in again."),
            ],
        )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return the page of an address that leads nowhere."""
    with _in_language(request):
        return page(
            request,
            HTTPStatus.NOT_FOUND,
            _("There is no such page"),
            [
                _("A ward, a patient or a document may have changed its address."),
                _("Search for the patient, or start again from the hospital."),
            ],
        )


def server_error(request: HttpRequest) -> HttpResponse:
    """Return the page of a fault of ours; it must come out even when nothing else works."""
    with _in_language(request):
        return page(
            request,
            HTTPStatus.INTERNAL_SERVER_ERROR,
            _("This page has a fault"),
            [
                _("What the island had already recorded is safe."),
                _("If you were entering something: check whether it is there before entering it again."),
                _("Other pages may work. Tell the person in charge of the island the hour and the page."),
            ],
            fault=True,
        )


def views_missing(request: HttpRequest) -> HttpResponse:
    """Return the page shown while the island has no views yet (first start, rebuild after a loss)."""
    with _in_language(request):
        response = page(
            request,
            HTTPStatus.SERVICE_UNAVAILABLE,
            _("The island is still reading its journal"),
            [
                _(
                    "Nothing is lost: the pages are being built again from the journal, patients present first."
                ),
                _("Use the printed pack meanwhile, and reload this page in a minute."),
            ],
        )
    response["Retry-After"] = "15"
    return response


def cannot_record(request: HttpRequest, *, may_have_arrived: bool, disk: bool = False) -> HttpResponse:
    """Return the page of an act that the recorder did not confirm.

    `may_have_arrived` is true when the act was handed over before the silence: it must not be repeated blindly.
    """
    with _in_language(request):
        if may_have_arrived:
            title = _("Your entry may already have been recorded")
            lines = [
                _("The island stopped answering while it was recording."),
                _("Check whether your entry is there before repeating it."),
                _("If in doubt, write it on the paper form: paper is taken in later."),
            ]
        else:
            title = _("The island cannot record at the moment")
            lines = [
                _("Your entry was not recorded."),
                _("The disk is full: tell the person in charge of the island.")
                if disk
                else _("Its recorder does not answer: tell the person in charge of the island."),
                _(
                    "Write it on the paper form of the pack: paper is taken in later. What is shown can still be read."
                ),
            ]
        return page(request, HTTPStatus.SERVICE_UNAVAILABLE, title, lines, urgent=True)
