"""Who fits where in the simulated hospital: the ages and the sex that a ward, an illness and an appointment ask for.

A child in geriatrics or a man followed for his pregnancy makes whoever looks at a board doubt all the rest of it.
Ages are counted by years alone: nobody's own birthday matters here.
"""

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from releve.exercise.people import Person
from releve.exercise.pictures import Picture

__all__ = ["NOBODY_ELSE", "Fit", "admits", "age_of", "ages_coming", "picture_for", "reason_for", "suits"]


class Fit(NamedTuple):
    """The ages, first and last, and the sex ("": both) that something asks for."""

    first: int
    last: int
    sex: str = ""

    def takes(self, age: int, sex: str) -> bool:
        """Tell whether somebody of this age and sex fits; of who cannot say it, the sex is not asked."""
        return self.first <= age <= self.last and (not self.sex or sex in (self.sex, "U"))


# By what lies in a ward: who usually comes, and who may ever lie there.
_COMING = {
    "paediatrics": (1, 15), "maternity": (19, 42), "geriatrics": (76, 99), "rehabilitation": (45, 95),
    "emergency": (2, 95), "psychiatry": (18, 80), "day": (20, 85), "gynaecology": (18, 80),
}  # fmt: skip
_COMING_ELSEWHERE = (22, 96)
_LYING = {
    "paediatrics": Fit(0, 15), "neonatal": Fit(0, 0), "maternity": Fit(16, 50, "F"), "gynaecology": Fit(16, 110, "F"),
    "geriatrics": Fit(75, 110), "rehabilitation": Fit(40, 110), "emergency": Fit(0, 110), "psychiatry": Fit(16, 110),
}  # fmt: skip
_LYING_ELSEWHERE = Fit(16, 110)
# Where nobody is brought from another ward.
NOBODY_ELSE = ("maternity", "gynaecology", "neonatal", "paediatrics")

# By the code of an illness (CIM-10) or the words of an appointment; whatever is not here is everybody's.
_ILLNESSES = {
    "E11.6": Fit(35, 110), "I21.4": Fit(35, 110), "I35.0": Fit(55, 110), "J44.1": Fit(45, 110), "C34.1": Fit(45, 110),
    "I63.9": Fit(40, 110), "G35": Fit(18, 60), "C50.9": Fit(30, 110, "F"), "C18.9": Fit(40, 110), "L97": Fit(35, 110),
    "S72.0": Fit(60, 110), "M17.1": Fit(50, 110), "C18.7": Fit(40, 110), "I70.2": Fit(50, 110), "J21.0": Fit(0, 2),
    "J45.9": Fit(3, 110), "Z50.1": Fit(50, 110), "I69.3": Fit(40, 110), "R07.4": Fit(18, 110), "R55": Fit(10, 110),
    "S93.4": Fit(6, 110), "F10.0": Fit(16, 110), "H26.9": Fit(55, 110), "G56.0": Fit(25, 110),
    "D25.9": Fit(30, 60, "F"), "O00.1": Fit(16, 48, "F"), "K74.6": Fit(30, 110), "N18.5": Fit(16, 110),
}  # fmt: skip
_REASONS = {
    "Consultation de suivi": Fit(0, 110), "Première consultation": Fit(0, 110),
    "Consultation d'anesthésie": Fit(0, 110), "Contrôle post-opératoire": Fit(0, 110), "Échographie": Fit(0, 110),
    "Surveillance de grossesse": Fit(18, 42, "F"), "Injection & pansement": Fit(0, 110),
    "Explorations fonctionnelles": Fit(16, 110),
}  # fmt: skip


def age_of(person: Person, year: int) -> int:
    """Return how old somebody becomes in this year."""
    return year - int(person.birth[:4])


def ages_coming(kind: str) -> tuple[int, int]:
    """Return the youngest and the oldest of those who usually come to such a ward; not of a neonatal one."""
    return _COMING.get(kind, _COMING_ELSEWHERE)


def admits(kind: str, age: int, sex: str) -> bool:
    """Tell whether somebody may lie in a ward where such pictures lie; a newborn beside the mother is not asked."""
    return _LYING.get(kind, _LYING_ELSEWHERE).takes(age, sex)


def suits(picture: Picture, age: int, sex: str) -> bool:
    """Tell whether somebody may have this illness."""
    fit = _ILLNESSES.get(picture.code.partition("^")[0])
    return fit is None or fit.takes(age, sex)


def picture_for(rng: Random, pictures: Sequence[Picture], age: int, sex: str) -> Picture:
    """Return one of a ward's pictures that somebody of this age and sex may have; any of them if there is none."""
    return rng.choice([one for one in pictures if suits(one, age, sex)] or pictures)


def reason_for(rng: Random, age: int, sex: str) -> str:
    """Return why somebody of this age and sex comes to an appointment."""
    return rng.choice([words for words, fit in _REASONS.items() if fit.takes(age, sex)])
