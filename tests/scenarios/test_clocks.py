"""Clocks of senders that are a year wrong, and an island that stops and starts between."""

from datetime import datetime, timedelta
from itertools import islice

from living_island import LivingIsland, lived, send

YEAR_MS = 365 * 24 * 3600 * 1000


def dated(message: bytes, days: int, application: bytes) -> bytes:
    """Return the message with a clock so many days off, from an application of its own."""
    fields = message.split(b"|")
    said = datetime.strptime(fields[6][:14].decode(), "%Y%m%d%H%M%S")  # noqa: DTZ007  (moved, not interpreted)
    fields[2] = application
    fields[6] = (said + timedelta(days=days)).strftime("%Y%m%d%H%M%S").encode()
    return b"|".join(fields)


def test_wrong_clocks_of_senders_move_neither_the_journal_nor_its_order(island: LivingIsland) -> None:
    """A laboratory a year ahead must not date what the next sender says, nor what people record."""
    messages = lived(3)
    island.serve()
    began_ms = int(datetime.now().timestamp() * 1000)  # noqa: DTZ005  (a count since 1970)
    for turn in range(2):
        if turn:
            island.stop()
            island.serve()
        right = list(islice(messages, 10))
        ahead = [dated(message, 365, b"AHEAD") for message in islice(messages, 10)]
        behind = [dated(message, -365, b"BEHIND") for message in islice(messages, 10)]
        mixed = [message for three in zip(right, ahead, behind, strict=True) for message in three]
        assert all(b"MSA|AA|" in answer for answer in send(island, mixed))
    ended_ms = int(datetime.now().timestamp() * 1000)  # noqa: DTZ005

    entries = island.journal()
    assert len(entries) == 60
    stamps = [tuple(entry["hlc"]) for entry in entries]
    recorded = [entry["recorded_at"] for entry in entries]
    assert stamps == sorted(set(stamps))
    assert recorded == sorted(recorded)
    assert all(began_ms - 1 <= wall <= ended_ms + 1 for wall, _ in stamps)
    island.wait_until_folded()
    told = dict(island.ask("SELECT application, clock_ms FROM hospital_sender"))
    # A first fill tells of stays that began weeks ago: a wide tolerance still tells a year.
    assert abs(told["AHEAD"] - YEAR_MS) < YEAR_MS // 4
    assert abs(told["BEHIND"] + YEAR_MS) < YEAR_MS // 4
