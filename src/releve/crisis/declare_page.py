"""Declare the cut: say what, see what it will do, stand by it with a second person. Works without JavaScript."""

from typing import Any, cast

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from releve.bedside.now import IslandNow, island_now
from releve.crisis.applications import by_care
from releve.crisis.declaration_lines import declaration_lines
from releve.crisis.declare_form import ChoiceForm, PairForm, place_code
from releve.crisis.effects import effects_of, open_screens, proposed_since
from releve.crisis.facts import CutDeclared
from releve.crisis.rules import DECLARERS, MANAGERS, Refusal, Who, check_choice, declare, simplest
from releve.crisis.second import second_of, who_is
from releve.crisis.sentences import function_names, places_in_words, refusal_text
from releve.hospital.map import Application
from releve.hospital.standing import heeded
from releve.hospital.status import Place
from releve.hospital.tables import Declaration
from releve.journal.entry import Draft
from releve.record.owing import acts_owed
from releve.restoration.standing.withheld import withheld_now
from releve.web import words
from releve.web.access import needs_role
from releve.web.accounts.people import Person
from releve.web.acting import record_act, saved, wait_until_folded
from releve.web.shell import now_ms

__all__ = ["declare_cut"]

_encode = msgspec.msgpack.Encoder().encode
KIND = "crisis.declared.1"


@sensitive_post_parameters("second_pin")
@require_http_methods(["GET", "POST"])
@needs_role(*DECLARERS)
def declare_cut(request: HttpRequest) -> HttpResponse:
    """Return the form; its answer is the page of consequences; the answer to that is the act."""
    now = island_now(request)
    if now is None:
        return render(request, "crisis/no-map.html")
    person: Person = request.person  # type: ignore[attr-defined]
    if request.method == "GET":
        return _form_page(request, now, _proposed(request, now, person))
    form = _form(now, request.POST)
    if request.POST.get("step") == "mend" or not _holds(form, now, who_is(person)):
        return _form_page(request, now, form, status=422 if form.errors else 200)
    if request.POST.get("step") != "declare":
        return _review_page(request, now, form, PairForm())
    return _declare(request, now, form, person)


def _form(now: IslandNow, data: Any = None, initial: dict[str, Any] | None = None) -> ChoiceForm:
    return ChoiceForm(
        data,
        initial=initial,
        directory=now.directory,
        zone=now.zone,
        now_ms=now.now_ms,
        heard_ms=lambda codes: proposed_since(codes, now.feeds),
    )


def _proposed(request: HttpRequest, now: IslandNow, person: Person) -> ChoiceForm:
    """Return the form with what the island can propose: the silent feeds' applications, since they fell silent."""
    status = request.GET.get("status", "down")
    wanted = [code for code in request.GET.getlist("application") if code in now.directory.applications]
    if status == "down":
        down = {code for code in now.directory.applications if now.statuses.wards_down(code)}
        silent = [fresh.feed.application for fresh in now.feeds if fresh.silent]
        wanted = wanted or [code for code in silent if code not in down]
    own = [f"ward:{code}" for code in person.wards if code in now.directory.wards]
    heard = proposed_since(wanted, now.feeds) if status == "down" else None
    return _form(
        now,
        initial={
            "status": status if status in ("down", "restored", "live") else "down",
            "applications": wanted,
            "places": ["all"] if person.role in MANAGERS else own,
            "reason": _reason_of(wanted) if status != "down" else "",
            "since": words.moment(heard, now.zone, get_language() or "fr") if heard is not None else "",
        },
    )


def _reason_of(applications: list[str]) -> str:
    """Return why these applications were cut: they come back from that, and nobody should have to say it again."""
    for said in Declaration.objects.filter(status="down", id__in=heeded()).order_by("-declared_at", "id"):
        if set(applications) & set(msgspec.json.decode(said.applications or "[]")):
            return said.reason or ""
    return ""


def _holds(form: ChoiceForm, now: IslandNow, who: Who) -> bool:
    """Tell whether what was filled in can be declared by this person, and put on the form what cannot."""
    if not form.is_valid():
        # What was not read is said once; the rest is checked with it, so that everything is mended in one go.
        unread = set(form.errors)
        for refusal in _refusals(form, now, who):
            if refusal.field not in unread:
                form.add_error(refusal.field or None, _told(refusal, form, now))
        return False
    for refusal in _refusals(form, now, who):
        form.add_error(refusal.field or None, _told(refusal, form, now))
    return not form.errors


def _refusals(form: ChoiceForm, now: IslandNow, who: Who) -> list[Refusal]:
    return list(
        check_choice(
            who=who,
            applications=form.cleaned_data.get("applications") or (),
            places=form.said_places,
            status=form.said_status,
            since_us=form.cleaned_data.get("since"),
            now_us=now_ms() * 1000,
            reason=form.said_reason,
            directory=now.directory,
            switch_us=form.cleaned_data.get("switch"),
            owing=acts_owed(),
            withheld=_withheld(form, now),
        )
    )


def _withheld(form: ChoiceForm, now: IslandNow) -> dict[str, str]:
    return withheld_now(
        status=form.said_status,
        applications=form.cleaned_data.get("applications") or (),
        said=now.said,
        statuses=now.statuses,
        directory=now.directory,
        now_ms=now.now_ms,
    )


def _told(refusal: Refusal, form: ChoiceForm, now: IslandNow) -> str:
    """Return the sentence of a refusal, with the applications it is about where it is not about all."""
    waits = {"gate-open": "gate", "signature-needed": "signature"}.get(refusal.code)
    if waits is None:
        return refusal_text(refusal.code)
    names = {one.code: one.name for one in now.directory.map.applications}
    about = [names.get(code, code) for code, why in _withheld(form, now).items() if why == waits]
    return f"{', '.join(about)}{gettext(': ')}{refusal_text(refusal.code)}"


def _declare(request: HttpRequest, now: IslandNow, form: ChoiceForm, person: Person) -> HttpResponse:
    pair = PairForm(request.POST)
    second = second_of(request, pair)
    if pair.errors:
        return _review_page(request, now, form, pair, status=422)
    said = declare(
        who=who_is(person),
        second=second,
        alone=pair.cleaned_data["alone"],
        applications=form.cleaned_data["applications"],
        places=form.said_places,
        status=form.said_status,
        since_us=form.cleaned_data["since"],
        now_us=now_ms() * 1000,
        reason=form.said_reason,
        note=form.cleaned_data["note"],
        directory=now.directory,
        switch_us=form.cleaned_data["switch"],
        owing=acts_owed(),
        said=now.said,
        withheld=_withheld(form, now),
    )
    if not isinstance(said, CutDeclared):
        for refusal in said:
            pair.add_error(
                refusal.field if refusal.field in pair.fields else None, refusal_text(refusal.code)
            )
        return _review_page(request, now, form, pair, status=422)
    draft = Draft(kind=KIND, body=_encode(said), source="", occurred_at_us=said.since_us)
    receipt = record_act(request, draft)
    number = len(said.applications)
    what = {
        "down": ngettext("%(n)d application declared cut", "%(n)d applications declared cut", number),
        "restored": ngettext(
            "%(n)d application declared restored", "%(n)d applications declared restored", number
        ),
        "live": ngettext(
            "%(n)d application declared in service", "%(n)d applications declared in service", number
        ),
    }[said.status] % {"n": number}
    if not said.second:
        what = ", ".join((what, gettext("not confirmed yet")))
    shown = wait_until_folded(receipt)
    return saved(request, receipt, f"{reverse('declare')}#standing", what=what, shown=shown)


def _review_page(
    request: HttpRequest, now: IslandNow, form: ChoiceForm, pair: PairForm, *, status: int = 200
) -> HttpResponse:
    """Return what it will do, with the fields of those who stand by it."""
    values = form.cleaned_data
    places = simplest(form.said_places, now.directory)
    told = effects_of(
        now,
        applications=values["applications"],
        places=places,
        status=form.said_status,
        since_us=values["since"],
        switch_us=values.get("switch"),
    )
    person: Person = request.person  # type: ignore[attr-defined]
    since_ms = values["since"] // 1000
    language = get_language() or "fr"
    names = {one.code: one.name for one in now.directory.map.applications}
    switch_us = values.get("switch")
    switch_text = words.moment(switch_us // 1000, now.zone, language) if switch_us is not None else ""
    context = {
        "form": form,
        "pair": pair,
        "effects": told,
        "screens": open_screens(told.wards, now_ms=now.now_ms),
        "applications": [names[code] for code in values["applications"]],
        "needed_by": [names[code] for code in told.needed_by],
        "functions": {
            name: function_names(getattr(told, name)) for name in ("here", "paper", "back", "still")
        },
        "where": places_in_words(places, now.directory, most=6),
        "since_ms": since_ms,
        "since_text": words.moment(since_ms, now.zone, language),
        "status": form.said_status,
        "switch_ms": switch_us // 1000 if switch_us is not None else None,
        "reason": form.said_reason,
        "kept": [
            *(("applications", code) for code in values["applications"]),
            *(("places", place_code(place)) for place in places),
            ("status", form.said_status),
            ("reason", form.said_reason),
            ("note", values["note"]),
            *([("switch", switch_text)] if switch_text else []),
        ],
        "may_be_alone": form.said_status == "down" and _own_only(person, places, now),
        "since_session_ms": request.session.get("since_ms"),
    }
    return render(request, "crisis/review.html", context, status=status)


def _own_only(person: Person, places: tuple[Place, ...], now: IslandNow) -> bool:
    own = set(person.wards)
    covered = {
        code for code in now.directory.wards if any(place.covers(code, now.directory) for place in places)
    }
    return bool(covered) and covered <= own


def _form_page(request: HttpRequest, now: IslandNow, form: ChoiceForm, *, status: int = 200) -> HttpResponse:
    person: Person = request.person  # type: ignore[attr-defined]
    near, behind = by_care(now.directory)
    ticked = set(_values(form, "applications"))
    places = set(_values(form, "places"))
    feeds = {fresh.feed.application: fresh for fresh in now.feeds}

    def row(one: Application) -> dict[str, Any]:
        return {
            "application": one,
            "functions": function_names(one.care_functions),
            "feed": feeds.get(one.code),
            "ticked": one.code in ticked,
            "down": bool(now.statuses.wards_down(one.code)),
        }

    # What is ticked, silent or fed stands in sight; the rest of what touches care one click away.
    heard = [one for one in near if one.code in feeds or one.code in ticked]
    quiet = [one for one in near if one not in heard]
    standing = declaration_lines(now)
    wide = person.role in MANAGERS
    context = {
        "form": form,
        "status": _values(form, "status")[0] if _values(form, "status") else "down",
        "groups": [
            {
                "title": "",
                "rows": [row(one) for one in sorted(heard, key=lambda one: one.code not in ticked)],
            },
            {"title": gettext("Other applications felt at the bedside"), "rows": [row(one) for one in quiet]},
            {"title": gettext("Without direct effect on care"), "rows": [row(one) for one in behind]},
        ],
        # What a link named was ticked by whoever pressed it, not for its silence.
        "ticked": 0 if request.GET.getlist("application") else len(ticked),
        "silent": sum(1 for fresh in now.feeds if fresh.silent),
        "everywhere": wide,
        "all_ticked": "all" in places,
        "buildings": [
            {
                "building": building,
                "ticked": f"building:{building.code}" in places,
                "wide": wide,
                "wards": wards,
                "open": any(ward["ticked"] for ward in wards),
            }
            for building in now.directory.map.buildings
            if (
                wards := [
                    {"ward": ward, "ticked": f"ward:{ward.code}" in places}
                    for ward in now.directory.wards_of(building.code)
                    if wide or ward.code in person.wards
                ]
            )
        ],
        "standing": [line for line in standing if line.stands],
        "past": [line for line in standing if not line.stands],
        "now_ms": now.now_ms,
    }
    return render(request, "crisis/declare.html", context, status=status)


def _values(form: ChoiceForm, name: str) -> list[str]:
    value = form[name].value()
    return cast(list[str], value) if isinstance(value, list | tuple) else [value] if value else []
