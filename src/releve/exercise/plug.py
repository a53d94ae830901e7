"""The cable at which an island is read by the others, in an exercise: carried on, pulled out, or tapped."""

import contextlib
import socket
import threading

from releve.exercise.feed import Address

__all__ = ["Plug"]

_PIECE_BYTES = 65_536


class Plug:
    """Listens on one loopback address all the while; `to` is where it leads, None: it was pulled."""

    def __init__(self, to: Address | None = None) -> None:
        self.to = to
        self._listening = socket.create_server(("127.0.0.1", 0))
        host, port = self._listening.getsockname()
        self.address = Address(host, port)
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def lead_to(self, to: Address | None) -> None:
        """Lead somewhere else from now on; connections under way end."""
        with self._lock:
            self.to = to
            for one in self._open:
                _end(one)

    def close(self) -> None:
        """End everything; nobody answers at the address any more."""
        self.lead_to(None)
        _end(self._listening)
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            with self._lock:
                to = self.to
            far = None
            if to is not None:
                with contextlib.suppress(OSError):
                    far = socket.create_connection(to, timeout=5)
            if far is None:
                near.close()
                continue
            far.settimeout(None)
            with self._lock:
                self._open |= {near, far}
                if self.to != to:  # pulled meanwhile
                    _end(near)
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := one.recv(_PIECE_BYTES):
                other.sendall(piece)
        # Whichever way ends first, the other one ends too; each is closed by who reads it.
        _end(other)
        with self._lock:
            self._open.discard(one)
        one.close()


def _end(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
