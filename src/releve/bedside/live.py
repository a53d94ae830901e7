"""Fragments kept by what they show, so that two hundred screens cost one setting of the page.

A board is set again when its ward, the map, a declaration, a feed's silence or the minute changed. The ETag names all
of that and who may read which names; it is the same on every worker, so any of them can say "unchanged".
"""

import contextlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import NamedTuple

from releve.bedside.board import Board

__all__ = ["NOT_YET", "BoardCache", "Fragment", "digest"]

# A board that took long to read is not read again at once: at most this share of one worker goes to one ward.
SHARE = 0.33
# Nor to all wards together: who writes goes before who watches. A board asked for by a screen may then be this old.
SHARE_OF_ALL = 0.2
OLD_SECONDS = 8.0
# So many threads of a process may stand still for boards that screens ask for: after a start the others are for forms.
WAITING_MAX = 2
WARDS_KEPT = 128
NOT_YET = ""  # no board's key, no fragment's ETag
FRAGMENTS_KEPT = 8  # languages × filters × readers' rights of one ward


class Fragment(NamedTuple):
    """A fragment ready to send."""

    etag: str
    body: str


class _Ward:
    __slots__ = ("asked", "board", "cost", "fragments", "key", "last", "lock", "made")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.asked = time.monotonic()  # for the first time
        self.key = ""
        self.board: Board | None = None
        self.made = 0.0
        self.cost = 0.0
        self.fragments: OrderedDict[str, Fragment] = OrderedDict()
        self.last: OrderedDict[str, Fragment] = OrderedDict()  # by shape, whatever the board is by now


def digest(*parts: object) -> str:
    """Return a short name of these parts."""
    return blake2b("\x1f".join(str(part) for part in parts).encode(), digest_size=9).hexdigest()


class BoardCache:
    """The boards of one process."""

    def __init__(self) -> None:
        self._wards: OrderedDict[str, _Ward] = OrderedDict()
        self._lock = threading.Lock()
        self._rest_until = 0.0  # what was spent on boards is paid back by then
        # Screens have one board set at a time: a form would otherwise share the interpreter with seven of them.
        self._setting = threading.Lock()
        self._waiting = 0  # threads that stand still for a board

    def board(
        self,
        ward: str,
        key: str,
        read: Callable[[], Board | None],
        *,
        patient: bool,
        has_one: bool = False,
    ) -> tuple[str, Board | None]:
        """Return the board and the key it was read under, reading it when `key` is another than the last.

        `patient`: a poll, which may be given the last board once more while that one is younger than its cost allows.
        `has_one`: its screen shows a board already; while there is none here yet, because this process started a
        moment ago, it may be told to come again: (`NOT_YET`, None).
        """
        kept = self._ward(ward)
        wait = self._must_wait(kept, kept.board, patient=patient, has_one=has_one)
        if not self._take(kept.lock, wait=wait):
            return kept.key, kept.board
        try:
            now = time.monotonic()
            fresh = now - kept.made < kept.cost / SHARE or (
                now < self._rest_until and now - kept.made < OLD_SECONDS
            )
            if kept.key == key or (patient and kept.board is not None and fresh):
                return kept.key, kept.board
            with self._turn(patient=patient, wait=wait) as is_ours:
                if is_ours:
                    started = time.monotonic()
                    kept.board = read()
                    kept.key = key
                    kept.made = time.monotonic()
                    kept.cost = kept.made - started
                    self._spend(kept.cost)
                    kept.fragments.clear()
            return kept.key, kept.board
        finally:
            kept.lock.release()

    def fragment(
        self,
        ward: str,
        etag: str,
        make: Callable[[], str],
        *,
        shape: str,
        patient: bool,
        has_one: bool = False,
    ) -> Fragment:
        """Return the fragment of this ETag, set once; `shape` is language, filter and rights, `has_one` as above.

        While another thread sets the ward, a poll is given the last fragment of its shape: waiting would fill both
        threads of a worker, and every other page with them.
        """
        kept = self._ward(ward)
        last = kept.last.get(shape)
        wait = self._must_wait(kept, last, patient=patient, has_one=has_one)
        if not self._take(kept.lock, wait=wait):
            return last or Fragment(NOT_YET, "")
        try:
            found = kept.fragments.get(etag)
            if found is not None:
                return found
            with self._turn(patient=patient, wait=wait) as is_ours:
                if not is_ours:
                    return last or Fragment(NOT_YET, "")
                started = time.monotonic()
                found = Fragment(etag, make())
                spent = time.monotonic() - started
            kept.cost += spent
            self._spend(spent)
            kept.fragments[etag] = found
            kept.last[shape] = found
            for held in (kept.fragments, kept.last):
                while len(held) > FRAGMENTS_KEPT:
                    held.popitem(last=False)
            return found
        finally:
            kept.lock.release()

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._wards.clear()
            self._rest_until = 0.0

    @contextlib.contextmanager
    def _turn(self, *, patient: bool, wait: bool) -> Iterator[bool]:
        """Yield whether it is this thread's turn to read or set a board; a page that somebody opens needs none."""
        if not patient:
            yield True
        elif self._take(self._setting, wait=wait):
            try:
                yield True
            finally:
                self._setting.release()
        else:
            yield False

    def _take(self, lock: threading.Lock, *, wait: bool) -> bool:
        """Take a lock and return True; False when it is taken and `wait` is not asked."""
        if lock.acquire(blocking=False):
            return True
        if not wait:
            return False
        with self._lock:
            self._waiting += 1
        lock.acquire()
        with self._lock:
            self._waiting -= 1
        return True

    def _must_wait(self, ward: _Ward, shown: object, *, patient: bool, has_one: bool) -> bool:
        """Tell whether who asks waits for the ward's lock and for her turn, because nothing else can be given her."""
        if not patient:
            return True
        if shown is not None:
            return False
        return not has_one or (time.monotonic() - ward.asked >= OLD_SECONDS and self._waiting < WAITING_MAX)

    def _spend(self, seconds: float) -> None:
        # Half a second may be spent at once: at a start, and when few wards change.
        now = time.monotonic()
        self._rest_until = max(self._rest_until, now - 0.5 / SHARE_OF_ALL) + seconds / SHARE_OF_ALL

    def _ward(self, ward: str) -> _Ward:
        with self._lock:
            found = self._wards.setdefault(ward, _Ward())
            self._wards.move_to_end(ward)
            while len(self._wards) > WARDS_KEPT:
                self._wards.popitem(last=False)
            return found
