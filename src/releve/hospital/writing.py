"""When a department of Relève may be written in, ward by ward. Pure.

It opens only while it is the one place where the ward writes for a care function: see `status.where_to_write`. What
was *done* while it was open is taken whenever it arrives (paper found later, a machine that was offline): a late act.
Source: DESIGN §2, idea 4.
"""

from collections.abc import Iterable

import msgspec

from releve.hospital.map import Directory
from releve.hospital.status import StatusDeclaration, Statuses, WriteHere, where_to_write

__all__ = ["OPEN_DEPARTMENTS", "Opening", "Timing", "opening", "timing"]

# Departments that are built: where the application they stand in for is down, they are open for writing.
OPEN_DEPARTMENTS: frozenset[str] = frozenset({"admissions", "prescribing", "observations", "documents"})


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a ward writes here now for a care function; `where` names the one place in any case."""

    function: str
    ward: str
    where: WriteHere

    @property
    def open(self) -> bool:
        """The department of Relève is the place to write."""
        return self.where.kind == "releve"

    @property
    def applications(self) -> tuple[str, ...]:
        """The applications it stands in for: what is recorded here goes back to them."""
        return self.where.down


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """Whether an act may be recorded: `accepted`, and `late` when writing is no longer open, only was when it was done.

    `applications` are those that were down when it was done, or are now.
    """

    accepted: bool
    late: bool
    applications: tuple[str, ...]
    where: WriteHere


def opening(
    function: str,
    ward: str,
    directory: Directory,
    statuses: Statuses,
    departments: frozenset[str] | None = None,
) -> Opening:
    """Return where a ward writes for a care function at the moment of `statuses`."""
    departments = OPEN_DEPARTMENTS if departments is None else departments
    where = where_to_write(function, ward, directory, statuses, departments)
    return Opening(function=function, ward=ward, where=where)


def timing(
    function: str,
    ward: str,
    directory: Directory,
    declarations: Iterable[StatusDeclaration],
    *,
    happened_us: int,
    now_us: int,
    departments: frozenset[str] | None = None,
) -> Timing:
    """Return whether what was done in a ward at `happened_us` may be recorded at `now_us`."""
    said = list(declarations)
    now = opening(function, ward, directory, Statuses(said, directory, at_us=now_us), departments)
    then = (
        now
        if happened_us >= now_us
        else opening(function, ward, directory, Statuses(said, directory, at_us=happened_us), departments)
    )
    return Timing(
        accepted=now.open or then.open,
        late=not now.open and then.open,
        applications=(now if now.open else then).applications,
        where=now.where,
    )
