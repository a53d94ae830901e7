"""The Merkle tree over a log's entries: roots, right edges, proofs. Pure.

Source: RFC 6962 §2.1 (hashes, proofs), RFC 9162 §2.1.3–2.1.4 (how proofs are checked), C2SP tlog-tiles (tiles of
256 hashes: the hash at tile level L, index N stands over the leaves N·256^L up to (N+1)·256^L).
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

HASH_BYTES = 32
TILE_HEIGHT = 8  # C2SP tlog-tiles: 2**8 hashes a tile
TILE_WIDTH = 1 << TILE_HEIGHT
EMPTY_ROOT = sha256(b"").digest()

TileHashes = Callable[[int, int, int], Sequence[bytes]]
"""`(level, start, stop)` → the hashes of that tile level; level 0 are leaf hashes."""


def leaf_hash(stored: bytes) -> bytes:
    """Return the hash of one entry's stored bytes.

    Source: RFC 6962 §2.1.
    """
    return sha256(b"\x00" + stored).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash over two subtrees.

    Source: RFC 6962 §2.1.
    """
    return sha256(b"\x01" + left + right).digest()


class Edge:
    """The right edge of a growing tree: the roots of its perfect subtrees, widest first.

    It is all that is needed to append and to know the root: one hash for each bit set in the size.

    >>> edge = Edge()
    >>> for entry in (b"a", b"b", b"c"):
    ...     _ = edge.append(leaf_hash(entry))
    >>> edge.size, len(edge.hashes)
    (3, 2)
    """

    __slots__ = ("hashes", "size")

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self.hashes = list(hashes)
        if size < 0 or len(self.hashes) != size.bit_count():
            raise ValueError(
                f"an edge of {size} leaves has {size.bit_count()} hashes, not {len(self.hashes)}"
            )

    def copy(self) -> "Edge":
        """Return an edge that grows apart from this one."""
        return Edge(self.size, self.hashes)

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add one leaf hash; return the tile hashes this completes, as (level above 0, index, hash)."""
        return self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> list[tuple[int, int, bytes]]:
        """Add leaf hashes in order; return the tile hashes they complete, as (level above 0, index, hash)."""
        completed = []
        hashes, size = self.hashes, self.size
        pop, push = hashes.pop, hashes.append
        for leaf in leaves:
            rest, height, top = size, 0, leaf
            while rest & 1:
                top = sha256(b"\x01" + pop() + top).digest()
                rest >>= 1
                height += 1
                if not height % TILE_HEIGHT:
                    completed.append((height // TILE_HEIGHT, size >> height, top))
            push(top)
            size += 1
        self.size = size
        return completed

    def root(self) -> bytes:
        """Return the root of the tree so far; of no leaves, the hash of nothing."""
        if not self.hashes:
            return EMPTY_ROOT
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = sha256(b"\x01" + left + root).digest()
        return root

    def pack(self) -> bytes:
        """Return the hashes one after the other, widest subtree first."""
        return b"".join(self.hashes)

    @classmethod
    def unpack(cls, size: int, packed: bytes) -> "Edge":
        """Return the edge of `size` leaves from its packed hashes.

        Raises:
            ValueError: the number of hashes does not fit the size.
        """
        if len(packed) != size.bit_count() * HASH_BYTES:
            raise ValueError(
                f"an edge of {size} leaves takes {size.bit_count() * HASH_BYTES} bytes, not {len(packed)}"
            )
        return cls(size, split_hashes(packed))

    def over_tiles(self, behind: Iterable[bytes] = ()) -> "Edge":
        """Return the edge of the leaves of full tiles of which this is the edge, and of leaves `behind` them."""
        edge = Edge(self.size * TILE_WIDTH, self.hashes)
        edge.extend(behind)
        return edge


def split_hashes(packed: bytes) -> list[bytes]:
    """Return hashes that stand one after the other.

    Raises:
        ValueError: the last one is not whole.
    """
    if len(packed) % HASH_BYTES:
        raise ValueError("expected whole hashes")
    return [packed[at : at + HASH_BYTES] for at in range(0, len(packed), HASH_BYTES)]


def tile_hash(leaves: Sequence[bytes]) -> bytes:
    """Return the hash over the leaves of a full tile."""
    row = leaves
    while len(row) > 1:
        row = [sha256(b"\x01" + row[at] + row[at + 1]).digest() for at in range(0, len(row), 2)]
    return row[0]


def edge_spans(size: int) -> list[tuple[int, int]]:
    """Return the leaf ranges [start, stop) under each hash of the right edge, widest first."""
    spans, start = [], 0
    for height in range(size.bit_length() - 1, -1, -1):
        if size >> height & 1:
            spans.append((start, start + (1 << height)))
            start += 1 << height
    return spans


def range_hash(start: int, stop: int, hashes: TileHashes) -> bytes:
    """Return MTH(D[start:stop]) from tile hashes; `start` must be one that RFC 6962 splits can reach.

    Source: RFC 6962 §2.1.
    """
    width = stop - start
    if width == 1:
        return bytes(hashes(0, start, stop)[0])
    if width & (width - 1) == 0:
        level, shift = divmod(width.bit_length() - 1, TILE_HEIGHT)
        if shift == 0:
            return bytes(hashes(level, start // width, start // width + 1)[0])
        row = list(hashes(level, start >> level * TILE_HEIGHT, stop >> level * TILE_HEIGHT))
        while len(row) > 1:
            row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
        return row[0]
    split = start + _widest_below(width)
    return node_hash(range_hash(start, split, hashes), range_hash(split, stop, hashes))


def edge_at(size: int, hashes: TileHashes) -> Edge:
    """Return the right edge the tree had at `size` leaves, from its tile hashes."""
    return Edge(size, (range_hash(start, stop, hashes) for start, stop in edge_spans(size)))


def inclusion_proof(index: int, size: int, hashes: TileHashes) -> list[bytes]:
    """Return the audit path of the leaf `index` in the tree of `size` leaves.

    Source: RFC 6962 §2.1.1.
    """
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    path, start, stop = [], 0, size
    while stop - start > 1:
        split = start + _widest_below(stop - start)
        if index < split:
            path.append(range_hash(split, stop, hashes))
            stop = split
        else:
            path.append(range_hash(start, split, hashes))
            start = split
    return path[::-1]


def inclusion_holds(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Return whether `path` proves that the leaf hash stands at `index` under `root`.

    Source: RFC 9162 §2.1.3.2.
    """
    if not 0 <= index < size:
        return False
    node, last, top = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            top = node_hash(sibling, top)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            top = node_hash(top, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and top == root


def _widest_below(width: int) -> int:
    # RFC 6962 §2.1: the largest power of two smaller than the number of leaves.
    return 1 << (width - 1).bit_length() - 1
