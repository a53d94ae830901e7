"""Entries that give power: signed by two managers whose keys lie on cards, never on an island. Pure.

Whoever takes an island over can record anything with its key. What gives power (accounts, roles, the map, statuses
beyond one's wards) therefore carries the signatures of two managers; without them it is *claimed*, and other islands
only show it. The signatures stand in the body, beside what they sign, under the name `power`.

What is signed is a C2SP note of four lines: `releve/power/1`, the entry's kind, the SHA-256 of the body without
`power` (MessagePack, keys in order), the nonce. The nonce ends with the mark of the island it was signed for: told by
another, or a second time, it is an old statement repeated, and counts for nothing. Whose signatures count is not
decided here but where the entries are read: `releve.web.accounts.managers`.
"""

import base64
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final, Literal, NamedTuple

import msgspec

from releve.journal.errors import JournalError, NoteError
from releve.journal.note import Signer, Verifier, open_note

__all__ = [
    "MANAGERS_NEEDED", "PowerRefused", "Standing", "Statement", "nonce_of", "origin_mark", "sign_power", "signers",
    "told_for",
]  # fmt: skip

Standing = Literal["signed", "claimed"]

MANAGERS_NEEDED: Final = 2
FIELD: Final = "power"
NONCE_BYTES: Final = 16
MARK_BYTES: Final = 8
_SIGNATURES_MAX: Final = 8
# What bytes of somebody else can do to a reader: not MessagePack, no UTF-8, keys without an order, nested too deep.
_NOT_SIGNED: Final = (msgspec.MsgspecError, KeyError, ValueError, TypeError, RecursionError)

_encode = msgspec.msgpack.Encoder(order="deterministic").encode
_encode_in_order = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(dict[str, Any]).decode


class Statement(NamedTuple):
    """What a row keeps of a signed entry: where it was told, the keys whose signature holds, the nonce."""

    place: str  # ORIGIN/EPOCH#INDEX
    signed_by: tuple[str, ...]
    nonce: str  # hexadecimal, "" without

    @property
    def origin(self) -> str:
        """The island that told it."""
        return self.place.partition("/")[0]

    @property
    def order(self) -> tuple[int, int]:
        """Its place among all that this island told."""
        log, _, index = self.place.rpartition("#")
        return int(log.rpartition("/")[2]), int(index)


class PowerRefused(JournalError):
    """A body cannot be signed: not a MessagePack map, or not two different managers."""


class _Signature(msgspec.Struct, frozen=True):
    key: str  # C2SP verifier key of the manager
    line: str  # the note's signature line


class _Power(msgspec.Struct, frozen=True):
    nonce: bytes
    by: list[_Signature]


def sign_power(kind: str, body: bytes, cards: Sequence[Signer], *, nonce: bytes) -> bytes:
    """Return the body with the managers' signatures in it.

    `body` is a MessagePack map, as msgspec writes a struct; signatures it already carries are replaced. `nonce`: 16
    random bytes, so that two acts alike are told apart.

    Raises:
        PowerRefused: not a map, or fewer than two different managers.
    """
    if len({card.verifier.vkey for card in cards}) < MANAGERS_NEEDED:
        raise PowerRefused("signatures: expected the cards of two different managers")
    if len(nonce) != NONCE_BYTES:
        raise PowerRefused(f"nonce: expected {NONCE_BYTES} bytes")
    try:
        said = _decode(body)
    except msgspec.MsgspecError:
        raise PowerRefused(f"{kind}: expected a body that is a MessagePack map") from None
    said.pop(FIELD, None)
    text = _statement(kind, said, nonce)
    by = [_Signature(card.verifier.vkey, card.sign(text).rpartition("\n\n")[2]) for card in cards]
    said[FIELD] = msgspec.to_builtins(_Power(nonce, by), builtin_types=(bytes,))
    return _encode_in_order(said)


def signers(kind: str, body: bytes) -> tuple[str, ...]:
    """Return the verifier keys whose signature on this body holds, in order; whose they are is not asked here.

    A fold writes them on its row: that a key is a manager's is decided when the row is read.
    """
    if FIELD.encode() not in body:
        return ()
    try:
        said = _decode(body)
        power = msgspec.convert(said.pop(FIELD), _Power)
        text = _statement(kind, said, power.nonce)
    except _NOT_SIGNED:
        return ()
    return tuple(sorted({one.key for one in power.by[:_SIGNATURES_MAX] if _holds(text, one)}))


def nonce_of(body: bytes) -> str:
    """Return the nonce under which a body was signed, in hexadecimal; "" when it carries none.

    The same nonce in two entries is one act told twice: the second may be an old act repeated by somebody else.
    """
    if FIELD.encode() not in body:
        return ""
    try:
        return msgspec.convert(_decode(body)[FIELD], _Power).nonce.hex()
    except _NOT_SIGNED:
        return ""


def origin_mark(origin: str) -> bytes:
    """Return the eight bytes with which the nonce ends of what is signed to be told by this island."""
    return sha256(b"releve/origin/1\n" + origin.encode()).digest()[:MARK_BYTES]


def told_for(nonce: str, origin: str) -> bool:
    """Tell whether a nonce (hexadecimal) was made for this island's log."""
    return len(nonce) == 2 * NONCE_BYTES and nonce.endswith(origin_mark(origin).hex())


def _statement(kind: str, said: dict[str, Any], nonce: bytes) -> str:
    digest = sha256(_encode(said)).hexdigest()
    return f"releve/power/1\n{kind}\n{digest}\n{base64.b64encode(nonce).decode()}\n"


def _holds(text: str, signature: _Signature) -> bool:
    try:
        open_note(f"{text}\n{signature.line}", Verifier.from_vkey(signature.key))
    except (NoteError, ValueError):
        return False
    return True
