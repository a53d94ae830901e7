"""Which entries of one log are folded already although their turn has not come."""

import heapq
from collections.abc import Iterable

__all__ = ["Ahead"]


class Ahead:
    """Indexes, until their turn comes; behind a long backlog a night's acts are tens of thousands."""

    def __init__(self, indexes: Iterable[int] = ()) -> None:
        self._known = set(indexes)
        self._in_order = sorted(self._known)  # a heap

    def __contains__(self, index: int) -> bool:
        return index in self._known

    def __len__(self) -> int:
        return len(self._known)

    def add(self, indexes: Iterable[int]) -> None:
        """Note these as folded."""
        for index in indexes:
            if index not in self._known:
                self._known.add(index)
                heapq.heappush(self._in_order, index)

    def begins_before(self, end: int) -> bool:
        """Tell whether any of them stands before `end`."""
        return bool(self._in_order) and self._in_order[0] < end

    def pass_to(self, end: int) -> None:
        """Forget those before `end`: their turn has come."""
        while self._in_order and self._in_order[0] < end:
            self._known.discard(heapq.heappop(self._in_order))

    def run_from(self, index: int, end: int) -> int:
        """Return the first place from `index` on that is not one of them, `end` at most."""
        while index < end and index in self._known:
            index += 1
        return index

    @property
    def reach(self) -> int:
        """One beyond the last of them, 0 when there is none."""
        return max(self._known, default=-1) + 1
