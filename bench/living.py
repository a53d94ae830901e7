"""A whole island under measurement: the real command line in processes of its own, on ports of the kernel's choice.

Filled with a hospital's past, then served; `feeder.py` lets life go on at so many messages a second.
"""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from bench.figures import ROOT, memory_peak_mib
from releve.hospital.map import HospitalMap

RELEVE = (sys.executable, "-m", "releve.app.cli")
ACCOUNT = "infirmiere"  # of the demonstration, posted to the ward that is watched
WARD = "4140"  # 40 beds in the demonstration's map
SEED = 1
READY = re.compile(r"ready http=(\S+):(\d+) mllp=(\S+):(\d+)")
AT_ONCE = 500
REBUILD_SECONDS_MAX = 600


class Address(NamedTuple):
    """Where one of the island's processes listens."""

    host: str
    port: int


class Serving(NamedTuple):
    """A running `releve serve`."""

    data: Path
    pid: int
    http: Address
    mllp: Address
    ready_seconds: float

    def processes(self) -> list[int]:
        """Return the process of `serve` and everything it started."""
        return family(self.pid)

    def cpu_seconds(self) -> float:
        """Return what all its processes have used so far."""
        ticks = 0
        for pid in self.processes():
            fields = (
                Path(f"/proc/{pid}/stat")
                .read_text(encoding="utf-8", errors="replace")
                .rpartition(")")[2]
                .split()
            )
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory_mib(self) -> int:
        """Return the sum of what its processes held at most, shared pages counted in each."""
        return sum(memory_peak_mib(pid) for pid in self.processes())

    def sign_in(self) -> str:
        """Return the value of a `Cookie` header of somebody who has taken her post."""
        from releve.app.island import DEMO_PASSWORD

        connection = http.client.HTTPConnection(*self.http, timeout=20)
        cookies: dict[str, str] = {}

        def remember(answer: http.client.HTTPResponse) -> str:
            for line in answer.headers.get_all("Set-Cookie", []):
                name, _, value = line.partition(";")[0].partition("=")
                cookies[name] = value
            return answer.read().decode()

        connection.request("GET", "/sign-in/")
        form = remember(connection.getresponse())
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        assert token is not None, "sign-in: expected a form"
        fields = {"badge": ACCOUNT, "pin": DEMO_PASSWORD, "csrfmiddlewaretoken": token[1], "next": "/"}
        connection.request(
            "POST",
            "/sign-in/",
            urllib.parse.urlencode(fields),
            {"Content-Type": "application/x-www-form-urlencoded", "Cookie": _cookie(cookies)},
        )
        answer = connection.getresponse()
        remember(answer)
        connection.close()
        if answer.status != 302:
            raise RuntimeError(f"sign-in: expected to be let in, got status {answer.status}")
        return _cookie(cookies)


def _cookie(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def family(pid: int) -> list[int]:
    """Return a process and everything it started that still runs."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        parents[int(path.parent.name)] = int(fields[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return sorted(found)


def past(start: datetime, hospital: HospitalMap | None = None) -> Iterator[bytes]:
    """Yield the messages that explain who is in bed at `start`, in the demonstration's hospital or another."""
    from releve.exercise.demo import demo_hospital
    from releve.exercise.hospital_life import HospitalLife

    until_us = int(start.timestamp()) * 1_000_000
    for emission in HospitalLife(hospital or demo_hospital(), seed=SEED, start=start).run():
        if emission.at_us > until_us:
            return
        yield emission.payload


def make(
    data: Path,
    messages: Iterator[bytes],
    hospital: HospitalMap | None = None,
    *,
    scheduled_packs: bool = True,
) -> int:
    """Make an island with these messages in its journal and its views; return how many there are.

    `scheduled_packs`: the packs are set at its start and every hour, as by default; boards are then not alone.
    """
    from releve.app.island import demo_accounts, make_island
    from releve.app.recorder_process import recorder_for
    from releve.app.settings import read_settings, write_settings
    from releve.exercise.demo import demo_hospital
    from releve.journal.entry import Draft

    hospital = hospital or demo_hospital()
    # Elsewhere she would have to give a reason first: boards are read by those who work there.
    accounts = [
        account | {"wards": (WARD,)} if account["code"] == ACCOUNT else account
        for account in demo_accounts(hospital)
    ]
    make_island(data, hospital=hospital, exercise=True, origin="a", name="A", accounts=accounts)
    if not scheduled_packs:
        settings = read_settings(data)
        packs = msgspec.structs.replace(settings.packs, every_minutes=0)
        write_settings(data, msgspec.structs.replace(settings, packs=packs))
    count = 0
    with recorder_for(data) as recorder:
        drafts: list[Draft] = []
        for message in messages:
            drafts.append(Draft(kind="message.hl7v2", body=message, source="mllp:127.0.0.1"))
            count += 1
            if len(drafts) == AT_ONCE:
                recorder.append(drafts)
                drafts = []
        if drafts:
            recorder.append(drafts)
    command = [*RELEVE, "views", "rebuild", "--data", str(data)]
    quiet = subprocess.DEVNULL
    subprocess.run(command, cwd=ROOT, check=True, stdout=quiet, stderr=quiet, timeout=REBUILD_SECONDS_MAX)
    return count


@contextmanager
def serve(data: Path, http: Address | None = None) -> Iterator[Serving]:
    """Yield the island while it is served; it is stopped at the end, whatever happens.

    `http`: where its pages stood before, so that screens left open find them again.
    """
    pages = f"{http.host}:{http.port}" if http is not None else "127.0.0.1:0"
    command = [*RELEVE, "serve", "--data", str(data), "--http", pages, "--mllp", "127.0.0.1:0"]
    with (data / "said.log").open("ab") as said:
        started = time.monotonic()
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=said, stdin=subprocess.DEVNULL, text=True
        )
    try:
        assert process.stdout is not None
        found = READY.match(process.stdout.readline())
        if found is None:
            raise RuntimeError(f"serve: expected `ready`; it said: {(data / 'said.log').read_text()[-500:]}")
        seconds = time.monotonic() - started
        http_at, mllp_at = Address(found[1], int(found[2])), Address(found[3], int(found[4]))
        yield Serving(data, process.pid, http_at, mllp_at, seconds)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def feeding(
    serving: Serving, start: datetime, rate: float, seconds: float
) -> Iterator[subprocess.Popen[bytes]]:
    """Let life go on after `past(start)` for so long; its counts are one line of JSON on standard output."""
    command = [
        sys.executable, "-m", "bench.feeder", str(serving.mllp.port), start.isoformat(), str(rate), str(seconds),
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(20)
