"""Dropping an epoch: what it would remove, and removing it once two managers signed. Needs Django."""

from pathlib import Path
from typing import NamedTuple

from releve.app.rebuilding import let_go
from releve.app.retention.mattering import mattering
from releve.app.retention.owed import Confirmed
from releve.islands.exchange.dropping import remove_log
from releve.islands.retention_facts import EpochDropped
from releve.journal.errors import FolderError
from releve.journal.folder import Log, key_path, log_path
from releve.journal.reader import LogReader
from releve.record.tables import Person
from releve.views.database import generation_in_force, put_in_force, views_lock
from releve.views.tables import SubjectEntry

__all__ = ["Removed", "dropped_fact", "remove_epoch", "what_goes"]

_PART = 500


class Removed(NamedTuple):
    """What goes with an epoch. `persons`: of whom nothing is left on this island."""

    entries: int
    acts: int
    persons: int
    bytes: int


def what_goes(log: Log, *, now_ms: int, recent_days: int) -> Removed:
    """Return what dropping this epoch would remove."""
    with LogReader(log.path) as reader:
        entries = reader.size
        (acts,) = reader.connection.execute("SELECT count(*) FROM entry WHERE lane = 1").fetchone()
    matter = mattering(frozenset({log.name}), now_ms=now_ms, recent_days=recent_days)
    subjects = set(SubjectEntry.objects.filter(log=log.name).values_list("subject", flat=True).distinct())
    leaving = sorted(subjects - matter.subjects)
    persons = sum(
        Person.objects.filter(id__in=leaving[start : start + _PART]).count()
        for start in range(0, len(leaving), _PART)
    )
    return Removed(entries, acts, persons, log.path.stat().st_size)


def dropped_fact(data: Path, log: Log, archive: Confirmed, goes: Removed, reason: str) -> EpochDropped:
    """Return what two managers sign.

    Raises:
        FolderError: the epoch after it is not here.
    """
    after = log_path(data, log.origin, log.epoch + 1)
    with LogReader(log.path) as reader:
        head = reader.head()
    next_key = ""
    if after.exists():
        with LogReader(after) as reader:
            next_key = reader.opened().key
    if not next_key:
        raise FolderError(f"{log.name}: expected the epoch after it on this disk; drop the older one first")
    return EpochDropped(
        island=log.origin, epoch=log.epoch, size=head.size, root=head.root, manifest=archive.manifest,
        removed=goes._asdict(), next_key=next_key, reason=reason,
    )  # fmt: skip


def remove_epoch(data: Path, log: Log, fact: EpochDropped, generation: Path) -> int:
    """Remove the files of an epoch and put the views in force that were folded without it; return the bytes freed.

    Raises:
        CorruptLog: the log is not the one that was signed for.
    """
    freed = remove_log(data, log.origin, log.epoch, fact.size, fact.root)
    name = key_path(data, log.origin, log.epoch).name
    for place in (data / "keys" / name, data / "runtime" / "own" / name):
        place.unlink(missing_ok=True)
    with views_lock(data):
        former = generation_in_force(data)
        put_in_force(data, generation)
    if former is not None:
        let_go(former)
    return freed
