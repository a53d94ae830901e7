"""The names and bytes under which a log is published."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releve.islands.exchange import layout
from releve.islands.exchange.layout import (
    BlobPath,
    CheckpointPath,
    LayoutError,
    LogSize,
    TilePath,
    blob_path,
    bundle,
    checkpoint_path,
    entries_of,
    entries_path,
    hashes_of,
    logs_text,
    parse_path,
    read_logs,
    tile_path,
)


@pytest.mark.parametrize(
    ("number", "written"),
    [(0, "000"), (5, "005"), (999, "999"), (1000, "x001/000"), (1234067, "x001/x234/067"),
     (10**9, "x001/x000/x000/000")],
)  # fmt: skip
def test_tiles_are_named_as_the_standard_names_them(number: int, written: str) -> None:
    """Programs of others fetch by these names. Source: C2SP tlog-tiles, Merkle tree."""
    assert tile_path("a", 1, 0, number) == f"a/1/tile/0/{written}"
    assert entries_path("a", 1, number, 7) == f"a/1/tile/entries/{written}.p/7"


@given(
    origin=st.from_regex(r"[a-z0-9][a-z0-9-]{0,30}(-audit)?", fullmatch=True),
    epoch=st.integers(1, 999_999_999),
    level=st.one_of(st.none(), st.integers(0, 63)),
    number=st.integers(0, 10**18 - 1),
    width=st.integers(1, 256),
)
def test_what_is_written_is_read_back(
    origin: str, epoch: int, level: int | None, number: int, width: int
) -> None:
    """A name read otherwise than it was written hands out other entries."""
    if level is None:
        path = entries_path(origin, epoch, number, width)
    else:
        path = tile_path(origin, epoch, level, number, width)

    assert parse_path(path) == TilePath(origin, epoch, level, number, width)
    assert parse_path(checkpoint_path(origin, epoch)) == CheckpointPath(origin, epoch)
    digest = number.to_bytes(32, "big")
    assert parse_path(blob_path(digest)) == BlobPath(digest)


@given(st.text(max_size=40) | st.from_regex(r"[a-z0-9./x-]{0,40}", fullmatch=True))
def test_only_what_is_written_is_read(path: str) -> None:
    """Two names for one file are two ways past a check."""
    try:
        named = parse_path(path)
    except LayoutError:
        return
    if isinstance(named, BlobPath):
        assert blob_path(named.digest) == path
    elif isinstance(named, CheckpointPath):
        assert checkpoint_path(*named) == path
    elif named.level is None:
        assert entries_path(named.origin, named.epoch, named.number, named.width) == path
    else:
        assert tile_path(*named) == path


@pytest.mark.parametrize(
    "path",
    [
        "", "/", "a", "a/1", "a/0/checkpoint", "a/01/checkpoint", "a/1/checkpoint/", "A/1/checkpoint",
        "a/1/checkpoint\n",
        "a/1/tile/0/00", "a/1/tile/0/0000", "a/1/tile/0/x000/000", "a/1/tile/0/000.p/0", "a/1/tile/0/000.p/256",
        "a/1/tile/0/000.p/01", "a/1/tile/0/000.p/999", "a/1/tile/64/000", "a/1/tile/00/000", "a/1/tile/data/000",
        "a/1/tile/-1/000", "../a/1/checkpoint", "a/../1/checkpoint", "-a/1/checkpoint", "a/1/tile/0/００１",
        "a/1/tile/0/x001/x001/x001/x001/x001/x001/001", "blobs/ab/cd", "blobs/AB/" + "0" * 62, "blobs/ab/" + "g" * 62,
        "a/1/head", "a/1.sqlite3", "logs", "logs/",
    ],
)  # fmt: skip
def test_anything_else_names_nothing(path: str) -> None:
    """Keys lie two folders beside the logs."""
    with pytest.raises(LayoutError):
        parse_path(path)


@given(st.lists(st.one_of(st.none(), st.binary(min_size=1, max_size=80)), max_size=256))
def test_a_bundle_gives_back_its_entries_and_the_place_of_what_was_removed(
    entries: list[bytes | None],
) -> None:
    """An entry that lost its bytes must not move those behind it."""
    raw = bundle(entries)

    assert entries_of(raw, len(entries)) == entries
    assert len(raw) == sum(2 + len(entry or b"") for entry in entries)
    if entries:
        for width in (len(entries) - 1, len(entries) + 1):
            with pytest.raises(LayoutError, match=f"expected {width} entries"):
                entries_of(raw, width)
        for spoilt in (raw[:-1], raw + b"\0", raw + b"\0\1"):
            with pytest.raises(LayoutError):
                entries_of(spoilt, len(entries))


def test_the_longest_entry_fits_and_its_length_is_two_bytes() -> None:
    """Source: C2SP tlog-tiles, log entries: 16-bit lengths, most significant byte first."""
    longest = b"\xff" * 65_535

    raw = bundle([longest, b"a"])

    assert raw[:2] == b"\xff\xff"
    assert raw[-3:] == b"\x00\x01a"
    assert entries_of(raw, 2) == [longest, b"a"]
    assert len(bundle([longest] * 256)) == layout.BUNDLE_BYTES_MAX


def test_hashes_are_cut_to_their_number() -> None:
    """A tile that is longer than it says carries something else."""
    raw = bytes(range(96))

    assert hashes_of(raw, 3) == [raw[:32], raw[32:64], raw[64:]]
    for width in (2, 4):
        with pytest.raises(LayoutError, match=f"expected {width} hashes"):
            hashes_of(raw, width)


def test_the_list_of_logs_is_read_back_line_by_line() -> None:
    """An island learns from it what there is to pull."""
    logs = [LogSize("a", 1, 0), LogSize("a-audit", 2, 41_207), LogSize("b", 12, 10**15)]

    assert logs_text(logs) == "a/1 0\na-audit/2 41207\nb/12 1000000000000000\n"
    assert read_logs(logs_text(logs).encode()) == logs
    assert read_logs(b"") == []
    for spoilt in (
        b"a/1\n",
        b"a/1 01\n",
        b"a/1 -1\n",
        b"a/1  1\n",
        b"../1 1\n",
        b"\xff\xfe 1\n",
        b"a/1 1\n\n",
    ):
        with pytest.raises(LayoutError, match="expected ORIGIN/EPOCH SIZE"):
            read_logs(spoilt)
