"""`releve packs print` as scripts use it, and the process that does it on its own."""

import json
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "paper"))

from paper_island import MEDICINE, PSYCHIATRY, PaperIsland, admission, now, prescription, small_hospital

from releve.app.packing import Printing, print_packs, set_packs
from releve.app.packs_process import PacksProcess, read_state
from releve.app.recorder_process import recorder_for
from releve.app.settings import Packs
from releve.bedside.hospital_now import directory_now
from releve.crisis.facts import CutDeclared
from releve.hospital.map import Printer
from releve.hospital.status import Place
from releve.journal.entry import Draft
from releve.journal.folder import own_log
from releve.journal.store import LogReader
from releve.paper.facts import (
    FormsTaken,
    PacksRequested,
    PacksSet,
    PaperPrinted,
    encode,
    read_fact,
)
from releve.paper.forms import FormCopy
from releve.paper.lying import lying_forms, remember_forms, taken_forms
from releve.paper.printers import PrinterAddress, print_document


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a script does."""
    return subprocess.run(
        [sys.executable, "-m", "releve.app.cli", "packs", "print", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


def facts_of(island: PaperIsland) -> list[object]:
    """Return what the journal says of paper, in order."""
    with LogReader(own_log(island.data).path) as reader:
        acts = reader.read(0, 1000, lane="act")
    return [fact for act in acts if (fact := read_fact(act.kind, act.body)) is not None]


@contextmanager
def printer(*, refuses: bool = False) -> Iterator[tuple[str, list[bytes]]]:
    """Yield the address of a raw printer (port 9100 in real life) and the documents that it took."""
    server = socket.create_server(("127.0.0.1", 0))
    taken: list[bytes] = []
    if refuses:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        server.close()
        yield address, taken
        return

    def serve() -> None:
        while True:
            try:
                connection, _peer = server.accept()
            except OSError:
                return
            with connection:
                parts = []
                while part := connection.recv(65536):
                    parts.append(part)
                taken.append(b"".join(parts))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"127.0.0.1:{server.getsockname()[1]}", taken
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


@pytest.fixture
def island(tmp_path: Path) -> PaperIsland:
    """Return an island with somebody in each ward."""
    made = PaperIsland(tmp_path / "island")
    made.record(
        admission("100", "MARTIN", bed="301"),
        admission("200", "PETIT", "Paul", ward=PSYCHIATRY, bed="1", sex="M"),
        prescription("100", "P1", "Bisoprolol", "2.5", "mg", "|0800~2000"),
    )
    return made


def test_one_command_prints_every_ward_and_says_so_in_one_line(island: PaperIsland, tmp_path: Path) -> None:
    """A script at three in the morning reads the last line and the status, nothing else."""
    done = run("--data", str(island.data), "--out", str(tmp_path / "usb"), "--json")

    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert (result["wards"], result["patients"], result["problems"]) == (2, 2, [])
    assert result["set_again"] == [MEDICINE, PSYCHIATRY]
    assert result["pages"] > 8
    for name in result["files"]:
        assert (tmp_path / "usb" / name).read_bytes().startswith(b"%PDF-")
    assert {name[:6] for name in result["files"]} == {"UF3120", "UF4150"}
    (said,) = [fact for fact in facts_of(island) if isinstance(fact, PacksSet)]
    assert [pack.ward for pack in said.packs] == [MEDICINE, PSYCHIATRY]


def test_what_was_received_while_nothing_folded_is_on_the_pack(island: PaperIsland, tmp_path: Path) -> None:
    """The island was stopped between a message and its fold: the message was acknowledged, so it is printed."""
    with recorder_for(island.data) as recorder:
        body = admission("300", "TARDIF", bed="303")
        recorder.append([Draft(kind="message.hl7v2", body=body, source="mllp:127.0.0.1")])

    done = run(
        "--data", str(island.data), "--ward", MEDICINE, "--no-forms", "--out", str(tmp_path / "o"), "--json"
    )

    assert json.loads(done.stdout.splitlines()[-1])["patients"] == 2


def test_an_unknown_ward_ends_without_success_and_prints_nothing(island: PaperIsland, tmp_path: Path) -> None:
    """A slip of the keyboard must not pass for a printed pack."""
    done = run("--data", str(island.data), "--ward", "9999", "--out", str(tmp_path / "usb"))

    assert done.returncode == 1
    assert "9999" in done.stderr
    assert not list((tmp_path).glob("usb/*.pdf"))


def test_the_second_printer_takes_over_and_the_journal_says_which(tmp_path: Path) -> None:
    """The ward's printer is off, as in the night of an attack: its neighbour's prints, and one knows where to look."""
    with printer(refuses=True) as (dead, _none), printer() as (alive, taken):
        hospital = small_hospital(
            printers=(
                Printer(code="P1", name="3B", ward=MEDICINE, address=dead),
                Printer(code="P2", name="Psy", ward=PSYCHIATRY, second_for=MEDICINE, address=alive),
            )
        )
        island = PaperIsland(tmp_path / "island", hospital)
        island.record(admission("100", "MARTIN"))
        directory = directory_now()
        assert directory is not None
        with recorder_for(island.data) as recorder:
            report = set_packs(island.data, Printing(wards=(MEDICINE,)), recorder=recorder)
            report = print_packs(report, directory, "ward", recorder=recorder)

    assert report.complete
    assert len(taken) == 3  # cover, sheets, forms
    assert all(document.startswith(b"%PDF-") for document in taken)
    printed = [fact for fact in facts_of(island) if isinstance(fact, PaperPrinted)]
    assert [(fact.outcome, fact.printer) for fact in printed] == [("printed", "P2")] * 3
    assert all("P1" in fact.error for fact in printed)
    assert all(fact.pages for fact in printed)
    assert not (island.data / "packs" / "UF3120-3-formulaires.pdf").exists()  # its numbers are on paper now


def test_a_printer_that_takes_nothing_is_a_failure_that_names_the_document(tmp_path: Path) -> None:
    """“Printed” must mean that paper took it."""
    with printer(refuses=True) as (dead, _none):
        island = PaperIsland(tmp_path / "island")
        island.record(admission("100", "MARTIN"))
        done = run("--data", str(island.data), "--ward", MEDICINE, "--no-forms", "--to", dead, "--json")

    result = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 1
    assert any("UF3120-1-couverture.pdf" in problem for problem in result["problems"])
    assert [fact.outcome for fact in facts_of(island) if isinstance(fact, PaperPrinted)] == [
        "failed",
        "failed",
    ]


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.ms = int(now().timestamp() * 1000)

    def __call__(self) -> int:
        """Return the moment, UTC milliseconds."""
        return self.ms


def occasions(island: PaperIsland) -> list[tuple[str, tuple[str, ...]]]:
    """Return what was set, printing by printing."""
    return [
        (fact.occasion, tuple(pack.ward for pack in fact.packs))
        for fact in facts_of(island)
        if isinstance(fact, PacksSet)
    ]


def test_the_process_sets_on_schedule_at_a_cut_and_on_request(tmp_path: Path) -> None:
    """Packs lie ready before anybody thinks of them, and change the moment the cut is declared."""
    with printer() as (address, taken):
        island = PaperIsland(
            tmp_path / "island",
            small_hospital(printers=(Printer(code="P1", name="3B", ward=MEDICINE, address=address),)),
        )
        island.record(admission("100", "MARTIN", at=now() - timedelta(hours=1)))
        clock = Clock()
        process = PacksProcess(island.data, Packs(every_minutes=60, workers=1), clock_ms=clock)
        with recorder_for(island.data) as recorder:
            assert process.turn()
            assert not process.turn()
            clock.ms += 61 * 60_000
            assert process.turn()
            declared = CutDeclared(
                applications=("PRESC",),
                places=(Place(kind="ward", code=MEDICINE),),
                status="down",
                since_us=(clock.ms - 60_000) * 1000,
                reason="breakdown",
                by="crise",
                second="x",
            )
            recorder.append(
                [
                    Draft(
                        kind="crisis.declared.1",
                        body=msgspec.msgpack.encode(declared),
                        source="web",
                        author="crise",
                    )
                ]
            )
            island.fold()
            assert process.turn()
            recorder.append(
                [
                    Draft(
                        kind="paper.requested.1",
                        body=encode(
                            PacksRequested(wards=(MEDICINE,), printer="ward", forms=False, by="crise")
                        ),
                        source="web",
                    )
                ]
            )
            island.fold()
            assert process.turn()
            assert not process.turn()

    both = (MEDICINE, PSYCHIATRY)
    assert occasions(island) == [
        ("schedule", both), ("schedule", both), ("cut", (MEDICINE,)), ("schedule", both), ("demand", (MEDICINE,)),
    ]  # fmt: skip
    assert len(taken) == 2
    state = read_state(island.data)
    assert state is not None
    assert (state.state, state.wards) == ("idle", 1)
    # A process that starts again does not print a second time what was asked for.
    assert PacksProcess(island.data, Packs(every_minutes=60), clock_ms=clock).turn() is False


def numbers_of(path: Path) -> set[str]:
    """Return the numbers of the forms that lie at a place."""
    lying = lying_forms(path, language="fr")
    return {copy.number for copy in lying.copies} if lying is not None else set()


def lay_forms(folder: Path) -> set[str]:
    """Lay forms in a folder as a printing leaves them, enough for the ward; return their numbers."""
    path = folder / "UF3120-3-formulaires.pdf"
    folder.mkdir(exist_ok=True)
    path.write_bytes(b"%PDF-1.7 forms")
    copies = tuple(FormCopy(code="RX1", number=f"A-9{n:05d}") for n in range(40))
    remember_forms(path, copies, pages=40, language="fr")
    return {copy.number for copy in copies}


def test_after_forms_were_saved_by_hand_new_numbers_lie_ready(tmp_path: Path) -> None:
    """The nurse who saves the forms has printed them: the next one needs forms too, with other numbers."""
    island = PaperIsland(tmp_path / "island")
    island.record(admission("100", "MARTIN", at=now() - timedelta(hours=1)))
    process = PacksProcess(island.data, Packs(every_minutes=0, workers=1), clock_ms=Clock())
    lay = lay_forms(island.data / "packs")
    path = island.data / "packs" / "UF3120-3-formulaires.pdf"
    with taken_forms(path) as taken:
        assert taken is not None
    fact = FormsTaken(
        ward=MEDICINE, first=min(lay), last=max(lay), pages=1, digest="", taken_at_ms=0, by="soin"
    )
    with recorder_for(island.data) as recorder:
        recorder.append([Draft(kind="paper.forms-taken.1", body=encode(fact), source="web")])
        island.fold()

        assert process.turn()
        assert not process.turn()

    assert numbers_of(path)
    assert not numbers_of(path) & lay


def test_forms_on_a_stick_get_new_numbers_each_time(island: PaperIsland, tmp_path: Path) -> None:
    """Nobody knows whether what lies on a stick was printed: its numbers are never set a second time."""
    lay = lay_forms(tmp_path / "stick")
    with recorder_for(island.data) as recorder:
        set_packs(island.data, Printing(wards=(MEDICINE,)), recorder=recorder, folder=tmp_path / "stick")

    numbers = numbers_of(tmp_path / "stick" / "UF3120-3-formulaires.pdf")
    assert numbers
    assert not numbers & lay


def test_numbers_of_forms_come_out_of_no_second_printer_after_one_broke_off(island: PaperIsland) -> None:
    """Half of the forms lie in the first printer: the second would print their numbers again."""
    broken = socket.create_server(("127.0.0.1", 0))
    address = f"127.0.0.1:{broken.getsockname()[1]}"

    def take_some() -> None:
        connection, _peer = broken.accept()
        with connection:
            connection.recv(1024)
            # Closed with bytes unread: the sender is told at once.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    thread = threading.Thread(target=take_some)
    thread.start()
    document = island.data / "forms.pdf"
    document.write_bytes(b"%PDF-" + b"x" * (32 << 20))
    with printer() as (alive, taken):
        printers = [PrinterAddress(code=code, address=one) for code, one in (("P1", address), ("P2", alive))]
        outcome = print_document(document, 1, printers, once=True)
    thread.join()
    broken.close()

    assert not outcome.done
    assert [one.printer for one in outcome.attempts] == ["P1"]
    assert outcome.attempts[0].sent_bytes
    assert taken == []


def test_a_ward_that_cannot_be_read_does_not_keep_the_others_from_their_packs(
    island: PaperIsland, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One broken ward at three in the morning must cost one pack, not thirty."""
    from releve.paper.gather import Gathering

    real = Gathering.ward

    def broken(self: Gathering, code: str, **how: object) -> object:
        if code == MEDICINE:
            raise RuntimeError("MARTIN")
        return real(self, code, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(Gathering, "ward", broken)
    with recorder_for(island.data) as recorder:
        report = set_packs(island.data, Printing(forms=False), recorder=recorder)

    assert not report.complete
    assert [(files.ward, bool(files.paths)) for files in report.wards] == [
        (PSYCHIATRY, True),
        (MEDICINE, False),
    ]
    assert any(MEDICINE in problem for problem in report.problems)
    assert not any("MARTIN" in problem for problem in report.problems)


def test_a_journal_that_cannot_be_written_still_gives_paper(island: PaperIsland) -> None:
    """The disk is full, the recorder is dead: the packs come out, without numbers that could come back."""
    report = set_packs(island.data, Printing(), recorder=None)

    assert report.complete
    assert all("-3-" not in path.name for files in report.wards for path in files.paths)
    assert any("without numbered forms" in problem for problem in report.problems)


def test_a_full_disk_stops_the_schedule_first(island: PaperIsland, monkeypatch: pytest.MonkeyPatch) -> None:
    """The recorder needs the disk more than a pack that nobody asked for."""
    monkeypatch.setattr(
        "releve.app.packs_process.shutil.disk_usage",
        lambda _path: type("Usage", (), {"total": 100 << 30, "free": 10 << 30})(),
    )

    assert PacksProcess(island.data, Packs(every_minutes=60)).turn() is False

    state = read_state(island.data)
    assert state is not None
    assert state.state == "disk"
    assert occasions(island) == []
