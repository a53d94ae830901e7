"""An act in words and as a FHIR resource: each department says its own; one that none knows stands as it is."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext

from releve.handback.account import ActLine, PersonLines
from releve.handback.offers import RESOURCES, TITLES, WORDS

__all__ = ["person_resource", "resource_of", "title_of", "told"]

# What every act says is printed in its own place, not among the details.
COMMON = frozenset(
    {
        "type", "act", "person", "visit", "ward", "function", "applications", "happened_at", "by", "by_name", "late",
        "offline", "second", "second_name", "told_by", "read_back", "paper", "place",
    }
)  # fmt: skip
IDENTIFIER_TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"
SEX = {"F": "female", "M": "male", "O": "other", "U": "unknown"}


def title_of(kind: str) -> str:
    """Return what an act of this kind is called, in the language in force; the kind itself when none says."""
    return gettext(TITLES[kind]) if kind in TITLES else kind


def told(line: ActLine) -> tuple[str, list[tuple[str, str]]]:
    """Return what was done, in a few words, and its details as label and value, in the language in force."""
    kind = line.row.kind or ""
    title = title_of(kind)
    if line.body is None:
        return title, [(gettext("The entry cannot be read on this island"), line.row.entry or "")]
    words = WORDS.get(kind)
    if words is None:
        return title, list(_bare(line.body))
    return title, [(gettext(label), value) for label, value in words(line.body) if value]


def _bare(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the fields of an act of which this version knows nothing: better plain than lost."""
    return [
        (name, str(value))
        for name, value in body.items()
        if name not in COMMON and value not in (None, False, "", [], ())
    ]


def resource_of(line: ActLine, ids: Mapping[str, str]) -> dict[str, Any]:
    """Return the FHIR R4 resource of an act; `ids` are the references to use: "patient", "encounter", "performer".

    An act that its department does not state in FHIR becomes a `Basic` that carries its words: nothing is left out.
    """
    kind = line.row.kind or ""
    make: Callable[..., dict[str, Any]] | None = RESOURCES.get(kind)
    if make is not None and line.body is not None:
        return make(line.body, ids)
    title, details = told(line)
    text = "; ".join([title, *(f"{label}: {value}" for label, value in details)])
    return {
        "resourceType": "Basic",
        "code": {"text": title or "act"},
        "subject": {"reference": ids["patient"]},
        "text": {
            "status": "generated",
            "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{_escaped(text)}</div>',
        },
    }


def person_resource(one: PersonLines) -> dict[str, Any]:
    """Return the FHIR R4 Patient of a person, with every number that is known."""
    person, found = one.person, {"resourceType": "Patient"}  # type: tuple[Any, dict[str, Any]]
    if one.numbers:
        found["identifier"] = [
            {
                "value": number,
                **({"type": {"coding": [{"system": IDENTIFIER_TYPES, "code": type_}]}} if type_ else {}),
                **({"assigner": {"display": system}} if system else {}),
            }
            for number, system, type_ in one.numbers
        ]
    else:
        namespace, _, number = one.key.partition(":")
        found["identifier"] = [
            {"value": number or one.key, **({"assigner": {"display": namespace}} if number else {})}
        ]
    if person is None:
        return found
    names = [
        {"use": use, "family": family, **({"given": [person.given_name]} if person.given_name else {})}
        for use, family in (("official", person.birth_name), ("usual", person.used_name))
        if family
    ]
    if names:
        found["name"] = names
    if person.sex:
        found["gender"] = SEX.get(person.sex, "unknown")
    if person.birth_date and person.birth_date.replace("-", "").isdigit():
        found["birthDate"] = person.birth_date
    return found


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
