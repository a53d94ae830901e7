"""A plan as bars: a line an application, its tasks on it, the dates it is forecast to be back. Pure.

What is drawn of a task is when it is planned; of an application never one date alone but the forecast, from P50 to P95
with the P80 marked.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import msgspec

from releve.restoration.case import Application, Case, Task
from releve.restoration.drawing.canvas import TimeScale, day_names, fit, number, open_svg, scale_of, text_of
from releve.restoration.plan import Plan, PlannedTask

__all__ = ["GanttWords", "Quantiles", "gantt_svg"]

LANE = 12.0
GAP = 5.0
TOP = 32.0
GUTTER = 190.0
BAR_MIN = 1.6


class Quantiles(NamedTuple):
    """Hours by which something is back in 50, 80 and 95 % of the runs of a forecast."""

    p50: float
    p80: float
    p95: float


class GanttWords(msgspec.Struct, frozen=True, kw_only=True):
    """The words of the drawing, in the language of whoever reads it."""

    title: str = "Plan of the restoration"
    description: str = "A line an application; its tasks as bars; the table beside says the same in words."
    back: str = "back by %(p80)s with 80%%"
    planned: str = "%(name)s: %(start)s to %(end)s"
    now: str = "now"
    done: str = "done"
    late: str = "late"
    blocked: str = "blocked"
    started: str = "under way"


class _Row(NamedTuple):
    application: Application
    lanes: list[list[tuple[Task, PlannedTask]]]
    top: float


def gantt_svg(
    case: Case,
    plan: Plan,
    forecast: Mapping[str, Quantiles] | None = None,
    *,
    states: Mapping[str, str] | None = None,
    before: Plan | None = None,
    only: Collection[str] | None = None,
    words: GanttWords | None = None,
    language: str = "fr",
    width: float = 1180.0,
) -> str:
    """Return the drawing of a plan.

    `forecast`: of applications. `states`: of tasks ("started", "late", "blocked", "done"). `before`: the plan it
    comes from, drawn thin where an application moved. `only`: the tasks to draw. `width` in pixels.
    """
    said = words or GanttWords()
    forecast, states = forecast or {}, states or {}
    rows, height = _rows(case, plan, only)
    shown = {row.application.id for row in rows}
    hours: list[float] = [planned.end for row in rows for lane in row.lanes for _, planned in lane]
    hours += [forecast[id_].p95 for id_ in shown if id_ in forecast]
    scale = scale_of(case, [*hours, case.now], left=GUTTER, width=width - GUTTER - 8, language=language)
    parts = [
        open_svg(width, height, name="gantt", title=said.title, description=said.description),
        *_days(scale, height, width),
    ]
    backs = _moved(before, plan) if before is not None else {}
    for place, row in enumerate(rows):
        parts += _row(
            row, scale, forecast.get(row.application.id), states, said, backs, place % 2 == 1, width
        )
    if case.now:
        x = number(scale.x(case.now))
        parts.append(
            f'<path class="now" d="M{x} {number(TOP - 6)}V{number(height)}"/>'
            f'<text class="now-word" x="{x}" y="9" text-anchor="middle">{text_of(said.now)}</text>'
        )
    parts.append("</svg>")
    return "".join(parts)


def _rows(case: Case, plan: Plan, only: Collection[str] | None) -> tuple[list[_Row], float]:
    tasks = {task.id: task for task in case.tasks}
    of: dict[str, list[tuple[Task, PlannedTask]]] = defaultdict(list)
    for planned in plan.tasks:
        task = tasks.get(planned.task)
        if task is not None and (only is None or task.id in only):
            of[task.application].append((task, planned))
    rank = {id_: place for place, id_ in enumerate(plan.order)}
    first = {id_: min(planned.start for _, planned in own) for id_, own in of.items()}
    applications = sorted(
        (one for one in case.applications if one.id in of),
        key=lambda one: (rank.get(one.id, len(rank)), first[one.id], one.id),
    )
    rows, y = [], TOP
    for application in applications:
        lanes = _lanes(of[application.id])
        rows.append(_Row(application, lanes, y))
        y += len(lanes) * LANE + GAP
    return rows, y + 2


def _lanes(own: Sequence[tuple[Task, PlannedTask]]) -> list[list[tuple[Task, PlannedTask]]]:
    """Return tasks on as few lines as hold them without one over another."""
    lanes: list[list[tuple[Task, PlannedTask]]] = []
    for pair in sorted(own, key=lambda each: (each[1].start, each[1].end, each[0].id)):
        for lane in lanes:
            if lane[-1][1].end <= pair[1].start:
                lane.append(pair)
                break
        else:
            lanes.append([pair])
    return lanes


def _days(scale: TimeScale, height: float, width: float) -> list[str]:
    lines = "".join(
        f"M{number(scale.x(hour))} {number(TOP - 6)}V{number(height)}" for hour, _ in scale.marks()
    )
    return [f'<path class="grid" d="{lines}"/>', '<g class="days">', *day_names(scale, 24, width), "</g>"]


def _row(
    row: _Row,
    scale: TimeScale,
    dated: Quantiles | None,
    states: Mapping[str, str],
    said: GanttWords,
    backs: Mapping[str, tuple[int, int]],
    odd: bool,
    width: float,
) -> list[str]:
    name = row.application.name or row.application.id
    height = len(row.lanes) * LANE
    parts = []
    if odd:
        parts.append(
            f'<rect class="stripe" y="{number(row.top - GAP / 2)}" width="{number(width)}" '
            f'height="{number(height + GAP)}"/>'
        )
    parts.append(
        f'<text class="name" y="{number(row.top + 9.5)}">{text_of(fit(name, GUTTER - 8, 11))}</text>'
    )
    for number_, lane in enumerate(row.lanes):
        y = row.top + number_ * LANE
        parts += [_bar(task, planned, y, scale, states.get(task.id, ""), said) for task, planned in lane]
    middle = number(row.top + height / 2 - 1)
    if row.application.id in backs:
        was = number(scale.x(backs[row.application.id][0]))
        parts.append(f'<path class="was" d="M{was} {number(row.top - 1)}v{number(height)}"/>')
    if dated is not None:
        x50, x80, x95 = (number(scale.x(hour)) for hour in dated)
        tip = said.back % {"p80": scale.day(dated.p80)}
        parts.append(
            f'<g class="dated"><title>{text_of(f"{name}: {tip}")}</title><path d="M{x50} {middle}H{x95}"/>'
            f'<path class="p80" d="M{x80} {number(row.top - 1)}v{number(height)}"/></g>'
        )
    return parts


def _bar(task: Task, planned: PlannedTask, y: float, scale: TimeScale, state: str, said: GanttWords) -> str:
    name = task.name or task.id
    tip = said.planned % {
        "name": name,
        "start": scale.moment(planned.start),
        "end": scale.moment(planned.end),
    }
    if state in ("done", "late", "blocked", "started"):
        tip = f"{tip}, {getattr(said, state)}"
    title = f"<title>{text_of(tip)}</title>"
    kind = f"b {task.kind}{f' {state}' if state else ''}"
    x = scale.x(planned.start)
    if task.work_hours == 0 or planned.end <= planned.start:
        top = number(y)
        return f'<path class="{kind}" d="M{number(x)} {top}l4.5 4.5-4.5 4.5-4.5-4.5z">{title}</path>'
    wide = number(max(BAR_MIN, scale.x(planned.end) - x))
    return f'<rect class="{kind}" x="{number(x)}" y="{number(y)}" width="{wide}" height="9">{title}</rect>'


def _moved(before: Plan, plan: Plan) -> dict[str, tuple[int, int]]:
    """Return the applications whose planned return moved by more than a day: hour before, hour now."""
    was = {one.id: one.hour for one in before.applications}
    return {
        one.id: (was[one.id], one.hour)
        for one in plan.applications
        if one.id in was and abs(was[one.id] - one.hour) > 24
    }
