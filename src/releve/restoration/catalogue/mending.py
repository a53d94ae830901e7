"""What can be set aside in a case without touching a date: what only the forecast or a report reads. Pure."""

from msgspec.structs import replace

from releve.restoration.case import Application, Case, Need, Person, Service, Task, TaskState, Uncertainty
from releve.restoration.catalogue.sentences import Problem
from releve.restoration.catalogue.values import SPREAD_MAX

__all__ = ["mended"]

_MENDED = {
    "unknown", "unknown-before", "probability", "probability-one", "spread", "days-negative", "not-ordered",
    "before-start", "state-order",
}  # fmt: skip


def mended(case: Case, found: list[Problem]) -> Case:
    """Return the case with each value that `found` warns of at its default, steps in order and unknown ids gone."""
    if not any(problem.code in _MENDED for problem in found):
        return case
    tasks = {task.id for task in case.tasks}
    people = {person.id for person in case.people}
    own: dict[str, set[str]] = {}
    for task in case.tasks:
        own.setdefault(task.application, set()).add(task.id)
    known = {
        "application": {application.id for application in case.applications},
        "service": {service.id for service in case.services},
    }
    return replace(
        case,
        people=tuple(_person(person) for person in case.people),
        applications=tuple(_application(line, own.get(line.id, set())) for line in case.applications),
        tasks=tuple(_task(task, tasks) for task in case.tasks),
        services=tuple(_service(service) for service in case.services),
        states=tuple(_state(state, people) for state in case.states if state.task in tasks),
        published=tuple(date for date in case.published if date.id in known[date.kind]),
        uncertainty=_uncertainty(case.uncertainty),
    )


def _probability(told: float, *, certain: bool = False) -> float:
    return told if 0 <= told < 1 or (certain and told == 1) else 0.0


def _spread(told: float | None) -> float | None:
    return told if told is not None and 0 <= told <= SPREAD_MAX else None


def _person(person: Person) -> Person:
    told = person.no_show_probability
    read = _probability(told, certain=True)
    return person if read == told else replace(person, no_show_probability=read)


def _application(application: Application, own: set[str]) -> Application:
    spread = _spread(application.spread)
    if spread == application.spread and all(
        not need.before or need.before in own for need in application.needs
    ):
        return application
    needs = tuple(
        need if need.before in own else Need(application=need.application) for need in application.needs
    )
    return replace(application, needs=needs, spread=spread)


def _task(task: Task, tasks: set[str]) -> Task:
    read = replace(
        task,
        not_before=max(task.not_before, 0),
        fail_probability=_probability(task.fail_probability),
        rework=tuple(id for id in task.rework if id in tasks),
        spread=_spread(task.spread),
    )
    return task if read == task else read


def _service(service: Service) -> Service:
    return replace(
        service,
        impact=tuple(sorted(service.impact, key=lambda step: step.from_day)),
        coverage=tuple(sorted(service.coverage, key=lambda step: step.from_day)),
    )


def _state(state: TaskState, people: set[str]) -> TaskState:
    wrong = state.started is not None and state.ended is not None and state.ended < state.started
    return replace(
        state,
        started=None if wrong else state.started,
        people=tuple(id for id in state.people if id in people),
    )


def _uncertainty(told: Uncertainty) -> Uncertainty:
    default = Uncertainty()

    def sigma(value: float, otherwise: float) -> float:
        return value if 0 <= value <= SPREAD_MAX else otherwise

    days = told.reinfection_after_days
    return Uncertainty(
        task_sigma=sigma(told.task_sigma, default.task_sigma),
        application_sigma=sigma(told.application_sigma, default.application_sigma),
        kind_sigma=sigma(told.kind_sigma, default.kind_sigma),
        common_sigma=sigma(told.common_sigma, default.common_sigma),
        reinfection_probability=_probability(told.reinfection_probability),
        reinfection_after_days=days if 0 <= days < float("inf") else 0.0,
    )
