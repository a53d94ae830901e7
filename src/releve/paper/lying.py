"""Forms that lie ready in a folder and were not printed yet: their numbers are still good, so they are not set again.

Beside `UF2140-3-formulaires.pdf` stands `UF2140-3-formulaires.json`, which says the numbers in it. Both go when the
forms are sent to a printer or saved by somebody who prints them by hand: a number comes out once. Whoever moves the
second file away first has them (`taken_forms`), so that a printer and a person never get the same numbers.
"""

import contextlib
import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from releve.paper.forms import FormCopy

__all__ = [
    "LyingForms", "TakenForms", "forget_forms", "forms_file", "give_back_forms", "lying_forms", "numbers_lying",
    "remember_forms", "taken_forms",
]  # fmt: skip


class LyingForms(msgspec.Struct, frozen=True, kw_only=True):
    """The copies in a file of forms, its pages, and what it was set for."""

    copies: tuple[FormCopy, ...]
    pages: int
    language: str
    digest: str  # SHA-256 of the PDF: an edited or half-copied file is not these forms


class TakenForms(msgspec.Struct, frozen=True, kw_only=True):
    """Forms that only one has: where the file is for as long as they are used, and what it holds."""

    path: Path
    forms: LyingForms


def forms_file(folder: Path, prefix: str) -> Path:
    """Return where the forms of a ward lie; `prefix` is that of its files."""
    return folder / f"{prefix}-3-formulaires.pdf"


def lying_forms(path: Path, *, language: str) -> LyingForms | None:
    """Return the unprinted forms at `path`, None when there are none that can be trusted."""
    forms = _kept(path)
    return forms if forms is not None and forms.language == language else None


def numbers_lying(path: Path) -> tuple[str, str] | None:
    """Return the first and last number of the forms that lie ready at `path`, None when none do."""
    forms = _kept(path)
    return (forms.copies[0].number, forms.copies[-1].number) if forms is not None else None


@contextlib.contextmanager
def taken_forms(path: Path) -> Iterator[TakenForms | None]:
    """Yield the forms that lay at `path` to the first who asks; None when there are none that can be trusted.

    They are gone afterwards, unless `give_back_forms` put them back.
    """
    forms = _kept(path)
    if forms is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix=".taken-", dir=path.parent) as folder:
        own = Path(folder) / path.name
        try:
            path.with_suffix(".json").rename(own.with_suffix(".json"))
            path.rename(own)
            whole = hashlib.sha256(own.read_bytes()).hexdigest() == forms.digest
        except OSError:  # a printer or another person was faster
            whole = False
        yield TakenForms(path=own, forms=forms) if whole else None


def give_back_forms(taken: TakenForms, path: Path) -> None:
    """Lay back forms that came out nowhere, unless new ones lie there meanwhile."""
    if path.exists() or not taken.path.exists():
        return
    with contextlib.suppress(OSError):  # their numbers are lost then, never given twice
        taken.path.rename(path)
        taken.path.with_suffix(".json").rename(path.with_suffix(".json"))


def remember_forms(path: Path, copies: tuple[FormCopy, ...], *, pages: int, language: str) -> None:
    """Write down which numbers the forms at `path` hold."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    kept = LyingForms(copies=copies, pages=pages, language=language, digest=digest)
    path.with_suffix(".json").write_bytes(msgspec.json.encode(kept))


def forget_forms(path: Path) -> None:
    """Remove forms whose numbers are spent."""
    path.unlink(missing_ok=True)
    path.with_suffix(".json").unlink(missing_ok=True)


def _kept(path: Path) -> LyingForms | None:
    try:
        kept = msgspec.json.decode(path.with_suffix(".json").read_bytes(), type=LyingForms)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except (OSError, msgspec.MsgspecError):
        return None
    return kept if kept.digest == digest and kept.copies else None
