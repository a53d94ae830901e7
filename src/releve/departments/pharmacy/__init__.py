"""The pharmacy: what was dispensed to whom.

Read `facts.py` first, then `hl7.py`. Nothing here may import another department.
"""
