"""Which checks of doses a hospital switches on: by a named person, with a second one where it says so, here only."""

import html
from collections.abc import Callable

import msgspec
import pytest
from django.test import Client
from line_island import HOUR_MS, NOW_MS, PASSWORD, LineIsland, started

from releve.departments.prescribing.formulary_now import switched_in_force
from releve.departments.prescribing.hospital_fold import CHECKS_KIND, ChecksEnabled
from releve.departments.prescribing.tables import MedicationRequest
from releve.journal.entry import Draft

Enter = Callable[..., Client]


@pytest.fixture
def rose(island: LineIsland) -> str:
    """Return the address of somebody in bed 201, while the record is cut."""
    handle = island.admit("201", "MARTIN^ROSE", "201")
    island.cut("DPI", at_ms=NOW_MS - HOUR_MS)
    return handle


def test_checks_are_switched_on_by_a_named_person_and_two_people_then_confirm(
    island: LineIsland, rose: str, enter: Enter
) -> None:
    """The hospital answers for them, by a name that each form shows."""
    nurse, physician, pharmacist = enter("nurse"), enter("physician"), enter("pharmacist", family="ROLLAND")
    everything = {
        "checks": ["allergy", "high-alert", "duplicate", "tenfold", "limits"], "second_at": "both",
        "note": "COMEDIMS du 12 juin 2026",
    }  # fmt: skip
    assert pharmacist.post("/prescribing/checks/", everything).status_code == 422
    assert nurse.post("/prescribing/checks/", {**everything, "answers": "on"}).status_code == 403
    assert pharmacist.post("/prescribing/checks/", {**everything, "answers": "on"}).status_code == 302
    assert "ROLLAND" in nurse.get("/prescribing/checks/").content.decode()
    over = started(physician, rose, dose_value="10")
    assert over.status_code == 422
    assert "Livret 2026" in over.content.decode()
    heparin = {
        "choose": "D:LIV0022:0", "dose_value": "4000", "dose_unit": "[iU]", "route_code": "SC", "rhythm": "hours",
        "times": "20", "interval": "", "why.high-alert.listed": "Relu ensemble",
    }  # fmt: skip
    alone = started(physician, rose, **heparin)
    assert alone.status_code == 422
    assert not MedicationRequest.objects.exists()
    wrong = started(physician, rose, **heparin, second="nurse1", second_pin="wrong")
    assert wrong.status_code == 422
    assert not MedicationRequest.objects.exists()
    both = started(physician, rose, **heparin, second="nurse1", second_pin=PASSWORD)
    assert both.status_code == 302
    (body,) = island.bodies("prescription.started.1")
    assert body["second"] == "nurse1"
    assert "limits" not in str(body["checked"])


def test_a_choice_of_checks_made_on_another_island_is_shown_and_does_not_count(
    island: LineIsland, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who moves from one island to the other believes that what warned her there warns her here."""
    for room in ("departments.prescribing.formulary_now", "hospital.standing"):
        monkeypatch.setattr(f"releve.{room}.own_origin", lambda: "a")
    said = ChecksEnabled(
        checks=("limits",), second_at="both", by="x", by_name="Paul ROLLAND", note="COMEDIMS du 12 juin 2026"
    )
    island.hear(Draft(kind=CHECKS_KIND, body=msgspec.msgpack.encode(said), source="web"), "b")

    page = html.unescape(enter("pharmacist").get("/prescribing/checks/").content.decode())

    assert "Sur cet îlot seulement." in page
    assert "L’îlot B a décidé autrement" in page
    assert "Paul ROLLAND, 21 nov. 2026 03:10. Activé là-bas\u00a0: Dose" in page
    assert "limits" not in switched_in_force().checks
