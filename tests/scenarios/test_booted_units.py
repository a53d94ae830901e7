"""The units of `deploy/systemd` under a running systemd: this machine's own system, booted once more beside itself."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from living_island import wait_until

ROOT = Path(__file__).parents[2]
PYTHON = Path("/usr/bin/python3.11")  # one that every account may run
RELEVE = "/opt/releve/.venv/bin/releve"
UNITS = ("recorder", "audit", "gateway", "fold", "web", "packs", "planner", "puller", "carrier")
pytestmark = [
    pytest.mark.whole,
    pytest.mark.timeout(400),
    pytest.mark.skipif(os.getuid() != 0, reason="only root boots a machine"),
    pytest.mark.skipif(shutil.which("systemd-nspawn") is None, reason="systemd-nspawn is not here"),
    pytest.mark.skipif(not PYTHON.exists(), reason=f"{PYTHON} is not here"),
]
# What is written to the root stays in memory, and goes with this mount namespace.
_BOOT = """
set -e
mount -t tmpfs -o mode=755 none $0/over
mkdir $0/over/up $0/over/work
mount -t overlay -o lowerdir=/,upperdir=$0/over/up,workdir=$0/over/work none $0/root
again=133  # how systemd-nspawn says that the machine restarts
while [ $again = 133 ]; do
    systemd-nspawn --quiet --boot --directory=$0/root --machine=$1 --register=no --keep-unit --private-network \
        --bind-ro=$0/opt:/opt/releve --bind-ro=$2:/opt/packages --bind=$0/srv:/srv/releve \
        systemd.unit=basic.target systemd.wants=releve.target &
    trap "kill $!; wait $!; exit" TERM
    again=0
    wait $! || again=$?
done
"""


class Machine:
    """A booted system that shares this one's files, and neither its network nor what it writes."""

    def __init__(self, folder: Path) -> None:
        self._said = (folder / "console").open("wb")
        self._nspawn = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", _BOOT, str(folder), folder.name, _packages()],
            stdin=subprocess.DEVNULL, stdout=self._said, stderr=self._said, start_new_session=True,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
        )  # fmt: skip
        try:
            self.wait_for_boot()
        except AssertionError:
            self.end()
            pytest.skip(f"no machine can be booted here: {(folder / 'console').read_bytes()[-200:]!r}")

    def wait_for_boot(self) -> None:
        """Return once the system is up."""
        wait_until(lambda: "active" in self.run("systemctl", "is-active", "basic.target")[1], "a boot", 60)

    def run(self, *words: str) -> tuple[int, str]:
        """Run a command there; return status and what it said."""
        leader = self._leader()
        if not leader:
            time.sleep(0.2)
            return 1, ""
        done = subprocess.run(
            ["nsenter", "-t", leader, "-m", "-u", "-i", "-n", "-p", "-C", "-r", "-w", *words],
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"},
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def do(self, *words: str) -> str:
        """Run a command there that must succeed; return what it said."""
        status, said = self.run(*words)
        assert status == 0, f"{words}: {said[-1500:]}"
        return said

    def restart(self) -> None:
        """Restart the system, and wait until it is up again."""
        before = self._leader()
        self.run("systemctl", "reboot")
        wait_until(lambda: self._leader() not in ("", before), "a restart", 60)
        self.wait_for_boot()

    def end(self) -> None:
        """Switch it off."""
        self._nspawn.terminate()
        try:
            self._nspawn.wait(40)
        except subprocess.TimeoutExpired:
            self._nspawn.kill()
            self._nspawn.wait()
        self._said.close()

    def _leader(self) -> str:
        """Return the first process of the machine, "" while there is none."""
        try:
            for nspawn in _children(self._nspawn.pid):
                for leader in _children(nspawn):
                    if Path(f"/proc/{leader}/comm").read_text() == "systemd\n":
                        return leader
        except OSError:
            pass
        return ""


def result(said: str) -> dict[str, Any]:
    """Return what a command said with --json; what it told people stands around it."""
    found: dict[str, Any] = json.loads(next(line for line in said.splitlines() if line.startswith("{")))
    return found


def _packages() -> str:
    """Return where what the program needs is installed; it may lie where a booted system has nothing, as in /tmp."""
    return next(place for place in sys.path if place.endswith("site-packages"))


def _children(pid: int | str) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


@pytest.fixture
def machine() -> Iterator[Machine]:
    """Return a booted machine that holds this program in /opt/releve."""
    folder = Path("/var/tmp") / f"releve-booted-{os.getpid()}"
    for name in ("opt", "srv", "root", "over"):
        (folder / name).mkdir(parents=True)
    for name in ("src", "deploy", "scripts"):
        shutil.copytree(ROOT / name, folder / "opt" / name, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", folder / "opt" / ".venv"], check=True)
    site = folder / "opt" / ".venv" / "lib" / "python3.11" / "site-packages"
    (site / "places.pth").write_text("/opt/releve/src\n/opt/packages\n")
    program = folder / "opt" / ".venv" / "bin" / "releve"
    program.write_text("#!/opt/releve/.venv/bin/python\nfrom releve.app.cli import main\nmain()\n")
    program.chmod(0o755)
    booted = Machine(folder)
    try:
        yield booted
    finally:
        booted.end()
        shutil.rmtree(folder)


def test_an_island_with_a_unit_for_each_process_lives_on_a_booted_machine(machine: Machine) -> None:
    """What systemd forbids a process is seen nowhere else: a path that is hidden, a key of another account's."""
    machine.do(RELEVE, "init", "--data", "/srv/releve", "--hospital", "demo")
    settings = 's/^listen = .127.0.0.1:8080./listen = "0.0.0.0:8443"/'
    machine.do("sed", "-i", settings, "/srv/releve/releve.toml")
    machine.do("/opt/releve/deploy/install")

    def all_run() -> bool:
        said = machine.run("systemctl", "is-active", *(f"releve-{name}" for name in UNITS))[1]
        return said.split() == ["active"] * len(UNITS)

    def take() -> int:
        wait_until(lambda: "0.0.0.0:8443" in machine.run("ss", "-ltn")[1], "the pages", 60)
        wait_until(lambda: ":2575" in machine.run("ss", "-ltn")[1], "the gateway", 60)
        said = machine.do(
            RELEVE, "exercise", "feed", "--to", "127.0.0.1:2575", "--hours", "0.2", "--speed", "3600",
            "--occupancy", "0.01", "--seed", str(7), "--json",
        )  # fmt: skip
        fed = result(said)
        assert fed["acknowledged"] == fed["sent"] > 0
        return int(fed["acknowledged"])

    def kept() -> int:
        said = machine.do(RELEVE, "journal", "stats", "--data", "/srv/releve", "--json")
        return int(result(said)["logs"][0]["feed"])

    wait_until(all_run, "every unit", 60)
    first = take()
    assert kept() == first
    # Nothing to publish, and nothing that starts again and again.
    assert "inactive" in machine.run("systemctl", "is-active", "releve-publisher")[1]
    page = "https://127.0.0.1:8443/sign-in/"
    opened = f"import ssl, urllib.request as u; u.urlopen('{page}', context=ssl._create_unverified_context())"
    machine.do("/opt/releve/.venv/bin/python", "-c", opened)

    machine.do("systemctl", "kill", "-s", "KILL", "releve-recorder")
    wait_until(all_run, "the recorder again", 30)
    machine.do("systemctl", "start", "releve-scrub")
    assert kept() == first
    assert "enabled" in machine.do("systemctl", "is-enabled", "releve.target")

    said = machine.do("journalctl", "--no-pager", "-u", "releve*")
    machine.restart()
    wait_until(all_run, "every unit after a restart", 60)
    assert kept() == first
    take()
    said += machine.do("journalctl", "--no-pager", "-u", "releve*")
    assert not [line for line in said.splitlines() if "Permission" in line or "Traceback" in line]
    machine.do("systemctl", "stop", "releve.target")
    # Whoever copies or upgrades may begin when the command returns.
    assert machine.run("systemctl", "is-active", "releve-recorder")[1].strip() == "inactive"
