"""Small PDF files made of text, as a hospital's letters are: valid, readable back, without any library.

Source: ISO 32000-1, 7.5 (file structure) and 9.6 (standard font Helvetica, WinAnsiEncoding).
"""

from collections.abc import Iterable, Sequence
from random import Random

_LINES_A_PAGE = 44


def pages_of(head: Sequence[str], sentences: Sequence[str], pages: int, rng: Random) -> list[list[str]]:
    """Return the lines of each page: the head on every page, then sentences."""
    made = []
    count = len(sentences)
    for number in range(1, pages + 1):
        lines = [*head, ""]
        lines += [sentences[int(rng.random() * count)] for _ in range(_LINES_A_PAGE - len(lines) - 2)]
        made.append([*lines, "", f"Page {number}/{pages}"])
    return made


def pdf(pages: Iterable[Sequence[str]]) -> bytes:
    """Return a PDF with these lines on its pages."""
    objects: list[bytes] = []  # from object 4 on: page, content, page, content…
    kids = []
    for lines in pages:
        text = "\n".join(
            f"({line})'"
            for line in (line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") for line in lines)
        )
        stream = f"BT /F1 10 Tf 13 TL 50 790 Td\n{text}\nET".encode("cp1252", "replace")
        page = 4 + len(objects)
        kids.append(f"{page} 0 R")
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents {page + 1} 0 R>>"
            .encode()
        )  # fmt: skip
        objects.append(b"<</Length %d>>\nstream\n%b\nendstream" % (len(stream), stream))
    fixed = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{' '.join(kids)}]/Count {len(kids)}>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, content in enumerate([*fixed, *objects], start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(offsets) + 1, table)
    return bytes(out)
