"""A dose, a stop or an answer that names an order only by a number which two orders share."""

from bedside_island import MINUTE, NOW_MS, BedsideIsland
from django.test import Client

from releve.departments.prescribing.tables import MedicationAdministration, MedicationRequest
from releve.web.opaque import seal


def test_a_dose_of_one_of_two_lines_is_asked_about_on_both(island: BedsideIsland, nurse: Client) -> None:
    """Shown on neither, it is given again; shown as given on both, one of them is forgotten."""
    person = island.patient("8000412301", "201")
    for placer in ("P1^DPI", "P1^REA"):
        island.drug(person, f"Amoxicilline {placer[-3:]}", placer=placer, times=["03:00"])
    island.row(
        MedicationAdministration, id=f"{person}/P1/A", person=person, request=f"{person}/P1", label="Amoxicilline",
        given_at=NOW_MS - 8 * MINUTE, status="given",
    )  # fmt: skip
    island.heard("PRESC", NOW_MS)

    grid = nurse.get(f"/patient/{seal(person)}/grid/").content.decode()

    table = grid[grid.index("<table") : grid.index("</table>")]
    assert table.count("slot--ask") == 2
    assert "slot--given" not in table
    assert table.count("deux demandes portent ce numéro") >= 2


def test_a_stop_of_one_of_two_lines_is_said_on_both_and_stops_neither(
    island: BedsideIsland, nurse: Client
) -> None:
    """Nobody here may choose which of the two was meant; whoever reads them can ask."""
    person = island.patient("8000412301", "201")
    for placer in ("P1^DPI", "P1^REA"):
        island.drug(person, f"Amoxicilline {placer[-3:]}", placer=placer, times=["09:00"])
    island.drug(person, "Furosémide", placer="P2^DPI", times=["09:00"])
    island.row(MedicationRequest, id=f"{person}/P1", person=person, placer="P1", status="stopped")

    page = nurse.get(f"/patient/{seal(person)}/").content.decode()

    assert page.count("Un arrêt a été reçu sous ce numéro") == 2
    assert page.count("Amoxicilline DPI") >= 1
    assert set(MedicationRequest.objects.exclude(label=None).values_list("status", flat=True)) == {"active"}
