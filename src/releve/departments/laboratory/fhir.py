"""FHIR R4 observations become facts. Pure. Source: FHIR R4 Observation."""

from collections.abc import Iterator
from typing import Any

from releve.codecs.fhir.reader import Document, Node, Resource
from releve.codecs.fhir.values import Quantity
from releve.departments.laboratory.facts import ResultReported
from releve.record.facts import Measured
from releve.record.fhir import instant_at, place_number, words
from releve.views.numbers import entity
from releve.views.reading import Context, NotRead

__all__ = ["READERS"]

FLAGS = {
    "L": "low", "H": "high", "LL": "critical-low", "HH": "critical-high", "N": "normal", "A": "abnormal",
    "AA": "critical-abnormal", "LU": "critical-low", "HU": "critical-high",
}  # fmt: skip
STATUSES = {
    "final": "final", "amended": "corrected", "corrected": "corrected", "preliminary": "preliminary",
    "registered": "preliminary", "cancelled": "cancelled", "entered-in-error": "cancelled", "unknown": "final",
}  # fmt: skip
WEIGHT, HEIGHT = ("29463-7", "3141-9"), ("8302-2",)


def read_observation(observation: Resource, document: Document, context: Context) -> Iterator[Any]:
    """Read an Observation, its components included."""
    yield from _read(observation, observation, context, "")
    for rank, component in enumerate(observation.nodes("component"), start=1):
        yield from _read(component, observation, context, f".{rank}")


def _read(node: Node, observation: Resource, context: Context, rank: str) -> Iterator[Any]:
    coding, label = node.coding("code"), words(node, "code")
    choice = node.choice("value")
    if choice is None:
        if not rank and not observation.nodes("component") and node.get("dataAbsentReason") is None:
            yield NotRead(reason=f"{node.address}.value[x]: expected a value")
        return
    quantity = node.quantity(f"value{choice.type}") if choice.type == "Quantity" else None
    value = (
        _words(quantity)
        if quantity is not None
        else words(node, f"value{choice.type}") or _plain(choice.value)
    )
    sampled = instant_at(observation, "effectiveDateTime", context) or instant_at(
        observation, "effectivePeriod.start", context
    )
    code = coding.code if coding is not None else ""
    unit = ((quantity.unit or quantity.code) or None) if quantity is not None else None
    if code in WEIGHT or code in HEIGHT:
        yield Measured(
            person=context.person, visit=None, code="weight" if code in WEIGHT else "height", label=label or code,
            value=value or "", unit=unit, measured_at=sampled,
        )  # fmt: skip
        return
    range_ = node.text("referenceRange.text") or _range(node)
    flags = [
        FLAGS[item.code]
        for item in (node.coding("interpretation"),)
        if item is not None and item.code in FLAGS
    ]
    yield ResultReported(
        person=context.person,
        series=f"{code or label}^{coding.system if coding is not None else ''}",
        sample=entity(f"{place_number(observation)}{rank}", None),
        label=label or code,
        code=code or None,
        system=coding.system if coding is not None else None,
        value=value,
        number=float(quantity.value) if quantity is not None else None,
        unit=unit,
        range=range_ or None,
        flag=flags[0] if flags else None,
        status=STATUSES.get(observation.text("status"), "final"),
        value_type="NM" if quantity is not None else "ST",
        sampled_at=sampled,
        issued_at=instant_at(observation, "issued", context) or context.stamp,
        note=observation.text("note.text") or None,
    )


def _words(quantity: Quantity) -> str:
    return f"{quantity.comparator}{quantity.value}"


def _plain(value: Any) -> str | None:
    return str(value) if isinstance(value, str | int | float | bool) else None


def _range(node: Node) -> str:
    low, high = node.quantity("referenceRange.low"), node.quantity("referenceRange.high")
    if low is not None and high is not None:
        return f"{low.value}-{high.value}"
    return f"> {low.value}" if low is not None else f"< {high.value}" if high is not None else ""


READERS = {"Observation": read_observation}
