"""A plan made for an island, in a process of its own: what it is asked, its steps, how it is called and heard.

Read `messages.py` first (what is asked, what is answered), then `steps.py`; `process.py` is what runs them,
`runtime_files.py` what pages see of it meanwhile. `warming.py` compiles all of it once. This room knows no page and no
view: the case comes to it whole, and what it answers becomes an entry elsewhere (`releve.app.planner_process`). What
plans is imported when a plan is asked for, never before.
"""
