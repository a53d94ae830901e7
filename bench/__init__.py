"""Measurements beside peers: `make bench`. Each file measures one line of what must be reached.

Read `ack.py` first. Figures go to `results/`; ratios are what counts, because disks and neighbours differ.
"""
