"""Who stands on one side only: the last census that the hospital sent, and who the island believes to be present."""

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from releve.bedside.census import Present, identifiers_of, present_in
from releve.bedside.cover import confidential_of, wards_in_charge
from releve.bedside.daily_census import census_now
from releve.hospital.map import Directory
from releve.hospital.tables import Census
from releve.views.parts import in_parts
from releve.web.access import can_see_patient, needs_cover
from releve.web.accounts.people import Person

__all__ = ["Comparison", "OneSided", "WardDifference", "compare", "compare_with_census", "shown_to"]


class OneSided(msgspec.Struct, frozen=True, kw_only=True):
    """A person on one side only. `confidential` is why her name is covered, `charge` the wards that know it."""

    name: str
    ipp: str
    bed: str
    confidential: str = ""
    charge: tuple[str | None, ...] = ()


class WardDifference(msgspec.Struct, kw_only=True):
    """A ward where both lists differ; `code` is "" when nobody said the ward."""

    code: str
    census_only: list[OneSided] = []
    view_only: list[OneSided] = []


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The census of `taken_at` against the view; `census` and `view` are how many persons each holds."""

    taken_at: int
    census: int
    view: int
    wards: tuple[WardDifference, ...]

    @property
    def census_only(self) -> int:
        """Persons of the census whom the view does not show present."""
        return sum(len(ward.census_only) for ward in self.wards)

    @property
    def view_only(self) -> int:
        """Persons present in the view whom the census does not name."""
        return sum(len(ward.view_only) for ward in self.wards)


def compare_with_census(directory: Directory) -> Comparison | None:
    """Return how the last censuses and the view differ, None when no census was ever received.

    Only the wards that a census speaks of are compared: a file of one ward says nothing of the others.
    """
    census = census_now()
    if not census.taken:
        return None
    lines = [line for found in census.lines.values() for line in found]
    present = [one for one in present_in() if census.speaks_of(one.encounter.ward or "")]
    numbers: dict[str, set[str]] = defaultdict(set)
    owner = {key: one.head for one in present for key in one.persons}
    for part in in_parts(sorted(owner)):
        for identifier in identifiers_of(part):
            numbers[owner[identifier.person]].add(identifier.value)
    return compare(lines, present, numbers, directory, taken_at=max(census.taken.values()))


def compare(
    lines: Iterable[Census],
    present: Iterable[Present],
    numbers: dict[str, set[str]],
    directory: Directory,
    *,
    taken_at: int,
) -> Comparison:
    """Return both sides, ward by ward; `numbers` are the identifiers of each present person, by head.

    The same person under an older number, or in another ward, is on both sides: only who is missing is told.
    """
    census, view = list(lines), list(present)
    known: set[str] = set()
    for one in view:
        known |= {one.ipp, *(key.partition(":")[2] for key in one.persons), *numbers.get(one.head, ())}
        known |= {f"visit {visit}" for visit in one.visits if visit}
    named = {line.ipp for line in census} | {f"visit {line.visit}" for line in census if line.visit}
    wards: dict[str, WardDifference] = {}

    def ward_of(code: str | None) -> WardDifference:
        return wards.setdefault(code or "", WardDifference(code=code or ""))

    for line in census:
        if line.ipp not in known and f"visit {line.visit}" not in known:
            hidden = f"ward {line.ward}" if line.ward in directory.map.confidential.wards else ""
            ward_of(line.ward).census_only.append(
                OneSided(
                    name=line.name or "",
                    ipp=line.ipp,
                    bed=line.bed or "",
                    confidential=hidden,
                    charge=(line.ward,),
                )
            )
    seen: set[str] = set()
    for one in view:
        own = {one.ipp, *(key.partition(":")[2] for key in one.persons), *numbers.get(one.head, ())}
        own |= {f"visit {visit}" for visit in one.visits if visit}
        if own & named or one.head in seen:
            continue
        seen.add(one.head)
        row = one.person
        ward_of(one.encounter.ward).view_only.append(
            OneSided(
                name=" ".join(part for part in (row.birth_name or row.used_name, row.given_name) if part),
                ipp=one.ipp,
                bed=one.encounter.bed or "",
                confidential=confidential_of(one, directory),
                charge=wards_in_charge(one),
            )
        )
    order = {code: rank for rank, code in enumerate(directory.wards)}
    ordered = sorted(wards.values(), key=lambda ward: (order.get(ward.code, len(order)), ward.code))
    return Comparison(
        taken_at=taken_at,
        census=len({line.ipp for line in census}),
        view=len({one.head for one in view}),
        wards=tuple(ordered),
    )


def shown_to(one: OneSided, reader: Person | None, cover_name: str) -> OneSided | None:
    """Return what this reader may read of a person: nothing, her cover name, or all."""
    if not can_see_patient(reader):
        return None
    if needs_cover(reader, confidential=one.confidential, wards=one.charge):
        return OneSided(name=cover_name, ipp="", bed=one.bed)
    return one
