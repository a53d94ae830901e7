"""The island key and what opens it: made, wrapped by several means, opened, changed.

Read `ring.py` first (what is kept), then `island_key.py` (what is done). How a process reads a secret is not here but
in `releve.journal.keys`. Nothing here may be imported by another room.
"""
