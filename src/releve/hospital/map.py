"""The map of a hospital: sites, buildings, wards, rooms, beds, staff, printers, applications, feeds.

Pure structs, all of which travel together in one journal entry (`facts.HospitalMapImported`).
`Directory` answers the questions asked of a map thousands of times a second.
"""

from collections.abc import Iterable, Mapping
from typing import Literal, TypeVar

import msgspec

WardKind = Literal[
    "inpatient",  # hospitalisation complète
    "critical",  # réanimation, soins intensifs, surveillance continue
    "emergency",  # urgences, UHCD
    "day",  # hôpital de jour, ambulatoire
    "theatre",  # bloc opératoire, salle de naissance
    "outpatient",  # consultations
    "technical",  # laboratoire, imagerie, pharmacie
    "support",  # administration, logistique
]
BedKind = Literal["bed", "cot", "incubator", "stretcher", "armchair", "dialysis"]
StaffRole = Literal[
    "nurse",
    "physician",
    "pharmacist",
    "radiographer",
    "laboratory",
    "clerk",
    "crisis",
    "it",
    "auditor",
    "midwife",
    "assistant",
    "other",
]
PrinterKind = Literal["a4", "label"]


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """A place of the hospital with its own address."""

    code: str
    name: str
    finess: str = ""  # FINESS géographique
    address: str = ""


class Building(msgspec.Struct, frozen=True, kw_only=True):
    """A building: the unit in which a network is cut, and evacuated."""

    code: str
    name: str
    site: str


class Ward(msgspec.Struct, frozen=True, kw_only=True):
    """A ward (*unité fonctionnelle*); `code` is the UF received in PV1-3.1."""

    code: str
    name: str
    building: str
    floor: str = ""
    specialty: str = ""
    phone: str = ""
    kind: WardKind = "inpatient"


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """A room of a ward; `code` is unique in the hospital, `name` is what stands on the door (PV1-3.2)."""

    code: str
    ward: str
    name: str


class Bed(msgspec.Struct, frozen=True, kw_only=True):
    """A place where a patient lies; `code` is unique in the hospital, `name` is PV1-3.3, such as `P`."""

    code: str
    room: str
    ward: str
    kind: BedKind = "bed"
    name: str = ""


class Staff(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who works here; `wards` are those where she may write, empty for none in particular."""

    code: str
    family: str
    given: str
    role: StaffRole
    rpps: str = ""  # 11 digits, for the professions that have one
    wards: tuple[str, ...] = ()


class Printer(msgspec.Struct, frozen=True, kw_only=True):
    """A printer; `second_for` names the ward that prints here when its own printer fails.

    `address` is `10.0.0.5:9100` (raw) or `cups:NAME`.
    """

    code: str
    name: str
    ward: str = ""
    second_for: str = ""
    kind: PrinterKind = "a4"
    address: str = ""
    building: str = ""


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """A software of the hospital that can be down.

    `needs` are the applications without which it does not work.
    `wards` are those it serves, empty for all; one that serves few comes before one that serves all.
    `mtpd_hours` is the time after which its loss cannot be borne (ISO 22301); None when nobody has said.
    """

    code: str
    name: str
    care_functions: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    vendor: str = ""
    server_zone: str = ""
    mtpd_hours: int | None = None
    wards: tuple[str, ...] = ()


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """A sender of messages: MSH-3.1, MSH-4.1 and the addresses it speaks from (empty: from anywhere).

    After `silence_day_seconds` (07:00 to 21:00 in the hospital's zone) or `silence_night_seconds` without a
    message, what it feeds is stale. `kinds` are the messages expected, such as `ADT` or `ORU^R01`.
    """

    code: str
    name: str
    application: str
    sending_application: str
    sending_facility: str = ""
    addresses: tuple[str, ...] = ()
    silence_day_seconds: int = 1800
    silence_night_seconds: int = 7200
    kinds: tuple[str, ...] = ()


class Phone(msgspec.Struct, frozen=True, kw_only=True):
    """A number to call when nothing else works; `ward` is empty for the whole hospital."""

    code: str
    name: str
    number: str
    ward: str = ""
    kind: str = ""


class OnCall(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody on call or on duty, for a ward or (`ward` empty) for the whole hospital.

    `start` and `end` are moments on the hospital's wall, `2026-11-21T20:00`, `end` not included; empty: no bound.
    """

    code: str
    name: str
    role: StaffRole
    number: str = ""
    ward: str = ""
    start: str = ""
    end: str = ""


class IdentityAuthority(msgspec.Struct, frozen=True, kw_only=True):
    """Who decides which numbers name the same person.

    `feed` is the sender whose merges apply at once; `namespace` is PID-3.4.1 of its numbers, `oid` PID-3.4.2.
    `ipp` is the shape of such a number, a regular expression of the whole; "": no shape is told.
    """

    feed: str
    namespace: str
    oid: str = ""
    ipp: str = ""


class ConfidentialRule(msgspec.Struct, frozen=True, kw_only=True):
    """A value that makes a stay confidential, such as `PV1-16` = `I` or `PID-32` = `CACH`."""

    address: str
    value: str


class ConfidentialRules(msgspec.Struct, frozen=True, kw_only=True):
    """Which stays are shown under a cover name outside the ward in charge."""

    rules: tuple[ConfidentialRule, ...] = ()
    wards: tuple[str, ...] = ()  # every stay of these wards
    cover_name: str = "CONFIDENTIEL"


class HospitalMap(msgspec.Struct, frozen=True, kw_only=True):
    """The whole hospital as its own people described it."""

    name: str
    identity: IdentityAuthority
    finess: str = ""  # FINESS juridique
    zone: str = "Europe/Paris"
    language: str = "fr"
    exercise: bool = False  # an invented hospital: an island made of it says EXERCICE everywhere
    sites: tuple[Site, ...] = ()
    buildings: tuple[Building, ...] = ()
    wards: tuple[Ward, ...] = ()
    rooms: tuple[Room, ...] = ()
    beds: tuple[Bed, ...] = ()
    staff: tuple[Staff, ...] = ()
    printers: tuple[Printer, ...] = ()
    applications: tuple[Application, ...] = ()
    feeds: tuple[Feed, ...] = ()
    phones: tuple[Phone, ...] = ()
    on_call: tuple[OnCall, ...] = ()
    confidential: ConfidentialRules = msgspec.field(default_factory=ConfidentialRules)


Coded = TypeVar("Coded", Site, Building, Ward, Room, Bed, Staff, Printer, Application, Feed, Phone, OnCall)


class Directory:
    """The map with an index for each question; build it once for a map and keep it."""

    def __init__(self, hospital: HospitalMap) -> None:
        self.map = hospital
        self.sites = _by_code(hospital.sites)
        self.buildings = _by_code(hospital.buildings)
        self.wards = _by_code(hospital.wards)
        self.rooms = _by_code(hospital.rooms)
        self.beds = _by_code(hospital.beds)
        self.staff = _by_code(hospital.staff)
        self.printers = _by_code(hospital.printers)
        self.applications = _by_code(hospital.applications)
        self.feeds = _by_code(hospital.feeds)
        self._beds_of_ward = _grouped((bed.ward, bed) for bed in hospital.beds)
        self._rooms_of_ward = _grouped((room.ward, room) for room in hospital.rooms)
        self._wards_of_building = _grouped((ward.building, ward) for ward in hospital.wards)
        self._staff_of_ward = _grouped((code, person) for person in hospital.staff for code in person.wards)
        self._printers_of_ward = _grouped((printer.ward, printer) for printer in hospital.printers)
        self._second_printers = _grouped((printer.second_for, printer) for printer in hospital.printers)
        self._phones_of_ward = _grouped((phone.ward, phone) for phone in hospital.phones)
        self._on_call_of_ward = _grouped((one.ward, one) for one in hospital.on_call)
        self._feeds_of_sender = _grouped((feed.sending_application, feed) for feed in hospital.feeds)
        self._carriers = _grouped(
            (code, application)
            for application in hospital.applications
            for code in application.care_functions
        )
        self._bed_at = {
            (
                bed.ward,
                self.rooms[bed.room].name if bed.room in self.rooms else bed.room,
                bed.name or bed.code,
            ): bed
            for bed in hospital.beds
        }

    def ward(self, code: str) -> Ward | None:
        """Return the ward of this UF code."""
        return self.wards.get(code)

    def building_of(self, ward: str) -> Building | None:
        """Return the building in which the ward stands."""
        found = self.wards.get(ward)
        return self.buildings.get(found.building) if found else None

    def wards_of(self, building: str) -> tuple[Ward, ...]:
        """Return the wards of a building, in the order of the map."""
        return self._wards_of_building.get(building, ())

    def beds_of(self, ward: str) -> tuple[Bed, ...]:
        """Return the beds of a ward, in the order of the map."""
        return self._beds_of_ward.get(ward, ())

    def rooms_of(self, ward: str) -> tuple[Room, ...]:
        """Return the rooms of a ward, in the order of the map."""
        return self._rooms_of_ward.get(ward, ())

    def bed_at(self, ward: str, room: str, bed: str) -> Bed | None:
        """Return the bed that PV1-3 names: UF, room, bed.

        The bed may be named by what stands in the room (`P`) or by its code in the hospital (`2101P`).
        """
        found = self.beds.get(bed)
        if found is not None and found.ward == ward:
            return found
        return self._bed_at.get((ward, room, bed))

    def staff_of(self, ward: str) -> tuple[Staff, ...]:
        """Return those who may write in a ward."""
        return self._staff_of_ward.get(ward, ())

    def printers_of(self, ward: str, kind: PrinterKind = "a4") -> tuple[Printer, ...]:
        """Return where a ward prints: its own printers first, then those that stand in."""
        own = self._printers_of_ward.get(ward, ())
        second = self._second_printers.get(ward, ())
        return tuple(printer for printer in (*own, *second) if printer.kind == kind)

    def phones_of(self, ward: str) -> tuple[Phone, ...]:
        """Return the numbers of a ward; `""` gives those of the whole hospital."""
        return self._phones_of_ward.get(ward, ())

    def on_call_of(self, ward: str) -> tuple[OnCall, ...]:
        """Return those on call for a ward, at any hour; `""` gives those of the whole hospital."""
        return self._on_call_of_ward.get(ward, ())

    def application(self, code: str) -> Application | None:
        """Return the application of this code."""
        return self.applications.get(code)

    def applications_carrying(self, function: str, ward: str = "") -> tuple[Application, ...]:
        """Return the applications that carry a care function, in the order in which one writes to them.

        For a ward: those that serve it, and among these the ones made for few wards before the ones for all.
        """
        carriers = self._carriers.get(function, ())
        if not ward:
            return carriers
        made_for_it = [application for application in carriers if ward in application.wards]
        for_all = [application for application in carriers if not application.wards]
        return (*made_for_it, *for_all)

    def needs_of(self, application: str) -> tuple[str, ...]:
        """Return the codes of all an application needs, directly or not, the nearest first."""
        order: list[str] = []
        waiting = list(self.applications[application].needs) if application in self.applications else []
        while waiting:
            code = waiting.pop(0)
            if code not in order and code != application:
                order.append(code)
                waiting.extend(self.applications[code].needs if code in self.applications else ())
        return tuple(order)

    def feed_for(self, sending_application: str, sending_facility: str, address: str = "") -> Feed | None:
        """Return the feed of a sender: MSH-3.1, MSH-4.1, the address it speaks from (`host` or `host:port`).

        The most precise wins: one that names the facility and the address before one that leaves them open.
        None for a sender nobody announced.
        """
        host = _host(address)
        best: Feed | None = None
        best_rank = -1
        for feed in self._feeds_of_sender.get(sending_application, ()):
            if feed.sending_facility and feed.sending_facility != sending_facility:
                continue
            if feed.addresses and host and host not in feed.addresses:
                continue
            rank = 2 * bool(feed.sending_facility) + (bool(feed.addresses) and bool(host))
            if rank > best_rank:
                best, best_rank = feed, rank
        return best

    def told_by(self, sending_application: str | None) -> str:
        """Return what people call the sender of a row, which keeps MSH-3.1 alone: the name of its first feed.

        The sender's own name where nobody announced it; nothing where none is kept.
        """
        feeds = self._feeds_of_sender.get(sending_application or "", ())
        return feeds[0].name if feeds else sending_application or ""


def _by_code(items: Iterable[Coded]) -> Mapping[str, Coded]:
    return {item.code: item for item in items}


def _grouped(pairs: Iterable[tuple[str, Coded]]) -> dict[str, tuple[Coded, ...]]:
    groups: dict[str, list[Coded]] = {}
    for key, item in pairs:
        groups.setdefault(key, []).append(item)
    return {key: tuple(group) for key, group in groups.items()}


def _host(address: str) -> str:
    """`10.0.0.5:2575`, `[fe80::1]:2575`, `10.0.0.5` or `fe80::1`, without the port."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address
