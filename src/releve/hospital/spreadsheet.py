"""CSV as spreadsheets write it: BOM or not, UTF-8 or Windows-1252, `;` `,` or tab, blank lines, trailing separators.

Pure: bytes in, cells with their line numbers out; and rows in, a file out that a spreadsheet opens as it is.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence

import msgspec

from releve.hospital.problems import Problem

DELIMITERS = (";", ",", "\t")

# What a spreadsheet leaves in a cell whose formula failed, in English and in French.
_FORMULA_ERROR = re.compile(
    r"#(REF|N/?A|NAME|NOM|VALUE|VALEUR|DIV/0|NULL|NUL|NUM|NOMBRE)[!?]?", re.IGNORECASE
)
_FORMULA_SIGNS = "=+-@\t\r'"
_SECRET = re.compile(
    r"pass(word|wd|phrase|code)|mot_?s?_?de_?passe|^mdp|mdp$|^pwd|pwd$|secret|credential|token|jeton|^pin$|code_?pin"
    r"|cle_?privee|private_?key|code_?(d_?)?acces|access_?code|api_?key"
)


class Line(msgspec.Struct, frozen=True):
    """The cells of one line, without spaces around; `number` counts from 1 as a text editor does."""

    number: int
    cells: tuple[str, ...]


def decode(data: bytes) -> str | None:
    """Return the text of a file, whatever the spreadsheet saved it as; None when it is no text."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        codecs = ["utf-16"]  # "Unicode text" of a spreadsheet
    elif data.startswith(b"PK\x03\x04") or b"\0" in data:
        return None
    else:
        codecs = ["utf-8-sig", "cp1252"]
    for codec in codecs:
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    return None


def fold_name(name: str) -> str:
    """Return a column's or key's name as it is compared: small letters, no accents, `_` for all else.

    >>> fold_name(" Numéro de téléphone ")
    'numero_de_telephone'
    """
    bare = "".join(
        sign for sign in unicodedata.normalize("NFD", name.casefold()) if not unicodedata.combining(sign)
    )
    return re.sub(r"[^a-z0-9]+", "_", bare).strip("_")


def looks_secret(name: str) -> bool:
    """Return whether a column, key or file of this name would hold a password or a key."""
    return _SECRET.search(fold_name(name)) is not None


def shielded(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: with an apostrophe before the sign that begins one.

    >>> shielded("=1+1")
    "'=1+1"
    """
    return f"'{text}" if text[:1] and text[0] in _FORMULA_SIGNS else text


def unshielded(text: str) -> str:
    """Return the text that was shielded; any other as it is.

    >>> unshielded("'=1+1"), unshielded("'til noon")
    ('=1+1', "'til noon")
    """
    return text[1:] if len(text) > 1 and text[0] == "'" and text[1] in _FORMULA_SIGNS else text


def write_rows(rows: Iterable[Sequence[object]]) -> bytes:
    """Return rows as CSV in UTF-8 with a BOM and `;`, as French spreadsheets open it; nothing is shielded here."""
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def looks_like_formula_error(cell: str) -> bool:
    """Return whether the cell is `#REF!` or one of its sisters."""
    return _FORMULA_ERROR.fullmatch(cell) is not None


def delimiter_of(header: str, known: frozenset[str]) -> str:
    """Return the separator of a header line: the one that yields most of the known columns."""
    return max(DELIMITERS, key=lambda sign: sum(fold_name(cell) in known for cell in header.split(sign)))


def read_lines(file: str, data: bytes, known: frozenset[str]) -> tuple[list[Line], list[Problem]]:
    """Return the lines that hold something, header first, and what kept others from being read.

    `known` are the folded names of the file's columns, by which the separator is recognised.
    """
    text = decode(data)
    if text is None:
        kind = "file-not-text" if data.startswith(b"PK\x03\x04") or b"\0" in data else "encoding"
        return [], [Problem(file=file, expected=kind, found="unreadable")]
    # Not str.splitlines: it would also break at form feeds and at the line separators of Unicode.
    rows = re.split(r"(?<=\n)|(?<=\r)(?!\n)", text)
    skipped = 0
    while rows and (not rows[0].strip(" ;,\t\r\n") or rows[0].lower().startswith("sep=")):
        rows.pop(0)
        skipped += 1
    if not rows:
        return [], [Problem(file=file, expected="file-empty", found="nothing")]
    reader = csv.reader(rows, delimiter=delimiter_of(rows[0], known), strict=True)
    lines: list[Line] = []
    begins = 0  # physical lines read before the row at hand: a row in error is named by its first line
    try:
        for cells in reader:
            clean = tuple(unicodedata.normalize("NFC", cell.strip()) for cell in cells)
            if any(clean):
                lines.append(Line(skipped + begins + 1, clean))
            begins = reader.line_num
    except csv.Error:
        at = skipped + begins + 1
        return lines, [Problem(file=file, line=at, expected="quotes", found="unreadable")]
    return lines, []
