"""The search and the bound: never worse than what people do, never below what is possible."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import permutations, product
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from releve.restoration.case import Case, read_case, write_case
from releve.restoration.checker.check import check
from releve.restoration.invented import generate
from releve.restoration.planner.bound import lower_bound, unhindered
from releve.restoration.planner.decode import decode, grid_that_holds
from releve.restoration.planner.grid import compile_case
from releve.restoration.planner.orders import tier_order, weight_order
from releve.restoration.planner.placing import loss_of, place
from releve.restoration.planner.solve import solve


@pytest.fixture(params=["compiled", "python"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both engines: an island without numba makes plans too."""
    if request.param == "python":
        monkeypatch.setenv("RELEVE_PLANNER", "python")
    else:
        pytest.importorskip("numba")
    return str(request.param)


def small(seed: int, applications: int = 12, *, tight: bool = False) -> Case:
    """A small imaginary hospital."""
    return generate(applications, seed, tight=tight)


def test_both_engines_find_the_same_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan made where numba is missing must not contradict the one made beside it."""
    pytest.importorskip("numba")
    for seed in (3, 4):
        case = small(seed, 14, tight=seed == 4)

        fast = solve(case, seed=seed, iterations=120)
        monkeypatch.setenv("RELEVE_PLANNER", "python")
        slow = solve(case, seed=seed, iterations=120)
        monkeypatch.delenv("RELEVE_PLANNER")

        assert fast == slow


def test_both_decoders_put_every_task_at_the_same_place() -> None:
    """Any order and any preference, also those no search would come to."""
    pytest.importorskip("numba")
    from releve.restoration.planner.fast import Fast
    from releve.restoration.planner.grid import Patience

    for seed in range(20, 26):
        case = small(seed, 16, tight=seed % 2 == 0)
        grid, random = compile_case(case, horizon=9000), Random(seed)
        fast = Fast(grid)
        for _ in range(5):
            order = random.sample(range(len(grid.own)), len(grid.own))
            waits = [
                {who: random.choice((0, 5, 60)) for o in team for who in o.people} for team in grid.teams
            ]
            patience = Patience(grid.teams, waits)

            here, there = place(grid, order, patience), fast.place(order, patience)

            assert (here.start, here.end, here.team) == (there.start, there.end, there.team)
            assert fast.cost(order, patience) == pytest.approx(loss_of(grid, here.end)[0])


def test_a_move_that_is_not_made_would_have_changed_no_date() -> None:
    """The search saves the work of such moves; one that matters must never be among them."""
    from releve.restoration.planner.annealing import propose
    from releve.restoration.planner.pulling import Pulled, changes_nothing

    skipped = 0
    for seed in range(50, 54):
        case = small(seed, 18, tight=seed % 2 == 0)
        grid = compile_case(case, horizon=9000)
        pulled, state = Pulled(grid), seed
        order = Random(seed).sample(range(len(grid.own)), len(grid.own))
        dates = place(grid, order).end
        for _ in range(60):
            other, state = propose(order, state)
            if changes_nothing(order, other, pulled.at(order)):
                skipped += other != order
                assert place(grid, other).end == dates

    assert skipped > 20


def test_a_group_is_moved_as_a_whole_and_nobody_else_overtakes() -> None:
    """An order that lost or doubled an application would be a plan without it."""
    from releve.restoration.planner.annealing import propose

    groups, order, state, gathered = [(3, 7, 11), (2, 4)], list(range(12)), 5, 0
    for _ in range(400):
        found, state = propose(order, state, groups)
        assert sorted(found) == list(range(12))
        for group in groups:
            places = sorted(found.index(a) for a in group)
            others = [a for a in found if a not in group] == [a for a in order if a not in group]
            gathered += others and found != order and places[-1] - places[0] == len(group) - 1
        order = found

    assert gathered > 60


@pytest.mark.usefixtures("engine")
def test_what_is_of_use_only_as_a_whole_is_moved_as_a_whole() -> None:
    """Of eight applications each one moved alone only keeps others waiting: in the cold no such step is ever taken."""
    from releve.restoration.planner.engine import engine_for
    from releve.restoration.planner.orders import served_together

    case = one_queue((5,) * 16, (1,) * 16)
    first, second = (
        msgspec.structs.replace(one, requires=tuple(f"a{k}" for k in range(8 * at, 8 * at + 8)))
        for at, one in enumerate(one_queue((5, 5), (8, 10)).services)
    )
    grid = grid_that_holds(msgspec.structs.replace(case, services=(first, second)))[0]
    engine, groups = engine_for(grid), served_together(grid)
    alone, together = (engine.walk(range(16), None, 3, those) for those in ((), groups))

    for walk in (alone, together):
        walk.step(300, 1e-6, 1e-6)

    assert groups == [tuple(range(8)), tuple(range(8, 16))]
    assert together.best_cost == pytest.approx(engine.cost([*range(8, 16), *range(8)]))
    assert alone.best_cost == pytest.approx(engine.cost(range(16)))


@pytest.mark.usefixtures("engine")
def test_the_same_seed_and_iterations_give_the_same_plan() -> None:
    """Two people at two desks look at one plan."""
    case = small(5)

    assert solve(case, seed=7, iterations=60) == solve(case, seed=7, iterations=60)


@pytest.mark.usefixtures("engine")
def test_a_plan_can_be_decoded_again_from_its_order_and_preferences() -> None:
    """A plan kept for a week is understood again without a search."""
    case = small(6, tight=True)
    plan = solve(case, iterations=100)

    again = decode(case, plan.order, plan.preferences)

    assert again.tasks == plan.tasks
    assert again.loss == plan.loss


@pytest.mark.usefixtures("engine")
def test_a_plan_is_no_worse_than_by_tier_by_weight_or_the_order_given() -> None:
    """Whoever has an order by hand loses nothing by asking for a better one."""
    case = small(8)
    orders = (tier_order(case), weight_order(case), [one.id for one in reversed(case.applications)])

    plan = solve(case, iterations=80, order=orders[2])

    assert all(plan.loss <= decode(case, order, ()).loss + 1e-9 for order in orders)


def test_the_checker_finds_nothing_wrong_in_plans_of_imaginary_hospitals() -> None:
    """Planner and checker share no code, only the words of the reference."""
    for seed, tight in ((9, False), (10, True), (11, False)):
        case = small(seed, 25, tight=tight)

        plan = solve(case, iterations=40)

        assert [one for one in check(case, plan) if one.severity == "wrong"] == []


def test_the_bound_is_below_the_best_of_all_orders_and_people() -> None:
    """A bound that is too high says that a bad plan cannot be improved."""
    pytest.importorskip("scipy")
    from releve.restoration.planner.grid import Patience

    for seed in range(30, 36):
        case = small(seed, 5, tight=seed % 3 == 0)
        grid = compile_case(case, horizon=9000)
        best = min(
            loss_of(
                grid,
                place(grid, order, Patience(grid.teams, [dict.fromkeys(range(k), 40)] * len(grid.teams))).end,
            )[0]
            for order, k in product(permutations(range(len(grid.own))), (0, 4, 8))
        )

        bound = lower_bound(case, seconds=5.0)

        assert unhindered(grid) <= bound <= best * (1 + 1e-9)


def test_work_of_the_scarcest_skill_told_apart_raises_the_bound() -> None:
    """Hours lent by one application to another before it has anything to do are hours nobody has."""
    pytest.importorskip("scipy")
    from scipy.optimize import linprog

    from releve.restoration.planner.buckets import boundaries
    from releve.restoration.planner.program import build

    case = small(14, 20, tight=True)
    grid, order, _ = grid_that_holds(case)
    days = tuple(range(0, 7 * 24, 24))
    edges = boundaries(grid, max(place(grid, order).end), ((400, days),))
    whole, apart = (build(grid, edges, apart=each) for each in (False, True))
    least = [
        one.constant
        + linprog(one.cost, one.rows, one.limits, bounds=list(zip(one.low, one.high, strict=True))).fun
        for one in (whole, apart)
    ]

    assert least[0] * 1.001 < least[1] <= solve(case, iterations=150).loss


def test_with_one_machine_the_bound_meets_the_best_plan() -> None:
    """Without other limits the shortest-processing rule by weight is the best, and the bound must see it."""
    pytest.importorskip("scipy")
    case = one_queue((4, 9, 2, 7, 12), (30, 20, 10, 60, 5))

    best = min(decode(case, order, ()).loss for order in permutations(a.id for a in case.applications))
    bound = lower_bound(case, seconds=10.0)

    assert bound <= best
    assert bound >= 0.8 * best
    assert solve(case, iterations=200).loss == pytest.approx(best)


def one_queue(hours: tuple[int, ...], weights: tuple[int, ...]) -> Case:
    """One person, one task an application, one service each."""
    from datetime import datetime

    from releve.restoration.case import Application, Impact, Person, Service, Skill, SkillCount, Task

    names = [f"a{k}" for k in range(len(hours))]
    return Case(
        starts_at=datetime.fromisoformat("2026-11-23T00:00:00+01:00"), skills=(Skill(id="x"),),
        people=(Person(id="p", skills=("x",)),), applications=tuple(Application(id=n) for n in names),
        tasks=tuple(
            Task(id=f"t{n}", application=n, work_hours=h, team=(SkillCount(skill="x"),))
            for n, h in zip(names, hours, strict=True)
        ),
        services=tuple(
            Service(id=f"s{n}", requires=(n,), impact=(Impact(from_day=0, per_day=w),))
            for n, w in zip(names, weights, strict=True)
        ),
    )  # fmt: skip


def test_without_scipy_there_is_still_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """The longest chain of each service is proven too."""
    monkeypatch.setenv("RELEVE_PLANNER", "python")
    case = small(12)

    bound = lower_bound(case, seconds=1.0)

    assert 0 < bound <= solve(case, iterations=20).loss


def test_tier_by_tier_and_by_weight_lose_more() -> None:
    """What the planner is for: the order decides how much care is lost."""
    pytest.importorskip("numba")
    for seed in (14, 15):
        case = generate(60, seed, tight=True)

        plan = solve(case, seed=1, iterations=1500)

        assert decode(case, tier_order(case), ()).loss > 1.15 * plan.loss
        assert decode(case, weight_order(case), ()).loss > 1.03 * plan.loss


def test_an_imaginary_hospital_is_the_same_each_time_and_whole() -> None:
    """Figures measured on seed 7 are measured on the same hospital everywhere."""
    case = generate(40, 7)

    assert write_case(case) == write_case(generate(40, 7))
    assert read_case(write_case(case)) == case
    assert len(case.applications) == 40
    assert write_case(case) != write_case(generate(40, 7, tight=True))
    assert compile_case(case).left_out == []
    kinds = {task.kind for task in case.tasks}
    assert {"rebuild", "restore", "scan", "gate", "test", "workstations"} <= kinds
    assert all(task.evidence for task in case.tasks if task.kind == "gate")


def test_plans_are_made_where_the_package_cannot_be_written(tmp_path: Path) -> None:
    """An installation owned by root must not keep the crisis cell from planning."""
    pytest.importorskip("numba")
    code = (
        "from releve.restoration.planner.engine import keep_compiled_in, is_compiled\n"
        "from pathlib import Path\nimport os, sys\n"
        "keep_compiled_in(Path(sys.argv[1]))\n"
        "assert is_compiled() and os.environ['NUMBA_CACHE_DIR'] == sys.argv[1]\n"
        "import releve.restoration.planner.solve, releve.restoration.case\n"
        "assert 'numba' not in sys.modules and 'scipy' not in sys.modules and 'numpy' not in sys.modules\n"
    )
    environment = {
        key: value for key, value in os.environ.items() if key not in ("NUMBA_CACHE_DIR", "RELEVE_PLANNER")
    }

    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def test_a_case_with_nothing_to_do_has_a_plan() -> None:
    """An empty catalogue on the first day is no error."""
    case = msgspec.structs.replace(small(1), applications=(), tasks=(), services=(), people=())

    plan = solve(case, iterations=5)

    assert (plan.tasks, plan.loss, lower_bound(case, seconds=1.0)) == ((), 0, 0)


def test_the_plan_of_a_small_hospital_reads_as_it_did(tmp_path: Path) -> None:
    """Whoever changes the planner sees what changes in a plan, line by line."""
    plan = decode(generate(6, 2))
    text = "".join(
        f"{line.start:>5} {line.end:>5}  {line.task:<16} {line.binding.kind} {line.binding.id}".rstrip()
        + (f"  ({', '.join(line.people)})\n" if line.people else "\n")
        for line in plan.tasks
    )
    (tmp_path / "plan.txt").write_text(text, encoding="utf-8")

    assert text == (Path(__file__).parent / "golden" / "plan-of-six.txt").read_text(encoding="utf-8")


def test_a_plan_comes_with_what_was_proved_beside_its_search() -> None:
    """How far a plan may be from the best is asked of every plan, and of no other case than its own."""
    pytest.importorskip("numba")
    from releve.restoration.planner.proven import solve_and_prove

    case = small(13, 30)

    plan = solve_and_prove(case, seconds=1.5)

    assert plan.bound is not None
    assert unhindered(compile_case(case, horizon=9000)) <= plan.bound <= plan.loss
    assert [one for one in check(case, plan) if one.severity == "wrong"] == []


def test_a_proof_ends_with_the_plan_it_was_sought_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """It went on, on one of two cores, after the plan had been returned, for as long as a linear program takes."""
    pytest.importorskip("scipy")
    from releve.restoration.planner import proven

    def provers() -> list[str]:
        listed = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text(encoding="ascii").split()
        words = [Path(f"/proc/{child}/cmdline") for child in listed]
        return [word.read_text(encoding="utf-8") for word in words if "planner.proving" in word.read_text()]

    seen: list[str] = []

    def watched(*arguments: Any, **options: Any) -> Any:
        seen.extend(provers())
        return solve(*arguments, **options)

    monkeypatch.setattr(proven, "solve", watched)

    proven.solve_and_prove(small(3, 150), seconds=1.0)

    assert seen, "proved beside the search"
    assert provers() == []


def test_a_proof_that_breaks_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan without its bound, and nobody told why, would look like one of which nothing can be proved."""
    pytest.importorskip("scipy")
    from releve.restoration.planner import proven

    monkeypatch.setattr(proven.sys, "executable", "/bin/false")

    with pytest.raises(RuntimeError, match="ended with 1"):
        proven.solve_and_prove(small(3, 8), seconds=0.3)


def test_a_proof_ends_when_whoever_asked_for_it_is_gone() -> None:
    """A plan given up on a page must not leave a process behind that computes for minutes."""
    pytest.importorskip("scipy")
    asked = (sys.executable, "-m", "releve.restoration.planner.proving", "100")
    with subprocess.Popen(asked, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(msgspec.json.encode(small(3, 200)) + b"\n")
        process.stdin.flush()
        assert float(process.stdout.readline()) > 0

        process.stdin.close()

        assert process.wait(60) == 0
        assert len(process.stdout.read().splitlines()) < 4
