"""What the islands of the simulation hear of one another: cut, lossy, garbled, and forged once one is owned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memory_mirror import MemoryLog
from simulated_island import Place
from simulated_keys import ORIGINS

from releve.islands.exchange import layout
from releve.islands.exchange.layout import BlobPath, CheckpointPath, LogSize
from releve.islands.exchange.source import SourceGone
from releve.journal.tree import TILE_WIDTH

if TYPE_CHECKING:
    from simulated_world import World


class Publisher:
    """What an island hands out: what is in its logs, or, once it is owned, what the attacker likes."""

    def __init__(self, world: World, place: Place, reader: str) -> None:
        self._world = world
        self._place = place
        self._reader = reader

    def get(self, path: str, limit: int) -> bytes | None:
        """Return a file, if the network lets it through."""
        world, origin = self._world, self._place.origin
        if (origin, self._reader) in world.cut or world.random.random() < world.loss:
            raise SourceGone("cut")
        found = self._find(path)
        if found is not None and origin == world.owned and found and world.random.random() < world.garbling:
            at = world.random.randrange(len(found))
            found = found[:at] + bytes([found[at] ^ 1 << world.random.randrange(8)]) + found[at + 1 :]
        return found

    def close(self) -> None:
        """Nothing is open."""

    def _log(self, origin: str) -> MemoryLog | None:
        world = self._world
        if self._place.origin == world.owned and origin == world.owned and self._reader in world.forks:
            return world.forks[self._reader]
        return self._place.logs.get(origin)

    def _find(self, path: str) -> bytes | None:
        if path == layout.LOGS:
            sizes = [LogSize(origin, 1, log.held.size) for origin in ORIGINS if (log := self._log(origin))]
            return layout.logs_text(sizes).encode()
        named = layout.parse_path(path)
        if isinstance(named, BlobPath):
            return None
        log = self._log(named.origin)
        if log is None or named.epoch != 1 or not log.held.size:
            return None
        if isinstance(named, CheckpointPath):
            size, lines = self._place.cosigned.get(named.origin, (0, []))
            more = "".join(f"{line}\n" for line in lines) if size == log.held.size else ""
            return (log.held.checkpoint + more).encode()
        start = named.number * TILE_WIDTH
        level = named.level or 0
        if (start + named.width) * TILE_WIDTH**level > log.held.size:
            return None
        if named.level is None:
            bodies = [row[2] for row in log.rows[start : start + named.width]]
            if (
                self._place.origin == self._world.owned
                and self._world.random.random() < self._world.garbling / 4
            ):
                bodies[self._world.random.randrange(len(bodies))] = None  # keeps the bytes of an entry back
            return layout.bundle(bodies)
        return b"".join(log.hashes(level, start, start + named.width))
