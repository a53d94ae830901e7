import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from releve.journal import entry as entries
from releve.journal.entry import (
    BODY_BYTES_MAX,
    STORED_BYTES_MAX,
    Draft,
    Envelope,
    Packer,
    Submission,
    Unpacker,
    check,
)
from releve.journal.errors import DraftRefused, EntryError
from releve.journal.folder import shipped_dictionary
from releve.journal.train import messages, train

ENVELOPE = Envelope(
    1, "centre", 1, 7, 1000, 2, None, 1_000_000, "w:12", "releve 0", "screen", "paper.printed.1",
    ("ward:UF1",), b"s" * 16, entries.RAW, None, 3, b"abc",
)  # fmt: skip


def test_the_stored_bytes_are_the_array_the_page_describes() -> None:
    """docs/reference/journal.md is what a stranger has in ten years; the order of the places is the format."""
    assert msgspec.msgpack.decode(entries.encode(ENVELOPE)) == [
        1, "centre", 1, 7, 1000, 2, None, 1_000_000, "w:12", "releve 0", "screen", "paper.printed.1",
        ["ward:UF1"], b"s" * 16, 0, None, 3, b"abc",
    ]  # fmt: skip


@given(st.integers(-(2**63), 2**64 - 1), st.text(max_size=20), st.binary(max_size=50), st.lists(st.text()))
def test_an_envelope_survives_storing(number: int, text: str, body: bytes, subjects: list[str]) -> None:
    """Whatever was received must come back, byte for byte."""
    envelope = msgspec.structs.replace(
        ENVELOPE, recorded_at_us=number, author=text, body=body, subjects=tuple(subjects)
    )

    assert entries.decode(entries.encode(envelope)) == envelope


def test_places_added_by_a_later_release_are_ignored() -> None:
    """Version N reads what N+1 wrote, as long as N+1 only appends places."""
    stored = msgspec.msgpack.encode([*msgspec.msgpack.decode(entries.encode(ENVELOPE)), "new", 4])

    assert entries.decode(stored) == ENVELOPE


def test_an_entry_of_a_later_format_is_carried_not_understood() -> None:
    """An older island must keep and pass on what a newer one wrote."""
    stored = msgspec.msgpack.encode([2, "centre", 1, 7, {"all": "different"}])

    envelope = entries.decode(stored)

    assert (envelope.version, envelope.index, envelope.kind) == (2, 7, entries.UNREADABLE)
    assert envelope.body == stored


@pytest.mark.parametrize(
    "stored",
    [b"", b"\xc1", b"\x01", msgspec.msgpack.encode([1, "o", 1]), msgspec.msgpack.encode([1, "o", 1, 1]),
     msgspec.msgpack.encode([2, 3, 1, 1]), msgspec.msgpack.encode([True, "o", 1, 1])],
)  # fmt: skip
def test_bytes_that_are_no_entry_are_refused(stored: bytes) -> None:
    """Damage must be named, never read as something else."""
    with pytest.raises(EntryError):
        entries.decode(stored)


@given(st.binary(max_size=5000))
def test_a_body_survives_packing(body: bytes) -> None:
    """Rule 1 of the house: never alter a received byte."""
    dictionary = shipped_dictionary()[1]
    packer, unpacker = Packer(1, dictionary), {None: Unpacker(b""), 1: Unpacker(dictionary)}

    encoding, index, packed = packer.pack(body)

    envelope = msgspec.structs.replace(
        ENVELOPE, encoding=encoding, dictionary=index, size=len(body), body=packed
    )
    assert unpacker[index].unpack(envelope) == body
    assert len(packed) <= len(body)


def test_a_bomb_is_not_unpacked() -> None:
    """A pulled entry may claim 10 bytes and hold a gigabyte."""
    _, _, packed = Packer(None, b"").pack(b"0" * 1_000_000)
    for size in (10, 999_999, 1_000_000, 1_000_001, -1):
        envelope = msgspec.structs.replace(ENVELOPE, encoding=entries.ZSTD, size=size, body=packed)
        with pytest.raises(EntryError):
            Unpacker(b"").unpack(envelope)


def test_a_body_that_disagrees_with_its_envelope_is_refused() -> None:
    """Size, encoding and frame are checked before anyone folds the body."""
    for changed in ({"size": 4}, {"encoding": 9}, {"encoding": entries.ZSTD}):
        with pytest.raises(EntryError):
            Unpacker(b"").unpack(msgspec.structs.replace(ENVELOPE, **changed))


def test_lanes_follow_the_kind() -> None:
    """Acts are folded before feeds: a declared cut must not wait behind a million messages."""
    assert [entries.lane_of(kind) for kind in ("message.hl7v2", "initial.census", "crisis.cut.1")] == [
        "feed", "feed", "act",
    ]  # fmt: skip
    assert Draft(kind="paper.x", body=b"", source="s").lane == "act"


@pytest.mark.parametrize(
    "refused",
    [
        Submission("journal.opened.1", b"", "s"),
        Submission("Kind", b"", "s"),
        Submission("", b"", "s"),
        Submission("k" * 81, b"", "s"),
        Submission("k", b"", "s" * 201),
        Submission("k", b"", "s", "a" * 201),
        Submission("k", b"", "s", subjects=("x",) * 33),
        Submission("k", b"", "s", subjects=("x" * 201,)),
        Submission("k", b"", "s", occurred_at_us=1 << 63),
        Submission("k", b"0" * (BODY_BYTES_MAX + 1), "s"),
        Submission("k", b"0" * 31, "s", blob_bytes=BODY_BYTES_MAX + 1),
        Submission("k", b"0" * 32, "s", blob_bytes=BODY_BYTES_MAX),
    ],
)
def test_what_cannot_be_stored_is_refused_in_words(refused: Submission) -> None:
    """A limit found in the middle of a commit would take the others of the batch with it."""
    with pytest.raises(DraftRefused, match=r"expected|journal"):
        check(refused)


def test_the_largest_draft_fits_one_entry() -> None:
    """The check promises it, so that no commit can fail on size."""
    largest = Submission(
        "k" * 80, b"0" * BODY_BYTES_MAX, "\U0001f600" * 200, "\U0001f600" * 200, 0, ("\U0001f600" * 200,) * 32
    )
    check(largest)

    stored = entries.encode(
        msgspec.structs.replace(
            ENVELOPE, kind=largest.kind, body=largest.body, source=largest.source, author=largest.author,
            subjects=largest.subjects, size=len(largest.body),
        )
    )  # fmt: skip

    assert len(stored) <= STORED_BYTES_MAX


def test_a_redacted_envelope_keeps_nothing_of_the_body() -> None:
    """Without the salt, not even guessing the body and hashing it tells whether the guess was right."""
    restated = entries.decode(entries.redacted(ENVELOPE))

    assert (restated.salt, restated.body) == (b"", b"")
    assert restated.index == ENVELOPE.index


def test_messages_are_told_apart_for_training() -> None:
    """A dictionary trained on one blob of many messages would learn nothing."""
    assert messages(b"\x0bMSH|1\nPID|1\r\n\x1c\rMSH|2\r") == [b"MSH|1\rPID|1\r", b"MSH|2\r"]
    samples = [b"MSH|%d|the same words in every message|%d\r" % (number, number) for number in range(500)]
    assert train(samples, 1024) == train(samples, 1024)
