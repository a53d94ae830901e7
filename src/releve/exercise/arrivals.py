"""Who comes to the simulated hospital, when, and what then happens to them, hour by hour."""

from releve.exercise.admissions import Admissions
from releve.exercise.appointments import Appointments
from releve.exercise.house import House, Place
from releve.exercise.identities import Identities
from releve.exercise.people import ALLERGIES, Person, Registry
from releve.exercise.pictures import PICTURES, Picture
from releve.exercise.stays import Stay
from releve.exercise.who_fits import NOBODY_ELSE, admits, age_of, ages_coming, picture_for
from releve.exercise.world import DAY, HOUR, MINUTE, World

# How the day goes (hour by hour, mean 1): admissions come by day, emergencies in the afternoon and evening.
_ADMISSION_HOURS = (0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.6, 1.6, 2.4, 2.2, 2.0, 1.6, 1.1, 1.5, 2.0, 2.0, 1.7, 1.3, 1.0, 0.8,
                    0.6, 0.4, 0.3, 0.2)  # fmt: skip
_EMERGENCY_HOURS = (0.6, 0.5, 0.4, 0.35, 0.3, 0.35, 0.5, 0.7, 1.0, 1.3, 1.5, 1.4, 1.2, 1.3, 1.4, 1.4, 1.4, 1.4, 1.5,
                    1.5, 1.4, 1.2, 0.9, 0.7)  # fmt: skip
_DISCHARGE_HOURS = (10.0, 10.5, 11.0, 11.5, 12.0, 13.5, 14.0, 14.5, 15.0, 16.0, 17.5)

# How many of those who are known are looked at before somebody new comes.
_LOOKED_AT = 6

# Events a day in a hospital of 700 beds; other sizes in proportion.
_EMERGENCIES = 150.0
_CONSULTATIONS = 260.0
_MERGES = 6.0
_RENUMBERED = 2.5
_WRONG_PERSON = 2.5
_UNKNOWN = 2.5


class Arrivals:
    """Brings people in and out; everything else follows from them."""

    def __init__(
        self, world: World, house: House, registry: Registry, identities: Identities, admissions: Admissions
    ) -> None:
        self._world = world
        self._house = house
        self._registry = registry
        self._identities = identities
        self._admissions = admissions
        self.appointments = Appointments(world, house, self._consult)
        self._size = max(0.02, sum(len(place.beds) for place in house.wards) / 700)
        self._outside = PICTURES["day"][1]

    # The beginning

    def fill(self, occupancy: float) -> None:
        """Lay down the past of those who are present when the story begins."""
        world, rng = self._world, self._world.rng
        for place in self._house.wards:
            place.target = occupancy * len(place.beds)
            for _ in range(round(place.target)):
                bed = place.take(rng)
                if bed is None:
                    break
                # Who is present has mostly come for longer than the average stay.
                past = min(rng.expovariate(1 / place.stay_days) + rng.random(), 21.0)
                came = self._by_day(world.start - int(past * DAY))
                rest = max(0.15, rng.expovariate(1 / place.stay_days))
                world.at(min(came, world.start - HOUR), self._was_admitted, place, bed,
                         self._leaving_hour(world.start + int(rest * DAY)))  # fmt: skip

    def _by_day(self, at: int) -> int:
        """Return a moment of the same day when people are admitted."""
        hour = self._world.rng.choices(range(24), _ADMISSION_HOURS)[0]
        return self._world.stamps.at_clock(at, hour) + self._world.rng.randint(0, HOUR - 1)

    def _leaving_hour(self, at: int) -> int:
        rng = self._world.rng
        hour = rng.choice(_DISCHARGE_HOURS)
        return self._world.stamps.at_clock(at, hour) + rng.randint(0, 40 * MINUTE)

    def _was_admitted(self, place: Place, bed: object, until: int) -> None:
        world, rng = self._world, self._world.rng
        person = self._somebody_for(place)
        through_emergency = (
            bool(self._house.emergency)
            and place.kind not in ("maternity", "neonatal")
            and rng.random() < 0.35
        )
        if through_emergency:
            door = rng.choice(self._house.emergency)
            stay = self._admissions.open(person, door, None, klass="E", picture=self._picture(place, person))
            stay.until, stay.origin = until, "5"
            self._admissions.arrive(stay, "A04")
            world.after(rng.randint(2, 6) * HOUR, self._was_taken_up, stay, place, bed)
            return
        picture = self._picture(place, person)
        stay = self._admissions.open(person, place, bed, klass="I", picture=picture)  # type: ignore[arg-type]
        stay.until = until
        self._admissions.arrive(stay, "A01")
        self._settle(stay)

    def _was_taken_up(self, stay: Stay, place: Place, bed: object) -> None:
        self._admissions.change_class(stay, "I", place, bed)  # type: ignore[arg-type]
        self._settle(stay)

    def begin(self) -> None:
        """Start the hours."""
        for _ in range(int(_CONSULTATIONS * 2 * self._size)):
            self._world.at(self._world.start - self._world.rng.randint(1, 2 * DAY), self._book, (2, 9))
        self._world.at(self._world.start, self._hour)

    # The hours

    def _hour(self) -> None:
        world, rng, size = self._world, self._world.rng, self._size
        world.after(HOUR, self._hour)
        hour = world.stamps.second_of_day(world.now) // HOUR
        weight = _ADMISSION_HOURS[hour]
        for place in self._house.wards:
            if place.kind == "neonatal" and rng.random() < 0.5:
                continue
            missing = max(0.0, place.target + 0.4 - place.present)
            for _ in range(world.count(missing * 0.16 * weight)):
                world.after(rng.randint(0, HOUR - 1), self._planned_or_direct, place)
        for _ in range(world.count(_EMERGENCIES / 24 * _EMERGENCY_HOURS[hour] * size)):
            if self._house.emergency:
                world.after(rng.randint(0, HOUR - 1), self._emergency)
        if 7 <= hour <= 10:
            for place in self._house.day_wards:
                for _ in range(world.count(len(place.beds) * 0.22)):
                    world.after(rng.randint(0, HOUR - 1), self._day_stay, place)
        if 8 <= hour <= 17:
            for _ in range(world.count(_CONSULTATIONS / 10 * size)):
                world.after(rng.randint(0, HOUR - 1), self._book, (1, 12))
            for _ in range(world.count(_RENUMBERED / 10 * size)):
                world.after(rng.randint(0, HOUR - 1), self._renumber)
        if hour == 9:
            for stay in list(self._admissions.stays.values()):
                self._day_of(stay)

    def _day_of(self, stay: Stay) -> None:
        """What may happen today to somebody in a ward."""
        world, rng = self._world, self._world.rng
        if not stay.here or stay.klass != "I" or stay.baby_of:
            return
        kind = stay.place.kind
        chance = rng.random()
        soon = rng.randint(0, 9 * HOUR)
        if chance < 0.24:
            world.after(soon, self._note_change, stay)
        elif chance < 0.30:
            world.after(soon, self._other_bed, stay)
        elif kind not in ("maternity", "psychiatry", "neonatal") and chance < (
            0.5 if kind == "critical" else 0.335
        ):
            world.after(soon, self._other_ward, stay)
        elif kind not in ("neonatal", "paediatrics", "critical") and chance < (
            0.39 if kind in ("psychiatry", "rehabilitation") else 0.342
        ):
            world.after(soon // 2, self._leave, stay)
        if rng.random() < 0.08:
            world.after(soon, self._identities.qualify, stay.person)

    # Coming in

    def _somebody_for(self, place: Place, *, sex: str = "") -> Person:
        """Return who comes: somebody known, somebody new, or now and then the namesake of somebody present."""
        rng, registry = self._world.rng, self._registry
        if place.kind == "neonatal":
            return self._newborn_of_elsewhere()
        ages = ages_coming(place.kind)
        sex = sex or ("F" if place.kind in ("maternity", "gynaecology") else "")
        if (
            rng.random() < 0.16
            and registry.known
            and place.kind in ("general", "emergency", "cardiology", "gastro", "oncology")
        ):
            person = rng.choice(registry.known)
            if person.visit_now is None and self._fits(place, person):
                if rng.random() < 0.3:
                    self._identities.update(person)
                return person
        if rng.random() < 0.012 and place.kind not in NOBODY_ELSE:
            stays = [stay for stay in self._admissions.stays.values() if self._fits(place, stay.person)]
            here = [stay for stay in stays if stay.here and stay.place is place]
            pool = here if here and rng.random() < 0.5 else stays
        else:
            pool = []
        if pool:
            person = registry.homonym(rng.choice(pool).person, ages=ages)
        else:
            person = registry.somebody(age=ages, sex=sex)
        if rng.random() < 0.8:
            self._identities.create(person)
        return person

    def _newborn_of_elsewhere(self) -> Person:
        """Return a child of some days, brought from another maternity."""
        world, rng = self._world, self._world.rng
        birth = world.stamps.date(world.now - rng.randint(0, 12) * DAY)
        child = self._registry.newborn(None, birth, sex=rng.choice("FM"), order=1, several=False)
        self._identities.create(child)
        return child

    def _fits(self, place: Place, person: Person) -> bool:
        return admits(place.kind, age_of(person, self._year()), person.sex)

    def _picture(self, place: Place, person: Person) -> Picture:
        return picture_for(self._world.rng, place.pictures, age_of(person, self._year()), person.sex)

    def _planned_or_direct(self, place: Place) -> None:
        """Admit somebody; surgery is announced the days before."""
        world, rng = self._world, self._world.rng
        if place.kind == "surgery" and rng.random() < 0.5:
            person = self._somebody_for(place)
            stay = self._admissions.open(person, place, None, klass="I", picture=self._picture(place, person))
            day = world.now + rng.randint(1, 3) * DAY
            self._admissions.announce(stay, day)
            world.at(day - rng.randint(0, 3 * HOUR), self._as_planned, stay)
            return
        self.admit(place)

    def _as_planned(self, stay: Stay) -> None:
        bed = stay.place.take(self._world.rng)
        if bed is None:
            self._world.after(6 * HOUR, self._as_planned, stay)
            return
        stay.bed = bed
        self._stay_for(stay)
        self._admissions.arrive(stay, "A01")
        self._settle(stay)

    def admit(self, place: Place) -> None:
        """Admit somebody directly (A01)."""
        world, rng = self._world, self._world.rng
        bed = place.take(rng)
        if bed is None:
            return
        person = self._somebody_for(place)
        if rng.random() < _WRONG_PERSON / 115 and place.kind not in ("neonatal", "paediatrics"):
            person = self._namesake_by_mistake(person, ages_coming(place.kind))
        stay = self._admissions.open(person, place, bed, klass="I", picture=self._picture(place, person))
        self._stay_for(stay)
        self._admissions.arrive(stay, "A01")
        if rng.random() < 0.025:
            world.after(rng.randint(3, 40) * MINUTE, self._admissions.take_back, stay, "A11")
            return
        self._settle(stay)

    def _stay_for(self, stay: Stay) -> None:
        days = max(0.6, self._world.rng.expovariate(1 / stay.place.stay_days))
        stay.until = max(
            self._leaving_hour(self._world.now + int(min(days, 90) * DAY)), self._world.now + 8 * HOUR
        )

    def _settle(self, stay: Stay) -> None:
        """Somebody is really here: care begins, and an end is set."""
        world, rng = self._world, self._world.rng
        for tell in self._admissions.settled_in:
            tell(stay)
        world.at(max(stay.until, world.now + HOUR), self._end, stay)
        if stay.place.kind == "maternity" and stay.picture.code.startswith(("O80", "O82")):
            world.after(rng.randint(2, 18) * HOUR, self._birth, stay)
        if stay.person.status == "PROV":
            world.after(rng.randint(2, 30) * HOUR, self._identities.qualify, stay.person)

    def _end(self, stay: Stay) -> None:
        world, rng = self._world, self._world.rng
        if stay.state == "present" and world.settled and rng.random() < 0.02:
            self._admissions.discharge(stay, by_mistake=True)
            world.after(rng.randint(5, 50) * MINUTE, self._admissions.take_back, stay, "A13")
            stay.until = world.now + rng.randint(4, 30) * HOUR
            return
        self._admissions.leave_if_here(stay)

    def _namesake_by_mistake(self, right: Person, ages: tuple[int, int]) -> Person:
        """Return a wrong person, on whose record the visit is opened; the mistake is seen hours later (A44)."""
        wrong = self._registry.homonym(right, ages=ages)
        self._identities.create(wrong)
        self._world.after(self._world.rng.randint(1, 9) * HOUR, self._right_person, wrong, right)
        return wrong

    def _right_person(self, wrong: Person, right: Person) -> None:
        stay = wrong.visit_now
        if isinstance(stay, Stay) and right.visit_now is None and stay.here:
            self._identities.move_visit(stay, right)

    # Emergencies, days, consultations

    def _emergency(self) -> None:
        world, rng = self._world, self._world.rng
        place = rng.choice(self._house.emergency)
        existing: Person | None = None
        if rng.random() < _UNKNOWN / _EMERGENCIES:
            person = self._registry.unknown()
            world.after(rng.randint(2, 14) * HOUR, self._found_out, person)
        else:
            person = self._somebody_for(place)
            if rng.random() < _MERGES / _EMERGENCIES and len(person.birth) == 8:
                existing, person = person, self._double(person)
                world.after(rng.randint(3, 40) * HOUR, self._merge, existing, person)
        stay = self._admissions.open(
            person, place, place.take(rng), klass="E", picture=self._picture(place, person)
        )
        stay.origin = "8"
        self._admissions.arrive(stay, "A04")
        for tell in self._admissions.settled_in:
            tell(stay)
        world.after(rng.randint(80 * MINUTE, 8 * HOUR), self._orient, stay)

    def _double(self, person: Person) -> Person:
        """Return a second record of the same person, opened in haste."""
        double = Person(self._registry.number(), person.family, person.first_given, person.sex, person.birth)
        double.doubt = "DPOT"
        double.weight, double.height = person.weight, person.height
        double.latent = person.latent
        return double

    def _merge(self, stays_as: Person, other: Person) -> None:
        if stays_as.visit_now is None:
            self._identities.merge(stays_as, other)

    def _found_out(self, person: Person) -> None:
        """Papers were found: the unknown gets a name, or turns out to be known already."""
        rng = self._world.rng
        if not person.unknown:
            return
        chance = rng.random()
        if chance < 0.55:
            self._registry.identify(person)
            self._identities.update(person, with_allergies=True)
        elif chance < 0.85:
            decade = range(int(person.birth) - 8, int(person.birth) + 9)  # as far as a look can err
            known = [one for one in rng.sample(self._registry.known, min(200, len(self._registry.known)))
                     if one.visit_now is None and one.sex in (person.sex, "U")
                     and int(one.birth[:4]) in decade and self._may_be(person, one)]  # fmt: skip
            if known:
                self._identities.merge(known[0], person)

    def _may_be(self, unknown: Person, known: Person) -> bool:
        stay = unknown.visit_now
        return not isinstance(stay, Stay) or self._fits(stay.place, known)

    def _orient(self, stay: Stay) -> None:
        """After hours in emergency: home, or a bed in a ward."""
        world, rng = self._world, self._world.rng
        if not stay.here:
            return
        wanting = [place for place in self._house.wards
                   if place.free and place.kind not in ("maternity", "gynaecology", "neonatal", "rehabilitation")
                   and place.present < place.target + 1 and self._fits(place, stay.person)]  # fmt: skip
        if rng.random() < 0.30 and wanting:
            place = max(wanting, key=lambda one: (one.target - one.present) * rng.random())
            bed = place.take(rng)
            stay.picture = self._picture(place, stay.person)
            self._admissions.change_class(stay, "I", place, bed)
            self._stay_for(stay)
            if rng.random() < 0.03:
                world.after(rng.randint(1, 4) * HOUR, self._back_to_emergency, stay)
            self._settle(stay)
            return
        self._admissions.discharge(stay)

    def _year(self) -> int:
        return int(self._world.stamps.date(self._world.now)[:4])

    def _back_to_emergency(self, stay: Stay) -> None:
        """The stay is requalified as a passage (A07)."""
        if stay.here and self._house.emergency:
            place = self._house.emergency[0]
            self._admissions.change_class(stay, "E", place, place.take(self._world.rng))
            self._world.after(2 * HOUR, self._admissions.leave_if_here, stay)

    def _day_stay(self, place: Place) -> None:
        world, rng = self._world, self._world.rng
        bed = place.take(rng)
        if bed is None:
            return
        known = [rng.choice(self._registry.known) for _ in range(_LOOKED_AT)] if rng.random() < 0.6 else []
        person = next((one for one in known if one.visit_now is None and self._fits(place, one)), None)
        person = person or self._somebody_for(place)
        stay = self._admissions.open(person, place, bed, klass="I", picture=self._picture(place, person))
        stay.until = world.now + rng.randint(4 * HOUR, 9 * HOUR)
        self._admissions.arrive(stay, "A01")
        for tell in self._admissions.settled_in:
            tell(stay)
        world.at(stay.until, self._admissions.leave_if_here, stay)

    def _book(self, days: tuple[int, int]) -> None:
        rng, registry = self._world.rng, self._registry
        if registry.known and rng.random() < 0.7:
            person = rng.choice(registry.known)
        else:
            person = registry.somebody(age=(3, 92))
            self._identities.create(person)
        self.appointments.book(person, days=days)

    def _consult(self, person: Person, place: Place) -> None:
        world = self._world
        stay = self._admissions.open(person, place, None, klass="O", picture=self._outside)
        self._admissions.arrive(stay, "A04")
        world.after(world.rng.randint(20, 110) * MINUTE, self._admissions.leave_if_here, stay)

    def _renumber(self) -> None:
        stays = list(self._admissions.stays.values())
        if stays:
            person = self._world.rng.choice(stays).person
            if not person.mother and not person.unknown:
                self._identities.renumber(person)

    # In the ward

    def _note_change(self, stay: Stay) -> None:
        """A nurse or a clerk notes something new about somebody."""
        rng, person = self._world.rng, stay.person
        if not stay.here:
            return
        chance = rng.random()
        if chance < 0.45 and person.weight > 30:
            person.weight = round(person.weight + rng.uniform(-1.5, 1.2), 1)
        elif chance < 0.60:
            stay.expected = stay.until
        elif chance < 0.72:
            stay.doctor = self._house.doctor(stay.place)
        elif chance < 0.84:
            known = person.allergies or ()
            new = rng.choice(ALLERGIES)
            if new.code not in [allergy.code for allergy in known]:
                person.allergies = (*known, new)
        elif person.allergies is None:
            person.allergies = ()
        self._admissions.update(stay)

    def _other_bed(self, stay: Stay) -> None:
        if stay.here and stay.bed is not None:
            bed = stay.place.take(self._world.rng)
            if bed is not None:
                self._admissions.transfer(stay, stay.place, bed)
                self._maybe_back(stay)

    def _other_ward(self, stay: Stay) -> None:
        rng = self._world.rng
        if not stay.here or stay.klass != "I":
            return
        others = [place for place in self._house.wards
                  if place is not stay.place and place.free and place.present < place.target + 2
                  and place.kind not in (*NOBODY_ELSE, "psychiatry") and self._fits(place, stay.person)]  # fmt: skip
        if stay.place.kind in ("paediatrics", "neonatal") or not others:
            return
        place = rng.choice(others)
        bed = place.take(rng)
        self._admissions.transfer(stay, place, bed)
        self._maybe_back(stay)

    def _maybe_back(self, stay: Stay) -> None:
        if self._world.chance(0.04):
            self._world.after(
                self._world.rng.randint(4, 60) * MINUTE, self._admissions.take_back, stay, "A12"
            )

    def _leave(self, stay: Stay) -> None:
        world, rng = self._world, self._world.rng
        if stay.here and stay.until > world.now + 40 * HOUR:
            back = world.stamps.at_clock(world.now, rng.choice((17, 18, 19)), days=rng.choice((0, 1, 1)))
            if back > world.now + 2 * HOUR:
                self._admissions.go_on_leave(stay, back)
                world.at(back + rng.randint(-30, 60) * MINUTE, self._admissions.come_back, stay)

    def _birth(self, mother: Stay) -> None:
        """A child is born, or two: new persons, linked to their mother, in her room."""
        world, rng = self._world, self._world.rng
        if not mother.here:
            return
        several = rng.random() < 0.04
        day = world.stamps.date(world.now)
        for order in range(1, 3 if several else 2):
            child = self._registry.newborn(
                mother.person, day, sex=rng.choice("FM"), order=order, several=several
            )
            self._identities.create(child)
            cot = mother.place.take_cot(mother.bed)
            stay = self._admissions.open(child, mother.place, cot, klass="I", picture=PICTURES["neonatal"][1])
            stay.baby_of = mother
            stay.until, stay.origin = mother.until, "N"
            mother.children.append(stay)
            self._admissions.arrive(stay, "A01")
            for tell in self._admissions.settled_in:
                tell(stay)
