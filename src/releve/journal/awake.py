"""Staying awake for a moment: what is about to come is there before a process could go to sleep and be woken.

Between a message and its acknowledgement lie four wake-ups of some thirty microseconds each; a disk that syncs in a
tenth of a millisecond is hidden behind them. Whoever waits for one thing alone therefore looks again and again for a
moment. It does so only where there is another processor for the one it waits for, and only while it pays: on a
machine with other work, behind a slow disk or with seconds between messages it sleeps as ever (when moments awake
bring nothing, twice as many waits follow asleep as the last time).
"""

import os

# Recorder: from an answer to the next message of the same sender.
NEXT_NS = 300_000
# Gateway: from a message to its receipt.
RECEIPT_NS = 800_000

_VAIN_MAX = 4  # so many more in vain than not: the processor is wanted elsewhere
_PAID_RUN = 8  # so many in a row that paid: it is free again
_ASLEEP_MIN = 4
_ASLEEP_MAX = 256


class Watch:
    """Whether to stay awake for what is awaited, learned from the times before.

    >>> watch = Watch(has_room=True)
    >>> for _ in range(4):
    ...     assert watch.begins()
    ...     watch.in_vain()
    >>> [watch.begins() for _ in range(9)].count(True)
    1
    """

    __slots__ = ("_asleep", "_has_room", "_left", "_paid_run", "_vain")

    def __init__(self, *, has_room: bool | None = None) -> None:
        self._has_room = _has_room() if has_room is None else has_room
        self._vain = 0  # moments in vain, less those that paid
        self._paid_run = 0
        self._asleep = _ASLEEP_MIN  # waits asleep when it last did not pay
        self._left = 0  # of these still to come

    def begins(self) -> bool:
        """Return whether to stay awake for the wait that begins."""
        if self._left:
            self._left -= 1
            return False
        return self._has_room

    def paid(self) -> None:
        """What was awaited came while awake."""
        if self._vain:
            self._vain -= 1
        self._paid_run += 1
        if self._paid_run == _PAID_RUN:
            self._paid_run = 0
            self._asleep = max(_ASLEEP_MIN, self._asleep // 2)

    def in_vain(self) -> None:
        """The moment passed and nothing came."""
        self._paid_run = 0
        self._vain += 1
        if self._vain == _VAIN_MAX:
            self._vain = 0
            self._asleep = self._left = min(_ASLEEP_MAX, self._asleep * 2)


def _has_room() -> bool:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return usable > 1
