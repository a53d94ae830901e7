"""What the hand-over tells of each bed: what comes next, and what was to come and did not."""

import re

import pytest
from bedside_island import MINUTE, NOW_MS, BedsideIsland
from django.test import Client

from releve.record.tables import ServiceRequest
from screens import words_of


@pytest.mark.parametrize("hour", ["09:00", "01:00"])
def test_the_hand_over_names_a_dose_and_says_how_many_more_there_are(
    island: BedsideIsland, nurse: Client, hour: str
) -> None:
    """Read as the only one, it is the only one that the next shift gives."""
    person = island.patient("1")
    island.drug(person, times=[hour])
    alone = nurse.get("/ward/2140/handover/").content.decode()
    island.drug(person, "Lévétiracétam 500 mg", placer="P2", times=[hour])
    island.changed("2140")

    page = nurse.get("/ward/2140/handover/").content.decode()

    assert hour in page
    assert "1 autre" in page
    assert "1 autre" not in alone


def test_what_was_planned_for_an_hour_gone_by_says_so(island: BedsideIsland, nurse: Client) -> None:
    """At midnight "22:40" alone is read as the coming evening, and the examination that did not take place is lost."""
    for number, bed, label, minutes in (
        ("1", "201", "Coronarographie", -115),
        ("2", "202", "Échographie", 40),
    ):
        person = island.patient(number, bed, name=f"NOM{number}")
        island.row(
            ServiceRequest, id=f"R{number}", person=person, status="requested", label=label, department="imaging",
            planned_at=NOW_MS + minutes * MINUTE,
        )  # fmt: skip

    board, sheet = (words_of(nurse.get(f"/ward/2140/{page}")) for page in ("", "handover/"))

    assert re.search("01:15 *Coronarographie, +il y a 1 h 55", board)
    assert "01:15 Coronarographie, il y a 1 h 55" in sheet
    assert re.search("03:50 *Échographie(?!,)", board)
    assert re.search("03:50 Échographie(?!,)", sheet)
