"""What is wrong in a file that is brought: said with file, line and column before anything is recorded."""

import io
import re
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from restoration_island import RestorationIsland

from screens import words_of

BRING = "/restoration/catalogue/bring/"


@pytest.fixture
def sheets(begun: RestorationIsland, technician: Client) -> dict[str, str]:
    """Return the catalogue as the page gives it out, by file."""
    packed = technician.get("/restoration/file/catalogue.zip").content
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}


def brought(client: Client, **files: bytes) -> str:
    """Return the words of the page that says what these files bring."""
    sent = [SimpleUploadedFile(name.replace("_csv", ".csv"), data) for name, data in files.items()]
    return words_of(client.post(BRING, {"from": "file", "file": sent}))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Recopier les images;60;", "Recopier les images;-60;", "tasks.csv, ligne 2, work_hours : "),
        ("scan;;30;;1 sys", "scan;;30;;1 plombier", "tasks.csv, ligne 3, team : "),
        ("P1;PACS;restore", "P1;NULLE-PART;restore", "tasks.csv, ligne 2, application : "),
        ("SGL;rebuild;;24;;", "SGL;rebuild;;24;SG;", "tasks.csv, ligne 6, after : "),
    ],
)
def test_what_a_file_would_break_is_said_where_it_stands(
    sheets: dict[str, str], technician: Client, old: str, new: str, said: str
) -> None:
    """Found under *To correct* a day later, nobody knows any more which of four hundred lines it was."""
    assert old in sheets["tasks.csv"]

    words = brought(technician, tasks_csv=sheets["tasks.csv"].replace(old, new).encode())

    assert said in words
    assert re.search(r"\d points? serai(en)?t à corriger", words)


def test_a_file_that_changes_nothing_says_so(sheets: dict[str, str], technician: Client) -> None:
    """A sheet opened and saved must not pass for a thousand lines changed."""
    words = brought(technician, tasks_csv=sheets["tasks.csv"].encode())

    assert "rien ne diffère" in words


def test_a_file_of_absences_alone_is_of_the_people_that_stand(
    begun: RestorationIsland, technician: Client
) -> None:
    """Dates are typed as people write them; whoever is away to the 5th is away on the 5th."""
    away = "person;from_hour;to_hour\np1;01/12/2026;05/12/2026\np2;31/02/2026;12\nmartin;0;24\n"

    words = brought(technician, absences_csv=away.encode())

    assert "personne 0 1 0" in words
    assert "absences.csv, ligne 2 : to_hour : un jour sans heure ; lu comme sa fin" in words
    assert "absences.csv, ligne 3 : from_hour : attendu un nombre entier d’heures, ou une date" in words
    assert "absences.csv, ligne 4 : person : attendu un identifiant qui figure dans people.csv" in words


def test_of_a_person_named_twice_the_first_line_is_kept_and_the_second_said(
    sheets: dict[str, str], technician: Client
) -> None:
    """Which of two lines was meant nobody can guess; the last one must not win in silence."""
    lines = sheets["people.csv"].splitlines()
    twice = [*lines, lines[1].replace(";", ";Autre ", 1)]

    words = brought(technician, people_csv="\n".join(twice).encode())

    assert f"people.csv, ligne {len(lines) + 1} : id : attendu chaque identifiant une fois" in words
    assert "rien ne diffère" in words


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("equipe.xlsx", b"PK\x03\x04", "enregistrez chacune de ses feuilles en CSV"),
        ("catalogue.zip", b"PK\x03\x04", "Cette archive ne se lit pas"),
        ("conges.ics", b"BEGIN:VCALENDAR", "Un agenda (iCalendar) s’apporte sous Équipes et moyens"),
        ("cas.json", b"{cas", "Ce fichier n’est pas lu : attendu un cas (JSON)"),
        ("cas.json", b'{"starts_at": 3}', "starts_at : attendu une date et une heure"),
        ("plan.xml", b"<?xml version='1.0'?><Project><Tasks>", "ligne 1 : attendu un XML entier"),
        ("plan.xml", b"<a/>", "ligne 1 : attendu un projet dans le XML de Microsoft Project"),
    ],
)
def test_a_file_that_is_none_of_those_that_are_read_is_refused_in_french(
    begun: RestorationIsland, technician: Client, name: str, data: bytes, said: str
) -> None:
    """ "JSON is malformed" tells a head of department nothing about his workbook."""
    assert said in brought(technician, **{name: data})


def test_the_archive_that_is_given_out_comes_back_as_it_is(
    begun: RestorationIsland, technician: Client
) -> None:
    """Nobody should have to unpack eighteen files to bring them back."""
    packed = technician.get("/restoration/file/catalogue.zip").content

    assert "rien ne diffère" in brought(technician, **{"catalogue.zip": packed})
