"""A plan as one table for a spreadsheet: a line a task, in the order in which they start. Pure."""

from collections.abc import Sequence

from releve.hospital.spreadsheet import shielded, write_rows
from releve.restoration.case import Case
from releve.restoration.exports.lists import write_ids
from releve.restoration.exports.moments import Moments
from releve.restoration.plan import Plan

__all__ = ["write_table"]

_COLUMNS = (
    "application", "application_name", "task", "task_name", "kind", "start", "end", "start_hour", "end_hour",
    "work_hours", "people", "waited_for", "waited_for_id", "state", "evidence",
)  # fmt: skip


def write_table(case: Case, plan: Plan) -> bytes:
    """Return the plan as CSV in UTF-8 with `;`, as French spreadsheets open it; times are local ones of the case."""
    moments = Moments.of(case)
    tasks = {task.id: task for task in case.tasks}
    names = {application.id: application.name for application in case.applications}
    states = {state.task: state for state in case.states}
    rows: list[Sequence[object]] = [_COLUMNS]
    for planned in sorted(plan.tasks, key=lambda each: (each.start, each.end, each.task)):
        task = tasks.get(planned.task)
        state = states.get(planned.task)
        rows.append(
            [
                shielded(task.application if task else ""),
                shielded(names.get(task.application, "") if task else ""),
                shielded(planned.task),
                shielded(task.name if task else ""),
                task.kind if task else "",
                moments.local(planned.start).isoformat(sep=" ", timespec="minutes"),
                moments.local(planned.end).isoformat(sep=" ", timespec="minutes"),
                planned.start,
                planned.end,
                task.work_hours if task else "",
                shielded(write_ids(planned.people)),
                planned.binding.kind,
                shielded(planned.binding.id),
                "" if state is None else _state(state.started, state.ended),
                shielded(task.evidence if task else ""),
            ]
        )
    return write_rows(rows)


def _state(started: int | None, ended: int | None) -> str:
    return "ended" if ended is not None else "under way" if started is not None else "blocked"
