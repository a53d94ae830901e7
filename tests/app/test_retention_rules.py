"""When an epoch ends, who matters when it is to go, and what its successor restates."""

import os
from pathlib import Path

import pytest

from releve.app.retention.rolling import DAY_US, MIB, Roller, asked_path, reason_to_roll
from releve.app.settings import Retention
from releve.journal.folder import create_island, log_path, open_writer, own_log

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


def test_the_supervisor_rolls_when_it_is_asked_and_only_once(data: Path) -> None:
    """The command of a running island leaves a word; a word left lying must not roll every two seconds."""
    now = [0.0]
    roller = Roller(data, Retention(roll_days=0), monotonic=lambda: now[0])
    assert roller.is_due() == ""
    asked_path(data).touch()
    assert roller.is_due() == ""  # looked at every two seconds
    now[0] += 2
    assert roller.is_due() == "it was asked for"
    begun = roller.roll("it was asked for")
    assert begun is not None
    assert begun.name == "a/2" == own_log(data).name
    now[0] += 2
    assert roller.is_due() == ""
    roller.close()


def test_an_epoch_that_cannot_be_ended_goes_on(data: Path) -> None:
    """Rolling is housekeeping: whatever is wrong with it, messages are recorded."""
    now = [0.0]
    roller = Roller(data, Retention(), monotonic=lambda: now[0])
    writer = open_writer(data)  # a recorder that did not stop
    assert roller.roll("it is 7 days old") is None
    writer.close()
    asked_path(data).touch()
    assert roller.is_due() == ""  # not tried again at once
    now[0] += 300
    assert roller.is_due() == "it was asked for"
    assert own_log(data).path == log_path(data, "a", 1)
