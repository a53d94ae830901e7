"""Several islands of one hospital on one machine, made as managers make them: same map and cards, wards of its own."""

import contextlib
import json
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from releve.exercise.comparison import open_views
from releve.exercise.engine import wards_of_islands
from releve.exercise.feed import Address
from releve.exercise.served import NightFailed, ServedIsland
from releve.hospital.map import HospitalMap
from releve.journal.folder import log_path
from releve.journal.reader import LogReader

__all__ = ["Island", "Islands", "free_address", "set_listen", "wait_until"]

_LOOK_SECONDS = 0.1


class Island(ServedIsland):
    """One of them. `listens` is where its publisher is, `shown` where the others are told to find it."""

    def __init__(self, data: Path, command: tuple[str, ...], origin: str, wards: Sequence[str]) -> None:
        super().__init__(data, command)
        self.origin = origin
        self.wards = tuple(wards)
        self.listens = free_address()
        self.shown = self.listens

    @property
    def introduction(self) -> Path:
        """The file in which it shows itself to the others."""
        return self.data.parent / f"{self.data.name}.introduction.txt"

    def held(self, origin: str, epoch: int = 1) -> int:
        """Return how many entries of a log stand here."""
        path = log_path(self.data, origin, epoch)
        if not path.exists():
            return 0
        with LogReader(path) as reader:
            return reader.size

    def folded(self) -> dict[str, int]:
        """Return how many entries of each log the views in force hold."""
        return {str(log): int(index) for log, index in self.ask('SELECT log, "index" FROM views_position')}

    def ask(self, sentence: str, *values: object) -> list[Any]:
        """Return rows of the views in force; none while there are no views."""
        import sqlite3

        with (
            contextlib.suppress(sqlite3.OperationalError),
            contextlib.closing(open_views(self.data)) as views,
        ):
            return views.execute(sentence, values).fetchall()
        return []

    def told(self, *arguments: str, **more: Any) -> dict[str, Any]:
        """Return what a command says with `--json`."""
        found: dict[str, Any] = json.loads(self.call(*arguments, "--json", **more).stdout.splitlines()[-1])
        return found


class Islands:
    """The islands of an exercise, in `root`; the managers' cards lie in `root/cards`, `password` opens them."""

    def __init__(
        self,
        root: Path,
        command: tuple[str, ...],
        hospital: HospitalMap,
        password: str,
        origins: Sequence[str],
    ) -> None:
        self.root = root
        self._command = command
        self._password = password
        wards = wards_of_islands(hospital, origins)
        self.islands = {origin: Island(root / origin, command, origin, wards[origin]) for origin in origins}
        cards = [root / "cards" / f"manager-{number}.card" for number in (1, 2)]
        self.signed = tuple(word for card in cards for word in ("--sign-with", str(card)))
        self.opens = {f"RELEVE_CARD_{number}": password for number in (1, 2, 3)}

    def __getitem__(self, origin: str) -> Island:
        """Return one of them."""
        return self.islands[origin]

    def make(self, steps: Callable[[str, int, int], None]) -> None:
        """Make every island with the same map and cards, and let each add the others.

        Raises:
            NightFailed: a command did not work.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        total = 2 * len(self.islands)
        for number, island in enumerate(self.islands.values()):
            steps("islands made", number, total)
            island.call(
                "init", "--hospital", "demo", "--exercise", "--origin", island.origin, "--name",
                island.origin.upper(), "--managers", str(self.root / "cards"), environment=self.opens,
            )  # fmt: skip
            set_listen(island.data, island.listens)
            self.introduce(island)
        for number, island in enumerate(self.islands.values(), start=len(self.islands)):
            steps("islands made", number, total)
            self.add(island, self.islands.values())

    def introduce(self, island: Island) -> None:
        """Let an island write what it shows of itself."""
        address = f"{island.shown.host}:{island.shown.port}"
        wards = [word for ward in island.wards for word in ("--ward", ward)]
        island.call("islands", "introduce", "--address", address, *wards, "--out", str(island.introduction))

    def add(self, island: Island, others: Iterable[Island]) -> None:
        """Let an island add others, by two managers."""
        shown = [str(one.introduction) for one in others if one is not island]
        island.call("islands", "add", *shown, "--yes", *self.signed, environment=self.opens)

    def stop(self) -> None:
        """End all of them."""
        for island in self.islands.values():
            island.stop()


def set_listen(data: Path, where: Address) -> None:
    """Write into an island's settings where the others pull from."""
    file = data / "releve.toml"
    before, section, after = file.read_text("utf-8").partition("[islands]\n")
    if not section or 'listen = ""' not in after:
        raise NightFailed("releve.toml: expected [islands] with an empty listen")
    listens = f'listen = "{where.host}:{where.port}"'
    file.write_text(before + section + after.replace('listen = ""', listens, 1), "utf-8")


def free_address() -> Address:
    """Return an address of this machine's loopback at which nobody listens now."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        host, port = found.getsockname()
    return Address(host, port)


def wait_until(condition: Callable[[], object], what: str, seconds: float) -> None:
    """Return once the condition holds.

    Raises:
        NightFailed: it does not, within `seconds`.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise NightFailed(f"expected within {seconds:.0f} s: {what}")
        time.sleep(_LOOK_SECONDS)
