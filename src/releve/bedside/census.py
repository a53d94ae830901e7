"""Who is where: the persons present in a ward or in the hospital, one line each, read from the views."""

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from releve.record.identity import search_letters
from releve.record.persons import HERE, persons_behind
from releve.record.tables import Encounter, Identifier, Person
from releve.views.parts import in_parts

__all__ = [
    "HERE",
    "Present",
    "homonyms_of",
    "is_lodged",
    "identifiers_of",
    "persons_behind",
    "present_in",
    "present_by_ward",
]


# PV1-2 of those who hold a bed: inpatients and emergencies.
LODGED = ("I", "E")


class Present(msgspec.Struct, kw_only=True):
    """A person in a bed. `head` stands for all linked persons; `persons` are the keys to read facts under."""

    head: str
    persons: tuple[str, ...]
    person: Person
    encounter: Encounter
    ipp: str
    visits: tuple[str, ...] = ()
    also: tuple[str, ...] = ()  # wards where another stay of hers is open as well

    @property
    def confidential(self) -> str:
        """Why this stay is shown under a cover name, or "" ."""
        return self.encounter.confidential or self.person.confidential or ""


def present_in(ward: str | None = None) -> list[Present]:
    """Return the persons present in a ward (None: in the hospital), by bed then name."""
    found = Encounter.objects.filter(status__in=HERE)
    if ward is not None:
        found = found.filter(ward=ward)
    encounters = list(found)
    persons = persons_behind({encounter.person for encounter in encounters})
    lines = []
    for encounter in encounters:
        head, members = persons.get(encounter.person) or (encounter.person, [_nameless(encounter.person)])
        keys = tuple(sorted(member.id for member in members))
        traits = next((member for member in members if member.id == head), members[0])
        lines.append(
            Present(
                head=head, persons=keys, person=traits, encounter=encounter, ipp=head.partition(":")[2],
                visits=(encounter.visit,),
            )
        )  # fmt: skip
    # A stay that went on under another number after a merge is one stay, not two patients in one bed.
    lines.sort(key=lambda line: (line.encounter.person != line.head, line.encounter.id))
    lines = list({(line.head, line.encounter.visit): line for line in reversed(lines)}.values())
    _note_open_elsewhere(lines)
    lines.sort(
        key=lambda line: (
            line.encounter.ward or "",
            line.encounter.room or "",
            line.encounter.bed or "",
            line.head,
        )
    )
    return lines


def is_lodged(stay: Encounter) -> bool:
    """Tell a stay that holds a bed from a consultation that nobody closed; a confidential one is told nowhere."""
    return bool(stay.ward) and (stay.class_code or "I") in LODGED and not stay.confidential


def _note_open_elsewhere(lines: Sequence[Present]) -> None:
    """Mark who has two stays open at once: one of them is wrong, and nobody but the wards can say which."""
    keys = sorted({key for line in lines for key in line.persons})
    stays: dict[str, list[Encounter]] = defaultdict(list)
    for part in in_parts(keys):
        for stay in Encounter.objects.filter(person__in=part, status__in=HERE):
            if is_lodged(stay):
                stays[stay.person].append(stay)
    for line in lines:
        if is_lodged(line.encounter):
            others = {
                stay.ward or ""
                for key in line.persons
                for stay in stays[key]
                if stay.visit != line.encounter.visit
            }
            line.also = tuple(sorted(others))


def present_by_ward() -> dict[str, list[Present]]:
    """Return everyone present, ward by ward; "" holds those whose ward nobody said."""
    wards: dict[str, list[Present]] = defaultdict(list)
    for line in present_in():
        wards[line.encounter.ward or ""].append(line)
    return dict(wards)


def _nameless(key: str) -> Person:
    """Return a person of whom only the number is known: in a bed, so on the board, whatever else is missing."""
    return Person(id=key, person=key)


def homonyms_of(lines: Sequence[Present]) -> dict[str, list[Present]]:
    """Return for each person (by head) the others in `lines` whose name reads the same: family name or used name."""
    by_name: dict[str, list[Present]] = defaultdict(list)
    for line in lines:
        # Birth name first: one order on every worker, so that a board that did not change reads the same.
        names = (search_letters(line.person.birth_name), search_letters(line.person.used_name))
        for name in filter(None, dict.fromkeys(names)):
            by_name[name].append(line)
    found: dict[str, list[Present]] = defaultdict(list)
    for group in by_name.values():
        for line in group:
            for other in group:
                if other.head != line.head and other not in found[line.head]:
                    found[line.head].append(other)
    return {head: others for head, others in found.items() if others}


def identifiers_of(persons: Sequence[str]) -> list[Identifier]:
    """Return every identifier of these persons."""
    return list(Identifier.objects.filter(person__in=persons).order_by("type", "system", "value"))
