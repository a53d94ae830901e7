"""Dates of applications and services, and the care lost, computed again from the dates of the tasks alone."""

from collections.abc import Iterator
from itertools import pairwise

from releve.restoration.case import Service
from releve.restoration.checker.criticism import Criticism, found
from releve.restoration.checker.reading import Reading
from releve.restoration.checker.values import ListName, care_of, count, the, these
from releve.restoration.plan import BackAt

__all__ = ["back_and_loss", "loss_until", "service_back", "service_loss"]

# Care is summed in floating point by whoever made the plan, in another order than here: this much is no difference.
TOLERANCE = 1e-6


def loss_until(service: Service, hour: int) -> float:
    """Return the care lost when all of a service is back at this hour: impact x (1 - coverage), summed over days.

    Both are steps, so the sum runs over the days at which one of them changes. Before its first line nothing is
    lost, or nothing covered; of two lines from one day on, the later listed holds.
    """
    end = hour / 24
    days = {0.0, end}
    changes = [line.from_day for line in service.impact] + [line.from_day for line in service.coverage]
    days.update(day for day in changes if 0 < day < end)
    steps = sorted(days)
    total = 0.0
    for first, last in pairwise(steps):
        per_day = 0.0
        for impact in sorted(service.impact, key=lambda line: line.from_day):
            if impact.from_day <= first:
                per_day = impact.per_day
        covered = 0.0
        for coverage in sorted(service.coverage, key=lambda line: line.from_day):
            if coverage.from_day <= first:
                covered = coverage.share
        total += per_day * (1 - covered) * (last - first)
    return total


def service_back(reading: Reading, service: Service) -> int | None:
    """Return the hour at which a service is wholly back, with the last share of it; None: a part never is."""
    asked = (*service.requires, *(share.application for share in service.shares))
    hours = [reading.back(each) for each in asked]
    if any(hour is None for hour in hours):
        return None
    return max((hour for hour in hours if hour is not None), default=0)


def service_loss(reading: Reading, service: Service) -> float | None:
    """Return the care lost until a service is back, each share by itself; None: an application never is."""
    required = [reading.back(each) for each in service.requires]
    if any(hour is None for hour in required):
        return None
    all_required = max((hour for hour in required if hour is not None), default=0)
    total = 0.0
    left = 1.0
    for share in service.shares:
        hour = reading.back(share.application)
        if hour is None:
            return None
        total += share.share * loss_until(service, max(hour, all_required))
        left -= share.share
    return total + max(left, 0.0) * loss_until(service, all_required)


def back_and_loss(reading: Reading) -> Iterator[Criticism]:
    """Yield each date and loss the plan says that its own tasks deny, and each it does not say."""
    plan, case = reading.plan, reading.case
    backs = {each.id: reading.back(each.id) for each in case.applications}
    yield from _dates(reading, "applications", plan.applications, backs)
    services = {each.id: each for each in case.services}
    yield from _dates(
        reading,
        "services",
        plan.services,
        {name: service_back(reading, each) for name, each in services.items()},
    )
    losses = {name: service_loss(reading, each) for name, each in services.items()}
    for said in plan.services:
        loss = losses.get(said.id)
        if loss is not None and _differ(said.loss, loss):
            place, id_ = f"services[{said.id}]", the("services", said.id)
            yield found("care-lost-of-one", place, id=id_, said=care_of(said.loss), computed=care_of(loss))
    total = sum(loss for loss in losses.values() if loss is not None)
    never = [name for name, loss in losses.items() if loss is None]
    if never:
        many = count(len(never), "service")
        yield found("never-back", "loss", id=these("services", never), services=many)
        total = sum(said.loss for said in plan.services if said.id in never) + total
    if _differ(plan.loss, total):
        yield found("care-lost", "loss", said=care_of(plan.loss), computed=care_of(total))
    if plan.bound is not None and plan.bound > plan.loss * (1 + TOLERANCE) + TOLERANCE:
        yield found("bound-above-loss", "bound", bound=care_of(plan.bound), loss=care_of(plan.loss))


def _dates(
    reading: Reading, list_: ListName, said: tuple[BackAt, ...], computed: dict[str, int | None]
) -> Iterator[Criticism]:
    at = reading.hours.said
    seen: set[str] = set()
    for each in said:
        where, id_ = f"{list_}[{each.id}]", the(list_, each.id)
        if each.id not in computed:
            yield found("dates-unknown", where, id=id_)
        elif each.id in seen:
            yield found("dated-twice", where, id=id_)
        else:
            hour = computed[each.id]
            if hour is None:
                yield found("back-without-its-tasks", where, id=id_, said=at(each.hour))
            elif hour != each.hour:
                yield found("back-otherwise", where, id=id_, said=at(each.hour), computed=at(hour))
        seen.add(each.id)
    for name, hour in computed.items():
        if name not in seen and hour is not None:
            yield found("no-date", f"{list_}[{name}]", id=the(list_, name), computed=at(hour))


def _differ(said: float, computed: float) -> bool:
    return abs(said - computed) > TOLERANCE * max(1.0, abs(said), abs(computed))
