"""The start page says when the disk of the island is not encrypted: it must be right in both directions."""

import os
from pathlib import Path

import pytest

from releve.web.disk import disk_is_encrypted


def device(sys: Path, name: str, uuid: str = "", below: tuple[str, ...] = (), number: str = "") -> Path:
    """Write a block device as sysfs shows it."""
    folder = sys / "devices" / name
    (folder / "slaves").mkdir(parents=True)
    for one in below:
        (folder / "slaves" / one).symlink_to(sys / "devices" / one)
    if uuid:
        (folder / "dm").mkdir()
        (folder / "dm" / "uuid").write_text(uuid)
    if number:
        (sys / "dev" / "block").mkdir(parents=True, exist_ok=True)
        (sys / "dev" / "block" / number).symlink_to(folder)
    return folder


HERE = Path(__file__).parent  # on a disk, wherever the folders of tests lie


@pytest.fixture
def number() -> str:
    """Return the number of the disk that this file lies on, if it is one of a disk."""
    found = HERE.stat().st_dev
    if not os.major(found):
        pytest.skip("the tests lie on no block device")
    return f"{os.major(found)}:{os.minor(found)}"


@pytest.mark.parametrize(
    ("uuids", "expected"),
    [
        (["CRYPT-LUKS2-0badc0de-data", ""], True),
        (["LVM-abc", "CRYPT-LUKS2-0badc0de-pv"], True),
        (["LVM-abc", ""], False),
        (["", ""], False),
        (["CRYPT-PLAIN-data", ""], False),
    ],
)
def test_luks_is_found_under_whatever_lies_on_it(
    tmp_path: Path, number: str, uuids: list[str], expected: bool
) -> None:
    """LVM on LUKS is what the Debian installer makes; a warning there would teach people to pass over warnings."""
    sys = tmp_path / "sys"
    device(sys, "sda2", uuids[1])
    device(sys, "dm-0", uuids[0], below=("sda2",), number=number)

    assert disk_is_encrypted(HERE, sys, tmp_path / "none") is expected


def test_one_bare_disk_among_several_is_a_bare_island(tmp_path: Path, number: str) -> None:
    """A volume that spreads over two disks is read from the one that is not encrypted."""
    sys = tmp_path / "sys"
    device(sys, "dm-1", "CRYPT-LUKS2-1")
    device(sys, "sdb1")
    device(sys, "dm-0", "LVM-abc", below=("dm-1", "sdb1"), number=number)

    assert disk_is_encrypted(HERE, sys, tmp_path / "none") is False


def test_what_cannot_be_told_is_not_told(tmp_path: Path) -> None:
    """Unknown is neither a reproach nor a promise."""
    assert disk_is_encrypted(tmp_path, tmp_path / "nothing", tmp_path / "none") is None
    assert disk_is_encrypted(tmp_path / "not-there") is None
