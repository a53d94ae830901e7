"""What stands above a patient's page, and what the page says it does not know, in words."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from releve.bedside.after_stop import after_stop_words
from releve.bedside.board_words import elsewhere_words, missing_words
from releve.bedside.medication import MedLine
from releve.bedside.patient import Patient
from releve.bedside.results import Series
from releve.hospital.care import CARE_FUNCTIONS, care_function
from releve.record.identity import search_letters
from releve.record.tables import Person as PersonRow
from releve.web.opaque import seal
from releve.web.templatetags.releve import dose, measure, recent
from releve.web.words import is_child, local

__all__ = ["first_of_patient", "function_names", "member_rows", "unknown_words"]


def first_of_patient(
    patient: Patient, lines: Sequence[MedLine], series: Sequence[Series], language: str
) -> list[dict[str, Any]]:
    """Return what to look at first: critical results, doses late or to give, what may be missing, doubts."""
    items: list[dict[str, Any]] = after_stop_words(lines)
    day_ago = patient.now.now_ms - 86_400_000
    for one in series:
        if one.critical and (one.last.issued_at or one.last.sampled_at or 0) >= day_ago:
            value = " ".join(part for part in (one.label, measure(one.last.value, one.last.unit)) if part)
            items.append(
                {
                    "urgent": value,
                    "strong": pgettext("result", "critical"),
                    "text": recent(one.last.sampled_at),
                }
            )
    twice = [line.row.label or "" for line in lines if line.twice]
    if twice:
        items.append({"strong": _("Perhaps charted twice"), "text": ", ".join(twice)})
    for line in lines:
        if line.next is None:
            continue
        label = " ".join(part for part in (line.row.label,) if part)
        if line.next.state == "late":
            items.append(
                {
                    "urgent": _("late since %s") % recent(line.next.at),
                    "strong": label,
                    "text": dose(line.row.dose_value, line.row.dose_unit),
                }
            )
        elif line.soon:
            items.append({"strong": label, "text": _("to give, %s") % recent(line.next.at)})
    if patient.traits.doubt:
        items.append({"strong": _("Identity to be checked")})
    if patient.file.allergy_state == "not-said":
        items.append({"strong": _("Allergies not recorded"), "text": _whom_to_ask(patient)})
    frozen = [source for source in patient.sources.values() if source.frozen]
    if frozen:
        frozen.sort(key=lambda source: source.heard_ms or 0)
        items.append({"strong": _("May be missing:"), "text": missing_words(frozen, language), "stale": True})
    back = [source for source in patient.sources.values() if source.restored and not source.frozen]
    if back:
        items.append(elsewhere_words(back, language))
    return items


def _whom_to_ask(patient: Patient) -> str:
    """Return who can say what somebody is allergic to: of a child, its parents."""
    today = local(patient.now.now_ms, ZoneInfo(patient.now.directory.map.zone)).date()
    child = is_child(patient.traits.birth_date or "", today)
    return _("ask the parents") if child else _("ask the patient")


def unknown_words(patient: Patient, language: str) -> list[tuple[str, str]]:
    """Return what this page does not know, and why, as (what, why)."""
    known = {
        "allergies": (_("Allergies"), _("not recorded: nobody wrote them, nor that there are none")),
        "weight": (_("Weight"), _("not received")),
        "contact": (_("Person to call"), _("not received")),
        "problems": (_("Problems and diagnoses"), _("not received")),
        "attending": (_("Physician in charge"), _("not received")),
    }
    found = [known[code] for code in patient.silent_on]
    found += [
        (care_function(code).label(language), _("not received: this island gets no such messages here"))
        for code in patient.not_received
    ]
    found += [
        (care_function(code).label(language), _("never received: the feed is announced, nothing has arrived"))
        for code in patient.never_heard
    ]
    return found


def function_names(language: str) -> dict[str, str]:
    """Return the words of every care function."""
    return {code: function.label(language) for code, function in CARE_FUNCTIONS.items()}


def member_rows(patient: Patient) -> list[dict[str, Any]]:
    """Return the persons shown together here: the number of each, its traits, whether it is the one that stands."""
    if patient.covered:
        return []
    return [
        {
            "row": member,
            "number": member.id.partition(":")[2],
            "domain": member.id.partition(":")[0],
            "head": member.id == patient.present.head,
            "differs": _differs(member, patient.present.person),
            "origin": patient.provenance.of(member),
            "url": reverse("patient", args=[seal(patient.present.head)]),
        }
        for member in sorted(patient.members, key=lambda member: member.id != patient.present.head)
    ]


def _differs(member: PersonRow, head: PersonRow) -> bool:
    """Tell whether the strict traits of a linked number are not those of the one that stands."""
    return any(
        (mine := getattr(member, name))
        and (other := getattr(head, name))
        and search_letters(mine) != search_letters(other)
        for name in ("birth_name", "given_name", "birth_date", "sex")
    )
