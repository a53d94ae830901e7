from pathlib import Path

import pytest
from recorder_here import flip

from releve.journal import head
from releve.journal.head import SLOT_BYTES, SLOT_STRIDE, HeadFile

ROOT = bytes(range(32))


def test_the_newest_promise_is_read_back(tmp_path: Path) -> None:
    """It is what the log is held to after a crash."""
    file = HeadFile(tmp_path / "1.head")
    for size in range(1, 6):
        file.write(size, ROOT)
    file.sync()
    file.close()

    promised, damaged = head.read(tmp_path / "1.head")

    assert promised is not None
    assert (promised.size, promised.root, damaged) == (5, ROOT, [])


def test_writing_goes_on_where_it_ended(tmp_path: Path) -> None:
    """After a restart the older slot must be overwritten, not the newer."""
    for size in (1, 2, 3):
        file = HeadFile(tmp_path / "1.head")
        file.write(size, ROOT)
        file.close()

    promised, _ = head.read(tmp_path / "1.head")

    assert promised is not None
    assert (promised.sequence, promised.size) == (3, 3)


def test_every_flipped_bit_of_a_slot_is_found_and_the_other_slot_holds(tmp_path: Path) -> None:
    """A promise that can be altered unseen would make a shortened log look whole."""
    path = tmp_path / "1.head"
    file = HeadFile(path)
    file.write(1, ROOT)
    file.write(2, ROOT)
    file.close()

    for at in range(SLOT_BYTES):
        for bit in range(8):
            flip(path, at, bit)  # slot 0 holds the second promise
            promised, damaged = head.read(path)
            assert damaged == [0]
            assert promised is not None
            assert promised.size == 1
            flip(path, at, bit)


def test_a_write_cut_in_the_middle_leaves_the_promise_before(tmp_path: Path) -> None:
    """The recorder can be killed between any two bytes."""
    path = tmp_path / "1.head"
    file = HeadFile(path)
    file.write(1, ROOT)
    file.write(2, ROOT)
    file.close()
    with path.open("r+b") as torn:
        torn.seek(SLOT_STRIDE)
        torn.write(head.pack(head.Head(3, 3, ROOT))[:40])

    promised, damaged = head.read(path)

    assert promised is not None
    assert (promised.size, damaged) == (2, [1])


def test_a_slot_of_another_kind_of_file_is_not_believed() -> None:
    """Whole checksum, wrong magic: some other program's file."""
    assert head.unpack(b"") is None
    other = head.pack(head.Head(1, 1, ROOT)).replace(head.MAGIC, b"OTHERSIG")
    assert head.unpack(other) is None


def test_no_head_file_is_said_to_be_missing(tmp_path: Path) -> None:
    """Absent is not empty."""
    with pytest.raises(FileNotFoundError):
        head.read(tmp_path / "1.head")
