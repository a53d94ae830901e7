"""The web's connections to the recorder: as many as there are forms on their way, so that one commit takes them all."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from releve.journal.entry import Draft, Receipt

__all__ = ["Appends", "Recorders"]


class Appends(Protocol):
    """What an act needs of the recorder."""

    def append(self, drafts: Sequence[Draft]) -> list[Receipt]:
        """Return only when all are durable."""


class Recorders:
    """Connections kept open. Over one alone the forms of a process wait for each other's disk, one by one."""

    def __init__(self, connect: Callable[[], Appends]) -> None:
        self._connect = connect
        self._idle: deque[Appends] = deque()

    def append(self, drafts: Sequence[Draft]) -> list[Receipt]:
        """Return only when all are durable.

        Raises:
            DraftRefused, StorageFull, StorageFailed, RecorderUnreachable, RecorderGone.
        """
        try:
            recorder = self._idle.pop()  # the one used last: the others may have been hung up on meanwhile
        except IndexError:
            recorder = self._connect()
        try:
            return recorder.append(drafts)
        finally:
            self._idle.append(recorder)
