"""The shell that pages stand in: layout, components, languages, accounts, sessions, acting through the recorder.

Read `shell.py` first (what every page says about the island), then `templates/web/base.html`, then
`acting.py` (how a form becomes an entry). `words.py`, `typed.py` and `plots.py` are pure. A page's own room
(record, departments, crisis…) is above this one and may never be imported here: rooms offer their addresses and
their place in the navigation in their own `urls.py`, and `releve.app` says what the shell shows (`shell.set_provider`).
"""
