"""Who comes in, who she is, in which bed: admissions, identity and movements while the application is down.

Read `facts.py` first: every act of this room. `rules.py` says what is refused and why; `ranges.py` gives the numbers
that are never used twice; the pages follow a stay: `admit_page.py`, `move_page.py`, `identity_page.py`, `beds_page.py`,
`duplicates_page.py`. Nothing here decides that two persons are one: a person proposes, a person links, anybody undoes.
"""
