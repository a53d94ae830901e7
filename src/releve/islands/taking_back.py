"""What others hold of a former epoch of this island, taken back after a restore: it has no writer any more."""

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from releve.islands.exchange import layout
from releve.islands.exchange.belief import Refused, Terms
from releve.islands.exchange.bounded import Bounded
from releve.islands.exchange.mirror import Mirror
from releve.islands.exchange.pull import drive, fetch_blobs, pull
from releve.islands.exchange.quota import Bucket, Quota
from releve.islands.exchange.source import SourceGone
from releve.islands.scrub import NamedSource, sources_of
from releve.journal.folder import Log, every_log
from releve.journal.note import Verifier
from releve.journal.reader import LogReader

__all__ = ["former_epochs", "take_back"]

SECONDS_MAX = 20.0  # nothing is recorded meanwhile; what does not come in time stays with the others


def former_epochs(data: Path, newest: Log) -> list[Log]:
    """Return the epochs of a log before its newest that are on this disk."""
    return [log for log in every_log(data) if log.origin == newest.origin and log.epoch < newest.epoch]


def take_back(
    data: Path,
    log: Log,
    now_us: int,
    sources: Callable[[Path, Log], Iterator[NamedSource]] = sources_of,
) -> int:
    """Bring a former epoch to what others hold of it, signed by its own key; return how many entries came.

    Call only while this island's recorder is stopped.

    Raises:
        JournalError: the log here is damaged or in use, or the disk failed.
    """
    with LogReader(log.path) as reader:
        key, before = Verifier.from_vkey(reader.opened().key), reader.size
    terms = Terms(
        origin=log.origin,
        epoch=log.epoch,
        key=key,
        key_before=None,
        cut=None,
        from_origin=False,
        exercise=None,
        quota=Quota(),
        room_bytes=1 << 62,
        redactions_left=1 << 31,
    )
    until = time.monotonic() + SECONDS_MAX
    for _, source in sources(data, log):
        seconds = until - time.monotonic()
        if seconds <= 0:
            break
        # Gone, or another history, which its own key signed too: what is here stands.
        with contextlib.suppress(SourceGone, Refused), Mirror(data, log, key) as store:
            try:
                path = layout.checkpoint_path(log.origin, log.epoch)
                if (raw := source.get(path, layout.CHECKPOINT_BYTES_MAX)) is not None:
                    bounded = Bounded(source, raw, _rates(terms.quota), time.monotonic, seconds)
                    drive(bounded, pull(store, terms, now_us))
                    drive(bounded, fetch_blobs(store, terms, store.lacking()))
            finally:
                store.drop_coming()
                source.close()
    with LogReader(log.path) as reader:
        return reader.size - before


def _rates(quota: Quota) -> tuple[Bucket, Bucket]:
    return Bucket(quota.bytes_per_second), Bucket(quota.entries_per_second)
