"""Which applications may not be declared back yet: a gate without evidence, nobody who stands by it. Needs Django."""

from collections.abc import Iterable, Sequence

from releve.hospital.map import Directory
from releve.hospital.status import StatusDeclaration, Statuses
from releve.restoration.rules import withheld
from releve.restoration.standing.now import cut_now, restoration_now
from releve.restoration.tables import Adopted

__all__ = ["withheld_now"]


def withheld_now(
    *,
    status: str,
    applications: Iterable[str],
    said: Sequence[StatusDeclaration],
    statuses: Statuses,
    directory: Directory,
    now_ms: int,
) -> dict[str, str]:
    """Return those of these applications that cannot have this status yet, and why: "gate" or "signature".

    Nothing is held back where no plan is in force: a breakdown of one application has none.
    """
    if status == "down" or not Adopted.objects.exists():
        return {}
    cut = cut_now(said, statuses, directory)
    if cut is None:
        return {}
    now = restoration_now(now_ms=now_ms, cut=cut)
    if now.in_force is None:
        return {}
    return withheld(
        status=status,
        applications=applications,
        tasks=now.case.tasks,
        now=now.tasks,
        planned={one.id for one in now.in_force.plan.applications},
        signed=set(now.signed),
    )
