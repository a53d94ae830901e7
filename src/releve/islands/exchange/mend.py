"""A copy of another island's log that is damaged here: put back bundle by bundle, or else pulled anew."""

from pathlib import Path

from releve.islands.exchange.belief import Refused, Terms
from releve.islands.exchange.mirror import open_mirror, set_aside
from releve.islands.exchange.pull import drive, repair
from releve.islands.exchange.source import Source
from releve.journal import folder
from releve.journal.blobs import BlobStore
from releve.journal.errors import CorruptLog
from releve.journal.reader import LogReader
from releve.journal.tree import TILE_WIDTH
from releve.journal.verify import Finding, verify_log

__all__ = ["mend"]

# What bundles and tree hashes cannot bring back: SQLite's own pages and tables. The file is set aside and pulled anew.
_OF_THE_FILE = ("file", "tables", "index", "head file", "checkpoint")


def mend(data: Path, source: Source, terms: Terms, now_us: int) -> list[Finding]:
    """Find what is damaged in a mirrored log and put it back from `source`; return what was found.

    When the file itself is beyond that, it is set aside (`EPOCH.damaged-…`) and the next pull brings the log anew.

    Raises:
        SourceGone: the source cannot go on; nothing is worse than before.
        StorageFull, StorageFailed.
    """
    log = folder.Log(terms.origin, terms.epoch, folder.log_path(data, terms.origin, terms.epoch))
    findings = list(verify_log(data, log))
    if not findings:
        return []
    _drop_damaged_blobs(data, log, findings)
    bundles = sorted({finding.entry // TILE_WIDTH for finding in findings if finding.entry is not None})
    whole = not any(finding.place.startswith(_OF_THE_FILE) for finding in findings)
    if whole:
        try:
            with open_mirror(data, terms.origin, terms.epoch, terms.key, damaged=True) as store:
                drive(source, repair(store, terms, bundles, now_us))
            whole = not any(finding for finding in verify_log(data, log) if "blob" not in finding.expected)
        except (CorruptLog, Refused):
            whole = False
    if not whole:
        set_aside(data, terms.origin, terms.epoch, now_us)
    return findings


def _drop_damaged_blobs(data: Path, log: folder.Log, findings: list[Finding]) -> None:
    """Remove blobs that are not what their name says: they are asked for again as lacking."""
    blobs = BlobStore(folder.blobs_path(data))
    damaged = [one.entry for one in findings if one.expected == "a blob that is what its name says"]
    if not damaged:
        return
    with LogReader(log.path, blobs.folder) as reader:
        for entry in damaged:
            row = reader.connection.execute("SELECT blob FROM entry WHERE idx = ?", (entry,)).fetchone()
            if row is not None and row[0] is not None and not blobs.intact(row[0]):
                blobs.remove(row[0])
