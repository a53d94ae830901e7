"""The packs of an island: set on demand, on schedule, at a cut and on request, printed, and what came out recorded.

`set_packs` and `print_packs` do one printing; `packs_process.py` does them when they are due.
Needs Django (`prepare_django`) before it is imported.
"""

import contextlib
import fcntl
import hashlib
import ipaddress
import logging
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from releve.app.certificate import certificate_paths, fingerprint, local_addresses
from releve.app.clock import now_us
from releve.app.mark import is_exercise
from releve.app.settings import IslandSettings, read_settings
from releve.hospital.map import Directory
from releve.journal.client import Recorder
from releve.journal.entry import Draft
from releve.journal.errors import JournalError
from releve.paper.facts import FormNumbersTaken, PackNumberTaken, PackSet, PacksSet, PaperPrinted, encode
from releve.paper.forms import FormCopy, FormNumbers, copies, usual_counts
from releve.paper.gather import Gathering, gather
from releve.paper.lying import LyingForms, forms_file, give_back_forms, lying_forms, taken_forms
from releve.paper.numbers import Counters, drafts_of, numbers_lock, read_counters
from releve.paper.pack import IslandReach, Occasion
from releve.paper.press import PressReport, WardFiles, WardOrder, press, ward_prefix
from releve.paper.printers import Printed, PrinterAddress, print_document
from releve.paper.received import bind
from releve.web.database import follow_views
from releve.web.words import counted

__all__ = ["PacksReport", "Printing", "packs_folder", "print_packs", "set_packs"]

log = logging.getLogger("releve.packs")
Progress = Callable[[str, int, int], None]
# Forms that lie ready still do while a ward has not grown by more than a third.
ENOUGH = 0.75


class PacksReport(msgspec.Struct, frozen=True, kw_only=True):
    """What one printing set. `problems` are words for a person; none of them holds a patient's value."""

    folder: Path
    wards: tuple[WardFiles, ...]
    patients: int
    pages: int
    pages_set: int
    seconds: float
    cpu_seconds: float
    rss_peak_bytes: int
    set_again: tuple[str, ...]
    problems: tuple[str, ...] = ()
    printed: tuple[Printed, ...] = ()

    @property
    def complete(self) -> bool:
        """Return whether every ward came out, and on paper where that was asked."""
        return all(not files.error and files.paths for files in self.wards) and all(
            one.done for one in self.printed
        )


class Printing(msgspec.Struct, frozen=True, kw_only=True):
    """One printing: for whom, why, with how many processes; `by` is the account of who asked."""

    wards: tuple[str, ...] | None = None
    occasion: Occasion = "demand"
    forms: bool = True
    by: str = ""
    workers: int = 2
    language: str = ""


def packs_folder(data: Path) -> Path:
    """Return where the packs lie ready."""
    return data / "packs"


def set_packs(
    data: Path,
    printing: Printing | None = None,
    *,
    recorder: Recorder | None = None,
    folder: Path | None = None,
    progress: Progress | None = None,
    now_ms: int | None = None,
) -> PacksReport:
    """Set the packs of an island and return what came out; only sheets that changed are set again.

    `recorder` records numbers and outcome; without one the packs come out all the same, without numbered forms.
    `folder` is DATA/packs when not given.

    Raises:
        NoViews, UnknownWard: see `releve.paper.gather`.
    """
    printing = printing or Printing()
    folder = folder or packs_folder(data)
    now = now_ms if now_ms is not None else now_us() // 1000
    settings = read_settings(data)
    follow_views()
    gathering = gather(now_ms=now, wards=printing.wards, language=printing.language)
    problems: list[str] = []
    with _folder_lock(folder), tempfile.TemporaryDirectory(prefix=".recu-", dir=_made(folder)) as bound:
        # What lies elsewhere, on a stick, may have been printed by hand: only our own folder knows what left it.
        lying = _lying(gathering, folder) if folder == packs_folder(data) else {}
        counters, forms = _numbers(data, gathering, printing, recorder, problems, lying)
        orders = _Orders(
            data=data,
            gathering=gathering,
            printing=printing,
            counters=counters,
            forms=forms,
            lying=lying,
            reach=_reach(data, settings),
            bound=Path(bound),
            now_ms=now,
            problems=problems,
        )
        done: list[WardFiles] = []

        def note(files: WardFiles) -> None:
            done.append(files)
            if progress is not None:
                progress("wards", len(done), len(gathering.wards))

        report = press(orders, folder, workers=printing.workers, on_progress=note)
    return _reported(report, orders, printing, folder, now, recorder, problems)


def print_packs(
    report: PacksReport,
    directory: Directory,
    printer: str,
    *,
    recorder: Recorder | None = None,
    progress: Progress | None = None,
) -> PacksReport:
    """Send what was set to printers and return the report with what came out; every outcome is recorded.

    `printer` is a code of the map, an address (`10.0.0.5:9100`, `cups:NAME`), or `ward` for each ward's own; when it
    fails the ward's other printers are tried.
    """
    outcomes: list[Printed] = []
    problems = list(report.problems)
    for number, files in enumerate(report.wards, 1):
        printers = printers_for(files.ward, printer, directory)
        if not printers:
            problems.append(f"{files.ward}: expected a printer on the map for this ward")
        drafts: list[Draft] = []
        for path in files.paths:
            with contextlib.ExitStack() as stack:
                taken, source = None, path
                if "-3-" in path.name:  # its numbers must not come out twice: nobody else has them meanwhile
                    taken = stack.enter_context(taken_forms(path))
                    if taken is None:
                        problems.append(f"{files.ward}: {path.name} was saved by hand meanwhile")
                        continue
                    source = taken.path
                digest = hashlib.sha256(source.read_bytes()).hexdigest()
                outcome = print_document(source, _pages(files, path), printers, once=taken is not None)
                # Some pages may be out of a printer that broke off: their numbers are spent, so all are.
                if taken is not None and not any(one.sent_bytes for one in outcome.attempts):
                    give_back_forms(taken, path)
            outcomes.append(outcome)
            drafts.append(_printed(files, path, digest, outcome))
            if not outcome.done:
                problems.append(
                    f"{files.ward}: {path.name} did not come out: {outcome.error or 'no printer'}"
                )
        _record(recorder, drafts, problems)
        if progress is not None:
            progress("printed", number, len(report.wards))
    return msgspec.structs.replace(report, problems=tuple(problems), printed=tuple(outcomes))


def printers_for(ward: str, printer: str, directory: Directory) -> tuple[PrinterAddress, ...]:
    """Return where a ward's pack goes: the printer asked for, then the ward's own, then the one that stands in."""
    chosen: list[PrinterAddress] = []
    if printer and printer != "ward":
        found = directory.printers.get(printer)
        chosen.append(PrinterAddress(code=printer, address=found.address if found is not None else printer))
    chosen += [
        PrinterAddress(code=one.code, address=one.address)
        for one in directory.printers_of(ward)
        if one.address
    ]
    return tuple({one.address: one for one in reversed(chosen)}.values())[::-1]


class _Orders:
    """The wards one after the other, each read when the press has room for it; a bad one is a problem, not an end."""

    def __init__(
        self,
        *,
        data: Path,
        gathering: Gathering,
        printing: Printing,
        counters: Counters | None,
        forms: dict[str, tuple[FormCopy, ...]],
        lying: dict[str, LyingForms],
        reach: IslandReach | None,
        bound: Path,
        now_ms: int,
        problems: list[str],
    ) -> None:
        self._data, self._gathering, self._printing = data, gathering, printing
        self._counters, self._forms, self._lying, self._reach = counters, forms, lying, reach
        self._bound, self._now_ms, self._problems = bound, now_ms, problems
        self._exercise = is_exercise(data)
        self.patients: dict[str, int] = {}
        self.data_at: dict[str, str] = {}
        self.failed: list[WardFiles] = []

    def __iter__(self) -> Iterator[WardOrder]:
        for code in self._gathering.wards:
            try:
                yield self._order(code)
            except Exception as error:  # one ward must never keep the others from their packs
                # Only the kind of error: its text could carry a patient's value.
                log.exception("ward %s: could not be gathered", code) if log.isEnabledFor(
                    logging.DEBUG
                ) else None
                self._problems.append(f"{code}: could not be read from the views ({type(error).__name__})")
                self.failed.append(
                    WardFiles(ward=code, pack="", paths=(), error=f"gather: {type(error).__name__}")
                )

    def _order(self, code: str) -> WardOrder:
        pack_id = self._counters.pack_id(code) if self._counters else _unnumbered(code, self._now_ms)
        gathered = self._gathering.ward(
            code,
            pack_id=pack_id,
            printed_ms=self._now_ms,
            occasion=self._printing.occasion,
            exercise=self._exercise,
            reach=self._reach,
        )
        pack = gathered.pack
        bound = bind(
            self._data,
            gathered.prints,
            self._bound,
            self._gathering.frame,
            ward=pack.ward.code,
            exercise=self._exercise,
        )
        if bound.prints:
            pack = msgspec.structs.replace(pack, prints=bound.prints)
        self.patients[pack.ward.code] = len(pack.patients)
        self.data_at[pack.ward.code] = pack.data_at
        new, lies = self._forms.get(code, ()), self._lying.get(code)
        if new or lies is None or not (self._printing.forms or self._printing.occasion == "schedule"):
            return WardOrder(pack=pack, copies=new, prints=bound.paths)
        return WardOrder(pack=pack, copies=lies.copies, forms_pages=lies.pages, prints=bound.paths)


def _reported(
    report: PressReport,
    orders: _Orders,
    printing: Printing,
    folder: Path,
    now_ms: int,
    recorder: Recorder | None,
    problems: list[str],
) -> PacksReport:
    wards = (*report.wards, *orders.failed)
    for files in report.wards:
        if files.error:
            problems.append(f"{files.ward}: {files.error}")
        if files.last_resort:
            problems.append(f"{files.ward}: its sheets could not be set; a plain list stands for them")
        if files.faults:
            problems.append(
                f"{files.ward}: {counted(len(files.faults), 'sheet')} replaced by a page that says why"
            )
    fact = PacksSet(
        occasion=printing.occasion,
        set_at_ms=now_ms,
        seconds=round(report.seconds, 1),
        by=printing.by,
        packs=tuple(
            PackSet(
                ward=files.ward,
                pack=files.pack,
                patients=orders.patients.get(files.ward, 0),
                pages=files.pages,
                data_at=orders.data_at.get(files.ward, ""),
                reused=files.reused,
                replaced=len(files.faults),
                last_resort=files.last_resort,
                error=files.error,
            )
            for files in wards
        ),
    )
    _record(
        recorder, [Draft(kind="paper.set.1", body=encode(fact), source="paper", author=printing.by)], problems
    )
    return PacksReport(
        folder=folder,
        wards=wards,
        patients=sum(orders.patients.values()),
        pages=report.pages,
        pages_set=report.pages_set,
        seconds=report.seconds,
        cpu_seconds=report.cpu_seconds,
        rss_peak_bytes=report.rss_peak_bytes,
        set_again=tuple(files.ward for files in report.wards if not files.reused and not files.error),
        problems=tuple(problems),
    )


def _numbers(
    data: Path,
    gathering: Gathering,
    printing: Printing,
    recorder: Recorder | None,
    problems: list[str],
    lying: dict[str, LyingForms],
) -> tuple[Counters | None, dict[str, tuple[FormCopy, ...]]]:
    """Take the number of this printing and those of its forms; recorded before anything is set."""
    if recorder is None:
        problems.append("the journal could not be written: packs without numbered forms")
        return None, {}
    try:
        with numbers_lock(data):
            counters = read_counters(data)
            taken: list[PackNumberTaken | FormNumbersTaken] = [
                PackNumberTaken(
                    prefix=counters.prefix,
                    number=counters.printing,
                    occasion=printing.occasion,
                    wards=gathering.wards,
                    by=printing.by,
                )
            ]
            forms: dict[str, tuple[FormCopy, ...]] = {}
            if printing.forms:
                forms, facts = _forms(gathering, counters, problems, lying)
                taken += facts
            recorder.append(drafts_of(*taken))
            return counters, forms
    except JournalError as error:
        problems.append(f"the journal could not be written: packs without numbered forms ({error})")
        return None, {}


def _lying(gathering: Gathering, folder: Path) -> dict[str, LyingForms]:
    """Return the forms that lie ready, unprinted, and are enough for their ward."""
    found = {}
    for code in gathering.wards:
        forms = lying_forms(forms_file(folder, ward_prefix(code)), language=gathering.frame.language)
        needed = sum(usual_counts(len(gathering.present.get(code, ()))).values())
        if forms is not None and len(forms.copies) >= needed * ENOUGH:
            found[code] = forms
    return found


def _forms(
    gathering: Gathering, counters: Counters, problems: list[str], lying: dict[str, LyingForms]
) -> tuple[dict[str, tuple[FormCopy, ...]], list[FormNumbersTaken]]:
    """Return the newly numbered forms of each ward where none lie ready, and the facts that take their numbers."""
    left: FormNumbers = counters.forms()
    forms: dict[str, tuple[FormCopy, ...]] = {}
    facts = []
    for code in gathering.wards:
        if code in lying:
            continue
        counts = usual_counts(len(gathering.present.get(code, ())))
        first = left.first
        # The hospital number that an admission form reserves is its own form's: unique as that is.
        reserved = tuple(f"P-{left.prefix}-{first + n:06d}" for n in range(counts["ADM1"]))
        try:
            forms[code], left = copies(counts, left, reserved)
        except ValueError:
            problems.append(f"{code}: form numbers: expected some left of {counters.prefix}")
            break
        facts.append(
            FormNumbersTaken(
                ward=code,
                pack=counters.pack_id(code),
                prefix=left.prefix,
                first=first,
                last=left.first - 1,
            )
        )
    return forms, facts


def _record(recorder: Recorder | None, drafts: Sequence[Draft], problems: list[str]) -> None:
    """Record what came out; paper that lies there is not undone by a journal that cannot be written."""
    if recorder is None or not drafts:
        return
    try:
        recorder.append(drafts)
    except JournalError as error:
        problems.append(f"what came out could not be recorded: {error}")


def _printed(files: WardFiles, path: Path, digest: str, outcome: Printed) -> Draft:
    last = outcome.attempts[-1] if outcome.attempts else None
    fact = PaperPrinted(
        ward=files.ward,
        pack=files.pack,
        document=path.name,
        digest=digest,
        pages=outcome.pages,
        printer=outcome.printer or (last.printer if last else ""),
        outcome="printed" if outcome.done else "failed",
        printed_at_ms=last.at_ms if last else now_us() // 1000,
        job=last.job if last else "",
        # What failed before the printer that took it is worth knowing too.
        error=" ; ".join(f"{one.printer}: {one.error}" for one in outcome.attempts if one.error),
    )
    return Draft(kind="paper.printed.1", body=encode(fact), source="paper")


def _pages(files: WardFiles, path: Path) -> int:
    part = path.name.rsplit("-", 1)[0] if "-recu-" in path.name else path.stem
    for ending, pages in (
        ("-1-couverture", files.cover_pages), ("-2-feuilles", files.sheets_pages),
        ("-3-formulaires", files.forms_pages),
    ):  # fmt: skip
        if part.endswith(ending):
            return pages
    return files.prints_pages


def _reach(data: Path, settings: IslandSettings) -> IslandReach | None:
    """Return how a laptop reaches this island, None before it has a certificate."""
    if not certificate_paths(data)[0].is_file():
        return None
    host, _colon, port = settings.web.listen.rpartition(":")
    host = host.strip("[]")
    outside = [one for one in local_addresses() if not ipaddress.ip_address(one).is_loopback]
    if host in ("0.0.0.0", "::", ""):
        names = [*settings.web.names, *outside]
        host, others = (names[0], names[1:]) if names else ("localhost", [])
    else:
        others = list(settings.web.names)
    scheme = "http" if host in ("localhost", "127.0.0.1", "::1") else "https"
    return IslandReach(
        name=settings.island.name,
        address=_address(scheme, host, port),
        fingerprint=fingerprint(data),
        others=tuple(_address("https", one, port) for one in others),
    )


def _address(scheme: str, host: str, port: str) -> str:
    shown = f"[{host}]" if ":" in host else host
    usual = {"https": "443", "http": "80"}[scheme]
    return f"{scheme}://{shown}/" if port == usual else f"{scheme}://{shown}:{port}/"


def _unnumbered(code: str, now_ms: int) -> str:
    """Return a pack's mark when no number could be taken: the second in which it was set."""
    return f"{code}-T{now_ms // 1000}"


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextlib.contextmanager
def _folder_lock(folder: Path) -> Iterator[None]:
    """Hold the folder: the process and a command must not set the same files at once."""
    with (_made(folder) / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
