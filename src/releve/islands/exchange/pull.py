"""What to ask for next, and what to believe: one log from one source. No clock, no socket, no file.

A pull is a generator: it yields which file it wants and how long that may be, is sent its bytes (None: not there), and
returns how it ended. What it hands to the store is proved before: first the checkpoint, by its signature; then the
hashes of the tree, by the root, on top of the tree we hold, which proves that the old history is the beginning of the
new one; then each bundle, by its hash in the tree. So at no time is more than one bundle held that is not proved.
"""

import contextlib
from collections.abc import Callable, Generator
from typing import Literal, NamedTuple, TypeVar, cast

from releve.islands.exchange import belief, layout
from releve.islands.exchange.belief import Refused, Stated, Terms
from releve.islands.exchange.reading import EntryReader
from releve.islands.exchange.source import Source, SourceGone, SourceTooLarge, copy
from releve.islands.exchange.standing import EMPTY, MirrorStore, Part, Standing
from releve.journal.note import Verifier
from releve.journal.tree import HASH_BYTES, TILE_WIDTH, Edge, leaf_hash, split_hashes, tile_hash

__all__ = ["PART_BYTES", "PART_ENTRIES", "Outcome", "Steps", "Want", "drive", "fetch_blobs", "pull", "repair"]

# A catch-up longer than this is kept part by part, so that what was verified is not asked for again.
PART_BYTES = 8 << 20
PART_ENTRIES = 64 * TILE_WIDTH
BLOBS_A_ROUND = 64  # tried again in one round, of those that could not be had


class Want(NamedTuple):
    """A file of the layout, and how many bytes of it are taken at most; `to` takes its pieces, if it may be long."""

    path: str
    limit: int
    to: Callable[[bytes], None] | None = None


class Outcome(NamedTuple):
    """How a pull ended."""

    what: Literal["none", "same", "behind", "grown", "incomplete"]
    stated: Stated | None = None  # the checkpoint that was believed
    entries: int = 0
    ahead_ms: int = 0  # how far the newest clock of what came is ahead of ours; 0: not ahead
    removed: int = 0  # entries we held whose bytes a redaction took


Steps = Generator[Want, bytes | None, Outcome]
Wanting = Generator[Want, bytes | None, None]


class _Missing(Exception):
    """The source does not have (yet, or any more) what its checkpoint promises."""


def pull(store: MirrorStore, terms: Terms, now_us: int) -> Steps:
    """Bring `store` to the checkpoint a source shows, or as far towards it as the source lets us.

    Raises:
        Refused: what the source gave is not believed; the store stands where it stood.
        StorageFull, StorageFailed: of the store.
    """
    raw = yield Want(layout.checkpoint_path(terms.origin, terms.epoch), layout.CHECKPOINT_BYTES_MAX)
    if raw is None:
        return Outcome("none")
    try:
        key = terms.key if terms.key is not None else (yield from _handed_over(terms, raw))
        stated = belief.read_stated(raw, terms, key)
        held = store.held
        if stated.size <= held.size:
            belief.check_against_held(stated, store, terms)
            return Outcome("same" if stated.size == held.size else "behind", stated)
        belief.check_cut(stated, held.size, terms)
        if not terms.grows:
            return Outcome("behind", stated)
        if stated.size > terms.quota.entries_max:
            raise Refused("size", f"expected {terms.quota.entries_max} entries at most in one log")
        if store.coming is not None and store.coming.size > stated.size:
            return Outcome("behind", stated)
        return (yield from _Growth(store, terms, stated, key, now_us).steps())
    except _Missing:
        return Outcome("incomplete")


Ended = TypeVar("Ended")


def drive(source: Source, steps: Generator[Want, bytes | None, Ended]) -> Ended:
    """Give a pull what it asks of `source` until it ends, and return how it ended.

    Raises:
        Refused, StorageFull, StorageFailed: of the pull.
        SourceGone: the source cannot go on.
    """
    try:
        want = next(steps)
        while True:
            try:
                if want.to is None:
                    found = source.get(want.path, want.limit)
                else:
                    found = b"" if copy(source, want.path, want.limit, want.to) else None
            except SourceGone as error:
                want = steps.throw(error)
            else:
                want = steps.send(found)
    except StopIteration as ended:
        return cast(Ended, ended.value)
    finally:
        steps.close()


def fetch_blobs(
    store: MirrorStore, terms: Terms, wanted: dict[int, bytes]
) -> Generator[Want, bytes | None, int]:
    """Bring blobs that are named and not here, and return their bytes; one that cannot be had is left for later.

    Raises:
        Refused: what came is not what its name says.
    """
    taken = 0
    for index, digest in list(wanted.items())[:BLOBS_A_ROUND]:
        room = max(0, terms.room_bytes - taken)
        if store.has_blob(digest):
            continue
        draft = store.draft_blob(digest)
        try:
            found = yield Want(layout.blob_path(digest), min(terms.quota.blob_bytes_max, room), draft.write)
            if found is None:
                continue
            if not draft.keep():
                raise Refused(
                    "blob",
                    f"entry {index}: expected a body that is what its name says",
                    {"blob": draft.beginning(PART_BYTES)},
                )
            taken += draft.size
        except SourceTooLarge:
            continue
        except SourceGone:
            break
        finally:
            draft.drop()
    return taken


def repair(store: MirrorStore, terms: Terms, bundles: list[int], now_us: int) -> Steps:
    """Fetch again the bundles of our copy that are damaged, proved against the checkpoint of what is held.

    Raises:
        Refused: what came is not of the signed tree.
    """
    assert terms.key is not None
    held = store.held
    stated = belief.read_stated(held.checkpoint.encode(), terms, terms.key)
    try:
        yield from _Growth(store, terms, stated, terms.key, now_us, base=EMPTY).mend(bundles)
    except _Missing:
        return Outcome("incomplete", stated)
    return Outcome("grown", stated)


def _handed_over(terms: Terms, raw: bytes) -> Generator[Want, bytes | None, Verifier]:
    """Return the key of an epoch that nobody named, when the epoch before handed over to it."""
    claimed = belief.checkpoint_of(raw)
    if terms.key_before is None or claimed is None or claimed.size == 0:
        raise Refused("epoch", "expected an epoch that managers signed for", {"checkpoint": raw})
    width = min(claimed.size, TILE_WIDTH)
    bundle = yield Want(layout.entries_path(terms.origin, terms.epoch, 0, width), layout.BUNDLE_BYTES_MAX)
    first = _entries(bundle, width)[0]
    if first is None:
        raise Refused("entry", "expected the bytes of entry 0", {"checkpoint": raw})
    return belief.check_opened(first, terms, None)


class _Growth:
    """One log on its way from where our copy stands to a checkpoint that is believed."""

    def __init__(
        self,
        store: MirrorStore,
        terms: Terms,
        stated: Stated,
        key: Verifier,
        now_us: int,
        base: Standing | None = None,
    ) -> None:
        self._store = store
        self._terms = terms
        self._stated = stated
        self._base = base or store.coming or store.held
        self._full, self._tail = divmod(stated.size, TILE_WIDTH)
        self._first = self._base.size // TILE_WIDTH  # the bundle our copy ends in
        self._above = b""  # hashes of the full bundles from `_first` on
        self._tail_leaves: list[bytes] = []
        self._reader = EntryReader(store, terms, key, self._base)
        self._kept = store.coming is not None
        self._now_ms = now_us // 1000
        self._bytes = 0

    def steps(self) -> Steps:
        yield from self._tree()
        spine = self._spine()
        reader = self._reader
        tiles: list[tuple[int, int, bytes]] = []
        pending = 0  # entries
        last = self._full if self._tail else self._full - 1
        for number in range(self._first, last + 1):
            width = TILE_WIDTH if number < self._full else self._tail
            try:
                stored, leaves = yield from self._bundle(number, width)
            except (SourceGone, GeneratorExit):
                # What was verified is not asked for again: a slow source moves on by some entries each time.
                if pending:
                    rows, removals = reader.take()
                    self._keep(Part(rows, tiles, removals, self._after(spine)))
                raise
            if number == self._first:
                self._check_overlap(leaves)
            self._check_cut_root(number, leaves, spine)
            self._count(reader.read(number * TILE_WIDTH, stored, leaves))
            pending += width
            if width == TILE_WIDTH:
                above = self._above[(number - self._first) * HASH_BYTES :][:HASH_BYTES]
                tiles.append((1, number, above))
                tiles += [(level + 1, index, top) for level, index, top in spine.append(above)]
            if number < last and (reader.bytes > PART_BYTES or pending >= PART_ENTRIES):
                self._keep((yield from self._part(tiles, self._after(spine))))
                tiles, pending = [], 0
        edge = spine.over_tiles(self._tail_leaves)
        return self._end((yield from self._part(tiles, self._standing(edge))))

    def mend(self, bundles: list[int]) -> Wanting:
        """Put bundles that are damaged here back as the signed tree has them, and the tree's own hashes."""
        yield from self._tree()
        for number in bundles:
            width = TILE_WIDTH if number < self._full else self._tail
            stored, leaves = yield from self._bundle(number, width)
            self._store.mend(number * TILE_WIDTH, stored, leaves)
        self._store.mend_tree(self._above, self._tail_leaves)

    def _end(self, part: Part) -> Outcome:
        store, reader = self._store, self._reader
        if reader.bare:
            # The bytes went while we were pulling, and the redaction that says why comes with the next checkpoint; or
            # the source keeps them back. Nothing of it is kept, so that it cannot stand in the way of another source.
            store.drop_coming()
            return Outcome("incomplete", self._stated)
        if self._kept or store.held.size == 0:
            self._keep(part)
            store.finish(self._stated.note)
        else:
            store.advance(part)
        grown = self._stated.size - self._base.size
        return Outcome("grown", self._stated, grown, max(0, reader.wall_ms - self._now_ms), reader.removed)

    def _tree(self) -> Wanting:
        """Fetch the hashes between our copy and the checkpoint, and prove by its root that they belong together."""
        self._above = yield from self._hashes_above(self._first)
        if self._tail:
            tile = yield self._want_tile(0, self._full, self._tail)
            self._tail_leaves = _hashes(tile, self._tail)
        if self._root_over(self._spine()) == self._stated.root:
            return
        if self._store.coming is not None:
            # Perhaps it came from a history that was given up; what is held is not touched.
            self._store.drop_coming()
            raise _Missing
        if self._first:
            # Is it the island that signed another history, or does the source give us any hashes? From entry 0 on
            # the root tells, and only the island's own signature may ever be held against it.
            self._above = yield from self._hashes_above(0)
            theirs = Edge()
            theirs.extend(split_hashes(self._above)[: self._first])
            if self._root_over(Edge()) == self._stated.root and theirs.hashes != self._spine().hashes:
                raise belief.another_history(self._stated, self._store)
        raise Refused(
            "tree", "expected hashes that give the signed root", {"checkpoint": self._stated.note.encode()}
        )

    def _spine(self) -> Edge:
        """Return the edge over the full bundles our copy has."""
        return Edge(self._first, self._base.edge.hashes[: self._first.bit_count()])

    def _root_over(self, spine: Edge) -> bytes:
        spine.extend(split_hashes(self._above))
        return spine.over_tiles(self._tail_leaves).root()

    def _hashes_above(self, first: int) -> Generator[Want, bytes | None, bytes]:
        found = bytearray()
        for number in range(first // TILE_WIDTH, -(-self._full // TILE_WIDTH)):
            start = number * TILE_WIDTH
            width = min(TILE_WIDTH, self._full - start)
            tile = yield self._want_tile(1, number, width)
            if tile is None:
                raise _Missing
            if len(tile) != width * HASH_BYTES:
                raise Refused("tree", f"expected a tile of {width} hashes")
            found += tile[max(0, first - start) * HASH_BYTES :]
        return bytes(found)

    def _check_overlap(self, leaves: list[bytes]) -> None:
        """Hold the leaves of the last, partly filled bundle of our copy against the same leaves of the signed tree."""
        edge = self._spine().over_tiles(leaves[: self._base.size % TILE_WIDTH])
        if edge.hashes == self._base.edge.hashes:
            return
        if self._store.coming is not None:
            self._store.drop_coming()
            raise _Missing
        raise belief.another_history(self._stated, self._store)

    def _bundle(
        self, number: int, width: int
    ) -> Generator[Want, bytes | None, tuple[list[bytes | None], list[bytes]]]:
        """Fetch a bundle and prove its entries; return their bytes and leaves."""
        terms = self._terms
        raw = yield Want(
            layout.entries_path(terms.origin, terms.epoch, number, width), layout.BUNDLE_BYTES_MAX
        )
        stored = _entries(raw, width)
        leaves = [b"" if one is None else leaf_hash(one) for one in stored]
        if b"" in leaves:
            tile = self._tail_leaves if number == self._full else None
            known = tile or _hashes((yield self._want_tile(0, number, width)), width)
            leaves = [leaf or known[at] for at, leaf in enumerate(leaves)]
        if number == self._full:
            proved = leaves == self._tail_leaves
        else:
            proved = tile_hash(leaves) == self._above[(number - self._first) * HASH_BYTES :][:HASH_BYTES]
        if not proved:
            assert raw is not None
            raise Refused(
                "tree",
                f"bundle {number}: expected the entries of the signed tree",
                {"checkpoint": self._stated.note.encode(), "bundle": raw},
            )
        return stored, leaves

    def _check_cut_root(self, number: int, leaves: list[bytes], spine: Edge) -> None:
        cut = self._terms.cut
        start = number * TILE_WIDTH
        if cut is None or not max(start, self._base.size) < cut.size <= start + len(leaves):
            return
        edge = spine.over_tiles(leaves[: cut.size - start])
        if edge.root() != belief.cut_root(cut):
            self._store.drop_coming()
            raise Refused(
                "cut",
                f"expected the history whose first {cut.size} entries the managers signed for",
                {"checkpoint": self._stated.note.encode()},
            )

    def _part(
        self, tiles: list[tuple[int, int, bytes]], after: Standing
    ) -> Generator[Want, bytes | None, Part]:
        """Return what was read since the last part, with the blobs it names where they can be had."""
        rows, removals = self._reader.take()
        wanted = {index: blob for index, _, _, _, blob in rows if blob is not None}
        if wanted:
            # Refused or not to be had: the entries are kept, the blob is asked for again, and told of, as lacking.
            with contextlib.suppress(Refused):
                self._count((yield from fetch_blobs(self._store, self._terms, wanted)))
        return Part(rows, tiles, removals, after)

    def _after(self, spine: Edge) -> Standing:
        """Return where the log stands after the full bundles of which `spine` is the edge."""
        return self._standing(spine.over_tiles())

    def _standing(self, edge: Edge) -> Standing:
        return Standing(edge.size, edge, self._stated.note, self._reader.stamp, self._reader.dictionary)

    def _keep(self, part: Part) -> None:
        self._store.keep(part)
        self._kept = True

    def _count(self, size: int) -> None:
        self._bytes += size
        if self._bytes > self._terms.room_bytes:
            raise Refused("size", "expected no more than the island's share of the disk")

    def _want_tile(self, level: int, number: int, width: int) -> Want:
        path = layout.tile_path(self._terms.origin, self._terms.epoch, level, number, width)
        return Want(path, layout.TILE_BYTES_MAX)


def _entries(raw: bytes | None, width: int) -> list[bytes | None]:
    if raw is None:
        raise _Missing
    try:
        return layout.entries_of(raw, width)
    except layout.LayoutError as error:
        raise Refused("tree", str(error), {"bundle": raw}) from None


def _hashes(raw: bytes | None, width: int) -> list[bytes]:
    if raw is None:
        raise _Missing
    try:
        return layout.hashes_of(raw, width)
    except layout.LayoutError as error:
        raise Refused("tree", str(error)) from None
