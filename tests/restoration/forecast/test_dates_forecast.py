"""Quantiles that can be computed by hand, the plan's own dates when nothing is uncertain, one result both ways."""

import math
from statistics import NormalDist

import msgspec
import pytest
from tiny_restorations import START, SURE, SYSTEM, one_task

from releve.restoration.case import (
    Application,
    Case,
    Impact,
    Person,
    PublishedDate,
    Resource,
    Service,
    Share,
    SkillCount,
    Task,
    TaskState,
    Uncertainty,
    Use,
    Window,
)  # fmt: skip
from releve.restoration.forecast import engine
from releve.restoration.forecast.forecast import read_forecast
from releve.restoration.forecast.simulate import simulate
from releve.restoration.forecast.tables import Policy
from releve.restoration.invented import generate
from releve.restoration.planner.decode import decode

replace = msgspec.structs.replace


@pytest.fixture(autouse=True)
def in_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in pure Python: what compiles is compared with it below."""
    monkeypatch.setenv("RELEVE_PLANNER", "python")


def as_estimated(case: Case) -> Case:
    """Return the case with nothing uncertain in it."""
    return replace(
        case,
        uncertainty=SURE,
        tasks=tuple(replace(task, fail_probability=0.0, spread=0.0) for task in case.tasks),
        people=tuple(replace(person, no_show_probability=0.0) for person in case.people),
    )


@pytest.mark.parametrize("seed", [5, 6, 7])
def test_with_nothing_uncertain_no_date_is_later_than_that_of_the_plan(seed: int) -> None:
    """A policy that departs from the plan by itself would blame on chance what is its own doing."""
    case = as_estimated(generate(20, seed))
    plan = decode(case)

    forecast = simulate(case, plan, runs=1)

    hours = {each.id: each.hour for each in (*plan.applications, *plan.services)}
    dates = {each.id: each.p80 for each in (*forecast.applications, *forecast.services)}
    assert dates.keys() == hours.keys()
    later = {name: (hours[name], date) for name, date in dates.items() if date is None or date > hours[name]}
    assert later == {}
    same = sum(date == hours[name] for name, date in dates.items())
    assert same >= 0.5 * len(dates)
    # Somebody idle may take what the plan keeps for another: a little earlier, never much.
    assert 0.97 * plan.loss <= forecast.loss.mean <= plan.loss + 1e-6


def test_quantiles_of_one_task_are_those_of_its_lognormal() -> None:
    """One task of 100 hours night and day: the date is the length, and its quantiles stand in a table."""
    case = one_task(uncertainty=replace(SURE, task_sigma=0.3, application_sigma=0.4))
    sigma = math.hypot(0.3, 0.4)

    forecast = simulate(case, decode(case), runs=2000)

    date = forecast.applications[0]
    for share, hour in ((0.5, date.p50), (0.8, date.p80), (0.95, date.p95)):
        expected = 100 * math.exp(sigma * NormalDist().inv_cdf(share))
        assert hour == pytest.approx(expected, rel=0.05)
    assert forecast.services[0].loss == pytest.approx(100 * math.exp(sigma**2 / 2), rel=0.03)


def test_a_gate_that_fails_one_time_in_two_doubles_the_work_on_average() -> None:
    """P(no failure) = 1/2: the median run passes at once, the 80th of a hundred fails twice, the 95th four times."""
    case = one_task(10, fail_probability=0.5)

    forecast = simulate(case, decode(case), runs=2000)

    date = forecast.applications[0]
    assert date.p50 in (10, 20)  # half of the runs, give or take
    assert (date.p80, date.p95) == (30, 50)  # three times is 87.5 %, four 93.75 %, five 96.9 %
    assert forecast.loss.mean == pytest.approx(20.0, rel=0.05)


def test_what_a_failed_gate_names_is_done_again_one_after_the_other() -> None:
    """A scan that finds something sends the restored data back to the beginning, not to itself."""
    tasks = (
        Task(id="copy", application="A", work_hours=20),
        Task(id="scan", application="A", work_hours=5, after=("copy",)),
        Task(id="gate", application="A", kind="gate", work_hours=0, after=("scan",), fail_probability=0.3,
             rework=("copy", "scan")),
        Task(id="test", application="A", work_hours=3, after=("gate",)),
    )  # fmt: skip
    case = replace(one_task(), tasks=tasks)

    forecast = simulate(case, decode(case), runs=2000)

    date = forecast.applications[0]
    assert (date.p50, date.p80, date.p95) == (28, 53, 78)  # 70 %, 91 %, 97.3 %: once, twice, three times
    assert forecast.loss.mean == pytest.approx(3 + 25 / 0.7, rel=0.03)


def test_a_window_that_is_missed_comes_again_a_week_later() -> None:
    """A vendor who does not come is waited for: nobody else opens the cabinet."""
    case = one_task(10)
    vendor = Person(
        id="v", kind="vendor", skills=("system",), windows=(Window(from_hour=24, to_hour=48),), no_show_probability=0.3
    )  # fmt: skip
    case = replace(case, people=(vendor,))

    forecast = simulate(case, decode(case), runs=2000)

    date = forecast.applications[0]
    assert (date.p50, date.p80, date.p95) == (34, 34 + 168, 34 + 168)


def test_an_expert_who_leaves_for_good_hands_over_what_remains() -> None:
    """Half of a task lies with somebody whose contract is over: it does not wait for ever."""
    expert = Person(id="e", kind="expert", skills=("system",), windows=(Window(from_hour=0, to_hour=12),))
    staff = Person(id="s", skills=("system", "network"), windows=(Window(from_hour=100, to_hour=2000),))
    case = replace(one_task(10), people=(expert, staff))
    plan = decode(case)
    longer = replace(case, uncertainty=replace(SURE, common_sigma=0.5))

    forecast = simulate(longer, plan, runs=500)

    assert plan.tasks[0].people == ("e",)
    assert forecast.applications[0].p50 in range(8, 13)
    assert forecast.applications[0].p95 in range(
        106, 130
    )  # 10 x exp(0.5 x 1.645) = 23, of which 12 were done


def test_an_application_taken_again_by_the_attacker_is_lost_again() -> None:
    """Back on Friday and gone on Wednesday is not back: the date is the one it keeps, and the days between count."""
    case = one_task(
        48, uncertainty=replace(SURE, reinfection_probability=0.9999999, reinfection_after_days=5.0)
    )

    forecast = simulate(case, decode(case), runs=5)

    assert forecast.applications[0].p50 == 48 + 120 + 48
    assert forecast.loss.mean == pytest.approx(48 + 48)
    assert [each.p50 for each in forecast.curve] == [1, 1, 0, 0, 0, 0, 0, 1, 1, 0]


def test_the_curve_falls_by_what_comes_back_and_ends_at_nothing_lost() -> None:
    """The curve is what a crisis cell reads first."""
    case = one_task(36)
    wards = Service(
        id="wards", shares=(Share(application="B", share=0.25),), requires=("A",),
        impact=(Impact(from_day=0, per_day=24.0),),
    )  # fmt: skip
    case = replace(
        case,
        people=(*case.people, Person(id="bruno", skills=("network",))),
        applications=(*case.applications, Application(id="B")),
        tasks=(
            *case.tasks,
            Task(id="B-1", application="B", work_hours=72, team=(SkillCount(skill="network"),)),
        ),
        services=(*case.services, wards),
    )

    forecast = simulate(case, decode(case), runs=3)

    # Day 1: care returns at noon, wards but for a quarter. Day 2: a quarter of the wards is missing.
    assert [each.p80 for each in forecast.curve] == [1.0, pytest.approx((12 + 12 + 3) / 48), 0.125, 0.0]


@pytest.fixture(scope="module")
def hospital() -> Case:
    """Return a generated hospital with everything in it, of which three dates were announced."""
    case = generate(20, 8)
    uncertainty = replace(case.uncertainty, reinfection_probability=0.05)
    plan = decode(case)
    published = tuple(PublishedDate(id=each.id, p80=each.hour + 72) for each in plan.applications[:3])
    return replace(case, uncertainty=uncertainty, published=published)


def test_the_same_seed_gives_the_same_forecast_and_another_another(hospital: Case) -> None:
    """Two people who ask the same get the same answer."""
    plan = decode(hospital)

    one = simulate(hospital, plan, runs=20, seed=4)

    assert simulate(hospital, plan, runs=20, seed=4) == one
    assert simulate(hospital, plan, runs=20, seed=5).loss != one.loss


def test_what_is_sure_to_80_percent_is_never_before_what_is_sure_to_50(hospital: Case) -> None:
    """And an announced date is kept with the share of runs that had it by then."""
    forecast = simulate(hospital, decode(hospital), runs=60)

    for each in (*forecast.applications, *forecast.services):
        hours = [forecast.horizon + 1 if hour is None else hour for hour in (each.p50, each.p80, each.p95)]
        assert hours == sorted(hours)
    assert all(day.p50 <= day.p80 <= day.p95 <= 1.0 for day in forecast.curve)
    assert forecast.curve[-1].p95 == 0.0
    assert forecast.loss.p50 <= forecast.loss.p80 <= forecast.loss.p95
    announced = [each for each in forecast.applications if each.kept is not None]
    assert len(announced) == 3
    assert all(0.0 <= each.kept <= 1.0 for each in announced if each.kept is not None)
    assert read_forecast(msgspec.json.encode(forecast)) == forecast


def test_runs_compiled_and_in_python_give_the_same_numbers(
    hospital: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An island without numba announces the dates its neighbour announces."""
    pytest.importorskip("numba")
    plan = decode(hospital)
    in_python = simulate(hospital, plan, runs=70)

    monkeypatch.delenv("RELEVE_PLANNER")

    assert engine.compiles()
    assert simulate(hospital, plan, runs=70) == in_python


def test_a_task_under_way_is_longer_than_what_was_worked_of_it() -> None:
    """After nine of ten hours a task that scatters is not one hour from its end."""
    case = one_task(10, uncertainty=replace(SURE, task_sigma=0.5))
    case = replace(case, now=30, states=(TaskState(task="A-1", started=0, people=("anne",)),))

    forecast = simulate(case, decode(case), runs=500)

    date = forecast.applications[0]
    assert date.p50 is not None
    assert date.p50 > 31  # 30 hours were worked: P(more) is one in seventy, and then it is a long task
    said = replace(case, states=(replace(case.states[0], remaining_hours=4),))
    assert simulate(said, decode(said), runs=500).applications[0].p50 in (33, 34)


def test_what_has_ended_keeps_its_hour() -> None:
    """A date that was lived is no forecast."""
    case = replace(one_task(10), now=50, states=(TaskState(task="A-1", started=3, ended=20),))

    forecast = simulate(case, decode(case), runs=9)

    assert (forecast.applications[0].p50, forecast.applications[0].p95) == (20, 20)


def test_what_no_plan_can_date_is_named_and_the_rest_is_forecast() -> None:
    """Nobody has the skill for B: A comes back all the same."""
    case = one_task(10)
    case = replace(
        case,
        applications=(*case.applications, Application(id="B")),
        tasks=(*case.tasks, Task(id="B-1", application="B", work_hours=5, team=(SkillCount(skill="x"),))),
        services=(
            *case.services,
            Service(id="other", requires=("B",), impact=(Impact(from_day=0, per_day=1),)),
        ),
    )

    forecast = simulate(case, decode(case), runs=3)

    assert forecast.never == ("B", "other")
    assert [each.id for each in forecast.applications] == ["A"]
    assert forecast.loss.mean == pytest.approx(10.0)


def test_units_are_shared_in_every_run() -> None:
    """Two copies through one line take twice as long, however long each is."""
    uses = (Use(resource="line"),)
    case = Case(
        starts_at=START, resources=(Resource(id="line", units=1),), uncertainty=replace(SURE, common_sigma=0.3),
        applications=(Application(id="A"), Application(id="B")),
        tasks=tuple(Task(id=f"{a}-1", application=a, work_hours=50, uses=uses) for a in "AB"),
        services=(Service(id="s", requires=("A", "B"), impact=(Impact(from_day=0, per_day=24),)),),
    )  # fmt: skip

    forecast = simulate(case, decode(case), runs=300)

    first, second = sorted((each.p80 or 0) for each in forecast.applications)
    assert second == pytest.approx(2 * first, abs=1)


def test_a_plan_made_by_hand_without_an_order_is_followed_by_its_starts() -> None:
    """Who plans in a spreadsheet gets dates too."""
    case = one_task(10)
    case = replace(
        case,
        applications=(*case.applications, Application(id="B")),
        tasks=(*case.tasks, Task(id="B-1", application="B", work_hours=10, team=SYSTEM)),
    )
    plan = replace(decode(case, ("B", "A")), order=())

    forecast = simulate(case, plan, runs=3)

    assert [each.p80 for each in forecast.applications] == [20, 10]


def test_uncertainty_told_as_none_at_all_is_none() -> None:
    """The defaults scatter; a case may say that it does not."""
    assert Uncertainty().task_sigma > 0
    assert simulate(one_task(), decode(one_task()), runs=2).applications[0].p95 == 100


def test_the_band_of_the_whole_is_counted_run_by_run() -> None:
    """What is late differs from run to run: single dates laid side by side promise less than will be there."""
    case = generate(20, 5)
    policy = Policy(case, decode(case))
    runs = 50
    played = engine.play_policy(policy, runs, 1)

    forecast = simulate(case, policy.plan, runs=runs)

    curves = {one.measure: one for one in forecast.returned}
    services = [played.column("served", policy.sums.services, number) for number in range(len(case.services))]
    worth = [one.patients_per_day for one in case.services]
    for day in (3, 10, 20, 40):
        back = sorted(
            sum(worth[number] for number, hours in enumerate(services) if hours[run] <= 24 * day)
            for run in range(runs)
        )
        shown = curves["patients"]
        # In 40 of 50 runs at least so much: all but the ten worst.
        assert shown.p80[min(day, len(shown.p80) - 1)] == pytest.approx(back[10], abs=0.06)
        assert shown.p95[min(day, len(shown.p95) - 1)] == pytest.approx(back[2], abs=0.06)
    assert curves["applications"].p50[-1] == len(case.applications)
    assert list(curves["services"].p80) == sorted(curves["services"].p80)
