"""The note is read here by a second, independent reader: C2SP signed-note v1.0.0 and tlog-checkpoint v1.0.0."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from releve.journal.errors import NoteError
from releve.journal.note import Checkpoint, Signer, Verifier, open_note, read_checkpoint

SIGNER = Signer("releve/centre/1", bytes(range(32)))
ROOT = hashlib.sha256(b"root").digest()
CHECKPOINT = Checkpoint("releve/centre/1", 41_207, ROOT)
NOTE = SIGNER.sign(CHECKPOINT.text())


def read_as_a_stranger(note: bytes, vkey: str) -> tuple[str, int, bytes]:
    """Written from the specification alone; shares no line with the package."""
    name, key_hash, key = vkey.split("+", 2)
    raw_key = base64.b64decode(key)
    assert raw_key[0] == 1
    expected_id = hashlib.sha256(name.encode() + b"\x0a" + raw_key).digest()[:4]
    assert expected_id == bytes.fromhex(key_hash)
    split = note.rindex(b"\n\n") + 1
    text, lines = note[:split], note[split + 1 :].decode().splitlines()
    for line in lines:
        dash, signed_by, signature = line.split(" ")
        blob = base64.b64decode(signature)
        if dash == "—" and signed_by == name and blob[:4] == expected_id:
            Ed25519PublicKey.from_public_bytes(raw_key[1:]).verify(blob[4:], text)
            origin, size, root, *_ = text.decode().split("\n")
            return origin, int(size), base64.b64decode(root)
    raise AssertionError("not signed by this key")


def test_a_stranger_reads_our_checkpoint() -> None:
    """Anyone must be able to hold an island to its word without our code."""
    assert read_as_a_stranger(NOTE.encode(), SIGNER.verifier.vkey) == ("releve/centre/1", 41_207, ROOT)


def test_we_read_our_checkpoint() -> None:
    """The recorder refuses to start on a checkpoint it cannot verify."""
    verifier = Verifier.from_vkey(SIGNER.verifier.vkey)

    assert read_checkpoint(open_note(NOTE, verifier)) == CHECKPOINT


def test_the_published_example_of_the_go_implementation_is_accepted() -> None:
    """The format is Go's signed note; its documentation carries a key and a note to compare with."""
    verifier = Verifier.from_vkey("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    note = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
        "\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )

    assert open_note(note, verifier).startswith("If you think cryptography")


def test_any_flipped_bit_of_a_checkpoint_is_found() -> None:
    """A checkpoint that verifies although it was touched would make every check behind it worthless."""
    raw = NOTE.encode()
    unseen = []

    for at in range(len(raw)):
        for bit in range(8):
            touched = raw[:at] + bytes([raw[at] ^ 1 << bit]) + raw[at + 1 :]
            try:
                open_note(touched.decode(), SIGNER.verifier)
            except (NoteError, UnicodeDecodeError):
                continue
            unseen.append((at, bit))

    assert unseen == []


def test_a_cosignature_beside_ours_is_no_obstacle() -> None:
    """Mirrors will sign below us; a reader that knows only our key must still accept the note."""
    other = Signer.generate("mirror")
    line = other.sign(CHECKPOINT.text()).rsplit("\n\n", 1)[1]

    assert open_note(NOTE + line, SIGNER.verifier) == CHECKPOINT.text()
    assert open_note(NOTE + line, other.verifier) == CHECKPOINT.text()


def test_a_note_of_another_log_is_refused() -> None:
    """A checkpoint signed by another island proves nothing about this one."""
    with pytest.raises(NoteError, match="no signature"):
        open_note(NOTE, Signer.generate("releve/centre/1").verifier)


def test_keys_survive_writing() -> None:
    """The key file is all that lets an island continue its log."""
    again = Signer.from_text(SIGNER.text())

    assert again.verifier.vkey == SIGNER.verifier.vkey
    assert again.sign("x\n") == SIGNER.sign("x\n")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "x",
        "a+b",
        "a+00000000+AAAA",
        "a+00000000+" + base64.b64encode(bytes(33)).decode(),
        "a b+0+!",
        "+0+AQ==",
    ],
)
def test_a_damaged_key_is_refused(line: str) -> None:
    """A key that is read wrong would sign a log nobody can verify."""
    with pytest.raises(NoteError):
        Verifier.from_vkey(line)
    with pytest.raises(NoteError):
        Signer.from_text("PRIVATE+KEY+" + line)
    with pytest.raises(NoteError):
        Signer.from_text(line)


def test_a_key_under_another_id_is_refused() -> None:
    """The ID in front of the key is what people compare by eye."""
    name, _, key = SIGNER.verifier.vkey.split("+", 2)
    with pytest.raises(NoteError, match="key ID"):
        Verifier.from_vkey(f"{name}+00000000+{key}")
    with pytest.raises(NoteError, match="key ID"):
        Signer.from_text(SIGNER.text().replace(SIGNER.verifier.key_id.hex(), "00000000"))


@pytest.mark.parametrize("name", ["", "a b", "a+b"])
def test_a_key_name_has_no_space_and_no_plus(name: str) -> None:
    """Either would make the signature line ambiguous."""
    with pytest.raises(NoteError):
        Verifier(name, bytes(32))


@pytest.mark.parametrize(
    "text",
    ["", "o\n", "o\n1\n", "o\n01\nAAAA\n", "o\n-1\nAAAA\n", "o\n1\nAAAA\n", "o\n1\n!\n", "\n1\nAAAA\n"],
)
def test_a_malformed_checkpoint_is_refused(text: str) -> None:
    """A tree head that can be read two ways is no tree head."""
    with pytest.raises(NoteError):
        read_checkpoint(text)


@pytest.mark.parametrize(
    "note", ["", "text\n", "text\n\nno dash\n", "text\n\n— name AAAA\n", "text\n\n— name\n"]
)
def test_a_malformed_note_is_refused(note: str) -> None:
    """What is not a signed note must not pass as an unsigned one."""
    with pytest.raises(NoteError):
        open_note(note, SIGNER.verifier)
