"""Identifiers of people, professionals, places and products: what in them does not fit.

Read `doubts.py` first: every `check_…(text)` returns the doubts it has, an empty list when it has none. They warn and
never block care: published examples of the national agency itself fail some of these checks. Words are msgids in
English; pages translate them. Pure: of packages, only `stdnum` may be imported here.
"""
