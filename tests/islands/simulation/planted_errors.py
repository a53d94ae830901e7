"""Errors put into the code on purpose: a simulation that does not find them proves nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from releve.islands.exchange import layout
from releve.islands.exchange import pull as pulling
from releve.islands.exchange.layout import LogSize
from releve.islands.exchange.puller import Puller
from releve.islands.exchange.source import Source

PLANTED = (
    "ack-before-durable",
    "no-consistency",
    "cosign-before-store",
    "store-not-synced",
    "bundle-unproved",
)


@contextmanager
def planted_error(name: str) -> Iterator[None]:
    """Put one of the errors that stand in the code that is tried into it."""

    def no_consistency(self: pulling._Growth) -> pulling.Wanting:
        self._above = yield from self._hashes_above(self._first)
        if self._tail:
            self._tail_leaves = pulling._hashes(
                (yield self._want_tile(0, self._full, self._tail)), self._tail
            )

    def unproved(self: pulling._Growth, number: int, width: int) -> Iterator[object]:
        path = layout.entries_path(self._terms.origin, 1, number, width)
        stored = pulling._entries((yield pulling.Want(path, layout.BUNDLE_BYTES_MAX)), width)
        return stored, pulling._hashes((yield self._want_tile(0, number, width)), width)

    with pytest.MonkeyPatch.context() as patched:
        if name == "no-consistency":
            patched.setattr(pulling._Growth, "_tree", no_consistency)
            patched.setattr(pulling._Growth, "_check_overlap", lambda self, leaves: None)
        elif name == "bundle-unproved":
            patched.setattr(pulling._Growth, "_bundle", unproved)
        yield


class HastyPuller(Puller):
    """A planted error: signs for what it is about to pull."""

    def _grow(self, source: Source, holder: str | None, listed: LogSize, log: object, raw: bytes) -> int:
        self._place.write_cosigned(  # type: ignore[attr-defined]
            listed.origin,
            listed.epoch,
            listed.size,
            [f" {self._signer.verifier.name} "],  # type: ignore[union-attr]
        )
        return super()._grow(source, holder, listed, log, raw)  # type: ignore[arg-type]
