"""Whose turn it is: a relay holds up no island that answers itself; nobody makes us remember a million epochs. Pure.

Whoever carries another island's log could give it a byte at a time: while one source feeds a copy no other does. And
whoever lists logs can name any number of epochs: each would cost memory and a place among the evidence.
"""

from collections.abc import Callable

from releve.islands.exchange.belief import checkpoint_of
from releve.islands.exchange.layout import LogSize
from releve.journal.folder import AUDIT

__all__ = ["STRANGE_LOGS_MAX", "Turns"]

ORIGIN_SECONDS = 10.0  # an island that answered so lately is asked for its log itself, before any relay
LACKING_SECONDS = 300.0  # after which a relay is asked for a body that the island itself does not give
STRANGE_LOGS_MAX = (
    16  # epochs nobody vouches for that are looked at, of one origin and one source that lists them
)


class Turns:
    """What decides whether a log is looked at, and taken, from a source."""

    def __init__(self) -> None:
        self._reached: dict[str, float] = {}  # when each island listed its logs last
        self._strange: dict[tuple[str, str], set[str]] = {}
        self._beyond: dict[
            tuple[str, str], tuple[int, float]
        ] = {}  # what relays show that its island does not list
        self._lacking: dict[str, float] = {}  # since when bodies are missing, by log

    def reached(self, island: str, now: float) -> None:
        """Note that an island answered."""
        self._reached[island] = now

    def is_strange(self, listed: LogSize, by: str, vouched: Callable[[], bool]) -> bool:
        """Tell whether nobody vouches for this epoch, and enough of that kind were looked at already."""
        if vouched():
            return False
        name, seen = f"{listed.origin}/{listed.epoch}", self._strange.setdefault((listed.origin, by), set())
        if len(seen) < STRANGE_LOGS_MAX:
            seen.add(name)
        return name not in seen

    def grows(self, listed: LogSize, holder: str | None, raw: bytes, listed_there: int, now: float) -> bool:
        """Tell whether a log may be taken from this source. `listed_there`: its size, as its island lists it."""
        island = listed.origin.removesuffix(AUDIT)
        if holder in (None, island) or now - self._reached.get(island, -ORIGIN_SECONDS) >= ORIGIN_SECONDS:
            return True
        # Unless a relay shows for a while what the island itself does not list any more: it lost it.
        claimed, key = checkpoint_of(raw), (f"{listed.origin}/{listed.epoch}", holder or "")
        if claimed is None or claimed.size <= listed_there:
            self._beyond.pop(key, None)
            return False
        size, since = self._beyond.get(key, (0, now))
        if size <= listed_there:
            self._beyond[key] = claimed.size, now
            return False
        return now - since >= ORIGIN_SECONDS

    def brings(self, name: str, *, lacks: bool, grows: bool, now: float) -> bool:
        """Tell whether a source is asked for bodies that a log lacks."""
        if not lacks:
            self._lacking.pop(name, None)
            return False
        return grows or now - self._lacking.setdefault(name, now) >= LACKING_SECONDS
