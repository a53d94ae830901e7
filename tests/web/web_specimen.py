"""Addresses of the tests: those of the shell, and one page that holds every component."""

from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from releve.web import urls

handler400, handler403, handler404, handler500 = (
    urls.handler400,
    urls.handler403,
    urls.handler404,
    urls.handler500,
)

SPECIMEN = (Path(__file__).parent / "specimen.html").read_text("utf-8")

asked: list[dict[str, str]] = []
scanned: list[str] = []


def specimen(request: HttpRequest) -> HttpResponse:
    """Return the page that holds every component."""
    from releve.web.shell import now_ms

    at = now_ms() - 26 * 60_000
    words = {
        "at": at,
        "points": [(at - 2_000_000, 4.1), (at - 1_000_000, 5.2), (at, 6.4)],
        "counts": [1, 0, 12, 30, 22],
        "items": [
            {
                "strong": "critique, non vu",
                "urgent": "Potassium 6,4 mmol/L",
                "buttons": [("J’ai vu", "#main")],
            },
            {"strong": "1 homonymie", "links": [("202", "#main"), ("217", "#main")]},
            {"strong": "Peut manquer depuis 02:44", "text": "prescriptions", "stale": True},
        ],
    }
    return HttpResponse(engines["django"].from_string(SPECIMEN).render(words, request))


def live(request: HttpRequest) -> HttpResponse:
    """Answer a poll: unchanged."""
    asked.append(
        {"etag": request.headers.get("If-None-Match", ""), "poll": request.headers.get("X-Poll", "")}
    )
    return HttpResponse(status=304)


def scan(request: HttpRequest) -> HttpResponse:
    """Take a routed scan."""
    scanned.append(request.POST.get("code", ""))
    return HttpResponse("<title>scanned</title>")


def broken(request: HttpRequest) -> HttpResponse:
    """Fail with a patient's name in the exception."""
    raise RuntimeError("DELORME Élise")


urlpatterns = [
    path("specimen/", specimen, name="specimen"),
    path("specimen/live/", live),
    path("scan/", scan, name="scan"),
    path("broken/", broken),
    *urls.urlpatterns,
]
