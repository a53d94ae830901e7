"""Whether another island's pages show what ours show: each counts its views now and then, and writes the number down.

The numbers are read from the logs on this disk a piece at a time, so that no page waits for a year of acts.
"""

import threading
import time
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from releve.islands.facts import ViewsCompared
from releve.journal.errors import JournalError
from releve.journal.folder import logs
from releve.journal.reader import LogReader

__all__ = ["Compared", "compared_now", "verdict"]

Verdict = Literal["equal", "different", "other-entries", "other-version"]
KIND = "islands.compared.1"
ACTS_AT_ONCE = 500
SECONDS_AT_ONCE = 0.1
# Of this island's own counts, those that an island some hours behind may still be set beside.
OWN_KEPT = 200
_decode = msgspec.msgpack.Decoder(ViewsCompared).decode


class Compared(NamedTuple):
    """What setting the newest count of another island beside ours gives; `at_ms` is when it counted."""

    verdict: Verdict
    at_ms: int


class _Known(msgspec.Struct, kw_only=True):
    read_to: dict[str, int] = {}
    said: dict[str, list[ViewsCompared]] = {}


_known: dict[Path, _Known] = {}
_lock = threading.Lock()


def verdict(said: ViewsCompared, here: list[ViewsCompared]) -> Verdict:
    """Return whether `said` equals what was counted here at the same entries, by the same version."""
    same = [one for one in here if one.positions == said.positions]
    if not same:
        return "other-entries"
    comparable = [one for one in same if one.version == said.version]
    if not comparable:
        return "other-version"
    return "equal" if comparable[-1].hash == said.hash else "different"


def compared_now(data: Path, own: str) -> dict[str, Compared]:
    """Return what is known of each other island that counted its views, by its origin."""
    with _lock:
        known = _known.setdefault(data, _Known())
        try:
            _read_on(data, known)
        except (JournalError, OSError):
            return {}
        here = known.said.get(own, [])
        return {
            origin: Compared(verdict(said[-1], here), said[-1].at_us // 1000)
            for origin, said in known.said.items()
            if origin != own
        }


def _read_on(data: Path, known: _Known) -> None:
    until = time.monotonic() + SECONDS_AT_ONCE
    for log in logs(data):
        with LogReader(log.path) as reader:
            start = known.read_to.get(log.name, 0)
            while acts := reader.read(start, ACTS_AT_ONCE, lane="act"):
                for entry in acts:
                    if entry.kind == KIND:
                        _note(known, log.origin, entry.body)
                known.read_to[log.name] = start = acts[-1].index + 1
                if time.monotonic() >= until:
                    return


def _note(known: _Known, origin: str, body: bytes) -> None:
    try:
        said = _decode(body)
    except msgspec.MsgspecError:
        return
    kept = known.said.setdefault(origin, [])
    kept.append(said)
    del kept[:-OWN_KEPT]
