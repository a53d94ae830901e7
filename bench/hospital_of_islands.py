"""Three islands of one hospital for a measurement: made, filled, served each in a network namespace of its own."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from bench.figures import ROOT
from bench.living import READY, RELEVE, WARD, Address, Serving, family

sys.path.insert(0, str(ROOT / "tests" / "scenarios"))

from namespaces import Network

ORIGINS = ("a", "b", "c")
PORT = 8443
SEED = 1
# A million messages of a third of the hospital are eleven months; whoever is dated ahead of today is not there yet.
BEGINS = datetime(2025, 1, 6, tzinfo=UTC)
AT_ONCE = 500
PASSPHRASE = "marée haute"
CARDS_OPEN = {"RELEVE_CARD_1": PASSPHRASE, "RELEVE_CARD_2": PASSPHRASE}
COMMAND_SECONDS_MAX = 4 * 3600
PROCESSES = ("recorder", "fold", "puller", "publisher", "caddy", "gateway", "web", "audit", "packs")


class Island:
    """One of the three, served or not."""

    def __init__(self, data: Path, origin: str, network: Network) -> None:
        self.data = data
        self.origin = origin
        self.network = network
        self.serving: Serving | None = None

    def held(self, origin: str) -> int:
        """Return how many entries of an island's log stand here."""
        from releve.journal.folder import log_path
        from releve.journal.reader import LogReader

        path = log_path(self.data, origin, 1)
        if not path.exists():
            return 0
        with LogReader(path) as reader:
            return reader.size

    def cosigned(self, origin: str) -> int:
        """Return up to which entry of another island's log this one has signed that it holds it."""
        path = self.data / "islands" / "cosigned" / f"{origin}.1"
        try:
            return int(path.read_bytes().partition(b"\n")[0])
        except (FileNotFoundError, ValueError):
            return 0

    def known_copies(self) -> dict[str, int]:
        """Return which other islands this one knows to hold its log, and up to where."""
        from releve.islands.exchange.state import read_exchange

        exchange = read_exchange(self.data)
        copies = exchange.copies.get(f"{self.origin}/1", {}) if exchange is not None else {}
        return {holder: copy.size for holder, copy in copies.items()}

    def positions(self) -> dict[str, int]:
        """Return how many entries of each log its views hold."""
        return dict(self._ask('SELECT log, "index" FROM views_position'))

    def folded(self, sizes: dict[str, int]) -> bool:
        """Return whether its views hold so many entries of each island's log."""
        found = self.positions()
        return all(found.get(f"{origin}/1", 0) >= size for origin, size in sizes.items())

    def present(self) -> tuple[str, int]:
        """Return one number for the patients its views show as present and where they lie, and how many they are."""
        rows = self._ask(
            "SELECT person, visit, status, ward, room, bed FROM record_encounter "
            "WHERE status IN ('present', 'leave') ORDER BY 1, 2, 3, 4, 5, 6"
        )
        return hashlib.sha256(repr(rows).encode()).hexdigest(), len(rows)

    def views_hash(self) -> tuple[str, str]:
        """Return the positions and the hash of its views."""
        done = command("views", "hash", "--data", str(self.data))
        return json.dumps(done["positions"], sort_keys=True), done["hash"]

    def processor_seconds(self, since: dict[str, float] | None = None) -> dict[str, float]:
        """Return what its processes have used, by name; `since`: beyond that."""
        assert self.serving is not None
        used = dict.fromkeys(PROCESSES, 0.0)
        for pid in family(self.serving.pid):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
            fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
            for name in PROCESSES:
                if name in words or Path(words[0]).name == name or f"releve.journal.{name}" in words:
                    used[name] += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
                    break
        return {name: value - (since or {}).get(name, 0.0) for name, value in used.items()}

    def sign_in_when_possible(self, seconds: float) -> str:
        """Return the `Cookie` of somebody signed in, as soon as her account is known here."""
        assert self.serving is not None
        deadline = time.monotonic() + seconds
        while True:
            try:
                with self.network.inside(self.origin):
                    return self.serving.sign_in()
            except (RuntimeError, OSError, http.client.HTTPException):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def ward_readable(self, cookie: str) -> bool:
        """Return whether a ward's board is shown."""
        assert self.serving is not None
        with self.network.inside(self.origin):
            connection = http.client.HTTPConnection(*self.serving.http, timeout=60)
            connection.request("GET", f"/ward/{WARD}/", headers={"Cookie": cookie})
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
            connection.close()
        return answer.status == 200 and 'name="pin"' not in text

    @contextmanager
    def served(self) -> Iterator[None]:
        """Serve it on its machine until the end of the block."""
        words = [*self.network.prefix(self.origin), *RELEVE, "serve", "--data", str(self.data)]
        words += ["--http", "127.0.0.1:0", "--mllp", "127.0.0.1:0"]
        with (self.data / "said.log").open("ab") as said:
            started = time.monotonic()
            process = subprocess.Popen(
                words, cwd=ROOT, stdout=subprocess.PIPE, stderr=said, stdin=subprocess.DEVNULL, text=True
            )
        try:
            assert process.stdout is not None
            found = READY.match(process.stdout.readline())
            if found is None:
                raise RuntimeError(f"serve: expected `ready`: {(self.data / 'said.log').read_text()[-800:]}")
            self.serving = Serving(
                self.data,
                process.pid,
                Address(found[1], int(found[2])),
                Address(found[3], int(found[4])),
                time.monotonic() - started,
            )
            yield
        finally:
            self.serving = None
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _ask(self, sentence: str) -> list[Any]:
        place = (self.data / "views.sqlite3").resolve()
        try:
            with closing(sqlite3.connect(f"file:{place}?mode=ro", uri=True, timeout=30)) as views:
                return views.execute(sentence).fetchall()
        except sqlite3.OperationalError:
            return []


class Islands:
    """Those that are served just now."""

    def __init__(self, islands: dict[str, Island], network: Network) -> None:
        self._islands = islands
        self._network = network

    def __getitem__(self, origin: str) -> Island:
        """Return one of them."""
        return self._islands[origin]

    def __iter__(self) -> Iterator[Island]:
        """Return all of them."""
        return iter(self._islands.values())

    def plug_in(self) -> None:
        """Put every cable in."""
        for origin in self._islands:
            self._network.plug_in(origin)

    def processor_seconds(self, since: dict[str, float] | None = None) -> dict[str, float]:
        """Return what the processes of all have used together, by name; `since`: beyond that."""
        used = dict.fromkeys(PROCESSES, 0.0)
        for island in self:
            for name, value in island.processor_seconds().items():
                used[name] += value
        return {name: value - (since or {}).get(name, 0.0) for name, value in used.items()}

    def wait_until_folded(self, seconds: float) -> float:
        """Wait until each shows what it holds itself; return the slowest rate (entries/s) of the rebuilds before."""
        deadline = time.monotonic() + seconds
        for island in self:
            while not island.folded({island.origin: island.held(island.origin)}):
                if time.monotonic() > deadline:
                    raise RuntimeError(f"{island.origin}: expected its own entries in its views")
                time.sleep(0.2)
        return min(float((island.data / "rate").read_text()) for island in self)

    def wait_until_equal(self, seconds: float) -> set[str]:
        """Wait until all hold and show the same at the same positions; return the hashes found: one, if equal."""
        deadline = time.monotonic() + seconds
        while True:
            sizes = {f"{island.origin}/1": island.held(island.origin) for island in self}
            found = [island.positions() for island in self]
            if all(at == found[0] for at in found) and all(
                found[0].get(log, 0) >= size for log, size in sizes.items()
            ):
                counted = [island.views_hash() for island in self]
                if len({positions for positions, _ in counted}) == 1:
                    return {views for _, views in counted}
            if time.monotonic() > deadline:
                raise RuntimeError(f"expected equal positions on all islands, found {found}")
            time.sleep(0.5)


class Hospital:
    """The three data folders and the network between them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.network = Network(ORIGINS)
        self._islands: dict[str, Island] = {}
        try:
            for origin in ORIGINS:
                self._islands[origin] = Island(folder / origin, origin, self.network)
                _child("make", folder / origin, origin, folder / "cards")
            self._introduce()
        except BaseException:
            self.network.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.network.close()

    def __getitem__(self, origin: str) -> Island:
        """Return one of the islands."""
        return self._islands[origin]

    def _introduce(self) -> None:
        files = [self._shown(origin) for origin in ORIGINS]
        for origin in ORIGINS:
            self._signed("islands", "add", *files, "--yes", "--data", str(self[origin].data))

    def _shown(self, origin: str) -> str:
        from releve.app.settings import read_settings, write_settings

        address = f"{self.network.addresses[origin]}:{PORT}"
        data, shown = self[origin].data, str(self._folder / f"{origin}.txt")
        command("islands", "introduce", "--address", address, "--out", shown, "--data", str(data))
        settings = read_settings(data)
        write_settings(
            data,
            msgspec.structs.replace(
                settings,
                islands=msgspec.structs.replace(settings.islands, listen=address),
                packs=msgspec.structs.replace(settings.packs, every_minutes=0),
            ),
        )
        return shown

    def _signed(self, *words: str) -> None:
        cards = [f"--sign-with={self._folder / 'cards' / f'manager-{number}.card'}" for number in (1, 2)]
        command(*words, *cards)

    def write(self, count: int) -> dict[str, Any]:
        """Let each island's applications have said so much; return what that took, and the rate of the fold."""
        with ThreadPoolExecutor(len(ORIGINS)) as workers:
            done = {
                origin: workers.submit(_child, "fill", self[origin].data, origin, count) for origin in ORIGINS
            }
            return {origin: one.result() for origin, one in done.items()}

    @contextmanager
    def served(self, *origins: str) -> Iterator[Islands]:
        """Serve these islands (all) until the end of the block."""
        with ExitStack() as stack:
            chosen = {origin: self[origin] for origin in origins or ORIGINS}
            for island in chosen.values():
                stack.enter_context(island.served())
            yield Islands(chosen, self.network)

    def machine_without_copies(self, origin: str) -> Path:
        """Return a data folder of this island that holds only its keys and whom it knows."""
        data, bare = self[origin].data, self._folder / f"{origin}-bare"
        for part in ("keys", "islands"):
            shutil.copytree(data / part, bare / part)
        shutil.rmtree(bare / "islands" / "cosigned", ignore_errors=True)
        shutil.copytree(data / "journal" / origin, bare / "journal" / origin)
        shutil.copy(data / "releve.toml", bare)
        for part in ("blobs", "runtime"):
            (bare / part).mkdir()
        return bare

    def announce_again(self, origin: str) -> Path:
        """Let a bare machine show itself as this island anew, and both managers admit it on a survivor."""
        data = self._folder / f"{origin}-again"
        address = f"{self.network.addresses[origin]}:{PORT}"
        self._reseed(origin, data, "--address", address)
        self._signed("islands", "add", str(data / "introduction.txt"), "--yes", "--data", str(self["a"].data))
        self._islands[origin] = Island(data, origin, self.network)
        self._wait_until_let_in(origin)
        return data

    def reseed(self, origin: str, data: Path) -> None:
        """Copy everything from A onto the machine that was announced."""
        self._reseed(origin, data)

    def _reseed(self, origin: str, data: Path, *words: str) -> None:
        asked = [*self.network.prefix(origin), *RELEVE, "islands", "reseed", "--data", str(data)]
        asked += ["--origin", origin, "--epoch", "2", "--introduction", str(self._folder / "a.txt")]
        asked += ["--from", f"{self.network.addresses['a']}:{PORT}", "--json", *words]
        done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 3 if words else 0):
            raise RuntimeError(f"reseed: {done.stderr[-800:]}")

    def _wait_until_let_in(self, origin: str) -> None:
        """Wait until A's door knows the new certificate: the managers' part is not measured."""
        deadline = time.monotonic() + 120
        certificate = (self[origin].data / "keys" / "exchange.crt").read_text()
        while certificate.strip() not in json.dumps(
            json.loads((self["a"].data / "islands" / "peers.json").read_text())
        ).replace("\\n", "\n"):
            if time.monotonic() > deadline:
                raise RuntimeError("reseed: expected A to know the new machine")
            time.sleep(0.2)
        while True:
            with self.network.inside(origin):
                try:
                    socket.create_connection((self.network.addresses["a"], PORT), timeout=2).close()
                    break
                except OSError:
                    time.sleep(0.1)
        time.sleep(2.0)


def command(*words: str) -> dict[str, Any]:
    """Run a command of Relève and return its JSON."""
    done = subprocess.run(
        [*RELEVE, *words, "--json"], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, **CARDS_OPEN}, timeout=COMMAND_SECONDS_MAX, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{' '.join(words[:3])}: {done.stderr[-800:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _child(what: str, *words: object) -> dict[str, Any]:
    """Do something in a process of its own: Django knows one data folder."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.hospital_of_islands", what, *map(str, words)],
        cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _make(data: Path, origin: str, cards: Path) -> dict[str, Any]:
    from bench.living import ACCOUNT
    from releve.app.island import demo_accounts, make_island
    from releve.exercise.demo import demo_hospital

    hospital = demo_hospital()
    accounts = [
        account | {"wards": (WARD,)} if account["code"] == ACCOUNT else account
        for account in demo_accounts(hospital)
    ]
    make_island(
        data, hospital=hospital, exercise=True, origin=origin, name=origin.upper(),
        accounts=accounts if origin == "a" else [], managers=cards, passphrases=(PASSPHRASE,) * 3,
    )  # fmt: skip
    return {}


def _fill(data: Path, origin: str, count: int) -> dict[str, Any]:
    """Write what the applications of a third of the wards say, and fold it; return how long each took."""
    from releve.app.recorder_process import recorder_for
    from releve.exercise.demo import demo_hospital
    from releve.exercise.hospital_life import stream
    from releve.journal.entry import Draft

    whole, place = demo_hospital(), ORIGINS.index(origin)
    wards = tuple(ward for number, ward in enumerate(whole.wards) if number % len(ORIGINS) == place)
    codes = {ward.code for ward in wards}
    third = msgspec.structs.replace(
        whole,
        wards=wards,
        rooms=tuple(room for room in whole.rooms if room.ward in codes),
        beds=tuple(bed for bed in whole.beds if bed.ward in codes),
    )
    began = time.monotonic()
    with recorder_for(data) as recorder:
        drafts: list[Draft] = []
        for number, (_, message) in enumerate(stream(third, SEED + place, count, start=BEGINS), 1):
            drafts.append(Draft(kind="message.hl7v2", body=message, source="mllp:127.0.0.1"))
            if len(drafts) == AT_ONCE or number == count:
                recorder.append(drafts)
                drafts = []
    written = time.monotonic() - began
    folded = command("views", "rebuild", "--data", str(data))
    rate = folded["entries"] / max(folded["seconds"], 0.1)
    (data / "rate").write_text(str(rate))
    return {
        "written_seconds": round(written, 1),
        "fold_seconds": folded["seconds"],
        "fold_per_second": round(rate),
    }


if __name__ == "__main__":
    if sys.argv[1] == "make":
        print(json.dumps(_make(Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4]))))
    else:
        print(json.dumps(_fill(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))))
