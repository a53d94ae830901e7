"""The gateway process: what the supervisor starts, and what a stop signal ends."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from releve.gateway.intake import Intake
from releve.gateway.mllp import MllpListener
from releve.gateway.settings import GatewaySettings, Listen
from releve.journal import logged
from releve.journal.client import AsyncRecorder
from releve.journal.folder import socket_path

logger = logging.getLogger("releve.gateway")


class Listening(msgspec.Struct, frozen=True, kw_only=True):
    """What `DATA/runtime/gateway.json` says: the ports really bound, by which process, since when."""

    mllp: tuple[Listen, ...]
    pid: int
    started_at: str


def run(settings: GatewaySettings) -> None:
    """Listen until SIGTERM or SIGINT; return once every durable message is answered.

    Raises:
        OSError: a port is taken, or a certificate cannot be read.
        ValueError: the allow-list holds what is neither address nor network.
    """
    try:
        import uvloop
    except ImportError:  # not on every platform; asyncio alone is slower, not different
        asyncio.run(serve(settings))
    else:
        uvloop.run(serve(settings))


async def serve(settings: GatewaySettings, stop: asyncio.Event | None = None) -> None:
    """Listen until a stop signal, or until `stop` is set."""
    # The intake works on another thread: answers wait half a millisecond for it at most, not five.
    sys.setswitchinterval(0.0005)
    loop = asyncio.get_running_loop()
    stopping = stop or asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(RuntimeError, ValueError):  # not in the main thread: `stop` is then given
            loop.add_signal_handler(name, stopping.set)
    recorder = AsyncRecorder(socket_path(settings.data), stays_awake=True)
    listener = MllpListener(settings, recorder)
    place = listening_file(settings.data)
    bound = await listener.start()
    write_listening(place, Listening(mllp=tuple(bound), pid=os.getpid(), started_at=_now_text()))
    for listen in bound:
        logger.info(
            "listening for HL7 v2 on %s:%d%s", listen.host, listen.port, " (TLS)" if listen.tls else ""
        )
    intake_stop = threading.Event()
    intake = threading.Thread(
        target=Intake(settings.data).watch, args=(intake_stop,), name="intake", daemon=True
    )
    if settings.intake:
        intake.start()
    try:
        await stopping.wait()
    finally:
        intake_stop.set()
        await listener.stop()
        told = read_listening(settings.data)
        if told is not None and told.pid == os.getpid():  # the next gateway may have written its own already
            place.unlink(missing_ok=True)
        await recorder.close()
        if intake.is_alive():
            await asyncio.to_thread(intake.join, settings.stop_seconds_max)
    logger.info("stopped: nothing is acknowledged that is not durable")


def listening_file(data: Path) -> Path:
    """Return where the gateway says which ports it has."""
    return data / "runtime" / "gateway.json"


def read_listening(data: Path) -> Listening | None:
    """Return what the running gateway bound, or `None` while none runs."""
    try:
        return msgspec.json.decode(listening_file(data).read_bytes(), type=Listening)
    except (OSError, msgspec.MsgspecError):
        return None


def write_listening(place: Path, listening: Listening) -> None:
    """Write the file in one step: a reader sees all of it or nothing."""
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_suffix(".part")
    part.write_bytes(msgspec.json.encode(listening))
    part.replace(place)


def main() -> None:
    """Run as a process with few settings: `python -m releve.gateway.process --data DIR [--mllp HOST:PORT]…`."""
    parser = argparse.ArgumentParser(prog="python -m releve.gateway.process", description=run.__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--mllp", action="append", default=[], metavar="HOST:PORT")
    parser.add_argument("--allow", action="append", default=[], metavar="ADDRESS")
    parser.add_argument("--when-full", choices=("close", "reject"), default="close")
    parser.add_argument("--no-intake", action="store_true")
    arguments = parser.parse_args()
    logged.say_on_stderr("gateway")
    run(
        GatewaySettings(
            data=arguments.data,
            listen=tuple(map(listen_at, arguments.mllp)) or (Listen(),),
            allow=tuple(arguments.allow),
            when_full=arguments.when_full,
            intake=not arguments.no_intake,
        )
    )


def listen_at(text: str) -> Listen:
    """Return the port that `HOST:PORT`, `[IPV6]:PORT` or `PORT` names.

    Raises:
        ValueError: it names none.
    """
    host, _, port = text.rpartition(":")
    if not port.isdigit() or int(port) > 65_535:
        raise ValueError("mllp: expected HOST:PORT")
    return Listen(host=host.strip("[]") or "127.0.0.1", port=int(port))


def _now_text() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


if __name__ == "__main__":
    main()
