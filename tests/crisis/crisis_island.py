"""A hospital of two buildings, small enough to hold in mind, and an island whose journal is real."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from releve.app.offers import OFFERS, make_interpreter
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
    Printer,
    Room,
    Site,
    Ward,
)
from releve.journal import folder
from releve.journal.blobs import BlobStore
from releve.journal.client import _submission
from releve.journal.entry import Draft, Entry, Receipt
from releve.journal.store import LogReader
from releve.views.database import new_generation, open_views, put_in_force
from releve.views.projector import Projector
from releve.web import shell
from releve.web.accounts import verifier
from releve.web.accounts.draft import draft_account
from releve.web.database import prepare_runtime, use_data_folder

PARIS = ZoneInfo("Europe/Paris")
# Saturday 21 November 2026, 03:10 in Paris: the hour of the mock.
NOW_MS = 1_795_227_000_000
MINUTE_MS = 60_000
PASSWORD = "lanterne-22"

WARDS = {"2110": "B", "2120": "B", "3110": "C", "3120": "C"}

HOSPITAL = HospitalMap(
    name="Centre hospitalier d’essai",
    identity=IdentityAuthority(feed="ADT", namespace="CHV"),
    exercise=True,
    sites=(Site(code="S", name="Site"),),
    buildings=(
        Building(code="B", name="Les Tilleuls", site="S"),
        Building(code="C", name="Les Saules", site="S"),
    ),
    wards=(
        Ward(code="2110", name="Orthopédie", building="B"),
        Ward(code="2120", name="Urologie", building="B"),
        Ward(code="3110", name="Pneumologie", building="C"),
        Ward(code="3120", name="Psychiatrie", building="C"),
    ),
    rooms=tuple(Room(code=f"{ward}-1", ward=ward, name="1") for ward in WARDS),
    beds=tuple(
        Bed(code=f"{ward}-1{name}", room=f"{ward}-1", ward=ward, name=name) for ward in WARDS for name in "PF"
    ),
    printers=(Printer(code="P1", name="Poste de soins", ward="2110", address="127.0.0.1:1", building="B"),),
    applications=(
        Application(code="AD", name="Annuaire", care_functions=("authenticate",)),
        Application(
            code="GAM", name="Identité et mouvements", care_functions=("identity", "admit"), needs=("AD",)
        ),
        Application(
            code="PRESC", name="Prescription", care_functions=("prescribe", "administer"), needs=("GAM",)
        ),
        Application(code="SGL", name="Laboratoire", care_functions=("results-laboratory",), needs=("GAM",)),
        Application(code="PSY", name="Dossier de psychiatrie", care_functions=("document",), wards=("3120",)),
    ),
    feeds=(
        Feed(code="ADT", name="Identité et mouvements", application="GAM", sending_application="GAM"),
        Feed(code="RX", name="Prescription", application="PRESC", sending_application="PRESC"),
        Feed(code="BIO", name="Laboratoire", application="SGL", sending_application="SGL"),
    ),
    confidential=ConfidentialRules(wards=("3120",)),
)


class Island:
    """A data folder with a real journal and real views; each act is folded before `append` returns.

    Journal and views are written by one thread, whoever asks: as on an island, where one process writes each.
    """

    def __init__(self, data: Path) -> None:
        self.data = data
        self.now_ms = NOW_MS
        self.log = folder.create_island(data, "a", True, HOSPITAL.name, self.now_ms * 1000)
        verifier.make_key(data)
        use_data_folder(data)
        prepare_runtime()
        self._writes = ThreadPoolExecutor(1)
        self._writes.submit(self._begin).result()
        self.reader = LogReader(self.log.path)
        self.append(
            [Draft(kind="hospital.map.1", body=write_map(HospitalMapImported(map=HOSPITAL)), source="init")]
        )

    def _begin(self) -> None:
        self._writer = folder.open_writer(self.data)
        self._folds_from = LogReader(self.log.path)
        self._blobs = BlobStore(folder.blobs_path(self.data))
        generation = new_generation(self.data)
        self._views = open_views(generation, "fold")
        put_in_force(self.data, generation)
        self._elsewhere: dict[tuple[str, int], Entry] = {}
        interpreter = make_interpreter(HOSPITAL)
        self._projector = Projector(self._views, OFFERS, interpreter, self._fetch, Heartbeat())

    def _fetch(self, log: str, index: int) -> Entry:
        return self._elsewhere.get((log, index)) or self._folds_from.get(index)

    def append(self, drafts: Sequence[Draft]) -> list[Receipt]:
        """Record, then fold."""
        return self._writes.submit(self._append, drafts).result()

    def _append(self, drafts: Sequence[Draft]) -> list[Receipt]:
        now_us = self.now_ms * 1000
        first = self._writer.append([_submission(draft, self._blobs) for draft in drafts], now_us)
        self._take(self.log.name, self._folds_from.read(first, len(drafts)), first + len(drafts))
        return [Receipt("a", 1, first + place, now_us) for place in range(len(drafts))]

    def receive(self, log: str, entries: Sequence[Entry]) -> None:
        """Fold entries of another island's log, as a puller would bring them."""
        self._elsewhere |= {(log, entry.index): entry for entry in entries}
        self._writes.submit(self._take, log, entries, None).result()

    def _take(self, log: str, entries: Iterable[Entry], position: int | None) -> None:
        from django.db import transaction

        with transaction.atomic(using="fold"):
            self._projector.take(log, entries, position=position)

    def account(self, code: str, role: str, wards: tuple[str, ...] = (), **more: str) -> None:
        """Make an account that enters with PASSWORD."""
        family, given = more.get("family", code.upper()), more.get("given", "Une")
        made = draft_account(
            self.data, code=code, family=family, given=given, role=role, wards=wards, password=PASSWORD
        )
        self.append([made])

    def hear(self, sender: str, *, minutes_ago: int = 0, **more: Any) -> None:
        """Receive one message of a sender, some minutes ago."""
        kept, self.now_ms = self.now_ms, self.now_ms - minutes_ago * MINUTE_MS
        at = shell_hour(self.now_ms)
        body = (
            more.get("body")
            or f"MSH|^~\\&|{sender}||RELEVE||{at}||ZZZ^Z01|{self.reader.size}|P|2.5\r".encode()
        )
        self.append([Draft(kind="message.hl7v2", body=body, source="mllp:10.4.2.20")])
        self.now_ms = kept

    def admit(self, ipp: str, name: str, ward: str, bed: str = "P", minutes_ago: int = 5) -> None:
        """Receive the admission of somebody."""
        at = shell_hour(self.now_ms - minutes_ago * MINUTE_MS)
        # PV1-3 where, PV1-19 the visit, PV1-44 since when.
        visit = {2: "I", 3: f"{ward}^1^{bed}", 19: f"V{ipp}", 44: at}
        segments = (
            f"MSH|^~\\&|GAM||RELEVE||{at}||ADT^A01^ADT_A01|{ipp}|P|2.5|||||FRA|UNICODE UTF-8",
            f"EVN||{at}",
            f"PID|||{ipp}^^^CHV^PI||{name}^ROSE^^^^^L||19450714|F",
            "PV1|" + "|".join(visit.get(place, "") for place in range(1, 45)),
            f"ZBE|{ipp}^GAM|{at}||INSERT|N||{ward}^^^^^^UF^^^{ward}||HMS",
        )
        self.hear("GAM", minutes_ago=minutes_ago, body="\r".join(segments).encode() + b"\r")

    def close(self) -> None:
        """Let go of journal and views."""
        self.reader.close()
        self._writes.submit(self._end).result()
        self._writes.shutdown()

    def _end(self) -> None:
        self._folds_from.close()
        self._writer.close()
        self._views.close()

    def kinds(self) -> list[str]:
        """Return the kinds of all entries."""
        return [entry.kind for entry in self.reader.read(0, 1000)]

    def last(self, type_: Callable[..., Any]) -> Any:
        """Return the body of the last entry as this fact."""
        return msgspec.msgpack.decode(self.reader.get(self.reader.size - 1).body, type=type_)


def shell_hour(at_ms: int) -> str:
    """Return an instant as HL7 writes it, with its offset."""
    from datetime import datetime

    return datetime.fromtimestamp(at_ms / 1000, PARIS).strftime("%Y%m%d%H%M%S%z")


__all__ = ["HOSPITAL", "MINUTE_MS", "NOW_MS", "PARIS", "PASSWORD", "Island", "shell"]
