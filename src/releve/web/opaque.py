"""Addresses without patients' values: a person's key sealed so that only this island can open it.

Deterministic (AES-SIV, RFC 5297), so that the same person has the same address and a bookmark keeps working; a
changed letter opens nothing. The key is derived from the island's web key: another island writes other addresses.
"""

import base64
import binascii
from functools import lru_cache
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings

__all__ = ["open_handle", "seal"]


@lru_cache(maxsize=2)
def _sealer(secret: str) -> AESSIV:
    return AESSIV(blake2b(secret.encode(), digest_size=64, person=b"bedside-address").digest())


@lru_cache(maxsize=8192)
def _sealed(secret: str, value: str, purpose: str) -> str:
    sealed = _sealer(secret).encrypt(value.encode(), [purpose.encode()])
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def seal(value: str, purpose: str = "person") -> str:
    """Return what may stand in an address for a person's key, a document's…; `purpose` keeps them apart."""
    return _sealed(settings.SECRET_KEY, value, purpose)


def open_handle(handle: str, purpose: str = "person") -> str | None:
    """Return what `seal` was given, or None for anything this island did not write."""
    try:
        sealed = base64.urlsafe_b64decode(handle + "=" * (-len(handle) % 4))
        return _sealer(settings.SECRET_KEY).decrypt(sealed, [purpose.encode()]).decode()
    except (InvalidTag, binascii.Error, ValueError):
        return None
