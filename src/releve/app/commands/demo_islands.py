"""`releve demo --islands 3`: three islands alive on one machine, so that one can be lost before people's eyes."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

import msgspec
import typer

from releve.app.clock import now_us
from releve.app.commands.demo_catalogue import begin_catalogue
from releve.app.commands.output import fail, progress
from releve.app.lineage import dies_with_parent
from releve.app.supervisor import parse_address
from releve.exercise.demo import demo_hospital
from releve.exercise.diary import LIFE, Diary, read_diary, write_diary
from releve.exercise.feed import Address, start_for
from releve.exercise.served import NightFailed
from releve.exercise.three_islands import Island, Islands
from releve.web.words import counted

__all__ = ["ORIGINS", "show_islands"]

ORIGINS = ("a", "b", "c")
_COMMAND = (sys.executable, "-m", "releve.app.cli")
_LOOK_SECONDS = 0.5
HOURS, SPEED = 24.0, 1.0


def show_islands(data: Path, http: str, mllp: str, seed: int) -> None:
    """Run three islands in `data` until SIGTERM or Ctrl-C; made there when they are not, each with its wards' life.

    `http`, `mllp`: where the first one is; each next one has the port after.
    """
    from releve.app.island import DEMO_PASSWORD

    hospital = demo_hospital(seed=1)
    islands = Islands(data, _COMMAND, hospital, DEMO_PASSWORD, ORIGINS)
    try:
        pages, senders = parse_address(http), parse_address(mllp)
    except ValueError as error:
        fail(f"--http, --mllp: {error}")
    for number, island in enumerate(islands.islands.values()):
        island.web = Address(pages.host, pages.port + number if pages.port else 0)
        island.mllp = Address(senders.host, senders.port + number if senders.port else 0)
        island.begins_with = dies_with_parent()
    feeders: list[subprocess.Popen[bytes]] = []
    fresh = not (data / "c.introduction.txt").exists()
    signal.signal(signal.SIGTERM, _end)
    try:
        if fresh:
            if data.exists() and any(data.iterdir()):
                fail("--data: expected an empty or new folder, or three islands that are whole; remove it")
            with progress() as steps:
                islands.make(steps.show)
        live_one_life([island.data for island in islands.islands.values()], hospital.name, seed, now_us())
        for number, island in enumerate(islands.islands.values(), start=1):
            island.start()
            feeders.append(_feed(island, f"{number}/{len(ORIGINS)}", seed))
        if fresh:
            # Said on one of them: the others pull it, and the plan that it makes.
            begin_catalogue(islands[ORIGINS[0]].data)
        _announce(list(islands.islands.values()), DEMO_PASSWORD)
        _watch(list(islands.islands.values()))
    except NightFailed as error:
        fail(str(error))
    except KeyboardInterrupt:
        pass
    finally:
        for feeder in feeders:
            feeder.terminate()
        islands.stop()


def live_one_life(folders: list[Path], hospital: str, seed: int, at_us: int) -> None:
    """Let what tells each island of its wards begin at one moment: else one number would be another person's on each.

    A life that goes on after a restart is left as it is.
    """
    found = [read_diary(folder / LIFE) for folder in folders]
    known = next((diary for diary in found if diary is not None), None)
    start = start_for(at_us, hours=HOURS, speed=SPEED)
    one = known or Diary(
        start_us=start, seed=seed, speed=SPEED, hospital=hospital, began_us=at_us, settled={}
    )
    for folder, diary in zip(folders, found, strict=True):
        if diary is None:
            (folder / LIFE).parent.mkdir(parents=True, exist_ok=True)
            write_diary(folder / LIFE, msgspec.structs.replace(one, settled={}))


def _end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _feed(island: Island, part: str, seed: int) -> subprocess.Popen[bytes]:
    words = [
        "exercise", "feed", "--to", f"{island.mllp.host}:{island.mllp.port}", "--hospital", "demo", "--hours",
        f"{HOURS:g}", "--speed", f"{SPEED:g}", "--seed", str(seed), "--part", part, "--state", str(island.data / LIFE),
    ]  # fmt: skip
    return subprocess.Popen(
        [*_COMMAND, *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=dies_with_parent(),
    )


def _announce(islands: list[Island], password: str) -> None:
    for island in islands:
        typer.echo(
            f"island {island.origin.upper()}  http://{island.web.host}:{island.web.port}/islands/  "
            f"{counted(len(island.wards), 'ward')}  process {island.pid}"
        )
    typer.echo(
        "\nRelève shows three islands of one hospital (EXERCICE: invented patients)\n"
        "  accounts: infirmiere, medecin, pharmacien, admission, crise, informatique, auditeur\n"
        f"  password: {password}\n"
        f"  Pull the plug on one: kill -KILL {islands[-1].pid}; then look at /islands/ of another.\n"
        "  Ctrl-C stops them all; the next start goes on from here.\n"
    )
    sys.stdout.flush()


def _watch(islands: list[Island]) -> None:
    alive = {island.origin for island in islands}
    while alive:
        time.sleep(_LOOK_SECONDS)
        for island in islands:
            if island.origin in alive and not island.is_alive:
                alive.discard(island.origin)
                typer.echo(f"island {island.origin.upper()} is gone; the others go on")
                sys.stdout.flush()
