"""One pull against a copy in memory: every way in which a source can fall short, and what is left of the copy."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from memory_mirror import MemoryDisk, MemoryLog, MemoryMirror

from releve.islands.exchange import belief
from releve.islands.exchange.belief import Refused, Terms
from releve.islands.exchange.peers import Cut
from releve.islands.exchange.pull import Outcome, drive, fetch_blobs, pull
from releve.islands.exchange.quota import Quota
from releve.islands.exchange.source import SourceGone
from releve.journal import facts
from releve.journal.errors import StorageFull
from releve.journal.note import Signer
from releve.journal.tree import leaf_hash

sys.path.append(str(Path(__file__).parent / "attacks"))
from owned import Owned, Served, opened_entry

NOW_US = 1_795_226_999_000_000
KEY = Signer("releve/c/1", bytes(32))
Give = Callable[[str, bytes | None], bytes | None]


def log(count: int, *, text: str = "x") -> list[bytes | None]:
    """Return a log of C: its first entry, then so many messages."""
    opened = opened_entry(KEY, epoch=1)
    return [opened, *(Owned.envelope(at, body=f"MSH|{at}|{text}".encode()) for at in range(1, count + 1))]


@dataclass
class Copy:
    """A copy in memory, and by what it is judged."""

    log: MemoryLog = field(default_factory=lambda: MemoryLog(MemoryDisk()))
    terms: dict[str, Any] = field(default_factory=dict)

    @property
    def store(self) -> MemoryMirror:
        """The store of the copy."""
        return MemoryMirror(self.log, {})

    def pull(self, source: Any, store: MemoryMirror | None = None, **terms: Any) -> Outcome:
        """Pull once."""
        said = {
            "origin": "c", "epoch": 1, "key": KEY.verifier, "key_before": None, "cut": None, "from_origin": True,
            "exercise": True, "quota": Quota(), "room_bytes": 1 << 40, "redactions_left": 50, **terms,
        }  # fmt: skip
        return drive(source, pull(store or self.store, Terms(**said), NOW_US))


class Gone:
    """A source that is gone after some files."""

    def __init__(self, served: Served, files: int) -> None:
        self._served, self._left = served, files

    def get(self, path: str, limit: int) -> bytes | None:
        """Return the file, or be gone."""
        self._left -= 1
        if self._left < 0:
            raise SourceGone("expected more")
        return self._served.get(path, limit)

    def close(self) -> None:
        """Nothing is open."""


def refused(what: str, source: Served, copy: Copy | None = None, **terms: Any) -> str:
    """Return the detail of a refusal of this kind; the copy stands where it stood."""
    copy = copy or Copy()
    size = copy.store.held.size
    with pytest.raises(Refused) as told:
        copy.pull(source, **terms)
    assert told.value.what == what
    assert copy.store.held.size == size
    return told.value.detail


def test_a_log_that_is_not_there_is_no_fault() -> None:
    """A relay need not have everything."""
    assert Copy().pull(Served(log(3), KEY, instead=lambda path, found: None)).what == "none"


@pytest.mark.parametrize("lacking", ["/tile/1/", "/tile/0/", "/tile/entries/"])
def test_what_is_lacking_is_asked_for_again_later(lacking: str) -> None:
    """A file that went between two requests is no lie."""
    copy = Copy()
    served = Served(log(300), KEY, instead=lambda path, found: None if lacking in path else found)

    assert copy.pull(served).what == "incomplete"
    assert copy.pull(Served(log(300), KEY)).what == "grown"


@pytest.mark.parametrize("spoiled", ["/tile/1/", "/tile/0/", "/tile/entries/"])
def test_what_is_too_short_is_refused(spoiled: str) -> None:
    """A tile cut in two would otherwise shift every hash behind it."""
    served = Served(
        log(300), KEY, instead=lambda path, found: found[:-1] if found and spoiled in path else found
    )

    assert refused("tree", served)


def test_a_catch_up_under_way_is_not_given_up_for_an_older_checkpoint() -> None:
    """A relay that lags must not throw away what was verified."""
    copy = Copy()
    with pytest.raises(SourceGone):
        copy.pull(Gone(Served(log(1500), KEY), 6))
    assert copy.store.coming is not None
    size = copy.store.coming.size

    assert copy.pull(Served(log(100), KEY)).what == "behind"
    assert copy.store.coming.size == size


def test_a_catch_up_of_another_history_is_dropped_and_begun_again() -> None:
    """Work done ahead is worth nothing beside a signed history; nobody is accused of it."""
    copy = Copy()
    with pytest.raises(SourceGone):
        copy.pull(Gone(Served(log(1500, text="first"), KEY), 6))

    assert copy.pull(Served(log(1500, text="second"), KEY)).what == "incomplete"
    assert copy.store.coming is None
    assert copy.pull(Served(log(1500, text="second"), KEY)).what == "grown"


def test_a_catch_up_that_could_not_be_finished_is_held_against_the_next_checkpoint() -> None:
    """The disk was full at the last step: what stands there ends within a bundle."""

    class Full(MemoryMirror):
        def finish(self, checkpoint: str) -> None:
            raise StorageFull("no room")

    copy = Copy()
    with pytest.raises(StorageFull):
        copy.pull(Served(log(400, text="first"), KEY), Full(copy.log, {}))
    assert copy.store.coming is not None
    assert copy.store.coming.size == 401
    other = [*log(400, text="first")[:300], *log(500, text="second")[300:]]

    assert copy.pull(Served(other, KEY)).what == "incomplete"
    assert copy.store.coming is None
    assert copy.pull(Served(other, KEY)).what == "grown"


def test_a_held_log_whose_last_bundle_was_signed_otherwise_is_two_histories() -> None:
    """The proof is two signatures of the same key."""
    copy = Copy()
    copy.pull(Served(log(400, text="first"), KEY))
    other = [*log(400, text="first")[:300], *log(500, text="second")[300:]]

    assert "agree" in refused("equivocation", Served(other, KEY), copy)


def test_an_epoch_nobody_named_whose_first_entry_is_gone_is_refused() -> None:
    """Its key stands in that entry; without it nothing of it can be believed."""
    gone: list[bytes | None] = [None, *log(3)[1:]]

    assert "entry 0" in refused(
        "entry", Served(gone, KEY, leaves=[bytes(32)] * 4), key=None, key_before=KEY.verifier
    )


@pytest.mark.parametrize("note", [b"\xff", b"", b"nothing\n", b"releve/c/1\n0\n" + b"A" * 43 + b"=\n\n"])
def test_a_note_that_is_no_checkpoint_hands_nothing_over(note: bytes) -> None:
    """Before a key is known there is only what the note claims."""
    served = Served(log(3), KEY, instead=lambda path, found: note if path.endswith("/checkpoint") else found)

    copy = Copy()

    assert "managers signed" in refused("epoch", served, copy, key=None, key_before=KEY.verifier)
    assert copy.log.rows == []
    assert {path.rpartition("/")[2] for path in served.asked} == {"checkpoint"}


def test_another_key_than_the_managers_named_is_refused() -> None:
    """The log may be signed by the key they named, and open with another one."""
    stored = log(3)
    stored[0] = opened_entry(Signer("releve/c/1", b"k" * 32), epoch=1)

    assert "managers" in refused("epoch", Served(stored, KEY))


def test_a_cut_line_whose_root_cannot_be_read_agrees_with_nothing() -> None:
    """A line that was mistyped lets nothing pass."""
    cut = Cut(size=3, root_b64="!", mode="exclude")

    assert belief.cut_root(cut) == b""
    refused("cut", Served(log(2), KEY), cut=cut)


def test_a_dictionary_that_needs_a_dictionary_is_refused() -> None:
    """It could be read in a circle."""
    body = facts.encode(facts.JournalDictionary(name="x", dictionary=b"d" * 64))
    first = Owned.envelope(1, "journal.dictionary.1", body)
    second = Owned.envelope(2, "journal.dictionary.1", body, dictionary=1)

    assert "entry 2" in refused("entry", Served([log(0)[0], first, second], KEY))


def redaction(act: int, target: int, stored: bytes, **change: Any) -> bytes:
    """Return an entry that removes another one."""
    return Owned.redaction(Owned.__new__(Owned), act, target, stored, **change)


def test_a_redaction_is_held_to_what_it_removes() -> None:
    """Whoever could remove what he does not name exactly could remove anything."""
    one, two, three = (one or b"" for one in log(3)[1:])
    opened = log(0)[0] or b""
    said = facts.encode(facts.JournalDictionary(name="x", dictionary=b"d" * 64))
    journal = Owned.envelope(3, "journal.dictionary.1", said)
    act = Owned.envelope(1, "crisis.note.1", b"\x80")
    for stored, why in (
        ([opened, one, two, three, redaction(4, 9, one)], "earlier"),
        ([opened, one, two, three, redaction(4, 1, one, leaf=bytes(32))], "leaf"),
        ([opened, one, two, redaction(3, 1, one), redaction(4, 1, one)], "not redacted before"),
        ([opened, one, two, three, redaction(4, 1, two, leaf=leaf_hash(one))], "restate"),
        ([opened, one, two, journal, redaction(4, 3, journal)], "journal itself"),
        ([opened, act, two, three, redaction(4, 1, one, leaf=leaf_hash(act))], "restate"),
    ):
        assert why in refused("removed", Served(stored, KEY))


def test_blobs_that_cannot_be_had_are_left_for_later() -> None:
    """A document that is missing must not keep back the entries."""
    store = Copy().store
    terms = Terms("c", 1, KEY.verifier, None, None, True, True, Quota(), 1 << 40, 50)
    wanted = {at: sha256(b"%d" % at).digest() for at in range(3)}

    class Some:
        def __init__(self, gone: bool) -> None:
            self.gone = gone

        def get(self, path: str, limit: int) -> bytes | None:
            if self.gone:
                raise SourceGone("expected more")
            return b"1" if path.endswith(wanted[1].hex()[2:]) else None

        def close(self) -> None:
            pass

    assert drive(Some(gone=True), fetch_blobs(store, terms, wanted)) == 0
    assert drive(Some(gone=False), fetch_blobs(store, terms, wanted)) == 1
    assert [store.has_blob(digest) for digest in wanted.values()] == [False, True, False]
