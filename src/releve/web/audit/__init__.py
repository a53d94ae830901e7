"""Who opened which page, who went beyond her wards and why, who reviewed it: the second log of the island.

Read `facts.py` first (what is said), then `watch.py` (when it is said) and `keeping.py` (how it becomes durable without
any page waiting). Nothing here is folded into views: `reading.py` reads the log itself. No patient's name is in it.
"""
