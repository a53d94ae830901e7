"""From the views to the packs: everybody present, ward by ward, as they were known at one moment.

Who is where is read once for all wards, so that somebody who moves between two wards while packs are set stands in
one of them. What is said of the persons is then read ward by ward: one ward's rows at a time in memory.
This is the only module of the room that reads the views. Read `gather_ward.py` and `gather_person.py` next.
"""

from collections.abc import Collection, Iterator, Sequence
from zoneinfo import ZoneInfo

import msgspec
from django.db import transaction
from django.db.models import Q

from releve.bedside.census import Present, homonyms_of, present_by_ward
from releve.bedside.daily_census import CensusNow, census_now
from releve.bedside.files import files_of
from releve.bedside.horizon import Source, feeds_now, horizon_of
from releve.bedside.hospital_now import directory_now
from releve.departments.prescribing.tables import MedicationSheet
from releve.hospital.map import Directory
from releve.hospital.standing import heeded, statuses_now
from releve.hospital.tables import Declaration
from releve.paper.gather_frame import Frame, Neighbour, neighbours
from releve.paper.gather_person import Tie, Ties, sheet_of
from releve.paper.gather_ward import (
    apart_of,
    beds_of,
    compare,
    duties_of,
    horizons_of,
    phones_of,
    shift_start,
    shifts_of,
    ward_name,
    ward_sources,
    writing_of,
)
from releve.paper.gather_words import words_of
from releve.paper.hours import grid_hours
from releve.paper.pack import IslandReach, Medication, Occasion, PatientSheet, WardPack
from releve.record.tables import Link
from releve.views.parts import in_parts
from releve.web.elsewhere import keeper_apart

__all__ = ["Gathered", "Gathering", "NoViews", "UnknownWard", "gather"]

ATTACKS = ("attack", "exercise")
HOUR_MS = 3_600_000


class NoViews(LookupError):
    """No map was folded yet: there is nothing to print from."""


class UnknownWard(LookupError):
    """A ward was asked for that neither the map nor any person present knows."""


class Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """The pack of one ward, and the received prints that belong behind it (rows of the views, newest first)."""

    pack: WardPack
    prints: tuple[MedicationSheet, ...] = ()


class Gathering(msgspec.Struct, frozen=True, kw_only=True):
    """One moment of the hospital, ready to be read ward by ward."""

    frame: Frame
    census: CensusNow
    present: dict[str, list[Present]]
    wards: tuple[str, ...]

    def ward(
        self,
        code: str,
        *,
        pack_id: str,
        printed_ms: int,
        occasion: Occasion = "demand",
        exercise: bool = False,
        reach: IslandReach | None = None,
    ) -> Gathered:
        """Return the pack of one ward, read from the views now."""
        with transaction.atomic():  # one moment for all its rows
            return _ward(
                self,
                code,
                pack_id=pack_id,
                printed_ms=printed_ms,
                occasion=occasion,
                exercise=exercise,
                reach=reach,
            )


def gather(*, now_ms: int, wards: Collection[str] | None = None, language: str = "") -> Gathering:
    """Return who is where in these wards (None: all that have beds or patients), and how far the feeds reach.

    `language` is the hospital's own when empty.

    Raises:
        NoViews: no map was folded yet.
        UnknownWard: a ward of `wards` that nobody knows; the message names it.
    """
    directory = directory_now()
    if directory is None:
        raise NoViews("views: expected a hospital map in them")
    with transaction.atomic():
        frame = _frame(directory, now_ms, language or directory.map.language)
        present = present_by_ward()
        census = census_now()
    everyone = neighbours(
        Neighbour(present=one, ward=code, bed=frame.bed_words(one))
        for code, ones in present.items()
        for one in ones
    )
    frame = msgspec.structs.replace(frame, everyone=everyone)
    known = [
        ward.code
        for ward in directory.map.wards
        if present.get(ward.code) or directory.beds_of(ward.code) or ward.code in census.lines
    ]
    # Somebody in a ward that the map does not know, or in none, has a pack all the same.
    known += sorted(code for code in present if code not in directory.wards)
    if wards is None:
        chosen = known
    else:
        missing = sorted(set(wards) - set(known) - set(directory.wards))
        if missing:
            raise UnknownWard(f"ward: expected a UF of the map, not {missing[0]}")
        chosen = [code for code in (*known, *sorted(set(wards) - set(known))) if code in set(wards)]
    return Gathering(frame=frame, census=census, present=present, wards=tuple(chosen))


def _frame(directory: Directory, now_ms: int, language: str) -> Frame:
    zone = ZoneInfo(directory.map.zone)
    feeds, _strangers = feeds_now(directory, now_ms=now_ms)
    grid_ms = shift_start(now_ms, zone)
    grid = grid_hours(grid_ms, zone)
    attacks = Declaration.objects.filter(status="down", id__in=heeded(), reason__in=ATTACKS)
    return Frame(
        directory=directory,
        statuses=statuses_now(directory, now_us=now_ms * 1000),
        feeds=tuple(feeds),
        zone=zone,
        language=language,
        words=words_of(language),
        now_ms=now_ms,
        grid_ms=grid_ms,
        grid_end_ms=grid_ms + len(grid) * HOUR_MS,
        grid=grid,
        attack_ms=min((one.since_at for one in attacks if one.since_at is not None), default=None),
    )


def _ward(
    gathering: Gathering,
    code: str,
    *,
    pack_id: str,
    printed_ms: int,
    occasion: Occasion,
    exercise: bool,
    reach: IslandReach | None,
) -> Gathered:
    frame = gathering.frame
    present = gathering.present.get(code, [])
    sources = ward_sources(code, frame)
    horizon = horizon_of(frame.feeds, statuses=frame.statuses, ward=code)
    down = frame.statuses.down(code)
    cut_us = min((line.since_us for line in down if line.since_us is not None), default=None)
    prints = _prints(code, present)
    patients = _patients(code, present, sources, frame)
    lists = compare(code, present, gathering.census, frame)
    staff, roster = duties_of(code, frame)
    keeper = keeper_apart(code)
    reached = [
        at for at in (horizon.until_ms, keeper.since_ms if keeper is not None else None) if at is not None
    ]
    pack = WardPack(
        id=pack_id,
        language=frame.language,
        hospital=frame.directory.map.name,
        ward=ward_name(code, frame),
        data_at=frame.local(min(reached, default=frame.now_ms)),
        printed_at=frame.local(printed_ms),
        occasion="cut" if down else occasion if occasion != "cut" else "demand",
        cut_since=frame.local_or_none(cut_us // 1000 if cut_us is not None else None),
        exercise=exercise,
        medication=_medication(sources, patients, prints),
        grid=frame.grid,
        sources=horizons_of(sources, frame),
        beds=beds_of(code, present, sources, frame),
        patients=patients,
        shifts=shifts_of(frame),
        writing=writing_of(code, frame),
        staff=staff,
        roster=roster,
        phones=phones_of(code, frame),
        reach=reach,
        apart=apart_of(keeper, frame),
        census_at=lists.census_at,
        only_in_view=lists.only_in_view,
        only_in_census=lists.only_in_census,
    )
    return Gathered(pack=pack, prints=prints)


def _patients(
    code: str, present: Sequence[Present], sources: dict[str, Source], frame: Frame
) -> tuple[PatientSheet, ...]:
    ties = _ties(present)
    files = files_of(present, now_ms=frame.now_ms)
    charting, appointments = sources["administer"], sources["appoint"]
    sheets = []
    for one in present:
        stay = one.encounter
        in_charge = stay.attributed_to in (None, "", code) or code in (stay.care_ward, stay.medical_ward)
        sheets.append(
            sheet_of(
                # Two open stays of one person share what is said of her; each has its own bed and reason.
                msgspec.structs.replace(files[one.head], present=one),
                one,
                ties,
                frame,
                heard_ms=charting.heard_ms,
                appointments_received=appointments.feed is not None and not appointments.feed.never,
                covered=bool(one.confidential) and not in_charge,
            )
        )
    return tuple(sheets)


def _medication(
    sources: dict[str, Source], patients: Sequence[PatientSheet], prints: Sequence[MedicationSheet]
) -> Medication:
    """Return how prescriptions reach the island; a line that did reach it is always shown."""
    feed = sources["prescribe"].feed
    if (feed is not None and not feed.never) or any(sheet.lines for sheet in patients):
        return "fed"
    return "printed" if prints else "not_fed"


def _prints(code: str, present: Sequence[Present]) -> tuple[MedicationSheet, ...]:
    """Return the newest medication sheet received as a print, of each kind: of the ward, then of each person."""
    keys = [key for one in present for key in one.persons]
    found = list(MedicationSheet.objects.filter(ward=code, person=None).order_by("-dated_at", "id"))
    of_person: dict[str, list[MedicationSheet]] = {}
    for part in in_parts(keys):
        for row in MedicationSheet.objects.filter(person__in=part).order_by("-dated_at", "id"):
            of_person.setdefault(row.person or "", []).append(row)
    found += [row for key in keys for row in of_person.get(key, ())]
    newest: dict[tuple[str | None, str | None], MedicationSheet] = {}
    for row in found:
        newest.setdefault((row.person, row.media_type), row)
    return tuple(newest.values())


def _ties(present: Sequence[Present]) -> Ties:
    """Return how these persons are tied to others: links, mothers, children, same names."""
    keys = sorted({key for one in present for key in one.persons})
    links: dict[str, list[Tie]] = {}
    mothers: dict[str, list[str]] = {}
    children: dict[str, list[str]] = {}
    for link in _links(keys):
        if link.kind == "mother":
            if link.status == "active":
                children.setdefault(link.person, []).append(link.other)
                mothers.setdefault(link.other, []).append(link.person)
            continue
        if link.status not in ("active", "proposed"):
            continue
        for key, other in ((link.person, link.other), (link.other, link.person)):
            tie = Tie(
                other=other,
                kind=link.kind or "",
                status=link.status or "",
                recorded_at=link.recorded_at or 0,
            )
            links.setdefault(key, []).append(tie)
    return Ties(
        links={key: tuple(found) for key, found in links.items()},
        mothers={key: tuple(found) for key, found in mothers.items()},
        children={key: tuple(found) for key, found in children.items()},
        homonyms=homonyms_of(present),
    )


def _links(keys: Sequence[str]) -> Iterator[Link]:
    seen: set[str] = set()
    for part in in_parts(keys):
        for link in Link.objects.filter(Q(person__in=part) | Q(other__in=part)).order_by("id"):
            if link.id not in seen:
                seen.add(link.id)
                yield link
