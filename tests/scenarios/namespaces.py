"""Islands each on a machine of its own, as far as the network can tell: network namespaces, cables, a switch.

Made with `ip netns`, which needs root. A cable can be pulled out, let one direction through only (`nft`), or be made
long and thin (`cable.py`, because a kernel need not have netem). Used by the scenarios and by `bench/islands.py`.
"""

import contextlib
import ctypes
import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

CLONE_NEWNET = 0x40000000
SIOCETHTOOL = 0x8946
# Checksums and segments are left to a network card that is not there; through `cable.py` they must be real.
OFFLOADS = (0x15, 0x17, 0x1F, 0x24)  # ETHTOOL_SRXCSUM, ETHTOOL_STXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO
_libc = ctypes.CDLL(None, use_errno=True)


class NoNetwork(Exception):
    """Namespaces cannot be made here; the message says why."""


class Network:
    """One namespace a machine, all on one switch; machine *n* has the address 10.71.0.*n*, counted from 1."""

    def __init__(self, machines: Sequence[str]) -> None:
        """Make it.

        Raises:
            NoNetwork: it cannot be made here; nothing is left behind.
        """
        if os.geteuid() != 0 or shutil.which("ip") is None:
            raise NoNetwork("network namespaces need root and the program ip (package iproute2)")
        self._prefix = f"releve{os.getpid()}"
        self._switch = f"{self._prefix}-switch"
        self.addresses = {machine: f"10.71.0.{number}" for number, machine in enumerate(machines, 1)}
        self._long: dict[str, subprocess.Popen[bytes]] = {}
        try:
            self._make()
        except subprocess.CalledProcessError as error:
            self.close()
            raise NoNetwork(f"no network namespace can be made here ({error.stderr.strip()})") from None

    def _make(self) -> None:
        _run("ip", "netns", "add", self._switch)
        self._ip("link", "add", "switch", "type", "bridge")
        self._ip("link", "set", "switch", "up")
        for machine, address in self.addresses.items():
            name = self.name(machine)
            _run("ip", "netns", "add", name)
            self._ip("link", "add", _port(machine), "type", "veth", "peer", "name", "eth0", "netns", name)
            self._ip("link", "set", _port(machine), "master", "switch", "up")
            for words in (["link", "set", "lo", "up"], ["link", "set", "eth0", "up"]):
                _run("ip", "-n", name, *words)
            _run("ip", "-n", name, "address", "add", f"{address}/24", "dev", "eth0")

    def name(self, machine: str) -> str:
        """Return the namespace of a machine, as `ip netns` knows it."""
        return f"{self._prefix}-{machine}"

    def prefix(self, machine: str) -> list[str]:
        """Return what makes a command run on that machine. The process stays the same one."""
        return ["ip", "netns", "exec", self.name(machine)]

    @contextlib.contextmanager
    def inside(self, machine: str) -> Iterator[None]:
        """Let this thread, and those it starts meanwhile, open their sockets on that machine."""
        with Path("/proc/thread-self/ns/net").open("rb") as before:
            _enter(Path("/run/netns") / self.name(machine))
            try:
                yield
            finally:
                _set_namespace(before.fileno())

    def unplug(self, machine: str) -> None:
        """Pull out the cable of a machine."""
        self._ip("link", "set", _port(machine), "down")

    def plug_in(self, machine: str) -> None:
        """Put the cable of a machine back."""
        self._ip("link", "set", _port(machine), "up")

    def deafen(self, machine: str, other: str) -> None:
        """Let a machine hear nothing any more of what another says to it; the other one still hears it.

        Raises:
            NoNetwork: without the program nft.
        """
        if shutil.which("nft") is None:
            raise NoNetwork("a link of one direction needs the program nft (package nftables)")
        rules = (
            "add table ip deaf; add chain ip deaf heard { type filter hook input priority 0; policy accept; }; "
            f"add rule ip deaf heard ip saddr {self.addresses[other]} drop"
        )
        _run(*self.prefix(machine), "nft", rules)

    def undeafen(self, machine: str) -> None:
        """Let a machine hear everybody again."""
        _run(*self.prefix(machine), "nft", "delete table ip deaf")

    def lengthen(self, machine: str, seconds: float, bits_per_second: float) -> None:
        """Make the cable of a machine so long that a frame takes `seconds`, and so thin."""
        for each in self.addresses:
            with self.inside(each):
                _without_offloads("eth0")
        self._ip("link", "add", "far", "type", "veth", "peer", "name", "near")
        self._ip("link", "set", "far", "up")
        self._ip("link", "set", _port(machine), "nomaster")
        self._ip("link", "set", "near", "master", "switch", "up")
        command = [sys.executable, str(Path(__file__).with_name("cable.py")), _port(machine), "far"]
        self._long[machine] = subprocess.Popen(
            ["ip", "netns", "exec", self._switch, *command, str(seconds), str(bits_per_second)]
        )

    def shorten(self, machine: str) -> None:
        """Give a machine its usual cable back."""
        cable = self._long.pop(machine)
        cable.kill()
        cable.wait()
        self._ip("link", "del", "far")
        self._ip("link", "set", _port(machine), "master", "switch")

    def close(self) -> None:
        """Take everything away."""
        for cable in self._long.values():
            cable.kill()
            cable.wait()
        for name in (self._switch, *map(self.name, self.addresses)):
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)

    def _ip(self, *words: str) -> None:
        _run("ip", "-n", self._switch, *words)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()


def _port(machine: str) -> str:
    return f"port-{machine}"


def _run(*words: str) -> None:
    subprocess.run(words, capture_output=True, text=True, check=True, timeout=20)


def _enter(path: Path) -> None:
    with path.open("rb") as namespace:
        _set_namespace(namespace.fileno())


def _set_namespace(handle: int) -> None:
    if _libc.setns(handle, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns: expected a network namespace")


def _without_offloads(interface: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        for which in OFFLOADS:
            value = ctypes.create_string_buffer(struct.pack("=II", which, 0))
            request = struct.pack("16sP", interface.encode(), ctypes.addressof(value))
            fcntl.ioctl(any_socket, SIOCETHTOOL, request)
