"""What a colleague's session recorded in one's name: each act in words, to be confirmed or contested by its author.

Below, for whoever answers for a ward: those of its acts whose author is away or contests them, to be looked into.
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from releve.handback.account import ActLine, lines_of
from releve.handback.told import told
from releve.record.answers import (
    REASON_CHARS_MAX,
    SETTLERS,
    ActConfirmed,
    ActContested,
    ActSettled,
    draft_of_answer,
    refuse_answer,
    refuse_settling,
)
from releve.record.carried import open_in_wards, unanswered
from releve.record.chart import here_of
from releve.record.tables import Act, Person
from releve.web.access import CARE, in_charge_of, needs_role
from releve.web.acting import new_key, record_act, saved, wait_until_folded
from releve.web.audit.watch import name_patients
from releve.web.database import data_folder
from releve.web.opaque import open_handle, seal

__all__ = ["carried"]

DAY_MS = 86_400_000
# What was answered stays listed for a week, so that whoever pressed the wrong button sees it and says so.
ANSWERED_MS = 7 * DAY_MS


@require_http_methods(["GET", "POST"])
@needs_role(*CARE)
def carried(request: HttpRequest) -> HttpResponse:
    """Return what was recorded in this person's name by a colleague's session, or take her word on one of it."""
    if request.method == "GET":
        return _page(request)
    key = open_handle(request.POST.get("of", ""), "carried")
    act = Act.objects.filter(id=key).first() if key else None
    answer = request.POST.get("answer", "")
    if act is None or answer not in ("confirm", "contest", "holds", "not-holds"):
        return _page(request, status=422)
    if not act.carried_by:
        raise Http404
    person: Any = request.person  # type: ignore[attr-defined]
    reason = request.POST.get("reason", "").replace("\x00", "").strip()[:REASON_CHARS_MAX]
    if answer in ("holds", "not-holds"):
        refused = refuse_settling(
            author=act.by or "", carrier=act.carried_by, person=person.code, role=person.role,
            in_charge=in_charge_of(person, act.ward), reason=reason,
        )  # fmt: skip
    else:
        refused = refuse_answer(
            author=act.by or "", person=person.code, contests=answer == "contest", reason=reason
        )
    if refused is not None:
        return _page(request, status=422, refused={act.id: refused.code}, reason=reason)
    said: dict[str, Any] = {
        "act": request.POST.get("act_key", "")[:64] or new_key(),
        "person": act.person,
        "answers": act.id.removeprefix(f"{act.person}/"),
        "happened_at": here_of(request).now_ms,
        "by": person.code,
        "by_name": person.name,
    }
    body: ActConfirmed | ActContested | ActSettled
    if answer == "confirm":
        body, what = ActConfirmed(**said), gettext("confirmed")
    elif answer == "contest":
        body, what = ActContested(**said, reason=reason), gettext("contested")
    else:
        body = ActSettled(**said, holds=answer == "holds", reason=reason)
        what = gettext("looked into")
    receipt = record_act(request, draft_of_answer(body))
    shown = wait_until_folded(receipt)
    return saved(request, receipt, reverse("carried"), what=what, shown=shown)


def _page(
    request: HttpRequest, *, status: int = 200, refused: dict[str, str] | None = None, reason: str = ""
) -> HttpResponse:
    person: Any = request.person  # type: ignore[attr-defined]
    code = person.code
    here = here_of(request)
    waiting = unanswered(code)
    asked = {act.id for act in waiting}
    recent = Act.objects.filter(by=code, carried_by__gt="", recorded_at__gte=here.now_ms - ANSWERED_MS)
    answered = [act for act in recent.order_by("-happened_at", "id") if act.id not in asked]
    wards = person.wards if person.role in SETTLERS else ()
    away = [way.act for way in open_in_wards(wards, but=code, now_ms=here.now_ms)] if wards else []
    names = {
        row.id: row
        for row in Person.objects.filter(id__in={act.person for act in [*waiting, *answered, *away]})
    }
    refused = refused or {}

    def shown(line: ActLine) -> dict[str, Any]:
        row = line.row
        title, details = told(line)
        of = names.get(row.person)
        return {
            "row": row,
            "title": title,
            "details": details,
            "readable": line.body is not None,  # nobody confirms what she cannot read
            "person": of,
            "handle": seal((of.cluster if of is not None else None) or row.person),
            "of": seal(row.id, "carried"),
            "ward": here.directory.ward(row.ward or ""),
            "way": line.way,
            "refused": refused.get(row.id, ""),
        }

    data = data_folder()
    lines = [shown(line) for line in lines_of(data, waiting)]
    before = [shown(line) for line in lines_of(data, answered)]
    others = [shown(line) for line in lines_of(data, away)]
    name_patients(request, [line["handle"] for line in (*lines, *before, *others)])
    return render(
        request,
        "handback/carried.html",
        {"lines": lines, "before": before, "others": others, "reason": reason, "refused": bool(refused)},
        status=status,
    )
