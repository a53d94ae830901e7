"""Usual applications of a hospital and what bringing each back takes: estimates by the project, to be corrected.

Read `template.py` first; `ground.py`, `shared.py`, `care.py` and `offices.py` hold the templates, `impacts.py` what a
day without each care function costs, `staff.py` the people and hours a first case begins with.
"""
