"""Staff at work during a downtime, through the pages of the island: what they did is counted by them, then found again.

Each ward gets a nurse and a physician, the hospital an admission clerk. They read the pages, follow their links and
fill in their forms; the real hours they give are spread over the hours of the cut. One form in eight is sent twice, as
an impatient hand does.
"""

import csv
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from releve.exercise.browser import Browser, Form, NoSuchForm, Page
from releve.hospital.map import HospitalMap

__all__ = ["Colleague", "Shift", "ShiftResult", "staff_file"]

TWICE_ONE_IN = 8
NEW_PASSWORD = "lanterne-22-orage-{code}"
WORKERS = 4
NAMES = ("LE GALL", "D’ORNANO", "NGUYỄN", "BEN YOUSSEF", "ŁUKASIK", "MÜLLER", "ÇELIK", "DUPONT-MARTIN")
IN_WORDS = ("choose", "F")  # the button for a product that is not in the formulary
GIVEN = ("Zoé", "Maëlle", "Gaël", "Noël", "Inès", "Amélie", "Łucja", "Jean-François")


@dataclass(frozen=True)
class Colleague:
    """Somebody who works tonight: account, first password, role, ward (UF code, "" for the whole hospital)."""

    code: str
    password: str
    role: str
    ward: str


@dataclass
class ShiftResult:
    """What the staff counted: acts recorded by kind of entry, forms refused, and what could not be done."""

    recorded: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    sent_twice: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def acts(self) -> int:
        """How many acts the island confirmed."""
        return sum(self.recorded.values())


def staff_file(path: Path, hospital: HospitalMap, wards: Sequence[str]) -> None:
    """Write the staff list of the night, as `releve accounts import` reads it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter=";")
        table.writerow(["code", "family", "given", "role", "wards", "badge"])
        for ward in wards:
            table.writerow([f"nuit-n{ward}".lower(), "NUIT", "Anne", "nurse", ward, "non"])
            table.writerow([f"nuit-m{ward}".lower(), "NUIT", "Paul", "physician", ward, "non"])
        table.writerow(["nuit-admission", "NUIT", "Ali", "clerk", "", "non"])


def read_staff(path: Path, wards: Sequence[str]) -> list[Colleague]:
    """Return who works tonight, from the one-time passwords that the import wrote."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file, delimiter=";"))
    return [
        Colleague(
            code=line["code"],
            password=line["password"],
            role=line["role"],
            ward=line["wards"] if line["wards"] in wards else "",
        )
        for line in lines
    ]


class Shift:
    """One shift on one island. `since` and `until` bound the real hours that are given."""

    def __init__(
        self,
        where: tuple[str, int],
        zone: str,
        *,
        since: datetime,
        until: datetime,
        seed: int,
        patients: int,
        new_password: str = NEW_PASSWORD,
    ) -> None:
        self._new_password = new_password
        self._where = where
        self._zone = ZoneInfo(zone)
        self._since, self._until = since, until
        self._seed = seed
        self._patients = patients
        self._lock = threading.Lock()
        self.result = ShiftResult()

    def work(self, colleagues: Iterable[Colleague], steps: Callable[[str, int, int], None]) -> ShiftResult:
        """Let everybody work until her round is done; return what they counted."""
        everybody = list(colleagues)
        done = 0
        with ThreadPoolExecutor(WORKERS) as pool:
            for _ in pool.map(self._one, everybody):
                done += 1
                steps("staff at work", done, len(everybody))
        return self.result

    def _one(self, colleague: Colleague) -> None:
        with Browser(*self._where) as browser:
            person = _Person(self, browser, colleague)
            try:
                person.take_post()
                person.round()
            except (NoSuchForm, OSError) as error:
                self.problem(f"{colleague.role}: {error}")

    def problem(self, text: str) -> None:
        """Note what could not be done; never a patient's value."""
        with self._lock:
            self.result.problems.append(text)

    def count(self, kind: str, *, recorded: bool, twice: bool = False) -> None:
        """Count one form."""
        with self._lock:
            (self.result.recorded if recorded else self.result.refused)[kind] += 1
            self.result.sent_twice += twice

    def rng(self, code: str) -> random.Random:
        """Return this person's chance: the same seed is the same shift."""
        return random.Random(f"{self._seed}/{code}")

    def hour(self, chance: random.Random) -> str:
        """Return a real hour within the cut, as one types it."""
        span = (self._until - self._since).total_seconds()
        at = datetime.fromtimestamp(self._since.timestamp() + chance.random() * span, UTC)
        local = at.astimezone(self._zone)
        doubled = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
        return f"{local:%d/%m/%Y %H:%M}{(' B' if local.fold else ' A') if doubled else ''}"

    def new_password(self, code: str) -> str:
        """Return what this person chooses where a new password is asked for."""
        return self._new_password.format(code=code)

    @property
    def patients(self) -> int:
        """How many patients each person sees."""
        return self._patients


class _Person:
    """One colleague at one screen."""

    def __init__(self, shift: Shift, browser: Browser, colleague: Colleague) -> None:
        self._shift, self._browser, self._who = shift, browser, colleague
        self._chance = shift.rng(colleague.code)

    def take_post(self) -> None:
        page = self._browser.get("/sign-in/")
        page = self._browser.submit(
            page.form("badge", "pin"), {"badge": self._who.code, "pin": self._who.password}
        )
        if page.path.startswith("/sign-in/"):
            raise NoSuchForm("/sign-in/: expected to be let in")
        # The first password opens nothing but its own change.
        changing = [form for form in page.forms if {"password", "again"} <= form.names]
        if changing:
            fresh = self._shift.new_password(self._who.code)
            values = {"password": fresh, "again": fresh}
            if "pin" in changing[0].names:
                values["pin"] = self._who.password
            page = self._browser.submit(changing[0], values)
            if page.status != 200 or any({"password", "again"} <= form.names for form in page.forms):
                raise NoSuchForm("/post/code/: expected the new password to be taken")

    def round(self) -> None:
        if self._who.role == "clerk":
            for _ in range(self._shift.patients):
                self._admit()
            return
        for patient in self._patients_of_ward():
            if self._who.role == "nurse":
                self._vital_signs(patient)
                self._dose(patient)
                self._note(patient, "nursing")
            else:
                self._prescribe(patient)
                self._note(patient, "medical")

    def _patients_of_ward(self) -> list[str]:
        links = self._browser.get(f"/ward/{self._who.ward}/").links_to("/patient/")
        found = dict.fromkeys("/".join(link.split("/")[:3]) for link in links)
        return list(found)[: self._shift.patients]

    def _send(
        self, kind: str, form: Form, values: Mapping[str, str | list[str]], **press: tuple[str, str]
    ) -> Page:
        answer = self._browser.submit(form, values, button=press.get("button"))
        recorded = answer.status == 200
        twice = recorded and self._chance.randrange(TWICE_ONE_IN) == 0
        if twice:
            again = self._browser.submit(form, values, button=press.get("button"))
            if again.status != 200:
                self._shift.problem(f"{kind}: expected the same form sent again to be the same act")
        self._shift.count(kind, recorded=recorded, twice=twice)
        return answer

    def _vital_signs(self, patient: str) -> None:
        form = self._browser.get(f"{patient}/observations/").form("pulse", "act_key")
        chance = self._chance
        self._send(
            "observation.charted.1",
            form,
            {
                "pulse": str(chance.randint(55, 100)),
                "respiratory_rate": str(chance.randint(12, 20)),
                "systolic": str(chance.randint(105, 150)),
                "temperature": f"{chance.randint(362, 378) / 10}".replace(".", ","),
                "happened_at": self._shift.hour(chance),
            },
        )

    def _dose(self, patient: str) -> None:
        page = self._browser.get(f"{patient}/grid/")
        links = [link for link in page.links_to("dose=") if "what=no" not in link]
        if not links:
            return
        page = self._browser.get(links[0])
        try:
            form = page.form("dose", "happened_at", "act_key")
        except NoSuchForm:
            return
        # What two people check, and what the screen asks about, is not for somebody alone in an exercise.
        if "second" in form.names or "sure" in form.names or not form.fields.get("dose_value", [""])[0]:
            return
        answer = self._browser.submit(form, {"happened_at": ""}, button=("what", "given"))
        if answer.status == 422 and any("sure" in one.names for one in answer.forms):
            return  # it asks first: somebody would go and see
        self._shift.count("dose.given.1", recorded=answer.status == 200)

    def _note(self, patient: str, kind: str) -> None:
        page = self._browser.get(f"{patient}/notes/write/{kind}/")
        text = "Transmission de l’exercice : état stable, « a mangé », 37,2 °C, prévenu le Dr N’Diaye."
        form = page.form("text", "act_key")
        values = {"text": text, "happened_at": self._shift.hour(self._chance)}
        if "title" in form.names and not form.fields.get("title", [""])[0]:
            values["title"] = "Exercice"
        self._send("note.written.1", form, values)

    def _prescribe(self, patient: str) -> None:
        page = self._browser.get(f"{patient}/prescribe/")
        if any("q" in form.names for form in page.forms):  # the hospital has a formulary: search it first
            page = self._browser.submit(page.form("q"), {"q": "eau gélifiée"})
        chosen = next((form for form in page.forms if IN_WORDS in form.buttons), None)
        if chosen is None:
            raise NoSuchForm("prescribe/: expected a way to type a product")
        page = self._browser.submit(chosen, button=IN_WORDS)
        form = page.form("label", "rhythm", "act_key")
        values = {
            "label": "Eau gélifiée, pot",
            "dose_value": "1",
            "dose_unit": "g" if "g" in form.choices.get("dose_unit", []) else "mg",
            "rhythm": "hours",
            "times": "08:00 12:00",
        }
        if "PO" in form.choices.get("route_code", []):
            values["route_code"] = "PO"
        answer = self._browser.submit(form, values)
        if answer.status == 422:
            again = [one for one in answer.forms if {"label", "rhythm"} <= one.names]
            asks = [
                name for name in (again[0].names if again else ()) if name in ("override", "sure", "reason")
            ]
            if again and asks:
                answer = self._browser.submit(again[0], dict.fromkeys(asks, "exercice"))
        self._shift.count("prescription.started.1", recorded=answer.status == 200)

    def _admit(self) -> None:
        page = self._browser.get("/admit/")
        family = f"{self._chance.choice(NAMES)} {self._chance.choice(NAMES)}"
        page = self._browser.submit(
            page.form("birth", "letters"), {"birth": "1958-03-12", "letters": family[:3]}
        )
        form = page.form("birth_name", "given_name", "act_key")
        bed = next((bed for bed in form.choices.get("bed", []) if bed.startswith("ward:")), "")
        self._send(
            "person.admitted.1",
            form,
            {
                "birth_name": family,
                "given_name": self._chance.choice(GIVEN),
                "birth_date": "12/03/1958",
                "sex": "F",
                "bed": bed,
                "allergies": "not-asked",
                "happened_at": self._shift.hour(self._chance),
            },
        )
