"""Any arrival gives the same views, and no message stops the fold."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from small_world import messages_of
from views_table import ViewsTable, adt, entry_of, hl7

from releve.exercise.demo import demo_hospital
from releve.exercise.hospital_life import stream

PID = "PID|||8001^^^CHV^PI||MARTIN^Jeanne^^^^^L||19450714|F"


def folded(folder: Path, entries: list[Any], rng: random.Random | None) -> ViewsTable:
    """Return views of these entries, taken in this order, in batches of any size."""
    views = ViewsTable(folder)
    for entry in entries:
        views.entries[f"{entry.origin}/{entry.epoch}", entry.index] = entry
    waiting = list(entries)
    while waiting:
        size = rng.choice((1, 2, 5, 40)) if rng is not None else len(waiting)
        log = f"{waiting[0].origin}/{waiting[0].epoch}"
        part = [waiting.pop(0)]
        while waiting and len(part) < size and f"{waiting[0].origin}/{waiting[0].epoch}" == log:
            part.append(waiting.pop(0))
        views.projector.take(log, part, position=part[-1].index + 1)
    return views


def placed(messages: list[bytes], rng: random.Random) -> list[Any]:
    """Return the messages as entries of up to three logs."""
    logs: dict[str, int] = {}
    found = []
    for message in messages:
        log = f"{rng.choice('abc')}/1"
        found.append(entry_of(message, logs.get(log, 0), log=log))
        logs[log] = logs.get(log, 0) + 1
    return found


@settings(max_examples=12)
@given(seed=st.integers(0, 100_000))
@example(seed=11403)  # a number linked to one whose visit was moved to a third
def test_a_small_hospital_told_in_any_order_is_the_same_hospital(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Merges, cancellations, nulls and equal seconds, about four persons in three visits."""
    rng, folder = random.Random(seed), tmp_path_factory.mktemp("order")
    entries = placed(messages_of(seed, rng.choice((6, 25, 60))), rng)
    straight = folded(folder, entries, None)
    rng.shuffle(entries)
    mixed = folded(folder, entries, rng)

    assert mixed.hash() == straight.hash()
    straight.close()
    mixed.close()


@settings(max_examples=2)
@given(seed=st.integers(0, 999))
def test_a_simulated_life_told_in_any_order_is_the_same_life(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The same, with what a hospital really sends."""
    rng, folder = random.Random(seed), tmp_path_factory.mktemp("order")
    life = [message for _, message in stream(demo_hospital(seed=1), seed, 200)]
    entries = placed(list(dict.fromkeys(life)), rng)
    straight = folded(folder, entries, None)
    rng.shuffle(entries)
    mixed = folded(folder, entries, rng)

    assert mixed.hash() == straight.hash()
    straight.close()
    mixed.close()


def test_no_small_hospital_stops_a_reader(views: ViewsTable) -> None:
    """A reader that stops loses the rest of its message."""
    views.fold(messages_of(7, 600))

    assert views.rows("SELECT reason FROM views_not_understood WHERE reason LIKE '%%stopped at%%'") == []


NASTY = (
    b'""', b"", b"\\X00\\", b"\x00", b"\xff\xfe", b"99991231235959", b"00010101", b"9" * 20, b"-1", b"NaN", b"inf",
    b"~~~", b"^^^^", b"&&&&", b"\xed\xa0\x80", b"20261120000000+1400", b"A" * 300, "é€\U0001f600".encode(), b"/",
    b"%s", b"0",
)  # fmt: skip


def broken(message: bytes, rng: random.Random) -> bytes:
    """Return a message with bytes, fields or segments that are not where they were."""
    if rng.random() < 0.3:
        changed = bytearray(message)
        for _ in range(rng.randint(1, 5)):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        return bytes(changed)
    segments = message.split(b"\r")
    for _ in range(rng.randint(1, 4)):
        place = rng.randrange(len(segments))
        fields = segments[place].split(b"|")
        field = rng.randrange(len(fields))
        if rng.random() < 0.4:
            other = rng.randrange(len(fields))
            fields[field], fields[other] = fields[other], fields[field]
        else:
            parts = fields[field].split(b"^")
            parts[rng.randrange(len(parts))] = rng.choice(NASTY)
            fields[field] = b"^".join(parts)
        segments[place] = b"|".join(fields)
    return b"\r".join(segments)


def test_no_broken_message_stops_the_fold(views: ViewsTable) -> None:
    """What cannot be understood is kept and listed; the boards go on."""
    rng = random.Random(20)
    life = [message for _, message in stream(demo_hospital(seed=1), 20, 300)] + messages_of(20, 200)
    views.fold([broken(rng.choice(life), rng) for _ in range(1_000)], batch=200)

    assert views.rows('SELECT "index" FROM views_position') == [(1_000,)]
    assert views.rows("SELECT reason FROM views_not_understood WHERE reason LIKE '%%stopped at%%'") == []
    assert views.rows("SELECT reason FROM views_not_understood WHERE reason LIKE '%%tables can hold%%'") == []


def test_an_entry_that_the_tables_refuse_is_listed_and_the_next_is_folded(
    views: ViewsTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise every board of the island stands still for ever, at the same message."""
    plain = views.projector._interpreter.fold

    def fold(fact: Any, context: Any) -> Any:
        for row in plain(fact, context):
            # A number larger than any table holds, from a fault of ours that no test knows yet.
            yield row._replace(values={**row.values, "died_at": 1 << 70}) if context.index == 1 else row

    monkeypatch.setattr(views.projector._interpreter, "fold", fold)
    views.fold(
        [adt("A28", "20261120080000", PID.replace("8001", number)) for number in ("8001", "8002", "8003")]
    )

    assert views.rows("SELECT id FROM record_person ORDER BY id") == [("CHV:8001",), ("CHV:8003",)]
    assert views.rows("SELECT id, reason FROM views_not_understood") == [
        ("a/1#1", "OverflowError: expected rows that the tables can hold")
    ]
    assert views.rows('SELECT "index" FROM views_position') == [(3,)]


@pytest.mark.parametrize("header", ["MARTIN^Jeanne", "martin", "19450714"])
def test_a_header_that_is_shifted_is_not_repeated_in_words(
    more_views: Callable[[], ViewsTable], header: str
) -> None:
    """Reasons are read on a page that is not a patient's, and travel in logs."""
    views = more_views()
    views.fold([hl7(f"MSH|^~\\&|X|Y|||20261121||{header}|9|P|2.5", PID)])

    assert views.rows("SELECT kind, reason FROM views_not_understood") == [
        ("HL7 v2", "MSH-9: no department reads HL7 v2 yet")
    ]
