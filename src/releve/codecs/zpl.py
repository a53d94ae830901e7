"""Labels as label printers want them: ZPL II, UTF-8, symbols drawn by the printer. Pure.

A label is built sign by sign and never loses one: what the printer's font lacks is written as its code in brackets,
what does not fit on a line goes on to the next, and a text that fits nowhere is refused, not cut.
Source: Zebra, ZPL II Programming Guide: ^XA, ^CI28, ^FO, ^A0, ^FH, ^FD, ^BX, ^BC, ^PQ.
"""

import contextlib
import unicodedata
from collections.abc import Sequence

import msgspec

__all__ = ["DOTS_PER_MM", "Label", "TextTooLong", "lines_of", "written"]

DOTS_PER_MM = 8  # 203 dpi, the commonest head
LINES_MAX = 4  # of one text
_ESCAPE = "_"
# Kept as they are by ^FH; everything else of UTF-8 goes through as bytes, these as their code.
_ESCAPED = {"^": "_5E", "~": "_7E", "_": "_5F"}
# Width of a sign against its height in font 0, on the safe side: measured widths of CG Triumvirate Bold Condensed.
_WIDE = frozenset("MW@%&ŒÆœæ")
_NARROW = frozenset("iIlj.,:;'’!|() ")
_SYMBOL_SIGNS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefghijklmnopqrstuvwxyz|.-_/")


class TextTooLong(ValueError):
    """A text does not fit its place in any size; nothing is printed rather than a part."""


def written(text: str) -> str:
    """Return a text in signs that font 0 draws: Latin letters, figures, common signs; any other as its code.

    >>> written("Zoë 李 a\u200bb")
    'Zoë [U+674E] a[U+200B]b'
    """
    found = []
    for sign in unicodedata.normalize("NFC", text):
        code = ord(sign)
        if sign in "\t\r\n\u00a0\u202f\u2009":
            found.append(" ")
        elif 0x20 <= code <= 0x7E or (0xA1 <= code <= 0x17F and code != 0xAD):
            found.append(sign)
        elif sign in "‘’“”–—…€":
            found.append(
                {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "€": "€"}[sign]
            )
        else:
            found.append(f"[U+{code:04X}]")
    return "".join(found)


def _width(text: str, height: int) -> float:
    return height * sum(0.85 if sign in _WIDE else 0.35 if sign in _NARROW else 0.62 for sign in text)


def _step(height: int) -> int:
    return height + height // 6


def lines_of(text: str, *, width: int, height: int, lines_max: int) -> list[str]:
    """Return a text broken into lines of `width` dots at `height` dots, at spaces where it can.

    Raises:
        TextTooLong: it needs more than `lines_max`.
    """
    lines, line = [], ""
    for word in text.split(" "):
        candidate = f"{line} {word}" if line else word
        if _width(candidate, height) <= width:
            line = candidate
            continue
        if line:
            lines.append(line)
        line = word
        while _width(line, height) > width:  # one word longer than the line
            cut = next(n for n in range(len(line), 0, -1) if _width(line[:n], height) <= width or n == 1)
            lines.append(line[:cut])
            line = line[cut:]
    lines.append(line)
    if len(lines) > lines_max:
        raise TextTooLong(f"label: expected at most {lines_max} lines of {width} dots")
    return lines


class Label(msgspec.Struct, kw_only=True):
    """One label of `width` × `height` dots, filled by calls and read by `encode`."""

    width: int
    height: int
    copies: int = 1
    parts: list[str] = []

    def column(
        self,
        texts: Sequence[str],
        *,
        x: int,
        y: int,
        width: int,
        depth: int,
        heights: Sequence[tuple[int, int]],
        along: bool = False,
    ) -> None:
        """Write texts one under the other within `width` × `depth` dots, the first one larger.

        `heights` are pairs, of the first text and of the others: the first pair with which all are held is taken.
        `along`: turned by a quarter, for a band that comes out lengthwise; lines then go down from `x`.

        Raises:
            TextTooLong: not even the smallest pair holds them.
        """
        signs = [written(text) for text in texts]
        for first, others in heights:
            lines: list[tuple[str, int]] = []
            with contextlib.suppress(TextTooLong):
                for number, text in enumerate(signs):
                    height = others if number else first
                    found = lines_of(text, width=width, height=height, lines_max=LINES_MAX)
                    lines += [(line, height) for line in found]
                if sum(_step(height) for _line, height in lines) <= depth:
                    self._write(lines, x=x, y=y, along=along)
                    return
        raise TextTooLong(f"label: expected texts that {width} × {depth} dots hold")

    def _write(self, lines: Sequence[tuple[str, int]], *, x: int, y: int, along: bool) -> None:
        down = 0
        for line, height in lines:
            # Turned by a quarter, a text stands on the side that was its foot.
            place = (x - down - height, y) if along else (x, y + down)
            turn = "R" if along else "N"
            self._put(*place, f"^A0{turn},{height},{round(height * 0.9)}^FH{_ESCAPE}^FD{_field(line)}")
            down += _step(height)

    def datamatrix(self, content: str, *, x: int, y: int, module: int) -> None:
        """Draw a DataMatrix (ECC 200), `module` dots a cell.

        Raises:
            ValueError: the content holds signs that scanners give back differently.
        """
        self._put(x, y, f"^BXN,{module},200^FH{_ESCAPE}^FD{_field(_symbol(content))}")

    def code128(self, content: str, *, x: int, y: int, height: int, module: int = 2) -> None:
        """Draw a Code 128, `module` dots the narrowest bar; the printer chooses the subsets.

        Raises:
            ValueError: the content holds signs that scanners give back differently.
        """
        self._put(x, y, f"^BY{module}^BCN,{height},N,N,N,A^FH{_ESCAPE}^FD{_field(_symbol(content))}")

    def _put(self, x: int, y: int, command: str) -> None:
        self.parts = [*self.parts, f"^FO{max(0, x)},{max(0, y)}{command}^FS"]

    def encode(self) -> bytes:
        """Return the bytes for the printer."""
        head = f"^XA^CI28^PW{self.width}^LL{self.height}^LH0,0"
        return "\n".join([head, *self.parts, f"^PQ{self.copies}", "^XZ", ""]).encode("utf-8")


def _field(text: str) -> str:
    """Return a text as ^FD takes it: no sign of it can be a command."""
    return "".join(_ESCAPED.get(sign, sign) for sign in text)


def _symbol(content: str) -> str:
    if not content or not set(content) <= _SYMBOL_SIGNS:
        raise ValueError("symbol: expected letters, figures and | . - _ / only")
    return content
