"""What became of an act whose reply was lost: the journal knows, whatever the web forgot.

An entry of care holds the key of its form (`act`), so that it can be found again.
"""

from pathlib import Path

import msgspec

from releve.journal.entry import Draft, Receipt
from releve.journal.folder import own_log
from releve.journal.reader import LogReader

__all__ = ["IN_FLIGHT_MS", "act_in", "find_act"]

# The recorder answers within its own limit or has died; what it made durable can then be read.
IN_FLIGHT_MS = 40_000
# Clocks of two processes of one machine.
_SLACK_MS = 5_000
_PIECE = 2_000
# Far beyond what a night holds between a lost reply and its repetition.
_LOOKED_AT_MAX = 400_000


class _Acts(msgspec.Struct):
    act: str = ""


_decode = msgspec.msgpack.Decoder(_Acts).decode


def _act_of(body: bytes) -> str:
    try:
        return _decode(body).act
    except (msgspec.DecodeError, msgspec.ValidationError, ValueError):
        return ""


def act_in(draft: Draft, key: str) -> str:
    """Return the key of the form when the entry holds it, "" when it could not be found again by it."""
    return key if key and _act_of(draft.body) == key else ""


def find_act(data: Path, act: str, *, author: str, since_ms: int) -> Receipt | None:
    """Return where the island's own log holds this act of this author, None when it does not.

    `since_ms` is when the form was first taken; nothing older is read.

    Raises:
        JournalError, OSError: the log cannot be read.
    """
    with LogReader(own_log(data).path) as reader:
        end = reader.size
        stop = max(0, end - _LOOKED_AT_MAX)
        while end > stop:
            start = max(stop, end - _PIECE)
            found = [entry for entry in reader.read(start, _PIECE, lane="act") if entry.index < end]
            for entry in reversed(found):
                if entry.author == author and _act_of(entry.body) == act:
                    return Receipt(entry.origin, entry.epoch, entry.index, entry.recorded_at_us)
            if found and found[0].recorded_at_us // 1000 < since_ms - _SLACK_MS:
                return None
            end = start
    return None
