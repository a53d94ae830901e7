"""Where a data folder keeps its journal, and how an island's log begins.

DATA/journal/ORIGIN/EPOCH.sqlite3   a log          DATA/keys/ORIGIN.EPOCH.key      its private key
DATA/journal/ORIGIN/EPOCH.head      its promise    DATA/runtime/recorder.sock      where to append
                                                   DATA/runtime/own/               names of the logs written here

An island keeps a second log beside its own, ORIGIN-audit: who opened which page. It has its own key, writer and socket
(DATA/runtime/audit.sock), and is never folded into views.
"""

import os
import re
import time
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from releve.journal import facts, head, keys, modes
from releve.journal.durable import sync
from releve.journal.errors import CorruptLog, FolderError, JournalError
from releve.journal.note import Signer, Verifier, open_note
from releve.journal.store import LogLock, LogReader, LogWriter, create_log

ORIGIN = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
DICTIONARY = "hl7v2.1"  # the one new logs begin with
FOLDER_MODE = modes.FOLDER
ROLL_BYTES_FREE = 64 * 1024 * 1024  # an epoch is not ended when the next might find no room
AUDIT = "-audit"  # how the origin of the second log ends
_ORIGIN_OF_LOG = re.compile(rf"{ORIGIN.pattern}({AUDIT})?")
_LOG_NAME = re.compile(r"([1-9][0-9]{0,8})\.sqlite3")
_KEY_NAME = re.compile(rf"({ORIGIN.pattern}(?:{AUDIT})?)\.([1-9][0-9]{{0,8}})\.key")


class Log(NamedTuple):
    """One log of a data folder."""

    origin: str
    epoch: int
    path: Path

    @property
    def name(self) -> str:
        """How the log is named to people: ORIGIN/EPOCH."""
        return f"{self.origin}/{self.epoch}"

    @property
    def is_audit(self) -> bool:
        """Whether it says who opened which page, and is not folded into views."""
        return self.origin.endswith(AUDIT)


class Key(NamedTuple):
    """What a key file holds: the signer, and what every later epoch must repeat."""

    signer: Signer
    exercise: bool
    hospital: str


def log_path(data: Path, origin: str, epoch: int) -> Path:
    """Return the file of a log."""
    return data / "journal" / origin / f"{epoch}.sqlite3"


def key_path(data: Path, origin: str, epoch: int) -> Path:
    """Return the file of a log's private key."""
    return data / "keys" / f"{origin}.{epoch}.key"


def blobs_path(data: Path) -> Path:
    """Return the folder of the bodies kept beside the logs."""
    return data / "blobs"


def socket_path(data: Path) -> Path:
    """Return the recorder's socket."""
    return data / "runtime" / "recorder.sock"


def audit_socket_path(data: Path) -> Path:
    """Return the socket of the second log's recorder."""
    return data / "runtime" / "audit.sock"


def every_log(data: Path) -> list[Log]:
    """Return every log of the data folder, own and mirrored, audit included, by origin and epoch."""
    found = []
    for path in data.glob("journal/*/*.sqlite3"):
        name = _LOG_NAME.fullmatch(path.name)
        if name and _ORIGIN_OF_LOG.fullmatch(path.parent.name):
            found.append(Log(path.parent.name, int(name[1]), path))
    return sorted(found)


def logs(data: Path) -> list[Log]:
    """Return the logs that views are folded from, own and mirrored, by origin and epoch: all but the audit's."""
    return [log for log in every_log(data) if not log.is_audit]


def audit_logs(data: Path) -> list[Log]:
    """Return the epochs of this island's own audit that are on this disk, oldest first."""
    origin = own_log(data).origin + AUDIT
    return [log for log in every_log(data) if log.origin == origin]


def own_log(data: Path) -> Log:
    """Return the log this island writes: the newest epoch it holds a key for.

    Raises:
        FolderError: no key, or keys of two origins.
    """
    held = [(epoch, origin) for epoch, origin in _held(data) if not origin.endswith(AUDIT)]
    if not held:
        raise FolderError("keys: expected the key of an island; make one with `releve init --data DIR`")
    if len({origin for _, origin in held}) > 1:
        raise FolderError("keys: expected the keys of one origin only")
    epoch, origin = held[-1]
    return Log(origin, epoch, log_path(data, origin, epoch))


def _held(data: Path) -> list[tuple[int, str]]:
    # A process that may not even see the keys (a unit of its own) goes by the logs that were opened for writing here.
    for place in (data / "keys", data / "runtime" / "own"):
        names = [_KEY_NAME.fullmatch(path.name) for path in place.glob("*.key")]
        if found := sorted((int(name[2]), name[1]) for name in names if name):
            return found
    return []


def own_audit_log(data: Path) -> Log | None:
    """Return the log that says who opened which page, None when none was begun: the newest epoch with a key here.

    Raises:
        FolderError: no island here.
    """
    origin = own_log(data).origin + AUDIT
    held = [epoch for epoch, name in _held(data) if name == origin]
    return Log(origin, held[-1], log_path(data, origin, held[-1])) if held else None


def read_key(data: Path, log: Log) -> Key:
    """Return the key of an own log.

    Raises:
        FolderError: there is none, others may read it, or it is not a key file.
        KeysLocked: the island is wrapped and not open.
    """
    path = key_path(data, log.origin, log.epoch)
    try:
        if path.stat().st_mode & 0o077:
            raise FolderError(f"key of {log.name}: expected mode 0600, others may read it")
        lines = keys.secret(data, path.name).decode().splitlines()
    except FileNotFoundError:
        raise FolderError(f"key of {log.name}: expected in the folder keys") from None
    values = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
    if not lines or values.get("exercise") not in ("yes", "no"):
        raise FolderError(f"key of {log.name}: expected a key line, then `exercise: yes` or `exercise: no`")
    return Key(Signer.from_text(lines[0]), values["exercise"] == "yes", values.get("hospital", ""))


def create_island(
    data: Path, origin: str, exercise: bool, hospital_name: str, now_us: int, signer: Signer | None = None
) -> Log:
    """Begin the journal of a new island and return its log: two entries, who it is and its dictionary.

    `origin`: 1 to 31 of a-z 0-9 -. `now_us`: UTC, microseconds since 1970. `signer`: a key that others know already,
    named for an epoch that no log here has; by default a new one for the epoch after the newest.

    Raises:
        FolderError: the folder already holds an island, or the name is not one.
    """
    if not ORIGIN.fullmatch(origin) or origin.endswith(AUDIT):
        raise FolderError(f"island name: expected 1 to 31 of a-z 0-9 -, not ending with {AUDIT}")
    if any(_KEY_NAME.fullmatch(path.name) for path in (data / "keys").glob("*.key")):
        raise FolderError("data folder: expected none of an island yet; nothing was changed")
    # Logs of this origin without a key: pulled back from other islands after a loss, or left by an interrupted
    # beginning. A single-writer log is never taken up again (it would fork): the island goes on in a new epoch.
    earlier = [log for log in logs(data) if log.origin == origin]
    before, stamp = None, (-1, 0)
    if earlier:
        with LogReader(earlier[-1].path) as reader:
            opened = reader.opened()
        if opened.exercise != exercise:
            raise FolderError(
                f"{earlier[-1].name}: expected the same exercise mark; an exercise never becomes real"
            )
        before, stamp = _last_words(earlier[-1], Verifier.from_vkey(opened.key))
    for folder in ("", "journal", "keys", "blobs", "runtime"):
        (data / folder).mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    epoch = _epoch_after(earlier, signer, origin)
    reason = "taken up again without its key" if earlier else "first epoch"
    return _begin(data, origin, epoch, exercise, hospital_name, before, reason, now_us, stamp, signer=signer)


def begin_audit(data: Path, now_us: int, signer: Signer | None = None) -> Log:
    """Begin the log of who opened which page, or its next epoch when its key is gone, and return it.

    `signer`: as in `create_island`.

    Raises:
        FolderError: no island here, or the audit already has a log with its key.
    """
    own = own_log(data)
    if (begun := own_audit_log(data)) is not None:
        raise FolderError(f"{begun.name}: expected no audit yet; nothing was changed")
    key = read_key(data, own)
    earlier = audit_logs(data)
    before, stamp = None, (-1, 0)
    if earlier:
        with LogReader(earlier[-1].path) as reader:
            before, stamp = _last_words(earlier[-1], Verifier.from_vkey(reader.opened().key))
    origin = own.origin + AUDIT
    epoch = _epoch_after(earlier, signer, origin)
    reason = "taken up again without its key" if earlier else "first epoch"
    return _begin(
        data, origin, epoch, key.exercise, key.hospital, before, reason, now_us, stamp, signer=signer
    )


def start_epoch(data: Path, reason: str, now_us: int, log: Log | None = None) -> Log:
    """Begin the next epoch of `log` (the island's own) with a new key, and return it; the one before is not touched.

    Works when the epoch before is damaged: what can still be read and verified of its last checkpoint goes into the
    first entry. Whether it is an exercise comes from the key file, so it cannot change.

    Raises:
        FolderError: no island here.
        RecorderBusy: the recorder is running.
    """
    log = log or own_log(data)
    key = read_key(data, log)
    # A beginning that was interrupted may have left an epoch without a key: its number is not used again.
    newest = max([log.epoch, *(other.epoch for other in every_log(data) if other.origin == log.origin)])
    with LogLock(log.path.parent):
        before, stamp = _last_words(log, key.signer.verifier)
        return _begin(
            data,
            log.origin,
            newest + 1,
            key.exercise,
            key.hospital,
            before,
            reason,
            now_us,
            stamp,
            locked=True,
            hands_over=key.signer if before is not None else None,
        )


def roll_epoch(data: Path, reason: str, now_us: int, log: Log | None = None) -> Log:
    """End `log` (the island's own) with a last signed entry and go on in the next epoch, which is returned.

    Cut short in between, whoever opens the ended log next begins the epoch after it.

    Raises:
        FolderError, RecorderBusy, CorruptLog, StorageFull, StorageFailed.
    """
    log = log or own_log(data)
    # Behind its last entry there is no way back: what the next epoch needs is looked at before.
    disk = os.statvfs(log.path.parent)
    if not os.access(data / "keys", os.W_OK) or disk.f_bavail * disk.f_frsize < ROLL_BYTES_FREE:
        raise FolderError(f"{log.name}: expected room on the disk, and a folder of keys that can be written")
    writer = _checked_writer(data, log)
    try:
        if not writer.ended:
            writer.end(reason, now_us)
    finally:
        writer.close()
    return start_epoch(data, reason, now_us, log)


def roll_path(data: Path) -> Path:
    """Return the file in which stands why the epoch shall end."""
    return data / "runtime" / "roll"


def read_roll(data: Path) -> str:
    """Return why the epoch shall end; the word is taken away with it."""
    try:
        return roll_path(data).read_text("utf-8").strip()[:200] or "it was asked for"
    except (OSError, UnicodeDecodeError):
        return "it was asked for"
    finally:
        roll_path(data).unlink(missing_ok=True)


def open_writer(data: Path, log: Log | None = None) -> LogWriter:
    """Return the writer of `log` (the island's own), checked: head, right edge, head file, key.

    Behind an entry that ends an epoch nothing is written: the writer returned is then of the next one, begun here.

    Raises:
        FolderError, RecorderBusy, CorruptLog.
    """
    log = log or own_log(data)
    writer = _checked_writer(data, log)
    if writer.ended:
        writer.close()
        log = start_epoch(data, "the epoch before was ended", time.time_ns() // 1000, log)
        writer = _checked_writer(data, log)
    marks = data / "runtime" / "own"
    marks.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    (marks / key_path(data, log.origin, log.epoch).name).touch()  # empty: a name, not a key
    return writer


def _checked_writer(data: Path, log: Log) -> LogWriter:
    key = read_key(data, log)
    writer = LogWriter(log.path, signer=key.signer, blobs=blobs_path(data), recorder=recorder_name())
    if writer.opened.exercise != key.exercise:
        writer.close()
        raise CorruptLog(f"{log.name} entry 0", "expected the same exercise mark as in the key file")
    return writer


def recorder_name() -> str:
    """Return what stands as recorder in every entry: the program and its version."""
    return f"releve {version('releve')}"


def shipped_dictionary() -> tuple[str, bytes]:
    """Return name and bytes of the zstd dictionary of this version."""
    return DICTIONARY, (
        resources.files("releve.journal") / "dictionaries" / f"{DICTIONARY}.zdict"
    ).read_bytes()


def _epoch_after(earlier: list[Log], signer: Signer | None, origin: str) -> int:
    epoch = earlier[-1].epoch + 1 if earlier else 1
    if signer is None:
        return epoch
    island, _, named = signer.verifier.name.removeprefix("releve/").partition("/")
    if island != origin or not re.fullmatch(r"[1-9][0-9]{0,8}", named):
        raise FolderError(f"key: expected one named releve/{origin}/EPOCH")
    if int(named) < epoch:
        raise FolderError(
            f"{origin}/{named}: expected an epoch that was never begun, {epoch} or later; nothing was changed"
        )
    return int(named)


def _begin(
    data: Path,
    origin: str,
    epoch: int,
    exercise: bool,
    hospital: str,
    before: str | None,
    reason: str,
    now_us: int,
    stamp: tuple[int, int],
    *,
    locked: bool = False,
    hands_over: Signer | None = None,
    signer: Signer | None = None,
) -> Log:
    log = Log(origin, epoch, log_path(data, origin, epoch))
    log.path.parent.mkdir(mode=FOLDER_MODE, exist_ok=True)
    if log.path.exists():
        raise FolderError(f"{log.name}: expected no such log yet; nothing was changed")
    signer = signer or Signer.generate(f"releve/{origin}/{epoch}")
    first = facts.JournalOpened(
        origin=origin,
        epoch=epoch,
        key=signer.verifier.vkey,
        exercise=exercise,
        hospital=hospital,
        before=before,
        reason=reason,
        opened_at_us=now_us,
        handover=None if hands_over is None else _handover(hands_over, origin, epoch, signer.verifier.vkey),
    )
    # The log is made whole under another name; the key comes last, because it makes the epoch the island's own.
    part = log.path.with_name(f"{epoch}.part")
    for leftover in (part, part.with_name(part.name + "-wal"), part.with_name(part.name + "-shm")):
        leftover.unlink(missing_ok=True)
    lock = None if locked else LogLock(log.path.parent)
    try:
        size, root = create_log(
            part, first, shipped_dictionary(), signer, now_us, stamp, recorder=recorder_name()
        )
        promise = head.HeadFile(log.path.with_suffix(".head"))
        for _ in range(2):
            promise.write(size, root)
        promise.sync()
        promise.close()
        part.rename(log.path)
        sync(log.path.parent)
        sync(log.path.parent.parent)
        _write_key(key_path(data, origin, epoch), Key(signer, exercise, hospital))
    finally:
        if lock is not None:
            lock.close()
    return log


def _handover(before: Signer, origin: str, epoch: int, vkey: str) -> str:
    note = before.sign(facts.handover_text(origin, epoch, vkey))
    return note.rpartition("\n\n")[2].rstrip("\n")


def _write_key(path: Path, key: Key) -> None:
    text = f"{key.signer.text()}exercise: {'yes' if key.exercise else 'no'}\nhospital: {key.hospital}\n"
    keys.keep_secret(path.parent.parent, path.name, text.encode())


def _last_words(log: Log, verifier: Verifier) -> tuple[str | None, tuple[int, int]]:
    # A damaged log may fail anywhere; only what verifies is carried over.
    checkpoint, stamp = None, (-1, 0)
    try:
        with LogReader(log.path) as reader:
            stated = reader.checkpoint()
            open_note(stated, verifier)
            checkpoint = stated
            stamp = reader.get(reader.size - 1).hlc
    except JournalError:
        pass
    return checkpoint, stamp
