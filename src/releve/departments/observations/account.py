"""What was charted here, in words and as FHIR R4, for the account of the downtime.

Sources: FHIR R4 Observation (vital signs panel, components), AllergyIntolerance, Flag, Condition; LOINC; UCUM.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import get_language, gettext, pgettext
from django.utils.translation import gettext_noop as _

from releve.codecs import ucum
from releve.departments.observations.care_account import (
    CARE_RESOURCES,
    CARE_TITLES,
    CARE_WORDS,
    shift_words,
)
from releve.departments.observations.signs import (
    CONSCIOUSNESS,
    CONSCIOUSNESS_LOINC,
    PANEL_LOINC,
    SIGNS,
)
from releve.departments.observations.words import ACVPU, fluid_kinds
from releve.web import words
from releve.web.templatetags.releve import moment

__all__ = ["RESOURCES", "TITLES", "WORDS"]

Words = list[tuple[str, str]]
LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
_CLINICAL = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
_CONDITION = "http://terminology.hl7.org/CodeSystem/condition-clinical"

TITLES = {
    "observation.charted.1": _("Vital signs charted"),
    "fluid.charted.1": _("Fluid balance charted"),
    "handover.written.1": _("Words for the next shift"),
    "handover.taken.1": _("Ward taken over"),
    "allergy.stated.1": _("Allergy stated"),
    "alert.raised.1": _("Alert raised or ended"),
    "problem.stated.1": _("Problem stated"),
} | CARE_TITLES
_LABELS = {sign.code: sign.english for sign in SIGNS}


def _at(ms: int | None) -> str:
    return (
        datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        if ms
        else ""
    )


def _observed(body: Mapping[str, Any]) -> Words:
    told = [
        (
            _LABELS.get(one["code"], one["code"]),
            _measured(str(one["value"]), str(one["unit"])),
        )
        for one in body.get("values", ())
    ]
    if body.get("consciousness"):
        code = str(body["consciousness"])
        told.append((_("Consciousness"), f"{ACVPU.get(code, '')} ({code})".strip()))
    if body.get("oxygen"):
        gas = {"air": gettext("Air"), "oxygen": gettext("Oxygen")}
        told.append((_("Air or oxygen"), gas.get(body["oxygen"], body["oxygen"])))
    if body.get("spo2_scale") == 2:
        told.append((_("SpO₂ scale"), "2"))
    told += [
        (_("Remark"), str(body.get("note", ""))),
        (_("Confirmed although unusual"), ", ".join(body.get("confirmed", ()))),
        (_("Takes the place of the form of"), moment(body["corrects_at"]) if body.get("corrects_at") else ""),
        (_("Why"), str(body.get("reason", ""))),
    ]
    return [(label, value) for label, value in told if value]


def _measured(value: str, unit: str) -> str:
    """Return a value with its unit as people write them: "38,4 °C"."""
    language = get_language() or "fr"
    return f"{words.figure(value, language)} {ucum.symbol(unit, language)}".strip()


def _fluid_kind(code: str) -> str:
    return {kind: name for kinds in fluid_kinds().values() for kind, name in kinds}.get(code, code)


def _answered(code: str) -> str:
    known = {
        "stated": gettext("Allergic to"),
        "none-known": gettext("Asked: no allergy known"),
        "removed": gettext("withdrawn"),
    }
    return known.get(code, code)


def _severity(code: str) -> str:
    return {"SV": gettext("severe"), "MO": gettext("moderate"), "MI": gettext("mild")}.get(code, code)


def _status(code: str) -> str:
    known = {
        "active": pgettext("statement", "present"),
        "ended": pgettext("statement", "over"),
        "resolved": pgettext("statement", "resolved"),
    }
    return known.get(code, code)


def _fluid(body: Mapping[str, Any]) -> Words:
    sign = "+" if body.get("direction") == "in" else "−"
    return [
        (_("Volume (mL)"), f"{sign}{body.get('volume_ml', '')}"),
        (_("What"), _fluid_kind(str(body.get("kind", "")))),
        (_("Remark"), str(body.get("note", ""))),
        (_("Withdraws the volume"), str(body.get("corrects", ""))),
    ]


def _words(body: Mapping[str, Any]) -> Words:
    return [(_("Shift"), shift_words(str(body.get("shift", "")))), (_("Text"), str(body.get("text", "")))]


def _allergy(body: Mapping[str, Any]) -> Words:
    return [
        (_("What was answered"), _answered(str(body.get("state", "")))),
        (_("Substance, in the words used"), str(body.get("label", ""))),
        (_("Reaction"), str(body.get("reaction", ""))),
        (_("Severity"), _severity(str(body.get("severity", "")))),
        (_("Said by"), str(body.get("source_of", ""))),
        (_("Why"), str(body.get("reason", ""))),
    ]


def _alert(body: Mapping[str, Any]) -> Words:
    status = _status(str(body.get("status", "")))
    return [(_("Alert for everyone"), str(body.get("label", ""))), (_("Status"), status)]


def _problem(body: Mapping[str, Any]) -> Words:
    return [
        (_("Problem or diagnosis"), str(body.get("label", ""))),
        (_("Status"), _status(str(body.get("status", "")))),
    ]


WORDS: dict[str, Callable[[Mapping[str, Any]], Words]] = {
    "observation.charted.1": _observed,
    "fluid.charted.1": _fluid,
    "handover.written.1": _words,
    "allergy.stated.1": _allergy,
    "alert.raised.1": _alert,
    "problem.stated.1": _problem,
} | CARE_WORDS


def _references(ids: Mapping[str, str], *, subject: str = "subject") -> dict[str, Any]:
    found: dict[str, Any] = {subject: {"reference": ids["patient"]}}
    if ids.get("encounter"):
        found["encounter"] = {"reference": ids["encounter"]}
    return found


def _code(loinc: str, text: str) -> dict[str, Any]:
    return {"coding": [{"system": LOINC, "code": loinc}], "text": text}


def observation(body: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    """Return one form as an Observation whose components are its values."""
    components: list[dict[str, Any]] = [
        {
            "code": _code(one["loinc"], _LABELS.get(one["code"], one["code"])),
            "valueQuantity": {
                # A JSON number keeps the digits that were written: "38.40" is no other measure than 38.40.
                "value": float(one["value"]) if "." in one["value"] else int(one["value"]),
                "unit": one["unit"],
                "system": UCUM,
                "code": one["unit"],
            },
        }
        for one in body.get("values", ())
    ]
    if body.get("consciousness"):
        components.append(
            {
                "code": _code(CONSCIOUSNESS_LOINC, "Consciousness"),
                "valueCodeableConcept": {
                    "coding": [{"system": "urn:releve:acvpu", "code": body["consciousness"]}],
                    "text": CONSCIOUSNESS.get(body["consciousness"], body["consciousness"]),
                },
            }
        )
    if body.get("oxygen"):
        components.append(
            {"code": {"text": "Air or oxygen"}, "valueCodeableConcept": {"text": str(body["oxygen"])}}
        )
    found: dict[str, Any] = {
        "resourceType": "Observation",
        # Without any value the form withdraws the one it names.
        "status": "entered-in-error" if body.get("corrects") and not components else
                  "corrected" if body.get("corrects") else "final",
        "category": [{"coding": [{"system": _CATEGORY, "code": "vital-signs"}]}],
        "code": _code(PANEL_LOINC, "Vital signs"),
        "effectiveDateTime": _at(body["happened_at"]),
        **_references(ids),
    }  # fmt: skip
    if ids.get("performer"):
        found["performer"] = [{"reference": ids["performer"]}]
    if components:
        found["component"] = components
    else:
        found["dataAbsentReason"] = {
            "coding": [
                {"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "error"}
            ]
        }
    notes = [text for text in (body.get("note"), body.get("reason")) if text]
    if body.get("spo2_scale") == 2:
        notes.append("NEWS2: SpO2 scale 2")
    if notes:
        found["note"] = [{"text": text} for text in notes]
    return found


def fluid(body: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    """Return one volume as an Observation."""
    into = body.get("direction") == "in"
    found: dict[str, Any] = {
        "resourceType": "Observation",
        # No volume: it withdraws the one it names.
        "status": "entered-in-error" if body.get("corrects") else "final",
        "code": {"text": f"Fluid {'intake' if into else 'output'}: {body.get('kind', '')}"},
        "effectiveDateTime": _at(body["happened_at"]),
        "valueQuantity": {"value": body["volume_ml"], "unit": "mL", "system": UCUM, "code": "mL"},
        **_references(ids),
    }
    if ids.get("performer"):
        found["performer"] = [{"reference": ids["performer"]}]
    return found


def allergy(body: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    """Return an allergy, its absence as it was answered, or its withdrawal."""
    state = body.get("state")
    found: dict[str, Any] = {
        "resourceType": "AllergyIntolerance",
        **_references(ids, subject="patient"),
        "recordedDate": _at(body["happened_at"]),
    }
    if state == "none-known":
        code = {
            "coding": [{"system": "http://snomed.info/sct", "code": "716186003"}],
            "text": "No known allergy",
        }
    else:
        code = {"text": str(body.get("label", ""))}
    found["code"] = code
    if state == "removed":
        # FHIR R4, ait-2: what was entered in error has no clinical status.
        found["verificationStatus"] = _coding("allergyintolerance-verification", "entered-in-error")
    else:
        found["clinicalStatus"] = {"coding": [{"system": _CLINICAL, "code": "active"}]}
        found["verificationStatus"] = _coding("allergyintolerance-verification", "unconfirmed")
    criticality = {"SV": "high", "MI": "low"}.get(body.get("severity", ""))
    if criticality:
        found["criticality"] = criticality
    if body.get("reaction"):
        found["reaction"] = [{"manifestation": [{"text": body["reaction"]}]}]
    if body.get("reason"):
        found["note"] = [{"text": body["reason"]}]
    return found


def _coding(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": f"http://terminology.hl7.org/CodeSystem/{system}", "code": code}]}


def alert(body: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    """Return an alert as a Flag."""
    ended = body.get("status") == "ended"
    period = {"end" if ended else "start": _at(body["happened_at"])}
    return {
        "resourceType": "Flag",
        "status": "inactive" if ended else "active",
        "code": {"coding": [{"system": "urn:releve:alert", "code": body["code"]}], "text": body["label"]},
        "period": period,
        **_references(ids),
    }


def problem(body: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    """Return a problem as a Condition."""
    resolved = body.get("status") == "resolved"
    return {
        "resourceType": "Condition",
        "clinicalStatus": {"coding": [{"system": _CONDITION, "code": "resolved" if resolved else "active"}]},
        "code": {"text": str(body.get("label", ""))},
        "recordedDate": _at(body["happened_at"]),
        **_references(ids),
    }


RESOURCES: dict[str, Callable[[Mapping[str, Any], Mapping[str, str]], dict[str, Any]]] = {
    "observation.charted.1": observation,
    "fluid.charted.1": fluid,
    "allergy.stated.1": allergy,
    "alert.raised.1": alert,
    "problem.stated.1": problem,
} | CARE_RESOURCES
