"""When a line is given: what prescriptions say of hours, changes, replacements and stops."""

from typing import Any

import pytest
from views_table import ViewsTable, hl7

PID = "PID|||8001^^^CHV^PI||MARTIN^Jeanne^^^^^L"
PV1 = "PV1||I|2140^201^P||||||||||||||||V1"
DRUG = "RXE||9245^Paracétamol 1 g^UCD|1||g|CP^Comprimé"
START = "20261120120000"


def rde(at: str, *segments: str, kind: str = "RDE^O11") -> bytes:
    """Return a prescription message said at `at`."""
    return hl7(f"MSH|^~\\&|PRESC|CHV|R|R|{at}||{kind}|{at}|P|2.5|||||FRA|UNICODE UTF-8", PID, PV1, *segments)


def line(views: ViewsTable, columns: str, placer: str = "P1") -> Any:
    """Return columns of one line."""
    (found,) = views.rows(f"SELECT {columns} FROM prescribing_request WHERE placer = %s", [placer])
    return found


@pytest.mark.parametrize(
    ("tq1", "times", "interval"),
    [
        (f"TQ1|1||TID|||||{START}", None, None),
        (f"TQ1|1||TID||||{START}", None, None),
        (f"TQ1|1||Q8H||||{START}", None, 8.0),
        ("TQ1|1||Q8H||||20261120", None, None),
        (f"TQ1|1||Q1J1|0800|||{START}", None, None),
        (f"TQ1|1||BID|0800|||{START}", None, None),
        (f"TQ1|1||BID|0800~2000|||{START}", '["08:00","20:00"]', None),
        (f"TQ1|1||Q1W|0800|||{START}", '["08:00"]', 168.0),
        ("TQ1|1||Q1W|0800", None, None),
        (f"TQ1|1||QAM~QHS|0800~2200|||{START}", '["08:00","22:00"]', None),
        (f"TQ1|1||^^^^6^h||||{START}", None, 6.0),
        (f"TQ1|1||3XJ|0800~1200~2000|||{START}", '["08:00","12:00","20:00"]', None),
    ],
)
def test_only_hours_that_were_named_are_in_the_grid(
    views: ViewsTable, tq1: str, times: str | None, interval: float | None
) -> None:
    """ "Three times a day" is not "every eight hours", "on Mondays at 8" is not "every day at 8"."""
    views.fold([rde("20261120080000", "ORC|NW|P1", tq1, DRUG, "RXR|PO")])

    assert line(views, "times, interval_hours") == (times, interval)
    assert line(views, "schedule_text")[0]


@pytest.mark.parametrize(
    "tq1",
    [f"TQ1|1||ONCE|0800|||{START}", f"TQ1|1||ONCE||||{START}", f"TQ1|1|||0800|||{START}|||||||1"],
)
def test_a_single_dose_is_due_once(views: ViewsTable, tq1: str) -> None:
    """A stat dose that comes back every day at eight is an overdose."""
    views.fold([rde("20261120080000", "ORC|NW|P1", tq1, DRUG, "RXR|PO")])

    start, end = line(views, "start_at, end_at")
    assert end - start == 86_400_000


def test_an_end_is_told_by_a_duration_too(views: ViewsTable) -> None:
    """Five days of antibiotics that never end."""
    views.fold([rde("20261120080000", "ORC|NW|P1", f"TQ1|1||Q8H|||5^D|{START}", DRUG, "RXR|PO")])

    start, end = line(views, "start_at, end_at")
    assert end - start == 5 * 86_400_000


def test_the_older_quantity_timing_says_hours_too(views: ViewsTable) -> None:
    """Version 2.3 senders have no TQ1."""
    drug = f"RXE|1^QID&0800,1200,1800,2200^D5^{START}^^^^au repas|9245^Paracétamol 1 g^UCD|1||g"

    views.fold([rde("20261120080000", "ORC|NW|P1", drug, "RXR|PO")])

    assert line(views, "times, schedule_text")[0] == '["08:00","12:00","18:00","22:00"]'
    start, end = line(views, "start_at, end_at")
    assert end - start == 5 * 86_400_000


def test_doses_that_differ_by_the_hour_are_never_one_dose(views: ViewsTable) -> None:
    """Ten units in the morning and six at night is not ten units twice."""
    views.fold(
        [
            rde(
                "20261120080000", "ORC|NW|P1", f"TQ1|1|10^UI|QAM|0800|||{START}", f"TQ1|2|6^UI|QHS|2000|||{START}",
                "RXE||77^Insuline^UCD|10||UI", "RXR|SC",
            )
        ]
    )  # fmt: skip

    assert line(views, "dose_value, dose_unit, times") == (
        "10 UI (08:00) · 6 UI (20:00)", None, '["08:00","20:00"]',
    )  # fmt: skip


def test_a_dose_that_falls_from_day_to_day_has_no_hours_of_its_own(views: ViewsTable) -> None:
    """The last step of a taper, given from the first day on, is half the treatment."""
    views.fold(
        [
            rde(
                "20261120080000", "ORC|NW|P1", "TQ1|1|40^mg|QD|0800|||20261120080000|20261122080000",
                "TQ1|2|20^mg|QD|0800|||20261122080000|20261124080000", "RXE||78^Prednisone^UCD|40||mg",
            )
        ]
    )  # fmt: skip

    assert line(views, "times, interval_hours, dose_value") == (None, None, "40 mg (08:00) · 20 mg (08:00)")
    assert "08:00" in line(views, "schedule_text")[0]


def test_a_change_replaces_dose_hours_and_end(views: ViewsTable) -> None:
    """An end that was taken away must not stop the treatment."""
    views.fold(
        [
            rde(
                "20261120080000", "ORC|NW|P1", f"TQ1|1||Q6H|0600~1200~1800~0000|||{START}|20261121120000",
                "RXE||9245^Paracétamol^UCD|1|2|g||^À avaler||||||||||||||||20|mL/h", "RXR|PO",
            ),
            rde("20261120090000", "ORC|XO|P1", f"TQ1|1||Q12H||||{START}", "RXE||9245^Paracétamol^UCD|500||mg"),
        ]
    )  # fmt: skip

    assert line(views, "dose_value, dose_unit, times, interval_hours, end_at, rate, note, route_code, status") == (
        "500", "mg", None, 12.0, None, None, None, "PO", "active",
    )  # fmt: skip


def test_a_change_of_a_suspended_line_does_not_resume_it(views: ViewsTable) -> None:
    """Only a resumption resumes; but a line first heard of by a change is there."""
    views.fold(
        [
            rde("20261120080000", "ORC|NW|P1", DRUG, "RXR|PO"),
            rde("20261120090000", "ORC|HR|P1"),
            rde("20261120100000", "ORC|XO|P1", DRUG, "RXR|PO"),
            rde("20261120100000", "ORC|XO|P2", DRUG, "RXR|PO"),
            rde("20261120100000", "ORC|OK|P3", DRUG, "RXR|PO"),
        ]
    )

    assert line(views, "status") == ("suspended",)
    assert line(views, "status", "P2") == ("active",)
    assert line(views, "status", "P3") == ("active",)


@pytest.mark.parametrize(
    ("segments", "states"),
    [
        (("ORC|RP|P1", DRUG, "ORC|RO|P2", DRUG), {"P1": "stopped", "P2": "active"}),
        (("ORC|RU|P1", DRUG, "ORC|RO|P2||||||P1", DRUG), {"P1": "stopped", "P2": "active"}),
        (("ORC|RP|P2||||||P1^PRESC", DRUG), {"P1": "stopped", "P2": "active"}),
        (("ORC|RO|P2||||||P1", DRUG), {"P1": "stopped", "P2": "active"}),
        (("ORC|XX|P1", DRUG), {"P1": "active"}),
        (("ORC|NW|P2||||||P1", DRUG), {"P1": "active", "P2": "active"}),
    ],
)
def test_a_line_that_is_replaced_is_not_given_beside_its_successor(
    views: ViewsTable, segments: tuple[str, ...], states: dict[str, str]
) -> None:
    """Both lines active is a double dose."""
    views.fold([rde("20261120080000", "ORC|NW|P1", DRUG), rde("20261120090000", *segments)])

    assert dict(views.rows("SELECT placer, status FROM prescribing_request")) == states


@pytest.mark.parametrize(
    ("orc15", "extra", "status"),
    [
        ("20261122080000", (), "active"),
        ("20261120085000", (), "stopped"),
        ("", (), "stopped"),
        ("20261122080000", (DRUG,), "active"),
        ("", ("TQ1|1|||||||20261122080000",), "active"),
    ],
)
def test_a_stop_to_come_stops_when_it_comes(
    views: ViewsTable, orc15: str, extra: tuple[str, ...], status: str
) -> None:
    """Stopped tomorrow at eight, tonight's dose is still due."""
    views.fold(
        [
            rde("20261120080000", "ORC|NW|P1", f"TQ1|1||Q6H||||{START}", DRUG),
            rde("20261120090000", f"ORC|DC|P1|||||||20261120090000||||||{orc15}", *extra),
        ]
    )

    found, end = line(views, "status, end_at")
    assert found == status
    if status == "active":
        assert end == 1795330800000


def test_what_is_mixed_in_is_named_with_the_product(views: ViewsTable) -> None:
    """Two grams of potassium in a bag of glucose are what kills, not the glucose."""
    views.fold(
        [
            rde(
                "20261120080000", "ORC|NW|P1", "TQ1|1||C", "RXE||G5^Glucose 5 % 500 mL|500||mL", "RXR|IV",
                "RXC|B|G5^Glucose 5 % 500 mL|500|mL", "RXC|A|KCL^Chlorure de potassium|2|g",
            )
        ]
    )  # fmt: skip

    assert line(views, "label, high_alert") == ("Glucose 5 % 500 mL + Chlorure de potassium 2 g", 1)


def test_a_unit_without_code_is_still_a_unit(views: ViewsTable) -> None:
    """ "500" alone is grams for one reader and milligrams for the next."""
    views.fold([rde("20261120080000", "ORC|NW|P1", "RXE||1^X|500||^mg|^Comprimé", "RXR|^Orale")])

    assert line(views, "dose_value, dose_unit, form, route") == ("500", "mg", "Comprimé", "Orale")


def test_orders_numbered_with_the_null_are_not_one_order(views: ViewsTable) -> None:
    """Two lines under "" would be one line that changes."""
    views.fold([rde("20261120080000", 'ORC|NW|""', DRUG)])

    assert views.rows("SELECT count(*) FROM prescribing_request") == [(0,)]
    assert "ORC[1]-2" in str(views.rows("SELECT reason FROM views_not_understood"))


def ras(at: str, *rxa: str, orc: str | None = "ORC|RE|P1") -> bytes:
    """Return doses charted."""
    return rde(at, *((orc,) if orc else ()), *rxa, kind="RAS^O17")


GIVEN = "RXA|0|1|20261120120000|20261120120000|9245^Paracétamol 1 g|{amount}|g|||^AUMONT^Léa|||||{more}"


@pytest.mark.parametrize(
    ("amount", "more", "status"),
    [
        ("1", "|||||CP", "given"),
        ("1", "", "given"),
        ("0", "", "omitted"),
        ("999", "|||^Refus du patient|", "refused"),
        ("1", "|||||XX", "unknown"),
        ("1", "|||||CP|D", "deleted"),
        ("1", "|||||RE", "refused"),
    ],
)
def test_a_dose_is_only_given_when_that_is_said(
    views: ViewsTable, amount: str, more: str, status: str
) -> None:
    """A refusal read as a dose given is a dose never given."""
    views.fold([ras("20261120120500", GIVEN.format(amount=amount, more=more))])

    assert views.rows("SELECT status FROM prescribing_administration") == [(status,)]


def test_a_dose_sent_again_among_others_is_the_same_dose(views: ViewsTable) -> None:
    """Its place in the message is not its identity: counted twice, it would look like a double dose."""
    one = GIVEN.format(amount="1", more="|||||CP")
    other = one.replace("9245^Paracétamol 1 g", "77^Insuline")

    views.fold([ras("20261120120500", one), ras("20261120120700", other, one)])

    assert views.rows("SELECT label FROM prescribing_administration ORDER BY label") == [
        ("Insuline",), ("Paracétamol 1 g",),
    ]  # fmt: skip


def test_a_dose_charted_without_order_is_kept(views: ViewsTable) -> None:
    """Given before anyone prescribed it: still given."""
    views.fold([ras("20261120120500", GIVEN.format(amount="1", more="|||||CP"), orc=None)])

    assert views.rows("SELECT request, label FROM prescribing_administration") == [(None, "Paracétamol 1 g")]


def _charted(number: str, at: str, more: str) -> str:
    one = GIVEN.format(amount="1", more=f"|||||CP|{more}")
    return one.replace("RXA|0|1|20261120120000|20261120120000", f"RXA|0|{number}|{at}|{at}")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_dose_put_right_to_another_hour_is_one_dose(views: ViewsTable, order: tuple[int, int]) -> None:
    """Charted at noon, given at one: two doses on the grid would keep the next one from her."""
    story = [
        ras("20261120120500", _charted("3", "20261120120000", "A")),
        ras("20261120131000", _charted("3", "20261120130000", "U")),
    ]

    views.fold([story[place] for place in order], batch=1)

    assert views.rows("SELECT given_at, status FROM prescribing_administration ORDER BY given_at") == [
        (1795172400000, "deleted"),
        (1795176000000, "given"),
    ]


def test_a_number_that_every_dose_carries_names_none_of_them(views: ViewsTable) -> None:
    """Many senders write 1 each time: rather both than one taken away wrongly."""
    views.fold(
        [
            ras("20261120080500", _charted("1", "20261120080000", "A")),
            ras("20261120120500", _charted("1", "20261120120000", "A")),
            ras("20261120131000", _charted("1", "20261120130000", "U")),
        ]
    )

    assert views.rows("SELECT DISTINCT status FROM prescribing_administration") == [("given",)]
