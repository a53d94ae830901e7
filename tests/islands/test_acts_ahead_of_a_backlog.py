"""Those who write while a backlog is folded: their acts at once, the backlog when it may, and the same in the end."""

import contextlib
import time
from pathlib import Path

import msgspec
from house_of_islands import HOSPITAL, House

from releve.app.folding import Folder
from releve.crisis.facts import CutDeclared
from releve.exercise.demo import demo_hospital
from releve.exercise.hospital_life import stream
from releve.exercise.night import smaller
from releve.hospital.in_force import latest_map
from releve.hospital.status import EVERYWHERE
from releve.journal.entry import Draft
from releve.views.database import new_generation
from releve.views.hashing import hash_of_views

MESSAGES = 300
STEP = 50


def declaration() -> Draft:
    """Return an act of this island."""
    said = CutDeclared(
        applications=(HOSPITAL.applications[0].code,), places=(EVERYWHERE,), status="down",
        since_us=time.time_ns() // 1000, reason="exercise", by="crise", second="medecin",
    )  # fmt: skip
    return Draft(
        kind="crisis.declared.1", body=msgspec.msgpack.encode(said), source="command", author="crise"
    )


def declared(folder: Folder) -> int:
    """Return how many declarations the views show."""
    with folder.connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM hospital_declaration")
        return int(cursor.fetchone()[0])


def test_while_the_fold_rests_acts_are_folded_and_the_backlog_waits(tmp_path: Path) -> None:
    """A nurse's form behind a million messages must show at once, and leave the processors to her page."""
    house = House(tmp_path, "a")
    data = house.data("a")
    messages = [message for _, message in stream(smaller(demo_hospital(), 10), 1, MESSAGES)]
    house.say("a", *(Draft(kind="message.hl7v2", body=one, source="mllp:10.0.0.5") for one in messages))
    with contextlib.closing(Folder(data, new_generation(data), latest_map(data), alias="rests")) as folder:
        assert folder.step(STEP) >= STEP
        position = folder.positions["a/1"]
        house.say("a", declaration())

        assert (folder.step(STEP, backlog=False), folder.acts_ahead) == (1, 1)
        assert (declared(folder), folder.positions["a/1"]) == (1, position)
        assert (folder.step(STEP, backlog=False), folder.acts_ahead) == (0, 0)

        house.say("a", declaration())
        assert (folder.step(STEP), folder.acts_ahead) == (STEP + 1, 1)
        assert (declared(folder), folder.positions["a/1"]) == (2, position + STEP)
        while folder.step(STEP):
            pass
        with contextlib.closing(Folder(data, new_generation(data), latest_map(data), alias="order")) as whole:
            while whole.step(MESSAGES * 2):
                pass
            assert hash_of_views(folder.connection) == hash_of_views(whole.connection)


def test_what_is_no_backlog_is_folded_in_its_order_even_while_the_fold_rests(tmp_path: Path) -> None:
    """The feed of this minute must not stand behind another island's log that came after a cut."""
    house = House(tmp_path, "a")
    data = house.data("a")
    with contextlib.closing(Folder(data, new_generation(data), latest_map(data), alias="minute")) as folder:
        while folder.step(STEP):
            pass
        messages = [message for _, message in stream(smaller(demo_hospital(), 10), 1, 5)]
        house.say("a", *(Draft(kind="message.hl7v2", body=one, source="mllp:10.0.0.5") for one in messages))

        assert (folder.step(STEP, backlog=False), folder.behind()) == (5, 0)
