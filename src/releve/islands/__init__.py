"""Islands: what one island lets others read, what it takes from them, and who belongs to it.

`exchange/` is the part an outsider should be able to audit with `releve.journal` in a week: it knows the journal's
format and nothing of a hospital. Start with `exchange/layout.py` (what a log looks like as files), then `pull.py`.
`sticks/` carries by hand what no network carries. The rest of this room (facts, fold, pages) says which islands there
are, and shows people how they stand.
"""
