"""The hand-over of a ward and a note of a person as PDF: what the screen says, every sign, in both languages."""

import re
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest
from django.test import Client
from ward_island import WardIsland

from releve.paper.bedside_sheets import _unparted
from releve.paper.set_sheet import set_sheet
from releve.paper.typeset import TypesetError

# A sign no font draws, a script that runs the other way, a control sign: each must be seen to have been there.
HOSTILE = "Rappeler 😀 le fils שלום\nà 18 h\x07 : dose 2.5 mg <script>"


@pytest.fixture
def handle(island: WardIsland) -> str:
    """Return somebody in bed 201, while her record is cut."""
    handle = island.admit("8001", "DELORME^Élise", "201")
    island.cut("DPI")
    return handle


def words_of(answer: Any) -> str:
    """Return the words of a PDF on one line."""
    assert answer.status_code == 200, answer.status_code
    assert answer["Content-Type"] == "application/pdf"
    assert b"pdfuaid" in answer.content, "PDF/UA: read aloud too"
    pages = pypdfium2.PdfDocument(answer.content)
    text = "\n".join(page.get_textpage().get_text_range() for page in pages)
    return re.sub(r"\s+", " ", text)


def test_the_hand_over_comes_out_as_a_sheet_with_every_sign(
    nurse: Client, enter: Callable[..., Client], island: WardIsland, handle: str
) -> None:
    """A browser that prints badly, or none at hand: the shift that comes still reads what the one before wrote."""
    nurse.post(f"/ward/2140/handover/{handle}/", {"act_key": "h1", "text": HOSTILE, "place": ""})
    page = nurse.get("/ward/2140/handover/").content.decode()

    answer = nurse.get("/ward/2140/handover.pdf")
    words = words_of(answer)

    assert "/ward/2140/handover.pdf" in page
    assert "handover.pdf" in answer["Content-Disposition"]
    assert "Feuille de relève" in words
    assert "DELORME" in words
    assert "⟦U+1F600⟧" in words
    assert "⟦U+05E9⟧" in words
    assert "⟦U+0007⟧" in words
    assert "dose 2.5 mg <script>" in words
    assert "Nadia KERVELLA" in words
    assert enter("clerk", code="c1").get("/ward/9999/handover.pdf").status_code in (302, 404)


def test_a_figure_is_never_parted_from_its_unit() -> None:
    """“Acide acétylsalicylique 75” at the end of a line is read as it stands."""
    assert (
        _unparted("12:00 Aspirine 75 mg, toutes les 2 h")
        == "12:00\u00a0Aspirine 75\u00a0mg, toutes les 2\u00a0h"
    )


def test_words_longer_than_a_page_go_on_overleaf(nurse: Client, handle: str) -> None:
    """What falls off the lower edge is what the night did not know."""
    long = "\n".join(f"m{n}" for n in range(360))
    nurse.post(f"/ward/2140/handover/{handle}/", {"act_key": "h1", "text": long, "place": ""})

    words = words_of(nurse.get("/ward/2140/handover.pdf"))

    assert [n for n in range(360) if f"m{n}" not in words] == []


def test_a_note_comes_out_as_a_letter_with_who_signed_and_what_was_added(nurse: Client, handle: str) -> None:
    """The letter leaves with the patient: what was added after it was signed must leave with it."""
    nurse.post(
        f"/patient/{handle}/notes/write/nursing/", {"act_key": "n1", "title": "Transfert", "text": HOSTILE}
    )
    page = nurse.get(f"/patient/{handle}/notes/").content.decode()
    one = re.search(rf'"(/patient/{re.escape(handle)}/notes/(?!write)[^/"]+/)"', page)
    assert one is not None
    nurse.post(one[1], {"act_key": "n2", "text": "Famille prévenue."})
    note = nurse.get(one[1]).content.decode()

    words = words_of(nurse.get(f"{one[1]}file/"))

    assert f"{one[1]}file/" in note
    assert "Transfert" in words
    assert "DELORME" in words
    assert "8001" in words
    assert "⟦U+1F600⟧" in words
    assert "Nadia KERVELLA, soins infirmiers, 21 nov. 2026 03:10" in words
    assert words.index("Ajouté ensuite") < words.index("Famille prévenue.")


def test_paper_speaks_the_language_of_the_hospital_whoever_prints_it(nurse: Client, handle: str) -> None:
    """The sheet a volunteer from abroad prints is read by the next shift, and the label by the laboratory."""
    nurse.post("/choose/", {"language": "en", "next": "/"})
    english = {"accept-language": "en"}

    handover = words_of(nurse.get("/ward/2140/handover.pdf", headers=english))
    labels = words_of(nurse.get(f"/patient/{handle}/labels/sheet/", headers=english))

    assert "Hand-over" in nurse.get("/ward/2140/handover/").content.decode()
    assert "Feuille de relève" in handover
    assert "Changé pendant ce poste" in handover
    assert "Allergies non renseignées" in handover
    assert "Planche de 48 étiquettes" in labels
    assert "Femme" in labels


def test_a_sheet_that_cannot_be_set_leads_to_the_page_that_prints(
    nurse: Client, handle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error page at three in the morning is no hand-over."""

    def fails(*_: object, **__: object) -> bytes:
        raise TypesetError("handover: expected a page that closes")

    monkeypatch.setattr("releve.paper.set_sheet.typeset", fails)

    answer = nurse.get("/ward/2140/handover.pdf")

    assert (answer.status_code, answer["Location"]) == (302, "/ward/2140/handover/")
    with pytest.raises(TypesetError):
        set_sheet("handover", {}, language="fr")
