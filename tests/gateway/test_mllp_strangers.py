"""Whoever speaks no MLLP to the port: hung up on, told of without a word of what was said, and nobody else notices."""

from __future__ import annotations

import asyncio
import logging

import pytest
from mllp_island import island, message


def test_garbage_closes_its_own_connection_and_no_other(caplog: pytest.LogCaptureFixture) -> None:
    """A port scanner at 3 a.m. must not cost a message, and its line in the log must hold no patient."""

    async def story() -> None:
        async with island() as here:
            good, bad = await here.sender(), await here.sender()
            await good.send(message("M1"))
            await good.answer()

            await bad.send_raw(b"GET / HTTP/1.1\r\nX: DUPONT\r\n" * 20_000)

            await bad.closed()
            await good.send(message("M2"))
            assert await good.answer() == [b"MSA", b"AA", b"M2"]

    with caplog.at_level(logging.INFO, "releve.gateway"):
        asyncio.run(story())
    assert "expected a start of block" in caplog.text
    assert "DUPONT" not in caplog.text


def test_who_speaks_another_protocol_is_not_listened_to_for_long(caplog: pytest.LogCaptureFixture) -> None:
    """A monitoring probe that waits for an answer keeps a place for ever otherwise; a silent sender keeps its own."""

    async def story() -> None:
        async with island(stray_seconds_max=0.1) as here:
            probe, silent, odd = await here.sender(), await here.sender(), await here.sender()
            await odd.send(message("M1"))
            await odd.answer()
            await odd.send_raw(b"*37")  # a checksum behind each block: unusual, and no reason to hang up
            await probe.send_raw(b"HELO DUPONT\r\n")

            assert await probe.closed(8) == b""
            assert here.listener.connections == 2
            for name, sender in (("M2", odd), ("M3", silent)):
                await sender.send(message(name))
                assert await sender.answer() == [b"MSA", b"AA", name.encode()]

    with caplog.at_level(logging.INFO, "releve.gateway"):
        asyncio.run(story())
    assert caplog.text.count("expected a start of block") == 1
    assert "DUPONT" not in caplog.text
