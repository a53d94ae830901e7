"""Orders and results told again under another number of the patient: one of them stands, not both.

A whole night of three islands found it: a line suspended after its patient's number was changed stayed active under the
number of before, and would have been given.
"""

import itertools
from pathlib import Path

import pytest
from views_table import ViewsTable, adt, entry_of, hl7

ONE = "PID|||8001^^^CHV^PI||MARTIN^Jeanne^^^^^L"
TWO = "PID|||8002^^^CHV^PI||MARTIN^Jeanne^^^^^L"
MERGE = adt("A40", "20261120090000", ONE, "MRG|8002^^^CHV^PI")
RENUMBER = adt("A47", "20261120090000", ONE, "MRG|8002^^^CHV^PI", control="2")
PARTED = adt("A37", "20261120110000", ONE, TWO, control="3")
MOVED = adt("A44", "20261120090000", ONE, "MRG|8002^^^CHV^PI||V1", control="4")
DRUG = "RXE||9245^Ramipril 5 mg^UCD|5||mg"


def said(pid: str, at: str, *segments: str, kind: str = "RDE^O11") -> bytes:
    """Return what is said of an order of this patient."""
    return hl7(
        f"MSH|^~\\&|PRESC|CHV|R|R|{at}||{kind}|{at}|P|2.5|||||FRA|UNICODE UTF-8",
        pid,
        "PV1||I|2140^201^P||||||||||||||||V1",
        *segments,
    )


def order(pid: str, at: str, control: str, *more: str) -> bytes:
    """Return a prescription, or a change of one."""
    return said(pid, at, f"ORC|{control}|P1|||||||{at}", "TQ1|1||||0800|||20261120080000", *more)


BEFORE = order(TWO, "20261120080000", "NW", DRUG)
STANDING = "SELECT id, label, status FROM prescribing_request WHERE retold IS NULL"


@pytest.mark.parametrize("link", [MERGE, RENUMBER, MOVED], ids=["A40", "A47", "A44"])
@pytest.mark.parametrize(("control", "status"), [("HD", "suspended"), ("DC", "stopped"), ("XO", "active")])
def test_what_is_said_under_the_number_that_was_kept_stands_alone(
    views: ViewsTable, link: bytes, control: str, status: str
) -> None:
    """Whoever stopped it stopped it: the row of the former number must not go on being given."""
    views.fold([BEFORE, link, order(ONE, "20261120100000", control, DRUG)])

    assert views.rows(STANDING) == [("CHV:8001/P1", "Ramipril 5 mg", status)]


def test_a_number_linked_to_one_whose_visit_was_moved_is_asked_about_either_way(tmp_path: Path) -> None:
    """Three islands hear links and moves in their own order: none may show a line that the others hide."""
    three = "PID|||8003^^^CHV^PI||MARTIN^Jeanne^^^^^L"
    said = [
        order(TWO, "20261120080000", "NW", DRUG),
        order(three, "20261120100000", "DC", DRUG),
        adt("A40", "20261120084500", three, "MRG|8002^^^CHV^PI", control="5"),
        MOVED.replace(b"8001", b"8004"),
    ]
    messages = [entry_of(body, place) for place, body in enumerate(said)]
    told = set()
    for arrived in itertools.permutations(messages):
        views = ViewsTable(tmp_path)
        views.fold(arrived, batch=1)
        told.add(str(views.rows("SELECT id, retold FROM prescribing_request ORDER BY id")))
        views.close()
    assert len(told) == 1


def test_the_order_in_which_it_arrives_changes_nothing(tmp_path: Path) -> None:
    """Three logs bring the messages in any order."""
    said = [
        BEFORE,
        MERGE,
        order(ONE, "20261120100000", "DC", DRUG),
        report(TWO, "20261120080000", "6.4", "F"),
        PARTED,
    ]
    messages = [entry_of(body, place) for place, body in enumerate(said)]
    hashes = set()
    for arrived in itertools.permutations(messages):
        views = ViewsTable(tmp_path)
        views.fold(arrived, batch=2)
        hashes.add(views.hash())
        views.close()
    assert len(hashes) == 1


def test_a_merge_taken_back_gives_each_number_its_own(views: ViewsTable) -> None:
    """Two patients were taken for one: each has the line that was said of her."""
    views.fold([BEFORE, MERGE, order(ONE, "20261120100000", "HD", DRUG), PARTED])

    assert sorted(views.rows(STANDING)) == [
        ("CHV:8001/P1", "Ramipril 5 mg", "suspended"),
        ("CHV:8002/P1", "Ramipril 5 mg", "active"),
    ]


def test_a_stop_that_names_no_product_still_stops(views: ViewsTable) -> None:
    """Some senders end an order by its number alone."""
    views.fold([BEFORE, MERGE, order(ONE, "20261120100000", "DC")])

    assert views.rows(STANDING) == [("CHV:8002/P1", "Ramipril 5 mg", "stopped")]


def test_a_line_suspended_by_its_number_alone_is_shown_suspended(views: ViewsTable) -> None:
    """It must neither be given nor be missing from what the prescriber has to decide on."""
    views.fold([BEFORE, MERGE, order(ONE, "20261120100000", "HD")])
    assert views.rows(STANDING) == [("CHV:8002/P1", "Ramipril 5 mg", "suspended")]

    views.fold([order(ONE, "20261120120000", "RL")])
    assert views.rows(STANDING) == [("CHV:8002/P1", "Ramipril 5 mg", "active")]


def test_a_change_under_another_number_resumes_nothing(views: ViewsTable) -> None:
    """What was suspended stays suspended until somebody says otherwise, as with one number."""
    held = order(TWO, "20261120083000", "HD", DRUG)
    views.fold([BEFORE, held, MERGE, order(ONE, "20261120100000", "XO", DRUG)])
    assert views.rows(STANDING) == [("CHV:8001/P1", "Ramipril 5 mg", "suspended")]

    views.fold([PARTED])
    assert sorted(views.rows(STANDING)) == [
        ("CHV:8001/P1", "Ramipril 5 mg", "active"),
        ("CHV:8002/P1", "Ramipril 5 mg", "suspended"),
    ]


@pytest.mark.parametrize("end", [[PARTED], []], ids=["taken back", "one patient"])
def test_whatever_the_order_in_which_a_suspension_arrives_it_is_the_same(
    tmp_path: Path, end: list[bytes]
) -> None:
    """Own words, words under the other number, the link and its end: any order, any batch."""
    said = [
        BEFORE,
        MERGE,
        order(ONE, "20261120093000", "HD"),
        order(TWO, "20261120100000", "XO", DRUG),
        order(TWO, "20261120104500", "SC"),
        *end,
    ]
    messages = [entry_of(body, place) for place, body in enumerate(said)]
    hashes = set()
    for batch in (1, 2):
        for arrived in itertools.islice(itertools.permutations(messages), batch, None, 7):
            views = ViewsTable(tmp_path)
            views.fold(arrived, batch=batch)
            hashes.add(views.hash())
            views.close()
    assert len(hashes) == 1


def test_a_word_that_changes_nothing_leaves_the_line_that_names_its_product(views: ViewsTable) -> None:
    """A line without a name cannot be given, and the one that has it must not disappear."""
    views.fold([BEFORE, MERGE, order(ONE, "20261120100000", "SC")])

    assert views.rows(STANDING) == [("CHV:8002/P1", "Ramipril 5 mg", "active")]


def test_a_dose_given_before_is_a_dose_of_the_line_that_stands(views: ViewsTable) -> None:
    """A dose given at eight under the number of before must not be given again at nine."""
    dose = said(
        TWO, "20261120080500", "ORC|RE|P1", "RXA|0|1|20261120080000||9245^Ramipril 5 mg|5|mg||||||||||||||CP",
        kind="RAS^O17",
    )  # fmt: skip
    views.fold([BEFORE, dose, MERGE, order(ONE, "20261120100000", "XO", DRUG)])
    assert views.rows("SELECT request, retold FROM prescribing_administration") == [
        ("CHV:8002/P1", "CHV:8001/P1")
    ]

    views.fold([PARTED])
    assert views.rows("SELECT request, retold FROM prescribing_administration") == [("CHV:8002/P1", None)]


def test_two_patients_whose_orders_share_a_number_keep_both(views: ViewsTable) -> None:
    """Nobody linked them: nothing of one is the other's."""
    views.fold([BEFORE, order(ONE, "20261120100000", "DC", DRUG)])

    assert sorted(views.rows(STANDING)) == [
        ("CHV:8001/P1", "Ramipril 5 mg", "stopped"),
        ("CHV:8002/P1", "Ramipril 5 mg", "active"),
    ]


def report(pid: str, at: str, value: str, status: str) -> bytes:
    """Return a report of potassium."""
    return said(
        pid, at, "ORC|RE|D1|L1",
        f"OBR|1|D1|L1|IONO^Ionogramme^L|||20261120063000|||||||||||||||{at}||CH|{status}",
        f"OBX|1|NM|2823-3^Potassium^LN||{value}|mmol/L|3.5-5.1||||{status}|||20261120063000",
        kind="ORU^R01",
    )  # fmt: skip


def test_a_value_corrected_under_the_number_that_was_kept_corrects_the_one_said_before(
    views: ViewsTable,
) -> None:
    """A potassium of 6.4 that was 4.6 must not stay in red beside the right one."""
    wrong, right = report(TWO, "20261120080000", "6.4", "F"), report(ONE, "20261120100000", "4.6", "C")
    current = "SELECT value, previous FROM laboratory_result WHERE current ORDER BY value"
    views.fold([wrong, MERGE, right])
    assert views.rows(current) == [("4.6", "6.4")]

    views.fold([PARTED])
    assert views.rows(current) == [("4.6", None), ("6.4", None)]

    views.fold([adt("A40", "20261120120000", ONE, "MRG|8002^^^CHV^PI", control="5")])
    assert views.rows(current) == [("4.6", "6.4")]


def test_an_examination_done_under_the_number_that_was_kept_is_not_asked_for_any_more(
    views: ViewsTable,
) -> None:
    """A scan that was done on Monday must not stand in the list of Tuesday's."""

    def scan(pid: str, at: str, control: str, state: str) -> bytes:
        obr = "OBR|1|D7||SCAN^Scanner abdominal^L" + "|" * 20 + "CT|"
        return said(pid, at, f"ORC|{control}|D7|||{state}", obr, kind="ORM^O01")

    views.fold([scan(TWO, "20261120080000", "NW", "SC"), MERGE, scan(ONE, "20261120100000", "SC", "CM")])

    assert views.rows("SELECT id, status FROM record_service_request WHERE retold IS NULL") == [
        ("CHV:8001/D7", "completed")
    ]


def test_an_appointment_cancelled_under_the_number_that_was_kept_is_cancelled(views: ViewsTable) -> None:
    """Nobody is taken to a consultation that will not be."""

    def visit(pid: str, at: str, trigger: str) -> bytes:
        return hl7(
            f"MSH|^~\\&|RDV|CHV|R|R|{at}||SIU^{trigger}|{at}|P|2.5|||||FRA|UNICODE UTF-8",
            "SCH|R1||||||^Consultation||||^^30^20261122090000^20261122093000",
            pid,
        )

    views.fold([visit(TWO, "20261120080000", "S12"), MERGE, visit(ONE, "20261120100000", "S15")])

    assert views.rows("SELECT id, status FROM appointments_appointment WHERE retold IS NULL") == [
        ("CHV:8001/R1", "cancelled")
    ]


def letter(pid: str, at: str, trigger: str, number: str, text: str = "", parent: str = "") -> bytes:
    """Return a letter, or what is said of one."""
    return said(
        pid, at,
        f"TXA|1|CR|TX|{at}||{at}||||||{number}|{parent}||Lettre de sortie|AU",
        *([f"OBX|1|TX|CR^Lettre^L||{text}||||||F"] if text else []),
        kind=f"MDM^{trigger}",
    )  # fmt: skip


DOCUMENTS = "SELECT id, status, body FROM documents_document WHERE retold IS NULL ORDER BY id"


def test_a_letter_put_right_under_the_number_that_was_kept_replaces_the_one_of_before(
    views: ViewsTable,
) -> None:
    """The former letter names a treatment that the new one takes back."""
    first = letter(TWO, "20261120080000", "T02", "L1", "Ramipril 5 mg")
    views.fold([first, MERGE, letter(ONE, "20261120100000", "T08", "L1", "Ramipril arrêté")])
    assert views.rows(DOCUMENTS) == [("CHV:8001/L1", "final", "Ramipril arrêté")]

    views.fold([letter(ONE, "20261120103000", "T10", "L2", "Sans Ramipril", parent="L1")])
    assert [row for row in views.rows(DOCUMENTS) if row[1] != "replaced"] == [
        ("CHV:8001/L2", "final", "Sans Ramipril")
    ]


def test_a_letter_replaced_or_withdrawn_by_its_number_alone_is_not_shown_any_more(views: ViewsTable) -> None:
    """The message that replaces it names its number, and nothing of what it says."""
    first = letter(TWO, "20261120080000", "T02", "L1", "Ramipril 5 mg")
    second = letter(TWO, "20261120081000", "T02", "L3", "Autre patient")
    views.fold([first, second, MERGE])
    views.fold([letter(ONE, "20261120100000", "T10", "L2", "Sans Ramipril", parent="L1")])
    views.fold([letter(ONE, "20261120101000", "T11", "L3")])

    shown = [row for row in views.rows(DOCUMENTS) if row[1] not in ("replaced", "cancelled")]
    assert shown == [("CHV:8001/L2", "final", "Sans Ramipril")]


def test_a_word_about_its_state_hides_no_letter(views: ViewsTable) -> None:
    """Signed under the number that was kept: what it says is under the other one."""
    first = letter(TWO, "20261120080000", "T02", "L1", "Ramipril 5 mg")
    views.fold([first, MERGE, letter(ONE, "20261120100000", "T03", "L1")])

    assert views.rows(DOCUMENTS) == [("CHV:8002/L1", "final", "Ramipril 5 mg")]


def test_an_imaging_report_put_right_under_the_number_that_was_kept_stands_alone(views: ViewsTable) -> None:
    """The fracture that the first text did not see."""

    def read(pid: str, at: str, text: str, status: str) -> bytes:
        return said(
            pid, at, "ORC|RE|R1|X1",
            f"OBR|1|R1|X1|RXPOI^Radiographie du poignet^L|||20261120063000|||||||||||||||{at}||RAD|{status}",
            f"OBX|1|TX|GDT^Compte rendu^L||{text}||||||{status}",
            kind="ORU^R01",
        )  # fmt: skip

    rows = "SELECT body, status FROM imaging_report WHERE retold IS NULL"
    views.fold([read(TWO, "20261120080000", "Pas de fracture", "F")])
    assert len(views.rows(rows)) == 1
    views.fold([MERGE, read(ONE, "20261120100000", "Fracture du radius", "C")])

    assert views.rows(rows) == [("Fracture du radius", "corrected")]
