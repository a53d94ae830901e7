"""The same entries give the same views, whatever the order in which they come."""

import random
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st
from views_table import NOW_US, ViewsTable, adt, entry_of, hl7

from releve.exercise.demo import demo_hospital
from releve.exercise.hospital_life import stream

PID = "PID|||8001^^^CHV^PI||MARTIN^Jeanne^^^^^L||19450714|F"


def a_day(count: int, seed: int) -> list[bytes]:
    """Return messages of a simulated hospital."""
    return [payload for _, payload in stream(demo_hospital(seed=1), seed, count)]


def test_a_batch_gives_the_same_views_as_one_entry_at_a_time(more_views: Callable[[], ViewsTable]) -> None:
    """A board must not depend on how busy the island was."""
    messages = a_day(400, seed=7)
    one, many = more_views(), more_views()

    one.fold(messages, batch=1)
    many.fold(messages, batch=173)

    assert one.hash() == many.hash()
    assert one.rows("SELECT count(*) FROM record_encounter") != [(0,)]


def test_messages_that_arrive_in_any_order_give_the_same_views(more_views: Callable[[], ViewsTable]) -> None:
    """Islands hear the same senders over different wires."""
    messages = list(dict.fromkeys(a_day(400, seed=11)))
    straight, shuffled = more_views(), more_views()
    straight.fold(messages)

    mixed = messages[:]
    random.Random(5).shuffle(mixed)
    shuffled.fold(mixed, batch=61)

    # Stamps of equal instants fall back to log and index, which a shuffle changes: give each its own index back.
    places = {message: place for place, message in enumerate(messages)}
    reordered = more_views()
    for message in mixed:
        entry = entry_of(message, places[message])
        reordered.entries["a/1", entry.index] = entry
        reordered.projector.take("a/1", [entry], position=entry.index + 1)
    assert reordered.hash() == straight.hash()
    assert shuffled.rows("SELECT count(*) FROM laboratory_result") == straight.rows(
        "SELECT count(*) FROM laboratory_result"
    )


@settings(max_examples=25)
@given(order=st.permutations(range(6)))
def test_a_stay_told_in_any_order_ends_in_the_same_place(
    order: list[int], tmp_path_factory: "object"
) -> None:
    """EVN-2 tells the order, not the arrival."""
    story = [
        adt(
            "A01",
            "20261120080000",
            PID,
            "PV1||I|2140^201^P||||||||||||||||V1",
            "ZBE|1|20261120080000||INSERT|N||||H",
        ),
        adt(
            "A08",
            "20261120090000",
            PID.replace("Jeanne", "Jeanne Anne"),
            "PV1||I|2140^201^P||||||||||||||||V1",
        ),
        adt(
            "A02",
            "20261120100000",
            PID,
            "PV1||I|2150^7^F||||||||||||||||V1",
            "ZBE|2|20261120100000||INSERT|N||||H",
        ),
        adt(
            "A12",
            "20261120110000",
            PID,
            "PV1||I|2140^201^P||||||||||||||||V1",
            "ZBE|2|20261120100000||CANCEL|N|A02|||H",
        ),
        adt(
            "A02",
            "20261120120000",
            PID,
            "PV1||I|2160^9^P||||||||||||||||V1",
            "ZBE|3|20261120120000||INSERT|N||||H",
        ),
        adt("A40", "20261120130000", PID, "MRG|8002^^^CHV^PI"),
    ]
    views = ViewsTable(tmp_path_factory.mktemp("views"))  # type: ignore[attr-defined]

    views.fold([story[place] for place in order], batch=1)

    assert views.rows("SELECT ward, room, bed, status FROM record_encounter") == [
        ("2160", "9", "P", "present")
    ]
    assert views.rows("SELECT cluster FROM record_person ORDER BY id") == [("CHV:8001",)]
    views.close()


def test_an_entry_that_no_department_reads_is_listed_and_kept(views: ViewsTable) -> None:
    """Nothing is thrown away because this version does not know it."""
    views.fold([hl7("MSH|^~\\&|X|Y|||20261121||BAR^P01|9|P|2.5", PID)])

    assert views.rows("SELECT kind, reason FROM views_not_understood") == [
        ("BAR^P01", "MSH-9: no department reads BAR^P01 yet")
    ]


def test_a_stamp_from_the_future_does_not_order_what_follows(views: ViewsTable) -> None:
    """A sender whose clock is a year ahead must not freeze a patient's name for a year."""
    views.fold(
        [
            adt("A08", "20271121031000", PID.replace("Jeanne", "Erreur")),
            entry_of(adt("A08", "20261121031000", PID), 1, recorded_us=NOW_US + 5_000_000),
        ]
    )

    assert views.rows("SELECT given_name FROM record_person") == [("Jeanne",)]


def test_the_position_is_committed_with_the_rows(views: ViewsTable) -> None:
    """A fold that dies between the two would lose or repeat entries."""
    views.fold([adt("A28", "20261120080000", PID)] * 3)

    assert views.rows('SELECT log, "index" FROM views_position') == [("a/1", 3)]
    assert views.rows("SELECT entries FROM views_subject") == [(3,)]


def test_a_person_can_be_folded_again_alone(views: ViewsTable) -> None:
    """A row damaged or folded by a faulty version is mended without touching anyone else."""
    views.fold(a_day(300, seed=3))
    before = views.hash()
    (person,) = views.rows("SELECT person FROM record_movement LIMIT 1")[0]
    with views.connection.cursor() as cursor:
        cursor.execute("UPDATE record_person SET birth_name = 'WRONG' WHERE id = %s", [person])
        cursor.execute("DELETE FROM record_movement WHERE person = %s", [person])
    assert views.hash() != before

    views.projector.fold_again(person)

    assert views.hash() == before


def test_two_logs_interleaved_in_any_way_give_the_same_views(more_views: Callable[[], ViewsTable]) -> None:
    """Two islands that hold the same two logs must show the same ward."""
    messages = a_day(300, seed=23)
    halves = [messages[0::2], messages[1::2]]
    first, second = more_views(), more_views()

    first.fold(halves[0], log="a/1")
    first.fold(halves[1], log="b/1")
    second.fold(halves[1][:40], log="b/1")
    second.fold(halves[0], log="a/1", batch=7)
    second.fold(halves[1][40:], log="b/1", batch=50)

    assert first.hash() == second.hash()
