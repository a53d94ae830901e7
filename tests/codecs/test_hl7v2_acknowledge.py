"""The answer: its sender must find its own message in it, whatever the header looked like."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from releve.codecs.hl7v2.acknowledge import acknowledgement
from releve.codecs.hl7v2.reader import Message

AT = datetime(2026, 11, 21, 3, 10, tzinfo=timezone(timedelta(hours=1)))


def test_the_answer_echoes_what_the_sender_needs() -> None:
    """Engines match MSA-2, and many refuse an answer in another version or character set."""
    raw = (
        b"MSH|^~\\&#|DPI^1.2^ISO|CHU|LABO|GHT|20261121||ADT^A01^ADT_A01|4\xe92|T^A|2.5^FRA"
        b"|||AL|NE|FRA|8859/15\rPID|1\r"
    )

    answer = Message(acknowledgement(raw, code="AA", sent_at=AT, control_id="R-1"))

    assert answer["MSH-2"] == "^~\\&#"
    assert [answer[f"MSH-{n}"] for n in (3, 4, 5, 6)] == ["LABO", "GHT", "DPI^1.2^ISO", "CHU"]
    assert answer["MSH-7"] == "20261121031000+0100"
    assert (answer["MSH-9"], answer.control_id) == ("ACK^A01^ACK", "R-1")
    assert (answer["MSH-11"], answer["MSH-12"], answer.charset_declared) == ("T^A", "2.5^FRA", "8859/15")
    assert (answer["MSA-1"], answer["MSA-2"]) == ("AA", "4é2")
    assert [segment.name for segment in answer.all_segments()] == ["MSH", "MSA"]


def test_the_answer_uses_the_separators_of_the_message() -> None:
    """A sender with its own separators reads no others."""
    raw = b"MSH@~&#\\@A@B@C@D@2026@@ADT~A01~ADT_A01@M7@P@2.5\r"

    answer = acknowledgement(raw, code="AR", sent_at=AT, control_id="1", text="disk@full")

    assert answer == (b"MSH@~&#\\@C@D@A@B@20261121031000+0100@@ACK~A01~ACK@1@P@2.5\rMSA@AR@M7@disk#F#full\r")


@pytest.mark.parametrize(
    ("raw", "acknowledged"),
    [
        (b"MSH|^~", ""),
        (b"MSH", ""),
        (b"MSH|^~|A|B|C|D|2026||ADT^A01|M8|P|2.5", "M8"),
        (b"\xef\xbb\xbfMSH|^~\\&|A|B|C|D|2026||ADT|M9", "M9"),
        (b"\r\n MSH|^~\\&|A|B|C|D|2026||ADT^A01|M10|P|2.5\nPID|", "M10"),
        (b"BHS|^~\\&|A\rMSH|^~\\&|A|B|C|D|2026|||M11|P|2.5\rPID|", "M11"),
    ],
)
def test_odd_headers_are_answered(raw: bytes, acknowledged: str) -> None:
    """A sender without an answer stops, or repeats for ever."""
    answer = Message(acknowledgement(raw, code="CA", sent_at=AT, control_id="1"))

    assert answer.kind == "ACK"
    assert answer["MSA-1"] == "CA"
    assert (answer["MSA-2"] or "") == acknowledged
    assert answer["MSH-12"]


@pytest.mark.parametrize(("code", "said"), [("AA", "AR"), ("CA", "CR"), ("AE", "AE")])
def test_bytes_without_header_are_never_accepted(code: str, said: str) -> None:
    """An acceptance that names no message could be taken for that of another one."""
    answer = Message(acknowledgement(b"PID|1", code=code, sent_at=AT, control_id="1", text="no MSH"))  # type: ignore[arg-type]

    assert (answer["MSA-1"], answer["MSA-2"], answer["MSA-3"]) == (said, None, "no MSH")


def test_the_hour_carries_its_offset() -> None:
    """02:30 comes twice a year; the offset says which."""
    raw = b"MSH|^~\\&|A|B|C|D|2026||ADT^A01|M8|P|2.5\r"

    in_utc = acknowledgement(raw, code="AA", sent_at=AT.astimezone(UTC), control_id="1")
    west = acknowledgement(
        raw, code="AA", sent_at=AT.astimezone(timezone(-timedelta(hours=3.5))), control_id="1"
    )

    assert Message(in_utc)["MSH-7"] == "20261121021000+0000"
    assert Message(west)["MSH-7"] == "20261120224000-0330"
