"""The 3,000 people who work in the demonstration hospital: invented, in the proportions of a real one."""

from random import Random

from stdnum import luhn

from releve.exercise.demo_places import WardPlan, ward_plans
from releve.exercise.names import FAMILIES, GIVEN_MEN, GIVEN_WOMEN, PARTICLED
from releve.hospital.map import Staff, StaffRole

STAFF_COUNT = 3_000

# How many of each, out of 3,000; the rest are the trades without which no hospital runs (catering, technical, social).
# Source: shape of the hospital statistics of the French ministry (SAE) for a public hospital of this size, rounded.
_HEADCOUNT: dict[StaffRole, int] = {
    "nurse": 985,
    "assistant": 760,
    "physician": 340,
    "midwife": 46,
    "pharmacist": 18,
    "radiographer": 58,
    "laboratory": 64,
    "clerk": 270,
    "it": 36,
    "crisis": 12,
    "auditor": 4,
}

# Nurses and assistants for one place, by kind of ward: intensive care needs four times a rehabilitation ward.
_CARE_WEIGHT = {"critical": 3.2, "emergency": 2.6, "inpatient": 1.0, "day": 0.9}

_SHARE_OF_WOMEN: dict[StaffRole, float] = {
    "nurse": 0.87,
    "assistant": 0.9,
    "midwife": 0.97,
    "physician": 0.52,
    "it": 0.22,
    "clerk": 0.88,
}
_BIRTH_DECADES = (1960, 1980, 2000)

# Numbers of the people invented for tests: no one living is meant.
# Source: ANS test cards, whose RPPS numbers begin with 99700.
_RPPS_TEST = "99700"
_WITH_RPPS: frozenset[StaffRole] = frozenset({"physician", "pharmacist", "midwife"})

# People whom the documentation, the screens' examples and the demonstration accounts name; the same with any seed.
NAMED = (
    ("KERVELLA", "Nadia", "nurse", "2140"),
    ("VASSEUR", "Hélène", "physician", "2140 2130 2110 2120 2160 3110 3120 3130 3140 3150 3170"),
    ("OLLIVIER", "Marc", "it", ""),
    ("BEN YOUSSEF", "Samia", "pharmacist", ""),
    ("LE GOFF", "Yann", "crisis", ""),
    ("N’DIAYE", "Aminata", "clerk", ""),
    ("MERCIER", "Agnès", "midwife", "2170 2160"),
    ("TRÂN", "Thi-Hoa", "laboratory", ""),
    ("D’AGOSTINO", "Bruno", "radiographer", ""),
    ("DE LA TOUR", "Jean-Baptiste", "auditor", ""),
    ("KONÉ", "Rachid", "assistant", "2140"),
)


def demo_staff(seed: int) -> tuple[Staff, ...]:
    """Return the people, the named ones first; the same seed gives the same people."""
    rng = Random(f"staff {seed}")
    roles = [role for role, count in _HEADCOUNT.items() for _ in range(count)]
    for _, _, role, _ in NAMED:
        roles.remove(role)  # type: ignore[arg-type]
    others: list[StaffRole] = ["other"] * (STAFF_COUNT - len(NAMED) - len(roles))
    roles += others
    places = _Places(rng)
    people = [
        _person(number, family, given, role, tuple(wards.split()))  # type: ignore[arg-type]
        for number, (family, given, role, wards) in enumerate(NAMED, start=1)
    ]
    for number, role in enumerate(roles, start=len(people) + 1):
        family, given = _name(rng, role)
        people.append(_person(number, family, given, role, places.of(role)))
    return tuple(people)


def _person(number: int, family: str, given: str, role: StaffRole, wards: tuple[str, ...]) -> Staff:
    stem = f"{_RPPS_TEST}{number:05d}"
    rpps = stem + luhn.calc_check_digit(stem) if role in _WITH_RPPS else ""
    return Staff(code=f"M{number:05d}", family=family, given=given, role=role, rpps=rpps, wards=wards)


def _name(rng: Random, role: StaffRole) -> tuple[str, str]:
    women = rng.random() < _SHARE_OF_WOMEN.get(role, 0.65)
    given = rng.choice((GIVEN_WOMEN if women else GIVEN_MEN)[rng.choice(_BIRTH_DECADES)])
    chance = rng.random()
    if chance < 0.09:
        family = rng.choice(PARTICLED)
    elif chance < 0.16:
        first, second = rng.sample(FAMILIES, 2)
        family = f"{first}-{second}"
    else:
        family = rng.choice(FAMILIES)
    return family.upper(), given


class _Places:
    """Where people work: most in one ward, some in two neighbours, a pool of replacements anywhere in a building."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._plans = ward_plans()
        self._care = [plan.beds * _CARE_WEIGHT.get(plan.kind, 1.0) for plan in self._plans]
        self._neighbours = {
            plan.code: [
                other.code
                for other in self._plans
                if other.building == plan.building and other.code != plan.code
            ]
            for plan in self._plans
        }
        self._dealt: dict[StaffRole, int] = {}

    def of(self, role: StaffRole) -> tuple[str, ...]:
        """Return the wards of the next person of this role."""
        if role in ("nurse", "assistant", "physician"):
            plan = self._next_ward(role)
            chance = self._rng.random()
            if (
                role == "physician" and chance < 0.3
            ):  # biologists, radiologists, anaesthetists: no ward of their own
                return () if self._dealt[role] > len(self._plans) else (plan.code,)
            if chance > 0.94:
                return (plan.code, *self._neighbours[plan.code])
            return (
                (plan.code, self._rng.choice(self._neighbours[plan.code])) if chance > 0.82 else (plan.code,)
            )
        if role == "midwife":
            return ("2170",) if self._rng.random() < 0.8 else ("2170", "2160")
        if role == "clerk" and self._rng.random() < 0.35:
            return (self._rng.choice(self._plans).code,)
        return ()

    def _next_ward(self, role: StaffRole) -> WardPlan:
        """The first of a role go one to each ward, so that none is without; the others where the work is."""
        dealt = self._dealt.get(role, 0)
        self._dealt[role] = dealt + 1
        if dealt < len(self._plans):
            return self._plans[dealt]
        return self._rng.choices(self._plans, weights=self._care)[0]
