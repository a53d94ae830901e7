"""The words of this room's lines: routes, acts, warnings, refusals."""

from collections.abc import Iterable
from typing import Any

import msgspec
from django.utils.translation import get_language, gettext, ngettext, override
from django.utils.translation import gettext_lazy as _

from releve.codecs import ucum
from releve.departments.prescribing.checks import Caution, Unchecked
from releve.departments.prescribing.line_facts import Posology
from releve.web import words

__all__ = [
    "ACTS", "CHECK_NAMES", "OPINION_NAMES", "ROUTE_NAMES", "act_text", "caution_text", "days_text", "dose_text",
    "refusal_text", "rhythm_text", "route_name", "unchecked_of", "unchecked_texts", "what_text",
]  # fmt: skip

# HL7 table 0162. What a hospital's own feeds call a route stays as received.
ROUTE_NAMES = {
    "PO": _("Oral route"),
    "IV": _("Intravenous route"),
    "SC": _("Subcutaneous route"),
    "IM": _("Intramuscular route"),
    "IH": _("Inhaled route"),
    "SL": _("Sublingual route"),
    "TD": _("Transdermal route"),
    "PR": _("Rectal route"),
    "NG": _("Nasogastric tube"),
    "OP": _("Ophthalmic route"),
    "OT": _("Otic route"),
    "NS": _("Nasal route"),
    "AP": _("On the skin"),
    "VG": _("Vaginal route"),
    "ID": _("Intradermal route"),
    "EP": _("Epidural route"),
    "IT": _("Intrathecal route"),
    "GTT": _("Gastrostomy tube"),
}

ACTS = {
    "prescription.started.1": _("Prescribed"),
    "prescription.changed.1": _("Changed"),
    "prescription.stopped.1": _("Stopped"),
    "prescription.suspended.1": _("Suspended"),
    "prescription.resumed.1": _("Resumed"),
    "prescription.opinion.1": _("Pharmacist’s opinion"),
    "prescription.countersigned.1": _("Countersigned"),
    "prescription.reconciled.1": _("Lines reconciled"),
}

OPINION_NAMES = {
    "agrees": _("Agrees"),
    "advises": _("Advises"),
    "asks-change": _("Asks for a change"),
    "asks-stop": _("Asks to stop"),
}

CHECK_NAMES = {
    "allergy": _("Stated allergy, against substance and class"),
    "high-alert": _("High-alert medicine, two people"),
    "duplicate": _("Same substance on another line"),
    "tenfold": _("Dose far from the usual one"),
    "limits": _("Dose against the hospital’s limits, by age and by kg"),
    "interactions": _("Interactions between medicines"),
}

_REFUSALS = {
    "not-your-role": _("Your role does not prescribe."),
    "told-by-needed": _("Name the physician or midwife who told it by telephone."),
    "read-back-needed": _("Read it back to the caller, then tick."),
    "changed-meanwhile": _(
        "This line changed while you were writing. Nothing was recorded: look at what it is now, then decide again."
    ),
    "not-running": _("This line no longer runs."),
    "not-suspended": _("This line is not suspended."),
    "reason-needed": _("Say why you prescribe it all the same."),
    "second-needed": _("Two people for this medicine: the second one gives a badge and a code."),
    "second-is-first": _("The second person must be somebody else."),
    "second-may-not": _("This person may not confirm a medicine: the role does not allow it."),
    "nothing-to-sign": _("Nothing waits for a signature on this line."),
    "decide-each": _("Decide on this line."),
}


def refusal_text(code: str) -> str:
    """Return the sentence of a refusal."""
    return str(_REFUSALS[code])


def route_name(code: str, language: str | None = None) -> str:
    """Return a route in words; one that is not known stays as its code."""
    with override(language or get_language()):
        return str(ROUTE_NAMES.get(code, code))


def dose_text(value: str, unit: str) -> str:
    """Return a dose with its unit in words."""
    language = get_language() or "fr"
    if not value:
        return gettext("dose not received")
    said = ucum.dose_unit(unit, value, language) if unit else ""
    shown = words.figures(value, language)
    return f"{shown}{words.NBSP}{said}" if said else shown


def rhythm_text(one: Any) -> str:
    """Return when a line (a `Posology` or a `Usual`) is given."""
    language = get_language() or "fr"
    hours = f"{one.interval_hours:g}" if one.interval_hours else ""
    if one.as_needed:
        told = one.condition or gettext("if needed")
        return (
            gettext("%(condition)s, %(hours)s h apart at least") % {"condition": told, "hours": hours}
            if hours
            else told
        )
    if one.continuous:
        return (
            f"{gettext('continuously')}, {words.figures(one.rate, language)}"
            if one.rate
            else gettext("continuously")
        )
    if one.once:
        return gettext("once")
    if one.times:
        return ", ".join(one.times)
    if one.interval_hours:
        return gettext("every %(hours)s h") % {"hours": hours}
    return gettext("no hour prescribed")


def days_text(days: int | None) -> str:
    """Return for how long, empty when no end is said."""
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days} if days else ""


def what_text(what: Posology) -> str:
    """Return a whole line in words: dose, route, rhythm."""
    return ", ".join(
        part for part in (dose_text(what.dose_value, what.dose_unit), what.route, rhythm_text(what)) if part
    )


def act_text(kind: str, body: dict[str, Any]) -> str:
    """Return what an act on a line said, from its body."""
    if "what" in body:
        told = what_text(msgspec.convert(body["what"], Posology))
        before = body.get("before")
        if before:
            was = what_text(msgspec.convert(before, Posology))
            if was == told:
                return gettext("%(line)s, as it was") % {"line": told}
            return gettext("%(line)s; before: %(before)s") % {"line": told, "before": was}
        return told
    if "opinion" in body:
        name = str(OPINION_NAMES.get(body["opinion"], body["opinion"]))
        return f"{name}, {body['text']}" if body.get("text") else name
    return str(body.get("reason", ""))


_CAUTIONS = {
    "allergy.substance": _("Allergy stated: %(0)s."),
    "allergy.class": _("Allergy stated: %(0)s; this medicine is of the same family (ATC %(1)s)."),
    "high-alert.listed": _("High-alert medicine: dose, dilution, rate and route are read by two people."),
    "duplicate.substance": _("Already on another line: %(0)s."),
    "tenfold.above": _("%(0)s times the largest usual dose (%(1)s)."),
    "tenfold.below": _("%(0)s times less than the smallest usual dose (%(1)s)."),
    "limits.dose": _("%(0)s for one dose, %(1)s at most (%(2)s)."),
    "limits.dose-kg": _(
        "%(0)s for one dose, %(1)s at most (%(2)s); compared with %(3)s kg, measured %(4)s days ago."
    ),
    "limits.day": _("%(0)s, %(1)s at most (%(2)s)."),
    "limits.day-kg": _("%(0)s, %(1)s at most (%(2)s); compared with %(3)s kg, measured %(4)s days ago."),
}


def caution_text(one: Caution) -> str:
    """Return a warning in words, with what it is about."""
    language = get_language() or "fr"
    values = {str(place): words.figures(text, language) for place, text in enumerate(one.about)}
    return str(_CAUTIONS[one.key]) % values


_UNCHECKED = {
    "off": _("switched off"),
    "no-base": _("this island holds no dated database of interactions: never checked here"),
    "not-said": _("allergies not recorded"),
    "no-class": _("class not known: names compared only"),
    "name-only": _("family not known: name compared only"),
    "no-substance": _("substance not known"),
    "lines": _("substance of other lines not known: names compared only"),
    "no-usual": _("no usual dose in the formulary"),
    "unit": _("units that cannot be compared"),
    "no-limit": _("no limit for this substance"),
    "no-limit-age": _("no limit for this age"),
    "age": _("full birth date not known: limits by age not checked"),
    "weight": _("weight not known: dose per kg not checked"),
    "weight-old": _("weight of %(about)s days ago: dose per kg not checked"),
    "weight-old-adult": _("compared with a weight of %(about)s days ago"),
    "weight-undated": _("nobody said when the weight was measured"),
    "per-day": _("number of doses a day not known: dose of a day not checked"),
    "rate": _("given continuously: dose of a day not checked"),
}


def unchecked_of(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what an act says was not checked; a check that this version does not know stands as it is written."""
    told = []
    for one in body.get("unchecked", ()):
        check, _sep, rest = str(one).partition(":")
        why, _sep, about = rest.partition(":")
        told.append((str(CHECK_NAMES.get(check, check)), str(_UNCHECKED.get(why, why)) % {"about": about}))
    return told


def unchecked_texts(found: Iterable[Unchecked]) -> list[tuple[str, str]]:
    """Return what was not checked: the check, and why."""
    told = []
    for one in found:
        why = str(_UNCHECKED[one.why]) % {"about": one.about}
        about = f" ({one.about})" if one.about and one.why in ("name-only", "lines") else ""
        told.append((str(CHECK_NAMES[one.check]), why + about))
    return told
