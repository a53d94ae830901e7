"""What finished tasks teach, and whether dates announced in crises that did not happen were kept."""

import math
from random import Random

import msgspec
import pytest
from tiny_restorations import START, SYSTEM

from releve.restoration.case import Application, Case, Person, Service, Task, TaskState, Uncertainty, Window
from releve.restoration.forecast.calibration import calibrate, learn
from releve.restoration.forecast.crises import Reality, play_crisis
from releve.restoration.invented import generate

replace = msgspec.structs.replace

PRIOR = Uncertainty(task_sigma=0.35, application_sigma=0.25, kind_sigma=0.12, common_sigma=0.3)


def lived(factors: dict[str, float], *, sigma: float = 0.0, count: int = 40, seed: int = 1) -> Case:
    """Return a case of as many finished tasks of each kind, longer by these factors, and one of each still to do."""
    random = Random(seed)
    tasks, states, applications = [], [], []
    for kind, factor in factors.items():
        for number in range(count + 1):
            name = f"{kind}-{number}"
            applications.append(Application(id=name))
            tasks.append(Task(id=name, application=name, kind=kind, work_hours=40, team=SYSTEM))  # type: ignore[arg-type]
            if number < count:
                hours = max(1, round(40 * factor * math.exp(random.gauss(0.0, sigma))))
                states.append(TaskState(task=name, started=0, ended=hours, people=("anne",)))
    return Case(
        starts_at=START, now=500, people=(Person(id="anne", skills=("system",)),), applications=tuple(applications),
        tasks=tuple(tasks), services=(Service(id="s", impact=()),), states=tuple(states), uncertainty=PRIOR,
    )  # fmt: skip


def test_work_that_took_half_as_long_again_is_expected_to_go_on_doing_so() -> None:
    """Forty restores that took sixty hours each instead of forty say what the next one takes."""
    case = lived({"restore": 1.5, "test": 0.8}, sigma=0.2)

    after = {task.id: task for task in calibrate(case).tasks}

    assert after["restore-40"].work_hours == pytest.approx(60, rel=0.1)
    assert after["test-40"].work_hours == pytest.approx(32, rel=0.1)
    assert after["restore-0"].work_hours == 40  # what has ended keeps its estimate


def test_one_finished_task_moves_the_rest_only_a_little() -> None:
    """One restore that took three times its estimate is an accident before it is a rule."""
    case = lived({"restore": 3.0}, count=1)

    after = {task.id: task for task in calibrate(case).tasks}

    assert 41 <= after["restore-1"].work_hours <= 70


def test_little_scatter_seen_is_little_scatter_expected() -> None:
    """A kind of work that always takes what was said gets dates close together."""
    steady = {task.id: task for task in calibrate(lived({"restore": 1.0}, sigma=0.05)).tasks}["restore-40"]
    wild = {task.id: task for task in calibrate(lived({"restore": 1.0}, sigma=0.8)).tasks}["restore-40"]

    assert steady.spread is not None
    assert wild.spread is not None
    assert steady.spread < 0.3 < 0.5 < wild.spread


def test_what_an_application_has_shown_stays_with_it() -> None:
    """Three tasks of imaging took twice their time: the fourth will too, those of the laboratory need not."""
    names = ("imaging", "laboratory")
    tasks = tuple(
        Task(id=f"{name}-{number}", application=name, kind="rebuild", work_hours=30, team=SYSTEM)
        for name in names
        for number in range(8)
    )
    hours = {"imaging": 60, "laboratory": 30}
    states = tuple(
        TaskState(task=f"{name}-{number}", started=0, ended=hours[name], people=("anne",))
        for name in names
        for number in range(7)
    )
    case = replace(
        lived({"restore": 1.0}, count=1), applications=tuple(Application(id=name) for name in names), tasks=tasks,
        states=states,
    )  # fmt: skip

    calibrated = calibrate(case)

    after = {task.id: task.work_hours for task in calibrated.tasks}
    assert after["imaging-7"] > 1.25 * after["laboratory-7"]
    assert all(one.spread is not None and one.spread < 0.3 for one in calibrated.applications)


def test_tasks_under_way_keep_short_ones_from_speaking_for_all() -> None:
    """After a week the ended tasks are the short ones; the rest are not like them."""
    case = lived({"restore": 1.0}, count=6)
    running = tuple(TaskState(task=f"slow-{number}", started=0, people=("anne",)) for number in range(6))
    slow = tuple(
        Task(id=f"slow-{number}", application="restore-0", kind="restore", work_hours=40, team=SYSTEM)
        for number in range(6)
    )

    before = learn(case)
    after = learn(replace(case, now=100, tasks=(*case.tasks, *slow), states=(*case.states, *running)))

    assert before is not None
    assert after is not None
    assert after.tasks["restore"] > before.tasks["restore"] * 1.1


def test_hours_nobody_worked_are_not_learned_from() -> None:
    """A weekend between start and end is not work."""
    case = lived({"restore": 1.0}, count=20)
    people = (Person(id="anne", skills=("system",), windows=(Window(from_hour=0, to_hour=20),)),)

    after = {task.id: task for task in calibrate(replace(case, people=people)).tasks}

    assert after["restore-20"].work_hours < 30  # forty hours passed, twenty were worked


def test_nothing_finished_teaches_nothing() -> None:
    """On the first day the estimates stand."""
    case = replace(lived({"restore": 1.0}, count=2), states=())

    assert learn(case) is None
    assert calibrate(case) is case


def test_a_crisis_is_played_to_its_end_and_every_date_compared() -> None:
    """The same seed is the same crisis; whoever is back is announced no more."""
    reality = Reality(common_sigma=0.3)

    found = play_crisis(generate(6, 3), 3, runs=20, every_weeks=3, reality=reality)

    assert found == play_crisis(generate(6, 3), 3, runs=20, every_weeks=3, reality=reality)
    assert {each.application for each in found if each.week == 0} == {
        one.id for one in generate(6, 3).applications
    }
    assert all(each.actual > each.week * 168 for each in found)
    assert len({(each.week, each.application) for each in found}) == len(found)
    assert len({each.actual for each in found if each.application == found[0].application}) == 1


def test_dates_of_crises_like_those_believed_in_hold_about_as_often_as_announced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A forecast that believes the truth and still misses it has an error in it."""
    monkeypatch.delenv("RELEVE_PLANNER", raising=False)
    unc = Uncertainty()
    believed = Reality(
        bias=0.0, common_sigma=unc.common_sigma, kind_sigma=unc.kind_sigma, sigma_sigma=0.0, chance_sigma=0.0,
        application_sigma=unc.application_sigma, task_sigma=unc.task_sigma,
    )  # fmt: skip
    kept = [
        each.actual <= each.p80
        for seed in range(40, 64)
        for each in play_crisis(generate(6, seed), seed, runs=60, every_weeks=60, reality=believed)
    ]

    assert 0.65 <= sum(kept) / len(kept) <= 0.95
