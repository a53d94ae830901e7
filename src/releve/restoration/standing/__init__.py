"""What stands of the restoration: the catalogue, each task, the plan in force, put together from what was said.

Read `now.py` first: it reads the views for the pages and the planner. The rest is pure and is told what was read:
`tasks.py` (reports), `lines.py` and `assembled.py` (the catalogue, the case), then what pages make of
both: `returned.py`, `measures.py`, `overdue.py`. `withheld.py` answers the
crisis: which applications may not be declared back yet.
"""
