"""A message is read for one person: what speaks of several is kept and listed, never filed under the first."""

import pytest
from views_table import ViewsTable, adt, hl7

PERSONS = ("8001", "8002")
NOT_READ = "; nothing of it was read"


def potassium(person: str, value: str, *, order: str = "F1", pid3: str = "{}^^^CHV^PI") -> list[str]:
    """Return the segments of a potassium of `person`, header first."""
    return [
        f"MSH|^~\\&|LABO|CHV|R|R|20261121030000||ORU^R01|{order}|P|2.5|||||FRA|UNICODE UTF-8",
        f"PID|1||{pid3.format(person)}||MARTIN^Jeanne^^^^^L||19450714|F",
        f"OBR|1|D{order}|{order}|IONO^Ionogramme^L|||20261121025000",
        f"OBX|1|NM|2823-3^Potassium^LN||{value}|mmol/L|3.5-5.0||||F|||20261121025000",
    ]


def told(views: ViewsTable, body: bytes) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Return the results and what is listed as not understood, after two admissions and `body`."""
    admissions = [
        adt("A28", "20261120080000", f"PID|||{person}^^^CHV^PI||MARTIN^Jeanne^^^^^L||19450714|F")
        for person in PERSONS
    ]
    views.fold([*admissions, body])
    return (
        views.rows("SELECT person, value FROM laboratory_result ORDER BY person"),
        views.rows("SELECT kind, reason FROM views_not_understood"),
    )


@pytest.mark.parametrize("envelope", [("", ""), ("BHS|^~\\&|LABO", "BTS|2")])
def test_two_messages_in_one_frame_are_not_read_as_one(views: ViewsTable, envelope: tuple[str, str]) -> None:
    """An interface engine that sends a batch as one frame would give one patient the potassium of another."""
    first, last = envelope
    lines = [first, *potassium("8001", "4.1"), *potassium("8002", "7.9", order="F2"), last]

    results, listed = told(views, hl7(*filter(None, lines)))

    assert results == []
    assert listed == [("ORU^R01", f"MSH: expected one message in a frame, 2 are here{NOT_READ}")]


def test_results_of_two_patients_in_one_message_are_not_the_first_ones(views: ViewsTable) -> None:
    """ORU^R01 may repeat its patient (HL7 v2.5 §7.3.1): results must not follow the first PID."""
    lines = potassium("8001", "4.1") + potassium("8002", "7.9", order="F2")[1:]

    results, listed = told(views, hl7(*lines))

    assert results == []
    assert listed == [("ORU^R01", f"PID-3: expected one patient in a message, 2 are here{NOT_READ}")]


def test_one_patient_told_twice_in_a_message_is_read(views: ViewsTable) -> None:
    """Some laboratories repeat the same PID before each order."""
    lines = potassium("8001", "4.1") + potassium("8001", "4.3", order="F2")[1:]

    results, listed = told(views, hl7(*lines))

    assert results == [("CHV:8001", "4.1"), ("CHV:8001", "4.3")]
    assert listed == []


def test_a_batch_of_one_message_is_read(views: ViewsTable) -> None:
    """An envelope around one message changes nothing of whose it is."""
    results, listed = told(views, hl7("BHS|^~\\&|LABO", *potassium("8001", "4.1"), "BTS|1"))

    assert results == [("CHV:8001", "4.1")]
    assert listed == []


def test_a_batch_that_does_not_add_up_says_what_is_missing(views: ViewsTable) -> None:
    """What was announced and is not here may be the header between two persons: nothing of it is read."""
    two = [*potassium("8001", "4.1"), *potassium("8002", "7.9", order="F2")]

    results, listed = told(views, hl7("BHS|^~\\&|LABO", *two, "BTS|3"))

    assert results == []
    assert listed == [("ORU^R01", f"batch 1, BTS-1: expected 3 messages, 2 are here{NOT_READ}")]


@pytest.mark.parametrize(
    ("count", "read"), [("1", True), ("01", True), ("", True), ("one", True), ("2", False), ("0", False)]
)
def test_a_batch_of_one_is_read_unless_more_were_announced(views: ViewsTable, count: str, read: bool) -> None:
    """A second message whose header was damaged on the way reads as more results of the first person."""
    lines = [*potassium("8001", "4.1"), "OBX|2|NM|2951-2^Sodium^LN||139|mmol/L|136-145||||F|||20261121025000"]

    results, listed = told(views, hl7("BHS|^~\\&|LABO", *lines, f"BTS|{count}"))

    assert bool(results) is read
    assert bool(listed) is not read


def test_a_batch_sent_again_after_half_of_it_was_kept_is_one_of_each(views: ViewsTable) -> None:
    """The recorder went away behind the first message: its sender had no answer and sent all of them again."""
    first, second = hl7(*potassium("8001", "4.1")), hl7(*potassium("8002", "7.9", order="F2"))
    told(views, first)

    views.fold([first, second])

    assert views.rows("SELECT person, value FROM laboratory_result ORDER BY person") == [
        ("CHV:8001", "4.1"),
        ("CHV:8002", "7.9"),
    ]
    assert views.rows("SELECT reason FROM views_not_understood") == []
