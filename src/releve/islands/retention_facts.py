"""What managers sign when an epoch of an island's log may go: its archive was read back, its file was removed. Pure.

Only the island that wrote the epoch says so; the others check both signatures before they remove their copy.
"""

import msgspec

__all__ = ["EpochArchived", "EpochDropped", "RetentionFact"]


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


RetentionFact = EpochArchived | EpochDropped
