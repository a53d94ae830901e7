"""Where files are pulled from: bounds that hold whoever stands at the other end."""

import contextlib
import os
import socket
import ssl
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from published import free_port

from releve.islands.exchange import source as sources
from releve.islands.exchange.identity import Identity, certificate_path, exchange_key_path, make_identity
from releve.islands.exchange.layout import LayoutError
from releve.islands.exchange.source import HttpsSource, SourceGone, SourceTooLarge, read_below

CHECKPOINT = "centre/1/checkpoint"


def test_a_folder_gives_its_files_and_one_byte_more_than_was_asked_for_at_most(tmp_path: Path) -> None:
    """A stick may hold anything; the byte more tells that there is too much."""
    (tmp_path / "centre").mkdir()
    (tmp_path / "centre" / "part").write_bytes(b"12345")
    (tmp_path / "logs").write_bytes(b"centre/1 2\n")

    assert read_below(tmp_path, ["centre", "part"], 5) == b"12345"
    assert read_below(tmp_path, ["logs"], 100) == b"centre/1 2\n"
    assert read_below(tmp_path, ["centre", "other"], 100) is None
    assert read_below(tmp_path, ["nord", "part"], 100) is None
    assert read_below(tmp_path, ["centre", "part"], 3) == b"1234"


def test_a_link_or_a_pipe_on_a_stick_leads_nowhere(tmp_path: Path) -> None:
    """A stick that was prepared would read out our keys, or hold the import for ever."""
    outside = tmp_path / "secret"
    outside.mkdir()
    (outside / "checkpoint").write_bytes(b"key")
    stick = tmp_path / "stick"
    for number in ("1", "2", "3", "4", "5"):
        (stick / "centre" / number).mkdir(parents=True)
    (stick / CHECKPOINT).symlink_to(outside / "checkpoint")
    os.mkfifo(stick / "centre/2/checkpoint")
    (stick / "centre/3/checkpoint").mkdir()
    (stick / "nord").symlink_to(outside)
    (stick / "sud").write_bytes(b"a file where a folder should be")

    for path in (
        CHECKPOINT,
        "centre/2/checkpoint",
        "centre/3/checkpoint",
        "nord/1/checkpoint",
        "sud/1/checkpoint",
    ):
        with contextlib.suppress(OSError):  # told apart or not: nothing came out
            assert read_below(stick, path.split("/"), 100) is None


def test_nothing_stays_open_of_what_is_no_file(tmp_path: Path) -> None:
    """A stick with ten thousand folders named like files would use up what the import may open."""
    (tmp_path / "logs").mkdir()
    before = len(list(Path("/proc/self/fd").iterdir()))

    assert [read_below(tmp_path, ["logs"], 10) for _ in range(5)] == [None] * 5

    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_folder_that_went_away_is_told_from_an_empty_one(tmp_path: Path) -> None:
    """A stick pulled out in the middle is put back, not given up."""
    with pytest.raises(FileNotFoundError):
        read_below(tmp_path / "stick", ["logs"], 100)


def test_a_name_that_is_none_of_the_layout_is_never_asked_for(tmp_path: Path) -> None:
    """What stands in a foreign list of logs becomes such names; none of them may lead elsewhere."""
    source = HttpsSource("127.0.0.1:9", origin="centre", certificate="", data=tmp_path)
    with pytest.raises(LayoutError):
        source.get("../etc/passwd", 100)


Answer = Callable[[ssl.SSLSocket], None]


class Pretender:
    """A server with the right certificate that answers what a test says, one connection at a time."""

    def __init__(self, keys: Path) -> None:
        self.answer: Answer = lambda tls: None
        self.connections = 0
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate_path(keys), exchange_key_path(keys))
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            try:
                with plain, self._context.wrap_socket(plain, server_side=True) as tls:
                    while tls.recv(8192):
                        self.answer(tls)
            except OSError:
                continue

    def close(self) -> None:
        """Listen no more."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(10)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Identity, Path]:
    """Return the folder and identity of the island asked, and the folder of the one that asks."""
    folder = tmp_path_factory.mktemp("keys")
    make_identity(folder / "nord", "nord")
    return folder / "centre", make_identity(folder / "centre", "centre"), folder / "nord"


@pytest.fixture
def pretender(keys: tuple[Path, Identity, Path]) -> Iterator[Pretender]:
    """Return a server under the right certificate."""
    server = Pretender(keys[0])
    yield server
    server.close()


@pytest.fixture
def https(keys: tuple[Path, Identity, Path], pretender: Pretender) -> Iterator[HttpsSource]:
    """Return that server as a source."""
    source = HttpsSource(
        pretender.address, origin="centre", certificate=keys[1].certificate_pem, data=keys[2]
    )
    yield source
    source.close()


def say(*pieces: bytes) -> Answer:
    """Return an answer in pieces."""

    def answer(tls: ssl.SSLSocket) -> None:
        for piece in pieces:
            tls.sendall(piece)

    return answer


def test_an_answer_is_taken_whole_and_the_connection_kept(https: HttpsSource, pretender: Pretender) -> None:
    """However the network cuts it."""
    pretender.answer = say(b"HTTP/1.1 200 O", b"K\r\ncontent-LENGTH: 5\r\nX: y\r\n\r", b"\n12", b"345")
    assert [https.get(CHECKPOINT, 5) for _ in range(3)] == [b"12345"] * 3
    pretender.answer = say(b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno")
    assert https.get(CHECKPOINT, 0) is None
    pretender.answer = say(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    assert https.get(CHECKPOINT, 0) == b""
    assert pretender.connections == 1

    pretender.answer = say(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\na")
    assert https.get(CHECKPOINT, 1) == b"a"
    assert https.get(CHECKPOINT, 1) == b"a"
    assert pretender.connections == 2


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1e3\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 400 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\na",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab",
        b"HTTP/1.1 abc\r\nContent-Length: 1\r\n\r\na",
        b"HTTP/2 200\r\nContent-Length: 1\r\n\r\na",
        b"HTTP/1.1\r\nContent-Length: 1\r\n\r\na",
        b"HTTP/1.1 302 Found\r\nLocation: https://elsewhere/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 500 Error\r\nContent-Length: 90000\r\n\r\n" + b"a" * 90_000,
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"X: y\r\n" * 4000,
    ],
)
def test_what_is_no_answer_is_told_and_ends_the_connection(
    https: HttpsSource, pretender: Pretender, answer: bytes
) -> None:
    """Whatever stands behind it would be taken for the next answer."""
    pretender.answer = say(answer)

    with pytest.raises(SourceGone) as told:
        https.get(CHECKPOINT, 100)

    assert told.value.trouble == "answer"
    pretender.answer = say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    assert https.get(CHECKPOINT, 100) == b"ok"


def test_more_than_was_asked_for_is_not_even_read(https: HttpsSource, pretender: Pretender) -> None:
    """A body of four gigabytes would end the puller."""
    pretender.answer = say(b"HTTP/1.1 200 OK\r\nContent-Length: 4000000000\r\n\r\n")

    with pytest.raises(SourceTooLarge):
        https.get(CHECKPOINT, 100)


def test_a_server_that_drips_is_cut_off(
    https: HttpsSource, pretender: Pretender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One byte now and then keeps every single wait short, and the puller for ever."""
    monkeypatch.setattr(sources, "ANSWER_SECONDS", 0.3)

    def drip(tls: ssl.SSLSocket) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12345" * 3:
            tls.sendall(bytes([byte]))
            time.sleep(0.05)

    pretender.answer = drip
    start = time.monotonic()
    with pytest.raises(SourceGone) as told:
        https.get(CHECKPOINT, 100)
    assert told.value.trouble == "slow"
    assert time.monotonic() - start < 1.5


def test_a_server_that_says_nothing_is_cut_off(
    https: HttpsSource, pretender: Pretender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that hangs keeps its connections open."""
    monkeypatch.setattr(sources, "ANSWER_SECONDS", 0.2)
    pretender.answer = lambda tls: time.sleep(0.5)

    with pytest.raises(SourceGone) as told:
        https.get(CHECKPOINT, 100)
    assert told.value.trouble == "slow"


def test_a_body_that_ends_early_is_not_a_body(https: HttpsSource, pretender: Pretender) -> None:
    """Half a bundle would be refused as forged, and its island suspected."""

    def half(tls: ssl.SSLSocket) -> None:
        tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12")
        tls.unwrap()

    pretender.answer = half
    with pytest.raises(SourceGone):
        https.get(CHECKPOINT, 100)


def test_another_certificate_is_refused_whatever_the_library_lets_through(
    keys: tuple[Path, Identity, Path], pretender: Pretender, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One day a default changes; then this comparison is all there is."""
    other = make_identity(tmp_path, "centre").certificate_pem
    source = HttpsSource(pretender.address, origin="centre", certificate=other, data=keys[2])
    lax = source._make_context()
    lax.check_hostname, lax.verify_mode = False, ssl.CERT_NONE
    monkeypatch.setattr(source, "_make_context", lambda: lax)
    asked = []
    pretender.answer = lambda tls: asked.append(tls)

    with pytest.raises(SourceGone) as told:
        source.get(CHECKPOINT, 100)

    assert told.value.trouble == "certificate"
    assert asked == []


def test_a_moment_over_the_time_is_over_the_time(
    https: HttpsSource, pretender: Pretender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A socket without any time left would wait for ever."""
    pretender.answer = say(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na")
    assert https.get(CHECKPOINT, 1) == b"a"
    monkeypatch.setattr(sources.time, "monotonic", iter([0.0, 10.0]).__next__)

    with pytest.raises(SourceGone) as told:
        https.get(CHECKPOINT, 1)

    assert told.value.trouble == "slow"


def test_an_address_is_a_number(keys: tuple[Path, Identity, Path]) -> None:
    """A server of names is among the first things an attack takes; waiting for it would stop the exchange."""
    for address in ("centre.example:8443", "127.0.0.1", "127.0.0.1:http", ""):
        source = HttpsSource(address, origin="centre", certificate=keys[1].certificate_pem, data=keys[2])
        with pytest.raises(SourceGone, match="expected an IP address and a port"):
            source.get(CHECKPOINT, 100)


def test_nobody_there_and_no_keys_here_are_told_apart(
    keys: tuple[Path, Identity, Path], tmp_path: Path
) -> None:
    """One is a cable, the other ours to mend."""
    nobody = f"127.0.0.1:{free_port()}"
    with pytest.raises(SourceGone) as told:
        HttpsSource(nobody, origin="centre", certificate=keys[1].certificate_pem, data=keys[2]).get(
            CHECKPOINT, 1
        )
    assert told.value.trouble == "unreachable"
    with pytest.raises(SourceGone) as told:
        HttpsSource(nobody, origin="centre", certificate=keys[1].certificate_pem, data=tmp_path).get(
            CHECKPOINT, 1
        )
    assert told.value.trouble == "file"
    with pytest.raises(SourceGone) as told:
        HttpsSource(nobody, origin="centre", certificate="spoilt", data=keys[2]).get(CHECKPOINT, 1)
    assert told.value.trouble == "file"


def test_a_long_body_stands_once_in_memory(tmp_path: Path) -> None:
    """An owned island sends the longest body the quota allows, to every puller at once: twice would be half a GiB."""
    length = 8 << 20

    class Line:
        """A connection that sends one long answer."""

        left = length

        def settimeout(self, seconds: float) -> None:
            """Never late."""

        def sendall(self, question: bytes) -> None:
            """Whatever is asked."""

        def recv(self, size: int) -> bytes:
            """Return the head first, then the body."""
            if self.left == length:
                self.left -= 1
                return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\nx" % length
            size = min(size, self.left)
            self.left -= size
            return b"x" * size

    source = HttpsSource("192.0.2.1:1", origin="a", certificate="", data=tmp_path)
    source._socket = Line()  # type: ignore[assignment]
    tracemalloc.start()
    try:
        body = source.get("blobs/ab/" + "c" * 62, length)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert body == b"x" * length
    assert peak < 1.3 * length
