"""`releve exercise feed`, from the command line to a socket and back."""

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from releve.app.commands.exercise import app
from releve.codecs.mllp import FrameReader, frame


class Listener:
    """An island that only says yes, in a thread of its own."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._talk, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        self._loop.run_forever()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames = FrameReader()
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                for raw in frames.receive(data):
                    self.received.append(raw)
                    writer.write(frame(b"MSH|^~\\&|R\rMSA|AA|" + raw.split(b"|", 10)[9] + b"\r"))

    def __enter__(self) -> "Listener":
        self._thread.start()
        self._started.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)


@pytest.fixture
def listener() -> Iterator[Listener]:
    """The island of one test."""
    with Listener() as listening:
        yield listening


def feed(listener: Listener, *options: str) -> dict[str, int]:
    """Run the command and return its last line."""
    arguments = [
        "feed",
        "--to",
        f"127.0.0.1:{listener.port}",
        "--occupancy",
        "0.02",
        "--speed",
        "0",
        "--json",
        *options,
    ]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout.splitlines()[-1])


def test_the_command_sends_a_life_and_counts_it(listener: Listener) -> None:
    """Scripts and `make run` live on this line."""
    told = feed(listener, "--hours", "0.2")

    assert told["sent"] == told["acknowledged"] == len(listener.received) > 200
    assert told["refused"] == told["repeated"] == 0
    assert told["feeds"] >= 6


def test_a_second_run_with_the_same_file_goes_on_where_the_first_stopped(
    listener: Listener, tmp_path: Path
) -> None:
    """Without it every start would admit the whole hospital again, two patients to a bed."""
    state = str(tmp_path / "life.json")
    first = feed(listener, "--hours", "0.2", "--state", state)

    second = feed(listener, "--hours", "0.4", "--state", state)

    assert second["sent"] < first["sent"]
    control_ids = [raw.split(b"|", 10)[2:10:7] for raw in listener.received]
    repeated = len(listener.received) - len(set(listener.received))
    assert repeated <= 10  # what the hospital itself sent twice
    assert len(control_ids) == first["sent"] + second["sent"]


@pytest.mark.parametrize(
    "options",
    [["--to", "nowhere"], ["--to", "127.0.0.1:1", "--hours", "-1"], ["--to", "127.0.0.1:1", "--tls"]],
)
def test_mistakes_are_told_in_words(options: list[str]) -> None:
    """At night nobody reads a traceback."""
    done = CliRunner().invoke(app, ["feed", *options])

    assert done.exit_code == 1
    assert "expected" in done.output
    assert "Traceback" not in done.output


def test_the_help_of_every_command_shows_an_example() -> None:
    """An example is understood at three in the morning, a grammar is not."""
    for command in (["feed"], ["run", "night"]):
        done = CliRunner().invoke(app, [*command, "--help"])
        assert "Example: releve exercise" in " ".join(done.output.split())
