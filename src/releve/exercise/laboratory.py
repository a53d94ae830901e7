"""The laboratory of the simulated hospital: requests, results that follow an illness, corrections, cultures.

Source: HL7 v2.5 chapters 4 and 7 (OML^O21, ORU^R01); IHE LAB: no ORC-7, no OBR-5/6/8/27, TQ1 instead.
"""

from releve.exercise.analytes import PANELS, Analyte, Panel
from releve.exercise.house import House
from releve.exercise.segments import escaped
from releve.exercise.stays import Stay
from releve.exercise.tales import Named, OrderTold, ResultTold, Tale
from releve.exercise.world import DAY, HOUR, MINUTE, World

# A measure and the share of patients (by place) who are tested in a morning.
_MORNINGS = {"critical": 1.0, "oncology": 0.7, "nephrology": 0.75, "general": 0.5, "cardiology": 0.55,
             "pneumology": 0.5, "gastro": 0.6, "surgery": 0.42, "geriatrics": 0.3, "neurology": 0.3,
             "endocrinology": 0.5, "maternity": 0.25,
             "paediatrics": 0.25, "neonatal": 0.5, "psychiatry": 0.06, "rehabilitation": 0.12}  # fmt: skip
_GERMS = (
    ("ECOLI^Escherichia coli^99GER", ("Amoxicilline", "R", "Ceftriaxone", "S", "Ofloxacine", "S")),
    ("SAUR^Staphylococcus aureus^99GER", ("Oxacilline", "S", "Gentamicine", "S", "Vancomycine", "S")),
    ("KPN^Klebsiella pneumoniae^99GER", ("Amoxicilline & ac. clavulanique", "R", "Ceftriaxone", "R", "Imipénème", "S")),
    ("PSAE^Pseudomonas aeruginosa^99GER", ("Pipéracilline & tazobactam", "S", "Ceftazidime", "I")),
)  # fmt: skip


class Laboratory:
    """Takes samples of those who lie here, and says what is in them."""

    def __init__(self, world: World, house: House) -> None:
        self._world = world
        self._house = house
        self._requests = 0

    def request(self, stay: Stay, panels: tuple[str, ...], *, urgent: bool, delay: int) -> None:
        """Ask for panels; the sample is taken `delay` seconds from now."""
        world, house = self._world, self._house
        chosen = tuple(PANELS[key] for key in panels if key in PANELS)
        if not chosen:
            return
        self._requests += 1
        placer = f"L{world.run_number:04d}{self._requests:07d}"
        stay.orders += 1
        outlet = house.outlet("laboratory-order", stay.place.code)
        taken = world.now + delay
        if outlet is not None:
            now = outlet.stamp(world.now)
            rows = []
            for rank, panel in enumerate(chosen, start=1):
                rows.append(
                    f"ORC|NW|{placer}-{rank}^PRESC||{placer}^PRESC|SC||||{now}|||{stay.doctor}\r"
                    f"TQ1|1||||||{outlet.stamp(taken)}||{'S' if urgent else 'R'}\r"
                    f"OBR|{rank}|{placer}-{rank}^PRESC||{panel.order}||||||||||||{stay.doctor}\r"
                    f"SPM|1|||{panel.tube}"
                )
            body = f"{stay.other_prefix(house)}\r" + "\r".join(rows)
            at_us = world.now * 1_000_000
            told = tuple(
                OrderTold(at_us, stay.person.ipp, f"{placer}-{rank}", "laboratory", "requested")
                for rank in range(1, len(chosen) + 1)
            )
            world.send(outlet, "OML^O21^OML_O21", body, *told)
        world.at(taken, self._sample, stay, placer, chosen, urgent)

    def _sample(self, stay: Stay, placer: str, panels: tuple[Panel, ...], urgent: bool) -> None:
        """The sample is taken: values are what the blood now holds, whenever they are read."""
        world, rng = self._world, self._world.rng
        if stay.state not in ("present", "left"):
            return
        values = {analyte.key: self._measure(stay, analyte) for panel in panels for analyte in panel.analytes}
        _agree(values, stay, int(world.stamps.date(world.now)[:4]), rng.gauss(1.0, 0.012))
        taken = world.now
        slowest = max(panel.minutes for panel in panels)
        ready = int(slowest * MINUTE * (0.55 if urgent else 1.0) * (0.8 + 0.5 * rng.random()))
        if len(panels) > 1 and rng.random() < 0.35:
            part = panels[: 1 + len(panels) // 2]
            world.after(ready * 0.6, self._report, stay, placer, part, values, taken, "P")
        world.after(ready, self._report, stay, placer, panels, values, taken, "F")
        if rng.random() < 0.012:
            world.after(
                ready + rng.randint(20, 300) * MINUTE, self._correct, stay, placer, panels, values, taken
            )

    def _correct(
        self, stay: Stay, placer: str, panels: tuple[Panel, ...], values: dict[str, float], taken: int
    ) -> None:
        """One value was wrong: the panel is sent again as corrected."""
        panel = panels[0]
        analyte = panel.analytes[0]
        values[analyte.key] = round(
            values[analyte.key] * self._world.rng.choice((0.8, 0.9, 1.15, 1.3)), analyte.digits
        )
        self._report(stay, placer, (panel,), values, taken, "C")

    def _measure(self, stay: Stay, analyte: Analyte) -> float:
        """Return the value in the blood now: near what is usual for the person, pulled by the illness."""
        rng, person = self._world.rng, stay.person
        own = person.latent.get(analyte.key)
        if own is None:
            own = analyte.usual[person.sex] * max(0.3, rng.gauss(1.0, analyte.spread * 0.6))
            person.latent[analyte.key] = own
        shift = stay.picture.shifts.get(analyte.key, 1.0)
        # The illness is at its worst at first, then leaves; each measure has its own small noise.
        value = own * (1.0 + (shift - 1.0) * stay.severity) * rng.gauss(1.0, min(0.06, analyte.spread * 0.25))
        person.latent[analyte.key] = own * rng.gauss(1.0, analyte.spread * 0.08)
        return round(max(value, 0.0), analyte.digits)

    def _report(
        self, stay: Stay, placer: str, panels: tuple[Panel, ...], values: dict[str, float], taken: int, status: str
    ) -> None:  # fmt: skip
        world, house, rng = self._world, self._house, self._world.rng
        outlet = house.outlet("laboratory", stay.place.code)
        if outlet is None:
            return
        person = stay.person
        sex = person.sex
        stamp, now_text, at_us = outlet.stamp(taken), outlet.stamp(world.now), world.now * 1_000_000
        received = outlet.stamp(min(taken + 900, world.now))
        validated = house.somebody(house.biologists)
        tail = f"|||{status}|||{stamp}||{validated}"
        told: list[Tale] = []
        rows: list[str] = []
        for rank, panel in enumerate(panels, start=1):
            filler = f"B{placer[1:]}-{rank}"
            rows.append(
                f"ORC|RE|{placer}-{rank}^PRESC|{filler}^LABO|{placer}^PRESC|{'IP' if status == 'P' else 'CM'}"
            )
            rows.append(
                f"OBR|{rank}|{placer}-{rank}^PRESC|{filler}^LABO|{panel.order}|||{stamp}|||||||{received}||{stay.doctor}"
                f"||||||{now_text}||{panel.section}|{status}"
            )
            for line, analyte in enumerate(panel.analytes, start=1):
                value = values[analyte.key]
                text = f"{value:.{analyte.digits}f}"
                flag = ""
                if value > analyte.high[sex]:
                    flag = "HH" if value >= analyte.panic_high else "H"
                elif value < analyte.low[sex]:
                    flag = "LL" if value <= analyte.panic_low else "L"
                rows.append(
                    f"OBX|{line}|NM|{analyte.body}||{text}|{analyte.unit}|{analyte.range[sex]}|{flag}{tail}"
                )
                told.append(
                    ResultTold(
                        at_us, person.ipp, filler, analyte.loinc, text, status, flag, taken * 1_000_000
                    )
                )
                if flag in ("HH", "LL") and status == "F":
                    rows.append(
                        "NTE|1||Résultat critique : service prévenu par téléphone.\\.br\\Contrôlé deux fois."
                    )
            if status == "C":
                rows.append("NTE|1||Résultat corrigé : annule et remplace le précédent.")
            elif rng.random() < 0.02:
                rows.append(
                    "NTE|1||Échantillon légèrement hémolysé \\T\\ ictérique : interpréter avec prudence."
                )
            if status != "P":
                told.append(OrderTold(at_us, person.ipp, f"{placer}-{rank}", "laboratory", "completed"))
        body = f"{stay.other_prefix(house)}\r" + "\r".join(rows)
        world.send(outlet, "ORU^R01^ORU_R01", body, *told)

    # Bacteriology

    def culture(self, stay: Stay) -> None:
        """Take a culture: direct examination after hours, germ after a day, antibiogram after two."""
        world, rng = self._world, self._world.rng
        self._requests += 1
        number = f"{world.run_number:04d}{self._requests:07d}"
        kind = rng.choice(("HEMOC^Hémoculture^99LAB", "ECBU^Examen cytobactériologique des urines^99LAB"))
        germ = rng.choice(_GERMS) if rng.random() < 0.4 else None
        taken = world.now
        world.after(rng.randint(3, 6) * HOUR, self._say_culture, stay, number, kind, germ, taken, "P", 0)
        world.after(rng.randint(20, 28) * HOUR, self._say_culture, stay, number, kind, germ, taken, "P", 1)
        world.after(rng.randint(44, 56) * HOUR, self._say_culture, stay, number, kind, germ, taken, "F", 2)

    def _say_culture(
        self, stay: Stay, number: str, kind: str, germ: tuple[str, tuple[str, ...]] | None, taken: int,
        status: str, day: int,
    ) -> None:  # fmt: skip
        world, house = self._world, self._house
        outlet = house.outlet("laboratory", stay.place.code)
        if outlet is None:
            return
        stamp, now = outlet.stamp(taken), outlet.stamp(world.now)
        tail = f"|||{status}|||{stamp}||{house.somebody(house.biologists)}"
        rows = [
            f"ORC|RE|L{number}-1^PRESC|B{number}-1^LABO||{'IP' if status == 'P' else 'CM'}",
            f"OBR|1|L{number}-1^PRESC|B{number}-1^LABO|{kind}|||{stamp}|||||||{stamp}||{stay.doctor}||||||{now}||MB|{status}",
        ]
        if germ is None:
            words = ("Examen direct négatif.", "Culture stérile à 24 h.", "Culture stérile à 48 h.")[day]
            rows.append(f"OBX|1|TX|6463-4^Culture^LN^CULT^Culture^99LAB||{words}|||{tail}")
        elif day == 0:
            rows.append(
                f"OBX|1|TX|6463-4^Culture^LN^CULT^Culture^99LAB||Présence de germes à l'examen direct.|||A{tail}"
            )
        else:
            rows.append(f"OBX|1|CE|6463-4^Culture^LN^CULT^Culture^99LAB||{germ[0]}|||A{tail}")
            if day == 2:
                names, marks = germ[1][::2], germ[1][1::2]
                for rank, (name, mark) in enumerate(zip(names, marks, strict=True), start=2):
                    flag = mark if mark != "S" else ""
                    rows.append(f"OBX|{rank}|ST|ATB{rank}^{escaped(name)}^99LAB||{mark}|||{flag}{tail}")
        told = Named(world.now * 1_000_000, stay.person.ipp)
        world.send(outlet, "ORU^R01^ORU_R01", f"{stay.other_prefix(house)}\r" + "\r".join(rows), told)

    # Days

    def begin(self, stay: Stay) -> None:
        """The first tests of a stay, then mornings."""
        rng = self._world.rng
        urgent = stay.klass == "E" or stay.place.kind == "critical"
        if stay.picture.panels and rng.random() < (0.45 if stay.klass == "E" else 0.9):
            self.request(stay, stay.picture.panels, urgent=urgent, delay=rng.randint(8, 50) * MINUTE)
            if "CRP" in stay.picture.panels and rng.random() < 0.35:
                self._world.after(rng.randint(10, 60) * MINUTE, self.culture, stay)
        if stay.klass == "I":
            self._world.at(self._next_morning(), self._morning, stay)

    def _next_morning(self) -> int:
        world = self._world
        at = world.stamps.at_clock(world.now, 5.5) + world.rng.randint(0, 70 * MINUTE)
        return at if at > world.now else at + DAY

    def _morning(self, stay: Stay) -> None:
        world, rng = self._world, self._world.rng
        if stay.state not in ("present", "leave"):
            return
        world.at(self._next_morning(), self._morning, stay)
        stay.severity *= 0.84
        if stay.state != "present" or not stay.picture.panels:
            return
        share = _MORNINGS.get(stay.place.kind, 0.4)
        if not world.settled:
            share *= 0.8
        if rng.random() < share:
            panels = stay.picture.panels
            if len(panels) > 3 and rng.random() < 0.5:
                panels = tuple(panel for panel in panels if rng.random() < 0.7) or panels[:2]
            self.request(
                stay, panels, urgent=stay.place.kind == "critical", delay=rng.randint(10, 80) * MINUTE
            )
        if stay.place.kind == "critical" and world.settled:
            for hours in (7, 13, 18):
                world.after(hours * HOUR + rng.randint(0, HOUR), self._gases, stay)

    def _gases(self, stay: Stay) -> None:
        if stay.here and stay.place.kind == "critical":
            self.request(stay, ("GDS", "IONO"), urgent=True, delay=5 * MINUTE)


def _agree(values: dict[str, float], stay: Stay, year: int, noise: float) -> None:
    """Let values that depend on one another agree, as they do in blood.

    Source of the estimated filtration rate: CKD-EPI 2021 creatinine equation.
    """
    if "HB" in values:
        values["HT"] = round(values["HB"] * 2.97 * noise)
        values["RBC"] = round(values["HT"] * 10 / max(values["MCV"], 60), 2)
        values["NEU"] = round(min(values["NEU"], values["WBC"] * 0.9), 2)
        values["LYM"] = round(max(0.05, min(values["LYM"], values["WBC"] * 0.95 - values["NEU"])), 2)
    if "CL" in values:
        values["CL"] = round((values["NA"] - 37) * noise)
    if "DFG" in values:
        woman = stay.person.sex == "F"
        kappa, alpha = (0.7, -0.241) if woman else (0.9, -0.302)
        ratio = max(values["CREA"], 20) / 88.4 / kappa
        age = max(18, year - int(stay.person.birth[:4]))
        rate = (
            142 * min(ratio, 1.0) ** alpha * max(ratio, 1.0) ** -1.2 * 0.9938**age * (1.012 if woman else 1.0)
        )
        values["DFG"] = round(min(rate, 140))
    if "TP" in values:
        if "INR" in stay.picture.shifts and values["INR"] > 1.3:
            values["TP"] = round(min(100, 100 / values["INR"] ** 1.43))
        else:
            values["INR"] = round((100 / max(values["TP"], 8)) ** 0.7, 2)
