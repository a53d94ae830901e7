"""Facts of the audit as FHIR AuditEvents. Pure.

Patients stand by their identifier, staff by their account code; no name leaves the island.
Source: FHIR R4, AuditEvent; DICOM PS3.16 CID 400 (audit event), codes 110110 Patient Record, 110112 Query,
110106 Export, 110107 Import, 110113 Security Alert, 110114 User Authentication; 110122 Login, 110123 Logout,
110127 Emergency Override Started; HL7 v3 PurposeOfUse ETREAT.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from releve.web.audit.facts import (
    AuditFact,
    EpochDropped,
    FactsLost,
    Found,
    GlassBroken,
    GlassReviewed,
    PageOpened,
    Refused,
    Searched,
    Signed,
    TakenOut,
)

__all__ = ["audit_event", "bundle", "ndjson"]

_DCM = "http://dicom.nema.org/resources/ontology/DCM"
_ROLE_OF_ENTITY = "http://terminology.hl7.org/CodeSystem/object-role"
_TYPE_OF_ENTITY = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_PURPOSE = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
_SOURCE_TYPE = "http://terminology.hl7.org/CodeSystem/security-source-type"
_ACCOUNT = "urn:releve:account"
_ROLE = "urn:releve:role"
_PAGE = "urn:releve:page"
_WARD = "urn:releve:ward"
_REASON = "urn:releve:glass-reason"
_VERDICT = "urn:releve:glass-verdict"
_ENTRY = "urn:releve:entry"

_DISPLAY = {
    "110100": "Application Activity", "110101": "Audit Log Used", "110106": "Export", "110110": "Patient Record",
    "110112": "Query", "110113": "Security Alert", "110114": "User Authentication", "110122": "Login",
    "110123": "Logout", "110127": "Emergency Override Started", "110136": "Security Roles Changed",
}  # fmt: skip


def audit_event(found: Found, *, island: str) -> dict[str, Any]:
    """Return one fact as an AuditEvent; `island` is the name of the source."""
    fact = found.fact
    type_, subtypes, action, outcome = _kind_of(fact)
    event: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "id": _id(found.place),
        "type": _coding(type_),
        "action": action,
        "period": {"start": _instant(fact.at_us), "end": _instant(fact.at_us)},
        "recorded": _instant(found.recorded_at_us),
        "outcome": outcome,
        "agent": [_agent(fact)],
        "source": {
            "site": island or "releve",
            "observer": {"display": f"Relève {island}".strip()},
            "type": [{"system": _SOURCE_TYPE, "code": "4", "display": "Application Server"}],
        },
    }
    if subtypes:
        event["subtype"] = [_coding(code) for code in subtypes]
    if isinstance(fact, GlassBroken):
        event["outcomeDesc"] = f"{fact.reason}: {fact.words}" if fact.words else fact.reason
        event["period"]["end"] = _instant(fact.until_us)
    if isinstance(fact, GlassReviewed) and fact.words:
        event["outcomeDesc"] = fact.words
    if _is_beyond(fact):
        event["purposeOfEvent"] = [
            {"coding": [{"system": _PURPOSE, "code": "ETREAT", "display": "Emergency Treatment"}]}
        ]
    if entities := list(_entities(fact)):
        event["entity"] = entities
    return event


def ndjson(found: Iterable[Found], *, island: str) -> Iterator[bytes]:
    """Yield one line of JSON a fact."""
    for one in found:
        yield msgspec.json.encode(audit_event(one, island=island))


def bundle(found: Iterable[Found], *, island: str, made_at_us: int) -> bytes:
    """Return the facts as a Bundle of type collection."""
    entries = [
        {"fullUrl": f"urn:releve:audit:{_id(one.place)}", "resource": audit_event(one, island=island)}
        for one in found
    ]
    whole: dict[str, Any] = {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": _instant(made_at_us),
    }
    return msgspec.json.encode(whole | ({"entry": entries} if entries else {}))


def _kind_of(fact: AuditFact) -> tuple[str, tuple[str, ...], str, str]:
    """Return type, subtypes, action (CRUDE) and outcome (0 success, 4 minor failure, 8 serious failure)."""
    match fact:
        case PageOpened():
            return "110110", (), "R", "0"
        case Searched():
            return "110112", (), "E", "0"
        case TakenOut(how="search"):
            return "110101", (), "R", "0"
        case TakenOut():
            return "110106", (), "R", "0"
        case Refused():
            return "110113", (), "E", "4"
        case Signed(act="in" | "unlocked"):
            return "110114", ("110122",), "E", "0"
        case Signed(act="failed"):
            return "110114", ("110122",), "E", "4"
        case Signed():
            return "110114", ("110123",), "E", "0"
        case GlassBroken():
            return "110113", ("110127",), "E", "0"
        case GlassReviewed():
            return "110101", (), "U", "0"
        case EpochDropped():
            return "110101", (), "D", "0"
        case FactsLost():
            return "110113", (), "E", "8"


def _is_beyond(fact: AuditFact) -> bool:
    return isinstance(fact, GlassBroken) or bool(
        getattr(fact, "glass", "") and not isinstance(fact, GlassReviewed)
    )


def _agent(fact: AuditFact) -> dict[str, Any]:
    who = getattr(fact, "who", "") or getattr(fact, "by", "")
    agent: dict[str, Any] = {"requestor": bool(who)}
    if who:
        agent["who"] = {"identifier": {"system": _ACCOUNT, "value": who}}
    else:
        agent["who"] = {"display": "Relève" if not getattr(fact, "address", "") else "nobody signed in"}
    if role := getattr(fact, "role", ""):
        agent["role"] = [{"coding": [{"system": _ROLE, "code": role}]}]
    if address := getattr(fact, "address", ""):
        agent["network"] = {"address": address, "type": "2"}  # an IP address
    return agent


def _entities(fact: AuditFact) -> Iterator[dict[str, Any]]:
    patients: tuple[str, ...] = getattr(fact, "patients", ()) or tuple(
        filter(None, [getattr(fact, "patient", "")])
    )
    for key in patients:
        namespace, sign, number = key.partition(":")
        identifier = (
            {"system": f"urn:releve:namespace:{namespace}", "value": number} if sign else {"value": key}
        )
        yield {
            "what": {"identifier": identifier},
            "type": {"system": _TYPE_OF_ENTITY, "code": "1", "display": "Person"},
            "role": {"system": _ROLE_OF_ENTITY, "code": "1", "display": "Patient"},
        }
    if ward := getattr(fact, "ward", ""):
        yield {
            "what": {"identifier": {"system": _WARD, "value": ward}},
            "type": {"system": _TYPE_OF_ENTITY, "code": "3", "display": "Organization"},
            "role": {"system": _ROLE_OF_ENTITY, "code": "2", "display": "Location"},
        }
    if page := getattr(fact, "page", ""):
        yield _thing(_PAGE, page)
    if isinstance(fact, GlassBroken):
        yield _thing(_REASON, fact.reason)
    if isinstance(fact, GlassReviewed):
        yield _thing(_ENTRY, fact.glass)
        yield _thing(_VERDICT, fact.verdict)
    if isinstance(fact, EpochDropped):
        yield _thing(_ENTRY, f"epoch {fact.epoch}, {fact.entries} entries")
    if isinstance(fact, FactsLost):
        yield _thing(_ENTRY, f"{fact.number} lost since {_instant(fact.since_us)}")


def _thing(system: str, value: str) -> dict[str, Any]:
    return {
        "what": {"identifier": {"system": system, "value": value}},
        "type": {"system": _TYPE_OF_ENTITY, "code": "2", "display": "System Object"},
    }


def _coding(code: str) -> dict[str, str]:
    return {"system": _DCM, "code": code, "display": _DISPLAY[code]}


def _id(place: str) -> str:
    # FHIR ids are letters, figures, "-" and "."; an origin is letters, figures and "-".
    return place.replace("/", ".").replace("#", ".")[-64:]


def _instant(at_us: int) -> str:
    return datetime.fromtimestamp(at_us / 1e6, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
