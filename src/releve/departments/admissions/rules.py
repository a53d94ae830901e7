"""Who may admit and move, what is refused and why: state and command give facts or refusals. Pure.

What is only doubtful (an INS whose key does not fit, a SINUS number of another shape) is never refused: see `doubts`.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

import msgspec

from releve.codecs.identifiers.ins import check_ins
from releve.codecs.identifiers.numbers import check_sinus
from releve.departments.admissions.facts import Event, Mode, Traits
from releve.web.refusal import Refusal

__all__ = [
    "DOCUMENTS", "SURE_DOCUMENTS", "UNDONE_BY", "WRITERS", "Refusal", "Who", "age_refused", "check_bed",
    "check_movement", "check_traits", "check_words", "doubts", "may_write", "status_after", "status_of",
]  # fmt: skip

WRITERS = frozenset({"clerk", "nurse", "midwife", "physician"})
# Documents of the first level of trust, with which traits become those of a validated identity (RNIV 1, §3).
SURE_DOCUMENTS = ("identity-card", "passport", "residence-permit", "birth-certificate")
DOCUMENTS = (*SURE_DOCUMENTS, "other", "none")
SEXES = ("F", "M", "U")
NAME_SIGNS_MAX = 100
WORDS_SIGNS_MAX = 200
AGE_YEARS_MAX = 130
# What cancels each movement (HL7 v2.5 §3.3; ZBE-6).
UNDONE_BY = {"A01": "A11", "A02": "A12", "A03": "A13", "A21": "A52", "A22": "A53"}
# From which state each movement leads on.
FROM: dict[str, tuple[str, ...]] = {
    "A02": ("present", "leave"), "A21": ("present",), "A22": ("leave",), "A03": ("present", "leave"),
}  # fmt: skip

# Marks that change how the signs beside them are read, or that are not seen at all.
_HIDDEN = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_NAME_SIGNS = frozenset(" -'’.")


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """The person acting."""

    account: str
    role: str
    wards: tuple[str, ...] = ()


def may_write(who: Who, wards: Iterable[str]) -> Refusal | None:
    """Return why this person may not admit or move here, or None.

    Admissions serve the whole hospital; carers their own wards, one of `wards` being enough (where she leaves from,
    where she goes). A physician whose account names no ward is on duty for all of them.
    """
    if who.role not in WRITERS:
        return Refusal(code="not-your-role")
    if who.role == "clerk" or (who.role == "physician" and not who.wards):
        return None
    return None if set(wards) & set(who.wards) else Refusal(code="not-your-ward")


def check_traits(
    mode: Mode,
    *,
    birth_name: str,
    given_name: str,
    used_name: str,
    birth_typed: str,
    birth_date: str | None,
    sex: str,
    birth_place: str,
    today: date,
) -> list[Refusal]:
    """Return what is wrong with the traits of somebody; `birth_date` is `birth_typed` as it was read, None: not read.

    Somebody unidentified is given a name here, so nothing is asked; a newborn may have no given name yet.
    """
    found: list[Refusal] = []
    if mode != "unidentified":
        if not birth_name.strip():
            found.append(Refusal(code="name-missing", field="birth_name"))
        if not given_name.strip() and mode != "newborn":
            found.append(Refusal(code="given-missing", field="given_name"))
        if not birth_typed.strip():
            found.append(Refusal(code="birth-missing", field="birth_date"))
        for field, text in (("birth_name", birth_name), ("given_name", given_name), ("used_name", used_name)):
            code = _name_refused(text)
            if code:
                found.append(Refusal(code=code, field=field))
    if birth_typed.strip():
        code = _birth_refused(birth_date, today)
        if code:
            found.append(Refusal(code=code, field="birth_date"))
    if sex not in SEXES:
        found.append(Refusal(code="sex-missing", field="sex"))
    code = check_words(birth_place)
    if code:
        found.append(Refusal(code=code, field="birth_place"))
    return found


def _name_refused(text: str) -> str:
    """Return the code of what is wrong with a name as documents write it, "" for nothing."""
    name = text.strip()
    if not name:
        return ""
    if len(name) > NAME_SIGNS_MAX:
        return "name-too-long"
    if _HIDDEN.search(name):
        return "unprintable"
    letters = 0
    for sign in unicodedata.normalize("NFC", name):
        category = unicodedata.category(sign)
        if category.startswith("L"):
            letters += 1
            if not unicodedata.name(sign, "").startswith("LATIN"):
                return "not-latin"
        elif sign not in _NAME_SIGNS and not category.startswith("M"):
            return "not-a-name"
    return "" if letters else "not-a-name"


def _birth_refused(read: str | None, today: date) -> str:
    if read is None:
        return "birth-unreadable"
    if read > today.isoformat()[: len(read)]:
        return "birth-future"
    return "birth-too-old" if int(read[:4]) < today.year - AGE_YEARS_MAX else ""


def check_words(text: str) -> str:
    """Return the code of what is wrong with words typed freely, "" for nothing: they must be seen as they are read."""
    if len(text) > WORDS_SIGNS_MAX:
        return "words-too-long"
    return "unprintable" if _HIDDEN.search(text) else ""


def age_refused(text: str) -> str:
    """Return the code of what is wrong with an estimated age in years, "" for nothing."""
    typed = text.strip()
    good = typed.isascii() and typed.isdigit() and len(typed) <= 3 and int(typed) <= AGE_YEARS_MAX
    return "" if not typed or good else "age-unreadable"


def status_of(traits: Traits) -> str:
    """Return the identity status that traits seen during an outage reach: VALI or PROV, never more.

    The national service cannot be asked, so nothing becomes qualified here. Source: RNIV 1, identity statuses.
    """
    strict = (traits.birth_name, traits.given_name, traits.birth_place)
    whole = all(strict) and len(traits.birth_date) == 10 and traits.sex in ("F", "M")
    fictitious = "FICT" in traits.doubt.split(",")
    return "VALI" if whole and traits.document in SURE_DOCUMENTS and not fictitious else "PROV"


def status_after(before: Traits, after: Traits) -> tuple[str, tuple[str, ...]]:
    """Return the status after a correction, and which traits changed.

    What was qualified or validated stays so while no strict trait changes; one that changes must be seen again.
    """
    names = ("birth_name", "given_name", "birth_date", "sex", "birth_place")
    strict = tuple(name for name in names if getattr(before, name) != getattr(after, name))
    changed = strict + tuple(
        name for name in ("used_name", "doubt") if getattr(before, name) != getattr(after, name)
    )
    reached = status_of(after)
    if not strict and "FICT" not in after.doubt.split(",") and before.status in ("VALI", "QUAL", "RECUP"):
        return before.status, changed
    return reached, changed


def check_bed(*, bed: str, ward: str, known: bool, taken: bool, state: str) -> Refusal | None:
    """Return why nobody can be put in this bed, or None. `bed` "" with a ward: no bed for now."""
    if not ward:
        return Refusal(code="bed-missing", field="bed")
    if bed and not known:
        return Refusal(code="bed-unknown", field="bed")
    if bed and taken:
        return Refusal(code="bed-taken", field="bed")
    if bed and state == "blocked":
        return Refusal(code="bed-blocked", field="bed")
    return None


def check_movement(
    event: Event,
    *,
    status: str,
    admitted_at: int | None,
    happened_at: int,
    here: tuple[str, str] = ("", ""),
    there: tuple[str, str] = ("", ""),
) -> list[Refusal]:
    """Return why this movement cannot be: from a stay of this status, `here` and `there` being ward and bed."""
    found = []
    if status not in FROM.get(event, ()):
        code = "not-on-leave" if event == "A22" else "on-leave" if status == "leave" else "not-here"
        found.append(Refusal(code=code))
    if admitted_at is not None and happened_at < admitted_at:
        found.append(Refusal(code="before-arrival", field="happened_at"))
    if event == "A02" and here == there:
        found.append(Refusal(code="same-bed", field="bed"))
    return found


def check_cancel(number: str, *, standing: Collection[str], last: str) -> Refusal | None:
    """Return why a movement cannot be withdrawn: already so, or others follow it that would stand on nothing."""
    if number not in standing:
        return Refusal(code="already-cancelled")
    return None if number == last else Refusal(code="not-the-last")


def doubts(
    *, ins: str = "", ins_oid: str = "", sinus: str = "", exercise: bool = False
) -> dict[str, list[str]]:
    """Return what looks wrong in numbers, by field, as English msgids: it warns and never blocks."""
    found: dict[str, Any] = {}
    if ins.strip():
        found["ins"] = check_ins(ins, oid=ins_oid, exercise=exercise)
    if sinus.strip():
        found["sinus"] = check_sinus(sinus)
    return {field: said for field, said in found.items() if said}
