"""What a file, the map or the fleet brings into the catalogue: shown first, recorded once it is confirmed."""

from datetime import UTC, datetime

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from releve.bedside.now import IslandNow
from releve.restoration import rules
from releve.restoration.case import CaseError
from releve.restoration.facts import DatedHours, LineSaid
from releve.restoration.fleet.desk import wards_in_order, workstations_by_ward
from releve.restoration.pages.acting import record
from releve.restoration.pages.catalogue_page import list_page
from releve.restoration.pages.fleet_batches import counted_batches
from releve.restoration.pages.request import opens, who_is
from releve.restoration.pages.sentences import WHATS, refusal_text
from releve.restoration.pages.uploaded_files import Brought, read_files
from releve.restoration.rules import PLANNERS
from releve.restoration.standing.lines import Line, decoded, differences, lines_of, standing
from releve.restoration.standing.now import RestorationNow
from releve.web.access import needs_role
from releve.web.uploads import too_large

__all__ = ["bring"]

_decode_lines = msgspec.json.Decoder(list[Line]).decode


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
    changed = differences(seen.lines, brought.lines, whole=whole)
    if request.POST.get("step") != "say" or not changed:
        return _review(request, seen, brought, changed, come_from, whole)
    said = rules.say_lines(
        who=who_is(request),
        lines=[LineSaid(what=what, id=id_, value=value) for what, id_, value in changed],  # type: ignore[arg-type]
        come_from=come_from if come_from in ("map", "file", "fleet") else "screen",
    )
    if isinstance(said, rules.Refusal):
        return list_page(request, now, seen, errors={"": refusal_text(said.code)}, status=422)
    return record(request, said, to, what=gettext("the catalogue is brought in"))


def _brought(
    request: HttpRequest, now: IslandNow, seen: RestorationNow, come_from: str, whole: bool
) -> Brought:
    """Return the lines that are brought.

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
        return Brought([line for line in made if (line.what, line.id) not in known])
    if come_from == "fleet":
        return Brought(list(counted_batches(seen, now).lines))
    kept = request.POST.get("kept", "")
    if kept:
        try:
            return Brought(_decode_lines(kept.encode()))
        except msgspec.MsgspecError as error:
            raise CaseError(gettext("The file is to be chosen again.")) from error
    if too_large(request):
        raise CaseError(gettext("The file is larger than 10 MB."))
    base = seen.case if seen.ready else None
    read = read_files(request.FILES.getlist("file"), base=base, starts_at=starts_at, whole=whole)
    return Brought(_as_standing(read.lines, seen), read.remarks)


def _as_standing(brought: list[Line], seen: RestorationNow) -> list[Line]:
    """Return the lines that are brought, those that say what stands already as they stand.

    A file holds hours, the catalogue the dates that some of them were said by: they are not thought to be new.
    """
    stand, told = standing(seen.lines), standing(lines_of(seen.case))
    same = {key for key, value in standing(brought).items() if key in stand and told.get(key) == value}
    kept = [
        Line(what=one.what, id=one.id, value=stand[one.what, one.id]) if (one.what, one.id) in same else one
        for one in brought
    ]
    here = {(one.what, one.id) for one in kept}
    for one in seen.lines:
        if one.what == "dates" and (one.what, one.id) not in here:
            dates: DatedHours = decoded(one)
            if {("person", dates.whom), ("calendar", dates.whom)} & same:
                kept.append(one)
    return kept


def _review(
    request: HttpRequest,
    seen: RestorationNow,
    brought: Brought,
    changed: list[tuple[str, str, str | None]],
    come_from: str,
    whole: bool,
) -> HttpResponse:
    was = {(line.what, line.id) for line in seen.lines}
    rows: dict[str, dict[str, int]] = {}
    for what, id_, value in changed:
        row = rows.setdefault(what, {"new": 0, "changed": 0, "gone": 0})
        row["gone" if value is None else "changed" if (what, id_) in was else "new"] += 1
    context = {
        "tab": "catalogue",
        "now": seen,
        "rows": [(WHATS[what], row) for what, row in rows.items()],
        "come_from": come_from,
        "whole": whole,
        "kept": msgspec.json.encode(brought.lines).decode() if come_from == "file" else "",
        "remarks": brought.remarks,
    }
    return render(request, "restoration/bring.html", context)
