"""What was prescribed here, in words and as FHIR R4, for the account of the downtime.

Source: FHIR R4 MedicationRequest (status, intent, medication[x], dosageInstruction, substitution left out), UCUM.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.utils.translation import gettext_noop as _

from releve.departments.prescribing.line_facts import Posology
from releve.departments.prescribing.line_words import CHECK_NAMES, OPINION_NAMES, dose_text, rhythm_text
from releve.web.templatetags.releve import moment

__all__ = ["LINE_RESOURCES", "LINE_TITLES", "LINE_WORDS"]

Words = list[tuple[str, str]]
ROUTES = "http://terminology.hl7.org/CodeSystem/v2-0162"
ATC = "http://www.whocc.no/atc"
ORDERS = "urn:releve:order"
UCUM = "http://unitsofmeasure.org"
SYSTEMS = {"ucd13": "urn:releve:ucd13", "cip13": "urn:releve:cip13", "local": "urn:releve:formulary"}

LINE_TITLES = {
    "prescription.started.1": _("Medication line prescribed"),
    "prescription.changed.1": _("Medication line changed"),
    "prescription.stopped.1": _("Medication line stopped"),
    "prescription.suspended.1": _("Medication line suspended"),
    "prescription.resumed.1": _("Medication line resumed"),
    "prescription.opinion.1": _("Pharmacist’s opinion on a medication line"),
    "prescription.countersigned.1": _("Medication line countersigned"),
    "prescription.reconciled.1": _("Medication lines reconciled"),
}
_DECISIONS = {
    "goes-on": "=",
    "enter": "+",
    "stop": "−",
    "none": "0",
}


def _what(body: Mapping[str, Any], name: str = "what") -> Posology | None:
    return msgspec.convert(body[name], Posology) if body.get(name) else None


def _at(ms: int | None) -> str:
    return (
        datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        if ms
        else ""
    )


def _line_words(what: Posology) -> Words:
    return [
        (_("Product"), what.label + (f" ({what.code})" if what.code else "")),
        (_("Dose"), dose_text(what.dose_value, what.dose_unit)),
        (_("Route"), what.route),
        (_("Rhythm"), rhythm_text(what)),
        (_("From"), moment(what.start_at) if what.start_at else ""),
        (_("Until, not included"), moment(what.end_at) if what.end_at else ""),
        (_("Instructions"), what.note),
    ]


def _prescribed(body: Mapping[str, Any]) -> Words:
    what = _what(body)
    assert what is not None
    before = _what(body, "before")
    told: Words = [
        (_("Order"), str(body.get("order") or body.get("line", "").rpartition("/")[2])),
        *_line_words(what),
    ]
    if before is not None:
        told.append((_("Before"), f"{dose_text(before.dose_value, before.dose_unit)}, {rhythm_text(before)}"))
    told.append((_("Prescriber"), str(body.get("prescriber_name", ""))))
    if body.get("awaits"):
        told.append((_("Signature"), _("awaited")))
    for warned in body.get("warnings", ()):
        check = str(CHECK_NAMES.get(warned["check"].partition(".")[0], warned["check"]))
        told.append((_("Warned"), f"{check} ({warned.get('about', '')}): {warned.get('reason', '')}"))
    return told


def _ended(body: Mapping[str, Any]) -> Words:
    return [
        (_("Order"), str(body.get("line", "")).rpartition("/")[2]),
        (_("Product"), str(body.get("label", ""))),
        (_("Why"), str(body.get("reason", ""))),
    ]


def _opinion(body: Mapping[str, Any]) -> Words:
    opinion = str(OPINION_NAMES.get(str(body.get("opinion")), body.get("opinion", "")))
    return [*_ended(body)[:2], (_("Opinion"), opinion), (_("In words"), str(body.get("text", "")))]


def _reconciled(body: Mapping[str, Any]) -> Words:
    return [
        (_("Decision"), f"{_DECISIONS.get(one['decision'], '')} {one['label']} ({one['decision']})")
        for one in body.get("decided", ())
    ]


LINE_WORDS: dict[str, Callable[[Mapping[str, Any]], Words]] = {
    "prescription.started.1": _prescribed,
    "prescription.changed.1": _prescribed,
    "prescription.stopped.1": _ended,
    "prescription.suspended.1": _ended,
    "prescription.resumed.1": _ended,
    "prescription.opinion.1": _opinion,
    "prescription.countersigned.1": lambda body: _ended(body)[:2],
    "prescription.reconciled.1": _reconciled,
}


def _quantity(value: str, unit: str) -> dict[str, Any]:
    low, _sep, high = value.partition("-")
    coded = {"unit": unit, "system": UCUM, "code": unit} if unit else {}
    if high:
        return {"doseRange": {"low": {"value": float(low), **coded}, "high": {"value": float(high), **coded}}}
    return {"doseQuantity": {"value": float(low), **coded}}


def _dosage(what: Posology) -> dict[str, Any]:
    repeat: dict[str, Any] = {}
    if what.start_at or what.end_at:
        bounds = {"start": _at(what.start_at), "end": _at(what.end_at)}
        repeat["boundsPeriod"] = {name: at for name, at in bounds.items() if at}
    if what.times:
        repeat["timeOfDay"] = [f"{time}:00" for time in what.times]
    elif what.interval_hours and not what.as_needed:
        repeat |= {"frequency": 1, "period": what.interval_hours, "periodUnit": "h"}
    if what.once:
        repeat["count"] = 1
    dosage: dict[str, Any] = {"text": f"{what.dose_value} {what.dose_unit}, {what.route}".strip(", ")}
    if repeat:
        dosage["timing"] = {"repeat": repeat}
    if what.as_needed:
        dosage["asNeededCodeableConcept"] = {"text": what.condition or "as needed"}
    if what.note:
        dosage["patientInstruction"] = what.note
    if what.route:
        coding = {"coding": [{"system": ROUTES, "code": what.route_code}]} if what.route_code else {}
        dosage["route"] = {**coding, "text": what.route}
    rate: dict[str, Any] = {}
    if what.rate:
        number, _sep, unit = what.rate.partition(" ")
        rate = {"rateQuantity": {"value": float(number), "unit": unit, "system": UCUM, "code": unit}}
    if what.dose_value:
        dosage["doseAndRate"] = [{**_quantity(what.dose_value, what.dose_unit), **rate}]
    return dosage


def _medication(what: Posology) -> dict[str, Any]:
    coding = []
    if what.code:
        coding.append(
            {
                "system": SYSTEMS.get(what.system, what.system or ORDERS),
                "code": what.code,
                "display": what.label,
            }
        )
    if what.drug_class:
        coding.append({"system": ATC, "code": what.drug_class})
    return {**({"coding": coding} if coding else {}), "text": what.label}


def _request(body: Mapping[str, Any], ids: Mapping[str, str], status: str) -> dict[str, Any]:
    order = str(body.get("order") or str(body.get("line", "")).rpartition("/")[2])
    what = _what(body)
    found: dict[str, Any] = {
        "resourceType": "MedicationRequest",
        "identifier": [{"system": ORDERS, "value": order}],
        "status": status,
        "intent": "order",
        "medicationCodeableConcept": _medication(what)
        if what
        else {"text": str(body.get("label", "")) or order},
        "subject": {"reference": ids["patient"]},
        "authoredOn": _at(body.get("happened_at")),
    }
    if ids.get("encounter"):
        found["encounter"] = {"reference": ids["encounter"]}
    if ids.get("performer"):
        found["recorder"] = {"reference": ids["performer"]}
    if body.get("prescriber_name"):
        found["requester"] = {"display": body["prescriber_name"]}
    if body.get("told_by"):
        found["reportedBoolean"] = True
    if what is not None:
        found["dosageInstruction"] = [_dosage(what)]
    if body.get("reason"):
        found["statusReason"] = {"text": body["reason"]}
    notes = [f"{one['check']}: {one.get('reason', '')}" for one in body.get("warnings", ())]
    if body.get("opinion"):
        notes.append(f"{body['opinion']} {body.get('text', '')}".strip())
    if notes:
        found["note"] = [{"text": text} for text in notes]
    return found


def _resource(status: str) -> Callable[[Mapping[str, Any], Mapping[str, str]], dict[str, Any]]:
    return lambda body, ids: _request(body, ids, status)


def _started(body: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    # Nobody has signed it yet: FHIR's word for that is draft, whoever gave the first dose.
    return _request(body, ids, "draft" if body.get("awaits") else "active")


LINE_RESOURCES: dict[str, Callable[[Mapping[str, Any], Mapping[str, str]], dict[str, Any]]] = {
    "prescription.started.1": _started,
    "prescription.changed.1": _started,
    "prescription.stopped.1": _resource("stopped"),
    "prescription.suspended.1": _resource("on-hold"),
    "prescription.resumed.1": _resource("active"),
    "prescription.opinion.1": _resource("unknown"),
    "prescription.countersigned.1": _resource("active"),
}
