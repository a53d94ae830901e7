"""What still matters of a closed epoch, restated in a later one of the same island, so that the old file may go. Pure.

A `carried.epoch.1` restates the tree of the closed epoch under its last signed checkpoint; each `carried.act.1` or
`carried.feed.1` behind it holds one original entry byte for byte, with the path that proves its place in that tree.
A reader takes it for the original: same log, same index, same moments. Only an island's own log restates its epochs.
"""

from collections.abc import Callable, Collection, Iterator, Sequence

import msgspec

from releve.journal import entry as entries
from releve.journal import facts
from releve.journal.entry import ACT, LANES, Entry, Envelope, Unpacker, lane_of
from releve.journal.errors import EntryError, NoteError
from releve.journal.note import Verifier, open_note, read_checkpoint
from releve.journal.tree import (
    TILE_WIDTH,
    Edge,
    TileHashes,
    inclusion_holds,
    inclusion_proof,
    leaf_hash,
    split_hashes,
    tile_hash,
)

__all__ = [
    "BLOB_KIND", "CARRIED_KINDS", "EPOCH_KIND", "CarriedEntry", "CarriedEpoch", "Opener", "carried_entry",
    "carried_epoch", "kind_for", "merged_epochs", "read_carried", "write_carried",
]  # fmt: skip

EPOCH_KIND = "carried.epoch.1"
ACT_KIND = "carried.act.1"
FEED_KIND = "carried.feed.1"
BLOB_KIND = "carried.blob.1"  # its body is a body that a carried entry names: so it is kept, mirrored, served
RESTATED_MAX = 8  # kept open at a time; each may hold two megabytes of leaves
CARRIED_KINDS = frozenset({ACT_KIND, FEED_KIND})


class CarriedDictionary(msgspec.Struct, frozen=True, array_like=True):
    """A zstd dictionary that carried entries were compressed with: its entry's stored bytes, with their proof."""

    index: int
    stored: bytes
    path: tuple[bytes, ...]


class CarriedEpoch(msgspec.Struct, frozen=True, kw_only=True):
    """A closed epoch: its last checkpoint, the hashes over each 256 entries, the leaves behind them.

    `leaves`: by number of 256, all their leaves, where so many of them are carried that this takes less than paths.
    """

    epoch: int
    checkpoint: str
    key: str  # vkey that signed it
    tiles: bytes
    tail: bytes
    dictionaries: tuple[CarriedDictionary, ...]
    leaves: dict[int, bytes] = {}


class CarriedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as it was stored, and its path up to the hash over its 256 (none where the leaves are restated).

    `by`: index of the `carried.epoch.1` of this same log that it is proved by.
    """

    epoch: int
    index: int
    by: int
    stored: bytes
    path: tuple[bytes, ...]


_encode = msgspec.msgpack.Encoder().encode
_epoch = msgspec.msgpack.Decoder(CarriedEpoch).decode
_entry = msgspec.msgpack.Decoder(CarriedEntry).decode
_UNREADABLE_BYTES = (msgspec.DecodeError, msgspec.ValidationError, ValueError, RecursionError)


def write_carried(fact: CarriedEpoch | CarriedEntry) -> bytes:
    """Return the body of a `carried.*` entry."""
    return _encode(fact)


def read_carried(body: bytes) -> CarriedEntry:
    """Return the fact in the body of a `carried.act.1` or `carried.feed.1`.

    Raises:
        EntryError: it does not hold one.
    """
    try:
        return _entry(body)
    except _UNREADABLE_BYTES:
        raise EntryError("carried entry: expected an original entry") from None


def merged_epochs(bodies: Sequence[bytes]) -> bytes:
    """Return one restatement of a closed epoch out of several of the same one, with the dictionaries of all.

    Raises:
        EntryError: a body does not hold one.
    """
    try:
        told = [_epoch(body) for body in bodies]
        dictionaries = {one.index: one for fact in told for one in fact.dictionaries}
        leaves = {tile: packed for fact in told for tile, packed in fact.leaves.items()}
        return _encode(
            msgspec.structs.replace(told[0], dictionaries=tuple(dictionaries.values()), leaves=leaves)
        )
    except (*_UNREADABLE_BYTES, IndexError):
        raise EntryError("carried epoch: expected a closed epoch") from None


def kind_for(kind: str) -> str:
    """Return the kind under which an entry is carried: acts stay among the acts."""
    return ACT_KIND if LANES[lane_of(kind)] == ACT else FEED_KIND


def carried_epoch(
    epoch: int,
    size: int,
    checkpoint: str,
    key: str,
    hashes: TileHashes,
    dictionaries: Sequence[tuple[int, bytes]],
    whole_tiles: Collection[int] = (),
) -> CarriedEpoch:
    """Return what restates a closed epoch of `size` entries.

    `dictionaries`: index and stored bytes of each; `whole_tiles`: the 256s whose leaves are restated.
    """
    full = size // TILE_WIDTH
    return CarriedEpoch(
        epoch=epoch,
        checkpoint=checkpoint,
        key=key,
        tiles=b"".join(hashes(1, 0, full)) if full else b"",
        tail=b"".join(hashes(0, full * TILE_WIDTH, size)) if size % TILE_WIDTH else b"",
        dictionaries=tuple(
            CarriedDictionary(index, stored, _path(index, size, hashes)) for index, stored in dictionaries
        ),
        leaves={
            tile: b"".join(hashes(0, tile * TILE_WIDTH, (tile + 1) * TILE_WIDTH))
            for tile in sorted(whole_tiles)
            if tile < full
        },
    )


def carried_entry(
    epoch: int,
    index: int,
    by: int,
    stored: bytes,
    size: int,
    hashes: TileHashes,
    whole_tiles: Collection[int] = (),
) -> CarriedEntry:
    """Return one entry of a closed epoch of `size` entries, to be carried behind the entry `by`."""
    path = () if index // TILE_WIDTH in whole_tiles else _path(index, size, hashes)
    return CarriedEntry(epoch=epoch, index=index, by=by, stored=stored, path=path)


def _path(index: int, size: int, hashes: TileHashes) -> tuple[bytes, ...]:
    tile = index // TILE_WIDTH
    if tile == size // TILE_WIDTH:
        return ()
    leaves = hashes(0, tile * TILE_WIDTH, (tile + 1) * TILE_WIDTH)
    return tuple(inclusion_proof(index % TILE_WIDTH, TILE_WIDTH, _TileOf(leaves)))


class _TileOf:
    """The hashes of one full tile, as the tree asks for them."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self._leaves = leaves

    def __call__(self, level: int, start: int, stop: int) -> Sequence[bytes]:
        return self._leaves[start:stop]


class _Restated:
    """A closed epoch as a later one restates it, its checkpoint verified."""

    def __init__(self, origin: str, by_epoch: int, body: bytes) -> None:
        try:
            fact = _epoch(body)
            stated = read_checkpoint(open_note(fact.checkpoint, Verifier.from_vkey(fact.key)))
            tiles, tail = split_hashes(fact.tiles), split_hashes(fact.tail)
            spine = Edge()
            spine.extend(tiles)
            edge = spine.over_tiles(tail)
            leaves = {tile: split_hashes(packed) for tile, packed in fact.leaves.items()}
        except (*_UNREADABLE_BYTES, NoteError) as error:
            raise EntryError(f"carried epoch: expected a closed epoch ({type(error).__name__})") from None
        name = f"releve/{origin}/{fact.epoch}"
        if stated.origin != name or fact.epoch >= by_epoch:
            raise EntryError("carried epoch: expected an earlier epoch of the island that carries it")
        if (edge.size, edge.root()) != (stated.size, stated.root):
            raise EntryError("carried epoch: expected hashes that give the signed root")
        self.origin, self.epoch = origin, fact.epoch
        self.size, self.root = stated.size, stated.root
        self._tiles = tiles
        for tile, row in leaves.items():
            if not 0 <= tile < len(tiles) or len(row) != TILE_WIDTH or tile_hash(row) != tiles[tile]:
                raise EntryError("carried epoch: expected leaves that give the hash over them")
        self._leaves = {len(tiles): tail, **leaves}
        self._unpackers: dict[int | None, Unpacker] = {None: Unpacker(b"")}
        for one in fact.dictionaries:
            envelope = self.envelope(one.index, one.stored, one.path)
            if envelope.kind != "journal.dictionary.1":
                raise EntryError("carried epoch: expected a dictionary")
            body = facts.read_dictionary(self._unpackers[None].unpack(envelope)).dictionary
            self._unpackers[one.index] = Unpacker(body)

    def envelope(self, index: int, stored: bytes, path: Sequence[bytes]) -> Envelope:
        """Return the envelope of the entry that stood at `index`, proved by its path."""
        leaf = leaf_hash(stored)
        tile, at = divmod(index, TILE_WIDTH)
        row = self._leaves.get(tile) if 0 <= index < self.size and not path else None
        if row is not None:
            holds = row[at] == leaf
        else:
            holds = 0 <= tile < len(self._tiles) and inclusion_holds(
                leaf, at, TILE_WIDTH, path, self._tiles[tile]
            )
        if not holds:
            raise EntryError("carried entry: expected one that stood in the signed tree")
        envelope = entries.decode(stored)
        if (envelope.origin, envelope.epoch, envelope.index) != (self.origin, self.epoch, index):
            raise EntryError("carried entry: expected origin, epoch and index in its envelope")
        return envelope

    def body(self, envelope: Envelope) -> bytes:
        """Return the body of a proved entry that is not a blob."""
        unpacker = self._unpackers.get(envelope.dictionary)
        if unpacker is None:
            raise EntryError("carried entry: expected a dictionary that was carried with it")
        return unpacker.unpack(envelope)


class Opener:
    """Opens carried entries. `fetch`: an entry by log and index; `blob`: a body by SHA-256, None when not here."""

    def __init__(self, fetch: Callable[[str, int], Entry], blob: Callable[[bytes], bytes | None]) -> None:
        self._fetch = fetch
        self._blob = blob
        self._restated: dict[tuple[str, int], _Restated] = {}

    def open(self, log: str, carrier: Entry) -> Entry | None:
        """Return the original of an entry that `log` (ORIGIN/EPOCH) carries; None when its bytes are gone.

        Raises:
            EntryError: it does not prove that it stood in an earlier epoch of that island.
        """
        if carrier.redacted or carrier.missing:
            return None
        fact = read_carried(carrier.body)
        restated = self.epoch(log, fact.by)
        if restated.epoch != fact.epoch:
            raise EntryError("carried entry: expected the epoch it is proved by")
        envelope = restated.envelope(fact.index, fact.stored, fact.path)
        if envelope.kind.startswith(("carried.", "journal.")):
            raise EntryError("carried entry: expected an original one")
        if envelope.encoding != entries.BLOB:
            return entries.opened(envelope, restated.body(envelope))
        body = self._blob(envelope.body)
        return entries.opened_missing(envelope) if body is None else entries.opened(envelope, body)

    def epoch(self, log: str, by: int) -> _Restated:
        """Return the closed epoch restated at entry `by` of a log.

        Raises:
            EntryError: none is.
        """
        found = self._restated.get((log, by))
        if found is None:
            origin, _, number = log.rpartition("/")
            entry = self._fetch(log, by)
            if entry.kind != EPOCH_KIND:
                raise EntryError("carried entry: expected the closed epoch it is proved by")
            if len(self._restated) >= RESTATED_MAX:
                self._restated.clear()
            found = self._restated[log, by] = _Restated(origin, int(number), entry.body)
        return found

    def open_all(self, log: str, carriers: Sequence[Entry]) -> Iterator[tuple[Entry, Entry]]:
        """Yield carrier and original of these entries; what cannot be read any more is left out.

        Raises:
            EntryError: one proves nothing.
        """
        for carrier in carriers:
            original = self.open(log, carrier)
            if original is not None:
                yield carrier, original
