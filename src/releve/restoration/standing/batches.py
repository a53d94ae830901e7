"""How far the batches of workstations are, by what the fleet says of each machine: nobody says it a second time. Pure.

Where the fleet lists no workstation of a ward, its batch is reported by hand like any other work.
"""

from collections.abc import Iterable, Mapping
from math import ceil

from releve.restoration.case import Application, Task, TaskKind
from releve.restoration.catalogue.batches import ward_of
from releve.restoration.fleet.facts import State
from releve.restoration.fleet.progress import Reached, WardProgress
from releve.restoration.standing.tasks import FleetCount, Standing, TaskNow, TaskReport

__all__ = ["batch_tasks", "wards_of"]

# What a task of a batch is done by: the state that its machines have reached.
_REACHED: dict[TaskKind, State] = {
    "contain": "collected", "workstations": "reimaged", "scan": "checked", "test": "returned",
}  # fmt: skip


def wards_of(applications: Iterable[Application]) -> dict[str, str]:
    """Return the ward of each application that is the workstations of one."""
    return {one.id: ward for one in applications if (ward := ward_of(one))}


def batch_tasks(
    tasks: Iterable[Task], wards: Mapping[str, str], progress: Mapping[str, WardProgress], *, now_ms: int
) -> dict[str, TaskNow]:
    """Return where the tasks of the batches stand. `wards`: the ward of each batch; `progress`: of each ward."""
    found: dict[str, TaskNow] = {}
    for task in tasks:
        ward = wards.get(task.application, "")
        told = progress.get(ward)
        if told is None or not told.machines:
            continue
        if task.kind == "gate":
            found[task.id] = _now(task, ward, told.proved, told.machines, now_ms)
        elif task.kind in _REACHED:
            found[task.id] = _now(task, ward, told.reached[_REACHED[task.kind]], told.machines, now_ms)
    return found


def _now(task: Task, ward: str, reached: Reached, machines: int, now_ms: int) -> TaskNow:
    done = reached.machines == machines
    # A gate passes for all machines or not at all; work is under way from the first of them on.
    state: Standing = "done" if done else "started" if reached.machines and task.kind != "gate" else "todo"
    at_ms = (reached.last_ms if done else reached.first_ms) or now_ms
    left = ceil(task.work_hours * (machines - reached.machines) / machines)
    return TaskNow(
        task=task.id,
        state=state,
        started_ms=reached.first_ms if state != "todo" else None,
        ended_ms=reached.last_ms if done else None,
        last=TaskReport(
            entry="",
            log="",
            index=0,
            task=task.id,
            state="done" if done else "started" if state == "started" else "undone",
            at_ms=at_ms,
            remaining_hours=max(1, left) if state == "started" else None,
        ),
        said=(),
        history=(),
        fleet=FleetCount(ward=ward, machines=machines, reached=reached.machines),
    )
