"""The key that seals a person's waiting acts: hers and this island's, nobody else's.

AES-GCM with 256 bits, derived from the island's web key and the account (HKDF, RFC 5869). A page gives it to the
person who is signed in, in memory only; the island derives it again, so that what a colleague's browser carries can be
opened here and is proven to come from a session of its author.
Source: NIST SP 800-38D (AES-GCM), W3C Web Cryptography.
"""

from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from releve.web import opaque

__all__ = ["account_of_owner", "author_key", "open_sealed", "owner_of"]

_PURPOSE = "outbox-owner"


def owner_of(account: str) -> str:
    """Return the mark under which a browser keeps this account's acts: it names nobody."""
    return opaque.seal(account, _PURPOSE)


def account_of_owner(owner: str) -> str | None:
    """Return the account of a mark, None for one this island never gave."""
    return opaque.open_handle(owner, _PURPOSE)


@lru_cache(maxsize=4096)
def _derived(secret: str, account: str) -> bytes:
    derive = HKDF(hashes.SHA256(), length=32, salt=b"releve-outbox-1", info=account.encode())
    return derive.derive(secret.encode())


def author_key(account: str) -> bytes:
    """Return the 32 bytes that seal this account's acts on any workstation of this island."""
    return _derived(settings.SECRET_KEY, account)


def bound(owner: str, act: str, at_ms: int) -> bytes:
    """Return what a sealed act is bound to: changed beside it, it does not open."""
    return f"releve-outbox-1|{owner}|{act}|{at_ms}".encode()


def open_sealed(owner: str, act: str, at_ms: int, nonce: bytes, sealed: bytes) -> bytes | None:
    """Return what the author sealed, None when it was not sealed by her or was changed since."""
    account = account_of_owner(owner)
    if account is None or len(nonce) != 12:
        return None
    try:
        return AESGCM(author_key(account)).decrypt(nonce, sealed, bound(owner, act, at_ms))
    except (InvalidTag, ValueError):
        return None
