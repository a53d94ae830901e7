"""Pages of the audit: the reason before a page beyond one's wards, the review of those, who opened what."""

import datetime
import sqlite3
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from releve.journal.entry import place_of
from releve.web.access import needs_reason, needs_role
from releve.web.accounts.people import Person
from releve.web.acting import NotRecorded, safe_next
from releve.web.audit import keeping
from releve.web.audit.about import About, about_of
from releve.web.audit.facts import GlassBroken, GlassReviewed, TakenOut
from releve.web.audit.fhir import bundle
from releve.web.audit.forms import BeyondForm, ReviewForm, SearchForm
from releve.web.audit.glass import GLASS_MS, open_glass
from releve.web.audit.lines import Line, lines_of, people_of
from releve.web.audit.reading import Glass, Search, glasses_in, search
from releve.web.audit.watch import name_patients
from releve.web.database import data_folder, setting
from releve.web.opaque import seal
from releve.web.shell import now_ms, shell_of
from releve.web.words import local

__all__ = ["audit", "beyond_wards", "export", "glasses", "review"]

LINES_MAX = 200
EXPORT_MAX = 20_000
GLASSES_MAX = 200


def _about(request: HttpRequest, address: str) -> About:
    try:
        return about_of(request, resolve(address.partition("?")[0]))
    except Resolver404:
        return About()


@sensitive_post_parameters("words")
@require_http_methods(["GET", "POST"])
def beyond_wards(request: HttpRequest) -> HttpResponse:
    """Ask why a page beyond one's wards is opened; it opens once the reason is durable."""
    person: Person = request.person  # type: ignore[attr-defined]
    after = safe_next(request, request.POST.get("next") or request.GET.get("next"), "/")
    about = _about(request, after)
    if not about.is_somebody or not needs_reason(person, wards=about.wards, patient=about.is_file):
        return HttpResponseRedirect(after)
    form = BeyondForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        _break(request, person, about, form.cleaned_data["reason"], form.cleaned_data["words"].strip())
        return HttpResponseRedirect(after)
    context = {
        "form": form,
        "next": after,
        "of_ward": about.ward,
        "patient_ward": about.wards[0] if about.patient and about.wards else "",
        "hours": GLASS_MS // 3_600_000,
    }
    return render(request, "web/audit/beyond.html", context, status=422 if form.errors else 200)


def _break(request: HttpRequest, person: Person, about: About, reason: str, words: str) -> None:
    # Whoever works in a ward today opens its board and its patients at once.
    ward = about.ward or (about.wards[0] if reason == "replacing" and about.wards else "")
    fact = GlassBroken(
        who=person.code,
        role=person.role,
        scope="ward" if ward else "patient",
        patient=about.patient,
        ward=ward or (about.wards[0] if about.wards else ""),
        reason=reason,
        words=words,
        address=str(request.META.get("REMOTE_ADDR", "")),
        at_us=now_ms() * 1000,
        until_us=(now_ms() + GLASS_MS) * 1000,
    )
    try:
        keeping.keep_now(fact)
    except (sqlite3.Error, OSError) as error:
        raise NotRecorded(may_have_arrived=False, disk=True) from error
    open_glass(request, scope="ward" if ward else "patient", subject=ward or about.patient, reason=reason)


@require_http_methods(["GET"])
@needs_role("auditor", "crisis")
def glasses(request: HttpRequest) -> HttpResponse:
    """Return who went beyond her wards and why: what nobody reviewed first."""
    found = glasses_in(data_folder())
    waiting = [one for one in found if one.review is None]
    done = [one for one in found if one.review is not None]
    people = people_of([one.fact.who for one in found] + [one.review.by for one in done if one.review])
    return render(
        request,
        "web/audit/glasses.html",
        {
            "waiting": [_glass_row(one, people) for one in waiting[:GLASSES_MAX]],
            "waiting_total": len(waiting),
            "done": [_glass_row(one, people) for one in done[:GLASSES_MAX]],
            "done_total": len(done),
        },
    )


def _glass_row(glass: Glass, people: dict[str, str]) -> dict[str, Any]:
    place, _sign, index = glass.place.rpartition("#")
    origin, _slash, epoch = place.rpartition("/")
    return {
        "glass": glass,
        "fact": glass.fact,
        "at_ms": glass.fact.at_us // 1000,
        "name": people.get(glass.fact.who, glass.fact.who),
        "number": glass.fact.patient.partition(":")[2],
        "origin": origin,
        "epoch": int(epoch),
        "index": int(index),
        "review": glass.review,
        "reviewer": people.get(glass.review.by, glass.review.by) if glass.review else "",
        "reviewed_ms": glass.review.at_us // 1000 if glass.review else None,
    }


@sensitive_post_parameters("words")
@require_http_methods(["GET", "POST"])
@needs_role("auditor", "crisis")
def review(request: HttpRequest, origin: str, epoch: int, index: int) -> HttpResponse:
    """Return one break-glass with the form of its review, and record the review."""
    place = place_of(origin, epoch, index)
    glass = next((one for one in glasses_in(data_folder()) if one.place == place), None)
    if glass is None:
        raise Http404
    person: Person = request.person  # type: ignore[attr-defined]
    if request.method == "POST" and glass.fact.who == person.code:
        raise PermissionDenied
    form = ReviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        fact = GlassReviewed(
            glass=place,
            verdict=form.cleaned_data["verdict"],
            words=form.cleaned_data["words"].strip(),
            by=person.code,
            address=str(request.META.get("REMOTE_ADDR", "")),
            at_us=now_ms() * 1000,
        )
        try:
            receipt = keeping.keep_now(fact)
        except (sqlite3.Error, OSError) as error:
            raise NotRecorded(may_have_arrived=False, disk=True) from error
        request.session["receipt"] = [
            now_ms(),
            _("review of a page opened beyond wards"),
            receipt is not None,
        ]
        return HttpResponseRedirect("/audit/glass/")
    people = people_of([glass.fact.who, *([glass.review.by] if glass.review else [])])
    if glass.fact.patient:
        name_patients(request, [seal(glass.fact.patient)])
    context = {"row": _glass_row(glass, people), "form": form, "own": glass.fact.who == person.code}
    return render(request, "web/audit/review.html", context, status=422 if form.errors else 200)


def _asked(request: HttpRequest) -> tuple[SearchForm, Search | None]:
    zone = shell_of(request).zone
    today = local(now_ms(), zone).date()
    if request.method != "POST":
        return SearchForm(initial={"since": today, "until": today}), None
    form = SearchForm(request.POST)
    if not form.is_valid():
        return form, None
    data = form.cleaned_data
    begin = datetime.datetime.combine(data["since"], datetime.time(), zone)
    end = datetime.datetime.combine(data["until"] + datetime.timedelta(days=1), datetime.time(), zone)
    return form, Search(
        who=data["who"].strip().lower(),
        patient=data["patient"].strip(),
        since_us=int(begin.timestamp() * 1e6),
        until_us=int(end.timestamp() * 1e6),
    )


@sensitive_post_parameters("patient", "who")
@require_http_methods(["GET", "POST"])
@needs_role("auditor")
def audit(request: HttpRequest) -> HttpResponse:
    """Return who opened what: by person or patient, over some days. Searching here is audited too."""
    form, asked = _asked(request)
    lines: list[Line] = []
    more = False
    if asked is not None:
        found, more = search(data_folder(), asked, most=LINES_MAX)
        lines = lines_of(found)
        _tell(request, "audit", asked)
    context = {
        "form": form, "asked": asked is not None, "lines": lines, "more": more, "most": LINES_MAX,
        "waiting_since_ms": keeping.waiting_since_ms(),
    }  # fmt: skip
    return render(request, "web/audit/audit.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters("patient", "who")
@require_POST
@needs_role("auditor")
def export(request: HttpRequest) -> HttpResponse:
    """Return what was found as FHIR AuditEvents, to be saved."""
    form, asked = _asked(request)
    if asked is None:
        context = {"form": form, "asked": False, "lines": [], "more": False, "most": LINES_MAX}
        return render(request, "web/audit/audit.html", context, status=422)
    found, _more = search(data_folder(), asked, most=EXPORT_MAX)
    _tell(request, "audit-export", asked)
    content = bundle(found, island=setting("RELEVE_ISLAND"), made_at_us=now_ms() * 1000)
    return HttpResponse(
        content,
        content_type="application/fhir+json",
        headers={"Content-Disposition": 'attachment; filename="audit.json"'},
    )


def _tell(request: HttpRequest, page: str, asked: Search) -> None:
    """Note what was looked for: the audit of the audit, each time."""
    person: Person = request.person  # type: ignore[attr-defined]
    keeping.keep(
        TakenOut(
            who=person.code,
            role=person.role,
            page=page,
            address=str(request.META.get("REMOTE_ADDR", "")),
            at_us=now_ms() * 1000,
            patients=(asked.patient,) if asked.patient else (),
            how="file" if page == "audit-export" else "search",
        )
    )
