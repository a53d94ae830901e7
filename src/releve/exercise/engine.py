"""The hospital's interface engine, where there are several islands: which island is told what.

Each message goes to one island, the one that keeps the ward its patient is in; what is about nobody in a ward
(identities, appointments) to the first one, beside the admission office. That is a rule on PV1-3, which every such
engine can be given. A copy of everything for everybody would be three logs of the same.
"""

from collections.abc import Iterable, Mapping, Sequence

from releve.exercise.tales import Linked, Moved
from releve.exercise.world import Emission
from releve.hospital.map import HospitalMap

__all__ = ["Engine", "share_out", "wards_of_islands"]


def wards_of_islands(hospital: HospitalMap, origins: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the UF codes each island keeps: buildings are dealt out, so that no building has two islands."""
    buildings = [building.code for building in hospital.buildings]
    return {
        origin: tuple(
            ward.code for ward in hospital.wards if ward.building in buildings[number :: len(origins)]
        )
        for number, origin in enumerate(origins)
    }


class Engine:
    """Knows where each patient lies, by what it was asked to carry so far; `wards` is what each island keeps."""

    def __init__(self, wards: Mapping[str, Iterable[str]]) -> None:
        self._island = {ward: origin for origin, kept in wards.items() for ward in kept}
        self._first = next(iter(wards))
        self._lies: dict[str, str] = {}  # patient number → island

    def island_for(self, emission: Emission) -> str:
        """Return which island is told this message."""
        numbers = [number for tale in emission.tells for number in tale.numbers() if number in self._lies]
        to = self._lies[numbers[0]] if numbers else self._first
        for tale in emission.tells:
            if isinstance(tale, Moved) and tale.ward in self._island:
                to = self._lies[tale.ipp] = self._island[tale.ward]
            elif isinstance(tale, Linked):
                self._lies[tale.ipp] = to
        return to


def share_out(emissions: Iterable[Emission], wards: Mapping[str, Iterable[str]]) -> dict[str, list[Emission]]:
    """Return what each island is told, in order."""
    engine = Engine(wards)
    shared: dict[str, list[Emission]] = {origin: [] for origin in wards}
    for emission in emissions:
        shared[engine.island_for(emission)].append(emission)
    return shared
