"""Finding a person: by birth date and letters of a name, by a number, by a scanned label.

Nothing typed is kept, logged or put in an address. A stay under a cover name is only found by whoever works in the
ward in charge, or holds its visit number (a label, a wristband, a tube): the search must not tell who is here.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

import msgspec
from django.db.models import Q

from releve.bedside.birth import read_birth
from releve.bedside.census import Present, persons_behind
from releve.bedside.cover import Traits, is_covered, traits_of
from releve.bedside.patient import stay_of
from releve.codecs.azerty import as_scanned
from releve.codecs.identifiers.doubts import compact
from releve.codecs.identifiers.made_here import is_tube
from releve.hospital.map import Directory
from releve.record.identity import search_letters
from releve.record.tables import Encounter, Identifier, Person, Tube
from releve.web.accounts.people import Person as Reader
from releve.web.opaque import seal

__all__ = ["Found", "Label", "Query", "is_ours", "is_printed_tube", "read_label", "search"]

FOUND_MAX = 50
LETTERS_MIN = 3  # of a name alone; with a birth date one letter is enough
PREFIX = "RLV1|"


class Label(NamedTuple):
    """What a label says: IPP and visit, either may be missing."""

    ipp: str = ""
    visit: str = ""


class Query(NamedTuple):
    """What is looked for."""

    births: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()
    number: str = ""
    label: Label | None = None


class Found(msgspec.Struct, kw_only=True):
    """One person found, all linked numbers together."""

    handle: str
    traits: Traits
    ipp: str
    stay: Encounter
    ward: str  # its name
    linked: str = ""  # the number that led here, when it is a linked one
    same_name: bool = False
    same_birth: bool = False


def is_ours(scanned: str) -> bool:
    """Tell whether a scan is a symbol that an island printed, typed on a French layout too."""
    text = scanned.strip()
    return text.upper().startswith(PREFIX) or as_scanned(text).upper().startswith(PREFIX)


def read_label(scanned: str) -> Label | None:
    """Return what a scanned label says, or None when it is no patient's label.

    >>> read_label("RLV1|P|8000412301|9000511"), read_label("8000412301"), read_label("RLV1|A|nkervella")
    (Label(ipp='8000412301', visit='9000511'), Label(ipp='8000412301', visit=''), None)
    """
    text = scanned.strip()
    if not text.upper().startswith(PREFIX) and is_ours(text):
        text = as_scanned(text)
    if not text.upper().startswith(PREFIX):
        return Label(ipp=_bare(text)) if text and "|" not in text else None
    parts = text.split("|")
    if len(parts) < 3 or parts[1].upper() != "P":
        return None
    return Label(ipp=parts[2].strip(), visit=parts[3].strip() if len(parts) > 3 else "")


def read_query(birth: str, name: str, number: str, today: date) -> tuple[Query, dict[str, str]]:
    """Return the query and what cannot be read: field → code of the sentence (`find_pages.py` has the words)."""
    wrong: dict[str, str] = {}
    births = read_birth(birth, today) if birth.strip() else ()
    if birth.strip() and not births:
        wrong["birth"] = "unreadable"
    letters = tuple(part for part in (search_letters(word) for word in name.split()) if part)
    bare = _bare(number)
    if name.strip() and not births and not bare and sum(map(len, letters)) < LETTERS_MIN:
        wrong["name"] = "too-short"
    if not wrong and not births and not letters and not bare:
        wrong["birth"] = "nothing"
    return Query(births, letters, bare, read_label(number) if number.strip() else None), wrong


def search(query: Query, reader: Reader, directory: Directory | None) -> tuple[list[Found], bool]:
    """Return the persons found, and whether there are more than can be listed."""
    keys, seen = _keys(query)
    more = len(keys) > FOUND_MAX
    groups: dict[str, list[Person]] = {}
    led: dict[str, str] = {}
    for key, (head, members) in persons_behind(keys[:FOUND_MAX]).items():
        groups[head] = members
        if key != head:
            led[head] = key.partition(":")[2]
    found = []
    for head, members in groups.items():
        ids = sorted(member.id for member in members)
        stay = stay_of(ids) or Encounter(id=f"{head}/", person=head, visit="", status="")
        row = next((member for member in members if member.id == head), members[0])
        present = Present(
            head=head, persons=tuple(ids), person=row, encounter=stay, ipp=head.partition(":")[2]
        )
        cover = ""
        if is_covered(present, reader, directory):
            if stay.visit not in seen:
                continue
            cover = directory.map.confidential.cover_name if directory is not None else "…"
        ward = directory.ward(stay.ward) if directory is not None and stay.ward else None
        found.append(
            Found(
                handle=seal(head),
                traits=traits_of(row, cover=cover),
                ipp="" if cover else present.ipp,
                stay=stay,
                ward=ward.name if ward is not None else stay.ward or "",
                linked="" if cover else led.get(head, ""),
            )
        )
    _mark_alike(found)
    found.sort(key=lambda one: (one.traits.name, one.traits.given, one.traits.birth_date or "", one.ipp))
    return found, more


def _keys(query: Query) -> tuple[list[str], set[str]]:
    """Return the keys of the persons that fit, and the visit numbers that the searcher holds."""
    if query.number or query.label is not None:
        return _by_number(query)
    persons = Person.objects.all()
    if query.births:
        wanted = Q()
        for start in query.births:
            wanted |= Q(birth_date__startswith=start)
            # A date stored less precisely may be the same one.
            shorter = [start[:length] for length in (4, 7) if length < len(start)]
            wanted |= Q(birth_date__in=shorter)
        persons = persons.filter(wanted)
    for letters in query.letters:
        persons = persons.filter(Q(search_name__startswith=letters) | Q(search_name__contains=f" {letters}"))
    return list(persons.order_by("search_name", "id").values_list("id", flat=True)[: FOUND_MAX + 1]), set()


def _by_number(query: Query) -> tuple[list[str], set[str]]:
    ipp, visit = (query.label.ipp, query.label.visit) if query.label is not None else (query.number, "")
    numbers = {number for number in (ipp, query.number) if number and "|" not in number}
    keys = list(Identifier.objects.filter(value__in=numbers).values_list("person", flat=True))
    # A typed number may be that of a visit; whoever has it holds the label.
    visits = {visit} if visit else set(numbers)
    stays = Encounter.objects.filter(visit__in=visits).values_list("person", "visit")
    held = {number for _, number in stays}
    if not (visit and keys):
        keys += [person for person, _ in stays]
    # Who holds a tube holds a label of the visit that stands on it.
    for person, on_label in _tubes(numbers):
        keys.append(person)
        held |= {on_label} if on_label else set()
    return list(dict.fromkeys(keys)), held


def is_printed_tube(number: str) -> bool:
    """Tell whether a tube with this number was printed: it lies in a laboratory as well as at a bedside."""
    return bool(_tubes({number}))


def _tubes(numbers: Iterable[str]) -> list[tuple[str, str | None]]:
    """Return whose tubes these are, and the visit on their labels."""
    wanted = {one for one in map(compact, numbers) if is_tube(one)}
    return list(Tube.objects.filter(number__in=wanted).values_list("person", "visit")) if wanted else []


def _mark_alike(found: Sequence[Found]) -> None:
    """Mark those whose name or birth date another one shares: they are the ones taken for each other."""
    for one in found:
        if one.traits.covered:
            continue
        names = {search_letters(one.traits.name), search_letters(one.traits.used)} - {""}
        for other in found:
            if other is one or other.traits.covered:
                continue
            if names & {search_letters(other.traits.name), search_letters(other.traits.used)}:
                one.same_name = True
                one.same_birth = one.same_birth or (
                    bool(one.traits.birth_date) and one.traits.birth_date == other.traits.birth_date
                )


def _bare(number: str) -> str:
    return "".join(number.split())
