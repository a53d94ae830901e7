"""The server behind the door: what it answers, and what it refuses to wait for."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from grown import SATURDAY_0310_US, island

from releve.islands.exchange import layout, publisher_process
from releve.islands.exchange.publish import Found
from releve.islands.exchange.publisher_process import PublisherServer, read_request, socket_path
from releve.islands.exchange.source import SourceGone
from releve.journal import folder, unix
from releve.journal.blobs import BlobStore
from releve.journal.entry import Submission

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def made(folder_: Path) -> Path:
    """Return the data folder of an island, somewhere with a name longer than a socket's may be."""
    deep = folder_ / ("x" * 60) / ("y" * 60)
    deep.parent.mkdir()
    island(deep, "centre", entries=300)
    return deep


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an island for the tests that only read it."""
    return made(tmp_path_factory.mktemp("publisher"))


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Return an island for one test."""
    return made(tmp_path)


@contextlib.asynccontextmanager
async def listening(data: Path) -> AsyncIterator[PublisherServer]:
    """Give a server that listens."""
    stop = asyncio.Event()
    server = PublisherServer(data)
    running = asyncio.create_task(server.serve(stop))
    while not socket_path(data).exists():
        await asyncio.sleep(0.005)
    await asyncio.sleep(0.02)
    try:
        yield server
    finally:
        stop.set()
        await running


async def connect(data: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a connection to it."""
    with unix.address(socket_path(data)) as address:
        return await asyncio.open_unix_connection(address, limit=1 << 20)


async def answer(reader: asyncio.StreamReader, *, body: bool = True) -> tuple[int, dict[str, str], bytes]:
    """Read one answer: status, headers, body."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()[:-1]
    headers = dict(line.lower().split(": ", 1) for line in lines)
    content = await reader.readexactly(int(headers["content-length"])) if body else b""
    return int(first.split()[1]), headers, content


def ask(path: str, *, method: str = "GET", headers: str = "") -> bytes:
    """Return a request."""
    return f"{method} /{path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n".encode()


def talk(data: Path, *requests: bytes) -> list[tuple[int, dict[str, str], bytes]]:
    """Return the answers to requests on one connection."""

    async def run() -> list[tuple[int, dict[str, str], bytes]]:
        async with listening(data):
            reader, writer = await connect(data)
            found = []
            for request in requests:
                writer.write(request)
                found.append(await answer(reader, body=not request.startswith(b"HEAD")))
            writer.close()
            return found

    return asyncio.run(run())


def test_files_are_given_on_one_connection(data: Path) -> None:
    """A new connection for each bundle would halve what a pull takes in."""
    logs, none, strange, tile, bundle = talk(
        data,
        ask("logs"),
        ask("centre/2/checkpoint"),
        ask("centre/1/checkpoint?x"),
        ask("centre/1/tile/0/000"),
        ask("centre/1/tile/entries/001.p/46", headers="Connection: close\r\n"),
    )

    assert (logs[0], logs[2]) == (200, b"centre/1 302\n")
    assert (none[0], strange[0]) == (404, 404)
    assert (tile[0], len(tile[2])) == (200, 8192)
    assert "immutable" in tile[1]["cache-control"]
    assert len(layout.entries_of(bundle[2], 46)) == 46
    assert bundle[1]["connection"] == "close"


def test_the_head_of_a_file_says_its_length_and_no_more(data: Path) -> None:
    """RFC 9110 §9.3.2."""
    head, after = talk(data, ask("centre/1/tile/0/000", method="HEAD"), ask("logs"))

    assert (head[0], head[1]["content-length"]) == (200, "8192")
    assert after[2] == b"centre/1 302\n"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (ask("logs", method="PUT"), 405),
        (ask("logs", method="POST", headers="Content-Length: 0\r\n"), 405),
        (ask("logs", method="get"), 405),
        (ask("logs", headers="Content-Length: 5\r\n") + b"hello", 400),
        (ask("logs", headers="content-length : 5\r\n"), 400),
        (ask("logs", headers="Transfer-Encoding: chunked\r\n"), 400),
        (ask("logs", headers="no colon\r\n"), 400),
        (b"GET logs HTTP/1.1\r\n\r\n", 400),
        (b"GET http://x/logs HTTP/1.1\r\n\r\n", 400),
        (b"GET /logs HTTP/2\r\n\r\n", 400),
        (ask("logs", headers="X: y\r\n folded\r\n"), 400),
        (b"GET /logs\r\n\r\n", 400),
        (b"\r\n\r\n\r\n", 400),
    ],
)
def test_whatever_is_no_plain_question_is_refused(data: Path, request_: bytes, status: int) -> None:
    """What two readers could read in two ways is read in none."""
    assert talk(data, request_)[0][0] == status


def test_a_header_is_read_in_any_case() -> None:
    """Caddy writes it one way; the share of a peer must not hang on that."""
    found = read_request(b"GET /logs HTTP/1.0\r\nRELEVE-PEER:  AB12 \r\nContent-Length: 0\r\n\r\n")

    assert found is not None
    assert (found.peer, found.stays, found.path) == (b"ab12", False, "logs")


def test_a_long_or_slow_request_ends_the_connection(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a handful of them would keep everybody else out."""
    monkeypatch.setattr(publisher_process, "HEAD_SECONDS", 0.1)
    monkeypatch.setattr(publisher_process, "IDLE_SECONDS", 0.2)

    async def run() -> None:
        async with listening(data):
            for said in (b"GET /logs HTTP/1.1\r\nX: " + b"a" * 20_000, b"GET /lo", b""):
                reader, writer = await connect(data)
                writer.write(said)
                async with asyncio.timeout(2):
                    with contextlib.suppress(ConnectionError):
                        assert await reader.read() == b""
                writer.close()

    asyncio.run(run())


def test_one_peer_gets_its_share_and_another_one_does_not_wait_for_it(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An owned island that asks without end must not keep the third one from its copy."""
    monkeypatch.setattr(publisher_process, "REQUESTS_PER_SECOND", 20)
    monkeypatch.setattr(publisher_process, "BURST_SECONDS", 0.25)

    async def run() -> tuple[float, float]:
        async with listening(data):
            clock = asyncio.get_running_loop().time
            greedy, quiet = await connect(data), await connect(data)
            start = clock()
            for _ in range(10):
                greedy[1].write(ask("logs", headers="Releve-Peer: aa\r\n"))
            for _ in range(10):
                await answer(greedy[0])
            after = clock()
            quiet[1].write(ask("logs", headers="Releve-Peer: bb\r\n"))
            await answer(quiet[0])
            greedy[1].close()
            quiet[1].close()
            return after - start, clock() - after

    greedy_seconds, quiet_seconds = asyncio.run(run())
    assert greedy_seconds >= 0.2  # ten at twenty a second, a quarter of a second at once
    assert quiet_seconds < greedy_seconds


def test_a_peer_has_so_many_questions_open_and_no_more(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each holds a connection; those of one peer must not be all there are."""
    monkeypatch.setattr(publisher_process, "REQUESTS_PER_SECOND", 2)
    monkeypatch.setattr(publisher_process, "BURST_SECONDS", 0.0)

    async def run() -> tuple[int, str]:
        async with listening(data):
            held = []
            for _ in range(publisher_process.AT_ONCE_MAX):
                held.append(await connect(data))
                held[-1][1].write(ask("logs", headers="Releve-Peer: aa\r\n"))
            await asyncio.sleep(0.05)
            reader, writer = await connect(data)
            writer.write(ask("logs", headers="Releve-Peer: aa\r\n"))
            status, headers, _ = await answer(reader)
            for _, one in [*held, (reader, writer)]:
                one.close()
            return status, headers["retry-after"]

    assert asyncio.run(run()) == (429, "1")


def test_more_connections_than_are_served_are_closed(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process has so many files it may open; the recorder's neighbours need theirs."""
    monkeypatch.setattr(publisher_process, "CONNECTIONS_MAX", 2)

    async def run() -> bytes:
        async with listening(data):
            held = [await connect(data) for _ in range(2)]
            await asyncio.sleep(0.02)
            reader, writer = await connect(data)
            async with asyncio.timeout(2):
                found = await reader.read()
            for _, one in [*held, (reader, writer)]:
                one.close()
            return found

    assert asyncio.run(run()) == b""


def test_a_large_body_is_given_piece_by_piece(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A blob may have gigabytes; the process may not."""
    monkeypatch.setattr(publisher_process, "PIECE_BYTES", 10_000)
    large = bytes(range(256)) * 400
    digest = BlobStore(own / "blobs").put(large)
    writer = folder.open_writer(own)
    writer.append(
        [Submission("message.hl7v2", digest, "mllp:10.0.0.5", blob_bytes=len(large))], SATURDAY_0310_US
    )
    writer.close()
    path = layout.blob_path(digest)

    whole, head, after = talk(own, ask(path), ask(path, method="HEAD"), ask("logs"))

    assert whole[2] == large
    assert head[1]["content-length"] == str(len(large))
    assert after[0] == 200


def test_a_body_that_goes_while_it_is_given_is_not_finished(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is short is seen to be short; what is made up to its length would be taken for the body."""
    monkeypatch.setattr(publisher_process, "PIECE_BYTES", 10_000)
    digest = BlobStore(own / "blobs").put(b"scan" * 20_000)
    writer = folder.open_writer(own)
    writer.append([Submission("message.hl7v2", digest, "mllp:10.0.0.5", blob_bytes=80_000)], SATURDAY_0310_US)
    writer.close()
    path = BlobStore(own / "blobs").path(digest)

    async def shortened(writer: asyncio.StreamWriter) -> None:
        with path.open("r+b") as file:
            file.truncate(15_000)
        await writer.drain()

    monkeypatch.setattr(publisher_process, "_drained", shortened)
    with pytest.raises(asyncio.IncompleteReadError) as told:
        talk(own, ask(layout.blob_path(digest)))
    assert len(told.value.partial) == 15_000


def test_a_body_removed_in_between_is_not_found(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A redaction does not wait for whoever reads."""
    gone = Found(own / "blobs" / "gone")
    monkeypatch.setattr(publisher_process.Publisher, "find", lambda self, path: gone)

    assert talk(own, ask("logs"))[0][0] == 404
    with pytest.raises(SourceGone):
        publisher_process.Publisher(own).get("logs", 10)


def test_a_damaged_log_is_said_once_and_the_others_are_served(
    own: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is asked for twice a second: a full disk of messages helps nobody."""
    spoilt = folder.log_path(own, "nord", 1)
    spoilt.parent.mkdir()
    spoilt.write_bytes(b"no database" * 1000)

    first, second, good = talk(own, ask("nord/1/checkpoint"), ask("nord/1/checkpoint"), ask("logs"))

    assert (first[0], second[0], good[0]) == (503, 503, 200)
    assert [record.getMessage() for record in caplog.records] == ["publisher: nord/1 cannot be read"]


def test_the_socket_is_this_users_alone_and_goes_with_the_server(data: Path) -> None:
    """Whoever reaches it needs no certificate."""

    async def run() -> int:
        socket_path(data).touch()  # left by a process that was killed
        async with listening(data):
            await asyncio.sleep(0.05)
            return socket_path(data).stat().st_mode & 0o777

    assert asyncio.run(run()) == 0o600
    assert not socket_path(data).exists()
