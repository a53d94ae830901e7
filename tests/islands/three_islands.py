"""Islands on one disk for a test: each with its log, its keys and its files published; no socket between them."""

from collections.abc import Sequence
from pathlib import Path

from releve.islands.exchange.identity import make_identity, read_mirror_signer
from releve.islands.exchange.peers import Cut, Peer, Peers, write_peers
from releve.islands.exchange.publish import Publisher
from releve.islands.exchange.puller import Puller
from releve.islands.exchange.quota import Quota
from releve.journal import folder
from releve.journal.blobs import BlobStore
from releve.journal.entry import Submission
from releve.journal.folder import Log
from releve.journal.store import LogWriter

SATURDAY_0310_US = 1_795_226_999_000_000  # 2026-11-21T02:09:59Z
ADT = b"MSH|^~\\&|GAM|CH-VALMONT|RELEVE|CH-VALMONT|202611210310||ADT^A01^ADT_A01|%06d|P|2.5\rPID|1||%09d^^^GAM\r"


class Clock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.us = SATURDAY_0310_US

    def now_us(self) -> int:
        """Return the time."""
        return self.us

    def monotonic(self) -> float:
        """Return the seconds."""
        return self.us / 1e6

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.us += int(seconds * 1e6)


class Island:
    """One island: writes its own log, publishes, pulls."""

    def __init__(self, root: Path, origin: str, clock: Clock, *, exercise: bool = True) -> None:
        self.data = root / origin
        self.origin = origin
        self.clock = clock
        self.log: Log = folder.create_island(self.data, origin, exercise, "Valmont", clock.us)
        self.identity = make_identity(self.data, origin)
        self.writer: LogWriter = folder.open_writer(self.data)
        self.publisher = Publisher(self.data)
        self.puller: Puller | None = None
        self.known: dict[str, Peer] = {}

    @property
    def vkey(self) -> str:
        """The key of its log."""
        return self.writer.opened.key

    def record(self, count: int, *, size: int = 0) -> None:
        """Record messages; `size` bytes of body make them blobs."""
        first = self.writer.size
        if size:
            digests = [
                BlobStore(self.data / "blobs").put(bytes([number % 251]) * size) for number in range(count)
            ]
            drafts = [Submission("message.hl7v2", digest, "test", blob_bytes=size) for digest in digests]
        else:
            drafts = [
                Submission("message.hl7v2", ADT % (at, at * 7919), "test")
                for at in range(first, first + count)
            ]
        self.writer.append(drafts, self.clock.us)

    def new_epoch(self, *, reason: str = "test") -> None:
        """Go on in a new epoch with a new key."""
        self.writer.close()
        folder.start_epoch(self.data, reason, self.clock.us)
        self.writer = folder.open_writer(self.data)

    def card(self, *, cuts: dict[str, Cut] | None = None, epochs: dict[str, str] | None = None) -> Peer:
        """Return how others know it."""
        return Peer(
            origin=self.origin,
            name=self.origin.upper(),
            addresses=("192.0.2.1:1",),
            certificate=self.identity.certificate_pem,
            mirror_key=self.identity.mirror_vkey,
            recipient=self.identity.recipient,
            epochs={"1": self.vkey} if epochs is None else epochs,
            cuts=cuts or {},
        )

    def meet(self, cards: Sequence[Peer], *, quota: Quota | None = None) -> Puller:
        """Know these islands, and pull with what was agreed."""
        self.known |= {card.origin: card for card in cards if card.origin != self.origin}
        peers = Peers(own=self.origin, peers=tuple(self.known.values()))
        write_peers(self.data, peers)
        if self.puller is None or quota is not None:
            self.puller = Puller(
                self.data,
                peers,
                signer=read_mirror_signer(self.data),
                quota=quota or Quota(free_bytes_min=0),
                now_us=self.clock.now_us,
                monotonic=self.clock.monotonic,
            )
        self.puller.use(peers)
        return self.puller

    def pull(self, other: "Island | Publisher", holder: str | None = "") -> int:
        """Pull everything another island (or what passes for one) has; return how many entries came."""
        assert self.puller is not None
        source = other.publisher if isinstance(other, Island) else other
        by = other.origin if isinstance(other, Island) else holder
        self.clock.us += 500_000
        return self.puller.pull_from(source, by)

    def size(self, origin: str, epoch: int = 1) -> int:
        """Return how many entries of a log are here."""
        path = folder.log_path(self.data, origin, epoch)
        if not path.exists():
            return 0
        with folder.LogReader(path) as reader:
            return reader.size

    def close(self) -> None:
        """Let go of everything."""
        self.publisher.close()
        self.writer.close()


def islands(root: Path, *origins: str) -> list[Island]:
    """Return islands that know one another."""
    clock = Clock()
    made = [Island(root, origin, clock) for origin in origins]
    for island in made:
        island.meet([other.card() for other in made])
    return made
