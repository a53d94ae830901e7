"""When an epoch ends, who matters when it is to go, and what its successor restates."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from releve.app.recorder_process import recorder_for
from releve.app.retention import rolling
from releve.app.retention.rolling import DAY_US, MIB, Roller, reason_to_roll
from releve.app.settings import Retention
from releve.journal.entry import Draft
from releve.journal.errors import RecorderGone, RecorderUnreachable
from releve.journal.folder import create_island, own_log, roll_path
from releve.journal.reader import LogReader

NOW_US = 1_795_226_999_000_000  # 2026-11-21T02:09:59Z


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return an island that was begun just now."""
    data = tmp_path / "a"
    create_island(data, "a", True, "Valmont", NOW_US)
    return data


@pytest.mark.parametrize(
    ("settings", "days", "expected"),
    [
        (Retention(), 6.99, ""),
        (Retention(), 7.0, "it is 7 days old"),
        (Retention(roll_days=0), 400.0, ""),
        (Retention(roll_days=2), 3.5, "it is 3 days old"),
    ],
)
def test_an_epoch_ends_after_its_days(data: Path, settings: Retention, days: float, expected: str) -> None:
    """A week of a hospital is what one file holds, unless the hospital says otherwise."""
    assert reason_to_roll(own_log(data), settings, NOW_US + int(days * DAY_US)) == expected


def test_an_epoch_ends_at_its_size(data: Path) -> None:
    """A night of pictures fills a file before its week is over."""
    log = own_log(data)
    size = log.path.stat().st_size
    os.truncate(log.path, 3 * MIB)  # zeros behind the pages that SQLite knows of
    assert reason_to_roll(log, Retention(roll_mib=3), NOW_US) == "its file has reached 3 MiB"
    assert reason_to_roll(log, Retention(roll_mib=4), NOW_US) == ""
    assert reason_to_roll(log, Retention(roll_mib=0), NOW_US) == ""
    os.truncate(log.path, size)


def test_the_recorder_is_told_once_and_not_again_at_once(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A word left lying, or an epoch that cannot be ended, must not stop the recorder every two seconds."""
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda process, number: told.append((process, number)))
    now = [0.0]
    roller = Roller(data, Retention(roll_days=0), carries=False, monotonic=lambda: now[0])
    assert roller.is_due() == ""
    roll_path(data).touch()
    assert roller.is_due() == ""  # looked at every two seconds
    now[0] += 2
    assert roller.is_due() == "it was asked for"
    roller.roll(4711, "it was asked for")
    assert told == [(4711, signal.SIGUSR1)]
    assert roll_path(data).read_text() == "it was asked for"
    now[0] += 2
    assert roller.is_due() == ""
    roller.close()


def test_the_recorder_itself_goes_on_in_the_next_epoch(data: Path) -> None:
    """Nothing is started anew: whoever sends waits for two files, not for a program."""
    with recorder_for(data) as recorder:
        before = recorder.append([Draft(kind="note.1", body=b"before", source="test")])[0]
        process = int(
            subprocess.run(["pgrep", "-f", str(data)], capture_output=True, text=True, check=True).stdout
        )
        roll_path(data).write_text("it is 7 days old")
        os.kill(process, signal.SIGUSR1)
        deadline = time.monotonic() + 20
        while own_log(data).epoch == 1:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        after = None
        while after is None:
            with contextlib.suppress(RecorderUnreachable, RecorderGone):
                after = recorder.append([Draft(kind="note.1", body=b"after", source="test")])[0]
    assert (before.epoch, after.epoch) == (1, 2)
    with LogReader(own_log(data).path) as reader:
        assert reader.opened().reason == "it is 7 days old"
    assert not roll_path(data).exists()


def test_when_the_proof_of_a_part_fails_all_of_it_is_restated_and_proved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is there at the hour of the roll to read that a proof failed."""
    begun: list[tuple[str, ...]] = []
    ends = {("carry",): 0, ("prove",): 1, ("carry", "--whole"): 0, ("prove", "--whole"): 1}

    class Ended:
        """A command that has ended at once."""

        def __init__(self, words: list[str], **_: object) -> None:
            step = tuple(words[words.index("epochs") + 1 : words.index("--in-care")])
            begun.append(step)
            self.returncode = ends[step]

        def poll(self) -> int:
            """Return how it ended."""
            return self.returncode

    monkeypatch.setattr(rolling.subprocess, "Popen", Ended)
    now = [0.0]
    roller = Roller(tmp_path, Retention(roll_days=0), monotonic=lambda: now[0])

    roller.carry()
    for _ in range(8):
        now[0] += 10
        roller.look_after()

    assert begun == list(ends), "each once: a proof that fails twice is left for a person"
