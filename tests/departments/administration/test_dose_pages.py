"""Doses given, not given and put right, on the grid of a person's page."""

import pytest
from django.test import Client
from dose_forms import THREE, open_form
from dose_island import MINUTE_MS, NOW_MS, DoseIsland


@pytest.fixture
def patient(island: DoseIsland) -> str:
    """Return the address of a person of 2140 with furosemide due at 03:00, while the application is down."""
    handle = island.admit("8000201", "DELORME", "201")
    island.prescribe("8000201", "Furosémide", "0300", "0900", "1500", "2100", code="3400893766521")
    island.cut(at_ms=NOW_MS - 23 * MINUTE_MS)
    return handle


def test_a_dose_given_shows_at_once_with_its_real_hour(
    island: DoseIsland, nurse: Client, patient: str
) -> None:
    """The next nurse looks at the grid, not at the person who charted."""
    page = nurse.get(f"/patient/{patient}/grid/").content.decode()
    assert "Furosémide" in page
    assert "Donner" in page

    answer = nurse.post(f"/patient/{patient}/dose/", open_form(nurse, patient) | {"what": "given"})

    assert answer.status_code == 302
    (dose,) = island.doses()
    assert (dose.status, dose.dose_value, dose.dose_unit, dose.due_at, dose.given_at, dose.by) == (
        "given", "20", "mg", THREE, NOW_MS, "Nadia KERVELLA",
    )  # fmt: skip
    after = nurse.get(answer["Location"]).content.decode()
    assert "slot--given" in after
    assert "dose donnée" in after, "given or not given: the receipt says which"
    assert "03:10" in after
    assert "Doses qui attendent" not in after
