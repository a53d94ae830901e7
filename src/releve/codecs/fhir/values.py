"""Values inside a FHIR R4 resource, read without losing what was written.

Opens nothing and guesses nothing: a value that does not have the expected shape is absent (`None`), never an
exception, because the resource that holds it is already stored and another reader may understand it later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from releve.codecs.hl7v2.timestamp import Moment, Precision


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """To whom or what a resource points.

    `type` and `id` come from the literal (`Patient/123`, with or without a server in front); `contained` is true for
    `#id`, whose target stands in the same resource; `urn` keeps `urn:uuid:…` and `urn:oid:…`, which name the
    `fullUrl` of a bundle entry.
    Source: FHIR R4, References, 2.3.0.
    """

    text: str = ""
    type: str = ""
    id: str = ""
    contained: bool = False
    urn: str = ""
    identifier: Identifier | None = None
    display: str = ""


class Coding(msgspec.Struct, frozen=True, kw_only=True):
    """One code with its system. Source: FHIR R4, Datatypes, Coding."""

    system: str = ""
    code: str = ""
    display: str = ""


class Concept(msgspec.Struct, frozen=True, kw_only=True):
    """A CodeableConcept: its codings in the order received and the text a person chose."""

    codings: tuple[Coding, ...] = ()
    text: str = ""

    def code(self, system: str) -> str:
        """Return the code in `system`, or `""`."""
        return next((coding.code for coding in self.codings if coding.system == system), "")

    @property
    def label(self) -> str:
        """What to show a person: the text, else the first display, else the first code."""
        if self.text:
            return self.text
        shown = (coding.display for coding in self.codings if coding.display)
        return next(shown, self.codings[0].code if self.codings else "")


class Quantity(msgspec.Struct, frozen=True, kw_only=True):
    """A number with its unit; `value` keeps the digits received (`0.40` is not `0.4`).

    `comparator` is `<`, `<=`, `>=`, `>` or `""`. Source: FHIR R4, Datatypes, Quantity.
    """

    value: Decimal
    unit: str = ""
    code: str = ""
    system: str = ""
    comparator: str = ""


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """A span of time; a missing side is open."""

    start: Moment | None = None
    end: Moment | None = None


class Identifier(msgspec.Struct, frozen=True, kw_only=True):
    """An identifier with its system; `type_code` is from HL7 table 0203 where given (`PI`, `VN`, `NI`…)."""

    system: str = ""
    value: str = ""
    use: str = ""
    type_code: str = ""


class HumanName(msgspec.Struct, frozen=True, kw_only=True):
    """A name as stated; nothing is put in capitals or joined."""

    family: str = ""
    given: tuple[str, ...] = ()
    use: str = ""
    text: str = ""


class Choice(NamedTuple):
    """The value of an element with several possible types, such as `value[x]`: `("Quantity", {...})`."""

    type: str
    value: Any


_REFERENCE = re.compile(
    r"(?:^|/)([A-Z][A-Za-z]{1,63})/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?$"
)
_DATE_TIME = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?)?)?)?$"
)


def text(value: object) -> str:
    """Return `value` when it is a string, otherwise `""`."""
    return value if isinstance(value, str) else ""


def objects(value: object) -> Iterator[dict[str, Any]]:
    """Yield the objects of `value`, whether one was sent or a list."""
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def read_reference(value: object) -> Reference | None:
    """Return the Reference in `value`, or `None` when it is not one."""
    if not isinstance(value, dict):
        return None
    literal = text(value.get("reference"))
    kind, name, urn = text(value.get("type")), "", ""
    contained = literal.startswith("#")
    if contained:
        name = literal[1:]
    elif literal.startswith("urn:"):
        urn = literal
    elif found := _REFERENCE.search(literal):
        kind, name = found.group(1), found.group(2)
    return Reference(
        text=literal,
        type=kind,
        id=name,
        contained=contained,
        urn=urn,
        identifier=read_identifier(value.get("identifier")),
        display=text(value.get("display")),
    )


def read_identifier(value: object) -> Identifier | None:
    """Return the Identifier in `value`, or `None` when it holds no value."""
    if not isinstance(value, dict) or not text(value.get("value")):
        return None
    concept = read_concept(value.get("type"))
    code = concept.codings[0].code if concept is not None and concept.codings else ""
    return Identifier(
        system=text(value.get("system")), value=value["value"], use=text(value.get("use")), type_code=code
    )


def read_coding(value: object) -> Coding | None:
    """Return the Coding in `value`, or `None` when it names neither code nor display."""
    if not isinstance(value, dict):
        return None
    coding = Coding(
        system=text(value.get("system")), code=text(value.get("code")), display=text(value.get("display"))
    )
    return coding if coding.code or coding.display else None


def read_concept(value: object) -> Concept | None:
    """Return the CodeableConcept in `value`, or `None` when it holds neither coding nor text."""
    if not isinstance(value, dict):
        return None
    codings = tuple(
        coding for item in objects(value.get("coding")) if (coding := read_coding(item)) is not None
    )
    concept = Concept(codings=codings, text=text(value.get("text")))
    return concept if concept.codings or concept.text else None


def read_quantity(value: object) -> Quantity | None:
    """Return the Quantity in `value`, or `None` without a number."""
    if not isinstance(value, dict):
        return None
    number = value.get("value")
    if isinstance(number, bool) or not isinstance(number, (int, float, Decimal)):
        return None
    return Quantity(
        value=number if isinstance(number, Decimal) else Decimal(str(number)),
        unit=text(value.get("unit")),
        code=text(value.get("code")),
        system=text(value.get("system")),
        comparator=text(value.get("comparator")),
    )


def read_name(value: object) -> HumanName | None:
    """Return the HumanName in `value`, or `None` when it holds no part of a name."""
    if not isinstance(value, dict):
        return None
    given = value.get("given")
    name = HumanName(
        family=text(value.get("family")),
        given=tuple(part for part in given if isinstance(part, str)) if isinstance(given, list) else (),
        use=text(value.get("use")),
        text=text(value.get("text")),
    )
    return name if name.family or name.given or name.text else None


def read_period(value: object, zone: ZoneInfo) -> Period | None:
    """Return the Period in `value`, or `None` when neither side can be read."""
    if not isinstance(value, dict):
        return None
    period = Period(
        start=read_date_time(value.get("start"), zone), end=read_date_time(value.get("end"), zone)
    )
    return period if period.start or period.end else None


def read_date_time(value: object, zone: ZoneInfo) -> Moment | None:
    """Return the date, dateTime or instant in `value` with its precision, or `None` when unreadable.

    `at_us` is the first microsecond of what was said (a year: its first of January), read in `zone` when no offset
    is given; `ambiguous` when that local hour comes twice (the first is meant), `skipped` when it does not exist.
    `24:00:00` and leap seconds are not FHIR.
    Source: FHIR R4, Datatypes, dateTime (minutes without seconds are accepted, as several senders write them).
    """
    if not isinstance(value, str) or (found := _DATE_TIME.match(value)) is None:
        return None
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    names: tuple[Precision, ...] = ("year", "month", "day", "minute", "second", "fraction")
    precision = names[[month, day, hour, second, fraction, None].index(None)]
    try:
        local = datetime(  # noqa: DTZ001 (its distance to UTC is found below)
            int(year),
            int(month or 1),
            int(day or 1),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            int((fraction or "0").ljust(6, "0")[:6]),
        )
        shift, after = _shifts(local, offset, zone)
        at_us = (local - shift - _EPOCH) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        return None  # the 30th of February, the hour 25, a year 0
    timed = hour is not None  # a day that begins in a doubled hour is not in doubt for anybody
    return Moment(
        value, at_us, precision, timed and shift > after, timed and shift < after, offset is not None
    )


_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (only ever subtracted from a time already brought to UTC)


def _shifts(local: datetime, offset: str | None, zone: ZoneInfo) -> tuple[timedelta, timedelta]:
    """Return the distance to UTC before and after a change of clocks; both are equal when there is none."""
    if offset is not None:
        minutes = 0 if offset == "Z" else int(offset[1:3]) * 60 + int(offset[4:6])
        shift = timedelta(minutes=-minutes if offset[0] == "-" else minutes)
        return shift, shift
    none = timedelta(0)
    return zone.utcoffset(local) or none, zone.utcoffset(local.replace(fold=1)) or none
