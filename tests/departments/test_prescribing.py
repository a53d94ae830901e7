"""Medication lines and doses as prescribed and charted."""

import pytest
from views_table import ViewsTable, hl7

from releve.departments.prescribing.highalert import is_high_alert
from releve.departments.prescribing.timing import read_pattern

PID = "PID|||8001^^^CHV^PI||MARTIN^Jeanne^^^^^L"
PV1 = "PV1||I|2140^201^P||||||||||||||||V1"


def rde(at: str, *segments: str, kind: str = "RDE^O11") -> bytes:
    """Return a prescription message said at `at`."""
    return hl7(f"MSH|^~\\&|PRESC|CHV|R|R|{at}||{kind}|{at}|P|2.5|||||FRA|UNICODE UTF-8", PID, PV1, *segments)


LINE = (
    "ORC|NW|P1|||||||20261120080000|||^LACOMBE^Inès",
    "TQ1|1||Q6H|0600~1200~1800~0000|||20261120120000|20261125120000||si douleur",
    "RXE|^^^20261120|9245^Paracétamol 1 g^UCD|1||g|CP^Comprimé|^À avaler",
    "RXR|PO^Voie orale",
)


def test_a_line_says_dose_route_hours_and_who_prescribed(views: ViewsTable) -> None:
    """This is what a nurse gives from when the screen is dark."""
    views.fold([rde("20261120080000", *LINE)])

    assert views.rows(
        "SELECT id, label, dose_value, dose_unit, route, form, times, interval_hours, as_needed, condition, status, "
        "prescriber, start_at, end_at FROM prescribing_request"
    ) == [
        (
            "CHV:8001/P1", "Paracétamol 1 g", "1", "g", "Voie orale", "Comprimé", '["00:00","06:00","12:00","18:00"]',
            6.0, 0, "si douleur", "active", "LACOMBE Inès", 1795172400000, 1795604400000,
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("control", "status"),
    [("HD", "suspended"), ("DC", "stopped"), ("CA", "cancelled"), ("RL", "active"), ("XO", "active")],
)
def test_a_change_of_state_keeps_what_the_line_said(views: ViewsTable, control: str, status: str) -> None:
    """Stopping a line does not erase its dose: one must still read what was given."""
    views.fold([rde("20261120080000", *LINE), rde("20261120090000", f"ORC|{control}|P1")])

    assert views.rows("SELECT label, dose_value, status FROM prescribing_request") == [
        ("Paracétamol 1 g", "1", status)
    ]


def test_an_order_without_product_is_listed(views: ViewsTable) -> None:
    """A line without a name cannot be given, and must not disappear."""
    views.fold([rde("20261120080000", "ORC|NW|P1")])

    assert views.rows("SELECT reason FROM views_not_understood") == [
        ("ORC[1]: expected RXE or RXO with the product",)
    ]


def test_the_same_dose_sent_twice_is_one_dose(views: ViewsTable) -> None:
    """Senders repeat what was not acknowledged in time."""
    ras = rde(
        "20261120120500",
        "ORC|RE|P1",
        "RXA|0|1|20261120120000|20261120120000|9245^Paracétamol 1 g|1|g|||^AUMONT^Léa||||||||||CP",
        kind="RAS^O17",
    )

    views.fold([ras, ras.replace(b"20261120120500|P", b"20261120120600|P")])

    assert views.rows(
        "SELECT request, status, dose_value, dose_unit, by FROM prescribing_administration"
    ) == [("CHV:8001/P1", "given", "1", "g", "AUMONT Léa")]


def test_a_dose_not_given_says_why(views: ViewsTable) -> None:
    """An omission without reason is read as a forgotten dose."""
    rxa = "RXA|0|1|20261120120000|20261120120000|9245^Paracétamol 1 g|999||||^AUMONT^Léa||||||||^Patient à jeun||NA"

    views.fold([rde("20261120120500", "ORC|RE|P1", rxa, kind="RAS^O17")])

    assert views.rows("SELECT status, reason, dose_value FROM prescribing_administration") == [
        ("omitted", "Patient à jeun", None)
    ]


def test_a_pattern_that_is_not_known_gives_no_hours() -> None:
    """Hours are never invented."""
    timing = read_pattern("MATIN ET SOIR")

    assert (timing.known, timing.interval_hours) == (False, None)


@pytest.mark.parametrize(
    "label", ["INSULINE asparte", "Énoxaparine 4000 UI", "Chlorure de potassium 600 mg", "Méthotrexate"]
)
def test_medicines_that_two_people_check_are_marked(label: str) -> None:
    """The list of events that must never happen."""
    assert is_high_alert(label)
