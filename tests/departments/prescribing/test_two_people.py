"""Where two people are needed, as the row of the product says it: at the prescription only, at the dose, or both."""

from collections.abc import Callable

import msgspec
from django.test import Client
from dose_forms import open_form
from line_island import FILES, LineIsland, started

from releve.departments.prescribing.formulary import FORMULARY_KIND, FormularyImported, read_formulary
from releve.departments.prescribing.tables import MedicationRequest


def listed(island: LineIsland, where: str) -> None:
    """Put a formulary in force where enoxaparin is checked there."""
    files = FILES | {"formulary.csv": FILES["formulary.csv"].replace(b";;oui", f";;{where}".encode())}
    formulary, problems = read_formulary(files)
    assert formulary is not None, problems
    island.say(FORMULARY_KIND, msgspec.msgpack.encode(FormularyImported(formulary=formulary)))


def test_a_product_checked_at_the_prescription_only_asks_nobody_at_the_bedside(
    island: LineIsland, enter: Callable[..., Client]
) -> None:
    """The hospital decided where two people look; asking twice at night teaches everybody to tick."""
    handle = island.admit("201", "MARTIN^ROSE", "201")
    island.cut("DPI")
    listed(island, "prescription")
    physician, nurse = enter("physician"), enter("nurse")
    line = {
        "choose": "D:LIV0022:0", "dose_value": "4000", "dose_unit": "[iU]", "route_code": "SC", "rhythm": "hours",
        "times": "03:00", "why.high-alert.listed": "Prévention",
    }  # fmt: skip

    alone = started(physician, handle, **line)
    by_two = started(physician, handle, **line, second="nurse1", second_pin="lanterne-22")

    assert alone.status_code == 422
    assert 'name="second"' in alone.content.decode()
    assert by_two.status_code == 302, by_two.content.decode()
    row = MedicationRequest.objects.get()
    assert "second" not in open_form(nurse, handle, None, line=row.id)
    listed(island, "les deux")
    assert "second" in open_form(nurse, handle, None, line=row.id)
