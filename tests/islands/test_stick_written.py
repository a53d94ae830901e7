import io
import os
import random
import signal
import tarfile
import time
from hashlib import sha256
from pathlib import Path

import pyrage
import pytest
from carried import Isle, carry, isle

from releve.islands.exchange import layout, parts, stick, unseal
from releve.islands.exchange.parts import StickError
from releve.islands.exchange.publish import Publisher
from releve.islands.exchange.unseal import UnsealedExport, unsealed


@pytest.fixture
def a(tmp_path: Path) -> Isle:
    """Return an island that holds 700 entries and a document."""
    made = isle(tmp_path, "a")
    made.record(700)
    made.record_blob(b"scan" * 20_000)
    return made


def opened(usb: Path, reader: Isle, name: str = "") -> UnsealedExport:
    """Return the newest export on the stick as `reader` sees it."""
    root = usb / parts.FOLDER
    name = name or unseal.exports_on(root)[-1]
    return unsealed(root, name, reader.secret, reader.data / "incoming", room=lambda count: True)


def everything(source: UnsealedExport, publisher: Publisher, start: int = 0) -> None:
    """Check that every file a puller may ask for, from entry `start` on, is the one the island publishes."""
    for log in layout.read_logs(source.get(layout.LOGS, layout.LOGS_BYTES_MAX) or b""):
        paths = [layout.checkpoint_path(log.origin, log.epoch)]
        level, hashes = 0, log.size
        while hashes:
            for number in range(start >> 8 * (level + 1), -(-hashes // 256)):
                width = min(256, hashes - 256 * number)
                paths.append(layout.tile_path(log.origin, log.epoch, level, number, width))
                if level == 0:
                    paths.append(layout.entries_path(log.origin, log.epoch, number, width))
            level, hashes = level + 1, hashes >> 8
        for path in paths:
            limit = layout.BUNDLE_BYTES_MAX
            assert source.get(path, limit) == publisher.get(path, limit) is not None, path


def test_what_an_island_publishes_comes_out_of_the_stick_unaltered(
    a: Isle, b: Isle, usb: Path, small_parts: None
) -> None:
    """The same checks as over the network must hold for what a person carried."""
    told = carry(a, usb, b)

    source = opened(usb, b)
    assert source.complete
    assert not source.bad
    assert told.parts > 4
    assert told.entries == 703
    everything(source, Publisher(a.data))
    digest = sha256(b"scan" * 20_000).digest()
    assert source.get(layout.blob_path(digest), 1 << 20) == b"scan" * 20_000
    source.remove()
    assert not (b.data / "incoming").exists()


def test_a_stick_found_in_a_car_park_tells_nothing(a: Isle, b: Isle, usb: Path, tmp_path: Path) -> None:
    """Names of files and their bytes say that a hospital wrote, and when: no patient, no entry, no key."""
    carry(a, usb, b)
    stranger = isle(tmp_path, "stranger")

    files = [path for path in usb.rglob("*") if path.is_file()]
    names = {path.name for path in files}
    assert names == {"000000.age", "000001.age", "SHA256SUMS", "README.txt"}
    assert all(b"constante" not in path.read_bytes() and b"scan" not in path.read_bytes() for path in files)
    source = opened(usb, stranger)
    assert [bad.code for bad in source.bad] == ["not-for-us"]
    assert not source.complete
    assert source.get(layout.LOGS, 1000) == b""


def test_a_part_opens_with_age_and_tar_alone(a: Isle, b: Isle, usb: Path) -> None:
    """Whoever holds the key in ten years has nothing of ours but the format."""
    told = carry(a, usb, b)
    raw = (told.folder / "000001.age").read_bytes()

    plain = pyrage.decrypt(raw, [pyrage.x25519.Identity.from_str(b.secret)])
    with tarfile.open(fileobj=io.BytesIO(plain + bytes(1024))) as archive:
        found = archive.extractfile("a/1/tile/entries/000")
        assert found is not None
        assert found.read() == Publisher(a.data).get("a/1/tile/entries/000", layout.BUNDLE_BYTES_MAX)


def test_an_interrupted_export_goes_on_after_its_last_whole_part(
    a: Isle, b: Isle, usb: Path, small_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stick is pulled out, a machine loses its power: an hour of copying must not begin again."""
    write = stick._write
    written: list[str] = []

    def pulled_out(path: Path, content: bytes) -> None:
        if path.name == "000003.age":
            path.with_suffix(".part").write_bytes(content[: len(content) // 2])
            raise OSError(5, "Input/output error")
        write(path, content)

    monkeypatch.setattr(stick, "_write", pulled_out)
    with pytest.raises(StickError, match="put it back") as stopped:
        carry(a, usb, b)
    assert stopped.value.code == "gone"
    before = {path.name: path.stat().st_ino for path in usb.rglob("*.age")}
    a.record(50, start=700)

    def noted(path: Path, content: bytes) -> None:
        written.append(path.name)
        write(path, content)

    monkeypatch.setattr(stick, "_write", noted)
    told = carry(a, usb, b, minute=5)

    assert told.went_on
    assert "000002.age" not in written
    assert "000003.age" in written
    assert {name: (told.folder / name).stat().st_ino for name in before} == before
    source = opened(usb, b)
    assert source.complete
    assert (source.get(layout.LOGS, 100) or b"").startswith(b"a/1 703")
    assert source.get(layout.blob_path(sha256(b"scan" * 20_000).digest()), 1 << 20) is not None


@pytest.mark.parametrize("stop_after", range(8))
def test_an_export_may_stop_after_any_file_it_writes(
    a: Isle, b: Isle, usb: Path, small_parts: None, monkeypatch: pytest.MonkeyPatch, stop_after: int
) -> None:
    """There is no moment at which a stick may not be pulled out."""
    write, count = stick._write, 0

    def stops(path: Path, content: bytes) -> None:
        nonlocal count
        if count == stop_after:
            raise OSError(5, "Input/output error")
        count += 1
        write(path, content)

    monkeypatch.setattr(stick, "_write", stops)
    with pytest.raises(StickError):
        carry(a, usb, b)
    monkeypatch.setattr(stick, "_write", write)

    carry(a, usb, b, minute=5)

    source = opened(usb, b)
    assert source.complete
    everything(source, Publisher(a.data))
    assert source.get(layout.blob_path(sha256(b"scan" * 20_000).digest()), 1 << 20) == b"scan" * 20_000


def test_a_part_that_tore_in_spite_of_its_name_ends_that_export(
    a: Isle, b: Isle, usb: Path, small_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cheap sticks lie about what they stored: what was begun on a bad part would be lost with it."""
    told = carry(a, usb, b)
    (told.folder / parts.SUMS).unlink()
    newest = sorted(told.folder.glob("*.age"))[-1]
    newest.write_bytes(newest.read_bytes()[:-100])

    again = carry(a, usb, b, minute=5)

    assert again.folder != told.folder
    assert not again.went_on
    assert opened(usb, b).complete


def test_only_what_is_new_is_carried(a: Isle, b: Isle, usb: Path) -> None:
    """Every evening the same stick: it must not take the whole journal each time."""
    a.record(400, start=700)
    told = carry(a, usb, b, starts={("a", 1): 900})

    source = opened(usb, b)
    assert told.entries == 203
    assert source.get(layout.entries_path("a", 1, 2), layout.BUNDLE_BYTES_MAX) is None
    everything(source, Publisher(a.data), start=900)


def test_nothing_new_writes_nothing(a: Isle, b: Isle, usb: Path) -> None:
    """An empty export on a stick would look like one that was lost."""
    told = carry(a, usb, b, starts={("a", 1): 703})

    assert told.parts == 0
    assert not list(usb.iterdir())


def test_a_stick_without_room_is_told_before_anything_is_written(
    a: Isle, b: Isle, usb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half an hour of copying that ends in "no space left" is an hour lost at night."""
    free = os.statvfs(usb)
    monkeypatch.setattr(
        os,
        "statvfs",
        lambda path: os.statvfs_result((free.f_bsize, free.f_frsize, 10, 1, 1, *tuple(free)[5:10])),
    )

    with pytest.raises(StickError, match="MB of room") as refused:
        carry(a, usb, b)

    assert refused.value.code == "room"
    assert not list(usb.iterdir())


def test_a_stick_that_fills_up_keeps_what_it_has(
    a: Isle, b: Isle, usb: Path, small_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The estimate of room may be wrong by a little; what stands there must still count."""
    write = stick._write

    def full(path: Path, content: bytes) -> None:
        if path.name == "000002.age":
            raise OSError(28, "No space left on device")
        write(path, content)

    monkeypatch.setattr(stick, "_write", full)
    with pytest.raises(StickError, match="make room and give the same command again") as refused:
        carry(a, usb, b)
    monkeypatch.setattr(stick, "_write", write)

    assert refused.value.code == "room"
    assert carry(a, usb, b, minute=5).went_on


def test_a_stick_that_is_locked_by_its_switch_is_told_so(
    a: Isle, b: Isle, usb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ "Read-only file system" means nothing to whoever holds the stick."""

    def locked(path: Path, content: bytes) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(stick, "_write", locked)
    with pytest.raises(StickError, match="small switch"):
        carry(a, usb, b)


@pytest.mark.parametrize("seed", range(3))
def test_an_export_survives_being_killed_again_and_again(
    a: Isle, b: Isle, usb: Path, small_parts: None, seed: int
) -> None:
    """A power cut asks nobody; whatever it left on the stick must end as one whole export."""
    a.record(3000, start=700)
    chance = random.Random(seed)
    kills = 0
    while True:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                carry(a, usb, b)
                status = 0
            finally:
                os._exit(status)
        time.sleep(chance.uniform(0.002, 0.12))
        if kills < 6:
            os.kill(child, signal.SIGKILL)
            kills += 1
        if os.waitpid(child, 0)[1] == 0:
            break

    root = usb / parts.FOLDER
    whole = [name for name in unseal.exports_on(root) if unseal.is_whole(root, name)]
    assert whole
    source = opened(usb, b, whole[0])
    assert source.complete
    everything(source, Publisher(a.data))
