"""Doses to give now in a ward, by bed; below, what is to be read again: alone, not checked, late, put right, twice."""

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from releve.bedside.census import Present, present_in
from releve.bedside.cover import Traits, is_covered, traits_of
from releve.bedside.dose_desk import FUNCTION, Waiting, waiting
from releve.bedside.files import files_of
from releve.bedside.horizon import sources_of
from releve.bedside.medication import grid_of, med_lines
from releve.bedside.now import IslandNow
from releve.bedside.provenance import Provenance
from releve.bedside.ward import ward_or_404
from releve.departments.prescribing.dose_rules import GIVERS
from releve.departments.prescribing.tables import MedicationAdministration
from releve.hospital.writing import opening
from releve.record.tables import Act, Person
from releve.web.access import CARE, needs_role
from releve.web.audit.watch import name_patients
from releve.web.opaque import seal

__all__ = ["round_page"]

DAY_MS = 86_400_000
# What is to be read again stays listed for a week: after that the account of the downtime has it.
AGAIN_MS = 7 * DAY_MS
AGAIN_MAX = 200


class Bed(msgspec.Struct, kw_only=True):
    """One person with doses that wait, or perhaps charted twice."""

    bed: str
    handle: str
    traits: Traits
    doses: list[Waiting]
    twice: list[str]


@require_GET
@needs_role(*CARE)
def round_page(request: HttpRequest, code: str) -> HttpResponse:
    """Return the doses that wait in a ward, by bed, and what is to be read again."""
    name, present, now = ward_or_404(request, code)
    here = opening(FUNCTION, code, now.directory, now.statuses)
    beds = _beds(request, code, present, now)
    again = _again(request, code, now)
    name_patients(request, [one.handle for one in beds] + [one["handle"] for one in again])
    return render(
        request,
        "bedside/dose-round.html",
        {
            "code": code,
            "ward_name": name,
            "beds": beds,
            "due": any(one.doses for one in beds),
            "twice": [one for one in beds if one.twice],
            "again": again,
            "open": here.open and request.person.role in GIVERS,  # type: ignore[attr-defined]
            "where": here.where.label(get_language() or "fr"),
            "administer": sources_of(code, now.directory, now.feeds, now.statuses).get(FUNCTION),
        },
    )


def _beds(request: HttpRequest, code: str, present: list[Present], now: IslandNow) -> list[Bed]:
    sources = sources_of(code, now.directory, now.feeds, now.statuses)
    files = files_of(present, now_ms=now.now_ms, result_days=1, dose_days=3)
    found = []
    for one in present:
        file = files[one.head]
        covered = is_covered(one, request.person, now.directory)  # type: ignore[attr-defined]
        cover = now.directory.map.confidential.cover_name if covered else ""
        lines = med_lines(file, now, sources, Provenance(now, code, one.head, [one.person]))
        drawn = grid_of(file, lines, now, sources)
        slots = {row.line.row.id: row.slots for row in drawn.rows}
        doses = waiting(now.now_ms, lines, slots)
        twice = [row.line.row.label or "" for row in drawn.rows if any(slot.twice for slot in row.slots)]
        if doses or twice:
            stay = one.encounter
            found.append(
                Bed(
                    bed=stay.bed or stay.room or "",
                    handle=seal(one.head),
                    traits=traits_of(one.person, cover=cover),
                    doses=doses,
                    twice=twice,
                )
            )
    return found


def _again(request: HttpRequest, code: str, now: IslandNow) -> list[dict[str, Any]]:
    """Return the doses of a week to be read again, the latest first, each with its reasons."""
    since = now.now_ms - AGAIN_MS
    rows = MedicationAdministration.objects.filter(ward=code, here=True, recorded_at__gte=since).order_by(
        "-recorded_at", "-id"
    )[: AGAIN_MAX * 4]
    kept = [row for row in rows if row.alone or row.offline or row.late or row.corrected_at is not None]
    kept = kept[:AGAIN_MAX]
    people = {row.id: row for row in Person.objects.filter(id__in={row.person for row in kept})}
    papers = dict(
        Act.objects.filter(about__in=[row.id for row in kept])
        .exclude(paper=None)
        .values_list("about", "paper")
    )
    present = {key: one for one in present_in(code) for key in one.persons}
    shown = []
    for row in kept:
        person = people.get(row.person)
        here = present.get(row.person)
        covered = here is not None and is_covered(here, request.person, now.directory)  # type: ignore[attr-defined]
        cover = now.directory.map.confidential.cover_name if covered else ""
        handle = seal((person.cluster if person is not None else None) or row.person)
        shown.append(
            {
                "row": row,
                "handle": handle,
                "url": reverse("patient-grid", args=[handle]),
                "traits": traits_of(person, cover=cover) if person is not None else None,
                "paper": papers.get(row.id, ""),
            }
        )
    return shown
