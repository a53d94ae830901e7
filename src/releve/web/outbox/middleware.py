"""How an act sent by the outbox is answered: its receipt, told by a machine to a machine, the same each time."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from releve.journal.entry import Receipt
from releve.web.acting import NotRecorded, receipt_of
from releve.web.outbox.sealing import owner_of

__all__ = ["Outbox"]

_Next = Callable[[HttpRequest], HttpResponse]
HEADER = "X-Outbox"


class Outbox:
    """Answer a form that carries `X-Outbox: OWNER` with JSON instead of a redirect; last of the middlewares.

    An act that was recorded before (its reply was lost) gets its receipt again before any rule could refuse it: the
    dose it records is by now "already given".
    """

    def __init__(self, get_response: _Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; pages that do not come from the outbox pass untouched."""
        response = self._next(request)
        if request.method != "POST" or HEADER not in request.headers:
            return response
        receipt: Receipt | None = getattr(request, "outbox_receipt", None)
        redirected = 300 <= response.status_code < 400
        if receipt is not None and (redirected or response.status_code == HTTPStatus.OK):
            return _told(receipt, response.headers.get("Location", ""))
        if redirected:
            to = response.headers.get("Location", "")
            if to.split("?")[0] in {reverse("sign-in"), reverse("lock")}:
                return JsonResponse({"why": "sign-in"}, status=HTTPStatus.UNAUTHORIZED)
            return JsonResponse({"why": "nothing-recorded"}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        if getattr(getattr(request, "audit", None), "unasked", False):
            # Refused, and the page that says why is a file beyond her wards: no reason was asked, none is shown.
            return JsonResponse({"why": "nothing-recorded"}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Return the receipt of an act that is already recorded; refuse what is not this person's."""
        if request.method != "POST" or HEADER not in request.headers:
            return None
        person = getattr(request, "person", None)
        # Somebody else may have signed in from another tab: her session must not sign this act.
        if person is None or request.headers[HEADER] != owner_of(person.code):
            return JsonResponse({"why": "other-person"}, status=HTTPStatus.CONFLICT)
        try:
            receipt = receipt_of(request)
        except NotRecorded:
            return None  # the act itself will meet the same, and be answered in words
        return None if receipt is None else _told(receipt, "")


def _told(receipt: Receipt, to: str) -> JsonResponse:
    return JsonResponse(
        {"receipt": receipt.place, "recorded_at_ms": receipt.recorded_at_us // 1000, "to": to}
    )
