"""`python -m releve.restoration.making.warming`: compiles what planning runs, once after an installation.

Compiling takes as long as a short plan; nobody should wait for it on the day of the cut. Without numba there is nothing
to do.
"""

import importlib.util
from datetime import UTC, datetime

__all__ = ["warm"]


def warm() -> None:
    """Plan, forecast and schedule something small, so that every kernel lies compiled on the disk."""
    if importlib.util.find_spec("numba") is None:
        return
    from releve.restoration.forecast.crises import Reality, play_crisis
    from releve.restoration.forecast.simulate import simulate
    from releve.restoration.invented import generate
    from releve.restoration.makespan.generate import generate_project
    from releve.restoration.makespan.solver import solve_project
    from releve.restoration.planner.bound import lower_bound
    from releve.restoration.planner.solve import solve
    from releve.restoration.replanning.replan import replan

    case = generate(applications=8, seed=1)
    plan = solve(case, iterations=50)
    lower_bound(case, seconds=60.0)  # soon at its end; compiling is a part of these seconds
    simulate(case, plan, runs=4)
    play_crisis(case, 1, runs=4, every_weeks=60, reality=Reality())
    replan(case, plan, (), now=24, seconds=0.2)
    # Steps are asked for, not seconds: so small a project would be settled before anything is compiled.
    project = generate_project(jobs=6, complexity=1.5, factor=0.5, strength=0.5, seed=1)
    solve_project(project, seconds=0, iterations=10)


if __name__ == "__main__":
    began = datetime.now(UTC)
    warm()
    print(f"compiled in {(datetime.now(UTC) - began).total_seconds():.1f} s")
