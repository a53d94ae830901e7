"""The steps of a plan that is asked for: what remains of the case, the search, its bound, its reasons, the forecast.

What plans (numba, OR-Tools) is imported when a plan is asked for.
"""

import logging
import time
from typing import Literal

import msgspec

from releve.restoration.case import Case, TaskState
from releve.restoration.checker.check import faults
from releve.restoration.facts import CareReturned, Dated, Lengths
from releve.restoration.making.by_hand import as_kept
from releve.restoration.making.messages import Failed, Made, Request
from releve.restoration.making.reasons import Progress, reasons
from releve.restoration.plan import Plan

__all__ = ["make", "remaining"]

# Of the seconds asked for, where the bound comes after the search. The forecast comes on top.
SEARCH_SHARE = 0.7
REPLAN_SECONDS_MAX = 20.0


def make(request: Request, progress: Progress) -> Made | Failed:
    """Return the plan that was asked for, with its forecast, or why there is none.

    What cannot be planned is left out and said; a plan is still made for the rest.
    """
    from releve.restoration.catalogue.problems import problems, what_remains
    from releve.restoration.catalogue.sentences import Problem, kept
    from releve.restoration.planner.decode import digest, identified

    began = time.monotonic()
    case = remaining(request.case, request.told)
    remains, _ = what_remains(case)
    stops = tuple(kept(one) for one in problems(case) if one.severity == "stops")
    if not remains.applications:
        return Failed(reason="problems", places=stops[:50])
    plan, remains, moved, never = _planned(request, remains, progress)
    stops += tuple(
        kept(
            Problem(
                code="never-back", severity="stops", place=f"services[{id_}]", ids=(id_,), facts={"id": id_}
            )
        )
        for id_ in never
    )
    # A new plan has its own, proved beside the search; to one that cannot be carried out none applies.
    if request.base is None and plan.bound is None and not (request.by_hand and _wrong(remains, plan)):
        progress("bound", SEARCH_SHARE)
        bound = _bound(remains, request.seconds * (1 - SEARCH_SHARE))
        if bound is not None:
            plan = identified(msgspec.structs.replace(plan, bound=min(bound, plan.loss)))
    try:
        why = reasons(remains, plan, progress)
    except Exception:
        # A plan whose reasons could not be computed is a plan; what binds each task stands in it anyway.
        logging.getLogger("releve.planner").exception("the reasons of the plan could not be computed")
        why = ""
    progress("forecast", 0.95)
    dates, returned = _forecast(remains, plan, request.runs, request.seed)
    learned = _learned(remains)
    return Made(
        plan=plan,
        case_digest=digest(remains),
        dates=dates,
        returned=returned,
        runs=request.runs,
        moved=moved,
        why=why,
        left_out=stops,
        seconds=round(time.monotonic() - began, 2),
        learned=learned,
    )


def remaining(case: Case, told: dict[str, int]) -> Case:
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


def _planned(request: Request, case: Case, progress: Progress) -> tuple[Plan, Case, str, tuple[str, ...]]:
    """Return the plan, its case, what moved (JSON), and the services that no plan brings back."""
    from releve.restoration.planner.decode import digest, identified
    from releve.restoration.planner.proven import solve_and_prove
    from releve.restoration.planner.solve import solve

    def show(done: float, _loss: float) -> None:
        progress("plan", done * SEARCH_SHARE)

    if request.by_hand is not None:
        plan = identified(as_kept(case, request.by_hand, digest=digest(case)))
        dated = {one.id for one in plan.services}
        return plan, case, "", tuple(one.id for one in case.services if one.id not in dated)
    if request.base is None and not request.what_if:
        plan = solve_and_prove(case, seed=request.seed, seconds=request.seconds, progress=show)
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
    return found.plan, found.case, msgspec.json.encode(moved).decode(), tuple(found.never)


def _wrong(case: Case, plan: Plan) -> bool:
    return any(one.severity == "wrong" for one in faults(case, plan))


def _bound(case: Case, seconds: float) -> float | None:
    """Return the loss that no plan goes below, None where nothing computes it in time."""
    try:
        from releve.restoration.planner.bound import lower_bound
    except ImportError:  # without scipy nothing is proved; the plan is the same
        return None
    return lower_bound(case, seconds=max(1.0, seconds))


def _learned(case: Case) -> Lengths | None:
    """Return what the finished tasks taught the forecast, for people to read."""
    from releve.restoration.forecast.calibration import learn

    learned = learn(case)
    if learned is None:
        return None
    return Lengths(ended=learned.ended, kinds={kind: round(one, 2) for kind, one in learned.tasks.items()})


def _forecast(
    case: Case, plan: Plan, runs: int, seed: int
) -> tuple[tuple[Dated, ...], tuple[CareReturned, ...]]:
    """Return dates and the curve of the whole, by what the finished tasks taught; what no run brings back has none."""
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
    curves = (
        CareReturned(measure=one.measure, p50=one.p50, p80=one.p80, p95=one.p95) for one in forecast.returned
    )
    return tuple(found), tuple(curves)
