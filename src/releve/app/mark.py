"""Whether an island is real or an exercise: the journal's first entry says it, under the island's own signature."""

import os
from pathlib import Path

from releve.journal.errors import CorruptLog
from releve.journal.folder import key_path, own_log, read_key
from releve.journal.note import Verifier
from releve.journal.opening import check_head
from releve.journal.reader import LogReader
from releve.journal.tree import inclusion_holds, inclusion_proof, leaf_hash

__all__ = ["is_exercise"]


def is_exercise(data: Path) -> bool:
    """Return whether this island is an exercise, for ever.

    Neither the key file nor a changed first entry can say otherwise: they must agree, and the entry must be the one
    that the newest checkpoint covers.

    Raises:
        JournalError: no island, a log that cannot be read, or something says otherwise.
    """
    log = own_log(data)
    # A process that may not see the key goes by the log; the recorder starts only when both agree.
    key = read_key(data, log) if os.access(key_path(data, log.origin, log.epoch), os.R_OK) else None
    place = f"{log.name} entry 0"
    with LogReader(log.path) as reader:
        opened, stored, head = reader.opened(), reader.stored(0), reader.head()
        proof = inclusion_proof(0, head.size, reader.tile_hashes())
    check_head(head, key.signer.verifier if key else Verifier.from_vkey(opened.key), log.name)
    if stored is None or not inclusion_holds(leaf_hash(stored), 0, head.size, proof, head.root):
        raise CorruptLog(place, "expected the signed bytes, which say whether this is an exercise")
    if key and opened.exercise != key.exercise:
        raise CorruptLog(place, "expected the exercise mark of the key file; an exercise never becomes real")
    return opened.exercise
