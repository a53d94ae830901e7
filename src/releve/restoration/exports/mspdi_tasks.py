"""Tasks of an MSPDI file: the outline becomes applications and their tasks, dates and percentages what was reported.

A task of the first level is an application; what stands below it, however deep, are its tasks. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from math import ceil
from typing import get_args

from releve.restoration.case import ALWAYS, Application, SkillCount, Task, TaskKind, TaskState, Use
from releve.restoration.exports.lists import read_ids, read_team
from releve.restoration.exports.moments import Moments, duration_hours, read_moment
from releve.restoration.exports.mspdi_fields import APPLICATION_KINDS, read_facts
from releve.restoration.exports.mspdi_people import Calendars, Resources, custom_values
from releve.restoration.exports.remarks import Remark
from releve.restoration.exports.xml_tree import Element

__all__ = ["Line", "Outline", "Progress", "Settings", "Tasks"]

_KINDS: tuple[str, ...] = get_args(TaskKind)
_ELAPSED = {
    "4",
    "6",
    "8",
    "10",
    "12",
    "20",
    "36",
    "38",
    "40",
    "42",
    "44",
    "52",
}  # DurationFormat by the clock
_MONTHS = {"11", "12", "43", "44"}
_CONSTRAINTS = {
    "1": "as late as possible", "2": "must start on", "3": "must finish on", "4": "start no earlier than",
    "5": "start no later than", "6": "finish no earlier than", "7": "finish no later than",
}  # fmt: skip
_NAME_SIGNS = 60


class Settings:
    """What a file says of its working time, and the clock of its case."""

    def __init__(self, project: Element, moments: Moments, remarks: list[Remark]) -> None:
        self.moments = moments
        self.remarks = remarks
        self.hours_a_day = _number(project.value("MinutesPerDay"), 480.0) / 60 or 8.0
        self.days_a_month = _number(project.value("DaysPerMonth"), 20.0) or 20.0

    def say(self, code: str, severity: str, element: Element, place: str, **facts: str | int | float) -> None:
        """Keep a remark on an element."""
        self.remarks.append(
            Remark(
                code=code,
                severity="lost" if severity == "lost" else "changed",
                line=element.line,
                place=place,
                facts=facts,
            )
        )

    def moment(self, element: Element, name: str, place: str = "") -> datetime | None:
        """Return the local date and time an element tells under this name; what cannot be read is said."""
        text = element.value(name)
        if text in ("", "NA"):
            return None
        moment = read_moment(text)
        if moment is None:
            self.say("date", "lost", element, place, name=name)
            return None
        # Some tools write UTC, though the schema knows local times only.
        return moment if moment.tzinfo is None else moment.astimezone(self.moments.zone).replace(tzinfo=None)


class Line:
    """A task element, where it stands in the outline, and what of ours it carries."""

    __slots__ = ("below", "element", "id", "ours", "parent", "uid")

    def __init__(self, element: Element, parent: Line | None, ours: dict[str, str]) -> None:
        self.element = element
        self.parent = parent
        self.below: list[Line] = []
        self.uid = element.value("UID")
        self.ours = ours
        self.id = ""

    @property
    def place(self) -> str:
        """Where it stands, for people."""
        return f"task {self.uid} “{self.element.value('Name')[:_NAME_SIGNS]}”"

    @property
    def summary(self) -> bool:
        """Whether it holds tasks; an application of ours may hold none."""
        return bool(self.below) or self.ours.get("Relève kind", "") in APPLICATION_KINDS

    @property
    def top(self) -> Line:
        """The line of the first level it stands under, or itself."""
        line = self
        while line.parent is not None:
            line = line.parent
        return line

    def leaves(self) -> list[Line]:
        """Return the tasks below it that hold none, or itself."""
        found: list[Line] = []
        waiting = [self]
        while waiting:
            line = waiting.pop()
            if line.below:
                waiting += reversed(line.below)
            elif not line.summary:
                found.append(line)
        return found


class Outline:
    """The tasks of a file as a tree."""

    def __init__(self, elements: Iterable[Element], aliases: dict[str, str], settings: Settings) -> None:
        self.tops: list[Line] = []
        self.by_uid: dict[str, Line] = {}
        open_lines: list[
            tuple[int, Line | None]
        ] = []  # level and line, None for one that is left out with its own
        for element in elements:
            level = _level(element)
            if element.flag("IsNull") or level == 0:
                continue
            while open_lines and open_lines[-1][0] >= level:
                open_lines.pop()
            parent = open_lines[-1][1] if open_lines else None
            line = Line(element, parent, custom_values(element, aliases))
            if line.uid in self.by_uid:
                line.uid = f"{line.uid}#{len(self.by_uid)}"
                settings.say(
                    "id-repeated", "changed", element, line.place, id=element.value("UID"), new=line.uid
                )
            left_out = bool(open_lines) and parent is None
            inactive = not element.flag("Active", True)
            for out, code in ((inactive, "inactive"), (element.flag("ExternalTask"), "external")):
                if out:
                    settings.say(code, "lost", element, line.place)
                    left_out = True
                    break
            if left_out:
                open_lines.append((level, None))
                continue
            open_lines.append((level, line))
            self.by_uid[line.uid] = line
            (parent.below if parent is not None else self.tops).append(line)


class Progress:
    """What a file reports of its tasks, and the latest hour it reports."""

    def __init__(self) -> None:
        self.states: list[TaskState] = []
        self.latest = 0


class Tasks:
    """The applications and tasks of a file, links not yet read."""

    def __init__(
        self,
        outline: Outline,
        calendars: Calendars,
        resources: Resources,
        settings: Settings,
        project_calendar: str,
    ) -> None:
        self._settings = settings
        self._calendars = calendars
        self._resources = resources
        self.project_calendar = calendars.id_of(project_calendar)
        self.applications: dict[str, Application] = {}
        self.priorities: dict[str, int] = {}
        self.tasks: dict[str, Task] = {}
        self.progress = Progress()
        self.assigned: dict[
            str, list[tuple[Element, str, float]]
        ] = {}  # task UID → element, resource UID, units
        self.people: dict[str, tuple[str, ...]] = {}  # task → who is assigned
        self._outline = outline

    def assign(self, elements: Iterable[Element]) -> None:
        """Take the assignments of the file."""
        known = {*self._resources.person_of, *self._resources.shared_of}
        for element in elements:
            task, resource = element.value("TaskUID"), element.value("ResourceUID")
            if resource.startswith("-") or (resource in ("", "0") and resource not in known):
                continue  # assigned to nobody yet
            line = self._outline.by_uid.get(task)
            if line is None or resource not in known:
                self._settings.say(
                    "assignment-unknown", "lost", element, line.place if line else f"task {task}"
                )
            elif line.summary:
                self._settings.say("summary-work", "lost", element, line.place)
            else:
                units = _number(element.value("Units"), 1.0)
                if _number(element.value("Delay"), 0.0):
                    self._settings.say("delay", "changed", element, line.place)
                self.assigned.setdefault(task, []).append((element, resource, units))

    def read(self) -> None:
        """Read applications and tasks in the order of the file."""
        for top in self._outline.tops:
            application = self._application(top)
            for line in top.leaves():
                self._task(line, application)

    def _application(self, top: Line) -> str:
        element = top.element
        kind = top.ours.get("Relève kind", "")
        ours = kind in APPLICATION_KINDS
        facts = read_facts(top.ours.get("Relève facts", "")) if ours else {}
        id = top.ours.get("Relève id", "") if ours else ""
        id = self._free(id, f"A{top.uid}", self.applications, top)
        name = element.value("Name")
        self.applications[id] = Application(
            id=id,
            name="" if name == id else name,
            kind=APPLICATION_KINDS.get(kind, "application"),
            tier=round(facts.get("tier", 3)),
            spread=facts.get("spread"),
            owner=element.value("Contact"),
        )
        self.priorities[id] = round(_number(element.value("Priority"), 500))
        if top.summary:
            self._constraint(top, ours=ours)
            self._said(top, ours=ours)
        top.id = id
        return id

    def _task(self, line: Line, application: str) -> None:
        element = line.element
        kind = line.ours.get("Relève kind", "")
        ours = kind in _KINDS
        id = self._free(line.ours.get("Relève id", "") if ours else "", f"T{line.uid}", self.tasks, line)
        if line.parent is not None:
            line.id = id
        facts = read_facts(line.ours.get("Relève facts", "")) if ours else {}
        hours = self._hours(line)
        people, uses, team = self._assigned(line, ours=ours)
        not_before = self._constraint(line, ours=ours)
        name, notes = element.value("Name"), element.value("Notes")
        self._said(line, ours=ours)
        if notes and not ours:
            self._settings.say("notes", "lost", element, line.place)
        self.tasks[id] = Task(
            id=id,
            application=application,
            kind=kind if ours else "other",  # type: ignore[arg-type]  # one of _KINDS
            name="" if name == id else name,
            work_hours=hours,
            team=team,
            uses=uses,
            calendar=self._calendar(line, bool(people)),
            not_before=round(facts.get("not-before", 0)) if ours else max(not_before, 0),
            evidence=notes if ours else "",
            fail_probability=facts.get("fails", 0.0),
            rework=read_ids(line.ours.get("Relève rework", "")) if ours else (),
            spread=facts.get("spread"),
        )
        self.people[id] = people
        blocked = facts.get("blocked-until")
        self._progress(line, self.tasks[id], people, round(blocked) if blocked is not None else None)

    def _free(self, id: str, otherwise: str, taken: Mapping[str, Application | Task], line: Line) -> str:
        wanted = id or otherwise
        free, number = wanted, 2
        while free in taken:
            free, number = f"{wanted}-{number}", number + 1
        if free != wanted:
            self._settings.say("id-repeated", "changed", line.element, line.place, id=wanted, new=free)
        return free

    def _hours(self, line: Line) -> int:
        element, settings = line.element, self._settings
        text = element.value("Duration") or element.value("Work")
        if not text and element.flag("Milestone"):
            return 0
        hours = duration_hours(text, hours_a_day=settings.hours_a_day, days_a_month=settings.days_a_month)
        if hours is None:
            settings.say("duration", "changed", element, line.place, name="Duration")
            return 0
        if hours < 0:
            settings.say("duration-negative", "changed", element, line.place)
            return 0
        whole = ceil(round(hours, 4))
        if whole != round(hours, 4):
            settings.say("minutes", "changed", element, line.place, minutes=round(hours * 60), hours=whole)
        if element.value("DurationFormat") in _MONTHS:
            settings.say("unit", "changed", element, line.place, unit="months", hours=whole)
        elif not text.startswith(("PT", "-PT")):
            settings.say("unit", "changed", element, line.place, unit=text[:20], hours=whole)
        return whole

    def _calendar(self, line: Line, people: bool) -> str:
        element = line.element
        if element.value("DurationFormat") in _ELAPSED:
            self._settings.say("duration-elapsed", "changed", element, line.place)
            return ALWAYS
        uid = element.value("CalendarUID")
        if uid in ("", "-1"):
            # Without a calendar of its own a task follows the people who do it, or else the project.
            return ALWAYS if people else self.project_calendar
        return self._calendars.id_of(uid)

    def _assigned(
        self, line: Line, *, ours: bool
    ) -> tuple[tuple[str, ...], tuple[Use, ...], tuple[SkillCount, ...]]:
        people: list[str] = []
        uses: dict[str, int] = {}
        named: dict[str, int] = {}
        for element, resource, units in self.assigned.get(line.uid, ()):
            if resource in self._resources.shared_of:
                shared = self._resources.shared_of[resource]
                uses[shared] = uses.get(shared, 0) + max(1, round(units))
                continue
            able = self._resources.person_of[resource]
            count = max(1, min(round(units), len(able)))
            if units != count:
                percent = f"{round(units * 100)} %"
                self._settings.say("units", "changed", element, line.place, units=percent)
            people += able[:count]
            if resource in self._resources.foreign:
                skill = self._resources.people[able[0]].skills[0]
                named[skill] = named.get(skill, 0) + count
        team = read_team(line.ours.get("Relève team", "")) if ours else ()
        if not team or not ours:
            team = tuple(SkillCount(skill=skill, count=count) for skill, count in named.items())
        used = tuple(Use(resource=resource, units=units) for resource, units in uses.items())
        return tuple(dict.fromkeys(people)), used, team

    def _constraint(self, line: Line, *, ours: bool) -> int:
        element, settings = line.element, self._settings
        kind = element.value("ConstraintType")
        if kind in ("", "0"):
            return 0
        moment = settings.moment(element, "ConstraintDate", line.place)
        if ours and kind == "4" and element.value("ConstraintDate") == element.value("Start"):
            return 0  # the date of the plan it was written with
        words = _CONSTRAINTS.get(kind, kind)
        if kind in ("2", "4") and moment is not None and not ours and not line.summary:
            if kind == "2":
                settings.say("constraint-start", "changed", element, line.place, type=words)
            return settings.moments.hour_to(moment)
        settings.say("constraint", "lost", element, line.place, type=words)
        return 0

    def _said(self, line: Line, *, ours: bool) -> None:
        """Say what of a task is not kept."""
        element, say = line.element, self._settings.say
        if element.flag("Manual"):
            say("manual", "changed", element, line.place)
        if element.flag("IgnoreResourceCalendar"):
            say("ignores-people", "changed", element, line.place)
        if element.flag("Recurring"):
            say("recurring", "changed", element, line.place)
        if element.flag("IsSubproject"):
            say("external", "lost", element, line.place)
        if element.value("Deadline") not in ("", "NA"):
            say("deadline", "lost", element, line.place)
        if _number(element.value("FixedCost"), 0.0):
            say("fixed-cost", "lost", element, line.place)
        if element.first("Baseline") is not None:
            say("baseline", "lost", element, line.place)
        for name in ("OvertimeWork", "ActualOvertimeWork"):
            if duration_hours(element.value(name) or "PT0H", hours_a_day=8, days_a_month=20):
                say("overtime", "lost", element, line.place)
                break
        stop = self._settings.moment(element, "Stop", line.place)
        resume = self._settings.moment(element, "Resume", line.place)
        # A night between the two is the calendar's; a whole day and more is a piece taken out.
        if stop is not None and resume is not None and resume - stop > timedelta(days=1):
            say("split", "lost", element, line.place)

    def _progress(self, line: Line, task: Task, people: tuple[str, ...], blocked: int | None) -> None:
        element, settings = line.element, self._settings
        percent = _number(element.value("PercentComplete"), 0.0)
        began = settings.moment(element, "ActualStart", line.place)
        done = settings.moment(element, "ActualFinish", line.place)
        started = settings.moments.hour_from(began) if began is not None else None
        ended = settings.moments.hour_to(done) if done is not None else None
        if ended is None and percent >= 100:
            planned = settings.moment(element, "Finish", line.place)
            if planned is not None:
                settings.say("no-finish", "changed", element, line.place)
                ended = settings.moments.hour_to(planned)
        if ended is None and started is None and percent > 0:
            planned = settings.moment(element, "Start", line.place)
            if planned is not None:
                settings.say("no-actual", "changed", element, line.place, percent=round(percent))
                started = settings.moments.hour_from(planned)
        if started is None and ended is None and blocked is None:
            return
        remaining = None
        if started is not None and ended is None:
            remaining = self._remaining(line, task, percent)
        self.progress.latest = max(self.progress.latest, started or 0, ended or 0)
        self.progress.states.append(
            TaskState(
                task=task.id,
                started=started,
                ended=ended,
                people=people if started is not None or ended is not None else (),
                remaining_hours=remaining,
                blocked_until=blocked,
            )
        )

    def _remaining(self, line: Line, task: Task, percent: float) -> int:
        settings = self._settings
        told = duration_hours(
            line.element.value("RemainingDuration") or "-",
            hours_a_day=settings.hours_a_day,
            days_a_month=settings.days_a_month,
        )
        if told is not None and told >= 0:
            return ceil(round(told, 4))
        hours = ceil(round(task.work_hours * (1 - min(percent, 100) / 100), 4))
        settings.say("percent", "changed", line.element, line.place, percent=round(percent), hours=hours)
        return hours


def _level(element: Element) -> int:
    """Return the level in the outline; 0 is the project itself."""
    level = element.value("OutlineLevel")
    if level.isdecimal() and len(level) < 4:
        return int(level)
    number = element.value("OutlineNumber")
    if number:
        return 0 if number == "0" else number.count(".") + 1
    return 0 if element.value("UID") == "0" else 1


def _number(text: str, otherwise: float) -> float:
    try:
        number = float(text)
    except ValueError:
        return otherwise
    return number if abs(number) < 1e12 else otherwise
