"""Finding a plan: `grid.py` (the case as numbers), `placing.py` (an order becomes dates), `solve.py` (the search).

What other rooms call, each from its own module, so that nothing heavy is loaded before it is needed:

- `decode.decode(case, order, preferences=None) -> Plan`: the plan that follows from an order of applications; with the
  order and preferences of a plan, that plan again;
- `solve.solve(case, seed=1, seconds=10.0, iterations=None, order=None, preferences=None, progress=None)
  -> Plan`: the best one found;
- `bound.lower_bound(case, seconds=30.0) -> float`: care that every plan loses, proven;
- `orders.tier_order(case)`, `orders.weight_order(case)`: what people do without a planner;
- `grid.compile_case(case) -> Grid`: tasks, teams, calendars, tables of loss as lists of numbers;
- `engine.keep_compiled_in(folder)`: where compiled code is kept when the package folder cannot be written;
- `placing.place(grid, order)`, `decode.plan_of(grid, placed, order)`: the two halves of `decode`, for whoever
  already has a grid.

With numba the search runs compiled (`kernel.py`, `kernel_walk.py`); without it, or with RELEVE_PLANNER=python, the same
in pure Python. The bound is that of nobody ever waiting; with scipy that of a linear program (`program.py`); with both,
prices of hours go on from there (`prices.py`, `hourly.py`).
"""
