"""Allergies as identity messages state them: AL1, and IAM with its action code. Pure.

A statement is taken back only by an action that says so (IAM-6 D, or IAM-17 "erroneous"): a list that no longer
names a substance removes nothing, and "none known" removes nothing either. Both then stand, and both are shown.
Source: HL7 v2.5 §3.4.6 (AL1), §3.4.7 (IAM), tables 0127, 0128, 0323, 0438.
"""

from collections.abc import Iterator
from typing import Any

from releve.codecs.hl7v2.reader import Message, Segment
from releve.record import facts
from releve.record.first_said import first_said
from releve.record.identity import search_letters
from releve.views.reading import Context, NotRead

__all__ = ["is_none_known", "read_allergies"]

# Statements of absence as hospitals code them. "Not asked" and "unknown" are none of these.
NO_ALLERGY_CODES = frozenset({"716186003", "160244002", "409137002", "NKA", "NKDA", "AUCUNE"})
# The same in words, as bare letters and as a whole; anything longer stays in the words received.
NO_ALLERGY_WORDS = frozenset(
    {
        "AUCUNE", "AUCUN", "AUCUNEALLERGIE", "AUCUNEALLERGIECONNUE", "AUCUNEALLERGIEDECLAREE", "PASDALLERGIE",
        "PASDALLERGIECONNUE", "SANSALLERGIECONNUE", "ABSENCEDALLERGIE", "ABSENCEDALLERGIECONNUE", "NKA", "NKDA",
        "NOKNOWNALLERGY", "NOKNOWNALLERGIES", "NOKNOWNDRUGALLERGY", "NOKNOWNDRUGALLERGIES",
    }
)  # fmt: skip
CRITICALITY = {"SV": "high", "MI": "low"}  # MO and U map to nothing (v2-to-FHIR, AllergyIntolerance)


def is_none_known(label: str | None, code: str | None) -> bool:
    """Tell whether a statement says that no allergy is known.

    >>> is_none_known("Pas d’allergie connue", None), is_none_known("Non renseigné", None)
    (True, False)
    """
    if (code or "").upper() in NO_ALLERGY_CODES:
        return True
    return search_letters(label).replace(" ", "") in NO_ALLERGY_WORDS


def read_allergies(message: Message, context: Context) -> Iterator[Any]:
    """Read every AL1 and IAM of a message."""
    for al1 in message.segments("AL1"):
        yield _stated(al1, context, since="6", removed=False)
    for iam in message.segments("IAM"):
        removed = iam["6.1"] == "D" or iam["17.1"] == "E"
        yield _stated(iam, context, since="11", removed=removed)


def _stated(segment: Segment, context: Context, *, since: str, removed: bool) -> Any:
    label = first_said(segment, "3.2", "3.5", "3.1")
    code = first_said(segment, "3.1") if first_said(segment, "3.2", "3.5") else None
    if not label:
        return NotRead(reason=f"{segment.name}-3: expected the substance")
    severity = first_said(segment, "4.1")
    reactions = [repetition["1"] for repetition in segment.repetitions(5)]
    return facts.AllergyStated(
        person=context.person,
        label=label,
        code=code,
        system=first_said(segment, "3.3"),
        category=first_said(segment, "2.1"),
        severity=severity,
        criticality=CRITICALITY.get(severity or ""),
        reaction=", ".join(word for word in reactions if word and word != '""') or None,
        since_text=first_said(segment, since),
        state="removed" if removed else "none-known" if is_none_known(label, code) else "stated",
        stated_at=context.stamp,
    )
