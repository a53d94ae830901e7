"""Where a visit is, from its movements."""

from pathlib import Path

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from views_table import SITUATION, ViewsTable, adt

from releve.record.whereabouts import Step, place_of

PID = "PID|||8001^^^CHV^PI||MARTIN^Jeanne^^^^^L||19450714|F"


def step(number: str, event: str, at: int, ward: str | None = None, status: str = "active") -> Step:
    """Return one movement."""
    return Step(
        number=number, event=event, status=status, happened_at=at, stamp=at, ward=ward, room="1", bed="P"
    )


def pv1(place: str) -> str:
    """Return a PV1 at this place."""
    return f"PV1||I|{place}||||||||||||||||V1"


STORY = [
    step("1", "A05", 10, "2140"),
    step("2", "A01", 20, "2140"),
    step("3", "A02", 30, "2150"),
    step("4", "A02", 40, "2160", status="cancelled"),
    step("5", "A21", 50, "2150"),
    step("6", "A22", 60, "2150"),
    step("7", "A03", 70, "2150"),
]


@given(order=st.permutations(STORY))
def test_any_order_of_movements_tells_the_same_place(order: list[Step]) -> None:
    """A late message must not put a patient back in yesterday's bed."""
    where = place_of(order)

    assert (where.status, where.ward, where.since_at, where.left_at) == ("left", "2150", 30, 70)


def test_a_cancelled_discharge_brings_the_patient_back() -> None:
    """She is in her bed and must be on the board."""
    assert place_of([*STORY, step("8", "A13", 80)]).status == "present"


def test_a_cancelled_admission_leaves_nobody_in_the_bed() -> None:
    """A ghost takes a bed and a dose."""
    assert place_of([step("2", "A01", 20, "2140"), step("3", "A11", 30)]).status == "cancelled"
    assert place_of([step("2", "A01", 20, "2140", status="cancelled")]).status == "cancelled"


def test_a_place_told_by_an_update_counts_only_while_no_movement_is_known() -> None:
    """A08 repeats PV1-3 as the sender believes it; a movement knows better."""
    seen = step("seen", "A08", 99, "9999")

    assert place_of([seen]).ward == "9999"
    assert place_of([seen, step("2", "A01", 20, "2140")]).ward == "2140"


def test_movements_of_french_pam_are_inserted_updated_and_cancelled_by_number(views: ViewsTable) -> None:
    """ZBE-1 names the movement; ZBE-4 says what happens to it (IHE PAM France)."""
    views.fold(
        [
            adt("A01", "20261120080000", PID, pv1("2140^201^P"), "ZBE|M1|20261120080000||INSERT|N||||H"),
            adt(
                "A02",
                "20261120100000",
                PID,
                pv1("2150^7^F"),
                "ZBE|M2|20261120100000||INSERT|N||^^^^^^^^^2151||H",
            ),
            adt("Z99", "20261120110000", PID, pv1("2150^8^F"), "ZBE|M2|20261120093000||UPDATE|N|A02|||H"),
        ]
    )

    assert views.rows("SELECT ward, room, medical_ward FROM record_encounter") == [("2150", "8", "2151")]
    assert views.rows("SELECT number, event, happened_at FROM record_movement ORDER BY number") == [
        ("M1", "A01", 1795158000000),
        ("M2", "A02", 1795163400000),
    ]


def test_a_movement_whose_zbe_is_shifted_is_listed(views: ViewsTable) -> None:
    """A published French example has INSERT in ZBE-5: it must not place anybody by chance."""
    views.fold([adt("A03", "20261120080000", PID, pv1("2140^201^P"), "ZBE|M1|20261120080000|||INSERT|N")])

    assert "ZBE-4" in str(views.rows("SELECT reason FROM views_not_understood"))


def test_a_sender_without_zbe_is_followed_too(views: ViewsTable) -> None:
    """Many senders are older than PAM."""
    views.fold(
        [
            adt("A01", "20261120080000", PID, pv1("2140^201^P")),
            adt("A02", "20261120100000", PID, pv1("2150^7^F")),
            adt("A12", "20261120110000", PID, pv1("2140^201^P")),
            adt("A12", "20261120110000", PID, pv1("2140^201^P")),
        ]
    )

    assert views.rows("SELECT status, ward, room FROM record_encounter") == [("present", "2140", "201")]


def test_a_confidential_stay_says_why_it_is(tmp_path: Path) -> None:
    """The cover name depends on it outside the ward in charge."""
    table = ViewsTable(tmp_path, msgspec.structs.replace(SITUATION, confidential_codes=frozenset({"I"})))

    table.fold([adt("A01", "20261120080000", PID, "PV1||I|2140^201^P|||||||||||||I|||V1")])

    assert table.rows("SELECT confidential FROM record_encounter") == [("PV1-16 I",)]
    table.close()


def test_a_hospital_names_any_other_field_that_hides(tmp_path: Path) -> None:
    """Some say it in ZFA, about the person; some in a segment of the visit, about the stay."""
    rules = frozenset({("ZFA-9", "Y"), ("ZFV-4", "X")})
    table = ViewsTable(tmp_path, msgspec.structs.replace(SITUATION, confidential_elsewhere=rules))

    table.fold(
        [
            adt("A01", "20261120080000", PID, pv1("2140^201^P"), "ZFA|||||||||Y"),
            adt(
                "A01",
                "20261120080000",
                PID.replace("8001", "8002"),
                pv1("2150^1^P"),
                "ZFA|||||||||N",
                "ZFV||||X",
            ),
            adt("A28", "20261120080000", PID.replace("8001", "8003"), "ZFA|||||||||N"),
        ]
    )

    assert table.rows("SELECT id, confidential FROM record_person ORDER BY id") == [
        ("CHV:8001", "ZFA-9 Y"),
        ("CHV:8002", None),
        ("CHV:8003", None),
    ]
    assert table.rows("SELECT person, confidential FROM record_encounter ORDER BY id") == [
        ("CHV:8001", None),
        ("CHV:8002", "ZFV-4 X"),
    ]
    table.close()
