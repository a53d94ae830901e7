"""The patient across departments: identity, encounters and movements, allergies, problems, requests.

Read `facts.py` first, then `hl7.py` (ADT messages to facts), `fold.py` (facts to rows) and `tables.py`.
Departments read this room; this room never imports one of them.
"""
