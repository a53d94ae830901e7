"""The text templates of notes: headings to write under, one file a kind and language in `texts/`."""

from functools import cache
from pathlib import Path

from releve.departments.documents.note_facts import KINDS

__all__ = ["template_of", "templates_of"]

_FOLDER = Path(__file__).parent / "texts"


@cache
def template_of(kind: str, language: str) -> str:
    """Return the headings of a kind of note: French for `fr`, English otherwise; "" when it has none."""
    if kind not in KINDS:
        return ""
    path = _FOLDER / ("fr" if language.startswith("fr") else "en") / f"{kind}.txt"
    return path.read_text(encoding="utf-8").rstrip("\n") + "\n"


def templates_of(kind: str) -> tuple[str, ...]:
    """Return the headings in every language: a text that is only these says nothing."""
    return template_of(kind, "fr"), template_of(kind, "en")
