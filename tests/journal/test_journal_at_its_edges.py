"""What the journal's small pieces refuse: each by its own word, none by an error nobody expects."""

import base64
import os
import shutil
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from recorder_here import message

from releve.journal import cards, folder, keys, opening, wire
from releve.journal import reader as journal_reader
from releve.journal.batch import Batch
from releve.journal.cards import CardError, make_card, open_card
from releve.journal.clock import HybridClock
from releve.journal.entry import Packer, Submission
from releve.journal.errors import CorruptLog, DraftRefused, FolderError, JournalError, NoteError
from releve.journal.folder import Log
from releve.journal.note import Signer, Verifier
from releve.journal.reader import LogReader
from releve.journal.tree import Edge, edge_at, inclusion_holds, inclusion_proof, leaf_hash
from releve.journal.verify import verify_folder


def test_a_key_that_is_too_short_is_no_key() -> None:
    """A line copied by hand lost its end."""
    with pytest.raises(NoteError, match="32 bytes"):
        Verifier("releve/a/1", bytes(31))


def test_every_leaf_of_every_small_tree_is_proved_and_by_no_other_path() -> None:
    """A restated entry is believed by its path alone."""
    for size in range(1, 20):
        leaves = [leaf_hash(bytes([at])) for at in range(size)]

        def hashes(level: int, start: int, stop: int, leaves: list[bytes] = leaves) -> list[bytes]:
            return leaves[start:stop]

        root = edge_at(size, hashes).root()
        for at in range(size):
            path = inclusion_proof(at, size, hashes)
            assert inclusion_holds(leaves[at], at, size, path, root)
            assert not inclusion_holds(leaves[at], at, size, [*path, bytes(32)], root)
            assert not inclusion_holds(leaves[at], at, size, path[:-1], root) or not path
        assert not inclusion_holds(leaves[0], size, size, [], root)


def test_a_card_that_holds_another_key_than_it_shows_is_refused() -> None:
    """The name on it would be trusted, and another's signature given."""
    shown, hidden = Signer.generate("manager/shown"), Signer.generate("manager/hidden")
    vkey, salt, nonce = shown.verifier.vkey, bytes(16), bytes(12)
    sealed = cards.ChaCha20Poly1305(cards._key("x", salt)).encrypt(
        nonce, hidden.text().encode(), vkey.encode()
    )
    first = make_card("one", "x").splitlines()[0]
    text = f"{first}\nkey: {vkey}\nsealed: {base64.b64encode(salt + nonce + sealed).decode()}\n"

    with pytest.raises(CardError, match="written on it"):
        open_card(text, "x")


def test_an_act_of_the_journal_itself_that_fits_no_entry_is_refused() -> None:
    """A reason of a hundred pages must not end the recorder."""
    batch = Batch(
        origin="a", epoch=1, recorder="test", edge=Edge(), clock=HybridClock(), packer=Packer(None, b""), now_us=1,
        random=os.urandom,
    )  # fmt: skip

    with pytest.raises(DraftRefused):
        batch.add_own(Submission("journal.closed.1", os.urandom(64_000), "recorder"))
    assert batch.rows == []


def test_an_error_without_a_word_of_its_own_travels_as_a_failure() -> None:
    """Told that all is well, the sender would throw its copy away."""
    assert wire.state_of(JournalError("anything")) == wire.FAILED


def test_a_file_that_is_only_busy_is_not_called_damaged() -> None:
    """A recorder that took a lock for a damaged log would begin a new epoch each time somebody reads."""

    class Busy:
        """A connection somebody else holds."""

        def execute(self, sentence: str) -> None:
            """Fail as SQLite does."""
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise error

    with pytest.raises(sqlite3.OperationalError):
        opening.read_head(Busy(), "a/1")  # type: ignore[arg-type]


def failing(code: int, sentence: str) -> type[sqlite3.Connection]:
    """Return connections on which a sentence fails with a code of SQLite that speaks of no damage."""

    class Failing(sqlite3.Connection):
        """Whoever holds the disk up."""

        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:  # type: ignore[override]
            """Fail, or do it."""
            if sentence in sql:
                error = sqlite3.OperationalError("refused")
                error.sqlite_errorcode = code
                raise error
            return super().execute(sql, *values)

    return Failing


def test_a_reader_whose_disk_fails_says_so_and_not_that_the_log_is_damaged(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told that it is damaged, somebody would begin a new epoch of a log that is whole."""
    connect = sqlite3.connect
    for sentence in ("FROM head", "FROM entry"):
        factory = failing(sqlite3.SQLITE_IOERR, sentence)
        monkeypatch.setattr(sqlite3, "connect", partial(connect, factory=factory))
        with pytest.raises(sqlite3.OperationalError), LogReader(log.path) as reader:
            reader.get(0)


def test_dictionaries_of_a_foreign_log_do_not_fill_the_memory(
    data: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another island's log may name any number of them, 80 KB each."""
    monkeypatch.setattr(journal_reader, "UNPACKERS_MAX", 0)
    with closing(folder.open_writer(data)) as writer:
        writer.append([Submission("message.hl7v2", message(one), "test") for one in range(2)], 1)
    with LogReader(log.path) as reader:
        assert [one.body for one in reader.read(2, 2)] == [message(0), message(1)]
        assert reader.dictionary(None) == b""


def test_a_tile_that_is_not_what_the_leaves_give_keeps_the_log_closed(data: Path, log: Log) -> None:
    """What is signed next would be the root of a tree that nobody can prove anything in."""
    with closing(folder.open_writer(data)) as writer:
        writer.append([Submission("message.hl7v2", b"MSH|%d" % at, "test") for at in range(300)], 1)
    with sqlite3.connect(log.path) as damaged:
        damaged.execute("UPDATE tile SET hash = zeroblob(32)")
    damaged.close()

    with pytest.raises(CorruptLog, match="leaves and tiles"):
        folder.open_writer(data)
    with sqlite3.connect(log.path) as damaged:
        damaged.execute("ALTER TABLE tile RENAME COLUMN hash TO hush")
    damaged.close()
    assert "tile 1/0" in {finding.place for finding in verify_folder(data)}


def test_a_row_that_is_there_already_is_written_over_by_nobody(data: Path, log: Log) -> None:
    """Whoever wrote into the file beside the recorder: the commit is taken back whole, and the log is checked again."""
    with closing(folder.open_writer(data)) as writer:
        with sqlite3.connect(log.path) as other:
            other.execute("INSERT INTO entry (idx, lane, stored, leaf) VALUES (2, 0, x'00', zeroblob(32))")
        other.close()
        with pytest.raises(JournalError):
            writer.append([Submission("message.hl7v2", b"MSH|", "test")], 1)
    with LogReader(log.path) as reader:
        assert reader.size == 2


def test_a_disk_without_write_ahead_log_takes_no_journal(
    data: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder of the network: readers would hold up each commit, and a cut could tear one."""

    class Plain(sqlite3.Connection):
        """What SQLite answers there."""

        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:  # type: ignore[override]
            """Keep the old journal."""
            return super().execute(sql.replace("PRAGMA journal_mode = WAL", "SELECT 'delete'"), *values)

    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Plain))
    with pytest.raises(CorruptLog, match="write-ahead"):
        folder.open_writer(data)


def test_an_epoch_that_names_an_earlier_checkpoint_of_the_one_before_is_sound(
    data: Path, log: Log, tmp_path: Path
) -> None:
    """Restored from a copy, the island began anew; then others brought back what the copy had lacked."""
    shutil.copytree(data, tmp_path / "lost", ignore=shutil.ignore_patterns("*.sock"))
    folder.start_epoch(data, "restored", 2)
    with closing(folder.open_writer(tmp_path / "lost")) as writer:
        writer.append([Submission("message.hl7v2", b"MSH|", "test")], 1)
    for path in (tmp_path / "lost/journal/centre").glob("1.*"):
        shutil.copy(path, data / "journal/centre")

    assert [str(one) for one in verify_folder(data)] == []


def test_the_audit_goes_on_in_a_next_epoch_when_its_key_is_gone(data: Path, log: Log) -> None:
    """A single-writer log is never taken up again: it would fork."""
    first = folder.begin_audit(data, 1)
    folder.key_path(data, first.origin, 1).unlink()
    second = folder.begin_audit(data, 2)

    assert second.epoch == 2
    with LogReader(first.path) as before, LogReader(second.path) as after:
        assert after.opened().before == before.checkpoint()
    assert folder.audit_socket_path(data) != folder.socket_path(data)


def test_no_beginning_is_written_over_a_log(data: Path, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two who begin at once: the second finds what the first made."""
    folder.key_path(data, "centre", 1).unlink()
    monkeypatch.setattr(folder, "_epoch_after", lambda *_: 1)
    before = log.path.read_bytes()

    with pytest.raises(FolderError, match="no such log yet"):
        folder.create_island(data, "centre", True, "x", 3)
    assert log.path.read_bytes() == before


def test_an_epoch_that_was_ended_and_not_followed_is_rolled_once(data: Path, log: Log) -> None:
    """The power went between the last entry and the next epoch."""
    with closing(folder.open_writer(data)) as writer:
        writer.end("week over", 2)
    assert folder.roll_epoch(data, "again", 3).epoch == 2
    with LogReader(log.path) as reader:
        assert reader.size == 3


@pytest.mark.parametrize("said", [None, b"\xff\xfe", b"  "])
def test_an_epoch_that_shall_end_needs_no_reason_that_can_be_read(
    data: Path, log: Log, said: bytes | None
) -> None:
    """The word was asked for by a signal; the file beside it may be torn."""
    if said is not None:
        folder.roll_path(data).write_bytes(said)

    assert folder.read_roll(data) == "it was asked for"
    assert not folder.roll_path(data).exists()


def test_where_mounts_cannot_be_read_nothing_counts_as_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The open key of an island would otherwise be written to a disk."""

    def refuse(*_: object) -> str:
        raise PermissionError

    monkeypatch.setattr(Path, "read_text", refuse)
    assert not keys._in_memory(tmp_path)
