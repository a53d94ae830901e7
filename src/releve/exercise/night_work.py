"""The hours after the cut: declared, staff hired, work done through the pages, and every act found again."""

import json
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from releve.exercise.shift import Shift, ShiftResult, read_staff, staff_file
from releve.hospital.map import HospitalMap

__all__ = ["WorkFailed", "WorkFound", "work_through_the_cut"]

# One application that the whole hospital writes in is down for the staff's acts; the declaring pair is the demo's.
DECLARES, STANDS_BY = "crise", "medecin"


class Calls(Protocol):
    """How `releve` is run on the island of the night."""

    def __call__(
        self, *arguments: str, check: bool = True, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Return what the command said."""


class WorkFailed(Exception):
    """The staff could not begin; the words say why."""


@dataclass
class WorkFound:
    """What the staff counted, and what the account of the downtime holds of it."""

    shift: ShiftResult = field(default_factory=ShiftResult)
    accounted: int = 0
    owed: int = 0
    problems: list[str] = field(default_factory=list)


def work_through_the_cut(
    call: Calls,
    where: tuple[str, int],
    hospital: HospitalMap,
    *,
    since_us: int,
    now_us: int,
    seed: int,
    patients: int,
    wards_most: int = 0,
    password: str,
    steps: Callable[[str, int, int], None],
) -> WorkFound:
    """Declare everything cut since `since_us`, let the staff of every ward work, and settle the account.

    Raises:
        WorkFailed: the cut could not be declared, or nobody could be hired.
    """
    found = WorkFound()
    zone = hospital.zone
    _declare(call, hospital, since_us, zone, password)
    wards = [ward.code for ward in hospital.wards if ward.kind in ("inpatient", "critical")]
    wards = wards[:wards_most] if wards_most else wards
    with tempfile.TemporaryDirectory(prefix="releve-staff-") as folder:
        listed, handed = Path(folder) / "staff.csv", Path(folder) / "passwords.csv"
        staff_file(listed, hospital, wards)
        done = call("accounts", "import", str(listed), "--passwords", str(handed), "--json", check=False)
        if done.returncode:
            raise WorkFailed(f"releve accounts import: {done.stderr.strip()[-300:]}")
        colleagues = read_staff(handed, wards)
    shift = Shift(
        where,
        zone,
        since=datetime.fromtimestamp(since_us // 1_000_000 + 60, UTC),
        until=datetime.fromtimestamp(now_us // 1_000_000 - 60, UTC),
        seed=seed,
        patients=patients,
    )
    found.shift = shift.work(colleagues, steps)
    found.problems += found.shift.problems
    _settle(call, found)
    return found


def _declare(call: Calls, hospital: HospitalMap, since_us: int, zone: str, password: str) -> None:
    from zoneinfo import ZoneInfo

    since = datetime.fromtimestamp(since_us // 1_000_000, UTC).astimezone(ZoneInfo(zone))
    applications = [part for one in hospital.applications for part in ("--application", one.code)]
    doubled = since.replace(fold=0).utcoffset() != since.replace(fold=1).utcoffset()
    letter = (" B" if since.fold else " A") if doubled else ""
    done = call(
        "downtime", "declare", *applications, "--since", f"{since:%Y-%m-%d %H:%M}{letter}", "--reason", "exercise",
        "--by", DECLARES, "--second", STANDS_BY, "--json", check=False,
        environment={"RELEVE_PASSWORD": password, "RELEVE_SECOND_PASSWORD": password},
    )  # fmt: skip
    if done.returncode:
        raise WorkFailed(f"releve downtime declare: {done.stderr.strip()[-300:]}")


def _settle(call: Calls, found: WorkFound) -> None:
    """Compare what the staff counted with the account, act by act of each kind; every act is owed to somebody."""
    with tempfile.TemporaryDirectory(prefix="releve-account-") as folder:
        done = call("downtime", "account", "--out", folder, "--json", check=False)
        if not done.stdout.strip():
            found.problems.append(f"releve downtime account: {done.stderr.strip()[-300:]}")
            return
        told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        if done.returncode or len(told["files"]) != 3:
            found.problems.append(
                f"releve downtime account: {'; '.join(told['problems']) or 'not every file'}"
            )
    counted, kinds = found.shift.recorded, Counter(told["kinds"])
    found.accounted = sum(min(number, kinds[kind]) for kind, number in counted.items())
    found.owed = sum(told["applications"].values())
    for kind in sorted(set(counted) | set(kinds)):
        if counted[kind] != kinds[kind]:
            found.problems.append(f"{kind}: {counted[kind]} acts confirmed, {kinds[kind]} in the account")
    if told["unread"] or told["for_no_application"]:
        found.problems.append(
            f"account: {told['unread']} acts cannot be read, {told['for_no_application']} are owed to nobody"
        )
