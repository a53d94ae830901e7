"""The island's own authority: what browsers, senders and other islands are told to trust, before the crisis.

`DATA/keys/ca/ca.crt` is public; `ca.pem` is its key, wrapped with a passphrase; `server.crt` and `server.pem` are what
`releve serve` speaks with once issued; `issued/` keeps every certificate given out.

The authority binds itself (name constraints): stolen, it can speak for the hospital's own names and addresses and for
no other site. Source: RFC 5280 §4.2.1.10; CA/Browser Forum ballot on validity as browsers apply it to private roots.
"""

import datetime
import ipaddress
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

__all__ = [
    "PRIVATE_NETWORKS", "AuthorityError", "Issued", "authority_paths", "general_name", "grouped", "issue_client",
    "issue_server", "issued", "make_authority", "outside", "read_authority",
]  # fmt: skip

YEARS = 10
# Safari refuses more than 825 days from a private authority, and others may follow.
DAYS = 820
PRIVATE_NETWORKS = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8", "::1/128", "fc00::/7",
    "fe80::/10",
)  # fmt: skip

_Key = ec.EllipticCurvePrivateKey


class AuthorityError(Exception):
    """The authority is not there, is there already, or may not vouch for this."""


class Issued(NamedTuple):
    """A certificate that was given out. Times are UTC."""

    serial: str
    name: str
    use: str  # server, client
    from_: datetime.datetime
    until: datetime.datetime
    fingerprint: str


def authority_paths(data: Path) -> tuple[Path, Path]:
    """Return where the authority's certificate and wrapped key are kept (PEM)."""
    return data / "keys" / "ca" / "ca.crt", data / "keys" / "ca" / "ca.pem"


def grouped(certificate: x509.Certificate) -> str:
    """Return the SHA-256 fingerprint in groups one can read aloud."""
    digits = certificate.fingerprint(hashes.SHA256()).hex().upper()
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


def general_name(name: str) -> x509.GeneralName:
    """Return a name or an address as certificates write it.

    Raises:
        AuthorityError: neither a DNS name nor an IP address.
    """
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        pass
    try:
        return x509.DNSName(name.encode("idna").decode().lower())
    except (UnicodeError, ValueError):
        raise AuthorityError("name: expected a DNS name or an IP address") from None


def make_authority(
    data: Path,
    *,
    hospital: str,
    island: str,
    names: Iterable[str],
    networks: Iterable[str],
    passphrase: str,
    now: datetime.datetime,
    years: int = YEARS,
) -> x509.Certificate:
    """Write a new authority that may speak for these names (and what is below them) and networks only.

    Raises:
        AuthorityError: there is one already (a second would have to be trusted everywhere again), or a name is none.
    """
    certificate_path, key_path = authority_paths(data)
    if certificate_path.exists() or key_path.exists():
        raise AuthorityError("keys/ca: expected no authority yet; nothing was changed")
    permitted: list[x509.GeneralName] = []
    for name in dict.fromkeys(names):
        known = general_name(name)
        if isinstance(known, x509.IPAddress):
            raise AuthorityError("--name: expected a DNS name; addresses go with --network")
        permitted.append(known)
    try:
        permitted += [x509.IPAddress(ipaddress.ip_network(network)) for network in dict.fromkeys(networks)]
    except ValueError:
        raise AuthorityError("--network: expected networks such as 10.4.0.0/16") from None
    key = ec.generate_private_key(ec.SECP384R1())
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, hospital[:64] or "Relève"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Relève {island} CA"[:64]),
        ]
    )
    public = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))  # clocks of laptops are late
        .not_valid_after(now + datetime.timedelta(days=365 * years))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .add_extension(public, critical=False)
        .sign(key, hashes.SHA384())
    )
    certificate_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    wrapped = serialization.BestAvailableEncryption(_typed(passphrase))
    _write(key_path, _pem(key, wrapped), secret=True)
    _write(certificate_path, certificate.public_bytes(serialization.Encoding.PEM))
    return certificate


def read_authority(data: Path) -> x509.Certificate:
    """Return the authority's certificate.

    Raises:
        AuthorityError: there is none.
    """
    try:
        return x509.load_pem_x509_certificate(authority_paths(data)[0].read_bytes())
    except FileNotFoundError:
        raise AuthorityError("keys/ca: expected an authority; make one with `releve ca init`") from None
    except ValueError:
        raise AuthorityError("keys/ca/ca.crt: expected a certificate") from None


def outside(authority: x509.Certificate, names: Sequence[str]) -> list[str]:
    """Return those of these names and addresses for which the authority may not speak: browsers would refuse them."""
    permitted = (
        authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    )
    found = []
    for name in names:
        known = general_name(name)
        if isinstance(known, x509.IPAddress):
            fits = any(
                isinstance(one, x509.IPAddress) and known.value in one.value  # type: ignore[operator]
                for one in permitted
            )
        else:
            fits = any(
                isinstance(one, x509.DNSName)
                and (known.value == one.value or known.value.endswith(f".{one.value}"))
                for one in permitted
            )
        if not fits:
            found.append(name)
    return found


def issue_server(
    data: Path, *, names: Sequence[str], passphrase: str, now: datetime.datetime
) -> x509.Certificate:
    """Write the certificate and key the island serves with, for these names and addresses; return the certificate.

    Raises:
        AuthorityError: no authority, not its passphrase, or a name it may not speak for.
    """
    authority = read_authority(data)
    wrong = outside(authority, names)
    if wrong:
        raise AuthorityError(f"{', '.join(wrong)}: expected names and networks given to `releve ca init`")
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _issue(
        data, authority, key, passphrase=passphrase, name=names[0], now=now, use=ExtendedKeyUsageOID.SERVER_AUTH,
        names=[general_name(name) for name in dict.fromkeys(names)],
    )  # fmt: skip
    folder = authority_paths(data)[0].parent
    chain = certificate.public_bytes(serialization.Encoding.PEM) + authority.public_bytes(
        serialization.Encoding.PEM
    )
    # The key last: `serve` takes the pair only when both are there.
    _write(folder / "server.crt", chain)
    _write(folder / "server.pem", _pem(key, serialization.NoEncryption()), secret=True)
    return certificate


def issue_client(
    data: Path, out: Path, *, name: str, passphrase: str, now: datetime.datetime
) -> tuple[Path, Path, Path]:
    """Write a sender's or a peer's certificate, its key, and the authority to trust; return the three paths.

    Raises:
        AuthorityError: no authority, not its passphrase, or a name that cannot be a file's.
    """
    if not name or not all(sign.isalnum() or sign in "._-" for sign in name) or name.startswith("."):
        raise AuthorityError("--client: expected letters, figures, points, hyphens")
    authority = read_authority(data)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _issue(
        data, authority, key, passphrase=passphrase, name=name, now=now, use=ExtendedKeyUsageOID.CLIENT_AUTH, names=[]
    )  # fmt: skip
    out.mkdir(parents=True, exist_ok=True)
    paths = out / f"{name}.crt", out / f"{name}.pem", out / "releve-ca.crt"
    _write(paths[0], certificate.public_bytes(serialization.Encoding.PEM))
    _write(paths[1], _pem(key, serialization.NoEncryption()), secret=True)
    _write(paths[2], authority.public_bytes(serialization.Encoding.PEM))
    return paths


def issued(data: Path) -> list[Issued]:
    """Return every certificate given out, oldest first."""
    found = []
    for path in (authority_paths(data)[0].parent / "issued").glob("*.crt"):
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        (name,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        found.append(
            Issued(
                serial=f"{certificate.serial_number:x}",
                name=str(name.value),
                use="server" if ExtendedKeyUsageOID.SERVER_AUTH in uses else "client",
                from_=certificate.not_valid_before_utc,
                until=certificate.not_valid_after_utc,
                fingerprint=grouped(certificate),
            )
        )
    return sorted(found, key=lambda one: (one.from_, one.serial))


def _issue(
    data: Path, authority: x509.Certificate, key: _Key, *, passphrase: str, name: str,
    names: list[x509.GeneralName], use: x509.ObjectIdentifier, now: datetime.datetime,
) -> x509.Certificate:  # fmt: skip
    try:
        signer = serialization.load_pem_private_key(authority_paths(data)[1].read_bytes(), _typed(passphrase))
    except FileNotFoundError:
        raise AuthorityError(
            "keys/ca/ca.pem: expected the authority's key; bring it back from its stick"
        ) from None
    except (ValueError, TypeError):
        raise AuthorityError("keys/ca/ca.pem: expected its passphrase") from None
    if not isinstance(signer, _Key):
        raise AuthorityError("keys/ca/ca.pem: expected an elliptic curve key")
    until = min(now + datetime.timedelta(days=DAYS), authority.not_valid_after_utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    certificate = builder.sign(signer, hashes.SHA384())
    kept = authority_paths(data)[0].parent / "issued"
    kept.mkdir(mode=0o700, exist_ok=True)
    _write(kept / f"{certificate.serial_number:x}.crt", certificate.public_bytes(serialization.Encoding.PEM))
    return certificate


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=signs_certificates, crl_sign=signs_certificates,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _typed(passphrase: str) -> bytes:
    return "".join(passphrase.split()).encode()


def _pem(key: _Key, wrapped: serialization.KeySerializationEncryption) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, wrapped)


def _write(path: Path, content: bytes, *, secret: bool = False) -> None:
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600 if secret else 0o644)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
