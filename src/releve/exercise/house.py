"""The hospital map as its simulated people use it: free beds, who works where, which application speaks for a ward."""

from random import Random

from releve.exercise.pictures import PICTURES, Picture, pictures_of
from releve.exercise.segments import Authority, escaped, professional
from releve.exercise.world import Outlet, World
from releve.hospital.map import Application, Bed, Directory, Feed, HospitalMap, Staff, Ward

# Mean length of stay in days, by what lies in the ward.
STAY_DAYS = {
    "general": 6.0, "geriatrics": 10.0, "cardiology": 5.0, "pneumology": 7.0, "neurology": 7.0, "gastro": 5.5,
    "oncology": 6.0, "nephrology": 6.5, "endocrinology": 6.0, "surgery": 4.0,
    "gynaecology": 2.8, "day-surgery": 0.25, "critical": 4.5, "maternity": 3.6,
    "paediatrics": 2.6, "neonatal": 9.0, "psychiatry": 17.0, "rehabilitation": 23.0, "day": 0.25, "dialysis": 0.2,
    "emergency": 0.2, "short": 0.9,
}  # fmt: skip

# Role of a stream: kinds of messages, care functions of the application that sends it, charset, offset in stamps.
_ROLES: dict[str, tuple[tuple[str, ...], tuple[str, ...], str, bool]] = {
    "identity": (("ADT",), ("identity", "admit"), "8859/15", False),
    "prescription": (("RDE", "OMP"), ("prescribe",), "UNICODE UTF-8", True),
    "administration": (("RAS",), ("administer", "prescribe"), "UNICODE UTF-8", True),
    "dispense": (("RDS",), ("dispense",), "8859/15", False),
    "laboratory-order": (("OML",), ("order-laboratory", "prescribe"), "UNICODE UTF-8", False),
    "laboratory": (("ORU",), ("results-laboratory",), "8859/1", False),
    "imaging-order": (("OMI", "ORM", "OMG"), ("order-imaging", "prescribe"), "8859/1", False),
    "imaging": (("ORU",), ("results-imaging",), "8859/1", False),
    "document": (("MDM",), ("document",), "UNICODE UTF-8", False),
    "appointment": (("SIU",), ("appoint",), "8859/15", False),
}


class Place:
    """A ward with its free beds and its people."""

    def __init__(self, ward: Ward, directory: Directory) -> None:
        self.code = ward.code
        self.ward = ward
        self.kind = pictures_of(kind=ward.kind, words=f"{ward.name} {ward.specialty}")
        self.pictures: tuple[Picture, ...] = PICTURES[self.kind]
        beds = directory.beds_of(ward.code)
        self.room_names = {room.code: room.name for room in directory.rooms_of(ward.code)}
        child = self.kind == "neonatal"
        self.beds = [bed for bed in beds if child or bed.kind not in ("cot", "incubator")]
        self.free = list(self.beds)
        self.free_cots = [bed for bed in beds if not child and bed.kind in ("cot", "incubator")]
        self.target = 0.0
        self.present = 0
        self.stay_days = STAY_DAYS[self.kind]

    def take(self, rng: Random) -> Bed | None:
        """Return a free bed, taken from now on, or None."""
        if not self.free:
            return None
        return self.free.pop(int(rng.random() * len(self.free)))

    def take_cot(self, beside: Bed | None) -> Bed | None:
        """Return a free cot, that of the mother's own room before any other, or None."""
        if not self.free_cots:
            return None
        room = beside.room if beside is not None else ""
        own = next((at for at, cot in enumerate(self.free_cots) if cot.room == room), -1)
        return self.free_cots.pop(own)

    def release(self, bed: Bed | None) -> None:
        """Make a bed free again."""
        if bed is not None:
            (self.free if bed in self.beds else self.free_cots).append(bed)


class House:
    """All wards, their doctors and nurses, and the outlets of the applications."""

    def __init__(self, world: World) -> None:
        hospital = world.hospital
        self._world = world
        self.directory = Directory(hospital)
        self.authority = Authority(hospital)
        places = [Place(ward, self.directory) for ward in hospital.wards]
        self.places = {place.code: place for place in places}
        self.wards = [
            place for place in places if place.ward.kind in ("inpatient", "critical") and place.beds
        ]
        self.day_wards = [place for place in places if place.ward.kind == "day" and place.beds]
        self.emergency = [place for place in places if place.ward.kind == "emergency"]
        # Where the map names no consultations, people come to the day wards (nobody consults in dialysis).
        self.consultations = (
            [place for place in places if place.ward.kind == "outpatient"]
            or [place for place in self.day_wards if place.kind != "dialysis"]
            or self.wards
        )
        self._doctors = {place.code: self._people(place.code, ("physician",)) for place in places}
        self._nurses = {place.code: self._people(place.code, ("nurse", "midwife")) for place in places}
        self._outlets: dict[tuple[str, str], Outlet | None] = {}
        self._by_feed: dict[str, Outlet] = {}
        self.biologists = self._people("", ("laboratory", "physician"))
        self.radiologists = self._people("", ("physician",))
        self.pharmacists = self._people("", ("pharmacist",))
        self.clerk = self._people("", ("clerk",))[0]
        self._units = {place.code: escaped(place.ward.name) for place in places}
        self.stamp = world.stamps.second  # of the identity server's messages

    @property
    def now(self) -> int:
        """The instant the world is at."""
        return self._world.now

    def unit_name(self, place: Place) -> str:
        """Return the name of a ward, ready to write."""
        return self._units[place.code]

    def _people(self, ward: str, roles: tuple[str, ...]) -> list[str]:
        staff = self.directory.staff_of(ward) if ward else self._world.hospital.staff
        for role in roles:
            found = [professional(person) for person in staff if person.role == role]
            if found:
                return found
        if ward:
            return self._people("", roles)
        return [professional(Staff(code=f"S{roles[0]}", family="SERVICE", given="De garde", role="other"))]

    def doctor(self, place: Place) -> str:
        """Return a doctor of the ward (XCN)."""
        return self._world.rng.choice(self._doctors[place.code])

    def nurse(self, place: Place) -> str:
        """Return a nurse of the ward (XCN)."""
        return self._world.rng.choice(self._nurses[place.code])

    def somebody(self, people: list[str]) -> str:
        """Return one of the people (XCN)."""
        return self._world.rng.choice(people)

    def location(self, place: Place, bed: Bed | None) -> str:
        """Return PV1-3 of a place and a bed."""
        if bed is None:
            return self.authority.location(place.code, "", "")
        return self.authority.location(place.code, self.room(place, bed), self.bed_name(bed))

    def room(self, place: Place, bed: Bed | None) -> str:
        """Return what PV1-3.2 says."""
        return "" if bed is None else place.room_names.get(bed.room, bed.room)

    def bed_name(self, bed: Bed | None) -> str:
        """Return what PV1-3.3 says."""
        return "" if bed is None else bed.name or bed.code

    def outlet(self, role: str, ward: str) -> Outlet | None:
        """Return through which application a ward says what belongs to a role; None when nothing sends it."""
        key = role, ward
        if key not in self._outlets:
            self._outlets[key] = self._find_outlet(role, ward)
        return self._outlets[key]

    def _find_outlet(self, role: str, ward: str) -> Outlet | None:
        hospital = self._world.hospital
        kinds, functions, charset, zoned = _ROLES[role]
        if role == "identity":
            feeds = [feed for feed in hospital.feeds if feed.code == hospital.identity.feed]
        else:
            feeds = _matching(hospital, kinds, functions, ward)
        if not feeds:
            return None
        feed = feeds[0]
        if feed.code not in self._by_feed:
            self._by_feed[feed.code] = self._new_outlet(feed, charset, zoned)
        return self._by_feed[feed.code]

    def _new_outlet(self, feed: Feed, charset: str, zoned: bool) -> Outlet:
        run = f"{len(self._by_feed) + 1:02d}{self._world.run_number:04d}"
        return Outlet(feed, charset=charset, run=run, stamps=self._world.stamps, zoned=zoned)


def _matching(
    hospital: HospitalMap, kinds: tuple[str, ...], functions: tuple[str, ...], ward: str
) -> list[Feed]:
    """Return the feeds that carry these kinds for this ward, those made for the ward first."""
    applications = {application.code: application for application in hospital.applications}
    ranked: list[tuple[int, int, int, Feed]] = []
    for rank, feed in enumerate(hospital.feeds):
        if feed.kinds and not any(kind.split("^")[0] in kinds for kind in feed.kinds):
            continue
        application = applications.get(feed.application, Application(code=feed.application, name=""))
        if application.wards and ward not in application.wards:
            continue
        carried = [i for i, function in enumerate(functions) if function in application.care_functions]
        if not carried:
            continue
        ranked.append((0 if application.wards else 1, carried[0], rank, feed))
    return [feed for *_, feed in sorted(ranked, key=lambda row: row[:3])]
