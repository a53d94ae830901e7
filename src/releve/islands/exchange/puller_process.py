"""The puller: a process that pulls from every peer, each in a thread of its own, so that a slow one holds nobody.

It holds no key of a log: only the one by which this island signs that it keeps what it pulled. It can die at any time.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from releve.islands.exchange.dropping import drop_copies
from releve.islands.exchange.identity import read_mirror_signer
from releve.islands.exchange.peers import Peer, Peers, PeersError, peers_path, read_peers
from releve.islands.exchange.puller import Puller
from releve.islands.exchange.quota import Quota
from releve.islands.exchange.source import HttpsSource, Source, SourceGone
from releve.islands.exchange.state import Exchange, PeerState, Trouble, read_exchange, write_exchange
from releve.islands.exchange.unseal import note_path, read_note
from releve.journal.client import Recorder
from releve.journal.errors import FolderError, JournalError, StorageFailed, StorageFull
from releve.journal.folder import own_log
from releve.journal.note import Signer

__all__ = ["PullerProcess", "run_puller"]

log = logging.getLogger("releve.puller")
STATE_SECONDS = 1.0
WAIT_SECONDS_MAX = 10.0  # between two tries of an island that does not answer
DISK_SECONDS = 5.0
# Some 600 entries a second without end; a catch-up of three million is not held up, and `releve islands pull` not at
# all. Measured: a peer costs 0.012 of a processor before any entry comes, a busy recorder 0.2 and more. What a flood
# adds is to stay below a twentieth of both.
PROCESSOR_SHARE = 0.01

MakeSource = Callable[[Path, Peer, str], Source]


def _https(data: Path, peer: Peer, address: str) -> Source:
    return HttpsSource(address, origin=peer.origin, certificate=peer.certificate, data=data)


def run_puller(data: Path, stop: threading.Event, *, quota: Quota | None = None, poll_ms: int = 500) -> None:
    """Pull until `stop`; while there are no peers, wait for some."""
    PullerProcess(data, stop, quota=quota, poll_ms=poll_ms).run()


class PullerProcess:
    """The threads and the file that tells how the exchange stands."""

    def __init__(
        self,
        data: Path,
        stop: threading.Event,
        *,
        quota: Quota | None = None,
        poll_ms: int = 500,
        make_source: MakeSource = _https,
    ) -> None:
        self._data = data
        self._stop = stop
        self._poll = poll_ms / 1000
        self._make_source = make_source
        self._states: dict[str, PeerState] = {}
        self._threads: dict[str, tuple[Peer, threading.Event, threading.Thread]] = {}
        self._recorder = Recorder(data, timeout_seconds=5.0)
        self._stamp = (-1, -1)
        before = read_exchange(data)
        self._peers = Peers(own=own_log(data).origin)
        self._read: tuple[int, int] | None = None
        self._note: tuple[int, int] | None = None
        self.puller = Puller(
            data,
            self._peers,
            signer=_signer(data),
            # Whoever floods us works against those who record here: in the long run it gets little of a processor.
            quota=quota or Quota(processor_share=PROCESSOR_SHARE),
            observe=self._observe,
            removed={name: state.removed for name, state in before.logs.items()} if before else None,
        )
        if before is not None:
            self.puller.copies = {name: dict(copies) for name, copies in before.copies.items()}
            self.puller.refused = list(before.refused)

    def run(self) -> None:
        """Pull until told to stop, then wait for the threads; what is under way is taken up again next time."""
        try:
            while not self._stop.is_set():
                self._follow_peers()
                self._follow_sticks()
                self._write()
                self._stop.wait(STATE_SECONDS)
        finally:
            for _, stop, _ in self._threads.values():
                stop.set()
            for _, _, thread in self._threads.values():
                thread.join(timeout=5.0)
            self._recorder.close()
            self._write()

    def _follow_peers(self) -> None:
        """Read the file of the peers when it changed; start and end threads accordingly."""
        try:
            status = peers_path(self._data).stat()
            read = (status.st_mtime_ns, status.st_ino)
        except FileNotFoundError:
            return
        if read != self._read:
            try:
                self._peers = read_peers(self._data) or self._peers
            except PeersError as error:
                log.error("%s", error)  # whom we know stays as it was
            self._read = read
            self.puller.use(self._peers)
        for peer in self._peers.peers:
            for epoch in drop_copies(self._data, peer):
                log.warning(
                    "%s/%d: removed here too, as its island did with two managers", peer.origin, epoch
                )
        wanted = {peer.origin: peer for peer in self._peers.peers if peer.is_asked and peer.addresses}
        for origin, (peer, stop, thread) in list(self._threads.items()):
            if wanted.get(origin) != peer:
                stop.set()
            if not thread.is_alive():
                del self._threads[origin]
        for origin, peer in wanted.items():
            if origin not in self._threads:
                stop = threading.Event()
                thread = threading.Thread(
                    target=self._follow, args=(peer, stop), name=f"pull {origin}", daemon=True
                )
                self._threads[origin] = (peer, stop, thread)
                thread.start()

    def _follow_sticks(self) -> None:
        """Take over what receipts on sticks proved, when the note of them changed."""
        with contextlib.suppress(OSError):  # no stick was ever here
            status = note_path(self._data).stat()
            if (found := (status.st_mtime_ns, status.st_ino)) != self._note:
                self._note = found
                self.puller.learn(read_note(self._data).held)

    def _follow(self, peer: Peer, stop: threading.Event) -> None:
        """Pull from one peer, its nearest address first, until told to stop."""
        address, failures = 0, 0
        source = self._make_source(self._data, peer, peer.addresses[0])
        state = PeerState(name=peer.name)
        while not stop.is_set():
            tried_us = _now_us()
            wait = self._poll
            try:
                came = self.puller.pull_from(source, peer.origin, stop.is_set)
                state = PeerState(name=peer.name, reached_us=tried_us, tried_us=tried_us)
                failures = 0
                wait = 0.0 if came > 10_000 else wait
            except SourceGone as error:
                failures += 1
                state = self._troubled(state, tried_us, error.trouble, str(error))
                source.close()
                address = (address + 1) % len(peer.addresses)
                source = self._make_source(self._data, peer, peer.addresses[address])
                wait = min(WAIT_SECONDS_MAX, self._poll * 2 ** min(failures, 8))
            except (StorageFull, StorageFailed) as error:
                state = self._troubled(state, tried_us, "disk", str(error))
                wait = DISK_SECONDS
            except JournalError as error:
                state = self._troubled(state, tried_us, "file", str(error))
                wait = DISK_SECONDS
            except Exception:
                # Whatever an island sends, the thread that asks it goes on, and so do the others.
                log.exception("pulling from %s", peer.origin)
                state = self._troubled(state, tried_us, "answer", "an answer that could not be worked on")
                wait = DISK_SECONDS
            self._states[peer.origin] = state
            stop.wait(wait)
        source.close()

    def _troubled(self, state: PeerState, tried_us: int, trouble: Trouble, detail: str) -> PeerState:
        if state.trouble != trouble:
            log.warning("%s: %s", state.name, detail)
        return PeerState(
            name=state.name,
            reached_us=state.reached_us,
            tried_us=tried_us,
            trouble=trouble,
            detail=detail[:200],
        )

    def _observe(self, wall_ms: int, counter: int) -> None:
        if (wall_ms, counter) > self._stamp:
            self._recorder.observe(wall_ms, counter)
            self._stamp = (wall_ms, counter)

    def _write(self) -> None:
        known = {peer.origin: PeerState(name=peer.name) for peer in self._peers.peers if not peer.left}
        exchange = Exchange(
            at_us=_now_us(),
            own=self._peers.own,
            peers={origin: self._states.get(origin, state) for origin, state in known.items()},
            logs=self.puller.logs(),
            copies={name: dict(copies) for name, copies in self.puller.copies.items()},
            refused=tuple(self.puller.refused),
            ahead=dict(self.puller.ahead),
        )
        with contextlib.suppress(OSError):  # a full disk: the next second tries again
            write_exchange(self._data, exchange)


def _signer(data: Path) -> Signer | None:
    try:
        return read_mirror_signer(data)
    except FolderError as error:
        log.warning("%s: what is held here is not signed for", error)
        return None


def _now_us() -> int:
    return time.time_ns() // 1000
