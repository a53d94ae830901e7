r"""Bytes of FHIR R4 JSON → resources with their address, bytes kept as received.

>>> document = read_document(b'{"resourceType":"Patient","id":"p1","name":[{"family":"L\u00c9VY"}]}')
>>> patient = document.resources[0]
>>> patient.type, patient.id, patient.get("name.family")
('Patient', 'p1', 'LÉVY')
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from releve.codecs.fhir import values
from releve.codecs.fhir.values import (
    Choice,
    Coding,
    Concept,
    HumanName,
    Identifier,
    Period,
    Quantity,
    Reference,
)
from releve.codecs.hl7v2.timestamp import Moment

# The types whose meaning the departments read; every other type is stored, listed and left alone.
READ_TYPES = (
    "AllergyIntolerance",
    "Appointment",
    "Bundle",
    "Condition",
    "DiagnosticReport",
    "DocumentReference",
    "Encounter",
    "Location",
    "MedicationAdministration",
    "MedicationRequest",
    "MedicationStatement",
    "Observation",
    "Patient",
    "ServiceRequest",
)

# Bundles hold bundles (message, document in transaction); deeper than this is an accident or an attack.
_DEPTH_MAX = 8
_BOM = b"\xef\xbb\xbf"


class DocumentError(ValueError):
    """The bytes are not one FHIR resource in JSON; says where and what was expected, never what was found."""

    def __init__(self, *, address: str, expected: str) -> None:
        super().__init__(f"{address}: expected {expected}")
        self.address = address
        self.expected = expected


class Node:
    """An object inside a resource, with the address where it stands (`Patient.name[1]`)."""

    __slots__ = ("address", "value")

    def __init__(self, value: dict[str, Any], address: str) -> None:
        self.value = value
        self.address = address

    def get(self, path: str) -> Any:
        """Return what stands at `path` (`"name.family"`), through the first element of each list, or `None`."""
        found: Any = self.value
        for name in path.split("."):
            if isinstance(found, list):
                found = found[0] if found else None
            if not isinstance(found, dict):
                return None
            found = found.get(name)
        if isinstance(found, list):
            return found[0] if found else None
        return found

    def text(self, path: str) -> str:
        """Return the string at `path`, or `""`."""
        return values.text(self.get(path))

    def nodes(self, name: str) -> list[Node]:
        """Return the objects under `name`, in the order received, each with its own address."""
        found = self.value.get(name)
        if isinstance(found, dict):
            return [Node(found, f"{self.address}.{name}")]
        if not isinstance(found, list):
            return []
        return [
            Node(item, f"{self.address}.{name}[{place}]")
            for place, item in enumerate(found)
            if isinstance(item, dict)
        ]

    def choice(self, name: str) -> Choice | None:
        """Return the value of `name[x]` with its type: `choice("value")` → `("Quantity", {...})`."""
        for key, value in self.value.items():
            kind = key[len(name) :]
            if key.startswith(name) and kind[:1].isupper():
                return Choice(kind, value)
        return None

    def reference(self, path: str) -> Reference | None:
        """Return the reference at `path`."""
        return values.read_reference(self.get(path))

    def concept(self, path: str) -> Concept | None:
        """Return the CodeableConcept at `path`."""
        return values.read_concept(self.get(path))

    def coding(self, path: str, system: str | None = None) -> Coding | None:
        """Return the first coding at `path` (a Coding or a CodeableConcept), or the first of `system`."""
        found = self.get(path)
        concept = values.read_concept(found)
        single = values.read_coding(found)
        codings = concept.codings if concept is not None and concept.codings else (single,) if single else ()
        return next((coding for coding in codings if system is None or coding.system == system), None)

    def quantity(self, path: str) -> Quantity | None:
        """Return the quantity at `path`, digits kept."""
        return values.read_quantity(self.get(path))

    def period(self, path: str, zone: ZoneInfo) -> Period | None:
        """Return the period at `path`; times without offset are read in `zone`."""
        return values.read_period(self.get(path), zone)

    def date_time(self, path: str, zone: ZoneInfo) -> Moment | None:
        """Return the date or time at `path` with its precision; without offset it is read in `zone`."""
        return values.read_date_time(self.get(path), zone)

    def identifiers(self, name: str = "identifier") -> list[Identifier]:
        """Return the identifiers under `name` that hold a value."""
        read = (values.read_identifier(item) for item in values.objects(self.value.get(name)))
        return [identifier for identifier in read if identifier is not None]

    def names(self, name: str = "name") -> list[HumanName]:
        """Return the names of a person, in the order received."""
        read = (values.read_name(item) for item in values.objects(self.value.get(name)))
        return [found for found in read if found is not None]


class Resource(Node):
    """A resource with its type, id, the place where it stood and, inside a bundle, how the sender spoke of it.

    `full_url` is the entry's `fullUrl` (what `urn:uuid:` references name); `method` and `url` come from
    `entry.request`, so that a deletion is not read as a statement.
    """

    __slots__ = ("full_url", "method", "url")

    def __init__(
        self, value: dict[str, Any], address: str, *, full_url: str = "", method: str = "", url: str = ""
    ) -> None:
        super().__init__(value, address)
        self.full_url = full_url
        self.method = method
        self.url = url

    @property
    def type(self) -> str:
        return values.text(self.value.get("resourceType"))

    @property
    def id(self) -> str:
        return values.text(self.value.get("id"))

    def contained(self, reference: Reference) -> Resource | None:
        """Return the contained resource a `#id` reference names."""
        for node in self.nodes("contained"):
            if reference.contained and node.value.get("id") == reference.id:
                return Resource(node.value, node.address)
        return None


class Document:
    """What one request or file held: the root resource, and every resource a reader should look at.

    `resources` are the entries of a bundle (bundles inside bundles opened), or the root alone; `raw` is what came.
    """

    __slots__ = ("_by_name", "raw", "resources", "root")

    def __init__(self, raw: bytes, root: Resource, resources: tuple[Resource, ...]) -> None:
        self.raw = raw
        self.root = root
        self.resources = resources
        self._by_name: dict[str, Resource] | None = None

    def resolve(self, reference: Reference | None, *, within: Resource | None = None) -> Resource | None:
        """Return the resource of this document that `reference` names, or `None` when it stands elsewhere."""
        if reference is None:
            return None
        if reference.contained:
            return within.contained(reference) if within is not None else None
        if self._by_name is None:
            self._by_name = {}
            for resource in self.resources:
                self._by_name.setdefault(f"{resource.type}/{resource.id}", resource)
                if resource.full_url:
                    self._by_name[resource.full_url] = resource
        return self._by_name.get(reference.text) or self._by_name.get(f"{reference.type}/{reference.id}")


# Numbers with a point stay decimals: 0.40 mg and 0.4 mg were not written by the same hand.
_DECODER = msgspec.json.Decoder(float_hook=Decimal)


def read_document(raw: bytes) -> Document:
    """Return the resources of `raw` with their addresses.

    Raises:
        DocumentError: not JSON, not an object, or without `resourceType`; says where.
    """
    try:
        value = _DECODER.decode(raw[len(_BOM) :] if raw.startswith(_BOM) else raw)
    except msgspec.DecodeError as error:
        raise DocumentError(address=_place(error), expected="JSON") from None
    except RecursionError:
        raise DocumentError(address="document", expected="JSON nested less deeply") from None
    if not isinstance(value, dict):
        raise DocumentError(address="document", expected="a JSON object")
    kind = value.get("resourceType")
    if not isinstance(kind, str) or not kind.isalpha() or len(kind) > 64:
        raise DocumentError(address="resourceType", expected="the name of a FHIR resource type")
    root = Resource(value, kind)
    return Document(raw, root, tuple(_entries(root, 0)))


def _entries(resource: Resource, depth: int) -> Iterator[Resource]:
    if resource.type != "Bundle" or depth > _DEPTH_MAX:
        yield resource
        return
    for entry in resource.nodes("entry"):
        value = entry.value.get("resource")
        if not isinstance(value, dict):
            continue  # a DELETE has no resource; the bundle itself stays stored
        inner = Resource(
            value,
            f"{entry.address}.resource",
            full_url=entry.text("fullUrl"),
            method=entry.text("request.method"),
            url=entry.text("request.url"),
        )
        yield from _entries(inner, depth + 1)


def _place(error: msgspec.DecodeError) -> str:
    """Return where decoding stopped; msgspec's own words may quote the text, only the position is kept."""
    _, _, tail = str(error).rpartition("(byte ")
    digits = tail.rstrip(")")
    return f"byte {digits}" if digits.isdigit() else "end of document"
