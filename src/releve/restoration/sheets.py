"""What paper says of the restoration: the sheets of a team, and the sign that brings a sheet back. Pure."""

import re
from collections.abc import Iterable, Sequence

import msgspec

from releve.restoration.case import Case, Task, names_of
from releve.restoration.labels import Thing
from releve.restoration.plan import Plan

__all__ = ["TaskSheet", "read_symbol", "symbol_of", "task_sheets", "things_of"]

# Begins like every sign of Relève's paper (`releve.paper.symbols.page_symbol`); R is a task of the restoration.
_HEAD = "RLV1|R|"
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")


class TaskSheet(msgspec.Struct, frozen=True, kw_only=True):
    """One task on paper: `hours` are those of the case, None where the plan gives no date."""

    id: str
    symbol: str
    application: str
    name: str
    kind: str
    start: int | None
    end: int | None
    people: tuple[str, ...]
    after: tuple[str, ...]
    work_hours: int
    evidence: str


def symbol_of(task: str) -> str:
    """Return what the DataMatrix of a task's sheet says.

    >>> symbol_of("PACS-restore"), read_symbol(symbol_of("A|é"))
    ('RLV1|R|PACS-restore', 'A|é')
    """
    return _HEAD + "".join(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in task.encode())


def read_symbol(code: str) -> str | None:
    """Return the task that a scanned sign names, None for any other sign."""
    if not code.startswith(_HEAD):
        return None
    told = code.removeprefix(_HEAD).encode()
    return re.sub(rb"%([0-9A-F]{2})", lambda found: bytes([int(found[1], 16)]), told).decode(
        "utf-8", "replace"
    )


def task_sheets(
    case: Case, plan: Plan | None, tasks: Iterable[Task], done: Sequence[str] = ()
) -> list[TaskSheet]:
    """Return the sheets of these tasks, in the order in which they begin; what is done needs none."""
    planned = {one.task: one for one in plan.tasks} if plan is not None else {}
    names = names_of(case.applications)
    people = names_of(case.people)
    labels = {task.id: task.name or task.kind for task in case.tasks}
    finished = set(done)
    found = []
    for task in tasks:
        if task.id in finished:
            continue
        due = planned.get(task.id)
        found.append(
            TaskSheet(
                id=task.id,
                symbol=symbol_of(task.id),
                application=names.get(task.application, task.application),
                name=task.name,
                kind=task.kind,
                start=due.start if due is not None else None,
                end=due.end if due is not None else None,
                people=tuple(people.get(id_, id_) for id_ in due.people) if due is not None else (),
                after=tuple(labels[id_] for id_ in task.after if id_ in labels and id_ not in finished),
                work_hours=task.work_hours,
                evidence=task.evidence,
            )
        )
    far = 1 << 40
    return sorted(found, key=lambda one: (far if one.start is None else one.start, one.application, one.id))


def things_of(sheets: Iterable[TaskSheet]) -> list[Thing]:
    """Return what the labels of these tasks say on a label printer: the application, the task, its code."""
    return [Thing(symbol=one.symbol, words=(one.application, one.name, one.id)) for one in sheets]
