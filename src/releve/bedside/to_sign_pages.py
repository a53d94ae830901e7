"""What a ward has to look at again: lines to sign, doses charted without a scan, paper forms to compare."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from releve.bedside.census import Present
from releve.bedside.cover import is_covered, traits_of
from releve.bedside.now import IslandNow
from releve.bedside.paper_doubts import paper_lines
from releve.bedside.ward import ward_or_404
from releve.departments.prescribing.formulary_now import formulary_in_force
from releve.departments.prescribing.line_state import history_of, place_of, posology_of
from releve.departments.prescribing.line_words import ACTS, act_text, what_text
from releve.departments.prescribing.rules import COUNTERSIGNERS
from releve.departments.prescribing.tables import MedicationAdministration, MedicationRequest
from releve.record.carried import open_in_wards
from releve.record.tables import Act, Person
from releve.web.access import CARE, needs_role
from releve.web.audit.watch import name_patients
from releve.web.opaque import seal

__all__ = ["to_sign"]

DAY_MS = 86_400_000
# Doses stay listed for a week, as those to be read again: after that the account of the downtime has them.
UNREAD_MS = 7 * DAY_MS
UNREAD_MAX = 200


@require_GET
@needs_role(*CARE)
def to_sign(request: HttpRequest, code: str) -> HttpResponse:
    """Return what waits for a signature in a ward, and the doses of a week charted without reading the wristband."""
    name, present, now = ward_or_404(request, code)
    lines = _lines(request, code, present, now)
    unread, charted = _unread(request, code, present, now)
    papers = paper_lines(
        code,
        now=now,
        who=lambda keys: _Who(request, present, now, list(keys)).of,
        language=get_language() or "fr",
    )
    named = [act["who"]["handle"] for one in papers for act in one["acts"] if act["who"]]
    name_patients(request, [*(one["handle"] for one in (*lines, *unread)), *named])
    return render(
        request,
        "bedside/to-sign.html",
        {
            "code": code,
            "ward_name": name,
            "lines": lines,
            "signs": request.person.role in COUNTERSIGNERS,  # type: ignore[attr-defined]
            "unread": unread,
            "charted": charted,
            "most": UNREAD_MAX,
            "papers": papers,
            "away": len(open_in_wards([code], but="", now_ms=now.now_ms)),
        },
    )


def _lines(request: HttpRequest, code: str, present: list[Present], now: IslandNow) -> list[dict[str, Any]]:
    """Return each line with the acts on it that nobody signed, the oldest first."""
    here = [key for one in present for key in one.persons]
    # Whoever left since is still owed the signature of what she was given.
    told = Act.objects.filter(ward=code, kind__startswith="prescription.").exclude(told_by=None)
    rows = {
        row.id: row
        for found in (
            MedicationRequest.objects.filter(awaits=True, person__in=here),
            MedicationRequest.objects.filter(awaits=True, id__in=told.values("about")),
        )
        for row in found
    }
    who = _Who(request, present, now, [row.person for row in rows.values()])
    formulary = formulary_in_force()
    lines = []
    for row in rows.values():
        history = history_of(row.id, row.person)
        acts = [one for one in history.acts if one.act in history.unsigned]
        if not acts:
            continue
        lines.append(
            {
                **who.of(row.person),
                "row": row,
                "words": what_text(posology_of(row, formulary)),
                "acts": [(ACTS.get(one.kind, one.kind), act_text(one.kind, one.body), one) for one in acts],
                "sealed": seal(row.id, "line"),
                "place": place_of(row),
                "since": min(one.happened_at or 0 for one in acts),
            }
        )
    return sorted(lines, key=lambda line: (line["since"], line["row"].id))


def _unread(
    request: HttpRequest, code: str, present: list[Present], now: IslandNow
) -> tuple[list[dict[str, Any]], int]:
    """Return the doses given here in a week without a scan of the wristband, the latest first; of how many."""
    given = MedicationAdministration.objects.filter(
        ward=code,
        here=True,
        recorded_at__gte=now.now_ms - UNREAD_MS,
        status__in=("given", "partial", "started"),
    )
    rows = list(given.filter(wristband=False).order_by("-recorded_at", "-id")[:UNREAD_MAX])
    who = _Who(request, present, now, [row.person for row in rows])
    return [{**who.of(row.person), "row": row} for row in rows], given.count()


class _Who:
    """Whom a line is about: name, bed and address, as this reader may know them."""

    def __init__(
        self, request: HttpRequest, present: list[Present], now: IslandNow, persons: list[str]
    ) -> None:
        self._request, self._now = request, now
        self._present = {key: one for one in present for key in one.persons}
        self._people = {row.id: row for row in Person.objects.filter(id__in=set(persons))}

    def of(self, key: str) -> dict[str, Any]:
        """Return handle, bed and traits of a person."""
        person, here = self._people.get(key), self._present.get(key)
        covered = here is not None and is_covered(here, self._request.person, self._now.directory)  # type: ignore[attr-defined]
        cover = self._now.directory.map.confidential.cover_name if covered else ""
        stay = here.encounter if here is not None else None
        return {
            "handle": seal((person.cluster if person is not None else None) or key),
            "bed": (stay.bed or stay.room or "") if stay is not None else "",
            "left": here is None,
            "traits": traits_of(person, cover=cover) if person is not None else None,
        }
