"""How early each task could end if everybody were free: what no plan beats. Pure."""

from __future__ import annotations

from releve.restoration.planner.grid import Grid

__all__ = ["earliest_ends"]


def earliest_ends(grid: Grid) -> list[int]:
    """Return the earliest end of each task: its predecessors at theirs, its best team free at once.

    The horizon stands for "not within it". What is left out ends at 0.
    """
    ends = [0] * grid.size
    for i in grid.links.order:
        if grid.fixed[i] >= 0:
            ends[i] = grid.fixed[i]
            continue
        if grid.left[i]:
            continue
        ready = grid.ready[i]
        if grid.started[i] < 0:
            ready = max([ready, *(ends[j] for j in grid.before[i])])
        if not grid.work[i]:
            ends[i] = ready
            continue
        if grid.options[i] < 0:
            profiles = [grid.machine[i]]
        else:
            profiles = list(grid.best_profiles[grid.options[i]])
        spans = (grid.profiles[profile].span(min(ready, grid.horizon), grid.work[i]) for profile in profiles)
        ends[i] = min((span[1] for span in spans if span is not None), default=grid.horizon)
    return ends
