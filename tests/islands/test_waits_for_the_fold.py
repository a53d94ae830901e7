"""A command that managers sign while the fold is behind: it says so at once, and waits for no messages it need not."""

import contextlib
from pathlib import Path

import msgspec
import pytest
from house_of_islands import HOSPITAL, House

from releve.app import views_now
from releve.app.folding import Folder
from releve.app.recorder_process import recorder_for
from releve.app.views_now import ViewsBehind, acts_behind, bring_views_up, entries_behind
from releve.crisis.facts import CutDeclared
from releve.hospital.in_force import latest_map
from releve.hospital.status import EVERYWHERE
from releve.journal.entry import Draft
from releve.views.database import generation_in_force

BACKLOG = 120


@pytest.fixture
def behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """Return an island whose views miss a hundred and twenty messages, and nobody folds them."""
    house = House(tmp_path, "a")
    house.run("a", "islands", "list")
    house.say(
        "a", *(Draft(kind="message.hl7v2", body=b"MSH|%d" % n, source="mllp:1") for n in range(BACKLOG))
    )
    monkeypatch.setattr(views_now, "WAIT_SECONDS_MAX", 0.5)
    return house


def act() -> Draft:
    """Return an act of this island."""
    said = CutDeclared(
        applications=(HOSPITAL.applications[0].code,), places=(EVERYWHERE,), status="down", since_us=1,
        reason="exercise", by="crise", second="medecin",
    )  # fmt: skip
    return Draft(
        kind="crisis.declared.1", body=msgspec.msgpack.encode(said), source="command", author="crise"
    )


def test_a_command_says_at_once_for_how_many_entries_it_waits(behind: House) -> None:
    """Two managers stood before a silent screen for half a minute, their cards in their hands."""
    with recorder_for(behind.data("a")):
        said = behind.told("a", "islands", "list").stderr

    assert said.splitlines()[0] == f"waits until {BACKLOG} more entries can be read on the pages"
    assert f"the views are {BACKLOG} entries behind the journal" in said


def test_what_needs_no_patient_waits_for_no_message(behind: House) -> None:
    """Who belongs is told by acts; the messages of the night have nothing to do with it."""
    with recorder_for(behind.data("a")):
        said = behind.told("a", "islands", "leave", "c", "--reason", "fermé", signed=True).stderr

    assert "expected an island that belongs" in said
    assert "waits" not in said
    assert "behind" not in said


def test_acts_are_waited_for_and_the_messages_before_them_are_not(behind: House) -> None:
    """What gives power is an act, and the fold takes acts before a long backlog."""
    data, told = behind.data("a"), list[int]()
    with recorder_for(data) as recorder:
        bring_views_up(data, lambda *_: None, waits=told.append, acts_only=True)
        assert told == []
        recorder.append([act()])
        with pytest.raises(ViewsBehind, match="1 entry behind"):
            bring_views_up(data, lambda *_: None, waits=told.append, acts_only=True)
        assert told == [1]

        generation = generation_in_force(data)
        assert generation is not None
        with contextlib.closing(Folder(data, generation, latest_map(data), alias="ahead")) as folder:
            folder.step(10, backlog=False)

        sizes = {"a/1": views_now._sizes(data)["a/1"]}
        assert (acts_behind(data, sizes), entries_behind(data, sizes)) == (0, BACKLOG + 1)
        bring_views_up(data, lambda *_: None, waits=told.append, acts_only=True)
        assert told == [1]
