"""The wards and their boards. Patient pages are in `patient_pages.py`, search in `find_pages.py`."""

from typing import Any

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from releve.bedside.board import Board, BoardLine, for_reader, read_ward
from releve.bedside.board_lines import line_set
from releve.bedside.board_words import first_of
from releve.bedside.dose_desk import dose_handle
from releve.bedside.horizon import empty_is_known, nothing_yet, sources_of
from releve.bedside.live import NOT_YET, BoardCache, Fragment, digest
from releve.bedside.now import IslandNow, island_now
from releve.bedside.printed import of_ward
from releve.bedside.printed_pages import ward_prints_open
from releve.bedside.where import places_to_write
from releve.hospital.map import Ward
from releve.record.tables import Encounter, WardChange
from releve.web.access import CARE, needs_role
from releve.web.accounts.middleware import is_poll
from releve.web.elsewhere import Neighbour, keeper_apart
from releve.web.opaque import seal
from releve.web.shell import now_ms

__all__ = ["board", "board_live", "wards"]

SHOWS = ("all", "todo", "leaving")
LEAVING_MS = 36 * 3_600_000

boards = BoardCache()


@require_GET
@needs_role(*CARE)
def wards(request: HttpRequest) -> HttpResponse:
    """Return the list of wards by building, my own first."""
    now = island_now(request)
    counts = _counts(now)
    mine = request.person.wards  # type: ignore[attr-defined]
    groups: list[dict[str, Any]] = []
    known: set[str] = set()
    if now is not None:
        known = set(now.directory.wards)
        own = [now.directory.wards[code] for code in mine if code in known]
        if own:
            groups.append({"title": None, "rows": [_ward_row(ward, now, counts) for ward in own]})
        for building in now.directory.buildings.values():
            rows = [
                _ward_row(ward, now, counts)
                for ward in now.directory.wards_of(building.code)
                if now.directory.beds_of(ward.code) or counts.get(ward.code)
            ]
            if rows:
                groups.append({"title": building, "rows": rows})
    strangers = [
        {"code": code, "name": code, "patients": number}
        for code, number in sorted(counts.items())
        if code not in known
    ]
    return render(request, "bedside/wards.html", {"groups": groups, "strangers": strangers})


def _counts(now: IslandNow | None) -> dict[str, int]:
    """Return how many are present in each ward, newborns in a cot beside their mother apart."""
    counts: dict[str, int] = {}
    present = Encounter.objects.filter(status__in=("present", "leave"))
    for ward, room, bed in present.values_list("ward", "room", "bed"):
        if ward is None:
            continue
        place = now.directory.bed_at(ward, room or "", bed or "") if now is not None else None
        counts[ward] = counts.get(ward, 0) + (place is None or place.kind != "cot")
    return counts


def _ward_row(ward: Ward, now: IslandNow, counts: dict[str, int]) -> dict[str, Any]:
    beds = sum(1 for bed in now.directory.beds_of(ward.code) if bed.kind != "cot")
    sources = sources_of(ward.code, now.directory, now.feeds, now.statuses)
    frozen = [one for one in sources.values() if one.frozen and not one.awaited]
    return {
        "code": ward.code,
        "name": ward.name,
        "floor": ward.floor,
        "patients": counts.get(ward.code, 0),
        "beds": beds,
        "unknown": not counts.get(ward.code) and not empty_is_known(sources),
        "frozen_ms": max((one.heard_ms for one in frozen if one.heard_ms), default=None) if frozen else None,
        "frozen": bool(frozen),
        "nothing_yet": nothing_yet(sources.values()),
        "awaited": len(
            {one.feed.feed.code for one in sources.values() if one.feed is not None and one.awaited}
        ),
        "apart": keeper_apart(ward.code),
        "still_heard": bool(frozen) and all(one.still_heard for one in frozen),
        "down": len(now.statuses.down(ward.code)),
    }


@require_GET
@needs_role(*CARE)
def board(request: HttpRequest, code: str) -> HttpResponse:
    """Return a ward's board."""
    found = _fragment(request, code)
    if found is None:
        raise Http404
    now = island_now(request)
    return render(
        request,
        "bedside/board.html",
        {
            "fragment": found.body,
            "ward": _ward_of(now, code),
            "places": _places(request, code),
            "printed": [(one, seal(one.row.id, "sheet")) for one in of_ward(code)],
            "prints_open": ward_prints_open(request, code),
            "prescriptions": _prescriptions(now, code),
        },
    )


@require_GET
@needs_role(*CARE)
def board_live(request: HttpRequest, code: str) -> HttpResponse:
    """Return the board alone, or 304 when nothing on it changed."""
    found = _fragment(request, code)
    if found is None:
        raise Http404
    known = request.headers.get("If-None-Match")
    if known and found.etag in (known, NOT_YET):
        return HttpResponse(status=304, headers={"ETag": known})
    return HttpResponse(found.body, headers={"ETag": found.etag})


def _ward_of(now: IslandNow | None, code: str) -> Ward:
    known = now.directory.ward(code) if now is not None else None
    return known or Ward(code=code, name=code, building="")


def _prescriptions(now: IslandNow | None, code: str) -> bool:
    """Tell whether prescriptions of this ward reach the island line by line: then its prints come second."""
    if now is None:
        return False
    source = sources_of(code, now.directory, now.feeds, now.statuses)["prescribe"]
    return source.feed is not None and not source.feed.never


def _places(request: HttpRequest, code: str) -> list[Any]:
    now = island_now(request)
    return places_to_write(code, now, get_language() or "fr") if now is not None else []


def _fragment(request: HttpRequest, code: str) -> Fragment | None:
    """Return the board's fragment for this reader; an unchanged poll costs one small query."""
    now = island_now(request)
    if now is None:
        return None
    show = request.GET.get("show", "all")
    show = show if show in SHOWS else "all"
    version = WardChange.objects.filter(ward=code).values_list("version", flat=True).first()
    at = now_ms()
    key = digest(getattr(connection, "releve_place", None), code, version, now.version, at // 60_000)

    def read() -> Board | None:
        sources = sources_of(code, now.directory, now.feeds, now.statuses)
        return read_ward(code, now.directory, sources, now_ms=at)

    asked = {"patient": is_poll(request), "has_one": bool(request.headers.get("If-None-Match"))}
    read_under, found = boards.board(code, key, read, **asked)
    if found is None:
        return Fragment(NOT_YET, "") if read_under == NOT_YET else None
    language = get_language() or "fr"
    person = request.person  # type: ignore[attr-defined]
    rights = found.charged & set(person.wards)
    apart = keeper_apart(code)
    shape = digest(language, show, *sorted(rights), apart)
    etag = f'"{digest(read_under, shape)}"'
    if request.headers.get("If-None-Match") == etag:
        return Fragment(etag, "")

    def make() -> str:
        shown = for_reader(found, rights, now.directory.map.confidential.cover_name)
        return render_to_string("bedside/_board.html", _context(shown, now, show, etag, language, apart))

    return boards.fragment(code, etag, make, shape=shape, **asked)


def _dose_link(shown: Board, line: BoardLine) -> str:
    """Return what leads from the cell of a dose that waits to its form, "" where one writes elsewhere."""
    source, dose = shown.sources.get("administer"), line.dose
    open_here = source is not None and source.here_ms is not None
    if not open_here or not dose.drug or dose.state not in ("late", "now", "unknown"):
        return ""
    return f"?dose={dose_handle(dose.drug, dose.at)}#record"


def _context(
    shown: Board, now: IslandNow, show: str, etag: str, language: str, apart: Neighbour | None
) -> dict[str, Any]:
    lines = shown.lines
    if show == "todo":
        lines = [line for line in lines if line.to_do]
    elif show == "leaving":
        lines = [
            line
            for line in lines
            if line.present is not None
            and line.leaves_at is not None
            and line.leaves_at < shown.now_ms + LEAVING_MS
        ]
    every = {
        "ward": shown.ward,
        "unknown": shown.unknown,
        "frozen_ms": shown.frozen_ms,
        "is_frozen": shown.is_frozen,
        "nothing_yet": shown.nothing_yet,
        "still_heard": any(source.still_heard for source in shown.frozen),
    }
    rows = [
        line_set(
            line,
            every
            | {
                "handle": seal(line.present.head) if line.present is not None else "",
                "to_dose": _dose_link(shown, line),
            },
            language=language,
            now_ms=shown.now_ms,
        )
        for line in lines
    ]
    building = now.directory.building_of(shown.ward.code)
    return {
        "board": shown,
        "ward": shown.ward,
        "building": building,
        "rows": rows,
        "show": show,
        "etag": etag,
        "first": first_of(shown, language, apart),
        "frozen_ms": shown.frozen_ms,
        "is_frozen": shown.is_frozen,
    }
