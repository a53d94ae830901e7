"""Tasks that hold the restoration up: late, blocked, not begun or not ended by the plan. Pure."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from releve.restoration.case import HOUR_MS, Case
from releve.restoration.plan import Plan
from releve.restoration.standing.tasks import TaskNow

__all__ = ["Overdue", "overdue"]


class Overdue(msgspec.Struct, frozen=True, kw_only=True):
    """A task that is late, blocked, or should have ended by the plan; `hours` since then."""

    task: str
    why: Literal["blocked", "late", "not-started", "not-ended"]
    hours: int


def overdue(case: Case, plan: Plan | None, tasks: Mapping[str, TaskNow]) -> list[Overdue]:
    """Return what holds the restoration up now: blocked, late, not begun, not ended; the longest first in each."""
    planned = {one.task: one for one in plan.tasks} if plan is not None else {}
    found: list[Overdue] = []
    for task in case.tasks:
        one, due = tasks.get(task.id), planned.get(task.id)
        state = one.state if one is not None else "todo"
        if state == "done":
            continue
        since = 0 if one is None else max(0, case.now - round((one.last.at_ms - case.starts_at_ms) / HOUR_MS))
        if state == "blocked":
            found.append(Overdue(task=task.id, why="blocked", hours=since))
        elif due is not None and due.end < case.now and state in ("started", "late"):
            found.append(
                Overdue(
                    task=task.id, why="late" if state == "late" else "not-ended", hours=case.now - due.end
                )
            )
        elif state == "late":
            found.append(Overdue(task=task.id, why="late", hours=since))
        elif due is not None and due.start < case.now and state == "todo":
            found.append(Overdue(task=task.id, why="not-started", hours=case.now - due.start))
    rank = {"blocked": 0, "late": 1, "not-ended": 2, "not-started": 3}
    return sorted(found, key=lambda each: (rank[each.why], -each.hours, each.task))
