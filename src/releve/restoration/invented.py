"""Hospitals that do not exist, to try plans on: applications, people, vendors, calendars and what each day costs.

Nothing here was measured in a real hospital except the orders of magnitude: some 200 applications in three tiers and
thirty people who rebuild them (Rouen 2019: twenty to thirty), vendors beside, about ten weeks until 80 % is back
(announced for day 71 at Corbeil-Essonnes in 2022; in plans of these hospitals days 66 to 83). Why: `docs/adr/0016`.
The same numbers give the same case on every machine. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from random import Random

from releve.restoration.case import (
    ALWAYS,
    Application,
    Calendar,
    CalendarException,
    Case,
    Coverage,
    Impact,
    Need,
    Person,
    Resource,
    Service,
    Share,
    Skill,
    SkillCount,
    Task,
    Use,
    Weekday,
    Window,
    WorkingHours,
)

__all__ = ["generate"]

_DAY = 24
_WEEK = 7 * _DAY
_YEARS = 3 * 366 * _DAY  # the last window of a vendor stays open: whoever comes late still comes
_APPLICATIONS_A_TEAM = 17  # 200 applications, 12 teams
_PEOPLE_A_TEAM = 2.55  # 30 people for 200 applications, the most Rouen had: docs/adr/0016
_TIGHT = 0.6  # of the people, when many are ill, gone, or lent to neighbours
_WORKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
_SKILLS = (
    ("system", "Systèmes et virtualisation"),
    ("clinical", "Applications de soins"),
    ("security", "Sécurité et analyse"),
    ("workplace", "Postes de travail"),
    ("technical-units", "Plateaux techniques"),
    ("interfaces", "Interfaces et échanges"),
    ("database", "Bases de données"),
    ("network", "Réseau"),
    ("storage", "Stockage et sauvegarde"),
    ("administration", "Gestion et facturation"),
)
_GROUND = ("Réseau cœur", "Annuaire", "Noms et temps", "Virtualisation", "Sauvegarde", "Messagerie")
_COMMON = ("Identité", "Dossier patient", "Échanges", "Admissions", "Serveur de résultats", "Documents")
_OWN = (
    "Laboratoire",
    "Imagerie",
    "Pharmacie",
    "Bloc",
    "Urgences",
    "Réanimation",
    "Dialyse",
    "Maternité",
    "Paie",
    "Achats",
)


def generate(applications: int = 200, seed: int = 1, *, tight: bool = False) -> Case:
    """Return a hospital of so many applications, about six tasks each; `tight`: six people where there are ten.

    Raises:
        ValueError: fewer than 5 applications.
    """
    if applications < 5:
        raise ValueError("applications: expected at least 5")
    return _Hospital(applications, seed, tight).case()


class _Hospital:
    def __init__(self, count: int, seed: int, tight: bool) -> None:
        self.random = Random(seed * 2 + 1)
        self.count, self.seed, self.tight = count, seed, tight
        self.batches = max(1, round(count * 0.06))
        self.ground = max(3, round(count * 0.12))
        self.common = max(1, round(count * 0.26))
        self.staff = max(8, round(count / _APPLICATIONS_A_TEAM * _PEOPLE_A_TEAM * (_TIGHT if tight else 1.0)))
        self.skills = _SKILLS[: min(len(_SKILLS), max(4, 5 + count // 60))]
        self.vendors = max(2, round(count / 9))
        self.tasks: list[Task] = []
        self.applications: list[Application] = []

    def case(self) -> Case:
        for i in range(self.ground):
            self._application(i, 1)
        for i in range(self.common):
            self._application(i, 2)
        for i in range(max(0, self.count - self.ground - self.common - self.batches)):
            self._application(i, 3)
        for i in range(self.batches):
            self._batch(i)
        people = self.people()
        start = datetime(2026, 1, 5, 3, 10, tzinfo=timezone(timedelta(hours=1))) + timedelta(
            days=self.seed % 280
        )
        return Case(
            name=f"Hôpital imaginaire {self.seed}" + (", équipes réduites" if self.tight else ""),
            starts_at=start,
            calendars=self.calendars(start),
            skills=tuple(Skill(id=name, name=title) for name, title in self.all_skills()),
            people=tuple(people),
            resources=(
                Resource(id="restore", name="Flux de restauration", units=max(3, round(self.count / 25))),
                Resource(id="benches", name="Bancs de remise à neuf", units=max(2, round(self.count / 60))),
            ),
            applications=tuple(self.applications),
            tasks=tuple(self.tasks),
            services=tuple(self.services()),
        )  # fmt: skip

    def calendars(self, start: datetime) -> tuple[Calendar, ...]:
        """Days, long days with Saturdays, weeks of seven days in turn, nights; a holiday in the third week."""
        monday = (7 - start.weekday()) % 7 * _DAY - 3  # about the first Monday at midnight
        holiday = CalendarException(
            from_hour=monday + 16 * _DAY, to_hour=monday + 17 * _DAY, name="Jour férié"
        )
        turns = [
            tuple(
                CalendarException(
                    from_hour=monday + week * _WEEK + 5 * _DAY,
                    to_hour=monday + (week + 1) * _WEEK,
                    name="Repos",
                )
                for week in range(-1, 156)
                if week % 2 == turn
            )
            for turn in (0, 1)
        ]
        day = WorkingHours(days=_WORKDAYS, from_hour=8, to_hour=18)
        long_day = WorkingHours(days=(*_WORKDAYS, "sat"), from_hour=8, to_hour=20)
        all_week = WorkingHours(days=(*_WORKDAYS, "sat", "sun"), from_hour=8, to_hour=19)
        nights = (
            WorkingHours(days=(*_WORKDAYS, "sat", "sun"), from_hour=20, to_hour=24),
            WorkingHours(days=(*_WORKDAYS, "sat", "sun"), from_hour=0, to_hour=6),
        )
        return (
            Calendar(id="days", name="Journées", week=(day,), exceptions=(holiday,)),
            Calendar(
                id="long-days", name="Journées longues et samedis", week=(long_day,), exceptions=(holiday,)
            ),
            Calendar(
                id="turn-a", name="Sept jours, une semaine sur deux, A", week=(all_week,), exceptions=turns[0]
            ),
            Calendar(
                id="turn-b", name="Sept jours, une semaine sur deux, B", week=(all_week,), exceptions=turns[1]
            ),
            Calendar(id="nights", name="Nuits", week=nights),
        )

    def all_skills(self) -> list[tuple[str, str]]:
        return [*self.skills, *((f"vendor-{i + 1}", f"Éditeur {i + 1}") for i in range(self.vendors))]

    def people(self) -> list[Person]:
        """Each trade has people as its load asks, more or less; a trade shares its hours; some know a second."""
        random, people = self.random, []
        load = {skill: 1.0 for skill, _ in self.skills}
        pairs = set()
        for task in self.tasks:
            for line in task.team:
                if line.skill in load:
                    load[line.skill] += line.count * task.work_hours
                    if line.count > 1:
                        pairs.add(line.skill)
        # Everybody waits for those who rebuild machines and those who say that they are clean.
        scarce = {"system": 0.65, "security": 0.9}
        asked = {skill: hours * scarce.get(skill, random.uniform(1.0, 1.5)) for skill, hours in load.items()}
        scale = self.staff / sum(asked.values())
        for team, (skill, _) in enumerate(self.skills):
            usual = "days" if skill in ("clinical", "technical-units", "administration") else "long-days"
            for member in range(max(2 if skill in pairs else 1, round(asked[skill] * scale))):
                skills = [skill]
                for chance in (0.4, 0.15):
                    if random.random() < chance:
                        skills.append(random.choice(self.skills)[0])
                calendar = usual
                absences: tuple[Window, ...] = ()
                if member > 1 and random.random() < 0.1:
                    calendar = "days"
                if member == 2 and skill in ("system", "storage"):
                    calendar = "nights"
                if member > 1 and random.random() < 0.2:
                    from_hour = random.randrange(5, 60) * _DAY
                    absences = (
                        Window(from_hour=from_hour, to_hour=from_hour + random.randrange(3, 12) * _DAY),
                    )
                people.append(
                    Person(
                        id=f"t{team + 1}-{member + 1}", name=f"Équipe {team + 1}, personne {member + 1}",
                        skills=tuple(dict.fromkeys(skills)), calendar=calendar, absences=absences,
                    )
                )  # fmt: skip
        for i in range(max(1, self.staff // 20)):  # responders from outside: three weeks, then two
            arrival = random.randrange(1, 4) * _DAY
            people.append(
                Person(
                    id=f"expert-{i + 1}", name=f"Expert externe {i + 1}", kind="expert", skills=("security",),
                    calendar=("turn-a", "turn-b")[i % 2], no_show_probability=0.05,
                    windows=(
                        Window(from_hour=arrival, to_hour=arrival + 3 * _WEEK),
                        Window(from_hour=arrival + 6 * _WEEK, to_hour=arrival + 8 * _WEEK),
                    ),
                )
            )  # fmt: skip
        for i in range(self.vendors):
            people += self._vendor(i)
        return people

    def _vendor(self, number: int) -> list[Person]:
        """A vendor comes for one to three weeks, goes to other customers, and comes back for good."""
        random = self.random
        arrival = random.randrange(1, 10) * _DAY
        leaves = arrival + random.randrange(7, 22) * _DAY
        back = leaves + random.randrange(3, 12) * _DAY
        windows = (Window(from_hour=arrival, to_hour=leaves), Window(from_hour=back, to_hour=_YEARS))
        return [
            Person(
                id=f"vendor-{number + 1}-{who + 1}", name=f"Éditeur {number + 1}, technicien {who + 1}", kind="vendor",
                skills=(f"vendor-{number + 1}",), calendar="days", windows=windows, no_show_probability=0.1,
            )
            for who in range(random.choice((1, 1, 2)))
        ]  # fmt: skip

    def _skill(self, *names: str) -> str:
        """Return a team of one of these trades; another one in a hospital so small that it has none."""
        found = [skill for skill, _ in self.skills if skill in names]
        return self.random.choice(found or [skill for skill, _ in self.skills])

    def _application(self, number: int, tier: int) -> None:
        random = self.random
        titles = {1: _GROUND, 2: _COMMON, 3: _OWN}[tier]
        turn = number // len(titles)
        name = titles[number % len(titles)] + (f" {turn + 1}" if turn else "")
        key = f"{'gco'[tier - 1]}{number + 1}"
        of_tier = [one.id for one in self.applications if one.tier == 1]
        common = [one.id for one in self.applications if one.tier == 2]
        needs: dict[str, str] = {}
        if tier == 1 and number:
            first = min(number, 4)  # network, directory, time, machines: what everything stands on
            needs = dict.fromkeys(
                random.sample(of_tier[: max(first, 1)], min(len(of_tier[:first]), random.choice((1, 1, 2)))),
                "",
            )
        elif tier == 2:
            needs = dict.fromkeys(random.sample(of_tier, min(len(of_tier), random.randrange(1, 4))), "")
            if common and random.random() < 0.3:
                needs[random.choice(common)] = f"{key}.test"
        elif tier == 3:
            needs = dict.fromkeys(random.sample(common, min(len(common), random.randrange(1, 3))), "")
            if random.random() < 0.5:
                needs[random.choice(of_tier)] = ""
            if random.random() < 0.25:
                needs[random.choice(common)] = f"{key}.test"
        self.applications.append(
            Application(
                id=key, name=name, kind="technical" if tier == 1 else "application", tier=tier,
                needs=tuple(Need(application=other, before=before) for other, before in sorted(needs.items())),
                owner=f"Responsable {name}",
            )
        )  # fmt: skip
        self._recovery(key, tier)

    def _hours(self, median: float, sigma: float, least: int = 1) -> int:
        return max(least, round(self.random.lognormvariate(0.0, sigma) * median))

    def _recovery(self, key: str, tier: int) -> None:
        """Rebuild, restore, scan, gate, harden, test, reopen, catch up: some of them for each application."""
        random = self.random
        size = random.lognormvariate(0.0, 0.7)
        system = self._skill({1: "network", 2: "system", 3: "system"}[tier], "system", "storage")
        trade = self._skill(
            {1: "system", 2: "clinical", 3: "technical-units"}[tier], "clinical", "administration"
        )
        vendor = (
            f"vendor-{random.randrange(self.vendors) + 1}"
            if random.random() < (0.15, 0.4, 0.35)[tier - 1]
            else ""
        )
        rebuild = [SkillCount(skill=system, count=2 if tier < 3 and random.random() < 0.3 else 1)]
        add = self._task
        add(key, "rebuild", self._hours(16 * size, 0.4, 2), (), rebuild)
        if random.random() < 0.85:
            uses = (Use(resource="restore", units=random.choice((1, 1, 1, 2))),)
            hours = self._hours(20 * size, 0.7, 2)
            if random.random() < 0.25:
                add(
                    key,
                    "restore",
                    hours // 2 + 1,
                    ("rebuild",),
                    [SkillCount(skill=self._skill("storage", "database"))],
                    uses=uses,
                )
            else:
                add(key, "restore", hours, ("rebuild",), [], uses=uses)
        before = self._last(key)
        if random.random() < 0.6:
            add(
                key,
                "scan",
                self._hours(6, 0.4),
                before,
                [SkillCount(skill=self._skill("security"))],
                fail=0.12,
            )
            gate = f"{key}.gate"
            self.tasks.append(
                Task(
                    id=gate, application=key, kind="gate", name="Preuve de décontamination", work_hours=0,
                    after=(f"{key}.scan",), evidence="rapport d’analyse antivirale sans alerte", fail_probability=0.08,
                    rework=(f"{key}.restore" if "restore" in before else f"{key}.rebuild", f"{key}.scan"),
                )
            )  # fmt: skip
            before = ("gate",)
        if random.random() < 0.8:
            add(
                key,
                "harden",
                self._hours(8 * size, 0.4),
                ("rebuild",),
                [SkillCount(skill=self._skill("security", "network"))],
            )
        test = [SkillCount(skill=trade)]
        if vendor:
            test.append(SkillCount(skill=vendor))
        add(key, "test", self._hours(13 * size, 0.4, 2), before, test, fail=0.1)
        if tier > 1 and random.random() < 0.85:
            after = (
                ("test", "harden")
                if any(task.id == f"{key}.harden" for task in self.tasks[-4:])
                else ("test",)
            )
            add(
                key,
                "reopen",
                self._hours(9 * size, 0.5),
                after,
                [SkillCount(skill=self._skill("interfaces", "database"))],
            )
        if tier == 3 and random.random() < 0.5:
            add(
                key,
                "catch-up",
                self._hours(12 * size, 0.5),
                self._last(key),
                [SkillCount(skill=self._skill("clinical", "administration", "technical-units"))],
            )

    def _last(self, key: str) -> tuple[str, ...]:
        return (self.tasks[-1].id.removeprefix(f"{key}."),)

    def _task(
        self,
        key: str,
        kind: str,
        hours: int,
        after: Sequence[str],
        team: Sequence[SkillCount],
        *,
        uses: tuple[Use, ...] = (),
        fail: float = 0.0,
    ) -> None:
        self.tasks.append(
            Task(
                id=f"{key}.{kind}", application=key, kind=kind, name=_TITLES[kind], work_hours=hours,  # type: ignore[arg-type]
                after=tuple(f"{key}.{name}" for name in after), team=tuple(team), uses=uses, calendar=ALWAYS,
                fail_probability=fail,
            )
        )  # fmt: skip

    def _batch(self, number: int) -> None:
        """Workstations of a ward, 25 to 100: collected, made new on a bench, checked, brought back."""
        random = self.random
        key, machines = f"w{number + 1}", random.randrange(25, 101)
        ground = [one.id for one in self.applications if one.tier == 1][:6]
        self.applications.append(
            Application(
                id=key, name=f"Postes du lot {number + 1} ({machines})", kind="workstations", tier=3,
                needs=tuple(Need(application=other, before=f"{key}.workstations") for other in ground[1:2]),
                owner="Responsable du parc",
            )
        )  # fmt: skip
        hands = [SkillCount(skill=self._skill("workplace"), count=2)]
        self._task(key, "contain", max(2, machines // 20), (), hands)
        self._task(
            key, "workstations", max(4, machines // 6), ("contain",), hands, uses=(Use(resource="benches"),)
        )
        self._task(
            key,
            "scan",
            max(1, machines // 25),
            ("workstations",),
            [SkillCount(skill=self._skill("security", "workplace"))],
            fail=0.05,
        )
        self._task(key, "reopen", max(2, machines // 20), ("scan",), hands)

    def services(self) -> list[Service]:
        """One service for one to five applications; the common ones carry several; each is in one at least."""
        random, found = self.random, []
        batches = [one.id for one in self.applications if one.kind == "workstations"]
        common = [one.id for one in self.applications if one.tier == 2]
        own = [one.id for one in self.applications if one.tier == 3 and one.kind != "workstations"]
        random.shuffle(own)
        random.shuffle(batches)
        wards = max(1, len(batches) // 4)
        number = 0
        while own or number < max(2, self.count // 8):
            mine = [own.pop() for _ in range(min(len(own), random.randrange(1, 4)))]
            shared = random.sample(common, min(len(common), random.choice((0, 1, 1, 2))))
            if not mine and not shared:
                shared = common[:1]
            found.append(self._service(f"s{number + 1}", f"Fonction de soin {number + 1}", [*mine, *shared]))
            number += 1
        for ward in range(wards):
            lots = batches[ward::wards]
            weights = [random.uniform(0.5, 1.5) for _ in lots]
            shares = tuple(
                Share(application=lot, share=round(0.95 * weight / sum(weights), 3))
                for lot, weight in zip(lots, weights, strict=True)
            )
            found.append(
                self._service(f"p{ward + 1}", f"Postes de soin, secteur {ward + 1}", common[:1], shares)
            )
        used = {name for service in found for name in service.requires}
        for lonely in (name for name in common if name not in used):
            found.append(self._service(f"a{lonely}", f"Usage commun {lonely}", [lonely]))
        return found

    def _service(
        self, key: str, name: str, requires: Sequence[str], shares: tuple[Share, ...] = ()
    ) -> Service:
        random = self.random
        weight = round(random.lognormvariate(0.0, 1.3) * 10, 1) + 1
        if (
            random.random() < 0.3
        ):  # pay, invoices, coding: nearly nothing at first, much at the end of the month
            impact = [Impact(from_day=0.0, per_day=round(weight * random.uniform(0.03, 0.15), 1))]
            day = random.choice((10.0, 14.0, 21.0, 28.0, 35.0))
            impact.append(Impact(from_day=day, per_day=weight))
        else:
            impact = [Impact(from_day=0.0, per_day=weight)]
            day = 0.0
            for _ in range(random.randrange(0, 3)):  # what could wait a week cannot wait a month
                day += random.choice((2.0, 5.0, 7.0, 14.0, 21.0))
                weight = round(weight * random.uniform(1.2, 2.0), 1)
                impact.append(Impact(from_day=day, per_day=weight))
        coverage = []
        if random.random() < 0.7:  # paper and telephones, from the first days on, then somewhat better
            covered = round(random.uniform(0.05, 0.75), 2)
            coverage.append(Coverage(from_day=round(random.uniform(0.2, 2.0), 1), share=covered))
            if random.random() < 0.4:
                better = round(min(0.9, covered + random.uniform(0.05, 0.25)), 2)
                coverage.append(Coverage(from_day=round(random.uniform(4, 15), 1), share=better))
        return Service(
            id=key, name=name, requires=tuple(requires), shares=shares, impact=tuple(impact), coverage=tuple(coverage),
            patients_per_day=round(weight * random.uniform(0.5, 4.0)),
        )  # fmt: skip


_TITLES = {
    "contain": "Isoler et collecter",
    "rebuild": "Reconstruire",
    "restore": "Restaurer les données",
    "scan": "Analyser",
    "harden": "Durcir",
    "test": "Tester avec le métier",
    "reopen": "Rouvrir",
    "catch-up": "Rattraper la saisie",
    "workstations": "Remettre à neuf",
}
