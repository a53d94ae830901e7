"""A staged night: an island is made, lives a day, is cut while messages are in flight; then everything is checked.

It uses an island as its people do: command lines, sockets, the files of packs; the views are only read. What it
must find again is what the sockets acknowledged, kept apart in memory.
"""

import asyncio
import base64
import hashlib
import json
import os
import queue
import subprocess
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from releve.exercise.comparison import ViewsUnreachable, compare_views, read_packs, wait_until_folded
from releve.exercise.demo import demo_hospital
from releve.exercise.feed import Address, Counts, Feeder, Pace, parse_target
from releve.exercise.hospital_life import HospitalLife
from releve.exercise.night_work import WorkFailed, WorkFound, work_through_the_cut
from releve.exercise.truth import Snapshot, Truth
from releve.exercise.world import Emission
from releve.hospital.map import HospitalMap

_READY_SECONDS = 120.0
_FOLDED_SECONDS = 600.0
_OCCUPANCY = 0.93
# Life goes on a little beyond the cut, so that there is something on every line when it comes.
_BEYOND_HOURS = 0.5
# What was cut stays cut so long: the staff's acts have their real hours in there.
CUT_HOURS = 6.0
_IN_FLIGHT = 2

Steps = Callable[[str, int, int], None]


class NightFailed(Exception):
    """The night could not be played to its end; the words say where it stopped."""


@dataclass
class NightResult:
    """What was found in the morning. `problems` are sentences without patients' names."""

    counts: Counts
    identical: int = 0
    lost: int = 0
    stored: int = 0
    persons: int = 0
    encounters: int = 0
    present: int = 0
    pages: int = 0
    packs: int = 0  # wards whose pack came out
    files: int = 0
    work: WorkFound = field(default_factory=WorkFound)
    problems: list[str] = field(default_factory=list)

    @property
    def succeeded(self) -> bool:
        """Whether nothing acknowledged is lost or altered, packs came out, and nothing contradicts the truth."""
        return (
            self.lost == 0
            and self.identical == self.counts.acknowledged > 0
            and self.packs > 0
            and self.pages > 0
            and self.work.accounted == self.work.shift.acts
            and not self.problems
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the figures for a JSON line."""
        return {
            "sent": self.counts.sent, "acknowledged": self.counts.acknowledged, "identical": self.identical,
            "lost": self.lost, "persons": self.persons, "encounters": self.encounters, "pages": self.pages,
            "refused": self.counts.refused, "repeated": self.counts.repeated, "stored": self.stored,
            "present": self.present, "packs": self.packs, "files": self.files,
            "acts": self.work.shift.acts, "accounted": self.work.accounted, "owed": self.work.owed,
            "acts_refused": sum(self.work.shift.refused.values()), "sent_twice": self.work.shift.sent_twice,
            "kinds": dict(sorted(self.work.shift.recorded.items())), "problems": len(self.problems),
            "ok": self.succeeded,
        }  # fmt: skip

    def text(self) -> str:
        """Return the figures in words."""
        return (
            f"{self.counts.acknowledged:,} acknowledged of {self.counts.sent:,} sent; {self.identical:,} found byte "
            f"for byte, {self.lost:,} lost; {self.persons:,} persons, {self.encounters:,} encounters ({self.present:,} "
            f"present), {self.pages:,} pages in {self.packs} packs read back; {self.work.shift.acts:,} acts of staff "
            f"in six hours of cut, {self.work.accounted:,} of them in the account; {len(self.problems)} problems"
        )


def smaller(hospital: HospitalMap, patients: int) -> HospitalMap:
    """Return the hospital with beds for about so many patients in bed, spread over its wards; 0 leaves all."""
    wanted = round(patients / _OCCUPANCY)
    lying = {ward.code for ward in hospital.wards if ward.kind in ("inpatient", "critical")}
    if patients <= 0:
        return hospital
    share = min(1.0, wanted / max(1, sum(1 for bed in hospital.beds if bed.ward in lying)))
    kept, due = [], Counter[str]()
    seen = Counter[str]()
    for bed in hospital.beds:
        seen[bed.ward] += 1
        if due[bed.ward] < round(seen[bed.ward] * share):
            due[bed.ward] += 1
            kept.append(bed)
    return msgspec.structs.replace(hospital, beds=tuple(kept))


class Night:
    """One staged night. `command` is how `releve` is started here."""

    def __init__(
        self,
        data: Path,
        *,
        command: tuple[str, ...],
        hours: float = 24.0,
        patients: int = 0,
        seed: int = 1,
        staff_patients: int = 3,
        staff_wards: int = 0,
        password: str = "",
    ) -> None:
        self._data = data
        self._command = command
        self._hours = hours
        self._patients = patients
        self._seed = seed
        self._staff_patients = staff_patients
        self._staff_wards = staff_wards
        self._password = password
        self._truth = Truth()
        self._acknowledged: Counter[bytes] = Counter()  # SHA-256 of what the sockets acknowledged

    def run(self, now_us: int, steps: Steps) -> NightResult:
        """Play the night and return what was found.

        Raises:
            NightFailed: a step before the checks did not work.
        """
        hospital = demo_hospital()
        self._call("init", "--hospital", "demo", "--exercise")
        with tempfile.TemporaryFile() as hidden, self._island(hidden) as (web, where):
            counts, in_flight = asyncio.run(self._feed_and_cut(hospital, where, now_us, steps))
            result = NightResult(counts)
            self._check_journal(result, in_flight, steps)
            truth = self._truth.all()
            try:
                wait_until_folded(self._data, self._log_size(), _FOLDED_SECONDS, steps)
                compare_views(self._data, hospital, truth, result)
                self._check_packs(result, truth, steps)
            except ViewsUnreachable as error:
                raise NightFailed(str(error)) from error
            if self._staff_patients:
                self._work(hospital, web, now_us, result, steps)
            self._check_seals(result)
        return result

    def _work(
        self, hospital: HospitalMap, web: Address, now_us: int, result: NightResult, steps: Steps
    ) -> None:
        try:
            result.work = work_through_the_cut(
                self._call, (web.host, web.port), hospital, since_us=now_us - int(CUT_HOURS * 3_600_000_000),
                now_us=now_us, seed=self._seed, patients=self._staff_patients,
                wards_most=self._staff_wards, password=self._password, steps=steps,
            )  # fmt: skip
        except WorkFailed as error:
            raise NightFailed(str(error)) from error
        result.problems += result.work.problems

    # The island

    def _call(
        self, *arguments: str, check: bool = True, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        family, rest = arguments[0], arguments[1:]
        sub = () if family in ("init", "serve") else (rest[0],)
        command = [*self._command, family, *sub, "--data", str(self._data), *rest[len(sub) :]]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env={**os.environ, **(environment or {})}
        )
        if check and done.returncode:
            raise NightFailed(
                f"releve {' '.join((family, *sub))}: {done.stderr.strip()[-600:] or done.returncode}"
            )
        return done

    @contextmanager
    def _island(self, log: Any) -> Iterator[tuple[Address, Address]]:
        command = [
            *self._command,
            "serve",
            "--data",
            str(self._data),
            "--http",
            "127.0.0.1:0",
            "--mllp",
            "127.0.0.1:0",
        ]
        serving = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        lines: queue.Queue[str] = queue.Queue()
        assert serving.stdout is not None
        output = serving.stdout

        def listen() -> None:
            for line in output:
                lines.put(line)
            lines.put("")

        threading.Thread(target=listen, daemon=True).start()
        try:
            yield self._ready(lines, log)
        finally:
            serving.terminate()
            try:
                serving.wait(60)
            except subprocess.TimeoutExpired:
                serving.kill()
                serving.wait()

    def _ready(self, lines: "queue.Queue[str]", log: Any) -> tuple[Address, Address]:
        while True:
            try:
                line = lines.get(timeout=_READY_SECONDS)
            except queue.Empty:
                line = ""
            if not line:
                log.seek(0)
                raise NightFailed(
                    f"releve serve: expected `ready`; it said: {log.read()[-600:].decode(errors='replace')}"
                )
            if line.startswith("ready "):
                named = dict(part.split("=", 1) for part in line.split()[1:])
                return parse_target(named["http"]), parse_target(named["mllp"].split(",")[0])

    # The day, and the cut

    async def _feed_and_cut(
        self, hospital: HospitalMap, where: Address, now_us: int, steps: Steps
    ) -> tuple[Counts, list[Emission]]:
        lived = self._hours + _BEYOND_HOURS
        after = CUT_HOURS if self._staff_patients else _BEYOND_HOURS
        cut_us = now_us - int(after * 3_600_000_000)
        start_us = cut_us - int(self._hours * 3_600_000_000)
        start = datetime.fromtimestamp(start_us // 1_000_000, UTC)
        life = HospitalLife(
            smaller(hospital, self._patients), seed=self._seed, start=start, occupancy=_OCCUPANCY
        )

        cuts: list[asyncio.Task[None]] = []

        def cut_soon() -> None:
            # Not at a quiet moment: while several lines wait for their answers.
            if not cuts:
                cuts.append(asyncio.get_running_loop().create_task(feeder.cut_when_busy(_IN_FLIGHT)))

        def day() -> Iterator[Emission]:
            held: Emission | None = None
            for emission in life.run(lived):
                if held is not None:
                    if held.at_us >= cut_us:
                        cut_soon()
                    yield held
                held = emission
            if held is not None:
                cut_soon()  # a small hospital may say nothing after the hour of the cut: its last word is cut
                yield held

        def acknowledged(emission: Emission) -> None:
            self._truth.remember(emission)
            self._acknowledged[hashlib.sha256(emission.payload).digest()] += 1
            if feeder.counts.acknowledged % 200 == 0:
                share = (emission.at_us - start_us) / (cut_us - start_us)
                steps("a day of the hospital", int(100 * min(1.0, max(0.0, share))), 100)

        feeder = Feeder(day(), where, Pace(start_us=start_us, speed=0.0), acknowledged=acknowledged)
        counts = await feeder.run()
        if not feeder.is_cut:
            raise NightFailed("feed: expected the day to be cut, but it ended before")
        return counts, list(feeder.in_flight.values())

    # The morning

    def _log_size(self) -> int:
        told = json.loads(self._call("journal", "stats", "--json").stdout.splitlines()[-1])
        return int(told["logs"][-1]["entries"])

    def _check_journal(self, result: NightResult, in_flight: list[Emission], steps: Steps) -> None:
        """Every acknowledged message is there, byte for byte, as often as it was acknowledged."""
        stored: Counter[bytes] = Counter()
        command = [*self._command, "journal", "cat", "--data", str(self._data), "--kind", "message.hl7v2"]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as reading:
            assert reading.stdout is not None
            for line in reading.stdout:
                stored[hashlib.sha256(base64.b64decode(json.loads(line)["raw"])).digest()] += 1
                result.stored += 1
                if result.stored % 500 == 0:
                    steps("journal read back", result.stored, max(result.stored, result.counts.acknowledged))
        if reading.returncode:
            raise NightFailed(f"releve journal cat: ended with {reading.returncode}")
        for digest, times in self._acknowledged.items():
            found = min(times, stored[digest])
            result.identical += found
            result.lost += times - found
        # What was cut before its answer may be there or not; what is there belongs to the truth as well.
        spare = result.counts.repeated
        surplus = stored - self._acknowledged
        for emission in in_flight:
            digest = hashlib.sha256(emission.payload).digest()
            if surplus[digest]:
                surplus[digest] -= 1
                self._truth.remember(emission)
        if sum(surplus.values()) > spare:
            result.problems.append(
                f"journal: {sum(surplus.values())} messages more than were sent, expected at most {spare}"
            )

    def _check_packs(self, result: NightResult, truth: Snapshot, steps: Steps) -> None:
        with tempfile.TemporaryDirectory(prefix="releve-night-") as folder:
            done = self._call("packs", "print", "--out", folder, "--json", check=False)
            if done.returncode:
                result.problems.append(
                    f"releve packs print: ended with {done.returncode}: {done.stderr.strip()[-300:]}"
                )
                return
            told = json.loads(done.stdout.splitlines()[-1])
            result.packs = int(told["wards"])
            read_packs(Path(folder), truth, result, steps)
            if result.pages != int(told["pages"]):
                result.problems.append(
                    f"packs: expected the {told['pages']} pages announced, read {result.pages}"
                )

    def _check_seals(self, result: NightResult) -> None:
        done = self._call("journal", "verify", "--json", check=False)
        if done.returncode:
            result.problems.append(f"releve journal verify: {done.stderr.strip()[-300:] or done.returncode}")
