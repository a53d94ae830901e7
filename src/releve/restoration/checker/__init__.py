"""Criticising any plan, from the case and the plan alone: no code shared with what makes plans, no numbers library."""
