"""One template and its data become PDF/UA-1 bytes, or an error that names no value.

Fonts: IBM Plex Sans Condensed from its package, signs from DejaVu Sans Mono embedded in Typst; the fonts of the
machine are ignored, so that the same data give the same lines everywhere. No Django here: workers import this.
"""

import hashlib
import importlib.metadata
import importlib.resources
import json
import logging
import re
from functools import cache
from pathlib import Path
from typing import Any

import typst

from releve.paper.glyphs import SIGNS, coverage_of

log = logging.getLogger(__name__)
TEMPLATES = Path(__file__).parent / "typst"
FACES = ("IBMPlexSansCondensed-Regular.ttf", "IBMPlexSansCondensed-Bold.ttf")
_PAGES = re.compile(rb"<xmpTPg:NPages>(\d+)<")  # XMP paged-text namespace, written by Typst in the clear
_QUOTED = re.compile(r"`[^`]*`?")  # Typst quotes what it speaks of between backticks


class TypesetError(ValueError):
    """A document could not be set; the text names the template's complaint, never a value."""


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(_face_folder())]
    )


@cache
def _face_folder() -> Path:
    return Path(str(importlib.resources.files("fontpkg_ibm_plex_sans_condensed") / "files"))


@cache
def text_coverage() -> frozenset[int]:
    """Return the code points that the text face draws, in regular and in bold."""
    faces = [coverage_of((_face_folder() / face).read_bytes()) for face in FACES]
    return frozenset.intersection(*faces)


@cache
def coverage() -> frozenset[int]:
    """Return the code points that a sheet can show."""
    return text_coverage() | SIGNS


def prepare() -> None:
    """Read fonts and coverage before the first sheet: what forks inherit, they need not read again."""
    _fonts()
    coverage()


@cache
def template_version() -> str:
    """Return a digest of the templates: a new version of Relève sets every sheet anew."""
    digest = hashlib.sha256(importlib.metadata.version("typst").encode())
    for path in sorted(TEMPLATES.glob("*.typ")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def typeset(template: str, data: dict[str, Any]) -> bytes:
    """Return the PDF/UA-1 of `typst/TEMPLATE.typ` fed with `data` (JSON values; texts already in known signs).

    Raises:
        TypesetError: a sign without glyph, a missing word, a page that does not close.
    """
    source = TEMPLATES / f"{template}.typ"
    try:
        pdf, warnings = typst.compile_with_warnings(
            str(source),
            root=str(TEMPLATES),
            font_paths=_fonts(),
            sys_inputs={"data": json.dumps(data)},
            pdf_standards=["ua-1"],
        )
    except (typst.TypstError, UnicodeError) as error:
        raise TypesetError(f"{template}: {_without_values(error)}") from None
    for warning in warnings:
        if "font" in warning.message:
            raise TypesetError(f"{template}: expected every font family to be present")
        # Page numbers may be wrong, nothing is lost: better a pack with a remark than none.
        log.warning("typeset %s: %s", template, _without_values(warning))
    assert isinstance(pdf, bytes)
    return pdf


def zones(template: str, data: dict[str, Any]) -> list[dict[str, Any]]:
    """Return where each box and field of a form lies: id, kind, page, and x, y, w, h in millimetres."""
    found = typst.query(
        str(TEMPLATES / f"{template}.typ"),
        "<zone>",
        field="value",
        root=str(TEMPLATES),
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(data)},
    )
    return list(json.loads(found))


def pages_of(pdf: bytes) -> int:
    """Return the number of pages of a PDF made by `typeset`.

    Raises:
        TypesetError: the metadata do not say it.
    """
    count = _PAGES.search(pdf)
    if not count:
        raise TypesetError("PDF: expected its number of pages in the metadata")
    return int(count[1])


def _without_values(error: BaseException) -> str:
    """Return the first line of a complaint, quoted data left out: logs travel, patients' data must not."""
    lines = str(error).splitlines() or ["unknown"]
    return _QUOTED.sub("…", lines[0])
