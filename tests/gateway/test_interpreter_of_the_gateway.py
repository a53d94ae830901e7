"""How often the gateway's threads give one another the interpreter."""

import asyncio
import sys
from pathlib import Path

import pytest

from releve.gateway.process import serve
from releve.gateway.settings import GatewaySettings


def test_an_answer_waits_half_a_millisecond_for_the_intake_and_not_five(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The intake works on another thread: with Python's own interval each acknowledgement stood behind it."""
    asked: list[float] = []
    monkeypatch.setattr(sys, "setswitchinterval", asked.append)
    (tmp_path / "runtime").mkdir()

    async def begin_and_end() -> None:
        stop = asyncio.Event()
        stop.set()
        await serve(GatewaySettings(data=tmp_path, listen=(), intake=False), stop)

    asyncio.run(begin_and_end())

    assert asked == [0.0005]
