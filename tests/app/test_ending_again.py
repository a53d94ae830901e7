"""A process that is started in vain is said where people look, not in a log alone."""

import sys
import time
from pathlib import Path

from releve.app.supervisor import Address, Child, Supervisor
from releve.web.ending_again import ending_again, note_ending


def test_a_process_that_ends_again_and_again_is_said_until_it_runs(tmp_path: Path) -> None:
    """For nights the packs were not set and only a log knew."""
    (tmp_path / "runtime").mkdir()
    note_ending(tmp_path, "packs")  # left by the supervisor before
    supervisor = Supervisor(
        tmp_path, http=Address("127.0.0.1", 0), mllp=(), tls=False, environment={}, only=("packs",)
    )
    child = Child("packs", [sys.executable, "-c", "raise SystemExit(1)"], {"PYTHONSTARTUP": ""})

    supervisor._say_ending(child)
    assert ending_again(tmp_path) == []

    began = time.monotonic()
    while not ending_again(tmp_path) and time.monotonic() - began < 20:
        child.watch()
        supervisor._say_ending(child)
        time.sleep(0.02)
    assert [one.name for one in ending_again(tmp_path)] == ["packs"]

    child._deaths = 0  # as after half a minute of running
    supervisor._say_ending(child)
    assert ending_again(tmp_path) == []
    child.clear()
