"""Bringing applications back, in the order that loses the least care, and cleaning the fleet of machines.

Read `case.py` first (what is to be restored, by whom, what each day without it costs), then `plan.py` (an order and
its dates), then `planner/` (how one is found) and `checker.py` (how any is criticised: it shares no code with the
planner, and never may). `fleet/` follows machines; what people report of tasks is in `facts.py`.
Nothing here imports a room above: crisis and app read this room, not the reverse.
"""
