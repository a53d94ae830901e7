"""The map of the hospital, which every room reads: sites, wards, beds, people, applications, feeds, status by place.

Read `map.py` first (the structs), then `status.py` (which application is down where, and so where to write), then
`folder.py` (how a folder filled in a spreadsheet becomes a map). `map.py`, `care.py`, `status.py`, `folder.py`,
`difference.py` and `facts.py` are pure: no clock, socket, file, database or Django may be imported there.
"""
