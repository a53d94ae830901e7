"""An MSPDI file as a case, its dates as a plan, and what of it is not kept, line by line. Pure."""

from collections import Counter
from datetime import datetime
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from releve.restoration.case import Case, Impact, Service, Skill
from releve.restoration.catalogue.values import YEARS
from releve.restoration.exports.moments import Moments
from releve.restoration.exports.mspdi_fields import NAMESPACE, PLAN_ID, RESOURCE_FIELDS, TASK_FIELDS
from releve.restoration.exports.mspdi_known import DERIVED, READ
from releve.restoration.exports.mspdi_links import Links
from releve.restoration.exports.mspdi_people import Calendars, Resources
from releve.restoration.exports.mspdi_tasks import Outline, Settings, Tasks
from releve.restoration.exports.mspdi_write import write_mspdi
from releve.restoration.exports.remarks import Remark
from releve.restoration.exports.xml_tree import Element, XmlError, read_xml
from releve.restoration.plan import Plan, PlannedTask

__all__ = ["MspdiReading", "read_mspdi"]

_SHALLOW = frozenset({"TimephasedData", "OutlineCodes", "WBSMasks"})
_PRIORITY_A_POINT = 100  # an application of priority 500 counts five points of care a day


class MspdiReading(msgspec.Struct, frozen=True):
    """A case, the dates and people of the file as a plan, and what was not kept or kept otherwise."""

    case: Case
    plan: Plan
    remarks: tuple[Remark, ...]


def read_mspdi(data: bytes, *, base: Case | None = None, zone: str = "Europe/Paris") -> MspdiReading:
    """Return what an MSPDI file says.

    With `base`, the case it was written from: services, impacts and announced dates are those of the base, and so is
    every line that the file did not change. Without: each application counts by its priority. `zone` is that of the
    file's local times when the file is not ours.

    Raises:
        XmlError: no XML, or not MSPDI; the message names the line.
    """
    project = read_xml(data, shallow=_SHALLOW)
    if project.name != "Project" or project.namespace not in (NAMESPACE, ""):
        raise XmlError(f"line {project.line}: expected a Project of {NAMESPACE}")
    reading = _read(project, base, zone)
    if base is None:
        return reading
    return replace(reading, case=_on_base(reading.case, base))


def _read(project: Element, base: Case | None, zone: str) -> MspdiReading:
    remarks: list[Remark] = []
    told = dict(part.partition("=")[::2] for part in project.value("Subject").split())
    starts_at, zone = _start(project, told, base, zone, remarks)
    settings = Settings(project, Moments(starts_at, zone), remarks)
    task_aliases, resource_aliases = _aliases(project)
    calendar_uid = project.value("CalendarUID")
    calendars = Calendars(_in(project, "Calendars", "Calendar"), calendar_uid, settings.moments, remarks)
    calendars.keep_all()
    resources = Resources(
        _in(project, "Resources", "Resource"), resource_aliases, calendars, settings.moments, remarks
    )
    outline = Outline(_in(project, "Tasks", "Task"), task_aliases, settings)
    tasks = Tasks(outline, calendars, resources, settings, calendar_uid)
    tasks.assign(_in(project, "Assignments", "Assignment"))
    tasks.read()
    links = Links(outline, tasks, settings)
    links.read()
    applications, lines = links.put()
    skills = dict.fromkeys(skill for person in resources.people.values() for skill in person.skills)
    case = Case(
        name=project.value("Title") or project.value("Name").removesuffix(".xml"),
        starts_at=starts_at,
        zone=zone,
        now=_now(project, tasks, settings),
        calendars=tuple(calendars.lines.values()),
        skills=tuple(Skill(id=skill) for skill in skills),
        people=tuple(resources.people.values()),
        resources=tuple(resources.shared.values()),
        applications=applications,
        tasks=lines,
        services=tuple(
            Service(
                id=f"S-{id}",
                name=application.name,
                requires=(id,),
                impact=(Impact(from_day=0, per_day=tasks.priorities[id] / _PRIORITY_A_POINT),),
            )
            for id, application in tasks.applications.items()
        ),
        states=tuple(tasks.progress.states),
    )
    if base is None:
        remarks.append(Remark(code="no-care", severity="changed"))
    case = links.put_doubtful(case)
    _say_unread(project, remarks)
    plan = _plan(outline, tasks, settings, told)
    # A calendar says the same of each weekday: once is enough.
    said: dict[tuple[str, str, str], Remark] = {}
    for remark in remarks:
        said.setdefault((remark.code, remark.place, str(remark.facts)), remark)
    kept = sorted(said.values(), key=lambda remark: remark.line)
    return MspdiReading(case, plan, tuple(kept))


def _in(project: Element, group: str, name: str) -> list[Element]:
    return [element for each in project.all(group) for element in each.all(name)]


def _start(
    project: Element, told: dict[str, str], base: Case | None, zone: str, remarks: list[Remark]
) -> tuple[datetime, str]:
    """Return the start and the zone: those of the base, or of the file if it is ours, or its local start."""
    if base is not None:
        return base.starts_at, base.zone
    try:
        ours = datetime.fromisoformat(told.get("starts", ""))
        ZoneInfo(told.get("zone", ""))
        if ours.tzinfo is not None and ours.year in YEARS:
            return ours, told["zone"]
    except (KeyError, OSError, ValueError):
        pass
    try:
        start = datetime.fromisoformat(project.value("StartDate"))
        if start.year not in YEARS:
            raise ValueError("a start in another century")
    except ValueError:
        start = datetime(2000, 1, 3, 8, tzinfo=ZoneInfo(zone))
        remarks.append(
            Remark(code="no-start", severity="changed", line=project.line, facts={"read": start.isoformat()})
        )
    return (start if start.tzinfo is not None else start.replace(tzinfo=ZoneInfo(zone))), zone


def _aliases(project: Element) -> tuple[dict[str, str], dict[str, str]]:
    """Return which custom fields are ours: another tool may keep its own in the same places."""
    told = {
        (each.value("FieldID"), each.value("Alias"))
        for each in _in(project, "ExtendedAttributes", "ExtendedAttribute")
    }
    return (
        {field: alias for alias, (field, _) in TASK_FIELDS.items() if (field, alias) in told},
        {field: alias for alias, (field, _) in RESOURCE_FIELDS.items() if (field, alias) in told},
    )


def _now(project: Element, tasks: Tasks, settings: Settings) -> int:
    told = settings.moment(project, "StatusDate")
    now = max(settings.moments.hour_from(told), 0) if told is not None else 0
    if tasks.progress.latest > now and told is not None:
        settings.say("future", "changed", project, "")
    return max(now, tasks.progress.latest)


def _plan(outline: Outline, tasks: Tasks, settings: Settings, told: dict[str, str]) -> Plan:
    """Return the dates and people of the file as a plan; its parent is the plan that the file was written from."""
    written_from = told.get("plan", "")
    planned = []
    leaves = (leaf for top in outline.tops for leaf in top.leaves())
    for line, id in zip(leaves, tasks.people, strict=True):
        start = settings.moment(line.element, "Start", line.place)
        end = settings.moment(line.element, "Finish", line.place)
        if start is None or end is None:
            continue
        planned.append(
            PlannedTask(
                task=id,
                start=settings.moments.hour_from(start),
                end=settings.moments.hour_to(end),
                people=tasks.people[id],
            )
        )
    parent = written_from if PLAN_ID.fullmatch(written_from) else ""
    return Plan(parent=parent, made_by="mspdi", tasks=tuple(planned))


def _say_unread(project: Element, remarks: list[Remark]) -> None:
    """Say each kind of element that is not read, once, at the first of its lines."""
    groups = {"Task": "Tasks", "Resource": "Resources", "Assignment": "Assignments", "Calendar": "Calendars"}
    _say_unknown("Project", [project], remarks)
    for name, group in groups.items():
        elements = _in(project, group, name)
        _say_unknown(name, elements, remarks)
        timed = [each for element in elements for each in element.all("TimephasedData")]
        if timed:
            remarks.append(
                Remark(
                    code="timephased",
                    severity="lost",
                    line=timed[0].line,
                    place=name.lower(),
                    facts={"count": len(timed)},
                )
            )
    for element in _in(project, "Assignments", "Assignment"):
        if element.first("Baseline") is not None:
            remarks.append(Remark(code="baseline", severity="lost", line=element.line, place="assignment"))
            break


def _say_unknown(kind: str, elements: list[Element], remarks: list[Remark]) -> None:
    known = READ[kind] | DERIVED[kind]
    first: dict[str, Element] = {}
    count: Counter[str] = Counter()
    for element in elements:
        for child in element.children:
            if child.name not in known:
                first.setdefault(child.name, child)
                count[child.name] += 1
    for name, child in first.items():
        times = f" (× {count[name]})" if count[name] > 1 else ""
        remarks.append(
            Remark(
                code="element",
                severity="lost",
                line=child.line,
                place=kind.lower(),
                facts={"name": f"{name[:60]}{times}"},
            )
        )


def _on_base(case: Case, base: Case) -> Case:
    """Return the base with what the file changed: a line that reads as it was written is the line of the base."""
    written = _read(read_xml(write_mspdi(base), shallow=_SHALLOW), base, base.zone).case
    changes: dict[str, Any] = {}
    keys = {"states": "task"}
    for name in ("calendars", "people", "resources", "applications", "tasks", "states"):
        key = attrgetter(keys.get(name, "id"))
        before = {key(item): item for item in getattr(base, name)}
        same = {key(item): item for item in getattr(written, name)}
        place = {id: number for number, id in enumerate(before)}
        # In the order of the base, what is new after it: the file knows an order of its own.
        items = sorted(getattr(case, name), key=lambda item: place.get(key(item), len(place)))
        changes[name] = tuple(
            before[key(item)] if key(item) in before and same.get(key(item)) == item else item
            for item in items
        )
    known = {skill.id for skill in base.skills}
    skills = (*base.skills, *(skill for skill in case.skills if skill.id not in known))
    return replace(base, skills=skills, now=max(case.now, base.now), **changes)
