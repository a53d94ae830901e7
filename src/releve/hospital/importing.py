"""From a directory on disk to the draft of a journal entry: the only part of the map that touches files."""

import hashlib
from pathlib import Path

from releve.hospital.columns import DEPARTMENT_FILES, FILES
from releve.hospital.facts import MAP_KIND, HospitalMapImported, write_map
from releve.hospital.folder import FolderReading, read_folder
from releve.hospital.map import HospitalMap
from releve.journal.entry import Draft

__all__ = ["department_files", "draft_map", "folder_sha256", "read_directory"]


def read_directory(directory: Path) -> FolderReading:
    """Return what the folder in `directory` says.

    Raises:
        OSError: the directory or a file of it cannot be read.
    """
    return read_folder(_files(directory))


def folder_sha256(directory: Path) -> str:
    """Return one fingerprint of the folder's files: names and bytes, whatever their order.

    Raises:
        OSError: the directory or a file of it cannot be read.
    """
    whole = hashlib.sha256()
    for name, data in sorted(_files(directory).items()):
        whole.update(f"{name} {hashlib.sha256(data).hexdigest()}\n".encode())
    return whole.hexdigest()


def draft_map(hospital: HospitalMap, *, source: str, author: str = "", folder_sha256: str = "") -> Draft:
    """Return the entry that puts a map in force; append it through the recorder."""
    body = write_map(HospitalMapImported(map=hospital, folder_sha256=folder_sha256))
    return Draft(kind=MAP_KIND, body=body, source=source, author=author)


def department_files(directory: Path) -> dict[str, bytes]:
    """Return the files of the folder that departments read: formulary, limits, protocols.

    Raises:
        OSError: a file cannot be read.
    """
    return {
        name: (directory / name).read_bytes() for name in DEPARTMENT_FILES if (directory / name).is_file()
    }


def _files(directory: Path) -> dict[str, bytes]:
    # Files of other names are told, not opened: somebody may have left a video here.
    return {
        path.name: path.read_bytes() if path.name in FILES or path.name in DEPARTMENT_FILES else b""
        for path in directory.iterdir()
        if path.is_file() and not path.name.startswith(".")
    }
