"""Appointments: who is expected where, and when.

Read `facts.py` first, then `hl7.py`. Nothing here may import another department.
"""
