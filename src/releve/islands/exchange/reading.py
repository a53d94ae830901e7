"""What of another island's entry is looked at before it is kept: the envelope, and what the journal says of itself.

Nothing clinical. A body is only asked to come out of its encoding with the size it states, because whoever folds it
must be able to read every entry that is kept here.
"""

from releve.islands.exchange.belief import Refused, Terms, check_opened
from releve.islands.exchange.standing import MirrorStore, Removal, Row, Standing
from releve.journal import entry as entries
from releve.journal import facts
from releve.journal.entry import (
    BLOB,
    BLOB_BYTES_MAX,
    BODY_BYTES_MAX,
    FEED,
    LANES,
    Envelope,
    Unpacker,
    lane_of,
)
from releve.journal.errors import EntryError
from releve.journal.note import Verifier

__all__ = ["EntryReader"]

DICTIONARY = "journal.dictionary.1"
REDACTION = "journal.redaction.1"
DIGEST_BYTES = 32
UNPACKERS_MAX = 16  # kept at a time


class EntryReader:
    """Reads entries in order, from where a copy stands. Their hashes are proved already; what they say is not."""

    def __init__(self, store: MirrorStore, terms: Terms, key: Verifier, base: Standing) -> None:
        self._store = store
        self._terms = terms
        self._key = key
        self._held = store.held.size
        self._next = base.size
        self._removed: set[int] = set()
        self._unpackers: dict[int | None, Unpacker] = {None: Unpacker(b"")}
        self._rows: list[Row] = []
        self._removals: list[Removal] = []
        self.bytes = 0  # of the rows not taken yet
        self.stamp = base.stamp
        self.dictionary = base.dictionary
        self.wall_ms = 0  # the newest clock of what came
        self.removed = store.removals_coming()  # of what we held, in all parts of a catch-up
        self.bare = store.bare()  # without bytes, and no redaction yet

    def take(self) -> tuple[list[Row], list[Removal]]:
        """Return what was read since this was asked last, as it is kept."""
        taken = self._rows, self._removals
        self._rows, self._removals, self.bytes = [], [], 0
        return taken

    def read(self, start: int, stored: list[bytes | None], leaves: list[bytes]) -> int:
        """Read the bundle that begins at entry `start`; return the bytes of its new entries.

        Raises:
            Refused: an entry is not what the format wants; names it.
        """
        rows = self._rows
        size = 0
        decode, origin, epoch = entries.decode, self._terms.origin, self._terms.epoch
        begin = max(0, self._next - start)
        for index, raw, leaf in zip(
            range(start + begin, start + len(stored)), stored[begin:], leaves[begin:], strict=True
        ):
            if raw is None:
                self.bare.add(index)
                rows.append((index, FEED, None, leaf, None))
                self._next = index + 1
                continue
            try:
                envelope = decode(raw)
                if envelope.index != index or envelope.epoch != epoch or envelope.origin != origin:
                    raise EntryError(
                        f"expected origin, epoch and index {origin}/{epoch} {index} in the envelope"
                    )
                blob = None
                if envelope.kind != entries.UNREADABLE:
                    blob = self._check(envelope)
            except EntryError as error:
                raise Refused("entry", f"entry {index}: {error}", {"entry": raw}) from None
            if index == 0:
                check_opened(raw, self._terms, self._key)
            kind = envelope.kind
            if kind.startswith("journal."):
                self._note(index, envelope, raw)
            lane = LANES[lane_of(kind)]
            rows.append((index, lane, raw, leaf, blob))
            size += len(raw)
            self._next = index + 1
        self.bytes += size
        return size

    def _check(self, envelope: Envelope) -> bytes | None:
        stamp = (envelope.wall_ms, envelope.counter)
        if stamp <= self.stamp:
            raise Refused("order", f"entry {envelope.index}: expected a clock after the entry before")
        self.stamp = stamp
        if envelope.wall_ms > self.wall_ms:
            self.wall_ms = envelope.wall_ms
        entries.check_envelope(envelope)
        if envelope.encoding == BLOB:
            if len(envelope.body) != DIGEST_BYTES or not BODY_BYTES_MAX < envelope.size <= BLOB_BYTES_MAX:
                raise EntryError("expected a blob's SHA-256 and a size over 32 KiB")
            return envelope.body
        self._unpacker_of(envelope.dictionary).unpack(envelope)
        return None

    def _unpacker_of(self, index: int | None) -> Unpacker:
        unpacker = self._unpackers.get(index)
        return self._kept(index, self._unpacker(index)) if unpacker is None else unpacker

    def _kept(self, index: int | None, unpacker: Unpacker) -> Unpacker:
        # A log may hold any number of dictionaries, 80 KB of memory each; an honest one uses one after the other.
        if len(self._unpackers) > UNPACKERS_MAX:
            self._unpackers = {None: self._unpackers[None]}
        self._unpackers[index] = unpacker
        return unpacker

    def _unpacker(self, index: int | None) -> Unpacker:
        """Return what restores bodies compressed with the dictionary that stands at an earlier entry."""
        row = self._find(index) if index is not None and 0 <= index < self._next else None
        if row is None or row[2] is None:
            raise EntryError("expected an earlier dictionary of this log")
        envelope = entries.decode(row[2])
        if envelope.kind != DICTIONARY or envelope.dictionary is not None:
            raise EntryError("expected an earlier dictionary of this log")
        return Unpacker(facts.read_dictionary(self._unpackers[None].unpack(envelope)).dictionary)

    def _find(self, index: int) -> Row | None:
        first = self._next - len(self._rows)
        return self._rows[index - first] if first <= index < self._next else self._store.find(index)

    def _note(self, index: int, envelope: Envelope, raw: bytes) -> None:
        try:
            if envelope.kind == DICTIONARY:
                if envelope.dictionary is not None:
                    raise EntryError("expected a dictionary that needs none")
                body = facts.read_dictionary(self._unpackers[None].unpack(envelope)).dictionary
                self._kept(index, Unpacker(body))
                self.dictionary = index
            elif envelope.kind == REDACTION:
                fact = facts.read_redaction(self._unpacker_of(envelope.dictionary).unpack(envelope))
                self._removals.append(self._removal(index, fact))
        except EntryError as error:
            raise Refused("entry", f"entry {index}: {error}", {"entry": raw}) from None

    def _removal(self, act: int, fact: facts.JournalRedaction) -> Removal:
        """Return what a redaction removes; whoever holds the bytes loses them by it, so it must fit exactly."""
        index = fact.index
        place = f"entry {act}: expected the redaction"
        target = self._find(index) if 0 <= index < act else None
        if target is None or target[3] != fact.leaf:
            raise Refused("removed", f"{place} of an earlier entry, with its leaf hash")
        if index in self._removed or self._store.removed_by(index) is not None:
            raise Refused("removed", f"{place} of an entry that was not redacted before")
        restated = entries.decode(fact.envelope)
        named = (restated.origin, restated.epoch, restated.index)
        if named != (self._terms.origin, self._terms.epoch, index) or restated.kind.startswith("journal."):
            raise Refused("removed", f"{place} to restate the entry, and not one of the journal itself")
        lane = LANES[lane_of(restated.kind)]
        if target[2] is not None:
            envelope = entries.decode(target[2])
            if envelope.kind.startswith("journal.") or lane != LANES[lane_of(envelope.kind)]:
                raise Refused("removed", f"{place} to restate the entry, and not one of the journal itself")
            if index < self._held:
                self.removed += 1
                if self.removed > self._terms.redactions_left:
                    raise Refused("redactions", f"entry {act}: expected fewer entries to be removed in a day")
        self._removed.add(index)
        self.bare.discard(index)
        return Removal(index, act, lane)
