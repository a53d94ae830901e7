"""Two numbers that may be one person: shown side by side, linked or dismissed by somebody, undone by anybody."""

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from releve.departments.admissions import rules
from releve.departments.admissions.desk import Desk, desk_of
from releve.departments.admissions.facts import DuplicateJudged, Verdict
from releve.departments.admissions.near import NearLine, same_person
from releve.departments.admissions.sentences import refusal_text
from releve.record.acts import draft_of
from releve.record.finding import apart
from releve.record.identity import search_letters
from releve.record.phonetic import sounds
from releve.record.tables import Link, Person
from releve.views.parts import in_parts
from releve.web.access import CARE, needs_role
from releve.web.acting import new_key, receipt_of, record_act, saved, wait_until_folded
from releve.web.audit.watch import name_patients
from releve.web.opaque import open_handle

__all__ = ["duplicates"]

FUNCTION = "identity"
MADE_HERE = "RELEVE-"
PAIRS_MAX = 200


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two numbers that may be one person. `status`: proposed, linked, dismissed. `kept` is the one proposed to stay."""

    kept: NearLine
    other: NearLine
    differs: frozenset[str]
    status: str
    place: str

    @property
    def both(self) -> tuple[NearLine, NearLine]:
        """The one proposed to stay, then the other, whose differences are named."""
        near = msgspec.structs.replace(self.other.near, differs=self.differs)
        return self.kept, msgspec.structs.replace(self.other, near=near)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@needs_role(*CARE)
def duplicates(request: HttpRequest) -> HttpResponse:
    """Return the pairs proposed, and those that were judged; a form sent judges one."""
    desk = desk_of(request)
    if request.method == "GET":
        return _page(request, desk)
    verdicts: dict[str, Verdict] = {"link": "linked", "dismiss": "dismissed", "undo": "proposed"}
    verdict = verdicts.get(request.POST.get("step", ""))
    kept, other = (open_handle(request.POST.get(name, "")) for name in ("kept", "other"))
    if verdict is None or kept is None or other is None or kept == other:
        raise Http404
    words = {
        "linked": gettext("link"),
        "dismissed": gettext("two persons"),
        "proposed": gettext("link withdrawn"),
    }
    before = receipt_of(request)
    if before is not None:
        return saved(request, before, reverse("duplicates"), what=words[verdict], shown=True)
    ward = next(iter(desk.wards), None)
    opening = desk.here.opening(FUNCTION, ward.code) if ward is not None else None
    if ward is None or opening is None or not opening.open or desk.who.role not in rules.WRITERS:
        return _page(
            request,
            desk,
            told=refusal_text("not-your-role") if desk.who.role not in rules.WRITERS else "",
            status=422,
        )
    if request.POST.get("place", "") != _place(kept, other):
        return _page(request, desk, told=refusal_text("pair-changed"), status=422)
    said = DuplicateJudged(
        act=(request.POST.get("act_key") or new_key())[:64],
        person=kept,
        other=other,
        verdict=verdict,
        function=FUNCTION,
        applications=opening.applications,
        happened_at=desk.here.now_ms,
        by=desk.reader.code,
        by_name=desk.reader.name,
        place=_place(kept, other),
    )
    receipt = record_act(request, draft_of(said))
    return saved(
        request, receipt, reverse("duplicates"), what=words[verdict], shown=wait_until_folded(receipt)
    )


def _place(kept: str, other: str) -> str:
    """Return the newest entry that judged this pair."""
    one, two = sorted((kept, other))
    row = Link.objects.filter(person=one, other=two, kind="duplicate").first()
    return f"{row.log}#{row.index}" if row is not None else ""


def _page(request: HttpRequest, desk: Desk, *, told: str = "", status: int = 200) -> HttpResponse:
    pairs = _pairs(desk)
    name_patients(request, [line.handle for pair in pairs for line in (pair.kept, pair.other)])
    context = {
        "proposed": [pair for pair in pairs if pair.status == "proposed"],
        "judged": [pair for pair in pairs if pair.status != "proposed"],
        "desk": desk,
        "told": told,
        "writes": desk.open and desk.who.role in rules.WRITERS,
        "elsewhere": sorted({place for _ward, place in desk.elsewhere}),
    }
    return render(request, "admissions/duplicates.html", context, status=status)


def _pairs(desk: Desk) -> list[Pair]:
    """Return the pairs that somebody proposed or judged, and those that read alike though nobody saw them together.

    Two people may admit the same person on two screens at the same second: neither page could show the other.
    """
    said = {
        (row.person, row.other): row
        for row in Link.objects.filter(kind="duplicate").order_by("id")[:PAIRS_MAX]
    }
    keys = list(said) + [pair for pair in _alike() if pair not in said]
    behind = {row.id: row for row in Person.objects.filter(id__in={key for pair in keys for key in pair})}
    found = []
    for one, two in keys[:PAIRS_MAX]:
        if one not in behind or two not in behind:
            continue
        row = said.get((one, two))
        status = str(row.status) if row is not None else "proposed"
        if status == "proposed" and behind[one].cluster == behind[two].cluster:
            continue  # linked meanwhile by the identity authority
        # The number of the hospital stays, the one made here leads to it.
        kept, other = (
            (two, one) if one.startswith(MADE_HERE) and not two.startswith(MADE_HERE) else (one, two)
        )
        lines = [same_person(key, [behind[key]], desk) for key in (kept, other)]
        if any(line.covered for line in lines):
            continue
        found.append(
            Pair(
                kept=lines[0], other=lines[1], differs=apart(behind[other], behind[kept]), status=status,
                place=f"{row.log}#{row.index}" if row is not None else "",
            )
        )  # fmt: skip
    return found


def _alike() -> list[tuple[str, str]]:
    """Return pairs with one made here: same birth date, names that sound the same, no other sex."""
    made = list(Person.objects.filter(id__startswith=MADE_HERE).exclude(birth_date=None))
    births = {row.birth_date for row in made}
    by_birth: dict[str, list[Person]] = {}
    for part in in_parts(sorted(birth for birth in births if birth)):
        for row in Person.objects.filter(birth_date__in=part):
            by_birth.setdefault(row.birth_date or "", []).append(row)
    pairs = set()
    for row in made:
        for other in by_birth.get(row.birth_date or "", ()):
            if other.id != row.id and other.cluster != row.cluster and _same(row, other):
                pairs.add((min(row.id, other.id), max(row.id, other.id)))
    return sorted(pairs)


def _same(one: Person, two: Person) -> bool:
    if {one.sex, two.sex} >= {"F", "M"} or not one.given_name or not two.given_name:
        return False
    names = [{sounds(name) for name in (row.birth_name, row.used_name) if name} for row in (one, two)]
    givens = [sounds(search_letters(row.given_name)) for row in (one, two)]
    return bool(names[0] & names[1]) and givens[0] == givens[1]
