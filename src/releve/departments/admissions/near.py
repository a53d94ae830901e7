"""Who may be meant, as a line of the screen: where she is, what sets her apart, and whether this reader may know."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
from django.utils.translation import gettext

from releve.departments.admissions.desk import Desk
from releve.departments.admissions.forms import SearchForm
from releve.record.chart import Here
from releve.record.finding import LETTERS_MIN, Near, Wanted
from releve.record.persons import stay_of
from releve.record.tables import Person
from releve.web import words
from releve.web.access import needs_cover
from releve.web.opaque import seal
from releve.web.typed import read_birth

__all__ = ["NearLine", "lines_of", "read_wanted", "same_person", "wanted_of"]


class NearLine(msgspec.Struct, frozen=True, kw_only=True):
    """One person found. `on_ward`: she lies on the ward that is about to get a namesake."""

    near: Near
    handle: str
    ward: str
    on_ward: bool
    covered: bool = False


def wanted_of(birth: str, *names: str) -> Wanted:
    """Return the search for somebody of these names born then (ISO date, "" not known)."""
    listed = tuple(word for name in names for word in name.split())
    return Wanted(births=(birth,) if birth else (), words=listed)


def read_wanted(form: SearchForm, here: Here) -> tuple[Wanted | None, dict[str, str]]:
    """Return whom the form looks for, None with a sentence for each field that cannot be read."""
    if not form.is_valid():
        return None, {}
    data = form.cleaned_data
    if data["number"].strip():
        return Wanted(number=data["number"].strip()), {}
    births = (
        _births(data["birth"], words.local(here.now_ms, here.zone).date()) if data["birth"].strip() else ()
    )
    letters = tuple(data["letters"].split())
    wrong: dict[str, str] = {}
    if data["birth"].strip() and not births:
        wrong["birth"] = gettext("A birth date such as 14/07/1945, 07/1945 or 1945.")
    elif not births and max(map(len, letters), default=0) < LETTERS_MIN:
        wrong["letters" if letters else "birth"] = gettext(
            "A birth date, or at least three letters of a name."
        )
    return (None, wrong) if wrong else (Wanted(births=births, words=letters), {})


def _births(typed: str, today: date) -> tuple[str, ...]:
    """Return the dates that may be meant; a year of two figures is read in both centuries that have come."""
    read = read_birth(typed)
    if read is None:
        parts = [part for part in typed.replace("/", " ").replace(".", " ").replace("-", " ").split() if part]
        if len(parts) == 1 and len(parts[0]) == 6 and parts[0].isdigit():
            parts = [parts[0][:2], parts[0][2:4], parts[0][4:]]
        if len(parts) != 3 or len(parts[2]) != 2 or not parts[2].isdigit():
            return ()
        both = [read_birth("/".join((*parts[:2], f"{century}{parts[2]}"))) for century in (19, 20)]
        return tuple(one for one in both if one is not None and one <= today.isoformat())
    return (read,) if read <= today.isoformat()[: len(read)] else ()


def lines_of(found: Sequence[Near], desk: Desk, ward: str) -> list[NearLine]:
    """Return the lines to show; a stay under a cover name is not told to whoever is not in charge of it."""
    lines = [_line(one, desk, ward) for one in found]
    return [line for line in lines if not line.covered]


def same_person(head: str, members: Sequence[Person], desk: Desk) -> NearLine:
    """Return one person that is known by her key."""
    ids = tuple(sorted(member.id for member in members))
    row = next((member for member in members if member.id == head), members[0])
    return _line(Near(head=head, persons=ids, person=row, stay=stay_of(ids), same_birth=True), desk, "")


def _line(one: Near, desk: Desk, ward: str) -> NearLine:
    stay = one.stay
    directory = desk.here.directory
    rules = directory.map.confidential
    hidden: Any = one.person.confidential
    wards: tuple[str | None, ...] = ()
    if stay is not None:
        hidden = hidden or stay.confidential or (stay.ward if stay.ward in rules.wards else "")
        wards = (stay.ward, stay.care_ward, stay.medical_ward, stay.attributed_to)
    there = directory.ward(stay.ward) if stay is not None and stay.ward else None
    return NearLine(
        near=one,
        handle=seal(one.head),
        ward=there.name if there is not None else (stay.ward or "" if stay is not None else ""),
        on_ward=bool(ward) and one.here and stay is not None and stay.ward == ward,
        covered=needs_cover(desk.reader, confidential=hidden, wards=wards),
    )
