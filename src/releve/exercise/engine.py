"""The hospital's interface engine, where there are several islands: which island is told what.

Each message goes to one island, the one that keeps the ward its patient is in; what is about nobody in a ward
(identities, appointments) to the first one, beside the admission office. A copy of everything for everybody would be
three logs of the same, and nothing would be learned of how they are put together.
"""

from collections.abc import Iterable, Mapping, Sequence

from releve.exercise.tales import Linked, Moved
from releve.exercise.world import Emission
from releve.hospital.map import HospitalMap

__all__ = ["share_out", "wards_of_islands"]


def wards_of_islands(hospital: HospitalMap, origins: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the UF codes each island keeps: buildings are dealt out, so that no building has two islands."""
    buildings = [building.code for building in hospital.buildings]
    return {
        origin: tuple(
            ward.code for ward in hospital.wards if ward.building in buildings[number :: len(origins)]
        )
        for number, origin in enumerate(origins)
    }


def share_out(emissions: Iterable[Emission], wards: Mapping[str, Iterable[str]]) -> dict[str, list[Emission]]:
    """Return what each island is told, in order."""
    island = {ward: origin for origin, kept in wards.items() for ward in kept}
    first = next(iter(wards))
    shared: dict[str, list[Emission]] = {origin: [] for origin in wards}
    lies: dict[str, str] = {}  # patient number → island
    for emission in emissions:
        numbers = [number for tale in emission.tells for number in tale.numbers() if number]
        known = [lies[number] for number in numbers if number in lies]
        to = known[0] if known else first
        for tale in emission.tells:
            if isinstance(tale, Moved) and tale.ward in island:
                to = lies[tale.ipp] = island[tale.ward]
            elif isinstance(tale, Linked):
                lies[tale.ipp] = to
        shared[to].append(emission)
    return shared
