"""What is wrong with a FHIR R4 resource, place by place, without ever repeating a value.

The checking itself is `fhirkit-rs`, pinned and kept behind these few lines so that it can be replaced. It knows
elements, cardinalities and formats; it does not know required bindings, reference targets or invariants.
A problem is a warning to the sender: it never stops a resource from being kept.
"""

from __future__ import annotations

import re

import fhirkit
import msgspec

# Enough to find the fault; a bundle of ten thousand broken entries must not become a page of ten thousand lines.
PROBLEMS_MAX = 50


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One fault: where (`Patient.birthDate`) and what was expected there."""

    severity: str  # "error" | "warning"
    address: str
    expected: str

    def __str__(self) -> str:
        return f"{self.address}: expected {self.expected}"


def check(raw: bytes) -> list[Problem]:
    """Return the problems of the resource or bundle in `raw`, at most `PROBLEMS_MAX`, none when it is sound."""
    try:
        issues = fhirkit.validate(raw)
    except fhirkit.ParseError as error:
        return [Problem(severity="error", address=_parse_place(str(error)), expected="JSON")]
    except ValueError:
        return [Problem(severity="error", address="document", expected="FHIR R4 JSON")]
    return [
        Problem(severity=issue.severity, address=_address(issue.path), expected=_expected(issue.message))
        for issue in issues[:PROBLEMS_MAX]
    ]


_STEP = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}(\[\d{1,9}\])?")
_PLACE = re.compile(r"line \d+, column \d+")


def _address(path: str) -> str:
    """Return `path` with every step that is not an element name replaced: a key may hold anything."""
    return ".".join(step if _STEP.fullmatch(step) else "?" for step in path[:400].split("."))


def _parse_place(message: str) -> str:
    found = _PLACE.match(message)
    return found.group() if found else "document"


# The checker's messages often begin with the value found, which is a patient's: only known endings pass.
_EXPECTED = {
    "unknown element": "an element of FHIR R4",
    "required element missing": "this element",
    "an empty array is not allowed; leave the element out": "no empty array",
    "an empty string is not allowed; leave the element out": "no empty string",
    "an empty object is not allowed; leave the element out": "no empty object",
    "null is not allowed in an array of complex values": "no null in this array",
}
_SHAPE = re.compile(r"expected ((?:a|an) (?:array|object|string|number|boolean)|true or false), found ")
_FORMAT = re.compile(r" is not a (?:valid|FHIR) ([A-Za-z0-9]{1,32})$")


def _expected(message: str) -> str:
    if message in _EXPECTED:
        return _EXPECTED[message]
    if message.startswith("only one type may be given"):
        return "one type only"
    if found := _SHAPE.match(message):
        return found.group(1)
    if found := _FORMAT.search(message):
        return f"a valid {found.group(1)}"
    return "what FHIR R4 requires here"
