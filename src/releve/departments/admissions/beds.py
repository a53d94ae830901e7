"""Which beds are free, whose they are, how they are kept: the map, the stays and the acts of this room together."""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from releve.departments.admissions.tables import BedKept
from releve.hospital.map import Bed, Directory, Ward
from releve.record.crossed import Saying, side_by_side, token
from releve.record.persons import persons_behind, stays_here
from releve.record.sayings import sayings_of
from releve.record.tables import Encounter, Person
from releve.web.access import needs_cover
from releve.web.accounts.people import Person as Reader
from releve.web.opaque import seal

__all__ = ["BedLine", "Lying", "WardBeds", "bed_name", "beds_of", "find_bed"]

State = Literal["free", "occupied", "blocked", "reserved"]


class Lying(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in a bed, as this reader may know her; `handle` opens her page."""

    head: str
    handle: str
    name: str
    given: str
    ipp: str
    sex: str
    birth_date: str
    covered: bool
    on_leave: bool
    since_at: int | None
    stay: Encounter


class BedLine(msgspec.Struct, kw_only=True):
    """One bed of the map. `conflict`: two persons were put in it, and both acts stand."""

    bed: Bed
    name: str
    room: str
    lying: list[Lying] = []
    kept: BedKept | None = None
    said: tuple[Saying, ...] = ()  # what stands about how it is kept

    @property
    def two(self) -> tuple[Saying, ...]:
        """What two people said of it without having seen one another, while nobody settled it."""
        return side_by_side(self.said)

    @property
    def place(self) -> str:
        """What a form carries of what it was shown."""
        return token(f"{self.kept.log}#{self.kept.index}" if self.kept is not None else "", self.said)

    @property
    def kept_as(self) -> str:
        """How it is kept; of two statements side by side the more careful one, whoever spoke last."""
        told = {one.words.get("state", "open") for one in self.two} or {
            (self.kept.state or "open") if self.kept is not None else "open"
        }
        return next((state for state in ("blocked", "reserved") if state in told), "open")

    @property
    def state(self) -> State:
        """What one can do with it: somebody is in it, it is blocked, reserved, or free."""
        if self.lying:
            return "occupied"
        kept = self.kept_as
        return "blocked" if kept == "blocked" else "reserved" if kept == "reserved" else "free"

    @property
    def conflict(self) -> bool:
        """More than one person is said to be in this bed."""
        return len({one.head for one in self.lying}) > 1

    @property
    def isolation(self) -> str:
        """The isolation of the bed, "" for none; of two statements side by side, one that says there is one."""
        if self.two:
            return next((one.words["isolation"] for one in self.two if one.words.get("isolation")), "")
        return (self.kept.isolation if self.kept is not None else "") or ""


class WardBeds(msgspec.Struct, kw_only=True):
    """The beds of a ward, and those who are there without a bed of the map."""

    ward: Ward
    lines: list[BedLine]
    elsewhere: list[Lying]

    def count(self, state: State) -> int:
        """Return how many beds stand so."""
        return sum(1 for line in self.lines if line.state == state)

    @property
    def free(self) -> int:
        """How many beds are free."""
        return self.count("free")

    @property
    def reserved(self) -> int:
        """How many free beds are reserved."""
        return self.count("reserved")

    @property
    def blocked(self) -> int:
        """How many beds are blocked."""
        return self.count("blocked")

    @property
    def patients(self) -> int:
        """How many persons are here, with a bed or without."""
        return sum(len(line.lying) for line in self.lines) + len(self.elsewhere)

    @property
    def conflicts(self) -> list[BedLine]:
        """The beds where two persons are said to be."""
        return [line for line in self.lines if line.conflict]


def bed_name(bed: Bed, directory: Directory) -> str:
    """Return what people call the bed: its own name when it says the room, else room and bed."""
    room = directory.rooms.get(bed.room)
    if room is None or not bed.name or room.name in bed.name:
        return bed.name or bed.code
    return f"{room.name} {bed.name}"


def find_bed(code: str, directory: Directory) -> Bed | None:
    """Return the bed of a code, or of a scanned bed label (`RLV1|B|CODE`)."""
    text = code.strip()
    if text.upper().startswith("RLV1|B|"):
        text = text.split("|")[2].strip()
    return directory.beds.get(text)


def beds_of(wards: Sequence[Ward], directory: Directory, reader: Reader | None) -> dict[str, WardBeds]:
    """Return the beds of these wards, by ward code."""
    codes = [ward.code for ward in wards]
    kept = {row.id: row for row in BedKept.objects.filter(ward__in=codes)} if codes else {}
    said = sayings_of("bed.set.1", [f"bed:{code}" for code in kept])
    found = {
        ward.code: WardBeds(
            ward=ward,
            lines=[
                BedLine(
                    bed=bed,
                    name=bed_name(bed, directory),
                    room=bed.room,
                    lying=[],
                    kept=kept.get(bed.code),
                    said=said.get(f"bed:{bed.code}", ()),
                )
                for bed in directory.beds_of(ward.code)
            ],
            elsewhere=[],
        )
        for ward in wards
    }
    stays = stays_here(codes)
    behind = persons_behind({stay.person for stay in stays})
    seen: set[tuple[str, str, str]] = set()
    for stay in sorted(stays, key=lambda stay: stay.since_at or 0):
        # A stay that went on under another number after a merge is one stay, not two patients in one bed.
        head = behind[stay.person][0] if stay.person in behind else stay.person
        if (head, stay.visit, stay.ward or "") in seen:
            continue
        seen.add((head, stay.visit, stay.ward or ""))
        one = _lying(stay, behind, directory, reader)
        ward_beds = found[stay.ward or ""]
        line = _line_of(stay, ward_beds.lines, directory)
        (line.lying if line is not None else ward_beds.elsewhere).append(one)
    return found


def _line_of(stay: Encounter, lines: Sequence[BedLine], directory: Directory) -> BedLine | None:
    if not stay.bed:
        return None
    bed = directory.bed_at(stay.ward or "", stay.room or "", stay.bed)
    if bed is None:
        # A room told otherwise than on the map does not move somebody out of the only bed of that name here.
        named = [line for line in lines if line.bed.name == stay.bed]
        return named[0] if len(named) == 1 else None
    return next((line for line in lines if line.bed.code == bed.code), None)


def _lying(
    stay: Encounter,
    behind: Mapping[str, tuple[str, list[Person]]],
    directory: Directory,
    reader: Reader | None,
) -> Lying:
    head, members = behind.get(stay.person) or (stay.person, [Person(id=stay.person, person=stay.person)])
    row = next((member for member in members if member.id == head), members[0])
    rules = directory.map.confidential
    hidden = stay.confidential or row.confidential or (stay.ward if stay.ward in rules.wards else "")
    wards = (stay.ward, stay.care_ward, stay.medical_ward, stay.attributed_to)
    covered = needs_cover(reader, confidential=hidden, wards=wards)
    return Lying(
        head=head,
        handle=seal(head),
        name=rules.cover_name if covered else row.birth_name or row.used_name or "",
        given="" if covered else row.given_name or row.given_names or "",
        ipp="" if covered else head.partition(":")[2],
        sex="" if covered else row.sex or "",
        birth_date="" if covered else row.birth_date or "",
        covered=covered,
        on_leave=stay.status == "leave",
        since_at=stay.since_at,
        stay=stay,
    )
