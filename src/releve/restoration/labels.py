"""Labels of machines and of tasks for a label printer: a sign that a scan gives back, and what people call it. Pure."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from releve.codecs.zpl import DOTS_PER_MM, Label, TextTooLong

__all__ = ["STOCK_MM", "Labels", "Thing", "labels_of"]

STOCK_MM = (64, 38)  # the stock of the labels of patients: a ward's printer takes them as it is loaded
_SYMBOL_DOTS = 150
# Codewords that a square symbol of so many cells holds, one for each sign at most.
# Source: ISO/IEC 16022, table 7.
_CELLS = ((22, 20), (30, 22), (36, 24), (44, 26), (62, 32), (86, 36))


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    """What a label is stuck on: its sign, the words under one another, the first one larger."""

    symbol: str
    words: Sequence[str]


class Labels(NamedTuple):
    """What a printer takes, the signs of the labels it makes, and what fits on none: the first words of each."""

    content: bytes
    symbols: tuple[str, ...]
    left_out: tuple[str, ...]

    @property
    def printed(self) -> int:
        """How many labels it is."""
        return len(self.symbols)


def labels_of(things: Iterable[Thing], *, exercise: str = "") -> Labels:
    """Return one label for each thing; `exercise`: the mark of an exercise island."""
    printed, symbols, left_out = [], [], []
    for thing in things:
        try:
            printed.append(_label(thing, exercise))
            symbols.append(thing.symbol)
        except ValueError:  # a sign that scanners give back differently, or more than a label holds
            left_out.append(thing.words[0])
    return Labels(b"".join(printed), tuple(symbols), tuple(left_out))


def _label(thing: Thing, exercise: str) -> bytes:
    width, height = STOCK_MM[0] * DOTS_PER_MM, STOCK_MM[1] * DOTS_PER_MM
    label = Label(width=width, height=height)
    label.column(
        [word for word in (*thing.words, exercise) if word], x=20, y=16, width=width - _SYMBOL_DOTS - 50,
        depth=height - 32, heights=((44, 28), (36, 24), (30, 20), (24, 18), (20, 16), (16, 14)),
    )  # fmt: skip
    cells = next((cells for signs, cells in _CELLS if len(thing.symbol) <= signs), None)
    if cells is None:
        raise TextTooLong("label: expected a symbol of at most 86 signs")
    label.datamatrix(thing.symbol, x=width - _SYMBOL_DOTS - 20, y=20, module=min(5, _SYMBOL_DOTS // cells))
    return label.encode()
