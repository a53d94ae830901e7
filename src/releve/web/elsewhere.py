"""What every page says of the other islands: whether they are in step, and how many islands hold an entry.

The shell knows no island but its own: `releve.islands` hands in what it read, with `set_elsewhere`. On an island that
has no others nothing of this is shown.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "Elsewhere",
    "Neighbour",
    "copies_of",
    "elsewhere_now",
    "island_of",
    "keeper_apart",
    "set_elsewhere",
]

Step = Literal["in-step", "behind", "silent", "never", "suspect"]

_log = logging.getLogger("releve.web")


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """Another island. `since_ms` is since when it is not in step, UTC ms, None when that is not known.

    `wards` are those it keeps: what is said there comes from it.
    """

    name: str
    step: Step
    since_ms: int | None = None
    wards: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    """The islands, this one's name first. `unknown_since_ms`: nothing is known of the others since then (0: ever)."""

    name: str
    neighbours: tuple[Neighbour, ...]
    unknown_since_ms: int | None = None

    @property
    def names(self) -> str:
        """The names of those that agree."""
        return " · ".join([self.name, *(one.name for one in self.neighbours if one.step == "in-step")])

    @property
    def is_apart(self) -> bool:
        """Whether anything is to be looked at."""
        return self.unknown_since_ms is not None or bool(self.apart)

    @property
    def apart(self) -> tuple[Neighbour, ...]:
        """Those that are not in step."""
        return tuple(one for one in self.neighbours if one.step != "in-step")


_NowHere = Callable[[], Elsewhere | None]
_Copies = Callable[[str, int], int | None]
_Named = Callable[[str], str]
_now: _NowHere | None = None
_copies: _Copies | None = None
_named: _Named | None = None


def set_elsewhere(
    now: _NowHere | None = None, copies: _Copies | None = None, named: _Named | None = None
) -> None:
    """Take the functions that say how the islands stand, who holds an entry, what the island of a log is called."""
    global _now, _copies, _named
    _now, _copies, _named = now, copies, named


def elsewhere_now() -> Elsewhere | None:
    """Return how the islands stand; None where there is only this one, or when it cannot be read."""
    if _now is None:
        return None
    try:
        return _now()
    except Exception:
        # The state of the exchange is written by another process: whatever is wrong there, pages come out.
        _log.exception("the state of the islands cannot be read; pages are shown without it")
        return None


def keeper_apart(ward: str) -> Neighbour | None:
    """Return the other island that keeps this ward when it is not in step; None when all that it says comes here."""
    there = elsewhere_now()
    return next((one for one in there.apart if ward in one.wards), None) if there is not None else None


def copies_of(log: str | None, index: int | None) -> int | None:
    """Return on how many islands the entry `log#index` is saved; None where there is only this one, or no entry."""
    if _copies is None or not log or index is None:
        return None
    try:
        return _copies(log, index)
    except Exception:
        _log.exception("the copies of an entry cannot be counted; pages are shown without")
        return None


def island_of(log: str | None) -> str:
    """Return the name of the other island that wrote a log; "" when this one did, or when there is no other."""
    if _named is None or not log:
        return ""
    try:
        return _named(log)
    except Exception:
        _log.exception("the island of a log cannot be named; pages are shown without")
        return ""
