"""The buildings, wards, rooms and beds of the demonstration hospital: 30 wards, 700 places, always the same."""

from collections.abc import Iterator

import msgspec

from releve.hospital.map import Bed, BedKind, Building, Room, Site, Ward, WardKind


class WardPlan(msgspec.Struct, frozen=True, kw_only=True):
    """How a ward is laid out.

    `singles` rooms hold one place, `doubles` two (door and window); `cots` stand beside the beds of as many rooms.
    """

    code: str
    name: str
    building: str
    floor: int
    specialty: str
    kind: WardKind
    singles: int
    doubles: int = 0
    cots: int = 0
    place: BedKind = "bed"

    @property
    def beds(self) -> int:
        """How many places."""
        return self.singles + 2 * self.doubles + self.cots


SITE = Site(
    code="VAL",
    name="Centre hospitalier de Valombre",
    address="1 allée des Érables, 99100 Valombre",
    finess="990000028",
)

BUILDINGS = (
    Building(code="A", name="Les Érables", site="VAL"),
    Building(code="B", name="Les Tilleuls", site="VAL"),
    Building(code="C", name="Les Saules", site="VAL"),
    Building(code="D", name="Les Charmes", site="VAL"),
)

# code | name | building | floor | specialty | kind | single rooms | double rooms | cots | what lies there
_WARDS = """
1101|Urgences|A|0|Urgences|emergency|24|0|0|stretcher
1102|UHCD|A|0|Urgences, courte durée|inpatient|10|0|0|bed
1110|Réanimation|A|1|Réanimation polyvalente|critical|16|0|0|bed
1120|Surveillance continue|A|1|Surveillance continue|critical|8|0|0|bed
1130|Cardiologie|A|2|Cardiologie|inpatient|14|6|0|bed
1140|USIC|A|2|Soins intensifs de cardiologie|critical|8|0|0|bed
1150|Neurologie|A|3|Neurologie|inpatient|14|6|0|bed
1160|Soins intensifs neuro-vasculaires|A|3|Neurologie vasculaire|critical|10|0|0|bed
2110|Orthopédie|B|1|Orthopédie et traumatologie|inpatient|18|6|0|bed
2120|Urologie|B|1|Urologie|inpatient|16|4|0|bed
2140|Chirurgie polyvalente|B|2|Chirurgie|inpatient|28|0|0|bed
2130|Chirurgie digestive|B|2|Chirurgie viscérale et digestive|inpatient|16|6|0|bed
2147|Chirurgie ambulatoire|B|0|Chirurgie ambulatoire|day|16|0|0|armchair
2160|Gynécologie|B|3|Gynécologie|inpatient|12|3|0|bed
2170|Maternité|B|3|Obstétrique, suites de couches|inpatient|26|0|26|bed
2180|Néonatologie|B|3|Néonatologie|critical|12|0|0|incubator
3110|Pneumologie|C|1|Pneumologie|inpatient|16|6|0|bed
3120|Gastro-entérologie|C|1|Hépato-gastro-entérologie|inpatient|14|6|0|bed
3130|Médecine interne|C|2|Médecine polyvalente|inpatient|14|6|0|bed
3140|Diabétologie|C|2|Endocrinologie et diabétologie|inpatient|12|4|0|bed
3150|Néphrologie|C|3|Néphrologie|inpatient|14|4|0|bed
3160|Hémodialyse|C|0|Dialyse|day|16|0|0|dialysis
3170|Oncologie|C|3|Oncologie et hématologie|inpatient|16|4|0|bed
4110|Gériatrie aiguë|D|1|Médecine gériatrique|inpatient|18|6|0|bed
4120|SMR locomoteur|D|2|Soins médicaux et de réadaptation|inpatient|12|12|0|bed
4130|SMR polyvalent|D|3|Soins médicaux et de réadaptation|inpatient|12|12|0|bed
4140|Longue durée|D|4|Soins de longue durée (USLD)|inpatient|24|8|0|bed
4150|Psychiatrie|D|0|Psychiatrie générale|inpatient|20|2|0|bed
4160|Pédiatrie|D|1|Pédiatrie|inpatient|22|2|0|bed
4170|Soins palliatifs|D|4|Soins palliatifs|inpatient|10|0|0|bed
"""

_ROOM_PREFIX: dict[BedKind, str] = {"stretcher": "BOX", "armchair": "FAUT", "dialysis": "POSTE"}


def ward_plans() -> tuple[WardPlan, ...]:
    """Return how each ward is laid out."""
    plans = []
    for line in _WARDS.strip().splitlines():
        code, name, building, floor, specialty, kind, singles, doubles, cots, place = line.split("|")
        plain = {
            "code": code,
            "name": name,
            "building": building,
            "specialty": specialty,
            "kind": kind,
            "place": place,
        }
        numbers = {"floor": int(floor), "singles": int(singles), "doubles": int(doubles), "cots": int(cots)}
        plans.append(msgspec.convert({**plain, **numbers}, WardPlan))
    return tuple(plans)


def demo_wards() -> tuple[Ward, ...]:
    """Return the wards; their telephone numbers are from the range reserved for fiction."""
    return tuple(
        Ward(
            code=plan.code,
            name=plan.name,
            building=plan.building,
            floor=str(plan.floor),
            specialty=plan.specialty,
            phone=ward_phone(plan.code),
            kind=plan.kind,
        )
        for plan in ward_plans()
    )


def ward_phone(code: str) -> str:
    """Return the telephone of a ward.

    Source: Arcep, decision 2009-0535: 01 99 00 XX XX is given to nobody, for works of fiction.
    """
    return f"01 99 00 {code[:2]} {code[2:]}"


def demo_rooms_and_beds() -> tuple[tuple[Room, ...], tuple[Bed, ...]]:
    """Return all rooms and all beds.

    Rooms are numbered by floor, on through the wards that share it; the bed of a single room has the room's name,
    those of a double room end with P (door) and F (window), a cot ends with B (*berceau*).
    """
    rooms: list[Room] = []
    beds: list[Bed] = []
    next_number: dict[tuple[str, int], int] = {}
    for plan in ward_plans():
        numbers = next_number.get((plan.building, plan.floor), plan.floor * 100 + 1)
        for position in range(plan.singles + plan.doubles):
            room = _room(plan, position, numbers + position)
            rooms.append(room)
            beds += _beds(plan, room, double=position >= plan.singles, cot=position < plan.cots)
        next_number[plan.building, plan.floor] = numbers + plan.singles + plan.doubles
    return tuple(rooms), tuple(beds)


def _room(plan: WardPlan, position: int, number: int) -> Room:
    prefix = _ROOM_PREFIX.get(plan.place)
    name = f"{prefix}{position + 1:02d}" if prefix else f"{number:03d}"
    return Room(code=f"{plan.code}-{name}", ward=plan.code, name=name)


def _beds(plan: WardPlan, room: Room, *, double: bool, cot: bool) -> Iterator[Bed]:
    for ending in ("P", "F") if double else ("",):
        name = room.name + ending
        yield Bed(code=f"{plan.code}-{name}", room=room.code, ward=plan.code, kind=plan.place, name=name)
    if cot:
        name = room.name + "B"
        yield Bed(code=f"{plan.code}-{name}", room=room.code, ward=plan.code, kind="cot", name=name)
