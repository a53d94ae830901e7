"""A small demonstration hospital with something in each room, in this process: what sweeps over all pages walk through.

A real journal, every act folded before it is answered; the clock stands, so that nobody is locked out of a long walk.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "docs"))
sys.path.insert(0, str(Path(__file__).parents[1] / "departments"))
sys.path.insert(0, str(Path(__file__).parents[1] / "departments/admissions"))
sys.path.insert(0, str(Path(__file__).parents[1] / "restoration/drawing"))
sys.path.insert(0, str(Path(__file__).parents[1] / "restoration/pages"))

import django_ready  # noqa: F401  (before any table or page)

# isort: split

from admissions_island import PASSWORD, AdmissionsIsland
from every_page import ROWS
from living_island import lived
from restoration_island import DATES
from small_case import CASE, PLAN
from test_every_url_and_role import Place, Writes, _island_providers, addresses

from releve.codecs.dropped import DroppedDocument, encode_document
from releve.departments.prescribing.formulary import FORMULARY_KIND, FormularyImported, read_formulary
from releve.exercise.browser import Browser, Page
from releve.exercise.demo import demo_hospital
from releve.exercise.demo_fleet import demo_fleet
from releve.exercise.demo_formulary import formulary_files
from releve.exercise.night import smaller
from releve.exercise.shift import Colleague, Shift
from releve.hospital.map import Application, HospitalMap
from releve.journal import folder as folder_of
from releve.journal.entry import Draft, Receipt
from releve.restoration.facts import LineSaid, LinesSaid, PlanAdopted, PlanAsked, PlanMade, TaskReported
from releve.restoration.fleet.facts import BatchMade, MachinesListed, MachinesMoved, draft_of
from releve.restoration.plan import write_plan
from releve.restoration.standing.lines import lines_of
from screens import pages_served, stop_clocks

__all__ = ["BADGE", "PASSWORD", "House", "Screen", "cut", "house_served", "refused_of", "screens_of"]

PATIENTS = 24
HOUR_MS = 3_600_000
# Who looks at a page: the first of these that may write it, or open it.
LOOKING = (
    "physician", "pharmacist", "nurse", "crisis", "it", "clerk", "auditor", "midwife", "assistant", "laboratory",
    "radiographer",
)  # fmt: skip
# Who sees more than the first of them.
PLANNING = ("crisis", *LOOKING)
PLANNED = ("restoration", "fleet", "feed", "audit-")
ELSEWHERE = "elsewhere"  # a nurse of another ward
# Who works through the cut.
STAFF = ("nurse", "physician", "clerk")
BADGE, PIN = "CY04VPH3XRDM5FN8", "958274"


class Screen(NamedTuple):
    """A page as somebody sees it: name of its address, role of who looks ("" nobody signed in), address."""

    name: str
    role: str
    path: str


class House(AdmissionsIsland):
    """The hospital, its clock standing at the moment it was made."""

    where: tuple[str, int]
    patient: str
    ward: str
    calm: bool = True

    def say(self, *facts: Any) -> int:
        """Record facts of the restoration; return the index of the last one."""
        return self.append(
            [
                Draft(kind=str(one.__struct_config__.tag), body=msgspec.msgpack.encode(one), source="")
                for one in facts
            ]
        )[-1].index

    def browser(self, role: str) -> Browser:
        """Return a browser where somebody of this role is signed in; "": nobody."""
        browser = Browser(*self.where)
        assert not role or browser.sign_in(f"a-{role}", PASSWORD), role
        return browser


class Audit:
    """The audit's log, written by one thread whichever page asks."""

    def __init__(self, data: Path) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._log = self._thread.submit(
            lambda: Writes(folder_of.open_writer(data, folder_of.begin_audit(data, 1)))
        ).result()

    def append(self, drafts: Sequence[Draft]) -> list[Receipt]:
        """Write, durable when it returns."""
        return self._thread.submit(self._log.append, drafts).result()

    def close(self) -> None:
        """Let go of the log."""
        self._thread.submit(self._log.writer.close).result()
        self._thread.shutdown()


def _hospital() -> HospitalMap:
    found = smaller(demo_hospital(), PATIENTS)
    known = {one.code for one in found.applications}
    more = tuple(Application(code=one.id, name=one.name) for one in CASE.applications if one.id not in known)
    return msgspec.structs.replace(found, applications=(*found.applications, *more))


def _fill(house: House) -> None:
    """Say what stands in each room before the cut."""
    from releve.record.tables import Encounter
    from releve.web.accounts.draft import draft_badge, issue_first_code
    from releve.web.accounts.facts import ROLES

    formulary, problems = read_formulary(formulary_files())
    assert formulary is not None, problems
    house.append(
        [
            Draft(
                kind=FORMULARY_KIND,
                body=msgspec.msgpack.encode(FormularyImported(formulary=formulary)),
                source="",
            )
        ]
    )
    house.append(
        [
            Draft(kind="message.hl7v2", body=body, source="mllp:127.0.0.1")
            for body in lived(2, patients=PATIENTS)
        ]
    )
    lying = {ward.code for ward in house.map.wards if ward.kind == "inpatient"}
    stays = Encounter.objects.filter(status="present", ward__in=lying)
    house.ward, _ = Counter(stays.values_list("ward", flat=True)).most_common(1)[0]
    first = stays.filter(ward=house.ward).order_by("person").first()
    assert first is not None
    house.patient = first.person
    sheet = DroppedDocument(
        kind="medication-sheet", media_type="application/pdf", content=b"%PDF-1.4\n%%EOF\n", ward=house.ward
    )
    unread = f"MSH|^~\\&|INCONNU|CHV|RELEVE||{datetime.now(UTC):%Y%m%d%H%M%S}||ZZZ^Z99|1|P|2.5\r"
    house.append(
        [
            Draft(kind="initial.document", body=encode_document(sheet), source="intake"),
            Draft(kind="message.hl7v2", body=unread.encode(), source="mllp:127.0.0.1"),
        ]
    )
    for role in ROLES:
        house.account(f"a-{role}", role, (house.ward,), family=role.upper())
    other = next(ward.code for ward in house.map.wards if ward.code in lying - {house.ward})
    house.account(f"a-{ELSEWHERE}", "nurse", (other,), family="AILLEURS")
    house.append([draft_badge(house.data, code="a-physician", token=BADGE, pin=PIN)])
    issue_first_code(house.data)
    machines = tuple(msgspec.structs.replace(one, ward=house.ward) for one in demo_fleet()[:6])
    said = {"happened_at": house.now_ms - HOUR_MS, "by": "a-it", "by_name": "Une IT"}
    tags = tuple(one.tag for one in machines)
    house.append(
        [
            draft_of(one)
            for one in (
                MachinesListed(act="f1", machines=machines, **said),
                MachinesMoved(act="f2", tags=tags[:3], to="suspect", **said),
                MachinesMoved(act="f3", tags=tags[:1], to="isolated", **said),
                BatchMade(act="f4", batch="B1", name="Lot 1", tags=tags[:4], **said),
            )
        ]
    )


def _break_glass(house: House) -> None:
    """Let a nurse of another ward open the patient, saying why."""
    with house.browser(ELSEWHERE) as browser:
        page = browser.get(addresses_of(house)["patient"])
        answer = browser.submit(page.form("words"), button=("reason", "emergency"))
        assert answer.status == 200, answer.status


def addresses_of(house: House) -> dict[str, str]:
    """Return an address for each name of the table, of the patient and ward of the house."""
    return addresses(Place(house.data, house.patient, house.ward, "", None))


def _restoration(house: House) -> None:
    """Say a catalogue, a plan in force, and what became of two tasks."""
    lines = tuple(LineSaid(what=line.what, id=line.id, value=line.value) for line in lines_of(CASE))  # type: ignore[arg-type]
    house.say(LinesSaid(lines=lines, by="a-it"))
    begins_ms = (house.now_ms - 30 * HOUR_MS) // HOUR_MS * HOUR_MS
    asked = house.say(PlanAsked(seconds=10, by="a-it", by_name="Une IT"))
    made = house.say(
        PlanMade(
            asked=f"a/1#{asked}", plan=write_plan(PLAN).decode(), starts_at_us=begins_ms * 1000, now_hour=30,
            case_digest="d", dates=DATES, runs=2000,
        )
    )  # fmt: skip
    house.say(PlanAdopted(plan=f"a/1#{made}", by="a-crisis", by_name="Une CRISE"))
    at_us = (house.now_ms - HOUR_MS) * 1000
    house.say(
        TaskReported(task="P1", state="blocked", at_us=at_us, by="a-it", reason="Baie en panne"),
        TaskReported(task="PG", state="done", at_us=at_us, by="a-it", evidence="Analyse sans alerte"),
    )


@contextmanager
def house_served(data: Path) -> Iterator[House]:
    """Yield the hospital in normal times, its pages served."""
    with pytest.MonkeyPatch.context() as patch:
        from django.db import connections
        from django.test import override_settings

        from releve.web import acting
        from releve.web.audit import keeping

        house = House(data, _hospital())
        house.now_ms = int(datetime.now(UTC).timestamp() * 1000)
        stop_clocks(patch, lambda: house.now_ms)
        acting.use_recorder(lambda: house)
        audit = Audit(data)
        keeper = keeping.Keeper(data, audit)
        keeping.use_audit(lambda: keeper)
        with (
            override_settings(ROOT_URLCONF="releve.app.urls"),
            _island_providers(),
            pages_served() as address,
        ):
            host, _, port = address.removeprefix("http://").partition(":")
            house.where = (host, int(port))
            _fill(house)
            _break_glass(house)
            keeper.flush()
            yield house
        acting.use_recorder(None)
        keeping.use_audit(None)
        house.close()
        audit.close()
        for connection in connections.all():
            connection.close()


def cut(house: House) -> None:
    """Declare everything cut since six hours, and let the staff work through them."""
    house.cut(*(one.code for one in house.map.applications), minutes_ago=360)
    _restoration(house)
    people = [Colleague(f"a-{role}", PASSWORD, role, "" if role == "clerk" else house.ward) for role in STAFF]
    until = datetime.fromtimestamp(house.now_ms / 1000, UTC)
    shift = Shift(
        house.where, house.map.zone, since=until - timedelta(hours=6), until=until, seed=1, patients=2
    )
    done = shift.work(people, lambda *_: None)
    assert not done.problems, done.problems
    assert done.acts >= 8, done


def screens_of(house: House) -> tuple[list[Screen], list[str]]:
    """Return every screen that somebody is given as HTML, and the addresses of the table that gave none.

    The table's own addresses first; then what stands in their links, for those that need something to speak of. An
    address counts once for each set of names in its question (`?dose=…&do=…` opens a form).
    """
    of_table = addresses_of(house)
    roles = {name: _looks(name) for name in ROWS}
    browsers = {role: house.browser(role) for role in ("", ELSEWHERE, *LOOKING)}
    seen: set[tuple[str, tuple[str, ...]]] = set()
    found: list[Screen] = []
    waiting = [Screen(name, roles[name], of_table[name]) for name in ROWS if _answers(ROWS[name].get)]
    waiting.append(
        Screen("beyond-wards", ELSEWHERE, of_table["beds"].replace(house.ward, house.map.wards[-1].code))
    )
    for screen in waiting:  # grows while it is walked
        key = screen.name, tuple(sorted(parse_qs(urlsplit(screen.path).query)))
        if key in seen:
            continue
        page = browsers[screen.role].get(screen.path)
        if page.status != 200 or not page.text.lstrip().lower().startswith("<!doctype html"):
            continue
        if (landed := _name(page.path)) != screen.name:  # redirected: that page counts by itself
            waiting.append(Screen(landed, screen.role, page.path))
            continue
        seen.add(key)
        found.append(screen)
        waiting += [
            Screen(name, roles[name], link) for link in _links(page) if (name := _name(link)) in roles
        ]
    for browser in browsers.values():
        browser.close()
    reached = {one.name for one in found}
    return found, sorted(name for name in ROWS if _answers(ROWS[name].get) and name not in reached)


def refused_of(screens: list[Screen]) -> list[Screen]:
    """Return those of these screens whose form, sent empty, is refused: once an address."""
    once = {one.name: one for one in reversed(screens) if not urlsplit(one.path).query}
    return [one for one in once.values() if ROWS[one.name].post == 422 and one.name != "switch"]


def _answers(status: int | tuple[int, ...]) -> bool:
    return bool({200, 302, 404} & set(status if isinstance(status, tuple) else (status,)))


def _looks(name: str) -> str:
    row = ROWS[name]
    order = PLANNING if name.startswith(PLANNED) else LOOKING
    return "" if row.public else next(role for role in order if role in (row.writes or row.who))


def _links(page: Page) -> Iterator[str]:
    for link in page.links:
        parts = urlsplit(link)
        if not parts.scheme and parts.path.startswith("/"):
            yield parts._replace(fragment="").geturl()


def _name(link: str) -> str:
    from django.urls import Resolver404, resolve

    try:
        return resolve(urlsplit(link).path).url_name or ""
    except Resolver404:
        return ""
