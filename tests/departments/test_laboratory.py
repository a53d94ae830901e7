"""Results as the laboratory said them, and which of them stands."""

import pytest
from views_table import ViewsTable, hl7

from releve.departments.laboratory.standing import standing

PID = "PID|||8001^^^CHV^PI||MARTIN^Jeanne^^^^^L"


def oru(at: str, *obx: str, status: str = "F", sender: str = "SGL") -> bytes:
    """Return a report of potassium said at `at`."""
    return hl7(
        f"MSH|^~\\&|{sender}|CHV|R|R|{at}||ORU^R01|{at}|P|2.5|||||FRA|UNICODE UTF-8",
        PID, "PV1||I|2140^201^P||||||||||||||||V1", "ORC|RE|D1|L1",
        f"OBR|1|D1|L1|IONO^Ionogramme^L|||20261120063000|||||||||||||||20261120080000||CH|{status}", *obx,
    )  # fmt: skip


def potassium(value: str, flag: str = "", status: str = "F") -> str:
    """Return an OBX."""
    return f"OBX|1|NM|2823-3^Potassium^LN||{value}|mmol/L|3.5-5.1|{flag}|||{status}|||20261120063000||^BIO^LOGISTE"


def test_a_result_keeps_the_laboratory_s_digits_unit_and_range(views: ViewsTable) -> None:
    """ "4.0" is a precision, not a mistake."""
    views.fold([oru("20261120080000", potassium("4.0"))])

    assert views.rows(
        "SELECT value, number, unit, range, flag, status, current, sampled_at, request FROM laboratory_result"
    ) == [("4.0", 4.0, "mmol/L", "3.5-5.1", None, "final", 1, 1795152600000, "D1")]


def test_a_correction_stands_and_says_what_it_replaced(views: ViewsTable) -> None:
    """A nurse who saw 6.4 must be told it was 4.6."""
    views.fold(
        [
            oru("20261120080000", potassium("6.4", "HH")),
            oru("20261120090000", potassium("4.6", "N", "C"), status="C"),
        ]
    )

    assert views.rows("SELECT value, status, current, previous FROM laboratory_result ORDER BY stamp") == [
        ("6.4", "final", 0, None),
        ("4.6", "corrected", 1, "6.4"),
    ]


def test_a_correction_that_arrives_first_still_stands(views: ViewsTable) -> None:
    """Wires do not keep order; EVN and MSH times do."""
    views.fold(
        [
            oru("20261120090000", potassium("4.6", "N", "C"), status="C"),
            oru("20261120080000", potassium("6.4", "HH")),
        ]
    )

    assert views.rows("SELECT value FROM laboratory_result WHERE current") == [("4.6",)]


@pytest.mark.parametrize(
    ("sign", "flag"),
    [
        ("HH", "critical-high"),
        ("LL", "critical-low"),
        ("H~HH", "critical-high"),
        ("", None),
        ("N", "normal"),
        ("A", "abnormal"),
    ],
)
def test_flags_are_those_of_the_laboratory(views: ViewsTable, sign: str, flag: str | None) -> None:
    """No flag sent is not "normal"."""
    views.fold([oru("20261120080000", potassium("6.4", sign))])

    assert views.rows("SELECT flag FROM laboratory_result") == [(flag,)]


def test_comments_belong_to_the_result_before_them(views: ViewsTable) -> None:
    """ "Hémolysé" changes how a potassium is read."""
    views.fold([oru("20261120080000", potassium("6.4"), "NTE|1||Hémolysé", "NTE|2||À contrôler")])

    assert views.rows("SELECT note FROM laboratory_result") == [("Hémolysé\nÀ contrôler",)]


def test_a_report_answers_its_request(views: ViewsTable) -> None:
    """What is still awaited is on the board; what came is not."""
    order = hl7(
        "MSH|^~\\&|DEM|CHV|R|R|20261120060000||OML^O21|1|P|2.5", PID, "PV1||I|2140^201^P||||||||||||||||V1",
        "ORC|NW|D1||||||||||^BON^Anne", "TQ1|1||||||20261120063000||R", "OBR|1|D1||IONO^Ionogramme^L",
    )  # fmt: skip
    views.fold([order])
    assert views.rows("SELECT status, label, requester, priority FROM record_service_request") == [
        ("requested", "Ionogramme", "BON Anne", "R")
    ]

    views.fold([oru("20261120080000", potassium("4.0"))])

    assert views.rows("SELECT status, department FROM record_service_request") == [
        ("completed", "laboratory")
    ]


def test_the_last_report_stands_whatever_the_order_given() -> None:
    """Derivation reads a set, not a sequence."""
    assert standing([("b", 2, "4.6"), ("a", 1, "6.4")]) == ("b", "6.4")
    assert standing([("a", 1, "6.4")]) == ("a", None)
    assert standing([("a", 1, "6.4"), ("b", 2, "6.4")]) == ("b", None)
