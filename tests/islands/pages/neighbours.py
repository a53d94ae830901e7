"""An island at 03:10 with two others: what was said of them stands in the two files that pages read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ward_island import HOUR_MS, MINUTE_MS, NOW_MS, WardIsland

from releve.islands.exchange.peers import Peer, Peers, write_peers
from releve.islands.exchange.state import Copy, Exchange, LogState, PeerState, Refused, write_exchange
from releve.journal import folder
from releve.journal.entry import Draft, Entry, Receipt

__all__ = ["NOW_MS", "MINUTE_MS", "HOUR_MS", "NeighbourIsland"]

NOW_US = NOW_MS * 1000
LOG_A, LOG_B = "a/1", "b/1"


class NeighbourIsland(WardIsland):
    """The ward's island, A; B and C are known to it. What others wrote is folded as a puller would bring it."""

    def __init__(self, data: Path) -> None:
        folder.create_island(data, "a", True, "Valombre", NOW_US)
        self.elsewhere: dict[tuple[str, int], Entry] = {}
        super().__init__(data)
        self.projector._fetch = lambda log, index: (
            self.elsewhere[log, index] if (log, index) in self.elsewhere else self.entries[index]
        )

    def others(self, *, peers: Sequence[Peer] = ()) -> None:
        """Let B hold 4140 and C nothing that is named, or these."""
        known = peers or (
            Peer(
                origin="b",
                name="Les Saules",
                addresses=("10.0.2.1:8445",),
                epochs={"1": "b"},
                wards=("4140",),
            ),
            Peer(origin="c", name="Logistique", addresses=("10.0.3.1:8445",), epochs={"1": "c"}),
        )
        write_peers(self.data, Peers(own="a", peers=tuple(known)))

    def exchange(self, **more: Any) -> None:
        """Write how the exchange stands: everybody reached a second ago, everything held, or what `more` says."""
        at = self.now_ms * 1000 - 1_000_000
        size = 2  # of the log that `create_island` began
        said: dict[str, Any] = {
            "at_us": at,
            "own": "a",
            "peers": {
                "b": PeerState(name="Les Saules", reached_us=at, tried_us=at),
                "c": PeerState(name="Logistique", reached_us=at, tried_us=at),
            },
            "logs": {
                "b/1": LogState(size=400, checkpoint_us=at),
                "c/1": LogState(size=700, checkpoint_us=at),
            },
            "copies": {
                "a/1": {"b": Copy(size, at), "c": Copy(size, at)},
                "b/1": {"c": Copy(400, at)},
                "c/1": {"b": Copy(700, at)},
            },
        } | more
        (self.data / "runtime").mkdir(exist_ok=True)
        write_exchange(self.data, Exchange(**said))

    def c_silent(self, minutes: int = 29) -> dict[str, Any]:
        """Return what `exchange` is told when C was last reached some minutes ago, the others are well."""
        at, then = self.now_ms * 1000 - 1_000_000, (self.now_ms - minutes * MINUTE_MS) * 1000
        return {
            "peers": {
                "b": PeerState(name="Les Saules", reached_us=at, tried_us=at),
                "c": PeerState(name="Logistique", reached_us=then, tried_us=at, trouble="unreachable"),
            },
            "logs": {
                "b/1": LogState(size=400, checkpoint_us=at),
                "c/1": LogState(size=700, checkpoint_us=then),
            },
            "copies": {
                "a/1": {"b": Copy(2, at), "c": Copy(1, then)},
                "c/1": {"b": Copy(690, then - 60_000_000)},
            },
        }

    def refuse(self, what: str, **more: Any) -> Refused:
        """Return something that was refused five minutes ago, from C itself."""
        said: dict[str, Any] = {
            "at_us": self.now_ms * 1000 - 5 * MINUTE_MS * 1000,
            "origin": "c",
            "epoch": 1,
            "what": what,
            "from_": "c",
            "detail": "",
            "folder": "evidence/c.1",
        } | more
        return Refused(**said)

    def hear_from(self, log: str, draft: Draft, *, at_ms: int = 0) -> Receipt:
        """Fold an entry that another island wrote, at its own hour."""
        from django.db import transaction

        origin, _, epoch = log.partition("/")
        index = sum(1 for name, _ in self.elsewhere if name == log)
        at_us = (at_ms or self.now_ms) * 1000 + index
        entry = Entry(
            version=1, origin=origin, epoch=int(epoch), index=index, hlc=(at_us // 1000, 0),
            occurred_at_us=draft.occurred_at_us, recorded_at_us=at_us, author=draft.author, recorder="test",
            source=draft.source, kind=draft.kind, subjects=draft.subjects, body=draft.body,
        )  # fmt: skip
        self.elsewhere[log, index] = entry
        with transaction.atomic(using="fold"):
            self.projector.take(log, [entry], position=index + 1)
        return Receipt(origin, int(epoch), index, at_us)
