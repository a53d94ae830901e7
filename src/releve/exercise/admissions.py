"""Movements of the simulated hospital: who comes, moves, goes on leave, leaves, and what is taken back.

Source: IHE France PAM 2.11, ITI-31: A01-A07, A11-A13, A21, A22 with ZBE; A08 without.
"""

from collections.abc import Callable

from releve.exercise.house import House, Place
from releve.exercise.identities import Identities, allergies_told
from releve.exercise.people import Person
from releve.exercise.pictures import Picture
from releve.exercise.stays import Stay, Step, zbe, zfu
from releve.exercise.tales import Moved, Tale
from releve.exercise.world import DAY, HOUR, MINUTE, World
from releve.hospital.map import Bed

_STRUCTURES = {"A02": "ADT_A02", "A03": "ADT_A03", "A05": "ADT_A05", "A06": "ADT_A06", "A07": "ADT_A06",
               "A11": "ADT_A09", "A12": "ADT_A12", "A13": "ADT_A01", "A21": "ADT_A21", "A22": "ADT_A21"}  # fmt: skip
CANCELS = {"A11": "A01", "A12": "A02", "A13": "A03"}


class Admissions:
    """Keeps the stays, and says each movement."""

    def __init__(self, world: World, house: House, identities: Identities) -> None:
        self._world = world
        self._house = house
        self._identities = identities
        self._movements = 0
        self._visits = 0
        self.stays: dict[str, Stay] = {}  # those not over
        self.settled_in: list[Callable[[Stay], None]] = []  # told when somebody is really in a ward
        self.left: list[Callable[[Stay], None]] = []

    # What the applications write

    def _movement(self) -> str:
        self._movements += 1
        return f"{self._world.run_number:04d}{self._movements:07d}"

    def visit_number(self) -> str:
        """Return the next visit number."""
        self._visits += 1
        return f"9{self._world.run_number:04d}{self._visits:06d}"

    def _say(
        self, trigger: str, stay: Stay, *parts: str, happened: int = 0, told: tuple[Tale, ...] = ()
    ) -> None:
        world, house = self._world, self._house
        outlet = house.outlet("identity", "")
        if outlet is None:
            return
        operator = house.clerk.split("^")[0]
        evn = f"EVN||{outlet.stamp(world.now)}|||{operator}|{outlet.stamp(happened or world.now)}"
        authority = house.authority
        pid = stay.person.full_pid(authority).replace("{account}", authority.account(stay.account), 1)
        body = "\r".join((evn, pid, *(part for part in parts if part)))
        kind = f"ADT^{trigger}^{_STRUCTURES.get(trigger, 'ADT_A01')}"
        world.send(outlet, kind, body, *told, version="2.5^FRA^2.11")

    def _step(self, trigger: str, stay: Stay, happened: int) -> tuple[Step, Moved]:
        """Write a movement down; where it leads is where the stay now says it is."""
        last = stay.steps[-1].at if stay.steps else 0
        happened = max(happened, last + 1)
        step = Step(self._movement(), trigger, happened, stay.place, stay.bed, stay.klass)
        stay.steps.append(step)
        return step, self._moved(stay, step)

    def _moved(self, stay: Stay, step: Step, *, cancelled: bool = False) -> Moved:
        house = self._house
        return Moved(self._world.now * 1_000_000, stay.person.ipp, stay.visit, step.number, step.event,
                     step.at * 1_000_000, step.place.code, house.room(step.place, step.bed),
                     house.bed_name(step.bed), cancelled)  # fmt: skip

    def _some_time_ago(self) -> int:
        """When what is now typed happened: a third of the movements are typed some minutes later."""
        rng = self._world.rng
        return self._world.now - (rng.randint(2, 45) * MINUTE if rng.random() < 0.35 else 0)

    # Coming

    def open(self, person: Person, place: Place, bed: Bed | None, *, klass: str, picture: Picture) -> Stay:
        """Return a new stay, not yet said to anybody."""
        world = self._world
        stay = Stay(self.visit_number(), person, place, bed, picture)
        stay.klass = klass
        stay.doctor = self._house.doctor(place)
        person.visit_now = stay
        self.stays[stay.visit] = stay
        chance = world.rng.random()
        if chance < 0.008:
            stay.vip = self._confidential()
            person.alias = f"ANONYME^{stay.visit[-4:]}".split("^")[0]
            person.changed()
        if world.rng.random() < 0.06 and klass == "I":
            stay.isolation = world.rng.choice(
                (
                    "CONTACT^Isolement contact^99SIH",
                    "GOUTTE^Isolement gouttelettes^99SIH",
                    "AIR^Isolement air^99SIH",
                )
            )
        return stay

    def _confidential(self) -> str:
        for rule in self._world.hospital.confidential.rules:
            if rule.address == "PV1-16":
                return rule.value
        return "I"

    def announce(self, stay: Stay, at: int) -> None:
        """Say that somebody is expected at `at` (A05)."""
        stay.planned = at
        step, moved = self._step("A05", stay, self._world.now)
        house = self._house
        extras = (*stay.person.relatives(), stay.pv1(house), stay.pv2(house))
        self._say("A05", stay, *extras, zbe(house, step.number, step.at, "INSERT", step.place), told=(moved,))

    def arrive(self, stay: Stay, trigger: str) -> None:
        """Say that somebody has come: A01 into a bed, A04 without."""
        world, house = self._world, self._house
        stay.steps.clear()
        stay.state = "present"
        happened = self._some_time_ago() if world.settled else world.now
        stay.admitted = happened
        stay.expected = stay.until + world.rng.choice((-1, 0, 0, 0, 1, 2)) * DAY if stay.klass == "I" else 0
        if stay.expected and stay.expected < world.now:
            stay.expected = 0
        step, moved = self._step(trigger, stay, happened)
        stay.place.present += 1
        at_us = world.now * 1_000_000
        told: tuple[Tale, ...] = (stay.person.told(at_us), moved, *allergies_told(stay.person, at_us))
        diagnosis = f"DG1|1||{stay.picture.code}||{house.stamp(happened)}|A" if stay.klass == "I" else ""
        self._say(
            trigger,
            stay,
            f"ROL|1|AD|ODRP^Médecin traitant^HL70443|{stay.doctor}" if stay.klass == "I" else "",
            *stay.person.relatives(),
            stay.pv1(house),
            stay.pv2(house),
            zbe(house, step.number, step.at, "INSERT", stay.place),
            zfu(house, stay.place, step.at) if stay.klass == "I" else "",
            f"ZFM|{stay.origin}||{'5' if stay.origin == '5' else ''}||{'1' if stay.origin == '5' else '0'}",
            stay.bedside(house),
            diagnosis,
            happened=happened,
            told=told,
        )

    # Moving

    def transfer(self, stay: Stay, place: Place, bed: Bed | None) -> None:
        """Say that somebody lies elsewhere (A02); the bed given must be taken already."""
        house = self._house
        before, before_place = house.location(stay.place, stay.bed), stay.place
        stay.place.release(stay.bed)
        before_place.present -= 1
        place.present += 1
        changes_unit = place is not before_place
        stay.place, stay.bed = place, bed
        if changes_unit:
            stay.doctor = house.doctor(place)
        step, moved = self._step(
            "A02", stay, self._some_time_ago() if self._world.settled else self._world.now
        )
        nature = "HMS" if changes_unit else "L"
        self._say(
            "A02",
            stay,
            stay.pv1(house, prior=before),
            zbe(house, step.number, step.at, "INSERT", place, nature=nature),
            zfu(house, place, step.at) if changes_unit else "",
            happened=step.at,
            told=(moved,),
        )

    def change_class(self, stay: Stay, klass: str, place: Place, bed: Bed | None) -> None:
        """Say that an emergency passage becomes a stay (A06), or the reverse (A07)."""
        house = self._house
        trigger = "A06" if klass == "I" else "A07"
        before = house.location(stay.place, stay.bed)
        stay.place.release(stay.bed)
        stay.place.present -= 1
        place.present += 1
        stay.place, stay.bed, stay.klass = place, bed, klass
        stay.doctor = house.doctor(place)
        if klass == "I":
            stay.origin = "5"
        step, moved = self._step(trigger, stay, self._world.now)
        at_us = self._world.now * 1_000_000
        diagnosis = f"DG1|1||{stay.picture.code}||{house.stamp(step.at)}|A" if klass == "I" else ""
        self._say(
            trigger,
            stay,
            stay.pv1(house, prior=before),
            stay.pv2(house),
            zbe(house, step.number, step.at, "INSERT", place),
            stay.bedside(house),
            diagnosis,
            happened=step.at,
            told=(moved, *allergies_told(stay.person, at_us)),
        )

    def go_on_leave(self, stay: Stay, back: int) -> None:
        """Say that somebody goes home for a while, bed kept (A21)."""
        stay.state = "leave"
        step, moved = self._step("A21", stay, self._world.now)
        house = self._house
        self._say("A21", stay, stay.pv1(house), f"PV2{'|' * 47}{house.stamp(back)}",
                  zbe(house, step.number, step.at, "INSERT", stay.place, nature="S"), told=(moved,))  # fmt: skip

    def come_back(self, stay: Stay) -> None:
        """Say that somebody is back from leave (A22)."""
        if stay.state != "leave":
            return
        stay.state = "present"
        step, moved = self._step("A22", stay, self._world.now)
        house = self._house
        self._say("A22", stay, stay.pv1(house), zbe(house, step.number, step.at, "INSERT", stay.place, nature="S"),
                  told=(moved,))  # fmt: skip

    def update(self, stay: Stay) -> None:
        """Say what changed about a stay or its patient (A08)."""
        house = self._house
        at_us = self._world.now * 1_000_000
        told: tuple[Tale, ...] = (stay.person.told(at_us), *allergies_told(stay.person, at_us))
        self._say(
            "A08",
            stay,
            *stay.person.relatives(),
            stay.pv1(house),
            stay.pv2(house),
            stay.bedside(house),
            told=told,
        )

    # Leaving

    def discharge(self, stay: Stay, *, by_mistake: bool = False) -> None:
        """Say that somebody has left (A03); a mistaken discharge keeps the bed, for it will be taken back."""
        world, house = self._world, self._house
        stay.state = "left"
        happened = max(self._some_time_ago(), stay.steps[-1].at + 1)
        stay.discharged = happened
        chance = world.rng.random()
        stay.disposition = "8" if chance < 0.86 else "7" if chance < 0.93 else "6" if chance < 0.985 else "9"
        if by_mistake or stay.klass != "I" or stay.baby_of:
            stay.disposition = "8"
        if stay.disposition == "9":
            stay.person.died = house.stamp(happened)
            stay.person.changed()
            self._identities.registry.forget(stay.person)
        step, moved = self._step("A03", stay, happened)
        self._say(
            "A03",
            stay,
            stay.pv1(house),
            stay.pv2(house),
            zbe(house, step.number, step.at, "INSERT", stay.place),
            f"ZFV||{'AMBU^Ambulance' if stay.disposition in '67' else 'PART^Moyens personnels'}",
            f"ZFM|{stay.origin}|{stay.disposition}",
            happened=happened,
            told=(moved,),
        )
        if not by_mistake:
            self._close(stay)

    def _close(self, stay: Stay) -> None:
        stay.place.release(stay.bed)
        stay.place.present -= 1
        self.stays.pop(stay.visit, None)
        if stay.person.visit_now is stay:
            stay.person.visit_now = None
        for tell in self.left:
            tell(stay)

    def take_back(self, stay: Stay, trigger: str) -> bool:
        """Say that the last movement did not happen (A11, A12, A13); return whether it could be taken back."""
        world, house = self._world, self._house
        wanted = CANCELS[trigger]
        if not stay.steps or stay.steps[-1].event != wanted:
            return False
        step = stay.steps[-1]
        if trigger == "A12":
            before = stay.steps[-2]
            if before.bed is not None and before.bed not in before.place.free:
                return False  # the bed left has been taken: nobody can go back there
            if before.bed is not None:
                before.place.free.remove(before.bed)
            stay.place.release(stay.bed)
            stay.place.present -= 1
            before.place.present += 1
            stay.place, stay.bed = before.place, before.bed
        stay.steps.pop()
        if trigger == "A11":
            stay.state = "cancelled"
        elif trigger == "A13":
            stay.state = "present"
            stay.discharged, stay.disposition = 0, ""
        cancelled = self._moved(stay, step, cancelled=True)
        movement = zbe(house, step.number, step.at, "CANCEL", step.place, original=wanted)
        self._say(trigger, stay, stay.pv1(house), movement, told=(cancelled,))
        if trigger == "A11":
            self._close(stay)
        elif trigger == "A13":
            world.at(max(stay.until, world.now + 3 * HOUR), self.leave_if_here, stay)
        return True

    def leave_if_here(self, stay: Stay) -> None:
        """Let somebody leave who is present; one on leave comes back first."""
        if stay.state == "leave":
            self.come_back(stay)
        if stay.state == "present":
            for child in stay.children:
                if child.state == "present":
                    self.discharge(child)
            self.discharge(stay)
