"""`releve serve` on a locked island: stick and TPM are tried, the page is shown, and once it is open the start goes on.

No message is taken: the MLLP port stays closed, so that senders keep what they have.
"""

import fcntl
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from releve.app.locked.state import write_state
from releve.app.supervisor import Address, Child, try_address
from releve.journal.errors import FolderError
from releve.journal.keys import hand_over, is_wrapped, open_keys, withdraw

__all__ = ["Keeper", "close_after", "is_served", "is_served_by_units", "open_or_wait"]

_log = logging.getLogger("releve.locked")
KEEP_SECONDS = 1.0
LOOK_SECONDS = 0.5  # a stick is seen within two seconds
TPM_SECONDS = 30.0  # a TPM that refused once is asked again, not hammered
STOP_SECONDS = 5.0


def open_or_wait(
    data: Path,
    *,
    http: Address | None,
    tls: bool,
    stick: str,
    environment: Mapping[str, str],
    on_locked: Callable[[], None],
) -> bool:
    """Return True once the island's keys can be read; False when it was stopped before. `http` None: no page.

    Raises:
        AddressTaken: the page cannot be shown there.
        FolderError: the keys folder refuses.
    """
    if not is_wrapped(data):
        return True
    if _try(data, stick):
        return True
    if http is not None:
        try_address(http)
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    arguments = [
        sys.executable,
        "-m",
        "releve.app.worker",
        "locked",
        "--data",
        str(data),
        "--listen",
        str(http),
    ]
    page = Child("locked", [*arguments, *(["--tls"] if tls else [])], dict(os.environ) | dict(environment))
    try:
        if http is not None:
            page.start()
        asked, announced = time.monotonic(), False
        while not stopping:
            time.sleep(LOOK_SECONDS if announced else 0.1)
            if http is not None:
                page.watch()
            if not announced and (http is None or _answers(http)):
                announced = True
                on_locked()
            ask_tpm = time.monotonic() - asked > TPM_SECONDS
            if ask_tpm:
                asked = time.monotonic()
            if _try(data, stick, ask_tpm=ask_tpm):
                _log.info("the island is open: starting it")
                return True
        return False
    finally:
        _end(page)
        for number, handler in before.items():
            signal.signal(number, handler)


def is_served(data: Path) -> bool:
    """Tell whether a `releve serve`, of all or of one process, runs on this data folder."""
    return not _can_lock(data, fcntl.LOCK_EX)


def is_served_by_units(data: Path) -> bool:
    """Tell whether processes run one by one (`--only`): each sees the key files as they were when it started."""
    return is_served(data) and _can_lock(data, fcntl.LOCK_SH)


def _can_lock(data: Path, how: int) -> bool:
    try:
        with (data / "runtime" / "serve.lock").open("r") as file:
            fcntl.flock(file, how | fcntl.LOCK_NB)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


class Keeper:
    """Keeps the island key in memory while the island runs: whoever clears /dev/shm must not stop sign-in.

    `look` is called often and does little: the supervisor forks, so that no thread may stand beside it.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self._wrapped = is_wrapped(data)
        self._found = open_keys(data) if self._wrapped else {}
        self._next = 0.0

    def look(self) -> None:
        """Put the key back when somebody took it out; take notice when it was changed, or the island wrapped."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + KEEP_SECONDS
        if not (self._wrapped or is_wrapped(self._data)):
            return
        self._wrapped = True
        try:
            now = open_keys(self._data)
            if not now and self._found:
                _log.warning("the island key was taken out of memory by somebody else: put back")
                hand_over(self._data, self._found)
            self._found = now or self._found
        except FolderError as error:
            _log.error("%s", error)


def close_after(data: Path) -> None:
    """Take the key out of memory when the last process of the island has stopped: the next start asks again."""
    if is_wrapped(data) and not is_served(data):
        withdraw(data)


_last: dict[str, str] = {}


def _try(data: Path, stick: str, *, ask_tpm: bool = True) -> bool:
    """Return whether the island is open, by another command, the page, the stick or the TPM."""
    # Here: cards, rings and TPM are a third of what a start loads, and most islands that start are open.
    from releve.app.keys.island_key import open_by_itself, open_with, opened

    try:
        key = open_with(data)
        if key is None:
            key, states = open_by_itself(data, stick, ask_tpm=ask_tpm)
            _last.update(states)
            write_state(data, _last)
        if key is None:
            return False
        opened(data, key)
    except FolderError as error:
        # A ring that cannot be read, a folder of somebody else: people are told, and it is tried again.
        if _last.get("error") != str(error):
            _last["error"] = str(error)
            _log.error("%s", error)
        return False
    return True


def _answers(http: Address) -> bool:
    try:
        with socket.create_connection((http.host, http.port), timeout=1):
            return True
    except OSError:
        return False


def _end(page: Child) -> None:
    """Stop the page and give its address free."""
    if page.process is None:
        return
    page.process.terminate()
    try:
        page.process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        page.process.kill()
        page.process.wait()
    page.clear()
