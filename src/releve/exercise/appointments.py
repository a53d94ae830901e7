"""Consultations of the simulated hospital: booked, moved, changed, cancelled, missed, kept.

Source: HL7 v2.5 chapter 10: SIU^S12, S13, S14, S15, S26 (SCH, RGS, AIS, AIL, AIP).
"""

from collections.abc import Callable

from releve.exercise.house import House, Place
from releve.exercise.people import Person
from releve.exercise.segments import escaped
from releve.exercise.tales import AppointmentTold
from releve.exercise.who_fits import age_of, reason_for
from releve.exercise.world import DAY, HOUR, MINUTE, World

_STATUS = {"S12": "Booked", "S13": "Booked", "S14": "Booked", "S15": "Cancelled", "S26": "Noshow"}
_TOLD = {"S12": "booked", "S13": "moved", "S14": "booked", "S15": "cancelled", "S26": "noshow"}


class Appointment:
    """An appointment of somebody with a doctor of a place."""

    __slots__ = ("doctor", "minutes", "number", "over", "person", "place", "reason", "start")

    def __init__(
        self, number: str, person: Person, place: Place, doctor: str, reason: str, start: int
    ) -> None:
        self.number = number
        self.person = person
        self.place = place
        self.doctor = doctor
        self.reason = reason
        self.start = start
        self.minutes = 30
        self.over = False


class Appointments:
    """Books, changes and keeps appointments; `come` is called when somebody comes."""

    def __init__(self, world: World, house: House, come: Callable[[Person, Place], None]) -> None:
        self._world = world
        self._house = house
        self._come = come
        self._booked = 0

    def book(self, person: Person, *, days: tuple[int, int] = (0, 12)) -> None:
        """Book a consultation on a working day, in office hours."""
        world, house, rng = self._world, self._house, self._world.rng
        if not house.consultations:  # a hospital of a few beds sees nobody by appointment
            return
        place = rng.choice(house.consultations)
        at = world.stamps.at_clock(world.now, 8.5, days=rng.randint(*days)) + rng.randint(0, 33) * 15 * MINUTE
        weekday = (at // DAY + 3) % 7  # 1970-01-01 was a Thursday
        if weekday >= 5:
            at += (7 - weekday) * DAY
        if at < world.now + 2 * HOUR:
            at += DAY if weekday != 4 else 3 * DAY
        self._booked += 1
        number = f"R{world.run_number:04d}{self._booked:06d}"
        reason = reason_for(rng, age_of(person, int(world.stamps.date(world.now)[:4])), person.sex)
        appointment = Appointment(number, person, place, house.doctor(place), reason, at)
        self._say("S12", appointment)
        chance = rng.random()
        if chance < 0.06:
            self._world.after(rng.randint(1, 20) * HOUR, self._move, appointment)
        elif chance < 0.11:
            self._world.after(rng.randint(1, 20) * HOUR, self._change, appointment)
        elif chance < 0.17:
            self._world.after(rng.randint(1, 30) * HOUR, self._cancel, appointment)
        world.at(at + rng.randint(-25, 25) * MINUTE, self._day, appointment, at)

    def _move(self, appointment: Appointment) -> None:
        if appointment.over or appointment.start < self._world.now + 3 * HOUR:
            return
        appointment.start += 7 * DAY
        self._say("S13", appointment)
        self._world.at(appointment.start, self._day, appointment, appointment.start)

    def _change(self, appointment: Appointment) -> None:
        if not appointment.over and appointment.start > self._world.now:
            appointment.minutes = 45
            appointment.doctor = self._house.doctor(appointment.place)
            self._say("S14", appointment)

    def _cancel(self, appointment: Appointment) -> None:
        if not appointment.over and appointment.start > self._world.now:
            appointment.over = True
            self._say("S15", appointment)

    def _day(self, appointment: Appointment, start: int) -> None:
        if appointment.over or appointment.start != start:
            return
        appointment.over = True
        if self._world.chance(0.05):
            self._world.after(50 * MINUTE, self._say, "S26", appointment)
        elif appointment.person.visit_now is None and not appointment.person.died:
            self._come(appointment.person, appointment.place)

    def _say(self, trigger: str, appointment: Appointment) -> None:
        world, house = self._world, self._house
        outlet = house.outlet("appointment", appointment.place.code)
        if outlet is None:
            return
        start, end = appointment.start, appointment.start + appointment.minutes * MINUTE
        begin = outlet.stamp(start)
        reason = escaped(appointment.reason)
        number = appointment.number
        sch = (
            f"SCH|{number}^AGENDA|{number}^AGENDA||||{trigger}^{_STATUS[trigger]}^99AGD|CS^{reason}^99AGD|NORMAL|"
            f"{appointment.minutes}|min^^UCUM|^^{appointment.minutes}^{begin}^{outlet.stamp(end)}|||||"
            f"{appointment.doctor}||||{house.clerk}|||||{_STATUS[trigger]}"
        )
        pid = appointment.person.short_pid(house.authority, "")
        place = house.location(appointment.place, None)
        body = (
            f"{sch}\r{pid}\rPV1|1|O|{place}\rRGS|1|A\r"
            f"AIS|1|A|CS^{reason}^99AGD|{begin}\rAIL|1|A|{place}|||{begin}\rAIP|1|A|{appointment.doctor}|||{begin}"
        )
        told = AppointmentTold(
            world.now * 1_000_000, appointment.person.ipp, number, _TOLD[trigger], start * 1_000_000
        )
        world.send(outlet, f"SIU^{trigger}^SIU_S12", body, told)
