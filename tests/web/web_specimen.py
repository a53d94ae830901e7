"""Addresses of the tests: those of the shell, and one page that holds every component."""

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

SPECIMEN = """{% extends "web/base.html" %}{% block title %}Specimen{% endblock %}{% block body_class %}on-landscape{% endblock %}
{% block head %}<div class="head"><h1>Specimen</h1></div>{% endblock %}
{% block main %}
{% include "web/components/first.html" with items=items end=1 %}
<section class="sheet"><h2>Words</h2>
<p>{% age at %} {% stale at %} {% from_feed "Laboratoire" %} {% from_here "N. KERVELLA" %} {% from_paper "2140-07" "K. NDIAYE" %}</p>
<p>{% unknown "not-asked" %} {% none "rien de prévu" %} {% urgent "K 6,4 mmol/L" %} {% due "03:00 à donner" %} {% flag "Drain" %} {% flag "À jeun" 1 %} {% status "down" %} {% status "live" %} {% status "restored" %}</p>
<p>{{ "1945-07-14"|birth }} {{ "1945"|birth }} {{ "6.4"|figure }} {{ 18406|count }} {{ at|moment }} {{ at|weekday }} {{ at|stay_day }} {{ None|hour }}</p>
<table class="list"><thead><tr><th scope="col">Analyse</th><th scope="col">Évolution</th><th scope="col">Rythme</th><th scope="col">Silence</th></tr></thead>
<tbody><tr><th scope="row">Potassium</th><td data-label="Évolution">{% trend points "Potassium, 3 valeurs" low=3.5 high=5.1 urgent=1 %}</td><td data-label="Rythme">{% hour_bars counts "Messages par heure" %}</td><td data-label="Silence">{% silence_rule 1560 300 "muet 26 min, habituel 5 min" %}</td></tr></tbody></table>
</section>
<section class="sheet" id="live" data-poll data-etag='"v1"' hx-get="/specimen/live/" hx-trigger="every 1s" hx-swap="innerHTML"><p>first</p></section>
{% endblock %}"""

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
