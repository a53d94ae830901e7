"""Island C in an attacker's hands: all its keys, and whatever bytes it likes to serve.

`Owned` forges logs; `Served` gives them out, each file as the attacker wants it; `Stage` lets A and B pull from it as
their pullers do, and tells whether they came to harm.
"""

import base64
import shutil
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from three_islands import Clock, Island

from releve.islands.exchange import layout
from releve.islands.exchange.evidence import evidence_folder
from releve.islands.exchange.identity import read_mirror_signer
from releve.islands.exchange.layout import CheckpointPath, LogSize, TilePath
from releve.islands.exchange.peers import Cut, Peer, Peers, write_peers
from releve.islands.exchange.puller import Puller
from releve.islands.exchange.quota import Quota
from releve.islands.exchange.source import Source, SourceGone, SourceTooLarge
from releve.journal import entry as entries
from releve.journal import facts, folder, verify
from releve.journal.note import Checkpoint, Signer
from releve.journal.reader import LogReader
from releve.journal.tree import Edge, leaf_hash

__all__ = ["SECRET", "Owned", "Served", "Stage", "opened_entry"]

SECRET = "KERVELLA-SECRET"
EVIDENCE_MAX = 64
KINDS_TOLD_MAX = 25

Give = Callable[[str, bytes | None], bytes | None]


class Served:
    """A log given out file by file: entries as they are, hashes and checkpoint over them, or what `instead` says."""

    def __init__(
        self,
        stored: Sequence[bytes | None],
        key: Signer,
        *,
        origin: str = "c",
        epoch: int = 1,
        leaves: Sequence[bytes] | None = None,
        size: int | None = None,
        root: bytes | None = None,
        name: str | None = None,
        lines: Sequence[str] = (),
        instead: Give | None = None,
        blobs: Sequence[bytes] = (),
    ) -> None:
        self.stored = list(stored)
        self.leaves = list(leaves) if leaves is not None else [leaf_hash(one or b"") for one in stored]
        self.origin, self.epoch = origin, epoch
        edge = Edge()
        edge.extend(self.leaves)
        self.listed = LogSize(origin, epoch, len(self.leaves) if size is None else size)
        stated = Checkpoint(
            name or f"releve/{origin}/{epoch}", self.listed.size, edge.root() if root is None else root
        )
        self.note = key.sign(stated.text()) + "".join(f"{line}\n" for line in lines)
        self.asked: list[str] = []
        self._instead = instead or (lambda path, found: found)
        self._blobs = {sha256(body).digest(): body for body in blobs}
        self.also: list[Source] = []

    def get(self, path: str, limit: int) -> bytes | None:
        """Return the file of that name as the attacker wants it; bounds are kept, as a real source keeps them."""
        self.asked.append(path)
        found = self._instead(path, self._true(path))
        if found is None:
            for other in self.also:
                if path != layout.LOGS and (found := other.get(path, limit)) is not None:
                    break
        if found is not None and len(found) > limit:
            raise SourceTooLarge(path, limit)
        return found

    def close(self) -> None:
        """Nothing is open."""

    def _true(self, path: str) -> bytes | None:
        if path == layout.LOGS:
            return b"".join(
                [
                    layout.logs_text([self.listed]).encode(),
                    *(one.get(path, 1 << 20) or b"" for one in self.also),
                ]
            )
        named = layout.parse_path(path)
        if isinstance(named, CheckpointPath):
            return self.note.encode() if (named.origin, named.epoch) == (self.origin, self.epoch) else None
        if not isinstance(named, TilePath):
            return self._blobs.get(named.digest)
        if (named.origin, named.epoch) != (self.origin, self.epoch):
            return None
        start = named.number * 256
        if named.level is None:
            return layout.bundle(self.stored[start : start + named.width])
        if named.level == 0:
            return b"".join(self.leaves[start : start + named.width])
        return b"".join(self._top(number) for number in range(start, start + named.width))

    def _top(self, number: int) -> bytes:
        edge = Edge()
        edge.extend(self.leaves[number * 256 : (number + 1) * 256])
        return edge.root()


def opened_entry(signer: Signer, *, epoch: int = 2, handover: Signer | None = None, **change: Any) -> bytes:
    """Return the first entry of a log of the attacker's making."""
    vkey = signer.verifier.vkey
    line = None
    if handover is not None:
        line = handover.sign(facts.handover_text("c", epoch, vkey)).rpartition("\n\n")[2].rstrip("\n")
    said = facts.JournalOpened(
        origin="c", epoch=epoch, key=vkey, exercise=True, hospital="Valmont", before=None, reason="x",
        opened_at_us=0, handover=line,
    )  # fmt: skip
    said = msgspec.structs.replace(said, **change)
    return Owned.envelope(0, "journal.opened.1", facts.encode(said), epoch=epoch)


class Owned:
    """What the attacker has of C: its key, its true log, its peers' public files."""

    def __init__(self, island: Island) -> None:
        self.island = island
        self.key = folder.read_key(island.data, island.log).signer
        with LogReader(island.log.path) as reader:
            self.true = [reader.stored(index) or b"" for index in range(reader.size)]

    @staticmethod
    def envelope(at: int, kind: str = "message.hl7v2", body: bytes = b"MSH|evil", **change: Any) -> bytes:
        """Return an entry as its recorder would write it, with what `change` says."""
        one = entries.Envelope(
            version=1, origin="c", epoch=1, index=at, wall_ms=1_795_226_999_000 + at, counter=0,
            occurred_at_us=None, recorded_at_us=1_795_226_999_000_000, author="", recorder="x", source="x", kind=kind,
            subjects=(), salt=b"s" * 16, encoding=0, dictionary=None, size=len(body), body=body,
        )  # fmt: skip
        return entries.encode(msgspec.structs.replace(one, **change))

    def log(self, *forged: bytes | None, **more: Any) -> Served:
        """Return the true log with these entries behind it, rightly signed."""
        return Served([*self.true, *forged], self.key, **more)

    def messages(self, count: int, *, text: str = SECRET, start: int = 0) -> list[bytes]:
        """Return so many messages to stand behind the true log."""
        first = len(self.true) + start
        return [
            self.envelope(index, body=f"MSH|^~\\&|{index}|{text}".encode())
            for index in range(first, first + count)
        ]

    def redaction(self, act: int, target: int, stored: bytes, **change: Any) -> bytes:
        """Return an entry that removes another one of this log."""
        said = facts.JournalRedaction(
            index=target,
            leaf=leaf_hash(stored),
            reason="x",
            envelope=entries.redacted(entries.decode(stored)),
        )
        return self.envelope(
            act, "journal.redaction.1", facts.encode(msgspec.structs.replace(said, **change))
        )

    def next_epoch(
        self, epoch: int = 2, *, handover: Signer | None = None, **more: Any
    ) -> tuple[Served, Signer]:
        """Return a later epoch of C of the attacker's making, and its key."""
        key = Signer.generate(f"releve/c/{epoch}")
        stored = [
            opened_entry(key, epoch=epoch, handover=handover, **more),
            self.envelope(1, epoch=epoch, body=b"MSH|next"),
        ]
        return Served(stored, key, epoch=epoch), key


class Stage:
    """A and B at work while C attacks."""

    def __init__(self, root: Path) -> None:
        self.clock = Clock()
        self.a, self.b, self.c = (Island(root, origin, self.clock) for origin in "abc")
        self.victims = (self.a, self.b)
        for island in self.victims:
            island.record(3)
        self.owned = Owned(self.c)
        self.quota = Quota(free_bytes_min=0)
        self.troubles: list[str] = []

    def reset(self) -> None:
        """Forget C, its evidence, and what was pulled of it."""
        self.clock.us += 3_600_000_000
        for island in self.victims:
            for path in [
                *(island.data / "journal").glob("c*"),
                *(island.data / "journal").glob("*-audit"),
                island.data / "evidence",
                island.data / "blobs",
            ]:
                shutil.rmtree(path, ignore_errors=True)
            shutil.rmtree(island.data / "islands" / "cosigned", ignore_errors=True)
        self.knows(self.c.card())
        self.troubles = []
        self._work()

    def knows(self, c: Peer, **quota: Any) -> None:
        """Let A and B know C so, and begin with no memory."""
        for island, other in ((self.a, self.b), (self.b, self.a)):
            peers = Peers(
                own=island.origin, peers=tuple(sorted((other.card(), c), key=lambda one: one.origin))
            )
            write_peers(island.data, peers)
            island.puller = Puller(
                island.data, peers, signer=read_mirror_signer(island.data),
                quota=msgspec.structs.replace(self.quota, **quota),
                now_us=self.clock.now_us, monotonic=self.clock.monotonic,
            )  # fmt: skip

    def cut(self, size: int, root: bytes, mode: str = "exclude") -> None:
        """Let two managers have cut C off at this entry."""
        line = Cut(size=size, root_b64=base64.b64encode(root).decode(), mode=mode)  # type: ignore[arg-type]
        self.knows(self.c.card(cuts={"1": line}))

    def attack(self, *sources: Source, rounds: int = 3, pause: float = 40.0, victims: str = "ab") -> None:
        """Let A and B pull from C as their pullers do, again and again, one source after the other."""
        for _ in range(rounds):
            for source in sources:
                for island in (one for one in self.victims if one.origin in victims):
                    self.clock.us += int(pause * 1e6)
                    assert island.puller is not None
                    # Everything else would be a fault of ours; the process would catch it, and never get on with C.
                    try:
                        island.puller.pull_from(source, "c")
                    except SourceGone as error:
                        self.troubles.append(error.trouble)

    def told(self, island: Island | None = None) -> list[str]:
        """Return what A (or another) says it refused, in codes."""
        puller = (island or self.a).puller
        assert puller is not None
        return [one.what for one in puller.refused]

    def held(self, epoch: int = 1, island: Island | None = None, origin: str = "c") -> int:
        """Return how many entries of C lie on A."""
        return (island or self.a).size(origin, epoch)

    def evidence(self, island: Island | None = None, origin: str = "c", epoch: int = 1) -> list[Path]:
        """Return what was kept of what was refused."""
        above = evidence_folder((island or self.a).data, origin, epoch)
        return sorted(above.iterdir()) if above.exists() else []

    def stored(self, index: int, island: Island | None = None) -> bytes | None:
        """Return the bytes of an entry of C as A holds it."""
        with LogReader(folder.log_path((island or self.a).data, "c", 1)) as reader:
            return reader.stored(index)

    def unharmed(self) -> None:
        """Fail unless A and B hold all they acknowledged, exchange as before, and can tell what they refused."""
        self._work()
        for island in self.victims:
            found = list(verify.verify_folder(island.data))
            # A body that C names and never gave is missing, and said to be.
            harmed = [str(one) for one in found if one.log != "c/1" or "blob" not in one.expected]
            assert harmed == []
            kept = list((island.data / "evidence").rglob("*"))
            assert sum(path.name == "why.json" for path in kept) <= EVIDENCE_MAX
            for path in kept:
                assert SECRET not in str(path)
                assert path.name != "why.json" or SECRET not in path.read_text()
            assert island.puller is not None
            for told in island.puller.refused:
                assert SECRET not in repr(told)
                assert (
                    told.from_ != "c"
                    or told.folder == ""
                    or (island.data / told.folder / "why.json").exists()
                )
            assert sum(told.from_ == "c" for told in island.puller.refused) <= KINDS_TOLD_MAX

    def _work(self) -> None:
        """Record on A and B, and let each pull the other's, all of it, at once."""
        for island in self.victims:
            size = island.writer.size
            island.record(1)
            assert island.writer.size == size + 1
        self.clock.us += 100_000
        for island, other in ((self.a, self.b), (self.b, self.a)):
            island.pull(other)
            assert island.size(other.origin) == other.writer.size
            with (
                LogReader(folder.log_path(island.data, other.origin, 1)) as copy,
                LogReader(other.log.path) as own,
            ):
                assert copy.head().root == own.head().root

    def close(self) -> None:
        """Let go of everything."""
        for island in (self.a, self.b, self.c):
            island.close()
