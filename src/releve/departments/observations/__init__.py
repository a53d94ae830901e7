"""Vital signs and charts: what is measured at the bedside, fluid balance, the care plan handed from shift to shift.

Read `facts.py` first, then `news2.py`. Nothing here may import another department.
"""
