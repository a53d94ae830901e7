"""Never drop a sign: what the fonts lack is printed as its code, ⟦U+1F600⟧ (pure, given the coverage).

Latin comes from the text face, whose files are read once (`coverage_of`); other signs from the face embedded in
Typst, whose coverage is written here and checked by a test against Typst itself.
Codes are also printed for control, format and private-use characters, which would be invisible, and for
right-to-left scripts: a line that mixes both directions moves the digits beside them, and a dose is a digit.
"""

import struct
import unicodedata
from typing import Any

CODE_OPEN = "⟦U+"
# DejaVu Sans Mono 2.37, regular and bold, as embedded in Typst 0.15; without scripts that need shaping.
_SIGNS = """
20-7E A0-AC AE-1C3 1CD-1E3 1E6-1F0 1F4-1F6 1F8-1F9 1FC-221 224-241 243-245 24C-24D 250-2B9 2BB-2C1 2C6-2C9
2CC-2D3 2D6-2DE 2E0-2E9 2EE 2F3 374-375 37A-37E 384-38A 38C 38E-3A1 3A3-3CE 3D0-3E1 3F0-45F 490-49B 4A2-4A5
4AA-4B3 4BA-4BB 4C0-4C4 4C7-4C8 4CB-4CC 4CF-4F9 510-511 51A-51D 1E00-1E13 1E18-1E2D 1E30-1E4D 1E54-1E63
1E68-1E79 1E7C-1E99 1E9B 1E9F-1EA1 1EAC-1EAD 1EB0-1EB1 1EB6-1EB9 1EBC-1EBD 1EC6-1EC7 1ECA-1ECD 1ED8-1EDD
1EE0-1EE5 1EE8-1EEB 1EEE-1EF5 1EF8-1EF9 2002-200A 2010-2023 2026 202F-2037 2039-203A 203C-203F 2045-2049
2070-2071 2074-208E 2090-209C 20A0-20B5 20B8-20BA 20BD 2102 2105 210D-210F 2115-2117 2119-211A 211D 2122 2124
2126 212A-212B 212E 2150-2151 2153-215F 2189 2190-2213 2215 2217-2220 2223 2227-222D 2234-223D 2241-2269
226D-228B 228D-22A5 22C2-22C6 22CD-22D1 22DA-22E9 22EF 2300-2306 2308-2315 23CE-23CF 2423 2500-2609 2638
2660-2667 266D-266F 2701-2704 2794 27E6-27EB 27F5-27F7 FB01-FB02 FFFD
"""


def _ranges(text: str) -> frozenset[int]:
    """Return the code points of hexadecimal ranges such as `20-7E`."""
    points: set[int] = set()
    for item in text.split():
        first, _, last = item.partition("-")
        points.update(range(int(first, 16), int(last or first, 16) + 1))
    return frozenset(points)


SIGNS = _ranges(_SIGNS)


class FontError(ValueError):
    """A font file does not hold the table that says which characters it draws."""


def coverage_of(font: bytes) -> frozenset[int]:
    """Return the code points that a TrueType or OpenType font maps to a glyph.

    Raises:
        FontError: no `cmap` table, or none in format 4 or 12.

    Source: OpenType 1.9, `cmap`, formats 4 and 12.
    """
    try:
        count = struct.unpack_from(">H", font, 4)[0]
        tables = {
            tag: offset
            for tag, _, offset, _ in (struct.unpack_from(">4sIII", font, 12 + 16 * n) for n in range(count))
        }
        cmap = tables[b"cmap"]
        points: set[int] = set()
        known = False
        for n in range(struct.unpack_from(">H", font, cmap + 2)[0]):
            start = cmap + struct.unpack_from(">HHI", font, cmap + 4 + 8 * n)[2]
            kind = struct.unpack_from(">H", font, start)[0]
            if kind == 4:
                points |= _format_4(font, start)
            elif kind == 12:
                points |= _format_12(font, start)
            known = known or kind in (4, 12)
    except (struct.error, KeyError) as error:
        raise FontError("font file: expected a readable cmap table") from error
    if not known:
        raise FontError("cmap: expected a subtable in format 4 or 12")
    return frozenset(points)


def _format_4(font: bytes, start: int) -> set[int]:
    """Return the mapped code points of segments; a glyph 0 is a hole inside a segment."""
    segments = struct.unpack_from(">H", font, start + 6)[0] // 2
    ends = struct.unpack_from(f">{segments}H", font, start + 14)
    firsts = struct.unpack_from(f">{segments}H", font, start + 16 + 2 * segments)
    deltas = struct.unpack_from(f">{segments}h", font, start + 16 + 4 * segments)
    place = start + 16 + 6 * segments
    offsets = struct.unpack_from(f">{segments}H", font, place)
    points: set[int] = set()
    for n in range(segments):
        for code in range(firsts[n], ends[n] + 1):
            if code == 0xFFFF:
                continue
            glyph = code
            if offsets[n]:
                glyph = struct.unpack_from(">H", font, place + 2 * n + offsets[n] + 2 * (code - firsts[n]))[0]
                if not glyph:
                    continue
            if (glyph + deltas[n]) & 0xFFFF:
                points.add(code)
    return points


def _format_12(font: bytes, start: int) -> set[int]:
    """Return the mapped code points of groups."""
    points: set[int] = set()
    for n in range(struct.unpack_from(">I", font, start + 12)[0]):
        first, last, glyph = struct.unpack_from(">III", font, start + 16 + 12 * n)
        points.update(range(first if glyph else first + 1, last + 1))
    return points


class Signs:
    """Writes data with the signs at hand; remembers how many codes it had to write.

    >>> signs = Signs(frozenset(range(32, 127)))
    >>> signs.text("Zoé 😀"), signs.codes
    ('Zo⟦U+00E9⟧ ⟦U+1F600⟧', 2)
    """

    def __init__(self, coverage: frozenset[int]) -> None:
        self._coverage = coverage
        self._known: dict[str, str] = {}
        self.codes = 0

    def text(self, text: str) -> str:
        """Return the same text, composed (NFC), line ends as ↵, and codes for what cannot be printed."""
        if text.isascii() and text.isprintable():
            return text
        composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
        written = "".join(map(self._sign, composed))
        self.codes += written.count(CODE_OPEN) - composed.count(CODE_OPEN)
        return written

    def tree(self, value: Any) -> Any:
        """Return lists, dicts and texts of JSON with every text written, keys left alone."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: self.tree(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.tree(item) for item in value]
        return value

    def _sign(self, sign: str) -> str:
        known = self._known.get(sign)
        if known is None:
            known = self._known[sign] = self._written(sign)
        return known

    def _written(self, sign: str) -> str:
        if sign in "\n\r\u2028\u2029\u0085\v\f":
            return " ↵ " if 0x21B5 in self._coverage else " / "
        if sign == "\t":
            return " "
        category = unicodedata.category(sign)
        if category == "Zs":  # a space is a space: only its width could be lacking
            return sign if ord(sign) in self._coverage else " "
        # Names are set in capitals: the capital must exist too.
        drawn = all(ord(part) in self._coverage for part in sign + sign.upper())
        right_to_left = unicodedata.bidirectional(sign) in ("R", "AL", "AN")
        if drawn and not right_to_left and category not in ("Cc", "Cf", "Cs", "Co", "Cn"):
            return sign
        return f"{CODE_OPEN}{ord(sign):04X}⟧"
