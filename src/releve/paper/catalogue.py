"""The gettext catalogues of paper, read as text.

Read from the `.po` file itself: a sheet must not turn English because a compiled catalogue was forgotten.
"""

import ast
from functools import cache
from pathlib import Path

import msgspec

LOCALE = Path(__file__).parent / "locale"
SOURCE_LANGUAGE = "en"
CONTEXT = "\x04"  # between context and text, as in compiled catalogues


class CatalogueError(LookupError):
    """A catalogue lacks a language or a text that paper needs."""


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """The texts of one language, by their English source; empty for English."""

    language: str
    texts: dict[str, str]

    def text(self, source: str) -> str:
        """Return the text in this language.

        Raises:
            CatalogueError: not translated; paper never mixes languages silently.
        """
        if self.language == SOURCE_LANGUAGE:
            return source.rpartition(CONTEXT)[2]
        text = self.texts.get(source)
        if not text:
            raise CatalogueError(f"catalogue {self.language}: expected a translation of {source!r}")
        return text


@cache
def catalogue(language: str) -> Catalogue:
    """Return the catalogue of `fr` or `en`.

    Raises:
        CatalogueError: no such language.
    """
    if language == SOURCE_LANGUAGE:
        return Catalogue(language=language, texts={})
    path = LOCALE / language / "LC_MESSAGES" / "django.po"
    if not path.is_file():
        raise CatalogueError(f"paper: expected a language among {', '.join(languages())}")
    return Catalogue(language=language, texts=read_po(path.read_text("utf-8")))


def languages() -> tuple[str, ...]:
    """Return the languages paper can be printed in."""
    return (SOURCE_LANGUAGE, *sorted(path.name for path in LOCALE.iterdir() if path.is_dir()))


def read_po(text: str) -> dict[str, str]:
    """Return source (after its context) and translation of a PO file; no plurals, fuzzy entries left out.

    Source: GNU gettext manual, "The Format of PO Files".
    """
    texts: dict[str, str] = {}
    parts: dict[str, str] = {}
    field, fuzzy = "", False
    for line in [*text.splitlines(), ""]:
        line = line.strip()
        if line.startswith("#,"):
            fuzzy = fuzzy or "fuzzy" in line
        elif line.startswith(("msgctxt ", "msgid ", "msgstr ")):
            field, _space, quoted = line.partition(" ")
            parts[field] = ast.literal_eval(quoted)
        elif line.startswith('"'):
            parts[field] += ast.literal_eval(line)
        elif not line and "msgstr" in parts:
            if parts["msgid"] and not fuzzy:
                context = f"{parts['msgctxt']}{CONTEXT}" if "msgctxt" in parts else ""
                texts[context + parts["msgid"]] = parts["msgstr"]
            parts, fuzzy = {}, False
    return texts
