"""The truth of a simulated hospital: what all messages sent (or acknowledged) until a moment say, taken together.

It is computed from tales, not from bytes, and in another way than the island's fold, so that both can be compared.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field

from releve.exercise.tales import (
    AllergiesTold,
    AppointmentTold,
    DocumentTold,
    DoseTold,
    LineTold,
    Linked,
    Moved,
    OrderTold,
    PersonTold,
    ResultTold,
    Tale,
    VisitMoved,
)
from releve.exercise.world import Emission


@dataclass(frozen=True)
class Whereabouts:
    """Where a visit stands: the last movement that was not taken back."""

    ipp: str
    visit: str
    status: str  # planned, present, leave, left, cancelled
    ward: str
    room: str
    bed: str
    since_us: int


@dataclass
class Snapshot:
    """What is true at a moment. Persons are named by the number they were last told under, see `stands_for`."""

    persons: dict[str, PersonTold] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)  # other → the one that stays
    visits: dict[str, Whereabouts] = field(default_factory=dict)
    allergies: dict[str, tuple[str, ...]] = field(default_factory=dict)
    lines: dict[str, LineTold] = field(default_factory=dict)
    doses: dict[tuple[str, int], DoseTold] = field(default_factory=dict)
    results: dict[tuple[str, str], ResultTold] = field(default_factory=dict)  # filler, LOINC
    orders: dict[str, OrderTold] = field(default_factory=dict)
    appointments: dict[str, AppointmentTold] = field(default_factory=dict)
    documents: dict[str, DocumentTold] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)  # every patient number of any message

    def stands_for(self, ipp: str) -> str:
        """Return the number that stands for this one after merges and new numbers."""
        seen = {ipp}
        while ipp in self.links and self.links[ipp] not in seen:
            ipp = self.links[ipp]
            seen.add(ipp)
        return ipp

    def present(self) -> dict[str, Whereabouts]:
        """Return the visits of those present or on leave, by visit number."""
        return {visit: where for visit, where in self.visits.items() if where.status in ("present", "leave")}

    def ward(self, code: str) -> list[Whereabouts]:
        """Return who is in a ward, by bed."""
        here = [where for where in self.present().values() if where.ward == code]
        return sorted(here, key=lambda where: (where.room, where.bed, where.visit))

    def active_lines(self, visit: str) -> list[LineTold]:
        """Return the lines of a visit that were not stopped."""
        return [line for line in self.lines.values() if line.visit == visit and line.status != "stopped"]


class Truth:
    """Remembers tales in the order in which their messages arrived, and adds them up."""

    def __init__(self) -> None:
        self._sent_us: list[int] = []
        self._tales: list[tuple[Tale, ...]] = []

    def remember(self, emission: Emission) -> None:
        """Keep what a message told; messages are given in the order in which they were sent."""
        if emission.tells:
            self._sent_us.append(emission.at_us)
            self._tales.append(emission.tells)

    def at(self, at_us: int) -> Snapshot:
        """Return what was true, by all messages sent until `at_us`."""
        return snapshot(tale for tells in self._tales[: bisect_right(self._sent_us, at_us)] for tale in tells)

    def all(self) -> Snapshot:
        """Return what is true by everything remembered."""
        return snapshot(tale for tells in self._tales for tale in tells)


def snapshot(tales: Iterable[Tale]) -> Snapshot:
    """Return the sum of tales, in whatever order they come: of two about one thing the younger counts."""
    made = Snapshot()
    moves: dict[str, dict[str, Moved]] = {}
    allergies: dict[str, AllergiesTold] = {}
    owners: dict[str, VisitMoved] = {}
    links: dict[str, Linked] = {}
    for tale in tales:
        made.named.update(tale.numbers())
        if isinstance(tale, Moved):
            steps = moves.setdefault(tale.visit, {})
            if tale.number not in steps or not steps[tale.number].cancelled:
                steps[tale.number] = tale
        elif isinstance(tale, PersonTold):
            _keep(made.persons, tale.ipp, tale)
        elif isinstance(tale, AllergiesTold):
            _keep(allergies, tale.ipp, tale)
        elif isinstance(tale, LineTold):
            _keep(made.lines, tale.placer, tale)
        elif isinstance(tale, DoseTold):
            made.doses[tale.placer, tale.given_us] = tale
        elif isinstance(tale, ResultTold):
            _keep(made.results, (tale.filler, tale.code), tale)
        elif isinstance(tale, OrderTold):
            _keep(made.orders, tale.placer, tale)
        elif isinstance(tale, AppointmentTold):
            _keep(made.appointments, tale.number, tale)
        elif isinstance(tale, DocumentTold):
            made.documents[tale.number] = tale
        elif isinstance(tale, Linked):
            _keep(links, tale.other, tale)
        elif isinstance(tale, VisitMoved):
            _keep(owners, tale.visit, tale)
    made.links = {other: link.ipp for other, link in links.items()}
    made.allergies = {ipp: told.labels for ipp, told in allergies.items()}
    for visit, steps in moves.items():
        owner = owners.get(visit)
        made.visits[visit] = _whereabouts(visit, list(steps.values()), owner)
    return made


def _keep(known: dict, key: object, tale: Tale) -> None:
    before = known.get(key)
    if before is None or tale.at_us >= before.at_us:
        known[key] = tale


def _whereabouts(visit: str, steps: list[Moved], owner: VisitMoved | None) -> Whereabouts:
    standing = [step for step in steps if not step.cancelled]
    last_said = max(steps, key=lambda step: step.at_us)
    ipp = owner.ipp if owner and owner.at_us >= last_said.at_us else last_said.ipp
    if not standing:
        return Whereabouts(ipp, visit, "cancelled", "", "", "", last_said.happened_us)
    last = max(standing, key=lambda step: (step.happened_us, step.number))
    status = {"A03": "left", "A05": "planned", "A21": "leave"}.get(last.event, "present")
    return Whereabouts(ipp, visit, status, last.ward, last.room, last.bed, last.happened_us)
