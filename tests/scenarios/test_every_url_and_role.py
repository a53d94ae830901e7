"""Every address of the whole island, asked by every role, by nobody, at a locked screen, by who is disabled.

The table is in `every_page.py`.
"""

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from every_page import ALL, CARE, NOT_AUDITOR, ROWS, Row
from living_island import lived
from offered import in_vain

from releve.exercise.demo import demo_hospital
from releve.exercise.night import smaller
from releve.journal import folder
from releve.journal.entry import BODY_BYTES_MAX, Draft, Receipt, Submission
from releve.journal.store import LogWriter

PASSWORD = "lanterne-22"
METHODS = ("GET", "POST")
# By parameter; any other gets what opens nothing.
NOTHING = {"str": "AAAA", "int": 0}


class Writes:
    """A recorder within the test: a log written here, for who acts and for who reads."""

    def __init__(self, writer: LogWriter) -> None:
        self.writer = writer
        self.now_us = 0

    def append(self, drafts: Sequence[Draft]) -> list[Receipt]:
        """Write, durable when it returns."""
        import time

        at = time.time_ns() // 1000
        batch = [
            Submission(one.kind, one.body, one.source, one.author, one.occurred_at_us, one.subjects, -1)
            for one in drafts
        ]
        first = self.writer.append(batch, at)
        return [Receipt(self.writer.origin, self.writer.epoch, first + n, at) for n in range(len(batch))]


class Place(NamedTuple):
    """Where the test looks: an island with patients, one of them, her ward, another ward."""

    data: Path
    patient: str
    ward: str
    elsewhere: str
    keeper: Any


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Return an island of a few beds, folded, with an account of each role in her ward and two elsewhere."""
    from releve.app.island import make_island
    from releve.web.accounts.facts import ROLES

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    data = tmp_path_factory.mktemp("every") / "data"
    hospital = smaller(demo_hospital(), 30)
    # A long document is a blob, which only the recorder's own process makes.
    messages = [message for message in lived(1, patients=30) if len(message) <= BODY_BYTES_MAX]
    make_island(data, hospital=hospital, exercise=True, origin="a", name="A", accounts=[])
    from releve.app.django_setup import prepare_django

    prepare_django(data)
    from django.db import connections
    from django.test import override_settings

    from releve.app.rebuilding import rebuild
    from releve.bedside.apps import BedsideConfig  # noqa: F401  (its providers are those of the island)
    from releve.record.tables import Encounter
    from releve.web import acting
    from releve.web.accounts.draft import draft_account, draft_disabled
    from releve.web.audit import keeping
    from releve.web.database import follow_views, use_data_folder

    use_data_folder(data)
    recorder = Writes(folder.open_writer(data))
    recorder.append([Draft(kind="message.hl7v2", body=body, source="mllp:127.0.0.1") for body in messages])
    rebuild(data)
    follow_views()
    here = Encounter.objects.filter(status="present").exclude(ward=None).order_by("ward")
    lying = {ward.code for ward in hospital.wards if ward.kind == "inpatient"}
    wards = [ward for ward in here.values_list("ward", flat=True).distinct() if ward in lying]
    ward, elsewhere = wards[0], wards[-1]
    codes = [(role, role, (ward,)) for role in ROLES]
    codes += [("nurse-elsewhere", "nurse", (elsewhere,)), ("physician-elsewhere", "physician", (elsewhere,))]
    codes += [("gone", "physician", (ward,))]
    recorder.append(
        [
            draft_account(
                data,
                code=f"a-{code}",
                family=code.upper(),
                given="Une",
                role=role,
                wards=where,
                password=PASSWORD,
            )
            for code, role, where in codes
        ]
    )
    recorder.append([draft_disabled(code="a-gone", reason="test")])
    rebuild(data)
    follow_views()
    audit = Writes(folder.open_writer(data, folder.begin_audit(data, 1)))
    keeper = keeping.Keeper(data, audit)
    acting.use_recorder(lambda: recorder)
    keeping.use_audit(lambda: keeper)
    with override_settings(ROOT_URLCONF="releve.app.urls"), _island_providers():
        stay = Encounter.objects.filter(status="present", ward=ward).order_by("person").first()
        assert stay is not None
        assert ward != elsewhere
        yield Place(data, stay.person, ward, elsewhere, keeper)
    acting.use_recorder(None)
    keeping.use_audit(None)
    recorder.writer.close()
    audit.writer.close()
    for connection in connections.all():
        connection.close()


@contextlib.contextmanager
def _island_providers() -> Iterator[None]:
    """Let the rooms hand the shell what they hand it on an island, whatever tests before left."""
    from django.apps import apps

    from releve.web import shell

    before = shell._provider
    for config in apps.get_app_configs():
        if config.name.startswith("releve."):
            config.ready()
    yield
    shell.set_provider(before)


def addresses(place: Place) -> dict[str, str]:
    """Return an address for each name, of the patient and ward of the test."""
    from django.urls import URLPattern, get_resolver

    from releve.web.opaque import seal

    values = {"handle": seal(place.patient), "ward": place.ward, "origin": "a", "epoch": 1, "index": 0}
    found: dict[str, str] = {}

    def walk(resolver: Any, before: str) -> None:
        for one in resolver.url_patterns:
            route = before + str(one.pattern)
            if not isinstance(one, URLPattern):
                walk(one, route)
                continue
            for name, converter in one.pattern.converters.items():
                kind = type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
                value = values.get(name, NOTHING.get(kind, "AAAA"))
                if name == "code" and "ward/<str:code>" in route:
                    value = place.ward
                route = route.replace(f"<{kind}:{name}>", str(value)).replace(f"<{name}>", str(value))
            found[one.name or f"({before}{one.pattern})"] = "/" + route

    walk(get_resolver("releve.app.urls"), "")
    return found


class Actor:
    """Somebody at a screen; each request begins with the session as it was at sign-in."""

    def __init__(self, code: str = "", *, locked: bool = False) -> None:
        from django.test import Client

        self.code = code
        self._client = Client(raise_request_exception=True)
        self._session: dict[str, Any] | None = None
        if code:
            answer = self._client.post("/sign-in/", {"badge": code, "pin": PASSWORD})
            assert answer.status_code == 302, f"{code}: expected to enter, not {answer.status_code}"
            self._session = dict(self._client.session.items())
            if locked:
                self._session["locked"] = True

    def without_account(self, code: str) -> "Actor":
        """Return the same, with the session of an account that was disabled meanwhile."""
        self.code, self._session = code, {**(self._session or {}), "account": code}
        return self

    def ask(self, method: str, address: str) -> tuple[int, str]:
        """Return the status and where it leads."""
        answer = self.open(address, method)
        with contextlib.suppress(Exception):
            answer.close()
        return answer.status_code, str(answer.headers.get("Location", ""))

    def open(self, address: str, method: str = "GET") -> Any:
        """Return the answer itself."""
        from django.contrib.sessions.backends.db import SessionStore

        if self._session is not None:
            from django.conf import settings

            store = SessionStore()
            store.update(self._session)
            store.create()
            self._client.cookies[settings.SESSION_COOKIE_NAME] = store.session_key or ""
        return self._client.get(address) if method == "GET" else self._client.post(address, {})


def allowed(row: Row, method: str) -> tuple[int, ...]:
    """Return what those who may open a page are answered."""
    said = row.get if method == "GET" else row.post
    return said if isinstance(said, tuple) else (said,)


def observed(actors: dict[str, Actor], name: str, address: str) -> str:
    """Return the row of what an address answers now, for somebody to judge."""
    answers = {
        method: {role: actor.ask(method, address)[0] for role, actor in actors.items()} for method in METHODS
    }
    who = {role for role in ALL if any(answers[method][role] not in (403, 405) for method in METHODS)}
    said = [sorted({answers[method][role] for role in who or ALL}) for method in METHODS]
    known = {"ALL": ALL, "CARE": CARE, "NOT_AUDITOR": NOT_AUDITOR}
    words = next((word for word, roles in known.items() if roles == who), f"frozenset({sorted(who)})")
    get, post = (str(one[0]) if len(one) == 1 else str(tuple(one)) for one in said)
    of = ', of="patient"' if address.startswith("/patient/") else ""
    return f'    "{name}": Row({words}, get={get}, post={post}{of}),'


def test_every_address_has_a_row_of_what_it_answers_to_whom(place: Place) -> None:
    """A page that nobody thought about is a page that everybody opens."""
    there = set(addresses(place))

    missing, gone = sorted(there - set(ROWS)), sorted(set(ROWS) - there)

    actors = {role: Actor(f"a-{role}") for role in sorted(ALL)} if missing else {}
    for name in missing:
        print(observed(actors, name, addresses(place)[name]))
    assert not missing, f"expected a row in tests/scenarios/every_page.py: {', '.join(missing)}"
    assert not gone, f"expected no row of an address that is not there: {', '.join(gone)}"


def test_nobody_a_locked_screen_and_a_disabled_account_open_nothing(place: Place) -> None:
    """A stolen address, an abandoned screen, somebody who left the hospital last week."""
    there = addresses(place)
    nobody, locked = Actor(), Actor("a-physician", locked=True)
    gone = Actor("a-physician").without_account("a-gone")
    wrong = []

    for name, row in ROWS.items():
        for method in METHODS:
            for actor, opens, to in (
                (nobody, row.public, "/sign-in/"),
                (gone, row.public, "/sign-in/"),
                (locked, row.public or row.locked, "/lock/"),
            ):
                status, where = actor.ask(method, there[name])
                shut = status == 302 and where.partition("?")[0] == to
                if not opens and not shut:
                    wrong.append(
                        f"{method} {name} by {actor.code or 'nobody'}: {status} {where.partition('?')[0]}"
                    )

    assert not wrong


def test_every_role_opens_what_it_may_and_nothing_else_and_refusals_are_audited(
    place: Place, rounds: int
) -> None:
    """The table is the promise: who is not in a row is refused, and the audit knows.

    Whoever may not asks every address, of those who may one opens it, in turn. A method that it does not take is
    tried by one role in turn, and what may be both read and sent is sent by a third of them in turn; `make soak` has
    all of them do all.
    """
    from releve.web.accounts.facts import ROLES
    from releve.web.audit.facts import Refused
    from releve.web.audit.reading import Search, search

    there = addresses(place)
    wrong: list[str] = []
    refused: set[tuple[str, str, str]] = set()
    seen: dict[str, dict[str, set[str]]] = {}

    for place_of_role, role in enumerate(ROLES):
        actor = Actor(f"a-{role}")
        for number, (name, row) in enumerate(ROWS.items()):
            for method in METHODS:
                expected = allowed(row, method)
                both = method == "POST" and allowed(row, "GET") != (405,)
                turn = len(ROLES) if expected == (405,) else 3 if both else 1
                if rounds <= 10 and place_of_role % turn != number % turn:
                    continue
                who = row.writes if method == "POST" and row.writes is not None else row.who
                may = sorted(ROLES if row.public else who)
                if rounds <= 10 and method == "GET" and role in may and role != may[number % len(may)]:
                    continue
                status, where = actor.ask(method, there[name])
                if status == 403:
                    refused.add((actor.code, name, method))
                seen.setdefault(name, {}).setdefault(f"{method} {status}", set()).add(role)
                if role in who or row.public:
                    if status not in expected or where.startswith("/beyond-wards/"):
                        wrong.append(
                            f"{method} {name} by {role}: {status} {where.partition('?')[0]}, not {expected}"
                        )
                elif status != 403 and not (status == 405 and 405 in expected):
                    wrong.append(f"{method} {name} by {role}: {status}, not refused")

    place.keeper.flush()
    found, more = search(place.data, Search(), most=100_000)
    told = {(one.fact.who, one.fact.page, one.fact.method) for one in found if isinstance(one.fact, Refused)}
    for name in sorted({line.split()[1] for line in wrong}):
        print(name, {what: sorted(roles) for what, roles in seen[name].items()})
    assert not wrong
    assert not more
    assert len(refused) > 200  # otherwise nothing was proved
    assert not refused - told


def test_no_page_offers_what_its_reader_may_not_do(place: Place) -> None:
    """A link or a button that answers "your role does not open this" to the very person who is shown it.

    Each page as one of its readers sees it, in turn, and what stands around every page as each role does.
    """
    from releve.web.accounts.facts import ROLES

    there = addresses(place)
    actors = {role: Actor(f"a-{role}") for role in ROLES}
    asked = [(role, "post") for role in ROLES]
    for number, (name, row) in enumerate(ROWS.items()):
        if not row.public and row.get == 200:
            readers = sorted(row.who - (row.writes or frozenset()) or row.who)
            asked.append((readers[number % len(readers)], name))
    faults: list[str] = []
    read = 0

    for role, name in asked:
        answer = actors[role].open(there[name])
        text = "" if answer.streaming else answer.content.decode(errors="replace")  # a file is none of a page
        if text.lstrip().lower().startswith("<!doctype html"):
            read += 1
            faults += in_vain(role, there[name], text)

    assert read > 60
    assert sorted(set(faults)) == []


@pytest.mark.parametrize(
    ("code", "kinds"), [("nurse", ("patient", "ward", "file")), ("physician", ("patient", "file"))]
)
def test_whoever_works_elsewhere_is_asked_why_and_then_opens_it(
    place: Place, code: str, kinds: tuple[str, ...]
) -> None:
    """Care is never refused for a ward's sake; it says why, and somebody reads it."""
    there = addresses(place)
    actor = Actor(f"a-{code}-elsewhere")
    wrong = []

    for name, row in ROWS.items():
        for method in METHODS:
            if code not in row.who:
                continue
            status, where = actor.ask(method, there[name])
            asked = status == 302 and where.startswith("/beyond-wards/")
            if asked != (row.of in kinds):
                wrong.append(f"{method} {name}: {'asked' if asked else 'not asked'} ({status})")

    assert not wrong


def test_every_page_of_a_patient_or_ward_that_opens_is_in_the_audit(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A room that is added opens its pages through the same door: nobody has to remember the audit."""
    from releve.web.audit import watch
    from releve.web.audit.reading import Search, search

    there = addresses(place)
    told: list[str] = []

    for name, row in ROWS.items():
        if row.of and "nurse" in row.who:
            # Each as if a quarter of an hour had passed: else the first one speaks for all.
            monkeypatch.setattr(watch, "_key", lambda *parts: "")
            status, _where = Actor("a-nurse").ask("GET", there[name])
            if status == 200:
                told.append(name)
    place.keeper.flush()
    found, _more = search(place.data, Search(who="a-nurse"), most=100_000)
    pages = {one.fact.page for one in found if getattr(one.fact, "patients", ())}

    assert len(told) > 8
    assert not set(told) - pages
