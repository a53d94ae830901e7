"""A stay as the applications know it: where somebody lies, its movements, and how PV1 and the Z segments say so.

Source: HL7 v2.5 chapter 3 (PV1, PV2); IHE France PAM 2.11 (ZBE, ZFU, ZFV, ZFM, ZFD).
"""

from typing import Any, NamedTuple

from releve.exercise.house import House, Place
from releve.exercise.people import NONE_KNOWN, Person
from releve.exercise.pictures import Picture
from releve.exercise.segments import placed
from releve.hospital.map import Bed


class Step(NamedTuple):
    """A movement that stands: where and when."""

    number: str
    event: str
    at: int
    place: Place
    bed: Bed | None
    klass: str


class Stay:
    """A visit of somebody. `state` is planned, present, leave, left or cancelled."""

    __slots__ = (
        "account", "admitted", "baby_of", "bed", "children", "discharged", "disposition", "doctor", "expected",
        "isolation", "klass", "lines", "origin", "orders", "person", "picture", "place", "planned", "prefix",
        "severity", "state", "steps", "until", "vip", "visit",
    )  # fmt: skip

    def __init__(self, visit: str, person: Person, place: Place, bed: Bed | None, picture: Picture) -> None:
        self.visit = visit
        self.account = visit  # this hospital has one account a visit
        self.person = person
        self.place = place
        self.bed = bed
        self.picture = picture
        self.klass = "I"
        self.state = "planned"
        self.admitted = 0
        self.until = 0  # when it will end, which nobody knows yet
        self.planned = 0  # the day announced by a pre-admission (PV2-8)
        self.expected = 0  # what was announced (PV2-9)
        self.discharged = 0
        self.disposition = ""
        self.doctor = ""
        self.origin = "8"  # ZFM-1: 8 from home, 6 or 7 from elsewhere
        self.vip = ""
        self.isolation = ""
        self.severity = 1.0  # 1 at the worst, towards 0 as treatment works
        self.steps: list[Step] = []
        self.lines: list[Any] = []
        self.orders = 0
        self.children: list[Stay] = []
        self.baby_of: Stay | None = None
        self.prefix = ("", "")  # PID and PV1 as the other applications write them, and for which state

    @property
    def here(self) -> bool:
        """Whether somebody lies in this bed now."""
        return self.state == "present"

    def pv1(self, house: House, *, prior: str = "", full: bool = True) -> str:
        """Return PV1; `prior` is PV1-6. The short form is what other applications write."""
        stamp = house.stamp
        if not full:
            return (
                f"PV1|1|{self.klass}|{house.location(self.place, self.bed)}||||{self.doctor}||||||||||||"
                f"{house.authority.visit(self.visit)}"
            )
        return placed(
            "PV1",
            _1="1",
            _2=self.klass,
            _3=house.location(self.place, self.bed),
            _4="R" if self.klass == "I" and self.origin == "8" else "U" if self.origin == "5" else "",
            _6=prior,
            _7=self.doctor,
            _10=self.place.ward.specialty[:3].upper(),
            _14=self.origin,
            _16=self.vip,
            _17=self.doctor,
            _19=house.authority.visit(self.visit),
            _36=self.disposition,
            _44=stamp(self.admitted) if self.admitted else "",
            _45=stamp(self.discharged) if self.discharged else "",
            _51="V",
        )

    def pv2(self, house: House) -> str:
        """Return PV2: reason and expected end."""
        end = house.stamp(self.expected)[:8] if self.expected else ""
        begin = house.stamp(self.planned)[:8] if self.state == "planned" and self.planned else ""
        return placed("PV2", _3=f"^{self.picture.label}", _8=begin, _9=end)

    def bedside(self, house: House) -> str:
        """Return OBX of weight, height and isolation, and AL1 as stated: nothing when nobody asked."""
        person, at = self.person, house.stamp(house.now)
        rows = []
        if person.weight:
            rows.append(f"OBX|1|NM|29463-7^Poids^LN||{person.weight:g}|kg^^UCUM|||||F|||{at}")
        if person.height:
            rows.append(f"OBX|2|NM|8302-2^Taille^LN||{person.height}|cm^^UCUM|||||F|||{at}")
        if self.isolation:
            rows.append(f"OBX|3|CE|ISOL^Isolement^99SIH||{self.isolation}||||||F|||{at}")
        if person.allergies is not None:
            for rank, allergy in enumerate(person.allergies or (NONE_KNOWN,), start=1):
                row = f"AL1|{rank}|{allergy.category}|{allergy.code}|{allergy.severity}|{allergy.reaction}"
                rows.append(row.rstrip("|"))
        return "\r".join(rows)

    def other_prefix(self, house: House) -> str:
        """Return PID and PV1 as an application other than the identity server writes them."""
        person = self.person
        bed = self.bed.code if self.bed else ""
        key = f"{person.ipp}{person.family}{self.klass}{self.place.code}{bed}{self.doctor}"
        if self.prefix[0] != key:
            pid = person.short_pid(house.authority, self.account)
            self.prefix = (key, f"{pid}\r{self.pv1(house, full=False)}")
        return self.prefix[1]


def zbe(
    house: House, number: str, at: int, action: str, place: Place, *, original: str = "", nature: str = "HMS",
    historic: bool = False,
) -> str:  # fmt: skip
    """Return ZBE: the movement, INSERT, UPDATE or CANCEL, and the UF in charge of medicine and care."""
    unit = f"{house.unit_name(place)}^^^^^{house.authority.hd}^UF^^^{place.code}"
    return (
        f"ZBE|{house.authority.movement(number)}|{house.stamp(at)}||{action}|{'Y' if historic else 'N'}|{original}|"
        f"{unit}|{unit}|{nature}"
    )


def zfu(house: House, place: Place, at: int) -> str:
    """Return ZFU: the UF of accommodation, of medicine and of care, each since when."""
    unit, since = f"{house.unit_name(place)}^^^^^{house.authority.hd}^UF^^^{place.code}", house.stamp(at)
    return f"ZFU|{unit}|{since}|{unit}|{since}|{unit}|{since}"
