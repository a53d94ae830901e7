import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from releve.paper.facts import PaperPrinted
from releve.paper.printers import PrinterAddress, print_document

CLOCK = 1_795_315_680_000


class FakePrinter(threading.Thread):
    """A raw port that keeps what it is given; `limit` bytes then it slams the door."""

    def __init__(self, limit: int | None = None) -> None:
        super().__init__(daemon=True)
        self.limit = limit
        self.received = bytearray()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.start()

    def run(self) -> None:
        connection, _peer = self.listener.accept()
        with connection, self.listener:
            while block := connection.recv(4096):
                self.received += block
                if self.limit is not None and len(self.received) > self.limit:
                    linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    return


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """Return a document larger than any buffer on the way."""
    path = tmp_path / "UF3120-2-feuilles.pdf"
    path.write_bytes(b"%PDF-1.7\n" + b"0123456789" * 2_000_000)
    return path


@pytest.fixture
def closed_port() -> Iterator[str]:
    """Return an address where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{held.getsockname()[1]}"


def test_a_raw_printer_gets_every_byte_once(document: Path) -> None:
    """A truncated pack looks complete until the last page is missed."""
    printer = FakePrinter()

    printed = print_document(
        document, 24, [PrinterAddress(code="P1", address=printer.address)], clock_ms=lambda: CLOCK
    )

    printer.join(5)
    assert printer.received == document.read_bytes()
    assert (printed.done, printed.printer, printed.pages, printed.error) == (True, "P1", 24, "")
    assert printed.attempts[0].at_ms == CLOCK
    assert printed.attempts[0].sent_bytes == len(printer.received)


def test_the_second_printer_takes_over_and_both_tries_are_told(document: Path, closed_port: str) -> None:
    """The ward's own printer is down with the rest; the paper must still come out somewhere, known."""
    second = FakePrinter()
    printers = [
        PrinterAddress(code="P1", address=closed_port),
        PrinterAddress(code="P2", address=second.address),
    ]

    printed = print_document(document, 24, printers)

    second.join(5)
    assert printed.printer == "P2"
    assert second.received == document.read_bytes()
    assert "does not answer" in printed.attempts[0].error
    assert printed.attempts[1].error == ""


def test_a_printer_that_stops_halfway_is_a_failure_that_warns_of_pages_already_out(document: Path) -> None:
    """Half a pack on the tray, and a whole one elsewhere: somebody must throw the half away."""
    printer = FakePrinter(limit=100_000)

    printed = print_document(document, 24, [PrinterAddress(code="P1", address=printer.address)])

    assert not printed.done
    assert "pages may have come out" in printed.error
    assert printed.attempts[0].sent_bytes > 0


def test_cups_gives_its_job_number_and_its_refusal_in_words(
    document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a queue exists, its number is what one asks the printer about."""
    lp = tmp_path / "bin" / "lp"
    lp.parent.mkdir()
    lp.write_text(
        '#!/bin/sh\nif [ "$2" = "ward3b" ]; then echo "request id is ward3b-42 (1 file(s))"; else '
        'echo "lp: The printer or class does not exist." >&2; exit 1; fi\n'
    )
    lp.chmod(0o755)
    monkeypatch.setenv("PATH", f"{lp.parent}:/usr/bin:/bin")
    printers = [
        PrinterAddress(code="P1", address="cups:gone"),
        PrinterAddress(code="P2", address="cups:ward3b"),
    ]

    printed = print_document(document, 24, printers)

    assert printed.printer == "P2"
    assert printed.attempts[1].job == "ward3b-42"
    assert "does not exist" in printed.attempts[0].error


def test_an_address_that_is_none_is_said_and_starts_no_command(document: Path) -> None:
    """An address from a spreadsheet must not become an option of a command."""
    for address in ("", "printer", "10.0.0.5:", "cups:-o raw", "cups:a;b"):
        printed = print_document(document, 1, [PrinterAddress(code="P1", address=address)])
        assert not printed.done
        assert printed.error


def test_what_came_out_becomes_a_fact() -> None:
    """Who asks tomorrow which paper was on the ward at 03:10 finds it in the journal."""
    import msgspec

    fact = PaperPrinted(
        ward="3120",
        pack="3B-0412",
        document="UF3120-2-feuilles.pdf",
        digest="0" * 64,
        pages=24,
        printer="P2",
        outcome="printed",
        printed_at_ms=CLOCK,
    )

    again = msgspec.msgpack.decode(msgspec.msgpack.encode(fact), type=PaperPrinted)

    assert again == fact
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(fact))["type"] == "paper.printed.1"
