"""The bed board: by building and ward; somebody put in a bed by two clicks or two scans; beds kept back."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, pgettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from releve.departments.admissions import ranges, rules
from releve.departments.admissions.bed_forms import BedForm
from releve.departments.admissions.beds import BedLine, Lying, WardBeds, beds_of, find_bed
from releve.departments.admissions.desk import CARING, FUNCTION, Desk, desk_of
from releve.departments.admissions.facts import BedSet, Moved
from releve.departments.admissions.move_forms import MoveForm
from releve.departments.admissions.movements import last_standing, movements_of, place_of
from releve.departments.admissions.sentences import event_said, refusal_text
from releve.hospital.map import Ward
from releve.record.acts import draft_of
from releve.record.crossed import Saying, differing
from releve.record.finding import Wanted, near_persons
from releve.web.access import CARE, needs_role
from releve.web.acting import new_key, receipt_of, record_act, saved, wait_until_folded
from releve.web.opaque import open_handle, seal

__all__ = ["bed", "beds", "buildings"]


@require_http_methods(["GET"])
@needs_role(*CARE)
def buildings(request: HttpRequest) -> HttpResponse:
    """Return every ward with how its beds stand, building by building."""
    desk = desk_of(request)
    directory = desk.here.directory
    found = beds_of(_caring(desk), directory, desk.reader)
    groups = [
        {"building": building, "wards": rows}
        for building in directory.map.buildings
        if (rows := [found[ward.code] for ward in directory.wards_of(building.code) if ward.code in found])
    ]
    every = list(found.values())
    totals = {
        state: sum(one.count(state) for one in every) for state in ("free", "occupied", "blocked", "reserved")
    }
    context = {
        "groups": groups,
        "totals": totals,
        "patients": sum(one.patients for one in every),
        "conflicts": [(one.ward, line) for one in every for line in one.conflicts],
        "desk": desk,
    }
    return render(request, "admissions/buildings.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@needs_role(*CARE)
def beds(request: HttpRequest, ward: str) -> HttpResponse:
    """Return the bed board of a ward; its forms move somebody, or keep a bed back."""
    desk = desk_of(request)
    found = desk.here.directory.ward(ward)
    if found is None:
        raise Http404
    if request.method == "GET":
        return _board(request, desk, found, who=request.GET.get("who", ""))
    step = request.POST.get("step", "")
    if step == "scan":
        return _scan(request, desk, found)
    if step == "move":
        return _move(request, desk, found, request.POST.get("who", ""), request.POST.get("bed", ""))
    if step == "set":
        return _set(request, desk, found)
    raise Http404


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@needs_role(*CARE)
def bed(request: HttpRequest, ward: str, code: str) -> HttpResponse:
    """Return how one bed is kept, with the form that changes it: state, isolation, for whom, why."""
    desk = desk_of(request)
    found = desk.here.directory.ward(ward)
    line = _line(desk, found, code) if found is not None else None
    if found is None or line is None:
        raise Http404
    form = _bed_form(desk, found, line, None)
    status = 200
    if request.method == "POST":
        before = receipt_of(request)
        if before is not None:
            return saved(request, before, _address(found), what=gettext("bed"), shown=True)
        form = _bed_form(desk, found, line, request.POST)
        if form.is_valid():
            return _record_bed(request, desk, found, line, form)
        status = 422
    context = {
        "ward": found, "line": line, "form": form, "desk": desk, "writes": desk.writes(found.code),
        "where": desk.place(found.code), "place": line.place,
        "two": [(one, _worded(one, differing(line.two))) for one in line.two],
    }  # fmt: skip
    return render(request, "admissions/bed.html", context, status=status)


def _caring(desk: Desk) -> list[Ward]:
    return [ward for ward in desk.here.directory.map.wards if ward.kind in CARING]


def _address(ward: Ward) -> str:
    return reverse("beds", args=[ward.code])


def _line(desk: Desk, ward: Ward, code: str) -> BedLine | None:
    found = beds_of([ward], desk.here.directory, desk.reader)[ward.code]
    return next((line for line in found.lines if line.bed.code == code), None)


def _bed_form(desk: Desk, ward: Ward, line: BedLine, data: Any) -> BedForm:
    kept = line.kept
    initial = {
        "state": line.kept_as,
        "isolation": line.isolation,
        "reserved_for": kept.reserved_for or "" if kept is not None else "",
        "note": kept.note or "" if kept is not None else "",
    }
    return BedForm(
        data, initial=initial, who=desk.who, line=line, place=line.place, here=desk.here, function=FUNCTION,
        ward=ward.code,
    )  # fmt: skip


def _worded(said: Saying, names: frozenset[str]) -> list[tuple[Any, str, str]]:
    """Return what one statement said of a bed where the other said otherwise: field, its code, its value."""
    state = {"open": pgettext("bed", "Open"), "blocked": pgettext("bed", "Blocked")}
    words = said.words
    fields = [
        (
            gettext("State of the bed"),
            "state",
            state.get(words.get("state", "open"), pgettext("bed", "Reserved")),
        ),
        (gettext("Isolation"), "isolation", words.get("isolation", "")),
        (gettext("Reserved for"), "reserved_for", words.get("reserved_for", "")),
        (gettext("Why"), "note", words.get("note", "")),
    ]
    return [one for one in fields if one[1] in names]


def _record_bed(request: HttpRequest, desk: Desk, ward: Ward, line: BedLine, form: BedForm) -> HttpResponse:
    data = form.cleaned_data
    said = BedSet(
        **form.common(by=desk.reader.code, by_name=desk.reader.name),
        act=(request.POST.get("act_key") or new_key())[:64],
        person=f"bed:{line.bed.code}",
        place=form.place.partition(" ")[0],
        seen=tuple(one.entry for one in line.said),
        bed_code=line.bed.code,
        state=data["state"],
        isolation=data["isolation"],
        reserved_for=data["reserved_for"].strip() if data["state"] == "reserved" else "",
        note=data["note"].strip(),
    )
    receipt = record_act(request, draft_of(said))
    shown = wait_until_folded(receipt)
    return saved(request, receipt, _address(ward), what=gettext("bed %s") % line.name, shown=shown)


def _set(request: HttpRequest, desk: Desk, ward: Ward) -> HttpResponse:
    """One click: block, reserve, open; what else was said of the bed stays."""
    before = receipt_of(request)
    if before is not None:
        return saved(request, before, _address(ward), what=gettext("bed"), shown=True)
    line = _line(desk, ward, request.POST.get("bed", ""))
    if line is None:
        raise Http404
    kept = line.kept
    data = request.POST.copy()
    data["isolation"] = line.isolation
    data["note"] = kept.note or "" if kept is not None else ""
    data["reserved_for"] = kept.reserved_for or "" if kept is not None else ""
    form = _bed_form(desk, ward, line, data)
    if form.is_valid():
        return _record_bed(request, desk, ward, line, form)
    return _board(request, desk, ward, errors=_told(form))


def _scan(request: HttpRequest, desk: Desk, ward: Ward) -> HttpResponse:
    """First scan: who; second scan: which bed."""
    code = request.POST.get("code", "").strip()[:200]
    who = request.POST.get("who", "")
    bed = find_bed(code, desk.here.directory)
    if bed is not None:
        if not who:
            return _board(request, desk, ward, errors=[gettext("Scan the wristband first, then the bed.")])
        return _move(request, desk, ward, who, bed.code)
    found, _more = near_persons(Wanted(number=code)) if code else ([], False)
    if len(found) != 1:
        return _board(
            request, desk, ward, who=who, errors=[gettext("No bed and no wristband is known by this code.")]
        )
    return HttpResponseRedirect(f"{_address(ward)}?who={seal(found[0].head)}")


def _move(request: HttpRequest, desk: Desk, ward: Ward, who: str, code: str) -> HttpResponse:
    before = receipt_of(request)
    if before is not None:
        return saved(request, before, _address(ward), what=event_said("A02"), shown=True)
    bed = desk.here.directory.beds.get(code)
    key = open_handle(who)
    found, _more = near_persons(Wanted(number=key.partition(":")[2])) if key is not None else ([], False)
    one = next((near for near in found if near.head == key), None)
    if bed is None or one is None or one.stay is None or not one.here:
        return _board(
            request, desk, ward, errors=[refusal_text("not-here" if bed is not None else "bed-unknown")]
        )
    stay = one.stay
    lines = movements_of(stay, desk.here.directory)
    wards = [found for found in _caring(desk) if desk.writes(found.code)]
    data = {"bed": f"bed:{bed.code}", "place": request.POST.get("place") or place_of(lines)}
    form = MoveForm(
        data, event="A02", who=desk.who, stay=stay, place=place_of(lines),
        beds=beds_of(wards, desk.here.directory, desk.reader), here=desk.here, function=FUNCTION, ward=stay.ward or "",
    )  # fmt: skip
    if not form.is_valid():
        return _board(request, desk, ward, who=who, errors=_told(form))
    act = (request.POST.get("act_key") or new_key())[:64]
    numbers = ranges.take(request, act)
    room = desk.here.directory.rooms.get(bed.room)
    building = desk.here.directory.building_of(bed.ward)
    said = Moved(
        **form.common(by=desk.reader.code, by_name=desk.reader.name),
        act=act,
        person=stay.person,
        visit=stay.visit,
        place=form.place,
        event="A02",
        movement=numbers.movement,
        to_ward=bed.ward,
        medical_ward=bed.ward,
        building=building.code if building is not None else "",
        room=room.name if room is not None else "",
        bed=bed.name or bed.code,
        bed_code=bed.code,
    )
    receipt = record_act(request, draft_of(said))
    shown = wait_until_folded(receipt)
    what = gettext("transfer to bed %s") % (bed.name or bed.code)
    return saved(request, receipt, _address(ward), what=what, shown=shown)


def _board(
    request: HttpRequest, desk: Desk, ward: Ward, *, who: str = "", errors: list[str] | None = None
) -> HttpResponse:
    found: WardBeds = beds_of([ward], desk.here.directory, desk.reader)[ward.code]
    chosen = _chosen(who, found) if who else None
    stays = {one.head: one.stay for line in found.lines for one in line.lying}
    conflicts = [(line, [(one, _wrote(one, desk)) for one in line.lying]) for line in found.conflicts]
    writes = desk.writes(ward.code) and rules.may_write(desk.who, (ward.code,)) is None
    place = ""
    if chosen is not None and chosen["stay"] is not None:
        place = place_of(movements_of(chosen["stay"], desk.here.directory))
    context = {
        "ward": ward, "found": found, "who": who if chosen else "", "chosen": chosen, "stays": stays,
        "conflicts": conflicts, "writes": writes, "where": desk.place(ward.code), "desk": desk,
        "open": desk.writes(ward.code), "told": errors or [], "place": place,
        "counts": {state: found.count(state) for state in ("free", "occupied", "blocked", "reserved")},
    }  # fmt: skip
    return render(request, "admissions/beds.html", context, status=422 if errors else 200)


def _wrote(one: Lying, desk: Desk) -> str:
    last = last_standing(movements_of(one.stay, desk.here.directory))
    return last.by if last is not None else ""


def _chosen(who: str, found: WardBeds) -> dict[str, Any] | None:
    """Return the person whose bed is being chosen, on this ward or coming from another."""
    key = open_handle(who)
    if key is None:
        return None
    here = [one for line in found.lines for one in line.lying] + found.elsewhere
    one = next((one for one in here if one.head == key), None)
    if one is not None:
        return {"name": one.name, "given": one.given, "handle": who, "stay": one.stay}
    near, _more = near_persons(Wanted(number=key.partition(":")[2]))
    other = next((one for one in near if one.head == key and one.here), None)
    if other is None:
        return None
    # Somebody of another ward may be under a cover name there: her number is enough to put her in a bed.
    return {"name": other.ipp, "given": "", "handle": who, "stay": other.stay}


def _told(form: BedForm | MoveForm) -> list[str]:
    """Return every sentence of a form that has no field on this page."""
    return [str(error) for errors in form.errors.values() for error in errors]
