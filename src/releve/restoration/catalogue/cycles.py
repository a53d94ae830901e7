"""What waits for itself in the end: circles of applications and of tasks, each told member by member. Pure."""

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

from releve.restoration.case import Case, Task

__all__ = ["application_circles", "circles", "first_tasks", "task_circles"]

Node = TypeVar("Node", bound=Hashable)


def circles(waits_for: Mapping[Node, Iterable[Node]]) -> list[tuple[Node, ...]]:
    """Return one shortest circle of each knot of nodes that wait for one another, in the order of the mapping.

    Source: Tarjan, SIAM J. Comput. 1 (1972), without recursion: a chain of 5,000 tasks is no error.
    """
    return [_shortest_circle(waits_for, knot) for knot in _knots(waits_for)]


def application_circles(case: Case) -> list[tuple[str, ...]]:
    """Return the circles among applications by what they need."""
    known = {application.id for application in case.applications}
    waits: dict[str, list[str]] = {application.id: [] for application in case.applications}
    for application in case.applications:
        waits[application.id] += [need.application for need in application.needs if need.application in known]
    return circles(waits)


def first_tasks(tasks: Iterable[Task]) -> list[str]:
    """Return the tasks of one application that follow none of their own application."""
    tasks = list(tasks)
    own = {task.id for task in tasks}
    return [task.id for task in tasks if not own.intersection(task.after)]


def task_circles(case: Case, *, without: Iterable[str] = ()) -> list[tuple[str, ...]]:
    """Return the circles among tasks, by what they follow and by what their applications need.

    An application that stands in a circle means its own end; `without` are applications not to look at.
    """
    left = set(without)
    tasks_of: dict[str, list[Task]] = {application.id: [] for application in case.applications}
    for task in case.tasks:
        if task.application in tasks_of and task.application not in left:
            tasks_of[task.application].append(task)
    # A task is told from an application of the same id by its list.
    waits: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for id, tasks in tasks_of.items():
        waits["applications", id] = [("tasks", task.id) for task in tasks]
        for task in tasks:
            waits["tasks", task.id] = [("tasks", before) for before in task.after]
    for application in case.applications:
        first = None
        for need in application.needs:
            if need.application in left or application.id in left:
                continue
            own = {task.id for task in tasks_of[application.id]}
            if need.before in own:
                waiting = [need.before]
            else:
                first = first if first is not None else first_tasks(tasks_of[application.id])
                waiting = first
            for task_id in waiting:
                waits["tasks", task_id].append(("applications", need.application))
    return [tuple(node[1] for node in circle) for circle in circles(waits)]


def _knots(waits_for: Mapping[Node, Iterable[Node]]) -> list[list[Node]]:
    """Return the strongly connected components that hold a circle."""
    index: dict[Node, int] = {}
    low: dict[Node, int] = {}
    stack: list[Node] = []
    on_stack: set[Node] = set()
    knots: list[list[Node]] = []
    for root in waits_for:
        if root in index:
            continue
        work = [(root, iter(waits_for[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, following = work[-1]
            for other in following:
                if other not in waits_for:
                    continue
                if other not in index:
                    index[other] = low[other] = len(index)
                    stack.append(other)
                    on_stack.add(other)
                    work.append((other, iter(waits_for[other])))
                    break
                if other in on_stack:
                    low[node] = min(low[node], index[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    knot = []
                    while True:
                        member = stack.pop()
                        on_stack.discard(member)
                        knot.append(member)
                        if member == node:
                            break
                    if len(knot) > 1 or node in waits_for[node]:
                        knots.append(knot)
    return knots


def _shortest_circle(waits_for: Mapping[Node, Iterable[Node]], knot: list[Node]) -> tuple[Node, ...]:
    inside = set(knot)
    start = min(inside, key=list(waits_for).index) if len(inside) < 50 else knot[-1]
    came_from: dict[Node, Node] = {}
    front = [start]
    while front:
        following: list[Node] = []
        for node in front:
            for other in waits_for[node]:
                if other == start:
                    path = [node]
                    while path[-1] != start:
                        path.append(came_from[path[-1]])
                    return tuple(reversed(path))
                if other in inside and other not in came_from:
                    came_from[other] = node
                    following.append(other)
        front = following
    return tuple(knot)
