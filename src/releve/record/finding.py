"""Looking for somebody before she is made a second time: birth date and letters, as written and as heard.

What is found beside the exact matches are those who may be taken for her: same sound under another birth date, most
of all on the ward where she is about to lie.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from django.db.models import Q

from releve.record.identity import search_letters
from releve.record.persons import HERE, persons_behind, stay_of, stays_here
from releve.record.phonetic import sounds
from releve.record.tables import Encounter, Identifier, Person
from releve.views.parts import in_parts

__all__ = ["Near", "Wanted", "apart", "near_persons"]

FOUND_MAX = 30
SAME_BIRTH_MAX = 2_000  # whoever was born on one day, or in one year, in the files of a hospital
LETTERS_MIN = 3
WHOLE_DATE = 10  # signs of "1958-03-12"


class Wanted(NamedTuple):
    """Whom somebody looks for. `births` are ISO beginnings, `words` the names typed, `number` an IPP, INS or visit."""

    births: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    number: str = ""


class Near(msgspec.Struct, kw_only=True):
    """Somebody who may be the one, all linked numbers together. `same_birth`: the birth date fits what was typed.

    `differs` names what sets her apart from the first of the list: birth, given, sex, place.
    """

    head: str
    persons: tuple[str, ...]
    person: Person
    stay: Encounter | None
    same_birth: bool
    differs: frozenset[str] = frozenset()

    @property
    def here(self) -> bool:
        """She is in the hospital now."""
        return self.stay is not None and self.stay.status in HERE

    @property
    def ipp(self) -> str:
        """The number that stands."""
        return self.head.partition(":")[2]


def near_persons(wanted: Wanted) -> tuple[list[Near], bool]:
    """Return who may be meant, the likeliest first, and whether there are more than can be listed."""
    keys = _by_number(wanted.number) if wanted.number else _by_traits(wanted)
    groups: dict[str, list[Person]] = {}
    for head, members in persons_behind(keys[: FOUND_MAX * 3]).values():
        groups[head] = members
    found = []
    for head, members in groups.items():
        ids = tuple(sorted(member.id for member in members))
        row = next((member for member in members if member.id == head), members[0])
        found.append(
            Near(head=head, persons=ids, person=row, stay=stay_of(ids), same_birth=_fits(row, wanted.births))
        )
    if not wanted.number:
        # A whole date says more than three letters: those who only share letters are left out, unless nobody is left
        # (the date may be the slip).
        found = [one for one in found if _near_birth(one.person, wanted.births)] or found
    found.sort(
        key=lambda one: (
            not one.same_birth,
            not one.here,
            one.person.search_name or "",
            one.person.birth_date or "",
            one.head,
        )
    )
    more = len(found) > FOUND_MAX
    found = found[:FOUND_MAX]
    for one in found[1:]:
        one.differs = apart(one.person, found[0].person)
    if found and wanted.births and not found[0].same_birth:
        found[0].differs = frozenset({"birth"})
    return found, more


def _by_number(number: str) -> list[str]:
    bare = "".join(number.split())
    if bare.upper().startswith("RLV1|P|"):
        parts = bare.split("|")
        numbers = {part for part in parts[2:4] if part}
    else:
        numbers = {bare}
    keys = list(Identifier.objects.filter(value__in=numbers).values_list("person", flat=True)[:FOUND_MAX])
    keys += list(Encounter.objects.filter(visit__in=numbers).values_list("person", flat=True)[:FOUND_MAX])
    return list(dict.fromkeys(keys))


def _by_traits(wanted: Wanted) -> list[str]:
    letters = tuple(part for part in map(search_letters, wanted.words) if part)
    heard = tuple(sounds(part) for part in letters if len(part) >= LETTERS_MIN)
    keys: list[str] = []
    if wanted.births:
        born = Person.objects.filter(_born(wanted.births)).order_by("search_name", "id")
        for row in born.values_list("id", "search_name")[:SAME_BIRTH_MAX]:
            if not letters or _written(row[1], letters) or _sound_alike(row[1], heard):
                keys.append(row[0])
    if any(len(part) >= LETTERS_MIN for part in letters):
        keys += _named(letters)
        keys += _heard_here(letters, heard)
    return list(dict.fromkeys(keys))


def _born(births: Sequence[str]) -> Q:
    wanted = Q()
    for start in births:
        wanted |= Q(birth_date__startswith=start)
        # A date stored less precisely may be the same one.
        wanted |= Q(birth_date__in=[start[:length] for length in (4, 7) if length < len(start)])
    return wanted


def _named(letters: Sequence[str]) -> list[str]:
    persons = Person.objects.all()
    for part in letters:
        persons = persons.filter(Q(search_name__startswith=part) | Q(search_name__contains=f" {part}"))
    return list(persons.order_by("search_name", "id").values_list("id", flat=True)[: FOUND_MAX + 1])


def _heard_here(letters: Sequence[str], heard: Sequence[str]) -> list[str]:
    """Return those in a bed whose name sounds so: they are the ones somebody would be taken for."""
    present = sorted({stay.person for stay in stays_here()})
    keys = []
    for part in in_parts(present):
        rows = Person.objects.filter(id__in=part).values_list("id", "search_name")
        keys += [key for key, name in rows if _written(name, letters) or _sound_alike(name, heard)]
    return keys


def _written(search_name: str | None, letters: Sequence[str]) -> bool:
    words = (search_name or "").split()
    return all(any(word.startswith(part) for word in words) for part in letters)


def _sound_alike(search_name: str | None, heard: Sequence[str]) -> bool:
    keys = [sounds(word) for word in (search_name or "").split()]
    return bool(heard) and all(any(key.startswith(part) and part for key in keys) for part in heard)


def _fits(row: Person, births: Sequence[str]) -> bool:
    known = row.birth_date or ""
    return any(known.startswith(start) or (known and start.startswith(known)) for start in births)


def _near_birth(row: Person, births: Sequence[str]) -> bool:
    """Tell whether the dates may be taken for one another: two parts of three alike, or day and month turned round."""
    known = row.birth_date or ""
    whole = [start for start in births if len(start) == WHOLE_DATE]
    if len(whole) != len(births) or not whole or len(known) != WHOLE_DATE:
        return True
    mine = known.split("-")
    for start in whole:
        hers = start.split("-")
        if sum(a == b for a, b in zip(mine, hers, strict=True)) >= 2 or (mine[0], mine[2], mine[1]) == tuple(
            hers
        ):
            return True
    return False


def apart(one: Person, other: Person) -> frozenset[str]:
    """Return which traits set two persons apart: birth, given, sex, place, name."""
    told = {
        "birth": (one.birth_date, other.birth_date),
        "given": (search_letters(one.given_name), search_letters(other.given_name)),
        "sex": (one.sex, other.sex),
        "place": (one.birth_place, other.birth_place),
        "name": (search_letters(one.birth_name), search_letters(other.birth_name)),
    }
    return frozenset(name for name, (mine, hers) in told.items() if (mine or "") != (hers or ""))
