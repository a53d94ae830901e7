"""The journal: the only truth of an island.

Every message received and every act done is an entry of an append-only, hash-linked, signed log; views, sheets and
packs are folded from it and may be deleted. Read `entry.py` first (what one line holds), then `store.py` (how a log
is kept), then `recorder.py` (the one process that writes). `entry`, `facts`, `tree`, `note` and `clock` are pure.
Never imported here: Django, a department, anything that reads a clinical value. The format is promised to readers
ten years away in `docs/reference/journal.md`; change it there first.
"""
