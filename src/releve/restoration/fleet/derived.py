"""What follows from several rows of a machine: how it is described, how it stands, what proves it.

Written after the rows of a batch of entries, for the machines they touched; the same rows give the same machine,
in whatever order they came.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec

from releve.record.crossed import Saying, side_by_side, standing
from releve.restoration.fleet.facts import KINDS, MachineKind
from releve.restoration.fleet.state import MachineNow, Step, machine_now
from releve.views.parts import in_parts
from releve.views.reading import Touched

__all__ = ["DERIVED_FROM", "derive_machines"]

DERIVED_FROM = ("fleet_described", "fleet_step", "fleet_report")
_DESCRIPTION = ("name", "kind", "ward", "building", "room", "network", "serial")
_UPDATE = (
    "UPDATE fleet_machine SET name = %s, kind = %s, ward = %s, building = %s, room = %s, network = %s, serial = %s, "
    "described = %s, described_twice = %s, state = %s, state_at = %s, standing = %s, two = %s, claimed = %s, "
    "image_sha256 = %s, report = %s, last_at = %s, last_by = %s, last_place = %s WHERE id = %s"
)


def derive_machines(cursor: Any, touched: Touched) -> None:
    """Write how the machines stand that these entries spoke of, or whose report has only come now."""
    tags = {str(columns["tag"]) for table in DERIVED_FROM[:2] for _id, columns in touched.rows[table]}
    reports = [id_ for id_, _columns in touched.rows["fleet_report"]]
    for part in in_parts(reports):
        cursor.execute(f"SELECT DISTINCT tag FROM fleet_step WHERE report IN ({_marks(part)})", part)  # noqa: S608
        tags |= {tag for (tag,) in cursor.fetchall()}
    for part in in_parts(sorted(tags)):
        cursor.executemany(_UPDATE, _machines(cursor, part))


def _machines(cursor: Any, tags: Sequence[str]) -> list[list[Any]]:
    subjects = [f"machine:{tag}" for tag in tags]
    described: dict[str, list[Saying]] = defaultdict(list)
    cursor.execute(
        f"SELECT tag, act, words, seen, entry FROM fleet_described WHERE person IN ({_marks(subjects)})",  # noqa: S608
        subjects,
    )
    for tag, act, words, seen, entry in cursor.fetchall():
        log, index = _place(entry)
        told = {name: str(value) for name, value in msgspec.json.decode(words).items()}
        described[tag].append(
            Saying(entry=act, log=log, index=index, about=tag, words=told, seen=tuple((seen or "").split()))
        )
    steps: dict[str, list[tuple[Step, str, str]]] = defaultdict(list)
    cursor.execute(
        'SELECT tag, act, "to", happened_at, entry, seen, image_sha256, report, report_sha256, withdrawn_by, '  # noqa: S608
        f"by_name, by, place FROM fleet_step WHERE act IS NOT NULL AND person IN ({_marks(subjects)})",
        subjects,
    )
    for tag, act, to, at, entry, seen, image, report, sha, withdrawn, by_name, by, place in cursor.fetchall():
        log, index = _place(entry)
        step = Step(
            act=act, to=to, at=at, log=log, index=index, seen=tuple((seen or "").split()), image_sha256=image or "",
            report=report or "", report_sha256=sha or "", withdrawn=bool(withdrawn),
        )  # fmt: skip
        steps[tag].append((step, by_name or by or "", place or ""))
    reports = _reports(
        cursor, {step.report for told in steps.values() for step, _by, _at in told if step.report}
    )
    return [_row(tag, described[tag], steps[tag], reports) for tag in tags]


def _reports(cursor: Any, acts: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in in_parts(sorted(acts)):
        cursor.execute(f"SELECT id, sha256 FROM fleet_report WHERE id IN ({_marks(part)})", part)  # noqa: S608
        found.update(cursor.fetchall())
    return found


def _row(
    tag: str, said: Sequence[Saying], told: Sequence[tuple[Step, str, str]], reports: dict[str, str]
) -> list[Any]:
    left = standing(said) if said else ()
    words = left[-1].words if left else {}
    kind: MachineKind = words.get("kind", "workstation")  # type: ignore[assignment]
    now = machine_now(
        (step for step, _by, _at in told), kind=kind if kind in KINDS else "other", reports=reports
    )
    live = [one for one in told if not one[0].withdrawn]
    _step, last_by, last_place = max(
        live, key=lambda one: (one[0].at, one[0].log, one[0].index), default=(None, "", "")
    )
    return [
        *(words.get(name) or None for name in _DESCRIPTION),
        " ".join(one.entry for one in left) or None,
        bool(side_by_side(left)) or None,
        *_state(now),
        last_by or None,
        last_place or None,
        tag,
    ]


def _state(now: MachineNow) -> list[Any]:
    return [
        now.state or None,
        now.since,
        " ".join(now.standing) or None,
        " ".join(now.two) or None,
        now.claimed or None,
        now.evidence.image_sha256 or None,
        now.evidence.report or None,
        now.last_at,
    ]


def _place(entry: str | None) -> tuple[str, int]:
    log, _sep, index = (entry or "").rpartition("#")
    return log, int(index) if index.isdecimal() else 0


def _marks(values: Sequence[Any]) -> str:
    return ", ".join(["%s"] * len(values))
