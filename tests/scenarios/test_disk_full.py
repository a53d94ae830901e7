"""The disk of a whole island runs full while senders send, and is emptied again."""

import base64
import os
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from living_island import LivingIsland, Load, control_id, lived, send, wait_until

MEGABYTES = 64
LEFT_BYTES = 2_500_000  # under the 5 % at which the views stop


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Return a disk of its own, small; skips where none can be mounted."""
    path = tmp_path / "disk"
    path.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={MEGABYTES}m", "releve-test", str(path)]
    if subprocess.run(["mount", *options], capture_output=True, check=False).returncode:
        pytest.skip("no small disk can be mounted here (needs root): a full disk of an island was not tested")
    yield path
    subprocess.run(["umount", "--lazy", str(path)], check=True)


def test_a_full_disk_costs_no_acknowledged_message_and_it_goes_on_when_there_is_room(
    disk: Path, island_in: Callable[[Path], LivingIsland]
) -> None:
    """A sender that gets no answer keeps its message; one that got an answer has thrown it away."""
    island = island_in(disk)
    island.serve()
    ballast = disk / "ballast"
    messages = lived(24, patients=80)
    with Load(island, (bulky(message) for message in messages), lines=4, pause_seconds=0.01) as load:
        for _ in range(10):
            load.wait_for_more("messages")
        with ballast.open("wb") as file:
            while (free := os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize) > LEFT_BYTES:
                file.write(bytes(min(4_000_000, free - LEFT_BYTES)))
                file.flush()

        wait_until(lambda: "no room" in island.said(), "a full disk to be said")
        wait_until(lambda: "the views stop" in island.said(), "the views to stop before the journal")
        probe = bulky(next(messages))
        assert send(island, [probe]) == [b""]  # no answer, and the connection is closed
        acknowledged = sum(load.acknowledged.values())

        ballast.unlink()
        load.wait_for_more("messages after there was room again")
    assert b"MSA|AA|" + control_id(probe) in send(island, [probe])[0]

    stored = island.messages()
    assert sum(load.acknowledged.values()) > acknowledged > 0
    assert not load.acknowledged - stored
    assert not stored - load.tried - Counter([probe])
    assert stored[probe] == 1
    assert len(load.tried) > len(load.acknowledged)
    assert not any(sender.refused for sender in load.senders)
    assert island.result("journal", "verify")["ok"]
    island.wait_until_folded(60)
    live = island.result("views", "hash")
    island.result("views", "rebuild")
    assert island.result("views", "hash")["hash"] == live["hash"]
    assert island.stop() < 10


def bulky(message: bytes) -> bytes:
    """Return the message with a note that does not compress, so that a small disk fills in seconds."""
    noise = base64.b64encode(os.urandom(9000))
    return re.sub(rb"\r*$", b"\rNTE|1||" + noise + b"\r", message, count=1)
