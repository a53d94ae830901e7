"""Nobody in a bed who is not there, nobody missing who is."""

from collections.abc import Callable
from datetime import datetime
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from views_table import PARIS, ViewsTable, adt, entry_of

from releve.journal.entry import Entry
from releve.record.whereabouts import Step, place_of

PID = "PID|||8001^^^CHV^PI||MARTIN^Jeanne^^^^^L||19450714|F"
OTHER = "PID|||8002^^^CHV^PI||DURAND^Paul^^^^^L||19500101|M"


def pv1(place: str, visit: str = "V1", kind: str = "I", left: str = "") -> str:
    """Return a PV1 at this place."""
    fields = [""] * 46
    fields[0], fields[2], fields[3], fields[19], fields[45] = "PV1", kind, place, visit, left
    return "|".join(fields)


def zbe(number: str, at: str, action: str = "INSERT", of: str = "") -> str:
    """Return a ZBE."""
    return f"ZBE|{number}|{at}||{action}|N|{of}|||H"


def step(number: str, event: str, at: int, ward: str | None = "W", **said: Any) -> Step:
    """Return one movement."""
    return Step(
        **{"number": number, "event": event, "status": "active", "happened_at": at, "stamp": at, "ward": ward}
        | said
    )


def stays(views: ViewsTable) -> list[tuple[Any, ...]]:
    """Return person, visit, status and ward of each visit."""
    return views.rows("SELECT person, visit, status, ward FROM record_encounter ORDER BY id")


def test_two_persons_with_the_same_visit_number_are_in_two_places(views: ViewsTable) -> None:
    """Each sender numbers its own visits: a neighbour's transfer must not move this patient."""
    views.fold(
        [
            adt("A01", "20261120080000", PID, pv1("2140^201^P"), zbe("1", "20261120080000")),
            adt("A01", "20261120090000", OTHER, pv1("2150^7^F"), zbe("2", "20261120090000")),
            adt("A03", "20261120100000", OTHER, pv1("2150^7^F"), zbe("3", "20261120100000")),
        ]
    )

    assert stays(views) == [("CHV:8001", "V1", "present", "2140"), ("CHV:8002", "V1", "left", "2150")]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_a_discharge_under_the_number_after_a_merge_ends_the_stay_before_it(
    views: ViewsTable, order: tuple[int, ...]
) -> None:
    """Admitted under one number, discharged under the other: a ghost would stay in the bed."""
    story = [
        adt("A01", "20261120080000", OTHER, pv1("2140^201^P"), zbe("1", "20261120080000")),
        adt("A40", "20261120090000", PID, "MRG|8002^^^CHV^PI"),
        adt("A03", "20261120100000", PID, pv1("2140^201^P"), zbe("2", "20261120100000")),
    ]

    views.fold([story[place] for place in order], batch=1)

    assert {status for _, _, status, _ in stays(views)} == {"left"}


def test_a_merge_that_comes_last_still_joins_the_two_halves_of_a_stay(views: ViewsTable) -> None:
    """The link is folded after the rows it joins."""
    views.fold(
        [
            adt("A01", "20261120080000", OTHER, pv1("2140^201^P"), zbe("1", "20261120080000")),
            adt("A11", "20261120100000", PID, pv1("2140^201^P"), zbe("1", "20261120080000", "CANCEL")),
            adt("A40", "20261120110000", PID, "MRG|8002^^^CHV^PI"),
        ],
        batch=1,
    )

    assert {status for _, _, status, _ in stays(views)} == {"cancelled"}


def test_an_account_that_comes_back_is_where_it_was(views: ViewsTable) -> None:
    """Moved by mistake and moved back: she must not be moved away from both."""
    views.fold(
        [
            adt("A01", "20261120080000", OTHER, pv1("2140^201^P"), zbe("1", "20261120080000")),
            adt("A44", "20261120090000", PID, "MRG|8002^^^CHV^PI||V1"),
            adt("A44", "20261120100000", OTHER, "MRG|8001^^^CHV^PI||V1"),
        ],
        batch=1,
    )

    assert stays(views) == [("CHV:8001", "V1", "moved", "2140"), ("CHV:8002", "V1", "present", "2140")]


NUMBERED = "||||||||||ACC"  # PID-18, PID-8 being the last field said


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0)])
def test_an_account_that_has_a_number_of_its_own_takes_its_visits_along(
    views: ViewsTable, order: tuple[int, ...]
) -> None:
    """MRG-3 names the account, PV1-19 the visit: she must not stay on the board under her neighbour's name."""
    story = [
        adt("A01", "20261120080000", OTHER + NUMBERED, pv1("2140^201^P"), zbe("1", "20261120080000")),
        adt("A44", "20261120090000", PID + NUMBERED, "MRG|8002^^^CHV^PI||ACC"),
        adt("A31", "20261120091000", PID),
    ]

    views.fold([story[place] for place in order], batch=1)

    assert stays(views) == [
        ("CHV:8001", "ACC", "present", "2140"),
        ("CHV:8002", "ACC", "moved", "2140"),
        ("CHV:8002", "V1", "moved", "2140"),
    ]


def test_a_moved_account_follows_its_visits_and_comes_back(views: ViewsTable) -> None:
    """Once the visit is named under its new person it alone counts; moved back, so does the first."""
    moved = [
        adt("A01", "20261120080000", OTHER + NUMBERED, pv1("2140^201^P"), zbe("1", "20261120080000")),
        adt("A44", "20261120090000", PID + NUMBERED, "MRG|8002^^^CHV^PI||ACC"),
        adt("A02", "20261120100000", PID + NUMBERED, pv1("2150^7^F"), zbe("2", "20261120100000")),
    ]
    views.fold(moved, batch=1)
    assert [stay for stay in stays(views) if stay[2] != "moved"] == [("CHV:8001", "V1", "present", "2150")]

    views.fold([adt("A44", "20261120110000", OTHER + NUMBERED, "MRG|8001^^^CHV^PI||ACC")])

    assert [stay for stay in stays(views) if stay[2] != "moved"] == [("CHV:8002", "V1", "present", "2150")]


def test_an_account_moved_to_its_own_person_moves_nobody(views: ViewsTable) -> None:
    """A sender's slip must not empty a bed."""
    views.fold(
        [
            adt("A01", "20261120080000", PID, pv1("2140^201^P"), zbe("1", "20261120080000")),
            adt("A44", "20261120090000", PID, "MRG|8001^^^CHV^PI||V1"),
        ]
    )

    assert stays(views) == [("CHV:8001", "V1", "present", "2140")]


@pytest.mark.parametrize("visit", ["", '""'])
def test_a_patient_without_visit_number_is_on_the_board_and_listed(views: ViewsTable, visit: str) -> None:
    """She is in a bed, whatever her sender forgot."""
    views.fold([adt("A01", "20261120080000", PID, pv1("2140^201^P", visit))])

    assert stays(views) == [("CHV:8001", "?", "present", "2140")]
    assert "number of the visit" in str(views.rows("SELECT reason FROM views_not_understood"))


def test_an_account_number_alone_is_a_visit_number(views: ViewsTable) -> None:
    """PID-18 is the French stay number."""
    views.fold([adt("A01", "20261120080000", PID + "||||||||||N1", pv1("2140^201^P", ""))])

    assert stays(views) == [("CHV:8001", "N1", "present", "2140")]


def test_a_pre_admission_planned_for_later_does_not_hide_who_came_early(views: ViewsTable) -> None:
    """Expected at ten, she came at eight: at eight she is in her bed."""
    views.fold(
        [
            adt("A05", "20261118080000", PID, pv1("2140^201^P", kind="P"), zbe("1", "20261120100000")),
            adt("A01", "20261120080500", PID, pv1("2140^201^P"), zbe("2", "20261120080000")),
        ]
    )

    assert stays(views) == [("CHV:8001", "V1", "present", "2140")]


@pytest.mark.parametrize("event", ["A15", "A16"])
def test_what_is_only_announced_moves_nobody(event: str) -> None:
    """A transfer planned for tomorrow must not win over the one of this afternoon."""
    story = [step("1", "A01", 10, "A"), step("2", event, 100, "A", stamp=11), step("3", "A02", 50, "B")]

    assert (place_of(story).status, place_of(story).ward) == ("present", "B")


def test_a_transfer_cancelled_leaves_her_where_she_was_though_nobody_heard_how_she_came(
    views: ViewsTable,
) -> None:
    """The island was set up in the middle of her stay."""
    views.fold(
        [
            adt("A08", "20261120080000", PID, pv1("2140^201^P")),
            adt("A02", "20261120090000", PID, pv1("2150^7^F"), zbe("2", "20261120090000")),
            adt("A12", "20261120100000", PID, pv1("2140^201^P"), zbe("2", "20261120090000", "CANCEL")),
        ]
    )

    assert stays(views) == [("CHV:8001", "V1", "present", "2140")]


@pytest.mark.parametrize(
    "cancel",
    [("A13", zbe("9", "20261120090000", "CANCEL")), ("A13",), ("A12", zbe("9", "20261120090000", "UPDATE"))],
)
def test_a_cancellation_alone_tells_where_she_is(views: ViewsTable, cancel: tuple[str, ...]) -> None:
    """A discharge that was cancelled was not one, even when the discharge was never heard."""
    views.fold([adt(cancel[0], "20261120100000", PID, pv1("2140^201^P"), *cancel[1:])])

    assert stays(views) == [("CHV:8001", "V1", "present", "2140")]


def test_a_cancelled_admission_takes_what_followed_it(views: ViewsTable) -> None:
    """Without movement numbers nothing else would take the transfer away."""
    views.fold(
        [
            adt("A01", "20261120080000", PID, pv1("2140^201^P")),
            adt("A02", "20261120090000", PID, pv1("2150^7^F")),
            adt("A11", "20261120100000", PID, pv1("2150^7^F")).replace(
                b"EVN|A11|20261120100000", b"EVN|A11|20261120100000||||20261120080000"
            ),
        ]
    )

    assert stays(views) == [("CHV:8001", "V1", "cancelled", None)]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (pv1("2140^201^P", left="20261110100000"), "left"),
        (pv1("2140^201^P", left="20261125100000"), "present"),
        (pv1("2140^201^P", kind="P"), "planned"),
        (pv1("2140^201^P"), "present"),
    ],
)
def test_an_update_of_a_stay_that_is_over_puts_nobody_in_a_bed(
    views: ViewsTable, said: str, status: str
) -> None:
    """Insurance is corrected weeks after the patient left."""
    views.fold([adt("A08", "20261120080000", PID, said)])

    assert [row[2] for row in stays(views)] == [status]


def test_a_correction_that_does_not_say_of_what_keeps_what_it_was(views: ViewsTable) -> None:
    """ZBE-6 is left out: a discharge whose hour is corrected is still a discharge."""
    views.fold(
        [
            adt("A01", "20261120080000", PID, pv1("2140^201^P"), zbe("1", "20261120080000")),
            adt("A03", "20261120090000", PID, pv1("2140^201^P"), zbe("2", "20261120090000")),
            adt("Z99", "20261120100000", PID, pv1("2140^201^P"), zbe("2", "20261120091500", "UPDATE")),
        ]
    )

    assert [row[2] for row in stays(views)] == ["left"]


def test_a_corrected_admission_does_not_come_after_the_transfer_of_the_same_minute() -> None:
    """Admitted and transferred at 08:00, the admission corrected at 09:00: she is where she was transferred."""
    story = [
        step("1", "A01", 8, "ED", stamp=90, first_stamp=8),
        step("2", "A02", 8, "UHCD", stamp=9, first_stamp=9),
    ]

    assert place_of(story).ward == "UHCD"


def test_the_tenth_movement_of_a_minute_comes_after_the_ninth() -> None:
    """Numbers are not words."""
    story = [step("9", "A02", 8, "A"), step("10", "A02", 8, "B")]

    assert place_of(story).ward == "B"


def test_the_hour_of_a_discharge_goes_with_the_discharge(views: ViewsTable, more_views: Any) -> None:
    """A discharge that was cancelled has no hour, however the messages were taken."""
    story = [
        adt("A01", "20261120080000", PID, pv1("2140^201^P"), zbe("1", "20261120080000")),
        adt("A03", "20261120090000", PID, pv1("2140^201^P"), zbe("2", "20261120090000")),
        adt("A13", "20261120100000", PID, pv1("2140^201^P"), zbe("2", "20261120090000", "CANCEL")),
    ]
    views.fold(story, batch=1)
    at_once = more_views()
    at_once.fold(story)

    assert views.rows("SELECT status, discharged_at FROM record_encounter") == [("present", None)]
    assert views.hash() == at_once.hash()


STORY = [
    step("1", "A05", 60, "A", stamp=1),
    step("2", "A01", 20, "A"),
    step("3", "A02", 30, "B"),
    step("A12@30", "A12", 30, "A", stamp=40),
    step("4", "A02", 45, "C"),
    step("seen", "A08", 99, "Z"),
    step("5", "A16", 200, "C", stamp=50),
]


@given(order=st.permutations(STORY))
def test_any_order_of_cancellations_and_plans_tells_the_same_place(order: list[Step]) -> None:
    """Derivation reads a set."""
    assert (place_of(order).status, place_of(order).ward) == ("present", "C")


IN_BED = adt("A01", "20261120080000", PID, pv1("2140^201^P"), zbe("1", "20261120080000"))
HEARD_NEXT_DAY = adt("A01", "20261121020100", OTHER, pv1("2150^7^F", "V9"), zbe("9", "20261121020100"))


@pytest.mark.parametrize(
    ("announced", "then"),
    [
        (("A03", pv1("2140^201^P", left="20261121020000")), ("left", "2140")),
        (("A02", pv1("2150^8^F")), ("present", "2150")),
        (("A21", pv1("2140^201^P")), ("leave", "2140")),
    ],
)
@pytest.mark.parametrize("batch", [1, 10])
def test_what_is_dated_ahead_moves_nobody_before_its_hour(
    views: ViewsTable, announced: tuple[str, str], then: tuple[str, str], batch: int
) -> None:
    """Tomorrow's discharge typed in today: until then she is in her bed, and her doses are due there."""
    trigger, place = announced
    views.fold([IN_BED, adt(trigger, "20261120150000", PID, place, zbe("2", "20261121020000"))], batch=batch)
    assert stays(views) == [("CHV:8001", "V1", "present", "2140")]

    views.fold([HEARD_NEXT_DAY])

    assert stays(views)[0] == ("CHV:8001", "V1", *then)


def test_an_admission_dated_ahead_is_expected_and_a_clock_a_little_ahead_is_not(views: ViewsTable) -> None:
    """A bed must not look taken a day early; two clocks that differ by minutes must not hide who has come."""
    views.fold(
        [
            adt("A01", "20261120150000", PID, pv1("2140^201^P"), zbe("1", "20261121020000")),
            adt("A01", "20261120150000", OTHER, pv1("2150^7^F", "V9"), zbe("9", "20261120150400")),
        ]
    )

    assert stays(views) == [
        ("CHV:8001", "V1", "planned", "2140"),
        ("CHV:8002", "V9", "present", "2150"),
    ]


def packs_set(at: datetime, index: int) -> Entry:
    """Return what the island records each hour of its own accord, by its own clock."""
    at_us = int(at.timestamp() * 1_000_000)
    return entry_of(b"", index, kind="paper.set.1", recorded_us=at_us)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_feed_that_fell_silent_keeps_nobody_in_a_bed_she_was_to_leave(
    more_views: Callable[[], ViewsTable], order: tuple[int, ...]
) -> None:
    """Cut on Friday, she went home on Saturday as announced: her bed is free on every island, whatever came first."""
    story = [
        entry_of(IN_BED, 0),
        entry_of(
            adt(
                "A03",
                "20261120150000",
                PID,
                pv1("2140^201^P", left="20261121020000"),
                zbe("2", "20261121020000"),
            ),
            1,
        ),
        packs_set(datetime(2026, 11, 21, 1, 30, tzinfo=PARIS), 2),
    ]
    views = more_views()
    views.fold([story[place] for place in order], batch=1)
    assert [row[2] for row in stays(views)] == ["present"]

    views.fold([packs_set(datetime(2026, 11, 21, 2, 5, tzinfo=PARIS), 3)])

    assert [row[2] for row in stays(views)] == ["left"]


def test_the_hour_comes_in_any_order_of_arrival(
    views: ViewsTable, more_views: Callable[[], ViewsTable]
) -> None:
    """The moment up to which views reach follows from the entries, so a rebuild says the same."""
    story = [
        IN_BED,
        adt("A03", "20261120150000", PID, pv1("2140^201^P"), zbe("2", "20261121020000")),
        HEARD_NEXT_DAY,
    ]
    views.fold(story, batch=1)
    for order in ((2, 1, 0), (1, 2, 0), (0, 2, 1)):
        other = more_views()
        other.fold([story[place] for place in order], batch=1)
        assert stays(other) == stays(views)
