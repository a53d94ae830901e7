"""The drop folder: each file becomes its entries exactly once, or is refused in words; none is lost."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from gateway_processes import Processes, processes

from releve.codecs.dropped import decode_document
from releve.gateway import dropped
from releve.gateway.intake import Intake, Progress
from releve.journal.client import Recorder
from releve.journal.entry import Draft, Receipt
from releve.journal.errors import RecorderGone
from releve.journal.folder import socket_path

MSH = b"MSH|^~\\&|DPI|CHU|||20261121||ADT^A01|%d|P|2.5\rPID|1||8001%02d\r"
BATCH = b"FHS|^~\\&\rBHS|^~\\&\r" + b"".join(MSH % (n, n) for n in range(5)) + b"BTS|5\rFTS|1\r"
CENSUS = "ipp;family;ward;bed\n800123;LÉVY;2140;12P\n800124;ÖZ;2140;\n".encode()
PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\nsheet\n%%EOF\n"
PATIENT = '{"resourceType":"Patient","id":"p1","name":[{"family":"LÉVY"}]}'.encode()


@pytest.fixture
def island(tmp_path: Path) -> Iterator[Processes]:
    """A recorder that runs; the test looks into the folder itself."""
    with processes(tmp_path, gateway=False) as running:
        (running.data / "intake").mkdir()
        yield running


def drop(island: Processes, name: str, content: bytes, *, age_seconds: float = 120.0) -> Path:
    """Put a file in the folder, last changed a while ago."""
    path = island.data / "intake" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (time.time() - age_seconds,) * 2)
    return path


def look(island: Processes, intake: Intake | None = None) -> int:
    """Look twice, as the poll does: a file that did not change in between is taken in."""
    intake = intake or Intake(island.data)
    intake.look()
    return intake.look()


def test_a_batch_file_becomes_one_entry_a_message(island: Processes) -> None:
    """The first fill: the island must know who lies where before it is needed."""
    path = drop(island, "export.hl7", BATCH)

    assert look(island) == 1

    entries = island.entries("initial.hl7v2")
    assert [entry.body for entry in entries] == [MSH % (n, n) for n in range(5)]
    assert {entry.source for entry in entries} == {"file:" + hashlib.sha256(BATCH).hexdigest()}
    assert not path.exists()
    assert [found.name for found in (island.data / "intake" / "done").rglob("*.hl7")] == ["export.hl7"]


def test_each_kind_of_file_becomes_its_kind_of_entry(island: Processes) -> None:
    """A census, a bundle, a medication sheet and PN13 arrive by the same door."""
    sheet = drop(island, "medication/UF2140-matin.pdf", PDF)
    drop(island, "census-2026-11-21.csv", CENSUS)
    drop(island, "patient.json", PATIENT)
    drop(island, "patients.ndjson", PATIENT + b"\n\n" + PATIENT + b"\r\n")
    drop(island, "pn13/lot.xml", b'<?xml version="1.0"?><m xmlns="http://www.phast.fr/pn13"/>')
    made_at_us = sheet.stat().st_mtime_ns // 1000

    assert look(island) == 5

    (census,) = island.entries("initial.census")
    assert (census.body, census.occurred_at_us is not None) == (CENSUS, True)
    assert [entry.body for entry in island.entries("initial.fhir")] == [PATIENT] * 3
    assert len(island.entries("initial.pn13")) == 1
    document = decode_document(island.entries("initial.document")[0].body)
    assert (document.kind, document.ward, document.content) == ("medication-sheet", "2140", PDF)
    assert document.made_at_us == made_at_us


def test_a_document_says_in_its_sidecar_whose_it_is(island: Processes) -> None:
    """A PDF does not say for whom it is; bound into the wrong folder it harms."""
    drop(
        island,
        "feuille.json",
        b'{"kind":"medication-sheet","ward":"2140","ipp":"800123","title":"Traitements"}',
    )
    drop(island, "feuille.pdf", PDF)

    look(island)

    document = decode_document(island.entries("initial.document")[0].body)
    assert (document.ward, document.ipp, document.title, document.content) == (
        "2140",
        "800123",
        "Traitements",
        PDF,
    )
    assert list((island.data / "intake").glob("*")) == [island.data / "intake" / "done"]


def test_a_document_waits_for_its_sidecar_then_is_refused(island: Processes) -> None:
    """Scripts copy one file after the other; a sheet without ward must not lie in the folder unseen for ever."""
    path = drop(island, "feuille.pdf", PDF, age_seconds=0)
    intake = Intake(island.data)
    assert look(island, intake) == 0
    assert path.exists()

    os.utime(path, (time.time() - 120,) * 2)
    look(island, intake)

    why = (island.data / "intake" / "refused" / "feuille.pdf.why.txt").read_text(encoding="utf-8")
    assert "Attendu" in why or "attendu" in why
    assert "expected" in why


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("notes.hl7", b"Bonjour", "MSH"),
        ("broken.json", b'{"resourceType":"Patient","x":DUPONT}', "byte"),
        ("census.csv", b"nom;prenom\nDUPONT;Jean\n", "ipp"),
        ("census-vide.csv", b"ipp;ward\n", "at least one patient"),
        ("liste.csv", CENSUS, "census"),
        ("medication/UF2140.pdf", b"not a pdf", "PDF"),
        ("setup.exe", b"MZ", ".hl7"),
        ("other.xml", b"<invoice/>", "PN13"),
    ],
)
def test_what_will_never_pass_is_put_aside_with_the_reason(
    island: Processes, name: str, content: bytes, words: str
) -> None:
    """The person who dropped it reads why; the file is still there; no value is repeated."""
    drop(island, name, content)

    look(island)

    refused = island.data / "intake" / "refused" / name
    why = refused.with_name(refused.name + ".why.txt").read_text(encoding="utf-8")
    assert refused.read_bytes() == content
    assert words in why
    assert "DUPONT" not in why
    assert island.entries("initial.hl7v2", "initial.fhir", "initial.census", "initial.document") == []


def test_a_file_that_still_grows_is_left_alone(island: Processes) -> None:
    """Half a census would make half the hospital disappear."""
    path = drop(island, "export.hl7", BATCH[:100])
    drop(island, "later.hl7.part", BATCH)
    intake = Intake(island.data)
    intake.look()
    path.write_bytes(BATCH)

    assert intake.look() == 0
    assert intake.look() == 1
    assert len(island.entries("initial.hl7v2")) == 5


def test_the_same_file_again_adds_nothing_but_the_same_census_the_next_day_does(island: Processes) -> None:
    """A script that copies everything every hour must not double the patients; a list still true is news."""
    drop(island, "export.hl7", BATCH)
    drop(island, "census.csv", CENSUS, age_seconds=86_400)
    look(island)
    drop(island, "again.hl7", BATCH)
    drop(island, "census.csv", CENSUS, age_seconds=86_400)

    look(island)
    assert len(island.entries("initial.hl7v2")) == 5
    assert len(island.entries("initial.census")) == 1

    drop(island, "census.csv", CENSUS, age_seconds=0)
    look(island)
    assert len(island.entries("initial.census")) == 2


class Crashing:
    """The recorder's client, which dies after some batches: before the disk, or after it but before the answer."""

    def __init__(self, island: Processes, batches: int, *, after: bool) -> None:
        self._recorder = Recorder(socket_path(island.data))
        self._left = batches
        self._after = after

    def append(self, drafts: list[Draft]) -> list[Receipt]:
        """Append, or lose the answer."""
        if self._left == 0 and not self._after:
            raise RecorderGone("recorder: gone")
        receipts = self._recorder.append(drafts)
        if self._left == 0:
            raise RecorderGone("recorder: gone")
        self._left -= 1
        return receipts


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_in_the_middle_neither_loses_nor_repeats_a_message(
    island: Processes, after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log itself remembers what arrived: a receipt that got lost must not become a second admission."""
    monkeypatch.setattr(dropped, "_WINDOW_BYTES", 4096)
    messages = [MSH % (n, n % 100) for n in range(1000)]
    path = drop(island, "first-fill.hl7", b"".join(messages))
    before = Intake(island.data, Crashing(island, 2, after=after))
    before.look()
    with pytest.raises(RecorderGone):
        before.look()
    assert path.exists()
    assert 0 < len(island.entries("initial.hl7v2")) < 1000

    assert look(island) == 1

    assert [entry.body for entry in island.entries("initial.hl7v2")] == messages


def test_the_feeds_page_can_say_what_the_intake_has_done(island: Processes) -> None:
    """Someone who has dropped a file at three in the morning wants to know that it was taken."""
    drop(island, "export.hl7", BATCH)
    drop(island, "notes.hl7", b"Bonjour")

    look(island)

    told = msgspec.json.decode((island.data / "runtime" / "intake.json").read_bytes(), type=Progress)
    assert (told.file, told.done, told.refused) == ("", 1, 1)


def test_file_names_do_not_reach_the_log(island: Processes, caplog: pytest.LogCaptureFixture) -> None:
    """Hospitals name files after patients."""
    drop(island, "DUPONT Jean 1954.hl7", BATCH)
    drop(island, "DUPONT Jean.json", b"{")
    caplog.set_level("DEBUG")

    look(island)

    assert "recorded, 5 entries" in caplog.text
    assert "DUPONT" not in caplog.text
