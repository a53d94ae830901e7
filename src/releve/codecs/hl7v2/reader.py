r"""An HL7 v2 message, read where it lies in the received bytes.

Nothing is parsed before it is asked for, nothing is ever written back: `Message.raw` is what arrived.
Addresses are those of the standard: `PID-3.4.1` is segment PID, field 3, component 4, subcomponent 1;
`PID-3[2].1` takes the second repetition, `OBX[3]-5` the third OBX. A place that is not given as
subcomponent comes whole: `PID-5.1` of `DUPONT&DE` is `DUPONT&DE`, `PID-5.1.1` is `DUPONT`.

Source: HL7 v2.9 chapter 2, §2.5 to 2.7.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from .charset import decode_wide
from .escape import Separators
from .spelling import NULL, Null, Spelling, read_syntax

__all__ = [
    "NULL",
    "HeaderSegment",
    "Message",
    "MessageError",
    "Null",
    "Place",
    "Repetition",
    "Segment",
    "read_address",
]


class MessageError(ValueError):
    """The bytes hold no HL7 v2 message: there is no MSH segment in them."""


class Place(NamedTuple):
    """A field or a part of it; repetition and number of the segment count from 1, 0 means *the whole*."""

    segment: str
    number: int
    field: int
    repetition: int
    component: int
    subcomponent: int


_ADDRESS = re.compile(
    r"(?:([A-Z][A-Z0-9]{2})(?:\[(\d{1,4})\])?-)?(\d{1,4})(?:\[(\d{1,4})\])?(?:\.(\d{1,4}))?(?:\.(\d{1,4}))?"
)


@lru_cache(maxsize=4096)
def read_address(address: str) -> Place:
    """Return the place that `address` names, such as `PID-3.1` or, inside a segment, `3.1`.

    Raises:
        ValueError: not an address; it comes from our own code or settings, never from a message.

    >>> read_address("PID-3[2].4.1")
    Place(segment='PID', number=1, field=3, repetition=2, component=4, subcomponent=1)
    """
    match = _ADDRESS.fullmatch(address)
    if match is None or match[3] == "0":
        raise ValueError(f"{address!r}: expected an address such as PID-3.1")
    name, *numbers = match.groups()
    number, field, repetition, component, subcomponent = (int(n) if n else 0 for n in numbers)
    return Place(name or "", number or 1, field, repetition or 1, component, subcomponent)


# What follows MSH separates the fields, so it can be neither a letter, a blank nor half a character.
_FIRST_MSH = re.compile(rb"(?:\A|(?<=[\r\n\x0b])|(?<=\xef\xbb\xbf))[ \t]*(MSH)(?![0-9A-Za-z \t\x80-\xff])")
_HEADERS = frozenset(("MSH", "FHS", "BHS"))


class Message:
    r"""One received message.

    >>> msg = Message(b'MSH|^~\\&|LABO|CHU|||2026||ORU^R01|42|P|2.5\rPID|||77^^^CHU||L\\T\\M^""\r')
    >>> msg.kind, msg.trigger, msg["PID-3.4"], msg["PID-5.1"], msg["PID-5.2"], msg["PID-8"]
    ('ORU', 'R01', 'CHU', 'L&M', NULL, None)
    """

    __slots__ = (
        "_body",
        "_found",
        "_header",
        "_index",
        "_lines",
        "_spelling",
        "raw",
    )

    def __init__(self, raw: bytes) -> None:
        r"""Find the header and its separators; a byte order mark, blanks, VT or other lines may come before.

        Raises:
            MessageError: no line begins with `MSH`.
        """
        self.raw: Final = raw  # as received, never altered
        body = raw if raw.startswith(b"MSH|") else _from_header(raw)
        if b"\x1c" in body[-3:]:
            body = body.rstrip(b"\x1c\r\n")  # a file that kept the end of its MLLP block
        self._body = body
        end = body.find(b"\r")
        feed = body.find(b"\n", 0, end if end >= 0 else len(body))
        if feed >= 0:
            end = feed
        line = body if end < 0 else body[:end]
        field = line[3:4] or b"|"
        encoding_end = line.find(field, 4)
        syntax = read_syntax(field, line[4:] if encoding_end < 0 else line[4:encoding_end])
        self._spelling = Spelling(syntax, body, line)
        self._header = HeaderSegment(self._spelling, "MSH", line, 0)
        self._lines: list[bytes] = []  # cut when a segment other than the header is asked for
        self._index: dict[str, list[int]] = {}  # name → lines
        self._found: dict[str, list[Segment]] = {}  # name → segments already asked for

    # The header, without reading any other line

    @property
    def separators(self) -> Separators:
        """The separators that MSH-1 and MSH-2 declare."""
        return self._spelling.separators

    @property
    def header(self) -> Segment:
        """The first MSH segment."""
        return self._header

    @property
    def kind(self) -> str:
        """MSH-9.1, such as `ADT`; "" when absent."""
        return (self._header["9.1"] or "").strip()

    @property
    def trigger(self) -> str:
        """MSH-9.2, such as `A01`; "" when absent."""
        return (self._header["9.2"] or "").strip()

    @property
    def control_id(self) -> str:
        """MSH-10; "" when absent."""
        return self._header["10"] or ""

    @property
    def version(self) -> str:
        """MSH-12.1, such as `2.5`; "" when absent."""
        return (self._header["12.1"] or "").strip()

    @property
    def charset_declared(self) -> str:
        """MSH-18 as written, repetitions included; "" when absent."""
        return self._header.raw_field(18).decode("latin-1")

    @property
    def charset_trouble(self) -> str:
        """Why accents of this message may be wrong, or ""."""
        return self._spelling.charset.trouble

    @property
    def count(self) -> int:
        r"""How many messages stand here, counted by their MSH lines; one reading of several mixes persons.

        >>> Message(b"MSH|^~\\&|LABO\rPID|||1\rMSH|^~\\&|LABO\rPID|||2\r").count
        2
        """
        body = self._body
        return 1 if body.count(b"MSH") == 1 else sum(1 for _ in _FIRST_MSH.finditer(body))

    @property
    def reading(self) -> tuple[str, tuple[str, ...], Separators]:
        """What decides the text behind bytes: under equal readings, equal bytes say the same."""
        charset = self._spelling.charset
        return charset.codec, charset.escapes, self._spelling.separators

    @property
    def sending_application(self) -> str:
        """MSH-3.1; "" when absent."""
        return self._header["3.1"] or ""

    @property
    def sending_facility(self) -> str:
        """MSH-4.1; "" when absent."""
        return self._header["4.1"] or ""

    # Values and segments

    def __getitem__(self, address: str) -> str | None:
        """Return the text at `address`: None when absent, empty or blank, `NULL` when the sender deletes it."""
        place = read_address(address)
        if place.segment == "MSH" and place.number == 1:
            return self._header[address]
        found = self._found.get(place.segment)
        if found is None:
            found = self.segments(place.segment)
        if len(found) < place.number:
            return None
        return found[place.number - 1][address]

    def get(self, address: str, default: str | None = None) -> str | None:
        """Return the text at `address`, or `default` when it is absent or empty."""
        value = self[address]
        return default if value is None else value

    def has(self, name: str) -> bool:
        """Return whether a segment of this name is present."""
        if not self._lines:
            self._read_lines()
        return name in self._index

    def segment(self, name: str) -> Segment | None:
        """Return the first segment of this name, or None."""
        found = self.segments(name)
        return found[0] if found else None

    def segments(self, name: str) -> list[Segment]:
        """Return the segments of this name, in order."""
        found = self._found.get(name)
        if found is None:
            if not self._lines:
                self._read_lines()
            found = [self._segment_at(position, name) for position in self._index.get(name, ())]
            self._found[name] = found
        return found

    def all_segments(self) -> Iterator[Segment]:
        """Return every segment in order, MSH first, so that groups can be walked."""
        if not self._lines:
            self._read_lines()
        every: list[Segment] = [self._header] * len(self._lines)
        for name in self._index:
            for segment in self.segments(name):
                every[segment.position] = segment
        return iter(every)

    def _segment_at(self, position: int, name: str) -> Segment:
        if position == 0:
            return self._header
        form = HeaderSegment if name in _HEADERS else Segment
        return form(self._spelling, name, self._lines[position], position)

    def _read_lines(self) -> None:
        """Cut the body in segments.

        CR, LF and CRLF end a segment. A line that does not look like a segment belongs to the one before:
        senders do leave line ends inside a text, and it must not be lost.
        """
        field = self._spelling.field
        lines = self._body.splitlines()
        for line in lines:
            if line[3:4] != field:
                lines = self._join_lines(field)
                break
        index = self._index
        for position, line in enumerate(lines):
            name = str(line[:3], "latin-1")
            if not name.isupper():
                name = name.upper()
            if name in index:
                index[name].append(position)
            else:
                index[name] = [position]
        self._lines = lines

    def _join_lines(self, field: bytes) -> list[bytes]:
        joined: list[list[bytes]] = []
        for line in self._body.splitlines(keepends=True):
            bare = line.lstrip(b" \t\x0b")
            name, border = bare[:3], bare[3:4]
            named = len(name) == 3 and name.isalnum() and name[:1].isalpha()
            if named and (border == field or (border in (b"\r", b"\n", b"") and name.isupper())):
                joined.append([bare])
            elif len(joined) > 1:
                joined[-1].append(line)
            elif bare.strip():
                joined.append([bare])  # the header is read alone and never continued
        return [b"".join(parts).rstrip(b"\r\n") for parts in joined]


class Repetition:
    """One repetition of a field: `rep["1"]`, `rep["4.1"]`."""

    __slots__ = ("_spelling", "raw")

    def __init__(self, spelling: Spelling, raw: bytes) -> None:
        self._spelling = spelling
        self.raw: Final = raw

    @property
    def text(self) -> str | None:
        """The whole repetition, separators between its parts included; None when empty, `NULL` when deleted."""
        return self._spelling.part(self.raw, 0, 0) if self.raw else None

    def __getitem__(self, address: str) -> str | None:
        """Return the text of a component (`"4"`) or subcomponent (`"4.1"`); None when absent or empty."""
        if not self.raw:
            return None
        place = read_address(address)
        return self._spelling.part(self.raw, place.field, place.component)


class Segment:
    """One line of a message; its fields are cut when the first of them is asked for."""

    __slots__ = ("_fields", "_spelling", "name", "position", "raw")

    def __init__(self, spelling: Spelling, name: str, raw: bytes, position: int) -> None:
        self._spelling = spelling
        self.name: Final = name  # in capitals
        self.raw: Final = raw  # without the line end
        self.position: Final = position  # 0 is MSH
        self._fields: list[bytes] | None = None

    def __getitem__(self, address: str) -> str | None:
        """Return the text at `address` (`"5"`, `"5.1"`, `"5[2].1.1"`), first repetition unless one is named.

        None when absent, empty or blank, `NULL` when the sender deletes it (a deleted field deletes all its parts).
        """
        _, _, field, repetition, component, subcomponent = read_address(address)
        fields = self._fields or self._cut()
        if field >= len(fields):
            return None
        value = fields[field]
        if not value:
            return None
        if value.isalnum():  # ASCII letters and digits only: most codes, numbers and dates have no parts
            return str(value, "ascii") if repetition == 1 and component < 2 and subcomponent < 2 else None
        spelling = self._spelling
        one = spelling.repeated(value, repetition)
        return None if one is None else spelling.part(one, component, subcomponent)

    def text(self, field: int) -> str:
        """Return the whole field as a person reads it, one line a repetition; "" when absent, `NULL` as such.

        For texts (ST, TX, FT): an unescaped `^` or `&` of a careless sender is kept, not taken for a border.
        """
        value = self.raw_field(field)
        if value == b'""':
            return NULL
        if not value:
            return ""
        parts = value.split(self._spelling.repetition)
        return "\n".join(map(self._spelling.text, parts))

    def repetitions(self, field: int) -> list[Repetition]:
        """Return the repetitions of a field, empty ones included to keep their number; [] when absent."""
        value = self.raw_field(field)
        if not value:
            return []
        spelling = self._spelling
        return [Repetition(spelling, part) for part in value.split(spelling.repetition)]

    def raw_field(self, field: int) -> bytes:
        """Return the bytes of a field as received; b"" when absent."""
        fields = self._fields or self._cut()
        return fields[field] if field < len(fields) else b""

    def __len__(self) -> int:
        """Return the number of the last field present."""
        return len(self._fields or self._cut()) - 1

    def _cut(self) -> list[bytes]:
        fields = self._fields = self.raw.split(self._spelling.field)
        return fields


class HeaderSegment(Segment):
    """MSH, FHS or BHS: field 1 is the separator itself, field 2 is never unescaped."""

    __slots__ = ()

    def __getitem__(self, address: str) -> str | None:
        """Return the text at `address`, as for any segment; MSH-1 and MSH-2 as they stand."""
        field = read_address(address).field
        return super().__getitem__(address) if field > 2 else self.raw_field(field).decode("latin-1") or None

    def text(self, field: int) -> str:
        """Return the whole field, as for any segment; MSH-1 and MSH-2 as they stand."""
        return self.raw_field(field).decode("latin-1") if field <= 2 else super().text(field)

    def _cut(self) -> list[bytes]:
        sign = self._spelling.field
        name, *rest = self.raw.split(sign)
        fields = self._fields = [name, sign, *rest] if rest else [name]
        return fields


def _from_header(raw: bytes) -> bytes:
    """Return `raw` from its first MSH on; a message of two bytes a character comes as UTF-8."""
    match = _FIRST_MSH.search(raw)
    if match is not None:
        return raw[match.start(1) :]
    wide = decode_wide(raw)
    if wide is not None:
        return wide[0][wide[0].find("MSH") :].encode()
    raise MessageError("message: expected a line that begins with MSH")
