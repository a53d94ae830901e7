"""The planner process: makes the plans that somebody asked for, one at a time, each in a child process of its own.

It is started when the first plan is asked for, or a while after the island (`planner_wanted`): no start is slower for
it. It runs at a low priority, because boards come first; what plans holds its memory in the child alone and gives it
back. A request that gives no plan is answered with a fact that says why.
Needs Django (`prepare_django`) before it is imported.
"""

import contextlib
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from django.db import DatabaseError

import releve.restoration
from releve.app.clock import now_us
from releve.app.lineage import dies_with_parent
from releve.bedside.hospital_now import directory_now
from releve.hospital.standing import declarations, statuses_now
from releve.journal.client import Recorder
from releve.journal.entry import Draft
from releve.restoration.facts import PlanFailed, PlanMade
from releve.restoration.making.messages import Answer, Failed, Made, Request
from releve.restoration.making.runtime_files import PlannerState, forget_call, read_state, write_state
from releve.restoration.plan import read_plan, write_plan
from releve.restoration.standing.now import RestorationNow, cut_now, next_request, plan_seen, restoration_now
from releve.restoration.tables import PlanRequest
from releve.web.accounts.trust import own_origin
from releve.web.database import follow_views

__all__ = ["PlannerProcess", "run_planner"]

log = logging.getLogger("releve.planner")
NICE = 10
TURN_SECONDS = 1.0
AFTER_ERROR_SECONDS = 30.0
TRIES_MAX = 2  # a request that brought the process down twice is answered with a failure
# What a child may take beyond the seconds asked for: its start, the first compilation of its kernels, the forecast.
MORE_SECONDS = 240.0
VIEWS_SECONDS_MAX = 10.0
CHILD = (sys.executable, "-m", "releve.restoration.making.process")


class _Stopped(Exception):
    """The island stops: the request is served at the next start."""


def run_planner(data: Path, stop: threading.Event) -> None:
    """Make what is asked for until `stop` is set; never ends because of one case that cannot be planned."""
    with contextlib.suppress(OSError):
        os.nice(NICE)
    process = PlannerProcess(data, stop)
    while not stop.is_set():
        pause = TURN_SECONDS
        try:
            process.turn()
        except _Stopped:
            return
        except Exception as error:
            # Only the kind of error: its text could carry what somebody typed.
            log.error(
                "planner: stopped at %s; trying again in %.0f s", type(error).__name__, AFTER_ERROR_SECONDS
            )
            pause = AFTER_ERROR_SECONDS
        stop.wait(pause)


class PlannerProcess:
    """One turn looks whether a plan is asked for on this island, and makes it."""

    def __init__(
        self,
        data: Path,
        stop: threading.Event,
        *,
        child: tuple[str, ...] = CHILD,
        more_seconds: float = MORE_SECONDS,
    ) -> None:
        """`child`: the command that reads a request and answers it."""
        self._data, self._stop, self._child, self._more = data, stop, child, more_seconds
        before = read_state(data)
        # The same request as when this process died under it: tried once more, not for ever.
        died = before is not None and before.state == "planning"
        self._tries = (before.asked, before.tries) if before is not None and died else ("", 0)
        self._say("idle")

    def turn(self) -> bool:
        """Do what is due; return whether anything was."""
        follow_views()
        try:
            request = next_request(own_origin())
        except DatabaseError:  # the fold has not made the views yet
            return False
        if request is None:
            forget_call(self._data)
            return False
        tries = self._tries[1] if self._tries[0] == request.id else 0
        if tries >= TRIES_MAX:
            self._record(PlanFailed(asked=request.id, reason="broke"))
        else:
            self._tries = (request.id, tries + 1)
            self._say("planning")
            self._record(self._serve(request))
        self._wait_until_answered(request.id)
        self._tries = ("", 0)
        self._say("idle")
        return True

    def _serve(self, asked: PlanRequest) -> PlanMade | PlanFailed:
        now = self._restoration()
        if now is None or not now.ready:
            return PlanFailed(asked=asked.id, reason="no-catalogue")
        base = plan_seen(asked.base) if asked.base else None
        by_hand = read_plan(asked.plan.encode()) if asked.plan else None
        begins = base.starts_at_ms if base is not None else now.begins_ms
        if by_hand is not None:  # its hours are those of the case that it was checked against
            begins = asked.starts_at if asked.starts_at is not None else begins
        # A plan made from nothing also has to know who works on what, and who did what has ended.
        works_by = base if base is not None else now.in_force
        case = now.case_at(
            begins,
            now.now_ms if now.cut is not None else begins,
            works_by.plan if works_by is not None else None,
        )
        request = Request(
            case=case,
            seconds=asked.seconds or 10.0,
            seed=asked.seed or 1,
            base=base.plan if base is not None and by_hand is None else None,
            by_hand=by_hand,
            what_if=asked.what_if or "",
            told=now.told_at(begins),
        )
        answer = self._ask(request)
        if isinstance(answer, Failed):
            return PlanFailed(asked=asked.id, reason=answer.reason, places=answer.places)
        return PlanMade(
            asked=asked.id,
            plan=write_plan(answer.plan).decode(),
            starts_at_us=begins * 1000,
            now_hour=case.now,
            case_digest=answer.case_digest,
            dates=answer.dates,
            returned=answer.returned,
            runs=answer.runs,
            moved=answer.moved,
            why=answer.why,
            what_if=asked.what_if or "",
            left_out=answer.left_out,
            seconds=answer.seconds,
            by_hand=by_hand.made_by if by_hand is not None else "",
            learned=answer.learned,
        )

    def _restoration(self) -> RestorationNow | None:
        directory = directory_now()
        if directory is None:
            return None
        at_us = now_us()
        cut = cut_now(declarations(), statuses_now(directory, now_us=at_us), directory)
        return restoration_now(now_ms=at_us // 1000, cut=cut)

    def _ask(self, request: Request) -> Made | Failed:
        """Return the child's answer, or why there is none.

        Raises:
            _Stopped: the island stops.
        """
        deadline = time.monotonic() + request.seconds + self._more
        child = subprocess.Popen(
            self._child,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=sys.stderr,
            env=_environment(self._data),
            preexec_fn=dies_with_parent(),
        )
        ear = _Ear(child, self._heard)
        try:
            assert child.stdin is not None
            with contextlib.suppress(BrokenPipeError):
                child.stdin.write(msgspec.json.encode(request))
                child.stdin.close()
            while not ear.ended.wait(0.2):
                if self._stop.is_set():
                    raise _Stopped
                if time.monotonic() > deadline:
                    return Failed(reason="too-long")
        finally:
            _end(child)
            ear.join(5)
        return ear.last

    def _heard(self, answer: Answer) -> None:
        self._say("planning", step=answer.step, done=answer.done or 0.0)

    def _record(self, fact: PlanMade | PlanFailed) -> None:
        kind = "restoration.plan.1" if isinstance(fact, PlanMade) else "restoration.plan-failed.1"
        if isinstance(fact, PlanFailed):
            log.warning("planner: the request at %s gave no plan: %s", fact.asked, fact.reason)
        else:
            log.info("planner: the request at %s gave a plan in %.1f s", fact.asked, fact.seconds)
        with Recorder(self._data) as recorder:
            recorder.append([Draft(kind=kind, body=msgspec.msgpack.encode(fact), source="planner")])

    def _wait_until_answered(self, asked: str) -> None:
        """Give the fold the time to take the answer in, so that the next turn does not serve it again."""
        until = time.monotonic() + VIEWS_SECONDS_MAX
        while time.monotonic() < until and not self._stop.wait(0.1):
            follow_views()
            with contextlib.suppress(DatabaseError):
                request = next_request(own_origin())
                if request is None or request.id != asked:
                    return

    def _say(self, state: str, *, step: str = "", done: float = 0.0) -> None:
        asked, tries = self._tries
        write_state(
            self._data,
            PlannerState(state=state, at_ms=now_us() // 1000, asked=asked, step=step, done=done, tries=tries),
        )


class _Ear(threading.Thread):
    """Listens to a child: progress is handed on, the last answer kept."""

    def __init__(self, child: subprocess.Popen[bytes], heard: Callable[[Answer], None]) -> None:
        super().__init__(daemon=True)
        self._child, self._heard = child, heard
        self.last: Made | Failed = Failed(reason="broke")
        self.ended = threading.Event()
        self.start()

    def run(self) -> None:
        """Read until the child says no more."""
        assert self._child.stdout is not None
        for line in self._child.stdout:
            with contextlib.suppress(msgspec.MsgspecError):
                answer = msgspec.json.decode(line, type=Answer)
                if answer.done is not None:
                    self._heard(answer)
                self.last = answer.made or answer.failed or self.last
        self.ended.set()


def _environment(data: Path) -> dict[str, str]:
    """Return the child's environment: what it compiles is kept here when the program's own folder cannot be written."""
    environment = dict(os.environ)
    if not os.access(Path(releve.restoration.__file__).parent, os.W_OK):
        folder = data / "runtime" / "compiled"
        with contextlib.suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # code: nobody else may write there
            environment.setdefault("NUMBA_CACHE_DIR", str(folder))
    return environment


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(5)
    if child.poll() is None:
        child.kill()
    child.wait()
