import os
from hashlib import sha256
from pathlib import Path

import pytest
from recorder_here import flip

from releve.journal.blobs import BlobStore

BODY = b"DICM" * 20_000


def test_a_blob_is_kept_once_under_its_hash(tmp_path: Path) -> None:
    """The same document sent by three feeds must not fill the disk three times."""
    blobs = BlobStore(tmp_path / "blobs")

    first, second = blobs.put(BODY), blobs.put(BODY)

    assert first == second == sha256(BODY).digest()
    name = first.hex()
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()] == [
        f"blobs/{name[:2]}/{name[2:]}"
    ]
    assert blobs.get(first) == BODY
    assert blobs.size(first) == len(BODY)


def test_a_damaged_blob_is_not_given_out_and_is_healed_by_the_next_put(tmp_path: Path) -> None:
    """Deduplication against a rotten file would lose the good copy just received."""
    blobs = BlobStore(tmp_path / "blobs")
    digest = blobs.put(BODY)

    flip(blobs.path(digest), 70, 3)

    assert blobs.get(digest) is None
    assert not blobs.intact(digest)
    blobs.put(BODY)
    assert blobs.get(digest) == BODY


def test_a_blob_that_is_not_there_is_said_to_be_absent(tmp_path: Path) -> None:
    """It may still be on its way from another island."""
    blobs = BlobStore(tmp_path / "blobs")

    assert blobs.get(bytes(32)) is None
    assert blobs.size(bytes(32)) is None
    assert not blobs.intact(bytes(32))
    blobs.remove(bytes(32))


def test_a_blob_can_be_removed(tmp_path: Path) -> None:
    """Redaction has to take the document with it."""
    blobs = BlobStore(tmp_path / "blobs")
    digest = blobs.put(BODY)

    blobs.remove(digest)

    assert blobs.get(digest) is None


def test_a_write_that_fails_leaves_nothing_under_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A half-written document under its hash would be believed by the next reader."""
    blobs = BlobStore(tmp_path / "blobs")

    def fail(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="space"):
        blobs.put(BODY)

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
