"""What a blank form is made of: sections, rows and fields, and short ways to write them.

`typst/forms.typ` lays them out; `form_catalogue` holds the forms themselves.
"""

from typing import Literal

import msgspec

FieldKind = Literal["line", "text", "ticks", "comb", "grid"]


class Option(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A box to tick."""

    id: str
    label: str


class Measure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A row of an observation grid."""

    id: str
    label: str
    unit: str = ""


class Field(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A zone to write in: `w` is its share of the row (column width in mm for a grid), `h` its height in mm.

    `groups` are the boxes of a comb; `decimal` prints the decimal sign between the two groups, because a hand
    that loses it makes an error by ten.
    """

    id: str
    kind: FieldKind
    label: str = ""
    w: float | None = None
    h: float | None = None
    groups: tuple[int, ...] = ()
    decimal: bool = False
    options: tuple[Option, ...] = ()
    columns: int = 0
    head: str = ""
    time: str = ""
    rows: tuple[Measure, ...] = ()


class Section(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A titled part of a form; `repeat` prints its rows several times, numbered."""

    title: str
    rows: tuple[tuple[Field, ...], ...]
    repeat: int = 0


class FormSpec(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A blank form: its code is printed in its symbol and never reused for another layout."""

    code: str
    title: str
    help: str
    sections: tuple[Section, ...]
    reserves_ipp: bool = False  # the person has no hospital number yet: one is printed, reserved


def line(name: str, label: str, w: float = 1) -> Field:
    """Return a line to write on."""
    return Field(id=name, kind="line", label=label, w=w)


def text(name: str, label: str, h: float) -> Field:
    """Return a place for sentences, `h` millimetres high."""
    return Field(id=name, kind="text", label=label, h=h)


def comb(name: str, label: str, *groups: int, decimal: bool = False) -> Field:
    """Return boxes for single figures, in groups."""
    return Field(id=name, kind="comb", label=label, groups=groups, decimal=decimal)


def ticks(name: str, label: str, *options: str, w: float | None = None) -> Field:
    """Return boxes to tick."""
    boxes = tuple(Option(id=str(n), label=option) for n, option in enumerate(options))
    return Field(id=name, kind="ticks", label=label, options=boxes, w=w)


DATE = (2, 2, 4)
TIME = (2, 2)
PHONE = (2, 2, 2, 2, 2)
