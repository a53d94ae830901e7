"""What stands of the restoration: the catalogue, each task, the plan in force, put together from what was said.

Read `now.py` first: it reads the views for the pages and the planner. The rest is pure and is told what was read:
`tasks.py` (reports), `assembled.py` (the case), `progress.py` (what is back, what is late). `withheld.py` answers the
crisis: which applications may not be declared back yet.
"""
