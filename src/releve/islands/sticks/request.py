"""What the page of the stick asks of the carrier, and what the carrier says back: two small files.

The page writes `DATA/runtime/carry/request.json`, the carrier `state.json` beside it. So a job outlives the web, the
carrier, and the machine: whoever starts again reads both.
"""

from pathlib import Path
from typing import Literal

import msgspec

from releve.islands.exchange.whole import write_whole
from releve.islands.sticks.media import Medium
from releve.journal import modes

__all__ = [
    "Carry", "Complaint", "Job", "Kind", "Phase", "Request", "read_carry", "read_request", "write_carry",
    "write_request",
]  # fmt: skip

Kind = Literal["write", "read"]
Phase = Literal["", "parts", "entries"]
Ending = Literal["", "done", "stopped"]
MEDIA = Path("runtime") / "carry"


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """Something somebody asked for; `key` is the form's: pressing twice is one job."""

    key: str
    kind: Kind
    path: str
    since: str  # "last", or "" for everything
    asked_us: int
    by: str


class Complaint(msgspec.Struct, frozen=True, kw_only=True):
    """What could not be taken or written, as one word; `of` is an island or a part, `count` how often."""

    code: str
    of: str = ""
    count: int = 1


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One job. `ending` is empty while it runs; `trouble` why it stopped, as one word."""

    request: Request
    tries: int = 1
    phase: Phase = ""
    done: int = 0  # bytes while a stick is written, parts and then entries while it is read
    total: int = 0  # 0: not known
    parts: int = 0
    ending: Ending = ""
    trouble: str = ""
    entries: int = 0
    written_bytes: int = 0
    exports: int = 0
    receipt: bool = True
    complaints: tuple[Complaint, ...] = ()
    ended_us: int = 0


class Carry(msgspec.Struct, frozen=True, kw_only=True):
    """What the carrier says, written again every second."""

    at_us: int
    media: tuple[Medium, ...] = ()
    job: Job | None = None


def read_carry(data: Path) -> Carry | None:
    """Return what the carrier said last, None when it never ran or what it said cannot be read."""
    try:
        return msgspec.json.decode((data / MEDIA / "state.json").read_bytes(), type=Carry)
    except (OSError, msgspec.DecodeError, ValueError):
        return None


def write_carry(data: Path, carry: Carry) -> None:
    """Put what the carrier says in place."""
    write_whole(_folder(data) / "state.json", msgspec.json.encode(carry), sync=False)


def read_request(data: Path) -> Request | None:
    """Return what was asked for last, None when nothing was."""
    try:
        return msgspec.json.decode((data / MEDIA / "request.json").read_bytes(), type=Request)
    except (OSError, msgspec.DecodeError, ValueError):
        return None


def write_request(data: Path, request: Request) -> None:
    """Ask the carrier for something.

    Raises:
        OSError: it could not be kept.
    """
    write_whole(_folder(data) / "request.json", msgspec.json.encode(request))


def _folder(data: Path) -> Path:
    folder = data / MEDIA
    folder.mkdir(mode=modes.COMMON_FOLDER, parents=True, exist_ok=True)
    return folder
