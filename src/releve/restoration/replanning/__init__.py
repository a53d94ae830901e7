"""A plan after something happened: what must move, what may, why this order, and what if.

What other rooms call, each from its own module, so that nothing heavy is loaded before it is needed:

- `events.py`: what happened, as structs and JSON; `applied.apply(case, events, now) -> Case`;
- `replan.replan(case, plan, events, now=…) -> Replan`: the new plan, forced and chosen moves with their reasons, dates;
- `progress.as_planned(case, plan, now, told)`: the events of a plan that was kept, but for what is told;
- `explain.explain(case, plan, id) -> Explanation`; `what_if.what_if(case, plan, changes) -> Comparison`.

Read `replan.py` first, then `shifting.py` (what is kept) and `promises.py` (dates that were announced).
"""
