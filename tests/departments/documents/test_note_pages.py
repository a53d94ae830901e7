"""Notes and letters through the pages: templates, signature, addition, paper, hostile text."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from ward_island import HOUR_MS, NOW_MS, WardIsland

from releve.departments.documents.note_rules import TEXT_BYTES_MAX
from releve.departments.documents.note_texts import template_of
from releve.departments.documents.tables import Document, Note
from releve.record.tables import Act


def text_of(answer: Any) -> str:
    """Return the words of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.fixture
def handle(island: WardIsland) -> str:
    """Return somebody in bed 201, while her record is cut."""
    handle = island.admit("8001", "DELORME^Élise", "201")
    island.cut("DPI")
    return handle


def write(client: Client, handle: str, kind: str = "nursing", **said: str) -> Any:
    """Send a note."""
    form = {"act_key": "n1", "title": "Note infirmière", "text": "Chute sans gravité.\nMédecin prévenu."}
    return client.post(f"/patient/{handle}/notes/write/{kind}/", {**form, **said})


def test_a_note_is_signed_by_whoever_records_it(island: WardIsland, nurse: Client, handle: str) -> None:
    """The account of the downtime must say whose words they are."""
    answer = write(nurse, handle)
    page = text_of(nurse.get(f"/patient/{handle}/notes/"))

    assert answer.status_code == 302, text_of(answer)
    said = island.last("note.written.1")
    assert (said["kind"], said["by"], said["by_name"], said["role"]) == (
        "nursing",
        "nurse1",
        "Nadia KERVELLA",
        "nurse",
    )
    assert said["text"] == "Chute sans gravité.\nMédecin prévenu."
    assert said["applications"] == ["DPI"]
    assert "Chute sans gravité." in page
    assert "Nadia KERVELLA , soins infirmiers, 21 nov. 2026 03:10" in page
    assert Act.objects.get().kind == "note.written.1"


def test_a_note_stands_among_the_documents_and_on_the_timeline(nurse: Client, handle: str) -> None:
    """Whoever looks where letters used to be finds it."""
    write(nurse, handle)

    assert list(Document.objects.values_list("type_code", "status", "author")) == [
        ("34746-8", "final", "Nadia KERVELLA")
    ]
    assert "Note infirmière" in text_of(nurse.get(f"/patient/{handle}/"))
    assert "Note infirmière" in text_of(nurse.get(f"/patient/{handle}/timeline/"))


def test_the_headings_are_there_to_write_under(nurse: Client, handle: str) -> None:
    """At three in the morning nobody remembers what a letter must say."""
    page = nurse.get(f"/patient/{handle}/notes/write/nursing/").content.decode()

    assert "Soins et actions\u00a0:" in page
    assert "Signer, Nadia KERVELLA" in page
    assert "que dans cette fenêtre" in page
    # Headings and title are part of what is kept: the hospital's language, whatever the browser's.
    english = nurse.get(f"/patient/{handle}/notes/write/nursing/", headers={"accept-language": "en"})
    assert "Until it is signed" in english.content.decode()
    assert "Soins et actions\u00a0:" in english.content.decode()
    assert 'value="Note infirmière"' in english.content.decode()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"text": ""}, "Écrivez d’abord la note"),
        ({"text": " \n\t "}, "Écrivez d’abord la note"),
        ({"text": template_of("nursing", "fr")}, "Rien n’est encore écrit sous les titres"),
        ({"text": template_of("nursing", "en")}, "Rien n’est encore écrit sous les titres"),
        ({"text": "é" * (TEXT_BYTES_MAX // 2 + 1)}, "Le texte fait 101 ko, et 100 au plus"),
        ({"text": "x" * 10_000_000}, "Le texte fait 10 000 ko"),
        ({"text": "bon\x00jour"}, "nul"),
        ({"title": "t" * 121}, "caractères"),
        ({"happened_at": "25:00"}, "Une heure comme"),
        ({"told_by": "Dr Vasseur"}, "puis cocher"),
        ({"paper": "p" * 41}, "caractères"),
    ],
)
def test_what_is_refused_is_said_at_the_field_and_the_text_is_kept(
    island: WardIsland, nurse: Client, handle: str, said: dict[str, str], words: str
) -> None:
    """A night's letter lost to a form is never written again."""
    answer = write(nurse, handle, **said)

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert "note.written.1" not in island.kinds()
    if "text" not in said:
        assert "Médecin prévenu." in answer.content.decode()


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "'; DROP TABLE documents_note; --",
        "\u202eetêt al à teirporp",
        "😀 مريض",
        "{{ settings.SECRET_KEY }}",
        "a" * 99_000,
    ],
)
def test_hostile_text_is_kept_as_it_was_written_and_harms_nobody(
    island: WardIsland, nurse: Client, handle: str, text: str
) -> None:
    """A note is words, whatever they look like."""
    answer = write(nurse, handle, text=text)
    pages = [
        nurse.get(f"/patient/{handle}/{where}").content.decode() for where in ("notes/", "", "timeline/")
    ]

    assert answer.status_code == 302
    assert island.last("note.written.1")["text"] == text
    assert not any("<script>alert" in page for page in pages)


def test_the_same_note_sent_twice_is_one(island: WardIsland, nurse: Client, handle: str) -> None:
    """A slow page is pressed again by everybody."""
    write(nurse, handle)
    write(nurse, handle)

    assert island.kinds().count("note.written.1") == 1
    assert Note.objects.count() == 1


def test_an_addition_is_signed_by_its_own_author_and_changes_nothing(
    island: WardIsland, nurse: Client, enter: Callable[..., Client], handle: str
) -> None:
    """A signed note that changes is no proof of anything."""
    write(nurse, handle)
    physician = enter("physician", family="VASSEUR", given="Hélène")
    page = physician.get(f"/patient/{handle}/notes/").content.decode()
    link = re.search(r'href="(/patient/[^"]+/notes/[^"/]+/)"', page)
    assert link is not None

    empty = physician.post(link[1], {"act_key": "a1", "text": ""})
    answer = physician.post(link[1], {"act_key": "a1", "text": "Radio demandée."})
    words = text_of(physician.get(link[1]))

    assert empty.status_code == 422
    assert answer.status_code == 302
    assert island.last("note.added.1")["note"] == "n1"
    assert "Chute sans gravité." in words
    assert "Radio demandée. Hélène VASSEUR , médecin" in words
    assert Note.objects.get(act="n1").body == "Chute sans gravité.\nMédecin prévenu."


def test_a_letter_on_paper_names_patient_author_and_hospital(
    nurse: Client, enter: Callable[..., Client], handle: str
) -> None:
    """The letter leaves with the patient; nothing on screen goes with it."""
    physician = enter("physician", family="VASSEUR", given="Hélène")
    text = "Motif du séjour\u00a0:\nFracture du col."
    answer = write(
        physician, handle, "discharge", title="Lettre de sortie", to="Dr Le Goff, Valombre", text=text
    )
    assert answer.status_code == 302, text_of(answer)
    page = physician.get(f"/patient/{handle}/notes/").content.decode()
    link = re.search(r'href="(/patient/[^"]+/print/)"', page)
    assert link is not None

    letter = physician.get(link[1])
    words = text_of(letter)

    for part in ("Centre hospitalier de Valombre", "DELORME Élise", "14 juil. 1945", "8001", "Fracture du col.",
                 "pour Dr Le Goff, Valombre", "Hélène VASSEUR", "Signature manuscrite"):  # fmt: skip
        assert part in words, part
    links = re.findall(r"<nav[^>]*>", letter.content.decode())
    assert [one for one in links if "screen-only" not in one] == [], "nothing but the letter is printed"


def test_each_role_writes_what_is_its_own(enter: Callable[..., Client], handle: str) -> None:
    """An operation report is the surgeon's, and a clerk writes no note."""
    nurse, clerk, physician = enter("nurse", code="n9"), enter("clerk"), enter("physician")

    assert write(nurse, handle, "operation").status_code == 404
    assert write(nurse, handle, "nonsense").status_code == 404
    assert write(clerk, handle, "nursing").status_code == 403
    assert clerk.get(f"/patient/{handle}/notes/").status_code == 200
    assert "operation" in physician.get(f"/patient/{handle}/notes/").content.decode()


def test_while_the_record_answers_notes_are_read_only(island: WardIsland, nurse: Client) -> None:
    """Two places to write are two truths."""
    handle = island.admit("8002", "MARTIN^Paul", "202")

    page = text_of(nurse.get(f"/patient/{handle}/notes/write/nursing/"))
    answer = write(nurse, handle)

    assert "On écrit dans Dossier du patient" in page
    assert answer.status_code == 422
    assert "note.written.1" not in island.kinds()


def test_a_note_of_the_cut_is_taken_after_it_and_marked_late(
    island: WardIsland, enter: Callable[..., Client], handle: str
) -> None:
    """A paper note found the next day is still what happened."""
    island.now_ms += 3 * HOUR_MS
    island.cut("DPI", status="live", at_ms=island.now_ms - 60_000)

    answer = write(enter(), handle, happened_at="21/11/2026 04:00", paper="N-12")

    assert answer.status_code == 302, text_of(answer)
    assert island.last("note.written.1")["late"] is True
    assert island.last("note.written.1")["happened_at"] == NOW_MS + 50 * 60_000


def test_a_note_of_somebody_else_is_no_page_of_this_person(
    island: WardIsland, nurse: Client, handle: str
) -> None:
    """A changed address must not put words in another file."""
    write(nurse, handle)
    other = island.admit("8002", "MARTIN^Paul", "202")
    page = nurse.get(f"/patient/{handle}/notes/").content.decode()
    link = re.search(r'href="/patient/[^"]+/notes/([^"/]+)/"', page)
    assert link is not None

    assert nurse.get(f"/patient/{other}/notes/{link[1]}/").status_code == 404
    assert nurse.get(f"/patient/{other}/notes/{link[1]}/print/").status_code == 404
    assert nurse.get(f"/patient/{other}/notes/write/").status_code == 404


def test_a_note_in_the_wrong_file_is_withdrawn_by_its_author_and_stays_readable(
    island: WardIsland, nurse: Client, enter: Callable[..., Client], handle: str
) -> None:
    """The neighbour's fall must not stand in her record, and nobody may make words vanish."""
    write(nurse, handle)
    page = nurse.get(f"/patient/{handle}/notes/").content.decode()
    link = re.search(r'href="(/patient/[^"]+/notes/[^"/]+/)"', page)
    assert link is not None
    other = enter(code="other")

    other.post(link[1], {"act_key": "w0", "text": "Non.", "withdraws": "on"})
    assert Note.objects.get(act="n1").withdrawn_by is None, "another nurse adds, and withdraws nothing"
    island.now_ms += 60_000
    answer = nurse.post(link[1], {"act_key": "w1", "text": "Mauvais dossier.", "withdraws": "on"})

    assert answer.status_code == 302
    assert island.last("note.added.1")["withdraws"] is True
    assert Note.objects.get(act="n1").withdrawn_by == "w1"
    words = text_of(nurse.get(f"/patient/{handle}/notes/"))
    assert "retirée" in words
    assert "Chute sans gravité." in words
    assert Document.objects.get(number="n1").status == "cancelled"
