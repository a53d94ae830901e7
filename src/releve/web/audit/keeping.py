"""How a fact becomes durable without a page waiting for it.

A page hands its fact to a queue; a thread of the same process takes what gathered in a fifth of a second to the
recorder of the audit. When that recorder cannot be reached the facts wait on the disk (`spool.py`), and the shell says
so. `keep_now` is for what must be durable before a page opens.
"""

import atexit
import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from multiprocessing.util import Finalize
from pathlib import Path
from typing import NamedTuple, Protocol

from releve.journal.client import Recorder
from releve.journal.entry import Draft, Receipt
from releve.journal.errors import DraftRefused, JournalError
from releve.journal.folder import audit_socket_path
from releve.web.audit.facts import AuditFact, FactsLost, draft_of
from releve.web.audit.spool import Spool
from releve.web.database import data_folder

__all__ = ["Keeper", "flush", "keep", "keep_now", "keeper", "use_audit", "waiting_since_ms"]

_log = logging.getLogger("releve.web")

GATHER_SECONDS = 0.2
RETRY_SECONDS = 2.0
TIMEOUT_SECONDS = 5.0
# What one process holds in memory when not even the disk takes it: an hour of a busy hospital's pages.
MEMORY_MAX = 20_000
_DRAIN = 500  # of those that waited on the disk, at a time


class Appends(Protocol):
    """What is needed of the audit's recorder."""

    def append(self, drafts: Sequence[Draft]) -> list[Receipt]:
        """Return only when all are durable."""


class Waiting(NamedTuple):
    """A fact on its way; `key` and `quarter` make it one of its kind, "" for a fact that always counts."""

    draft: Draft
    key: str = ""
    quarter: int = 0


class Keeper:
    """The queue of one process for one data folder; `_run` empties it."""

    def __init__(self, data: Path, recorder: Appends) -> None:
        self.data = data
        self._recorder = recorder
        self._queue: deque[Waiting] = deque()
        self._lost = 0
        self._lost_since_us = 0
        self._flushing = threading.Lock()
        self._spool: Spool | None = None
        self._failing_since_ms: int | None = None
        self.is_ending = False
        # Another process, or this one before it was started again, may have left facts on the disk.
        self._waits_on_disk = Spool.path_of(data).exists()

    def keep(self, fact: AuditFact, key: str = "", quarter: int = 0) -> None:
        """Take a fact; returns at once."""
        if len(self._queue) >= MEMORY_MAX:
            self._lost += 1
            self._lost_since_us = self._lost_since_us or fact.at_us
            return
        self._queue.append(Waiting(draft_of(fact), key, quarter))

    def keep_now(self, fact: AuditFact) -> Receipt | None:
        """Return once the fact is durable: its receipt, or None when it waits on the disk for the recorder.

        Raises:
            sqlite3.Error, OSError: neither the recorder nor the disk took it.
        """
        draft = draft_of(fact)
        try:
            return self._recorder.append([draft])[0]
        except JournalError:
            self._say_failing()
            self._open_spool().put([draft])
            self._waits_on_disk = True
            return None

    def flush(self) -> bool:
        """Take what waits to the recorder; tell whether nothing waits any more."""
        with self._flushing:
            if not self.data.is_dir():
                self._queue.clear()  # nothing is served from there any more
                return True
            batch = [self._queue.popleft() for _ in range(len(self._queue))]
            try:
                spool = self._open_spool()
                with spool.turn() as turn:
                    fresh = [one.draft for one in batch if turn.is_new(one.key, one.quarter)]
                    lost = self._lost_fact(turn.lost)
                    before = turn.waiting(_DRAIN)
                    drafts = [*before.drafts, *lost, *fresh]
                    gone = not drafts or self._append(drafts)
                    if gone:
                        turn.forget(before)
                        if lost:
                            turn.lost, self._lost, self._lost_since_us = 0, 0, 0
                    self._waits_on_disk = turn.number > 0
                if not gone and fresh:
                    spool.put(fresh)
                    self._waits_on_disk = True
            except (sqlite3.Error, OSError):
                # Not even the disk: what gathered stays in memory, in order.
                self._queue.extendleft(reversed(batch))
                self._say_failing()
                return False
            return not self._waits_on_disk and not self._queue

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to take anywhere."""
        return not self._queue and not self._waits_on_disk and self._failing_since_ms is None

    @property
    def waiting_since_ms(self) -> int | None:
        """Since when facts could not be taken to the log, None while they can."""
        return self._failing_since_ms

    def close(self) -> None:
        """Take along what waits, and close the file of what could not be taken."""
        self.flush()
        if self._spool is not None:
            self._spool.close()
            self._spool = None

    def _append(self, drafts: list[Draft]) -> bool:
        try:
            self._recorder.append(drafts)
        except DraftRefused:
            # One of them is our own mistake: it must not hold the others back for ever.
            return self._append_singly(drafts)
        except JournalError:
            self._say_failing()
            return False
        self._failing_since_ms = None
        return True

    def _append_singly(self, drafts: list[Draft]) -> bool:
        for draft in drafts:
            try:
                self._recorder.append([draft])
            except DraftRefused as refusal:
                _log.error("audit: %s was refused: %s", draft.kind, refusal)
            except JournalError:
                self._say_failing()
                return False
        return True

    def _lost_fact(self, lost_on_disk: int) -> list[Draft]:
        number = lost_on_disk + self._lost
        if not number:
            return []
        now_us = time.time_ns() // 1000
        return [draft_of(FactsLost(number=number, since_us=self._lost_since_us or now_us, at_us=now_us))]

    def _say_failing(self) -> None:
        if self._failing_since_ms is None:
            self._failing_since_ms = time.time_ns() // 1_000_000
            if self.is_ending:
                return
            _log.warning("the audit's recorder does not answer: what is opened waits to be recorded")

    def _open_spool(self) -> Spool:
        if self._spool is None:
            self._spool = Spool(self.data)
        return self._spool


# One of a process; tests go through several.
_KEEPERS_MAX = 3
_keepers: dict[Path, Keeper] = {}
_come = threading.Event()
_starting = threading.Lock()
_thread: threading.Thread | None = None
_other: Callable[[], Keeper] | None = None


def use_audit(factory: Callable[[], Keeper] | None) -> None:
    """Take another keeper, which nothing empties by itself (tests); None goes back to the island's own."""
    global _other
    _other = factory


def keeper() -> Keeper:
    """Return the keeper of the data folder this process serves."""
    if _other is not None:
        return _other()
    data = data_folder()
    found = _keepers.get(data)
    if found is None:
        with _starting:
            found = _keepers.get(data)
            if found is None:
                recorder = Recorder(audit_socket_path(data), timeout_seconds=TIMEOUT_SECONDS)
                found = _keepers[data] = Keeper(data, recorder)
                for old in list(_keepers)[:-_KEEPERS_MAX]:
                    _keepers.pop(old).close()
    return found


def _empty_all() -> None:
    """At the end of the process: what cannot be taken along waits on the disk, and there is nobody to tell any more."""
    for one in list(_keepers.values()):
        one.is_ending = True
        one.flush()


def _run() -> None:
    while True:
        if _come.wait(RETRY_SECONDS):
            time.sleep(GATHER_SECONDS)  # what comes together is written together
            _come.clear()
        for one in list(_keepers.values()):
            if not one.is_idle:
                one.flush()


def _wake() -> None:
    global _thread
    if _thread is None or not _thread.is_alive():
        with _starting:
            if _thread is None or not _thread.is_alive():
                _thread = threading.Thread(target=_run, name="audit", daemon=True)
                _thread.start()
                # A worker that ends takes along what is a fifth of a second old; the audit's recorder stops after it.
                atexit.unregister(_empty_all)
                atexit.register(_empty_all)
                # The web server's workers are children of `multiprocessing`, which never come to `atexit`.
                Finalize(None, _empty_all, exitpriority=10)
    _come.set()


def keep(fact: AuditFact, key: str = "", quarter: int = 0) -> None:
    """Take a fact to the audit, some tenths of a second later; of one `key` and `quarter` only the first counts."""
    keeper().keep(fact, key, quarter)
    if _other is None:
        _wake()


def keep_now(fact: AuditFact) -> Receipt | None:
    """Return once the fact is durable; see `Keeper.keep_now`."""
    receipt = keeper().keep_now(fact)
    if receipt is None and _other is None:
        _wake()
    return receipt


def flush() -> bool:
    """Take what waits to the recorder now; tell whether nothing waits any more."""
    return keeper().flush()


def waiting_since_ms() -> int | None:
    """Return since when facts wait because the audit's recorder does not answer, None otherwise."""
    found = keeper()
    if not found.is_idle and _other is None:
        _wake()
    return found.waiting_since_ms
