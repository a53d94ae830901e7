"""What each application is owed: counts for the crisis cell, files to key from, the acts that came late."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from releve.handback.account import account_of
from releve.handback.told import title_of
from releve.handback.written import Heading, as_bundle, as_csv, as_pdf
from releve.paper.typeset import TypesetError
from releve.record.chart import here_of
from releve.record.owing import acts_owed
from releve.record.tables import Act, Person
from releve.web.access import needs_role
from releve.web.database import data_folder, setting
from releve.web.opaque import seal
from releve.web.paper_language import on_paper

__all__ = ["ROLES", "account", "account_file", "late"]

# Who keys the downtime back, and who answers for it: all take part in care.
ROLES = frozenset({"crisis", "physician", "pharmacist", "clerk"})
FORMS = {
    "pdf": ("application/pdf", as_pdf),
    "csv": ("text/csv; charset=utf-8", as_csv),
    "fhir": ("application/fhir+json", as_bundle),
}
ENDINGS = {"pdf": "pdf", "csv": "csv", "fhir": "json"}
LATE_MAX = 500


@require_GET
@needs_role(*ROLES)
def account(request: HttpRequest) -> HttpResponse:
    """Return what is owed, application by application."""
    here = here_of(request)
    owed = acts_owed()
    lines: list[dict[str, Any]] = []
    away = 0  # cut or restored, and owed nothing
    for code, known in here.directory.applications.items():
        states = {here.statuses.at(code, ward).status for ward in here.directory.wards}
        state = next((one for one in ("down", "restored") if one in states), "live")
        if owed.get(code):
            lines.append({"application": known, "owed": owed[code], "state": state})
        elif state != "live":
            away += 1
    lines.sort(key=lambda line: -line["owed"])
    acts = Act.objects.exclude(kind=None)
    return render(
        request,
        "handback/account.html",
        {
            "lines": lines,
            "away": away,
            "acts": acts.count(),
            "persons": acts.values("person").distinct().count(),
            "late": acts.filter(late=True).count(),
            "offline": acts.filter(offline=True).count(),
        },
    )


@require_GET
@needs_role(*ROLES)
def late(request: HttpRequest) -> HttpResponse:
    """Return the acts that were recorded when writing here was no longer open, newest first."""
    rows = list(Act.objects.filter(late=True).order_by("-recorded_at", "id")[:LATE_MAX])
    names = {row.id: row for row in Person.objects.filter(id__in={row.person for row in rows})}
    here = here_of(request)
    lines = [
        {
            "row": row, "title": title_of(row.kind or ""), "person": names.get(row.person),
            "handle": seal(row.person), "ward": here.directory.ward(row.ward or ""),
        }
        for row in rows
    ]  # fmt: skip
    return render(request, "handback/late.html", {"lines": lines, "most": LATE_MAX})


@require_GET
@needs_role(*ROLES)
@on_paper
def account_file(request: HttpRequest, form: str) -> HttpResponse:
    """Return the account as PDF, CSV or FHIR; `?application=CODE` for one application only."""
    if form not in FORMS:
        raise Http404
    here = here_of(request)
    application = request.GET.get("application", "")
    if application and here.directory.application(application) is None:
        raise Http404
    media_type, make = FORMS[form]
    heading = Heading(
        directory=here.directory,
        island=setting("RELEVE_ISLAND"),
        exercise=setting("RELEVE_EXERCISE") or here.directory.map.exercise,
        language=get_language() or "fr",
        made_ms=here.now_ms,
    )
    found = account_of(data_folder(), application=application)
    try:
        content = make(found, heading)
    except TypesetError:
        return render(request, "handback/not-set.html", {"application": application}, status=500)
    return HttpResponse(
        content,
        content_type=media_type,
        # No name, no number: file names travel.
        headers={"Content-Disposition": f'attachment; filename="account.{ENDINGS[form]}"'},
    )
