"""The process that pulls: a thread a peer, a file that tells, nothing that one island does holds another."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from three_islands import Island, islands

from releve.islands.exchange import puller_process
from releve.islands.exchange.peers import Peer, peers_path, write_peers
from releve.islands.exchange.publish import Publisher
from releve.islands.exchange.puller_process import PullerProcess
from releve.islands.exchange.quota import Quota
from releve.islands.exchange.source import Source, SourceGone
from releve.islands.exchange.state import Exchange, read_exchange


@pytest.fixture
def three(tmp_path: Path) -> Iterator[list[Island]]:
    """Return islands a, b and c that know one another."""
    made = islands(tmp_path, "a", "b", "c")
    yield made
    for island in made:
        island.close()


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process look and tell ten times a second."""
    monkeypatch.setattr(puller_process, "STATE_SECONDS", 0.1)


class Stuck:
    """An island that answers nothing until it is let go."""

    def __init__(self, let_go: threading.Event) -> None:
        self._let_go = let_go

    def get(self, path: str, limit: int) -> bytes | None:
        """Return nothing, late."""
        self._let_go.wait(20.0)
        raise SourceGone("late", "slow")

    def close(self) -> None:
        """Nothing is open."""


@contextmanager
def running(island: Island, make: Callable[[Peer], Source], stop: threading.Event) -> Iterator[PullerProcess]:
    """Run the puller of an island in a thread."""
    process = PullerProcess(
        island.data,
        stop,
        quota=Quota(free_bytes_min=0),
        poll_ms=50,
        make_source=lambda data, peer, address: make(peer),
    )
    thread = threading.Thread(target=process.run)
    thread.start()
    try:
        yield process
    finally:
        stop.set()
        thread.join(10.0)
        assert not thread.is_alive()


def told(island: Island, ready: Callable[[Exchange], bool]) -> Exchange:
    """Return how the exchange stands once it stands like that."""
    end = time.monotonic() + 15
    while time.monotonic() < end:
        exchange = read_exchange(island.data)
        if exchange is not None and ready(exchange):
            return exchange
        time.sleep(0.02)
    raise AssertionError(f"it did not come to stand like that: {read_exchange(island.data)}")


def test_a_peer_that_answers_nothing_holds_no_other(three: list[Island]) -> None:
    """C hangs: what A records must come all the same, and C's trouble must be told."""
    a, b, _ = three
    a.record(300)
    stop = threading.Event()

    def make(peer: Peer) -> Source:
        return Publisher(a.data) if peer.origin == "a" else Stuck(stop)

    with running(b, make, stop):
        exchange = told(b, lambda one: "a/1" in one.logs and one.logs["a/1"].size == 302)
        assert exchange.own == "b"
        assert exchange.peers["a"].reached_us is not None
        assert exchange.peers["a"].trouble == ""
        assert exchange.peers["c"].reached_us is None
        assert exchange.copies["a/1"]["a"].size == 302
    assert b.size("a") == 302


def test_trouble_is_told_in_a_word_and_ends_when_the_island_answers(three: list[Island]) -> None:
    """Whoever looks at 3 a.m. sees which island is not reached, and since when."""
    a, b, c = three
    gone = threading.Event()
    gone.set()

    class Sometimes:
        def __init__(self, publisher: Publisher) -> None:
            self._publisher = publisher

        def get(self, path: str, limit: int) -> bytes | None:
            if gone.is_set():
                raise SourceGone("no", "certificate")
            return self._publisher.get(path, limit)

        def close(self) -> None:
            pass

    datas = {"a": a.data, "c": c.data}
    with running(b, lambda peer: Sometimes(Publisher(datas[peer.origin])), threading.Event()):
        told(b, lambda one: one.peers["a"].trouble == "certificate" and one.peers["a"].reached_us is None)
        assert b.size("a") == 0
        gone.clear()
        told(b, lambda one: one.peers["a"].trouble == "" and one.peers["a"].reached_us is not None)
        told(b, lambda one: "a/1" in one.logs)
    assert b.size("a") == a.size("a") > 0


def test_an_island_that_leaves_is_not_asked_any_more_and_one_that_joins_is(three: list[Island]) -> None:
    """One signed act in the views is enough: no process has to be started again."""
    a, b, c = three
    a.record(1)
    datas = {"a": a.data, "c": c.data}
    with running(b, lambda peer: Publisher(datas[peer.origin]), threading.Event()) as process:
        told(b, lambda one: "a/1" in one.logs and "c/1" in one.logs)
        b.known["a"] = Peer(origin="a", name="A", left=True)
        b.meet([])
        told(b, lambda one: "a" not in one.peers)
        end = time.monotonic() + 10
        while "a" in process._threads and time.monotonic() < end:
            time.sleep(0.02)
        assert "a" not in process._threads
        a.record(5)
        peers_path(b.data).write_text("{")  # half written by hand: whom we know stays
        time.sleep(0.3)
        assert "c" in process._threads
        b.known["a"] = a.card()
        b.meet([])
        told(b, lambda one: one.logs["a/1"].size == 8)


def test_an_error_nobody_thought_of_ends_no_thread(three: list[Island]) -> None:
    """Whatever comes over the line, the next try comes too."""
    a, b, c = three
    broken = threading.Event()
    broken.set()

    class Odd(Publisher):
        def get(self, path: str, limit: int) -> bytes | None:
            if broken.is_set():
                raise ZeroDivisionError
            return super().get(path, limit)

    datas = {"a": a.data, "c": c.data}
    with running(b, lambda peer: Odd(datas[peer.origin]), threading.Event()) as process:
        told(b, lambda one: one.peers["a"].trouble == "answer")
        assert b.size("a") == 0
        broken.clear()
        for _, stop, _ in process._threads.values():
            stop.set()  # not to wait for the pause after an error: they start again
        exchange = told(b, lambda one: "a/1" in one.logs and one.peers["a"].trouble == "")
        assert not exchange.refused
    assert b.size("a") == a.size("a") > 0


def test_what_was_told_before_a_restart_is_told_after_it(three: list[Island]) -> None:
    """A refusal at 3 a.m. must still be on the screen at 7, though the process died at 4."""
    a, b, c = three
    datas = {"a": a.data, "c": c.data}
    a.record(1)
    with running(b, lambda peer: Publisher(datas[peer.origin]), threading.Event()):
        told(b, lambda one: "a/1" in one.copies)
    write_peers(b.data, b.puller._peers)  # type: ignore[union-attr]
    stop = threading.Event()
    with running(b, lambda peer: Stuck(stop), stop):
        exchange = told(b, lambda one: one.at_us > 0)
        assert exchange.copies["a/1"]["a"].size == 3


def test_a_full_disk_is_told_and_nothing_is_pulled_until_there_is_room(three: list[Island]) -> None:
    """Our own journal goes first: the copies of others wait."""
    a, b, _ = three
    a.record(3)
    stop = threading.Event()
    process = PullerProcess(
        b.data,
        stop,
        quota=Quota(free_bytes_min=1 << 60),
        poll_ms=50,
        make_source=lambda data, peer, address: Publisher(a.data) if peer.origin == "a" else Stuck(stop),
    )
    thread = threading.Thread(target=process.run)
    thread.start()
    told(b, lambda one: one.peers["a"].trouble == "disk")
    stop.set()
    thread.join(10.0)
    assert b.size("a") == 0
