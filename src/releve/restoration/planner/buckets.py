"""Parts of time in which a bound counts: a few a day at first, then whole days; and how early each task could end.

Arrays of numpy; imported only by the bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from releve.restoration.planner.calendars import local_weekhours
from releve.restoration.planner.grid import Grid

__all__ = ["Clockwork", "boundaries"]

Array = Any


def boundaries(grid: Grid, last: int, plan: Sequence[tuple[int, tuple[int, ...]]]) -> Array:
    """Return hours from `now` to `last`; `plan` says up to which day at which local hours of the week a part ends."""
    weekhours = local_weekhours(grid.case.starts_at, grid.case.zone, grid.horizon)
    now = min(max(grid.case.now, 0), grid.horizon - 1)
    last = min(max(last, now + 1), grid.horizon)
    found = [now]
    for hour in range(now + 1, last):
        day = (hour - now) / 24
        hours = next((hours for days, hours in plan if day <= days), plan[-1][1])
        if weekhours[hour] in hours and weekhours[hour] != weekhours[hour - 1]:
            found.append(hour)
    return np.array([*found, last])


class Clockwork:
    """Earliest ends from any hour, the work that fits between two hours, the way to the end of an application."""

    def __init__(self, grid: Grid, edges: Array) -> None:
        self.grid, self.edges = grid, edges
        self.beyond = grid.horizon + 1
        self.counted = [np.frombuffer(profile.before, np.int32) for profile in grid.profiles]
        self.ends = [
            np.append(np.frombuffer(profile.hour_of, np.int32) + 1, self.beyond) for profile in grid.profiles
        ]
        self.profiles: list[tuple[int, ...]] = []
        for i in range(grid.size):
            if grid.options[i] >= 0:
                self.profiles.append(grid.best_profiles[grid.options[i]])
            else:
                self.profiles.append((grid.machine[i],) if grid.machine[i] >= 0 else ())
        self._hours = np.minimum(np.arange(grid.horizon + 2), grid.horizon)
        self._ends: dict[object, Array] = {}
        self._work: dict[object, Array] = {}
        self.tail: dict[int, Array] = {}
        of = grid.links.of
        for i in reversed(grid.links.order):
            if grid.left[i] or grid.fixed[i] >= 0:
                continue
            after = [
                self.tail[j][self.earliest_end(j)]
                for j in grid.links.after[i]
                if of[j] == of[i] and j in self.tail
            ]
            own = np.arange(grid.horizon + 2, dtype=np.int32)
            self.tail[i] = np.maximum.reduce(after) if after else own

    def earliest_end(self, i: int) -> Array:
        """Return the earliest end of a task that may start at each hour, its best team free; `beyond`: never."""
        grid = self.grid
        key = (self.profiles[i], grid.work[i], grid.ready[i])
        if key not in self._ends:
            ready = np.minimum(np.maximum(self._hours, grid.ready[i]), grid.horizon)
            if grid.work[i]:
                end = np.full(grid.horizon + 2, self.beyond, np.int32)
                for profile in self.profiles[i]:
                    at = self.counted[profile][ready] + grid.work[i] - 1
                    end = np.minimum(end, self.ends[profile][np.minimum(at, len(self.ends[profile]) - 1)])
            else:
                end = ready.astype(np.int32)
            end[-1] = self.beyond
            self._ends[key] = end
        return self._ends[key]

    def most_work(self, i: int) -> Array:
        """Return for each edge and each hour the most a team of this task can work from the one to the other."""
        key = self.profiles[i]
        if key not in self._work:
            rows = [
                self.counted[profile][None, :] - self.counted[profile][self.edges][:, None] for profile in key
            ]
            self._work[key] = np.maximum(np.maximum.reduce(rows), 0)
        return self._work[key]

    def owed(self, i: int) -> Array:
        """Return for each edge the work that must be done by then if the application is back by each edge."""
        grid = self.grid
        latest = np.searchsorted(self.tail[i][: grid.horizon + 1], self.edges, side="right") - 1
        room = self.most_work(i)[:, np.maximum(latest, 0)]
        owed = np.maximum(grid.work[i] - room, 0).astype(np.float64)
        owed[:, latest < 0] = grid.work[i]
        return owed

    def offered(self, i: int, head: int) -> Array:
        """Return for each edge the most work that can be done by then when it may start at hour `head`."""
        head = min(head, self.grid.horizon)
        at = np.maximum(self.edges, head)
        rows = [self.counted[profile][at] - self.counted[profile][head] for profile in self.profiles[i]]
        return np.minimum(np.maximum.reduce(rows), self.grid.work[i]).astype(np.float64)
