"""Numbered forms that somebody should compare, as the pages of a ward and of a person say it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from releve.bedside.now import IslandNow
from releve.bedside.patient import Patient
from releve.hospital.care import care_function
from releve.record.paper_copied import PaperDoubt, paper_doubts_of_persons, paper_doubts_of_ward

__all__ = ["LISTED_MS", "paper_lines", "paper_words"]

# As doses that are to be read again: after a week the account of the downtime has them, each act with its number.
LISTED_MS = 7 * 86_400_000
LISTED_MAX = 50


def paper_words(patient: Patient) -> list[dict[str, Any]]:
    """Return what to look at first on a person's page: forms that may be another's, or that came twice."""
    if patient.covered:
        return []
    doubts = paper_doubts_of_persons(
        patient.present.persons, since_ms=patient.now.now_ms - LISTED_MS
    )[:LISTED_MAX]  # fmt: skip
    ward = patient.present.encounter.ward or ""
    items = []
    for doubt in doubts:
        item: dict[str, Any] = {"strong": _("Paper form %s") % doubt.number, "text": _why(doubt)}
        if ward:
            item["links"] = [(_("Compare"), reverse("ward-to-sign", args=[ward]) + "#h-paper")]
        items.append(item)
    return items


def paper_lines(
    ward: str,
    *,
    now: IslandNow,
    who: Callable[[Sequence[str]], Callable[[str], Mapping[str, Any]]],
    language: str,
) -> list[dict[str, Any]]:
    """Return the forms to compare of which a ward keyed in a part within a week, as its page lists them.

    `who` takes persons' keys and returns what this reader may know of each. Of somebody whom another ward wrote about
    only that ward is said.
    """
    doubts = paper_doubts_of_ward(ward, since_ms=now.now_ms - LISTED_MS)[:LISTED_MAX]
    mine = [act.person for doubt in doubts for act in doubt.acts if act.ward == ward]
    of = who(mine)
    return [
        {
            "number": doubt.number,
            "why": _why(doubt),
            "at": doubt.acts[-1].recorded_at,
            "acts": [
                {
                    "act": act,
                    "what": care_function(act.function).label(language) if act.function else "",
                    "ward": _ward_name(act.ward or "", now),
                    "who": of(act.person) if act.ward == ward else None,
                }
                for act in doubt.acts
            ],
        }
        for doubt in doubts
    ]


def _ward_name(code: str, now: IslandNow) -> str:
    ward = now.directory.ward(code)
    return ward.name if ward is not None else code


def _why(doubt: PaperDoubt) -> str:
    words = {
        "persons": _("keyed in for two patients: two sheets with one number, or a wrong number"),
        "times": _("keyed in at two times: the rest of one sheet, or two sheets with one number"),
        "digits": _("its check digits do not fit: a wrong number"),
    }
    return _("; ").join(words[why] for why in doubt.why)
