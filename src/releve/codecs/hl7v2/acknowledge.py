"""The answer to a received message: MSH and MSA, in the sender's own separators, version and character set.

Source: HL7 v2.9 chapter 2, §2.9 Message processing rules, §2.13.1 and 2.14 (MSA); table 0008. Of batches: HL7 v2.5.1,
§2.10.3.3 Acknowledging batches, option a.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from .escape import Separators, escape
from .reader import Message, MessageError

Code = Literal["AA", "AE", "AR", "CA", "CE", "CR"]

# What names no message cannot be accepted: the sender would think that one of its messages is safe.
_WITHOUT_HEADER: dict[str, str] = {"AA": "AR", "CA": "CR"}


def acknowledgement(raw: bytes, *, code: Code, sent_at: datetime, control_id: str, text: str = "") -> bytes:
    r"""Return the acknowledgement of `raw`, reading nothing but its MSH.

    Sender and receiver change places; MSH-11, MSH-12, MSH-18, MSH-10 and the separators are those of `raw`,
    byte for byte. Without an MSH the answer is a refusal (AR, CR) with an empty MSA-2.
    `control_id` is that of the answer; `text` (MSA-3) must hold no patient value.

    >>> from datetime import UTC
    >>> raw = b"MSH|^~\\&|DPI|CHU|LABO|CHU|2026||ADT^A01|42|P|2.5\rPID|"
    >>> acknowledgement(raw, code="AA", sent_at=datetime(2026, 11, 21, 3, 10, tzinfo=UTC), control_id="R1")
    b'MSH|^~\\&|LABO|CHU|DPI|CHU|20261121031000+0000||ACK^A01^ACK|R1|P|2.5\rMSA|AA|42\r'
    """
    stamp = _stamp(sent_at)
    try:
        msg = Message(raw)
    except MessageError:
        code_kept = _WITHOUT_HEADER.get(code, code)
        answer = f"MSH|^~\\&|||||{stamp}||ACK|{escape(control_id)}|P|2.5\rMSA|{code_kept}|"
        return (answer + (f"|{escape(text)}" if text else "") + "\r").encode("ascii", errors="replace")
    separators = msg.separators
    field, component = separators.field.encode("latin-1"), separators.component.encode("latin-1")
    header = msg.header.raw.split(field)
    if len(header) < 20:
        header += [b""] * (20 - len(header))
    kind = header[8].split(component, 2)
    trigger = kind[1].strip() if len(kind) > 1 else b""
    answer_kind = [b"ACK", trigger, b"ACK"] if trigger else [b"ACK"]
    ours = _encode(control_id, separators)
    fields = [b"MSH", header[1], header[4], header[5], header[2], header[3], stamp.encode(), b""]
    fields += [component.join(answer_kind), ours, header[10] or b"P", header[11] or b"2.5"]
    if header[17]:
        fields += [b"", b"", b"", b"", b"", header[17]]
    acknowledged = [b"MSA", code.encode(), header[9]]
    if text:
        acknowledged.append(_encode(text, separators))
    return field.join(fields) + b"\r" + field.join(acknowledged) + b"\r"


def batch_acknowledgement(
    header: bytes, acknowledgements: Sequence[bytes], *, sent_at: datetime, control_id: str
) -> bytes:
    r"""Return the response batch to the batch that `header` (its BHS or FHS line) began.

    Sender and receiver change places; BHS-12 names the batch that is answered, BTS-1 counts.

    >>> from datetime import UTC
    >>> at = datetime(2026, 11, 21, 3, 10, tzinfo=UTC)
    >>> ack = b"MSH|^~\\&|\rMSA|AA|42\r"
    >>> batch_acknowledgement(b"BHS|^~\\&|LABO|CHU|DPI|CHU|2026||||B7", [ack], sent_at=at, control_id="R1")
    b'BHS|^~\\&|DPI|CHU|LABO|CHU|20261121031000+0000||||R1|B7\rMSH|^~\\&|\rMSA|AA|42\rBTS|1\r'
    """
    field = header[3:4] or b"|"
    of = header.split(field, 12)  # BHS-1 is the separator itself: BHS-3 stands at place 2
    of += [b""] * (12 - len(of))
    begun = [b"BHS", of[1] or b"^~\\&", of[4], of[5], of[2], of[3], _stamp(sent_at).encode(), b"", b"", b""]
    begun += [control_id.encode("ascii"), of[10]]
    ended = [b"BTS", str(len(acknowledgements)).encode()]
    return field.join(begun) + b"\r" + b"".join(acknowledgements) + field.join(ended) + b"\r"


def _encode(text: str, separators: Separators) -> bytes:
    # Plain ASCII reads the same in every character set that MSH-18 may name.
    if text.isalnum() and text.isascii():
        return text.encode()
    return escape(text, separators).encode("ascii", errors="replace")


def _stamp(at: datetime) -> str:
    stamp = f"{at.year:04}{at.month:02}{at.day:02}{at.hour:02}{at.minute:02}{at.second:02}"
    offset = at.utcoffset()
    if offset is None:
        return stamp
    minutes = round(offset.total_seconds() / 60)
    return f"{stamp}{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"
