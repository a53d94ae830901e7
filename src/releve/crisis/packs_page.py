"""The packs: what lies ready for each ward, opened as PDF, and printed now; blank forms are given away once."""

import hashlib
import logging
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from releve.bedside.now import IslandNow, island_now
from releve.crisis.packs import WardPacks, document_path, press_state, ward_packs
from releve.journal.entry import Draft
from releve.paper.facts import FormsTaken, PacksRequested, encode
from releve.paper.lying import forms_file, taken_forms
from releve.paper.press import ward_prefix
from releve.web.access import CARE, in_charge_of, needs_role
from releve.web.accounts.people import Person
from releve.web.acting import NotRecorded, receipt_of, record_act, saved, wait_until_folded
from releve.web.database import data_folder

__all__ = ["PACKS_ROLES", "document", "packs", "request_packs", "take_forms"]

_log = logging.getLogger("releve.web")
KIND = "paper.requested.1"
# Who sees the page: those who care, and those who look after the island and its printers.
PACKS_ROLES = CARE | {"it"}
# Who asks for any ward's paper; everybody else for her own wards.
PRINTS_ALL = frozenset({"crisis", "it"})
# The browser's own reader of PDF needs its styles; nothing else is let in.
_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"


def may_open(person: Person | None, ward: str) -> bool:
    """Tell whether this person opens a ward's pack: it names everybody, confidential stays too."""
    return person is not None and (
        person.role == "crisis" or (person.role in CARE and in_charge_of(person, ward))
    )


def may_print(person: Person | None, ward: str) -> bool:
    """Tell whether this person has a ward's pack printed, in that ward."""
    return person is not None and (person.role in PRINTS_ALL or in_charge_of(person, ward))


@require_GET
@needs_role(*PACKS_ROLES)
def packs(request: HttpRequest) -> HttpResponse:
    """Return the list of wards with their packs, mine first."""
    return _list(request)


def _list(request: HttpRequest, *, problem: str = "") -> HttpResponse:
    now = island_now(request)
    if now is None:
        return render(request, "crisis/no-map.html")
    person: Person = request.person  # type: ignore[attr-defined]
    rows = [_row(line, person, now) for line in ward_packs(data_folder() / "packs", now.directory)]
    mine = [row for row in rows if in_charge_of(person, row["line"].ward.code)]
    set_ = [row["line"] for row in rows if row["line"].at_ms is not None]
    context = {
        "groups": [
            {"title": gettext("My wards"), "rows": mine},
            {
                "title": gettext("The other wards") if mine else gettext("The wards"),
                "rows": [r for r in rows if r not in mine],
            },
        ],
        "set": len(set_),
        "total": len(rows),
        "oldest_ms": min((line.at_ms or 0 for line in set_), default=None),
        "prints_all": person.role in PRINTS_ALL,
        "press": press_state(data_folder()),
        "problem": problem,
    }
    return render(request, "crisis/packs.html", context, status=422 if problem else 200)


@require_GET
def document(request: HttpRequest, ward: str, name: str) -> HttpResponseBase:
    """Return one PDF of a ward's pack; numbered forms are taken with a button instead, which gives them once."""
    person: Person = request.person  # type: ignore[attr-defined]
    if not may_open(person, ward):
        raise PermissionDenied
    path = document_path(data_folder() / "packs", ward, name)
    if path is None:
        raise Http404
    if path == forms_file(path.parent, ward_prefix(ward)):
        return redirect("packs")
    try:
        file = path.open("rb")
    except OSError:
        raise Http404 from None
    return FileResponse(
        file,
        content_type="application/pdf",
        as_attachment="save" in request.GET,
        filename=name,
        headers={"Cache-Control": "no-store, private", "Content-Security-Policy": _POLICY},
    )


@require_POST
@needs_role(*PACKS_ROLES)
def take_forms(request: HttpRequest, ward: str) -> HttpResponse:
    """Return the blank forms that lie ready for a ward, and record that they are gone: nobody gets their numbers again.

    The process that sets packs reads the act and lays new ones ready.
    """
    now = island_now(request)
    if now is None or now.directory.ward(ward) is None:
        raise Http404
    person: Person = request.person  # type: ignore[attr-defined]
    if not may_open(person, ward):
        raise PermissionDenied
    before = receipt_of(request)
    if before is not None:
        said = gettext("forms given already: take the new ones, whose numbers nobody has")
        return saved(request, before, reverse("packs"), what=said, shown=True)
    folder = data_folder() / "packs"
    with taken_forms(forms_file(folder, ward_prefix(ward))) as taken:
        if taken is None:
            return _list(
                request, problem=gettext("No forms lie ready for this ward: have its pack printed, or wait.")
            )
        content, copies = taken.path.read_bytes(), taken.forms.copies
        fact = FormsTaken(
            ward=ward,
            first=copies[0].number,
            last=copies[-1].number,
            pages=taken.forms.pages,
            digest=hashlib.sha256(content).hexdigest(),
            taken_at_ms=now.now_ms,
            by=person.code,
            act=request.POST.get("act_key", "")[:64],
        )
        try:
            record_act(request, Draft(kind="paper.forms-taken.1", body=encode(fact), source=""))
        except NotRecorded:
            # Paper comes out all the same: their numbers were recorded as spent before they were set.
            _log.warning("packs: forms were taken and that could not be recorded")
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{forms_file(folder, ward_prefix(ward)).name}"',
            "Cache-Control": "no-store, private",
            "Content-Security-Policy": _POLICY,
        },
    )


@require_POST
@needs_role(*PACKS_ROLES)
def request_packs(request: HttpRequest) -> HttpResponse:
    """Record that packs are wanted now; the process that sets them reads the journal."""
    now = island_now(request)
    if now is None:
        raise Http404
    person: Person = request.person  # type: ignore[attr-defined]
    ward = request.POST.get("ward", "")
    if ward and now.directory.ward(ward) is None:
        raise Http404
    if not (may_print(person, ward) if ward else person.role in PRINTS_ALL):
        raise PermissionDenied
    wanted = PacksRequested(wards=(ward,) if ward else (), printer="ward", by=person.code)
    receipt = record_act(request, Draft(kind=KIND, body=encode(wanted), source=""))
    known = now.directory.ward(ward)
    what = gettext("pack of %s asked for") % known.name if known else gettext("packs of all wards asked for")
    return saved(request, receipt, reverse("packs"), what=what, shown=wait_until_folded(receipt))


def _row(line: WardPacks, person: Person, now: IslandNow) -> dict[str, Any]:
    printers = now.directory.printers_of(line.ward.code)
    return {
        "line": line,
        "printer": printers[0] if printers else None,
        "may_open": may_open(person, line.ward.code),
        "may_print": may_print(person, line.ward.code),
    }
