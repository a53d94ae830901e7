"""The recorder of the second log, who opened which page: begins it, keeps its epochs short, drops what is too old.

A process of its own, so that no fault of the audit ever keeps a message or an act from being recorded. It goes on in a
new epoch once a month and when the one before is damaged: the audit of the next page matters more than a neat log.
"""

import logging
import signal
import threading
import time
from pathlib import Path

from releve.journal import folder
from releve.journal.entry import Submission
from releve.journal.errors import CorruptLog, JournalError
from releve.journal.folder import Log
from releve.journal.reader import LogReader
from releve.journal.recorder import RecorderServer, listen
from releve.journal.store import LogWriter
from releve.web.audit.facts import EpochDropped, draft_of
from releve.web.audit.index import IndexKeeper
from releve.web.audit.reading import glasses_in

__all__ = ["EPOCH_DAYS", "drop_old_epochs", "open_audit", "run_audit"]

_log = logging.getLogger("releve.audit")

EPOCH_DAYS = 31
_DAY_US = 86_400_000_000
_LOOK_SECONDS = 3600.0


def open_audit(data: Path, now_us: int) -> LogWriter:
    """Return the writer of the audit, its log begun, or gone on with in a new epoch, where that was due.

    Raises:
        FolderError: no island here.
        RecorderBusy: another process writes it.
        StorageFull, StorageFailed.
    """
    log = folder.own_audit_log(data) or folder.begin_audit(data, now_us)
    try:
        writer = folder.open_writer(data, log)
    except CorruptLog as error:
        _log.critical("%s: going on in a new epoch", error)
        return folder.open_writer(data, folder.start_epoch(data, "the epoch before is damaged", now_us, log))
    if now_us - writer.opened.opened_at_us < EPOCH_DAYS * _DAY_US:
        return writer
    writer.close()
    return folder.open_writer(data, folder.start_epoch(data, "a month has passed", now_us, log))


def drop_old_epochs(data: Path, writer: LogWriter, *, keep_days: int, now_us: int) -> list[Log]:
    """Remove the epochs whose last entry is older than `keep_days` (0: none), and return them.

    That they are gone is an entry of the log that goes on. An epoch stays while it holds a break-glass that nobody
    reviewed, and so do those that follow it: there is never a hole.
    """
    gone: list[Log] = []
    if not keep_days:
        return gone
    for log in folder.audit_logs(data):
        if log.epoch >= writer.epoch:
            break
        try:
            with LogReader(log.path) as reader:
                size, checkpoint = reader.size, reader.checkpoint()
                last_us = reader.get(size - 1).recorded_at_us
        except JournalError:
            _log.error("%s cannot be read: it is not dropped", log.name)
            break
        if now_us - last_us <= keep_days * _DAY_US:
            break
        if any(glass.log == log.name and glass.review is None for glass in glasses_in(data)):
            _log.warning("%s holds a break-glass that nobody reviewed: it is kept", log.name)
            break
        fact = EpochDropped(
            epoch=log.epoch, entries=size, checkpoint=checkpoint, keep_days=keep_days, at_us=now_us
        )
        draft = draft_of(fact)
        # Said first: after a cut in between, the file is still there and the next look removes it.
        writer.append([Submission(draft.kind, draft.body, "island", "", now_us, ())], now_us)
        for ending in (".sqlite3", ".sqlite3-wal", ".sqlite3-shm", ".head"):
            log.path.with_suffix(ending).unlink(missing_ok=True)
        folder.key_path(data, log.origin, log.epoch).unlink(missing_ok=True)
        _log.info("%s was dropped: %d entries older than %d days", log.name, size, keep_days)
        gone.append(log)
    return gone


def run_audit(data: Path, *, keep_days: int) -> None:
    """Record until SIGTERM or SIGINT.

    Raises:
        FolderError, RecorderBusy, StorageFull, StorageFailed: it cannot start, or cannot go on.
    """
    stop = threading.Event()
    serving: list[RecorderServer] = []

    def end(*_: object) -> None:
        stop.set()
        for server in serving:
            server.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    IndexKeeper(data, stop).start()
    while not stop.is_set():
        writer = open_audit(data, time.time_ns() // 1000)
        path = folder.audit_socket_path(data)
        try:
            drop_old_epochs(data, writer, keep_days=keep_days, now_us=time.time_ns() // 1000)
            with listen(path) as listener:
                server = RecorderServer(writer, listener)
                serving[:] = [server]
                again = threading.Timer(_seconds_until_due(writer), server.stop)
                again.daemon = True
                again.start()
                _log.info("recording %s from entry %d on", writer.name, writer.size)
                try:
                    if not stop.is_set():
                        server.run()
                except CorruptLog as error:
                    _log.critical("%s", error)  # the next turn goes on in a new epoch
                finally:
                    serving.clear()
                    again.cancel()
                    path.unlink(missing_ok=True)
        finally:
            writer.close()


def _seconds_until_due(writer: LogWriter) -> float:
    """Return when to look again: at the end of the month of this epoch, and once a day for what is too old."""
    age_us = time.time_ns() // 1000 - writer.opened.opened_at_us
    return min(86_400.0, max(_LOOK_SECONDS, (EPOCH_DAYS * _DAY_US - age_us) / 1e6))
