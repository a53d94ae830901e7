"""Sets the packs of many wards with a few processes: only what changed, in little memory, each file whole.

Documents of a ward in the folder, named by its UF, in the order of printing, never by a person:
`UF3120-1-couverture.pdf` (always set anew), `UF3120-2-feuilles.pdf` (kept while nothing on it changed),
`UF3120-3-formulaires.pdf` (numbered, set when copies are ordered), `UF3120-4-recu-1.pdf` (received prints).
`manifest.json` remembers what the sheets were made from; it may be deleted: all is set again.
"""

import contextlib
import hashlib
import os
import queue
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from releve.paper.catalogue import LOCALE
from releve.paper.forms import FormCopy
from releve.paper.layout import sheets_digest
from releve.paper.lying import forget_forms, forms_file, remember_forms
from releve.paper.pack import WardPack
from releve.paper.render import Fault
from releve.paper.typeset import template_version
from releve.paper.worker import (
    CoverJob,
    Done,
    Job,
    SheetsJob,
    family_bytes,
    receive,
    rss_bytes,
    send,
    write_whole,
)

MIB = 1 << 20
# Measured: what a fresh worker holds, and what a page adds while its document is being set.
WORKER_BYTES = 90 * MIB
PAGE_BYTES = 5 * MIB // 2
JOB_SECONDS_MAX = 300.0
TRIES = 3  # the third sets the plain list


class WardOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A ward to print: its pack, the numbered copies of forms, the received prints to bind (paths of PDF).

    `forms_pages`: the forms of `copies` lie in the folder already, on that many pages, and nobody printed them yet:
    they are not set again.
    """

    pack: WardPack
    copies: tuple[FormCopy, ...] = ()
    prints: tuple[Path, ...] = ()
    forms_pages: int = 0


class WardFiles(msgspec.Struct, frozen=True, kw_only=True):
    """What came out for a ward; paths are in the order of printing, `reused` when the sheets were still true."""

    ward: str
    pack: str
    paths: tuple[Path, ...]
    cover_pages: int = 0
    sheets_pages: int = 0
    forms_pages: int = 0
    prints_pages: int = 0
    reused: bool = False
    coded: bool = False
    faults: tuple[Fault, ...] = ()
    last_resort: bool = False
    error: str = ""

    @property
    def pages(self) -> int:
        """Return the pages of the whole pack."""
        return self.cover_pages + self.sheets_pages + self.forms_pages + self.prints_pages


class PressReport(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of one run: pages in all and pages set anew, seconds, processor seconds, peak of memory in bytes."""

    wards: tuple[WardFiles, ...]
    pages: int
    pages_set: int
    seconds: float
    cpu_seconds: float
    rss_peak_bytes: int
    workers_started: int


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What the manifest remembers of a ward's sheets."""

    digest: str
    file: str
    file_sha256: str
    pages: int
    set_at: str
    set_as: str


class _Manifest(msgspec.Struct, kw_only=True):
    wards: dict[str, _Kept] = {}


Progress = Callable[[WardFiles], None]


def press(
    orders: Iterable[WardOrder],
    folder: Path,
    *,
    workers: int = 2,
    memory_bytes: int = 1 << 30,
    on_progress: Progress | None = None,
) -> PressReport:
    """Return what came out, ward by ward in the order given.

    `orders` is consumed in the calling thread, one ahead of the workers, so that it may read a database;
    `on_progress` is called there too. A ward that cannot be set at all is reported with its `error`.
    """
    start = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    run = _Run(folder, max(1, workers), memory_bytes)
    places: dict[str, int] = {}
    finished: list[WardFiles] = []

    def drain(block: bool) -> None:
        files = run.results.get(block)
        finished.append(files)
        if on_progress:
            on_progress(files)

    try:
        for order in orders:
            places[order.pack.ward.code] = len(places)
            while not run.offer(order):
                drain(block=True)
        while len(finished) < len(places):
            drain(block=True)
    finally:
        run.close()
    finished.sort(key=lambda files: places[files.ward])
    return PressReport(
        wards=tuple(finished),
        pages=sum(files.pages for files in finished),
        pages_set=run.pages_set,
        seconds=time.monotonic() - start,
        cpu_seconds=run.cpu_seconds,
        rss_peak_bytes=run.rss_peak_bytes,
        workers_started=run.started,
    )


def sheets_version(language: str) -> str:
    """Return a digest of templates and words: when they change, every sheet is set anew."""
    digest = hashlib.sha256(template_version().encode())
    for path in sorted(LOCALE.glob(f"{language}/**/*.po")):
        digest.update(path.read_bytes())
    for name in ("words.py", "layout.py", "glyphs.py"):
        digest.update((Path(__file__).parent / name).read_bytes())
    return digest.hexdigest()[:16]


def ward_prefix(code: str) -> str:
    """Return the start of a ward's file names: its UF, made of letters and digits only.

    >>> ward_prefix("3120"), ward_prefix("UF2140"), ward_prefix("3/B")
    ('UF3120', 'UF2140', 'UF3-B-c31b6c')
    """
    plain = re.sub(r"[^A-Za-z0-9]+", "-", code).strip("-")
    if plain != code:  # two codes must not meet in one name
        plain = f"{plain}-{hashlib.sha256(code.encode()).hexdigest()[:6]}"
    return plain if plain.startswith("UF") else f"UF{plain}"


class _Run:
    """The threads of one run, each with its process; all they share is here."""

    def __init__(self, folder: Path, workers: int, memory_bytes: int) -> None:
        self.folder = folder
        self.results: queue.SimpleQueue[WardFiles] = queue.SimpleQueue()
        self.pages_set = 0
        self.cpu_seconds = 0.0
        self.rss_peak_bytes = 0
        self.started = 0
        # The caller's own process (views, orders) is inside the budget too.
        self._budget = max(memory_bytes - rss_bytes(os.getpid()), 2 * WORKER_BYTES)
        self._free = self._budget
        self._room = threading.Condition()
        self._waiting = 0
        self._capacity = 2 * workers
        self._jobs: queue.SimpleQueue[WardOrder | None] = queue.SimpleQueue()
        self._manifest_path = folder / "manifest.json"
        self._manifest = self._read_manifest()
        self._lock = threading.Lock()
        self._pids: set[int] = set()
        self._closed = threading.Event()
        self._threads = [threading.Thread(target=self._serve, daemon=True) for _ in range(workers)]
        self._sampler = threading.Thread(target=self._sample, daemon=True)
        for thread in (*self._threads, self._sampler):
            thread.start()

    def offer(self, order: WardOrder) -> bool:
        """Return whether the order was taken; False when enough wait already."""
        with self._lock:
            if self._waiting >= self._capacity:
                return False
            self._waiting += 1
        self._jobs.put(order)
        return True

    def close(self) -> None:
        """End the processes and wait for the threads."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()
        self._closed.set()
        self._sampler.join()

    def _serve(self) -> None:
        process: subprocess.Popen[bytes] | None = None
        while (order := self._jobs.get()) is not None:
            need = min(WORKER_BYTES + PAGE_BYTES * _pages_guessed(order), self._budget)
            with self._room:
                while self._free < need:  # a large ward waits until it can have the memory it needs
                    self._room.wait()
                self._free -= need
            try:
                files, process = self._ward(order, process)
            except Exception as error:  # a thread that dies would leave the caller waiting for ever
                files = _failed(order, f"{type(error).__name__}")
            finally:
                with self._room:
                    self._free += need
                    self._room.notify_all()
            with self._lock:
                self._waiting -= 1
            self.results.put(files)
        self._stop(process)

    def _ward(
        self, order: WardOrder, process: subprocess.Popen[bytes] | None
    ) -> tuple[WardFiles, subprocess.Popen[bytes] | None]:
        """Set one ward, with a new process when the last one died."""
        pack = order.pack
        code = pack.ward.code
        prefix = ward_prefix(code)
        paths = [self.folder / f"{prefix}-{part}.pdf" for part in ("1-couverture", "2-feuilles")]
        paths.append(forms_file(self.folder, prefix))
        digest = sheets_digest(pack, sheets_version(pack.language))
        kept = self._kept(code, digest)
        faults: tuple[Fault, ...] = ()
        coded = last_resort = False
        set_at = set_as = ""
        if kept:
            pages, set_at, set_as = kept.pages, kept.set_at, kept.set_as
        else:
            done, process = self._set(
                process, lambda attempt: SheetsJob(pack=pack, path=str(paths[1]), plain=attempt == TRIES)
            )
            if not done.pages:
                return _failed(order, done.error), process
            pages, faults, coded, last_resort = done.pages, done.faults, done.coded, done.last_resort
            self._count(done)
            if not last_resort:
                self._keep(code, digest, paths[1], pages, pack)
        if not order.forms_pages:
            # Whoever asks while new ones are being set must not get their file under the old numbers.
            paths[2].with_suffix(".json").unlink(missing_ok=True)
        cover_job = CoverJob(
            pack=pack,
            path=str(paths[0]),
            sheets_pages=pages,
            set_at=set_at,
            set_as=set_as,
            copies=order.copies,
            forms_path=str(paths[2]),
            forms_pages=order.forms_pages,
        )
        cover, process = self._set(process, lambda attempt: cover_job)
        if cover.pages:
            self._count(cover)
        else:  # the sheets of the ward are there: they must not wait for their cover
            paths[0].unlink(missing_ok=True)
        if not cover.forms_pages:
            forget_forms(paths[2])  # of an earlier printing: their numbers are spent
        elif not order.forms_pages:
            remember_forms(paths[2], order.copies, pages=cover.forms_pages, language=pack.language)
        bound, bound_pages = self._bind(order, prefix)
        made = (paths[0] if cover.pages else None, paths[1], paths[2] if cover.forms_pages else None)
        files = WardFiles(
            ward=code,
            pack=pack.id,
            paths=(*filter(None, made), *bound),
            cover_pages=cover.pages,
            sheets_pages=pages,
            forms_pages=cover.forms_pages,
            prints_pages=bound_pages,
            reused=kept is not None,
            coded=coded or cover.coded,
            faults=faults,
            last_resort=last_resort,
            error=cover.error,
        )
        return files, process

    def _set(
        self, process: subprocess.Popen[bytes] | None, job_of: Callable[[int], Job]
    ) -> tuple[Done, subprocess.Popen[bytes] | None]:
        """Return the answer to a job, asked again of a new process when one dies; `job_of` gets the attempt."""
        for attempt in range(1, TRIES + 1):
            process = process or self._start()
            done = self._ask(process, job_of(attempt))
            if done:
                return done, process
            self._stop(process, kill=True)
            process = None
        return Done(error="the setting process ended three times"), None

    def _count(self, done: Done) -> None:
        with self._lock:
            self.cpu_seconds += done.cpu_seconds
            self.pages_set += done.pages + (0 if done.forms_kept else done.forms_pages)

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "releve.paper.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        with self._lock:
            self.started += 1
            self._pids.add(process.pid)
        return process

    def _ask(self, process: subprocess.Popen[bytes], job: Job) -> Done | None:
        """Return the answer of a process, None when it died or took too long."""
        assert process.stdin
        assert process.stdout
        watchdog = threading.Timer(JOB_SECONDS_MAX, process.kill)
        watchdog.start()
        try:
            send(process.stdin, job)
            body = receive(process.stdout)
            return msgspec.msgpack.decode(body, type=Done) if body else None
        except (OSError, msgspec.MsgspecError):
            return None
        finally:
            watchdog.cancel()

    def _stop(self, process: subprocess.Popen[bytes] | None, *, kill: bool = False) -> None:
        if process is None:
            return
        if kill:
            process.kill()
        with self._lock:
            self._pids.discard(process.pid)
        assert process.stdin
        assert process.stdout
        with contextlib.suppress(OSError):
            process.stdin.close()
        process.wait()
        process.stdout.close()

    def _sample(self) -> None:
        """Keep the highest memory of the caller and its processes together."""
        while not self._closed.wait(0.1):
            with self._lock:
                pids = tuple(self._pids)
            total = rss_bytes(os.getpid()) + sum(map(family_bytes, pids))
            self.rss_peak_bytes = max(self.rss_peak_bytes, total)

    def _bind(self, order: WardOrder, prefix: str) -> tuple[list[Path], int]:
        """Copy the received prints behind the sheets; those of an earlier printing go."""
        bound = []
        for number, source in enumerate(order.prints, 1):
            target = self.folder / f"{prefix}-4-recu-{number}.pdf"
            write_whole(target, source.read_bytes())
            bound.append(target)
        for old in self.folder.glob(f"{prefix}-4-recu-*.pdf"):
            if old not in bound:
                old.unlink(missing_ok=True)
        return bound, sum(received.pages for received in order.pack.prints)

    def _kept(self, code: str, digest: str) -> _Kept | None:
        """Return the sheets of an earlier run when they still say what is true and lie there unharmed."""
        with self._lock:
            kept = self._manifest.wards.get(code)
        if not kept or kept.digest != digest:
            return None
        try:
            content = (self.folder / kept.file).read_bytes()
        except OSError:
            return None
        return kept if hashlib.sha256(content).hexdigest() == kept.file_sha256 else None

    def _keep(self, code: str, digest: str, path: Path, pages: int, pack: WardPack) -> None:
        kept = _Kept(
            digest=digest,
            file=path.name,
            file_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
            pages=pages,
            set_at=pack.printed_at,
            set_as=pack.id,
        )
        with self._lock:
            self._manifest.wards[code] = kept
            write_whole(self._manifest_path, msgspec.json.encode(self._manifest))

    def _read_manifest(self) -> _Manifest:
        try:
            return msgspec.json.decode(self._manifest_path.read_bytes(), type=_Manifest)
        except (OSError, msgspec.MsgspecError):
            return _Manifest()


def _pages_guessed(order: WardOrder) -> int:
    """Return about how many pages the largest document of a ward will have."""
    patients = len(order.pack.patients)
    lines = sum(len(sheet.lines) + len(sheet.results) for sheet in order.pack.patients)
    return max(6 + 3 * patients + lines // 40, len(order.copies))


def _failed(order: WardOrder, error: str) -> WardFiles:
    return WardFiles(ward=order.pack.ward.code, pack=order.pack.id, paths=(), error=error)
