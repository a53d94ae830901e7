"""Data become a sheet of one of our templates in the signs at hand: whatever a text holds, something comes out."""

from typing import Any

from releve.paper.glyphs import Signs
from releve.paper.render import PLAIN
from releve.paper.typeset import TypesetError, coverage, text_coverage, typeset

__all__ = ["set_sheet"]


def set_sheet(template: str, data: dict[str, Any], *, language: str) -> bytes:
    """Return the PDF/UA-1 of a template; signs that no font draws are printed as their code.

    What cannot be set so is set again in plain letters only, every other sign as its code.

    Raises:
        TypesetError: it could not be set either way.
    """
    try:
        return typeset(template, Signs(coverage()).tree(data) | {"lang": language})
    except TypesetError:
        return typeset(template, Signs(PLAIN & text_coverage()).tree(data) | {"lang": language})
