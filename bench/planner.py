"""Plans and bounds of imaginary hospitals: care lost, what is proven, how soon there is a first plan.

`python -m bench planner`; RELEVE_BENCH_PLANNER=quick takes a tenth of the time (and says so in each row). Calendars,
windows, absences and skills of single people are on in every row. Seeds stand above 1000: nothing was tuned on them.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from typing import Any

from bench.figures import Line, keep, load_now

QUICK = os.environ.get("RELEVE_BENCH_PLANNER", "") == "quick"
SEEDS = (1001, 1002, 1003)
ORDER_SEEDS = tuple(range(1001, 1011))


def measure() -> int:
    """Measure, print and write; return 0."""
    load = load_now()
    raw: dict[str, Any] = {"quick": QUICK}
    part = 0.1 if QUICK else 1.0
    note = ", quick" if QUICK else ""
    _warm()
    lines = []
    for name, count, tight, seconds, target, stretch in (
        ("1,200 tasks", 200, False, 60, 0.05, 0.03),
        ("1,200 tasks, tight", 200, True, 60, 0.08, 0.05),
        ("5,000 tasks", 833, False, 90, 0.03, 0.03),
    ):
        runs = [_plan_and_bound(count, seed, tight, seconds * part) for seed in SEEDS]
        raw[name] = runs
        gap = statistics.median(run["gap"] for run in runs)
        took = max(run["seconds"] for run in runs)
        lines.append(
            Line(
                f"{name}: proven gap within {seconds * part:g} s, plan and bound together{note}",
                f"≤ {100 * target:g} % (stretch {100 * stretch:g} %)",
                f"{100 * gap:.1f} % (median of {len(runs)} hospitals; {took:.0f} s at most)",
                gap <= target and took <= seconds * 1.1,
            )
        )
    first = statistics.median(_first_plan(SEEDS[0]) for _ in range(3))
    raw["first plan"] = first
    lines.append(
        Line("5,000 tasks: first plan, compiled before", "< 2 s", f"{first:.2f} s (median of 3)", first < 2.0)
    )
    lines += _orders(raw, 6.0 * part)
    lines.append(_pure(raw))
    keep("planner", lines, load, raw)
    return 0


def _warm() -> None:
    """Compile, so that no figure below has it in."""
    from releve.restoration.invented import generate
    from releve.restoration.planner.bound import lower_bound
    from releve.restoration.planner.solve import solve

    solve(generate(12, 1), iterations=20)
    lower_bound(generate(12, 1), seconds=60.0)


def _plan_and_bound(count: int, seed: int, tight: bool, seconds: float) -> dict[str, float]:
    from releve.restoration.invented import generate
    from releve.restoration.planner.proven import solve_and_prove

    case = generate(count, seed, tight=tight)
    began = time.monotonic()
    plan = solve_and_prove(case, seed=1, seconds=seconds)  # as `releve restoration plan` does
    took = time.monotonic() - began
    bound = plan.bound or 0.0
    print(
        f"   {len(case.tasks)} tasks, seed {seed}: {plan.loss:,.0f}, at least {bound:,.0f}, {took:.0f} s",
        flush=True,
    )
    return {"seed": seed, "loss": plan.loss, "bound": bound, "gap": plan.loss / bound - 1, "seconds": took}


def _first_plan(seed: int) -> float:
    """Return the seconds until a process that starts with the case in memory has its first plan; imports included."""
    code = (
        "import sys, time\n"
        "from releve.restoration.invented import generate\n"
        f"case = generate(833, {seed})\n"
        "began = time.monotonic()\n"
        "from releve.restoration.planner.solve import solve\n"
        "solve(case, iterations=0)\n"
        "print(time.monotonic() - began)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(done.stdout)


def _orders(raw: dict[str, Any], seconds: float) -> list[Line]:
    from releve.restoration.invented import generate
    from releve.restoration.planner.decode import decode
    from releve.restoration.planner.orders import tier_order, weight_order
    from releve.restoration.planner.solve import solve

    more: dict[str, list[float]] = {"tier": [], "weight": []}
    for seed in ORDER_SEEDS:
        case = generate(200, seed, tight=seed % 2 == 0)
        loss = solve(case, seed=1, seconds=seconds).loss
        for name, order in (("tier", tier_order(case)), ("weight", weight_order(case))):
            more[name].append(decode(case, order, ()).loss / loss - 1)
    raw["orders"] = more
    return [
        Line(
            f"tier by tier loses more care than the plan, {len(ORDER_SEEDS)} hospitals, {seconds:g} s each",
            "≥ 15 % on every one",
            f"{100 * min(more['tier']):.1f} % to {100 * max(more['tier']):.1f} %",
            min(more["tier"]) >= 0.15,
        ),
        Line(
            f"by weight loses more care than the plan, {len(ORDER_SEEDS)} hospitals, {seconds:g} s each",
            "≥ 5 % on every one",
            f"{100 * min(more['weight']):.1f} % to {100 * max(more['weight']):.1f} %",
            min(more["weight"]) >= 0.05,
        ),
    ]


def _pure(raw: dict[str, Any]) -> Line:
    """The same case without numba, OR-Tools and scipy: a plan that the checker passes, how much worse after 10 s."""
    from releve.restoration.checker.check import check
    from releve.restoration.invented import generate
    from releve.restoration.planner.solve import solve

    case = generate(200, SEEDS[0])
    fast = solve(case, seed=1, seconds=10.0)
    os.environ["RELEVE_PLANNER"] = "python"
    try:
        slow = solve(case, seed=1, seconds=10.0)
    finally:
        del os.environ["RELEVE_PLANNER"]
    wrong = [one for one in check(case, slow) if one.severity == "wrong"]
    raw["pure"] = {"fast": fast.loss, "slow": slow.loss, "wrong": len(wrong)}
    return Line(
        "1,200 tasks without numba, OR-Tools and scipy, 10 s: the checker finds nothing wrong",
        "nothing wrong",
        f"{len(wrong)} wrong; {100 * (slow.loss / fast.loss - 1):.1f} % more care lost than compiled",
        not wrong,
    )
