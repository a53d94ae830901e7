"""Sticks: two islands that reach one another by no network exchange what they hold by a stick somebody carries.

How a stick is laid out and sealed stands in `exchange/` (`parts.py`, `stick.py`, `unseal.py`); here is who asks for it
and what becomes of it. Read `writing.py` first: what goes onto a stick, for whom. Then `taking_in.py`: a stick read,
pulled and acknowledged. The command line calls those two. For the page there is a process of its own: `request.py`
(what the page asks and what comes back), `process.py` (who does it), `media.py` (which sticks are plugged in),
`page.py` (the screen) and `words.py` (what it says of trouble).
"""
