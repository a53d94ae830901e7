"""A plan made in a process of its own: a request on its standard input, lines of progress and the plan on its output.

`python -m releve.restoration.making.process`. What plans (numba, OR-Tools) holds hundreds of megabytes; they are given
back when this process ends, and what broke here breaks nothing else. Each line of output is one JSON object:
`{"done": 0.4}` while it works, then `{"made": {…}}` or `{"failed": {…}}`.
"""

import logging
import sys
import time
from collections.abc import Callable
from typing import IO, Any, Literal

import msgspec

from releve.restoration.case import Case, TaskState
from releve.restoration.facts import Dated
from releve.restoration.plan import Plan

__all__ = ["Answer", "Failed", "Made", "Request", "main", "make"]

# Of the seconds asked for: the search, then its bound. The forecast comes on top.
SEARCH_SHARE = 0.7
RUNS = 2000
REPLAN_SECONDS_MAX = 20.0
EXPLAIN_SECONDS_MAX = 10.0


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked. `base`: the plan in force, kept as far as it can be; None: a plan from nothing.

    `what_if`: JSON of events that are tried. `told`: of tasks under way, the hour at which it was last said how much
    remains.
    """

    case: Case
    seconds: float
    seed: int = 1
    base: Plan | None = None
    what_if: str = ""
    told: dict[str, int] = {}
    runs: int = RUNS


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A plan and what goes with it. `case_digest` is that of the case it was made for."""

    plan: Plan
    case_digest: str
    dates: tuple[Dated, ...]
    runs: int
    moved: str = ""
    why: str = ""
    left_out: tuple[str, ...] = ()  # sentences
    seconds: float = 0.0


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """Why there is no plan: a code of `PlanFailed`, and where to look."""

    reason: str
    places: tuple[str, ...] = ()


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of output."""

    done: float | None = None
    step: str = ""
    made: Made | None = None
    failed: Failed | None = None


def make(request: Request, progress: Callable[[str, float], None], *, language: str = "fr") -> Made | Failed:
    """Return the plan that was asked for, with its forecast, or why there is none.

    What cannot be planned is left out and said; a plan is still made for the rest.
    """
    from releve.restoration.catalogue.problems import problems, what_remains
    from releve.restoration.catalogue.sentences import line
    from releve.restoration.planner.decode import digest, identified

    began = time.monotonic()
    case = _remaining(request.case, request.told)
    remains, _ = what_remains(case)
    stops = tuple(line(one, language) for one in problems(case) if one.severity == "stops")
    if not remains.applications:
        return Failed(reason="problems", places=stops[:50])
    plan, remains, moved, never = _planned(request, remains, progress)
    stops += tuple(_never(name, language) for name in never)
    if request.base is None:
        progress("bound", SEARCH_SHARE)
        bound = _bound(remains, request.seconds * (1 - SEARCH_SHARE))
        if bound is not None:
            plan = identified(msgspec.structs.replace(plan, bound=min(bound, plan.loss)))
    try:
        why = _why(remains, plan, progress)
    except Exception:
        # A plan whose reasons could not be computed is a plan; what binds each task stands in it anyway.
        logging.getLogger("releve.planner").exception("the reasons of the plan could not be computed")
        why = ""
    progress("forecast", 0.95)
    dates = _dates(remains, plan, request.runs, request.seed)
    return Made(
        plan=plan,
        case_digest=digest(remains),
        dates=dates,
        runs=request.runs,
        moved=moved,
        why=why,
        left_out=stops,
        seconds=round(time.monotonic() - began, 2),
    )


def _remaining(case: Case, told: dict[str, int]) -> Case:
    """Return the case with the work that remains counted from now, not from when it was told."""
    from releve.restoration.replanning.progress import WorkedHours

    tasks = {task.id: task for task in case.tasks}
    worked = WorkedHours(case, case.now)
    states: list[TaskState] = []
    for state in case.states:
        task = tasks.get(state.task)
        if task is None or state.started is None or state.ended is not None or not task.work_hours:
            states.append(state)
            continue
        since = told.get(state.task, state.started) if state.remaining_hours is not None else state.started
        left = task.work_hours if state.remaining_hours is None else state.remaining_hours
        left = max(1, left - worked.count(task, state.people, max(0, since), case.now))
        states.append(msgspec.structs.replace(state, remaining_hours=left))
    return msgspec.structs.replace(case, states=tuple(states))


def _never(name: str, language: str) -> str:
    if language == "fr":
        return f"{name}\u00a0: aucun plan ne rétablit ce soin, ce qu’il lui faut ne peut plus être fait"
    return f"{name}: no plan brings this care back, what it needs can no longer be done"


def _planned(
    request: Request, case: Case, progress: Callable[[str, float], None]
) -> tuple[Plan, Case, str, tuple[str, ...]]:
    """Return the plan, its case, what moved (JSON), and the names of services that no plan brings back."""
    from releve.restoration.planner.solve import solve

    def show(done: float, _loss: float) -> None:
        progress("plan", done * SEARCH_SHARE)

    if request.base is None and not request.what_if:
        plan = solve(case, seed=request.seed, seconds=request.seconds * SEARCH_SHARE, progress=show)
        return plan, case, "", ()
    from releve.restoration.replanning.events import read_events
    from releve.restoration.replanning.replan import replan

    progress("plan", 0.1)
    base = request.base
    if base is None:
        base = solve(case, seed=request.seed, seconds=request.seconds * SEARCH_SHARE, progress=show)
    events = read_events(request.what_if.encode()) if request.what_if else ()
    seconds = min(request.seconds, REPLAN_SECONDS_MAX)
    found = replan(case, base, events, now=case.now, seconds=seconds, seed=request.seed)
    moved = {
        "loss_before": found.loss_before,
        "repaired": found.repaired.loss,
        "gained": found.gained,
        "forced": msgspec.to_builtins(found.forced),
        "chosen": msgspec.to_builtins(found.chosen),
        "dates": msgspec.to_builtins(found.dates),
    }
    names = {one.id: one.name or one.id for one in found.case.services}
    never = tuple(names.get(one, one) for one in found.never)
    return found.plan, found.case, msgspec.json.encode(moved).decode(), never


def _why(case: Case, plan: Plan, progress: Callable[[str, float], None]) -> str:
    """Return, as JSON, what another order would cost for each application; for as many as there is time, the rest too.

    Putting one first, or in its neighbour's place, is one decode on one grid. What each need and each person more is
    worth asks for a grid of its own: told first of what care waits for longest.
    """
    from releve.restoration.replanning.explain import explain

    until = time.monotonic() + EXPLAIN_SECONDS_MAX
    found = _orders(case, plan, until)
    progress("forecast", 0.85)
    back = {one.id: one.hour for one in plan.applications}
    lost = {one.id: one.loss for one in plan.services}
    waited = [
        max((id_ for id_ in service.requires if id_ in back), key=lambda id_: back[id_], default="")
        for service in sorted(case.services, key=lambda one: -lost.get(one.id, 0.0))
    ]
    for id_ in dict.fromkeys(waited):
        if time.monotonic() > until:
            break
        if id_ in back:
            told = explain(case, plan, id_, others=False)
            found.setdefault(id_, {}).update(
                needs=msgspec.to_builtins(told.needs), means=msgspec.to_builtins(told.means)
            )
    progress("forecast", 0.9)
    return msgspec.json.encode(found).decode()


def _orders(case: Case, plan: Plan, until: float) -> dict[str, dict[str, Any]]:
    """Return of each application what putting it first costs, or changing its place with its neighbour's."""
    from releve.restoration.planner.decode import grid_that_holds
    from releve.restoration.planner.engine import engine_for
    from releve.restoration.planner.placing import NOWHERE, application_ends
    from releve.restoration.replanning.explain import order_of
    from releve.restoration.replanning.searching import cost_of

    grid, order, _ = grid_that_holds(case, order_of(plan, case), preferences=plan.preferences)
    place = engine_for(grid).place
    base = cost_of(grid, place(order))
    names = [one.id for one in case.applications]
    fixed = application_ends(grid, grid.fixed)

    def way(kind: str, other: list[int], about: int, id_: str = "") -> dict[str, Any]:
        placed = place(other)
        hour = application_ends(grid, placed.end)[about]
        loss = round(cost_of(grid, placed) - base, 3)
        return {"kind": kind, "id": id_, "loss": loss, "hour": None if hour == NOWHERE else hour}

    found: dict[str, dict[str, Any]] = {}
    for at, own in enumerate(order):
        if time.monotonic() > until:
            break
        if fixed[own] >= 0:
            continue
        swaps = []
        for other in (at - 1, at + 1):
            if 0 <= other < len(order):
                turned = list(order)
                turned[at], turned[other] = turned[other], turned[at]
                swaps.append(way("swap", turned, own, names[order[other]]))
        first = way("first", [own, *(one for one in order if one != own)], own)
        found[names[own]] = {"first": first, "swaps": swaps}
    return found


def _bound(case: Case, seconds: float) -> float | None:
    """Return the loss that no plan goes below, None where nothing computes it in time."""
    try:
        from releve.restoration.planner.bound import lower_bound
    except ImportError:  # without scipy nothing is proved; the plan is the same
        return None
    return lower_bound(case, seconds=max(1.0, seconds))


def _dates(case: Case, plan: Plan, runs: int, seed: int) -> tuple[Dated, ...]:
    """Return the forecast by what the finished tasks taught; what no run brings back has no date."""
    from releve.restoration.forecast.calibration import calibrate
    from releve.restoration.forecast.simulate import simulate

    forecast = simulate(calibrate(case), plan, runs=runs, seed=seed)
    found: list[Dated] = []
    kinds: tuple[Literal["application", "service"], ...] = ("application", "service")
    for kind, backs in zip(kinds, (forecast.applications, forecast.services), strict=True):
        for one in backs:
            if one.p50 is None or one.p80 is None:
                continue
            # In the last of twenty runs it may not come back within what is looked at: by then at the earliest.
            p95 = forecast.horizon if one.p95 is None else one.p95
            found.append(Dated(kind=kind, id=one.id, p50=one.p50, p80=one.p80, p95=p95))
    return tuple(found)


def main(source: IO[bytes] | None = None, target: IO[bytes] | None = None) -> int:
    """Read a request, write progress and the answer; return the exit code."""
    read, write = source or sys.stdin.buffer, target or sys.stdout.buffer
    encode = msgspec.json.Encoder().encode

    def say(answer: Answer) -> None:
        write.write(encode(answer) + b"\n")
        write.flush()

    last = [0.0]

    def progress(step: str, done: float) -> None:
        if time.monotonic() - last[0] > 0.3 or step != "plan":
            last[0] = time.monotonic()
            say(Answer(step=step, done=round(done, 3)))

    try:
        request = msgspec.json.decode(read.read(), type=Request)
        made = make(request, progress)
    except Exception as error:
        # Its text could carry what somebody typed; the kind is enough for whoever looks.
        say(Answer(failed=Failed(reason="broke", places=(type(error).__name__,))))
        raise
    if isinstance(made, Failed):
        say(Answer(failed=made))
        return 1
    say(Answer(made=made))
    return 0


if __name__ == "__main__":
    sys.exit(main())
