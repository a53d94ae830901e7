"""The three islands of the simulation: their names, their keys, and how each is known to the others."""

import base64
from hashlib import sha256

from releve.islands.exchange.cosign import ED25519_COSIGNATURE
from releve.islands.exchange.peers import Peer
from releve.journal.note import Signer

ORIGINS = ("a", "b", "c")


def signer_of(name: str) -> Signer:
    """Return the key of that name, the same in every run."""
    return Signer(name, sha256(name.encode()).digest())


def mirror_vkey(signer: Signer) -> str:
    """Return the key of an island's cosignatures as others pin it."""
    public = ED25519_COSIGNATURE + signer.verifier.public_bytes
    key_id = sha256(signer.verifier.name.encode() + b"\n" + public).digest()[:4]
    return f"{signer.verifier.name}+{key_id.hex()}+{base64.b64encode(public).decode()}"


LOG_SIGNERS = {origin: signer_of(f"releve/{origin}/1") for origin in ORIGINS}
MIRROR_SIGNERS = {origin: signer_of(f"releve/{origin}/mirror") for origin in ORIGINS}
CARDS = {
    origin: Peer(
        origin=origin,
        name=origin,
        mirror_key=mirror_vkey(MIRROR_SIGNERS[origin]),
        epochs={"1": LOG_SIGNERS[origin].verifier.vkey},
    )
    for origin in ORIGINS
}
