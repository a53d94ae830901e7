"""The drop folder: files put in `DATA/intake` become entries marked *initial*, each exactly once.

First fill of an island, nightly census, medication sheets the hospital can only print. A file that is done moves to
`intake/done/DAY/`, one that will never pass to `intake/refused/` beside a `.why.txt`; nothing is ever deleted.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import msgspec

from releve.gateway.dropped import Part, Refusal, Waits, is_sidecar, parts, sidecar_of
from releve.gateway.ledger import Ledger
from releve.journal.client import Recorder
from releve.journal.entry import Draft, Receipt
from releve.journal.errors import DraftRefused, JournalError
from releve.journal.folder import logs, own_log, socket_path
from releve.journal.store import LogReader

logger = logging.getLogger("releve.gateway.intake")

POLL_SECONDS = 1.0
# A sidecar is copied right after its document by the same script; a person may take a minute.
COMPANION_SECONDS = 60.0
_RETRY_SECONDS = 5.0
_PROGRESS_SECONDS = 2.0
# One durable write for this much: fast on a slow disk, and a crash repeats little reading.
_BATCH_MESSAGES = 256
_BATCH_BYTES = 4 * 1024 * 1024
_UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart", ".swp")
_OURS = ("done", "refused")


class Appender(Protocol):
    """What the intake needs of the recorder's client."""

    def append(self, drafts: list[Draft]) -> list[Receipt]:
        """Return one receipt a draft, once all are durable."""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """`DATA/runtime/intake.json`: what the intake is doing. Files are named by digest: their names may hold values."""

    file: str  # first 12 digits of the SHA-256, "" when nothing is under way
    entries: int = 0
    bytes_done: int = 0
    bytes_total: int = 0
    waiting: int = 0  # files not begun
    done: int = 0  # files, since the start of the gateway
    refused: int = 0


class Intake:
    """Watch one folder. `appender` is the recorder's client, made from the data folder when not given."""

    def __init__(
        self, data: Path, appender: Appender | None = None, *, companion_seconds: float = COMPANION_SECONDS
    ) -> None:
        self._data = data
        self._appender = appender
        self._folder = data / "intake"
        self._companion_seconds = companion_seconds
        self._seen: dict[Path, tuple[int, int]] = {}
        self._retry_at = 0.0
        self._told_at = 0.0
        self._counts = {"done": 0, "refused": 0}
        self._ledger: Ledger | None = None

    def watch(self, stop: threading.Event) -> None:
        """Look every second until `stop` is set. No failure ends it: a broken file must not close the door."""
        while not stop.wait(POLL_SECONDS):
            if time.monotonic() < self._retry_at:
                continue
            try:
                self.look(stop)
            except JournalError as error:
                # Nothing moved: what was not recorded, or may have been, is settled at the next attempt.
                logger.warning("intake waits: %s", error)
                self._retry_at = time.monotonic() + _RETRY_SECONDS
            except OSError as error:
                logger.warning("intake waits: %s (errno %s)", type(error).__name__, error.errno)
                self._retry_at = time.monotonic() + _RETRY_SECONDS
            except Exception as error:
                logger.exception("intake: unexpected %s", type(error).__name__, exc_info=None)
                self._retry_at = time.monotonic() + _RETRY_SECONDS
        if self._ledger is not None:
            self._ledger.close()
            self._ledger = None

    def look(self, stop: threading.Event | None = None) -> int:
        """Take in every file that has stopped growing; return how many were settled.

        Raises:
            JournalError: the recorder cannot take entries now; safe to call again.
            OSError: a file cannot be read or moved now; safe to call again.
        """
        if not self._folder.is_dir():
            self._folder.mkdir(parents=True, exist_ok=True)
        settled = 0
        ready = list(self._stable())
        for place, (path, made_at_us) in enumerate(ready):
            if stop is not None and stop.is_set():
                break
            if is_sidecar(path):
                continue  # goes with its document
            if not path.is_file():
                continue  # moved with its document a moment ago
            if self._take(path, made_at_us, waiting=len(ready) - place - 1):
                settled += 1
        if settled:
            self._tell(Progress(file="", **self._counts))
        return settled

    # -- which files

    def _stable(self) -> Iterator[tuple[Path, int]]:
        """Yield the files whose size and time did not change since the last look."""
        now: dict[Path, tuple[int, int]] = {}
        for path in sorted(self._folder.rglob("*")):
            inside = path.relative_to(self._folder).parts
            if inside[0] in _OURS or any(part.startswith((".", "~")) for part in inside):
                continue
            if path.is_symlink() or not path.is_file() or path.suffix.lower() in _UNFINISHED:
                continue
            state = path.stat()
            now[path] = (state.st_size, state.st_mtime_ns)
        before, self._seen = self._seen, now
        for path, (size, changed_ns) in now.items():
            if before.get(path) == (size, changed_ns):
                yield path, changed_ns // 1000

    # -- one file

    def _take(self, path: Path, made_at_us: int, *, waiting: int) -> bool:
        digest = _digest(path)
        key = digest
        if path.suffix.lower() == ".csv":
            # The same list tomorrow night is a new statement: these patients are still there.
            key += ":" + datetime.fromtimestamp(made_at_us / 1e6, UTC).date().isoformat()
        ledger = self._open_ledger()
        begun = ledger.get(key)
        if begun is not None and begun.state == "done":
            self._move(path, digest, "done")
            return True
        log = own_log(self._data)
        already = 0
        if begun is not None:
            already = self._recorded(f"file:{digest}", begun.epoch, begun.size)
        else:
            with LogReader(log.path) as reader:
                ledger.begin(key, epoch=log.epoch, size=reader.size)
        patient = time.time() - made_at_us / 1e6 < self._companion_seconds
        try:
            entries = self._append(path, digest, made_at_us, patient, already, waiting)
        except Waits:
            return False
        except Refusal as refusal:
            self._refuse(path, digest, key, refusal)
            return True
        except DraftRefused as error:
            self._refuse(path, digest, key, Refusal(f"Journal: {error}.", f"Journal : {error}."))
            return True
        ledger.end(key, "done")
        self._move(path, digest, "done")
        self._counts["done"] += 1
        logger.info("intake: file %s recorded, %d entries", digest[:12], entries)
        return True

    def _append(
        self, path: Path, digest: str, made_at_us: int, patient: bool, already: int, waiting: int
    ) -> int:
        """Append what is not in the log yet; return how many entries the file has in all."""
        total = path.stat().st_size
        batch: list[Draft] = []
        size = count = reached = 0
        self._told_at = 0.0
        for part in parts(path, digest, made_at_us=made_at_us, patient=patient):
            count += 1
            if count <= already:
                continue
            batch.append(part.draft)
            size += len(part.draft.body)
            reached = part.reached
            if len(batch) >= _BATCH_MESSAGES or size >= _BATCH_BYTES:
                self._flush(batch, path, digest, count, reached, total, waiting)
                batch, size = [], 0
        if batch:
            self._flush(batch, path, digest, count, reached, total, waiting)
        return count

    def _flush(
        self, batch: list[Draft], path: Path, digest: str, count: int, reached: int, total: int, waiting: int
    ) -> None:
        if self._appender is None:
            self._appender = Recorder(socket_path(self._data))
        self._appender.append(batch)
        now = time.monotonic()
        if now - self._told_at >= _PROGRESS_SECONDS:
            if self._told_at:
                logger.info(
                    "intake: file %s, %d %%, %d entries", digest[:12], 100 * reached // max(total, 1), count
                )
            self._told_at = now
            self._tell(
                Progress(
                    file=digest[:12],
                    entries=count,
                    bytes_done=reached,
                    bytes_total=total,
                    waiting=waiting,
                    **self._counts,
                )
            )

    def _recorded(self, source: str, epoch: int, size: int) -> int:
        """Return how many entries of `source` stand in the own log since it was begun: the log itself remembers."""
        own = own_log(self._data)
        found = 0
        for log in logs(self._data):
            if log.origin != own.origin or log.epoch < epoch:
                continue
            with LogReader(log.path) as reader:
                start = size if log.epoch == epoch else 0
                while entries := reader.read(start, 1000):
                    found += sum(entry.source == source for entry in entries)
                    start = entries[-1].index + 1
        return found

    # -- what is left behind

    def _refuse(self, path: Path, digest: str, key: str, refusal: Refusal) -> None:
        self._open_ledger().end(key, "refused")
        moved = self._move(path, digest, "refused")
        moved.with_name(moved.name + ".why.txt").write_text(
            f"{refusal.french}\n\n{refusal.english}\n", encoding="utf-8"
        )
        self._counts["refused"] += 1
        logger.warning("intake: file %s refused: %s", digest[:12], refusal)

    def _move(self, path: Path, digest: str, where: str) -> Path:
        """Move the file (and its sidecar) out of the way, never over another one."""
        day = datetime.now(UTC).date().isoformat()
        inside = path.relative_to(self._folder)
        folder = (
            self._folder / where / day / inside.parent
            if where == "done"
            else self._folder / where / inside.parent
        )
        folder.mkdir(parents=True, exist_ok=True)
        sidecar = sidecar_of(path) if path.suffix.lower() == ".pdf" else None
        target = _free(folder / path.name, digest)
        if sidecar is not None:
            sidecar.rename(_free(folder / sidecar.name, digest))
        path.rename(target)
        self._seen.pop(path, None)
        return target

    def _open_ledger(self) -> Ledger:
        if self._ledger is None:
            self._ledger = Ledger(self._data / "runtime" / "intake.sqlite3")
        return self._ledger

    def _tell(self, progress: Progress) -> None:
        place = self._data / "runtime" / "intake.json"
        part = place.with_suffix(".part")
        part.write_bytes(msgspec.json.encode(progress))
        part.replace(place)


def _free(target: Path, digest: str) -> Path:
    number = 0
    found = target
    while found.exists():
        number += 1
        found = target.with_name(f"{target.stem}-{digest[:8]}-{number}{target.suffix}")
    return found


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


__all__ = ["Appender", "Intake", "Part", "Progress"]
