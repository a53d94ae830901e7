"""Who an island is towards other islands: certificate, key of its cosignatures, key of what a stick carries to it.

    DATA/keys/exchange.crt, exchange.pem   certificate and key, towards islands that pull and those pulled from
    DATA/keys/mirror.key                   signs "I hold this log up to here"
    DATA/keys/stick.key                    opens what was sealed on a stick for this island

The log's own key is not here: it is made with the log (`releve.journal.folder`) and held by the recorder alone.
"""

import base64
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import msgspec
import pyrage
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from releve.islands.exchange.whole import write_whole
from releve.journal import modes
from releve.journal.errors import FolderError, NoteError
from releve.journal.keys import keep_secret, secret
from releve.journal.note import Signer, Verifier

__all__ = [
    "Identity", "certificate_path", "certificate_sha256", "exchange_key_path", "make_identity", "mirror_key_path",
    "read_identity", "read_mirror_signer", "server_name", "stick_key_path",
]  # fmt: skip

COSIGNATURE = b"\x04"  # C2SP tlog-cosignature: Ed25519, over checkpoint and time
# Neither bound says anything: a certificate is trusted because it is pinned, and stops being trusted when its pin is
# taken out. A laptop whose clock fell back to its first day must still reach the others.
# RFC 5280 §4.1.2.5: 99991231235959Z stands for "no well-defined end".
NOT_BEFORE = datetime(2000, 1, 1, tzinfo=UTC)
NOT_AFTER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """What an island tells others of itself; nothing of it is secret."""

    origin: str
    certificate_pem: str
    mirror_vkey: str  # C2SP tlog-cosignature: name+keyID+base64(0x04 ‖ key)
    recipient: str  # age1…


def certificate_path(data: Path) -> Path:
    """Return the certificate towards other islands."""
    return data / "keys" / "exchange.crt"


def exchange_key_path(data: Path) -> Path:
    """Return the private key of that certificate."""
    return data / "keys" / "exchange.pem"


def mirror_key_path(data: Path) -> Path:
    """Return the private key of the cosignatures."""
    return data / "keys" / "mirror.key"


def stick_key_path(data: Path) -> Path:
    """Return the private key of what a stick carries to this island."""
    return data / "keys" / "stick.key"


def server_name(origin: str) -> str:
    """Return the name an island answers to; no network knows it, it is only spoken inside TLS."""
    return f"{origin}.releve.internal"


def certificate_sha256(pem: str) -> str:
    """Return the SHA-256 of a certificate in hexadecimal, by which it is pinned.

    Raises:
        ValueError: not a certificate.
    """
    return x509.load_pem_x509_certificate(pem.encode()).fingerprint(hashes.SHA256()).hex()


def make_identity(data: Path, origin: str) -> Identity:
    """Make whatever key is missing, and return who the island is. Keys that are there are not touched."""
    (data / "keys").mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (certificate_path(data).exists() and exchange_key_path(data).exists()):
        key = ec.generate_private_key(ec.SECP256R1())
        # The certificate comes last: with it alone, or with the key alone, both are made again.
        keep_secret(data, exchange_key_path(data).name, _private_pem(key))
        write_whole(certificate_path(data), _self_signed(key, server_name(origin)), mode=0o644)
    if not mirror_key_path(data).exists():
        keep_secret(
            data, mirror_key_path(data).name, Signer.generate(f"releve/{origin}/mirror").text().encode()
        )
    if not stick_key_path(data).exists():
        keep_secret(data, stick_key_path(data).name, f"{pyrage.x25519.Identity.generate()}\n".encode())
    return read_identity(data)


def read_identity(data: Path) -> Identity:
    """Return who the island is.

    Raises:
        FolderError: a key is missing, open to others, or not a key.
    """
    verifier = read_mirror_signer(data).verifier
    try:
        recipient = str(pyrage.x25519.Identity.from_str(_private(stick_key_path(data)).strip()).to_public())
        _private(exchange_key_path(data))
        pem = certificate_path(data).read_text("ascii")
        x509.load_pem_x509_certificate(pem.encode())
    except (pyrage.IdentityError, ValueError) as error:
        raise FolderError("keys: expected exchange.crt and stick.key as `releve keys` makes them") from error
    except FileNotFoundError:
        raise FolderError("keys: expected exchange.crt; make it with `releve keys`") from None
    return Identity(
        origin=verifier.name.split("/")[1],
        certificate_pem=pem,
        mirror_vkey=_cosignature_vkey(verifier),
        recipient=recipient,
    )


def read_mirror_signer(data: Path) -> Signer:
    """Return the key of this island's cosignatures.

    Raises:
        FolderError: it is missing, open to others, or not that key.
    """
    try:
        signer = Signer.from_text(_private(mirror_key_path(data)))
    except NoteError as error:
        raise FolderError(f"keys/mirror.key: {error}") from error
    parts = signer.verifier.name.split("/")
    if len(parts) != 3 or parts[0] != "releve" or parts[2] != "mirror":
        raise FolderError("keys/mirror.key: expected the name releve/ORIGIN/mirror")
    return signer


def _private(path: Path) -> str:
    name = f"keys/{path.name}"
    try:
        if path.stat().st_mode & modes.OTHERS:
            raise FolderError(f"{name}: expected mode 0600, others may read it")
        # Opened with the island key when the island is wrapped; another program reads it at `secret_path`.
        return secret(path.parent.parent, path.name).decode("ascii")
    except FileNotFoundError:
        raise FolderError(f"{name}: expected, make it with `releve keys`") from None


def _cosignature_vkey(verifier: Verifier) -> str:
    # C2SP tlog-cosignature: the key ID is taken over the algorithm's number, so that a cosigning key never passes
    # for a log's.
    public = COSIGNATURE + verifier.public_bytes
    key_id = sha256(verifier.name.encode() + b"\n" + public).digest()[:4]
    return f"{verifier.name}+{key_id.hex()}+{base64.b64encode(public).decode()}"


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _self_signed(key: ec.EllipticCurvePrivateKey, name: str) -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOT_BEFORE)
        .not_valid_after(NOT_AFTER)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM)
