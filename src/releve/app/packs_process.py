"""The packs process: sets the wards' packs when they are due, so that they lie ready when a screen does not answer.

Due are: a request of somebody (`paper.requested.1`), forms that somebody took away (`paper.forms-taken.1`), a cut
newly declared, the schedule. It runs at a low priority, because boards come first, and leaves the disk to the
recorder when it fills up.
Needs Django (`prepare_django`) before it is imported.
"""

import contextlib
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from django.db import DatabaseError

from releve.app.clock import now_us
from releve.app.packing import PacksReport, Printing, packs_folder, print_packs, set_packs
from releve.app.settings import Packs
from releve.app.views_now import entries_behind
from releve.bedside.hospital_now import directory_now
from releve.hospital.standing import heeded, statuses_now
from releve.hospital.tables import Declaration
from releve.journal.client import Recorder
from releve.journal.errors import JournalError
from releve.journal.folder import own_log
from releve.journal.store import LogReader
from releve.paper.facts import FormsTaken, PacksRequested, read_fact
from releve.paper.gather import NoViews, UnknownWard
from releve.paper.worker import write_whole
from releve.web.database import follow_views

__all__ = ["Agenda", "PacksProcess", "PacksState", "read_state", "run_packs"]

log = logging.getLogger("releve.packs")
NICE = 10
TURN_SECONDS = 1.0
AFTER_ERROR_SECONDS = 30.0
TRIES_MAX = 2  # a request that brought the process down twice is left to a person
FREE_SHARE_MIN = 0.15  # under this the schedule stops: the recorder needs the disk more
FREE_BYTES_MIN = 256 * 1024 * 1024  # under this even a cut sets nothing
VIEWS_SECONDS_MAX = 10.0
ACTS_AT_ONCE = 500


class Agenda(msgspec.Struct, kw_only=True):
    """What was done, in DATA/packs/agenda.json; when it is lost the next schedule sets everything."""

    log: str = ""
    read_to: int = 0
    tries: int = 0
    declared: list[str] = []
    set_at_ms: int = 0


class PacksState(msgspec.Struct, frozen=True, kw_only=True):
    """What the process is doing, in DATA/runtime/packs.json, for pages. `state`: idle, setting, disk, waiting."""

    state: str
    at_ms: int
    occasion: str = ""
    done: int = 0
    total: int = 0
    set_at_ms: int = 0
    wards: int = 0
    patients: int = 0
    pages: int = 0
    seconds: float = 0.0
    problems: tuple[str, ...] = ()


def read_state(data: Path) -> PacksState | None:
    """Return what the packs process last said of itself, None when it never ran."""
    try:
        return msgspec.json.decode((data / "runtime" / "packs.json").read_bytes(), type=PacksState)
    except (OSError, msgspec.MsgspecError):
        return None


def run_packs(data: Path, settings: Packs, stop: threading.Event) -> None:
    """Set and print what is due until `stop` is set; never ends because of one bad ward or one full disk."""
    with contextlib.suppress(OSError):
        os.nice(NICE)
    process = PacksProcess(data, settings)
    while not stop.is_set():
        pause = TURN_SECONDS
        try:
            process.turn()
        except Exception as error:
            # Only the kind of error: its text could carry a patient's value.
            log.error(
                "packs: stopped at %s; trying again in %.0f s", type(error).__name__, AFTER_ERROR_SECONDS
            )
            pause = AFTER_ERROR_SECONDS
        stop.wait(pause)


class PacksProcess:
    """One turn looks what is due and does the first thing found."""

    def __init__(self, data: Path, settings: Packs, *, clock_ms: Callable[[], int] | None = None) -> None:
        self._data, self._settings = data, settings
        self._clock_ms = clock_ms or (lambda: now_us() // 1000)
        self._path = packs_folder(data) / "agenda.json"
        self.agenda = self._read()
        self._last: PacksReport | None = None
        self._said_disk = False

    def turn(self) -> bool:
        """Do what is due; return whether anything was."""
        follow_views()
        try:
            if directory_now() is None:
                self._say("waiting")
                return False
            cuts = self._new_cuts()
        except DatabaseError:  # the fold has not made the views yet
            self._say("waiting")
            return False
        return self._request() or (bool(cuts) and self._cut(cuts)) or self._schedule()

    # ---- what is due -------------------------------------------------------------------------

    def _request(self) -> bool:
        """Serve the next request that was recorded since the last turn."""
        found = self._next_request()
        if found is None:
            return False
        index, asked, author = found
        if self.agenda.tries >= TRIES_MAX or not self._has_room(FREE_BYTES_MIN):
            log.error("packs: request at entry %d given up after %d tries", index, self.agenda.tries)
        else:
            self.agenda.tries += 1
            self._write()
            self._wait_for_views(index + 1)
            occasion = "demand"
            printing = Printing(
                wards=asked.wards or None,
                forms=asked.forms,
                occasion="demand",
                by=asked.by or author,
                workers=self._settings.workers,
            )
            try:
                self._set(printing, occasion, asked.printer)
            except UnknownWard as error:
                log.error("packs: request at entry %d: %s", index, error)
        self.agenda.read_to, self.agenda.tries = index + 1, 0
        self._write()
        return True

    def _cut(self, cuts: list[str]) -> bool:
        """Set the wards that were cut, with forms, then all others."""
        directory = directory_now()
        assert directory is not None
        if self._has_room(FREE_BYTES_MIN):
            statuses = statuses_now(directory, now_us=self._clock_ms() * 1000)
            down = tuple(ward.code for ward in directory.map.wards if statuses.down(ward.code))
            if down:
                self._set(Printing(wards=down, occasion="cut", workers=self._settings.workers), "cut")
            if len(down) < len(directory.map.wards):
                # Who is not cut may be next: what changed is set, no numbers are spent.
                self._set(
                    Printing(occasion="schedule", forms=False, workers=self._settings.workers), "schedule"
                )
        self.agenda.declared = [*self.agenda.declared, *cuts][-1000:]
        self.agenda.set_at_ms = self._clock_ms()
        self._write()
        return True

    def _schedule(self) -> bool:
        """Set everything when its time has come."""
        every_ms = self._settings.every_minutes * 60_000
        if not every_ms or self._clock_ms() - self.agenda.set_at_ms < every_ms:
            return False
        disk = shutil.disk_usage(self._data)
        if disk.free < FREE_SHARE_MIN * disk.total:
            if not self._said_disk:
                log.warning(
                    "packs: less than %.0f %% of the disk is free: the schedule rests", FREE_SHARE_MIN * 100
                )
            self._said_disk = True
            self._say("disk")
            return False
        self._said_disk = False
        self._set(Printing(occasion="schedule", forms=False, workers=self._settings.workers), "schedule")
        self.agenda.set_at_ms = self._clock_ms()
        self._write()
        return True

    def _new_cuts(self) -> list[str]:
        """Return the declarations of *down* that hold now and that no printing has answered."""
        known = set(self.agenda.declared)
        now_ms = self._clock_ms()
        rows = Declaration.objects.filter(status="down", id__in=heeded(), since_at__lte=now_ms)
        return [row.id for row in rows.order_by("order", "id") if row.id not in known]

    def _next_request(self) -> tuple[int, PacksRequested, str] | None:
        own = own_log(self._data)
        if self.agenda.log != own.name:  # a new epoch: what was asked in the one before was served or is old
            self.agenda.log, self.agenda.read_to, self.agenda.tries = own.name, 0, 0
            self._write()
        with LogReader(own.path) as reader:
            while acts := reader.read(self.agenda.read_to, ACTS_AT_ONCE, lane="act"):
                for entry in acts:
                    fact = read_fact(entry.kind, entry.body)
                    if isinstance(fact, FormsTaken):  # others must lie ready for whoever needs the next one
                        fact = PacksRequested(wards=(fact.ward,), by=fact.by)
                    if isinstance(fact, PacksRequested):
                        return entry.index, fact, entry.author
                self.agenda.read_to = acts[-1].index + 1
        return None

    # ---- doing it ----------------------------------------------------------------------------

    def _set(self, printing: Printing, occasion: str, printer: str = "") -> None:
        def show(_phase: str, done: int, total: int) -> None:
            self._say("setting", occasion=occasion, done=done, total=total)

        self._say("setting", occasion=occasion)
        with Recorder(self._data) as recorder:
            try:
                report = set_packs(self._data, printing, recorder=recorder, progress=show)
            except NoViews:
                self._say("waiting")
                return
            directory = directory_now()
            if printer and directory is not None:
                report = print_packs(report, directory, printer, recorder=recorder, progress=show)
        self._last = report
        for problem in report.problems:
            log.warning("packs: %s", problem)
        log.info(
            "packs: %d wards, %d pages, %d set anew in %.1f s",
            len(report.wards),
            report.pages,
            report.pages_set,
            report.seconds,
        )
        self._say("idle", occasion=occasion)

    def _wait_for_views(self, size: int) -> None:
        """Give the fold the time to take in what was recorded before the request."""
        deadline = time.monotonic() + VIEWS_SECONDS_MAX
        while entries_behind(self._data, {self.agenda.log: size}) and time.monotonic() < deadline:
            time.sleep(0.1)
        follow_views()

    def _has_room(self, bytes_min: int) -> bool:
        if shutil.disk_usage(self._data).free >= bytes_min:
            return True
        log.error("packs: expected %d MiB free on the disk; nothing is set", bytes_min >> 20)
        self._say("disk")
        return False

    # ---- what is remembered ------------------------------------------------------------------

    def _read(self) -> Agenda:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Agenda)
        except (OSError, msgspec.MsgspecError):
            pass
        agenda = Agenda()
        try:
            own = own_log(self._data)
            with LogReader(own.path) as reader:
                agenda.log, agenda.read_to = own.name, reader.size
        except JournalError:
            log.exception("packs: the journal cannot be read yet")
        return agenda

    def _write(self) -> None:
        with contextlib.suppress(OSError):  # a full disk must not stop what it can still do
            write_whole(self._path, msgspec.json.encode(self.agenda))

    def _say(self, state: str, *, occasion: str = "", done: int = 0, total: int = 0) -> None:
        last = self._last
        said = PacksState(
            state=state,
            at_ms=self._clock_ms(),
            occasion=occasion,
            done=done,
            total=total,
            set_at_ms=self.agenda.set_at_ms,
            wards=len(last.wards) if last else 0,
            patients=last.patients if last else 0,
            pages=last.pages if last else 0,
            seconds=round(last.seconds, 1) if last else 0.0,
            problems=last.problems[:20] if last else (),
        )
        with contextlib.suppress(OSError):
            write_whole(self._data / "runtime" / "packs.json", msgspec.json.encode(said))
