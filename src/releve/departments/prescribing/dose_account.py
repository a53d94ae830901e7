"""What was given here, in words and as FHIR R4, for the account of the downtime.

Source: FHIR R4 MedicationAdministration (status, statusReason, medication[x], effective[x], performer, request, dosage,
note), UCUM. Lot and expiry stand in a contained Medication.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_noop as _

from releve.departments.prescribing.dose_rules import ALONE_OFFLINE
from releve.departments.prescribing.dose_words import ASKS, REASON_WORDS
from releve.web.templatetags.releve import dose, moment

__all__ = ["DOSE_RESOURCES", "DOSE_TITLES", "DOSE_WORDS"]

Words = list[tuple[str, str]]
UCUM = "http://unitsofmeasure.org"
ORDERS = "urn:releve:order"
GTIN = "https://www.gs1.org/gtin"
# What a unit received is called in UCUM, where the two differ.
IN_UCUM = {"unité": "[iU]", "unités": "[iU]", "UI": "[iU]", "h": "h", "ml": "mL", "µg": "ug", "mcg": "ug"}

DOSE_TITLES = {
    "dose.given.1": _("Dose given"),
    "dose.omitted.1": _("Dose not given"),
    "dose.corrected.1": _("Charting of a dose put right"),
}


def _status(code: str) -> str:
    return {
        "given": pgettext("dose", "given"),
        "partial": pgettext("dose", "given in part"),
        "omitted": pgettext("dose", "not given"),
        "refused": pgettext("dose", "refused"),
        "started": pgettext("dose", "started"),
        "ended": pgettext("dose", "stopped"),
        "deleted": gettext("charted by mistake: nothing of it was done"),
    }.get(code, code)


def _reason(code: str) -> str:
    return str(REASON_WORDS.get(code, code))


def _dose(value: str | None, unit: str | None) -> str:
    return str(dose(value, unit)) if value else ""


def _line(body: Mapping[str, Any]) -> Words:
    code = body.get("code") or ""
    due = body.get("due_at")
    return [
        (_("Product"), str(body.get("label") or "") + (f" ({code})" if code else "")),
        (_("Line"), str(body.get("request") or "").rpartition("/")[2]),
        (_("Due at"), moment(due) if due is not None else gettext("as needed")),
    ]


def _warned(body: Mapping[str, Any]) -> str:
    return " ".join(str(ASKS[code]) for code in body.get("warned") or () if code in ASKS)


def given_words(body: Mapping[str, Any]) -> Words:
    """Return the words of a dose given."""
    alone = body.get("alone") or ""
    return [
        *_line(body),
        (_("Done"), _status(body.get("status") or "given")),
        (_("Dose"), _dose(body.get("dose_value"), body.get("dose_unit"))),
        (_("Route"), body.get("route") or ""),
        (_("Infusion rate"), body.get("rate") or ""),
        (_("Product read"), body.get("product") or ""),
        (_("Lot"), body.get("lot") or ""),
        (_("Expiry"), body.get("expiry") or ""),
        (_("Wristband"), gettext("read") if body.get("wristband") else ""),
        (_("Without a second person"), gettext("the network was gone") if alone == ALONE_OFFLINE else alone),
        (_("Said by the screen, and recorded all the same"), _warned(body)),
        (_("Words to add"), body.get("note") or ""),
    ]


def omitted_words(body: Mapping[str, Any]) -> Words:
    """Return the words of a dose not given."""
    return [
        *_line(body),
        (_("Why not"), _reason(body.get("reason") or "")),
        (_("Words to add"), body.get("note") or ""),
        (_("Said by the screen, and recorded all the same"), _warned(body)),
    ]


def corrected_words(body: Mapping[str, Any]) -> Words:
    """Return the words of a charting put right: what it says now, what it said."""
    unit = body.get("dose_unit")
    was = [_status(body.get("was_status") or ""), _dose(body.get("was_dose"), unit)]
    if body.get("was_at"):
        was.append(moment(body["was_at"]))
    return [
        *_line(body),
        (_("Done"), _status(body.get("status") or "")),
        (_("Real hour"), moment(body.get("given_at"))),
        (_("Dose"), _dose(body.get("dose_value"), unit)),
        (_("Why not"), _reason(body.get("reason") or "")),
        (_("It said before"), ", ".join(part for part in was if part)),
        (_("Why it is put right"), body.get("why") or ""),
        (_("Words to add"), body.get("note") or ""),
    ]


DOSE_WORDS: dict[str, Callable[[Mapping[str, Any]], Words]] = {
    "dose.given.1": given_words,
    "dose.omitted.1": omitted_words,
    "dose.corrected.1": corrected_words,
}


def _instant(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _resource(
    body: Mapping[str, Any], ids: Mapping[str, str], *, status: str, at: int, done: str
) -> dict[str, Any]:
    """Return the resource of a dose; `done` is the status it was charted with."""
    code = body.get("code") or ""
    concept: dict[str, Any] = {"text": body.get("label") or ""}
    if code:
        concept["coding"] = [{"code": code}]
    found: dict[str, Any] = {
        "resourceType": "MedicationAdministration",
        "status": status,
        "medicationCodeableConcept": concept,
        "subject": {"reference": ids["patient"]},
        "effectiveDateTime": _instant(at),
        "request": {
            "identifier": {"system": ORDERS, "value": str(body.get("request") or "").rpartition("/")[2]}
        },
    }
    if ids.get("encounter"):
        found["context"] = {"reference": ids["encounter"]}
    actor = {"display": body.get("by_name") or body.get("by") or ""}
    if ids.get("performer"):
        actor["reference"] = ids["performer"]
    performers = [{"actor": actor}]
    if body.get("second"):
        performers.append({"actor": {"display": body.get("second_name") or body["second"]}})
    found["performer"] = performers
    dosage: dict[str, Any] = {}
    if body.get("dose_value"):
        unit = str(body.get("dose_unit") or "")
        dosage["dose"] = {
            "value": float(body["dose_value"]),
            "unit": unit,
            "system": UCUM,
            "code": IN_UCUM.get(unit, unit),
        }
    if body.get("route"):
        dosage["route"] = {"text": body["route"]}
    if body.get("rate"):
        dosage["text"] = body["rate"]
    if dosage and status != "not-done":
        found["dosage"] = dosage
    if body.get("product") or body.get("lot"):
        medication: dict[str, Any] = {"resourceType": "Medication", "id": "pack", "code": concept}
        if body.get("product"):
            medication["identifier"] = [{"system": GTIN, "value": body["product"]}]
        batch = {
            name: value
            for name, value in (("lotNumber", body.get("lot")), ("expirationDate", body.get("expiry")))
            if value
        }
        if batch:
            medication["batch"] = batch
        found["contained"] = [medication]
        del found["medicationCodeableConcept"]
        found["medicationReference"] = {"reference": "#pack"}
    notes = [text for text in (body.get("note"), body.get("alone"), body.get("why")) if text]
    if done in ("partial", "refused"):
        notes.insert(0, _status(done))
    if notes:
        found["note"] = [{"text": text} for text in notes]
    return found


def given_resource(body: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    """Return the MedicationAdministration of a dose given, or of an infusion started or stopped."""
    done = body.get("status") or "given"
    status = {"started": "in-progress"}.get(done, "completed")
    return _resource(body, ids, status=status, at=body["happened_at"], done=done)


def omitted_resource(body: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    """Return the MedicationAdministration of a dose not given, with its reason."""
    found = _resource(body, ids, status="not-done", at=body["happened_at"], done="omitted")
    found["statusReason"] = [{"text": _reason(body.get("reason") or "")}]
    return found


def corrected_resource(body: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    """Return the MedicationAdministration as it should have said; what was never done is "entered-in-error"."""
    done = body.get("status") or ""
    status = {"deleted": "entered-in-error", "omitted": "not-done", "refused": "not-done"}.get(
        done, "completed"
    )
    found = _resource(body, ids, status=status, at=body["given_at"], done=done)
    if status == "not-done" and body.get("reason"):
        found["statusReason"] = [{"text": _reason(body["reason"])}]
    found["partOf"] = [{"identifier": {"system": "urn:releve:dose", "value": body.get("dose") or ""}}]
    return found


DOSE_RESOURCES: dict[str, Callable[[Mapping[str, Any], Mapping[str, str]], dict[str, Any]]] = {
    "dose.given.1": given_resource,
    "dose.omitted.1": omitted_resource,
    "dose.corrected.1": corrected_resource,
}
