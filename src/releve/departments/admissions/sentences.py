"""The words of this room: why not, which document, from where, in which bed."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from releve.codecs.identifiers import doubts
from releve.departments.admissions.rules import doubts as number_doubts

__all__ = [
    "DISCHARGES", "DOCUMENT_NAMES", "ISOLATIONS", "PROVENANCES", "doubt_text", "event_name", "refusal_text",
]  # fmt: skip

DOCUMENT_NAMES = (
    ("none", _("No document seen")),
    ("identity-card", _("Identity card")),
    ("passport", _("Passport")),
    ("residence-permit", _("Residence permit")),
    ("birth-certificate", _("Birth certificate, family booklet")),
    ("other", _("Another document")),
)
PROVENANCES = (
    ("", _("not recorded")),
    ("home", _("Home")),
    ("emergency", _("Emergency department")),
    ("hospital", _("Another hospital")),
    ("nursing-home", _("Nursing home")),
    ("birth", _("Born here")),
)
DISCHARGES = (
    ("", _("not recorded")),
    ("home", _("Back home")),
    ("transfer", _("To another hospital")),
    ("against-advice", _("Against medical advice")),
    ("left", _("Left without telling")),
    ("died", _("Died")),
)
ISOLATIONS = (
    ("", _("No isolation")),
    ("contact", _("Contact isolation")),
    ("droplet", _("Droplet isolation")),
    ("air", _("Airborne isolation")),
    ("protective", _("Protective isolation")),
)


def event_name(code: str) -> str:
    """Return a movement in words."""
    known = {
        "A01": gettext("Admission"),
        "A04": gettext("Admission"),
        "A02": gettext("Transfer"),
        "A21": gettext("On leave"),
        "A22": gettext("Back from leave"),
        "A03": gettext("Discharge"),
    }
    return known.get(code) or gettext("Movement")


def event_said(code: str) -> str:
    """Return a movement in words, inside a sentence."""
    name = event_name(code)
    return name[:1].lower() + name[1:]


def doubt_text(said: str) -> str:
    """Return why a number looks wrong; it is kept as it was given."""
    known = {
        doubts.WRONG_KEY: gettext("The control key does not fit the number."),
        doubts.NOT_15_SIGNS: gettext("15 signs are expected: 13 and a key of two digits."),
        doubts.KEY_MISSING: gettext("The key of two digits is missing."),
        doubts.NOT_A_BIRTH_MONTH: gettext("Digits 4 and 5 are no month of birth."),
        doubts.NOT_THE_HOUSE_PATTERN: gettext("Not the shape of this hospital’s patient numbers."),
        doubts.NOT_A_SINUS: gettext("21 signs are expected, such as FR075SAMU2026TR000417."),
    }
    return known.get(said) or gettext("Does not look like such a number: check it.")


def with_number_doubts(what: str, *, exercise: bool, ins: str = "", sinus: str = "") -> str:
    """Return what was recorded, and why a number typed with it looks wrong; the number itself is not said again."""
    names = {"ins": "INS", "sinus": "SINUS"}
    found = number_doubts(ins=ins, sinus=sinus, exercise=exercise)
    told = [
        gettext("%(number)s to be read again: %(why)s")
        % {"number": names[field], "why": " ".join(map(doubt_text, said))}
        for field, said in found.items()
    ]
    return ". ".join([what, *told])


def doubts_at_fields(*, exercise: bool, ins: str = "", sinus: str = "") -> dict[str, str]:
    """Return why numbers look wrong, by the field they were typed in."""
    found = number_doubts(ins=ins, sinus=sinus, exercise=exercise)
    return {field: " ".join(map(doubt_text, said)) for field, said in found.items()}


def refusal_text(code: str, **known: str) -> str:
    """Return the sentence of a refusal: what to do, in words; `known` are figures and hours, never a name."""
    text = {
        "not-your-role": gettext("Nurses, midwives, physicians and admissions write movements."),
        "not-your-ward": gettext("You write for your own wards: ask admissions, or somebody of that ward."),
        "name-missing": gettext("Write the birth name, or choose “Unidentified person”."),
        "given-missing": gettext("Write the first given name, as on the document."),
        "sex-missing": gettext("Choose female, male, or not known."),
        "birth-missing": gettext("Write the birth date, as precise as known: the year alone is enough."),
        "birth-unreadable": gettext("A birth date such as 14/07/1945, 07/1945 or 1945."),
        "birth-future": gettext("This birth date has not come yet."),
        "birth-too-old": gettext("More than 130 years ago: check the year."),
        "not-latin": gettext("Write the name in Latin letters, as on the document."),
        "not-a-name": gettext("A name has letters, spaces, hyphens and apostrophes only."),
        "name-too-long": gettext("100 signs at most: write the first ones."),
        "unprintable": gettext("There are signs here that cannot be seen: type it again by hand."),
        "words-too-long": gettext("200 signs at most."),
        "bed-missing": gettext("Choose a bed, or a ward without a bed for now."),
        "bed-unknown": gettext("This bed is not on the map of the hospital: choose another one."),
        "bed-taken": gettext(
            "Somebody was put in this bed in the meantime. Choose another one, or look at the bed board."
        ),
        "bed-blocked": gettext("This bed is blocked. Open it on the bed board, or choose another one."),
        "already-here": gettext("This person is already in the hospital: record a transfer instead."),
        "not-here": gettext("This person is not in the hospital."),
        "not-on-leave": gettext("This person is not on leave."),
        "on-leave": gettext("This person is on leave: record the return first."),
        "same-bed": gettext("This person is already in this bed."),
        "before-arrival": gettext("Before the arrival: check the hour."),
        "place-changed": gettext(
            "Somebody wrote a movement of this person in the meantime. Read it below, then send again."
        ),
        "nothing-changed": gettext("Nothing is different from what is known."),
        "no-reason": gettext("Say why, in a few words."),
        "age-unreadable": gettext("An age in years, such as 50."),
        "which-allergies": gettext("Write what was stated, one on each line, or choose another answer."),
        "already-cancelled": gettext("This movement was already cancelled."),
        "not-the-last": gettext("Other movements follow this one: cancel the last one first."),
        "bed-occupied": gettext("Somebody is in this bed: move that person before it is blocked."),
        "bed-changed": gettext("Somebody changed this bed in the meantime. Read it below, then send again."),
        "identity-changed": gettext(
            "Somebody corrected this identity in the meantime. Read it above, then send again."
        ),
        "pair-changed": gettext("Somebody judged these two in the meantime. Read it below."),
    }[code]  # fmt: skip
    return text % known if known else text
