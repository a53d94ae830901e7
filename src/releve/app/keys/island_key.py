"""What is done with the island key: made, opened, given to the island's processes, changed.

Every step leaves DATA/keys readable. The ring is written before the first file is wrapped with its key; a file is bare,
or wrapped with a key that the ring opens, at every instant; what a cut interrupted is finished when the island is
opened next (`settle`).
"""

import base64
import contextlib
import logging
import secrets
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from releve.app.keys.cards import make_cards
from releve.app.keys.passphrase import make_passphrase
from releve.app.keys.ring import (
    Cards,
    Earlier,
    Means,
    Ring,
    kind_of,
    read_ring,
    ring_lock,
    write_ring,
)
from releve.app.keys.stick import make_stick, open_stick
from releve.app.keys.tpm import make_tpm, open_tpm
from releve.journal import folder
from releve.journal.errors import FolderError
from releve.journal.keys import (
    KEY_BYTES,
    KeysLocked,
    hand_over,
    key_number,
    open_keys,
    sealed,
    secret_names,
    unsealed,
    wrap_file,
    wrapped_with,
)

__all__ = [
    "Printing", "Ways", "add_means", "bare_names", "expected_number", "init_keys", "open_by_itself", "open_with",
    "opened", "remove_means", "ring_of", "rotate_keys",
]  # fmt: skip


_log = logging.getLogger("releve.keys")
PART_SECONDS = 60.0


class Ways(NamedTuple):
    """By what an island key is to be opened. `stick`: the folder the key stick is written to."""

    kinds: tuple[str, ...]
    passphrase: str = ""
    memory_kib: int = 0
    stick: Path | None = None


class NewMeans(NamedTuple):
    """Means that were made, and the words of new cards, which nobody can be shown again."""

    means: tuple[Means, ...]
    cards: tuple[str, ...]


def _make(key: bytes, ways: Ways, origin: str, now_us: int) -> NewMeans:
    made: list[Means] = []
    words: list[str] = []
    for kind in ways.kinds:
        if kind == "passphrase":
            made.append(make_passphrase(key, ways.passphrase, now_us, ways.memory_kib))
        elif kind == "cards":
            cards, words = make_cards(key, now_us)
            made.append(cards)
        elif kind == "stick" and ways.stick is not None:
            made.append(make_stick(key, ways.stick, origin, now_us))
        elif kind == "tpm":
            made.append(make_tpm(key, now_us))
        else:
            raise FolderError(f"--with {kind}: expected passphrase, cards, stick (with --stick DIR) or tpm")
    return NewMeans(tuple(made), tuple(words))


# Puts the words of new cards on paper, before anything depends on them: cards, words, origin. What it raises
# (FolderError) leaves everything as it was.
Printing = Callable[[Cards, Sequence[str], str], None]


def init_keys(data: Path, ways: Ways, printing: Printing, now_us: int) -> Ring:
    """Make the island key, wrap every secret with it, and leave the island open; return the ring.

    Raises:
        FolderError: no island here, one that is wrapped already, or a means that cannot be made; nothing was changed.
    """
    origin = folder.own_log(data).origin
    with ring_lock(data):
        if read_ring(data) is not None:
            raise FolderError("keys: expected bare ones, they are wrapped already; see `releve keys wrap`")
        if _numbers(data):
            # Another key now would leave them closed for ever.
            ring_of(data)
        key = secrets.token_bytes(KEY_BYTES)
        made = _make(key, ways, origin, now_us)
        _print(made, printing, origin)
        ring = Ring(origin=origin, number=key_number(key), made_at_us=now_us, means=made.means)
        # Open before it is wrapped: what runs already goes on reading.
        hand_over(data, {ring.number: key})
        write_ring(data, ring)
        return _settle(data, ring, key)


def add_means(data: Path, ways: Ways, printing: Printing, now_us: int) -> Ring:
    """Add means, or replace those of the same kind, on an open island; return the ring.

    Raises:
        KeysLocked, FolderError: nothing was changed.
    """
    with ring_lock(data):
        ring, key = _open_ring(data)
        made = _make(key, ways, ring.origin, now_us)
        _print(made, printing, ring.origin)
        kept = tuple(one for one in ring.means if kind_of(one) not in ways.kinds)
        ring = msgspec.structs.replace(ring, means=(*kept, *made.means))
        write_ring(data, ring)
        return _settle(data, ring, key)


def remove_means(data: Path, kinds: Sequence[str]) -> Ring:
    """Take means away, never the last; return the ring. Cards that exist still open this key: rotate it too.

    Raises:
        FolderError: one that is not there, or nothing would be left; nothing was changed.
    """
    with ring_lock(data):
        ring = ring_of(data)
        for kind in kinds:
            if ring.of(kind) is None:
                raise FolderError(
                    f"--remove {kind}: expected one of {', '.join(map(kind_of, ring.means)) or 'none'}"
                )
        left = tuple(one for one in ring.means if kind_of(one) not in kinds)
        if not left:
            raise FolderError("--remove: expected one means to be left; nothing was changed")
        ring = msgspec.structs.replace(ring, means=left)
        write_ring(data, ring)
        return ring


def rotate_keys(data: Path, ways: Ways, printing: Printing, now_us: int) -> Ring:
    """Make another island key and wrap all secrets with it, on an open island; return the ring.

    The ring then holds the means of `ways` only. Running processes go on: they find both keys until all is wrapped.

    Raises:
        KeysLocked, FolderError: nothing was changed.
    """
    with ring_lock(data):
        ring, before = _open_ring(data)
        key = secrets.token_bytes(KEY_BYTES)
        made = _make(key, ways, ring.origin, now_us)
        _print(made, printing, ring.origin)
        keys = {key_number(key): key, ring.number: before}
        earlier = Earlier(number=ring.number, sealed=_sealed_earlier(key, before))
        ring = Ring(
            origin=ring.origin, number=key_number(key), made_at_us=now_us, means=made.means, earlier=(earlier,)
        )  # fmt: skip
        hand_over(data, keys)
        write_ring(data, ring)
        return _settle(data, ring, key)


def opened(data: Path, key: bytes, cards: Cards | None = None) -> Ring:
    """Let every process of the island have this key, finish what was interrupted, and return the ring.

    `cards`: the set the key was read from. They are the one means that needs no ring: a lost one is written again.

    Raises:
        FolderError: it is not this island's key.
    """
    with ring_lock(data):
        if key_number(key) != expected_number(data):
            raise FolderError("keys: expected the key of this island, of its last rotation")
        ring = read_ring(data)
        if ring is None:
            if cards is None:
                raise FolderError("keys/island.json: expected it back, or three cards")
            ring = Ring(
                origin=folder.own_log(data).origin, number=key_number(key), made_at_us=cards.made_at_us, means=(cards,)
            )  # fmt: skip
            write_ring(data, ring)
        hand_over(data, _with_earlier(ring, key))
        try:
            return _settle(data, ring, key)
        except OSError as error:
            # A unit that sees a part of the keys, to read only: it works with what is open, another finishes.
            _log.warning(
                "keys: what is bare stays so until `releve keys unlock` may write there (%s)", error.strerror
            )
            return ring


def open_by_itself(data: Path, stick: str, *, ask_tpm: bool = True) -> tuple[bytes | None, dict[str, str]]:
    """Return the island key if the stick or the TPM gives it, and how each stands (see `open_stick`, `open_tpm`)."""
    ring = ring_of(data)
    key, state = open_stick(ring, stick)
    states = {"stick": state}
    if key is None and ask_tpm:
        key, states["tpm"] = open_tpm(ring)
    return key, states


def open_with(data: Path) -> bytes | None:
    """Return the island key in force if the island is open, None when it is locked."""
    return open_keys(data).get(expected_number(data))


def expected_number(data: Path) -> str:
    """Return the number of the island key in force.

    Raises:
        FolderError: the island is not wrapped, or its ring is no ring.
    """
    ring = read_ring(data)
    if ring is not None:
        return ring.number
    found = _numbers(data)
    if len(found) != 1:
        return ring_of(data).number
    return found.pop()


def bare_names(data: Path) -> list[str]:
    """Return the secret files that lie there bare."""
    return [name for name in secret_names(data) if not wrapped_with((data / "keys" / name).read_bytes()[:64])]


def _settle(data: Path, ring: Ring, key: bytes) -> Ring:
    """Wrap whatever is bare or wrapped with the key before, then forget that key."""
    keys = _with_earlier(ring, key)
    for name in secret_names(data):
        wrap_file(data, name, keys)
    for part in (data / "keys").rglob("*.part"):
        # Left by a write that a power cut interrupted; it may hold a bare key. Younger ones may be under way.
        with contextlib.suppress(FileNotFoundError):
            if time.time() - part.stat().st_mtime > PART_SECONDS:
                part.unlink()
    if ring.earlier:
        ring = msgspec.structs.replace(ring, earlier=())
        write_ring(data, ring)
    hand_over(data, {ring.number: key})
    return ring


def _with_earlier(ring: Ring, key: bytes) -> dict[str, bytes]:
    keys = {ring.number: key}
    for one in ring.earlier:
        before = unsealed(key, base64.b64decode(one.sealed), f"releve/earlier/1\n{one.number}")
        if before is None:
            raise FolderError("keys/island.json: expected the key before the last rotation, unchanged")
        keys[one.number] = before
    return keys


def _sealed_earlier(key: bytes, before: bytes) -> str:
    return base64.b64encode(sealed(key, before, f"releve/earlier/1\n{key_number(before)}")).decode()


def _print(made: NewMeans, printing: Printing, origin: str) -> None:
    cards = next((one for one in made.means if isinstance(one, Cards)), None)
    if cards is not None:
        printing(cards, made.cards, origin)


def ring_of(data: Path) -> Ring:
    """Return the ring of a wrapped island.

    Raises:
        FolderError: the island is not wrapped, or its ring is lost or no ring; the message says what to do.
    """
    ring = read_ring(data)
    if ring is not None:
        return ring
    if _numbers(data):
        raise FolderError(
            "keys/island.json: expected, for the keys are wrapped; `releve keys unlock --with cards` writes it again"
        )
    raise FolderError("keys: expected wrapped ones; wrap them with `releve keys init --data DIR`")


def _numbers(data: Path) -> set[str]:
    """Return the numbers of the island keys that files are wrapped with."""
    return {wrapped_with((data / "keys" / name).read_bytes()[:64]) for name in secret_names(data)} - {""}


def _open_ring(data: Path) -> tuple[Ring, bytes]:
    ring = ring_of(data)
    key = open_keys(data).get(ring.number)
    if key is None:
        raise KeysLocked
    return ring, key
