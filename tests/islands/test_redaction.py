"""The bytes of one entry leave the journal: what was recorded of the wrong person, by order of two managers."""

from hashlib import shake_256
from pathlib import Path

import pytest
from house_of_islands import RUNNER, House

from releve.app.cli import app
from releve.hospital.standing import statements_now
from releve.journal import facts
from releve.journal.entry import Draft
from releve.journal.folder import log_path
from releve.journal.reader import LogReader
from releve.record.tables import Person, WardChange
from releve.views.tables import NotUnderstood, Subject, SubjectEntry

SECRET = shake_256(b"said of somebody else").digest(150)  # no compression hides it from a search


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Return two islands that belong together."""
    return House.joined(tmp_path / "house", "a", "b", wards=("2140", ""))


def told_of_the_wrong_person(house: House, body: bytes = SECRET) -> int:
    """Record an entry on A and return its place."""
    (receipt,) = house.say("a", Draft(kind="message.hl7v2", body=body, source="mllp:10.0.0.5"))
    return receipt.index


def redact(house: House, index: int, **options: bool) -> dict[str, object]:
    """Redact an entry of A."""
    words = ("journal", "redact", str(index), "--reason", "ordonnance 12/2026")
    yes = ("--yes",) if options.pop("yes", True) else ()
    return house.run("a", *words, *yes, **options)


def holding(data: Path) -> list[Path]:
    """Return the files of journal and blobs in which the body can be read."""
    files = [path for room in ("journal", "blobs") for path in (data / room).rglob("*") if path.is_file()]
    return [path for path in files if SECRET in path.read_bytes()]


def admitted(number: str, name: str = "LE GOFF") -> Draft:
    """Return the message by which somebody is admitted to ward 2140."""
    text = (
        f"MSH|^~\\&|GAM|CHV|RELEVE||20261120100000||ADT^A01|{number}|P|2.5\rEVN||20261120100000\r"
        f"PID|||{number}^^^CHV^PI||{name}^ANNE^^^^^L||19450714|F\r"
        f"PV1||I|2140^201^201^CHV||||||||||||||||V{number}|||||||||||||||||||||||||20261120100000\r"
        f"ZBE|M{number}|20261120100000||INSERT|N|A01|^^^^^^UF^^^2140||H\r"
    )
    return Draft(kind="message.hl7v2", body=text.encode("latin-1"), source="mllp:10.0.0.5")


def named(house: House, origin: str) -> dict[str, str]:
    """Return whom the views of an island know, brought up to date as its fold does, and their names."""
    house.run(origin, "islands", "list")
    return dict(Person.objects.values_list("id", "birth_name"))


def changed_at(ward: str) -> int:
    """Return when the ward's board last changed."""
    return WardChange.objects.get(ward=ward).version


def test_what_was_folded_from_the_bytes_leaves_the_pages_of_every_island_at_once(house: House) -> None:
    """A court orders it, and the nurse must not go on reading it until somebody thinks of a command."""
    (wrong, *_) = house.say("a", admitted("801"), admitted("802", "MORVAN"), admitted("803", "QUERE"))
    (again,) = house.say("a", admitted("802", "DELORME"))
    house.carry("a")
    assert (
        named(house, "a")
        == named(house, "b")
        == {"CHV:801": "LE GOFF", "CHV:802": "DELORME", "CHV:803": "QUERE"}
    )
    before = changed_at("2140")

    said = redact(house, wrong.index, signed=True)
    redact(house, again.index, signed=True)
    house.carry("a")

    # Of one of them nothing is left, the other is again what was said before.
    assert named(house, "b") == {"CHV:802": "MORVAN", "CHV:803": "QUERE"}
    assert changed_at("2140") > before
    assert named(house, "a") == {"CHV:802": "MORVAN", "CHV:803": "QUERE"}
    assert not SubjectEntry.objects.filter(index=wrong.index).exists()
    assert (Subject.objects.filter(key="CHV:801").count(), Subject.objects.get(key="CHV:802").entries) == (
        0,
        1,
    )
    folded = [house.run(origin, "views", "hash")["hash"] for origin in "ab"]
    house.run("a", "views", "rebuild")
    assert folded == [house.run("a", "views", "hash")["hash"]] * 2
    assert "rebuild" not in str(said)


def test_what_could_not_be_read_and_is_removed_is_listed_no_more(house: House) -> None:
    """The list of what was not understood names the entry; whoever looks at it finds nothing there."""
    index = told_of_the_wrong_person(house)
    house.run("a", "islands", "list")
    assert NotUnderstood.objects.filter(index=index).exists()

    redact(house, index, signed=True)
    house.run("a", "islands", "list")

    assert not NotUnderstood.objects.filter(index=index).exists()


@pytest.mark.parametrize("size", [1, 2_000], ids=["in the log", "a document beside it"])
def test_the_bytes_go_everywhere_and_every_proof_holds(house: House, size: int) -> None:
    """A court orders it; whoever checks the journal must be able to tell an order from damage."""
    index = told_of_the_wrong_person(house, SECRET * size)
    first, data = log_path(house.data("a"), "a", 1), house.data("a")
    assert holding(data)

    done = redact(house, index, signed=True)

    with LogReader(first) as reader:
        gone, act = reader.get(index), reader.get(int(str(done["entry"]).partition("#")[2]))
        why = facts.read_redaction(act.body)
        assert (gone.redacted, gone.body, gone.kind, gone.source) == (
            True,
            b"",
            "message.hl7v2",
            "mllp:10.0.0.5",
        )
        assert (why.index, why.reason) == (index, f"ordonnance 12/2026 (signed: {done['order']})")
        end = reader.size
    assert holding(data) == []
    checked = house.run("a", "journal", "verify")
    assert (checked["ok"], checked["redacted"], checked["findings"]) == (True, 1, [])
    house.carry("a")
    assert house.run("b", "journal", "verify")["redacted"] == 1
    with LogReader(log_path(house.data("b"), "a", 1)) as reader:
        assert (reader.size, reader.get(index).body) == (end, b"")
    house.run("b", "islands", "list")
    orders = [one for one in statements_now() if one.kind == "islands.redacted.1"]
    assert [(one.counts, one.body["index"]) for one in orders] == [(True, index)]


def test_verify_says_in_words_that_bytes_were_removed(house: House) -> None:
    """An auditor who reads that all is well asks next what is missing."""
    index = told_of_the_wrong_person(house)
    before = house.told("a", "journal", "verify").stdout
    assert '"redacted":0' in before.replace(" ", "")

    redact(house, index, signed=True)

    said = RUNNER.invoke(app, ["journal", "verify", "--data", str(house.data("a"))]).stdout
    assert "(1 without their bytes, which a signed act removed): everything is as promised" in said


def test_nothing_goes_without_two_cards_or_before_it_is_agreed_to(house: House) -> None:
    """One person alone, in a hurry, must not be able to take a line out of a file."""
    index = told_of_the_wrong_person(house)

    assert "two cards" in redact(house, index, ok=False)["stderr"]  # type: ignore[operator]
    assert "nothing was changed" in redact(house, index, ok=False, signed=True, yes=False)["stderr"]  # type: ignore[operator]

    with LogReader(log_path(house.data("a"), "a", 1)) as reader:
        assert reader.get(index).body == SECRET


def test_what_gives_power_or_is_not_there_cannot_be_redacted(house: House) -> None:
    """Without the bytes of a cut line nobody could tell why an island is refused."""
    index = told_of_the_wrong_person(house)
    with LogReader(log_path(house.data("a"), "a", 1)) as reader:
        size = reader.size
        powers = [
            one.index
            for one in reader.read(0, size)
            if one.kind.startswith(("account.", "islands.", "journal."))
        ]
    assert len(powers) > 3

    for place in (powers[0], powers[2], powers[-1]):
        assert "stays" in redact(house, place, signed=True, ok=False)["stderr"]  # type: ignore[operator]
    assert "expected one of them" in redact(house, size + 5, signed=True, ok=False)["stderr"]  # type: ignore[operator]
    redact(house, index, signed=True)
    assert "no bytes any more" in redact(house, index, signed=True, ok=False)["stderr"]  # type: ignore[operator]


def test_what_will_go_is_shown_first_without_a_word_of_it(house: House) -> None:
    """It is read aloud in the crisis room."""
    index = told_of_the_wrong_person(house, b"NOM DELORME")

    said = house.told("a", "journal", "redact", str(index), "--reason", "x", signed=True).stderr

    assert f"a/1 entry {index:,}: message.hl7v2, 11 bytes, from mllp:10.0.0.5" in said
    assert "DELORME" not in said
