"""What the gateway is told: ports, certificates, who may send, and how much it may hold."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Literal

import msgspec

MIB = 1024 * 1024

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Listen(msgspec.Struct, frozen=True, kw_only=True):
    """One port. Port 0 lets the kernel choose; `DATA/runtime/gateway.json` then says which."""

    host: str = "127.0.0.1"
    port: int = 2575  # registered for HL7 (IANA)
    tls: bool = False


class TlsFiles(msgspec.Struct, frozen=True, kw_only=True):
    """PEM files of the listener; with `client_authorities` only senders with a certificate they signed may speak."""

    certificate: Path
    key: Path
    client_authorities: Path | None = None


class GatewaySettings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the gateway process needs to know; nothing is read from elsewhere.

    `allow` holds addresses and networks (`10.2.0.0/16`); empty means every address may send.
    `when_full`: `close` leaves the message with its sender (no answer, connection closed); `reject` answers AR or CR.
    """

    data: Path
    listen: tuple[Listen, ...] = (Listen(),)
    tls: TlsFiles | None = None
    allow: tuple[str, ...] = ()
    when_full: Literal["close", "reject"] = "close"
    # An MDM with a CDA in base64 weighs up to 1 MB in the French samples; scans inside OBX-5 weigh more.
    frame_bytes_max: int = 16 * MIB
    # All connections together: half frames, and frames whose entry is not durable yet.
    buffer_bytes_max: int = 256 * MIB
    # One connection may run this far ahead of the disk before its reading pauses.
    connection_bytes_max: int = 4 * MIB
    connection_messages_max: int = 1024
    connections_max: int = 16_384
    # A frame begun and not ended after this time is abandoned; 16 MiB over a 1 Mbit/s link takes 134 s.
    frame_seconds_max: float = 300.0
    # Text before a first frame is tolerated; after this time without one it is another protocol (TLS, HTTP, a scan).
    stray_seconds_max: float = 10.0
    # Time before a connection whose message could not be kept is closed, so that senders do not storm.
    refusal_pause_seconds: float = 1.0
    stop_seconds_max: float = 5.0
    intake: bool = True

    @property
    def runtime(self) -> Path:
        """Folder of what may be deleted at any time."""
        return self.data / "runtime"


class AllowList:
    """Which addresses may speak to us.

    Raises:
        ValueError: an entry is neither an address nor a network; says which entry.
    """

    def __init__(self, allow: tuple[str, ...]) -> None:
        self._networks: list[Network] = []
        for place, entry in enumerate(allow, start=1):
            try:
                self._networks.append(ipaddress.ip_network(entry.strip(), strict=False))
            except ValueError:
                raise ValueError(f"allow, entry {place}: expected an address or a network") from None

    def admits(self, address: str) -> bool:
        """Return whether `address` may send; an IPv4 address mapped into IPv6 counts as the IPv4 one."""
        if not self._networks:
            return True
        try:
            found = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        return any(found in network for network in self._networks)
