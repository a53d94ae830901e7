"""Settings, clock, command line, supervision of processes: the only room that knows all others.

Read `cli.py` first (what one can type), then `supervisor.py` (which processes live) and `offers.py`
(which rooms bring what to the views).
"""
