"""What stands of each task by what was reported of it. Pure.

Two reports that had not seen one another both stand. Until somebody decides, the task is taken to be as far as the one
that is least far says: a plan must not build on what may not be done.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from releve.record.crossed import Saying, side_by_side, standing
from releve.restoration.facts import Reported

__all__ = ["FleetCount", "Standing", "TaskNow", "TaskReport", "tasks_now", "token"]

Standing = Literal["todo", "started", "late", "blocked", "done"]
_FAR: dict[Reported, int] = {"undone": 0, "blocked": 1, "late": 2, "started": 3, "done": 4}


class TaskReport(msgspec.Struct, frozen=True, kw_only=True):
    """One report as the views hold it; `entry` is its place, moments are UTC milliseconds."""

    entry: str
    log: str
    index: int
    task: str
    state: Reported
    at_ms: int
    recorded_at: int = 0
    remaining_hours: int | None = None
    until_ms: int | None = None
    reason: str = ""
    evidence: str = ""
    attachment: str = ""
    sha256: str = ""
    people: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    by: str = ""
    by_name: str = ""
    told_by: str = ""


class FleetCount(msgspec.Struct, frozen=True, kw_only=True):
    """Of a batch of workstations: how many machines of its ward have come so far, of how many."""

    ward: str
    machines: int
    reached: int


class TaskNow(msgspec.Struct, frozen=True, kw_only=True):
    """Where a task stands. `said` are the reports that stand, `history` all of them, oldest first.

    With `fleet` it stands by what was scanned of machines, and nobody reports it.
    """

    task: str
    state: Standing
    started_ms: int | None = None
    ended_ms: int | None = None
    last: TaskReport
    said: tuple[TaskReport, ...]
    history: tuple[TaskReport, ...]
    disputed: bool = False
    fleet: FleetCount | None = None

    @property
    def people(self) -> tuple[str, ...]:
        """Who does it, as was last said."""
        return next((one.people for one in reversed(self.history) if one.people), ())

    @property
    def evidence(self) -> tuple[TaskReport, ...]:
        """The reports that stand, that say it is done, and on what ground."""
        return tuple(one for one in self.said if one.state == "done" and (one.evidence or one.sha256))


def tasks_now(reports: Iterable[TaskReport]) -> dict[str, TaskNow]:
    """Return where every task stands of which anything was reported."""
    of: dict[str, list[TaskReport]] = defaultdict(list)
    for one in reports:
        of[one.task].append(one)
    return {task: _task(task, said) for task, said in sorted(of.items())}


def token(now: TaskNow | None) -> str:
    """Return what a form carries of the reports that stood when it was shown."""
    return "" if now is None else " ".join(one.entry for one in now.said)


def _task(task: str, reports: Sequence[TaskReport]) -> TaskNow:
    by_entry = {one.entry: one for one in reports}
    left = standing(_saying(one) for one in reports)
    said = tuple(by_entry[one.entry] for one in left)
    last = min(said, key=lambda one: (_FAR[one.state], one.log, one.index))
    history = tuple(sorted(reports, key=lambda one: (one.at_ms, one.recorded_at, one.log, one.index)))
    state: Standing = "todo" if last.state == "undone" else last.state
    return TaskNow(
        task=task,
        state=state,
        started_ms=_started(history) if state != "todo" else None,
        ended_ms=last.at_ms if state == "done" else None,
        last=last,
        said=said,
        history=history,
        disputed=bool(side_by_side(left)),
    )


def _started(history: Sequence[TaskReport]) -> int | None:
    """Return when work began: the first word of it after it was last taken back."""
    found: int | None = None
    for one in history:
        if one.state == "undone":
            found = None
        elif found is None and one.state in ("started", "late"):
            found = one.at_ms
    return found


def _saying(one: TaskReport) -> Saying:
    words: dict[str, str] = {"state": one.state}
    if one.state == "late":
        words["remaining"] = str(one.remaining_hours)
    if one.state == "blocked":
        words["until"] = str(one.until_ms)
    return Saying(
        entry=one.entry, log=one.log, index=one.index, about=one.task, words=words, seen=one.seen, by=one.by,
        by_name=one.by_name, happened_at=one.at_ms, stamp=one.recorded_at,
    )  # fmt: skip
