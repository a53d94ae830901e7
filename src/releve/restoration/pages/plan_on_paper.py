"""A plan on paper: for each team the applications in the order of work, a line a task, with bars beside the words."""

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import get_language, gettext

from releve.bedside.now import IslandNow
from releve.restoration.case import HOUR_MS, Case, Task, names_of
from releve.restoration.drawing.canvas import TimeScale, scale_of
from releve.restoration.facts import Dated
from releve.restoration.pages.sentences import KINDS, STATES, percent
from releve.restoration.pages.task_lines import task_label
from releve.restoration.plan import PlannedTask, order_of
from releve.restoration.standing.now import PlanSeen, RestorationNow
from releve.web import words

__all__ = ["NO_TEAM", "plan_data"]

NO_TEAM = "-"  # in an address: machine work and gates, which ask for nobody
WIDTH = 430.0  # of the bars on A4, in the pixels by which marks are spaced
# More is not hung on a wall. Longest first: all that is open, a phase of three months, then weeks.
PAGES_MAX = 12
SPANS_DAYS = (None, 91, 56, 42, 28, 21, 14, 7)
LINES_A_PAGE = 27  # most names of tasks take two lines


def plan_data(
    seen: RestorationNow, shown: PlanSeen, now: IslandNow, team: str, *, whole: bool = False
) -> dict[str, Any]:
    """Return the data of `restoration-plan.typ`: what comes next, on twelve pages at most, or the whole.

    `team`: a skill alone; "" for all teams.
    """
    case = seen.case_of(shown)
    names = names_of(case.skills)
    teams = [one for one in _teams(case) if not team or team in one[0]]
    every = _open_tasks(seen, case)
    days = None if whole else _days_that_fit(seen, shown, case, every, teams, team)
    tasks = every if days is None else _coming(seen, shown, case, every, days)
    scale = _scale(case, shown, tasks, days)
    in_force = seen.in_force is not None and seen.in_force.entry == shown.entry
    warning = ""
    if not in_force:
        warning = (
            gettext("This plan only tries something")
            if shown.what_if
            else gettext("This plan is not in force")
        )
    pages = [
        {"name": names.get(team, name), "lines": lines}
        for skills, name in teams
        for wanted in ({team} if team else skills,)
        if (lines := _lines(seen, shown, case, [one for one in tasks if _is_of(one, wanted)], scale, now))
    ]
    kinds = {task.kind for task in tasks if task.kind != "gate"}
    return {
        "title": gettext("Plan of the restoration"),
        "state": _state(shown, case, days, now),
        "warning": warning,
        "teams": pages or [{"name": gettext("Plan of the restoration"), "lines": []}],
        "ticks": _ticks(scale),
        "now": scale.x(case.now) / WIDTH if seen.cut is not None and scale.from_hour <= case.now else None,
        "legend": [(kind, str(KINDS[kind])) for kind in KINDS if kind in kinds],
        "words": {
            "task": gettext("Application, task"),
            "when": gettext("When"),
            "planned": gettext("Planned"),
            "who": gettext("Who"),
            "gate": str(KINDS["gate"]),
            "back": gettext("back by then with %(share)s chance") % {"share": percent(0.8)},
            "rule": gettext("Out of date as soon as another plan is in force."),
        },
    }


def _open_tasks(seen: RestorationNow, case: Case) -> list[Task]:
    """Return the tasks of all applications that are not back: what is done of the others stays, struck through."""
    left = {
        task.application
        for task in case.tasks
        if (one := seen.tasks.get(task.id)) is None or one.state != "done"
    }
    return [task for task in case.tasks if task.application in left]


def _state(shown: PlanSeen, case: Case, days: int | None, now: IslandNow) -> str:
    language = get_language() or "fr"
    made = gettext("Plan made %s") % words.moment(shown.made_at, now.zone, language)
    if shown.by_hand:
        made = f"{made}, {gettext('by hand by %s') % shown.by_hand}"
    if days is None:
        return made
    last = words.short_day(case.starts_at_ms + (case.now + 24 * days) * HOUR_MS, now.zone, language)
    return f"{gettext('What comes until %s') % last} · {made}"


def _days_that_fit(
    seen: RestorationNow,
    shown: PlanSeen,
    case: Case,
    every: list[Task],
    teams: list[tuple[set[str], str]],
    team: str,
) -> int | None:
    """Return for how many days from now on the plan fits on the wall, None for all of it."""
    for days in SPANS_DAYS:
        tasks = every if days is None else _coming(seen, shown, case, every, days)
        pages = 0
        for skills, _name in teams:
            own = [one for one in tasks if _is_of(one, {team} if team else skills)]
            # An application has a line of its own above its tasks.
            pages += -(-(len(own) + len({one.application for one in own})) // LINES_A_PAGE)
        if pages <= PAGES_MAX:
            return days
    return SPANS_DAYS[-1]


def _coming(seen: RestorationNow, shown: PlanSeen, case: Case, tasks: list[Task], days: int) -> list[Task]:
    """Return what is to be done from now on within so many days, what should be done already included."""
    planned = {one.task: one for one in shown.plan.tasks}
    done = {id_ for id_, one in seen.tasks.items() if one.state == "done"}
    return [
        task
        for task in tasks
        if task.id not in done and task.id in planned and planned[task.id].start < case.now + 24 * days
    ]


def _scale(case: Case, shown: PlanSeen, tasks: list[Task], days: int | None) -> TimeScale:
    # One scale for all teams: pages are laid beside one another.
    ids = {task.id for task in tasks}
    planned = [one for one in shown.plan.tasks if one.task in ids]
    own = {task.application for task in tasks}
    hours: list[float] = [one.end for one in planned]
    hours += [one.p95 for id_, one in shown.dated("application").items() if id_ in own]
    if days is not None:
        # A forecast for next summer would press next week into a finger's breadth.
        hours = [min(hour, case.now + 24 * days) for hour in hours]
    begin = min((one.start for one in planned), default=0)
    return scale_of(
        case, [*hours, begin], left=0, width=WIDTH, language=get_language() or "fr", from_hour=begin
    )


def _ticks(scale: TimeScale) -> list[dict[str, Any]]:
    marks = [(scale.x(hour) / WIDTH, name) for hour, name in scale.marks()]
    # A name runs to the right of its mark; the last would leave the page.
    return [{"x": x, "name": name if x < 0.93 else ""} for x, name in marks]


def _teams(case: Case) -> list[tuple[set[str], str]]:
    """Return the teams that have a page: each skill of the house, all vendors together, and what asks for nobody."""
    able: dict[str, list[str]] = {}
    for one in case.people:
        for id_ in one.skills:
            able.setdefault(id_, []).append(one.kind)
    vendors = {id_ for id_, kinds in able.items() if all(kind == "vendor" for kind in kinds)}
    house = [({one.id}, one.name or one.id) for one in case.skills if one.id not in vendors]
    return [*house, (vendors, gettext("Vendors")), ({NO_TEAM}, gettext("Machine work and gates"))]


def _is_of(task: Task, skills: Collection[str]) -> bool:
    if NO_TEAM in skills:
        return not task.team
    return any(count.skill in skills for count in task.team)


def _lines(
    seen: RestorationNow, shown: PlanSeen, case: Case, tasks: list[Task], scale: TimeScale, now: IslandNow
) -> list[dict[str, Any]]:
    planned = {one.task: one for one in shown.plan.tasks}
    rank = {id_: place for place, id_ in enumerate(order_of(shown.plan, case))}
    names, people = names_of(case.applications), names_of(case.people)
    dated = shown.dated("application")
    of: dict[str, list[tuple[Task, PlannedTask]]] = {}
    for task in tasks:
        if task.id in planned:
            of.setdefault(task.application, []).append((task, planned[task.id]))
    lines: list[dict[str, Any]] = []
    for id_ in sorted(of, key=lambda each: (rank.get(each, len(rank)), each)):
        lines.append(_head(names.get(id_, id_), dated.get(id_), scale, shown, now))
        for task, due in sorted(of[id_], key=lambda pair: (pair[1].start, pair[1].end, pair[0].id)):
            lines.append(_line(task, due, seen, scale, people))
    return lines


def _head(name: str, date: Dated | None, scale: TimeScale, shown: PlanSeen, now: IslandNow) -> dict[str, Any]:
    language = get_language() or "fr"
    back = ""
    if date is not None:
        back = gettext("back by %s with 80%%") % words.short_day(shown.ms(date.p80), now.zone, language)
    return {
        "head": True,
        "name": name,
        "back": back,
        # Beyond the edge of the page its words say it.
        "dated": {name: _place(scale, getattr(date, name)) for name in ("p50", "p80", "p95")}
        if date is not None and date.p80 <= scale.to_hour
        else None,
    }


def _place(scale: TimeScale, hour: float) -> float:
    """Return where an hour stands, as a share of the width; beyond an edge: at the edge."""
    return min(1.0, max(0.0, scale.x(hour) / WIDTH))


def _line(
    task: Task, due: PlannedTask, seen: RestorationNow, scale: TimeScale, people: Mapping[str, str]
) -> dict[str, Any]:
    one = seen.tasks.get(task.id)
    state = one.state if one is not None else "todo"
    first, last = (_place(scale, hour) for hour in (due.start, due.end))
    moment = scale.moment(due.start)
    return {
        "head": False,
        "name": task_label(task),
        "state": str(STATES[state]) if state != "todo" else "",
        "bar": {
            "x": first,
            "w": max(0.0, last - first),
            "kind": task.kind,
            "gate": not task.work_hours,
            "done": state == "done",
        },
        "planned": moment if due.end <= due.start else f"{moment} – {scale.moment(due.end)}",
        "people": ", ".join(people.get(id_, id_) for id_ in due.people),
    }
