"""Addresses of the outbox's tests: those of the shell, a dose that may wait, one for its author alone, a question."""

import msgspec
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from releve.journal.entry import Draft
from releve.web import shell, urls
from releve.web.acting import record_act, saved, wait_until_folded
from releve.web.outbox.late import takes_late, waited

handler400, handler403, handler404, handler500 = (
    urls.handler400,
    urls.handler403,
    urls.handler404,
    urls.handler500,
)

KIND = "test.dose.1"

PAGE = """{% extends "web/base.html" %}{% block title %}Dose{% endblock %}{% block main %}<h1>Dose</h1>
{% if refused %}<div class="errors"><ul><li>{{ refused }}</li></ul></div>{% endif %}
<form id="dose" method="post" action="{{ request.path }}" data-offline="given" data-offline-again
data-offline-title="Dose donnée, LEFÈVRE Odette">
{% csrf_token %}{% act_key %}<input type="hidden" name="line" value="L-7">
<label for="drug">Produit</label><input id="drug" name="drug" value="{{ drug }}">
<label for="note">Remarque</label><textarea id="note" name="note">{{ note }}</textarea>
<label for="happened_at">Heure réelle</label><input id="happened_at" name="happened_at" value="{{ hour }}">
<label for="second">Code de la seconde personne</label><input id="second" name="second" type="password">
<button class="btn" name="outcome" value="given">Donné</button></form>
<section data-offline-only hidden><p id="only">Sans réseau seulement</p></section>
<form id="may" method="post" action="/may/" data-offline="ask">{% csrf_token %}{% act_key %}
<label for="which">Lequel</label><input id="which" name="which"><button class="btn">Puis-je donner</button></form>
<form id="order" method="post" action="/may/">{% csrf_token %}{% act_key %}
<label for="what">Quoi</label><input id="what" name="what"><button class="btn">Prescrire</button></form>
<p><a href="/post/">Ailleurs</a></p>{% endblock %}"""


presses: list[str] = []  # the second person's code, as each request carried it


class Dose(msgspec.Struct, tag=KIND):
    """What the form said, and what it said of its wait."""

    act: str
    fields: dict[str, str]
    waited_at_ms: int | None = None


def _act(request: HttpRequest) -> HttpResponse:
    said = {name: request.POST.get(name, "") for name in ("line", "drug", "note", "happened_at", "outcome")}
    presses.append(request.POST.get("second", ""))
    words = {"drug": said["drug"], "note": said["note"], "hour": "21 nov. 2026 03:10", "refused": ""}
    if request.method == "POST" and said["drug"] != "refuse":
        wait = waited(request)
        dose = Dose(request.POST["act_key"], said, wait.at_ms if wait else None)
        receipt = record_act(
            request,
            Draft(
                kind=KIND,
                body=msgspec.msgpack.encode(dose),
                source="",
                occurred_at_us=(wait.at_ms if wait else shell.now_ms()) * 1000,
            ),
        )
        return saved(request, receipt, request.path, what="dose", shown=wait_until_folded(receipt))
    if request.method == "POST":
        words["refused"] = "Ce produit est arrêté."
    page = engines["django"].from_string(PAGE).render(words, request)
    return HttpResponse(page, status=422 if words["refused"] else 200)


@takes_late
def dose(request: HttpRequest) -> HttpResponse:
    """Record a dose."""
    return _act(request)


def own(request: HttpRequest) -> HttpResponse:
    """Record a dose that no colleague may carry."""
    return _act(request)


def may(request: HttpRequest) -> HttpResponse:
    """Answer a question."""
    return HttpResponse("<title>asked</title>")


urlpatterns = [path("dose/", dose), path("own/", own), path("may/", may), *urls.urlpatterns]
