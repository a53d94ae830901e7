"""A case and its plan as MSPDI, the XML of Microsoft Project, ProjectLibre and GanttProject. Pure.

Applications are summary tasks, needs are links from one summary to what waits for it. The order of elements is that of
the schema (mspdi_pj15.xsd), which Microsoft Project insists on. What MSPDI has no place for stands in custom fields
(`mspdi_fields.py`) or is not in the file: services, impacts, announced dates stay in the case.
"""

import re
from datetime import datetime
from xml.sax.saxutils import escape

from releve.restoration.case import ALWAYS, Application, Calendar, Case, Person, Resource, Task, TaskState
from releve.restoration.exports.lists import write_ids, write_team
from releve.restoration.exports.moments import Moments, duration_text
from releve.restoration.exports.mspdi_calendars import (
    DayHours,
    ExceptionDays,
    days_of,
    exception_days,
    person_spans,
    spans_of,
    week_of,
)
from releve.restoration.exports.mspdi_fields import (
    NAMESPACE,
    PLAN_ID,
    RESOURCE_FIELDS,
    TASK_FIELDS,
    application_facts,
    name_of_resource,
    person_facts,
    task_facts,
)
from releve.restoration.plan import Plan, PlannedTask

__all__ = ["write_mspdi"]

# What the schema lets a text be long; a note and the value of a field of one's own have no limit.
_SIGNS_MAX = 512
_PROJECT_SIGNS_MAX = 251  # 255 with ".xml"
_WITHOUT_LIMIT = frozenset({"Notes", "Value"})
_UNWRITABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_mspdi(case: Case, plan: Plan | None = None, *, made_at: datetime | None = None) -> bytes:
    """Return the case as MSPDI, with the dates and people of the plan where there is one; `made_at`: when it was."""
    return _Writer(case, plan, made_at).document()


class _Writer:
    def __init__(self, case: Case, plan: Plan | None, made_at: datetime | None) -> None:
        self._case = case
        told = {"plan": plan.id, "parent": plan.parent} if plan is not None else {}
        self._of = {key: id_ for key, id_ in told.items() if PLAN_ID.fullmatch(id_)}
        if made_at is not None:
            self._of["made"] = made_at.isoformat(timespec="seconds")
        self._moments = Moments.of(case)
        self._planned: dict[str, PlannedTask] = {each.task: each for each in plan.tasks} if plan else {}
        self._states: dict[str, TaskState] = {state.task: state for state in case.states}
        self._lines: list[str] = []
        self._calendars = {ALWAYS: 1}
        for calendar in case.calendars:
            self._calendars.setdefault(calendar.id, len(self._calendars) + 1)
        self._own_calendars = {
            person.id: len(self._calendars) + place for place, person in enumerate(case.people, 1)
        }
        self._people = {person.id: uid for uid, person in enumerate(case.people, 1)}
        self._resources = {
            resource.id: uid for uid, resource in enumerate(case.resources, len(case.people) + 1)
        }
        self._tasks_of: dict[str, list[Task]] = {application.id: [] for application in case.applications}
        for task in case.tasks:
            self._tasks_of.setdefault(task.application, []).append(task)
        self._summaries: dict[str, int] = {}
        self._tasks: dict[str, int] = {}
        uid = 0
        for application, tasks in self._tasks_of.items():
            uid += 1
            self._summaries[application] = uid
            for task in tasks:
                uid += 1
                self._tasks[task.id] = uid

    def document(self) -> bytes:
        """Return the whole file."""
        self._lines = [
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>',
            f'<Project xmlns="{NAMESPACE}">',
        ]
        self._header()
        self._extended_attributes()
        self._lines.append("<Calendars>")
        always = Calendar(id=ALWAYS, name="24 h / 24")
        for calendar in (always, *self._case.calendars):
            self._calendar(calendar)
        for person in self._case.people:
            self._person_calendar(person)
        self._lines += ["</Calendars>", "<Tasks>"]
        number = 0
        applications = {application.id: application for application in self._case.applications}
        for place, (id, tasks) in enumerate(self._tasks_of.items(), 1):
            number += 1
            self._summary(applications.get(id, Application(id=id)), tasks, number, place)
            for below, task in enumerate(tasks, 1):
                number += 1
                self._task(task, applications.get(id), number, f"{place}.{below}")
        self._lines += ["</Tasks>", "<Resources>"]
        for person in self._case.people:
            self._person(person)
        for resource in self._case.resources:
            self._resource(resource)
        self._lines += ["</Resources>", "<Assignments>"]
        self._assignments()
        self._lines += ["</Assignments>", "</Project>", ""]
        return "\n".join(self._lines).encode()

    def _put(self, **values: str | int) -> None:
        for name, value in values.items():
            text = str(value) if name in _WITHOUT_LIMIT else str(value)[:_SIGNS_MAX]
            text = escape(_UNWRITABLE.sub("\ufffd", text))
            self._lines.append(f"<{name}>{text}</{name}>")

    def _moment(self, hour: int) -> str:
        return self._moments.local(hour).isoformat(timespec="seconds")

    def _header(self) -> None:
        ends = [planned.end for planned in self._planned.values()]
        name = self._case.name[:_PROJECT_SIGNS_MAX] or "Relève"
        self._put(SaveVersion=14, Name=f"{name}.xml", Title=name)
        # MSPDI knows no time zones.
        told = {"zone": self._case.zone, "starts": self._case.starts_at.isoformat(), **self._of}
        self._put(Subject=" ".join(f"{key}={value}" for key, value in told.items()))
        self._put(
            ScheduleFromStart=1, StartDate=self._moment(0), FinishDate=self._moment(max(ends, default=0))
        )
        # The schema asks for it, of a project without a price too.
        self._put(CurrencyCode="EUR")
        self._put(CalendarUID=1, DefaultStartTime="00:00:00", DefaultFinishTime="00:00:00")
        # A day of work is eight hours here; all durations are written in hours.
        self._put(MinutesPerDay=480, MinutesPerWeek=2400, DaysPerMonth=20)
        self._put(DefaultTaskType=1, DurationFormat=5, WorkFormat=2)
        self._put(HonorConstraints=1, NewTasksEffortDriven=0, WeekStartDay=1)
        self._put(StatusDate=self._moment(self._case.now), CurrentDate=self._moment(self._case.now))

    def _extended_attributes(self) -> None:
        self._lines.append("<ExtendedAttributes>")
        for alias, (field, name) in (*TASK_FIELDS.items(), *RESOURCE_FIELDS.items()):
            self._lines.append("<ExtendedAttribute>")
            self._put(FieldID=field, FieldName=name, Alias=alias)
            self._lines.append("</ExtendedAttribute>")
        self._lines.append("</ExtendedAttributes>")

    def _calendar(self, calendar: Calendar) -> None:
        week = week_of(calendar)
        spans = [(each.from_hour, each.to_hour, each.works, each.name) for each in calendar.exceptions]
        self._lines.append("<Calendar>")
        self._put(UID=self._calendars[calendar.id], Name=_with_id(calendar.name, calendar.id))
        self._put(IsBaseCalendar=1, BaseCalendarUID=-1)
        self._lines.append("<WeekDays>")
        for kind in range(1, 8):
            self._lines.append("<WeekDay>")
            self._put(DayType=kind)
            self._hours(week[(kind - 2) % 7])
            self._lines.append("</WeekDay>")
        self._lines.append("</WeekDays>")
        self._exceptions(exception_days(days_of(week, spans, self._moments)))
        self._lines.append("</Calendar>")

    def _person_calendar(self, person: Person) -> None:
        calendar = next((each for each in self._case.calendars if each.id == person.calendar), None)
        base = calendar or Calendar(id=ALWAYS)
        week = week_of(base)
        spans = [(each.from_hour, each.to_hour, each.works, each.name) for each in base.exceptions]
        usual = days_of(week, spans, self._moments)
        own = days_of(week, [*spans, *person_spans(person)], self._moments)
        differing = {day: told for day, told in own.items() if usual.get(day, (None,))[0] != told[0]}
        self._lines.append("<Calendar>")
        self._put(UID=self._own_calendars[person.id], Name=_with_id(person.name, person.id))
        self._put(IsBaseCalendar=0, BaseCalendarUID=self._calendars.get(person.calendar, 1))
        self._exceptions(exception_days(differing))
        self._lines.append("</Calendar>")

    def _exceptions(self, exceptions: list[ExceptionDays]) -> None:
        if not exceptions:
            return
        self._lines.append("<Exceptions>")
        for told in exceptions:
            last = datetime(told.last.year, told.last.month, told.last.day, 23, 59)  # noqa: DTZ001 (MSPDI knows local times only)
            days = (told.last - told.first).days + 1
            self._lines.append("<Exception>")
            self._put(EnteredByOccurrences=0)
            self._lines.append("<TimePeriod>")
            self._put(FromDate=f"{told.first.isoformat()}T00:00:00", ToDate=last.isoformat())
            self._lines.append("</TimePeriod>")
            self._put(Occurrences=days, Name=told.name or "-", Type=1)
            self._hours(told.hours)
            self._lines.append("</Exception>")
        self._lines.append("</Exceptions>")

    def _hours(self, hours: DayHours) -> None:
        self._put(DayWorking=int(bool(hours)))
        if not hours:
            return
        self._lines.append("<WorkingTimes>")
        for start, end in spans_of(hours):
            self._lines.append("<WorkingTime>")
            self._put(FromTime=f"{start:02}:00:00", ToTime=f"{end % 24:02}:00:00")
            self._lines.append("</WorkingTime>")
        self._lines.append("</WorkingTimes>")

    def _summary(self, application: Application, tasks: list[Task], number: int, place: int) -> None:
        planned = [self._planned[task.id] for task in tasks if task.id in self._planned]
        start = min((each.start for each in planned), default=0)
        end = max((each.end for each in planned), default=start)
        self._lines.append("<Task>")
        self._put(UID=self._summaries[application.id], ID=number, Name=application.name or application.id)
        self._put(Active=1, Manual=0, Type=1, IsNull=0)
        if application.owner:
            self._put(Contact=application.owner)
        self._put(WBS=place, OutlineNumber=place, OutlineLevel=1)
        # In the order of the tiers, for who levels by priority: 1000 is first.
        self._put(Priority=max(0, min(1000, 1000 - 100 * application.tier)))
        self._put(Start=self._moment(start), Finish=self._moment(end))
        self._put(Milestone=0, Summary=1)
        for need in application.needs:
            if not need.before:
                self._link(self._summaries.get(need.application))
        self._custom("Relève id", application.id)
        self._custom("Relève kind", f"application/{application.kind}")
        self._custom("Relève facts", application_facts(application))
        self._lines.append("</Task>")

    def _task(self, task: Task, application: Application | None, number: int, outline: str) -> None:
        state = self._states.get(task.id)
        planned = self._planned.get(task.id)
        started, ended = (state.started, state.ended) if state else (None, None)
        start = started if started is not None else planned.start if planned else max(task.not_before, 0)
        end = ended if ended is not None else planned.end if planned else start + max(task.work_hours, 0)
        remaining = _remaining(task, state)
        self._lines.append("<Task>")
        self._put(UID=self._tasks[task.id], ID=number, Name=task.name or task.id)
        self._put(Active=1, Manual=0, Type=1, IsNull=0)
        self._put(WBS=outline, OutlineNumber=outline, OutlineLevel=2, Priority=500)
        self._put(Start=self._moment(start), Finish=self._moment(end))
        self._put(Duration=duration_text(task.work_hours), DurationFormat=5)
        self._put(EffortDriven=0, Estimated=0, Milestone=int(task.work_hours == 0), Summary=0)
        self._put(PercentComplete=_percent(task, state))
        if started is not None:
            self._put(ActualStart=self._moment(started))
        if ended is not None:
            self._put(ActualFinish=self._moment(ended))
        if started is not None or ended is not None:
            self._put(ActualDuration=duration_text(max(task.work_hours - remaining, 0)))
        self._put(RemainingDuration=duration_text(remaining))
        # With a plan: not before its date, so that a tool that schedules anew keeps the order of the plan.
        held = planned is not None and started is None
        self._put(
            ConstraintType=4 if held or task.not_before > 0 else 0,
            CalendarUID=self._calendars.get(task.calendar, 1),
        )
        if held or task.not_before > 0:
            self._put(ConstraintDate=self._moment(start))
        self._put(IgnoreResourceCalendar=0)
        if task.evidence:
            self._put(Notes=task.evidence)
        for before in task.after:
            self._link(self._tasks.get(before))
        for need in application.needs if application else ():
            if need.before == task.id:
                self._link(self._summaries.get(need.application))
        self._custom("Relève id", task.id)
        self._custom("Relève kind", task.kind)
        self._custom("Relève team", write_team(task.team))
        self._custom("Relève facts", task_facts(task, state.blocked_until if state else None))
        self._custom("Relève rework", write_ids(task.rework))
        self._lines.append("</Task>")

    def _link(self, uid: int | None) -> None:
        if uid is None:
            return
        self._lines.append("<PredecessorLink>")
        self._put(PredecessorUID=uid, Type=1, CrossProject=0, LinkLag=0, LagFormat=7)
        self._lines.append("</PredecessorLink>")

    def _custom(self, alias: str, value: str, fields: dict[str, tuple[str, str]] = TASK_FIELDS) -> None:
        if value:
            self._lines.append("<ExtendedAttribute>")
            self._put(FieldID=fields[alias][0], Value=value)
            self._lines.append("</ExtendedAttribute>")

    def _person(self, person: Person) -> None:
        self._lines.append("<Resource>")
        uid = self._people[person.id]
        self._put(UID=uid, ID=uid, Name=name_of_resource(person.name or person.id), Type=1, IsNull=0)
        self._put(Code=person.id, Group=person.kind, MaxUnits=1, CalendarUID=self._own_calendars[person.id])
        if person_facts(person):
            self._put(Notes=person_facts(person))
        self._custom("Relève kind", person.kind, RESOURCE_FIELDS)
        self._custom("Relève skills", write_ids(person.skills), RESOURCE_FIELDS)
        self._own_name(person.name)
        if person.windows:
            self._lines.append("<AvailabilityPeriods>")
            for window in person.windows:
                self._lines.append("<AvailabilityPeriod>")
                self._put(
                    AvailableFrom=self._moment(window.from_hour), AvailableTo=self._moment(window.to_hour)
                )
                self._put(AvailableUnits=1)
                self._lines.append("</AvailabilityPeriod>")
            self._lines.append("</AvailabilityPeriods>")
        self._lines.append("</Resource>")

    def _resource(self, resource: Resource) -> None:
        uid = self._resources[resource.id]
        self._lines.append("<Resource>")
        self._put(UID=uid, ID=uid, Name=name_of_resource(resource.name or resource.id), Type=1, IsNull=0)
        self._put(Code=resource.id, MaxUnits=resource.units, CalendarUID=1, IsGeneric=1)
        self._custom("Relève kind", "shared", RESOURCE_FIELDS)
        self._own_name(resource.name)
        self._lines.append("</Resource>")

    def _own_name(self, name: str) -> None:
        """Put the name as it is where that of a resource may not hold it."""
        if name_of_resource(name) != name:
            self._custom("Relève name", name, RESOURCE_FIELDS)

    def _assignments(self) -> None:
        uid = 0
        for task in self._case.tasks:
            state, planned = self._states.get(task.id), self._planned.get(task.id)
            people = state.people if state and state.people else planned.people if planned else ()
            held = [(self._people.get(person), 1) for person in people]
            held += [(self._resources.get(use.resource), use.units) for use in task.uses]
            for resource, units in held:
                if resource is None:
                    continue
                uid += 1
                self._lines.append("<Assignment>")
                self._put(UID=uid, TaskUID=self._tasks[task.id], ResourceUID=resource)
                if planned:
                    self._put(Finish=self._moment(planned.end), Start=self._moment(planned.start))
                self._put(Units=units, Work=duration_text(max(task.work_hours, 0) * units))
                self._lines.append("</Assignment>")


def _with_id(name: str, id: str) -> str:
    """Return a name that ends with its id, for calendars have no field for one."""
    return f"{name} [{id}]" if name and name != id else f"[{id}]"


def _remaining(task: Task, state: TaskState | None) -> int:
    if state is None or (state.started is None and state.ended is None):
        return max(task.work_hours, 0)
    if state.ended is not None:
        return 0
    return max(state.remaining_hours if state.remaining_hours is not None else task.work_hours, 0)


def _percent(task: Task, state: TaskState | None) -> int:
    if state is not None and state.ended is not None:
        return 100
    if state is None or state.started is None or task.work_hours <= 0:
        return 0
    # Never 100 while something remains: 99 and the hours that remain say it.
    return min(99, max(0, round(100 * (task.work_hours - _remaining(task, state)) / task.work_hours)))
