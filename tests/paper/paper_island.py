# ruff: noqa: E402  (the tables can be imported once Django knows a data folder)
"""A real island in a folder, with a small hospital and the messages a test gives it: journal, fold, views."""

import tempfile
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree
from zoneinfo import ZoneInfo

from releve.app.django_setup import prepare_django

# Before any table is imported: which folder is served is said again by each island.
prepare_django(Path(tempfile.mkdtemp(prefix="releve-paper-")))

from releve.app.clock import now_us
from releve.app.island import make_island
from releve.app.rebuilding import rebuild
from releve.hospital.facts import HospitalMapImported, write_map
from releve.hospital.map import (
    Application,
    Bed,
    Building,
    ConfidentialRule,
    ConfidentialRules,
    Feed,
    HospitalMap,
    IdentityAuthority,
    Phone,
    Printer,
    Room,
    Site,
    Ward,
)
from releve.journal import folder
from releve.journal.blobs import BlobStore
from releve.journal.client import _submission
from releve.journal.entry import Draft
from releve.paper.gather import Gathering, gather
from releve.paper.pack import PatientSheet, WardPack

PARIS = ZoneInfo("Europe/Paris")
MEDICINE, PSYCHIATRY = "3120", "4150"


def small_hospital(*, printers: Iterable[Printer] = (), language: str = "fr") -> HospitalMap:
    """Return a hospital of two wards: medicine sends its prescriptions, psychiatry writes them on paper."""
    rooms = [Room(code=f"{MEDICINE}-{n}", ward=MEDICINE, name=str(n)) for n in range(301, 309)]
    rooms += [Room(code=f"{PSYCHIATRY}-{n}", ward=PSYCHIATRY, name=str(n)) for n in range(1, 4)]
    return HospitalMap(
        name="Hôpital d’essai",
        exercise=True,
        language=language,
        identity=IdentityAuthority(feed="ADT", namespace="VAL"),
        sites=(Site(code="S", name="Site"),),
        buildings=(Building(code="B", name="B", site="S"),),
        wards=(
            Ward(code=MEDICINE, name="Unité 3B", building="B", floor="3", specialty="Médecine"),
            Ward(code=PSYCHIATRY, name="Psychiatrie", building="B", floor="0", specialty="Psychiatrie"),
        ),
        rooms=tuple(rooms),
        beds=tuple(Bed(code=room.code, room=room.code, ward=room.ward, name=room.name) for room in rooms),
        printers=tuple(printers),
        applications=(
            Application(code="GAM", name="Admissions", care_functions=("identity", "admit")),
            Application(
                code="PRESC",
                name="Prescription",
                care_functions=("prescribe", "administer"),
                wards=(MEDICINE,),
            ),
            Application(code="SGL", name="Laboratoire", care_functions=("results-laboratory",)),
        ),
        feeds=(
            Feed(code="ADT", name="Identités", application="GAM", sending_application="GAM", kinds=("ADT",)),
            Feed(code="RX", name="Prescriptions", application="PRESC", sending_application="PRESC"),
            Feed(code="BIO", name="Laboratoire", application="SGL", sending_application="SGL"),
        ),
        phones=(Phone(code="STD", name="Standard", number="01 99 00 44 00"),),
        confidential=ConfidentialRules(
            rules=(ConfidentialRule(address="PV1-16", value="I"),), cover_name="SECRET"
        ),
    )


def now() -> datetime:
    """Return this moment, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def stamp(at: datetime) -> str:
    """Return a moment as HL7 v2 writes it, with its offset."""
    return f"{at.astimezone(PARIS):%Y%m%d%H%M%S%z}"


def message(kind: str, *segments: str, sender: str = "GAM", at: datetime | None = None) -> bytes:
    """Return one message."""
    said = stamp(at or now())
    head = f"MSH|^~\\&|{sender}|VAL|R|R|{said}||{kind}|{said}|P|2.5|||||FRA|UNICODE UTF-8"
    event = [f"EVN|{kind.partition('^')[2]}|{said}"] if kind.startswith("ADT") else []
    return ("\r".join([head, *event, *segments]) + "\r").encode()


def admission(
    ipp: str,
    family: str,
    given: str = "Anne",
    *,
    ward: str = MEDICINE,
    bed: str = "301",
    born: str = "19450714",
    sex: str = "F",
    used: str = "",
    mother: str = "",
    secret: str = "",
    extra: Iterable[str] = (),
    at: datetime | None = None,
) -> bytes:
    """Return the admission (A01) of somebody in a bed."""
    moment = at or now() - timedelta(hours=20)
    names = f"{family}^{given}^^^^^L" + (f"~{used}^{given}^^^^^D" if used else "")
    fields = f"PID|1||{ipp}^^^VAL^PI||{names}||{born}|{sex}" + "|" * 10 + f"V{ipp}" + "|" * 3 + mother
    fields += "|" * 11 + "VALI"
    visit = f"PV1|1|I|{ward}^{bed}^{bed}" + "|" * 13 + secret + "|" * 3 + f"V{ipp}" + "|" * 25 + stamp(moment)
    move = f"ZBE|M{ipp}^GAM|{stamp(moment)}||INSERT|N||^^^^^^^^^{ward}|^^^^^^^^^{ward}|HMS"
    return message("ADT^A01^ADT_A01", fields, visit, move, *extra, at=moment)


def prescription(
    ipp: str,
    order: str,
    drug: str,
    dose: str,
    unit: str,
    timing: str,
    *,
    control: str = "NW",
    route: str = "Orale",
) -> bytes:
    """Return one prescription line; `timing` is the TQ1 segment from its third field on."""
    return message(
        "RDE^O11^RDE_O11",
        f"PID|1||{ipp}^^^VAL^PI",
        f"PV1|1|I|||||||||||||||||V{ipp}",
        f"ORC|{control}|{order}",
        f"RXE||LOC1^{drug}^99|{dose}||{unit}",
        f"RXR|PO^{route}",
        f"TQ1|1||{timing}",
        sender="PRESC",
        at=now() - timedelta(hours=10),
    )


def given(
    ipp: str, order: str, drug: str, dose: str, unit: str, at: datetime, completion: str = "CP"
) -> bytes:
    """Return one dose charted."""
    return message(
        "RAS^O17^RAS_O17",
        f"PID|1||{ipp}^^^VAL^PI",
        f"ORC|RE|{order}",
        f"RXA|0|1|{stamp(at)}||LOC1^{drug}^99|{dose}|{unit}" + "|" * 13 + completion,
        sender="PRESC",
        at=at,
    )


_made: dict[tuple[bytes, bool], Path] = {}


def made_for(hospital: HospitalMap, exercise: bool) -> Path:
    """Return the data folder of a new island of this hospital, which nobody writes to."""
    key = (write_map(HospitalMapImported(map=hospital)), exercise)
    if key not in _made:
        from django.db import connections

        data = Path(tempfile.mkdtemp(prefix="releve-paper-made-")) / "island"
        make_island(data, hospital=hospital, exercise=exercise, origin="a", name="A", accounts=[])
        connections["runtime"].close()
        _made[key] = data
    return _made[key]


def write_entries(data: Path, drafts: Sequence[Draft]) -> None:
    """Make these durable in the island's log; no recorder may be running."""
    blobs = BlobStore(folder.blobs_path(data))
    with closing(folder.open_writer(data)) as writer:
        writer.append([_submission(draft, blobs) for draft in drafts], now_us())


class PaperIsland:
    """An island in a folder; `fold` after each `record`."""

    def __init__(self, data: Path, hospital: HospitalMap | None = None, *, exercise: bool = False) -> None:
        self.data = data
        # Two managers' cards and a certificate take longer than most tests: made once for each hospital, then copied.
        copytree(made_for(hospital or small_hospital(), exercise), data)

    def record(self, *bodies: bytes | Draft) -> None:
        """Make these durable: bytes are messages of the hospital."""
        write_entries(
            self.data,
            [
                body
                if isinstance(body, Draft)
                else Draft(kind="message.hl7v2", body=body, source="mllp:127.0.0.1")
                for body in bodies
            ],
        )
        self.fold()

    def fold(self) -> None:
        """Fold everything again, and serve this folder."""
        self.serve()
        rebuild(self.data)
        self.serve()

    def serve(self) -> None:
        """Point this process at this island."""
        prepare_django(self.data)

    def gather(self, *, at: datetime | None = None, language: str = "") -> Gathering:
        """Return who is where."""
        self.serve()
        return gather(now_ms=int((at or now()).timestamp() * 1000), language=language)

    def pack(self, ward: str = MEDICINE, *, at: datetime | None = None, language: str = "") -> WardPack:
        """Return the pack of one ward."""
        gathering = self.gather(at=at, language=language)
        return gathering.ward(ward, pack_id=f"{ward}-T1", printed_ms=gathering.frame.now_ms).pack

    def sheet(self, ipp: str, ward: str = MEDICINE, *, at: datetime | None = None) -> PatientSheet:
        """Return the sheet of one person."""
        return next(sheet for sheet in self.pack(ward, at=at).patients if sheet.ipp == ipp)
