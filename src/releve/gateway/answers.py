"""Which acknowledgement a message asks for, and its bytes.

Original mode (MSH-15 and MSH-16 empty, as IHE PAM requires): `AA` once durable.
Enhanced mode: `CA` when MSH-15 asks for it (`AL`, `SU`). `NE` and `ER` ask for no accept acknowledgement on success:
`AA` is sent all the same, because most senders over MLLP wait for *an* answer before the next message, and a sender
that waits in vain stops; but such an answer may be left out when the sender does not read what we write.
An application acknowledgement proper (MSH-16) is not ours to give: we keep, we do not process.
An acknowledgement (MSH-9 is `ACK`) is never acknowledged: with a peer that did the same it would go on for ever.
Source: HL7 v2.5.1, 2.9.2 and 2.9.3; table 0155.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from releve.codecs.hl7v2.acknowledge import Code, acknowledgement, batch_acknowledgement

_HEADER_BYTES_MAX = 4096
_BOM = b"\xef\xbb\xbf"
_NAMELESS = b"MSH|^~\\&|||||"  # the codec's answer to what has no MSH names neither sender nor receiver


class Wish(NamedTuple):
    """What the sender asked: the codes for kept and not kept, and whether it said it wants an answer when kept."""

    kept: Code
    refused: Code
    wanted: bool
    answered: bool = True  # False: never, whatever becomes of it


_ORIGINAL = Wish("AA", "AR", True)
_ACKNOWLEDGEMENT = Wish("AA", "AR", wanted=False, answered=False)
_ENHANCED = {
    b"AL": Wish("CA", "CR", True),
    b"SU": Wish("CA", "CR", True),
    b"ER": Wish("AA", "CR", False),
    b"NE": Wish("AA", "AR", False),
}


def wish_of(raw: bytes) -> Wish:
    """Return what the message asks for in MSH-9, MSH-15 and MSH-16; without a readable MSH, original mode."""
    start = 3 if raw.startswith(_BOM) else 0
    head = raw[start : start + _HEADER_BYTES_MAX]
    if head[:3] != b"MSH":
        head = head.lstrip(b" \t\r\n")
        if head[:3] != b"MSH":
            return _ORIGINAL
    line = first_line(head)
    fields = line.split(line[3:4], 16) if len(line) > 3 else []
    if len(fields) > 8 and fields[8].split(fields[1][:1] or b"^", 1)[0].strip().upper() == b"ACK":
        return _ACKNOWLEDGEMENT
    if len(fields) < 15:
        return _ORIGINAL
    wish = _ENHANCED.get(fields[14].strip().upper(), _ORIGINAL)
    if not wish.wanted and len(fields) > 15 and fields[15].strip().upper() in (b"AL", b"SU"):
        return wish._replace(wanted=True)  # no accept, but an application answer: AA is what it waits for
    return wish


def first_line(raw: bytes) -> bytes:
    """Return `raw` up to its first line end."""
    return raw.split(b"\r", 1)[0].split(b"\n", 1)[0]


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


def answer_to_batch(
    header: bytes,
    heads: Sequence[bytes],
    *,
    sent_at: datetime,
    next_control_id: Callable[[], str],
    refused: str = "",
) -> bytes:
    """Return the response batch (no frame): an acknowledgement for each MSH line of `heads`, in their order.

    `header` is the BHS or FHS line; `refused` says why nothing of the batch is acknowledged as kept. b"" when all of
    them are acknowledgements.
    """
    made = []
    for head in heads:
        wish = wish_of(head)
        if wish.answered:
            code = wish.refused if refused else wish.kept
            made.append(answer(head, code, sent_at=sent_at, control_id=next_control_id(), text=refused))
    if not made:
        return b""
    return batch_acknowledgement(header, made, sent_at=sent_at, control_id=next_control_id())
