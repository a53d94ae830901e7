"""What the nurse gives next to one person: the cell of the board, from the same slots as grid and sheet. Pure."""

from collections.abc import Sequence
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from releve.bedside.board_facts import Drug
from releve.bedside.doses import Slot, doubted, past_end, slots_of

__all__ = ["NextDose", "next_dose"]

HOUR_MS = 3_600_000
# One shift back: what was missed before was handed over, and is in the grid.
BACK_MS = 12 * HOUR_MS
AHEAD_MS = 24 * HOUR_MS
SOON_MS = 15 * 60_000  # from a quarter of an hour before its time a dose is "to give"

State = Literal[
    "late", "now", "unknown", "planned", "no-hours", "as-needed", "ended", "nothing", "not-received"
]


class NextDose(msgspec.Struct, frozen=True, kw_only=True):
    """The next dose, in words' codes.

    late: over an hour past its time, nothing charted though charting is heard. now: to give. unknown: its time has
    passed and charting is not heard since. planned: later. no-hours: lines without any hour. as-needed: only such
    lines. ended: only lines whose prescribed end has passed. nothing: no active line received. not-received: the
    island gets no prescriptions of this ward.
    """

    state: State
    at: int | None = None
    label: str = ""
    doses: int = 0  # at that same time
    waiting: int = 0  # all that are late or unknown
    without_hours: int = 0  # lines that say no hour: not in any grid, to be read in the prescription
    ended: int = 0  # lines that reached their end unstopped: to be checked, never due
    then_at: int | None = None  # the next planned one, when something else comes first
    drug: str = ""  # its line, as the board links to it
    twice: int = 0  # doses that may have been charted twice: somebody must ask


def next_dose(
    drugs: Sequence[Drug],
    *,
    now_ms: int,
    listening_ms: int | None,
    heard_ms: int | None,
    received: bool,
    frozen: bool = False,
    back_ms: int | None = None,
    here_ms: int | None = None,
    zone: ZoneInfo,
) -> NextDose:
    """Return what comes first: late, to give now, perhaps given, planned.

    `listening_ms` and `heard_ms` are the first and the latest message of the feed that charts doses, None when none
    does: a dose due before the first cannot be called late. `frozen` says that charting is not heard now, `back_ms`
    since when its application is back after a cut (what was due before may be charted on paper), `here_ms` since when
    the ward charts here instead (nothing is left out any more: what was due before is asked about), `received`
    whether prescriptions of this ward reach the island at all.
    """
    if not drugs:
        return NextDose(state="nothing" if received else "not-received")
    if here_ms is not None:
        listening_ms, heard_ms = None, now_ms  # what was due before is asked about, see `doubted`
    slots: list[tuple[Slot, str, str]] = []
    twice = 0
    without = as_needed = 0
    running = [drug for drug in drugs if not past_end(drug.line, now_ms)]
    ended = len(drugs) - len(running)
    for drug in running:
        if drug.line.as_needed:
            as_needed += 1
        planned = slots_of(
            drug.line,
            drug.charted,
            from_ms=max(now_ms - BACK_MS, listening_ms or 0),
            to_ms=now_ms + AHEAD_MS,
            now_ms=now_ms,
            heard_ms=heard_ms,
            zone=zone,
        )
        twice += sum(1 for slot in planned if slot.twice and slot.planned != drug.line.as_needed)
        if drug.line.as_needed:
            continue
        found = doubted(planned, now_ms=now_ms, frozen=frozen, back_ms=back_ms, here_ms=here_ms)
        if not drug.line.times and not drug.line.interval_hours:
            without += 1
        slots += [(slot, drug.label, drug.id) for slot in found if slot.state in ("late", "due", "unknown")]
    slots.sort(key=lambda pair: (pair[0].at, pair[1]))
    late = [pair for pair in slots if pair[0].state == "late"]
    due = [pair for pair in slots if pair[0].state == "due"]
    unknown = [pair for pair in slots if pair[0].state == "unknown"]
    soon = [pair for pair in due if pair[0].at <= now_ms + SOON_MS]
    later = next((slot.at for slot, *_ in due if slot.at > now_ms + SOON_MS), None)
    state: State
    if late:
        state, first, waiting = "late", late, len(late)
    elif soon:
        state, first, waiting = "now", soon, len(unknown)
    elif unknown:
        # The latest is the one to ask about: earlier ones were asked about before.
        state, first, waiting = "unknown", unknown[-1:], len(unknown)
    elif due:
        state, first, waiting = "planned", due, 0
    elif without:
        alone = running[0].label if without == 1 else ""
        return NextDose(state="no-hours", without_hours=without, label=alone, ended=ended, twice=twice)
    else:
        rest: State = "as-needed" if as_needed else "ended" if ended else "nothing"
        return NextDose(state=rest, doses=as_needed, ended=ended, twice=twice)
    at, label = first[0][0].at, first[0][1]
    return NextDose(
        state=state,
        at=at,
        label=label,
        doses=sum(1 for slot, *_ in first if slot.at == at),
        waiting=waiting,
        without_hours=without,
        ended=ended,
        then_at=later if state != "planned" else None,
        twice=twice,
        drug=first[0][2],
    )
