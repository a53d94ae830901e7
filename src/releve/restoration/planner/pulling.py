"""What an application pulls with it: a move in the order that only moves what stands already changes no date. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from releve.restoration.planner.grid import Grid
from releve.restoration.planner.orders import closures

__all__ = ["NOT_YET", "Pulled", "changes_nothing"]

NOT_YET = 1 << 30


class Pulled:
    """By application the place of the order at which all its tasks stand; -1: whatever the order."""

    def __init__(self, grid: Grid) -> None:
        standing = set(grid.running).union(i for i, end in enumerate(grid.fixed) if end >= 0)
        reach: dict[int, int] = {}  # tasks that stand once this one does, a bit each
        for i in grid.links.order:
            if i not in standing and not grid.left[i]:
                bits = 1 << i
                for j in grid.before[i]:
                    bits |= reach.get(j, 0)
                reach[i] = bits
        own = [sum(1 << i for i in tasks if i in reach) for tasks in grid.own]
        self.first = [NOT_YET if bits else -1 for bits in own]
        self.pulls: list[tuple[int, ...]] = []
        for a, closure in enumerate(closures(grid)):
            bits = 0
            for i in grid.own[a]:
                bits |= reach.get(i, 0)
            self.pulls.append(tuple(o for o in sorted(closure) if o != a and own[o] and not own[o] & ~bits))

    def at(self, order: Sequence[int]) -> list[int]:
        """Return by application the place at which it is known to stand in this order."""
        found = list(self.first)
        for place, a in enumerate(order):
            for one in (a, *self.pulls[a]):
                found[one] = min(found[one], place)
        return found


def changes_nothing(order: Sequence[int], other: Sequence[int], pulled: Sequence[int]) -> bool:
    """Return whether two orders are the same but for what stands before the first place where they differ.

    `pulled`: what `Pulled.at` says of the one or the other; up to there it is the same.
    """
    first = next((place for place, a in enumerate(order) if a != other[place]), len(order))
    return [a for a in order[first:] if pulled[a] >= first] == [
        a for a in other[first:] if pulled[a] >= first
    ]
