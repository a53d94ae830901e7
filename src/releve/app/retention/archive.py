"""A closed epoch outside this island: a folder that `releve journal verify` and `sha256sum -c` check by themselves."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from hashlib import file_digest, sha256
from pathlib import Path
from typing import NamedTuple

from releve.journal.blobs import BlobStore
from releve.journal.errors import JournalError
from releve.journal.folder import FOLDER_MODE, Log, blobs_path, log_path
from releve.journal.reader import LogReader
from releve.journal.verify import verify_folder

__all__ = ["MANIFEST", "Archive", "ArchiveError", "read_archive", "write_archive"]

MANIFEST = "manifest.sha256"
_BLOBS = "SELECT DISTINCT blob FROM entry WHERE blob IS NOT NULL AND idx < ?"
Show = Callable[[str, int, int], None]

_README = """Relève: one epoch of the journal of an island, exported before it is removed there.
Relève : une époque du journal d’un îlot, exportée avant d’y être supprimée.

  log / journal     {name}
  entries / entrées {size}
  hospital          {hospital}{exercise}

To check it / pour vérifier :

  sha256sum -c {manifest}
  releve journal verify --data .

checkpoint.txt is signed by the island's key, which stands in the first entry: {key}
checkpoint.txt est signé par la clé de l’îlot, inscrite dans la première entrée.
It holds medical data of persons: keep it as a medical record. / Il contient des données médicales.
"""


class ArchiveError(JournalError):
    """An archive is not what was exported; names the file and what was expected."""


class Archive(NamedTuple):
    """An archive that was read back: the log it holds, and the SHA-256 of its manifest."""

    folder: Path
    log: str
    size: int
    root: bytes
    manifest: bytes
    bytes: int
    files: int


def write_archive(data: Path, log: Log, to: Path, show: Show) -> Archive:
    """Write the archive of a closed epoch into a new folder below `to`, read it back, and return it.

    Raises:
        ArchiveError: such a folder is there already, or what was written does not read back.
        OSError: it cannot be written.
    """
    folder = to / f"releve-{log.origin}.{log.epoch}"
    try:
        folder.mkdir(mode=FOLDER_MODE, parents=True)
    except FileExistsError:
        raise ArchiveError(f"{folder.name}: expected no such folder yet; nothing was overwritten") from None
    copy = log_path(folder, log.origin, log.epoch)
    copy.parent.mkdir(mode=FOLDER_MODE, parents=True)
    copy.touch(mode=0o600)
    with LogReader(log.path) as reader, closing(sqlite3.connect(copy)) as target:
        reader.connection.backup(
            target, pages=2000, progress=lambda _, left, total: show("log", total - left, total)
        )
        target.execute(
            "PRAGMA journal_mode = DELETE"
        )  # one file, that a medium without write access can show
        head, opened = reader.head(), reader.opened()
        names = [digest for (digest,) in reader.connection.execute(_BLOBS, (head.size,))]
    (copy.with_suffix(".head")).write_bytes(log.path.with_suffix(".head").read_bytes())
    here, there = BlobStore(blobs_path(data)), BlobStore(blobs_path(folder))
    for done, digest in enumerate(names):
        body = here.get(digest)
        if body is None:
            raise ArchiveError(
                f"{log.name}: expected all bodies it names on this disk; `releve journal verify` says which"
            )
        there.put(body)
        show("files", done + 1, len(names))
    (folder / "checkpoint.txt").write_text(head.checkpoint, "utf-8")
    exercise = ", EXERCISE / EXERCICE" if opened.exercise else ""
    (folder / "README.txt").write_text(
        _README.format(
            name=log.name, size=f"{head.size:,}", hospital=opened.hospital, exercise=exercise, manifest=MANIFEST,
            key=opened.key,
        ),
        "utf-8",
    )  # fmt: skip
    lines = [f"{_digest(path)}  {path.relative_to(folder).as_posix()}" for path in _files(folder)]
    (folder / MANIFEST).write_text("\n".join(lines) + "\n", "utf-8")
    return read_archive(folder, show)


def read_archive(folder: Path, show: Show) -> Archive:
    """Return an archive after reading all of it: every file by its hash, every entry by the signed tree.

    Raises:
        ArchiveError: names the first thing that is not what was exported.
    """
    try:
        manifest = (folder / MANIFEST).read_bytes()
        named: dict[str, str] = {}
        for line in manifest.decode().splitlines():
            digest, name = line.split("  ", 1)
            named[name] = digest
    except (OSError, ValueError):
        raise ArchiveError(f"{MANIFEST}: expected a list of hashes and files") from None
    total = 0
    for done, (name, digest) in enumerate(sorted(named.items())):
        path = folder / name
        if (
            not path.resolve().is_relative_to(folder.resolve())
            or not path.is_file()
            or _digest(path) != digest
        ):
            raise ArchiveError(f"{name}: expected the bytes that the manifest names")
        total += path.stat().st_size
        show("hashes", done + 1, len(named))
    logs = [path for path in _files(folder) if path.suffix == ".sqlite3"]
    if len(logs) != 1 or logs[0].relative_to(folder).as_posix() not in named:
        raise ArchiveError("journal: expected one log, that the manifest names")
    finding = next(iter(verify_folder(folder)), None)
    if finding is not None:
        raise ArchiveError(str(finding))
    with LogReader(logs[0]) as reader:
        head, name = reader.head(), reader.name
    return Archive(folder, name, head.size, head.root, sha256(manifest).digest(), total, len(named))


def _files(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and path.name != MANIFEST and not path.name.endswith(("-wal", "-shm"))
    )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
