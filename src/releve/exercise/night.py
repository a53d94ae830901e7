"""A staged night: an island is made, lives a day, is cut while messages are in flight; then everything is checked.

It uses an island as its people do: command lines, sockets, the files of packs; the views are only read. What it
must find again is what the sockets acknowledged, kept apart in memory.
"""

import asyncio
import base64
import hashlib
import json
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from releve.exercise.comparison import ViewsUnreachable, compare_views, read_packs, wait_until_folded
from releve.exercise.day import DayFailed, Fed, feed_and_cut
from releve.exercise.demo import demo_hospital
from releve.exercise.feed import Address
from releve.exercise.hospital_life import HospitalLife
from releve.exercise.night_result import NightResult
from releve.exercise.night_work import WorkFailed, work_through_the_cut
from releve.exercise.served import NightFailed, ServedIsland
from releve.exercise.truth import Snapshot, Truth
from releve.exercise.world import Emission
from releve.hospital.map import HospitalMap
from releve.journal.folder import AUDIT

__all__ = ["CUT_HOURS", "FOLDED_SECONDS", "Night", "NightFailed", "Staging", "Steps", "smaller"]

FOLDED_SECONDS = 600.0
LYING = ("inpatient", "critical")  # kinds of wards
OCCUPANCY = 0.93
# Life goes on a little beyond the cut, so that there is something on every line when it comes.
BEYOND_HOURS = 0.5
# What was cut stays cut so long: the staff's acts have their real hours in there.
CUT_HOURS = 6.0

Steps = Callable[[str, int, int], None]


def smaller(hospital: HospitalMap, patients: int) -> HospitalMap:
    """Return the hospital with beds for so many patients, spread over its wards; 0 leaves all."""
    if patients <= 0:
        return hospital
    wanted = max(1, round(patients / OCCUPANCY))
    lying = {ward.code for ward in hospital.wards if ward.kind in LYING}
    beds = Counter(bed.ward for bed in hospital.beds)
    share = min(1.0, wanted / max(1, sum(count for ward, count in beds.items() if ward in lying)))
    left = {ward: round(count * share) for ward, count in beds.items()}
    left.update(_dealt({ward: count for ward, count in beds.items() if ward in lying}, wanted, share))
    kept = []
    for bed in hospital.beds:
        if left[bed.ward] > 0:
            left[bed.ward] -= 1
            kept.append(bed)
    return msgspec.structs.replace(hospital, beds=tuple(kept))


def _dealt(beds: dict[str, int], wanted: int, share: float) -> dict[str, int]:
    """Return how many of each ward's beds are kept, `wanted` in all: the largest parts of a bed are rounded up first.

    Each rounded for itself, a handful of patients over thirty wards would be nobody anywhere.
    """
    kept = {ward: int(count * share) for ward, count in beds.items()}
    parts = sorted(beds, key=lambda ward: kept[ward] - beds[ward] * share)
    for ward in parts[: max(0, wanted - sum(kept.values()))]:
        kept[ward] += 1
    return kept


class Staging(msgspec.Struct, frozen=True, kw_only=True):
    """How a night is staged. `command` is how `releve` is started here; 0 patients in bed, or wards: all there are."""

    command: tuple[str, ...]
    hours: float = 24.0  # of life before the cut
    patients: int = 0
    wards: int = 0  # that the patients lie in; then packs are set for where somebody is
    seed: int = 1
    staff_patients: int = 3  # that each nurse and physician sees; 0: nobody works
    staff_wards: int = 0
    password: str = ""

    def wards_of(self, hospital: HospitalMap) -> list[str]:
        """Return the UF codes of the wards that patients may lie in."""
        lying = [ward.code for ward in hospital.wards if ward.kind in LYING]
        return lying[: self.wards] if self.wards else lying

    def lived_in(self, hospital: HospitalMap) -> HospitalMap:
        """Return the hospital with beds in `wards` of its wards only."""
        kept = set(self.wards_of(hospital))
        beds = tuple(bed for bed in hospital.beds if bed.ward in kept or not self.wards)
        return msgspec.structs.replace(hospital, beds=beds)

    def day_before(self, cut_us: int, hospital: HospitalMap) -> tuple[int, Iterator[Emission]]:
        """Return when the day that ends in the cut begins (microseconds), and what is sent in it and a little on."""
        start_us = cut_us - int(self.hours * 3_600_000_000)
        start = datetime.fromtimestamp(start_us // 1_000_000, UTC)
        life = HospitalLife(
            smaller(self.lived_in(hospital), self.patients), seed=self.seed, start=start, occupancy=OCCUPANCY
        )
        return start_us, life.run(self.hours + BEYOND_HOURS)


class Night:
    """One staged night."""

    def __init__(self, data: Path, staging: Staging) -> None:
        self._data, self._staging = data, staging
        self._island = ServedIsland(data, staging.command)
        self._call = self._island.call
        self._truth = Truth()

    def run(self, now_us: int, steps: Steps) -> NightResult:
        """Play the night and return what was found.

        Raises:
            NightFailed: a step before the checks did not work.
        """
        hospital = demo_hospital()
        self._call("init", "--hospital", "demo", "--exercise")
        if self._staging.wards:
            self._only_asked_for()
        with self._island.served() as island:
            fed = self._feed_and_cut(hospital, island.mllp, now_us, steps)
            result = NightResult(fed.counts)
            self._check_journal(result, fed, steps)
            truth = self._truth.all()
            try:
                wait_until_folded(self._data, self._log_size(), FOLDED_SECONDS, steps)
                compare_views(self._data, hospital, truth, result)
                self._check_packs(result, truth, steps)
            except ViewsUnreachable as error:
                raise NightFailed(str(error)) from error
            if not fed.counts.acknowledged:
                result.problems.append("feed: expected messages to be acknowledged before the cut")
            if self._staging.staff_patients:
                self._work(hospital, island.web, now_us, result, steps)
            self._check_seals(result)
        return result

    def _work(
        self, hospital: HospitalMap, web: Address, now_us: int, result: NightResult, steps: Steps
    ) -> None:
        staging = self._staging
        try:
            result.work = work_through_the_cut(
                self._call, (web.host, web.port), hospital, since_us=now_us - int(CUT_HOURS * 3_600_000_000),
                now_us=now_us, seed=staging.seed, patients=staging.staff_patients,
                wards_most=staging.staff_wards or staging.wards, password=staging.password, steps=steps,
            )  # fmt: skip
        except WorkFailed as error:
            raise NightFailed(str(error)) from error
        result.problems += result.work.problems

    # The day, and the cut

    def _feed_and_cut(self, hospital: HospitalMap, where: Address, now_us: int, steps: Steps) -> Fed:
        after = CUT_HOURS if self._staging.staff_patients else BEYOND_HOURS
        cut_us = now_us - int(after * 3_600_000_000)
        start_us, emissions = self._staging.day_before(cut_us, hospital)
        day = feed_and_cut(
            emissions, where, start_us=start_us, cut_us=cut_us, truth=self._truth,
            steps=lambda done, all_: steps("a day of the hospital", done, all_),
        )  # fmt: skip
        try:
            return asyncio.run(day)
        except DayFailed as error:
            raise NightFailed(str(error)) from error

    # The morning

    def _log_size(self) -> int:
        """Return how many entries the log holds that views are folded from; the audit's is another."""
        told = json.loads(self._call("journal", "stats", "--json").stdout.splitlines()[-1])
        return max(int(log["entries"]) for log in told["logs"] if AUDIT not in log["log"])

    def _check_journal(self, result: NightResult, fed: Fed, steps: Steps) -> None:
        """Every acknowledged message is there, byte for byte, as often as it was acknowledged."""
        stored: Counter[bytes] = Counter()
        command = self._island.command("journal", "cat", "--kind", "message.hl7v2")
        with subprocess.Popen(command, stdout=subprocess.PIPE) as reading:
            assert reading.stdout is not None
            for line in reading.stdout:
                stored[hashlib.sha256(base64.b64decode(json.loads(line)["raw"])).digest()] += 1
                result.stored += 1
                if result.stored % 500 == 0:
                    steps("journal read back", result.stored, max(result.stored, result.counts.acknowledged))
        if reading.returncode:
            raise NightFailed(f"releve journal cat: ended with {reading.returncode}")
        for digest, times in fed.acknowledged.items():
            found = min(times, stored[digest])
            result.identical += found
            result.lost += times - found
        # What was cut before its answer may be there or not; what is there belongs to the truth as well.
        spare = result.counts.repeated
        surplus = stored - fed.acknowledged
        for emission in fed.in_flight:
            digest = hashlib.sha256(emission.payload).digest()
            if surplus[digest]:
                surplus[digest] -= 1
                self._truth.remember(emission)
        if sum(surplus.values()) > spare:
            result.problems.append(
                f"journal: {sum(surplus.values())} messages more than were sent, expected at most {spare}"
            )

    def _only_asked_for(self) -> None:
        """Let the island set no pack by itself: it would set those of every ward."""
        settings = self._data / "releve.toml"
        text = settings.read_text(encoding="utf-8")
        settings.write_text(text.replace("every_minutes = 60", "every_minutes = 0"), encoding="utf-8")

    def _check_packs(self, result: NightResult, truth: Snapshot, steps: Steps) -> None:
        lain = sorted({where.ward for where in truth.present().values()})
        # Who left before the cut leaves an empty ward: its pack is asked for all the same, and no other.
        wards = (lain or self._staging.wards_of(demo_hospital())) if self._staging.wards else []
        chosen = [word for ward in wards for word in ("--ward", ward)]
        with tempfile.TemporaryDirectory(prefix="releve-night-") as folder:
            done = self._call("packs", "print", "--out", folder, "--json", *chosen, check=False)
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
