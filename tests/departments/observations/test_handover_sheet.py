"""The hand-over of a ward: what changed, what is due, the nurse's words, who took over; two who write at once."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from ward_island import HOUR_MS, NOW_MS, WardIsland

from releve.departments.observations.tables import Handover


def text_of(answer: Any) -> str:
    """Return the words of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.fixture
def handle(island: WardIsland) -> str:
    """Return somebody in bed 201, while her record is cut."""
    handle = island.admit("8001", "DELORME^Élise", "201")
    island.admit("8002", "MARTIN^Paul", "202")
    island.cut("DPI")
    return handle


def say(client: Client, handle: str, text: str, *, key: str = "h1", place: str = "") -> Any:
    """Write the words about one patient."""
    return client.post(f"/ward/2140/handover/{handle}/", {"act_key": key, "text": text, "place": place})


def place_on(page: str) -> list[str]:
    """Return what the forms of a page say that was read."""
    return re.findall(r'name="place"(?: value="([^"]*)")?', page)


def test_the_words_are_read_by_the_next_shift_with_who_and_when(
    island: WardIsland, nurse: Client, enter: Callable[..., Client], handle: str
) -> None:
    """What was said in a corridor is lost by the coffee machine."""
    answer = say(nurse, handle, "Surveiller la diurèse.\nFamille prévenue.")
    island.now_ms += 4 * HOUR_MS

    page = text_of(enter(code="day").get("/ward/2140/handover/"))

    assert answer.status_code == 302, text_of(answer)
    assert island.last("handover.written.1")["shift"] == "2026-11-20/night"
    assert "Surveiller la diurèse. Famille prévenue." in page
    assert "Nadia KERVELLA, 03:10" in page
    assert "Nuit" in page, "in its first hour the next shift reads what changed in the one before"


def test_taking_over_names_who_read_what(
    island: WardIsland, nurse: Client, enter: Callable[..., Client], handle: str
) -> None:
    """Only what was on her screen was read; words written after it are not."""
    say(nurse, handle, "Surveiller la diurèse.")
    assert "je prends la relève" not in text_of(nurse.get("/ward/2140/handover/")), "not from herself"
    day = enter(code="day", family="PETIT", given="Anne")
    page = day.get("/ward/2140/handover/").content.decode()
    read = re.findall(r'name="read" value="([^"]+)"', page)

    answer = day.post("/ward/2140/handover/take/", {"act_key": "t1", "read": [*read, "invented"]})
    after = text_of(day.get("/ward/2140/handover/"))
    said = island.last("handover.taken.1")

    assert answer.status_code == 302
    assert [(one["person"], one["about"]) for one in said["persons"]] == [("CHV:8001", "h1")]
    assert "Relève prise par Anne PETIT, 03:10" in after
    newer = say(
        nurse,
        handle,
        "Autre chose.",
        key="h2",
        place=place_on(nurse.get("/ward/2140/handover/").content.decode())[0],
    )
    assert newer.status_code == 302
    assert "Relève prise" not in text_of(day.get("/ward/2140/handover/"))


def test_words_that_nobody_took_over_say_so(nurse: Client, enter: Callable[..., Client], handle: str) -> None:
    """An empty place is not seen at seven in the morning; two words are."""
    before = text_of(nurse.get("/ward/2140/handover/"))
    assert "pas encore prise" not in before, "nothing was written"
    assert "rien d’écrit ici" in before
    say(nurse, handle, "Surveiller la diurèse.")
    page = nurse.get("/ward/2140/handover/")
    assert "03:10. Relève pas encore prise" in text_of(page)

    read = re.findall(
        r'name="read" value="([^"]+)"', enter(code="day").get("/ward/2140/handover/").content.decode()
    )
    enter(code="day2").post("/ward/2140/handover/take/", {"act_key": "t1", "read": read})

    assert "pas encore prise" not in text_of(nurse.get("/ward/2140/handover/"))


def test_two_who_write_at_once_see_each_other_and_lose_nothing(
    island: WardIsland, nurse: Client, handle: str
) -> None:
    """The second to save must read the first before her words stand."""
    before = place_on(nurse.get("/ward/2140/handover/").content.decode())[0]
    say(nurse, handle, "Premier texte.", key="h1", place=before)

    refused = say(nurse, handle, "Second texte.", key="h2", place=before)
    page = refused.content.decode()
    again = say(nurse, handle, "Les deux.", key="h3", place=place_on(page)[0])

    assert refused.status_code == 422
    assert "Quelqu’un a écrit entre-temps" in text_of(refused)
    assert "Premier texte." in page
    assert "Second texte." in page
    assert again.status_code == 302
    assert Handover.objects.filter(kind="written").count() == 2


def test_the_sheet_says_what_changed_and_what_is_due(island: WardIsland, nurse: Client, handle: str) -> None:
    """The next shift wants the news, not the file."""
    signs = {
        "act_key": "k1", "respiratory_rate": "22", "spo2": "94", "oxygen": "air", "systolic": "105", "pulse": "112",
        "consciousness": "A", "temperature": "38.4",
    }  # fmt: skip
    nurse.post(f"/patient/{handle}/observations/chart/", signs)
    note = {"act_key": "n1", "title": "Chute du lit", "text": "Sans gravité."}
    nurse.post(f"/patient/{handle}/notes/write/nursing/", note)

    page = text_of(nurse.get("/ward/2140/handover/"))

    assert "NEWS2 7 (03:10)" in page
    assert "1 acte saisi ici" in page
    assert "Chute du lit" in page
    assert "rien de saisi ici" in page, "of the neighbour nothing is invented"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Écrivez quelque chose"),
        ("x" * 2001, "caractères"),
        ("a\x00b", "nul"),
        ("   ", "Écrivez quelque chose"),
    ],
)
def test_what_cannot_stand_is_refused_at_the_field(
    island: WardIsland, nurse: Client, handle: str, text: str, words: str
) -> None:
    """A line of the sheet is short, or nobody reads it."""
    answer = say(nurse, handle, text)

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert "handover.written.1" not in island.kinds()


def test_hostile_words_are_only_words(nurse: Client, handle: str) -> None:
    """The sheet is printed and pinned to a wall."""
    say(nurse, handle, "<script>alert(1)</script> \u202e 😀")

    page = nurse.get("/ward/2140/handover/").content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_the_sheet_is_read_only_while_the_record_answers(island: WardIsland, nurse: Client) -> None:
    """Two places to write are two truths."""
    handle = island.admit("8001", "DELORME^Élise", "201")

    assert "On écrit dans Dossier du patient" in text_of(nurse.get("/ward/2140/handover/"))
    assert say(nurse, handle, "Bonjour.").status_code == 422
    assert nurse.post("/ward/2140/handover/take/", {"read": "h1"}).status_code == 422


def test_a_patient_of_another_ward_is_not_on_this_sheet(
    island: WardIsland, nurse: Client, enter: Callable[..., Client], handle: str
) -> None:
    """Words in the wrong ward's hand-over are read by nobody."""
    answer = nurse.post(f"/ward/4140/handover/{handle}/", {"act_key": "h1", "text": "Bonjour."})

    assert answer.status_code in (302, 404), "asked for a reason, or not found: never recorded"
    assert "handover.written.1" not in island.kinds()
    assert say(enter("clerk"), handle, "Bonjour.").status_code == 403


def test_words_of_the_cut_found_on_paper_are_taken_afterwards_and_marked(
    island: WardIsland, handle: str, enter: Callable[..., Client]
) -> None:
    """The sheet of the night was written by hand; the application is back before anybody types it."""
    island.now_ms = NOW_MS + 3 * HOUR_MS
    island.cut("DPI", status="live", at_ms=NOW_MS + HOUR_MS)
    nurse = enter()
    address = f"/ward/2140/handover/{handle}/"

    closed = nurse.get("/ward/2140/handover/").content.decode()
    opened = nurse.get("/ward/2140/handover/?late=1").content.decode()
    now = say(nurse, handle, "Surveiller la diurèse")
    then = nurse.post(
        address,
        {
            "act_key": "h2",
            "text": "Surveiller la diurèse",
            "place": "",
            "happened_at": "03:30",
            "paper": "F-3",
        },
    )

    assert address not in closed
    assert "?late=1" in closed
    assert address in opened
    assert (now.status_code, then.status_code) == (422, 302)
    assert island.last("handover.written.1")["late"]


def test_a_drug_she_must_not_have_is_not_read_as_one_she_is_given(island: WardIsland, nurse: Client) -> None:
    """Beside the bed and the reason, the bare name of an antibiotic is taken for her treatment."""
    island.admit("8003", "PEREZ", "203", extra="AL1|1|DA|^Amoxicilline|SV\rAL1|2|DA|^Sulfamides\r")

    page = text_of(nurse.get("/ward/2140/handover/"))

    assert "Allergique à Amoxicilline , Sulfamides" in page
    assert "Allergique à AMOXICILLINE, SULFAMIDES" in str(_paper_rows(nurse))


def _paper_rows(client: Client) -> Any:
    """Return the rows of the sheet as PDF, as its template takes them."""
    from releve.paper import bedside_sheets

    taken: list[Any] = []
    before = bedside_sheets.set_sheet
    bedside_sheets.set_sheet = lambda template, data, **more: taken.append(data) or b"%PDF"  # type: ignore[assignment]
    try:
        assert client.get("/ward/2140/handover.pdf").status_code == 200
    finally:
        bedside_sheets.set_sheet = before
    return taken
