"""The workstations of each ward as a batch of the case: how many, what it takes, which share of all they are. Pure.

How many is what the fleet counts; of a ward nobody has counted it is supposed.
"""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import NamedTuple

from releve.hospital.map import Directory, Ward
from releve.restoration.case import Application, Need, Share, Task
from releve.restoration.catalogue.matching import Match
from releve.restoration.catalogue.template_tasks import task_id, template_tasks
from releve.restoration.catalogue.templates.offices import BATCH

__all__ = ["Batches", "batch_id", "batches_of", "image_of", "machines_of", "ward_of"]

_MACHINES_OF_A_TEMPLATE = 10  # the batch template counts hours for ten machines
_MACHINES_A_BED = 0.6  # estimate by the project
_MACHINES_WITHOUT_BEDS = 15  # of a ward without beds: consultations, technical departments, offices
_FIRST_WARD = 2.0  # a machine of the ward that comes first weighs so much more than one of the last: estimate
_PREFIX = "WS-"


class Batches(NamedTuple):
    """The batches of a hospital: applications, their tasks, and the share of all workstations that each is."""

    applications: tuple[Application, ...]
    tasks: tuple[Task, ...]
    shares: tuple[Share, ...]


def machines_of(ward: Ward, beds: int) -> int:
    """Return how many workstations a ward is supposed to have, until somebody has counted."""
    return max(2, ceil(beds * _MACHINES_A_BED)) if beds else _MACHINES_WITHOUT_BEDS


def batch_id(ward: str) -> str:
    """Return the id of the workstations of a ward, as an application of the case."""
    return f"{_PREFIX}{ward}"


def ward_of(application: Application) -> str:
    """Return the ward whose workstations this is, "" for any other application."""
    own = application.kind == "workstations" and application.id.startswith(_PREFIX)
    return application.id.removeprefix(_PREFIX) if own else ""


def image_of(matches: Mapping[str, Match]) -> str:
    """Return the application that gives workstations their image, "" where there is none."""
    return next((code for code, each in matches.items() if each.template.code == "workstation-image"), "")


def batches_of(
    directory: Directory,
    image: str,
    machines: Mapping[str, int],
    *,
    language: str,
    turn: Sequence[str] = (),
    supposed: bool = True,
) -> Batches:
    """Return the batch of each ward. `machines`: how many workstations the fleet counts in a ward.

    `turn`: the wards in the order in which they are to have their machines back; what they return weighs more the
    earlier they stand in it. `supposed`: wards nobody has counted have the usual number.
    """
    lines: list[tuple[str, Application, int]] = []
    tasks: list[Task] = []
    for ward in directory.map.wards:
        usual = machines_of(ward, len(directory.beds_of(ward.code))) if supposed else 0
        number = machines.get(ward.code, usual)
        if number <= 0:
            continue
        id_ = batch_id(ward.code)
        waiting = task_id(id_, "workstations")
        line = Application(
            id=id_,
            name=f"{BATCH.name.said(language)} {ward.code} {ward.name} ({number})",
            kind="workstations",
            tier=BATCH.tier,
            needs=(Need(application=image, before=waiting),) if image else (),
            owner=BATCH.owner.said(language),
        )
        lines.append((ward.code, line, number))
        tasks += template_tasks(id_, BATCH, language, factor=number / _MACHINES_OF_A_TEMPLATE)
    return Batches(tuple(line for _, line, _ in lines), tuple(tasks), _shares(lines, turn))


def _shares(lines: Sequence[tuple[str, Application, int]], turn: Sequence[str]) -> tuple[Share, ...]:
    """Return which share of all workstations each batch is, rounded down so that they never add up to more than 1."""
    place = {ward: number for number, ward in enumerate(turn)}
    last = max(len(turn) - 1, 1)

    def weight(ward: str) -> float:
        if not turn:
            return 1.0
        return _FIRST_WARD - (_FIRST_WARD - 1) * min(place.get(ward, last), last) / last

    weighed = [(line, number * weight(ward)) for ward, line, number in lines]
    total = sum(number for _, number in weighed)
    return tuple(
        Share(application=line.id, share=int(number * 10**6 / total) / 10**6)
        for line, number in weighed
        if number * 10**6 >= total
    )
