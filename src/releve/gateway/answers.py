"""Which acknowledgement a message asks for, and its bytes.

Original mode (MSH-15 and MSH-16 empty, as IHE PAM requires): `AA` once durable.
Enhanced mode: `CA` when MSH-15 asks for it (`AL`, `SU`). `NE` and `ER` ask for no accept acknowledgement on success:
`AA` is sent all the same, because most senders over MLLP wait for *an* answer before the next message, and a sender
that waits in vain stops; but such an answer may be left out when the sender does not read what we write.
An application acknowledgement proper (MSH-16) is not ours to give: we keep, we do not process.
Source: HL7 v2.5.1, 2.9.2 and 2.9.3; table 0155.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from releve.codecs.hl7v2.acknowledge import Code, acknowledgement

_HEADER_BYTES_MAX = 4096
_BOM = b"\xef\xbb\xbf"
_NAMELESS = b"MSH|^~\\&|||||"  # the codec's answer to what has no MSH names neither sender nor receiver


class Wish(NamedTuple):
    """What the sender asked: the codes for kept and not kept, and whether it said it wants an answer when kept."""

    kept: Code
    refused: Code
    wanted: bool


_ORIGINAL = Wish("AA", "AR", True)
_ENHANCED = {
    b"AL": Wish("CA", "CR", True),
    b"SU": Wish("CA", "CR", True),
    b"ER": Wish("AA", "CR", False),
    b"NE": Wish("AA", "AR", False),
}


def wish_of(raw: bytes) -> Wish:
    """Return what the message asks for in MSH-15 and MSH-16; without a readable MSH, original mode."""
    start = 3 if raw.startswith(_BOM) else 0
    head = raw[start : start + _HEADER_BYTES_MAX]
    if head[:3] != b"MSH":
        return _ORIGINAL
    line = head.split(b"\r", 1)[0].split(b"\n", 1)[0]
    fields = line.split(line[3:4], 16) if len(line) > 3 else []
    if len(fields) < 15:
        return _ORIGINAL
    wish = _ENHANCED.get(fields[14].strip().upper(), _ORIGINAL)
    if not wish.wanted and len(fields) > 15 and fields[15].strip().upper() in (b"AL", b"SU"):
        return wish._replace(wanted=True)  # no accept, but an application answer: AA is what it waits for
    return wish


def answer(raw: bytes, code: Code, *, sent_at: datetime, control_id: str, text: str = "") -> bytes:
    """Return the acknowledgement of `raw` (no frame).

    Without a readable MSH it is a minimal one with an empty MSA-2. It still says `AA` for what was kept: the bytes
    are in the journal, are listed as not understood, and a refusal would make the sender repeat them for ever.
    """
    made = acknowledgement(raw, code=code, sent_at=sent_at, control_id=control_id, text=text)
    if made.startswith(_NAMELESS) and code in ("AA", "CA"):
        # The codec answers a refusal to what names no message; keeping it is our decision, not the codec's.
        return made.replace(b"\rMSA|AR|", b"\rMSA|AA|").replace(b"\rMSA|CR|", b"\rMSA|AA|")
    return made
