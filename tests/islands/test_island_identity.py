"""Who an island is towards others."""

import stat
from pathlib import Path

import pyrage
import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from releve.islands.exchange import identity
from releve.islands.exchange.identity import make_identity, read_identity
from releve.journal.errors import FolderError


def test_an_island_keeps_its_keys_for_ever(tmp_path: Path) -> None:
    """The others pinned them: a key made anew would shut the island out."""
    made = make_identity(tmp_path, "centre")

    assert make_identity(tmp_path, "centre") == made == read_identity(tmp_path)
    assert made.origin == "centre"
    assert made.mirror_vkey.startswith("releve/centre/mirror+")


def test_nobody_else_may_read_a_key(tmp_path: Path) -> None:
    """Who reads them is the island, to all others."""
    make_identity(tmp_path, "centre")
    for path in (
        identity.exchange_key_path(tmp_path),
        identity.mirror_key_path(tmp_path),
        identity.stick_key_path(tmp_path),
    ):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        path.chmod(0o640)
        with pytest.raises(FolderError, match="0600"):
            read_identity(tmp_path)
        path.chmod(0o600)
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_a_certificate_names_its_island_and_vouches_for_nobody(tmp_path: Path) -> None:
    """If it could sign others, one owned island could invent islands."""
    certificate = x509.load_pem_x509_certificate(make_identity(tmp_path, "centre").certificate_pem.encode())

    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert names.get_values_for_type(x509.DNSName) == ["centre.releve.internal"]
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert set(uses) == {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}
    assert certificate.not_valid_before_utc.year == 2000  # a laptop whose clock fell back still gets in
    assert certificate.not_valid_after_utc.year == 9999


def test_what_is_sealed_for_an_island_is_opened_with_its_stick_key(tmp_path: Path) -> None:
    """Otherwise a stick arrives and cannot be read."""
    recipient = make_identity(tmp_path, "centre").recipient
    sealed = pyrage.encrypt(b"a log", [pyrage.x25519.Recipient.from_str(recipient)])

    key = pyrage.x25519.Identity.from_str(identity.stick_key_path(tmp_path).read_text().strip())

    assert pyrage.decrypt(sealed, [key]) == b"a log"


@pytest.mark.parametrize("name", ["exchange.crt", "exchange.pem", "mirror.key", "stick.key"])
def test_a_missing_or_spoilt_key_is_named(tmp_path: Path, name: str) -> None:
    """Whoever restores an island at night must know which file is missing."""
    make_identity(tmp_path, "centre")
    path = tmp_path / "keys" / name

    if name != "exchange.pem":  # Caddy reads that one, and says so itself
        path.write_text("spoilt\n")
        with pytest.raises(FolderError, match=r"keys"):
            read_identity(tmp_path)
    path.unlink()
    with pytest.raises(FolderError, match=name.replace(".", r"\.")):
        read_identity(tmp_path)


def test_a_key_under_another_name_is_not_taken_for_the_mirrors(tmp_path: Path) -> None:
    """A log's key may never sign that a copy is held."""
    make_identity(tmp_path, "centre")
    path = identity.mirror_key_path(tmp_path)
    path.write_text(identity.Signer.generate("releve/centre/1").text())

    with pytest.raises(FolderError, match="releve/ORIGIN/mirror"):
        read_identity(tmp_path)


def test_half_a_certificate_is_made_again(tmp_path: Path) -> None:
    """A machine that lost its current during `init` must not need a specialist."""
    first = make_identity(tmp_path, "centre")
    identity.certificate_path(tmp_path).unlink()

    second = make_identity(tmp_path, "centre")

    assert second.certificate_pem != first.certificate_pem
    assert second.mirror_vkey == first.mirror_vkey
