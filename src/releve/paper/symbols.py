"""Symbols to scan, as small SVG drawings (pure): DataMatrix, Code 128, QR."""

import re
from urllib.parse import quote

import zxingcpp

# A bar narrower than 0.25 mm is lost by a photocopy; 38 mm hold 20 characters of Code 128 at that width.
CODE128_CHARACTERS_MAX = 20
_HEAD = re.compile(r"^.*?<svg width=\"(\d+)\" height=\"(\d+)\"[^>]*>", re.DOTALL)
_PATH = re.compile(r"<path d=\"([^\"]*)\"")


def datamatrix(content: str) -> str:
    """Return a square DataMatrix without its quiet zone (rectangular ones are cropped by the page frame)."""
    return _drawing(zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.DataMatrix, force_square=True))


def code128(content: str) -> str | None:
    """Return a Code 128, None when the content is too long or not printable ASCII to be read after a copy."""
    if (
        not content
        or len(content) > CODE128_CHARACTERS_MAX
        or not (content.isascii() and content.isprintable())
    ):
        return None
    return _drawing(zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.Code128))


def qr(content: str) -> str:
    """Return a QR code, correction level Q (a quarter may be dirty)."""
    return _drawing(zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.QRCode, ec_level="Q"))


def page_symbol(*parts: str) -> str:
    """Return the content of a page symbol: `RLV1|form|pack|subject|n`, each part escaped."""
    return "RLV1|" + "|".join(quote(part, safe="._-") for part in parts)


def _drawing(barcode: zxingcpp.Barcode) -> str:
    """Return the smallest SVG that draws the bars."""
    svg = barcode.to_svg(add_quiet_zones=False)
    head, path = _HEAD.match(svg), _PATH.search(svg)
    if not head or not path:
        raise ValueError("zxing-cpp: expected an SVG with one path")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{head[1]}" height="{head[2]}" '
        f'viewBox="0 0 {head[1]} {head[2]}" preserveAspectRatio="none"><path d="{path[1]}"/></svg>'
    )
