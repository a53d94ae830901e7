"""The identity server of the simulated hospital: A28, A31, A40, A47 and A44.

Source: HL7 v2.5 chapter 3; IHE France PAM 2.11, ITI-30 (one PID, no PV1, no Z segment in A40 and A47).
"""

from releve.exercise.house import House
from releve.exercise.people import NONE_KNOWN, Person, Registry
from releve.exercise.stays import Stay
from releve.exercise.tales import AllergiesTold, Linked, Tale, VisitMoved
from releve.exercise.world import World


def allergies_told(person: Person, at_us: int) -> tuple[Tale, ...]:
    """Return the tale of AL1 as the identity server writes it; nothing when nobody asked."""
    if person.allergies is None:
        return ()
    return (AllergiesTold(at_us, person.ipp, tuple(allergy.label for allergy in person.allergies)),)


class Identities:
    """Says who people are, and that two were one."""

    def __init__(self, world: World, house: House, registry: Registry) -> None:
        self._world = world
        self._house = house
        self.registry = registry

    def _send(self, trigger: str, structure: str, body: str, *tells: Tale) -> None:
        world, house = self._world, self._house
        outlet = house.outlet("identity", "")
        if outlet is None:
            return
        operator = house.clerk.split("^")[0]
        evn = f"EVN||{outlet.stamp(world.now)}|||{operator}"
        world.send(outlet, f"ADT^{trigger}^{structure}", f"{evn}\r{body}", *tells, version="2.5^FRA^2.11")

    def _pid(self, person: Person) -> str:
        return person.full_pid(self._house.authority).replace("{account}", "", 1)

    def _allergies(self, person: Person) -> str:
        if person.allergies is None:
            return ""
        rows = (
            f"AL1|{rank}|{allergy.category}|{allergy.code}|{allergy.severity}|{allergy.reaction}".rstrip("|")
            for rank, allergy in enumerate(person.allergies or (NONE_KNOWN,), start=1)
        )
        return "\r" + "\r".join(rows)

    def _zfd(self, person: Person) -> str:
        if person.unknown:
            return ""
        how = "INSI" if person.ins else "SM"
        return f"\rZFD|||||{how}"

    def create(self, person: Person) -> None:
        """Say that a person is now known (A28)."""
        self._describe("A28", person, with_allergies=False)

    def update(self, person: Person, *, with_allergies: bool = False) -> None:
        """Say the traits of a person as they now stand (A31)."""
        self._describe("A31", person, with_allergies=with_allergies)

    def _describe(self, trigger: str, person: Person, *, with_allergies: bool) -> None:
        at_us = self._world.now * 1_000_000
        told: tuple[Tale, ...] = (person.told(at_us),)
        parts = [self._pid(person), *person.relatives(), "PV1|1|N"]
        allergies = ""
        if with_allergies:
            allergies = self._allergies(person)
            told += allergies_told(person, at_us)
        self._send(trigger, "ADT_A05", "\r".join(parts) + allergies + self._zfd(person), *told)

    def qualify(self, person: Person) -> None:
        """Take a step towards a qualified identity, when papers or the INSi service have answered."""
        if person.unknown or len(person.birth) != 8:
            return
        if person.status == "PROV":
            person.status = "VALI"
        elif person.status == "RECUP":
            person.status = "QUAL"
        else:
            return
        person.changed()
        self.update(person)

    def merge(self, stays_as: Person, other: Person) -> None:
        """Say that two records are of one person (A40); the stay of the removed one goes on under the other."""
        mrg = f"MRG|{self._house.authority.ipp(other.ipp)}"
        at_us = self._world.now * 1_000_000
        self._send(
            "A40", "ADT_A39", f"{self._pid(stays_as)}\r{mrg}", Linked(at_us, stays_as.ipp, other.ipp, "merge")
        )
        stay = other.visit_now
        if isinstance(stay, Stay):
            stay.person = stays_as
            stays_as.visit_now = stay
            other.visit_now = None
            if stays_as.allergies is None:
                stays_as.allergies = other.allergies

    def renumber(self, person: Person) -> None:
        """Say that a person bears another number from now on (A47)."""
        old, person.ipp = person.ipp, self.registry.number()
        person.changed()
        mrg = f"MRG|{self._house.authority.ipp(old)}"
        at_us = self._world.now * 1_000_000
        self._send(
            "A47", "ADT_A30", f"{self._pid(person)}\r{mrg}", Linked(at_us, person.ipp, old, "renumber")
        )

    def move_visit(self, stay: Stay, right: Person) -> None:
        """Say that a visit was on the wrong person (A44)."""
        wrong = stay.person
        stay.person, right.visit_now, wrong.visit_now = right, stay, None
        authority = self._house.authority
        pid = right.full_pid(authority).replace("{account}", authority.account(stay.account), 1)
        mrg = f"MRG|{authority.ipp(wrong.ipp)}||{authority.account(stay.account)}"
        at_us = self._world.now * 1_000_000
        self._send("A44", "ADT_A43", f"{pid}\r{mrg}", VisitMoved(at_us, stay.visit, right.ipp, wrong.ipp))
