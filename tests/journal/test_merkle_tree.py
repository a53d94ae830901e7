import functools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from releve.journal import tree
from releve.journal.tree import EMPTY_ROOT, Edge, leaf_hash, node_hash


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1, as it is written."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(naive_root(leaves[:split]), naive_root(leaves[split:]))


class Tiles:
    """The hashes a log keeps: leaves, and every 256th node above."""

    def __init__(self, count: int) -> None:
        self.levels: dict[int, list[bytes]] = {0: []}
        self.edge = Edge()
        self.roots = [EMPTY_ROOT]
        for number in range(count):
            leaf = leaf_hash(b"%d" % number)
            self.levels[0].append(leaf)
            for level, index, value in self.edge.append(leaf):
                row = self.levels.setdefault(level, [])
                assert index == len(row)
                row.append(value)
            self.roots.append(self.edge.root())

    def __call__(self, level: int, start: int, stop: int) -> list[bytes]:
        row = self.levels[level][start:stop]
        assert len(row) == stop - start
        return row


@functools.cache
def large() -> Tiles:
    """Return more than one tile of tiles; every process that only looks for tests would make it, were it a constant."""
    return Tiles(70_000)


@given(st.integers(0, 300))
def test_an_edge_gives_the_root_of_all_its_leaves(count: int) -> None:
    """The edge is all the recorder remembers; if it errs, every later checkpoint lies."""
    tiles = Tiles(count)

    assert tiles.edge.root() == naive_root(tiles.levels[0])
    assert len(tiles.edge.hashes) == count.bit_count()


def test_roots_are_those_of_another_implementation() -> None:
    """A stranger must be able to check our log with a library we did not write."""
    oracle = InmemoryTree(algorithm="sha256")
    edge = Edge()

    for number in range(600):
        oracle.append_entry(b"%d" % number)
        edge.append(leaf_hash(b"%d" % number))

        assert edge.root() == oracle.get_root()


def test_an_edge_survives_packing() -> None:
    """It is kept as bytes beside the entries and read back at every start."""
    edge = Tiles(1000).edge

    again = Edge.unpack(1000, edge.pack())

    assert (again.size, again.hashes) == (edge.size, edge.hashes)
    with pytest.raises(ValueError, match="takes"):
        Edge.unpack(1001, edge.pack())
    with pytest.raises(ValueError, match="hashes"):
        Edge(3, [b""])


@given(st.integers(0, 70_000))
def test_an_older_edge_is_found_again_from_the_tiles(size: int) -> None:
    """The head file may be older than the log; the log must still show the root it had then."""
    assert tree.edge_at(size, large()).root() == large().roots[size]


@given(st.data())
def test_an_entry_is_proved_and_no_other(data: st.DataObject) -> None:
    """A copy is believed because of such proofs, never because of who carried it."""
    size = data.draw(st.integers(1, 70_000))
    index = data.draw(st.integers(0, size - 1))
    leaf, root = large()(0, index, index + 1)[0], large().roots[size]

    path = tree.inclusion_proof(index, size, large())

    assert tree.inclusion_holds(leaf, index, size, path, root)
    assert not tree.inclusion_holds(leaf_hash(b"forged"), index, size, path, root)
    assert not tree.inclusion_holds(leaf, size, size, path, root)
    assert not tree.inclusion_holds(leaf, index, size, [*path, root], root)
    if path:
        assert not tree.inclusion_holds(leaf, index, size, path[:-1], root)


def test_proofs_of_what_is_not_there_are_refused() -> None:
    """A question out of range is our own mistake; it must not give a proof of something else."""
    with pytest.raises(ValueError, match="not in a tree"):
        tree.inclusion_proof(5, 5, large())
