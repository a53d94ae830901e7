"""Medication sheets that the hospital can only print: listed with their age, opened, never to whom they must not be."""

import re
from collections.abc import Callable

import pytest
from bedside_island import HOUR, NOW_MS, BedsideIsland, small_hospital
from django.test import Client

from releve.bedside.printed import elements_of
from releve.codecs.dropped import DroppedDocument, encode_document
from releve.departments.prescribing.tables import MedicationSheet
from releve.web.opaque import seal

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PN13 = b"<?xml version='1.0'?><msg xmlns='urn:pn13'><produit>Furos\xc3\xa9mide</produit></msg>"


@pytest.fixture
def kept(island: BedsideIsland) -> str:
    """Return a patient of 2140; a PDF of her ward and a PN13 of hers are in a real log and in the views."""
    from releve.app.recorder_process import recorder_for
    from releve.journal.entry import Draft
    from releve.journal.folder import create_island

    dropped = DroppedDocument(kind="medication-sheet", media_type="application/pdf", content=PDF, ward="2140")
    folder = island.data.parent / "kept"
    folder.mkdir()
    create_island(folder, "a", True, "Valombre", NOW_MS * 1000)
    drafts = [
        Draft(kind="initial.document", body=encode_document(dropped), source="intake"),
        Draft(kind="initial.pn13", body=PN13, source="intake"),
    ]
    with recorder_for(folder) as recorder:
        of_ward, of_person = recorder.append(drafts)
    (folder / "journal").rename(island.data / "journal")
    person = island.patient("1")
    for name, receipt, columns in (
        ("W", of_ward, {"ward": "2140", "media_type": "application/pdf"}),
        ("P", of_person, {"person": person, "media_type": "application/xml"}),
    ):
        values = {
            "person": None,
            "log": f"{receipt.origin}/{receipt.epoch}",
            "index": receipt.index,
        } | columns
        island.row(MedicationSheet, id=name, dated_at=NOW_MS - 3 * HOUR, **values)
    return person


def plain(client: Client, address: str) -> str:
    """Return a page, spaces made plain."""
    answer = client.get(address)
    assert answer.status_code == 200
    return re.sub(r"[\u00a0\u202f\s]+", " ", answer.content.decode())


def test_a_ward_s_sheet_is_on_its_board_with_its_age_and_opens(
    island: BedsideIsland, nurse: Client, kept: str
) -> None:
    """Where no medication feed exists, this print is all that is known of the night's treatment."""
    address = f"/ward/2140/sheet/{seal('W', 'sheet')}/"

    board, page, file = plain(nurse, "/ward/2140/"), plain(nurse, address), nurse.get(f"{address}file/")

    assert "Feuille imprimée 00:10" in board
    assert "âge : 3 h" in board
    assert address in board
    assert "il y a 3 h" in page
    assert file.content == PDF
    assert file["Content-Disposition"] == 'attachment; filename="sheet.pdf"'
    assert "sandbox" in file["Content-Security-Policy"]


def test_a_ward_without_a_medication_feed_shows_its_print_first(
    island: BedsideIsland, nurse: Client, kept: str
) -> None:
    """A column that says "not received" must not hide that a sheet was."""
    fed = plain(nurse, "/ward/2140/")
    feeds = tuple(feed for feed in small_hospital().feeds if feed.code != "RX")

    island.map(small_hospital(feeds=feeds))
    unfed = plain(nurse, "/ward/2140/")

    assert fed.index('id="board"') < fed.index('id="printed"')
    assert unfed.index('id="printed"') < unfed.index('id="board"')


def test_a_person_s_pn13_is_read_under_its_own_names(island: BedsideIsland, nurse: Client, kept: str) -> None:
    """Shown as it came, not interpreted: Relève prescribes nothing from it."""
    address = f"/patient/{seal(kept)}/sheet/{seal('P', 'sheet')}/"

    overview, page = plain(nurse, f"/patient/{seal(kept)}/"), plain(nurse, address)

    assert address in overview
    assert "produit" in page
    assert "Furosémide" in page
    assert nurse.get(f"{address}file/").content == PN13


def test_a_sheet_opens_only_where_it_belongs(
    island: BedsideIsland, nurse: Client, enter: Callable[..., Client], kept: str
) -> None:
    """A sheet under the wrong banner is a treatment given to another."""
    stranger = island.patient("2", "202", name="AUBRY")
    nurse = enter(wards=("2140", "4140"))

    assert nurse.get(f"/patient/{seal(stranger)}/sheet/{seal('P', 'sheet')}/").status_code == 404
    assert nurse.get(f"/ward/4140/sheet/{seal('W', 'sheet')}/").status_code == 404
    assert nurse.get("/ward/2140/sheet/AAAA/").status_code == 404


def test_a_ward_s_sheet_does_not_lift_a_cover(
    island: BedsideIsland, nurse: Client, enter: Callable[..., Client], kept: str
) -> None:
    """The print names everybody, the covered one too."""
    island.patient("3", "203", name="PERRIN", confidential="PV1-16 I")
    outside = enter(role="physician", wards=())
    address = f"/ward/2140/sheet/{seal('W', 'sheet')}/"

    board = plain(outside, "/ward/2140/")

    assert "contient un séjour confidentiel" in board
    assert address not in board
    assert outside.get(address).status_code == 404
    assert outside.get(f"{address}file/").status_code == 404
    assert nurse.get(address).status_code == 200


def test_a_sheet_whose_bytes_are_elsewhere_says_so(island: BedsideIsland, nurse: Client, kept: str) -> None:
    """Its entry may still come from another island."""
    island.row(MedicationSheet, id="W", person=None, ward="2140", log="b/1", index=4)

    assert "pas dans le journal de cet îlot" in plain(nurse, f"/ward/2140/sheet/{seal('W', 'sheet')}/")
    assert nurse.get(f"/ward/2140/sheet/{seal('W', 'sheet')}/file/").status_code == 404


@pytest.mark.parametrize(
    "content",
    [
        b"not xml",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        b"<?xml version='1.0'?>" + b" " * 9000 + b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
    ],
)
def test_xml_that_could_hide_something_is_not_opened(content: bytes) -> None:
    """An entity may hold a billion of others."""
    assert elements_of(content) is None
