r"""Files of messages: FHS/BHS/BTS/FTS batches, several bare messages, MLLP blocks written to a file.

Source: HL7 v2.9 chapter 2, §2.10.3 HL7 batch protocol.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# What begins a message or belongs to the envelope, where it stands at the beginning of a line.
_HEADER = re.compile(rb"(?:MSH|FHS|BHS|BTS|FTS)(?![0-9A-Za-z \t\x80-\xff])")
# What begins with the header of a file or of a batch, not with a message.
_ENVELOPE = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*(?:FHS|BHS)(?![0-9A-Za-z \t\x80-\xff])")
_AROUND = b"\x0b\x1c\r\n"  # VT and FS stand where blocks were kept as they came
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NAMES = (b"MSH", b"FHS", b"BHS", b"BTS", b"FTS")
# What one frame may hold and still be split: each message is an entry and has its acknowledgement in one answer.
FRAME_MESSAGES_MAX = 4096


@dataclass(frozen=True, slots=True)
class Batch:
    """The messages of a file, in order, and what does not add up in it."""

    messages: tuple[bytes, ...]  # slices of the file, byte for byte
    warnings: tuple[str, ...]  # a place and an expectation, in English; no value of a patient
    header: bytes = b""  # the first BHS, else the first FHS, without its line end; b"" where there is neither


def is_batch(data: bytes) -> bool:
    r"""Return whether `data` begins with the header of a file or batch; a byte order mark may stand before.

    >>> is_batch(b"BHS|^~\\&\rMSH|^~\\&\r"), is_batch(b"MSH|^~\\&\rMSH|^~\\&\r")
    (True, False)
    """
    return _ENVELOPE.match(data) is not None


def split_batch(data: bytes, *, messages_max: int | None = None) -> Batch:
    r"""Return the messages in `data`; counts that differ, and lines that belong to no message, are warnings.

    A message reaches to the next header or trailer, its last line end included; delimiters of MLLP blocks
    and blank lines between messages belong to none. A cut or wrong message in the middle is returned like
    the others: the reader says what is wrong with it, the ones after it are not lost.

    Headers and trailers may be left out, and their counts too (all optional in the standard). What was begun has
    to be ended, though: behind an FHS or BHS every message is followed by a BTS or FTS, and a BHS by its BTS, or
    nobody could tell that the rest is missing.

    Where more than `messages_max` may stand nothing is split, and a warning says so.

    >>> batch = split_batch(b"BHS|^~\\&\rMSH|^~\\&|A\rPID|\rMSH|^~\\&|B\rBTS|3\r")
    >>> batch.messages
    (b'MSH|^~\\&|A\rPID|\r', b'MSH|^~\\&|B\r')
    >>> batch.warnings
    ('batch 1, BTS-1: expected 3 messages, 2 are here',)
    """
    if messages_max is not None and max(map(data.count, _NAMES)) > messages_max:
        return Batch((), (f"batch: expected up to {messages_max} messages",))
    marks = list(_marks(data))
    messages: list[bytes] = []
    warnings: list[str] = []
    if not marks:
        return Batch(
            (), ("file: expected a line that begins with MSH",) if data.strip(_AROUND + b" \t") else ()
        )
    before = data[: marks[0][0]].replace(_BYTE_ORDER_MARK, b"").strip(_AROUND + b" \t")
    if before:
        warnings.append(f"start of the file: expected a header, {len(before)} bytes belong to no message")
    batches = in_batch = 0
    open_batch = enveloped = False
    headers: dict[bytes, bytes] = {}
    ends = [start for start, _ in marks[1:]] + [len(data)]
    for (start, name), end in zip(marks, ends, strict=True):
        if name == b"MSH":
            messages.append(_trimmed(data[start:end]))
            if not in_batch and not open_batch:
                batches += 1  # one without header
            in_batch += 1
            continue
        line, *others = data[start:end].strip(_AROUND + b" \t").splitlines() or [b""]
        if others:
            place = name.decode("ascii")
            warnings.append(f"after {place}: expected a message, {len(others)} lines belong to none")
        if name in (b"FHS", b"BHS"):
            headers.setdefault(name, line)
            if open_batch or (enveloped and in_batch):
                warnings.append(f"batch {batches}: expected a BTS at its end")
            enveloped = True
            batches = 0 if name == b"FHS" else batches + 1
            in_batch, open_batch = 0, name == b"BHS"
        elif name == b"BTS":
            if not in_batch and not open_batch:
                batches += 1
            _compare(warnings, f"batch {batches}, BTS-1", line, in_batch, "messages")
            in_batch, open_batch = 0, False
        else:
            if open_batch:
                warnings.append(f"batch {batches}: expected a BTS at its end")
            _compare(warnings, "file, FTS-1", line, batches, "batches")
            batches = in_batch = 0
            open_batch = False
    if open_batch or (enveloped and in_batch):
        warnings.append(f"batch {batches}: expected a BTS at its end")
    return Batch(tuple(messages), tuple(warnings), headers.get(b"BHS") or headers.get(b"FHS") or b"")


def _marks(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield where headers and trailers begin, and their names."""
    # Searched by name: a pattern that asks for the line end first takes seven times as long on base64.
    for match in _HEADER.finditer(data):
        before = match.start()
        while before and data[before - 1] in b" \t":
            before -= 1
        if not before or data[before - 1] in _AROUND or data[max(before - 3, 0) : before] == _BYTE_ORDER_MARK:
            yield match.start(), match[0]


def _trimmed(block: bytes) -> bytes:
    """Return `block` with one line end at most, and without what stands between messages."""
    kept = block.rstrip(_AROUND + b" \t")
    while kept.endswith(_BYTE_ORDER_MARK):  # files with marks, put one behind the other
        kept = kept[: -len(_BYTE_ORDER_MARK)].rstrip(_AROUND + b" \t")
    # Blanks at the end of the last field belong to the message: look for the first line end behind it.
    end = len(kept)
    while block[end : end + 1] in (b" ", b"\t"):
        end += 1
    if block[end : end + 2] == b"\r\n":
        return block[: end + 2]
    return block[: end + 1] if block[end : end + 1] in (b"\r", b"\n") else block[:end]


def _compare(warnings: list[str], place: str, line: bytes, found: int, what: str) -> None:
    announced = line[4:].split(line[3:4] or b"|", 1)[0].strip()
    if not announced:
        return
    if not announced.isdigit() or len(announced) > 9:
        warnings.append(f"{place}: expected a number")
    elif int(announced) != found:
        warnings.append(f"{place}: expected {int(announced)} {what}, {found} are here")
