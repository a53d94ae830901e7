"""What an owned island costs another: processor of A's recorder and puller for each entry of its own. Paired runs.

`python -m bench owned` or `python -m bench.owned [--pairs N] [--seconds S]`. In each pair A records the same entries
beside an honest C and beside one that floods, drips or lies, in turn; the median of the pairs' ratios is kept.
RELEVE_BENCH_PAIRS=1 takes a fifth of the time, most of it until a flood has spent the minute of processor it may cost
at once; one pair says that it runs, not what it costs.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bench.figures import WORK, Line, keep, load_now
from releve.islands.exchange import layout
from releve.islands.exchange.identity import certificate_path, exchange_key_path, make_identity
from releve.islands.exchange.peers import Peer, Peers, write_peers
from releve.islands.exchange.publish import Publisher
from releve.islands.exchange.puller_process import PROCESSOR_SHARE
from releve.islands.exchange.quota import Quota
from releve.islands.exchange.state import read_exchange
from releve.journal import folder
from releve.journal.client import Recorder
from releve.journal.entry import Draft, Submission
from releve.journal.errors import RecorderGone
from releve.journal.store import WAL_PAGES_MAX
from releve.journal.tree import TILE_WIDTH

KINDS = ("flood", "drip", "lies")
PAIRS, SECONDS = 5, 6.0
BATCH = 50  # entries A records at once
RISE_MAX = 1.05
SETTLE_SECONDS_MAX, CALM_MOMENTS = 1200.0, 3
LEAD = 500_000  # entries C is ahead of who pulls: writing without end, it would have no time to give out any
BODY = b"MSH|^~\\&|GAM|CH-VALMONT|RELEVE|CH-VALMONT|202611210310||ADT^A01^ADT_A01|%08d|P|2.5\r" + b"x" * 200


def measure(pairs: int | None = None, seconds: float = SECONDS) -> int:
    """Measure, print and keep the figures; return 0."""
    pairs = pairs or int(os.environ.get("RELEVE_BENCH_PAIRS", PAIRS))
    load, lines, raw = load_now(), [], {}
    WORK.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        ratios = []
        for number in range(pairs):
            # Turn about, so that what warms up or wears off is on neither side alone.
            order = ("honest", kind) if number % 2 == 0 else (kind, "honest")
            cost = {one: _cost(one, seconds) for one in order}
            ratios.append(cost[kind] / cost["honest"])
            raw[f"{kind}-{number}"] = {one: round(value * 1e6, 1) for one, value in cost.items()}
        found = median(ratios)
        lines.append(
            Line(
                f"processor of recorder and puller an own entry, beside an owned island ({kind}) against an honest one",
                "≤ 1.05 ×",
                f"{found:.2f} × ({pairs} pairs of {seconds:g} s, {min(ratios):.2f} to {max(ratios):.2f})",
                found <= RISE_MAX,
            )
        )  # fmt: skip
    keep("owned", lines, load, {"microseconds_an_entry": raw})
    return 0


def _cost(kind: str, seconds: float) -> float:
    """Return the seconds of processor A's recorder and puller use for each entry A records beside such a C."""
    with tempfile.TemporaryDirectory(dir=WORK) as at, contextlib.ExitStack() as stack:
        a, c = Path(at) / "a", Path(at) / "c"
        now_us = time.time_ns() // 1000
        folder.create_island(a, "a", True, "Valmont", now_us)
        make_identity(a, "a")
        log = folder.create_island(c, "c", True, "Valmont", now_us)
        identity = make_identity(c, "c")
        vkey = folder.read_key(c, log).signer.verifier.vkey
        port = _free_port()
        peer = Peer(origin="c", name="C", addresses=(f"127.0.0.1:{port}",), certificate=identity.certificate_pem,
                    mirror_key=identity.mirror_vkey, epochs={"1": vkey})  # fmt: skip
        write_peers(a, Peers(own="a", peers=(peer,)))
        (a / "runtime").mkdir(exist_ok=True)
        (a / "releve.toml").write_text("", encoding="utf-8")
        words = [sys.executable, "-m", "bench.owned", "--serve", kind, "--data", str(c), "--port", str(port)]
        _process(stack, words)
        _wait_for_c(port)
        recorder = _process(stack, [sys.executable, "-m", "releve.journal.recorder", "--data", str(a)])
        puller = _process(stack, [sys.executable, "-m", "releve.app.worker", "puller", "--data", str(a)])
        _wait(a)
        if kind == "flood":
            _settle(puller.pid)
        before = _cpu(recorder.pid) + _cpu(puller.pid)
        recorded = _record(a, seconds)
        return (_cpu(recorder.pid) + _cpu(puller.pid) - before) / recorded


def _wait_for_c(port: int) -> None:
    """Wait until C answers: a puller that finds nobody asks again only after a while, and costs nothing until then."""
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _wait(data: Path) -> None:
    """Wait until the recorder answers and the puller has asked C."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(RecorderGone), Recorder(data) as recorder:
            recorder.state()
            state = read_exchange(data)
            if state is not None and "c" in state.peers and state.peers["c"].tried_us is not None:
                return
        time.sleep(0.1)
    raise TimeoutError("expected recorder and puller within a minute")


def _settle(pid: int) -> None:
    """Wait until the puller has spent what a source may cost at once: what follows is what it costs without end."""
    began, calm = time.monotonic(), 0
    while (waited := time.monotonic() - began) < SETTLE_SECONDS_MAX:
        before = _cpu(pid)
        time.sleep(5)
        # Where others want the machine a moment may pass without much, long before all is spent.
        spent = before > Quota().processor_seconds + PROCESSOR_SHARE * waited
        calm = calm + 1 if spent and _cpu(pid) - before < 0.5 else 0
        if calm == CALM_MOMENTS:
            return
    raise TimeoutError("expected the puller to spend what a source may cost at once in twenty minutes")


def _record(data: Path, seconds: float) -> int:
    """Record for so long as fast as it goes, and return how many entries were acknowledged."""
    done, until = 0, time.monotonic() + seconds
    with Recorder(data) as recorder:
        while time.monotonic() < until:
            drafts = [
                Draft(kind="message.hl7v2", body=BODY % at, source="bench")
                for at in range(done, done + BATCH)
            ]
            done += len(recorder.append(drafts))
    return done


def _process(stack: contextlib.ExitStack, words: list[str]) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    stack.callback(process.wait, 20)
    stack.callback(process.terminate)
    return process


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(kind: str, data: Path, port: int) -> None:
    """Be island C until told to stop: an honest one records twenty messages a second."""
    threading.Thread(target=_grow, args=(kind, data), daemon=True).start()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_path(data), exchange_key_path(data))
    listener = socket.create_server(("127.0.0.1", port))
    while True:
        plain, _ = listener.accept()
        # Head and body are two writes: held back for one another's acknowledgement, each answer would take 40 ms.
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=_answer, args=(kind, data, context, plain), daemon=True).start()


_bundles_given = [0]  # by all threads of C


def _grow(kind: str, data: Path) -> None:
    writer = folder.open_writer(data)
    at = 0
    while True:
        count = 20_000 if kind == "flood" else 5
        for _ in range(0, count, 1000):
            some = min(1000, count)
            writer.append(
                [Submission("message.hl7v2", BODY % (at + n), "x") for n in range(some)],
                time.time_ns() // 1000,
            )
            at += some
        if writer.wal_pages > WAL_PAGES_MAX:
            writer.empty_wal()
        time.sleep(0.25)
        while at > _bundles_given[0] * TILE_WIDTH + LEAD:
            time.sleep(0.05)


def _answer(kind: str, data: Path, context: ssl.SSLContext, plain: socket.socket) -> None:
    publisher = Publisher(data)
    with contextlib.suppress(OSError), context.wrap_socket(plain, server_side=True) as tls:
        pending = b""
        while True:
            while b"\r\n\r\n" not in pending:
                received = tls.recv(65536)
                if not received:
                    return
                pending += received
            head, _, pending = pending.partition(b"\r\n\r\n")
            path = head.split(b" ")[1].decode()[1:]
            _bundles_given[0] += "/entries/" in path
            for piece in _pieces(kind, path, publisher.get(path, layout.BUNDLE_BYTES_MAX)):
                tls.sendall(piece)
    publisher.close()


def _pieces(kind: str, path: str, body: bytes | None) -> Iterator[bytes]:
    """Yield the answer as this C gives it."""
    if body is None:
        yield b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        return
    if kind == "lies" and "/entries/" in path:
        body = body[:-1] + bytes([body[-1] ^ 1]) if body else body
    yield b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    if kind == "drip" and "/tile/" in path:
        for at in range(len(body)):
            yield body[at : at + 1]
            time.sleep(0.001)
        return
    yield body


def main() -> int:
    """Measure, or be C."""
    parser = argparse.ArgumentParser(prog="python -m bench.owned", description=__doc__)
    parser.add_argument("--pairs", type=int)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--serve", choices=("honest", *KINDS))
    parser.add_argument("--data", type=Path)
    parser.add_argument("--port", type=int)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve, arguments.data, arguments.port)
        return 0
    return measure(arguments.pairs, arguments.seconds)


if __name__ == "__main__":
    sys.exit(main())
