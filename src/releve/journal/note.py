"""Signed notes and checkpoints: the one page by which a log can be held to its word. Pure.

Source: C2SP signed-note v1.0.0 (text, signature lines, key IDs, Ed25519 as type 0x01) and C2SP tlog-checkpoint
v1.0.0 (origin, size, root). Private keys are kept as Go's `golang.org/x/mod/sumdb/note` writes them.
"""

import base64
import binascii
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from releve.journal.errors import NoteError

ED25519 = b"\x01"
HASH_BYTES = 32
SIGNATURE_MARK = "\u2014 "  # em dash, space: C2SP signed-note
PRIVATE_PREFIX = "PRIVATE+KEY+"


class Checkpoint(NamedTuple):
    """A tree head: which log, how many entries, over which root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the note text that is signed, ending in a newline."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


class Verifier:
    """A public key under its name, as written in a `vkey` line (`name+keyID+key`)."""

    def __init__(self, name: str, public_bytes: bytes) -> None:
        if not name or "+" in name or any(letter.isspace() for letter in name):
            raise NoteError("key name: expected letters without space and '+'")
        if len(public_bytes) != 32:
            raise NoteError("public key: expected 32 bytes")
        self.name = name
        self.public_bytes = public_bytes
        self.key_id = sha256(name.encode() + b"\n" + ED25519 + public_bytes).digest()[:4]
        self._public = Ed25519PublicKey.from_public_bytes(public_bytes)

    @classmethod
    def from_vkey(cls, vkey: str) -> "Verifier":
        """Return the verifier written as `vkey`.

        Raises:
            NoteError: not an Ed25519 verifier key, or its key ID is not the key's.
        """
        name, key = _read_key(vkey)
        verifier = cls(name, key[1:])
        if vkey.split("+", 2)[1] != verifier.key_id.hex():
            raise NoteError("verifier key: its key ID is not the key's")
        return verifier

    @property
    def vkey(self) -> str:
        """The key as one line of text, to be shown, printed or pinned."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(ED25519 + self.public_bytes).decode()}"

    def holds(self, text: bytes, signature: bytes) -> bool:
        """Return whether `signature` is this key's over `text`."""
        try:
            self._public.verify(signature, text)
        except InvalidSignature:
            return False
        return True


class Signer:
    """A private key under its name. Only the recorder ever holds one."""

    def __init__(self, name: str, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self._seed = seed
        self.verifier = Verifier(name, self._private.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str) -> "Signer":
        """Return a signer with a new random key."""
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def from_text(cls, text: str) -> "Signer":
        """Return the signer kept as `PRIVATE+KEY+name+keyID+key`.

        Raises:
            NoteError: not such a line, or its key ID is not the key's.
        """
        if not text.startswith(PRIVATE_PREFIX):
            raise NoteError("private key: expected a line starting with PRIVATE+KEY+")
        line = text.removeprefix(PRIVATE_PREFIX).strip()
        name, key = _read_key(line)
        signer = cls(name, key[1:])
        if line.split("+", 2)[1] != signer.verifier.key_id.hex():
            raise NoteError("private key: its key ID is not the key's")
        return signer

    def text(self) -> str:
        """Return the private key as one line. Write it nowhere but to the key file."""
        verifier = self.verifier
        return (
            f"{PRIVATE_PREFIX}{verifier.name}+{verifier.key_id.hex()}+"
            f"{base64.b64encode(ED25519 + self._seed).decode()}\n"
        )

    def sign(self, text: str) -> str:
        """Return the signed note: the text, a blank line, one signature line."""
        signature = self.sign_bytes(text.encode())
        line = base64.b64encode(self.verifier.key_id + signature).decode()
        return f"{text}\n{SIGNATURE_MARK}{self.verifier.name} {line}\n"

    def sign_bytes(self, text: bytes) -> bytes:
        """Return the bare signature, 64 bytes."""
        return self._private.sign(text)


def open_note(note: str, verifier: Verifier) -> str:
    """Return the text of a signed note that carries a valid signature of `verifier`.

    Signatures of other keys (cosignatures) are ignored.

    Raises:
        NoteError: malformed, unsigned by this key, or the signature does not hold.
    """
    text, found, block = note.rpartition("\n\n")
    if not found or not block.endswith("\n"):
        raise NoteError("signed note: expected text, a blank line and signature lines")
    text += "\n"
    for line in block[:-1].split("\n"):
        mark, name, raw = _read_signature(line)
        if mark == verifier.key_id and name == verifier.name:
            if verifier.holds(text.encode(), raw):
                return text
            raise NoteError(f"signed note: the signature of {name} does not hold")
    raise NoteError(f"signed note: no signature of {verifier.name}")


def read_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint in a note's text (its signature already checked).

    Raises:
        NoteError: not an origin, a size and a root on the first three lines.
    """
    lines: Sequence[str] = text.split("\n")
    if len(lines) < 4 or not lines[0]:
        raise NoteError("checkpoint: expected the lines origin, size, root")
    if not lines[1].isascii() or not lines[1].isdigit() or lines[1] != str(int(lines[1])):
        raise NoteError("checkpoint: expected a decimal size on line 2")
    root = _unbase64(lines[2], "checkpoint root")
    if len(root) != HASH_BYTES:
        raise NoteError("checkpoint root: expected 32 bytes")
    return Checkpoint(lines[0], int(lines[1]), root)


def _read_signature(line: str) -> tuple[bytes, str, bytes]:
    name, found, encoded = line.removeprefix(SIGNATURE_MARK).partition(" ")
    if not line.startswith(SIGNATURE_MARK) or not found:
        raise NoteError("signed note: expected a signature line")
    raw = _unbase64(encoded, "signature")
    if len(raw) < 5:
        raise NoteError("signature: expected a key ID and a signature")
    return raw[:4], name, raw[4:]


def _read_key(line: str) -> tuple[str, bytes]:
    parts = line.split("+", 2)
    if len(parts) != 3:
        raise NoteError("key: expected name+keyID+key")
    key = _unbase64(parts[2], "key")
    if len(key) != 33 or key[:1] != ED25519:
        raise NoteError("key: expected an Ed25519 key (type 1, 32 bytes)")
    return parts[0], key


def _unbase64(text: str, place: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteError(f"{place}: expected base64") from None
    if base64.b64encode(raw).decode() != text:  # else a flipped padding bit would pass unseen
        raise NoteError(f"{place}: expected canonical base64")
    return raw
