r"""HL7 v2 messages made here: escaped, validated, in the character set they declare.

Two shapes of a segment, freely mixed:

- by address: `("PID", {"3.1": "77", "3.4.1": "CHU", "3[2].1": "2790351215189", "5.1": "LEFÈVRE"})`;
- by position: `["PID", "1", None, Repetitions([["77", None, None, "CHU"], ["2790351215189"]])]`: the items are
  the fields, a list in a field its components, a list in a component its subcomponents.

None and "" leave a place empty; `reader.NULL` orders the receiver to delete. The plain text `""` is written
escaped, so that two quotation marks typed by a person delete nothing.

Source: HL7 v2.9 chapter 2, §2.5 to 2.7.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from string import punctuation
from typing import TypeAlias, TypeVar

from .charset import WRITING
from .escape import STANDARD, Separators, escape
from .reader import NULL, Null, read_address

Part: TypeAlias = str | None
Component: TypeAlias = "Part | Sequence[Part]"
Field: TypeAlias = "Part | Sequence[Component] | Repetitions"
Segment: TypeAlias = "tuple[str, Mapping[str, Part]] | Sequence[Field]"

T = TypeVar("T")

# Null is made of quotation marks, `\\.br\\` of a dot: neither can separate.
_SIGNS = frozenset(punctuation) - {'"', "."}
_NAME = re.compile(r"[A-Z][A-Z0-9]{2}")
_FIELDS_MAX = 999  # no segment has more than some sixty: a larger number is a slip
_HEADER = "MSH"
# Without these the receiver can neither route nor acknowledge. Source: §2.13.9, required fields of MSH.
_REQUIRED = {9: "a message type", 10: "a control id", 11: "a processing id", 12: "a version"}


class WriteError(ValueError):
    """A message cannot be written as it was described; it says which place expects what, never the value."""

    def __init__(self, *, address: str, expected: str) -> None:
        super().__init__(f"{address}: expected {expected}")
        self.address = address


class Repetitions(list["Part | Sequence[Component]"]):
    """The repetitions of a field, each a text or a list of components."""


def write(segments: Iterable[Segment], *, separators: Separators = STANDARD) -> bytes:
    r"""Return the message made of `segments`, MSH first, each ended by CR, in the character set of MSH-18.

    MSH-1 and MSH-2 come from `separators`. Empty MSH-18 means ASCII: declare `UNICODE UTF-8` for accents.

    Raises:
        WriteError: no MSH or one of its required fields missing, a bad name or address, an empty segment,
            or a character that the character set lacks.

    >>> header = ("MSH", {"9.1": "ADT", "9.2": "A08", "10": "42", "11": "P", "12": "2.5", "18": "8859/1"})
    >>> write([header, ["PID", None, None, None, None, ["D|UPONT", "Zoé"]]])
    b'MSH|^~\\&|||||||ADT^A08|42|P|2.5||||||8859/1\rPID|||||D\\F\\UPONT^Zo\xe9\r'
    """
    signs = separators[:5] + ((separators.truncation,) if separators.truncation else ())
    if len(set(signs)) < len(signs) or not _SIGNS.issuperset(signs):
        raise WriteError(address="MSH-2", expected="five or six different punctuation signs")
    rows = [_Row(segment, number) for number, segment in enumerate(segments, start=1)]
    if not rows or rows[0].name != _HEADER:
        raise WriteError(address="segment 1", expected="MSH")
    header = rows[0]
    for field, expected in _REQUIRED.items():
        if not header.fields.get(field):
            raise WriteError(address=f"MSH-{field}", expected=expected)
    charset = header.first(18)
    if charset not in WRITING:
        raise WriteError(address="MSH-18", expected="one of " + ", ".join(name for name in WRITING if name))
    codec = WRITING[charset]
    lines = [row.line(separators, codec, charset or "ASCII") for row in rows]
    message = b"\r".join(lines) + b"\r"
    # Our own mistake if not: a line end inside a field would make a segment nobody wrote.
    assert message.count(b"\r") == len(rows)
    assert b"\n" not in message
    return message


class _Row:
    """A segment as numbered fields: field → repetition → component → subcomponent."""

    def __init__(self, segment: Segment, number: int) -> None:
        self.name = segment[0] if segment and isinstance(segment[0], str) else ""
        if not _NAME.fullmatch(self.name):
            raise WriteError(address=f"segment {number}", expected="a name such as PID or ZBE")
        self.fields: dict[int, list[list[list[Part]]]] = {}
        if self.name == _HEADER and number > 1:
            raise WriteError(address=f"segment {number}", expected="no second MSH")
        values = segment[1] if len(segment) == 2 else None
        if isinstance(values, Mapping):
            for address, value in values.items():
                self._put(address, value)
        else:
            offset = 3 if self.name == _HEADER else 1  # positions of MSH begin after MSH-1 and MSH-2
            for field, content in enumerate(segment[1:], start=offset):
                self._put_field(field, content)  # type: ignore[arg-type]
        if not self.fields:
            raise WriteError(address=self.name, expected="at least one field")

    def first(self, field: int) -> str:
        """Return the first text of a field, "" when empty."""
        content = self.fields.get(field)
        return (content[0][0][0] if content and content[0] and content[0][0] else None) or ""

    def _put(self, address: str, value: Part) -> None:
        try:
            place = read_address(address)
        except ValueError:
            raise WriteError(address=f"{self.name}-?", expected="addresses such as 3.1 or 3[2].4.1") from None
        if place.segment not in ("", self.name) or place.number != 1:
            raise WriteError(address=address, expected=f"a place of {self.name}")
        self._check_field(place.field)
        self._check_part(place.field, value)
        if not value:
            return
        components = _reach(self.fields.setdefault(place.field, []), place.repetition)
        parts = _reach(components, place.component or 1)
        at = (place.subcomponent or 1) - 1
        parts += [None] * (at + 1 - len(parts))
        parts[at] = value

    def _put_field(self, field: int, content: Field) -> None:
        self._check_field(field)
        repetitions = content if isinstance(content, Repetitions) else [content]
        tree = [self._components(field, repetition) for repetition in repetitions]
        if any(part for components in tree for parts in components for part in parts):
            self.fields[field] = tree

    def _components(self, field: int, content: Field) -> list[list[Part]]:
        if content is None or isinstance(content, str):
            return [[self._check_part(field, content)]]
        components: list[list[Part]] = []
        for component in content:
            parts = [component] if component is None or isinstance(component, str) else component
            if not isinstance(parts, Sequence):
                raise WriteError(address=f"{self.name}-{field}", expected="texts and lists of texts")
            components.append([self._check_part(field, part) for part in parts])
        return components

    def _check_field(self, field: int) -> None:
        if not 1 <= field <= _FIELDS_MAX:
            raise WriteError(address=f"{self.name}-{field}", expected=f"a field from 1 to {_FIELDS_MAX}")
        if self.name == _HEADER and field <= 2:
            raise WriteError(address=f"MSH-{field}", expected="the separators as argument")

    def _check_part(self, field: int, part: object) -> Part:
        if part is None or isinstance(part, str):
            return part
        raise WriteError(address=f"{self.name}-{field}", expected="text, formatted by the caller")

    def line(self, separators: Separators, codec: str, charset: str) -> bytes:
        """Return the segment in bytes, without its end."""
        written = [self.name]
        if self.name == _HEADER:
            signs = separators.component + separators.repetition + separators.escape
            written.append(signs + separators.subcomponent + separators.truncation)
        first = 3 if self.name == _HEADER else 1
        for field in range(first, max(self.fields) + 1):
            content = self.fields.get(field)
            written.append(_write_field(content, separators) if content else "")
        line = _encoded(separators.field.join(written), codec)
        if line is None:
            places = (
                n
                for n, tree in self.fields.items()
                if _encoded(_write_field(tree, separators), codec) is None
            )
            raise WriteError(address=f"{self.name}-{next(places)}", expected=f"characters of {charset}")
        return line


def _encoded(text: str, codec: str) -> bytes | None:
    """Return `text` in bytes, or None: the error of the codec itself would quote a patient's value."""
    try:
        data = text.encode(codec)
    except UnicodeEncodeError:
        return None
    # Receivers read 0x80–0x9F of 8859/1 as windows-1252, where these bytes are letters.
    if codec == "iso8859-1" and any(0x80 <= byte < 0xA0 for byte in data):
        return None
    return data


def _write_field(repetitions: list[list[list[Part]]], separators: Separators) -> str:
    return separators.repetition.join(
        separators.component.join(
            _trimmed(
                [
                    separators.subcomponent.join(_trimmed([_write_part(part, separators) for part in parts]))
                    for parts in components
                ]
            )
        )
        for components in repetitions
    )


def _write_part(part: Part, separators: Separators) -> str:
    if not part:
        return ""
    if isinstance(part, Null):
        return '""'
    if part == NULL:
        sign = separators.escape
        return f"{sign}X22{sign}{sign}X22{sign}"
    return escape(part, separators)


def _trimmed(written: list[str]) -> list[str]:
    while written and not written[-1]:
        written.pop()
    return written


def _reach(items: list[list[T]], number: int) -> list[T]:
    """Return the item of this number, counted from 1, making those that lack."""
    while len(items) < number:
        items.append([])
    return items[number - 1]
