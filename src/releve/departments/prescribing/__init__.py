"""Prescription and administration: what is to be given, what was given.

Read `facts.py` first, then `hl7.py`, then `schedule.py` (when the next dose is due).
Nothing here may import another department.
"""
