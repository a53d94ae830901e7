"""A manager's card: her signing key, wrapped with her passphrase, as a small text file to carry away.

    RELEVE-CARD 1
    key: the verifier key (C2SP), which may be shown
    sealed: salt(16) | nonce(12) | ChaCha20-Poly1305 of the signing key, bound to the line above, in base64

Source: RFC 9106 (Argon2id, second recommended option: 64 MiB, 3 passes), RFC 8439 (ChaCha20-Poly1305).
"""

import base64
import binascii
import secrets

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from releve.journal.errors import JournalError, NoteError
from releve.journal.note import Signer, Verifier
from releve.journal.power import MARK_BYTES, NONCE_BYTES, origin_mark, sign_power

__all__ = ["CardError", "make_card", "new_passphrase", "open_card", "public_key", "sign_with"]

_FIRST = "RELEVE-CARD 1"
_SALT_BYTES = 16
_NONCE_BYTES = 12
_MEMORY_KIB = 64 * 1024
_PASSES = 3
# Without I, L, O, U: what is copied by hand at night. Source: Crockford base 32.
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class CardError(JournalError):
    """A card cannot be opened: not a card, or not its passphrase."""


def new_passphrase() -> str:
    """Return a random passphrase of 80 bits, such as "7GKD-2M4X-QH0T-W9CR"."""
    bare = "".join(secrets.choice(_LETTERS) for _ in range(16))
    return "-".join(bare[start : start + 4] for start in range(0, 16, 4))


def make_card(name: str, passphrase: str) -> str:
    """Return the text of a new manager's card. `name` stands in the key: letters, figures, hyphens.

    Raises:
        CardError: the name cannot stand in a key.
    """
    try:
        signer = Signer.generate(f"manager/{name}")
    except NoteError as error:
        raise CardError(str(error)) from None
    vkey = signer.verifier.vkey
    salt, nonce = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
    sealed = ChaCha20Poly1305(_key(passphrase, salt)).encrypt(nonce, signer.text().encode(), vkey.encode())
    return f"{_FIRST}\nkey: {vkey}\nsealed: {base64.b64encode(salt + nonce + sealed).decode()}\n"


def public_key(card: str) -> Verifier:
    """Return the public key written on a card.

    Raises:
        CardError: not a card.
    """
    return Verifier.from_vkey(_read(card)[0])


def open_card(card: str, passphrase: str) -> Signer:
    """Return the manager's signer.

    Raises:
        CardError: not a card, or not its passphrase.
    """
    vkey, raw = _read(card)
    salt, nonce, sealed = (
        raw[:_SALT_BYTES],
        raw[_SALT_BYTES : _SALT_BYTES + _NONCE_BYTES],
        raw[_SALT_BYTES + _NONCE_BYTES :],
    )
    try:
        text = ChaCha20Poly1305(_key(passphrase, salt)).decrypt(nonce, sealed, vkey.encode()).decode()
        signer = Signer.from_text(text)
    except (InvalidTag, ValueError, NoteError):
        raise CardError("card: expected its passphrase") from None
    if signer.verifier.vkey != vkey:
        raise CardError("card: expected the key that is written on it")
    return signer


def sign_with(kind: str, body: bytes, cards: list[Signer], origin: str) -> bytes:
    """Return the body signed by these managers to be told by the island `origin`, with a fresh nonce.

    Raises:
        PowerRefused: not a map, or fewer than two different managers.
    """
    nonce = secrets.token_bytes(NONCE_BYTES - MARK_BYTES) + origin_mark(origin)
    return sign_power(kind, body, cards, nonce=nonce)


def _key(passphrase: str, salt: bytes) -> bytes:
    typed = "".join(passphrase.split()).encode()
    return hash_secret_raw(typed, salt, _PASSES, _MEMORY_KIB, 1, 32, Type.ID)


def _read(card: str) -> tuple[str, bytes]:
    lines = card.splitlines()
    values = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
    if not lines or lines[0].strip() != _FIRST or not {"key", "sealed"} <= values.keys():
        raise CardError(f"card: expected a file that begins with {_FIRST}")
    try:
        raw = base64.b64decode(values["sealed"].strip(), validate=True)
        vkey = Verifier.from_vkey(values["key"].strip()).vkey
    except (binascii.Error, ValueError, NoteError):
        raise CardError("card: expected a key and a sealed text") from None
    if len(raw) < _SALT_BYTES + _NONCE_BYTES:
        raise CardError("card: expected a sealed text that is whole")
    return vkey, raw
