"""A passphrase as a means: Argon2id over it, with memory sized to the machine.

Source: RFC 9106 §4: 2 GiB where the machine has it, never under 64 MiB (the second recommended option, three passes).
"""

import base64
import os
import secrets
import unicodedata

from argon2.low_level import Type, hash_secret_raw

from releve.app.keys.ring import Passphrase, Ring, seal_key, unseal_key

__all__ = ["PASSPHRASE_CHARS_MIN", "machine_memory_kib", "make_passphrase", "open_passphrase"]

PASSPHRASE_CHARS_MIN = 12
MEMORY_KIB_MIN = 64 * 1024
MEMORY_KIB_MAX = 2 * 1024 * 1024
_PASSES = 3
_LANES = 4
_SALT_BYTES = 16


def machine_memory_kib() -> int:
    """Return the memory a guess has to cost on this machine: an eighth of it, 64 MiB to 2 GiB."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1024
    return max(MEMORY_KIB_MIN, min(MEMORY_KIB_MAX, whole // 8))


def make_passphrase(key: bytes, typed: str, now_us: int, memory_kib: int) -> Passphrase:
    """Return the means by which this passphrase opens the island key."""
    salt = secrets.token_bytes(_SALT_BYTES)
    secret = _stretched(typed, salt, memory_kib, _PASSES, _LANES)
    return Passphrase(
        made_at_us=now_us, salt=base64.b64encode(salt).decode(), memory_kib=memory_kib, passes=_PASSES, lanes=_LANES,
        sealed=seal_key(secret, key, "passphrase"),
    )  # fmt: skip


def open_passphrase(ring: Ring, typed: str) -> bytes | None:
    """Return the island key, None when the island has no passphrase or another one. Takes a second or more."""
    means = ring.of("passphrase")
    if not isinstance(means, Passphrase):
        return None
    secret = _stretched(typed, base64.b64decode(means.salt), means.memory_kib, means.passes, means.lanes)
    return unseal_key(secret, means.sealed, "passphrase", ring.number)


def _stretched(typed: str, salt: bytes, memory_kib: int, passes: int, lanes: int) -> bytes:
    # Spaces are not counted, and an accent is one sign however the keyboard makes it.
    plain = "".join(unicodedata.normalize("NFKC", typed).split()).encode()
    return hash_secret_raw(plain, salt, passes, memory_kib, lanes, 32, Type.ID)
