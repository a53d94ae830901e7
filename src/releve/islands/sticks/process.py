"""The carrier: a process that writes and reads sticks when the page asks it to. It can die at any moment.

It holds no key of a log: the stick's, to open what is sealed for this island, and the one by which this island signs
what it keeps. A job that was under way when it died goes on when it is back; one whose stick was pulled out goes on
when somebody presses the button again.
"""

import contextlib
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from releve.islands.exchange.parts import StickError
from releve.islands.exchange.unseal import read_note
from releve.islands.sticks.media import Medium, is_there, media_here
from releve.islands.sticks.request import (
    Carry,
    Complaint,
    Job,
    Request,
    read_carry,
    read_request,
    write_carry,
)
from releve.islands.sticks.taking_in import Arrived, clear_incoming, take_in
from releve.islands.sticks.writing import export_stick
from releve.journal.errors import FolderError, JournalError, StorageFailed, StorageFull

__all__ = ["CarrierProcess", "run_carrier"]

log = logging.getLogger("releve.carrier")
LOOK_SECONDS = 0.5
CONTENT_SECONDS = 3.0  # how often what lies on sticks is read again
TRIES_MAX = 5  # a job that ends the process again and again is given up


def run_carrier(data: Path, stop: threading.Event, *, folders: Sequence[str] = ()) -> None:
    """Serve the page's wishes until `stop`. `folders` count as sticks, besides what is plugged in."""
    CarrierProcess(data, folders=folders).run(stop)


class CarrierProcess:
    """One job at a time, and a file that says how it stands."""

    def __init__(
        self,
        data: Path,
        *,
        folders: Sequence[str] = (),
        media: Callable[[], list[Medium]] | None = None,
        there: Callable[[str], bool] | None = None,
        now_us: Callable[[], int] = lambda: time.time_ns() // 1000,
    ) -> None:
        """`media`, `there`: what is plugged in, and whether one still is; by default as the kernel says."""
        self._data = data
        self._now_us = now_us
        self._media = media or (lambda: media_here(folders, read_note(data)))
        self._there = there or (lambda path: is_there(path, folders))
        self._seen: tuple[Medium, ...] = ()
        self._looked = 0.0
        self._thread: threading.Thread | None = None
        before = read_carry(data)
        self._job = before.job if before is not None else None

    def run(self, stop: threading.Event) -> None:
        """Look, work, say, until told to stop; what is under way then is taken up again at the next start."""
        self.begin_again()
        while not stop.is_set():
            self.turn()
            stop.wait(LOOK_SECONDS)

    def turn(self) -> None:
        """Look once: at what was asked for, at what is plugged in."""
        if self._thread is not None and not self._thread.is_alive():
            self._thread, self._looked = None, 0.0
        if self._thread is None:
            asked = read_request(self._data)
            if asked is not None and (self._job is None or asked.key != self._job.request.key):
                self._start(Job(request=asked))
            elif time.monotonic() - self._looked > CONTENT_SECONDS:
                self._seen, self._looked = tuple(self._media()), time.monotonic()
        with contextlib.suppress(OSError):  # a full disk: the next turn tries again
            write_carry(self._data, Carry(at_us=self._now_us(), media=self._seen, job=self._job))

    def begin_again(self) -> None:
        """Take up what was under way when this process ended, if anything was."""
        clear_incoming(self._data)
        job = self._job
        if job is None or job.ending:
            return
        if job.tries >= TRIES_MAX:
            self._job = self._ended(job, "stopped", trouble="gave-up")
        else:
            self._start(msgspec.structs.replace(job, tries=job.tries + 1))

    def _start(self, job: Job) -> None:
        self._job = job
        self._thread = threading.Thread(target=self._work, args=(job,), name="stick", daemon=True)
        self._thread.start()

    def _work(self, job: Job) -> None:
        request = job.request
        try:
            if not self._there(request.path):
                raise StickError("gone", "stick: expected it to be plugged in")
            ended = self._write(request) if request.kind == "write" else self._read(request)
        except StickError as error:
            ended = self._stopped(error.code)
        except (StorageFull, StorageFailed):
            ended = self._stopped("own-disk")
        except FolderError:
            ended = self._stopped("keys")
        except JournalError:
            log.exception("stick")
            ended = self._stopped("journal")
        except OSError as error:
            log.warning("stick: %s", error.strerror)
            ended = self._stopped("gone")
        except Exception:
            # Whatever lies on a stick, the next one is read all the same.
            log.exception("stick")
            ended = self._stopped("gave-up")
        # Whatever the error was called: a stick that is no longer there was pulled out.
        if (ended.trouble or ended.complaints) and not self._there(request.path):
            ended = msgspec.structs.replace(ended, ending="stopped", trouble="pulled", complaints=())
        self._job = ended

    def _write(self, request: Request) -> Job:
        def show(done: int, total: int) -> None:
            self._note(phase="parts", done=done, total=total, parts=self._now().parts + 1)

        written = export_stick(
            self._data, Path(request.path), since=request.since, only=(), now_us=self._now_us(), progress=show
        )
        return self._ended(
            self._now(),
            "done",
            entries=sum(one.entries for one in written),
            written_bytes=sum(one.sealed_bytes for one in written),
            exports=len(written),
            parts=sum(one.parts for one in written),
        )

    def _read(self, request: Request) -> Job:
        def show(told: str, done: int, total: int) -> None:
            self._note(phase="parts" if told.endswith("opened") else "entries", done=done, total=total)

        arrived = take_in(
            self._data, Path(request.path), now_us=self._now_us(), again=not request.since, progress=show
        )
        return self._ended(
            self._now(),
            "done",
            entries=arrived.entries,
            exports=arrived.exports,
            receipt=arrived.receipt,
            complaints=_complaints(arrived),
        )

    def _now(self) -> Job:
        assert self._job is not None
        return self._job

    def _note(self, **more: object) -> None:
        self._job = msgspec.structs.replace(self._now(), **more)

    def _stopped(self, trouble: str) -> Job:
        return self._ended(self._now(), "stopped", trouble=trouble)

    def _ended(self, job: Job, ending: str, **more: object) -> Job:
        return msgspec.structs.replace(job, ending=ending, ended_us=self._now_us(), **more)


def _complaints(arrived: Arrived) -> tuple[Complaint, ...]:
    """Return what could not be taken, each kind once for each island."""
    found = Counter((bad.code, bad.place.partition("/")[0].rpartition("-")[0]) for bad in arrived.bad)
    for one in arrived.logs:
        if one.ended in ("gap", "refused", "unknown"):
            found[one.ended, one.origin] += 1
    found.update({("ahead", name): 1 for name in arrived.ahead})
    return tuple(Complaint(code=code, of=of, count=count) for (code, of), count in sorted(found.items()))
