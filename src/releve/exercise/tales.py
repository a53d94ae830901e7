"""What a message truly says, in a few plain structs, so that a test can hold the island's views against it.

Every tale carries `at_us`, when its sender wrote it (MSH-7): of two about the same thing the younger counts, in
whatever order they arrive. Instants are microseconds since 1970.
"""

import msgspec


class Tale(msgspec.Struct, frozen=True, gc=False):
    """One thing a message says."""

    at_us: int

    def numbers(self) -> tuple[str, ...]:
        """Return the patient numbers it names."""
        return (getattr(self, "ipp", ""),)


class Named(Tale, frozen=True, gc=False):
    """Somebody whom a message names; what it says of her besides is held against nothing."""

    ipp: str


class PersonTold(Tale, frozen=True, gc=False):
    """Traits of a person (A28, A31, admissions)."""

    ipp: str
    family: str  # birth name
    used: str
    given: str
    birth: str  # as received: 1945, 194507 or 19450714
    sex: str
    status: str  # PID-32, repetitions joined by a comma


class AllergiesTold(Tale, frozen=True, gc=False):
    """The allergies as stated in one message; empty labels mean that none is known, which was asked."""

    ipp: str
    labels: tuple[str, ...]


class Moved(Tale, frozen=True, gc=False):
    """A movement of a visit (ZBE): where somebody is from `happened_us` on."""

    ipp: str
    visit: str
    number: str
    event: str
    happened_us: int
    ward: str
    room: str
    bed: str
    cancelled: bool = False


class Linked(Tale, frozen=True, gc=False):
    """`ipp` stands for `other` from now on: a merge (A40) or a new number (A47)."""

    ipp: str
    other: str
    kind: str

    def numbers(self) -> tuple[str, ...]:
        """Return both numbers."""
        return self.ipp, self.other


class VisitMoved(Tale, frozen=True, gc=False):
    """A visit was on the wrong person (A44)."""

    visit: str
    ipp: str
    was: str

    def numbers(self) -> tuple[str, ...]:
        """Return both numbers."""
        return self.ipp, self.was


class LineTold(Tale, frozen=True, gc=False):
    """A medication line: active, suspended or stopped."""

    ipp: str
    visit: str
    placer: str
    status: str
    label: str
    dose: str


class DoseTold(Tale, frozen=True, gc=False):
    """A dose charted: given, partial, omitted or refused."""

    ipp: str
    placer: str
    given_us: int
    status: str


class ResultTold(Tale, frozen=True, gc=False):
    """A result of one sample; `flag` as sent (H, L, HH, LL, A or empty)."""

    ipp: str
    filler: str
    code: str  # LOINC
    value: str
    status: str  # P, F or C
    flag: str
    sampled_us: int


class OrderTold(Tale, frozen=True, gc=False):
    """An order placed with the laboratory or imaging."""

    ipp: str
    placer: str
    department: str
    status: str  # requested, completed, cancelled


class AppointmentTold(Tale, frozen=True, gc=False):
    """An appointment: booked, moved, cancelled or noshow."""

    ipp: str
    number: str
    status: str
    start_us: int


class DocumentTold(Tale, frozen=True, gc=False):
    """A document, and the one it replaces."""

    ipp: str
    number: str
    parent: str
