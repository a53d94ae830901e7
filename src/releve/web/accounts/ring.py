"""The account keys of an island: one seals, all open; some were replaced after an island was lost.

    DATA/keys/accounts.key            seals what is recorded here from now on
    DATA/keys/accounts/NAME.key       keys of other islands of the same managers, and earlier ones of this one
    DATA/keys/accounts/replaced.json  names of those that whoever took an island may hold: they open no PIN any more

Each file holds 32 bytes and is wrapped when the island is.
"""

import contextlib
import json
import secrets
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from releve.journal.keys import keep_secret, secret
from releve.web.accounts import verifier

__all__ = ["KeyRing", "add_key", "any_replaced", "key_name", "replace_key", "ring_of"]

_FOLDER = "accounts"
_REPLACED = "replaced.json"


class KeyRing(NamedTuple):
    """Keys by name, the one that seals first; names of those that were replaced."""

    keys: dict[str, bytes]
    replaced: frozenset[str]

    @property
    def current(self) -> dict[str, bytes]:
        """The keys under which a badge and a PIN still count."""
        return {name: key for name, key in self.keys.items() if name not in self.replaced}


def key_name(key: bytes) -> str:
    """Return the name by which an account key is told from others; it tells nothing of the key."""
    return sha256(b"releve/accounts-key/1\n" + key).hexdigest()[:16]


def ring_of(data: Path) -> KeyRing:
    """Return the account keys of a data folder.

    Raises:
        verifier.KeyMissing: the one that seals is not there.
        KeysLocked: the island is wrapped and not open.
    """
    sealing = verifier.key_of(data)
    keys = {key_name(sealing): sealing}
    folder = data / "keys" / _FOLDER
    for path in sorted(folder.glob("*.key")):
        keys.setdefault(path.stem, secret(data, f"{_FOLDER}/{path.name}"))
    with contextlib.suppress(FileNotFoundError):
        return KeyRing(keys, frozenset(json.loads((folder / _REPLACED).read_text("ascii"))))
    return KeyRing(keys, frozenset())


def any_replaced(data: Path) -> bool:
    """Tell whether keys were ever replaced on this island: nearly never, and asked for every page."""
    return (data / "keys" / _FOLDER / _REPLACED).exists()


def add_key(data: Path, key: bytes) -> bool:
    """Keep another island's account key; tell whether it is new here."""
    name = key_name(key)
    if len(key) != verifier.KEY_BYTES or name in ring_of(data).keys:
        return False
    (data / "keys" / _FOLDER).mkdir(mode=0o700, exist_ok=True)
    keep_secret(data, f"{_FOLDER}/{name}.key", key)
    return True


def replace_key(data: Path, key: bytes | None, replaced: frozenset[str]) -> bool:
    """Let the keys named open no PIN any more, and seal with `key` from now on; None: only when ours is among them.

    Return whether anything changed: told twice, it is done once.
    """
    ring = ring_of(data)
    sealing = next(iter(ring.keys))
    if key is None and sealing in replaced - ring.replaced:
        key = secrets.token_bytes(verifier.KEY_BYTES)
    fresh = key is not None and key_name(key) not in ring.keys
    if not fresh and replaced <= ring.replaced:
        return False
    folder = data / "keys" / _FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    former = {sealing} if fresh else set()
    if fresh and not (folder / f"{sealing}.key").exists():
        # Kept before it gives way, so that a cut in between loses no password.
        keep_secret(data, f"{_FOLDER}/{sealing}.key", ring.keys[sealing])
    part = folder / f".{_REPLACED}.part"
    part.write_text(json.dumps(sorted(ring.replaced | replaced | former)), "ascii")
    part.replace(folder / _REPLACED)
    if fresh and key is not None:
        keep_secret(data, f"{_FOLDER}/{key_name(key)}.key", key)
        keep_secret(data, "accounts.key", key)
    return True
