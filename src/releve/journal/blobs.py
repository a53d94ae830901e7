"""Bodies over 32 KiB: files named by the SHA-256 of what they hold, durable before any entry names them."""

import os
from hashlib import file_digest, sha256
from pathlib import Path
from secrets import token_hex

from releve.journal import modes
from releve.journal.durable import sync

FOLDER_MODE = modes.COMMON_FOLDER
FILE_MODE = modes.FILE


class BlobDraft:
    """A blob on its way to the disk, piece by piece, its SHA-256 computed on the way; it has no name before `keep`."""

    def __init__(self, store: "BlobStore", digest: bytes) -> None:
        self.size = 0
        self._store = store
        self._digest = digest
        self._hash = sha256()
        self._path = store.path(digest)
        self._draft = self._path.parent / f".{self._path.name[:16]}.{token_hex(8)}.part"
        self._handle: int | None = None

    def write(self, piece: bytes) -> None:
        """Add what comes next.

        Raises:
            OSError: it could not be written.
        """
        self._hash.update(piece)
        self.size += len(piece)
        left = memoryview(piece)
        while left:
            left = left[os.write(self._open(), left) :]

    def keep(self) -> bool:
        """Give the blob its name, durably; False, and no such name, when it is not what that says.

        Raises:
            OSError: it could not be written.
        """
        if self._hash.digest() != self._digest:
            return False
        os.fsync(self._open())
        sync(self._path.parent)
        self._draft.rename(self._path)
        sync(self._path.parent)
        sync(self._store.folder)
        return True

    def beginning(self, size: int) -> bytes:
        """Return the first bytes of what was written, `size` at most."""
        return os.pread(self._open(), size, 0)

    def drop(self) -> None:
        """Let go of it; what was not kept is gone."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
            self._draft.unlink(missing_ok=True)

    def _open(self) -> int:
        if self._handle is None:
            self._store.folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
            self._draft.parent.mkdir(mode=FOLDER_MODE, exist_ok=True)
            self._handle = os.open(self._draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
        return self._handle


class BlobStore:
    """The content-addressed files of one data folder: `blobs/ab/cdef…`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, digest: bytes) -> Path:
        """Return where the blob of this SHA-256 stands."""
        name = digest.hex()
        return self.folder / name[:2] / name[2:]

    def put(self, body: bytes) -> bytes:
        """Keep `body` durably; return its SHA-256. The same body is kept once.

        Raises:
            OSError: it could not be written; no half-written blob ever stands under its name.
        """
        digest = sha256(body).digest()
        path = self.path(digest)
        if self.intact(digest):
            # Whoever wrote it may not have come to its fsync yet, and our entry will promise it. Its time says so, too:
            # no epoch that goes takes with it what an entry is about to name.
            os.utime(path)
            sync(path)
            sync(path.parent)
            sync(self.folder)
            return digest
        draft = BlobDraft(self, digest)
        try:
            draft.write(body)
            draft.keep()
        finally:
            draft.drop()
        return digest

    def get(self, digest: bytes) -> bytes | None:
        """Return the blob, or None when it is absent or not what its name says."""
        try:
            body = self.path(digest).read_bytes()
        except FileNotFoundError:
            return None
        return body if sha256(body).digest() == digest else None

    def size(self, digest: bytes) -> int | None:
        """Return the bytes of the blob's file without reading it, None when absent."""
        try:
            return self.path(digest).stat().st_size
        except FileNotFoundError:
            return None

    def intact(self, digest: bytes) -> bool:
        """Return whether the blob is there and is what its name says."""
        try:
            with self.path(digest).open("rb") as file:
                return file_digest(file, "sha256").digest() == digest
        except FileNotFoundError:
            return False

    def remove(self, digest: bytes) -> None:
        """Remove the blob durably; nothing happens when it is not there."""
        path = self.path(digest)
        path.unlink(missing_ok=True)
        if path.parent.exists():
            sync(path.parent)
