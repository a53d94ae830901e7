"""The fold process: follows the journal, keeps the views, and starts them again beside when they no longer fit.

Needs Django (`prepare_django`) before it is imported.
"""

import contextlib
import logging
import time
from collections.abc import Callable
from pathlib import Path

from releve.app.folding import Folder, version_now
from releve.app.generation import built_with, first_generation
from releve.app.pace import Pace
from releve.app.rebuilding import Interrupted, begin_again, rebuild
from releve.hospital.in_force import latest_map
from releve.hospital.map import HospitalMap
from releve.islands.membership import read_lines, refresh
from releve.journal.recorder import free_percent
from releve.views.checkpoints import Checkpoints
from releve.views.database import (
    RebuildRunning,
    generation_in_force,
    rebuild_lock,
    remove_orphans,
    schema_digest,
    views_lock,
)
from releve.web.database import follow_views

__all__ = ["run_fold"]

log_ = logging.getLogger("releve.fold")
IDLE_SECONDS = 0.05
AWAKE_SECONDS = 0.01  # for a second after something came: people who write wait for the fold
# Below this share of free disk the views stop growing, so that the journal can go on: a message that is kept can
# be shown later, one that is not is lost. The alarm sounds, and packs stop, at 15 % already.
FREE_PERCENT_MIN = 5.0
FULL_SECONDS = 5.0
OTHERS_SECONDS = 1.0  # between two looks whether another process has folded the views again


def run_fold(data: Path, stop: Callable[[], bool]) -> None:
    """Follow the journal until `stop()`; open another generation when a rebuild put one in force."""
    with Checkpoints(lambda: generation_in_force(data)) as checkpoints:
        _follow(data, stop, checkpoints)


def _again(data: Path, generation: Path, hospital: HospitalMap, stop: Callable[[], bool]) -> Path:
    """Return the generation to feed once the views are folded again, by this process or by another one.

    Tables of another version cannot be fed at all: while a command folds them again, this waits for it.
    """
    fits = schema_digest() in (built_with(generation) or "")
    while True:
        with contextlib.suppress(RebuildRunning, Interrupted):
            if fits:
                rebuild(data, stop=stop)
            else:
                begin_again(data, generation, hospital)
        generation = generation_in_force(data) or generation
        if fits or stop() or schema_digest() in (built_with(generation) or ""):
            return generation
        time.sleep(OTHERS_SECONDS)


def _follow(data: Path, stop: Callable[[], bool], checkpoints: Checkpoints) -> None:
    hospital = latest_map(data)
    generation = generation_in_force(data)
    if generation is None:
        with views_lock(data):
            generation = first_generation(data)
    elif built_with(generation) not in (None, version_now(data, hospital)):
        log_.info("the views were folded by another version: folding again")
        generation = _again(data, generation, hospital, stop)
        if stop():  # opened, the old views would be noted as folded by this version, and never again
            return
    with contextlib.suppress(RebuildRunning), rebuild_lock(data):
        remove_orphans(data)
    folder = Folder(data, generation, hospital)
    folder.islands_changed = True  # the files may have been lost, or be of an earlier version
    (data / "runtime" / "fold.ready").touch()
    paused = False
    awake_until = 0.0
    pace = Pace()
    rest_until = 0.0  # until then a backlog waits, acts do not
    while not stop():
        if paused != (free_percent(data) < FREE_PERCENT_MIN):
            paused = not paused
            log_.error(
                "less than %.0f %% of the disk is free: the views %s",
                FREE_PERCENT_MIN,
                "stop" if paused else "go on",
            )
        if paused:
            time.sleep(FULL_SECONDS)
            continue
        with views_lock(data):
            current = generation_in_force(data)
            if current != folder.generation:
                folder.abandon()
                if current is None:  # somebody has thrown the views away: they come back from the journal
                    log_.warning("the views are gone: folding them again from the journal")
                    current = first_generation(data)
                folder = Folder(data, current, latest_map(data))
            began = time.monotonic()
            resting = began < rest_until
            taken = folder.step(pace.entries, backlog=not resting)
        checkpoints.took(taken)
        now = time.monotonic()
        rest = pace.took(taken, folder.acts_ahead, 0.0 if resting else now - began, now)
        if not resting:
            rest_until = now + rest
        again = False
        if folder.islands_changed:
            folder.islands_changed = False
            follow_views()
            if refresh(data):
                again = folder.take_lines(read_lines(data))
            folder.projector.map_changed = True  # whose map counts may be another
        if folder.projector.map_changed:
            folder.projector.map_changed = False
            hospital = latest_map(data)
            if again or version_now(data, hospital) != folder.version:
                folder.abandon()
                with contextlib.suppress(RebuildRunning, Interrupted):
                    rebuild(data, stop=stop)
                if stop():
                    return
                folder = Folder(data, generation_in_force(data) or generation, hospital)
        if taken:
            awake_until = time.monotonic() + 1.0
        else:
            time.sleep(AWAKE_SECONDS if time.monotonic() < awake_until else IDLE_SECONDS)
    folder.close()
