"""MLLP: the blocks that carry HL7 v2 over a TCP connection.

Source: HL7 Transport Specification MLLP Release 1, block format.
"""

from __future__ import annotations

START_BLOCK = b"\x0b"
END_BLOCK = b"\x1c"
CARRIAGE_RETURN = b"\r"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

# Reports that carry a base64 CDA were seen at 820 KB; scanned PDF documents reach some megabytes.
FRAME_BYTES_MAX = 16 * 1024 * 1024
# A greeting or a stray line before VT is tolerated; more than this is another protocol (TLS, HTTP, a port scan).
OUTSIDE_BYTES_MAX = 64 * 1024

# A block that starts again: the sender gave the first one up without ending it.
_RESTARTS = tuple(
    START_BLOCK + mark + name for mark in (b"", BYTE_ORDER_MARK) for name in (b"MSH", b"FHS", b"BHS")
)


class FrameError(ValueError):
    """A connection does not carry MLLP blocks that can be kept; the connection has to be closed.

    Safe to retry: what was not acknowledged is sent again by its sender.
    """


class FrameReader:
    r"""Collect the MLLP frames of one connection.

    Opens nothing: `releve.gateway` owns the socket and hands over what it read.

    What is accepted beyond the standard, because hospitals send it:

    - FS ends a block at once, whether CR follows or not, in this read or in the next one;
    - CR, LF, spaces and a UTF-8 byte order mark between blocks pass without a word;
    - other bytes before VT are dropped and counted in `outside_bytes`;
    - VT *inside* a block is text (word processors write it as a line break) unless a header segment
      follows (`MSH`, `FHS`, `BHS`): then the sender gave up one block and began another. What came before
      was never acknowledged; it is dropped and counted in `abandoned_frames`.

    UTF-16 text may hold the bytes 0x1C and 0x0B, which the standard therefore forbids in MLLP: here FS
    always ends the block. A short UTF-16 message without those bytes passes; the reader of HL7 v2 opens it.

    Memory stays under `frame_bytes_max` plus one read, whatever arrives, and bytes are copied a bounded
    number of times however small the reads are.

    Source: HL7 Transport Specification MLLP Release 1, block format.

    >>> reader = FrameReader()
    >>> reader.receive(b"\x0bMSH|^~\\&|LA")
    []
    >>> reader.receive(b"BO\r\x1c\r")
    [b'MSH|^~\\&|LABO\r']
    """

    __slots__ = (
        "_failure",
        "_frame_bytes_max",
        "_inside",
        "_outside_run",
        "_pending",
        "_searched",
        "abandoned_frames",
        "outside_bytes",
    )

    def __init__(self, *, frame_bytes_max: int = FRAME_BYTES_MAX) -> None:
        self._frame_bytes_max = frame_bytes_max
        self._pending = bytearray()
        self._inside = False
        self._searched = 0  # bytes of `_pending` known to hold no FS
        self._outside_run = 0  # dropped bytes since the last block
        self._failure = ""
        self.outside_bytes = 0
        self.abandoned_frames = 0

    @property
    def pending_bytes(self) -> int:
        """Bytes of a block that is not ended yet; not zero at the end of a connection means a cut message."""
        return len(self._pending)

    def receive(self, data: bytes | bytearray | memoryview) -> list[bytes]:
        """Return the frames completed by `data`, oldest first, without delimiters.

        When `data` both completes frames and breaks a limit, the frames come first, the error at the next call:
        what arrived whole can still be stored and answered.

        Raises:
            FrameError: over `frame_bytes_max` in one block, or over `OUTSIDE_BYTES_MAX` outside of any block.
        """
        if self._failure:
            raise FrameError(self._failure)
        pending = self._pending
        pending += data
        frames: list[bytes] = []
        start = 0  # everything before it is settled and will be cut off once, at the end
        while True:
            if not self._inside:
                block = pending.find(START_BLOCK, start)
                self._drop(pending[start : block if block >= 0 else len(pending)])
                if block < 0 or self._failure:
                    start = len(pending)
                    break
                start = block + 1
                self._inside = True
                self._searched = 0
            end = pending.find(END_BLOCK, start + self._searched)
            size = (end if end >= 0 else len(pending)) - start
            if size > self._frame_bytes_max:
                self._fail(f"block: expected its end (FS, 0x1C) within {self._frame_bytes_max} bytes")
                start = len(pending)
                break
            if end < 0:
                self._searched = size
                break
            frames.append(self._newest_block(bytes(memoryview(pending)[start:end])))
            start = end + 1
            self._inside = False
            self._outside_run = 0
        if start:
            del pending[:start]
        if self._failure and not frames:
            raise FrameError(self._failure)
        return frames

    def _newest_block(self, block: bytes) -> bytes:
        """Return `block`, or its last part where the sender began again without ending."""
        if START_BLOCK in block:
            restart = max(block.rfind(mark) for mark in _RESTARTS)
            if restart >= 0:
                self.abandoned_frames += 1
                return block[restart + 1 :]
        return block

    def _drop(self, outside: bytearray) -> None:
        if not outside:
            return
        text = len(outside.replace(BYTE_ORDER_MARK, b"").translate(None, b"\r\n \t"))
        self.outside_bytes += text
        self._outside_run += text
        if self._outside_run > OUTSIDE_BYTES_MAX:
            self._fail(f"connection: expected a start of block (VT, 0x0B) within {OUTSIDE_BYTES_MAX} bytes")

    def _fail(self, failure: str) -> None:
        self._failure = failure
        self._inside = False


def frame(payload: bytes) -> bytes:
    r"""Return `payload` as one block, ready for the wire.

    Raises:
        FrameError: the payload holds bytes that would end the block early or begin another one.

    >>> frame(b"MSH|^~\\&|LABO\r")
    b'\x0bMSH|^~\\&|LABO\r\x1c\r'
    """
    end = payload.find(END_BLOCK)
    if end >= 0:
        raise FrameError(f"byte {end} of the payload: expected no end of block (FS, 0x1C)")
    if START_BLOCK in payload and any(mark in payload for mark in _RESTARTS):
        raise FrameError("payload: expected one message, a second start of block (VT, 0x0B) was found")
    return START_BLOCK + payload + END_BLOCK + CARRIAGE_RETURN
