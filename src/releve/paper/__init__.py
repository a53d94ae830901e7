"""Packs, sheets and forms out: what a ward holds in its hands when no screen answers.

Read `pack.py` first (what a pack says), then `render.py` (structs to PDF), then `press.py` (many wards at once).
The templates of `typst/` hold no sentence: words come from `words.py` and its catalogues, values from the pack.
Nothing here reads the views or the journal: `gather.py` alone fills the structs; `typeset.py`, `press.py` and
`worker.py` must never import Django, because a worker process has to start in a fraction of a second.
"""
