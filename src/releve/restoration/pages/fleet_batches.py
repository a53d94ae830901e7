"""What the fleet brings into the catalogue: the workstations it counts in each ward, as batches of the plan."""

from typing import NamedTuple

import msgspec

from releve.bedside.now import IslandNow
from releve.restoration.case import Service
from releve.restoration.catalogue.batches import batch_id, batches_of, image_of, machines_of
from releve.restoration.catalogue.matching import match
from releve.restoration.fleet.desk import wards_in_order, workstations_by_ward
from releve.restoration.standing.lines import Line, differences, line_of
from releve.restoration.standing.now import RestorationNow

__all__ = ["CountedBatches", "counted_batches"]

_WORKPLACE = "workplace"  # the care function that workstations bring back, ward by ward


class CountedBatches(NamedTuple):
    """The workstations that the fleet counts, in how many wards, and the lines of the catalogue that say so."""

    machines: int
    wards: int
    lines: tuple[Line, ...]
    differs: bool


def counted_batches(seen: RestorationNow, now: IslandNow) -> CountedBatches:
    """Return the batches as the fleet counts them. A ward nobody has counted keeps what stands in the catalogue."""
    directory = now.directory
    counted = {code: number for code, number in workstations_by_ward().items() if code in directory.wards}
    if not counted:
        return CountedBatches(0, 0, (), differs=False)
    known = {one.id: one for one in seen.case.applications}
    numbers = counted | {
        ward.code: machines_of(ward, len(directory.beds_of(ward.code)))
        for ward in directory.map.wards
        if ward.code not in counted and batch_id(ward.code) in known
    }
    image = image_of({one.code: match(one) for one in directory.map.applications if one.code in known})
    made = batches_of(
        directory,
        image,
        numbers,
        language=directory.map.language,
        turn=wards_in_order(directory),
        supposed=False,
    )
    own = {batch_id(ward) for ward in counted}
    lines = [line_of("application", one) for one in made.applications if one.id in own]
    lines += [line_of("task", one) for one in made.tasks if one.application in own]
    workplace: Service | None = next((one for one in seen.case.services if one.id == _WORKPLACE), None)
    if workplace is not None:
        lines.append(line_of("service", msgspec.structs.replace(workplace, shares=made.shares)))
    return CountedBatches(
        machines=sum(counted.values()),
        wards=len(counted),
        lines=tuple(lines),
        differs=bool(differences(seen.lines, lines, whole=False)),
    )
