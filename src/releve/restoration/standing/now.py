"""What the pages and the planner know of the restoration at this moment, read from the views. Needs Django.

Whose word counts: what is said of the catalogue, of tasks and of plans comes from those who may write on any island
that belongs; an island beyond its cut line is left out by the views themselves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import msgspec
from django.db.models import QuerySet

from releve.hospital.map import Directory
from releve.hospital.status import StatusDeclaration, Statuses
from releve.restoration.case import HOUR_MS, Case, Task
from releve.restoration.facts import CareReturned, Dated, Lengths, PublishedMoment
from releve.restoration.fleet.desk import ward_progress_now
from releve.restoration.plan import Plan, read_plan
from releve.restoration.standing.assembled import assemble, hour_of
from releve.restoration.standing.batches import batch_tasks, wards_of
from releve.restoration.standing.lines import Line, every, head_of
from releve.restoration.standing.tasks import TaskNow, TaskReport, tasks_now
from releve.restoration.tables import (
    Adopted,
    CatalogueLine,
    Evidence,
    PlanRequest,
    PlanTold,
    Published,
    Report,
    Signed,
)
from releve.web.database import data_folder

__all__ = ["CutNow", "PlanSeen", "RestorationNow", "cut_now", "next_request", "plan_seen", "restoration_now"]


class CutNow(msgspec.Struct, frozen=True, kw_only=True):
    """The crisis that is not over: since when, and what is down or restored and not in service yet."""

    since_ms: int
    down: frozenset[str]
    restored: Mapping[str, int]  # since when, ms


class PlanSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A plan as it was recorded; `entry` is its place."""

    entry: str
    plan: Plan
    starts_at_ms: int
    now_hour: int
    dates: tuple[Dated, ...]
    returned: tuple[CareReturned, ...]
    runs: int
    moved: str
    why: str
    what_if: str
    left_out: tuple[str, ...]
    made_at: int
    seconds: float
    asked: str
    by_hand: str  # who made it, "" where a planner did
    learned: Lengths | None = None

    def dated(self, kind: str) -> dict[str, Dated]:
        """Return the forecast of applications, or of services, by id."""
        return {one.id: one for one in self.dates if one.kind == kind}

    def ms(self, hour: float) -> int:
        """Return an hour of this plan as UTC milliseconds."""
        return round(self.starts_at_ms + hour * HOUR_MS)


def cut_now(said: Sequence[StatusDeclaration], statuses: Statuses, directory: Directory) -> CutNow | None:
    """Return the crisis that is not over, None when every application is in service everywhere."""
    down: set[str] = set()
    restored: dict[str, int] = {}
    named = {code for one in said if not one.withdrawn for code in one.applications}
    for code in named:
        lines = [statuses.at(code, ward) for ward in directory.wards]
        if any(line.status == "down" for line in lines):
            down.add(code)
        elif since := [line.since_us or 0 for line in lines if line.status == "restored"]:
            restored[code] = max(since) // 1000
    open_ = down | set(restored)
    starts = [
        one.since_us // 1000
        for one in said
        if one.status == "down" and not one.withdrawn and open_ & set(one.applications)
    ]
    if not starts:
        return None
    return CutNow(since_ms=min(starts), down=frozenset(down), restored=restored)


@dataclass(frozen=True)
class RestorationNow:
    """Everything, read once; what is derived is computed when it is asked for. Moments are UTC milliseconds."""

    now_ms: int
    cut: CutNow | None
    lines: tuple[Line, ...]
    rows: tuple[CatalogueLine, ...] = field(repr=False)
    reports: tuple[TaskReport, ...] = field(repr=False)

    @property
    def begins_ms(self) -> int:
        """Hour 0 of a case that is made now: the hour of the cut, in quiet times the present hour."""
        at = self.cut.since_ms if self.cut is not None else self.now_ms
        return at // HOUR_MS * HOUR_MS

    @cached_property
    def in_force(self) -> PlanSeen | None:
        """The plan in force: adopted last, since the cut began; before any cut the last one that was rehearsed."""
        adopted = Adopted.objects.order_by("-adopted_at", "-log", "-index")
        if self.cut is not None:
            # By the clock of who recorded: a cut declared for an hour ago takes in what was adopted since.
            adopted = adopted.filter(adopted_at__gte=self.cut.since_ms)
        row = adopted.first()
        return plan_seen(row.plan or "") if row is not None else None

    @property
    def said_since(self) -> int:
        """How many reports and changes of the catalogue the plan in force knows nothing of."""
        if self.in_force is None:
            return 0
        # A plan knows what stood when it was asked for.
        asked = PlanRequest.objects.filter(id=self.in_force.asked).values_list("asked_at", flat=True).first()
        since = asked or self.in_force.made_at
        changes = (
            CatalogueLine.objects.filter(recorded_at__gt=since).values("log", "index").distinct().count()
        )
        return changes + sum(one.recorded_at > since for one in self.reports)

    @cached_property
    def _adoption(self) -> Adopted | None:
        if self.in_force is None:
            return None
        return Adopted.objects.filter(plan=self.in_force.entry).order_by("-adopted_at").first()

    @property
    def adopted_by(self) -> str:
        """Who put the plan in force, by name."""
        row = self._adoption
        return (row.by_name or row.by or "") if row is not None else ""

    @property
    def adopted_despite(self) -> int:
        """How many things the checker had found of it, to which whoever put it in force said yes."""
        row = self._adoption
        return len(msgspec.json.decode(row.despite or "[]")) if row is not None else 0

    @cached_property
    def newest(self) -> PlanSeen | None:
        """The plan made last, of those that do not only try something; in a crisis made since it began."""
        told = PlanTold.objects.filter(what_if=None).order_by("-made_at", "-log", "-index")
        if self.cut is not None:
            told = told.filter(made_at__gte=self.cut.since_ms)
        row = told.values_list("id", flat=True).first()
        return plan_seen(row) if row else None

    @property
    def newer(self) -> PlanSeen | None:
        """A plan made after the one in force, that nobody has put in force yet."""
        made, held = self.newest, self.in_force
        return made if made is not None and held is not None and made.made_at > held.made_at else None

    @property
    def shown(self) -> PlanSeen | None:
        """The plan that pages show: the one in force, before there is any the newest."""
        return self.in_force or self.newest

    @cached_property
    def tasks(self) -> dict[str, TaskNow]:
        """Where each task stands; in quiet times nothing is under way."""
        if self.cut is None:
            return {}
        since = self.cut.since_ms - HOUR_MS
        said = tasks_now(one for one in self.reports if one.at_ms >= since)
        wards = wards_of(every(self.lines, "application"))
        if not wards:
            return said
        progress = ward_progress_now(set(wards.values()), since_ms=since)
        return said | batch_tasks(every(self.lines, "task"), wards, progress, now_ms=self.now_ms)

    @cached_property
    def published(self) -> tuple[PublishedMoment, ...]:
        """The dates that were announced since the cut, the last word on each."""
        if self.cut is None:
            return ()
        found: dict[tuple[str, str], PublishedMoment] = {}
        rows = Published.objects.filter(published_at__gte=self.cut.since_ms)
        for row in rows.order_by("published_at", "log", "index"):
            for one in msgspec.json.decode(row.dates or "[]", type=tuple[PublishedMoment, ...]):
                found[one.kind, one.id] = one
        return tuple(found.values())

    @cached_property
    def signed(self) -> dict[str, Signed]:
        """Who stands by the return of each application, since the cut; the last word on each."""
        since = self.cut.since_ms if self.cut is not None else self.now_ms
        rows = Signed.objects.filter(signed_at__gte=since).order_by("signed_at", "log", "index")
        return {row.application or "": row for row in rows}

    @cached_property
    def case(self) -> Case:
        """The case as it stands, on the hours of the plan in force (of the cut where there is none)."""
        seen = self.in_force
        begins = seen.starts_at_ms if seen is not None else self.begins_ms
        now = self.now_ms if self.cut is not None else begins
        return self.case_at(begins, now, seen.plan if seen is not None else None)

    def case_of(self, plan: PlanSeen) -> Case:
        """Return the case as it stands, on the hours of a plan; in quiet times as at its hour 0."""
        if plan.starts_at_ms == self.case.starts_at_ms:
            return self.case
        now_ms = self.now_ms if self.cut is not None else plan.starts_at_ms
        return self.case_at(plan.starts_at_ms, now_ms, plan.plan)

    def case_at(self, begins_ms: int, now_ms: int, plan: Plan | None) -> Case:
        """Return the case counted from `begins_ms`, as it stands at `now_ms`."""
        people = {one.task: one.people for one in plan.tasks} if plan is not None else {}
        return assemble(
            self.lines,
            starts_at_ms=begins_ms,
            now_ms=now_ms,
            tasks=self.tasks,
            published=self.published,
            people=people,
        )

    def told_at(self, begins_ms: int) -> dict[str, int]:
        """Return, of tasks of which it is known how much remains, the hour since `begins_ms` of which that is true."""
        # Machines that are left are counted now; hours that remain were true when somebody said them.
        return {
            id_: max(0, hour_of(self.now_ms if one.fleet is not None else one.last.at_ms, begins_ms))
            for id_, one in self.tasks.items()
            if one.state == "late" or one.fleet is not None
        }

    @cached_property
    def task_of(self) -> dict[str, Task]:
        """The tasks of the catalogue, by id."""
        return {task.id: task for task in self.case.tasks}

    @cached_property
    def running(self) -> PlanRequest | None:
        """The request that no plan has answered yet, the newest."""
        return _unanswered().order_by("-asked_at", "-log", "-index").first()

    @cached_property
    def last_failure(self) -> PlanRequest | None:
        """The newest request, when it gave no plan."""
        row = PlanRequest.objects.exclude(asked_at=None).order_by("-asked_at", "-log", "-index").first()
        return row if row is not None and row.failed else None

    @property
    def ready(self) -> bool:
        """Whether there is a catalogue at all."""
        return any(line.what == "application" for line in self.lines) and any(
            line.what == "task" for line in self.lines
        )

    @property
    def name(self) -> str:
        """What the catalogue calls itself."""
        return head_of(self.lines).name


def restoration_now(*, now_ms: int, cut: CutNow | None) -> RestorationNow:
    """Return what stands, from the views."""
    # A file that is not here proves nothing here, whoever names its hash.
    kept = dict(Evidence.objects.values_list("id", "sha256"))
    rows = tuple(CatalogueLine.objects.exclude(value=None).order_by("what", "code"))
    return RestorationNow(
        now_ms=now_ms,
        cut=cut,
        lines=tuple(Line(what=row.what or "", id=row.code or "", value=row.value or "") for row in rows),
        rows=rows,
        reports=tuple(_report(row, kept) for row in Report.objects.order_by("log", "index")),
    )


def next_request(origin: str | None) -> PlanRequest | None:
    """Return the oldest request of an island (None: of any) that no plan and no failure has answered."""
    waiting = _unanswered()
    if origin is not None:
        waiting = waiting.filter(id__startswith=f"{origin}/")
    return waiting.order_by("asked_at", "log", "index").first()


def _unanswered() -> "QuerySet[PlanRequest]":
    answered = PlanTold.objects.exclude(asked=None).values("asked")
    return PlanRequest.objects.filter(failed=None).exclude(asked_at=None).exclude(id__in=answered)


def plan_seen(entry: str) -> PlanSeen | None:
    """Return the plan that an entry holds, None when the views do not have it."""
    row = PlanTold.objects.filter(id=entry).values("recorded_at").first()
    if row is None:
        return None
    return _seen(str(data_folder()), entry, row["recorded_at"] or 0)


@lru_cache(maxsize=8)
def _seen(_data: str, entry: str, _recorded_at: int) -> PlanSeen | None:
    # A plan is never changed; two hundred kilobytes of it are read once.
    row = PlanTold.objects.filter(id=entry).first()
    if row is None or row.body is None:
        return None
    return PlanSeen(
        entry=entry,
        plan=read_plan(row.body.encode()),
        starts_at_ms=row.starts_at or 0,
        now_hour=row.now_hour or 0,
        dates=msgspec.json.decode(row.dates or "[]", type=tuple[Dated, ...]),
        returned=msgspec.json.decode(row.returned or "[]", type=tuple[CareReturned, ...]),
        runs=row.runs or 0,
        moved=row.moved or "",
        why=row.why or "",
        what_if=row.what_if or "",
        left_out=msgspec.json.decode(row.left_out or "[]", type=tuple[str, ...]),
        made_at=row.made_at or 0,
        seconds=row.seconds or 0.0,
        asked=row.asked or "",
        by_hand=row.by_hand or "",
        learned=msgspec.json.decode(row.learned, type=Lengths) if row.learned else None,
    )


def _report(row: Any, kept: Mapping[str, str | None]) -> TaskReport:
    proved = bool(row.sha256) and kept.get(row.attachment or "") == row.sha256
    return TaskReport(
        entry=row.id,
        log=row.log or "",
        index=row.index or 0,
        task=row.task or "",
        state=row.state,
        at_ms=row.at or 0,
        recorded_at=row.recorded_at or 0,
        remaining_hours=row.remaining_hours,
        until_ms=row.until,
        reason=row.reason or "",
        evidence=row.evidence or "",
        attachment=row.attachment or "",
        sha256=row.sha256 if proved else "",
        people=msgspec.json.decode(row.people or "[]", type=tuple[str, ...]),
        seen=tuple((row.seen or "").split()),
        by=row.by or "",
        by_name=row.by_name or "",
        told_by=row.told_by or "",
    )
