"""Wristbands and labels: what a printer really receives, and never a sign less."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import msgspec
import pytest
from admissions_island import AdmissionsIsland
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from releve.codecs.identifiers.made_here import check_tube, tube_number
from releve.codecs.zpl import Label, TextTooLong, written
from releve.paper import tube_numbers
from releve.paper.labels import Bearer, label_sheet, zpl_of

ROSE = Bearer(
    name="DELORME", given="Élise", sex="Femme", birth="14 juil. 1945 (81 ans)", ipp="AP000118", visit="AV000342",
    place="Chirurgie polyvalente 206",
)  # fmt: skip


class Printer:
    """A label printer that keeps every byte it is sent."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self.jobs: list[bytes] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                with connection:
                    blocks = []
                    while block := connection.recv(65536):
                        blocks.append(block)
                    self.jobs.append(b"".join(blocks))

    def close(self) -> None:
        """Stop listening."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(5)


@pytest.fixture
def printer(island: AdmissionsIsland) -> Iterator[Printer]:
    """Return a printer that stands on the map as the label printer of 2140."""
    made = Printer()
    machine = msgspec.structs.replace(island.map.printers[0], address=made.address)
    island.change_map(msgspec.structs.replace(island.map, printers=(machine,)))
    yield made
    made.close()


def labels_url(island: AdmissionsIsland) -> str:
    """Return the address of the labels of somebody in bed 206."""
    from releve.web.opaque import seal

    return f"/patient/{seal(island.known('8001', 'DELORME', 'Élise', ward='2140', bed='206'))}/labels/"


def test_a_wristband_reaches_the_printer_byte_for_byte_and_is_recorded(
    island: AdmissionsIsland, nurse: Client, printer: Printer
) -> None:
    """A band that did not come out is a patient without a name."""
    url = labels_url(island)
    assert "Étiqueteuse du 2ᵉ" in nurse.get(url).content.decode()

    answer = nurse.post(url, {"kind": "wristband", "printer": "L1", "act_key": "p1"})
    again = nurse.post(url, {"kind": "wristband", "printer": "L1", "act_key": "p1"})

    assert (answer.status_code, again.status_code) == (302, 302)
    (job,) = printer.jobs
    text = job.decode("utf-8")
    assert text.startswith("^XA^CI28")
    assert text.count("^BXN,5,200^FH_^FDRLV1|P|8001|V8001^FS") == 3
    assert "DELORME Élise" in text
    (said,) = island.entries("label.printed.1")
    assert (said["outcome"], said["printer"], said["what"], said["person"]) == (
        "printed",
        "L1",
        "wristband",
        "CHV:8001",
    )


def test_a_printer_that_does_not_answer_is_said_and_recorded(island: AdmissionsIsland, nurse: Client) -> None:
    """Nobody must wait beside a machine that received nothing."""
    answer = nurse.post(labels_url(island), {"kind": "tube", "printer": "L1", "copies": "3", "act_key": "p1"})

    assert answer.status_code == 422
    assert "ne répond pas" in answer.content.decode()
    (said,) = island.entries("label.printed.1")
    assert said["outcome"] == "failed"


def test_the_sheet_of_a4_is_a_pdf_for_whoever_has_no_label_printer(
    island: AdmissionsIsland, nurse: Client
) -> None:
    """Any printer that is left serves."""
    answer = nurse.get(labels_url(island) + "sheet/")

    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert "DELORME" not in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_sheet_says_every_name_even_in_signs_that_no_font_draws(language: str) -> None:
    """A label without a part of the name is the label of somebody else."""
    import pypdfium2

    strange = msgspec.structs.replace(
        ROSE, name="NGUYỄN 李", given="Zoë😀", mother="MARCHAL Anne 8001", doubtful=True
    )
    pdf = label_sheet(
        strange, language=language, hospital="Essai", printed_at="2026-11-21T03:10", newborn=True
    )

    document = pypdfium2.PdfDocument(pdf)
    text = "".join(page.get_textpage().get_text_range() for page in document)
    assert len(document) == 3
    assert text.count("U+674E") == text.count("U+1F600") >= 21 + 48
    assert "AV000342" in text


def test_every_bed_of_a_ward_has_a_label_that_a_scan_reads(island: AdmissionsIsland, nurse: Client) -> None:
    """Two scans move somebody only if the bed has something to scan."""
    import pypdfium2
    import zxingcpp

    answer = nurse.get("/bed-labels/2140/")

    page = pypdfium2.PdfDocument(answer.content)[0].render(scale=3).to_pil()
    read = {found.text for found in zxingcpp.read_barcodes(page)}
    assert read == {f"RLV1|B|2140-{bed}" for bed in ("206", "207", "208", "209", "209B")}
    assert "/bed-labels/2140/" in nurse.get("/beds/2140/").content.decode()


def test_both_symbols_of_the_sheet_are_read_back(tmp_path: object) -> None:
    """A scanner at the bedside must read what the sheet says."""
    import pypdfium2
    import zxingcpp

    pdf = label_sheet(ROSE, language="fr", hospital="Essai", printed_at="2026-11-21T03:10")

    page = pypdfium2.PdfDocument(pdf)[0].render(scale=3).to_pil()
    read = {found.text for found in zxingcpp.read_barcodes(page)}
    assert {"RLV1|P|AP000118|AV000342", "AP000118"} <= read


@given(st.text(min_size=1, max_size=60))
def test_no_text_becomes_a_command_and_no_sign_is_lost(text: str) -> None:
    """A caret in a name would start a command, and what follows would not be printed."""
    label = Label(width=2000, height=400)
    label.column([text], x=0, y=0, width=1900, depth=400, heights=((20, 20),))

    content = label.encode().decode("utf-8")

    told = "".join(re.findall(r"\^FD(.*?)\^FS", content, re.DOTALL))
    decoded = re.sub(r"_([0-9A-F]{2})", lambda found: chr(int(found[1], 16)), told)
    assert "".join(decoded.split()) == "".join(written(text).split())
    assert set(re.findall(r"\^[A-Z][A-Z0-9]", content)) <= {
        "^XA",
        "^CI",
        "^PW",
        "^LL",
        "^LH",
        "^FO",
        "^A0",
        "^FH",
        "^FD",
        "^FS",
        "^PQ",
        "^XZ",
    }
    assert "~" not in content


def test_a_name_of_a_hundred_letters_is_whole_or_refused_never_cut() -> None:
    """The last given name may be what tells two people apart."""
    long = msgspec.structs.replace(ROSE, name="W" * 30, given="Marie-Élisabeth Joséphine")
    content = zpl_of("wristband", long, language="fr").decode()
    assert "".join(re.findall(r"\^FD(W+)", content)).count("W") == 60

    tube = zpl_of("tube", msgspec.structs.replace(ROSE, name="W" * 100), language="fr").decode()
    assert "".join(re.findall(r"\^FD(W+)", tube)) == "W" * 100
    with pytest.raises(TextTooLong):
        zpl_of("tube", msgspec.structs.replace(ROSE, name="W" * 400), language="fr")


def test_tubes_carry_a_number_of_their_own_and_the_ipp_only_when_it_is_asked_for(
    island: AdmissionsIsland, nurse: Client, printer: Printer
) -> None:
    """An analyser that reads the person's number on two tubes gives both the same result."""
    url = labels_url(island)
    tube = {"kind": "tube", "printer": "L1", "copies": "3"}

    assert nurse.post(url, tube | {"act_key": "t1"}).status_code == 302
    assert nurse.post(url, tube | {"act_key": "t2", "tube_ipp": "on"}).status_code == 302

    own, with_ipp = (job.decode() for job in printer.jobs)
    said, other = island.entries("label.printed.1")
    assert len(set(said["tubes"])) == 3
    assert re.findall(r"\^BCN[^^]*\^FH_\^FD([^^]+)\^FS", own) == said["tubes"]
    assert "8001" not in own
    assert "DELORME Élise" in own
    assert "1945" in own or "né" in own.lower()
    assert "8001" in with_ipp
    assert other["tubes"] == []
    # The last of the three, left on a bench, leads to her page.
    scanned = nurse.post("/scan/", {"code": said["tubes"][2]})
    assert (scanned.status_code, scanned["Location"]) == (302, url.removesuffix("labels/"))


def test_tubes_are_counted_in_the_range_of_the_island_and_taken_before_they_are_printed(
    island: AdmissionsIsland, nurse: Client, printer: Printer
) -> None:
    """A number drawn by lot may be another tube's, and a number printed before it is taken is given again."""
    url = labels_url(island)
    tube = {"kind": "tube", "printer": "L1"}

    nurse.post(url, tube | {"copies": "3", "act_key": "t1"})
    tube_numbers._known.clear()  # another worker, which reads the log again
    nurse.post(url, tube | {"copies": "2", "act_key": "t2"})

    first, second = island.entries("label.printed.1")
    numbers = [*first["tubes"], *second["tubes"]]
    assert numbers == [tube_number(1_001_000_000 + n) for n in (1, 2, 3, 4, 5)]
    taken = island.entries("paper.tube-numbers.1")
    assert [(one["act"], one["prefix"], one["first"], one["last"]) for one in taken] == [
        ("t1", "A", 1, 3), ("t2", "A", 4, 5),
    ]  # fmt: skip


def test_tubes_of_a_printer_that_did_not_answer_keep_their_numbers(
    island: AdmissionsIsland, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some of its labels may be out: sent again, the same form must not name the same tubes twice over."""
    request = RequestFactory().post("/")
    monkeypatch.setattr(tube_numbers, "record_beside", lambda _request, draft: island.append([draft])[0])

    one = tube_numbers.take(request, "form", 2)
    again = tube_numbers.take(request, "form", 2)
    more = tube_numbers.take(request, "form", 3)

    assert one == again
    assert not set(one) & set(more)


def test_a_range_that_is_used_up_or_missing_still_gives_each_tube_a_number(
    island: AdmissionsIsland, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nurse holds the tube: she is not sent away."""
    request = RequestFactory().post("/")
    monkeypatch.setattr(tube_numbers, "record_beside", lambda _request, draft: island.append([draft])[0])
    monkeypatch.setattr(tube_numbers, "TUBES_MAX", 4)
    inside = tube_numbers.take(request, "a", 3)
    over = tube_numbers.take(request, "b", 3)
    monkeypatch.setattr(tube_numbers, "tubes_of", lambda _island, _epoch: None)
    without = tube_numbers.take(request, "b", 3)

    assert over == without
    assert len({*inside, *over}) == 6
    assert all(check_tube(number) == [] for number in over)


def test_the_sheet_leaves_a_place_for_the_laboratory_s_number_unless_the_ipp_is_asked_for() -> None:
    """What is printed in advance cannot know the number that the laboratory will give."""
    import pypdfium2

    told = []
    for tube_ipp in (False, True):
        pdf = label_sheet(
            ROSE, language="fr", hospital="CHV", printed_at="2026-11-21T03:10:00+01:00", tube_ipp=tube_ipp
        )
        told.append(pypdfium2.PdfDocument(pdf)[2].get_textpage().get_text_range())

    assert told[0].count("Tube n°") == 48
    assert ROSE.ipp not in told[0]
    assert told[1].count(ROSE.ipp) >= 48
