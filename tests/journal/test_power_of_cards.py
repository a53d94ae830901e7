"""What gives power carries two managers' signatures; what does not hold is no signature, and never an error."""

import base64

import msgspec
import pytest

from releve.journal.cards import CardError, make_card, new_passphrase, open_card, public_key, sign_with
from releve.journal.errors import JournalError
from releve.journal.note import Signer
from releve.journal.power import (
    FIELD,
    NONCE_BYTES,
    PowerRefused,
    nonce_of,
    sign_power,
    signers,
    told_for,
)

ONE, TWO = (Signer(f"manager/{name}", name.encode() * 8) for name in ("anne", "yves"))
KEYS = [one.verifier.vkey for one in (ONE, TWO)]
BODY = msgspec.msgpack.encode({"type": "islands.cut.1", "origin": "c"})
NONCE = bytes(range(NONCE_BYTES))
pack = msgspec.msgpack.encode


def test_two_managers_make_it_signed_and_one_does_not() -> None:
    """One card found in a drawer must not cut an island off."""
    signed = sign_power("islands.cut.1", BODY, [ONE, TWO], nonce=NONCE)

    assert signers("islands.cut.1", signed) == tuple(sorted(KEYS))
    assert set(signers("islands.cut.1", signed)) == set(KEYS)
    assert signers("islands.joined.1", signed) == (), "it is signed for one kind"
    assert nonce_of(signed) == NONCE.hex()


def test_what_was_signed_counts_where_it_was_meant_to_be_told() -> None:
    """An act told again by another island is an old one."""
    signed = sign_with("islands.cut.1", BODY, [ONE, TWO], "a")

    assert told_for(nonce_of(signed), "a")
    assert not told_for(nonce_of(signed), "b")


def test_what_cannot_be_signed_is_refused() -> None:
    """Before two people have typed their passphrases for nothing."""
    for cards, body, nonce in (
        ([ONE, ONE], BODY, NONCE),
        ([ONE, TWO], BODY, b"short"),
        ([ONE, TWO], b"\xc1", NONCE),
        ([ONE, TWO], pack([1]), NONCE),
    ):
        with pytest.raises(PowerRefused):
            sign_power("islands.cut.1", body, cards, nonce=nonce)


@pytest.mark.parametrize(
    "body",
    [
        BODY,
        FIELD.encode(),
        pack([FIELD]),
        pack({FIELD: 1}),
        pack({"said": FIELD}),
        pack({FIELD: {"nonce": NONCE, "by": [{"key": "no key", "line": "x"}]}}),
        pack({FIELD: {"nonce": NONCE, "by": [{"key": KEYS[0], "line": "no line"}]}}),
        pack({FIELD: {"nonce": NONCE, "by": []}}),
        b"\x91" * 5000 + FIELD.encode(),
    ],
)
def test_what_is_no_signature_gives_nobody(body: bytes) -> None:
    """Bytes of another island reach this: they may be anything."""
    assert signers("islands.cut.1", body) == ()
    assert nonce_of(body) in ("", NONCE.hex())


def test_a_card_opens_with_its_passphrase_and_no_other() -> None:
    """It lies in an envelope in two places of the hospital."""
    passphrase = new_passphrase()
    card = make_card("anne", passphrase)

    assert open_card(card, passphrase).verifier.vkey == public_key(card).vkey
    with pytest.raises(CardError, match="passphrase"):
        open_card(card, new_passphrase())


def test_what_is_no_card_is_said() -> None:
    """A wrong file on the stick is told from a wrong passphrase."""
    passphrase = new_passphrase()
    card, other = make_card("anne", passphrase), make_card("anne", passphrase)
    lines, key = card.splitlines(), other.splitlines()[1]
    for text in ("", "nothing\n", lines[0], "\n".join([lines[0], "key: x", "sealed: !"])):
        with pytest.raises(CardError):
            open_card(text, passphrase)
    with pytest.raises(CardError, match="passphrase"):
        open_card("\n".join([lines[0], key, lines[2]]), passphrase)
    with pytest.raises(CardError):
        open_card("\n".join([*lines[:2], f"sealed: {base64.b64encode(b'x').decode()}"]), passphrase)
    with pytest.raises(JournalError):
        make_card("a name", passphrase)
