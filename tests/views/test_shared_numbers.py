"""Two applications that give the same number to two orders: what is told of one never becomes the other's."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from views_table import ViewsTable, entry_of, hl7

PERSON = (
    "PID|||100^^^CHV^PI||MARTIN^ROSE^^^^^L||19450714|F",
    "PV1||I|2140^201^201^CHV||||||||||||||||V100",
)
AMOXICILLIN, NORADRENALINE = "RXE||A^Amoxicilline|1||g", "RXE||B^Noradrénaline|2||mg"
GIVEN = "RXA|0|1|202611201005||A^Amoxicilline|1|g||||||||||||||CP"


def order(kind: str, minute: int, *segments: str) -> bytes:
    """Return a message about her, sent at 10:`minute`."""
    return hl7(f"MSH|^~\\&|X|CHV|R|R|2026112010{minute:02d}||{kind}|{kind}{minute}|P|2.5", *PERSON, *segments)


SAID = {
    "of the ward": order("RDE^O11", 1, "ORC|NW|P1^DPI|||IP", AMOXICILLIN),
    "of intensive care": order("RDE^O11", 2, "ORC|NW|P1^REA|||IP", NORADRENALINE),
    "of nobody": order("RDE^O11", 3, "ORC|NW|P1|||IP", AMOXICILLIN),
    "given": order("RAS^O17", 5, "ORC|RE|P1", GIVEN),
    "given, of the ward": order("RAS^O17", 6, "ORC|RE|P1^DPI", GIVEN.replace("1005", "1006")),
    "stopped": order("RDE^O11", 7, "ORC|DC|P1|||DC"),
    "blood": order("OML^O21", 8, "ORC|NW|P1^LABO", "OBR|1|P1^LABO||NF^Numération|||||||||||||||||||||HM"),
    "result": order(
        "ORU^R01",
        9,
        "OBR|1|P1|F1|NF^Numération|||20261120100900|||||||||||||||20261120100900||HM|F",
        "OBX|1|NM|718-7^Hb^LN||98|g/L|||||F",
    ),
    "the same put right": order(
        "ORU^R01",
        10,
        "OBR|1|P1^LABO|F1^AUTOMATE|NF^Numération|||20261120100900|||||||||||||||20261120101000||HM|C",
        "OBX|1|NM|718-7^Hb^LN||89|g/L|||||C",
    ),
}


@pytest.fixture
def told(tmp_path: Path):
    """Return a function: views of what was said under these names, in this order of arrival."""
    made: list[ViewsTable] = []

    def told(*names: str) -> ViewsTable:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(views_of(folder, list(names)))
        return made[-1]

    yield told
    for views in made:
        views.close()


def views_of(folder: Path, names: list[str], *, batch: int = 1) -> ViewsTable:
    """Return views of what was said, each always the same entry of the log, whenever it arrives."""
    views = ViewsTable(folder)
    listed = list(SAID)
    entries = [entry_of(SAID[name], listed.index(name)) for name in names]
    for entry in entries:
        views.entries["a/1", entry.index] = entry
    for first in range(0, len(entries), batch):
        views.projector.take("a/1", entries[first : first + batch], position=None)
    return views


def lines(views: ViewsTable) -> list[tuple]:
    """Return key, product and state of the lines."""
    return views.rows("SELECT id, label, status FROM prescribing_request ORDER BY id")


def doses(views: ViewsTable) -> list[str]:
    """Return of which line each dose is, in the order of their hours."""
    return [
        line for (line,) in views.rows("SELECT request FROM prescribing_administration ORDER BY given_at, id")
    ]


def test_two_applications_with_one_number_have_two_lines(told) -> None:
    """One key for both: intensive care's noradrenaline would overwrite the ward's antibiotic."""
    views = told("of the ward", "of intensive care", "given, of the ward")

    assert lines(views) == [
        ("CHV:100/P1^DPI", "Amoxicilline", "active"),
        ("CHV:100/P1^REA", "Noradrénaline", "active"),
    ]
    assert doses(views) == ["CHV:100/P1^DPI"]
    assert views.rows("SELECT DISTINCT placer FROM prescribing_request") == [("P1",)]


@pytest.mark.parametrize("names", [("of the ward", "given", "stopped"), ("stopped", "given", "of the ward")])
def test_what_names_no_application_joins_the_only_order_of_that_number(told, names: tuple[str, ...]) -> None:
    """Many senders leave it out: their dose, or their stop, belongs to the line, whichever came first."""
    views = told(*names)

    assert lines(views) == [("CHV:100/P1^DPI", "Amoxicilline", "stopped")]
    assert doses(views) == ["CHV:100/P1^DPI"]


def test_a_line_that_names_no_application_takes_the_doses_that_do(told) -> None:
    """Prescribed without, charted with: the same line, or the dose would be given again."""
    views = told("of nobody", "given, of the ward")

    assert lines(views) == [("CHV:100/P1^DPI", "Amoxicilline", "active")]
    assert doses(views) == ["CHV:100/P1^DPI"]


def test_of_two_orders_neither_is_guessed(told) -> None:
    """A stop put on the wrong one of two lines stops noradrenaline."""
    views = told("of the ward", "given", "stopped", "of intensive care")

    assert [status for _id, label, status in lines(views) if label] == ["active", "active"]
    assert doses(views) == ["CHV:100/P1"]


def test_an_order_to_the_laboratory_says_nothing_about_a_drug_of_that_number(told) -> None:
    """Each department counts from one."""
    views = told("of the ward", "blood", "given", "result")

    assert doses(views) == ["CHV:100/P1^DPI"]
    assert views.rows("SELECT id, status FROM record_service_request") == [("CHV:100/P1^LABO", "completed")]


def test_a_result_put_right_replaces_the_one_that_left_its_machine_out(told) -> None:
    """Two values of one sample, both current, would be two samples."""
    views = told("blood", "result", "the same put right")

    assert views.rows("SELECT value, previous FROM laboratory_result WHERE current") == [("89", "98")]


@settings(max_examples=25)
@given(
    names=st.lists(st.sampled_from(list(SAID)), unique=True, min_size=2),
    seed=st.integers(0, 999),
    batch=st.integers(1, 9),
)
def test_any_order_of_arrival_gives_the_same_rows(
    names: list[str], seed: int, batch: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Islands hear the same things in another order; no line may change hands between them."""
    folder = tmp_path_factory.mktemp("numbers")
    shuffled = list(names)
    random.Random(seed).shuffle(shuffled)

    straight = views_of(folder, sorted(names, key=list(SAID).index), batch=100)
    mixed = views_of(folder, shuffled, batch=batch)

    assert straight.hash() == mixed.hash()
    for views in (straight, mixed):
        views.close()
