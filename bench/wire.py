"""From the wire to the board: how long until a screen that keeps asking shows what was just sent, at 200 messages/s.

`python -m bench wire`. A marked admission message goes in over MLLP beside the hospital's life; the clock starts
before its first byte and stops when the ward's board, asked again and again, shows the mark.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench import living
from bench.board import Screen
from bench.figures import WORK, Line, keep, load_now
from bench.living import WARD
from releve.codecs.mllp import frame

RATE = 200.0
SECONDS = 45.0
WARM_UP_SECONDS = 5.0
PAUSE_SECONDS = 0.2  # between two marks
ASK_SECONDS = (
    0.02  # between two questions; a screen asks every 5 s, which would measure that and nothing else
)
LOST_SECONDS = 10.0
P99_S_MAX = 1.0


def measure(seconds: float = SECONDS) -> int:
    """Measure, print and write; return 0 when every mark came to the board."""
    load = load_now()
    WORK.mkdir(parents=True, exist_ok=True)
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=36)
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        data = Path(folder) / "island"
        living.make(data, living.past(start), scheduled_packs=False)
        with living.serve(data) as serving:
            cookie = serving.sign_in()
            with living.feeding(serving, start, RATE, seconds + WARM_UP_SECONDS) as feeder:
                found = asyncio.run(_follow(serving, cookie, seconds))
                found["feeder"] = json.loads(feeder.communicate(timeout=60)[0])
    feed = found["feeder"]
    lines = [
        Line(
            f"from wire to board at {RATE:g} messages/s: p99",
            f"≤ {P99_S_MAX:g} s",
            f"{found['p99_s']:.2f} s (p50 {found['p50_s']:.2f} s, worst {found['max_s']:.2f} s of {found['marks']};"
            f" answered durable after {1000 * found['ack_p50_s']:.0f} ms; {feed['per_second']:.0f} messages/s taken)",
            found["p99_s"] <= P99_S_MAX and not found["lost"],
        )
    ]
    keep("wire", lines, load, found)
    return 1 if found["lost"] else 0


def _mark(number: int, at: datetime) -> bytes:
    """Return an update of one patient's stay whose reason, shown on the board, is the mark."""
    stamp = at.strftime("%Y%m%d%H%M%S+0000")
    event, action = ("A01", "INSERT") if number == 0 else ("A08", "UPDATE")
    person = "999000001^^^VALOMBRE&2.999.7001.1&ISO^PI"
    lines = [
        f"MSH|^~\\&|GAM|VALOMBRE|RELEVE|ILOT|{stamp}||ADT^{event}^ADT_A01|MARK{number:06d}|T"
        "|2.5^FRA^2.11|||||FRA|UNICODE UTF-8|FR",
        f"EVN||{stamp}",
        f"PID|1||{person}||REPÈRE^MARQUE^MARQUE^^MME^^L||19600101|F|||||||||||||||||||||||||VALI",
        f"PV1|1|I|{WARD}^^^Centre&990000010&M|R|||||||||||||||999000002^^^VALOMBRE&2.999.7001.1&ISO^VN",
        f"PV2|||^{_words(number)}",
        f"ZBE|999000003^VALOMBRE^2.999.7001.1^ISO|{stamp}||{action}|N|A01",
    ]
    return ("\r".join(lines) + "\r").encode()


def _words(number: int) -> str:
    return f"Repère {number:06d}"


async def _follow(serving: living.Serving, cookie: str, seconds: float) -> dict[str, Any]:
    screen = Screen(serving.http, cookie, f"/ward/{WARD}/live/")
    reader, writer = await asyncio.open_connection(*serving.mllp)
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    waits: list[float] = []
    answers: list[float] = []
    questions = lost = number = 0
    with contextlib.closing(writer), contextlib.closing(screen):
        begin = time.perf_counter() + WARM_UP_SECONDS
        while (started := time.perf_counter()) < begin + seconds:
            writer.write(frame(_mark(number, datetime.now(UTC))))
            answer = await asyncio.wait_for(reader.readuntil(b"\x1c\r"), LOST_SECONDS)
            if b"MSA|AA|" not in answer:
                raise RuntimeError("wire: expected AA for the marked message")
            durable = time.perf_counter() - started
            mark = _words(number).encode()
            while True:
                status, body = await asyncio.wait_for(screen.ask(), LOST_SECONDS)
                questions += 1
                elapsed = time.perf_counter() - started
                if status not in (200, 304):
                    raise RuntimeError(f"wire: expected the board, got status {status}")
                if status == 200 and mark in body:
                    break
                if elapsed > LOST_SECONDS:
                    lost += 1
                    break
                await asyncio.sleep(ASK_SECONDS)
            if started >= begin:
                waits.append(elapsed)
                answers.append(durable)
            number += 1
            await asyncio.sleep(PAUSE_SECONDS)
    waits.sort()
    answers.sort()
    return {
        "marks": len(waits),
        "lost": lost,
        "questions": questions,
        "p50_s": waits[len(waits) // 2],
        "p99_s": waits[len(waits) * 99 // 100],
        "max_s": waits[-1],
        "ack_p50_s": answers[len(answers) // 2],
    }
