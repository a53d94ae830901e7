"""An island with one ward, some persons in its beds, and a journal kept in memory that is folded at once."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from releve.app.offers import OFFERS, make_interpreter
from releve.crisis.facts import CutDeclared
from releve.hospital.facts import HospitalMapImported, write_map
from releve.hospital.heartbeat import Heartbeat
from releve.hospital.map import (
    Application,
    Bed,
    Building,
    ConfidentialRules,
    Feed,
    HospitalMap,
    IdentityAuthority,
    Room,
    Site,
    Ward,
)
from releve.hospital.status import Place
from releve.journal.entry import Draft, Entry, Receipt
from releve.views.database import new_generation, open_views, put_in_force
from releve.views.projector import Projector
from releve.web.accounts import verifier
from releve.web.accounts.draft import draft_account
from releve.web.database import prepare_runtime, use_data_folder
from releve.web.opaque import seal

PARIS = ZoneInfo("Europe/Paris")
# Saturday 21 November 2026, 03:10 in Paris: the hour of the mock.
NOW_MS = 1_795_227_000_000
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
PASSWORD = "lanterne-22"
LOG = "a/1"

HOSPITAL = HospitalMap(
    name="Centre hospitalier de Valombre",
    identity=IdentityAuthority(feed="ADT", namespace="CHV"),
    sites=(Site(code="S", name="Valombre"),),
    buildings=(Building(code="B", name="Les Tilleuls", site="S"),),
    wards=(
        Ward(code="2140", name="Chirurgie polyvalente", building="B"),
        Ward(code="4140", name="SSR", building="B"),
    ),
    rooms=tuple(Room(code=f"R{number}", ward="2140", name=str(number)) for number in (201, 202, 203)),
    beds=tuple(
        Bed(code=f"2140-{number}", room=f"R{number}", ward="2140", name=str(number)) for number in (201, 202, 203)
    ),
    applications=(
        Application(code="GAM", name="Identité et mouvements", care_functions=("identity", "admit")),
        Application(
            code="DPI", name="Dossier du patient",
            care_functions=("observe", "document", "prescribe", "administer"),
        ),
    ),
    feeds=(
        Feed(code="ADT", name="Identité et mouvements", application="GAM", sending_application="GAM"),
        Feed(code="RX", name="Prescription", application="DPI", sending_application="DPI"),
    ),
    confidential=ConfidentialRules(cover_name="CONFIDENTIEL"),
)  # fmt: skip


class WardIsland:
    """A data folder with views and accounts; every act is folded before `append` returns."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.now_ms = NOW_MS
        self.entries: list[Entry] = []
        self._elsewhere: dict[tuple[str, int], Entry] = {}
        verifier.make_key(data)
        use_data_folder(data)
        prepare_runtime()
        generation = new_generation(data)
        views = open_views(generation, "fold")
        views.inc_thread_sharing()  # the served pages act from threads of their own
        put_in_force(data, generation)
        self.projector = Projector(views, OFFERS, make_interpreter(HOSPITAL), self._fetch, Heartbeat())
        self.say("hospital.map.1", write_map(HospitalMapImported(map=HOSPITAL)))

    def _fetch(self, log: str, index: int) -> Entry:
        return self.entries[index] if log == LOG else self._elsewhere[log, index]

    def hear(self, draft: Draft, origin: str, index: int = 0, *, at_ms: int = 0) -> None:
        """Fold an act that another island recorded at `at_ms`, as if its log had just arrived."""
        from django.db import transaction

        at_us = (at_ms or self.now_ms) * 1000
        entry = Entry(
            version=1, origin=origin, epoch=1, index=index, hlc=(at_us // 1000, 0), recorder="test", source="screen",
            occurred_at_us=draft.occurred_at_us, recorded_at_us=at_us, author=draft.author, kind=draft.kind,
            subjects=draft.subjects, body=draft.body,
        )  # fmt: skip
        self._elsewhere[f"{origin}/1", index] = entry
        with transaction.atomic(using="fold"):
            self.projector.take(f"{origin}/1", [entry], position=index + 1)

    def append(self, drafts: Sequence[Draft]) -> list[Receipt]:
        """Record, then fold."""
        from django.db import transaction

        receipts = []
        for draft in drafts:
            index = len(self.entries)
            at_us = self.now_ms * 1000 + index
            entry = Entry(
                version=1, origin="a", epoch=1, index=index, hlc=(at_us // 1000, 0),
                occurred_at_us=draft.occurred_at_us, recorded_at_us=at_us, author=draft.author, recorder="test",
                source=draft.source, kind=draft.kind, subjects=draft.subjects, body=draft.body,
            )  # fmt: skip
            self.entries.append(entry)
            receipts.append(Receipt("a", 1, index, at_us))
            with transaction.atomic(using="fold"):
                self.projector.take(LOG, [entry], position=index + 1)
        return receipts

    def say(self, kind: str, body: bytes) -> None:
        """Record one entry."""
        self.append([Draft(kind=kind, body=body, source="test")])

    def admit(self, number: str, name: str, bed: str, *, born: str = "19450714", extra: str = "") -> str:
        """Put somebody in a bed of 2140 by a message; return what stands in her address."""
        text = (
            f"MSH|^~\\&|GAM|CHV|RELEVE||20261120100000||ADT^A01|{number}|P|2.5\r"
            f"EVN||20261120100000\r"
            f"PID|||{number}^^^CHV^PI||{name}^^^^^^L||{born}|F\r"
            f"PV1||I|2140^{bed}^{bed}^CHV||||||||||||||||V{number}|||||||||||||||||||||||||20261120100000\r"
            f"ZBE|M{number}|20261120100000||INSERT|N|A01|^^^^^^UF^^^2140||H\r{extra}"
        )
        self.say("message.hl7v2", text.encode())
        return seal(f"CHV:{number}")

    def cut(self, *applications: str, status: str = "down", at_ms: int = 0) -> None:
        """Declare applications down everywhere since an hour, confirmed."""
        since = (at_ms or self.now_ms - HOUR_MS) * 1000
        said = CutDeclared(
            applications=applications or ("DPI",), places=(Place(kind="all"),), status=status, since_us=since,
            reason="attack", note="", by="x", second="y",
        )  # fmt: skip
        kept, self.now_ms = self.now_ms, at_ms or self.now_ms
        self.say("crisis.declared.1", msgspec.msgpack.encode(said))
        self.now_ms = kept

    def account(
        self, code: str, role: str = "nurse", wards: tuple[str, ...] = ("2140",), **more: str
    ) -> None:
        """Make an account that enters with PASSWORD."""
        self.append(
            [
                draft_account(
                    self.data, code=code, family=more.get("family", "KERVELLA"), given=more.get("given", "Nadia"),
                    role=role, wards=wards, password=PASSWORD,
                )
            ]
        )  # fmt: skip

    def last(self, kind: str) -> dict[str, Any]:
        """Return the body of the newest entry of a kind."""
        entry = next(entry for entry in reversed(self.entries) if entry.kind == kind)
        body: dict[str, Any] = msgspec.msgpack.decode(entry.body)
        return body

    def kinds(self) -> list[str]:
        """Return the kinds of all entries."""
        return [entry.kind for entry in self.entries]
