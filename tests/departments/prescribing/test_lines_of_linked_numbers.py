"""Lines of a patient who has several numbers, or a visit that was another's: they are hers, and acts on them count."""

from collections.abc import Callable

from django.test import Client
from line_island import HOUR_MS, NOW_MS, LineIsland, act, address, place, the_line

from releve.departments.prescribing.tables import MedicationRequest

Enter = Callable[..., Client]


def hear_adt(island: LineIsland, trigger: str, *segments: str) -> None:
    """Say an identity message of eleven o'clock."""
    text = "\r".join(
        (
            f"MSH|^~\\&|GAM|CHV|RELEVE||20261120110000||ADT^{trigger}|{trigger}|P|2.5",
            "EVN||20261120110000",
            *segments,
        )
    )
    island.say("message.hl7v2", f"{text}\r".encode())


def test_a_line_of_a_visit_moved_to_another_patient_is_stopped_from_her_page(
    island: LineIsland, enter: Enter
) -> None:
    """It stands on her board and her grid: whoever wants it stopped must not be told that it is not there."""
    island.admit("203", "KERVRAN^ANNE", "203")
    island.prescribe("203", "Furosémide", "0900", code="LIV0030")
    handle = island.admit("204", "KERVRAN^ANNA", "204")
    hear_adt(island, "A44", "PID|||204^^^CHV^PI||KERVRAN^ANNA", "MRG|203^^^CHV^PI||V203")
    island.cut("DPI", at_ms=NOW_MS - HOUR_MS)
    physician = enter("physician")
    assert physician.get(address(handle, the_line())).status_code == 200

    act(physician, handle, "stop", reason="other", note="pas pour elle")
    assert the_line().status == "stopped"

    other = island.admit("205", "LE GOFF^YANN", "205")
    assert physician.get(address(other, the_line())).status_code == 404


def test_a_page_opened_before_a_merge_acts_on_the_line_that_stands(island: LineIsland, enter: Enter) -> None:
    """Two numbers became one patient while the page was open: what is stopped is what is given."""
    handle = island.admit("203", "KERVRAN^ANNE", "203")
    island.prescribe("206", "Furosémide", "0900", code="LIV0030", placer="P6")
    before = the_line()
    hear_adt(island, "A40", "PID|||203^^^CHV^PI||KERVRAN^ANNE", "MRG|206^^^CHV^PI")
    island.prescribe(
        "203", "Furosémide", "0900", code="LIV0030", placer="P6", control="XO", at="20261120120000"
    )
    island.cut("DPI", at_ms=NOW_MS - HOUR_MS)
    standing = MedicationRequest.objects.get()
    assert (before.id, standing.id) == ("CHV:206/P6", "CHV:203/P6")

    enter("physician").post(
        address(handle, before),
        {
            "do": "stop",
            "place": place(standing),
            "act_key": "key-of-stop-before",
            "reason": "other",
            "note": "x",
        },
    )

    assert MedicationRequest.objects.get().status == "stopped"
