"""The words of this room that a code or a place stands for: places, reasons, refusals."""

from collections.abc import Iterable

from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from releve.hospital.care import care_function
from releve.hospital.map import Directory
from releve.hospital.status import Place, WriteHere

__all__ = [
    "REASONS",
    "REFUSALS",
    "function_names",
    "place_name",
    "places_in_words",
    "refusal_text",
    "writes_in_words",
]

REASONS = {
    "attack": _("Suspected attack"),
    "breakdown": _("Breakdown"),
    "planned": _("Planned stop"),
    "exercise": _("Exercise"),
}

REFUSALS = {
    "no-application": _("Tick at least one application."),
    "unknown-application": _("One of these applications is no longer on the map: tick them again."),
    "no-place": _("Say where: the whole hospital, a building or a ward."),
    "unknown-place": _("One of these places is no longer on the map: tick them again."),
    "since-unreadable": _("Write a day and an hour, such as 21/11/2026 02:44, or an hour alone for today."),
    "since-ambiguous": _("This hour happens twice tonight: add A for the first time, B for the second."),
    "since-too-old": _("More than 31 days ago: check the day."),
    "since-in-the-future": _(
        "This hour has not come yet. Only a planned stop, or a return to service, is announced ahead, 14 days at most."
    ),
    "switch-unreadable": _("Write a day and an hour, such as 21/11/2026 08:00."),
    "switch-before": _("The wards cannot write there before it is back: check the hour."),
    "switch-too-far": _("More than 14 days ahead: announce it when it is nearer."),
    "recorded-restore": _(
        "Care was recorded here under one of these: it is restored, not yet in service, until what is owed went back."
    ),
    "gate-open": _(
        "The gate of its restoration has not passed with evidence yet: record it under Restoration first."
    ),
    "signature-needed": _(
        "Nobody has signed for its return to service yet: sign on its page under Restoration."
    ),
    "no-reason": _("Choose a reason."),
    "not-your-wards": _(
        "You may speak for your own wards only. For more, ask a physician or the crisis cell."
    ),
    "not-your-role": _("Your role does not declare cuts. Tell a nurse, a physician or the crisis cell."),
    "second-needed": _("It takes two people for these places: the second one gives her badge and her code."),
    "second-or-alone": _("A second person gives her badge and her code; or tick that nobody is here."),
    "second-needed-to-return": _(
        "It takes two people to send wards back to an application. Wait for the second one."
    ),
    "second-is-first": _("The second person must be somebody else."),
    "second-may-not": _(
        "This person may not stand by it for these places: her role or her wards do not allow it."
    ),
    "already-confirmed": _("Somebody has confirmed it meanwhile."),
    "already-withdrawn": _("It has been withdrawn meanwhile."),
    "already-recorded": _(
        "Care has been recorded since: it can no longer be withdrawn. Declare the applications in service again."
    ),
}


def refusal_text(code: str) -> str:
    """Return the sentence of a refusal."""
    return str(REFUSALS[code])


def place_name(place: Place, directory: Directory) -> str:
    """Return a place in words."""
    if place.kind == "all":
        return gettext("the whole hospital")
    if place.kind == "building":
        building = directory.buildings.get(place.code)
        return gettext("building %s") % (f"{place.code}, {building.name}" if building else place.code)
    ward = directory.ward(place.code)
    return ward.name if ward else gettext("ward %s") % place.code


def places_in_words(places: Iterable[Place], directory: Directory, most: int = 4) -> str:
    """Return several places in one line; past `most` the rest is counted."""
    names = [place_name(place, directory) for place in places]
    if len(names) <= most:
        return ", ".join(names)
    left = len(names) - (most - 1)
    rest = ngettext("%(n)d other place", "%(n)d other places", left) % {"n": left}
    return ", ".join([*names[: most - 1], rest])


def function_names(codes: Iterable[str]) -> list[str]:
    """Return care functions in the language of the page."""
    language = get_language() or "fr"
    return [care_function(code).label(language) for code in codes]


def writes_in_words(places: Iterable[WriteHere]) -> list[str]:
    """Return where one writes, each place once, in the language of the page."""
    language = get_language() or "fr"
    return list(dict.fromkeys(here.label(language) for here in places))
