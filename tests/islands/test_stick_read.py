"""What a stick may hold that is not ours: told in words, left out, and the rest goes on."""

import os
import tarfile
import time
from hashlib import sha256
from pathlib import Path

import msgspec
import pyrage
import pytest
from carried import SATURDAY_0310_US, Isle, carry

from releve.islands.exchange import layout, parts, unseal
from releve.islands.exchange.cosign import Cosigner, cosign
from releve.islands.exchange.identity import read_mirror_signer
from releve.islands.exchange.parts import Held, Receipt, StickError
from releve.islands.exchange.source import SourceGone, SourceTooLarge
from releve.islands.exchange.state import Copy
from releve.islands.exchange.stick import Exported, write_receipt
from releve.islands.exchange.unseal import UnsealedExport, unsealed
from releve.journal.note import read_checkpoint


@pytest.fixture
def told(a: Isle, b: Isle, usb: Path, monkeypatch: pytest.MonkeyPatch) -> Exported:
    """Return a whole export of several parts."""
    monkeypatch.setattr(parts, "PART_BYTES", 24 * 1024)
    return carry(a, usb, b)


def read(usb: Path, reader: Isle, name: str = "") -> UnsealedExport:
    """Return an export on the stick, by default the newest."""
    root = usb / parts.FOLDER
    name = name or unseal.exports_on(root)[-1]
    return unsealed(root, name, reader.secret, reader.data / "incoming", room=lambda count: True)


def sealed_for(reader: Isle, raw: bytes) -> bytes:
    """Seal for an island, as anyone who read its recipient may."""
    return parts.seal(raw, [reader.identity.recipient])


def header(name: str, size: int, kind: bytes = tarfile.REGTYPE, link: str = "") -> bytes:
    """Return a tar header of any kind."""
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = size, kind, link
    return info.tobuf(tarfile.USTAR_FORMAT)


FORGED = {
    "one that climbs out of its folder": (header("../../keys/a.1.key", 3) + b"abc" + bytes(509), "foreign"),
    "one with a name from the root": (header("/etc/passwd", 0), "foreign"),
    "a link": (header("a/1/checkpoint", 0, tarfile.SYMTYPE, "/etc/passwd"), "foreign"),
    "a device": (header("a/1/checkpoint", 0, tarfile.CHRTYPE), "foreign"),
    "a folder": (header("a/1", 0, tarfile.DIRTYPE), "foreign"),
    "a name of no log": (header("invoice.docx", 0), "foreign"),
    "a name with a sign no file system agrees on": (header("a/1/che\u00e9ckpoint", 0), "foreign"),
    "a file that says it is larger than the part": (header("a/1/checkpoint", 8**11 - 1), "torn"),
    "half a header": (header("a/1/checkpoint", 0)[:100], "torn"),
    "a header whose sum is wrong": (b"b" + header("a/1/checkpoint", 0)[1:], "foreign"),
    "a size that is no number": (
        header("a/1/checkpoint", 0)[:124] + b"zzzzzzzzzzz\0" + header("a/1/checkpoint", 0)[136:],
        "foreign",
    ),
    "zeros": (bytes(1024), "foreign"),
    "piece 3 of 2": (header(f"{layout.blob_path(bytes(32))}.3-of-2", 0), "foreign"),
    "nothing of an archive": (b"MZ\x90\0" * 128, "foreign"),
}


@pytest.mark.parametrize("what", FORGED)
def test_a_forged_part_is_told_and_the_rest_is_read(told: Exported, b: Isle, usb: Path, what: str) -> None:
    """Anyone may seal for an island: what comes out of the seal is believed no more than what is on the stick."""
    raw, code = FORGED[what]
    (told.folder / "000002.age").write_bytes(sealed_for(b, raw))
    (told.folder / parts.SUMS).unlink()

    source = read(usb, b)

    assert [(bad.place[-10:], bad.code) for bad in source.bad] == [("000002.age", code)]
    assert source.parts == told.parts - 1
    assert not source.complete
    assert source.get(layout.checkpoint_path("a", 1), layout.CHECKPOINT_BYTES_MAX) is not None
    inside = {path.name for path in (b.data / "incoming").iterdir()}
    assert all(name.isdigit() for name in inside)


def replace(path: Path, what: str) -> None:
    """Put something odd where a part was."""
    raw = path.read_bytes()
    path.unlink()
    match what:
        case "torn":
            path.write_bytes(raw[:-1000])
        case "tampered":
            path.write_bytes(raw[:5000] + bytes([raw[5000] ^ 1]) + raw[5001:])
        case "empty":
            path.write_bytes(b"")
        case "link":
            path.symlink_to("/dev/zero")
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "gone":
            pass
        case "huge":
            with path.open("wb") as file:
                file.truncate(1 << 40)


@pytest.mark.parametrize(
    ("what", "codes"),
    [
        ("torn", {"torn"}), ("tampered", {"torn"}), ("empty", {"torn", "foreign"}), ("link", {"unreadable"}),
        ("pipe", {"missing"}), ("folder", {"missing", "unreadable"}), ("gone", {"missing"}), ("huge", {"too-large"}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("listed", [True, False])
def test_a_part_that_is_not_as_written_is_told_and_the_rest_is_read(
    told: Exported, b: Isle, usb: Path, what: str, codes: set[str], listed: bool
) -> None:
    """A bad spot on a cheap stick, or a clever one: neither may cost the parts that are whole."""
    replace(told.folder / "000002.age", what)
    if not listed:
        (told.folder / parts.SUMS).unlink()

    started = time.monotonic()
    source = read(usb, b)

    assert time.monotonic() - started < 5
    assert not source.complete
    if listed:
        assert {bad.code for bad in source.bad} <= codes
        assert source.parts == told.parts - 1
        assert source.get(layout.checkpoint_path("a", 1), layout.CHECKPOINT_BYTES_MAX) is not None
    else:
        assert source.parts >= 2


def test_an_age_header_of_a_million_lines_is_not_tried(told: Exported, b: Isle, usb: Path) -> None:
    """Each line would cost a multiplication on the curve: a stick could keep the machine busy for an hour."""
    line = b"-> X25519 9N+7LEJtA4lfLMyEgld+bx8XseHrM3lBVrnchQ3pX1o\ncFUZPVSKXG6npMH2cztUE3gb5zc2RNi9frjgJZYSRrI\n"
    with pytest.raises(StickError) as refused:
        parts.unseal(b"age-encryption.org/v1\n" + line * 100_000 + b"--- x\n", b.secret)

    assert refused.value.code == "foreign"


def test_a_part_sealed_with_a_passphrase_asks_for_nothing(b: Isle) -> None:
    """A passphrase's work factor is chosen by whoever sealed: it is never computed here."""
    sealed = (
        b"age-encryption.org/v1\n-> scrypt NMkU0EVkP0ZvoBYMiaqDGw 30\n"
        + b"A" * 43
        + b"\n--- "
        + b"A" * 43
        + b"\n"
    )
    started = time.monotonic()
    with pytest.raises(StickError):
        parts.unseal(sealed, b.secret)

    assert time.monotonic() - started < 1


def test_a_stick_with_more_names_than_anyone_reads_is_read_in_a_moment(
    told: Exported, b: Isle, usb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A million empty files are made in a minute; listing them must not take the night."""
    monkeypatch.setattr(unseal, "NAMES_MAX", 50)
    for number in range(500):
        (usb / parts.FOLDER / f"a-20261121t{number:06d}z").mkdir(exist_ok=True)

    assert len(unseal.exports_on(usb / parts.FOLDER)) <= 50


def test_names_that_are_not_ours_are_not_looked_at(told: Exported, b: Isle, usb: Path) -> None:
    """System folders, hidden files, what a phone left: a stick is rarely clean."""
    root = usb / parts.FOLDER
    for name in ("System Volume Information", ".Trashes", "a-20261121t02z", "A-20261121T020959Z", "x" * 200):
        (root / name).mkdir()
    (root / os.fsdecode(b"\xff\xfe-20261121t020959z")).mkdir()
    (root / "c-20261121t020959z").symlink_to("/")

    assert [name for name in unseal.exports_on(root) if name[0] != "c"] == [told.folder.name]
    assert read(usb, b, "c-20261121t020959z").parts == 0


def test_exports_are_read_oldest_first_whoever_wrote_them(a: Isle, b: Isle, usb: Path) -> None:
    """The later one begins where the earlier one ended."""
    carry(b, usb, a, minute=9)
    carry(a, usb, b, minute=5)

    assert [name[0] for name in unseal.exports_on(usb / parts.FOLDER)] == ["a", "b"]


def test_a_forged_list_of_parts_is_told(told: Exported, b: Isle, usb: Path) -> None:
    """A list that names other files, or millions, must lead nowhere."""
    for content in (b"x" * 70, b"0" * 64 + b"  ../../x  \n"[:13], bytes(unseal._SUM_LINE_BYTES * 3)):
        (told.folder / parts.SUMS).write_bytes(content)

        source = read(usb, b)

        assert source.bad[0].code == "foreign"
        assert source.parts == told.parts  # the parts speak for themselves


def test_the_disk_of_the_island_is_not_filled(told: Exported, b: Isle, usb: Path) -> None:
    """Its own journal goes first, whatever was carried here."""
    root = usb / parts.FOLDER
    left = 40_000

    def room(count: int) -> bool:
        nonlocal left
        left -= count
        return left > 0

    source = unsealed(root, told.folder.name, b.secret, b.data / "incoming", room=room)

    assert source.bad[-1].code == "disk"
    assert 0 < source.parts < told.parts


def test_an_export_of_too_many_files_is_not_kept_in_memory(
    told: Exported, b: Isle, usb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Empty files cost half a block each on a stick, and memory here."""
    monkeypatch.setattr(unseal, "MEMBERS_MAX", 3)

    assert "too-large" in {bad.code for bad in read(usb, b).bad}


def test_a_source_hands_over_no_more_than_was_asked_for(told: Exported, b: Isle, usb: Path) -> None:
    """The puller bounds what it takes; a stick is no exception."""
    source = read(usb, b)

    with pytest.raises(SourceTooLarge):
        source.get(layout.entries_path("a", 1, 0), 100)
    with pytest.raises(layout.LayoutError):
        source.get("../keys/a.1.key", 100)
    for path in (b.data / "incoming").iterdir():
        path.unlink()
    with pytest.raises(SourceGone):
        source.get(layout.entries_path("a", 1, 0), layout.BUNDLE_BYTES_MAX)


def test_a_blob_whose_piece_is_missing_is_not_there(
    a: Isle, b: Isle, usb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half an image is no image."""
    monkeypatch.setattr(parts, "PART_BYTES", 24 * 1024)
    monkeypatch.setattr(parts, "PIECE_BYTES", 16 * 1024)
    body = os.urandom(70_000)
    a.record_blob(body)
    told = carry(a, usb, b)
    holding = [
        path
        for path in sorted(told.folder.glob("*.age"))
        if b"of-5" in pyrage.decrypt(path.read_bytes(), [pyrage.x25519.Identity.from_str(b.secret)])
    ]
    holding[2].unlink()

    source = read(usb, b)

    assert source.get(layout.blob_path(sha256(body).digest()), 1 << 20) is None


def test_receipts_count_only_with_the_islands_own_signature(a: Isle, b: Isle, usb: Path) -> None:
    """A forged receipt would leave out of the next stick what nobody holds."""
    root = usb / parts.FOLDER
    told = carry(a, usb, b)
    signed = told.plan.logs[0].checkpoint
    text = signed.rpartition("\n\n")[0] + "\n"
    line = cosign(text, read_mirror_signer(b.data), 1_795_227_000)

    def receipt(checkpoint: str, origin: str = "b") -> Receipt:
        held = Held(origin="a", epoch=1, size=99_999, checkpoint=checkpoint)
        return Receipt(origin=origin, at_us=SATURDAY_0310_US, logs=(held,))

    cosigners = {"b": Cosigner(b.identity.mirror_vkey)}
    assert unseal.holdings([receipt(signed)], cosigners) == {"b": {}}
    assert unseal.holdings([receipt("nonsense")], cosigners) == {"b": {}}
    assert unseal.holdings([receipt(signed + line + "\n", origin="c")], cosigners) == {}
    assert write_receipt(root, receipt(signed + line + "\n"), [a.identity.recipient])
    assert unseal.holdings(unseal.receipts_on(root, a.secret), cosigners) == {
        "b": {"a/1": Copy(read_checkpoint(text).size, 1_795_227_000_000_000)}
    }
    assert list(unseal.receipts_on(root, b.secret)) == []  # not sealed for it


def test_receipts_that_are_none_are_passed_over(a: Isle, b: Isle, usb: Path) -> None:
    """A receipt is a help; a bad one must not keep the next stick from being written."""
    folder = usb / parts.FOLDER / parts.RECEIPTS
    folder.mkdir(parents=True)
    (folder / "empty.age").write_bytes(b"")
    (folder / "folder.age").mkdir()
    (folder / "link.age").symlink_to("/dev/zero")
    (folder / "other.age").write_bytes(sealed_for(a, msgspec.json.encode({"origin": 5})))
    (folder / "bytes.age").write_bytes(sealed_for(a, b"\xff\xfe"))

    assert list(unseal.receipts_on(usb / parts.FOLDER, a.secret)) == []


def test_no_receipt_on_a_one_way_link_stops_nothing(a: Isle, b: Isle, usb: Path) -> None:
    """The far side of a diode can only be read."""
    (usb / parts.FOLDER).write_bytes(b"not a folder")

    receipt = Receipt(origin="b", at_us=SATURDAY_0310_US, logs=())
    assert not write_receipt(usb / parts.FOLDER, receipt, [a.identity.recipient])


def test_an_export_counts_as_whole_only_when_every_part_is(told: Exported, usb: Path) -> None:
    """What is left out of the next export because it is on this stick must really be there."""
    root, name = usb / parts.FOLDER, told.folder.name

    assert unseal.is_whole(root, name)
    assert not unseal.is_whole(root, "a-20200101t000000z")
    replace(told.folder / "000002.age", "tampered")
    assert not unseal.is_whole(root, name)
    replace(told.folder / "000002.age", "gone")
    assert not unseal.is_whole(root, name)
    (told.folder / parts.SUMS).write_bytes(b"x")
    assert not unseal.is_whole(root, name)


def test_the_note_of_sticks_may_be_lost(a: Isle) -> None:
    """It only saves time: without it everything is read again."""
    unseal.write_note(a.data, unseal.StickNote(done={"b-20261121t020959z": "ab"}))
    assert unseal.read_note(a.data).done == {"b-20261121t020959z": "ab"}

    unseal.note_path(a.data).write_bytes(b"{")
    assert unseal.read_note(a.data) == unseal.StickNote()
