"""Dates that hold: a plan played as a policy many times over."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import TypeVar

from releve.restoration.case import Case, PublishedDate
from releve.restoration.forecast.engine import Played, play_policy
from releve.restoration.forecast.forecast import BackBy, CurveDay, Forecast, Spread
from releve.restoration.forecast.returned import returned_of
from releve.restoration.forecast.tables import Policy
from releve.restoration.plan import BackAt, Plan

__all__ = ["forecast_of", "simulate"]

_N = TypeVar("_N", int, float)


def simulate(case: Case, plan: Plan, *, runs: int = 2000, seed: int = 1) -> Forecast:
    """Return when applications and services are back, and the care lost, over `runs` runs of the plan's policy.

    The same seed and number of runs give the same forecast, compiled or not. What was learned from finished tasks is
    not used unless it stands in the case: see `calibration.calibrate`.

    Raises:
        ValueError: fewer than one run.
    """
    if runs < 1:
        raise ValueError("runs: expected 1 or more")
    return forecast_of(Policy(case, plan), runs=runs, seed=seed)


def forecast_of(policy: Policy, *, runs: int, seed: int) -> Forecast:
    """Return the forecast of a policy made before."""
    plan = policy.plan
    played = play_policy(policy, runs, seed)
    applications, never = _applications(policy, played)
    services, never_services = _services(policy, played)
    lost = played.sums("lost", max(policy.sums.services, 1)) if policy.sums.services else [0.0] * runs
    return Forecast(
        plan=plan.id, case=plan.case, runs=runs, seed=seed, horizon=policy.horizon, applications=applications,
        services=services, curve=_curve(policy, played),
        returned=returned_of(policy, played),
        loss=Spread(mean=sum(lost) / runs, p50=_at(lost, 0.5), p80=_at(lost, 0.8), p95=_at(lost, 0.95)),
        never=(*never, *never_services),
    )  # fmt: skip


def _applications(policy: Policy, played: Played) -> tuple[tuple[BackBy, ...], list[str]]:
    case, grid = policy.case, policy.grid
    planned = {each.id: each for each in policy.plan.applications}
    announced = _announced(case.published, "application")
    found, never = [], []
    for a, one in enumerate(case.applications):
        if grid.lost[a]:
            never.append(one.id)
            continue
        hours = _last(played, policy.parts((a,)), policy)
        found.append(
            _back_by(one.id, hours if len(hours) else [0] * played.runs, policy.horizon, planned, announced)
        )
    return tuple(found), never


def _last(played: Played, parts: list[int], policy: Policy) -> Sequence[int]:
    """Return in order the hours at which the last of some applications was back; beyond the horizon: never was."""
    width, beyond = len(policy.case.applications), policy.horizon + 1
    if len(parts) == 1:
        hours: Sequence[int] = played.latest("back", width, parts[0], beyond)
        return hours
    columns = [played.column("back", width, part) for part in parts]
    return sorted(beyond if min(those) < 0 else max(those) for those in zip(*columns, strict=True))


def _services(policy: Policy, played: Played) -> tuple[tuple[BackBy, ...], list[str]]:
    case, width = policy.case, policy.sums.services
    planned = {each.id: each for each in policy.plan.services}
    announced = _announced(case.published, "service")
    counted = {milestone.service for milestone in policy.grid.milestones}
    found, never = [], []
    for number, service in enumerate(case.services):
        if number not in counted:
            never.append(service.id)
            continue
        hours = played.ordered("served", width, number)
        loss = played.mean("lost", width, number)
        found.append(_back_by(service.id, hours, policy.horizon, planned, announced, loss))
    return tuple(found), never


def _back_by(
    name: str,
    hours: Sequence[int],
    horizon: int,
    planned: dict[str, BackAt],
    announced: dict[str, int],
    loss: float | None = None,
) -> BackBy:
    p50, p80, p95 = (
        None if hour > horizon else int(hour) for hour in (_at(hours, q) for q in (0.5, 0.8, 0.95))
    )
    kept = None
    if name in announced:
        kept = bisect_right(hours, announced[name]) / len(hours)
    hour = planned[name].hour if name in planned else None
    return BackBy(id=name, p50=p50, p80=p80, p95=p95, planned=hour, kept=kept, loss=loss)


def _curve(policy: Policy, played: Played) -> tuple[CurveDay, ...]:
    """Return the days up to the first on which nothing is lost in 95 % of the runs and ever after."""
    days = []
    for day, normal in enumerate(policy.normal):
        lost = played.ordered("curve", policy.sums.days, day)
        p50, p80, p95 = (float(_at(lost, q)) / normal if normal > 0.0 else 0.0 for q in (0.5, 0.8, 0.95))
        days.append(CurveDay(day=day, p50=p50, p80=p80, p95=p95))
    last = max((each.day for each in days if each.p95 > 0.0), default=-1)
    return tuple(days[: last + 2])


def _announced(published: Sequence[PublishedDate], kind: str) -> dict[str, int]:
    return {date.id: date.p80 for date in published if date.kind == kind}


def _at(ordered: Sequence[_N], share: float) -> _N:
    """Return the smallest value that this share of the runs do not exceed."""
    return ordered[max(0, -(-round(share * len(ordered) * 100) // 100) - 1)]
