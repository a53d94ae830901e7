"""One setting process: reads jobs from standard input, writes the documents of a ward, answers what it made.

Started by `press`. It imports neither Django nor the views, so that it starts at once. Typst keeps in memory all
that it has set (measured: +270 MB a ward): each job runs in a fork, which gives its memory back when it ends, and
takes nothing with it when it dies. The parent never sets anything, so that it has no threads when it forks.
Frames on both pipes are a length (4 bytes, big endian) and the MessagePack of a job or of `Done`; an empty answer
says that the fork died.
"""

import logging
import os
import resource
import struct
import sys
import time
import traceback
from pathlib import Path
from typing import IO, NoReturn

import msgspec

from releve.paper.forms import FormCopy
from releve.paper.pack import WardPack
from releve.paper.render import Fault, parts_of, set_cover, set_forms, set_plain, set_sheets
from releve.paper.typeset import TypesetError, prepare

_LENGTH = struct.Struct(">I")


class SheetsJob(msgspec.Struct, frozen=True, kw_only=True, tag="sheets"):
    """Set the sheets of one ward; `plain` when two processes died on it: the plain list."""

    pack: WardPack
    path: str
    plain: bool = False


class CoverJob(msgspec.Struct, frozen=True, kw_only=True, tag="cover"):
    """Set the cover over sheets of `sheets_pages`, and the forms if there are copies to print.

    `set_at` and `set_as` say when and as which pack the sheets were set, when that was earlier; `forms_pages` that
    the forms lie there already, on that many pages.
    """

    pack: WardPack
    path: str
    sheets_pages: int
    set_at: str = ""
    set_as: str = ""
    copies: tuple[FormCopy, ...] = ()
    forms_path: str = ""
    forms_pages: int = 0


Job = SheetsJob | CoverJob


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What came out of a job: no pages and an error when nothing did. Bytes of memory, seconds of processor."""

    pages: int = 0
    forms_pages: int = 0
    forms_kept: bool = False
    coded: bool = False
    faults: tuple[Fault, ...] = ()
    last_resort: bool = False
    error: str = ""
    cpu_seconds: float = 0.0
    rss_peak_bytes: int = 0


def work(job: Job) -> Done:
    """Set and write the documents of one job; each file appears whole or not at all."""
    start = time.process_time()
    done = _sheets(job) if isinstance(job, SheetsJob) else _cover(job)
    return msgspec.structs.replace(
        done,
        cpu_seconds=time.process_time() - start,
        rss_peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    )


def _sheets(job: SheetsJob) -> Done:
    setting = set_plain(job.pack) if job.plain else set_sheets(job.pack)
    write_whole(Path(job.path), setting.pdf)
    return Done(
        pages=setting.pages, coded=setting.coded, faults=setting.faults, last_resort=setting.last_resort
    )


def _cover(job: CoverJob) -> Done:
    copies, forms_pages, error = job.copies, job.forms_pages, ""
    if copies and not forms_pages:
        try:
            forms = set_forms(job.pack, copies)
        except TypesetError as failure:  # a ward without forms is badly off, without its cover lost
            copies, error = (), str(failure)
        else:
            write_whole(Path(job.forms_path), forms.pdf)
            forms_pages = forms.pages
    parts = parts_of(job.pack, job.sheets_pages, copies, forms_pages, set_at=job.set_at, set_as=job.set_as)
    cover = set_cover(job.pack, parts)
    write_whole(Path(job.path), cover.pdf)
    return Done(
        pages=cover.pages,
        forms_pages=forms_pages,
        forms_kept=bool(job.forms_pages),
        coded=cover.coded,
        error=error,
    )


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that its name always leads to a whole document, even after a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def family_bytes(pid: int) -> int:
    """Return the memory of a worker and of its fork."""
    try:
        forks = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    except OSError:
        forks = []
    return rss_bytes(pid) + sum(rss_bytes(int(fork)) for fork in forks)


def rss_bytes(pid: int) -> int:
    """Return the resident memory of a process in bytes, 0 where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def send(pipe: IO[bytes], message: SheetsJob | CoverJob | Done) -> None:
    """Write one frame."""
    body = msgspec.msgpack.encode(message)
    pipe.write(_LENGTH.pack(len(body)) + body)
    pipe.flush()


def receive(pipe: IO[bytes]) -> bytes | None:
    """Return the body of the next frame, None when the other side has closed."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    length = _LENGTH.unpack(head)[0]
    body = pipe.read(length)
    return body if len(body) == length else None


def _serve(body: bytes, answers: IO[bytes]) -> NoReturn:
    """Answer one job and end this fork."""
    try:
        try:
            done = work(msgspec.msgpack.decode(body, type=SheetsJob | CoverJob))
        except OSError as failure:  # a full disk: trying again would not help
            done = Done(error=f"the documents could not be written: {failure.strerror}")
        send(answers, done)
    except BaseException as failure:
        # The caller tries again. Only the place is said: a message may hold values.
        place = traceback.extract_tb(failure.__traceback__)[-1]
        log = logging.getLogger(__name__)
        log.error(
            "a ward could not be set: %s in %s line %s", type(failure).__name__, place.name, place.lineno
        )
        os._exit(1)
    os._exit(0)


def main() -> None:
    """Work until the caller closes the pipe."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints by mistake must not fall between two frames
    prepare()
    while (body := receive(sys.stdin.buffer)) is not None:
        child = os.fork()
        if child == 0:
            _serve(body, answers)
        if os.waitpid(child, 0)[1] != 0:
            answers.write(_LENGTH.pack(0))
            answers.flush()


if __name__ == "__main__":
    main()
