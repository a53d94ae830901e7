"""A ward's board watched by 200 screens while a hospital lives: how long each waits for its answer.

`python -m bench board`. The screens poll every 5 s as pages do (keep-alive, ETag, a session cookie), each at its own
moment of the five seconds; messages come in over MLLP at 100 a second: a day of the hospital's life in some minutes,
so that the board changes far more often than it ever will. Packs are not being set meanwhile: another line
measures them, and they would take whatever the boards leave.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench import living
from bench.figures import WORK, Line, keep, load_now
from bench.living import WARD

CLIENTS = 200
PERIOD_SECONDS = 5.0
RATE = 100.0
SECONDS = 45.0
WARM_UP_SECONDS = 6.0  # every screen has asked once before counting begins
P50_MS_MAX, P99_MS_MAX = 30.0, 150.0


def measure(seconds: float = SECONDS) -> int:
    """Measure, print and write; return 0 unless an answer was wrong."""
    load = load_now()
    WORK.mkdir(parents=True, exist_ok=True)
    # So long ago that the life told here ends about now: no stamp of a measured message lies in the future.
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=24)
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        data = Path(folder) / "island"
        living.make(data, living.past(start), scheduled_packs=False)
        with living.serve(data) as serving:
            cookie = serving.sign_in()
            with living.feeding(serving, start, RATE, seconds + WARM_UP_SECONDS) as feeder:
                cpu = serving.cpu_seconds()
                found = asyncio.run(_watch(serving.http, cookie, seconds))
                found["island_cpu"] = round((serving.cpu_seconds() - cpu) / (seconds + WARM_UP_SECONDS), 2)
                found["feeder"] = json.loads(feeder.communicate(timeout=60)[0])
            found["island_memory_mib"] = serving.memory_mib()
    if found["wrong"]:
        raise RuntimeError(
            f"board: expected boards only, got statuses {found['statuses']}; nothing was measured"
        )
    feed = found["feeder"]
    detail = (
        f"{found['answers']:,} answers, {found['bytes_a_board']:,} bytes a board, {100 * found['unchanged']:.0f} % were"
        f" 304; {feed['per_second']:.0f} messages/s taken; generators {100 * (found['client_cpu'] + feed['cpu']):.0f} %"
        f" of a core, island {100 * found['island_cpu']:.0f} %"
    )
    lines = [
        Line(
            f"ward board of {found['beds']} beds, {CLIENTS} screens polling every {PERIOD_SECONDS:g} s,"
            f" {RATE:g} messages/s: p50",
            f"≤ {P50_MS_MAX:g} ms",
            f"{found['p50_ms']:.1f} ms",
            found["p50_ms"] <= P50_MS_MAX,
        ),
        Line(
            "the same, p99",
            f"≤ {P99_MS_MAX:g} ms",
            f"{found['p99_ms']:.1f} ms",
            found["p99_ms"] <= P99_MS_MAX,
        ),
        Line("the same, what went on meanwhile", "–", detail),
    ]
    keep("board", lines, load, found)
    return 1 if feed["acknowledged"] < feed["sent"] else 0


class Screen:
    """One page left open: asks again every five seconds, over one connection."""

    def __init__(self, address: living.Address, cookie: str, path: str) -> None:
        self._address = address
        headers = {"Host": address.host, "Cookie": cookie, "X-Poll": "1", "HX-Request": "true"}
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        self._request = "\r\n".join(lines) + "\r\n"
        self._etag = ""
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self) -> tuple[int, bytes]:
        """Return status and body; the ETag of the last answer goes with the question."""
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(*self._address, limit=1 << 20)
        assert self._reader is not None
        known = f"If-None-Match: {self._etag}\r\n" if self._etag else ""
        self._writer.write(f"{self._request}{known}\r\n".encode())
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        lines = head.split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        self._etag = headers.get("etag", self._etag)
        status = int(lines[0].split()[1])
        if headers.get("transfer-encoding") == "chunked":
            return status, await self._chunks()
        body = await self._reader.readexactly(int(headers.get("content-length", 0)))
        return status, body

    async def _chunks(self) -> bytes:
        assert self._reader is not None
        body = b""
        while size := int((await self._reader.readline()).partition(b";")[0], 16):
            body += await self._reader.readexactly(size)
            await self._reader.readline()
        await self._reader.readline()
        return body

    def close(self) -> None:
        """Hang up; what it shows it remembers, and the next question makes a connection anew."""
        if self._writer is not None:
            self._writer.close()
            self._reader = self._writer = None


async def _watch(address: living.Address, cookie: str, seconds: float) -> dict[str, Any]:
    path = f"/ward/{WARD}/live/"
    waits: list[float] = []
    statuses: dict[int, int] = {}
    sizes: list[int] = []
    beds = 0
    begin = time.perf_counter() + WARM_UP_SECONDS
    end = begin + seconds

    async def watch(number: int) -> None:
        nonlocal beds
        screen = Screen(address, cookie, path)
        due = time.perf_counter() + PERIOD_SECONDS * number / CLIENTS
        with contextlib.closing(screen):
            while due < end:
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                asked = time.perf_counter()
                status, body = await asyncio.wait_for(screen.ask(), 30)
                if asked >= begin:
                    waits.append(time.perf_counter() - asked)
                    statuses[status] = statuses.get(status, 0) + 1
                if status == 200:
                    sizes.append(len(body))
                    beds = max(beds, body.count(b'<th scope="row" class="bed'))
                due += PERIOD_SECONDS

    cpu = time.process_time()
    await asyncio.gather(*(watch(number) for number in range(CLIENTS)))
    cpu = (time.process_time() - cpu) / (seconds + WARM_UP_SECONDS)
    waits.sort()
    return {
        "answers": len(waits),
        "p50_ms": 1000 * waits[len(waits) // 2],
        "p99_ms": 1000 * waits[len(waits) * 99 // 100],
        "max_ms": 1000 * waits[-1],
        "unchanged": statuses.get(304, 0) / len(waits),
        "statuses": {str(status): count for status, count in sorted(statuses.items())},
        "wrong": sum(count for status, count in statuses.items() if status not in (200, 304)),
        "bytes_a_board": sum(sizes) // max(len(sizes), 1),
        "beds": beds,
        "client_cpu": round(cpu, 3),
    }
