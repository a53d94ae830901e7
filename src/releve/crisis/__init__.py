"""The crisis: which applications are declared down, where, since when, by whom, and who stood by it.

Read `facts.py` first, then `rules.py` (who may declare what). Containment, restoration and the departments
read what was declared; this room never imports one of them.
"""
