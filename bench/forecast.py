"""The forecast: how long some thousand runs take, and whether announced dates hold on crises that did not happen.

`python -m bench forecast`. Targets 8 and 9 of the restoration: 2,000 runs of 1,200 tasks in a second, 10,000 in three,
and 75 to 85 % of real dates within the P80. RELEVE_BENCH_QUICK=1 plays fewer crises. Crises are of seeds from 2001 on:
nothing was tuned on them.
"""

from __future__ import annotations

import os
import statistics
import time
from collections import Counter

from bench.figures import Line, keep, load_now

APPLICATIONS = 200  # about 1,200 tasks, with calendars and skills
SEED = 1001
RUNS = ((2_000, 1.0), (10_000, 3.0))  # seconds
TIMES = 3
CRISES, CRISES_QUICK = 40, 6
CRISIS_APPLICATIONS = 30
FIRST_SEED = 2001
COVERED = (0.75, 0.85)


def measure() -> int:
    """Measure, print and write; return 0."""
    load = load_now()
    lines, raw = _speed()
    more, crises = _crises(CRISES_QUICK if os.environ.get("RELEVE_BENCH_QUICK") else CRISES)
    keep("forecast", lines + more, load, {"seconds": raw, "crises": crises})
    return 0


def _speed() -> tuple[list[Line], dict[str, list[float]]]:
    from releve.restoration.forecast.simulate import simulate
    from releve.restoration.invented import generate
    from releve.restoration.planner.decode import decode

    case = generate(APPLICATIONS, SEED)
    plan = decode(case)
    simulate(case, plan, runs=2)  # compiled, or read from where it is kept
    lines, raw = [], {}
    for runs, limit in RUNS:
        taken = []
        for number in range(TIMES):
            began = time.perf_counter()
            simulate(case, plan, runs=runs, seed=number)
            taken.append(time.perf_counter() - began)
        middle = statistics.median(taken)
        lines.append(
            Line(
                f"{runs:,} simulations of {len(case.tasks):,} tasks with calendars, skills, gates and vendors",
                f"≤ {limit:g} s",
                f"{middle:.2f} s (median of {TIMES}, quantiles and curve included)",
                middle <= limit,
            )
        )
        raw[str(runs)] = taken
    return lines, raw


def _crises(count: int) -> tuple[list[Line], list[dict[str, int]]]:
    from releve.restoration.forecast.crises import play_crisis
    from releve.restoration.invented import generate

    found = []
    for seed in range(FIRST_SEED, FIRST_SEED + count):
        seen: Counter[str] = Counter(seed=seed)
        for each in play_crisis(generate(CRISIS_APPLICATIONS, seed), seed, runs=500, every_weeks=2):
            seen["dates"] += 1
            seen["p50"] += each.actual <= each.p50
            seen["p80"] += each.actual <= each.p80
            seen["p95"] += each.actual <= each.p95
        found.append(dict(seen))
    total = sum(each["dates"] for each in found)
    p50, p80, p95 = (sum(each.get(name, 0) for each in found) / total for name in ("p50", "p80", "p95"))
    return [
        Line(
            f"real dates within the announced P80, {count} simulated crises of {CRISIS_APPLICATIONS} applications, "
            "announced every two weeks",
            f"{COVERED[0]:.0%} to {COVERED[1]:.0%}",
            f"{p80:.1%} of {total:,} dates (P50: {p50:.1%}, P95: {p95:.1%})",
            COVERED[0] <= p80 <= COVERED[1],
        )
    ], found
