"""The whole way once: a real publisher behind a real Caddy, and the real puller process beside it."""

import os
import subprocess
import sys
import time
from pathlib import Path

from published import publishing
from three_islands import Island, islands

from releve.app.settings import IslandSettings, write_settings
from releve.islands.exchange.peers import Peer
from releve.islands.exchange.state import read_exchange
from releve.journal import verify


def addressed(island: Island, address: str) -> Peer:
    """Return how others know an island that listens there."""
    card = island.card()
    return Peer(
        origin=card.origin, name=card.name, addresses=(address,), certificate=card.certificate,
        mirror_key=card.mirror_key, recipient=card.recipient, epochs=card.epochs,
    )  # fmt: skip


def test_what_an_island_records_is_held_and_signed_for_by_another_within_seconds(tmp_path: Path) -> None:
    """Keys, certificates, proxy, proofs and files of the two programs must fit together, not only each with a test."""
    a, b = islands(tmp_path, "a", "b")
    a.record(700)
    a.record(1, size=50_000)
    with publishing(a.data, "a") as door:
        write_settings(b.data, IslandSettings())
        b.meet([addressed(a, f"127.0.0.1:{door.port}")])
        process = subprocess.Popen(
            [sys.executable, "-m", "releve.app.worker", "puller", "--data", str(b.data)],
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stderr=(b.data / "runtime" / "puller.log").open("wb"),
        )
        try:
            waited = wait_for(b, 703)
            a.record(5)
            waited = wait_for(b, 708)
        finally:
            process.terminate()
            process.wait(20)
    assert waited < 10
    assert list(verify.verify_folder(b.data)) == []
    assert b.publisher.get("a/1/checkpoint", 1 << 14).count(b"releve/b/mirror") == 1  # type: ignore[union-attr]
    assert process.returncode == 0
    for island in (a, b):
        island.close()


def wait_for(island: Island, size: int) -> float:
    """Return how many seconds it took until that many entries of a are held with all they name."""
    start = time.monotonic()
    while time.monotonic() - start < 40:
        exchange = read_exchange(island.data)
        if exchange is not None and "a/1" in exchange.logs and exchange.logs["a/1"].whole == size:
            return time.monotonic() - start
        time.sleep(0.05)
    raise AssertionError((island.data / "runtime" / "puller.log").read_text())
