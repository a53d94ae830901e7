"""How full the hospital is: beds, persons present, room left, and how old what we know of each ward is."""

from collections.abc import Collection, Mapping

import msgspec
from django.db.models import Count

from releve.bedside.census import HERE
from releve.bedside.horizon import Source, empty_is_known, sources_of
from releve.bedside.now import IslandNow
from releve.hospital.map import Building, Ward
from releve.record.tables import Encounter
from releve.web.elsewhere import Neighbour, elsewhere_now

__all__ = ["BuildingLine", "Hospital", "WardLine", "hospital_of", "occupancy"]


class WardLine(msgspec.Struct, frozen=True, kw_only=True):
    """One ward. `until_ms` is up to when its data go; `frozen` that they may have changed since.

    `still_heard`: what is cut there sends on all the same. `apart`: the island that keeps it, when that one is not in
    step: feeds of the whole hospital look fresh all the same.
    """

    ward: Ward
    beds: int
    present: int
    until_ms: int | None
    frozen: bool
    still_heard: bool = False
    unknown: bool = False  # nobody is known here because no movement was ever received
    down: bool = False  # an application whose data stand here is declared cut
    apart: Neighbour | None = None

    @property
    def free(self) -> int:
        """Beds left, 0 when full."""
        return max(0, self.beds - self.present)

    @property
    def over(self) -> int:
        """Persons without a bed of this ward."""
        return max(0, self.present - self.beds)


class BuildingLine(msgspec.Struct, frozen=True, kw_only=True):
    """One building and its wards that have beds or persons."""

    building: Building
    wards: tuple[WardLine, ...]

    @property
    def beds(self) -> int:
        """Beds of its wards."""
        return sum(line.beds for line in self.wards)

    @property
    def unknown(self) -> bool:
        """Whether of none of its wards it is known who is there."""
        return all(line.unknown for line in self.wards)

    @property
    def present(self) -> int:
        """Persons in its wards."""
        return sum(line.present for line in self.wards)


class Hospital(msgspec.Struct, frozen=True, kw_only=True):
    """The buildings that have wards; `elsewhere` counts persons whose ward the map does not know, or nobody said."""

    buildings: tuple[BuildingLine, ...]
    elsewhere: int

    @property
    def wards(self) -> list[WardLine]:
        """Every ward, building after building."""
        return [line for building in self.buildings for line in building.wards]

    @property
    def beds(self) -> int:
        """Beds in all."""
        return sum(line.beds for line in self.buildings)

    @property
    def present(self) -> int:
        """Persons in all, those without a known ward included."""
        return sum(line.present for line in self.buildings) + self.elsewhere

    @property
    def apart(self) -> dict[Neighbour, list[WardLine]]:
        """Islands that are not in step, each with the wards it keeps, as they stand on the page."""
        found: dict[Neighbour, list[WardLine]] = {}
        for line in self.wards:
            if line.apart is not None:
                found.setdefault(line.apart, []).append(line)
        return found

    @property
    def crowded(self) -> list[WardLine]:
        """Wards that hold more persons than beds, the fullest first."""
        return sorted((line for line in self.wards if line.over), key=lambda line: -line.over)


def occupancy() -> dict[str, int]:
    """Return how many persons are present in each ward; "" for those whose ward nobody said."""
    # Two numbers of one person that were linked are one person in her bed: stays are counted by their visit.
    rows = Encounter.objects.filter(status__in=HERE).values("ward").annotate(n=Count("visit", distinct=True))
    return {row["ward"] or "": row["n"] for row in rows}


def hospital_of(now: IslandNow, present: Mapping[str, int]) -> Hospital:
    """Return buildings and wards as the map names them; wards without beds show only when somebody is there."""
    directory = now.directory
    there = elsewhere_now()
    keepers = {ward: one for one in there.apart for ward in one.wards} if there is not None else {}
    buildings = []
    for building in directory.map.buildings:
        lines = []
        for ward in directory.wards_of(building.code):
            beds, here = len(directory.beds_of(ward.code)), present.get(ward.code, 0)
            if beds or here:
                sources = sources_of(ward.code, directory, now.feeds, now.statuses)
                until, frozen = _known_until(sources.values())
                unknown = not here and not empty_is_known(sources)
                lines.append(
                    WardLine(
                        ward=ward,
                        beds=beds,
                        present=here,
                        until_ms=until,
                        frozen=frozen,
                        unknown=unknown,
                        down=any(one.down for one in sources.values()),
                        apart=keepers.get(ward.code),
                        still_heard=frozen and all(one.still_heard for one in sources.values() if one.frozen),
                    )
                )
        if lines:
            buildings.append(BuildingLine(building=building, wards=tuple(lines)))
    known = set(directory.wards)
    elsewhere = sum(number for code, number in present.items() if code not in known)
    return Hospital(buildings=tuple(buildings), elsewhere=elsewhere)


def _known_until(sources: Collection[Source]) -> tuple[int | None, bool]:
    """Return up to when the ward's data go: while something is frozen, the earliest of what froze."""
    frozen = [source.heard_ms for source in sources if source.frozen and source.heard_ms is not None]
    if frozen:
        return min(frozen), True
    heard = [source.heard_ms for source in sources if source.heard_ms is not None]
    return max(heard, default=None), False
