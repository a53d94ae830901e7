"""Medical biology: what was asked, what was found, what replaced it.

Read `facts.py` first, then `hl7.py`. Nothing here may import another department.
"""
