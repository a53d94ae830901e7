"""A ward around its patients: beds, how far each feed reaches, where to write, whom to call, who is on which list."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from releve.bedside.census import Present
from releve.bedside.daily_census import CensusNow
from releve.bedside.horizon import Source, sources_of
from releve.hospital.care import WARD_FUNCTIONS, care_function
from releve.hospital.status import WriteHere, where_to_write
from releve.hospital.tables import Census
from releve.hospital.writing import OPEN_DEPARTMENTS
from releve.paper.gather_frame import SHIFT_HOURS, SHIFT_KEYS, Frame
from releve.paper.gather_person import name_of
from releve.paper.hours import local_text
from releve.paper.pack import (
    BedLine,
    Duty,
    KeeperApart,
    LocalTime,
    MissingPerson,
    PhoneLine,
    Roster,
    Shift,
    SourceHorizon,
    SourceState,
    WardName,
    WritePlace,
)
from releve.paper.words import WORDS as TEMPLATE_WORDS
from releve.record.tables import Encounter
from releve.views.parts import in_parts
from releve.web.elsewhere import Neighbour

__all__ = [
    "Lists", "apart_of", "beds_of", "compare", "duties_of", "horizons_of", "phones_of", "shift_start",
    "shifts_of", "ward_name", "ward_sources", "writing_of",
]  # fmt: skip

# What a cover and a sheet speak of -> the care function whose feed brings it (allergies travel with identities).
KINDS = (
    ("identity", "identity"), ("allergies", "identity"), ("prescriptions", "prescribe"),
    ("administrations", "administer"), ("results", "results-laboratory"), ("orders", "order-laboratory"),
    ("imaging", "results-imaging"), ("appointments", "appoint"), ("reports", "document"),
)  # fmt: skip
# Kinds of paper form on the map of functions -> the forms of `releve.paper.forms`.
FORM_CODES = {
    "identity": "ADM1", "prescription": "RX1", "observation": "OBS1", "laboratory": "LAB1", "imaging": "IMG1",
    "note": "NOTE1", "appointment": "NOTE1", "transfusion": "NOTE1",
}  # fmt: skip
PHONES_MAX = 14
DUTIES_MAX = 9  # lines beside the steps, on the back of the cover
COTS = ("cot", "incubator")


def shift_start(now_ms: int, zone: ZoneInfo) -> int:
    """Return when the shift under way began: 07:00, 14:00 or 21:00 on the hospital's wall.

    >>> from zoneinfo import ZoneInfo
    >>> local_text(shift_start(1792888200000, ZoneInfo("Europe/Paris")), ZoneInfo("Europe/Paris"))
    '2026-10-24T21:00'
    """
    local = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(zone)
    begun = max((hour for hour in SHIFT_HOURS if hour <= local.hour), default=None)
    day = local if begun is not None else local - timedelta(days=1)
    start = day.replace(
        hour=SHIFT_HOURS[-1] if begun is None else begun, minute=0, second=0, microsecond=0, fold=0
    )
    return int(start.timestamp() * 1000)


def shifts_of(frame: Frame) -> tuple[Shift, ...]:
    """Return the shifts of the grid, the one under way first."""
    local = datetime.fromtimestamp(frame.grid_ms / 1000, UTC).astimezone(frame.zone)
    place = SHIFT_HOURS.index(local.hour)
    shifts = []
    start = local
    for n in range(len(SHIFT_HOURS)):
        hour = SHIFT_HOURS[(place + n + 1) % len(SHIFT_HOURS)]
        end = start.replace(hour=hour, fold=0) + timedelta(days=1 if hour <= start.hour else 0)
        shifts.append(
            Shift(
                key=SHIFT_KEYS[start.hour],
                start=local_text(int(start.timestamp() * 1000), frame.zone),
                end=local_text(int(end.timestamp() * 1000), frame.zone),
            )
        )
        start = end
    return tuple(shifts)


def ward_name(code: str, frame: Frame) -> WardName:
    """Return a ward as its people call it, and where it lies."""
    ward = frame.directory.ward(code)
    if ward is None:
        return WardName(code=code or "SANS-UF", name=frame.ward_name(code))
    building = frame.directory.building_of(code)
    place = frame.words(
        "ward_place",
        specialty=ward.specialty or ward.name,
        building=building.name if building else ward.building,
        floor=ward.floor or "?",
        code=code,
    )
    return WardName(code=code, name=ward.name, place=place)


def ward_sources(code: str, frame: Frame) -> dict[str, Source]:
    """Return for each care function the feed that brings it to this ward."""
    return sources_of(code, frame.directory, frame.feeds, frame.statuses)


def apart_of(keeper: Neighbour | None, frame: Frame) -> KeeperApart | None:
    """Return the island that keeps the ward as paper names it, None while all that it says comes here."""
    if keeper is None or keeper.step == "in-step":
        return None
    return KeeperApart(name=keeper.name, step=keeper.step, since=frame.local_or_none(keeper.since_ms))


def horizons_of(sources: Mapping[str, Source], frame: Frame) -> tuple[SourceHorizon, ...]:
    """Return how far each kind of data reaches, with the name of the feed that brings it."""
    found = []
    for key, function in KINDS:
        source = sources[function]
        state: SourceState
        if source.feed is None or source.feed.never:
            state = "never"
        elif source.down:
            state = "cut_heard" if source.still_heard else "frozen"
        else:
            state = "silent" if source.feed.silent else "live"
        label = f"label_{key}"
        name = frame.words(label) if label in frame.words else ""
        if function == "administer" and source.here_ms is not None:
            name = frame.words("charted_here", at=frame.said(source.here_ms))
        found.append(
            SourceHorizon(
                key=key,
                state=state,
                last=frame.local_or_none(source.heard_ms),
                label=name,
                note=frame.words("usual", feed=source.feed.feed.name)
                if state == "live" and source.feed is not None
                else "",
            )
        )
    return tuple(found)


def beds_of(
    code: str, present: Sequence[Present], sources: Mapping[str, Source], frame: Frame
) -> tuple[BedLine, ...]:
    """Return who has no bed here, then the beds of the map and who lies in them.

    Behind the free beds nobody looked for those without one, and whoever stands in a corridor is looked for first.
    One without anybody is free only where movements were ever received, and are heard or written here since the cut.
    """
    identity = sources["identity"]
    ever = identity.feed is not None and not identity.feed.never
    told = ever and (identity.down or (identity.feed is not None and not identity.feed.silent))
    lying: dict[str, list[Present]] = {}
    for one in present:
        bed = frame.bed_of(one)
        if bed is not None and bed.ward == code:
            lying.setdefault(bed.code, []).append(one)
    lines = []
    beds = frame.directory.beds_of(code)
    for bed in beds:
        name = frame.bed_name(bed)
        here = lying.get(bed.code, ())
        lines += [BedLine(id=name, state="occupied", patient=one.encounter.id) for one in here]
        # A cot beside a mother is no bed to give away: it stands in the list when a child lies in it.
        if not here and not (bed.kind in COTS and any(other.kind == "bed" for other in beds)):
            lines.append(BedLine(id=name, state="free" if told else "unknown"))
    placed = {line.patient for line in lines}
    without = [
        BedLine(id=frame.bed_words(one), state="occupied", patient=one.encounter.id)
        for one in present
        if one.encounter.id not in placed
    ]
    return (*without, *lines)


def writing_of(
    code: str, frame: Frame, open_departments: Collection[str] = OPEN_DEPARTMENTS
) -> tuple[WritePlace, ...]:
    """Return the one place where this ward writes for each care function of a ward."""
    found: list[WritePlace] = []
    admission: tuple[str, str] | None = None
    for function in WARD_FUNCTIONS:
        here = where_to_write(
            function.code, code, frame.directory, frame.statuses, frozenset(open_departments)
        )
        place = _write_place(here, frame)
        if function.code == "identity":
            admission = (place.place, place.name)
        elif function.code == "admit" and admission == (place.place, place.name):
            continue  # "admit, move, discharge" has been said
        found.append(place)
    return tuple(found)


def _write_place(here: WriteHere, frame: Frame) -> WritePlace:
    named = f"function_{here.function}"
    function = (
        here.function if named in TEMPLATE_WORDS else care_function(here.function).label(frame.language)
    )
    label = here.label(frame.language)
    if here.kind == "paper":
        kind = care_function(here.function).form
        if kind == "administration":
            label = frame.words("here_sheet")
        elif kind == "movement":
            label = frame.words("here_census")
        else:
            label = " ".join(part for part in (label, FORM_CODES.get(kind, "NOTE1")) if part)
    return WritePlace(
        function=function,
        place={"application": "application", "releve": "island", "paper": "paper"}[here.kind],  # type: ignore[arg-type]
        name=label,
        until=frame.local_or_none(here.next_change_us // 1000 if here.next_change_us else None),
    )


def duties_of(code: str, frame: Frame) -> tuple[tuple[Duty, ...], Roster]:
    """Return who is on call from now until the grid ends, and what the list is worth.

    The ward's own come first, those on call now before later ones.
    """
    now, until = frame.local(frame.now_ms), frame.local(frame.grid_end_ms)
    lines = [
        Duty(role=one.role, name=one.name, number=one.number, start=one.start or None, end=one.end or None)
        for where in dict.fromkeys((code, ""))
        for one in frame.directory.on_call_of(where)
        if (not one.end or now < one.end) and (not one.start or one.start < until)
    ]
    lines.sort(key=lambda one: (one.start or "") > now)
    return tuple(lines[:DUTIES_MAX]), "fed" if lines else "over" if frame.directory.map.on_call else "none"


def phones_of(code: str, frame: Frame) -> tuple[PhoneLine, ...]:
    """Return the numbers of a ward: those of the whole hospital first, because they are called in a hurry."""
    directory = frame.directory
    lines = [PhoneLine(who=phone.name, number=phone.number) for phone in directory.phones_of("")]
    own = [PhoneLine(who=phone.name, number=phone.number) for phone in directory.phones_of(code)]
    return (*lines[: PHONES_MAX - len(own)], *own)


# ---- the two lists ---------------------------------------------------------------------------


class Lists(msgspec.Struct, frozen=True, kw_only=True):
    """Who stands in one list only."""

    census_at: LocalTime | None = None
    only_in_view: tuple[MissingPerson, ...] = ()
    only_in_census: tuple[MissingPerson, ...] = ()


def compare(code: str, present: Sequence[Present], census: CensusNow, frame: Frame) -> Lists:
    """Return who stands in the view of a ward or in its last census, and not in the other, with what is known."""
    taken = census.taken.get(code, census.wide_ms)
    if taken is None:
        return Lists()
    words = frame.words
    listed = census.lines.get(code, ())
    numbers = {line.ipp for line in listed}
    visits = {line.visit for line in listed if line.visit}
    only_in_view = []
    for one in present:
        if numbers & _numbers(one) or one.encounter.visit in visits:
            continue
        other = next((census.by_ipp[ipp] for ipp in sorted(_numbers(one)) if ipp in census.by_ipp), None)
        since = one.encounter.since_at or one.encounter.admitted_at
        if since is not None and since > taken:
            note = words("came_after", at=frame.said(since))
        elif other is not None:
            note = words("census_ward", ward=frame.ward_name(other.ward or ""))
        else:
            note = words("census_none")
        called = name_of(one, frame, covered=False)
        name = called._replace(name=called.name.upper(), used=called.used.upper()).spoken(frame)
        only_in_view.append(MissingPerson(name=name, ipp=one.ipp, bed=frame.bed_words(one), note=note))
    here = {number for one in present for number in _numbers(one)} | {
        one.encounter.visit for one in present if one.encounter.visit
    }
    missing = [line for line in listed if line.ipp not in here and (line.visit or "") not in here]
    last = _last_stays([line.ipp for line in missing], frame)
    only_in_census = tuple(
        MissingPerson(
            name=_census_name(line, frame),
            ipp=line.ipp,
            bed=line.bed or "",
            note=_where_now(line, last, frame),
        )
        for line in missing
    )
    return Lists(
        census_at=frame.local(taken), only_in_view=tuple(only_in_view), only_in_census=only_in_census
    )


def _numbers(one: Present) -> set[str]:
    return {key.partition(":")[2] for key in one.persons} | {one.ipp}


def _census_name(line: Census, frame: Frame) -> str:
    """Return a name of the census; somebody confidential in another ward stays under her cover."""
    namespace = frame.directory.map.identity.namespace
    found = frame.everyone.get(f"{namespace}:{line.ipp}")
    if found is not None and found.ward != (line.ward or "") and found.present.confidential:
        return frame.directory.map.confidential.cover_name
    return line.name or frame.words("no_name")


def _last_stays(ipps: Sequence[str], frame: Frame) -> dict[str, Encounter]:
    namespace = frame.directory.map.identity.namespace
    keys = [f"{namespace}:{ipp}" for ipp in ipps]
    found: dict[str, Encounter] = {}
    for part in in_parts(keys):
        for stay in Encounter.objects.filter(person__in=part).order_by("stamp", "id"):
            found[stay.person.partition(":")[2]] = stay
    return found


def _where_now(line: Census, last: Mapping[str, Encounter], frame: Frame) -> str:
    namespace = frame.directory.map.identity.namespace
    found = frame.everyone.get(f"{namespace}:{line.ipp}")
    if found is not None:
        return frame.words("view_ward", ward=frame.ward_name(found.ward))
    stay = last.get(line.ipp)
    if stay is None:
        return frame.words("view_unknown")
    if stay.status == "left" and stay.discharged_at is not None:
        return frame.words("view_left", at=frame.said(stay.discharged_at))
    return frame.words("view_not_here")
