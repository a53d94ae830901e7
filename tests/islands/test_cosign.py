"""An island's word that it keeps a log, as C2SP tlog-cosignature writes it."""

import base64
import struct
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from releve.islands.exchange.cosign import (
    Cosigner,
    cosign,
    held_by,
    newest_of,
    split_note,
)
from releve.islands.exchange.identity import make_identity, read_mirror_signer
from releve.journal.errors import NoteError
from releve.journal.note import Checkpoint, Signer, open_note

TEXT = Checkpoint("releve/a/1", 7, bytes(range(32))).text()
NOTE = Signer("releve/a/1", bytes(32)).sign(TEXT)
AT = 1_795_227_000


def key(number: int) -> tuple[Signer, Cosigner]:
    """Return an island's mirror key, private and public."""
    signer = Signer("releve/b/mirror", bytes([number]) * 32)
    public = b"\x04" + signer.verifier.public_bytes
    key_id = sha256(b"releve/b/mirror\n" + public).digest()[:4]
    return signer, Cosigner(f"releve/b/mirror+{key_id.hex()}+{base64.b64encode(public).decode()}")


def test_a_cosignature_is_the_bytes_the_standard_says() -> None:
    """Whoever checks our logs without us, in another language, must find time and signature where C2SP puts them."""
    signer, _ = key(1)
    line = cosign(TEXT, signer, AT)
    mark, name, encoded = line.split(" ")
    raw = base64.b64decode(encoded)
    private = Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32)
    public: Ed25519PublicKey = private.public_key()
    assert (mark, name, len(raw)) == ("—", "releve/b/mirror", 4 + 8 + 64)
    assert raw[:4] == sha256(b"releve/b/mirror\n\x04" + public.public_bytes_raw()).digest()[:4]
    assert struct.unpack(">Q", raw[4:12]) == (AT,)
    public.verify(raw[12:], f"cosignature/v1\ntime {AT}\n{TEXT}".encode())


def test_a_cosigned_checkpoint_is_still_the_logs_own_note() -> None:
    """A reader that knows only the log's key ignores the other lines."""
    signer, cosigner = key(1)
    note = NOTE + cosign(TEXT, signer, AT) + "\n"
    assert open_note(note, Signer("releve/a/1", bytes(32)).verifier) == TEXT
    assert [(held.name, held.at_seconds) for held in held_by(note, [cosigner])] == [("releve/b/mirror", AT)]


def test_no_other_text_time_or_key_passes() -> None:
    """ "Saved on two islands" must not be said by anyone but the second island, and not about another history."""
    signer, cosigner = key(1)
    line = cosign(TEXT, signer, AT)
    raw = bytearray(base64.b64decode(line.split(" ")[2]))
    assert cosigner.holds(TEXT, line) is not None
    assert cosigner.holds(TEXT.replace("7", "8"), line) is None
    assert key(2)[1].holds(TEXT, line) is None
    for at in (0, 5, 11, 40):
        other = bytes(raw[:at]) + bytes([raw[at] ^ 1]) + bytes(raw[at + 1 :])
        assert cosigner.holds(TEXT, f"— releve/b/mirror {base64.b64encode(other).decode()}") is None
    for broken in ("", "— releve/b/mirror", "— releve/b/mirror !", f"x{line}", line[:-8]):
        assert cosigner.holds(TEXT, broken) is None


def test_of_each_island_the_newest_word_is_kept_and_lines_are_bounded() -> None:
    """A relay may add lines for ever; what is kept is one line an island, of islands we know."""
    signer, cosigner = key(1)
    lines = [cosign(TEXT, signer, AT + late) for late in (0, 5, 3)] + ["— z AAAA"] * 50
    assert newest_of(TEXT, lines, [cosigner]) == [cosign(TEXT, signer, AT + 5)]
    assert len(split_note(NOTE + "— z AAAA\n" * 500)[1]) <= 16


def test_a_cosigning_key_is_told_from_a_log_key(tmp_path: Path) -> None:
    """A key that signs "I hold it" must never pass for one that signs "I recorded it"."""
    with pytest.raises(NoteError, match="type 4"):
        Cosigner(Signer("releve/b/mirror", bytes(32)).verifier.vkey)
    with pytest.raises(NoteError):
        Cosigner("releve/b/mirror+00000000+" + base64.b64encode(b"\x04" + bytes(32)).decode())
    with pytest.raises(NoteError):
        Cosigner("nothing")
    identity = make_identity(tmp_path, "b")
    line = cosign(TEXT, read_mirror_signer(tmp_path), AT)
    assert Cosigner(identity.mirror_vkey).holds(TEXT, line) is not None
