"""Whether another island's pages show what ours show: each counts its views now and then, and writes the number down.

The numbers are read from the logs on this disk a piece at a time, so that no page waits for a year of acts.
"""

import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec
from django.db import DatabaseError, connections

from releve.islands.facts import ViewsCompared
from releve.islands.sampled import Outcome, compare
from releve.journal.errors import JournalError
from releve.journal.folder import logs
from releve.journal.reader import LogReader

__all__ = ["Compared", "compared", "compared_now", "sample_outcome", "verdict"]

Verdict = Literal["equal", "equal-sample", "different", "other-entries", "other-version"]
KIND = "islands.compared.1"
ACTS_AT_ONCE = 500
SECONDS_AT_ONCE = 0.1
AGAIN_SECONDS = 30.0  # what a sample needs may still be on its way
# Of this island's own counts, those that an island some hours behind may still be set beside.
OWN_KEPT = 200
_decode = msgspec.msgpack.Decoder(ViewsCompared).decode


class Compared(NamedTuple):
    """What setting the newest count of another island beside ours gives; `at_ms` is when it counted.

    `persons`: of a sample, how many were made from the same entries here and there; 0: all views were compared.
    """

    verdict: Verdict
    at_ms: int
    persons: int = 0


class _Known(msgspec.Struct, kw_only=True):
    read_to: dict[str, int] = {}
    said: dict[str, list[ViewsCompared]] = {}
    outcomes: dict[str, tuple[int, float, Outcome | None]] = {}


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


def compared(
    said: ViewsCompared, here: list[ViewsCompared], sampled: Callable[[ViewsCompared], Outcome | None]
) -> Compared:
    """Return what is known of another island's count: all views where they can be compared, else its sample.

    `sampled` sets a sample beside the views here; None: they are folded by another version, or cannot be read.
    """
    at_ms = said.at_us // 1000
    found = verdict(said, here)
    if found in ("equal", "different"):
        return Compared(found, at_ms)
    outcome = sampled(said) if said.sample else None
    if outcome is None:
        return Compared("other-version" if said.sample else found, at_ms)
    if outcome.different:
        return Compared("different", at_ms, outcome.different)
    return Compared("equal-sample" if outcome.equal else "other-entries", at_ms, outcome.equal)


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
            origin: compared(said[-1], here, partial(_sampled, known, origin))
            for origin, said in known.said.items()
            if origin != own
        }


def _sampled(known: _Known, origin: str, said: ViewsCompared) -> Outcome | None:
    """Return the outcome of a sample: looked at once, and again only while it said nothing."""
    at_us, looked, outcome = known.outcomes.get(origin, (0, 0.0, None))
    settled = outcome is not None and outcome.equal + outcome.different > 0
    if at_us == said.at_us and (settled or time.monotonic() - looked < AGAIN_SECONDS):
        return outcome
    outcome = sample_outcome(connections["default"], said)
    known.outcomes[origin] = said.at_us, time.monotonic(), outcome
    return outcome


def sample_outcome(connection: Any, said: ViewsCompared) -> Outcome | None:
    """Return how the views of a connection stand to a sample; None when another version folded them."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")  # entries and rows of one moment, while the fold goes on
            try:
                cursor.execute("SELECT value FROM views_meta WHERE key = 'fold_version'")
                row = cursor.fetchone()
                same = bool(row) and row[0] == said.version
                return compare(connection, said.salt, said.sample) if same else None
            finally:
                cursor.execute("COMMIT")
    except DatabaseError:
        return None


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
