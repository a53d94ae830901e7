"""One account for each process, really: what `deploy/install` gives to whom, held by the kernel."""

import contextlib
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from living_island import lived, releve, wait_until

from releve.islands.exchange.identity import make_identity
from releve.journal.folder import own_log
from releve.journal.reader import LogReader

ROOT = Path(__file__).parents[2]
GROUP, EXCHANGE = 64100, 64101
ACCOUNTS = {"recorder": 64110, "web": 64111, "gateway": 64112, "puller": 64113, "publisher": 64114}
OTHER_PYTHON = "/usr/bin/python3.11"
# A process that starts others, as the supervisor does, with its own interpreter.
_CAN_START = (
    "import subprocess, sys, releve.app.cli, granian; subprocess.check_call([sys.executable, '-c', ''])"
)
pytestmark = [
    pytest.mark.timeout(240),
    pytest.mark.skipif(os.getuid() != 0, reason="only root gives files to other accounts"),
    pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not here"),
]


def as_account(name: str) -> list[str]:
    """Return what a command line begins with to run as this account."""
    groups = f"{GROUP},{EXCHANGE}" if name in ("puller", "publisher") else str(GROUP)
    account = ACCOUNTS[name]
    return [
        "setpriv", f"--reuid={account}", f"--regid={GROUP}", f"--groups={groups}", "--no-new-privs",
        "--bounding-set=-all", "--inh-caps=-all",
    ]  # fmt: skip


def python_for_all(folder: Path) -> tuple[str, dict[str, str]]:
    """Return a Python that other accounts may run, with the environment it needs to find Relève."""
    packages = next(Path(place) for place in sys.path if place.endswith("site-packages"))
    environment = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(folder), "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": f"{ROOT / 'src'}:{packages}",
        "RELEVE_SHARE": "group", "RELEVE_RUN": str(folder / "run"),
    }  # fmt: skip
    for python in (sys.executable, OTHER_PYTHON):
        told = subprocess.run(
            [*as_account("web"), python, "-c", _CAN_START],
            env=environment, cwd="/", capture_output=True, check=False,
        )  # fmt: skip
        if told.returncode == 0:
            return python, environment
    pytest.skip("no Python here that another account may run")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Return a folder that every account reaches."""
    made = Path("/var/tmp") / f"releve-accounts-{os.getpid()}"
    made.mkdir(mode=0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def island(folder: Path) -> Path:
    """Return an island after `deploy/install`, run where /etc names its accounts."""
    data = folder / "a"
    assert (
        releve(
            "init", "--data", str(data), "--hospital", "demo", "--managers", str(folder / "cards")
        ).returncode
        == 0
    )
    make_identity(data, "a")
    accounts = "".join(f"releve-{name}:x:{uid}:{GROUP}::/:/bin/false\n" for name, uid in ACCOUNTS.items())
    for name, lines in (
        ("passwd", accounts),
        ("group", f"releve:x:{GROUP}:\nreleve-exchange:x:{EXCHANGE}:releve-puller,releve-publisher\n"),
    ):
        (folder / name).write_text((Path("/etc") / name).read_text() + lines)
        kept = [
            line for line in (Path("/etc") / name).read_text().splitlines() if not line.startswith("releve")
        ]
        (folder / name).write_text("\n".join(kept) + "\n" + lines)
    for _ in range(2):  # it may be run again
        told = installed(folder, data)
        if told.stderr.startswith("unshare:"):
            pytest.skip("no mount namespace here")
        assert (told.returncode, told.stderr) == (0, "")
    return data


def installed(folder: Path, data: Path) -> subprocess.CompletedProcess[str]:
    """Run `deploy/install` where /etc names the accounts, and return how it ended."""
    script = (
        f"mount --bind {folder}/passwd /etc/passwd && mount --bind {folder}/group /etc/group && "
        f"exec {ROOT}/deploy/install --data {data} --without-units"
    )
    return subprocess.run(
        ["unshare", "--mount", "sh", "-c", script], capture_output=True, text=True, check=False
    )


def test_each_account_opens_what_it_needs_and_no_more(island: Path) -> None:
    """Whoever takes the web, the puller or the publisher must not be able to sign as the island, nor undo its log."""
    log = own_log(island)

    def may(name: str, how: str, path: str) -> bool:
        tested = subprocess.run([*as_account(name), "test", how, str(island / path)], check=False)
        return tested.returncode == 0

    key, own = f"keys/{log.origin}.{log.epoch}.key", str(log.path.relative_to(island))
    assert [name for name in ACCOUNTS if may(name, "-r", key)] == ["recorder"]
    assert [name for name in ACCOUNTS if may(name, "-w", own)] == ["recorder"]
    assert [name for name in ACCOUNTS if may(name, "-r", own)] == list(ACCOUNTS)
    for secret in ("accounts.key", "web.pem", "web.key"):
        assert [name for name in ACCOUNTS if may(name, "-r", f"keys/{secret}")] == ["web"], secret
    for secret in ("mirror.key", "stick.key"):
        assert [name for name in ACCOUNTS if may(name, "-r", f"keys/{secret}")] == ["puller"], secret
    # Caddy, in front of the publisher, speaks TLS with it.
    assert [name for name in ACCOUNTS if may(name, "-r", "keys/exchange.pem")] == ["puller", "publisher"]
    assert [name for name in ACCOUNTS if may(name, "-w", "journal")] == list(ACCOUNTS)
    moved = subprocess.run(
        [*as_account("puller"), "mv", str(log.path.parent), str(island / "journal" / "gone")],
        capture_output=True, check=False,
    )  # fmt: skip
    assert moved.returncode != 0
    assert log.path.exists()
    nobody = ["setpriv", "--reuid=64199", "--regid=64199", "--clear-groups"]
    assert subprocess.run([*nobody, "ls", str(island)], capture_output=True, check=False).returncode != 0


@pytest.mark.parametrize("place", ["evidence/more", "views.sqlite3"])
def test_nothing_outside_the_island_is_given_away(island: Path, folder: Path, place: str) -> None:
    """Who has taken the puller or the pages may lay a link there: root must not give them what it points to."""
    outside, link = folder / "shadow", island / place
    outside.write_text("of root")
    outside.chmod(0o600)
    link.symlink_to(outside)
    try:
        told = installed(folder, island)
    finally:
        link.unlink()

    found = outside.stat()
    assert (told.returncode, found.st_uid, found.st_mode & 0o777) == (1, 0, 0o600)
    assert str(link) in told.stderr


@pytest.mark.whole
def test_a_message_is_taken_kept_and_shown_by_processes_that_trust_no_other(
    island: Path, folder: Path
) -> None:
    """Recorder, gateway, fold, web and puller, each its own account: what one takes the next one shows."""
    python, environment = python_for_all(folder)
    served: dict[str, subprocess.Popen[bytes]] = {}
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        http, mllp = one.getsockname()[1], other.getsockname()[1]
    parts = {"recorder": "recorder", "gateway": "gateway", "fold": "web", "web": "web", "puller": "puller"}
    told = {part: (folder / f"{part}.log").open("wb") for part in parts}
    before = _size(island)
    try:
        for part, account in parts.items():
            served[part] = subprocess.Popen(
                [
                    *as_account(account), python, "-c", "from releve.app.cli import main; main()",
                    "serve", "--data", str(island), "--only", part,
                    "--http", f"127.0.0.1:{http}", "--mllp", f"127.0.0.1:{mllp}",
                ],
                env=environment, cwd=island, umask=0o007, stdout=told[part], stderr=subprocess.STDOUT,
            )  # fmt: skip
        wait_until(_opens(mllp), "a gateway", 60)
        wait_until(_opens(http), "the pages", 60)
        message = next(message for message in lived(1.0, patients=10) if b"ADT^A01" in message)
        with socket.create_connection(("127.0.0.1", mllp), timeout=30) as line:
            line.sendall(b"\x0b" + message + b"\x1c\r")
            answer = line.recv(4096)
        assert b"MSA|AA" in answer, _said(folder)
        wait_until(lambda: _size(island) > before, "an entry", 20)
        wait_until(lambda: _folded(island) >= _size(island), "the fold", 40)
        with socket.create_connection(("127.0.0.1", http), timeout=30) as page:
            page.sendall(b"GET /sign-in/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            assert page.recv(15).startswith(b"HTTP/1.1 200")
        assert all(process.poll() is None for process in served.values()), _said(folder)
    except AssertionError as error:
        raise AssertionError(_said(folder)) from error
    finally:
        for process in served.values():
            process.send_signal(signal.SIGTERM)
        for process in served.values():
            process.wait(30)
        for file in told.values():
            file.close()
    assert "Permission" not in _said(folder)


def _opens(port: int) -> Callable[[], bool]:
    def opens() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
            return False
        return True

    return opens


def _size(data: Path) -> int:
    with LogReader(own_log(data).path) as reader:
        return reader.size


def _folded(data: Path) -> int:
    """Return how many entries the views hold; -1 while there are none."""
    views = (data / "views.sqlite3").resolve()
    try:
        with contextlib.closing(sqlite3.connect(f"file:{views}?mode=ro", uri=True, timeout=5)) as opened:
            return int(opened.execute('SELECT max("index") FROM views_position').fetchone()[0] or 0)
    except sqlite3.Error:
        return -1


def _said(folder: Path) -> str:
    return "\n".join(path.read_text("utf-8", "replace") for path in sorted(folder.glob("*.log")))
