"""Documents and shared record: letters, reports, notes as received.

Read `facts.py` first, then `hl7.py`. Nothing here may import another department.
"""
