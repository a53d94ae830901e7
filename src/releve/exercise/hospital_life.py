"""A simulated hospital that lives through time: what its applications would send, in order, the same for a seed.

`live()` gives some hours of life after the past of those already in bed; `stream()` gives messages by number, for
measures. `HospitalLife` also keeps the truth, so that a test can hold the island's views against it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from releve.exercise.admissions import Admissions
from releve.exercise.arrivals import Arrivals
from releve.exercise.documents import Documents
from releve.exercise.house import House
from releve.exercise.identities import Identities
from releve.exercise.imaging import Imaging
from releve.exercise.laboratory import Laboratory
from releve.exercise.people import Registry
from releve.exercise.prescriptions import Prescriptions
from releve.exercise.stays import Stay
from releve.exercise.truth import Snapshot, Truth
from releve.exercise.world import HOUR, Emission, World
from releve.hospital.map import HospitalMap

# A measure has to begin somewhere: a Monday, so that the same count is the same days for everybody.
STREAM_START = datetime(2026, 1, 5, tzinfo=UTC)


class HospitalLife:
    """One hospital, one seed, one start. Iterate `run()` once; `truth` holds what was sent so far when kept."""

    def __init__(
        self,
        hospital: HospitalMap,
        *,
        seed: int,
        start: datetime,
        occupancy: float = 0.93,
        warm_up_hours: float = 3.0,
        keep_truth: bool = False,
    ) -> None:
        self.start_us = int(start.timestamp()) * 1_000_000
        warm = int(start.timestamp()) - int(warm_up_hours * HOUR)
        self.world = world = World(hospital, seed=seed, start=warm)
        self.house = house = House(world)
        year = int(world.stamps.date(warm)[:4])
        self.registry = Registry(world.rng, prefix=f"8{world.run_number:04d}", this_year=year)
        self.identities = Identities(world, house, self.registry)
        self.admissions = Admissions(world, house, self.identities)
        self.arrivals = Arrivals(world, house, self.registry, self.identities, self.admissions)
        self._laboratory = Laboratory(world, house)
        self._imaging = Imaging(world, house)
        self._documents = Documents(world, house)
        self._prescriptions = Prescriptions(world, house)
        self.admissions.settled_in.append(self._care_begins)
        self.admissions.left += [self._prescriptions.end, self._documents.end]
        self.truth = Truth() if keep_truth else None
        self.arrivals.fill(occupancy)
        self.arrivals.begin()

    def _care_begins(self, stay: Stay) -> None:
        rng, world = self.world.rng, self.world
        urgent = stay.klass == "E" or stay.place.kind == "critical"
        wait = rng.randint(5, 25) if urgent else rng.randint(20, 110)
        world.after(wait * 60, self._first_orders, stay)
        self._laboratory.begin(stay)
        self._imaging.begin(stay)
        self._documents.begin(stay)

    def _first_orders(self, stay: Stay) -> None:
        if stay.here:
            self._prescriptions.begin(stay)

    def run(self, hours: float | None = None) -> Iterator[Emission]:
        """Yield what is sent until `hours` after the start (without end for None), in order of time."""
        until = None if hours is None else self.start_us // 1_000_000 + int(hours * HOUR)
        for emission in self.world.run(until):
            if self.truth is not None:
                self.truth.remember(emission)
            yield emission

    def truth_at(self, at: datetime) -> Snapshot:
        """Return what was true, by all messages sent until `at`.

        Raises:
            ValueError: this life keeps no truth.
        """
        if self.truth is None:
            raise ValueError("truth_at: expected a life made with keep_truth")
        return self.truth.at(int(at.timestamp() * 1_000_000))


def live(
    hospital: HospitalMap,
    *,
    seed: int,
    start: datetime,
    hours: float,
    occupancy: float = 0.93,
    warm_up_hours: float = 3.0,
) -> Iterator[Emission]:
    """Yield `hours` of life, in order of time, after what explains the patients present (dated before `start`).

    `start` has a time zone. The same arguments give the same bytes. No stamp of a past event lies after the
    moment its message leaves; those that announce (appointments, planned doses) may.
    """
    life = HospitalLife(hospital, seed=seed, start=start, occupancy=occupancy, warm_up_hours=warm_up_hours)
    return life.run(hours)


def stream(
    hospital: HospitalMap, seed: int, count: int, *, start: datetime = STREAM_START, occupancy: float = 0.93
) -> Iterator[tuple[str, bytes]]:
    """Yield `count` messages (feed code, bytes) of as many simulated days as it takes; patients come and go."""
    left = count
    if left <= 0:
        return
    for emission in HospitalLife(hospital, seed=seed, start=start, occupancy=occupancy).run():
        yield emission.feed_code, emission.payload
        left -= 1
        if left <= 0:
            return
