"""Prescription, administration and dispensing in the simulated hospital.

Source: HL7 v2.5 chapter 4: RDE^O11 and OMP^O09 (ORC, TQ1, RXE or RXO, RXR), RAS^O17 (RXA), RDS^O13 (RXD).
"""

from releve.exercise.formulary import FORMULARY, Drug
from releve.exercise.house import House
from releve.exercise.stays import Stay
from releve.exercise.tales import DoseTold, LineTold, Named
from releve.exercise.who_fits import age_of
from releve.exercise.world import DAY, HOUR, MINUTE, World

# What most patients get besides the treatment of their illness.
_USUAL = (
    "paracetamol-sb", "pantoprazole", "macrogol", "amlodipine", "levothyrox", "atorvastatine", "oxazepam",
    "zopiclone", "aspirine", "bisoprolol", "ramipril", "metformine", "enoxa-prev", "ondansetron", "sertraline",
    "timolol", "phloroglucinol", "allopurinol",
)  # fmt: skip
# Doses are charted from this long before the story begins, so that nothing looks late at its first minute.
CHARTED_BEFORE = 6 * HOUR
_CHILDREN = ("paracetamol-ped", "amox-ped")
_MG_PER_KG = {"paracetamol-ped": 15, "amox-ped": 25}
_MOTHERS = ("paracetamol-sb", "macrogol", "fer", "phloroglucinol", "pantoprazole", "levothyrox")
_NOT_GIVEN = (("PATREF^Refus du patient^99ADM", "RE"), ("FASTING^Patient à jeun^99ADM", "NA"),
              ("ABSENT^Patient absent du service^99ADM", "NA"), ("NOIV^Voie veineuse perdue^99ADM", "NA"),
              ("STOCK^Produit manquant^99ADM", "NA"), ("FC^FC < 50/min^99ADM", "NA"))  # fmt: skip
_STATUS = {"CP": "given", "PA": "partial", "NA": "omitted", "RE": "refused"}


class Line:
    """A medication line of a stay."""

    __slots__ = (
        "dose",
        "drug",
        "given",
        "kind",
        "order",
        "placer",
        "ras",
        "rate",
        "rxr",
        "start",
        "status",
        "stay",
        "until",
    )

    def __init__(self, placer: str, stay: Stay, drug: Drug, *, start: int, until: int, kind: str) -> None:
        self.placer = placer
        self.stay = stay
        self.drug = drug
        self.dose = drug.dose
        self.rate = drug.rate
        self.start = start
        self.until = until
        self.kind = kind  # RDE or OMP
        self.order = ""
        self.status = "active"
        self.given = 0
        self.rxr = f"RXR|{drug.route}"
        self.ras = f"{drug.give}|"


class Prescriptions:
    """Writes lines, changes them, gives doses, dispenses."""

    def __init__(self, world: World, house: House) -> None:
        self._world = world
        self._house = house
        self._placed = 0

    # Lines

    def begin(self, stay: Stay) -> None:
        """Prescribe what the illness asks for and what the patient took at home."""
        rng = self._world.rng
        child = self._is_child(stay)
        # The illnesses of the emergencies say what an adult gets.
        keys = ["paracetamol-ped"] if child and stay.place.kind == "emergency" else list(stay.picture.drugs)
        if stay.klass == "I" and not stay.baby_of and stay.place.kind != "neonatal":
            usual = _CHILDREN if child else _MOTHERS if stay.place.kind == "maternity" else _USUAL
            for key in rng.sample(usual, min(len(usual), rng.randint(0, 1) if child else rng.randint(3, 7))):
                if key not in keys:
                    keys.append(key)
        for key in keys:
            self.order(stay, FORMULARY[key])
        if stay.klass == "I":
            for hours in (26, 50, 74):
                self._world.after(hours * HOUR + rng.randint(0, 6 * HOUR), self._review, stay)

    def _is_child(self, stay: Stay) -> bool:
        world = self._world
        return age_of(stay.person, int(world.stamps.date(world.now)[:4])) < 16

    def order(self, stay: Stay, drug: Drug) -> None:
        """Prescribe one drug."""
        world, rng = self._world, self._world.rng
        self._placed += 1
        placer = f"P{world.run_number:04d}{self._placed:07d}"
        start = world.now - world.now % (15 * MINUTE) + 15 * MINUTE
        until = start + drug.days * DAY if drug.days <= 15 else 0
        if stay.klass != "I":
            until = start + 6 * HOUR
        kind = "OMP" if rng.random() < 0.15 else "RDE"
        line = Line(placer, stay, drug, start=start, until=until, kind=kind)
        if drug.key in _MG_PER_KG and stay.person.weight:
            line.dose = f"{min(1000, round(_MG_PER_KG[drug.key] * stay.person.weight / 10) * 10)}"
        stay.lines.append(line)
        self._say(line, "NW", "")
        self._plan_dose(line, start)
        if stay.klass == "I" and world.settled and rng.random() < 0.55:
            world.after(rng.randint(40 * MINUTE, 5 * HOUR), self._dispense, line)

    def _say(self, line: Line, control: str, reason: str) -> None:
        world, house, stay, drug = self._world, self._house, line.stay, line.drug
        outlet = house.outlet("prescription", stay.place.code)
        if outlet is None:
            return
        now = outlet.stamp(world.now)
        status = {"active": "IP", "suspended": "HD", "stopped": "DC"}[line.status]
        orc = (
            f"ORC|{control}|{line.placer}^PRESC|||{status}||||{now}|||{stay.doctor}|||{now}|"
            f"{'^' + reason if reason else ''}|{stay.place.code}"
        )
        begin = outlet.stamp(line.start)
        end = outlet.stamp(line.until) if line.until else ""
        clock = "~".join(f"{hour:02d}00" for hour in drug.hours)
        if drug.when:
            timing = f"TQ1|1||PRN||||{begin}|{end}|R|{drug.when}"
        elif drug.every:
            timing = f"TQ1|1||Q{drug.every}H||||{begin}|{end}|R"
        elif drug.hours:
            timing = f"TQ1|1|||{clock}|||{begin}|{end}|R"
        else:
            timing = f"TQ1|1||C||||{begin}|{end}|R"
        note = "\rNTE|1||Médicament à risque : double contrôle" if drug.alert and control == "NW" else ""
        pace = f"|||||||||||||||H|{line.rate}|mL/h^^UCUM" if line.rate else ""
        if line.kind == "RDE":
            detail = f"RXE||{drug.give}|{line.dose}||{drug.unit}|{drug.form}|^{drug.words}{pace}"
            body = f"{orc}\r{detail}{note}\r{timing}\r{line.rxr}"
            kind = "RDE^O11^RDE_O11"
        else:
            # RXO-17 is the time unit, RXO-21 the rate, RXO-22 its unit.
            pace = f"||||||||||H||||{line.rate}|mL/h^^UCUM" if line.rate else ""
            detail = f"RXO|{drug.give}|{line.dose}||{drug.unit}|{drug.form}||^{drug.words}{pace}"
            body = f"{orc}\r{timing}\r{detail}{note}\r{line.rxr}"
            kind = "OMP^O09^OMP_O09"
        told = LineTold(
            world.now * 1_000_000,
            stay.person.ipp,
            stay.visit,
            line.placer,
            line.status,
            drug.label,
            line.dose,
        )
        world.send(outlet, kind, f"{stay.other_prefix(house)}\r{body}", told)

    def _review(self, stay: Stay) -> None:
        """The morning round: some doses change, something stops, something begins, an anticoagulant is held."""
        world, rng = self._world, self._world.rng
        if not stay.here:
            return
        active = [line for line in stay.lines if line.status == "active"]
        if not active:
            return
        line = rng.choice(active)
        chance = rng.random()
        if chance < 0.35:
            line.dose = _changed(line.dose, rng.choice((0.5, 2.0, 1.5)))
            if line.rate:
                line.rate = _changed(line.rate, rng.choice((0.5, 2.0)))
            self._say(line, "XO", "Adaptation de dose")
        elif chance < 0.65:
            self.stop(line, "Fin d'indication")
        elif chance < 0.80:
            line.status = "suspended"
            self._say(line, "HD", "Suspension avant geste")
            world.after(rng.randint(5 * HOUR, 30 * HOUR), self._release, line)
        if rng.random() < 0.5 and stay.place.kind != "maternity" and not self._is_child(stay):
            key = rng.choice(_USUAL)
            if not any(line.drug.key == key and line.status != "stopped" for line in stay.lines):
                self.order(stay, FORMULARY[key])

    def _release(self, line: Line) -> None:
        if line.status == "suspended" and line.stay.here:
            line.status = "active"
            self._say(line, "RL", "Reprise")
            self._plan_dose(line, self._world.now)

    def stop(self, line: Line, reason: str) -> None:
        """Stop a line."""
        if line.status != "stopped":
            line.status = "stopped"
            self._say(line, "DC", reason)

    def end(self, stay: Stay) -> None:
        """Close the lines of a stay that is over; half of the wards leave them to end by themselves."""
        say = stay.klass == "I" and self._world.chance(0.5)
        for line in stay.lines:
            if say:
                self.stop(line, "Sortie")
            line.status = "stopped"

    # Doses

    def _plan_dose(self, line: Line, after: int) -> None:
        """Plan the next dose from `after` on, along the line's schedule."""
        world, drug = self._world, line.drug
        after = max(after, line.start, world.start - CHARTED_BEFORE)
        if drug.when:
            at = after + world.rng.randint(6 * HOUR, 34 * HOUR)
        elif drug.hours:
            at = self._next_hour(drug.hours, after)
        elif drug.every:
            period = drug.every * HOUR
            at = line.start + -(-(after - line.start) // period) * period
        else:
            at = line.start + -(-(after - line.start) // DAY) * DAY  # a bag or a syringe a day
        if not line.until or at < line.until:
            # A nurse is early or late; the round takes an hour.
            world.at(max(at + world.rng.randint(-20, 50) * MINUTE, world.now), self._give, line, at)

    def _next_hour(self, hours: tuple[int, ...], after: int) -> int:
        stamps = self._world.stamps
        for hour in hours:
            at = stamps.at_clock(after, hour)
            if at >= after:
                return at
        return stamps.at_clock(after, hours[0], days=1)

    def _give(self, line: Line, planned: int) -> None:
        world, house, stay = self._world, self._house, line.stay
        if line.status != "active" or stay.state not in ("present", "leave"):
            if stay.state == "left" and line.status == "active":
                self._plan_dose(line, planned + 1)  # a discharge taken back must not end the treatment
            return
        self._plan_dose(line, planned + 1)
        rng = world.rng
        chance = rng.random()
        if chance > 0.985 or stay.state == "leave":
            return  # not charted
        outlet = house.outlet("administration", stay.place.code)
        if outlet is None:
            return
        drug = line.drug
        status, reason, amount = "CP", "", line.dose
        if chance > 0.955:
            reason, status = rng.choice(_NOT_GIVEN)
            amount = "0"
        elif chance > 0.94:
            status, amount = "PA", _changed(line.dose, 0.5)
        line.given += 1
        given = max(world.now - rng.randint(0, 6) * MINUTE, stay.admitted)
        lot = f"|{rng.choice('ABCD')}{rng.randint(1000, 9999)}" if drug.alert and status == "CP" else "|"
        pace = f"H|||{line.rate}^mL/h" if line.rate else ""
        rxa = (
            f"RXA|0|{line.given}|{outlet.stamp(given)}|{outlet.stamp(given)}|{drug.give}|{amount}|{drug.unit}|"
            f"{drug.form}||{house.nurse(stay.place)}|{house.location(stay.place, stay.bed)}|{pace[:1]}||{lot}|||"
            f"{reason}||{status}|A|{outlet.stamp(world.now)}"
        )
        body = (
            f"{stay.other_prefix(house)}\rORC|RE|{line.placer}^PRESC|||IP\rTQ1|1||||||{outlet.stamp(planned)}\r"
            f"RXO|{drug.give}\r{rxa}\r{line.rxr}"
        )
        told = DoseTold(
            world.now * 1_000_000, stay.person.ipp, line.placer, given * 1_000_000, _STATUS[status]
        )
        world.send(outlet, "RAS^O17^RAS_O17", body, told)

    # Dispensing

    def _dispense(self, line: Line) -> None:
        world, house, stay, drug = self._world, self._house, line.stay, line.drug
        outlet = house.outlet("dispense", stay.place.code)
        if outlet is None or line.status != "active" or not stay.here:
            return
        rng = world.rng
        second = world.stamps.second_of_day(world.now)
        if not 8 * HOUR <= second <= 19 * HOUR:
            world.at(world.stamps.at_clock(world.now, 8.5, days=1 if second > 19 * HOUR else 0)
                     + rng.randint(0, 3 * HOUR), self._dispense, line)  # fmt: skip
            return
        lot = f"{rng.choice('KLMNP')}{rng.randint(10000, 99999)}"
        expires = f"{int(outlet.stamp(world.now)[:4]) + rng.randint(1, 3)}{rng.randint(1, 12):02d}28"
        now = outlet.stamp(world.now)
        quantity = rng.choice((3, 6, 7, 10, 14))
        rxd = (
            f"RXD|1|{drug.give}|{now}|{quantity}||{drug.form}|{line.placer}|||"
            f"{house.somebody(house.pharmacists)}||||||||{lot}|{expires}"
        )
        body = f"{stay.other_prefix(house)}\rORC|RE|{line.placer}^PRESC|D{line.placer[1:]}^PHARMA\r{rxd}\r{line.rxr}"
        world.send(outlet, "RDS^O13^RDS_O13", body, Named(world.now * 1_000_000, stay.person.ipp))
        world.after(rng.randint(5, 9) * DAY, self._dispense, line)


def _changed(amount: str, factor: float) -> str:
    return f"{max(0.25, float(amount) * factor):g}" if float(amount) * factor < 1e6 else amount
