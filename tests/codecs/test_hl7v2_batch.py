"""Batch files: every message in them, byte for byte, and a word about what does not add up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releve.codecs.hl7v2.batch import Batch, split_batch

ONE = b"MSH|^~\\&|A|||||ADT^A01|1\rPID|||1\r"
TWO = b"MSH|^~\\&|A|||||ADT^A01|2\nPID|||MSH|2  \n"
THREE = b"MSH|^~\\&|A\r\nPID|||3\r\n"


@pytest.mark.parametrize(
    ("data", "warnings"),
    [
        (ONE + TWO + THREE, 0),
        (b"\xef\xbb\xbf" + ONE + b"\r\n\r\n" + TWO + b"\xef\xbb\xbf" + THREE, 0),
        (b"\x0b" + ONE + b"\x1c\r\x0b" + TWO + b"\x1c\r\n\x0b" + THREE + b"\x1c\r", 0),
        (b"FHS|^~\\&\rBHS|^~\\&\r" + ONE + b"BTS|1\rBHS|^~\\&\r" + TWO + THREE + b"BTS|2|end\rFTS|2\r", 0),
        (b"BHS|^~\\&\r" + ONE + TWO + THREE + b"BTS|4\r", 1),
        (b"BHS|^~\\&\r" + ONE + TWO + THREE + b"BTS|many\r", 1),
        (b"BHS|^~\\&\r" + ONE + b"BHS|^~\\&\r" + TWO + THREE, 2),
        (b"FHS|^~\\&\rBHS|^~\\&\r" + ONE + TWO + THREE + b"BTS|3\rFTS|7\r", 1),
        (b"FHS|^~\\&\rBHS|^~\\&\r" + ONE + TWO + THREE + b"BTS|3\r", 0),
        (b"FHS|^~\\&\rBHS|^~\\&\r" + ONE + TWO + THREE + b"BTS\rFTS\r", 0),
        (b"FHS|^~\\&\r" + ONE + TWO + THREE + b"FTS|1\r", 0),
        (b"FHS|^~\\&\r" + ONE + b"BTS|1\r" + TWO + THREE + b"BTS|2\rFTS|2\r", 0),
        (b"FHS|^~\\&\r" + ONE + TWO + THREE, 1),
        (b"FHS|^~\\&\rBHS|^~\\&\r" + ONE + TWO + THREE + b"FTS|1\r", 1),
        (b"BHS|^~\\&\r" + ONE + TWO + b"BTS|2\r" + THREE, 1),
        (b"PID|||0\r" + ONE + TWO + THREE, 1),
        (b"BHS|^~\\&\rNTE|1||lost\r" + ONE + TWO + THREE + b"BTS|3\r", 1),
    ],
)
def test_messages_come_out_byte_for_byte(data: bytes, warnings: int) -> None:
    """They become entries of the journal: the bytes of the sender, not ours. A wrong count stops nothing."""
    batch = split_batch(data)

    assert batch.messages == (ONE, TWO, THREE)
    assert len(batch.warnings) == warnings


@pytest.mark.parametrize(
    ("data", "warnings"), [(b"", 0), (b"\r\n", 0), (b"PK\x03\x04", 1), (b"EVN|A01\rPID|1", 1)]
)
def test_a_file_without_messages_says_so(data: bytes, warnings: int) -> None:
    """Somebody dropped the wrong file and waits for patients to appear."""
    batch = split_batch(data)

    assert batch.messages == ()
    assert len(batch.warnings) == warnings


def test_a_cut_message_does_not_take_its_neighbours_along() -> None:
    """From the published samples: a header of six bytes in the middle of a batch."""
    batch = split_batch(ONE + b"MSH|^~\r" + THREE)

    assert batch.messages == (ONE, b"MSH|^~\r", THREE)


def test_more_headers_than_a_frame_may_hold_are_not_split() -> None:
    """A frame of five million bytes of headers would take the memory of all senders."""
    data = b"BHS|^~\\&\r" + ONE * 3 + b"BTS|3\r"

    assert split_batch(data, messages_max=3).messages == (ONE,) * 3
    assert split_batch(data, messages_max=2) == Batch((), ("batch: expected up to 2 messages",))
    assert split_batch(b"BHS|^~\\&\r" * 3 + b"BTS|0\r", messages_max=2).messages == ()


@given(
    st.lists(
        st.sampled_from([b"MSH|^~\\&", b"BTS|", b"BHS|", b"\r", b"\n", b"\x0b", b"\x1c", b"PID|1", b" "])
    )
)
def test_every_message_is_a_slice_of_the_file(pieces: list[bytes]) -> None:
    """Whatever the file holds, nothing is invented and nothing is read twice."""
    data = b"".join(pieces)

    position = 0
    for message in split_batch(data).messages:
        position = data.index(message, position) + len(message)

    assert position <= len(data)
