"""The door of an island, with the real Caddy in it. What is refused here must stay refused for ever."""

import datetime
import os
import signal
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from grown import grow, introduce, island, peer_of
from published import Door, free_port, knock, opened, publishing

from releve.islands.exchange.identity import (
    Identity,
    certificate_path,
    certificate_sha256,
    exchange_key_path,
    make_identity,
)
from releve.islands.exchange.peers import Peers, write_peers
from releve.islands.exchange.source import HttpsSource, SourceGone
from releve.journal import keys

GET = b"GET %b HTTP/1.1\r\nHost: centre.releve.internal\r\n\r\n"


class Standing(NamedTuple):
    """The island centre, open to nord and est (which calls itself an authority); sud has left; a stranger."""

    door: Door
    centre: Identity
    nord: Path
    sud: Path
    stranger: Path


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """Return a running island for all tests here that change nothing."""
    folder = tmp_path_factory.mktemp("door")
    nord, sud, stranger = (folder / name for name in ("nord", "sud", "stranger"))
    peers = [peer_of(make_identity(nord, "nord")), peer_of(make_identity(sud, "sud"), left=True)]
    make_identity(stranger, "nord")  # it says it is nord; only its key tells
    make_identity(folder / "est", "est")
    sign_certificate(folder / "est", folder / "est", authority=True)  # nothing hinders an island from that
    peers.append(peer_of(make_identity(folder / "est", "est")))
    data = folder / "centre"
    island(data, "centre", entries=300)
    centre = introduce(data, "centre", *peers)
    with publishing(data, "centre") as door:
        source = door.source(centre.certificate_pem, nord)
        opened(source)
        source.close()
        yield Standing(door, centre, nord, sud, stranger)


def status(answer: bytes) -> int:
    """Return the status of an answer, 0 when the handshake failed or nothing was said."""
    return int(answer.split(b" ", 2)[1]) if answer else 0


def test_a_peer_is_let_in(standing: Standing) -> None:
    """Or nothing of this island would ever be saved elsewhere."""
    for name in ("nord", "est"):
        assert knock(standing.door, keys=standing.nord.parent / name).endswith(b"centre/1 302\n")


@pytest.mark.parametrize("name", ["", None, "127.0.0.1", "localhost", "nord.releve.internal"])
def test_without_a_certificate_nobody_is_let_in_under_any_name(standing: Standing, name: str | None) -> None:
    """A server addressed by number once let such a client in; then every patient is everybody's."""
    assert knock(standing.door, name=name) == b""


@pytest.mark.parametrize("name", [None, "127.0.0.1", "nord.releve.internal", "localhost"])
def test_no_other_name_leads_in(standing: Standing, name: str | None) -> None:
    """What is asked under another name was meant for another island, or tries another set of rules."""
    assert knock(standing.door, name=name, keys=standing.nord) == b""


def test_another_name_inside_the_connection_leads_nowhere(standing: Standing) -> None:
    """TLS said one name, the request another: somebody tries which of the two is checked."""
    asked = b"GET /logs HTTP/1.1\r\nHost: nord.releve.internal\r\n\r\n"

    assert status(knock(standing.door, asked, keys=standing.nord)) in (400, 403, 405, 421)


def test_a_certificate_that_was_not_pinned_is_refused_whatever_name_it_bears(standing: Standing) -> None:
    """Anybody can make a certificate that says nord."""
    assert knock(standing.door, keys=standing.stranger) == b""


def test_an_island_that_left_is_refused(standing: Standing) -> None:
    """It left because two managers no longer trust it."""
    assert knock(standing.door, keys=standing.sud) == b""


@pytest.mark.parametrize("issuer", ["nord", "est"])
def test_what_a_peers_key_signed_is_not_the_peer(standing: Standing, tmp_path: Path, issuer: str) -> None:
    """An owned island could otherwise let others in, and they would stay when it is thrown out."""
    make_identity(tmp_path, "issued")
    sign_certificate(tmp_path, standing.nord.parent / issuer)

    assert knock(standing.door, keys=tmp_path) == b""


def sign_certificate(holder: Path, issuer: Path, *, authority: bool = False) -> None:
    """Give an island a certificate signed by another one, or by itself, as an authority if so wanted."""
    by = x509.load_pem_x509_certificate(certificate_path(issuer).read_bytes())
    key = serialization.load_pem_private_key(exchange_key_path(holder).read_bytes(), None)
    issuer_key = serialization.load_pem_private_key(exchange_key_path(issuer).read_bytes(), None)
    own = x509.load_pem_x509_certificate(certificate_path(holder).read_bytes())
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(own.subject)
        .issuer_name(by.subject)
        .public_key(key.public_key())  # type: ignore[arg-type]
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .sign(issuer_key, hashes.SHA256())  # type: ignore[arg-type]
    )
    chain = [signed] if issuer == holder else [signed, by]
    certificate_path(holder).write_bytes(
        b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain)
    )


def test_older_tls_is_refused(standing: Standing) -> None:
    """In TLS 1.2 the certificates of both islands travel in the clear."""
    assert knock(standing.door, keys=standing.nord, newest=ssl.TLSVersion.TLSv1_2) == b""


@pytest.mark.parametrize(
    "method", ["PUT", "POST", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"]
)
def test_nothing_can_be_sent(standing: Standing, method: str) -> None:
    """An island pulls; nobody ever writes into it."""
    asked = f"{method} /logs HTTP/1.1\r\nHost: centre.releve.internal\r\nContent-Length: 0\r\n\r\n".encode()

    assert status(knock(standing.door, asked, keys=standing.nord)) in (400, 405)
    if method in ("PUT", "POST", "DELETE"):
        assert status(knock(standing.door, asked, keys=standing.nord)) == 405


def test_a_body_is_never_read(standing: Standing) -> None:
    """What one of two readers takes for a body the other could take for the next request."""
    for body in (b"Content-Length: 5\r\n\r\nhello", b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"):
        asked = b"GET /logs HTTP/1.1\r\nHost: centre.releve.internal\r\n" + body
        assert status(knock(standing.door, asked, keys=standing.nord)) >= 400


@pytest.mark.parametrize(
    "path",
    [
        "/", "//", "/logs/", "//logs", "/./logs", "/LOGS", "/logs?x=1", "/logs%00", "/%6cogs", "/logs;x", "/lögs",
        "/../keys/centre.1.key", "/centre/1/../../keys/centre.1.key", "/%2e%2e/keys/centre.1.key",
        "/centre/1/checkpoint/..", "/centre%2f1/checkpoint", "/centre/01/checkpoint", "/centre/1/checkpoint%0d%0a",
        "/centre\\1\\checkpoint", "/keys/exchange.pem", "/journal/centre/1.sqlite3", "/centre/1.sqlite3",
        "/centre/1/tile/0/000.p/256", "/centre/1/tile/0/000.p/0", "/centre/1/tile/entries/x000/000",
        "/nord/1/checkpoint", "/centre/2/checkpoint", "/blobs/ab/../../releve.toml",
        "/blobs/" + "ab/" + "0" * 62,
    ],
)  # fmt: skip
def test_only_files_of_the_layout_are_to_be_had(standing: Standing, path: str) -> None:
    """Beside the logs lie the keys."""
    assert status(knock(standing.door, GET % path.encode(), keys=standing.nord)) in (400, 404)


def test_long_headers_are_refused(standing: Standing) -> None:
    """Whoever is let in may still be owned: nothing is read without a bound."""
    asked = GET[:-2] % b"/logs" + b"X-Long: " + b"a" * 20_000 + b"\r\n\r\n"

    assert status(knock(standing.door, asked, keys=standing.nord)) in (0, 400, 431)


def test_who_asks_is_said_by_caddy_alone(standing: Standing) -> None:
    """With a header of its own, a peer could spend the share of another one."""
    door = standing.door
    forged = (
        b"GET /logs HTTP/1.1\r\nHost: centre.releve.internal\r\nReleve-Peer: sud\r\nreleve-peer: sud\r\n\r\n"
    )

    assert status(knock(door, forged, keys=standing.nord)) == 200
    told = (door.data / "runtime" / "caddy.json").read_text()
    assert '"set":{"Releve-Peer":["{http.request.tls.client.fingerprint}"]}' in told


def test_full_tiles_may_be_kept_and_nothing_is_found_by_guessing(standing: Standing) -> None:
    """A tile of 256 hashes never changes; a bundle loses the bytes of what is redacted."""
    tile = knock(standing.door, GET % b"/centre/1/tile/0/000", keys=standing.nord)
    bundle = knock(standing.door, GET % b"/centre/1/tile/entries/000", keys=standing.nord)

    assert b"immutable" in tile
    assert b"immutable" not in bundle
    assert status(bundle) == 200


def test_nothing_listens_but_the_door(standing: Standing) -> None:
    """An administration port would let any program of this machine open the door."""
    told = (standing.door.data / "runtime" / "caddy.json").read_text()

    assert '"admin":{"disabled":true' in told
    assert "BEGIN" not in told.replace("BEGIN CERTIFICATE", "")  # no key stands in it
    outside = [path for path in standing.door.data.rglob("caddy*") if "runtime" not in path.parts]
    assert outside == []


def test_the_other_island_is_believed_by_its_certificate_alone(standing: Standing) -> None:
    """Another machine at the address, even with a certificate that bears the right name, is nobody."""
    other = make_identity(standing.stranger.parent / "false-centre", "centre")
    source = standing.door.source(other.certificate_pem, standing.nord)

    with pytest.raises(SourceGone) as told:
        source.get("logs", 1000)
    assert told.value.trouble == "certificate"


def test_an_island_that_is_not_let_in_is_told_so(standing: Standing) -> None:
    """Otherwise it looks for a broken cable."""
    source = standing.door.source(standing.centre.certificate_pem, standing.stranger)

    with pytest.raises(SourceGone) as told:
        source.get("logs", 1000)
    assert told.value.trouble == "refused"


def test_one_connection_serves_many_files_and_comes_back(standing: Standing) -> None:
    """A handshake for each of eighty bundles a second would be all that two processors do."""
    source = standing.door.source(standing.centre.certificate_pem, standing.nord)
    first = source.get("centre/1/checkpoint", 16 * 1024)
    kept = source._socket
    assert first is not None
    assert source.get("centre/1/tile/0/000", 8192) is not None
    assert source.get("centre/7/checkpoint", 8192) is None
    assert source._socket is kept

    assert kept is not None
    kept.shutdown(2)  # the other end, or a firewall, closed it meanwhile
    assert source.get("centre/1/checkpoint", 16 * 1024) == first
    source.close()


def test_whoever_is_taken_out_is_out_within_two_seconds_and_back_when_put_back(tmp_path: Path) -> None:
    """From an owned island no more may be read once two managers threw it out, on open connections neither."""
    nord, sud = make_identity(tmp_path / "nord", "nord"), make_identity(tmp_path / "sud", "sud")
    data = tmp_path / "centre"
    island(data, "centre")
    centre = introduce(data, "centre", peer_of(nord), peer_of(sud))
    with publishing(data, "centre") as door:
        northern = door.source(centre.certificate_pem, tmp_path / "nord")
        southern = door.source(centre.certificate_pem, tmp_path / "sud")
        opened(northern)
        opened(southern)

        write_peers(data, Peers(own="centre", peers=(peer_of(nord), peer_of(sud, left=True))))
        assert refused_after(southern) < 2.0
        opened(northern)
        write_peers(data, Peers(own="centre", peers=(peer_of(nord), peer_of(sud))))
        opened(southern)

        write_peers(data, Peers(own="centre", peers=()))
        assert refused_after(northern) < 2.0
        assert refused_after(southern) < 2.0


def refused_after(source: HttpsSource) -> float:
    """Return the seconds until a peer no longer gets anything."""
    start = time.monotonic()
    while time.monotonic() - start < 10:
        try:
            source.get("logs", 1000)
        except SourceGone:
            try:
                source.get("logs", 1000)
            except SourceGone:
                return time.monotonic() - start
        time.sleep(0.02)
    return time.monotonic() - start


def test_caddy_is_started_again_when_it_dies_and_when_a_spoilt_list_of_peers_is_mended(
    tmp_path: Path,
) -> None:
    """At three in the morning nobody restarts a process by hand."""
    nord = make_identity(tmp_path / "nord", "nord")
    data = tmp_path / "centre"
    island(data, "centre")
    centre = introduce(data, "centre", peer_of(nord))
    with publishing(data, "centre") as door:
        source = door.source(centre.certificate_pem, tmp_path / "nord")
        opened(source)
        child = children(door.process.pid)[0]
        os.kill(child, signal.SIGKILL)
        until(lambda: children(door.process.pid) not in ([child], []))
        opened(source)

        (data / "islands" / "peers.json").write_text("spoilt")
        assert refused_after(source) < 2.0
        until(lambda: children(door.process.pid) == [])
        write_peers(data, Peers(own="centre", peers=(peer_of(nord),)))
        opened(source)
        grow(data, 5)
        assert source.get("logs", 1000) == b"centre/1 7\n"


def sixth_or_fourth() -> str:
    """Return this machine by its IPv6 address where it has one, as half of the hospitals will."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return "127.0.0.1"
    return "[::1]"


def until(held: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until it holds."""
    deadline = time.monotonic() + seconds
    while not held():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def children(pid: int) -> list[int]:
    """Return the processes started by a process."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_locked_island_lets_nobody_in_and_an_opened_one_needs_no_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its certificate's key is wrapped too: whoever carries the disk away answers in its name otherwise."""
    monkeypatch.setenv("RELEVE_RUN", str(tmp_path / "memory"))
    nord = make_identity(tmp_path / "nord", "nord")
    data = tmp_path / "centre"
    island(data, "centre")
    centre = introduce(data, "centre", peer_of(nord))
    island_key = os.urandom(keys.KEY_BYTES)
    ring = {keys.key_number(island_key): island_key}
    assert keys.wrap_file(data, exchange_key_path(data).name, ring)
    host = sixth_or_fourth()
    with publishing(data, "centre", listen=host) as door:
        source = HttpsSource(
            f"{host}:{door.port}", origin="centre", certificate=centre.certificate_pem, data=tmp_path / "nord"
        )
        log = data / "runtime" / "publisher.log"
        until(lambda: "nobody is let in" in log.read_text())
        with pytest.raises(SourceGone):
            source.get("logs", 1000)

        keys.hand_over(data, ring)

        opened(source)
        assert children(door.process.pid)
        assert log.read_text().count("nobody is let in") == 1


def test_a_certificate_is_pinned_by_its_fingerprint(standing: Standing) -> None:
    """The number a manager compares aloud is the one programs compare."""
    raw = x509.load_pem_x509_certificate(standing.centre.certificate_pem.encode())

    assert certificate_sha256(standing.centre.certificate_pem) == raw.fingerprint(hashes.SHA256()).hex()


def test_nobody_is_let_in_by_an_island_without_peers(tmp_path: Path) -> None:
    """A new island waits for its managers; until then there is no door at all."""
    nord = tmp_path / "nord"
    make_identity(nord, "nord")
    data = tmp_path / "centre"
    island(data, "centre")
    centre = introduce(data, "centre")
    port = free_port()
    with publishing(data, "centre", port) as door:
        source = door.source(centre.certificate_pem, nord)
        deadline = time.monotonic() + 1.0
        while time.monotonic() < deadline:
            with pytest.raises(SourceGone, match="expected a connection"):
                source.get("logs", 1000)
            time.sleep(0.1)
