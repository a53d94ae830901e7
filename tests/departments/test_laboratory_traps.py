"""Results that are easy to lose, to merge or to misread."""

from typing import Any

import pytest
from views_table import ViewsTable, hl7

PID = "PID|||8001^^^CHV^PI||MARTIN^Jeanne^^^^^L"
OBR = "OBR|1|D1|L1|IONO^Ionogramme^L|||20261120063000|||||||||||||||20261120080000||CH|F"
K = "OBX|{rank}|NM|2823-3^Potassium^LN|{sub}|{value}|mmol/L|3.5-5.1|{flag}|||{status}|||{at}"


def oru(at: str, *segments: str) -> bytes:
    """Return a report said at `at`."""
    return hl7(f"MSH|^~\\&|SGL|CHV|R|R|{at}||ORU^R01|{at}|P|2.5|||||FRA|UNICODE UTF-8", PID, *segments)


def k(
    value: str, status: str = "F", *, rank: int = 1, sub: str = "", flag: str = "", at: str = "20261120063000"
) -> str:
    """Return a potassium."""
    return K.format(rank=rank, sub=sub, value=value, flag=flag, status=status, at=at)


def current(views: ViewsTable, columns: str = "value") -> list[Any]:
    """Return what stands."""
    found = views.rows(f"SELECT {columns} FROM laboratory_result WHERE current ORDER BY sample, series")
    return [row[0] if len(row) == 1 else row for row in found]


def test_a_result_grows_from_preliminary_to_corrected_within_one_second(views: ViewsTable) -> None:
    """Senders write no fractions of seconds: the last state stands all the same."""
    at = "20261120080000"
    views.fold([oru(at, OBR, k("4.6", "C")), oru(at, OBR, k("6.4", "P")), oru(at, OBR, k("6.3"))])

    assert current(views, "value, status, previous") == [("4.6", "corrected", "6.3")]


@pytest.mark.parametrize(("value", "status"), [("", "X"), ("", "D"), ("6.4", "W"), ('""', "F")])
def test_a_result_taken_back_stands_no_longer(views: ViewsTable, value: str, status: str) -> None:
    """And no longer alarms: it was the neighbour's blood."""
    views.fold(
        [
            oru("20261120080000", OBR, k("6.4", flag="HH")),
            oru("20261120090000", OBR, k(value, status, flag="HH")),
        ]
    )

    assert current(views, "status, flag") == [("cancelled", None)]


def test_the_same_measure_twice_in_a_report_is_two_results(views: ViewsTable) -> None:
    """Before and two hours after glucose; and a correction of both corrects both."""
    views.fold([oru("20261120080000", OBR, k("4.1"), k("5.9", rank=2, at="20261120083000"))])
    assert current(views) == ["4.1", "5.9"]

    views.fold([oru("20261120090000", OBR, k("4.2", "C"), k("5.8", "C", rank=2, at="20261120083000"))])

    assert current(views, "value, previous") == [("4.2", "4.1"), ("5.8", "5.9")]


def test_the_parts_of_a_culture_are_kept_apart(views: ViewsTable) -> None:
    """OBX-4 tells the first germ's antibiogram from the second's."""
    mic = "OBX|{0}|{1}|18906-8^Ciprofloxacine^LN|{2}|{3}||||||F"
    views.fold(
        [
            oru("20261120080000", OBR, mic.format(1, "NM", 1, "0.5"), mic.format(2, "NM", 2, "8"),
                mic.format(3, "ST", 1, "S"), mic.format(4, "ST", 2, "R"))
        ]
    )  # fmt: skip

    assert sorted(current(views)) == ["0.5", "8", "R", "S"]


def test_a_result_without_request_is_still_a_result(views: ViewsTable) -> None:
    """A blood gas analyser sends no OBR: its potassium must not be lost."""
    views.fold([oru("20261120080000", k("6.9", flag="HH", at=""))])

    assert current(views, "value, flag, sampled_at") == [("6.9", "critical-high", 1795158000000)]


def test_a_comment_instead_of_a_value_is_shown(views: ViewsTable) -> None:
    """ "Clotted" means: take it again."""
    views.fold([oru("20261120080000", OBR, k(""), "NTE|1||Échantillon coagulé", k("", rank=2))])

    assert current(views, "value, note") == [(None, "Échantillon coagulé")]


@pytest.mark.parametrize(
    ("kind", "value", "text", "number"),
    [
        ("SN", ">^100", ">100", 100.0),
        ("SN", "^1^:^128", "1:128", None),
        ("CE", "POS^Positif^L", "Positif", None),
        ("CWE", "A^Escherichia coli~B^Klebsiella", "Escherichia coli, Klebsiella", None),
        ("CWE", "^^^^^^^^Texte libre", "Texte libre", None),
        ("NM", "1,5", "1,5", 1.5),
        ("NM", "nan", "nan", None),
        ("NM", "inf", "inf", None),
    ],
)
def test_values_keep_what_was_reported(
    views: ViewsTable, kind: str, value: str, text: str, number: float | None
) -> None:
    """Only numbers are plotted; everything else is words."""
    views.fold([oru("20261120080000", OBR, f"OBX|1|{kind}|X^X^L||{value}||||||F")])

    assert current(views, "value, number") == [(text, number)]


def test_a_unit_of_nothing_is_no_unit(views: ViewsTable) -> None:
    """Two quotes are not a unit to print."""
    views.fold([oru("20261120080000", OBR, 'OBX|1|NM|X^X^L||4|""|""|h|||F')])

    assert current(views, "unit, range, flag") == [(None, None, "high")]


@pytest.mark.parametrize(
    ("state", "status"), [("F", "completed"), ("A", "in-progress"), ("P", "in-progress"), ("X", "cancelled")]
)
def test_a_request_is_answered_when_all_of_it_is(views: ViewsTable, state: str, status: str) -> None:
    """Half a report is still awaited."""
    views.fold([oru("20261120080000", OBR[:-1] + state, k("4.0"))])

    assert views.rows("SELECT status FROM record_service_request") == [(status,)]


def test_panels_under_one_order_are_awaited_one_by_one(views: ViewsTable) -> None:
    """Under ORC-2 alone the second would hide the first."""
    order = hl7(
        "MSH|^~\\&|DEM|CHV|R|R|20261120060000||OML^O21|1|P|2.5", PID, "ORC|NW|D1", "OBR|1|D1||IONO^Ionogramme^L",
        "OBR|2|D2||NFS^Hémogramme^L",
    )  # fmt: skip
    views.fold([order])

    assert views.rows("SELECT placer, label FROM record_service_request ORDER BY placer") == [
        ("D1", "Ionogramme"), ("D2", "Hémogramme"),
    ]  # fmt: skip


def test_two_examinations_under_one_number_are_both_read(views: ViewsTable) -> None:
    """Skull and abdomen in one report: neither text may hide the other."""
    obr = "OBR|{0}|D1|R1|{1}^{1}^L|||20261120063000|||||||||||||||20261120080000||RAD|F"
    views.fold(
        [
            oru("20261120080000", obr.format(1, "Crâne"), "OBX|1|TX|T^T^L||Pas de fracture", obr.format(2, "Abdomen"),
                "OBX|1|TX|T^T^L||Épanchement")
        ]
    )  # fmt: skip

    assert views.rows("SELECT label, body FROM imaging_report") == [
        ("Crâne, Abdomen", "Pas de fracture\n\nÉpanchement")
    ]


def test_a_result_of_a_person_merged_later_is_found_under_both(views: ViewsTable) -> None:
    """Nothing is moved: the link leads to it."""
    from views_table import adt

    views.fold(
        [
            oru("20261120080000", OBR, k("6.4")),
            adt("A40", "20261120090000", "PID|||8009^^^CHV^PI", "MRG|8001^^^CHV^PI"),
        ]
    )

    assert views.rows(
        "SELECT p.cluster FROM laboratory_result r JOIN record_person p ON p.id = r.person"
    ) == [("CHV:8009",)]
