"""What the journal's small pieces refuse: each by its own word, none by an error nobody expects."""

import base64
import os
import sqlite3

import pytest

from releve.journal import cards, opening, wire
from releve.journal.batch import Batch
from releve.journal.cards import CardError, make_card, open_card
from releve.journal.clock import HybridClock
from releve.journal.entry import Packer, Submission
from releve.journal.errors import DraftRefused, JournalError, NoteError
from releve.journal.note import Signer, Verifier
from releve.journal.tree import Edge, edge_at, inclusion_holds, inclusion_proof, leaf_hash


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
