"""Which application is live, down or restored in which ward, and so the one place where each ward writes.

Pure. A status is declared for a ward, a building or the whole hospital; what a ward sees is computed from all
declarations, in any order, so that every island that holds the same ones says the same.

The rule, chosen so that a doubt is read as *down*: one of *down* stands until another one, of *live*
or *restored*, that covers the same ward, was said no earlier and takes effect later.
"""

from collections.abc import Iterable, Sequence, Set
from typing import Literal

import msgspec

from releve.hospital.care import DEPARTMENTS, care_function, form_label
from releve.hospital.map import Directory

State = Literal["live", "down", "restored"]
PlaceKind = Literal["ward", "building", "all"]

# Wider places come first: at the same instant the narrower one is the better informed.
_NARROWNESS: dict[str, int] = {"all": 0, "building": 1, "ward": 2}


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a status holds: one ward, one building, or all the hospital (`code` empty)."""

    kind: PlaceKind
    code: str = ""

    def covers(self, ward: str, directory: Directory) -> bool:
        """Return whether the ward lies in this place; a ward unknown to the map has no building."""
        if self.kind == "all":
            return True
        if self.kind == "ward":
            return self.code == ward
        building = directory.building_of(ward)
        return building is not None and building.code == self.code


EVERYWHERE = Place(kind="all")


class StatusDeclaration(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody declared about applications in places.

    `since_us` is when the status began, or will begin (an announced switch); `declared_us` when it was said.
    `order_key` breaks ties the same way on every island (log, index).

    `wards_only`: where it counts when not everywhere: what another island said without the managers' signatures
    counts in the wards it keeps, and is only *claimed* elsewhere. `withdrawn_in`: wards where it was taken back.
    `answers`: the declarations of *down* that were known where it was said.
    """

    id: str
    applications: tuple[str, ...]
    places: tuple[Place, ...]
    status: State
    since_us: int
    declared_us: int
    order_key: tuple[str, int] = ("", 0)
    by: str = ""
    confirmed: bool = False
    withdrawn: bool = False
    switch_us: int | None = None  # of *restored*: from when the wards write there again; None: at once
    wards_only: frozenset[str] | None = None
    withdrawn_in: frozenset[str] = frozenset()
    answers: tuple[str, ...] = ()

    @property
    def origin(self) -> str:
        """The island that said it."""
        return self.order_key[0].partition("/")[0]

    def counts_in(self, ward: str) -> bool:
        """Tell whether it is to be heeded in this ward at all."""
        return (
            not self.withdrawn
            and ward not in self.withdrawn_in
            and (self.wards_only is None or ward in self.wards_only)
        )

    @property
    def effective_us(self) -> int:
        """When it takes effect: never before it was said."""
        return max(self.since_us, self.declared_us)


class StatusLine(msgspec.Struct, frozen=True, kw_only=True):
    """The status of one application as one ward sees it.

    `since_us` is None when nobody ever declared anything: it is then live, as on any ordinary day.
    `next_change_us` is the next announced switch, None when none is announced.
    """

    application: str
    ward: str
    status: State = "live"
    since_us: int | None = None
    declared_us: int | None = None
    declared_by: str = ""
    confirmed: bool = True
    declarations: tuple[str, ...] = ()
    place: Place | None = None
    next_change_us: int | None = None
    switch_us: int | None = None

    def written_at(self, at_us: int | None) -> bool:
        """Return whether the ward writes in the application: not while it is down, nor before its announced switch."""
        if self.status != "restored" or self.switch_us is None or at_us is None:
            return self.status != "down"
        return at_us >= self.switch_us


def status_at(
    declarations: Iterable[StatusDeclaration],
    application: str,
    ward: str,
    directory: Directory,
    *,
    at_us: int | None = None,
) -> StatusLine:
    """Return what the ward sees of the application at `at_us`; None means after every announced switch.

    While several declarations of *down* stand, `since_us` is the earliest, `declared_by` the last to say so,
    and it is confirmed once one of them is.
    """
    here = [
        (declaration, place)
        for declaration in declarations
        if declaration.counts_in(ward)
        and application in declaration.applications
        and (place := _narrowest(declaration.places, ward, directory)) is not None
    ]
    line = _line(here, application, ward, at_us)
    if at_us is None:
        return line
    moments = {declaration.since_us for declaration, _ in here}
    moments |= {declaration.switch_us for declaration, _ in here if declaration.switch_us is not None}
    for moment in sorted(moment for moment in moments if moment > at_us):
        then = _line(here, application, ward, moment)
        if then.status != line.status or then.written_at(moment) != line.written_at(at_us):
            return msgspec.structs.replace(line, next_change_us=moment)
    return line


def _line(
    here: Sequence[tuple[StatusDeclaration, Place]], application: str, ward: str, at_us: int | None
) -> StatusLine:
    begun = [(said, place) for said, place in here if at_us is None or said.since_us <= at_us]
    ups = [pair for pair in begun if pair[0].status != "down"]
    standing = [
        pair for pair in begun if pair[0].status == "down" and not any(_answers(up, pair[0]) for up, _ in ups)
    ]
    candidates = standing or ups
    if not candidates:
        return StatusLine(application=application, ward=ward)
    last, place = max(candidates, key=_rank)
    said = [declaration for declaration, _ in standing] or [last]
    return StatusLine(
        application=application,
        ward=ward,
        status=last.status,
        since_us=min(declaration.since_us for declaration in said),
        declared_us=last.declared_us,
        declared_by=last.by,
        confirmed=any(declaration.confirmed for declaration in said),
        declarations=tuple(sorted(declaration.id for declaration in said)),
        place=place,
        switch_us=last.switch_us if last.status == "restored" else None,
    )


def _answers(up: StatusDeclaration, down: StatusDeclaration) -> bool:
    """Whether `up` ends `down`: said in knowledge of it, and taking effect after, not at the same instant.

    On one island the later word knows the earlier; of another island's it must say that it was known: while a network
    is cut two cells may decide at once, and the doubt is then read as *down*.
    """
    if up.origin != down.origin and down.id not in up.answers:
        return False
    return up.declared_us >= down.declared_us and up.effective_us > down.effective_us


def _rank(pair: tuple[StatusDeclaration, Place]) -> tuple[int, int, int, tuple[str, int], str]:
    said, place = pair
    return said.effective_us, said.declared_us, _NARROWNESS[place.kind], said.order_key, said.id


def _narrowest(places: Sequence[Place], ward: str, directory: Directory) -> Place | None:
    covering = [place for place in places if place.covers(ward, directory)]
    return max(covering, key=lambda place: _NARROWNESS[place.kind], default=None)


class Statuses:
    """All declarations, asked at one moment; answers are kept, so build a new one when the moment moves."""

    def __init__(
        self, declarations: Iterable[StatusDeclaration], directory: Directory, *, at_us: int | None = None
    ) -> None:
        self.directory = directory
        self.at_us = at_us
        self._of_application: dict[str, list[StatusDeclaration]] = {}
        for declaration in declarations:
            for application in declaration.applications:
                self._of_application.setdefault(application, []).append(declaration)
        self._lines: dict[tuple[str, str], StatusLine] = {}

    def at(self, application: str, ward: str) -> StatusLine:
        """Return what a ward sees of an application."""
        key = application, ward
        if key not in self._lines:
            said = self._of_application.get(application, ())
            self._lines[key] = status_at(said, application, ward, self.directory, at_us=self.at_us)
        return self._lines[key]

    def down(self, ward: str) -> tuple[StatusLine, ...]:
        """Return the applications down in a ward, in the order of the map, unknown ones last."""
        known = [code for code in self.directory.applications if code in self._of_application]
        unknown = sorted(code for code in self._of_application if code not in self.directory.applications)
        lines = (self.at(code, ward) for code in (*known, *unknown))
        return tuple(line for line in lines if line.status == "down")

    def wards_down(self, application: str) -> tuple[str, ...]:
        """Return the wards in which an application is down, in the order of the map."""
        if application not in self._of_application:
            return ()
        return tuple(code for code in self.directory.wards if self.at(application, code).status == "down")


class WriteHere(msgspec.Struct, frozen=True, kw_only=True):
    """The one place where a ward writes for one care function.

    `code` is an application, a department of Relève, or a kind of numbered paper form.
    `down` are the applications that would have been written to.
    """

    function: str
    ward: str
    kind: Literal["application", "releve", "paper"]
    code: str
    name: str = ""  # of the application; departments and forms are named by `label`
    status: State | None = None  # of the application written to
    down: tuple[str, ...] = ()
    since_us: int | None = None
    confirmed: bool = True
    next_change_us: int | None = None

    def label(self, language: str) -> str:
        """Return the name of the place to write, in French for `fr`, in English otherwise."""
        if self.kind == "application":
            return self.name
        if self.kind == "paper":
            return form_label(self.code, language)
        department = DEPARTMENTS.get(self.code)
        return department.label(language) if department else self.code


def where_to_write(
    function: str, ward: str, directory: Directory, statuses: Statuses, open_departments: Set[str]
) -> WriteHere:
    """Return the one place where a ward writes for a care function.

    The application that carries it and is not down here (the one made for the ward before the one for all);
    else the department of Relève, when it is open for writing in this ward; else the numbered paper forms.
    A restored application is written to from its announced switch on: what was written meanwhile reaches it by the
    handback, not by hand.
    """
    carriers = directory.applications_carrying(function, ward)
    lines = [statuses.at(carrier.code, ward) for carrier in carriers]
    down = tuple(line.application for line in lines if not line.written_at(statuses.at_us))
    for carrier, line in zip(carriers, lines, strict=True):
        if line.written_at(statuses.at_us):
            return WriteHere(
                function=function,
                ward=ward,
                kind="application",
                code=carrier.code,
                name=carrier.name,
                status=line.status,
                down=down,
                since_us=line.since_us,
                confirmed=line.confirmed,
                next_change_us=line.next_change_us,
            )
    named = care_function(function)
    stands_in = bool(named.department) and named.department in open_departments
    changes = [line.next_change_us for line in lines if line.next_change_us is not None]
    starts = [line.since_us for line in lines if line.since_us is not None]
    return WriteHere(
        function=function,
        ward=ward,
        kind="releve" if stands_in else "paper",
        code=named.department if stands_in else named.form,
        down=down,
        since_us=max(starts, default=None),
        confirmed=all(line.confirmed for line in lines),
        next_change_us=min(changes, default=None),
    )
