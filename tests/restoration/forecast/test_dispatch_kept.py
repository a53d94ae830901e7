"""The figures of one restoration, written down before the loops that make them were made faster."""

import importlib
from pathlib import Path

import pytest
from tiny_restorations import START

from releve.restoration.case import (
    Application,
    Calendar,
    CalendarException,
    Case,
    Impact,
    Need,
    Person,
    Resource,
    Service,
    SkillCount,
    Task,
    Uncertainty,
    Use,
    Weekday,
    Window,
    WorkingHours,
)  # fmt: skip
from releve.restoration.forecast.forecast import Forecast
from releve.restoration.forecast.simulate import simulate
from releve.restoration.plan import Plan, PlannedTask
from releve.restoration.planner.decode import decode

WEEK: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
APPLICATIONS = "ABCDEFGH"


def crowded_case() -> Case:
    """Return eight applications for forty people of two words of seats: pairs, vendors, a shared line, failing gates.

    Windows of the first vendor touch when one is missed; those of the second end for good.
    """
    office = WorkingHours(days=WEEK, from_hour=9, to_hour=17)
    staff = [
        Person(
            id=f"p{n:02}",
            skills=("system", "data") if n % 5 == 0 else ("system",) if n % 2 else ("data",),
            calendar="office" if n % 3 else "always",
            absences=(Window(from_hour=24 * n, to_hour=24 * n + 48),) if n % 4 == 0 else (),
        )
        for n in range(0, 40, 6)
    ]
    idle = [Person(id=f"i{n:02}", skills=("typing",)) for n in range(40 - len(staff))]
    vendors = [
        Person(
            id="v1", kind="vendor", skills=("vendor",), calendar="office", no_show_probability=0.4,
            windows=tuple(Window(from_hour=a, to_hour=b) for a, b in ((72, 120), (240, 290), (280, 400))),
        ),
        Person(
            id="v2", kind="expert", skills=("vendor", "system"), no_show_probability=0.3,
            windows=(Window(from_hour=10, to_hour=40), Window(from_hour=200, to_hour=230)),
        ),
    ]  # fmt: skip
    tasks = []
    for n, name in enumerate(APPLICATIONS):
        pair = (SkillCount(skill="system"), SkillCount(skill="vendor" if n % 3 == 1 else "data"))
        tasks += [
            Task(
                id=f"{name}1", application=name, kind="rebuild", work_hours=6 + n, not_before=5 * n,
                team=(SkillCount(skill="system"),), calendar="office" if n % 2 else "always",
            ),
            Task(
                id=f"{name}2", application=name, kind="restore", work_hours=20 + 3 * n, after=(f"{name}1",),
                uses=(Use(resource="line", units=1 + n % 2),),
            ),
            Task(id=f"{name}3", application=name, kind="scan", work_hours=5 + n, after=(f"{name}2",), team=pair),
            Task(
                id=f"{name}4", application=name, kind="gate", work_hours=2, after=(f"{name}3",), fail_probability=0.3,
                rework=(f"{name}2", f"{name}3"), team=(SkillCount(skill="data"),), calendar="office",
            ),
        ]  # fmt: skip
    return Case(
        starts_at=START,
        calendars=(
            Calendar(id="office", week=(office,), exceptions=(CalendarException(from_hour=96, to_hour=120),)),
        ),
        people=(*staff, *idle, *vendors),
        resources=(Resource(id="line", units=2),),
        applications=tuple(
            Application(id=name, needs=(Need(application=APPLICATIONS[n // 2 - 1]),) if n > 1 else ())
            for n, name in enumerate(APPLICATIONS)
        ),
        tasks=tuple(tasks),
        services=tuple(
            Service(
                id=f"care {name}",
                requires=(name,),
                impact=(Impact(from_day=0, per_day=5.0 + n), Impact(from_day=4, per_day=9.0)),
            )
            for n, name in enumerate(APPLICATIONS)
        ),
        uncertainty=Uncertainty(reinfection_probability=0.1),
    )


def planned_by_hand() -> Plan:
    """Return a plan somebody wrote: starts alone decide the order, people are named for some tasks only."""
    lines = []
    for n, name in enumerate(APPLICATIONS):
        begin = 9 + 30 * n
        lines += [
            PlannedTask(task=f"{name}1", start=begin, end=begin + 10, people=(f"p{6 * (n % 2) + 30:02}",)),
            PlannedTask(task=f"{name}2", start=begin + 20, end=begin + 45),
            PlannedTask(task=f"{name}3", start=begin + 72, end=begin + 90, people=("p00", "p12")),
            PlannedTask(task=f"{name}4", start=begin + 100, end=begin + 102),
        ]
    return Plan(tasks=tuple(lines))


def figures(forecast: Forecast) -> tuple[object, ...]:
    """Return what is compared: the dates of applications, and the care lost."""
    dates = [(each.p50, each.p80, each.p95) for each in forecast.applications]
    loss = forecast.loss
    return dates, [round(value, 6) for value in (loss.mean, loss.p50, loss.p80, loss.p95)]


KEPT = (
    [
        (58, 179, 228), (227, 377, None), (180, 257, 396), (256, 394, 540),
        (422, None, None), (442, 616, None), (347, 447, 682), (None, None, None),
    ],
    [1822.575556, 1770.541667, 2746.291667, 3638.916667],
)  # fmt: skip


@pytest.mark.parametrize("engine", ["", "python"])
def test_the_policy_gives_the_dates_it_gave_before_it_was_made_fast(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is announced must not depend on how quickly it is computed; calibration was measured with these runs."""
    monkeypatch.setenv("RELEVE_PLANNER", engine)

    forecast = simulate(crowded_case(), planned_by_hand(), runs=150, seed=9)

    assert figures(forecast) == KEPT


def many_trades_case() -> Case:
    """Return twelve applications that ask for forty trades, alone and in pairs: more kinds of teams than a word has."""
    trades = [f"t{n:02}" for n in range(40)]
    tasks = []
    for n in range(12):
        for step in range(6):
            one = 7 * n + 3 * step
            team = [SkillCount(skill=trades[one % 40])]
            if (n + step) % 2:
                team.append(SkillCount(skill=trades[(one + 11) % 40]))
            tasks.append(
                Task(
                    id=f"{n}.{step}", application=f"a{n}", kind="gate" if step == 5 else "test",
                    work_hours=3 + (5 * n + step) % 9, after=(f"{n}.{step - 1}",) if step % 3 else (),
                    team=tuple(team), calendar="office" if n % 3 == 0 else "always",
                    fail_probability=0.2 if step == 5 else 0.0, rework=(f"{n}.4",) if step == 5 else (),
                    uses=(Use(resource="line"),) if step == 2 else (),
                )
            )  # fmt: skip
    return Case(
        starts_at=START,
        calendars=(Calendar(id="office", week=(WorkingHours(days=WEEK, from_hour=9, to_hour=17),)),),
        people=tuple(
            Person(
                id=f"p{n:02}",
                skills=(trades[n % 40], trades[(n * 3 + 1) % 40]),
                calendar="office" if n % 4 else "always",
            )
            for n in range(50)
        ),
        resources=(Resource(id="line", units=2),),
        applications=tuple(Application(id=f"a{n}") for n in range(12)),
        tasks=tuple(tasks),
        services=(Service(id="care", requires=("a0", "a5"), impact=(Impact(from_day=0, per_day=5.0),)),),
    )


KEPT_OF_MANY = (
    [
        (83, 107, 207), (75, 111, 193), (76, 116, 238), (110, 205, 274), (106, 178, 227), (67, 113, 208),
        (181, 230, 370), (108, 181, 254), (185, 208, 251), (184, 229, 351), (83, 141, 229), (183, 229, 276),
    ],
    [23.266667, 18.541667, 25.0, 52.291667],
)  # fmt: skip


@pytest.mark.parametrize("engine", ["", "python"])
def test_people_of_many_trades_have_the_dates_they_had(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which teams are looked at again is kept in words of bits: of the second word as of the first."""
    monkeypatch.setenv("RELEVE_PLANNER", engine)
    case = many_trades_case()

    forecast = simulate(case, decode(case), runs=100, seed=4)

    assert figures(forecast) == KEPT_OF_MANY


@pytest.mark.parametrize("room", ["forecast", "planner"])
def test_loops_that_changed_are_not_read_from_what_was_compiled_of_them_before(
    room: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an upgrade, dates of the version before would be announced: what is kept is kept under this stamp."""
    pytest.importorskip("numba")
    from releve.restoration.planner.pointers import stamp_of

    modules = importlib.import_module(f"releve.restoration.{room}.compiled").MODULES
    stamps = {stamp_of(modules)}
    for module in modules:
        changed = tmp_path / f"{module.__name__}.py"
        changed.write_bytes(Path(str(module.__file__)).read_bytes() + b"\n")
        with monkeypatch.context() as patched:
            patched.setattr(module, "__file__", str(changed))
            stamps.add(stamp_of(modules))

    assert len(stamps) == 1 + len(modules) > 2
    assert stamp_of(modules) in stamps
