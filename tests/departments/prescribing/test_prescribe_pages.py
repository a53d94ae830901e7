"""A line prescribed here: found, signed, on the board, in the grid, on the patient's page."""

from collections.abc import Callable

import msgspec
import pytest
from django.test import Client
from line_island import NOW_MS, LineIsland, started

from releve.departments.prescribing.tables import MedicationRequest
from releve.paper.gather import gather

Enter = Callable[..., Client]


@pytest.fixture
def rose(island: LineIsland) -> str:
    """Return the address of somebody in bed 201, while the record is cut."""
    handle = island.admit("201", "MARTIN^ROSE", "201")
    island.cut("DPI")
    return handle


def test_a_common_line_is_found_chosen_and_signed_and_shows_everywhere(
    island: LineIsland, rose: str, enter: Enter
) -> None:
    """That is what a physician comes for at three in the morning."""
    physician = enter("physician")
    found = physician.post(f"/patient/{rose}/prescribe/", {"step": "find", "q": "paracet"})
    assert "Paracétamol 1 g" in found.content.decode()
    chosen = physician.post(f"/patient/{rose}/prescribe/", {"step": "choose", "choose": "D:LIV0001:0"})
    assert chosen.status_code == 200
    answer = started(physician, rose)
    assert answer.status_code == 302
    row = MedicationRequest.objects.get()
    assert (row.label, row.dose_value, row.dose_unit, row.interval_hours) == (
        "Paracétamol 1 g",
        "1",
        "g",
        6.0,
    )
    assert row.placer.startswith("RLV")
    assert row.source == "releve"
    assert row.status == "active"
    page = physician.get(answer["Location"].split("#")[0]).content.decode()
    assert "Paracétamol 1 g" in page
    assert "saisi ici" in page
    grid = physician.get(f"/patient/{rose}/grid/").content.decode()
    assert "Paracétamol 1 g" in grid
    assert physician.get("/ward/2140/").status_code == 200


def test_the_pack_says_that_a_line_was_entered_here_and_waits_for_a_signature(
    island: LineIsland, rose: str, enter: Enter
) -> None:
    """Paper leaves the ward; who gives by it must know what nobody signed."""
    assert started(enter("nurse"), rose, told_by="Dr Vasseur", read_back="on").status_code == 302
    pack = gather(now_ms=NOW_MS, wards={"2140"}).ward("2140", pack_id="P", printed_ms=NOW_MS).pack
    told = msgspec.json.encode(pack).decode()
    assert "Paracétamol 1 g" in told
    assert "saisi ici · SIGNATURE ATTENDUE" in told
