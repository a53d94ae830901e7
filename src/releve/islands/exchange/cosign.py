"""Cosignatures: an island signs that it keeps a log durably up to a checkpoint. Reading and writing are pure.

Source: C2SP tlog-cosignature v1.0.0, `cosignature/v1`: Ed25519 (type 0x04) over the line `cosignature/v1`, the line
`time N` and the checkpoint; the signature line carries key ID, time (8 bytes) and signature.

    DATA/islands/cosigned/ORIGIN.EPOCH   the size of a log's checkpoint, then the cosignatures over it that are known
                                         here: this island's own first, where it mirrors the log
"""

import base64
import struct
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from releve.islands.exchange.whole import write_whole
from releve.journal import modes
from releve.journal.errors import NoteError
from releve.journal.note import SIGNATURE_MARK, Signer, Verifier

__all__ = [
    "LINES_MAX", "Cosigner", "Held", "cosign", "cosigned_path", "held_by", "newest_of", "split_note",
    "write_cosigned",
]  # fmt: skip

ED25519_COSIGNATURE = b"\x04"
LINES_MAX = 16  # signature lines kept of one checkpoint: an island may not make it longer and longer
_TIME = struct.Struct(">Q")
_SIGNATURE_BYTES = 64
_SECONDS_MAX = (1 << 57) // 1_000_000


class Held(NamedTuple):
    """A cosignature that holds: who signed, when (seconds since 1970)."""

    name: str
    at_seconds: int


class Cosigner:
    """The public key by which an island's cosignatures are known, as its `vkey` line states it.

    Raises:
        NoteError: not a cosignature key.
    """

    def __init__(self, vkey: str) -> None:
        name, _, rest = vkey.partition("+")
        stated, _, encoded = rest.partition("+")
        try:
            key = base64.b64decode(encoded, validate=True)
        except ValueError:
            raise NoteError("mirror key: expected base64") from None
        if len(key) != 33 or key[:1] != ED25519_COSIGNATURE:
            raise NoteError("mirror key: expected an Ed25519 cosignature key (type 4, 32 bytes)")
        self.key_id = _key_id(name, key[1:])
        if stated != self.key_id.hex():
            raise NoteError("mirror key: its key ID is not the key's")
        self._verifier = Verifier(name, key[1:])
        self.name = name

    def holds(self, text: str, line: str) -> Held | None:
        """Return what a signature line says when it is this key's over the checkpoint `text`, else None."""
        name, _, encoded = line.removeprefix(SIGNATURE_MARK).partition(" ")
        if not line.startswith(SIGNATURE_MARK) or name != self.name:
            return None
        try:
            raw = base64.b64decode(encoded, validate=True)
        except ValueError:
            return None
        if len(raw) != 4 + _TIME.size + _SIGNATURE_BYTES or raw[:4] != self.key_id:
            return None
        (at_seconds,) = _TIME.unpack_from(raw, 4)
        if at_seconds > _SECONDS_MAX:  # no date: whoever showed it would fail
            return None
        if not self._verifier.holds(_signed(text, at_seconds), raw[4 + _TIME.size :]):
            return None
        return Held(name, at_seconds)


def cosign(text: str, signer: Signer, at_seconds: int) -> str:
    """Return the signature line by which `signer` says: I keep this log durably up to the checkpoint `text`."""
    verifier = signer.verifier
    key_id = _key_id(verifier.name, verifier.public_bytes)
    raw = key_id + _TIME.pack(at_seconds) + signer.sign_bytes(_signed(text, at_seconds))
    return f"{SIGNATURE_MARK}{verifier.name} {base64.b64encode(raw).decode()}"


def held_by(note: str, cosigners: Iterable[Cosigner]) -> list[Held]:
    """Return which of the cosignatures of a note hold."""
    text, lines = split_note(note)
    found = (cosigner.holds(text, line) for cosigner in cosigners for line in lines)
    return [held for held in found if held is not None]


def newest_of(text: str, lines: Iterable[str], cosigners: Iterable[Cosigner]) -> list[str]:
    """Return the signature lines over the checkpoint `text` that hold, the newest one of each cosigner."""
    found, lines = [], list(lines)
    for cosigner in cosigners:
        held = [(stated.at_seconds, line) for line in lines if (stated := cosigner.holds(text, line))]
        found += [line for _, line in sorted(held)[-1:]]
    return found[:LINES_MAX]


def split_note(note: str) -> tuple[str, list[str]]:
    """Return the text of a note and its signature lines; nothing of it is verified."""
    text, _, block = note.rpartition("\n\n")
    return text + "\n", block.splitlines()[:LINES_MAX]


def cosigned_path(data: Path, origin: str, epoch: int) -> Path:
    """Return where the cosignatures of a log's checkpoint stand: its size on line 1, then signature lines."""
    return data / "islands" / "cosigned" / f"{origin}.{epoch}"


def write_cosigned(data: Path, origin: str, epoch: int, size: int, lines: Iterable[str]) -> None:
    """Keep the cosignatures over a log's checkpoint of `size` entries, for the publisher to hand out."""
    path = cosigned_path(data, origin, epoch)
    path.parent.mkdir(mode=modes.COMMON_FOLDER, parents=True, exist_ok=True)
    # Not synced: after a power cut it is signed again, and what it says was true.
    write_whole(path, "".join(f"{line}\n" for line in (size, *lines)).encode(), sync=False)


def _signed(text: str, at_seconds: int) -> bytes:
    return f"cosignature/v1\ntime {at_seconds}\n{text}".encode()


def _key_id(name: str, public_bytes: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + ED25519_COSIGNATURE + public_bytes).digest()[:4]
