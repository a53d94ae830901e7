"""What the planner process says of itself, and how it is called: two small files in DATA/runtime."""

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

__all__ = ["PlannerState", "call_planner", "forget_call", "planner_wanted", "read_state", "write_state"]

# A start of an island has the machine for itself for so long, unless somebody asks for a plan before.
LATER_SECONDS = 30.0
ASKED = "planner.asked"
STATE = "planner.json"


class PlannerState(msgspec.Struct, frozen=True, kw_only=True):
    """What the process is doing, for pages. `state`: idle, planning; `step`: plan, bound, forecast."""

    state: str
    at_ms: int
    asked: str = ""  # entry of the request
    step: str = ""
    done: float = 0.0  # 0 to 1
    tries: int = 0


def planner_wanted(data: Path, *, after_seconds: float = LATER_SECONDS) -> Callable[[], bool]:
    """Return what tells whoever watches the processes whether there is anything to plan yet."""
    until = time.monotonic() + after_seconds
    asked = data / "runtime" / ASKED
    return lambda: time.monotonic() >= until or asked.exists()


def call_planner(data: Path) -> None:
    """Let the planner process start now, where it has not yet; it finds the request by itself."""
    with contextlib.suppress(OSError):  # without it the plan comes a little later
        (data / "runtime").mkdir(parents=True, exist_ok=True)
        (data / "runtime" / ASKED).touch()


def forget_call(data: Path) -> None:
    """Say that the call was heard."""
    with contextlib.suppress(OSError):
        (data / "runtime" / ASKED).unlink(missing_ok=True)


def read_state(data: Path) -> PlannerState | None:
    """Return what the process last said of itself, None when it never ran."""
    try:
        return msgspec.json.decode((data / "runtime" / STATE).read_bytes(), type=PlannerState)
    except (OSError, msgspec.MsgspecError):
        return None


def write_state(data: Path, state: PlannerState) -> None:
    """Write what the process does; a full disk must not stop what it can still do."""
    path = data / "runtime" / STATE
    part = path.with_name(f".{STATE}.{os.getpid()}.part")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(msgspec.json.encode(state))
        part.replace(path)
