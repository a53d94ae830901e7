"""A recorder to append through: the one that is running, or one started for the time of a command."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from releve.journal.client import Recorder
from releve.journal.errors import JournalError, RecorderGone

__all__ = ["recorder_for"]

START_SECONDS_MAX = 20.0


@contextlib.contextmanager
def recorder_for(data: Path) -> Iterator[Recorder]:
    """Yield a client of the island's recorder; one is started, and stopped again, when none runs.

    Raises:
        JournalError: no recorder could be started; its own words are on standard error.
    """
    with contextlib.suppress(RecorderGone), Recorder(data) as running:
        running.state()
        yield running
        return
    process = subprocess.Popen(
        [sys.executable, "-m", "releve.journal.recorder", "--data", str(data)], stdout=subprocess.DEVNULL
    )
    try:
        with Recorder(data) as recorder:
            _wait_until_it_answers(recorder, process)
            yield recorder
    finally:
        process.terminate()
        process.wait(timeout=START_SECONDS_MAX)


def _wait_until_it_answers(recorder: Recorder, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while True:
        if process.poll() is not None:
            raise JournalError(f"recorder: expected it to run, it ended with code {process.returncode}")
        try:
            recorder.state()
        except RecorderGone:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return
