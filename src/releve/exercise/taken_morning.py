"""The morning after one of three islands was taken: what is compared, act by act and byte by byte."""

import hashlib
import json
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from releve.exercise.attacker import ACCOUNT, PASSWORD
from releve.exercise.browser import Browser
from releve.exercise.comparison import compare_views, pages_of
from releve.exercise.day import Fed
from releve.exercise.feed import Counts
from releve.exercise.night import Steps
from releve.exercise.night_result import NightResult
from releve.exercise.night_work import account_of, unequal
from releve.exercise.shift import ShiftResult
from releve.exercise.three_islands import Island, Islands
from releve.exercise.truth import Truth
from releve.hospital.map import HospitalMap
from releve.journal.folder import log_path
from releve.journal.reader import LogReader
from releve.web.words import counted

__all__ = ["Morning", "TakenResult", "forged_rows", "held_by"]

_MESSAGE = "message.hl7v2"
_PAGE = 500


@dataclass
class TakenResult:
    """What was found in the morning. `problems` are sentences without patients' names."""

    sent: int = 0
    acknowledged: int = 0
    refused: int = 0
    repeated: int = 0
    identical: int = 0  # acknowledged messages that stand byte for byte on every island
    lost: int = 0
    persons: int = 0
    encounters: int = 0
    pages: int = 0
    packs: int = 0
    acts: int = 0  # confirmed to staff, on whatever island
    accounted: int = 0
    owed: int = 0
    lost_with_island: int = 0  # acts confirmed by the island that was taken, after its cable was pulled
    kept: int = 0  # acts of that island that the others had before
    forged: int = 0
    forged_until_line: int = (
        0  # the most of it that stood in a survivor's views before managers drew the line
    )
    forged_in_force: int = 0
    evidence: int = 0
    line: int = 0
    written: int = 0  # entries of the taken island's log when it was taken
    reborn: bool = False
    views_equal: bool = False
    seconds: int = 0
    recorded: Counter[str] = field(default_factory=Counter)
    acts_refused: int = 0
    sent_twice: int = 0
    problems: list[str] = field(default_factory=list)

    def add_shift(self, origin: str, found: ShiftResult) -> None:
        """Count what people did on an island."""
        self.recorded += found.recorded
        self.acts += found.acts
        self.acts_refused += sum(found.refused.values())
        self.sent_twice += found.sent_twice
        self.problems += [f"{origin}: {problem}" for problem in found.problems]

    @property
    def succeeded(self) -> bool:
        """Whether nothing is lost but what was on the lost island alone, nothing forged counts, and all are equal."""
        return (
            self.lost == 0
            and self.identical == self.acknowledged > 0
            and self.accounted + self.lost_with_island == self.acts > 0
            and self.forged > 0
            and self.forged_in_force == 0
            and min(self.pages, self.packs, self.kept) > 0
            and self.reborn
            and self.views_equal
            and not self.problems
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the figures for a JSON line."""
        return {
            "sent": self.sent, "acknowledged": self.acknowledged, "identical": self.identical, "lost": self.lost,
            "persons": self.persons, "encounters": self.encounters, "pages": self.pages, "islands": 3,
            "acts": self.acts, "accounted": self.accounted, "lost_with_island": self.lost_with_island,
            "kept_of_island": self.kept, "forged": self.forged, "forged_until_line": self.forged_until_line,
            "forged_in_force": self.forged_in_force, "evidence": self.evidence, "reborn": self.reborn,
            "views_equal": self.views_equal, "seconds": self.seconds, "refused": self.refused,
            "repeated": self.repeated, "packs": self.packs, "owed": self.owed, "acts_refused": self.acts_refused,
            "sent_twice": self.sent_twice, "kinds": dict(sorted(self.recorded.items())),
            "problems": len(self.problems), "ok": self.succeeded,
        }  # fmt: skip

    def text(self) -> str:
        """Return the figures in words; what died with the island is never left out."""
        return (
            f"{self.acknowledged:,} acknowledged of {self.sent:,} sent; {self.identical:,} found byte for byte on all "
            f"three islands, {self.lost:,} lost; {counted(self.persons, 'person')}, "
            f"{counted(self.encounters, 'encounter')}\n"
            f"{counted(self.acts, 'act')} of staff, {self.accounted:,} of them in the account; lost with island C: "
            f"{counted(self.lost_with_island, 'act')}, done between the pulled cable (01:40) and 02:00, to "
            f"be typed again from paper; kept of C, as others held them: {counted(self.kept, 'act')}\n"
            f"{counted(self.forged, 'entry')} forged with C's keys, {self.forged_until_line:,} of them shown "
            "until the line "
            f"was drawn, {self.forged_in_force:,} in force in the morning; "
            f"{self.evidence:,} refusals kept as evidence\n"
            f"C {'is reborn' if self.reborn else 'IS NOT REBORN'}; the views of the three are "
            f"{'equal' if self.views_equal else 'NOT EQUAL'}; {counted(self.pages, 'page')} in "
            f"{counted(self.packs, 'pack')} read back; "
            f"{self.seconds} s; {counted(len(self.problems), 'problem')}"
        )


def held_by(data: Path, origin: str, epoch: int = 1) -> int:
    """Return how many entries of a log stand in a data folder."""
    with LogReader(log_path(data, origin, epoch)) as reader:
        return reader.size


def forged_rows(island: Island, origin: str, line: int) -> int:
    """Return how many entries of a log at or beyond the line have anything in an island's views.

    What is said of islands is kept there whoever said it, beside the signatures that it would need: that is looked at
    by its effect.
    """
    rows = island.ask(
        'SELECT count(DISTINCT "index") FROM views_subject_entry WHERE log = ? AND "index" >= ? '
        "AND subject NOT LIKE 'island:%'",
        f"{origin}/1",
        line,
    )
    return int(rows[0][0]) if rows else 0


class Morning:
    """Looks at three islands; `fed` is what each was given, `taken` the origin of the one that was lost.

    `wards`: whose packs are set on which island.
    """

    def __init__(
        self,
        islands: Islands,
        hospital: HospitalMap,
        fed: Mapping[str, Fed],
        taken: str,
        wards: Mapping[str, Sequence[str]],
        result: TakenResult,
    ) -> None:
        self._islands, self._hospital, self._fed, self._taken = islands, hospital, fed, taken
        self._result = result
        self._wards = wards
        self._lost_kinds: Counter[str] = Counter()
        self._kept: list[str] = []

    def compare_with_truth(self, truth: Truth) -> None:
        """Hold the views of every island against what the hospital said, before anybody works."""
        result = self._result
        for origin, fed in self._fed.items():
            counts = fed.counts
            result.sent += counts.sent
            result.acknowledged += counts.acknowledged
            result.refused += counts.refused
            result.repeated += counts.repeated
            # What was cut before its answer may be there or not; what is there belongs to the truth as well.
            stored = _messages(self._islands[origin].data, origin)
            surplus = stored - fed.acknowledged
            for emission in fed.in_flight:
                digest = hashlib.sha256(emission.payload).digest()
                if surplus[digest]:
                    surplus[digest] -= 1
                    truth.remember(emission)
            if surplus.total() > counts.repeated:
                result.problems.append(f"{origin}: {surplus.total()} messages more than were sent")
        snapshot = truth.all()
        for origin, island in self._islands.islands.items():
            found = NightResult(Counts())
            compare_views(island.data, self._hospital, snapshot, found)
            result.persons, result.encounters = found.persons, found.encounters
            result.problems += [f"{origin}: {problem}" for problem in found.problems]

    def lost(self, stolen: Path, line: int, written: int, counted: Counter[str]) -> None:
        """Note what died with the island: `counted` by its staff, found in its log from the line on."""
        result = self._result
        result.line, result.written = line, written
        result.lost_with_island, self._lost_kinds = counted.total(), counted
        acts = _acts(stolen, self._taken, set(result.recorded))
        self._kept = [f"{self._taken}/1#{index}" for index, _ in acts if index < line]
        found = Counter(kind for index, kind in acts if index >= line)
        if found != +counted:
            result.problems.append(
                f"{self._taken}: {found.total()} acts beyond the line, its staff counted {counted.total()}"
            )

    def look(self, steps: Steps) -> None:
        """Compare everything."""
        result = self._result
        self._messages_everywhere()
        self._same_bytes()
        for number, island in enumerate(self._islands.islands.values()):
            steps("the morning", number, len(self._islands.islands))
            self._kept_here(island)
            self._forged_here(island)
            self._packs(island)
            self._verify(island)
        self._views()
        kinds, result.owed = account_of(self._islands["a"].call, result.problems)
        expected = result.recorded - self._lost_kinds
        result.accounted = sum(min(number, kinds[kind]) for kind, number in expected.items())
        result.problems += unequal(expected, kinds)

    def _verify(self, island: Island) -> None:
        """Every seal holds, but that of two histories of one log.

        A survivor that was told another one than the new island was made from finds that the new epoch does not follow
        what stands here of the old: that is true, and stays.
        """
        done = island.call("journal", "verify", "--json", check=False)
        expected = f"{self._taken}/2 entry 0: expected a checkpoint of {self._taken}/1"
        found = [line for line in done.stderr.splitlines() if line.strip() and expected not in line]
        if done.returncode and (found or island.origin == self._taken):
            self._result.problems.append(f"{island.origin}: journal verify: {done.stderr.strip()[-300:]}")

    def _messages_everywhere(self) -> None:
        result = self._result
        for origin, fed in self._fed.items():
            end = result.line if origin == self._taken else None
            stored = [_messages(one.data, origin, end) for one in self._islands.islands.values()]
            for digest, times in fed.acknowledged.items():
                found = min(times, *(there[digest] for there in stored))
                result.identical += found
                result.lost += times - found

    def _same_bytes(self) -> None:
        """Each log is the same, entry by entry, on all three, as far as it is trusted."""
        islands = list(self._islands.islands.values())
        for origin in self._islands.islands:
            end = (
                self._result.line
                if origin == self._taken
                else min(held_by(one.data, origin) for one in islands)
            )
            if len({_bytes_of(one.data, origin, end) for one in islands}) != 1:
                self._result.problems.append(
                    f"{origin}/1: expected the same {end} entries on all three islands"
                )

    def _kept_here(self, island: Island) -> None:
        shown = {row[0] for row in island.ask("SELECT entry FROM record_act")}
        missing = [place for place in self._kept if place not in shown]
        self._result.kept = len(self._kept)
        if missing:
            self._result.problems.append(
                f"{island.origin}: {len(missing)} acts of the taken island are not shown, though they were held"
            )

    def _forged_here(self, island: Island) -> None:
        result = self._result
        result.forged_in_force += forged_rows(island, self._taken, result.line)
        with Browser(island.web.host, island.web.port) as browser:
            if browser.sign_in(ACCOUNT, PASSWORD):
                result.forged_in_force += 1
                result.problems.append(f"{island.origin}: the forged account was let in")
        told = island.told("downtime", "status")
        wards = {ward.code for ward in self._hospital.wards}
        up = [
            one.code
            for one in self._hospital.applications
            if wards
            - {
                ward
                for line in told["applications"]
                if line["application"] == one.code and line["status"] == "down"
                for ward in line["wards"]
            }
        ]
        if up:
            result.forged_in_force += 1
            result.problems.append(
                f"{island.origin}: {len(up)} applications do not count as cut in all wards"
            )
        for line in island.told("islands", "list")["islands"]:
            if line["origin"] != self._taken and (line["cuts"] or not line["belongs"]):
                result.forged_in_force += 1
                result.problems.append(f"{island.origin}: a forged line against {line['origin']} counts")

    def _views(self) -> None:
        found = {origin: one.told("views", "hash") for origin, one in self._islands.islands.items()}
        self._result.views_equal = len({told["hash"] for told in found.values()}) == 1
        if not self._result.views_equal:
            rows = {origin: (told["rows"], told["positions"]) for origin, told in found.items()}
            tables = [told["tables"] for told in found.values()]
            differ = [name for name in tables[0] if len({str(one.get(name)) for one in tables}) > 1]
            self._result.problems.append(f"views: expected one hash, they differ in {differ} ({rows})")

    def _packs(self, island: Island) -> None:
        """Set the packs of the wards this island keeps; every page has words."""
        result = self._result
        kept = self._wards[island.origin]
        wards = [word for ward in kept for word in ("--ward", ward)]
        with tempfile.TemporaryDirectory(prefix="releve-night-") as folder:
            done = island.call("packs", "print", *wards, "--out", folder, "--json", check=False)
            if done.returncode:
                result.problems.append(f"{island.origin}: packs print: {done.stderr.strip()[-300:]}")
                return
            told = json.loads(done.stdout.splitlines()[-1])
            pages = 0
            for path in sorted(Path(folder).rglob("*.pdf")):
                read = pages_of(path)
                pages += len(read)
                if not all(page.strip() for page in read):
                    result.problems.append(f"{island.origin}: {path.name}: expected words on every page")
            if pages != int(told["pages"]) or int(told["wards"]) != len(kept):
                result.problems.append(
                    f"{island.origin}: expected packs of {len(kept)} wards, {told['pages']} pages; read {pages}"
                )
            result.pages += pages
            result.packs += int(told["wards"])


def _messages(data: Path, origin: str, end: int | None = None) -> Counter[bytes]:
    """Return the SHA-256 of every message in a log, before entry `end`, and how often it is there."""
    found: Counter[bytes] = Counter()
    with LogReader(log_path(data, origin, 1), data / "blobs") as reader:
        start, last = 0, reader.size if end is None else end
        while start < last and (page := reader.read(start, _PAGE)):
            found.update(
                hashlib.sha256(one.body).digest() for one in page if one.kind == _MESSAGE and one.index < last
            )
            start = page[-1].index + 1
    return found


def _acts(data: Path, origin: str, kinds: set[str]) -> list[tuple[int, str]]:
    """Return index and kind of the staff's acts in a log."""
    found = []
    with LogReader(log_path(data, origin, 1), data / "blobs") as reader:
        start = 0
        while page := reader.read(start, _PAGE, lane="act"):
            found += [(one.index, one.kind) for one in page if one.kind in kinds]
            start = page[-1].index + 1
    return found


def _bytes_of(data: Path, origin: str, end: int) -> str:
    told = hashlib.sha256()
    query = "SELECT idx, stored, leaf, blob FROM entry WHERE idx < ? ORDER BY idx"
    with LogReader(log_path(data, origin, 1)) as reader:
        for row in reader.connection.execute(query, (end,)):
            told.update(repr(row).encode())
    return told.hexdigest()
