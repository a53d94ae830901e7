"""A locked island: one page that says so and what to do, until somebody or something opens it; no message is taken.

Read `waiting.py` first (the side of `releve serve`), then `pages.py` (the side of people). A small Django of its own:
nothing of the island's pages, views or journal is reachable here, and its answers hold no patient's value.
"""
