"""Whether this island may still write its log: after a restore or a clone others hold more of it than is here.

A log has one writer for all its life, and no entry of it may ever be written twice. So an island whose log is shorter
than what others hold of it, signed by its own key, goes on in a new epoch with a new key, by itself.
"""

import logging
import time
from collections.abc import Callable
from pathlib import Path

from releve.app.clock import now_us
from releve.islands.exchange.peers import PeersError, read_peers
from releve.islands.exchange.state import read_exchange
from releve.islands.taking_back import former_epochs, take_back
from releve.journal.errors import JournalError
from releve.journal.folder import Log, start_epoch
from releve.journal.reader import LogReader

__all__ = ["OwnLog", "lost_entries"]

log = logging.getLogger("releve.supervisor")
FIRST_PULL_SECONDS = 3.0  # at a start others are asked first; one that does not answer keeps nobody waiting
LOOK_SECONDS = 1.0


class OwnLog:
    """One of the two logs this island writes, as the supervisor looks after it."""

    def __init__(
        self,
        data: Path,
        which: Callable[[Path], Log | None],
        *,
        waits: bool = True,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`which`: `own_log` or `own_audit_log`. `waits`: whether a puller starts with it, to ask the others first."""
        self._data = data
        self._which = which
        self._monotonic = monotonic
        self._begun_us = now_us()
        self._until = monotonic() + FIRST_PULL_SECONDS if waits else 0.0
        self._looked = 0.0
        self._told = ""

    def may_write(self) -> bool:
        """Return whether its recorder may start now; a new epoch is begun first when others hold more of the log."""
        if self._monotonic() < self._until and not self._others_were_asked():
            return False
        self._until = 0.0
        try:
            newest = self._which(self._data)
            reason = lost_entries(self._data, newest) if newest is not None else ""
            if newest is not None and reason:
                begun = start_epoch(self._data, reason, now_us(), newest)
                log.warning(
                    "%s: %s; this island goes on as %s, with a new key", newest.name, reason, begun.name
                )
                newest = begun
            if newest is not None:
                self._take_back(newest)
        except JournalError as error:
            if str(error) != self._told:
                self._told = str(error)
                log.error("a new epoch could not begin, nothing is recorded: %s", error)
            return False
        return True

    def _take_back(self, newest: Log) -> None:
        """Bring former epochs to what others hold of them, while nobody writes; what does not come stays with them."""
        exchange = read_exchange(self._data)
        for former in former_epochs(self._data, newest):
            shown = exchange.ahead.get(former.name, 0) if exchange is not None else 0
            try:
                if shown and shown > _size(former):
                    came = take_back(self._data, former, now_us())
                    log.warning("%s: %d entries taken back from other islands", former.name, came)
            except JournalError as error:
                log.error("%s: what others hold of it was not taken back: %s", former.name, error)

    def must_stop(self) -> bool:
        """Return whether its recorder must stop: the others turned out to hold more. Looked at once a second."""
        now = self._monotonic()
        if now - self._looked < LOOK_SECONDS:
            return False
        self._looked = now
        try:
            newest = self._which(self._data)
            return newest is not None and bool(lost_entries(self._data, newest))
        except JournalError:
            return False  # the recorder itself says what is wrong with its log

    def _others_were_asked(self) -> bool:
        """Return whether every other island that can be asked was, since the start."""
        try:
            peers = read_peers(self._data)
        except PeersError:
            return True
        asked = {peer.origin for peer in peers.peers if peer.is_asked and peer.addresses} if peers else set()
        if not asked:
            return True
        exchange = read_exchange(self._data)
        states = exchange.peers if exchange is not None else {}
        return all(origin in states and (states[origin].tried_us or 0) >= self._begun_us for origin in asked)


def lost_entries(data: Path, newest: Log) -> str:
    """Return why this log must not be written any more, "" when it may.

    Only the log's own key can have signed what is held against it here: no other island can bring this about.

    Raises:
        JournalError: the log cannot be read.
    """
    exchange = read_exchange(data)
    if exchange is None or exchange.own != newest.origin.removesuffix("-audit"):
        return ""
    shown = exchange.ahead.get(newest.name, 0)
    if shown:
        size = _size(newest)
        if shown > size:
            return f"an older copy: others hold {shown:,} entries, {size:,} are here"
    if any(
        one.what == "equivocation" and (one.origin, one.epoch) == (newest.origin, newest.epoch)
        for one in exchange.refused
    ):
        return "a copy: others hold other entries of it, signed by its key"
    return ""


def _size(one: Log) -> int:
    with LogReader(one.path) as reader:
        return reader.size
