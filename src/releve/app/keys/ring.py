"""The ring, `DATA/keys/island.json`: by which means the island key is opened. It holds no key in the clear.

Each means seals the island key with a secret of its own (ChaCha20-Poly1305, bound to the means and to the key's
number); the cards share the island key itself. While the key is changed, the one before is sealed under the new.
"""

import base64
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec

from releve.journal.errors import FolderError
from releve.journal.keys import key_number, ring_path, sealed, unsealed

__all__ = [
    "KINDS", "Cards", "Earlier", "Means", "Passphrase", "Ring", "Stick", "Tpm", "kind_of", "read_ring", "ring_lock",
    "seal_key", "unseal_key", "write_ring",
]  # fmt: skip

KINDS = ("passphrase", "cards", "stick", "tpm")
MEMORY_KIB_MAX = 8 * 1024 * 1024  # a changed ring must not take all memory of the machine


class Passphrase(msgspec.Struct, frozen=True, kw_only=True, tag="passphrase", forbid_unknown_fields=True):
    """What a passphrase needs besides itself. Source: RFC 9106 (Argon2id)."""

    made_at_us: int
    salt: str  # base64
    memory_kib: Annotated[int, msgspec.Meta(ge=8, le=MEMORY_KIB_MAX)]
    passes: Annotated[int, msgspec.Meta(ge=1, le=64)]
    lanes: Annotated[int, msgspec.Meta(ge=1, le=64)]
    sealed: str


class Cards(msgspec.Struct, frozen=True, kw_only=True, tag="cards", forbid_unknown_fields=True):
    """A set of SLIP-39 cards: they share the island key itself, so that they open it even without this file."""

    made_at_us: int
    identifier: int  # the number of the set, which every card names too
    needed: int
    count: int


class Stick(msgspec.Struct, frozen=True, kw_only=True, tag="stick", forbid_unknown_fields=True):
    """A key stick: a file on a medium that is plugged in."""

    made_at_us: int
    number: str  # tells the stick from an older one
    sealed: str


class Tpm(msgspec.Struct, frozen=True, kw_only=True, tag="tpm", forbid_unknown_fields=True):
    """An object only this machine's TPM 2 opens, while PCR 7 (Secure Boot) is what it was."""

    made_at_us: int
    pcrs: str
    public: str  # base64 of TPM2B_PUBLIC
    private: str  # base64 of TPM2B_PRIVATE
    sealed: str


Means = Passphrase | Cards | Stick | Tpm


class Earlier(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The island key before this one, sealed under this one, until every file is wrapped anew."""

    number: str
    sealed: str


class Ring(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of it. One means of each kind at most."""

    origin: str
    number: str  # of the island key in force
    made_at_us: int
    means: tuple[Means, ...]
    earlier: tuple[Earlier, ...] = ()
    version: Annotated[int, msgspec.Meta(ge=1, le=1)] = 1

    def of(self, kind: str) -> Means | None:
        """Return the means of this kind."""
        return next((one for one in self.means if kind_of(one) == kind), None)


def kind_of(means: Means) -> str:
    """Return passphrase, cards, stick or tpm."""
    return str(means.__struct_config__.tag)


def read_ring(data: Path) -> Ring | None:
    """Return the ring of an island, None when the island is not wrapped.

    Raises:
        FolderError: it is no ring.
    """
    try:
        return msgspec.json.decode(ring_path(data).read_bytes(), type=Ring)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError:
        raise FolderError(
            "keys/island.json: expected as `releve keys` writes it; move it aside, and three cards open the island"
        ) from None


def write_ring(data: Path, ring: Ring) -> None:
    """Write the ring, durable and whole or not at all."""
    path = ring_path(data)
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(ring), indent=1) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def ring_lock(data: Path) -> Iterator[None]:
    """Hold the keys folder alone: two commands that change keys wait for one another."""
    handle = os.open(data / "keys", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def seal_key(secret: bytes, key: bytes, kind: str) -> str:
    """Return the island key sealed under the secret of a means."""
    return base64.b64encode(sealed(secret, key, _bound(kind, key_number(key)))).decode()


def unseal_key(secret: bytes, text: str, kind: str, number: str) -> bytes | None:
    """Return the island key of that number, None when this is not the secret of the means."""
    try:
        key = unsealed(secret, base64.b64decode(text, validate=True), _bound(kind, number))
    except ValueError:
        return None
    return key if key is not None and key_number(key) == number else None


def _bound(kind: str, number: str) -> str:
    return f"releve/means/1\n{kind}\n{number}"
