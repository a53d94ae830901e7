"""Where each visit is: derived from its movements, after the rows are written.

`place_of` is pure; `derive_whereabouts` reads the movements of the visits that changed and writes the answer.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import msgspec

from releve.views.reading import Touched

__all__ = ["Step", "Whereabouts", "derive_whereabouts", "place_of"]

PLACE = ("ward", "room", "bed", "building", "medical_ward", "care_ward")
# Event -> what the visit is after it (HL7 v2.5 §3.3; A06/A07 change the class, the person stays).
AFTER = {
    "A01": "present", "A04": "present", "A02": "present", "A06": "present", "A07": "present", "A22": "present",
    "A08": "present", "A05": "planned", "A14": "planned", "A21": "leave", "A03": "left", "Z99": "present",
}  # fmt: skip
UNDONE_BY = {
    "A11": ("A01", "A04"),
    "A12": ("A02",),
    "A13": ("A03",),
    "A38": ("A05",),
    "A52": ("A21",),
    "A53": ("A22",),
}


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One movement, as the derivation reads it."""

    number: str
    event: str
    status: str
    happened_at: int | None
    stamp: int
    ward: str | None = None
    room: str | None = None
    bed: str | None = None
    building: str | None = None
    medical_ward: str | None = None
    care_ward: str | None = None


class Whereabouts(msgspec.Struct, frozen=True, kw_only=True):
    """What a visit is, and where."""

    status: str  # planned, present, leave, left, cancelled, unknown
    since_at: int | None = None
    left_at: int | None = None
    ward: str | None = None
    room: str | None = None
    bed: str | None = None
    building: str | None = None
    medical_ward: str | None = None
    care_ward: str | None = None


def place_of(steps: Iterable[Step]) -> Whereabouts:
    """Return where a visit is after `steps`, whatever the order in which they are given.

    A place told without movement ("seen") only counts while no movement is known.
    """
    every = sorted(steps, key=lambda step: (step.happened_at or step.stamp, step.stamp, step.number))
    standing: list[Step] = []
    undone = False
    for step in every:
        if step.status == "cancelled":
            undone = True
        elif step.event in UNDONE_BY and step.number != "seen":
            undone = True
            for earlier in reversed(standing):
                if earlier.event in UNDONE_BY[step.event]:
                    standing.remove(earlier)
                    break
        elif step.number not in ("seen", "account"):
            standing.append(step)
    if not standing:
        seen = [step for step in every if step.number == "seen" and step.status == "active"]
        if seen and not undone:
            standing = seen[-1:]
        else:
            return Whereabouts(status="cancelled" if undone else "unknown")
    last = standing[-1]
    place: dict[str, str | None] = {}
    since: int | None = None
    for step in standing:
        # Leaving does not empty the place: one still reads from where somebody left.
        if step.ward is not None and AFTER.get(step.event, "present") != "left":
            here = {name: getattr(step, name) for name in PLACE}
            if any(here[name] != place.get(name) for name in ("ward", "room", "bed")):
                since = step.happened_at or step.stamp
            place = {
                name: here[name] or place.get(name) if name.endswith("_ward") else here[name]
                for name in PLACE
            }
    if not place and last.ward is not None:
        place = {name: getattr(last, name) for name in PLACE}
    status = AFTER.get(last.event, "present")
    left_at = (last.happened_at or last.stamp) if status == "left" else None
    return Whereabouts(status=status, since_at=since, left_at=left_at, **place)


def derive_whereabouts(cursor: Any, touched: Touched) -> None:
    """Write status and place of every visit whose movements were touched."""
    visits = {values["visit"] for _, values in touched.rows["record_movement"] if values.get("visit")}
    for part in _parts(sorted(visits)):
        marks = ", ".join(["%s"] * len(part))
        steps: dict[str, list[Step]] = defaultdict(list)
        cursor.execute(
            "SELECT visit, number, event, status, happened_at, stamp, "  # noqa: S608
            f"ward, room, bed, building, medical_ward, care_ward FROM record_movement WHERE visit IN ({marks})",
            part,
        )
        for visit, number, event, status, happened_at, stamp, *place in cursor.fetchall():
            steps[visit].append(
                Step(
                    number=number, event=event or "", status=status or "active", happened_at=happened_at, stamp=stamp,
                    **dict(zip(PLACE, place, strict=True)),
                )
            )  # fmt: skip
        cursor.execute(f"SELECT id, visit, moved_to FROM record_encounter WHERE visit IN ({marks})", part)  # noqa: S608
        updates = []
        for encounter, visit, moved_to in cursor.fetchall():
            where = place_of(steps[visit])
            status = "moved" if moved_to else where.status
            updates.append(
                (status, where.since_at, where.left_at, *(getattr(where, name) for name in PLACE), encounter)
            )
        cursor.executemany(
            "UPDATE record_encounter SET status = %s, since_at = %s, discharged_at = COALESCE(%s, discharged_at), "
            "ward = %s, room = %s, bed = %s, building = %s, medical_ward = %s, care_ward = %s WHERE id = %s",
            updates,
        )


def _parts(items: list[str], size: int = 400) -> Iterable[list[str]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
