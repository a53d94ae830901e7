"""The care plan in words and as FHIR R4, for the account of the downtime.

Source: FHIR R4 CarePlan (activity.detail, goal), Goal, Procedure (status completed, not-done).
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from releve.departments.observations.care_rules import EVERY

__all__ = ["CARE_RESOURCES", "CARE_TITLES", "CARE_WORDS"]

Words = list[tuple[str, str]]
CARE_TITLES = {
    "care.planned.1": _("Care planned"),
    "care.done.1": _("Planned care, done or not"),
    "care.stopped.1": _("Planned care ended"),
}


def _at(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _planned(body: Mapping[str, Any]) -> Words:
    return [
        (_("Problem"), str(body.get("problem", ""))),
        (_("Goal"), str(body.get("goal", ""))),
        (_("Planned care"), str(body.get("action", ""))),
        (_("How often"), _often(str(body.get("every", "")))),
    ]


def _often(every: str) -> str:
    known = {
        "shift": gettext("every shift"), "day": gettext("once a day"), "hours-2": gettext("every 2 h"),
        "hours-4": gettext("every 4 h"), "hours-6": gettext("every 6 h"), "needed": gettext("as needed"),
        "once": gettext("once"),
    }  # fmt: skip
    return known.get(every, every)


def shift_words(code: str) -> str:
    """Return a shift ("2026-11-21/night") as people say it, with the day on which it begins."""
    day, _slash, name = code.partition("/")
    known = {"morning": gettext("Morning"), "evening": gettext("Evening"), "night": gettext("Night")}
    if name not in known:
        return code
    french = (get_language() or "fr").startswith("fr")
    return f"{known[name]}, {'/'.join(reversed(day.split('-'))) if french else day}"


def _done(body: Mapping[str, Any]) -> Words:
    shift = shift_words(str(body.get("shift", "")))
    return [
        (_("Planned care"), str(body.get("action", ""))),
        (_("Done") if body.get("done") else _("Not done"), str(body.get("reason") or shift)),
        (_("Remark"), str(body.get("note", ""))),
    ]


def _stopped(body: Mapping[str, Any]) -> Words:
    return [
        (_("Planned care"), str(body.get("action", ""))),
        (_("Goal reached"), _("yes") if body.get("reached") else ""),
        (_("Why"), str(body.get("reason", ""))),
    ]


CARE_WORDS: dict[str, Callable[[Mapping[str, Any]], Words]] = {
    "care.planned.1": _planned,
    "care.done.1": _done,
    "care.stopped.1": _stopped,
}


def _plan(body: Mapping[str, Any], ids: Mapping[str, str], status: str, act: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "resourceType": "CarePlan",
        "identifier": [{"system": "urn:releve:act", "value": act}],
        "status": status,
        "intent": "plan",
        "subject": {"reference": ids["patient"]},
    }
    if ids.get("encounter"):
        found["encounter"] = {"reference": ids["encounter"]}
    if ids.get("performer"):
        found["author"] = {"reference": ids["performer"]}
    return found


def plan(body: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    """Return a planned action as a CarePlan of one activity, its goal contained."""
    detail: dict[str, Any] = {"status": "in-progress", "description": str(body["action"])}
    hours = EVERY.get(str(body.get("every", "")))
    if hours:
        detail["scheduledTiming"] = {"repeat": {"frequency": 1, "period": hours, "periodUnit": "h"}}
    else:
        detail["scheduledString"] = str(body.get("every", ""))
    found = _plan(body, ids, "active", str(body["act"])) | {
        "title": str(body.get("problem", "")),
        "period": {"start": _at(body["happened_at"])},
        "activity": [{"detail": detail}],
    }
    if body.get("goal"):
        found["contained"] = [
            {
                "resourceType": "Goal",
                "id": "goal",
                "lifecycleStatus": "active",
                "description": {"text": str(body["goal"])},
                "subject": {"reference": ids["patient"]},
            }
        ]
        found["goal"] = [{"reference": "#goal"}]
    return found


def done(body: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    """Return what was done, or not, as a Procedure that names its plan."""
    found: dict[str, Any] = {
        "resourceType": "Procedure",
        "basedOn": [
            {"identifier": {"system": "urn:releve:act", "value": str(body["care"]).rpartition("/")[2]}}
        ],
        "status": "completed" if body.get("done") else "not-done",
        "code": {"text": str(body.get("action", ""))},
        "subject": {"reference": ids["patient"]},
        "performedDateTime": _at(body["happened_at"]),
    }
    if body.get("reason"):
        found["statusReason"] = {"text": str(body["reason"])}
    if body.get("note"):
        found["note"] = [{"text": str(body["note"])}]
    return found


def stopped(body: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    """Return the end of a planned action: the same CarePlan, completed or revoked."""
    status = "completed" if body.get("reached") else "revoked"
    found = _plan(body, ids, status, str(body["care"]).rpartition("/")[2])
    detail = {
        "status": "completed" if body.get("reached") else "stopped", "description": str(body.get("action", "")),
    }  # fmt: skip
    found |= {"period": {"end": _at(body["happened_at"])}, "activity": [{"detail": detail}]}
    if body.get("reason"):
        found["note"] = [{"text": str(body["reason"])}]
    return found


CARE_RESOURCES: dict[str, Callable[[Mapping[str, Any], Mapping[str, str]], dict[str, Any]]] = {
    "care.planned.1": plan,
    "care.done.1": done,
    "care.stopped.1": stopped,
}
