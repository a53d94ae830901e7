"""What waits for a prescriber's signature in a ward, counted on its board and signed where it is read."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from line_island import MINUTE_MS, NOW_MS, LineIsland, started

from releve.bedside.pages import boards
from releve.departments.prescribing.dose_facts import DoseGiven
from releve.record.acts import draft_of

LIST = "/ward/2140/to-sign/"


@pytest.fixture
def rose(island: LineIsland) -> str:
    """Return the address of a person in bed 201, for whom this ward prescribes here."""
    handle = island.admit("8000201", "MARCHAND", "201")
    island.cut("DPI")
    return handle


def board(client: Client) -> str:
    """Return the ward's board as it is now: nothing tells the cache of a test that its ward changed."""
    boards.clear()
    return client.get("/ward/2140/").content.decode()


def test_a_line_told_by_telephone_stands_on_the_board_until_it_is_signed_from_the_list(
    island: LineIsland, rose: str, enter: Callable[..., Client]
) -> None:
    """A nurse gives on somebody's word; nobody finds that word again a week later without a list."""
    nurse, physician = enter("nurse"), enter("physician")
    assert started(nurse, rose, told_by="Dr Vasseur", read_back="on").status_code == 302

    counted, seen = board(nurse), nurse.get(LIST).content.decode()
    page = physician.get(LIST).content.decode()
    action, place, key = (
        re.search(pattern, page)[1]  # type: ignore[index]
        for pattern in (r'action="(/patient/[^"]+/line/[^"]+)"', r'name="place" value="([^"]+)"',
                        r'name="act_key" value="([^"]+)"')
    )  # fmt: skip
    signed = physician.post(action, {"do": "countersign", "place": place, "act_key": key, "next": LIST})

    assert "1 ligne attend une signature" in counted.replace("\u202f", " ").replace("\u00a0", " ")
    assert "dicté par Dr Vasseur, écrit par Nadia KERVELLA" in seen
    assert 'value="countersign"' not in seen, "a nurse signs no line"
    assert (signed.status_code, signed["Location"]) == (302, LIST)
    assert "attend une signature" not in board(nurse)
    assert "Rien n’attend de signature." in nurse.get(LIST).content.decode()


def test_who_left_is_still_owed_the_signature(
    island: LineIsland, rose: str, enter: Callable[..., Client]
) -> None:
    """What was given on a word stays unsigned for ever if the list follows the beds."""
    nurse = enter("nurse")
    assert started(nurse, rose, told_by="Dr Vasseur", read_back="on").status_code == 302
    island.say(
        "message.hl7v2",
        b"MSH|^~\\&|GAM|CHV|RELEVE||20261121030500||ADT^A03|d1|P|2.5\rEVN||20261121030500\r"
        b"PID|||8000201^^^CHV^PI||MARCHAND^^^^^^L||19450714|F\r"
        b"PV1||I|2140^201^201^CHV||||||||||||||||V8000201|||||||||||||||||||||||||20261120100000|20261121030500\r"
        b"ZBE|MX|20261121030500||INSERT|N|A03|^^^^^^UF^^^2140||H\r",
    )

    page = nurse.get(LIST).content.decode()

    assert "MARCHAND" in page
    assert "sorti" in page


def test_doses_charted_without_reading_the_wristband_are_listed_with_who_and_when(
    island: LineIsland, rose: str, enter: Callable[..., Client]
) -> None:
    """The scan is what keeps a dose from the wrong patient; who answers for the ward must see where it is skipped."""
    line = island.prescribe("8000201", "Furosémide 20 mg", "0300")
    for act, read in (("k1", False), ("k2", True)):
        island.append([draft_of(
            DoseGiven(
                act=act, person="CHV:8000201", ward="2140", function="administer", happened_at=NOW_MS - MINUTE_MS,
                by="nuit", by_name="N. KERVELLA", request=line, label=f"Furosémide {act}", dose_value="20",
                dose_unit="mg", wristband=read,
            )
        )])  # fmt: skip

    page = enter("nurse").get(LIST).content.decode()

    assert "1 sur 2 doses" in page.replace("\u202f", " ").replace("\u00a0", " ")
    assert "Furosémide k1" in page
    assert "N. KERVELLA" in page
    assert "Furosémide k2" not in page
