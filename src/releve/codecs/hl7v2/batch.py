r"""Files of messages: FHS/BHS/BTS/FTS batches, several bare messages, MLLP blocks written to a file.

Source: HL7 v2.9 chapter 2, §2.10.3 HL7 batch protocol.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# A line that begins a message or belongs to the envelope; VT and FS stand where blocks were kept as they came.
_HEADER = re.compile(
    rb"(?:\A|(?<=[\r\n\x0b\x1c])|(?<=\xef\xbb\xbf))[ \t]*(MSH|FHS|BHS|BTS|FTS)(?![0-9A-Za-z \t\x80-\xff])",
    re.MULTILINE,
)
_AROUND = b"\x0b\x1c\r\n"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Batch:
    """The messages of a file, in order, and what does not add up in it."""

    messages: tuple[bytes, ...]  # slices of the file, byte for byte
    warnings: tuple[str, ...]  # a place and an expectation, in English; no value of a patient


def split_batch(data: bytes) -> Batch:
    r"""Return the messages in `data`; counts that differ, and lines that belong to no message, are warnings.

    A message reaches to the next header or trailer, its last line end included; delimiters of MLLP blocks
    and blank lines between messages belong to none. A cut or wrong message in the middle is returned like
    the others: the reader says what is wrong with it, the ones after it are not lost.

    >>> batch = split_batch(b"BHS|^~\\&\rMSH|^~\\&|A\rPID|\rMSH|^~\\&|B\rBTS|3\r")
    >>> batch.messages
    (b'MSH|^~\\&|A\rPID|\r', b'MSH|^~\\&|B\r')
    >>> batch.warnings
    ('batch 1, BTS-1: expected 3 messages, 2 are here',)
    """
    marks = [(match.start(1), match[1]) for match in _HEADER.finditer(data)]
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
    open_batch = False
    ends = [start for start, _ in marks[1:]] + [len(data)]
    for (start, name), end in zip(marks, ends, strict=True):
        if name == b"MSH":
            messages.append(_trimmed(data[start:end]))
            in_batch += 1
            continue
        line, *others = data[start:end].strip(_AROUND + b" \t").splitlines() or [b""]
        if others:
            place = name.decode("ascii")
            warnings.append(f"after {place}: expected a message, {len(others)} lines belong to none")
        if name == b"FHS":
            batches = in_batch = 0
        elif name == b"BHS":
            if open_batch:
                warnings.append(f"batch {batches}: expected a BTS at its end")
            batches += 1
            in_batch, open_batch = 0, True
        elif name == b"BTS":
            batches = max(batches, 1)
            _compare(warnings, f"batch {batches}, BTS-1", line, in_batch, "messages")
            in_batch, open_batch = 0, False
        else:
            _compare(warnings, "file, FTS-1", line, batches, "batches")
    if open_batch:
        warnings.append(f"batch {batches}: expected a BTS at its end")
    return Batch(tuple(messages), tuple(warnings))


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
