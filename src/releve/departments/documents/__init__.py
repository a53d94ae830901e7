"""Documents and shared record: letters, reports and notes as received, notes and letters written here.

Read `facts.py` first, then `hl7.py`; of what is written here, `note_facts.py`. Nothing here may import another
department.
"""
