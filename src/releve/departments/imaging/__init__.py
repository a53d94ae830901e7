"""Imaging: what was asked, what the report says.

Read `facts.py` first, then `hl7.py`. Nothing here may import another department.
"""
