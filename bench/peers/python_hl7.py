"""python-hl7's own MLLP server, as its documentation shows it: it stores nothing."""

from __future__ import annotations

import asyncio

from hl7.mllp import HL7StreamReader, HL7StreamWriter, start_hl7_server


async def _answer(reader: HL7StreamReader, writer: HL7StreamWriter) -> None:
    try:
        while not writer.is_closing():
            message = await reader.readmessage()
            writer.writemessage(message.create_ack())
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def serve() -> None:
    # Its defaults (ASCII, 64 KiB) would refuse our French messages: given what it needs.
    server = await start_hl7_server(_answer, "127.0.0.1", 0, limit=1 << 20, encoding="utf-8")
    print(f"port {server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
