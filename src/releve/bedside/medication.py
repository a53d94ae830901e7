"""A person's medication for screens: each line with its last and next dose, and the grid of a day."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from releve.bedside.after_stop import after_stop
from releve.bedside.doses import Slot, doubted, hours_of, next_due, past_end, slots_of
from releve.bedside.files import PersonFile, charted_of, line_of
from releve.bedside.horizon import Source
from releve.bedside.next_dose import SOON_MS
from releve.bedside.now import IslandNow
from releve.bedside.provenance import Origin, Provenance
from releve.departments.prescribing.formulary_now import given_by_two_here
from releve.departments.prescribing.tables import MedicationAdministration, MedicationRequest
from releve.web.opaque import seal

__all__ = ["Grid", "GridRow", "MedLine", "grid_of", "med_lines"]

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
ORDER = {"active": 0, "suspended": 1, "stopped": 2, "completed": 3, "cancelled": 4}


class MedLine(msgspec.Struct, kw_only=True):
    """One medication line as the page shows it."""

    row: MedicationRequest
    origin: Origin
    times: tuple[str, ...]
    last: MedicationAdministration | None
    next: Slot | None  # late first, else due, else perhaps given
    soon: bool
    over: bool  # never stopped, but the stay it was prescribed for has ended
    ended: bool = False  # never stopped, but the end that was prescribed has passed
    doses: Sequence[MedicationAdministration] = ()  # charted on it
    two: bool = False  # two people give it
    twice: bool = False  # one of its doses may have been charted twice
    after_stop: Sequence[MedicationAdministration] = ()  # given although it was stopped

    @property
    def handle(self) -> str:
        """What names the line in an address."""
        return seal(self.row.id, "line")

    @property
    def running(self) -> bool:
        """Whether the line stands among those that go on (suspended and just stopped ones too)."""
        return not (self.over or self.ended)

    @property
    def status(self) -> str:
        """active, suspended, stopped, completed, cancelled."""
        return self.row.status or "active"


class GridRow(msgspec.Struct, kw_only=True):
    """A line of the grid: its cells in the order of the hours."""

    line: MedLine
    cells: list[tuple[bool, list[Slot]]]  # (is the present hour, slots)
    slots: list[Slot] = []
    words: str  # why no slot is planned: "", "as-needed", "continuous", "no-hours", "inactive", "ended"


class Grid(msgspec.Struct, kw_only=True):
    """Twenty-four hours (23 or 25 when the clock changes) of doses planned and charted."""

    from_ms: int
    to_ms: int
    hours: list[tuple[int, str, bool]]  # (beginning, label, is the present hour)
    rows: list[GridRow]
    strangers: list[MedicationAdministration]  # charted without a line that we know


def _heard(source: Source | None, now_ms: int) -> tuple[int | None, int | None]:
    """Return since when and until when charting is heard; while the ward charts here, that is always and now.

    What was due before the ward charted here, or before charting was first heard, is asked about: see `doubted`.
    """
    if source is None:
        return None, None
    if source.here_ms is not None:
        return None, now_ms
    return (source.feed.first_at, source.feed.last_at) if source.feed is not None else (None, None)


def _asked(slots: list[Slot], now_ms: int, sources: dict[str, Source]) -> list[Slot]:
    source = sources.get("administer")
    if source is None:
        return slots
    return doubted(slots, now_ms=now_ms, frozen=source.frozen, back_ms=source.back_ms, here_ms=source.here_ms)


def med_lines(
    file: PersonFile, now: IslandNow, sources: dict[str, Source], provenance: Provenance
) -> list[MedLine]:
    """Return the lines, active ones first, those whose end or stay has passed last."""
    first, heard = _heard(sources.get("administer"), now.now_ms)
    over = {stay.visit for stay in file.encounters if stay.status in ("left", "cancelled", "moved")}
    lines = []
    for row in file.lines:
        doses = file.doses.get(row.id, [])
        line = line_of(row)
        slots = slots_of(
            line, charted_of(doses), from_ms=max(now.now_ms - DAY_MS // 2, first or 0), to_ms=now.now_ms + 7 * DAY_MS,
            now_ms=now.now_ms, heard_ms=heard, zone=now.zone,
        )  # fmt: skip
        slots = _asked(slots, now.now_ms, sources)
        left = bool(row.visit) and row.visit in over
        ended = past_end(line, now.now_ms)
        coming = None
        if not left and not ended:
            coming = next_due(slots)
            if coming is None or coming.state != "late":
                unknown = [slot for slot in slots if slot.state == "unknown"]
                coming = unknown[-1] if unknown else coming
        lines.append(
            MedLine(
                row=row,
                origin=provenance.of(row),
                times=line.times,
                last=max(doses, key=lambda dose: dose.given_at or 0, default=None),
                next=coming,
                soon=coming is not None and coming.state == "due" and coming.at <= now.now_ms + SOON_MS,
                over=left,
                ended=ended,
                doses=doses,
                two=given_by_two_here(row),
                twice=any(slot.twice for slot in slots),
                after_stop=after_stop(row, doses, now.now_ms),
            )
        )
    return sorted(lines, key=_order)


def _order(one: MedLine) -> tuple[bool, bool, int, int, str]:
    # Of those whose end has passed, the latest first: it is the one that may have to go on.
    latest = -(one.row.end_at or 0) if one.ended else 0
    return one.over, one.ended, latest, ORDER.get(one.status, 5), one.row.label or ""


def grid_of(file: PersonFile, lines: Sequence[MedLine], now: IslandNow, sources: dict[str, Source]) -> Grid:
    """Return the grid from eight hours ago on: the shift that ends and the day to come."""
    first, heard = _heard(sources.get("administer"), now.now_ms)
    hours = hours_of(now.now_ms - 8 * HOUR_MS, now.zone)
    start, end = hours[0][0], hours[-1][0] + HOUR_MS
    here = now.now_ms // HOUR_MS * HOUR_MS
    rows = []
    for one in lines:
        if one.over:
            continue
        line = line_of(one.row)
        slots = slots_of(
            line, charted_of(file.doses.get(one.row.id, [])), from_ms=start, to_ms=end, now_ms=now.now_ms,
            heard_ms=heard, zone=now.zone,
        )  # fmt: skip
        slots = _asked(slots, now.now_ms, sources)
        # What was due before charting was first heard cannot be judged: neither forgotten nor "nothing prescribed".
        slots = [
            msgspec.structs.replace(slot, state="unknown")
            if slot.charted is None and slot.at < min(first or 0, now.now_ms)
            else slot
            for slot in slots
        ]
        cells = [
            (at <= here < at + HOUR_MS, [slot for slot in slots if at <= slot.at < at + HOUR_MS])
            for at, _ in hours
        ]
        if one.ended and not slots:
            continue  # ended before this grid: listed below it
        rows.append(GridRow(line=one, cells=cells, words=_words(one), slots=slots))
    known = {row.id for row in file.lines}
    strangers = [
        dose
        for request, doses in file.doses.items()
        if request not in known
        for dose in doses
        if (dose.given_at or 0) >= start
    ]
    return Grid(
        from_ms=start,
        to_ms=end,
        hours=[(at, label, at <= here < at + HOUR_MS) for at, label in hours],
        rows=rows,
        strangers=sorted(strangers, key=lambda dose: dose.given_at or 0),
    )


def _words(one: MedLine) -> Literal["", "as-needed", "continuous", "no-hours", "inactive", "ended"]:
    if one.ended:
        return "ended"
    if one.status != "active":
        return "inactive"
    if one.row.as_needed:
        return "as-needed"
    if one.times or one.row.interval_hours:
        return ""
    return "continuous" if (one.row.schedule_text or "").strip().upper() == "C" else "no-hours"
