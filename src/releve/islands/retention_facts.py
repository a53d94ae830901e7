"""What managers sign when something of an island's log may go: an epoch that is archived, or one entry's bytes. Pure.

Only the island that wrote it says so; the others check both signatures before they remove their copy of an epoch.
"""

import msgspec

__all__ = ["EntryRedacted", "EpochArchived", "EpochDropped", "RetentionFact"]


class EpochArchived(msgspec.Struct, frozen=True, kw_only=True, tag="islands.archived.1"):
    """The hospital has read an exported epoch back, where it will stay. `manifest`: SHA-256 of its manifest."""

    island: str
    epoch: int
    size: int
    root: bytes
    manifest: bytes
    where: str


class EpochDropped(msgspec.Struct, frozen=True, kw_only=True, tag="islands.dropped.1"):
    """The file of an epoch is removed everywhere; what still matters of it stands restated in later ones.

    `removed`: entries, acts, persons, bytes that go with it. `next_key`: vkey of the epoch after it, which nobody can
    tell from the hand-over any more. `manifest`: of the archive that remains.
    """

    island: str
    epoch: int
    size: int
    root: bytes
    manifest: bytes
    removed: dict[str, int]
    next_key: str
    reason: str


class EntryRedacted(msgspec.Struct, frozen=True, kw_only=True, tag="islands.redacted.1"):
    """The bytes of one entry are to be removed; the `journal.redaction.1` that names this entry's place did so.

    `leaf`: hash of the entry, which stays in the tree. `reason` names nobody: it stays for ever.
    """

    island: str
    epoch: int
    index: int
    leaf: bytes
    reason: str


RetentionFact = EpochArchived | EpochDropped | EntryRedacted
