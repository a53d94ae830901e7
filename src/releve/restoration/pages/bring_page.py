"""What a file, the map or the fleet brings into the catalogue: shown first, recorded once it is confirmed."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from releve.bedside.now import IslandNow
from releve.restoration import rules
from releve.restoration.case import CaseError
from releve.restoration.facts import LineSaid
from releve.restoration.fleet.desk import wards_in_order, workstations_by_ward
from releve.restoration.pages.acting import record
from releve.restoration.pages.catalogue_page import list_page
from releve.restoration.pages.fleet_batches import counted_batches
from releve.restoration.pages.request import opens, who_is
from releve.restoration.pages.sentences import WHATS, refusal_text
from releve.restoration.pages.troubles import Names, troubles_in, troubles_of
from releve.restoration.pages.uploaded_files import read_files
from releve.restoration.rules import PLANNERS
from releve.restoration.standing.assembled import assemble
from releve.restoration.standing.brought import lines_brought
from releve.restoration.standing.lines import Line, decoded, differences, lines_of
from releve.restoration.standing.now import RestorationNow
from releve.web.access import needs_role
from releve.web.uploads import too_large

__all__ = ["Brought", "bring", "wrong_after"]

Change = tuple[str, str, str | None]  # what, id, JSON or None: taken out
Places = Mapping[tuple[str, str, str], tuple[str, int]]  # file and line by list, id, list within
_decode_changes = msgspec.json.Decoder(list[Change]).decode
CHANGES_NAMED = 60


class Brought(NamedTuple):
    """What is different in what is brought, what of the files was not kept, in words, and where its lines stood."""

    changed: list[Change]
    remarks: tuple[str, ...] = ()
    places: Places = {}


@require_POST
@needs_role(*PLANNERS)
@opens(back="restoration-catalogue")
def bring(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    """Show what a file or the map would change in the catalogue; confirmed, say it."""
    to = reverse("restoration-catalogue")
    come_from = request.POST.get("from", "")
    whole = come_from == "file" and request.POST.get("whole") == "yes"
    try:
        brought = _brought(request, now, seen, come_from, whole)
    except CaseError as error:
        return list_page(request, now, seen, errors={"file": str(error)}, status=422)
    if request.POST.get("step") != "say" or not brought.changed:
        return _review(request, seen, brought, come_from)
    said = rules.say_lines(
        who=who_is(request),
        lines=[LineSaid(what=what, id=id_, value=value) for what, id_, value in brought.changed],  # type: ignore[arg-type]
        come_from=come_from if come_from in ("map", "file", "fleet") else "screen",
    )
    if isinstance(said, rules.Refusal):
        return list_page(request, now, seen, errors={"": refusal_text(said.code)}, status=422)
    return record(request, said, to, what=gettext("the catalogue is brought in"))


def _brought(
    request: HttpRequest, now: IslandNow, seen: RestorationNow, come_from: str, whole: bool
) -> Brought:
    """Return what is brought.

    Raises:
        CaseError: nothing that can be read.
    """
    starts_at = datetime.fromtimestamp(seen.begins_ms / 1000, UTC)
    if come_from == "map":
        # Sixty templates, read when they are wanted.
        from releve.restoration.catalogue.first import first_case

        known = {(line.what, line.id) for line in seen.lines}
        # What somebody corrected stays: the map only adds what is not there yet.
        made = lines_of(
            first_case(
                now.directory.map,
                starts_at,
                machines=workstations_by_ward(),
                turn=wards_in_order(now.directory),
            )
        )
        new = [line for line in made if (line.what, line.id) not in known]
        return Brought(differences(seen.lines, new, whole=False))
    if come_from == "fleet":
        return Brought(differences(seen.lines, counted_batches(seen, now).lines, whole=False))
    kept = request.POST.get("kept", "")
    if kept:
        try:
            # What was shown is what is recorded.
            return Brought(_decode_changes(kept.encode()))
        except msgspec.MsgspecError as error:
            raise CaseError(gettext("The file is to be chosen again.")) from error
    if too_large(request):
        raise CaseError(gettext("The file is larger than 10 MB."))
    base = seen.case if seen.ready else None
    read = read_files(request.FILES.getlist("file"), base=base, starts_at=starts_at)
    lines, gone = lines_brought(read.case, seen.lines)
    if base is not None and not whole:
        # A part of a catalogue does not name it anew.
        lines = [one for one in lines if one.what != "case"]
    changed = differences(seen.lines, lines, whole=whole)
    if not whole:
        changed += [(what, id_, None) for what, id_ in sorted(gone)]
    return Brought(changed, read.remarks, read.places)


def wrong_after(seen: RestorationNow, brought: Brought) -> list[dict[str, Any]]:
    """Return what would be to correct in the catalogue once this is brought in and is not now, with file and line."""
    lines = {(line.what, line.id): line for line in seen.lines}
    for what, id_, value in brought.changed:
        if value is None:
            lines.pop((what, id_), None)
        else:
            lines[what, id_] = Line(what=what, id=id_, value=value)
    after = assemble(tuple(lines.values()), starts_at_ms=seen.begins_ms, now_ms=seen.now_ms)
    before = {one.place_text for one in troubles_of(seen)}
    wrong = [
        {"text": one.text, "name": one.place, "stops": one.stops, "where": _stood(one.at, brought.places)}
        for one in troubles_in(after)
        if one.place_text not in before
    ]
    # A calendar without an hour stops eight hundred tasks: what the file itself says stands before what follows of it.
    return sorted(wrong, key=lambda each: not each["where"])


def _stood(at: tuple[str, str, str], places: Places) -> str:
    """Return file, line and column of what is wrong, "" where no file said it."""
    list_, id_, column = at
    file, number = places.get(at) or places.get((list_, id_, "")) or ("", 0)
    if not file:
        return ""
    said = gettext("%(file)s, line %(n)s") % {"file": file, "n": number}
    return f"{said}, {column}" if column and (list_, id_, column) not in places else said


def _review(request: HttpRequest, seen: RestorationNow, brought: Brought, come_from: str) -> HttpResponse:
    was = {(line.what, line.id): line for line in seen.lines}
    rows: dict[str, dict[str, int]] = {}
    named: list[dict[str, str]] = []
    names = Names(seen.case)
    for what, id_, value in brought.changed:
        how = "gone" if value is None else "changed" if (what, id_) in was else "new"
        rows.setdefault(what, {"new": 0, "changed": 0, "gone": 0})[how] += 1
        line = was[what, id_] if value is None else Line(what=what, id=id_, value=value)
        told = decoded(line)
        # Dates are called by whose they are.
        name = names.any_of(told.whom) if what == "dates" else getattr(told, "name", "") or id_
        named.append({"what": WHATS[what], "name": name, "how": how})
    context = {
        "tab": "catalogue",
        "now": seen,
        "may_plan": True,
        "rows": [(WHATS[what], row) for what, row in rows.items()],
        # What is new fills pages when a first catalogue comes: what is touched of what stands is named.
        "named": [one for one in named if one["how"] != "new"][:CHANGES_NAMED],
        "come_from": come_from,
        "kept": msgspec.json.encode(brought.changed).decode() if come_from == "file" else "",
        "remarks": brought.remarks,
        "wrong": wrong_after(seen, brought),
    }
    return render(request, "restoration/bring.html", context)
