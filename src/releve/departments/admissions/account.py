"""What was admitted, moved and corrected here, in words and as FHIR R4, for the account of the downtime.

Sources: FHIR R4 Patient, Encounter (location, hospitalization), Location; HL7 v2 tables 0003 (events), 0445 (identity
statuses).
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from releve.departments.admissions.sentences import (
    DISCHARGES,
    DOCUMENT_NAMES,
    ISOLATIONS,
    PROVENANCES,
    event_name,
)
from releve.web.templatetags.releve import birth, moment, sex_name

__all__ = ["RESOURCES", "TITLES", "WORDS"]

Body = Mapping[str, Any]
Words = list[tuple[str, str]]
TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"
ACT_CODES = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
EVENTS = "http://terminology.hl7.org/CodeSystem/v2-0003"
_SEXES = {"F": "female", "M": "male", "O": "other", "U": "unknown"}
_CLASSES = {"E": "EMER", "I": "IMP", "O": "AMB"}

TITLES = {
    "person.admitted.1": _("Person admitted"),
    "person.moved.1": _("Movement"),
    "movement.cancelled.1": _("Movement cancelled"),
    "movement.corrected.1": _("Movement corrected"),
    "identity.corrected.1": _("Identity corrected"),
    "bed.set.1": _("Bed kept"),
    "duplicate.judged.1": _("Two numbers compared"),
}


FIELDS = {
    "birth_name": _("Birth name"),
    "given_name": _("First given name"),
    "used_name": _("Name in use, if another"),
    "sex": _("Sex"),
    "birth_date": _("Birth date"),
    "birth_place": _("Birth place"),
    "status": _("Identity status"),
    "document": _("Document seen"),
}


def _at(ms: int | None) -> str:
    if ms is None:
        return ""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _told(*words: tuple[str, Any]) -> Words:
    return [(label, str(value)) for label, value in words if value not in (None, "", 0, (), [])]


def _traits(traits: Body | None) -> Words:
    if not traits:
        return []
    return _told(
        (_("Birth name"), traits.get("birth_name")),
        (_("First given name"), traits.get("given_name")),
        (_("Name in use, if another"), traits.get("used_name")),
        (_("Sex"), sex_name(traits["sex"], traits.get("birth_date")) if traits.get("sex") else ""),
        (_("Birth date"), birth(traits["birth_date"]) if traits.get("birth_date") else ""),
        (_("Birth place"), traits.get("birth_place")),
        (
            _("Identity status"),
            ", ".join(part for part in (traits.get("status"), traits.get("doubt")) if part),
        ),
        (_("Document seen"), _named(DOCUMENT_NAMES, traits.get("document"))),
    )


def _named(names: Iterable[tuple[str, Any]], code: Any) -> str:
    """Return what a form calls this code; the code itself where it has no name."""
    return str(dict(names).get(code, code)) if code else ""


def _answered(code: Any) -> str:
    known = {"not-asked": gettext("Not asked"), "none-known": gettext("Asked: none known")}
    return known.get(code, str(code or ""))


def _event(code: Any, undoes: Any = "") -> str:
    """Return a movement in words, with the codes by which the application knows it."""
    codes = " ".join(str(one) for one in (code, undoes) if one)
    return f"{event_name(str(code or ''))} ({codes})" if codes else ""


def _place(body: Body, ward: str) -> str:
    return " ".join(str(body.get(name) or "") for name in (ward, "room", "bed")).strip()


def _admitted(body: Body) -> Words:
    return [
        *_traits(body.get("traits")),
        *_told(
            (_("IPP"), body.get("ipp")),
            (_("Visit number"), body.get("visit")),
            (_("Movement number"), body.get("movement")),
            (_("Ward, room, bed"), _place(body, "ward")),
            (_("Comes from"), _named(PROVENANCES, body.get("provenance"))),
            (_("Reason for coming"), body.get("reason")),
            (_("Mother"), body.get("mother")),
            (_("Rank of birth"), body.get("birth_rank")),
            (_("Estimated age, in years"), body.get("estimated_age")),
            (_("SINUS number"), body.get("sinus")),
            (_("INS, if it was read"), body.get("ins")),
            (_("Allergies"), "; ".join(body.get("allergy_labels") or ()) or _answered(body.get("allergies"))),
        ),
    ]


def _moved(body: Body) -> Words:
    return _told(
        (_("Event"), _event(body.get("event"))),
        (_("Movement number"), body.get("movement")),
        (_("Ward, room, bed"), _place(body, "to_ward")),
        (_("How the patient leaves"), _named(DISCHARGES, body.get("discharge_mode"))),
        (_("Where to"), body.get("destination")),
    )


def _cancelled(body: Body) -> Words:
    return _told(
        (_("Event"), _event(body.get("event"), body.get("cancels"))),
        (_("Movement number"), body.get("movement")),
        (_("Why"), body.get("reason")),
    )


def _corrected(body: Body) -> Words:
    return _told(
        (_("Event"), _event(body.get("event"), "Z99")),
        (_("Movement number"), body.get("movement")),
        (_("Real hour of the movement"), moment(body["at"]) if body.get("at") else ""),
        (_("Ward, room, bed"), _place(body, "to_ward")),
        (_("Why"), body.get("reason")),
    )


def _identity(body: Body) -> Words:
    return [
        *_traits(body.get("traits")),
        *_told(
            (
                _("What changes"),
                ", ".join(gettext(FIELDS.get(one, one)) for one in body.get("changed") or ()),
            ),
            (_("INS, if it was read"), body.get("ins")),
            (_("Why"), body.get("reason")),
        ),
    ]


def _bed(body: Body) -> Words:
    return _told(
        (_("Bed"), body.get("bed_code")),
        (_("State of the bed"), body.get("state")),
        (_("Isolation"), _named(ISOLATIONS, body.get("isolation"))),
        (_("Reserved for"), body.get("reserved_for")),
        (_("Why"), body.get("note")),
    )


def _judged(body: Body) -> Words:
    return _told(
        (_("Other number"), body.get("other")),
        (_("Judged"), body.get("verdict")),
        (_("Why"), body.get("reason")),
    )


WORDS: dict[str, Callable[[Body], Words]] = {
    "person.admitted.1": _admitted,
    "person.moved.1": _moved,
    "movement.cancelled.1": _cancelled,
    "movement.corrected.1": _corrected,
    "identity.corrected.1": _identity,
    "bed.set.1": _bed,
    "duplicate.judged.1": _judged,
}


def patient(body: Body, ids: Mapping[str, str]) -> dict[str, Any]:
    """Return the traits of a correction as a Patient."""
    return _patient(body.get("traits") or {}, body)


def _patient(traits: Body, body: Body) -> dict[str, Any]:
    found: dict[str, Any] = {"resourceType": "Patient"}
    numbers = []
    if body.get("ipp"):
        numbers.append(_identifier("PI", body["ipp"], body.get("namespace", "")))
    if body.get("ins"):
        numbers.append(_identifier("INS", body["ins"], body.get("ins_oid", "")))
    if numbers:
        found["identifier"] = numbers
    names = []
    if traits.get("birth_name"):
        official: dict[str, Any] = {"use": "official", "family": traits["birth_name"]}
        if traits.get("given_name"):
            official["given"] = [traits["given_name"]]
        names.append(official)
    if traits.get("used_name"):
        names.append({"use": "usual", "family": traits["used_name"]})
    if names:
        found["name"] = names
    if traits.get("sex") in _SEXES:
        found["gender"] = _SEXES[traits["sex"]]
    if traits.get("birth_date"):
        found["birthDate"] = traits["birth_date"]
    return found


def _identifier(type_: str, value: str, system: str) -> dict[str, Any]:
    found: dict[str, Any] = {"type": {"coding": [{"system": TYPES, "code": type_}]}, "value": value}
    if system:
        found["assigner"] = {"display": system}
    return found


def admission(body: Body, ids: Mapping[str, str]) -> dict[str, Any]:
    """Return an admission as an Encounter; who she is, when nobody knew her, is contained in it."""
    found = _encounter(body, ids, "in-progress", "A01")
    found["class"] = {"system": ACT_CODES, "code": _CLASSES.get(body.get("class_code", ""), "IMP")}
    found["period"] = {"start": _at(body.get("happened_at"))}
    found["location"] = [_location(_place(body, "ward"), body.get("happened_at"))]
    if body.get("reason"):
        found["reasonCode"] = [{"text": body["reason"]}]
    if body.get("provenance"):
        found["hospitalization"] = {"admitSource": {"text": body["provenance"]}}
    if body.get("traits"):
        found["contained"] = [_patient(body["traits"], body) | {"id": "as-admitted"}]
    return found


def movement(body: Body, ids: Mapping[str, str]) -> dict[str, Any]:
    """Return a movement, or what puts one right, as the Encounter after it."""
    event = str(body.get("event", ""))
    status = {"A03": "finished", "A21": "onleave", "A11": "cancelled"}.get(event, "in-progress")
    found = _encounter(body, ids, status, "Z99" if "at" in body else event)
    at = body.get("at") if body.get("at") is not None else body.get("happened_at")
    if body.get("to_ward"):
        found["location"] = [_location(_place(body, "to_ward"), at)]
    if event == "A03":
        found["period"] = {"end": _at(at)}
        told = body.get("destination") or body.get("discharge_mode")
        if told:
            found["hospitalization"] = {"dischargeDisposition": {"text": told}}
    return found


def _encounter(body: Body, ids: Mapping[str, str], status: str, event: str) -> dict[str, Any]:
    return {
        "resourceType": "Encounter",
        "status": status,
        "class": {"system": ACT_CODES, "code": "IMP"},
        "identifier": [
            {"type": {"coding": [{"system": TYPES, "code": "VN"}]}, "value": str(body.get("visit", ""))},
            {"type": {"text": "ZBE-1"}, "value": str(body.get("movement", ""))},
        ],
        "type": [{"coding": [{"system": EVENTS, "code": event}]}],
        "subject": {"reference": ids["patient"]},
    }


def _location(place: str, at: int | None) -> dict[str, Any]:
    return {"location": {"display": place}, "period": {"start": _at(at)}}


RESOURCES: dict[str, Callable[[Body, Mapping[str, str]], dict[str, Any]]] = {
    "person.admitted.1": admission,
    "person.moved.1": movement,
    "movement.cancelled.1": movement,
    "movement.corrected.1": movement,
    "identity.corrected.1": patient,
}
