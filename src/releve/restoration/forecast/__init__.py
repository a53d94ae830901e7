"""Dates that hold: the plan's order played as a policy many times over, and what was learned from finished tasks."""
