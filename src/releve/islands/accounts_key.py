"""Account keys on their way to another island: sealed for it alone inside what two managers signed.

What is sealed under one island's key (passwords, badges, PINs) then opens on the other. Source: age-encryption.org/v1.
"""

from base64 import b64decode
from pathlib import Path

import pyrage

from releve.hospital.belonging import CUT, JOINED, Said
from releve.islands.exchange.identity import stick_key_path
from releve.journal.errors import FolderError
from releve.journal.keys import secret
from releve.web.accounts.ring import add_key, replace_key
from releve.web.accounts.verifier import KEY_BYTES

__all__ = ["seal_keys", "take_keys"]


def seal_keys(keys: list[bytes], recipient: str) -> bytes:
    """Return these account keys sealed for an island (age).

    Raises:
        FolderError: the recipient is none.
    """
    try:
        return pyrage.encrypt(b"".join(keys), [pyrage.x25519.Recipient.from_str(recipient)])
    except pyrage.RecipientError:
        raise FolderError("introduction, recipient: expected one that begins with age1") from None


def take_keys(data: Path, own: str, said: list[Said]) -> int:
    """Open and keep the account keys that statements which count hold for this island; return how many were new.

    A key that replaces others after an island was lost seals from then on.
    """
    taken = 0
    for one in said:
        if not one.counts:
            continue
        if one.kind == JOINED and one.island == own:
            for key in _opened(data, one.body.get("sealed", "")):
                taken += add_key(data, key)
        elif one.kind == CUT and one.body.get("pins_replaced"):
            given = _opened(data, one.body.get("sealed", {}).get(own, ""))
            taken += replace_key(data, given[0] if given else None, frozenset(one.body.get("retires", ())))
    return taken


def _opened(data: Path, sealed: str) -> list[bytes]:
    """Return the keys sealed in a text, none when there are none or they are not for this island's key."""
    if not sealed:
        return []
    try:
        identity = pyrage.x25519.Identity.from_str(
            secret(data, stick_key_path(data).name).decode("ascii").strip()
        )
        bare = pyrage.decrypt(b64decode(sealed), [identity])
    except (pyrage.DecryptError, pyrage.IdentityError, FileNotFoundError, ValueError):
        return []  # sealed for a key this island no longer has: it is given again by `releve islands add`
    return [bare[start : start + KEY_BYTES] for start in range(0, len(bare), KEY_BYTES)]
