"""Whoever owns an island: has its folder and all its keys, writes what it never said, tells each island another story.

Nothing here is invented strength: the stolen keys sign, the stolen certificate answers. What it writes is properly
sealed, and as well made as a recorder's; only nobody did it.
"""

import contextlib
import http.server
import re
import shutil
import sqlite3
import ssl
import threading
import time
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from releve.crisis.facts import CutDeclared
from releve.exercise.feed import Address
from releve.hospital.status import EVERYWHERE
from releve.islands.exchange.identity import certificate_path, certificate_sha256, exchange_key_path
from releve.islands.exchange.layout import LayoutError
from releve.islands.exchange.peers import read_peers
from releve.islands.exchange.publish import Publisher
from releve.islands.exchange.source import SourceGone
from releve.islands.facts import IslandCut, subject
from releve.journal.entry import Draft, Entry, Submission
from releve.journal.folder import log_path, open_writer, own_log
from releve.journal.keys import secret_path
from releve.journal.reader import LogReader
from releve.web.accounts.draft import draft_account

__all__ = ["ACCOUNT", "PASSWORD", "Attacker", "acts", "forge", "merges", "power", "stolen_copy"]

ACCOUNT, PASSWORD = "visiteur", "porte-derobee-3"
ACTS = ("dose.given.1", "observation.charted.1", "prescription.started.1", "note.written.1")
_FILE_BYTES_MAX = 20 << 20
_PID3 = re.compile(rb"^PID\|[^|]*\|[^|]*\|([^|~]+)", re.MULTILINE)


def stolen_copy(data: Path, to: Path) -> Path:
    """Return a copy of a living island's folder as a thief takes it: keys, settings, and its logs as they are now."""
    shutil.copytree(data, to, ignore=shutil.ignore_patterns("*.sqlite3*", "*.sock", "runtime", "packs"))
    for file in sorted((data / "journal").rglob("*.sqlite3")):
        with (
            contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as living,
            contextlib.closing(sqlite3.connect(to / file.relative_to(data))) as taken,
        ):
            living.backup(taken)
    return to


def forge(stolen: Path, drafts: Sequence[Draft]) -> int:
    """Write these into the island's own log, with its own key; return how many."""
    submissions = [
        Submission(one.kind, one.body, one.source, one.author, one.occurred_at_us, one.subjects)
        for one in drafts
    ]
    with contextlib.closing(open_writer(stolen)) as writer:
        writer.append(submissions, time.time_ns() // 1000)
    return len(submissions)


def power(stolen: Path, victim: str, down: str, applications: Iterable[str]) -> list[Draft]:
    """Return what would give power: an account, all applications back in service, another island cut at its start."""
    account = draft_account(
        stolen, code=ACCOUNT, family="VISITEUR", given="", role="it", password=PASSWORD, source="web"
    )
    live = CutDeclared(
        applications=tuple(applications), places=(EVERYWHERE,), status="live", since_us=time.time_ns() // 1000,
        reason="attack", by="crise", second="medecin", answers=(down,),
    )  # fmt: skip
    cut = IslandCut(island=victim, epoch=1, size=1, root=b"\0" * 32, mode="exclude", reason="panne")
    return [
        account,
        Draft(kind="crisis.declared.1", body=msgspec.msgpack.encode(live), source="web", author="crise"),
        Draft(
            kind="islands.cut.1",
            body=msgspec.msgpack.encode(cut),
            source="command",
            subjects=(subject(victim),),
        ),
    ]


def acts(stolen: Path, count: int, *, every: int = 1) -> list[Draft]:
    """Return acts that nobody did: real ones of this hospital, each with ten times the dose, or another text."""
    found = []
    for entry in _entries(stolen, lane="act"):
        if entry.kind in ACTS:
            body: dict[str, Any] = msgspec.msgpack.decode(entry.body)
            body["act"] = str(uuid.uuid4())  # an act of its own, not the same form sent twice
            if body.get("dose_value"):
                body["dose_value"] = f"{body['dose_value']}0"
            for name in ("text", "note", "label"):
                if body.get(name):
                    body[name] = f"{body[name]} (faux)"
            found.append(
                Draft(
                    kind=entry.kind,
                    body=msgspec.msgpack.encode(body),
                    source=entry.source,
                    author=entry.author,
                    occurred_at_us=entry.occurred_at_us,
                    subjects=entry.subjects,
                )
            )
    # Doses first: they are what kills.
    found.sort(key=lambda draft: ACTS.index(draft.kind))
    return found[::every][:count]


def merges(stolen: Path, count: int) -> list[Draft]:
    """Return messages that make one person of two, as the hospital's identity server would have sent them (A40)."""
    said: dict[bytes, tuple[bytes, bytes, Entry]] = {}
    for origin in sorted(path.name for path in (stolen / "journal").iterdir() if "-audit" not in path.name):
        for entry in _entries(stolen, origin=origin):
            number = _PID3.search(entry.body.replace(b"\r", b"\n")) if entry.kind == "message.hl7v2" else None
            if number is not None and b"|ADT^" in entry.body[:120]:
                lines = entry.body.split(b"\r")
                pid = next(line for line in lines if line.startswith(b"PID|"))
                said[number[1]] = lines[0], pid, entry
    made = []
    numbers = list(said)
    for place, (stays, other) in enumerate(zip(numbers[::2], numbers[1::2], strict=False)):
        header, pid, entry = said[stays]
        fields = header.split(b"|")
        fields[8], fields[9] = b"ADT^A40^ADT_A39", b"F%06d" % place
        body = b"\r".join((b"|".join(fields), b"EVN||" + fields[6], pid, b"MRG|" + other, b""))
        made.append(Draft(kind="message.hl7v2", body=body, source=entry.source))
    return made[:count]


def _entries(data: Path, *, origin: str = "", lane: Any = None) -> Iterable[Entry]:
    path = log_path(data, origin, 1) if origin else own_log(data).path
    if not path.exists():
        return
    with LogReader(path) as reader:
        start = 0
        while page := reader.read(start, 500, lane=lane):
            yield from page
            start = page[-1].index + 1


class Attacker:
    """Answers in the stolen island's name; `shows` says which folder each island is shown, by its origin."""

    def __init__(self, stolen: Path) -> None:
        peers = read_peers(stolen)
        assert peers is not None
        self.shows: dict[str, Path] = {}
        self._known = {
            certificate_sha256(peer.certificate): peer.origin for peer in peers.peers if peer.certificate
        }
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(certificate_path(stolen), secret_path(stolen, exchange_key_path(stolen).name))
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata="".join(peer.certificate for peer in peers.peers))
        shows, known = self.shows, self._known

        class Story(_Story):
            """Bound to this attacker."""

            def folder(self) -> Path | None:
                """Return what whoever asks is shown."""
                from hashlib import sha256

                der = self.connection.getpeercert(binary_form=True) or b""
                return shows.get(known.get(sha256(der).hexdigest(), ""))

        self._server = _Server(("127.0.0.1", 0), Story, context)
        self.address = Address("127.0.0.1", self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()

    def close(self) -> None:
        """Answer nobody any more."""
        self._server.shutdown()
        self._server.server_close()


class _Server(http.server.ThreadingHTTPServer):
    """Speaks TLS, in the thread of each connection."""

    daemon_threads = True

    def __init__(self, where: tuple[str, int], handler: Any, context: ssl.SSLContext) -> None:
        super().__init__(where, handler)
        self._context = context

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Shake hands, then answer."""
        with contextlib.suppress(OSError), self._context.wrap_socket(request, server_side=True) as spoken:
            super().finish_request(spoken, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A puller that hung up is no news."""


class _Story(http.server.BaseHTTPRequestHandler):
    """Files of the layout, out of the folder meant for whoever asks."""

    protocol_version = "HTTP/1.1"
    timeout = 120
    connection: ssl.SSLSocket

    def setup(self) -> None:
        """Nothing is open yet."""
        super().setup()
        self._told: tuple[Path, Publisher] | None = None

    def finish(self) -> None:
        """Close what was open."""
        super().finish()
        if self._told is not None:
            self._told[1].close()

    def folder(self) -> Path | None:
        """Return what whoever asks is shown, None for nothing."""
        return None

    def do_GET(self) -> None:
        """Answer as a publisher does."""
        folder = self.folder()
        body = None
        if folder is not None:
            if self._told is None or self._told[0] != folder:
                if self._told is not None:
                    self._told[1].close()
                self._told = folder, Publisher(folder)
            with contextlib.suppress(LayoutError, SourceGone):
                body = self._told[1].get(self.path.lstrip("/"), _FILE_BYTES_MAX)
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, format: str, *args: object) -> None:
        """Nobody who attacks keeps a log."""
