"""The fold engine: journal entries become rows, subject by subject, always in the same order.

Read `projector.py` first, then `reading.py` (what a department offers to the engine) and `rows.py`
(what a fold hands back). Nothing here may import a department, the record or the hospital: they are
handed in as `Offer`s by `releve.app`.
"""
