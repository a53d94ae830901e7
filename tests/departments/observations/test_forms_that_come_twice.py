"""Two sheets of one number are keyed in: the second is noticed, both stay, and a person is told to compare them."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from ward_island import HOUR_MS, MINUTE_MS, WardIsland

from releve.codecs.identifiers.made_here import form_number
from releve.departments.observations.facts import ObservationCharted
from releve.departments.observations.tables import Chart
from releve.record.acts import draft_of
from releve.record.paper_copied import paper_doubts_of_ward

LIST = "/ward/2140/to-sign/"
SHEET = form_number("A", 417)
SIGNS = {"pulse": "88", "respiratory_rate": "16"}


def text_of(answer: Any) -> str:
    """Return the words of a page, with plain blanks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.fixture
def two(island: WardIsland) -> tuple[str, str]:
    """Return two persons of the ward, while their record is cut."""
    handles = island.admit("8001", "DELORME^Élise", "201"), island.admit("8002", "PETIT^Rosa", "202")
    island.cut("DPI")
    return handles


def keyed(client: Client, handle: str, paper: str, key: str) -> str:
    """Key in a sheet of vital signs; return what the next page says of it."""
    answer = client.post(
        f"/patient/{handle}/observations/chart/", {**SIGNS, "act_key": key, "paper": paper}, follow=True
    )
    assert answer.status_code == 200, text_of(answer)
    found = re.search(r'<div class="saved".*?</div>', answer.content.decode(), re.S)
    assert found
    return re.sub(r"\s+", " ", found[0])


def test_a_second_sheet_of_one_number_is_told_to_who_keys_it_in_and_to_everybody_after_her(
    island: WardIsland, nurse: Client, two: tuple[str, str]
) -> None:
    """A saved file of forms is printed twice: what was written for one patient must not pass for another's."""
    assert "numéro de formulaire" not in keyed(nurse, two[0], SHEET, "k1")
    island.now_ms += 5 * MINUTE_MS

    told = keyed(nurse, two[1], "a 417", "k2")

    assert "figure aussi chez un autre patient" in told
    assert Chart.objects.count() == 2, "both are kept"
    for handle in two:
        page = text_of(nurse.get(f"/patient/{handle}/"))
        assert f"Formulaire papier {SHEET}" in page
        assert "saisi pour deux patients" in page
    listed = text_of(nurse.get(LIST))
    assert "Formulaires papier à comparer" in listed
    assert SHEET in listed
    assert "DELORME" in listed
    assert "PETIT" in listed


def test_a_sheet_keyed_in_by_one_person_at_one_time_raises_nothing(
    island: WardIsland, nurse: Client, two: tuple[str, str]
) -> None:
    """A form has many lines: each is an act with the same number, and a list that cries wolf is not read."""
    for number in range(3):
        island.now_ms += 10 * MINUTE_MS
        assert "numéro de formulaire" not in keyed(nurse, two[0], SHEET, f"k{number}")

    assert "à comparer" not in text_of(nurse.get(LIST))
    assert "Formulaire papier" not in text_of(nurse.get(f"/patient/{two[0]}/"))


@pytest.mark.parametrize("later", ["another person", "an hour later"])
def test_one_patient_s_form_keyed_in_at_two_times_is_shown_too(
    island: WardIsland, enter: Callable[..., Client], two: tuple[str, str], later: str
) -> None:
    """Two copies of one form about one patient double what was given; only the sheets themselves can tell."""
    keyed(enter("nurse"), two[0], SHEET, "k1")
    island.now_ms += MINUTE_MS if later == "another person" else HOUR_MS + MINUTE_MS
    second = enter("midwife") if later == "another person" else enter("nurse")

    assert "a déjà été saisi" in keyed(second, two[0], SHEET, "k2")
    assert "saisi en deux fois" in text_of(second.get(LIST))


def test_linked_numbers_of_one_person_are_one_person(
    island: WardIsland, nurse: Client, two: tuple[str, str]
) -> None:
    """Somebody admitted twice has one sheet under two numbers."""
    from django.db import connections

    keyed(nurse, two[0], SHEET, "k1")
    keyed(nurse, two[1], SHEET, "k2")
    assert [one.why for one in paper_doubts_of_ward("2140", since_ms=0)] == [("persons",)]

    connections["fold"].cursor().execute("UPDATE record_person SET cluster = 'CHV:8001'")

    assert paper_doubts_of_ward("2140", since_ms=0) == []


def test_a_number_with_a_wrong_digit_is_kept_and_told(
    island: WardIsland, nurse: Client, two: tuple[str, str]
) -> None:
    """Care is not held up for a number on paper; whoever has the sheet in hand can still read it again."""
    wrong = SHEET.replace("417", "471")

    assert "ne correspond pas à sa clé" in keyed(nurse, two[0], wrong, "k1")
    listed = text_of(nurse.get(LIST))
    assert wrong in listed
    assert "sa clé ne correspond pas" in listed


def test_a_patient_of_another_ward_is_not_named_on_the_list(
    island: WardIsland, enter: Callable[..., Client], two: tuple[str, str]
) -> None:
    """The list says where to ask; who lies there is for that ward."""
    keyed(enter("nurse"), two[0], SHEET, "k1")
    other = ObservationCharted(
        act="k9", person="CHV:7000", ward="4140", function="observe", happened_at=island.now_ms, by="ailleurs",
        by_name="A. AILLEURS", paper=SHEET, values=(),
    )  # fmt: skip
    island.append([draft_of(other)])

    listed = text_of(enter("nurse").get(LIST))

    assert "un patient de SSR" in listed
    assert "A. AILLEURS" in listed


def test_what_was_keyed_before_stands_beside_the_form_before_the_next_sheet_is_confirmed(
    island: WardIsland, nurse: Client, two: tuple[str, str]
) -> None:
    """The same sheet again, or a second one: only who holds the paper can tell, and before she saves."""
    chart = f"/patient/{two[0]}/observations/"
    assert "Déjà saisi pour ce patient" not in text_of(nurse.get(chart))
    keyed(nurse, two[0], SHEET, "k1")
    island.now_ms += 5 * MINUTE_MS
    nurse.post(
        f"/patient/{two[0]}/observations/chart/",
        {**SIGNS, "act_key": "k2", "happened_at": "02:11"},
        follow=True,
    )

    page = text_of(nurse.get(chart))

    assert "2 déjà saisis" in page, "seen while the fold is closed"
    assert f"formulaire {SHEET} : fait 03:10, saisi 03:10 par" in page.replace("\u00a0", " ")
    assert "sans numéro de formulaire : fait 02:11, saisi 03:15 par" in page.replace("\u00a0", " ")
    # Nobody else's, no other sort's, and not for ever.
    assert "déjà saisi" not in text_of(nurse.get(f"/patient/{two[1]}/observations/"))
    assert "déjà saisi" not in text_of(nurse.get(f"/patient/{two[0]}/notes/"))
    island.now_ms += 13 * HOUR_MS
    assert "déjà saisi" not in text_of(nurse.get(chart))
