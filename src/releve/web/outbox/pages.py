"""Pages of the outbox: what waits on this workstation, whether the island answers, the page shown without it."""

import json

from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from releve.web.access import public
from releve.web.outbox.carrying import Carried, carry_in
from releve.web.outbox.sealing import owner_of
from releve.web.shell import now_ms
from releve.web.templatetags.releve import asset

__all__ = ["carry", "here", "offline", "outbox", "worker"]

# What the page without network needs; everything else of `static/` is kept as it comes by.
_KEPT = (
    "web/releve.css",
    "web/outbox.css",
    "web/outbox-store.js",
    "web/outbox.js",
    "web/outbox-page.js",
    "web/icon.svg",
)


@public
@require_GET
def outbox(request: HttpRequest) -> HttpResponse:
    """List what waits on this workstation: one's own acts to read and print, others' by count and name."""
    return render(request, "web/outbox.html")


@public
@require_GET
def here(request: HttpRequest) -> HttpResponse:
    """Say that the island answers, what time it is here, and who may send: the mark of the person signed in."""
    person = getattr(request, "person", None)
    open_to = owner_of(person.code) if person and not request.session.get("locked") else ""
    return JsonResponse({"now_ms": now_ms(), "owner": open_to, "token": get_token(request)})


@public
@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """Return the page a browser keeps for when the island does not answer; the same for everybody."""
    response = render(request, "web/outbox-offline.html", {"person": None})
    response.headers["Vary"] = "Cookie"
    return response


@public
@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """Return the service worker, which changes when anything it keeps does."""
    path = finders.find("web/sw.js")
    if not isinstance(path, str):
        raise Http404
    kept = json.dumps([asset(name) for name in _KEPT])
    with open(path, encoding="utf-8") as file:  # noqa: PTH123
        text = f"const KEPT = {kept};\nconst LANGUAGE = {json.dumps(request.LANGUAGE_CODE)};\n{file.read()}"
    return HttpResponse(text, content_type="text/javascript; charset=utf-8")


@require_POST
def carry(request: HttpRequest) -> HttpResponse:
    """Take a colleague's sealed act from this browser and record it as hers."""
    carried = carry_in(request)
    if isinstance(carried, Carried):
        return JsonResponse({"receipt": carried.receipt.place})
    return JsonResponse({"why": carried.why}, status=carried.status)
