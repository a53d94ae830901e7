"""Bringing applications back, in the order that loses the least care, and cleaning the fleet of machines.

Read `case.py` first (what is to be restored, by whom, what each day without it costs), then `plan.py` (an order and
its dates). `invented.py` makes cases of hospitals that do not exist. Then, by what you came for:

- how a plan is found: `planner/`, and `replanning/` when something changed; `making/` runs them for an island, in a
  process of its own; `makespan/` answers the problems of the literature
- which of its dates hold: `forecast/`. What is wrong with any plan: `checker/` (it shares no code with what plans)
- what people said, and what stands of it: `facts.py`, `rules.py`, `fold.py`, then `standing/`
- what is read: `pages/`, with `drawing/`; `catalogue/` (what is wrong with it, the first one), `exports/` (files of
  other tools), `sheets.py` (paper)
- machines: `fleet/`, a room of its own

Nothing here imports a room above: crisis and app read this room, not the reverse.
"""
