"""What is stored instead of a password: an Argon2id hash, sealed under the island's own key (others: `ring.py`).

The key lies in `DATA/keys/accounts.key` (32 bytes, mode 0600, wrapped when the island is) and never enters the
journal. Sealed text is `1 | nonce(12) | ChaCha20-Poly1305`, bound to the account's code, so that a verifier cannot be
moved to another account.
Source: RFC 9106 (Argon2), RFC 8439 (ChaCha20-Poly1305), OWASP Password Storage Cheat Sheet (19 MiB, 2 passes).
"""

import contextlib
import secrets
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from releve.journal.keys import keep_secret, secret

__all__ = [
    "KEY_BYTES",
    "KeyMissing",
    "check",
    "check_with",
    "key_of",
    "make_key",
    "opens",
    "seal",
    "spend_the_same_time",
]

_VERSION = b"\x01"
_NONCE_BYTES = 12
KEY_BYTES = 32
# 19 MiB and two passes take about 30 ms: four hundred people at shift change still get in within a minute.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class KeyMissing(Exception):
    """The island's account key is not there: nobody can sign in until it is brought back."""


def make_key(data: Path) -> bytes:
    """Return the account key of a data folder, made when absent (at `releve init` only)."""
    path = data / "keys" / "accounts.key"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        with contextlib.suppress(FileExistsError):
            keep_secret(data, path.name, secrets.token_bytes(KEY_BYTES), replace=False)
    return key_of(data)


def key_of(data: Path) -> bytes:
    """Return the account key of a data folder.

    Raises:
        KeyMissing: no key, or a file of another length.
        KeysLocked: the island is wrapped and not open.
    """
    try:
        key = secret(data, "accounts.key")
    except FileNotFoundError:
        raise KeyMissing("keys/accounts.key: expected a file of 32 bytes") from None
    if len(key) != KEY_BYTES:
        raise KeyMissing("keys/accounts.key: expected a file of 32 bytes")
    return key


def seal(password: str, *, code: str, key: bytes) -> bytes:
    """Return the sealed verifier of a password for this account code."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    hashed = _hasher.hash(password).encode("ascii")
    return _VERSION + nonce + ChaCha20Poly1305(key).encrypt(nonce, hashed, code.encode())


def opens(sealed: bytes, *, code: str, key: bytes) -> str | None:
    """Return the hash that was sealed for this code under this key, None when it was another code or key."""
    if sealed[:1] != _VERSION:
        return None
    nonce, rest = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        return ChaCha20Poly1305(key).decrypt(nonce, rest, code.encode()).decode("ascii")
    except (InvalidTag, ValueError):
        return None


def check(password: str, sealed: bytes, *, code: str, key: bytes) -> bool:
    """Tell whether the password is the one that was sealed for this code; False for anything that cannot be opened."""
    return check_with(password, sealed, code=code, keys={"": key}) is not None


def check_with(password: str, sealed: bytes, *, code: str, keys: Mapping[str, bytes]) -> str | None:
    """Return the name of the key under which this password was sealed for this code, None when it is not right.

    The work is the same however many keys there are.
    """
    for name, key in keys.items():
        hashed = opens(sealed, code=code, key=key)
        if hashed is not None:
            try:
                return name if _hasher.verify(hashed, password) else None
            except (Argon2Error, InvalidHashError):
                return None
    spend_the_same_time(password)
    return None


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_hex(16))


def spend_the_same_time(password: str) -> None:
    """Do the work of a check for an account that does not exist, so that the clock does not tell."""
    try:
        _hasher.verify(_nobody(), password)
    except Argon2Error:
        return
