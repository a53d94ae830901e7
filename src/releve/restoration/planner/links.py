"""Who waits for whom: tasks and applications of a case as a graph, without what is unknown or goes round. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from releve.restoration.case import Case

__all__ = ["Links", "link"]


@dataclass(frozen=True, slots=True)
class Links:
    """The graph of a case, by index. `order` lists tasks so that each follows all it waits for."""

    task: dict[str, int]
    application: dict[str, int]
    own: list[tuple[int, ...]]  # tasks of each application
    of: list[int]  # application of each task; -1: unknown
    before: list[tuple[int, ...]]  # tasks that end before each task, those of needed applications too
    through: list[dict[int, int]]  # of those, which come by a need: {task: needed application}
    after: list[tuple[int, ...]]
    needed: list[tuple[int, ...]]  # applications each application needs
    order: list[int]
    application_order: list[int]
    left: list[
        bool
    ]  # tasks in a cycle, with something unknown, twice the same name; not yet who waits for them
    unknown_need: list[int]  # applications that need one that does not exist


def link(case: Case) -> Links:
    """Return the graph of a case."""
    task: dict[str, int] = {}
    application: dict[str, int] = {}
    for i, each in enumerate(case.tasks):
        task.setdefault(each.id, i)
    for i, one in enumerate(case.applications):
        application.setdefault(one.id, i)
    left = [task[each.id] != i for i, each in enumerate(case.tasks)]
    own: list[list[int]] = [[] for _ in case.applications]
    of = [application.get(each.application, -1) for each in case.tasks]
    for i, number in enumerate(of):
        if number >= 0 and not left[i]:
            own[number].append(i)
    before: list[dict[int, None]] = [{} for _ in case.tasks]
    for i, each in enumerate(case.tasks):
        left[i] = left[i] or of[i] < 0 or any(name not in task for name in each.after)
        before[i].update(dict.fromkeys(task[name] for name in each.after if name in task))
    needed, through, unknown = _needs(case, task, application, own, before, left)
    after: list[list[int]] = [[] for _ in case.tasks]
    for i, those in enumerate(before):
        for j in those:
            after[j].append(i)
    order = _sorted([len(those) for those in before], after)
    for i in set(range(len(case.tasks))) - set(order):
        left[i] = True
    waits: list[list[int]] = [[] for _ in case.applications]
    for i, needs in enumerate(needed):
        for j in needs:
            waits[j].append(i)
    return Links(
        task=task, application=application, own=[tuple(tasks) for tasks in own], of=of,
        before=[tuple(those) for those in before], through=through, after=[tuple(those) for those in after],
        needed=needed, order=order, application_order=_sorted([len(needs) for needs in needed], waits),
        left=left, unknown_need=unknown,
    )  # fmt: skip


def _needs(
    case: Case,
    task: dict[str, int],
    application: dict[str, int],
    own: Sequence[Sequence[int]],
    before: Sequence[dict[int, None]],
    left: list[bool],
) -> tuple[list[tuple[int, ...]], list[dict[int, int]], list[int]]:
    """Add to `before` the tasks of needed applications; return needs by application, by task, and the unknown ones."""
    through: list[dict[int, int]] = [{} for _ in case.tasks]
    first: set[int] = set()
    last: list[list[int]] = []
    for tasks in own:
        members = set(tasks)
        first.update(i for i in tasks if not members & before[i].keys())
        followed = {j for i in tasks for j in before[i] if j in members}
        last.append([i for i in tasks if i not in followed] or list(tasks))
    needed: list[tuple[int, ...]] = []
    unknown: list[int] = []

    def ends(number: int, seen: frozenset[int]) -> list[int]:
        """The tasks after which an application is back; of one without tasks, those of what it needs."""
        if own[number] or number in seen:
            return last[number]
        needs = (application.get(need.application, -1) for need in case.applications[number].needs)
        return [i for other in needs if other >= 0 for i in ends(other, seen | {number})]

    for number, one in enumerate(case.applications):
        found = []
        for need in one.needs:
            other = application.get(need.application, -1)
            waiting = [task[need.before]] if need.before in task else [i for i in own[number] if i in first]
            if other < 0 or (need.before and of_other(case, task, need.before, one.id)):
                for i in waiting if other < 0 else own[number]:
                    left[i] = True
                if other < 0 and not own[number]:
                    unknown.append(number)
                continue
            found.append(other)
            for i in waiting:
                for j in ends(other, frozenset((number,))):
                    before[i][j] = None
                    through[i].setdefault(j, other)
        needed.append(tuple(dict.fromkeys(found)))
    return needed, through, unknown


def of_other(case: Case, task: dict[str, int], name: str, application: str) -> bool:
    """Return whether a task named by a need does not exist, or is another application's."""
    return name not in task or case.tasks[task[name]].application != application


def _sorted(waiting_for: list[int], after: Sequence[Sequence[int]]) -> list[int]:
    """Return indices such that each follows what it waits for (Kahn 1962), without cycles and what is after one."""
    left = list(waiting_for)
    ready = deque(i for i, count in enumerate(left) if not count)
    order = []
    while ready:
        i = ready.popleft()
        order.append(i)
        for j in after[i]:
            left[j] -= 1
            if not left[j]:
                ready.append(j)
    return order
