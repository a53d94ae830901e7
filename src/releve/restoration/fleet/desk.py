"""What the pages of the fleet know: machines, batches and their order, wards in turn, pace. A few small queries."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.http import HttpRequest

from releve.bedside.hospital_now import directory_now
from releve.codecs.azerty import as_scanned
from releve.hospital.map import Directory
from releve.restoration.fleet.facts import KINDS, STATES, Machine, MachineKind, State
from releve.restoration.fleet.pace import DAYS_LOOKED_AT, Forecast, Pace, pace_of, wards_in_turn
from releve.restoration.fleet.progress import Counted, WardProgress, ward_progress
from releve.restoration.fleet.rules import Subject
from releve.restoration.fleet.state import Evidence, MachineNow
from releve.restoration.fleet.tables import Batch, BatchOrder, MachineRow, StepRow
from releve.web.shell import now_ms, zone_of

__all__ = [
    "LABEL", "NO_WARD", "BatchLine", "Desk", "WardLine", "batches_in_order", "described_now", "find_machines",
    "open_batch_of", "pace_now", "place_name", "stuck_machines", "subject_of", "subjects_of", "ward_lines", "ward_name",
    "ward_progress_now", "wards_in_order", "workstations_by_ward",
]  # fmt: skip

# What our own labels say to a scanner: `RLV1|M|TAG`.
LABEL = "RLV1|M|"
# In addresses: machines that stand in no ward of the map.
NO_WARD = "-"
DAY_MS = 86_400_000
# No step for this long: somebody should look for the machine.
STUCK_DAYS = 3
_PART = 400


class BatchLine(msgspec.Struct, frozen=True, kw_only=True):
    """A batch as it was last said."""

    id: str
    name: str
    tags: tuple[str, ...]
    closed: bool
    by: str
    at: int | None


class WardLine(msgspec.Struct, frozen=True, kw_only=True):
    """How the machines of one ward stand. `counts` by state, "" for those nobody spoke of."""

    code: str
    name: str
    counts: Mapping[str, int]
    total: int
    left: int  # spoken of and not returned
    claimed: int = 0
    two: int = 0
    forecast: Forecast | None = None

    @property
    def silent(self) -> int:
        """How many machines nobody has spoken of."""
        return self.counts.get("", 0)


def batches_in_order(*, closed: bool = False) -> list[BatchLine]:
    """Return the batches in the order of work: as a person ordered them, then the oldest first."""
    order = BatchOrder.objects.values_list("batches", flat=True).first()
    place = {code: number for number, code in enumerate(msgspec.json.decode(order or "[]"))}
    found = [
        BatchLine(
            id=row.id,
            name=row.name or row.id,
            tags=tuple(msgspec.json.decode(row.tags or "[]")),
            closed=bool(row.closed),
            by=row.by_name or row.by or "",
            at=row.happened_at,
        )
        for row in Batch.objects.all()
        if closed or not row.closed
    ]
    return sorted(found, key=lambda one: (place.get(one.id, len(place)), one.at or 0, one.id))


def open_batch_of(batches: Iterable[BatchLine]) -> dict[str, BatchLine]:
    """Return the batch of each machine: the newest open one that names it."""
    newest: dict[str, BatchLine] = {}
    for batch in sorted(batches, key=lambda one: (one.at or 0, one.id)):
        if not batch.closed:
            newest.update(dict.fromkeys(batch.tags, batch))
    return newest


def subject_of(row: MachineRow) -> Subject:
    """Return a machine as the rules need it."""
    kind: MachineKind = row.kind if row.kind in KINDS else "workstation"
    now = MachineNow(
        state=row.state or "",
        since=row.state_at,
        standing=tuple((row.standing or "").split()),
        two=tuple((row.two or "").split()),  # type: ignore[arg-type]
        claimed=bool(row.claimed),
        evidence=Evidence(image_sha256=row.image_sha256 or "", report=row.report or ""),
        last_at=row.last_at,
    )
    return Subject(tag=row.id, kind=kind, now=now, listed=row.described is not None)


def rows_of(tags: Sequence[str]) -> list[MachineRow]:
    """Return the machines of these tags that are known, in the order given."""
    found: dict[str, MachineRow] = {}
    for start in range(0, len(tags), _PART):
        found.update(
            {row.id: row for row in MachineRow.objects.filter(id__in=list(tags[start : start + _PART]))}
        )
    return [found[tag] for tag in tags if tag in found]


def subjects_of(tags: Sequence[str]) -> list[Subject]:
    """Return these machines as the rules need them; one nobody knows is a machine that is not listed."""
    found = {row.id: subject_of(row) for row in rows_of(tags)}
    return [
        found.get(tag) or Subject(tag=tag, kind="workstation", now=MachineNow(), listed=False) for tag in tags
    ]


def find_machines(text: str) -> list[MachineRow]:
    """Return the machines that a scan or a typed text names: by tag, else by serial number, else by name.

    A scanner left on a US keyboard types other signs on a French one: both readings are tried.
    """
    typed = text.strip()[:200]
    bare = [_bare(typed), _bare(as_scanned(typed))]
    wanted = list(dict.fromkeys(form for one in bare if one for form in (one, one.upper(), one.lower())))
    if not wanted:
        return []
    found = {row.id: row for row in MachineRow.objects.filter(id__in=wanted)}
    for one in wanted:
        if one in found:
            return [found[one]]
    for column in ("id", "serial", "name"):
        rows = list(MachineRow.objects.filter(**{f"{column}__iexact": bare[0]}).order_by("id")[:20])
        if rows:
            return rows
    return []


def _bare(text: str) -> str:
    return text[len(LABEL) :] if text.upper().startswith(LABEL) else text


def described_now(
    tags: Collection[str] | None = None,
) -> tuple[dict[str, Machine], dict[str, tuple[str, ...]], set[str]]:
    """Return how machines are described, the acts that say so, and those that are described twice."""
    known: dict[str, Machine] = {}
    standing: dict[str, tuple[str, ...]] = {}
    twice: set[str] = set()
    for row in MachineRow.objects.exclude(described=None):
        if tags is not None and row.id not in tags:
            continue
        known[row.id] = machine_of(row)
        standing[row.id] = tuple((row.described or "").split())
        if row.described_twice:
            twice.add(row.id)
    return known, standing, twice


def machine_of(row: MachineRow) -> Machine:
    """Return how a machine is described."""
    kind: MachineKind = row.kind if row.kind in KINDS else "other"
    return Machine(
        tag=row.id, name=row.name or "", kind=kind, ward=row.ward or "", building=row.building or "",
        room=row.room or "", network=row.network or "", serial=row.serial or "",
    )  # fmt: skip


def pace_now(at_ms: int, zone: ZoneInfo) -> Pace:
    """Return the pace of the whole days behind: today is not over and counts for nothing yet."""
    today = datetime.fromtimestamp(at_ms / 1000, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    first = today - timedelta(days=DAYS_LOOKED_AT)
    moments = MachineRow.objects.filter(
        state="returned", state_at__gte=int(first.timestamp() * 1000)
    ).values_list("state_at", flat=True)
    days: Counter[int] = Counter()
    for moment in moments:
        day = datetime.fromtimestamp((moment or 0) / 1000, zone).date()
        days[(day - first.date()).days] += 1
    return pace_of([days[number] for number in range(DAYS_LOOKED_AT)])


def workstations_by_ward() -> dict[str, int]:
    """Return how many workstations the list holds in each ward of the map."""
    wards = MachineRow.objects.filter(kind="workstation").exclude(ward=None).exclude(described=None)
    return dict(Counter(code or "" for code in wards.values_list("ward", flat=True)))


def wards_in_order(directory: Directory) -> tuple[str, ...]:
    """Return the wards that open batches name, in the order in which they are to have their machines back."""
    batches = batches_in_order()
    tags = {tag for batch in batches for tag in batch.tags}
    ward_of = {row.id: row.ward or NO_WARD for row in rows_of(sorted(tags))}
    found: dict[str, None] = {}
    for batch in batches:
        for code, _number in Counter(ward_of[tag] for tag in batch.tags if tag in ward_of).most_common():
            if code in directory.wards:
                found.setdefault(code)
    return tuple(found)


def ward_progress_now(wards: Collection[str], *, since_ms: int) -> dict[str, WardProgress]:
    """Return how far the workstations of these wards are, by what was said of them since then."""
    rows = MachineRow.objects.filter(kind="workstation", ward__in=list(wards)).exclude(described=None)
    machines = [
        Counted(tag=tag, ward=ward or "", state=state or "", proved=bool(image and report))
        for tag, ward, state, image, report in rows.values_list(
            "id", "ward", "state", "image_sha256", "report"
        )
    ]
    if not machines:
        return {}
    steps = StepRow.objects.filter(withdrawn_by=None, happened_at__gte=since_ms).exclude(to=None)
    return ward_progress(machines, steps.values_list("tag", "to", "happened_at"), since_ms=since_ms)


def ward_lines(directory: Directory | None, batches: Sequence[BatchLine], pace: Pace) -> list[WardLine]:
    """Return the wards in the order in which they get their machines back: by the batches, then as on the map."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    claimed: Counter[str] = Counter()
    two: Counter[str] = Counter()
    ward_of: dict[str, str] = {}
    columns = ("id", "ward", "state", "claimed", "two")
    for tag, ward, state, claim, side in MachineRow.objects.values_list(*columns):
        code = ward or NO_WARD
        ward_of[tag] = code
        counts[code][state or ""] += 1
        claimed[code] += bool(claim)
        two[code] += bool(side)
    order = _in_turn(directory, batches, ward_of, counts)
    left = {code: sum(told.values()) - told[""] - told["returned"] for code, told in counts.items()}
    dates = wards_in_turn(order, left, pace)
    return [
        WardLine(
            code=code,
            name=ward_name(code, directory),
            counts=counts[code],
            total=sum(counts[code].values()),
            left=left[code],
            claimed=claimed[code],
            two=two[code],
            forecast=dates[code],
        )
        for code in order
    ]


def _in_turn(
    directory: Directory | None,
    batches: Sequence[BatchLine],
    ward_of: Mapping[str, str],
    counts: Mapping[str, Any],
) -> list[str]:
    order: dict[str, None] = {}
    for batch in batches:
        wards = Counter(ward_of[tag] for tag in batch.tags if tag in ward_of)
        for code, _number in wards.most_common():
            order.setdefault(code)
    if directory is not None:
        for ward in directory.map.wards:
            if ward.code in counts:
                order.setdefault(ward.code)
    for code in sorted(counts):
        if code != NO_WARD:
            order.setdefault(code)
    if NO_WARD in counts:
        order.setdefault(NO_WARD)
    return list(order)


def ward_name(code: str | None, directory: Directory | None) -> str:
    """Return the name of a ward, its code when the map does not hold it, "" for none."""
    if not code or code == NO_WARD:
        return ""
    ward = directory.ward(code) if directory is not None else None
    return ward.name if ward is not None else code


def place_name(row: MachineRow, directory: Directory | None) -> str:
    """Return where a machine belongs, in words: ward, room."""
    return ", ".join(part for part in (ward_name(row.ward, directory), row.room or "") if part)


def stuck_machines(at_ms: int, days: int = STUCK_DAYS) -> list[MachineRow]:
    """Return the machines that no step moved for so many days and that are not back, the longest wait first."""
    moving: tuple[State, ...] = STATES[:-1]
    return list(
        MachineRow.objects.filter(state__in=moving, last_at__lt=at_ms - days * DAY_MS).order_by(
            "last_at", "id"
        )
    )


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """The island as the pages of the fleet see it at one moment."""

    now_ms: int
    zone: ZoneInfo
    directory: Directory | None


def desk_of(request: HttpRequest) -> Desk:
    """Return the island's clock, zone and map."""
    return Desk(now_ms=now_ms(), zone=zone_of(request), directory=directory_now())
