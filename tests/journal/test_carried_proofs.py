"""What a later epoch restates is believed only as far as the tree that was signed proves it."""

from typing import Any

import msgspec
import pytest

from releve.journal import carried, entry, facts
from releve.journal.carried import CarriedDictionary, CarriedEntry, CarriedEpoch, Opener, read_carried
from releve.journal.entry import Entry, Envelope
from releve.journal.errors import EntryError
from releve.journal.note import Checkpoint, Signer
from releve.journal.tree import Edge, leaf_hash

KEY = Signer("releve/a/1", bytes(32))
DICTIONARY = facts.encode(facts.JournalDictionary(name="x", dictionary=b"MSH|^~\\&|" * 20))


def stored(index: int, kind: str = "message.hl7v2", body: bytes = b"MSH|x", **change: Any) -> bytes:
    """Return the stored bytes of an entry of a/1."""
    one = Envelope(
        version=1, origin="a", epoch=1, index=index, wall_ms=index + 1, counter=0, occurred_at_us=None,
        recorded_at_us=1, author="", recorder="x", source="x", kind=kind, subjects=(), salt=bytes(16), encoding=0,
        dictionary=None, size=len(body), body=body,
    )  # fmt: skip
    return entry.encode(msgspec.structs.replace(one, **change))


def told(log: list[bytes], **change: Any) -> CarriedEpoch:
    """Return the closed epoch a/1 with this log, all of it in the last, not full bundle."""
    leaves = [leaf_hash(one) for one in log]
    edge = Edge()
    edge.extend(leaves)
    note = KEY.sign(Checkpoint("releve/a/1", len(log), edge.root()).text())
    fact = CarriedEpoch(
        epoch=1, checkpoint=note, key=KEY.verifier.vkey, tiles=b"", tail=b"".join(leaves), dictionaries=()
    )
    return msgspec.structs.replace(fact, **change)


def carrier(kind: str, body: bytes) -> Entry:
    """Return an entry of the later epoch a/2."""
    return entry.opened(entry.decode(stored(9, kind, body, epoch=2)), body)


def opened(
    log: list[bytes],
    index: int,
    raw: bytes | None = None,
    *,
    log_name: str = "a/2",
    kind: str = carried.EPOCH_KIND,
    **change: Any,
) -> Entry | None:
    """Return the original of an entry that a/2 carries."""
    epoch = carrier(kind, carried.write_carried(told(log, **change)))
    fact = CarriedEntry(epoch=1, index=index, by=7, stored=log[index] if raw is None else raw, path=())
    carries = carrier(carried.FEED_KIND, carried.write_carried(fact))
    return Opener(lambda _, index: epoch, lambda digest: None).open(log_name, carries)


LOG = [stored(at, body=b"MSH|%d" % at) for at in range(5)]


def test_what_stood_in_the_tree_is_read_as_it_was() -> None:
    """The file of the week before may go."""
    original = opened(LOG, 3)

    assert original is not None
    assert (original.body, original.index) == (b"MSH|3", 3)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"checkpoint": "nothing"}, "closed epoch"),
        ({"key": Signer("releve/a/1", b"k" * 32).verifier.vkey}, "closed epoch"),
        ({"tail": b"short"}, "closed epoch"),
        ({"epoch": 3}, "earlier epoch"),
        ({"epoch": 0}, "earlier epoch"),
        ({"tail": bytes(32) * 5}, "signed root"),
        ({"tail": b"".join(leaf_hash(one) for one in LOG[:4])}, "signed root"),
        ({"tiles": bytes(32)}, "signed root"),
        ({"leaves": {0: bytes(32) * 256}}, "leaves"),
        ({"dictionaries": (CarriedDictionary(3, LOG[3], ()),)}, "dictionary"),
    ],
)
def test_an_epoch_that_its_own_key_did_not_sign_so_is_none(change: dict[str, Any], what: str) -> None:
    """Whoever holds the island's next key may not rewrite what the one before signed."""
    with pytest.raises(EntryError, match=what):
        opened(LOG, 3, **change)


def test_an_entry_that_proves_nothing_is_refused() -> None:
    """Each of these would put words into the week before."""
    twisted = [*LOG[:4], stored(9)]
    for log, index, raw, what in (
        (LOG, 3, LOG[2], "signed tree"),
        (twisted, 4, None, "origin, epoch and index"),
        ([*LOG[:4], stored(4, "journal.dictionary.1", DICTIONARY)], 4, None, "original one"),
        ([*LOG[:4], stored(4, carried.FEED_KIND, b"x")], 4, None, "original one"),
    ):
        with pytest.raises(EntryError, match=what):
            opened(log, index, raw)
    with pytest.raises(EntryError, match="closed epoch it is proved by"):
        opened(LOG, 3, kind="message.hl7v2")
    with pytest.raises(EntryError, match="earlier epoch"):
        opened(LOG, 3, log_name="b/2")


def test_a_body_whose_dictionary_was_not_carried_is_refused() -> None:
    """It could not be read any more, and must not be read as something else."""
    packed = stored(4, encoding=1, dictionary=1, size=10)

    with pytest.raises(EntryError, match="dictionary that was carried"):
        opened([*LOG[:4], packed], 4)


def test_what_is_no_carried_fact_is_refused_and_what_is_gone_is_nothing() -> None:
    """Bytes of another island reach this too."""
    for body in (b"", b"\xc1", b"\x91" * 5000):
        with pytest.raises(EntryError):
            read_carried(body)
        with pytest.raises(EntryError):
            carried.merged_epochs([body])
    with pytest.raises(EntryError):
        carried.merged_epochs([])
    gone = msgspec.structs.replace(carrier(carried.FEED_KIND, b""), redacted=True)
    opener = Opener(lambda log, index: gone, lambda digest: None)
    assert opener.open("a/2", gone) is None
    assert list(opener.open_all("a/2", [gone])) == []


def test_an_entry_of_another_epoch_than_the_one_it_is_proved_by_is_refused() -> None:
    """The place of an entry is its epoch and its index."""
    epoch = carrier(carried.EPOCH_KIND, carried.write_carried(told(LOG)))
    fact = CarriedEntry(epoch=0, index=3, by=7, stored=LOG[3], path=())
    carries = carrier(carried.FEED_KIND, carried.write_carried(fact))

    with pytest.raises(EntryError, match="epoch it is proved by"):
        Opener(lambda _, index: epoch, lambda digest: None).open("a/2", carries)
