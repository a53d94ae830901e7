"""The words of paper that come with the data of a ward: schedules, notes, reasons; looked up in the catalogues."""

from functools import cache

from releve.paper.catalogue import catalogue

__all__ = ["Words", "words_of"]


def _(text: str) -> str:
    """Mark a text for the catalogues (makemessages looks for this name); translated by `words_of`."""
    return text


WORDS: dict[str, str] = {
    # schedules
    "at_hours": _("at {hours}"),
    "hour": _("{h}:{m}"),
    "whole_hour": _("{h}:00"),
    "every_hours": _("every {n} h"),
    "every_minutes": _("every {n} min"),
    "every_days": _("every {n} days"),
    "once": _("once"),
    "continuous": _("continuous"),
    "rate": _("rate {rate}"),
    "as_needed": _("as needed"),
    "entered_here": _("entered here"),
    "to_be_signed": _("SIGNATURE AWAITED"),
    "no_schedule": _("schedule not received"),
    "from": _("from {at}"),
    "partly": _("partly given at {at}"),
    "omitted": _("not given at {at}: {reason}"),
    "no_reason": _("reason not recorded"),
    "charted_here": _("Administrations, charted here since {at}"),
    "care": _("care: {action}, {every}"),
    "care_due": _("due at {hours}"),
    "suspended_at": _("since {at}"),
    "unlinked": _("given without a prescription received"),
    # persons
    "no_name": _("Name not received"),
    "no_bed": _("no bed"),
    "newborn": _("newborn"),
    "in_bed": _("bed {bed}"),
    "also_called": _("{name}, used name {used}"),
    "homonym": _("{name}, born {birth}, {bed}: read the birth date"),
    "homonyms_more": _("{n} others of this ward bear the same name: read the birth date"),
    "no_birth": _("on an unknown date"),
    "mother_here": _("mother {name}, {bed}"),
    "mother_elsewhere": _("mother {name}, {ward}, {bed}"),
    "child_here": _("child {name}, {bed}"),
    "child_elsewhere": _("child {name}, {ward}, {bed}"),
    "mother_gone": _("mother not present in the hospital"),
    "after_attack_merge": _("numbers {numbers} linked by a message received {at}: check identity"),
    "proposed_merge": _("Perhaps the same person as number {number}: not confirmed"),
    "on_leave": _("On leave"),
    "on_leave_note": _("away since {at}"),
    "another_visit": _("another stay of the same person is open: {ward}"),
    "died": _("Death recorded {at}"),
    # allergies
    "as_entered": _("severity entered: {severity}"),
    "severity_SV": _("severe"),
    "severity_MO": _("moderate"),
    "severity_MI": _("mild"),
    "severity_U": _("not known"),
    "colon": _("{what}: {said}"),
    # orders and results
    "urgent": _("URGENT"),
    "status_requested": _("requested {at}"),
    "status_scheduled": _("planned"),
    "status_in-progress": _("under way, result not received"),
    "status_held": _("on hold"),
    "status_": _("state not received"),
    "tube": _("no. {number}"),
    "others_flagged": _("Other results out of range"),
    "others": _("Other results, within range or without a flag"),
    "replaces": _("replaces {value}"),
    "report_of": _("Report of {at}"),
    "report_cut": _("[cut here: read the rest on the island]"),
    "discharge": _("Planned discharge"),
    "place_with": _("{place}, {who}"),
    "weight": _("Weight"),
    "height": _("Height"),
    # sources
    "label_imaging": _("Imaging reports"),
    "label_orders": _("Laboratory requests"),
    "quiet": _("Nobody has announced a feed for these data."),
    "usual": _("Up to date at that hour ({feed})."),
    # census
    "census_ward": _("in the census, but in ward {ward}"),
    "census_none": _("in no line of the census"),
    "came_after": _("here since {at}, after the census"),
    "view_ward": _("the island sees this person in {ward}"),
    "view_left": _("left {at}, as received"),
    "view_unknown": _("never received by the island"),
    "view_not_here": _("not present, as received"),
    # wards and places
    "ward_place": _("{specialty} · building {building}, floor {floor} · UF {code}"),
    "ward_unsaid": _("Ward not received"),
    "ward_unknown": _("UF {code}, not on the map"),
    "here_sheet": _("this sheet, back"),
    "here_census": _("census page, at the foot"),
    # received prints
    "print_ward": _("treatment sheet of the ward"),
    "print_person": _("treatment sheet of no. {ipp}"),
    "print_unreadable": _("treatment sheet that cannot be opened here; the island keeps it"),
    "pn13_title": _("Prescription received as PN13, element by element, not interpreted"),
}


class Words:
    """The words of one language, filled with values."""

    def __init__(self, language: str) -> None:
        texts = catalogue(language)
        self.language = language
        self._texts = {key: texts.text(source) for key, source in WORDS.items()}

    def __call__(self, key: str, **values: object) -> str:
        """Return the words of `key`, `{name}` replaced by its value and nothing else touched."""
        text = self._texts[key]
        for name, value in values.items():
            text = text.replace("{" + name + "}", str(value))
        return text

    def __contains__(self, key: str) -> bool:
        return key in self._texts


@cache
def words_of(language: str) -> Words:
    """Return the words of `fr` or `en`.

    Raises:
        CatalogueError: no such language, or a word without translation.
    """
    return Words(language)
