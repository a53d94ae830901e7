"""The packs as they lie: listed, opened by those in charge, asked for by an act."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from crisis_island import Island
from django.test import Client

from releve.crisis.packs import document_path
from releve.hospital.map import Directory
from releve.paper.facts import FormsTaken, PacksRequested
from releve.paper.forms import FormCopy
from releve.paper.lying import give_back_forms, lying_forms, remember_forms, taken_forms

Enter = Callable[[str], Client]
PDF = b"%PDF-1.7 a pack"


def text_of(answer: Any) -> str:
    """Return the words of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.fixture
def folder(island: Island) -> Path:
    """Return the packs of one ward, as the press leaves them."""
    folder = island.data / "packs"
    folder.mkdir()
    for end in ("1-couverture", "2-feuilles", "3-formulaires", "4-recu-1"):
        (folder / f"UF2110-{end}.pdf").write_bytes(PDF)
    kept = {
        "digest": "",
        "file": "UF2110-2-feuilles.pdf",
        "file_sha256": "",
        "pages": 41,
        "set_at": "",
        "set_as": "",
    }
    (folder / "manifest.json").write_bytes(msgspec.json.encode({"wards": {"2110": kept}}))
    return folder


def test_each_ward_says_what_lies_ready(island: Island, enter: Enter, folder: Path) -> None:
    """A ward that has no pack must know it before the cut, not after."""
    page = enter("nkervella").get("/packs/")

    words = text_of(page)
    assert "1 prêt sur 4 services" in words
    assert re.search(r"Orthopédie 2110 \S.* 41 couverture", words)
    assert "impression reçue 1" in words
    assert words.count("jamais préparé") == 3
    assert "Poste de soins" in words
    assert words.index("Mes services") < words.index("Orthopédie") < words.index("Les autres services")


def test_a_pack_is_opened_by_its_ward_and_the_crisis_cell(island: Island, enter: Enter, folder: Path) -> None:
    """It names everybody, confidential stays too."""
    address = "/packs/2110/UF2110-2-feuilles.pdf"

    for code, status in (("nkervella", 200), ("ylegoff", 200), ("mollivier", 403), ("andiaye", 403)):
        answer = enter(code).get(address)
        assert answer.status_code == status, code
        if status == 200:
            assert b"".join(answer.streaming_content) == PDF
            assert answer["Content-Type"] == "application/pdf"
            assert answer["Cache-Control"] == "no-store, private"
    assert Client().get(address).status_code == 302


@pytest.mark.parametrize(
    "name",
    [
        "manifest.json",
        "UF2120-2-feuilles.pdf",
        "UF2110-5-autre.pdf",
        "UF2110-4-recu-.pdf",
        "..%2Fkeys%2Fa-1.key",
        "UF2110-1-couverture.pdf.exe",
    ],
)
def test_nothing_but_the_ward_s_documents_can_be_named(
    island: Island, enter: Enter, folder: Path, name: str
) -> None:
    """The address of a file is where folders are climbed out of."""
    assert enter("nkervella").get(f"/packs/2110/{name}").status_code == 404
    assert document_path(folder, "2110", "../keys/UF2110-1-couverture.pdf") is None


def test_printing_now_is_an_act_that_the_packs_process_reads(island: Island, enter: Enter) -> None:
    """The page only asks: paper comes out of another process, which may be busy or dead."""
    client = enter("nkervella")

    answer = client.post("/packs/print/", {"ward": "2110", "act_key": "k"}, follow=True)
    client.post("/packs/print/", {"ward": "2110", "act_key": "k"})

    assert island.kinds().count("paper.requested.1") == 1
    assert island.last(PacksRequested) == PacksRequested(wards=("2110",), printer="ward", by="nkervella")
    assert "classeur demandé : Orthopédie" in text_of(answer)


def test_only_those_who_answer_for_all_wards_print_them_all(island: Island, enter: Enter) -> None:
    """Thirty packs are a ream of paper and a long time without a printer."""
    assert enter("nkervella").post("/packs/print/", {}).status_code == 403
    assert enter("nkervella").post("/packs/print/", {"ward": "2120"}).status_code == 403
    assert enter("ylegoff").post("/packs/print/", {"ward": "9999"}).status_code == 404
    assert enter("mollivier").post("/packs/print/", {}).status_code == 302
    assert island.last(PacksRequested).wards == ()


def test_the_page_says_what_the_press_is_doing(island: Island, enter: Enter) -> None:
    """Whoever waits for paper must know whether to go on waiting."""
    client = enter("ylegoff")
    silent = text_of(client.get("/packs/"))
    state = {
        "state": "setting",
        "at_ms": island.now_ms,
        "done": 2,
        "total": 4,
        "problems": ["2120: no printer answers"],
    }
    (island.data / "runtime" / "packs.json").write_bytes(msgspec.json.encode(state))

    words = text_of(client.get("/packs/"))

    assert "Rien ne prépare de classeurs sur cet îlot" in silent
    assert "2 services sur 4 préparés" in words
    assert "2120: no printer answers" in words


FORMS = "UF2110-3-formulaires.pdf"
TAKE = "/packs/2110/forms/"


@pytest.fixture
def forms(folder: Path) -> Path:
    """Return the forms of the ward, of which two lie ready under their numbers."""
    path = folder / FORMS
    copies = tuple(FormCopy(code="RX1", number=f"A-00041{n}") for n in (7, 8))
    remember_forms(path, copies, pages=2, language="fr")
    return path


def test_the_numbers_of_the_forms_flow_with_the_words_of_their_button(
    island: Island, enter: Enter, forms: Path
) -> None:
    """Parts of a button laid side by side lose their spaces, and push a phone's page sideways."""
    page = enter("nkervella").get("/packs/").content.decode()

    (button,) = re.findall(
        r'<button class="btn btn--small" type="submit">(<span>Prendre les formulaires.*?)</button>', page
    )

    assert button.startswith("<span>")
    assert (
        re.sub(r"<span(?: [^>]*)?>[^<]*</span>", "", button[len("<span>") : -len("</span>")]).count("<") == 0
    )


def test_forms_are_given_once_and_never_under_the_same_numbers(
    island: Island, enter: Enter, forms: Path
) -> None:
    """Two sheets with one number: what comes back from the ward could belong to either patient."""
    nurse, cell = enter("nkervella"), enter("ylegoff")
    before = text_of(nurse.get("/packs/"))

    given = nurse.post(TAKE, {"act_key": "k"})
    again = nurse.post(TAKE, {"act_key": "k"}, follow=True)
    by_another = cell.post(TAKE, {"act_key": "other"})
    after = text_of(nurse.get("/packs/"))

    assert "Prendre les formulaires A-000417 à A-000418" in before
    assert "aucun formulaire prêt" in after
    assert (given.status_code, given.content) == (200, PDF)
    assert given["Content-Disposition"] == f'attachment; filename="{FORMS}"'
    assert "formulaires déjà remis" in text_of(again)
    assert by_another.status_code == 422
    assert "Aucun formulaire prêt" in text_of(by_another)
    assert not forms.exists()
    taken = island.last(FormsTaken)
    assert (taken.ward, taken.first, taken.last, taken.by) == ("2110", "A-000417", "A-000418", "nkervella")
    assert island.kinds().count("paper.forms-taken.1") == 1


def test_an_address_of_forms_kept_in_a_browser_gives_no_numbers(
    island: Island, enter: Enter, forms: Path
) -> None:
    """A page opened yesterday and opened again today would print yesterday's numbers a second time."""
    answer = enter("nkervella").get(f"/packs/2110/{FORMS}")

    assert (answer.status_code, answer["Location"]) == (302, "/packs/")
    assert forms.exists()


def test_forms_are_taken_by_those_who_may_open_the_pack(island: Island, enter: Enter, forms: Path) -> None:
    """Whoever takes the forms of another ward leaves that ward without any."""
    for code in ("mollivier", "andiaye"):
        assert enter(code).post(TAKE, {"act_key": "k"}).status_code == 403
    assert enter("ylegoff").post("/packs/9999/forms/", {"act_key": "k"}).status_code == 404
    assert forms.exists()


def test_only_the_first_who_asks_has_the_forms(forms: Path) -> None:
    """A printer and a person ask at the same second: the same numbers would come out of both."""
    with taken_forms(forms) as first, taken_forms(forms) as second:
        assert first is not None
        assert second is None
        give_back_forms(first, forms)
    assert lying_forms(forms, language="fr") is not None
    with taken_forms(forms) as taken:
        assert taken is not None
    assert not list(forms.parent.glob(".taken-*"))


def test_the_overview_counts_the_wards_that_have_a_pack(
    island: Island, enter: Enter, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ "4 packs of 1 ward", where wards have a pack and no bed: whoever reads that looks for what is broken."""
    every = Directory.beds_of
    monkeypatch.setattr(Directory, "beds_of", lambda self, ward: every(self, ward) if ward == "2110" else ())
    for ward in ("2120", "3110", "3120"):
        (folder / f"UF{ward}-1-couverture.pdf").write_bytes(PDF)

    words = text_of(enter("nkervella").get("/hospital/")).replace("\u00a0", " ")

    assert "4 classeurs prêts sur 4 services, le plus ancien à" in words
