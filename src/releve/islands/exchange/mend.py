"""A copy of another island's log that is damaged here: put back bundle by bundle, or else pulled anew."""

import contextlib
from pathlib import Path

from releve.islands.exchange.belief import Refused, Terms
from releve.islands.exchange.mirror import open_mirror, set_aside
from releve.islands.exchange.pull import Steps, drive, repair
from releve.islands.exchange.source import Source, SourceGone
from releve.journal import folder
from releve.journal.blobs import BlobStore
from releve.journal.errors import CorruptLog
from releve.journal.reader import LogReader
from releve.journal.tree import TILE_WIDTH
from releve.journal.verify import Finding, verify_log

__all__ = ["mend"]


def mend(data: Path, source: Source, terms: Terms, now_us: int) -> list[Finding]:
    """Find what is damaged in a mirrored log and put it back from `source`; return what was found.

    When the file itself is beyond that, it is set aside (`EPOCH.damaged-…`) and the next pull brings the log anew.

    Raises:
        Refused: what came does not fit the signed tree; the copy stays as it is, until another source mends it.
        SourceGone: the source cannot go on, or does not have it all; nothing is worse than before.
        StorageFull, StorageFailed.
    """
    log = folder.Log(terms.origin, terms.epoch, folder.log_path(data, terms.origin, terms.epoch))
    findings = list(verify_log(data, log))
    if not findings:
        return []
    _drop_damaged_blobs(data, log, findings)
    bundles = sorted({finding.entry // TILE_WIDTH for finding in findings if finding.entry is not None})
    whole = False
    with contextlib.suppress(CorruptLog):  # SQLite's own pages: no bundle brings them back
        if terms.key is not None:
            with open_mirror(data, terms.origin, terms.epoch, terms.key, damaged=True) as store:
                whole = _repaired(source, repair(store, terms, bundles, now_us))
            whole = whole and all("blob" in finding.expected for finding in verify_log(data, log))
    if not whole:
        set_aside(data, terms.origin, terms.epoch, now_us)
    return findings


def _repaired(source: Source, steps: Steps) -> bool:
    """Return whether the bundles were put back; False when our own signed checkpoint is damaged too."""
    try:
        outcome = drive(source, steps)
    except Refused as refused:
        if refused.what == "signature":  # ours: nothing was asked of the source yet
            return False
        raise
    if outcome.what == "incomplete":
        raise SourceGone("expected a copy that reaches as far as ours", "answer")
    return True


def _drop_damaged_blobs(data: Path, log: folder.Log, findings: list[Finding]) -> None:
    """Remove blobs that are not what their name says: they are asked for again as lacking."""
    blobs = BlobStore(folder.blobs_path(data))
    damaged = [one.entry for one in findings if one.expected == "a blob that is what its name says"]
    if not damaged:
        return
    with LogReader(log.path, blobs.folder) as reader:
        for entry in damaged:
            named = "SELECT blob FROM entry WHERE idx = ? AND blob IS NOT NULL"
            for (blob,) in reader.connection.execute(named, (entry,)):
                blobs.remove(blob)
