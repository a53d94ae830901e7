"""Which sticks are plugged in, as the kernel says it."""

from pathlib import Path

import pytest
from carried import Isle, introduce, isle

from releve.islands.exchange.unseal import StickNote, sums_digest
from releve.islands.sticks.media import is_there, media_here
from releve.islands.sticks.writing import export_stick

NOW_US = 1_795_226_999_000_000


@pytest.fixture
def machine(tmp_path: Path) -> tuple[Path, Path]:
    """Return a mountinfo and a /sys/dev/block of a machine: its disk, a stick, a disk in a USB case, a stick's part."""
    for name in ("stick one", "case", "disk"):
        (tmp_path / name).mkdir()
    devices = tmp_path / "devices"
    for path, removable in (("ata1/sda", 0), ("usb2/sdb", 1), ("usb3/sdc", 0), ("card/mmc", 1)):
        (devices / path / "part1").mkdir(parents=True)
        (devices / path / "removable").write_text(f"{removable}\n")
    blocks = tmp_path / "block"
    blocks.mkdir()
    for number, path in (
        ("8:1", "ata1/sda"),
        ("8:17", "usb2/sdb"),
        ("8:33", "usb3/sdc"),
        ("179:1", "card/mmc"),
    ):
        (blocks / number).symlink_to(devices / path / "part1")
    spaced = str(tmp_path / "stick one").replace(" ", "\\040")
    lines = [
        f"1 0 8:1 / {tmp_path / 'disk'} rw - ext4 /dev/sda1 rw",
        f"2 1 8:17 / {spaced} ro,nosuid shared:7 - vfat /dev/sdb1 ro",
        f"3 1 8:17 /part {tmp_path / 'disk'} rw - vfat /dev/sdb1 rw",
        f"4 1 8:33 / {tmp_path / 'case'} rw - exfat /dev/sdc1 rw",
        f"5 1 179:1 / {tmp_path / 'gone'} rw - vfat /dev/mmcblk0p1 rw",
        "nonsense",
    ]
    mounts = tmp_path / "mountinfo"
    mounts.write_text("\n".join(lines) + "\n")
    return mounts, blocks


def test_what_can_be_carried_away_is_a_stick_and_nothing_else(
    machine: tuple[Path, Path], tmp_path: Path
) -> None:
    """A journal written onto the machine's own disk by mistake was carried nowhere."""
    mounts, blocks = machine
    found = media_here([str(tmp_path / "absent")], StickNote(), mounts=mounts, blocks=blocks)

    assert [(one.label, one.device, one.writable) for one in found] == [
        ("stick one", "8:17", False),
        ("case", "8:33", True),
    ]
    assert all(one.total_bytes >= one.free_bytes > 0 for one in found)
    assert is_there(str(tmp_path / "stick one"), [], mounts=mounts, blocks=blocks)
    assert not is_there(str(tmp_path / "disk"), [], mounts=mounts, blocks=blocks)


def test_a_folder_of_the_settings_counts_while_it_is_there(tmp_path: Path) -> None:
    """The near side of a one-way link is no stick to the kernel."""
    link = tmp_path / "link"
    absent = tmp_path / "absent"
    assert not is_there(str(link), [str(link)], mounts=absent, blocks=absent)
    link.mkdir()

    assert is_there(str(link), [str(link)], mounts=absent, blocks=absent)
    (one,) = media_here([str(link), str(link)], StickNote(), mounts=absent, blocks=absent)
    assert (one.path, one.device, one.lying) == (str(link), "", ())


def test_what_lies_on_a_stick_is_told_with_what_was_read(tmp_path: Path) -> None:
    """Whoever holds three sticks must see which one was taken in already."""
    a: Isle = isle(tmp_path, "a")
    introduce(a, isle(tmp_path, "b"))
    usb = tmp_path / "usb"
    usb.mkdir()
    (first,) = export_stick(a.data, usb, since="", only=(), now_us=NOW_US)
    (second,) = export_stick(a.data, usb, since="", only=(), now_us=NOW_US + 5_000_000)
    (second.folder / "SHA256SUMS").unlink()
    note = StickNote(done={first.folder.name: sums_digest(usb / "releve", first.folder.name)})

    (one,) = media_here([str(usb)], note, mounts=tmp_path / "none", blocks=tmp_path)

    assert [(lying.origin, lying.whole, lying.read) for lying in one.lying] == [
        ("a", True, True),
        ("a", False, False),
    ]
