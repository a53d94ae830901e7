"""What this room says on pages: names of signs, inputs, kinds of fluid, and why a form was refused."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from releve.codecs import ucum
from releve.departments.observations.news2 import News2
from releve.departments.observations.rules import Refusal
from releve.web import words

__all__ = ["ACVPU", "LABELS", "RISKS", "fluid_kinds", "missing_words", "refusal_text", "score_words"]

LABELS = {
    "respiratory_rate": gettext_lazy("Respiratory rate"),
    "spo2": gettext_lazy("SpO₂"),
    "oxygen": gettext_lazy("Air or oxygen"),
    "oxygen_flow": gettext_lazy("Oxygen flow"),
    "systolic": gettext_lazy("Systolic pressure"),
    "diastolic": gettext_lazy("Diastolic pressure"),
    "pulse": gettext_lazy("Pulse"),
    "consciousness": gettext_lazy("Consciousness"),
    "temperature": gettext_lazy("Temperature"),
    "pain": gettext_lazy("Pain, 0 to 10"),
    "weight": gettext_lazy("Weight"),
    "glucose": gettext_lazy("Capillary glucose"),
}
ACVPU = {
    "A": gettext_lazy("Alert"),
    "C": gettext_lazy("New confusion"),
    "V": gettext_lazy("Responds to voice"),
    "P": gettext_lazy("Responds to pain"),
    "U": gettext_lazy("Unresponsive"),
}
# Source: Royal College of Physicians, NEWS2 (2017), chart 2 and chart 4.
RISKS = {
    "low": gettext_lazy("low risk: keep watching"),
    "low-medium": gettext_lazy("one sign alone is grave: the physician of the ward comes and decides"),
    "medium": gettext_lazy("urgent review: the physician of the ward comes now"),
    "high": gettext_lazy("emergency: call the emergency team now"),
}


def fluid_kinds() -> dict[str, list[tuple[str, str]]]:
    """Return the kinds of fluid by direction, as a page offers them."""
    return {
        "in": [
            ("oral", pgettext("fluid", "Drinks")),
            ("enteral", pgettext("fluid", "Enteral feed")),
            ("infusion", pgettext("fluid", "Infusion")),
            ("drug", pgettext("fluid", "Drugs, flushes")),
            ("blood", pgettext("fluid", "Blood products")),
            ("other-in", pgettext("fluid", "Other intake")),
        ],
        "out": [
            ("urine", pgettext("fluid", "Urine")),
            ("stool", pgettext("fluid", "Stools, stoma")),
            ("vomit", pgettext("fluid", "Vomit, gastric tube")),
            ("drain", pgettext("fluid", "Drain")),
            ("bleeding", pgettext("fluid", "Blood loss")),
            ("dialysis", pgettext("fluid", "Removed by dialysis")),
            ("other-out", pgettext("fluid", "Other loss")),
        ],
    }


def refusal_text(refusal: Refusal, language: str) -> str:
    """Return the sentence of a refusal: the expectation, never the value."""
    low, high = words.figures(refusal.low, language), words.figures(refusal.high, language)
    match refusal.code:
        case "number":
            return _("Write a figure, such as 72 or 38,5.")
        case "whole":
            return _("Write a whole figure, without decimals.")
        case "decimals":
            return _("At most %(n)s decimals.") % {"n": refusal.high}
        case "impossible":
            return _("Not possible: from %(low)s to %(high)s.") % {"low": low, "high": high}
        case "unusual":
            return _("Unusual. Look again at the figure; measure again, then tick below that it is right.")
        case "pressures":
            return _("The diastolic pressure is lower than the systolic: check both.")
        case "flow-on-air":
            return _("A flow is written, and air is chosen: choose oxygen, or remove the flow.")
        case "flow-alone":
            return _("A flow is written: choose oxygen.")
        case "volume":
            return _("Write a volume in mL, such as 250.")
        case "kind":
            return _("Choose what went in or came out.")
        case "corrected":
            return _("Somebody corrected this in the meantime: look at what stands now, then decide.")
        case "reason":
            return _("Say why it is withdrawn, such as “wrong patient”.")
        case "empty-words":
            return _("Write something for the next shift.")
        case "changed":
            return _("Somebody wrote in the meantime: read it below, then save again what should stand.")
        case _:
            return _("Nothing is written: fill in at least one figure.")


def missing_words(score: News2) -> str:
    """Return why no total is given: "NEWS2 not computed: temperature, pulse missing"."""
    if score.too_young:
        return _("NEWS2 not computed: it is made for people of 16 years and more")
    names = ", ".join(str(LABELS[name]) for name in score.missing)
    return _("NEWS2 not computed: %(names)s missing") % {"names": names}


def score_words(score: News2) -> list[tuple[str, int]]:
    """Return the points of each input in words."""
    return [(str(LABELS[name]), points) for name, points in score.parts]


def unit_of(code: str, language: str, glucose_unit: str = "") -> str:
    """Return the unit of a sign as people write it; "" when it has none."""
    from releve.departments.observations.signs import BY_CODE

    if code == "glucose" and glucose_unit:
        return ucum.symbol(glucose_unit, language)
    if code not in BY_CODE or code == "pain":
        return ""
    return ucum.symbol(BY_CODE[code].unit, language)
