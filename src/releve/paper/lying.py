"""Forms that lie ready in a folder and were not printed yet: their numbers are still good, so they are not set again.

Beside `UF2140-3-formulaires.pdf` stands `UF2140-3-formulaires.json`, which says the numbers in it. Both go when the
forms are sent to a printer: a number comes out once.
"""

import hashlib
from pathlib import Path

import msgspec

from releve.paper.forms import FormCopy

__all__ = ["LyingForms", "forget_forms", "forms_file", "lying_forms", "remember_forms"]


class LyingForms(msgspec.Struct, frozen=True, kw_only=True):
    """The copies in a file of forms, its pages, and what it was set for."""

    copies: tuple[FormCopy, ...]
    pages: int
    language: str
    digest: str  # SHA-256 of the PDF: an edited or half-copied file is not these forms


def forms_file(folder: Path, prefix: str) -> Path:
    """Return where the forms of a ward lie; `prefix` is that of its files."""
    return folder / f"{prefix}-3-formulaires.pdf"


def lying_forms(path: Path, *, language: str) -> LyingForms | None:
    """Return the unprinted forms at `path`, None when there are none that can be trusted."""
    try:
        kept = msgspec.json.decode(path.with_suffix(".json").read_bytes(), type=LyingForms)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except (OSError, msgspec.MsgspecError):
        return None
    return kept if kept.digest == digest and kept.language == language and kept.copies else None


def remember_forms(path: Path, copies: tuple[FormCopy, ...], *, pages: int, language: str) -> None:
    """Write down which numbers the forms at `path` hold."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    kept = LyingForms(copies=copies, pages=pages, language=language, digest=digest)
    path.with_suffix(".json").write_bytes(msgspec.json.encode(kept))


def forget_forms(path: Path) -> None:
    """Remove forms whose numbers are spent."""
    path.unlink(missing_ok=True)
    path.with_suffix(".json").unlink(missing_ok=True)
