"""Documents of megabytes from another island: on the disk piece by piece, under their name only when they are it."""

import errno
import os
import tracemalloc
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from releve.islands.exchange.belief import Refused, Terms
from releve.islands.exchange.bounded import Bounded
from releve.islands.exchange.mirror import Mirror, open_mirror
from releve.islands.exchange.pull import PART_BYTES, drive, fetch_blobs
from releve.islands.exchange.quota import Bucket, Quota
from releve.islands.exchange.source import HttpsSource, SourceGone
from releve.journal.errors import JournalError, StorageFailed, StorageFull
from releve.journal.note import Signer

KEY = Signer("releve/c/1", bytes(32))
TERMS = Terms("c", 1, KEY.verifier, None, None, True, True, Quota(), 1 << 40, 50)
PIECE = b"DICM" * 4096
LONG = 1024 * len(PIECE)  # 16 MiB


class Line:
    """A connection that answers with one long body, or closes in the middle of it."""

    def __init__(self, size: int, ends_at: int | None = None) -> None:
        self.questions = 0
        self._size, self._ends_at = size, size if ends_at is None else ends_at
        self._sent = -1

    def settimeout(self, seconds: float) -> None:
        """Never late."""

    def sendall(self, question: bytes) -> None:
        """Count what is asked."""
        self.questions += 1

    def recv(self, size: int) -> bytes:
        """Return the head first, then the body, then nothing."""
        if self._sent < 0:
            self._sent = 0
            return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % self._size
        piece = PIECE[: min(size, self._ends_at - self._sent)]
        self._sent += len(piece)
        return piece

    def close(self) -> None:
        """Closed."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Mirror]:
    """Yield a copy of C's log, empty."""
    with open_mirror(tmp_path, "c", 1, KEY.verifier) as opened:
        yield opened


def over(line: Line, data: Path) -> Bounded:
    """Return a source on the other end of the line, within bounds that never bind."""
    source = HttpsSource("192.0.2.1:1", origin="c", certificate="", data=data)
    source._socket = line  # type: ignore[assignment]
    return Bounded(source, b"", (Bucket(1 << 40), Bucket(1 << 40)), lambda: 0.0, 60)


def digest(size: int) -> bytes:
    """Return the name of the body a line of this size sends."""
    return sha256(PIECE * (size // len(PIECE))).digest()


def files(data: Path) -> list[Path]:
    """Return what stands among the documents."""
    return [path for path in (data / "blobs").rglob("*") if path.is_file()]


def test_a_long_document_never_stands_in_memory(store: Mirror, tmp_path: Path) -> None:
    """Three islands that pull a scan of 256 MiB each, in three threads, would take the memory of the fold."""
    named, source = digest(LONG), over(Line(LONG), tmp_path)
    tracemalloc.start()
    try:
        taken = drive(source, fetch_blobs(store, TERMS, {0: named}))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert taken == LONG
    assert peak < 1 << 20
    (kept,) = files(tmp_path)
    assert kept.parent.name + kept.name == named.hex()
    assert sha256(kept.read_bytes()).digest() == named


def test_what_is_not_what_its_name_says_leaves_only_its_beginning_as_evidence(
    store: Mirror, tmp_path: Path
) -> None:
    """An owned island must fill neither the memory nor the disk with something nobody asked for."""
    with pytest.raises(Refused) as told:
        drive(over(Line(LONG), tmp_path), fetch_blobs(store, TERMS, {0: bytes(32)}))

    assert told.value.evidence["blob"] == PIECE * (PART_BYTES // len(PIECE))
    assert files(tmp_path) == []


def test_a_connection_that_ends_within_a_document_is_not_asked_again_into_the_same_file(
    store: Mirror, tmp_path: Path
) -> None:
    """The two halves one behind the other would be taken for a forgery of the other island's."""
    line = Line(LONG, ends_at=LONG // 2)
    wanted = {0: digest(LONG)}

    assert drive(over(line, tmp_path), fetch_blobs(store, TERMS, wanted)) == 0

    assert line.questions == 1
    assert files(tmp_path) == []
    with pytest.raises(SourceGone):
        over(Line(LONG, ends_at=9), tmp_path).get(f"blobs/{bytes(1).hex()}/{bytes(31).hex()}", LONG)


@pytest.mark.parametrize(
    ("number", "error"),
    [(errno.ENOSPC, StorageFull), (errno.EDQUOT, StorageFull), (errno.EIO, StorageFailed)],
)
def test_a_disk_that_takes_no_document_is_told_as_that(
    store: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, error: type[JournalError]
) -> None:
    """Full is another thing than broken, which ends by itself; and neither is the fault of who sends."""
    source = over(Line(LONG), tmp_path)

    def refuse(handle: int, piece: bytes) -> int:
        raise OSError(number, "refused")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", refuse)
        with pytest.raises(error):
            drive(source, fetch_blobs(store, TERMS, {0: bytes(32)}))
    assert files(tmp_path) == []
