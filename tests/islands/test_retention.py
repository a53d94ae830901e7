"""An epoch leaves an island: what matters is restated and proved, the rest is archived, two managers sign."""

from pathlib import Path

import pytest
from house_of_islands import House

from releve.journal.entry import Draft
from releve.journal.folder import log_path
from releve.journal.reader import LogReader
from releve.record.tables import Encounter, Person
from releve.views.carried import entry_at
from releve.web.database import follow_views


def message(trigger: str, ipp: str, day: str, *more: str, bed: str = "201") -> Draft:
    """Return a movement of somebody, as the hospital's identity application sends it."""
    text = "\r".join(
        [
            f"MSH|^~\\&|GAM|CHV|RELEVE||{day}||ADT^{trigger}|{ipp}-{trigger}-{day}|P|2.5",
            f"EVN||{day}",
            f"PID|||{ipp}^^^CHV^PI||NOM{ipp}^^^^^^L||19450714|F",
            f"PV1||I|2140^{bed}^{bed}^CHV||||||||||||||||V{ipp}|||||||||||||||||||||||||20250101100000",
            *more,
        ]
    )
    return Draft(kind="message.hl7v2", body=text.encode(), source="test", subjects=(ipp,))


LONG_AGO = "20250102100000"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return an island whose first epoch tells of somebody who left long ago, and of others who matter."""
    made = House(tmp_path_factory.mktemp("kept"), "a")
    made.say(
        "a",
        *(message("A01", str(ipp), LONG_AGO) for ipp in range(100, 160)),  # left all, but 100
        *(message("A03", str(ipp), "20250105100000") for ipp in range(101, 160)),
        Draft(kind="note.big.1", body=b"x" * 40_000, source="test"),  # of nobody: it stays behind
        *(message("A08", str(ipp), LONG_AGO) for ipp in range(101, 160)),
    )
    return made


@pytest.fixture
def house(made: House, tmp_path: Path) -> House:
    """Return a copy that a test may change."""
    return made.copy(tmp_path)


def ready(house: House, tmp_path: Path) -> dict[str, object]:
    """Close the first epoch, carry, archive and confirm; return what carrying said."""
    house.run("a", "epochs", "roll")
    done = house.run("a", "epochs", "carry")
    house.run("a", "epochs", "archive", "1", "--to", str(tmp_path / "vault"))
    house.run("a", "epochs", "confirm", "--from", str(tmp_path / "vault" / "releve-a.1"), "--where", "coffre B",
              "--yes", signed=True)  # fmt: skip
    return done


def present() -> list[str]:
    """Return who is in the hospital, by the views in force."""
    follow_views()
    return sorted(Encounter.objects.filter(status="present").values_list("person", flat=True))


def test_what_matters_is_proved_and_the_rest_goes(house: House, tmp_path: Path) -> None:
    """The disk is not for ever; nobody in a bed may lose a line of her file for it."""
    done = ready(house, tmp_path)
    assert done["persons"] == 1
    assert 0 < done["entries"] < done["of"]
    status = house.run("a", "epochs", "status")["epochs"]
    assert status[0]["reasons"] == []
    assert house.run("a", "epochs", "prove", "1")["holds"]
    first = log_path(house.data("a"), "a", 1)
    with LogReader(first) as reader:
        origin = next(entry for entry in reader.read(0, 500) if entry.subjects == ("100",))

    gone = house.run("a", "epochs", "drop", "1", "--reason", "un an", "--yes", signed=True)

    assert gone["persons"] == 59
    assert not first.exists() and not (house.data("a") / "keys" / "a.1.key").exists()
    assert present() == ["CHV:100"]
    assert Person.objects.count() == 1
    assert entry_at(house.data("a"), "a/1", origin.index) == origin
    rebuilt = house.run("a", "views", "rebuild")
    assert present() == ["CHV:100"]
    assert rebuilt
    assert house.run("a", "journal", "verify")
