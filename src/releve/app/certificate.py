"""What the island serves with: the certificate its own authority issued, else the one made at `init`.

The one made at `init` signs itself: browsers warn until somebody accepts it. `releve ca` (see `authority.py`) makes
one that they trust. Its fingerprint is printed on every pack's cover.
"""

import datetime
import ipaddress
import os
import socket
from collections.abc import Iterable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

__all__ = ["certificate_paths", "fingerprint", "local_addresses", "make_certificate"]

# Browsers refuse more than 825 days from a certificate they are told to trust.
DAYS = 820


def certificate_paths(data: Path) -> tuple[Path, Path]:
    """Return the certificate and the key to serve with (PEM): issued by the authority when both are there."""
    issued = data / "keys" / "ca" / "server.crt", data / "keys" / "ca" / "server.pem"
    return issued if all(path.is_file() for path in issued) else _self_signed(data)


def _self_signed(data: Path) -> tuple[Path, Path]:
    return data / "keys" / "web.crt", data / "keys" / "web.pem"


def local_addresses() -> list[str]:
    """Return the addresses of this machine, found without asking any network."""
    found = {"127.0.0.1", "::1"}
    for family, target in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect(
                    (target, 9)
                )  # a datagram socket: nothing is sent, the kernel names its own address
                found.add(str(probe.getsockname()[0]))
        except OSError:
            continue
    return sorted(found)


def make_certificate(data: Path, *, names: Iterable[str], island: str, now: datetime.datetime) -> Path:
    """Write a new key and certificate for these names and addresses; return the certificate's path."""
    certificate_path, key_path = _self_signed(data)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Relève {island}"[:64])])
    alternatives: list[x509.GeneralName] = []
    for name in dict.fromkeys(["localhost", socket.gethostname(), *local_addresses(), *names]):
        try:
            alternatives.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            alternatives.append(x509.DNSName(name))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))  # clocks of laptops are late
        .not_valid_after(now + datetime.timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with os.fdopen(os.open(key_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(pem)
    certificate_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return certificate_path


def fingerprint(data: Path) -> str:
    """Return the SHA-256 fingerprint of the certificate, in groups one can read aloud."""
    raw = certificate_paths(data)[0].read_bytes()
    digits = x509.load_pem_x509_certificate(raw).fingerprint(hashes.SHA256()).hex().upper()
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))
