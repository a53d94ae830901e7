"""The catalogue of the demonstration hospital, as its templates make it from the map, and a first plan asked for."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import msgspec

from releve.exercise.demo_fleet import demo_fleet
from releve.hospital.map import HospitalMap
from releve.journal.entry import Draft
from releve.restoration.catalogue.first import first_case
from releve.restoration.facts import LineSaid, LinesSaid, PlanAsked
from releve.restoration.standing.lines import lines_of

__all__ = ["demo_restoration"]

PLAN_SECONDS = 20.0  # on a machine that also shows a living hospital


def demo_restoration(hospital: HospitalMap, now: datetime) -> Sequence[Draft]:
    """Return the entries: the catalogue in one, the request for a plan in another."""
    counted = Counter(one.ward for one in demo_fleet() if one.kind == "workstation")
    # Hours count from a whole one: a holiday begins at midnight, not at seven minutes past.
    begins = now.replace(minute=0, second=0, microsecond=0)
    lines = tuple(
        LineSaid(what=line.what, id=line.id, value=line.value)  # type: ignore[arg-type]
        for line in lines_of(first_case(hospital, begins, machines=counted))
    )
    said = LinesSaid(lines=lines, come_from="map", by="demo", by_name="Relève")
    asked = PlanAsked(seconds=PLAN_SECONDS, by="demo", by_name="Relève")
    return [
        Draft(kind="restoration.lines.1", body=msgspec.msgpack.encode(said), source="init"),
        Draft(kind="restoration.plan-asked.1", body=msgspec.msgpack.encode(asked), source="init"),
    ]
