"""Measurements beside peers: `make bench`. Each file with a `measure()` is one line of what must be reached.

Read `ack.py` and `figures.py` first. Figures go to `results/`; ratios are what counts, because disks and neighbours
differ. `living.py` and `feeder.py` are the island and the hospital that several of them need.
"""
