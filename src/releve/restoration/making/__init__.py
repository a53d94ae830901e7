"""A plan made for an island, in a process of its own: what it is asked, its steps, how it is called and heard.

Read `process.py` first. This room knows no page and no view: the case comes to it whole, and what it answers becomes
an entry elsewhere (`releve.app.planner_process`). What plans is imported when a plan is asked for, never before.
"""
