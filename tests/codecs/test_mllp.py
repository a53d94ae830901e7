"""The blocks of MLLP: what hospitals really put on the wire, and what must never fill the memory."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releve.codecs.mllp import OUTSIDE_BYTES_MAX, FrameError, FrameReader, frame

ADMISSION = "MSH|^~\\&|DPI|CHU|||2026||ADT^A01|1|P|2.5||||||UNICODE UTF-8\rPID|||||LEFÈVRE\r".encode()
RESULT = b"MSH|^~\\&|LABO|CHU|||2026||ORU^R01|2|P|2.5\rOBX|1|NM\r"

# A block may hold every byte but FS; a VT is text unless a header follows.
payloads = st.binary(max_size=60).map(lambda data: data.replace(b"\x1c", b"").replace(b"\x0b", b""))

# Bytes that mean something to the reader, and some that do not, in any order.
scraps = st.sampled_from([b"\x0b", b"\x1c", b"\r", b"MSH|", b"MS", b"H", b"\xef", b"\xbb\xbf", b"a", b"\x00"])


@pytest.mark.parametrize(
    "wire",
    [
        pytest.param(b"\x0b%b\x1c\r", id="standard"),
        pytest.param(b"\x0b%b\x1c", id="FS without CR"),
        pytest.param(b"\x0b%b\x1c\n", id="FS LF"),
        pytest.param(b"\r\n\x0b%b\x1c\r\n", id="CRLF around"),
        pytest.param(b"\xef\xbb\xbf\x0b%b\x1c\r", id="byte order mark before VT"),
        pytest.param(b"HELLO\r\n\x0b%b\x1c\r", id="text before VT"),
        pytest.param(b"\x0bMSH|^~\\&|given up\x0b%b\x1c\r", id="begun twice"),
    ],
)
def test_every_form_of_block_gives_its_message(wire: bytes) -> None:
    """A feed that is refused over one byte is a ward without results."""
    stream = (wire % ADMISSION) + (wire % RESULT)

    together = FrameReader().receive(stream)
    byte_by_byte = FrameReader()
    apart = [frame for byte in stream for frame in byte_by_byte.receive(bytes([byte]))]

    assert together == [ADMISSION, RESULT]
    assert apart == together


def test_a_block_is_complete_at_fs_and_the_late_cr_is_swallowed() -> None:
    """Some engines wait for the answer before they send the CR: waiting for it would block both for ever."""
    reader = FrameReader()

    at_fs = reader.receive(b"\x0b" + ADMISSION + b"\x1c")
    at_cr = reader.receive(b"\r")
    next_block = reader.receive(b"\x0b" + RESULT + b"\x1c\r")

    assert (at_fs, at_cr, next_block) == ([ADMISSION], [], [RESULT])
    assert reader.outside_bytes == 0


@given(st.lists(payloads, max_size=4), st.integers(min_value=1, max_value=80))
def test_cuts_between_reads_change_nothing(messages: list[bytes], read_size: int) -> None:
    """TCP promises bytes, not borders."""
    stream = b"".join(frame(message) for message in messages)
    reader = FrameReader()

    received = [
        block
        for start in range(0, len(stream), read_size)
        for block in reader.receive(stream[start : start + read_size])
    ]

    assert received == messages
    assert reader.pending_bytes == 0


@given(st.lists(st.lists(scraps, max_size=6).map(b"".join), max_size=8))
def test_any_bytes_are_survived_and_cuts_change_nothing(reads: list[bytes]) -> None:
    """Anything may knock at the port."""
    apart, together = FrameReader(), FrameReader()

    one_by_one = [block for data in reads for block in apart.receive(data)]
    at_once = together.receive(b"".join(reads))

    assert one_by_one == at_once
    assert apart.pending_bytes == together.pending_bytes
    assert apart.abandoned_frames == together.abandoned_frames


def test_what_is_dropped_outside_of_blocks_is_counted() -> None:
    """Somebody has to see that a sender puts text where none belongs."""
    reader = FrameReader()

    reader.receive(b"HELLO\r\n\x0b" + ADMISSION + b"\x1c\rBYE")

    assert reader.outside_bytes == len("HELLOBYE")


def test_a_vertical_tab_in_a_report_stays_in_the_report() -> None:
    """Word processors write VT as a line break; a report cut there would be acknowledged without its end."""
    report = b"MSH|^~\\&|CR|||||MDM^T02|3|P|2.5\rOBX|1|TX|||first line\x0bsecond line\r"

    assert FrameReader().receive(frame(report)) == [report]


def test_a_block_given_up_is_counted_and_only_the_new_one_is_returned() -> None:
    """The sender repeats what it gave up: half of it must not be taken for a message."""
    reader = FrameReader()

    blocks = reader.receive(b"\x0b" + ADMISSION[:30] + b"\x0b" + ADMISSION + b"\x1c\r")

    assert blocks == [ADMISSION]
    assert reader.abandoned_frames == 1


def test_a_block_without_end_is_refused_within_bounded_memory() -> None:
    """A 1 GiB frame must cost its sender the connection, not the island its memory."""
    reader = FrameReader(frame_bytes_max=1000)
    reader.receive(b"\x0b" + b"A" * 900)

    with pytest.raises(FrameError, match="within 1000 bytes"):
        reader.receive(b"A" * 200)

    assert reader.pending_bytes == 0
    with pytest.raises(FrameError):
        reader.receive(b"\x0b" + RESULT + b"\x1c\r")


def test_endless_garbage_is_refused_and_nothing_of_it_is_kept() -> None:
    """A TLS greeting on the plain port ends in one clear line, not in a connection open for ever."""
    reader = FrameReader()
    reader.receive(b"x" * OUTSIDE_BYTES_MAX)
    assert reader.pending_bytes == 0

    with pytest.raises(FrameError, match="start of block"):
        reader.receive(b"x")


def test_whole_messages_before_a_fault_are_returned_first() -> None:
    """They arrived; storing and answering them is owed whatever follows."""
    reader = FrameReader(frame_bytes_max=200)

    blocks = reader.receive(frame(RESULT) + b"\x0b" + b"A" * 300)

    assert blocks == [RESULT]
    with pytest.raises(FrameError):
        reader.receive(b"")


def test_errors_hold_no_received_byte() -> None:
    """Logs travel."""
    reader = FrameReader(frame_bytes_max=20)

    with pytest.raises(FrameError) as caught:
        reader.receive(b"\x0bPID|||||LEFEVRE^MARGUERITE")

    assert "LEFEVRE" not in str(caught.value)


def test_a_large_block_in_small_reads_is_copied_a_bounded_number_of_times() -> None:
    """Quadratic copying of a scanned report would stop every other sender: 8 MiB in 64-byte reads must pass."""
    block = b"\x0b" + b"A" * (8 << 20) + b"\x1c\r"
    reader = FrameReader()

    # 130,000 reads: about 0.1 s here; a reader that copies what is pending would need half an hour.
    received = [
        found for start in range(0, len(block), 64) for found in reader.receive(block[start : start + 64])
    ]

    assert [len(found) for found in received] == [8 << 20]


@pytest.mark.parametrize("payload", [b"MSH|a\x1cb", b"MSH|a\x0bMSH|b"])
def test_a_payload_that_would_break_the_block_is_not_framed(payload: bytes) -> None:
    """The peer would take one message for two."""
    with pytest.raises(FrameError):
        frame(payload)
