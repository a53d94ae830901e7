"""An island whose journal is real, at 03:10, its identity application cut since 02:47: admissions are open."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

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
    Printer,
    Room,
    Site,
    Ward,
)
from releve.hospital.status import Place
from releve.journal import folder
from releve.journal.blobs import BlobStore
from releve.journal.client import _submission
from releve.journal.entry import Draft, Entry, Receipt
from releve.journal.store import LogReader
from releve.views.database import new_generation, open_views, put_in_force
from releve.views.projector import Projector
from releve.web.accounts import verifier
from releve.web.accounts.draft import draft_account
from releve.web.database import prepare_runtime, use_data_folder

# Saturday 21 November 2026, 03:10 in Paris: the hour of the mock.
NOW_MS = 1_795_227_000_000
MINUTE_MS = 60_000
PASSWORD = "lanterne-22"


def hospital(**changes: Any) -> HospitalMap:
    """Return a hospital of three wards: surgery 2140 (four beds and a cot), emergency 1110, psychiatry 3120."""
    rooms = [Room(code=f"R{number}", ward="2140", name=str(number)) for number in (206, 207, 208, 209)]
    beds = [Bed(code=f"2140-{room.name}", room=room.code, ward="2140", name=room.name) for room in rooms]
    beds.append(Bed(code="2140-209B", room="R209", ward="2140", name="209B", kind="cot"))
    for ward, number in (("1110", "1"), ("3120", "301")):
        rooms.append(Room(code=f"R{number}", ward=ward, name=number))
        beds.append(Bed(code=f"{ward}-{number}", room=f"R{number}", ward=ward, name=number))
    found = HospitalMap(
        name="Centre hospitalier de Valombre",
        identity=IdentityAuthority(feed="ADT", namespace="CHV"),
        exercise=True,
        sites=(Site(code="S", name="Valombre"),),
        buildings=(
            Building(code="B", name="Les Tilleuls", site="S"),
            Building(code="C", name="Les Saules", site="S"),
        ),
        wards=(
            Ward(code="2140", name="Chirurgie polyvalente", building="B", floor="2"),
            Ward(code="1110", name="Urgences", building="B", kind="emergency"),
            Ward(code="3120", name="Psychiatrie", building="C"),
        ),
        rooms=tuple(rooms),
        beds=tuple(beds),
        printers=(
            Printer(
                code="L1",
                name="Étiqueteuse du 2ᵉ",
                ward="2140",
                kind="label",
                address="127.0.0.1:1",
                building="B",
            ),
        ),
        applications=(
            Application(code="GAM", name="Identité et mouvements", care_functions=("identity", "admit")),
            Application(code="PRESC", name="Prescription", care_functions=("prescribe", "administer")),
        ),
        feeds=(
            Feed(
                code="ADT",
                name="Identité et mouvements",
                application="GAM",
                sending_application="GAM",
                sending_facility="CHV",
            ),
        ),
        confidential=ConfidentialRules(wards=("3120",)),
    )
    return msgspec.structs.replace(found, **changes)


class AdmissionsIsland:
    """A data folder with a real journal and real views; each act is folded before `append` returns."""

    def __init__(self, data: Path, described: HospitalMap | None = None) -> None:
        self.data = data
        self.now_ms = NOW_MS
        self.map = described or hospital()
        self.log = folder.create_island(data, "a", True, self.map.name, self.now_ms * 1000)
        verifier.make_key(data)
        use_data_folder(data)
        prepare_runtime()
        self._writes = ThreadPoolExecutor(1)
        self._writes.submit(self._begin).result()
        self.reader = LogReader(self.log.path)
        self.change_map(self.map)

    def _begin(self) -> None:
        self._writer = folder.open_writer(self.data)
        self._folds_from = LogReader(self.log.path)
        self._blobs = BlobStore(folder.blobs_path(self.data))
        generation = new_generation(self.data)
        self._views = open_views(generation, "fold")
        put_in_force(self.data, generation)
        self._elsewhere: dict[tuple[str, int], Entry] = {}
        self._projector = Projector(self._views, OFFERS, make_interpreter(self.map), self._fetch, Heartbeat())

    def _fetch(self, log: str, index: int) -> Entry:
        return self._elsewhere.get((log, index)) or self._folds_from.get(index)

    def change_map(self, described: HospitalMap) -> None:
        """Put another map in force."""
        self.map = described
        self.append(
            [Draft(kind="hospital.map.1", body=write_map(HospitalMapImported(map=described)), source="init")]
        )

    def append(self, drafts: Sequence[Draft]) -> list[Receipt]:
        """Record, then fold."""
        return self._writes.submit(self._append, drafts).result()

    def _append(self, drafts: Sequence[Draft]) -> list[Receipt]:
        from django.db import transaction

        now_us = self.now_ms * 1000
        first = self._writer.append([_submission(draft, self._blobs) for draft in drafts], now_us)
        with transaction.atomic(using="fold"):
            entries = self._folds_from.read(first, len(drafts))
            self._projector.take(self.log.name, entries, position=first + len(drafts))
        return [Receipt("a", 1, first + place, now_us) for place in range(len(drafts))]

    def hear(self, draft: Draft, index: int, *, at_ms: int = 0, origin: str = "b") -> Entry:
        """Fold an act that another island recorded at `at_ms`, as if its log had just arrived."""
        at_us = (at_ms or self.now_ms) * 1000
        entry = Entry(
            version=1, origin=origin, epoch=1, index=index, hlc=(at_us // 1000, 0), recorder="test", source="screen",
            occurred_at_us=draft.occurred_at_us, recorded_at_us=at_us, author=draft.author, kind=draft.kind,
            subjects=draft.subjects, body=draft.body,
        )  # fmt: skip
        self._writes.submit(self._hear, entry).result()
        return entry

    def _hear(self, entry: Entry) -> None:
        from django.db import transaction

        log = f"{entry.origin}/{entry.epoch}"
        self._elsewhere[log, entry.index] = entry
        with transaction.atomic(using="fold"):
            self._projector.take(log, [entry], position=entry.index + 1)

    def account(self, code: str, role: str, wards: tuple[str, ...] = (), **more: str) -> None:
        """Make an account that enters with PASSWORD."""
        family, given = more.get("family", code.upper()), more.get("given", "Une")
        self.append(
            [
                draft_account(
                    self.data,
                    code=code,
                    family=family,
                    given=given,
                    role=role,
                    wards=wards,
                    password=PASSWORD,
                )
            ]
        )

    def cut(self, *applications: str, status: str = "down", minutes_ago: int = 23, place: str = "") -> None:
        """Declare applications in a state since some minutes, for the whole hospital or one ward, confirmed."""
        said = CutDeclared(
            applications=applications or ("GAM",),
            places=(Place(kind="ward", code=place) if place else Place(kind="all"),),
            status=status,  # type: ignore[arg-type]
            since_us=(self.now_ms - minutes_ago * MINUTE_MS) * 1000,
            reason="attack",
            note="",
            by="ylegoff",
            second="hvasseur",
        )
        self.append(
            [
                Draft(
                    kind="crisis.declared.1",
                    body=msgspec.msgpack.encode(said),
                    source="",
                    occurred_at_us=said.since_us,
                )
            ]
        )

    def known(
        self, ipp: str, name: str, given: str = "Rose", *, birth: str = "19450714", sex: str = "F", ward: str = "",
        bed: str = "", status: str = "VALI", event: str = "A01", minutes_ago: int = 60,
    ) -> str:  # fmt: skip
        """Receive somebody from the identity application, in a bed or only known; return her key."""
        from datetime import datetime
        from zoneinfo import ZoneInfo

        at = datetime.fromtimestamp((self.now_ms - minutes_ago * MINUTE_MS) / 1000, ZoneInfo("Europe/Paris"))
        hour = at.strftime("%Y%m%d%H%M%S%z")
        trigger = event if ward else "A28"
        segments = [
            f"MSH|^~\\&|GAM||RELEVE||{hour}||ADT^{trigger}|{ipp}{trigger}|P|2.5|||||FRA|UNICODE UTF-8",
            f"EVN||{hour}",
            f"PID|||{ipp}^^^CHV^PI||{name}^{given}^^^^^L||{birth}|{sex}|||^^^^^^BDL^^38185|||||||V{ipp}|||||||||||||{status}".replace(
                f"V{ipp}|||||||||||||{status}", f"V{ipp}" + "|" * 14 + status
            ),
        ]
        if ward:
            visit = {2: "I", 3: f"{ward}^{bed}^{bed}", 19: f"V{ipp}", 44: hour}
            segments.append("PV1|" + "|".join(visit.get(place, "") for place in range(1, 45)))
            segments.append(f"ZBE|{ipp}^GAM|{hour}||INSERT|N||{ward}^^^^^^UF^^^{ward}||HMS")
        kept, self.now_ms = self.now_ms, self.now_ms - minutes_ago * MINUTE_MS
        self.append(
            [Draft(kind="message.hl7v2", body="\r".join(segments).encode() + b"\r", source="mllp:10.4.2.20")]
        )
        self.now_ms = kept
        return f"CHV:{ipp}"

    def entries(self, kind: str) -> list[Any]:
        """Return the bodies of all entries of a kind, as plain data."""
        found = self.reader.read(0, 1000)
        return [msgspec.msgpack.decode(entry.body) for entry in found if entry.kind == kind]

    def close(self) -> None:
        """Let go of journal and views."""
        self.reader.close()
        self._writes.submit(self._end).result()
        self._writes.shutdown()

    def _end(self) -> None:
        self._folds_from.close()
        self._writer.close()
        self._views.close()
