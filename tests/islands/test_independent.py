"""Programs that are not ours accept our logs: what an island recorded can be verified without Relève."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from grown import SATURDAY_0310_US, grow, introduce, island
from pymerkle import InmemoryTree

from releve.islands.exchange import layout
from releve.islands.exchange.cosign import cosign, write_cosigned
from releve.islands.exchange.identity import read_mirror_signer
from releve.islands.exchange.publish import Publisher
from releve.journal import folder
from releve.journal.folder import Log
from releve.journal.note import Checkpoint, Verifier, open_note, read_checkpoint
from releve.journal.reader import LogReader

SUMDB = Path("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog/tlog.go")
Verify = Callable[..., subprocess.CompletedProcess[str]]


def lay_out(data: Path, log: Log, into: Path) -> Path:
    """Write a log as the files under which it is published; return the checkpoint's path."""
    publisher = Publisher(data)
    checkpoint = publisher.get(layout.checkpoint_path(log.origin, log.epoch), layout.CHECKPOINT_BYTES_MAX)
    assert checkpoint is not None
    size = read_checkpoint(checkpoint.decode().rpartition("\n\n")[0] + "\n").size
    paths = [layout.checkpoint_path(log.origin, log.epoch)]
    level, hashes = 0, size
    while hashes:
        for number in range(-(-hashes // 256)):
            width = min(256, hashes - number * 256)
            paths.append(layout.tile_path(log.origin, log.epoch, level, number, width))
            if level == 0:
                paths.append(layout.entries_path(log.origin, log.epoch, number, width))
        level, hashes = level + 1, hashes >> 8
    for path in paths:
        found = publisher.get(path, layout.BUNDLE_BYTES_MAX)
        assert found is not None, path
        (into / path).parent.mkdir(parents=True, exist_ok=True)
        (into / path).write_bytes(found)
    publisher.close()
    return into / paths[0]


def key_of(log: Log) -> str:
    """Return the key another island pins."""
    with LogReader(log.path) as reader:
        return reader.opened().key


@pytest.fixture(scope="session")
def verify(program: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Verify:
    """Return the verifier built on Go's own libraries (tests/islands/peer/verify.go)."""
    go = program("go")
    if not SUMDB.exists():
        pytest.skip(
            "golang.org/x/mod is not installed (package golang-golang-x-mod-dev): no Go program verified us"
        )
    built = tmp_path_factory.mktemp("go")
    environment = {
        **os.environ,
        "GO111MODULE": "off",
        "GOPATH": "/usr/share/gocode",
        "GOCACHE": str(built / "cache"),
        "GOFLAGS": "",
    }
    source = Path(__file__).parent / "peer" / "verify.go"
    subprocess.run([go, "build", "-o", built / "verify", source], env=environment, check=True, timeout=100)

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [built / "verify", *map(str, arguments)], capture_output=True, text=True, check=False, timeout=60
        )

    return run


def test_go_accepts_a_log_and_every_entry_of_it(tmp_path: Path, verify: Verify) -> None:
    """Whoever doubts us in court has a second opinion: signature, tree, leaves, and that nothing was rewritten."""
    data, files = tmp_path / "data", tmp_path / "files"
    log = island(data, "centre", entries=300)
    old = lay_out(data, log, tmp_path / "old")
    grow(data, 470)
    lay_out(data, log, files)

    told = verify(files, log.name, key_of(log), old)

    assert (told.stdout, told.stderr) == ("ok 772 0\n", "")


@pytest.mark.parametrize("entries", [0, 253, 254, 255, 510])
def test_go_accepts_every_shape_of_the_right_edge(tmp_path: Path, verify: Verify, entries: int) -> None:
    """Partial, full and just begun tiles are where two readings of a format part."""
    log = island(tmp_path / "data", "centre", entries=entries)
    lay_out(tmp_path / "data", log, tmp_path / "files")

    assert verify(tmp_path / "files", log.name, key_of(log)).stdout == f"ok {entries + 2} 0\n"


def test_go_accepts_a_log_with_a_removed_entry_and_cosignatures(tmp_path: Path, verify: Verify) -> None:
    """What the law has us remove must not cost the proof of everything else."""
    data = tmp_path / "data"
    log = island(data, "centre", entries=20)
    introduce(data, "centre")
    writer = folder.open_writer(data)
    writer.redact(5, "wrong patient", "colonel", SATURDAY_0310_US)
    writer.close()
    with LogReader(log.path) as reader:
        size, note = reader.size, reader.checkpoint()
    text = note.rpartition("\n\n")[0] + "\n"
    write_cosigned(data, "centre", 1, size, [cosign(text, read_mirror_signer(data), 1_795_227_000)])
    checkpoint = lay_out(data, log, tmp_path / "files").read_text("utf-8")

    assert checkpoint.count("\n— ") == 2
    assert verify(tmp_path / "files", log.name, key_of(log)).stdout == "ok 23 1\n"


@pytest.mark.parametrize(
    "path",
    [
        "checkpoint",
        "tile/0/000",
        "tile/0/001.p/46",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/46",
    ],
)
def test_go_refuses_what_was_changed(tmp_path: Path, verify: Verify, path: str) -> None:
    """A verifier that accepts everything proves nothing."""
    log = island(tmp_path / "data", "centre", entries=300)
    files = lay_out(tmp_path / "data", log, tmp_path / "files").parent
    raw = bytearray((files / path).read_bytes())
    raw[len(raw) // 2] ^= 1
    (files / path).write_bytes(raw)

    told = verify(tmp_path / "files", log.name, key_of(log))

    assert told.returncode == 1
    assert "ok" not in told.stdout


def test_go_refuses_another_key_and_another_past(tmp_path: Path, verify: Verify) -> None:
    """Two islands of one name, or one island with two pasts."""
    data = tmp_path / "data"
    log, other = island(data, "centre", entries=40), island(tmp_path / "other", "centre", entries=10)
    lay_out(data, log, tmp_path / "files")
    assert verify(tmp_path / "files", log.name, key_of(other)).returncode == 1

    with LogReader(other.path) as reader:
        past = Checkpoint(f"releve/{log.name}", 12, reader.head().root)
    forged = tmp_path / "forged"
    forged.write_text(folder.read_key(data, log).signer.sign(past.text()), "utf-8")
    told = verify(tmp_path / "files", log.name, key_of(log), forged)
    assert (told.returncode, told.stdout) == (1, "")


def test_go_accepts_a_log_with_three_levels_of_tiles(tmp_path: Path, verify: Verify) -> None:
    """A day of a hospital has more than 65,536 entries."""
    data = tmp_path / "data"
    log = island(data, "centre")
    for _ in range(66):
        grow(data, 1000, padding=0)
    lay_out(data, log, tmp_path / "files")

    assert (tmp_path / "files" / log.name / "tile/2/000.p/1").exists()
    assert verify(tmp_path / "files", log.name, key_of(log)).stdout == "ok 66002 0\n"


def test_pymerkle_finds_the_signed_root_from_the_published_entries(tmp_path: Path) -> None:
    """A second library, in another language than Go's, over the bytes another island gets."""
    log = island(tmp_path / "data", "centre", entries=500)
    files = lay_out(tmp_path / "data", log, tmp_path / "files").parent
    stated = read_checkpoint(
        open_note((files / "checkpoint").read_text("utf-8"), Verifier.from_vkey(key_of(log)))
    )
    tree = InmemoryTree(algorithm="sha256")

    for name, width in (("tile/entries/000", 256), ("tile/entries/001.p/246", 246)):
        for entry in layout.entries_of((files / name).read_bytes(), width):
            assert entry is not None
            tree.append_entry(entry)

    assert (tree.get_size(), tree.get_root()) == (502, stated.root)
