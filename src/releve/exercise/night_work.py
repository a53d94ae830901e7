"""The hours after the cut: declared, staff hired, work done through the pages, and every act found again."""

import json
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from releve.exercise.shift import Colleague, Shift, ShiftResult, read_staff, staff_file
from releve.hospital.map import HospitalMap

__all__ = [
    "Calls",
    "WorkFailed",
    "WorkFound",
    "account_of",
    "declare_all_cut",
    "hire",
    "hours_of_cut",
    "unequal",
    "work_through_the_cut",
]

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
    declare_all_cut(call, hospital, since_us, password)
    wards = [ward.code for ward in hospital.wards if ward.kind in ("inpatient", "critical")]
    colleagues = hire(call, hospital, wards[:wards_most] if wards_most else wards)
    since, until = hours_of_cut(since_us, now_us)
    shift = Shift(where, hospital.zone, since=since, until=until, seed=seed, patients=patients)
    found.shift = shift.work(colleagues, steps)
    found.problems += found.shift.problems
    _settle(call, found)
    return found


def hours_of_cut(since_us: int, now_us: int) -> tuple[datetime, datetime]:
    """Return from when to when the staff may say that they did something: a minute within the cut at both ends."""
    return (
        datetime.fromtimestamp(since_us // 1_000_000 + 60, UTC),
        datetime.fromtimestamp(now_us // 1_000_000 - 60, UTC),
    )


def hire(
    call: Calls,
    hospital: HospitalMap,
    wards: Sequence[str],
    *signed: str,
    environment: Mapping[str, str] | None = None,
) -> list[Colleague]:
    """Return who works tonight in these wards, with their first passwords; `signed`: the options of managers' cards.

    Raises:
        WorkFailed: nobody could be hired.
    """
    with tempfile.TemporaryDirectory(prefix="releve-staff-") as folder:
        listed, handed = Path(folder) / "staff.csv", Path(folder) / "passwords.csv"
        staff_file(listed, hospital, wards)
        done = call(
            "accounts", "import", str(listed), "--passwords", str(handed), *signed, "--json", check=False,
            environment=environment,
        )  # fmt: skip
        if done.returncode:
            raise WorkFailed(f"releve accounts import: {done.stderr.strip()[-300:]}")
        return read_staff(handed, wards)


def declare_all_cut(
    call: Calls,
    hospital: HospitalMap,
    since_us: int,
    password: str,
    *signed: str,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Declare every application cut in the whole hospital, and return the place of the entry.

    Raises:
        WorkFailed: it was refused.
    """
    since = datetime.fromtimestamp(since_us // 1_000_000, UTC).astimezone(ZoneInfo(hospital.zone))
    applications = [part for one in hospital.applications for part in ("--application", one.code)]
    doubled = since.replace(fold=0).utcoffset() != since.replace(fold=1).utcoffset()
    letter = (" B" if since.fold else " A") if doubled else ""
    done = call(
        "downtime", "declare", *applications, "--since", f"{since:%Y-%m-%d %H:%M}{letter}", "--reason", "exercise",
        "--by", DECLARES, "--second", STANDS_BY, *signed, "--json", check=False,
        environment={"RELEVE_PASSWORD": password, "RELEVE_SECOND_PASSWORD": password, **(environment or {})},
    )  # fmt: skip
    if done.returncode:
        raise WorkFailed(f"releve downtime declare: {done.stderr.strip()[-300:]}")
    return str(json.loads(done.stdout.splitlines()[-1])["entry"])


def account_of(call: Calls, problems: list[str]) -> tuple[Counter[str], int]:
    """Return how many acts of each kind stand in the account, and how many are owed; `problems` gets what is amiss."""
    with tempfile.TemporaryDirectory(prefix="releve-account-") as folder:
        done = call("downtime", "account", "--out", folder, "--json", check=False)
        if not done.stdout.strip():
            problems.append(f"releve downtime account: {done.stderr.strip()[-300:]}")
            return Counter(), 0
        told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        if done.returncode or len(told["files"]) != 3:
            problems.append(f"releve downtime account: {'; '.join(told['problems']) or 'not every file'}")
    if told["unread"] or told["for_no_application"]:
        problems.append(
            f"account: {told['unread']} acts cannot be read, {told['for_no_application']} are owed to nobody"
        )
    return Counter(told["kinds"]), sum(told["applications"].values())


def _settle(call: Calls, found: WorkFound) -> None:
    """Compare what the staff counted with the account, act by act of each kind; every act is owed to somebody."""
    kinds, found.owed = account_of(call, found.problems)
    counted = found.shift.recorded
    found.accounted = sum(min(number, kinds[kind]) for kind, number in counted.items())
    found.problems += unequal(counted, kinds)


def unequal(counted: Counter[str], kinds: Counter[str]) -> list[str]:
    """Return a sentence for each kind of which the account holds more or fewer acts than were confirmed."""
    return [
        f"{kind}: {counted[kind]} acts confirmed, {kinds[kind]} in the account"
        for kind in sorted(set(counted) | set(kinds))
        if counted[kind] != kinds[kind]
    ]
