"""What another island may cost this one: bytes and entries a second, sizes, its share of the disk."""

import msgspec

__all__ = ["Bucket", "Quota"]

MIB = 1 << 20


class Quota(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The bounds of what is pulled. A log that meets one stands still; the others go on."""

    bytes_per_second: int = 64 * MIB
    entries_per_second: int = 200_000
    entries_max: int = 100_000_000  # of one log; its tree's hashes then take 12 MB while it is pulled
    share_bytes: int = 200 * 1024 * MIB  # of one origin, all its epochs
    blob_bytes_max: int = 256 * MIB
    free_bytes_min: int = 2 * 1024 * MIB  # below this nothing is pulled: our own journal goes first
    redactions_per_day: int = 50  # entries whose bytes one log may have removed here
    processor_share: float = 1.0  # of a processor, what one source may cost in the long run
    processor_seconds: float = 60.0  # at once, before that: some three million entries of a catch-up


class Bucket:
    """So much a second on average, with what was not used in the last second on top.

    >>> bucket = Bucket(100)
    >>> bucket.take(100, now=0.0), bucket.take(50, now=0.0), bucket.take(0, now=0.5)
    (0.0, 0.5, 0.0)
    """

    def __init__(self, per_second: float, most: float | None = None) -> None:
        self._rate = float(per_second)
        self._most = self._rate if most is None else most  # what is saved up at most
        self._left = self._most
        self._at: float | None = None

    def take(self, amount: float, *, now: float) -> float:
        """Count `amount`; return how many seconds to wait before more is taken."""
        if self._at is not None:
            self._left = min(self._most, self._left + (now - self._at) * self._rate)
        self._at = now
        self._left -= amount
        return max(0.0, -self._left / self._rate)
