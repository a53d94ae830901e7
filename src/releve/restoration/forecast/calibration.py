"""What finished tasks teach: how far estimates run, by kind of task and by application, and how far they scatter.

The logarithm of (hours worked / hours estimated) of a task is taken as the sum of what all tasks share, what its kind
and its application share, and its own part, each normal around 0 with the sigmas of `Uncertainty` before anything is
known. Tasks under way count too: each is longer than what was worked of it so far; without them, short tasks, which end
first, would make the rest look short. Means follow by regression with these priors, sigmas by expectation and
maximisation against as many imagined observations as `_SIGMA_WEIGHT` says (empirical Bayes).
Source: Efron & Morris 1975 for the shrinkage; Dempster, Laird & Rubin 1977 for the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import erfc, exp, log, pi, sqrt

from msgspec.structs import replace

from releve.restoration.case import Case, Task, Uncertainty
from releve.restoration.planner.calendars import calendar_masks, person_mask

__all__ = ["Learned", "Seen", "calibrate", "learn", "seen_of"]

_SIGMA_WEIGHT = 12.0  # imagined observations behind each sigma told in the case
_ROUNDS = 25
# What is learned of lengths takes their tails for those of a log-normal, and real ones are heavier: dates late in a
# crisis are those of tasks that went wrong. Chosen on simulated crises, seeds below 1000.
_TAILS = 1.2
_FACTOR_MAX = 5.0  # beyond, the estimate was of something else


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of one task: hours worked, and whether it has ended (else it is longer than that)."""

    task: Task
    hours: int
    ended: bool


@dataclass(slots=True)
class Learned:
    """Logarithms of factors on estimates, with the variances that remain; and how far tasks scatter.

    Factors of an application or a kind that was not seen are 0 with the whole variance of the prior.
    """

    common: float
    kinds: dict[str, float]
    covariance: list[list[float]]  # of (common, kinds in the order of `kinds`)
    applications: dict[str, float]
    application_variance: dict[str, float]
    application_sigma: float
    scale: dict[str, float]  # by kind: on the sigma of each task
    seen: int
    ended: int = 0
    tasks: dict[str, float] = field(default_factory=dict)  # factor in hours, by kind, for people to read

    def factor(self, task: Task) -> float:
        """Return what the estimate of a task is to be multiplied by: the median, as estimates are."""
        shift = self.common + self.kinds.get(task.kind, 0.0) + self.applications.get(task.application, 0.0)
        return min(max(exp(shift), 1.0 / _FACTOR_MAX), _FACTOR_MAX)


def calibrate(case: Case) -> Case:
    """Return the case with what its finished tasks teach in the estimates and sigmas of all others.

    Give it the case as estimated: of one already calibrated it would learn twice. What people said remains of a task
    under way is kept: they said it knowing the work.
    """
    learned = learn(case)
    if learned is None:
        return case
    ended = {state.task for state in case.states if state.ended is not None}
    unc = case.uncertainty
    tasks = []
    for task in case.tasks:
        if task.id in ended or task.work_hours <= 0:
            tasks.append(task)
            continue
        spread = (
            (unc.task_sigma if task.spread is None else task.spread)
            * learned.scale.get(task.kind, 1.0)
            * _TAILS
        )
        hours = max(1, round(task.work_hours * learned.factor(task)))
        tasks.append(replace(task, work_hours=hours, spread=spread))
    applications = tuple(
        replace(one, spread=_TAILS * sqrt(learned.application_variance[one.id]))
        if one.id in learned.application_variance
        else one
        for one in case.applications
    )
    common, kind = _shared(case, learned, ended)
    return replace(
        case,
        tasks=tuple(tasks),
        applications=applications,
        uncertainty=replace(
            unc, application_sigma=learned.application_sigma, kind_sigma=kind, common_sigma=common
        ),
    )


def _shared(case: Case, learned: Learned, ended: set[str]) -> tuple[float, float]:
    """Return the sigmas that remain of what all tasks share, and tasks of a kind, for the hours still to work."""
    names = list(learned.kinds)
    hours: dict[str, float] = {}
    for task in case.tasks:
        if task.id not in ended and task.kind in learned.kinds:
            hours[task.kind] = hours.get(task.kind, 0.0) + max(task.work_hours, 0)
    total = sum(hours.values())
    if total <= 0.0:
        return sqrt(max(learned.covariance[0][0], 0.0)), case.uncertainty.kind_sigma
    covariance = learned.covariance
    own, between, pairs = 0.0, 0.0, 0.0
    for i, first in enumerate(names):
        for j, second in enumerate(names):
            weight = hours.get(first, 0.0) * hours.get(second, 0.0)
            both = covariance[0][0] + covariance[0][i + 1] + covariance[0][j + 1] + covariance[i + 1][j + 1]
            if i == j:
                own += hours.get(first, 0.0) / total * both
            else:
                between += weight * both
                pairs += weight
    between = max(between / pairs, 0.0) if pairs > 0.0 else 0.0
    return sqrt(between), sqrt(max(own - between, 0.0))


def seen_of(case: Case) -> list[Seen]:
    """Return the hours worked of tasks that have ended or are under way, of which people said when and by whom."""
    horizon = max([case.now, *(state.ended or 0 for state in case.states)]) + 1
    masks = calendar_masks(case, horizon)
    people = {person.id: person_mask(person, masks, horizon) for person in reversed(case.people)}
    tasks = {task.id: task for task in reversed(case.tasks)}
    found = []
    for state in case.states:
        task = tasks.get(state.task)
        until = case.now if state.ended is None else state.ended
        if task is None or task.work_hours <= 0 or state.started is None or until <= state.started:
            continue
        if task.calendar not in masks or (task.team and not all(one in people for one in state.people)):
            continue
        if any(line.count > 0 for line in task.team) and not state.people:
            continue
        if state.ended is None and state.remaining_hours is not None:
            continue  # how much of it was done is no longer told by the hours worked
        mask = masks[task.calendar]
        for one in state.people:
            mask &= people[one]
        hours = ((mask & ((1 << max(until, 0)) - 1)) >> max(state.started, 0)).bit_count()
        if hours > 0:
            found.append(Seen(task, hours, state.ended is not None))
    return found


def learn(case: Case) -> Learned | None:
    """Return what the finished tasks of a case teach; None when none has ended."""
    seen = seen_of(case)
    if not any(each.ended for each in seen):
        return None
    return _Learning(seen, case.uncertainty).run()


class _Learning:
    def __init__(self, seen: list[Seen], unc: Uncertainty) -> None:
        self.seen, self.unc = seen, unc
        self.kinds: list[str] = sorted({each.task.kind for each in seen})
        self.size = 1 + len(self.kinds)
        self.kind = [1 + self.kinds.index(each.task.kind) for each in seen]
        self.by_application: dict[str, list[int]] = {}
        for i, each in enumerate(seen):
            self.by_application.setdefault(each.task.application, []).append(i)
        # A length of so many whole hours lies within half an hour of it.
        self.rounding = [1.0 / (12.0 * each.hours**2) for each in seen]
        self.spread = [
            max(unc.task_sigma if each.task.spread is None else each.task.spread, 0.02) for each in seen
        ]
        self.measured = [
            log((each.hours + (0.0 if each.ended else 0.5)) / each.task.work_hours) for each in seen
        ]
        self.scale = dict.fromkeys(self.kinds, 1.0)
        self.application_variance = max(unc.application_sigma, 0.02) ** 2
        self.value = list(self.measured)  # of tasks under way: what is expected of them
        self.beyond = [0.0] * len(seen)  # and the variance of that
        self.means = [0.0] * self.size
        self.covariance: list[list[float]] = []
        self.shared: dict[str, tuple[float, float]] = {}

    def run(self) -> Learned:
        for _ in range(_ROUNDS):
            self._means()
            self._expect()
            self._sigmas()
        kinds = {kind: self.means[1 + i] for i, kind in enumerate(self.kinds)}
        return Learned(
            common=self.means[0], kinds=kinds, covariance=self.covariance,
            applications={name: mean for name, (mean, _) in self.shared.items()},
            application_variance={name: variance for name, (_, variance) in self.shared.items()},
            application_sigma=sqrt(self.application_variance), scale=dict(self.scale), seen=len(self.seen),
            ended=sum(each.ended for each in self.seen),
            tasks={kind: exp(self.means[0] + shift) for kind, shift in kinds.items()},
        )  # fmt: skip

    def _variance(self, i: int) -> float:
        return (self.scale[self.seen[i].task.kind] * self.spread[i]) ** 2 + self.rounding[i]

    def _means(self) -> None:
        """Regress on what all share and kinds share, applications integrated out (Woodbury)."""
        size = self.size
        precision = [[0.0] * size for _ in range(size)]
        target = [0.0] * size
        precision[0][0] = 1.0 / max(self.unc.common_sigma, 0.02) ** 2
        for k in range(1, size):
            precision[k][k] = 1.0 / max(self.unc.kind_sigma, 0.02) ** 2
        for members in self.by_application.values():
            weight = [0.0] * size
            total = valued = 0.0
            for i in members:
                d, k = 1.0 / self._variance(i), self.kind[i]
                for row, column in ((0, 0), (0, k), (k, 0), (k, k)):
                    precision[row][column] += d
                target[0] += d * self.value[i]
                target[k] += d * self.value[i]
                weight[0] += d
                weight[k] += d
                total += d
                valued += d * self.value[i]
            shrink = 1.0 / (1.0 / self.application_variance + total)
            for row in range(size):
                target[row] -= weight[row] * valued * shrink
                for column in range(size):
                    precision[row][column] -= weight[row] * weight[column] * shrink
        self.covariance = _inverse(precision)
        self.means = [sum(row[k] * target[k] for k in range(size)) for row in self.covariance]
        for name, members in self.by_application.items():
            total = rest = 0.0
            for i in members:
                d = 1.0 / self._variance(i)
                total += d
                rest += d * (self.value[i] - self.means[0] - self.means[self.kind[i]])
            variance = 1.0 / (1.0 / self.application_variance + total)
            self.shared[name] = (rest * variance, variance)

    def _mean(self, i: int) -> float:
        return self.means[0] + self.means[self.kind[i]] + self.shared[self.seen[i].task.application][0]

    def _expect(self) -> None:
        """Take for each task under way the mean and variance of a length beyond what was worked of it."""
        for i, each in enumerate(self.seen):
            if each.ended:
                continue
            mean, sigma = self._mean(i), sqrt(self._variance(i))
            at = (self.measured[i] - mean) / sigma
            tail = 0.5 * erfc(at / sqrt(2.0))
            ratio = exp(-0.5 * at * at) / sqrt(2.0 * pi) / tail if tail > 1e-12 else at + 1.0 / max(at, 1.0)
            self.value[i] = mean + sigma * ratio
            self.beyond[i] = max(sigma**2 * (1.0 + at * ratio - ratio * ratio), 0.0)

    def _sigmas(self) -> None:
        squares = dict.fromkeys(self.kinds, _SIGMA_WEIGHT)
        counts = dict.fromkeys(self.kinds, _SIGMA_WEIGHT)
        for i, each in enumerate(self.seen):
            application = self.shared[each.task.application][1]
            rest = (self.value[i] - self._mean(i)) ** 2 + self.beyond[i] + application - self.rounding[i]
            squares[each.task.kind] += max(rest, 0.0) / self.spread[i] ** 2
            counts[each.task.kind] += 1.0
        # Each kind leans on all of them together, which lean on what the case told.
        pooled = (sum(squares.values()) - (len(self.kinds) - 1) * _SIGMA_WEIGHT) / (
            sum(counts.values()) - (len(self.kinds) - 1) * _SIGMA_WEIGHT
        )
        for kind in self.kinds:
            own = squares[kind] - _SIGMA_WEIGHT + _SIGMA_WEIGHT * pooled
            self.scale[kind] = min(max(sqrt(own / counts[kind]), 0.2), 3.0)
        before = max(self.unc.application_sigma, 0.02) ** 2
        total = _SIGMA_WEIGHT * before + sum(mean**2 + variance for mean, variance in self.shared.values())
        self.application_variance = total / (_SIGMA_WEIGHT + len(self.shared))


def _inverse(matrix: list[list[float]]) -> list[list[float]]:
    """Return the inverse of a positive definite matrix (Gauss & Jordan; no pivot is 0)."""
    size = len(matrix)
    rows = [[*row, *(1.0 if i == j else 0.0 for j in range(size))] for i, row in enumerate(matrix)]
    for k in range(size):
        pivot = rows[k][k]
        rows[k] = [value / pivot for value in rows[k]]
        for i in range(size):
            if i != k and rows[i][k] != 0.0:
                times = rows[i][k]
                rows[i] = [value - times * other for value, other in zip(rows[i], rows[k], strict=True)]
    return [row[size:] for row in rows]
