"""The published messages, read by us and by two independent readers; each disagreement is explained here."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import hl7
import hl7kit
import pytest

from releve.codecs.hl7v2.acknowledge import acknowledgement
from releve.codecs.hl7v2.batch import split_batch
from releve.codecs.hl7v2.reader import Message, MessageError
from releve.codecs.mllp import FrameReader, frame

AT = datetime(2026, 11, 21, 3, 10, tzinfo=UTC)
WITHOUT_HEADER = {"malformed-no-msh-segment.hl7"}


class Value(NamedTuple):
    """One subcomponent: where it stands, its bytes, what we and the oracle read."""

    segment: str
    written: str
    ours: str | None
    theirs: str | None


class Explained(NamedTuple):
    """A disagreement that is theirs, or a choice of ours, and how to recognise it."""

    why: str
    holds: Callable[[Value], bool]


def _without(text: str | None, signs: str) -> str:
    return "".join(sign for sign in text or "" if sign not in signs)


PYTHON_HL7 = [
    Explained(
        "ends lines with CR where we write LF, shows indents as spaces and leaves out the line of \\.ce\\",
        lambda v: "\\." in v.written and _without(v.ours, "\n ") == _without(v.theirs, "\r "),
    ),
    Explained("marks highlighted text with underscores", lambda v: _without(v.theirs, "_") == v.ours),
    Explained(
        "drops the sequences it does not know, truncation and character sets among them: text is lost",
        lambda v: any(sequence in v.written for sequence in ("\\Z99\\", "\\P\\", "\\C2842\\")),
    ),
    Explained("does not find a segment written in small letters", lambda v: v.segment.islower()),
    Explained("strips the blanks at the end of a segment", lambda v: v.written.rstrip() == v.theirs),
    Explained(
        "keeps a value made of blanks, which says nothing", lambda v: not v.written.strip() and not v.ours
    ),
]
HL7KIT = [
    Explained(
        "leaves formatting, highlighting and truncation sequences in the text",
        lambda v: "\\" in v.written and _shown_by_hl7kit(v.written) == v.theirs,
    ),
    Explained("strips the blanks at the end of a segment", lambda v: v.written.rstrip() == (v.theirs or "")),
    Explained(
        "keeps a value made of blanks, which says nothing", lambda v: not v.written.strip() and not v.ours
    ),
]


def _shown_by_hl7kit(written: str) -> str:
    return written.replace("\\.br\\", "\n")


@pytest.fixture(scope="module")
def files(corpus: Callable[[str], Path]) -> dict[str, bytes]:
    """Return the published files, by name."""
    return {path.name: path.read_bytes() for path in sorted(corpus("hl7v2").glob("*/*.hl7"))}


@pytest.fixture(scope="module")
def messages(files: dict[str, bytes]) -> list[bytes]:
    """Return the messages of all files, batches opened."""
    return [message for data in files.values() for message in split_batch(data).messages]


def test_every_published_file_opens_unless_it_has_no_header(files: dict[str, bytes]) -> None:
    """A recorder must not refuse what hospitals send."""
    refused = set()
    for name, data in files.items():
        try:
            msg = Message(data)
        except MessageError:
            refused.add(name)
            continue
        assert msg.raw == data
        assert b"".join(segment.raw for segment in msg.all_segments()).replace(b"\r", b"").replace(
            b"\n", b""
        ) == _bare(data)

    assert refused == WITHOUT_HEADER
    assert len(files) >= 141


def _bare(data: bytes) -> bytes:
    """Return the bytes from the header on, without line ends, blanks before a segment and MLLP delimiters."""
    lines = (line.lstrip(b" \t") for line in data[data.index(b"MSH") :].splitlines())
    return b"".join(lines).replace(b"\x1c", b"")


def test_every_published_file_is_answered_with_its_own_control_id(files: dict[str, bytes]) -> None:
    """The sender waits for it."""
    for name, data in files.items():
        answer = Message(acknowledgement(data, code="AA", sent_at=AT, control_id="1"))

        assert answer.kind == "ACK"
        if name in WITHOUT_HEADER:
            assert answer["MSA-1"] == "AR"
        else:
            asked = Message(data)
            assert answer["MSA-1"] == "AA"
            assert answer["MSA-2"] == asked["MSH-10"], name
            assert answer.charset_declared == asked.charset_declared
            assert answer.sending_application == (asked["MSH-5.1"] or "")


def test_every_message_passes_the_wire_unchanged(messages: list[bytes]) -> None:
    """Byte for byte, in small reads, several in one stream."""
    stream = b"".join(map(frame, messages))
    reader = FrameReader()

    received = [
        block for at in range(0, len(stream), 1000) for block in reader.receive(stream[at : at + 1000])
    ]

    assert received == messages
    assert len(messages) >= 141


def test_python_hl7_reads_the_same_values(messages: list[bytes], caplog: pytest.LogCaptureFixture) -> None:
    """An independent reader, field by field; the table above holds what differs, and nothing else may."""
    caplog.set_level(logging.CRITICAL, logger="hl7")  # it prints a trace for each sequence it drops
    used: Counter[str] = Counter()
    compared = 0
    for raw in messages:
        theirs = hl7.parse(raw.decode().replace("\r\n", "\r").replace("\n", "\r"))

        def ask(*place: object, theirs: hl7.Message = theirs) -> str | None:
            try:
                return theirs.extract_field(*place) or None
            except KeyError:
                return None

        for value in _values(Message(raw), ask):
            compared += 1
            _explain(value, PYTHON_HL7, used)

    assert compared > 50_000
    assert set(used) == {explained.why for explained in PYTHON_HL7}


def test_hl7kit_reads_the_same_values(messages: list[bytes]) -> None:
    """Another one, in another language."""
    used: Counter[str] = Counter()
    compared = 0
    for raw in messages:
        theirs = hl7kit.parse(raw)

        def ask(*place: object, theirs: hl7kit.Message = theirs) -> str | None:
            return theirs.get("{}[{}]-{}[{}].{}.{}".format(*place)) or None

        for value in _values(Message(raw), ask):
            compared += 1
            _explain(value, HL7KIT, used)
        assert [segment.name for segment in Message(raw).all_segments()] == [
            name.upper() for name in theirs.segments()
        ]

    assert compared > 50_000
    assert set(used) == {explained.why for explained in HL7KIT}


def _values(msg: Message, ask: Callable[..., str | None]) -> Iterator[Value]:
    """Walk every subcomponent of a message; MSH-1 and MSH-2 are no values."""
    signs = msg.separators
    counts: Counter[str] = Counter()
    for segment in msg.all_segments():
        counts[segment.name] += 1
        for field in range(3 if segment.name == "MSH" else 1, len(segment) + 1):
            for r, repetition in enumerate(
                segment.raw_field(field).decode().split(signs.repetition), start=1
            ):
                for c, component in enumerate(repetition.split(signs.component), start=1):
                    for s, written in enumerate(component.split(signs.subcomponent), start=1):
                        ours = segment[f"{field}[{r}].{c}.{s}"]
                        theirs = ask(segment.name, counts[segment.name], field, r, c, s)
                        yield Value(segment.raw[:3].decode(), written, ours, theirs)


def _explain(value: Value, table: list[Explained], used: Counter[str]) -> None:
    if value.ours == value.theirs:
        return
    reasons = [explained.why for explained in table if explained.holds(value)]
    assert reasons, f"unexplained: {value}"
    used[reasons[0]] += 1
