"""C speaks in the name of A or B, as their relay, with a clock of its own, with cosignatures of anything."""

import struct
from base64 import b64encode
from hashlib import sha256

import msgspec
import pytest

from owned import Owned, Served, Stage
from releve.islands.exchange.cosign import cosign
from releve.islands.exchange.identity import read_mirror_signer
from releve.islands.exchange.publish import Publisher
from releve.islands.exchange.state import Exchange, read_exchange, write_exchange
from releve.journal import folder
from releve.journal.errors import RecorderBusy
from releve.journal.note import Signer


class Relay:
    """The files of another island as C hands them on."""

    def __init__(self, source: Publisher, change=lambda path, raw: raw) -> None:
        self._source, self._change = source, change

    def get(self, path: str, limit: int) -> bytes | None:
        """Return the file as it was changed."""
        found = self._source.get(path, limit)
        return None if found is None else self._change(path, found)

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize(
    "origin", ["a", "a-audit", "b", "b-audit", "d", "c-audit-audit", "a-audit-audit", "c--audit"]
)
def test_a_log_under_another_name_with_cs_key_is_nobodys(stage: Stage, origin: str) -> None:
    """C signs what it calls A's log, B's audit, an island nobody knows."""
    key = Signer.generate(f"releve/{origin}/1")
    stage.attack(Served(stage.owned.messages(4), key, origin=origin))
    stage.attack(Served(stage.owned.messages(4), stage.owned.key, origin=origin, name=f"releve/{origin}/1"))
    assert stage.a.size("a") == stage.a.writer.size
    assert {path.name for path in (stage.a.data / "journal").iterdir()} <= {
        "a",
        "b",
        "b-audit",
        "c-audit",
        "c",
    }
    assert all(
        stage.held(island=island, origin=origin) == 0 for island in stage.victims if origin not in ("a", "b")
    )


def test_a_longer_log_of_a_in_as_name_changes_nothing_there(stage: Stage) -> None:
    """Only A's own key could say that A lost entries; C signs it with another of that name."""
    key = Signer.generate("releve/a/1")
    stage.attack(Served(stage.owned.messages(5000), key, origin="a"), victims="a")
    assert stage.a.puller is not None
    assert stage.a.puller.ahead == {}
    assert set(stage.told()) == {"signature"}


def test_b_relayed_with_a_changed_word_is_refused_and_b_not_accused(stage: Stage) -> None:
    """One bit of B's entry, on its way through C, while B is out of reach."""
    stage.b.record(5)
    stage.clock.us += 60_000_000
    relay = Relay(
        stage.b.publisher, lambda path, raw: raw[:-1] + bytes([raw[-1] ^ 1]) if "/entries/" in path else raw
    )
    stage.attack(relay, victims="a", pause=61)  # type: ignore[arg-type]
    assert stage.a.size("b") < stage.b.writer.size
    assert {(one.what, one.origin, one.from_) for one in stage.a.puller.refused} == {("tree", "b", "c")}  # type: ignore[union-attr]


@pytest.mark.parametrize("kept", ["entries", "tile", "checkpoint", "blobs"])
def test_b_relayed_without_some_of_it_is_taken_from_b(stage: Stage, kept: str) -> None:
    """C keeps bytes of B back: they are had from B, at its next turn."""
    stage.b.record(5)
    stage.clock.us += 60_000_000
    relay = Relay(stage.b.publisher, lambda path, raw: None if kept in path else raw)  # type: ignore[arg-type, return-value]
    stage.attack(relay, victims="a", pause=61)  # type: ignore[arg-type]
    stage.a.pull(stage.b)
    assert stage.a.size("b") == stage.b.writer.size


def test_a_relay_that_drips_does_not_hold_up_who_answers_itself(stage: Stage) -> None:
    """C gives B's log a byte a second: while it does, nobody else could feed A's copy of it."""
    stage.b.record(600)
    asked: list[str] = []

    def drip(path: str, raw: bytes) -> bytes:
        asked.append(path)
        if "/tile/" in path:
            # In the middle of C's answer B's own thread comes for the same log.
            with pytest.raises(RecorderBusy):
                stage.a.puller._place.open("b", 1, None)  # type: ignore[union-attr]
        return raw

    stage.a.puller._turns.reached("b", stage.clock.monotonic())  # type: ignore[union-attr]
    for _ in range(10):
        stage.attack(Relay(stage.b.publisher, drip), victims="a", rounds=1, pause=0.5)  # type: ignore[arg-type]
        stage.a.puller._turns.reached("b", stage.clock.monotonic())  # type: ignore[union-attr]
        stage.a.puller._log("b/1").listed["b"] = stage.b.writer.size  # type: ignore[union-attr]
    assert asked
    assert not any("/tile/" in path for path in asked)


def test_a_list_that_promises_more_makes_us_ask_no_faster(stage: Stage) -> None:
    """C lists a thousand million entries of B, and has none of them."""
    log = stage.owned.log(instead=lambda path, raw: raw + b"b/1 999999999999999\n" if path == "logs" else raw)
    stage.attack(log, rounds=10, pause=0.5)
    assert stage.a.size("b") == stage.b.size("b")


@pytest.mark.parametrize("seconds", [0, 2**40, 2**63, 2**64 - 1])
def test_a_cosignature_from_the_end_of_time_stops_no_page(stage: Stage, seconds: int) -> None:
    """The file that every page reads holds this moment: one that no date can be made of left it unwritten."""
    text = stage.owned.log(*stage.owned.messages(2)).note.partition("\n\n")[0] + "\n"
    line = cosign(text, read_mirror_signer(stage.c.data), seconds)
    stage.attack(stage.owned.log(*stage.owned.messages(2), lines=[line]))
    assert stage.a.puller is not None
    state = Exchange(
        at_us=1, own="a", copies=dict(stage.a.puller.copies), refused=tuple(stage.a.puller.refused)
    )
    (stage.a.data / "runtime").mkdir(exist_ok=True)
    write_exchange(stage.a.data, state)
    assert read_exchange(stage.a.data) is not None
    msgspec.json.encode(state)


def test_a_cosignature_in_bs_name_makes_nobody_a_holder(stage: Stage) -> None:
    """ "Saved on three islands", C says of what only C holds."""
    stage.a.record(1)
    served = Relay(
        stage.a.publisher,
        lambda path, raw: raw + _line("releve/b/mirror").encode() if path.endswith("checkpoint") else raw,
    )
    stage.attack(served, victims="a")  # type: ignore[arg-type]
    assert stage.a.puller is not None
    assert stage.a.puller.copies.get("a/1", {}).get("b", (0, 0))[0] < stage.a.writer.size


def _line(name: str) -> str:
    raw = sha256(name.encode()).digest()[:4] + struct.pack(">Q", 1_795_226_999) + bytes(64)
    return f"— {name} {b64encode(raw).decode()}\n"


@pytest.mark.parametrize("days", [2, 400, 365 * 100])
def test_a_clock_days_ahead_is_told_and_moves_ours_by_a_minute_at_most(stage: Stage, days: int) -> None:
    """C's entries carry another century: A's own next entry must not."""
    seen: list[int] = []
    stage.a.puller._observe = lambda wall_ms, counter: seen.append(wall_ms)  # type: ignore[union-attr]
    ahead = stage.clock.us // 1000 + days * 86_400_000
    stage.attack(
        stage.owned.log(Owned.envelope(len(stage.owned.true), wall_ms=ahead, recorded_at_us=ahead * 1000))
    )
    assert stage.told() == ["clock"]
    assert stage.a.writer._clock.observe(ahead, 0, now_ms=stage.clock.us // 1000) is False, (
        "the recorder's own bound"
    )
    stage.a.record(1)
    with folder.LogReader(stage.a.log.path) as reader:
        assert reader.get(reader.size - 1).hlc[0] <= stage.clock.us // 1000 + 60_000


def test_a_clock_that_runs_backwards_ends_the_log(stage: Stage) -> None:
    """Order within a log is what the views are folded by."""
    at = len(stage.owned.true)
    back = [Owned.envelope(at + number, wall_ms=1_795_226_999_900 - number) for number in range(3)]
    stage.attack(stage.owned.log(*back))
    assert stage.held() == 0
    assert stage.told() == ["order"]


@pytest.mark.parametrize("year", [9999, 1])
def test_what_happened_in_the_year_9999_is_kept_and_orders_nothing(stage: Stage, year: int) -> None:
    """An act of another age: kept as said, but folded by when it was recorded."""
    from zoneinfo import ZoneInfo

    from releve.views.interpreter import Interpreter, Situation

    at = len(stage.owned.true)
    occurred = (year - 1970) * 31_557_600_000_000
    stage.attack(stage.owned.log(Owned.envelope(at, "x.y.1", occurred_at_us=occurred)))
    with folder.LogReader(folder.log_path(stage.a.data, "c", 1)) as reader:
        entry = reader.get(at)
    assert entry.occurred_at_us == occurred
    read = Interpreter(
        (), Situation(zone=ZoneInfo("Europe/Paris"), namespace="X"), lambda message, context: ("", "")
    )
    assert read.read("c/1", entry).context.stamp == entry.recorded_at_us // 1000
