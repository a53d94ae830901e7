"""How much is back, of applications, of care functions or of the patients they treat: now, by hour, forecast. Pure.

Hours are those of the case.
"""

from collections.abc import Callable, Iterable, Mapping

from releve.restoration.case import Case
from releve.restoration.drawing.curve import CurvePoint
from releve.restoration.facts import CareReturned, Dated
from releve.restoration.forecast.forecast import Measure

__all__ = ["actual_steps", "forecast_points", "share_now", "weights_of"]

Key = tuple[str, str]  # kind ("application", "service"), id


def weights_of(case: Case, measure: Measure) -> dict[Key, float]:
    """Return what each thing counts for in a measure; nothing where the catalogue says no patients."""
    if measure == "applications":
        return {("application", one.id): 1.0 for one in case.applications}
    if measure == "services":
        return {("service", one.id): 1.0 for one in case.services}
    return {("service", one.id): one.patients_per_day for one in case.services if one.patients_per_day > 0}


def forecast_points(
    measure: Measure,
    weights: Mapping[Key, float],
    returned: Iterable[CareReturned],
    dates: Iterable[Dated],
) -> list[CurvePoint]:
    """Return the curve of the whole with its bands, day by day.

    Of a plan that was made before this was computed (`returned` says nothing): the curve that comes about when each
    thing comes at its own P50, P80, P95, which promises less than the runs gave.
    """
    whole = sum(weights.values())
    for one in returned:
        if one.measure == measure and whole:
            shares = [
                tuple(min(1.0, amount / whole) for amount in day)
                for day in zip(one.p50, one.p80, one.p95, strict=False)
            ]
            return [
                CurvePoint(24.0 * day, *share)
                for day, share in enumerate(shares)
                if not day or share != shares[day - 1]
            ]
    return _points_of_each(dates, weights)


def _points_of_each(dates: Iterable[Dated], weights: Mapping[Key, float]) -> list[CurvePoint]:
    known = [one for one in dates if (one.kind, one.id) in weights]
    whole = sum(weights.values())
    if not known or not whole:
        return []
    hours = sorted({0.0, *(hour for one in known for hour in (one.p50, one.p80, one.p95))})

    def share(hour: float, of: Callable[[Dated], float]) -> float:
        return sum(weights[one.kind, one.id] for one in known if of(one) <= hour) / whole

    return [
        CurvePoint(
            hour,
            share(hour, lambda one: one.p50),
            share(hour, lambda one: one.p80),
            share(hour, lambda one: one.p95),
        )
        for hour in hours
    ]


def actual_steps(
    weights: Mapping[Key, float], applications: Mapping[str, float], services: Mapping[str, float]
) -> list[tuple[float, float]]:
    """Return the curve of what came back, as steps."""
    backs = {("application", id_): hour for id_, hour in applications.items()}
    backs |= {("service", id_): hour for id_, hour in services.items()}
    return _steps(backs, weights)


def share_now(
    weights: Mapping[Key, float], applications: Mapping[str, float], services: Mapping[str, float]
) -> tuple[float, float]:
    """Return how much is back, and of how much, in the measure's own unit."""
    backs = {("application", id_) for id_ in applications} | {("service", id_) for id_ in services}
    return sum(weight for key, weight in weights.items() if key in backs), sum(weights.values())


def _steps(backs: Mapping[Key, float], weights: Mapping[Key, float]) -> list[tuple[float, float]]:
    whole = sum(weights.values())
    if not whole:
        return []
    found, share = [(0.0, 0.0)], 0.0
    for hour, weight in sorted((hour, weights[key]) for key, hour in backs.items() if key in weights):
        share += weight / whole
        found.append((max(0.0, hour), min(1.0, share)))
    return found
