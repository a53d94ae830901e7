"""Carries the simulated hospital's messages to an island over MLLP, as its applications would.

One connection a feed; each waits for the acknowledgement of a message before it sends the next, checks that MSA-2
names it, and sends it again when the connection broke in between: duplicates are as real as the rest. Knows nothing
of the island but its address.
"""

import asyncio
import contextlib
import ssl
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from releve.codecs.mllp import FrameError, FrameReader, frame
from releve.exercise.world import Emission

# How far one application may run ahead of another: what a slow link holds back stays bounded.
_WAITING_MAX = 64
_ANSWER_SECONDS = 60.0
_RETRY_SECONDS = (0.1, 0.3, 1.0, 2.0, 5.0)
_READ_BYTES = 65536


class Address(NamedTuple):
    """Where an island takes messages."""

    host: str
    port: int


def parse_target(text: str) -> Address:
    """Return the address written `HOST:PORT` (or `[v6]:PORT`).

    Raises:
        ValueError: it is written otherwise.
    """
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError("--to: expected HOST:PORT")
    return Address(host.strip("[]"), int(port))


@dataclass(frozen=True, kw_only=True)
class Pace:
    """When a message may leave: by simulated time, or so many a second.

    `start_us` is the simulated moment at which life begins; what is dated before it leaves at once (first fill).
    `speed` is simulated seconds a second, 0 as fast as the island takes them. `rate` is messages a second,
    0 without limit, and then counts instead of `speed`. `lived_seconds` is what an earlier run has lived already.
    """

    start_us: int
    speed: float = 1.0
    rate: float = 0.0
    lived_seconds: float = 0.0

    def wait(self, at_us: int, number: int, elapsed_seconds: float) -> float:
        """Return the seconds until message `number` (from 0 on), dated `at_us`, may leave; 0 or less for now."""
        if self.rate:
            return number / self.rate - elapsed_seconds
        if not self.speed or at_us <= self.start_us:
            return 0.0
        return (at_us - self.start_us) / 1_000_000 / self.speed - self.lived_seconds - elapsed_seconds


def start_for(now_us: int, *, hours: float, speed: float) -> int:
    """Return when simulated life has to begin so that no stamp ever lies in the future.

    At speed 1 that is now; faster than life it began earlier, so that it catches up with the clock at its end.
    """
    share = 1.0 - 1.0 / speed if speed > 1 else 0.0 if speed else 1.0
    whole = int(hours * 3600 * share)
    return (now_us // 1_000_000 - whole) * 1_000_000


@dataclass
class Counts:
    """What became of the messages. `repeated` counts those sent again because no answer came."""

    sent: int = 0
    acknowledged: int = 0
    refused: int = 0
    repeated: int = 0
    mismatched: int = 0  # answers that named another message; the message was sent again
    settled: Counter[str] = field(default_factory=Counter)  # answered, by feed

    def as_dict(self) -> dict[str, int]:
        """Return the figures for a JSON line."""
        return {
            "sent": self.sent, "acknowledged": self.acknowledged, "refused": self.refused, "repeated": self.repeated,
            "mismatched": self.mismatched, "feeds": len(self.settled),
        }  # fmt: skip


# Connections over TLS that end without any answer, until nobody believes any more that the island trusts us.
_UNANSWERED_MAX = 12


class _Broken(Exception):
    """The connection ended before the answer came: the message may have arrived."""


class _Line:
    """The connection of one feed."""

    def __init__(self, feeder: "Feeder", code: str) -> None:
        self._feeder = feeder
        self.code = code
        self.queue: asyncio.Queue[Emission | None] = asyncio.Queue(_WAITING_MAX)
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._frames = FrameReader()
        self._answers: list[bytes] = []

    async def run(self) -> None:
        """Send what comes until None comes."""
        while (emission := await self.queue.get()) is not None:
            await self._deliver(emission)
        if self._writer is not None:
            self._writer.close()
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()

    async def _deliver(self, emission: Emission) -> None:
        counts = self._feeder.counts
        self._feeder.in_flight[self.code] = emission
        attempt = failures = 0
        while not (attempt and self._feeder.is_over):
            try:
                await self._connect()
                self._answers.clear()
                self._write(emission)
                if attempt == 0:
                    counts.sent += 1
                else:
                    counts.repeated += 1
                attempt += 1
                code = await asyncio.wait_for(self._answer(emission), _ANSWER_SECONDS)
            except (_Broken, OSError, TimeoutError, FrameError) as error:
                connected = self._writer is not None
                self._hang_up()
                if self._feeder.is_distrusted(error, connected=connected):
                    return
                failures += 1
                await self._feeder.pause(_RETRY_SECONDS[min(failures, len(_RETRY_SECONDS)) - 1])
                if self._feeder.is_over:
                    return
                continue
            if code in ("AA", "CA"):
                counts.acknowledged += 1
                if self._feeder.acknowledged is not None:
                    self._feeder.acknowledged(emission)
            else:
                counts.refused += 1
            counts.settled[self.code] += 1
            del self._feeder.in_flight[self.code]
            return

    async def _connect(self) -> None:
        if self._writer is not None:
            return
        where = self._feeder.where
        tls = self._feeder.tls
        self._reader, self._writer = await asyncio.open_connection(where.host, where.port, ssl=tls)
        self._frames = FrameReader()

    def _write(self, emission: Emission) -> None:
        assert self._writer is not None
        block = frame(emission.payload)
        if self._feeder.is_cut:
            # The cable is pulled while the message is on it.
            self._writer.write(block[: max(1, len(block) // 2)])
            raise _Broken
        self._writer.write(block)

    async def _answer(self, emission: Emission) -> str:
        """Return MSA-1 of the answer to this message."""
        assert self._reader is not None
        wanted = control_id(emission.payload)
        while True:
            while not self._answers:
                data = await self._reader.read(_READ_BYTES)
                if not data:
                    raise _Broken
                self._answers += self._frames.receive(data)
            code, named = read_answer(self._answers.pop(0))
            if named == wanted:
                return code
            self._feeder.counts.mismatched += 1

    def _hang_up(self) -> None:
        if self._writer is not None:
            if self._feeder.is_cut:
                # Let the half frame out of our own buffer first: the island has to see it, then nothing more.
                self._writer.close()
            else:
                self._writer.transport.abort()
            self._reader = self._writer = None

    def end(self) -> None:
        """Forget what waits; what is begun goes on."""
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(None)

    def pull(self) -> None:
        """Cut now: half of another message goes out when the line was idle, nothing is waited for."""
        if self._writer is None:
            return
        if not self.queue.empty():
            waiting = self.queue.get_nowait()
            if waiting is not None:
                block = frame(waiting.payload)
                self._writer.write(block[: max(1, len(block) * 2 // 3)])
        self._writer.close()


class Feeder:
    """Sends emissions, in order for each feed; `acknowledged` is told of every message the island has accepted."""

    def __init__(
        self,
        emissions: Iterator[Emission],
        where: Address,
        pace: Pace,
        *,
        tls: ssl.SSLContext | None = None,
        acknowledged: Callable[[Emission], None] | None = None,
        skip: dict[str, int] | None = None,
    ) -> None:
        self._emissions = emissions
        self.where = where
        self._pace = pace
        self.tls = tls
        self.acknowledged = acknowledged
        self._skip = Counter(skip or {})  # for each feed: how many were acknowledged in an earlier run
        self.counts = Counts()
        self.in_flight: dict[str, Emission] = {}  # begun and not answered, by feed: the island may have them
        self._lines: dict[str, _Line] = {}
        self._over = asyncio.Event()
        self.is_cut = False
        self.distrust: Exception | None = None  # why nothing could be sent over TLS
        self._unanswered = 0

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be sent: cut or stopped."""
        return self._over.is_set()

    def cut(self) -> None:
        """Break every connection at once, whatever is on it; nothing is sent any more."""
        self.is_cut = True
        for line in self._lines.values():
            line.pull()
        self.stop()

    async def cut_when_busy(self, lines: int, *, after: int = 0) -> None:
        """Cut as soon as `after` messages have left and so many are on the wire unanswered, or the last that wait.

        Messages are read ahead of what the island takes: whoever cuts at an hour says how many came before it.
        """
        while not self.is_over:
            if self.counts.sent < after:
                await asyncio.sleep(0)
                continue
            waiting = any(line.queue.qsize() > 1 for line in self._lines.values())
            if len(self.in_flight) >= lines or (self.in_flight and not waiting):
                self.cut()
                return
            await asyncio.sleep(0)

    def is_distrusted(self, error: Exception, *, connected: bool) -> bool:
        """Tell whether one side does not trust the other's certificate, which no further try will change; then stop.

        A server that wants a certificate lets the handshake end and only then closes (TLS 1.3): several connections
        that end before anything was ever answered mean the same.
        """
        if self.tls is None or self.counts.acknowledged or self.counts.refused:
            return False
        self._unanswered += connected
        if isinstance(error, ssl.SSLError) or self._unanswered >= _UNANSWERED_MAX:
            self.distrust = error
            self.stop()
        return self.distrust is not None

    def stop(self) -> None:
        """Let each line finish the message it has begun, then end."""
        self._over.set()
        for line in self._lines.values():
            line.end()

    async def pause(self, seconds: float) -> None:
        """Wait, but not beyond the end."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), seconds)

    async def run(self) -> Counts:
        """Send everything, or until `cut()`; return what became of it."""
        async with asyncio.TaskGroup() as tasks:
            pump = tasks.create_task(self._pump(tasks))
            over = tasks.create_task(self._over.wait())
            await asyncio.wait((pump, over), return_when=asyncio.FIRST_COMPLETED)
            over.cancel()
            pump.cancel()
        return self.counts

    async def _pump(self, tasks: asyncio.TaskGroup) -> None:
        began = time.monotonic()
        number = 0
        for emission in self._emissions:
            if self._skip[emission.feed_code] > 0:
                self._skip[emission.feed_code] -= 1
                continue
            wait = self._pace.wait(emission.at_us, number, time.monotonic() - began)
            if wait > 0.002:
                await asyncio.sleep(wait)
            elif number % 50 == 0:
                await asyncio.sleep(0)
            number += 1
            line = self._lines.get(emission.feed_code)
            if line is None:
                line = self._lines[emission.feed_code] = _Line(self, emission.feed_code)
                tasks.create_task(line.run())
            await line.queue.put(emission)
        for line in self._lines.values():
            await line.queue.put(None)


def control_id(payload: bytes) -> str:
    """Return MSH-10; our own messages use the standard separators."""
    return payload.split(b"|", 10)[9].decode("latin-1")


def read_answer(answer: bytes) -> tuple[str, str]:
    """Return MSA-1 and MSA-2; empty when the answer holds no MSA."""
    for line in answer.split(b"\r"):
        if line.startswith(b"MSA"):
            fields = line.split(line[3:4])
            return fields[1].decode("latin-1"), fields[2].decode("latin-1") if len(fields) > 2 else ""
    return "", ""
