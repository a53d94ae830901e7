"""When the island's log goes on in a new epoch, and doing it between two processes of the recorder."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from releve.app.clock import now_us
from releve.app.lineage import dies_with_parent
from releve.app.settings import Retention
from releve.journal.errors import JournalError
from releve.journal.folder import Log, own_log, roll_path
from releve.journal.reader import LogReader
from releve.web.words import counted

__all__ = ["Roller", "reason_to_roll"]

DAY_US = 86_400_000_000
MIB = 1 << 20
LOOK_SECONDS = 2.0
AGAIN_SECONDS = 300.0  # after an attempt that failed: nothing is recorded while it is tried


def reason_to_roll(one: Log, settings: Retention, now: int) -> str:
    """Return why this log should go on in a new epoch, "" when it should not; 0 in the settings: never for that.

    Raises:
        JournalError: it cannot be read.
    """
    size = one.path.stat().st_size
    if settings.roll_mib and size >= settings.roll_mib * MIB:
        return f"its file has reached {size // MIB:,} MiB"
    with LogReader(one.path) as reader:
        age_us = now - reader.opened().opened_at_us
    if settings.roll_days and age_us >= settings.roll_days * DAY_US:
        return f"it is {counted(age_us // DAY_US, 'day')} old"
    return ""


class Roller:
    """Looks after the age and size of the own log for the supervisor that runs its recorder."""

    def __init__(
        self,
        data: Path,
        settings: Retention,
        *,
        carries: bool = True,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`carries`: whether the views can be had here; a unit that only records does not see them."""
        self._data = data
        self._settings = settings
        self._monotonic = monotonic
        self._not_before = self._next_look = 0.0
        self._before: Log | None = None
        self._carries = carries
        self._steps: list[tuple[str, ...]] = []
        self._proving = False  # what runs is the proof of what was carried in part
        self._carrying: subprocess.Popen[bytes] | None = None

    def is_due(self) -> str:
        """Return why the epoch must end now, "" when it goes on. Looked at every two seconds."""
        if self._monotonic() < self._not_before:
            return ""
        self._not_before = self._monotonic() + LOOK_SECONDS
        try:
            if roll_path(self._data).exists():
                return "it was asked for"
            return reason_to_roll(own_log(self._data), self._settings, now_us())
        except (JournalError, OSError):
            return ""  # the recorder itself says what is wrong with its log

    def roll(self, recorder: int, reason: str) -> None:
        """Tell the recorder (a process) to end the epoch and begin the next; what came of it is seen at later looks."""
        self._not_before = self._monotonic() + AGAIN_SECONDS  # whatever comes of it, not again at once
        with contextlib.suppress(JournalError, OSError):  # a full disk, a recorder that has just died
            self._before = own_log(self._data)
            roll_path(self._data).write_text(reason, "utf-8")
            os.kill(recorder, signal.SIGUSR1)

    def look_after(self) -> None:
        """Go on after a roll, once the next epoch is there: let what matters be restated, and look again as before."""
        if self._monotonic() < self._next_look:
            return
        self._next_look = self._monotonic() + LOOK_SECONDS
        with contextlib.suppress(JournalError, OSError):
            if self._before is not None and own_log(self._data) != self._before:
                self._before, self._not_before = None, 0.0
                self.carry()
            self._go_on()

    def carry(self) -> None:
        """Let another process restate whoever is in care, and prove it: it needs the views, and takes a while."""
        self._steps = [("carry",), ("prove",)] if self._carries else []
        self._go_on()

    def _go_on(self) -> None:
        if self._carrying is not None and self._carrying.poll() is None:
            return
        if self._proving and self._carrying is not None and self._carrying.returncode:
            # What is needed came back otherwise than it is: so all that was said of these persons is restated.
            self._steps = [("carry", "--whole"), ("prove", "--whole")]
        if not self._steps:
            return
        step = self._steps.pop(0)
        self._proving = step == ("prove",)
        self._carrying = subprocess.Popen(
            [
                sys.executable, "-m", "releve.app.cli", "epochs", *step, "--in-care",
                "--data", str(self._data), "--json",
            ],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=sys.stderr, preexec_fn=dies_with_parent(),
        )  # fmt: skip

    def close(self) -> None:
        """End what was begun; what was restated so far stays, the rest is restated the next time."""
        if self._carrying is not None:
            self._carrying.terminate()
            self._carrying.wait()
