"""What the public schema of MSPDI asks of an element: which may stand in it, in which order, of which form.

Source: Microsoft, Project XML Data Interchange Schema Reference (mspdi_pj12.xsd, revision of 2007-11-28), the pages
"XML Schema for the … Element"; `BuildNumber`, `GUID`, `Active` and `Manual` came with Project 2010 (mspdi_pj14.xsd). Of
each element those are named that Relève writes or reads. "!": it must be there; a letter behind ":" is its form: b
boolean, i integer, d duration, m moment, t time of day, f number, s text.
"""

import re
import xml.etree.ElementTree as ElementTree

from releve.restoration.exports.mspdi_fields import NAMESPACE

__all__ = ["faults_of_mspdi"]

_ORDER = {
    "Project": "SaveVersion!:i BuildNumber:s UID:s Name:s Title:s Subject:s ScheduleFromStart:b StartDate:m "
    "FinishDate:m CurrencyCode!:s CalendarUID:i DefaultStartTime:t DefaultFinishTime:t MinutesPerDay:i "
    "MinutesPerWeek:i DaysPerMonth:i DefaultTaskType:i DurationFormat:i WorkFormat:i HonorConstraints:b "
    "NewTasksEffortDriven:b WeekStartDay:i StatusDate:m CurrentDate:m OutlineCodes WBSMasks "
    "ExtendedAttributes Calendars Tasks Resources Assignments",
    "ExtendedAttributes": "ExtendedAttribute",
    "Project/ExtendedAttribute": "FieldID:s FieldName:s Alias:s",
    "Calendars": "Calendar",
    "Calendar": "UID!:i Name:s IsBaseCalendar:b BaseCalendarUID:i WeekDays Exceptions WorkWeeks",
    "WeekDays": "WeekDay",
    "WeekDay": "DayType!:i DayWorking:b TimePeriod WorkingTimes",
    "Exceptions": "Exception",
    "Exception": "EnteredByOccurrences:b TimePeriod Occurrences:i Name:s Type:i Period:i DaysOfWeek:i MonthItem:i "
    "MonthPosition:i Month:i MonthDay:i DayWorking:b WorkingTimes",
    "TimePeriod": "FromDate:m ToDate:m",
    "WorkingTimes": "WorkingTime",
    "WorkingTime": "FromTime:t ToTime:t",
    "Tasks": "Task",
    "Task": "UID!:i GUID:s ID:i Name:s Active:b Manual:b Type:i IsNull:b CreateDate:m Contact:s WBS:s WBSLevel:s "
    "OutlineNumber:s OutlineLevel:i Priority:i Start:m Finish:m Duration:d DurationFormat:i Work:d Stop:m Resume:m "
    "EffortDriven:b Recurring:b Estimated:b Milestone:b Summary:b ExternalTask:b FixedCost:f PercentComplete:i "
    "Cost:f OvertimeWork:d ActualStart:m ActualFinish:m ActualDuration:d ActualCost:f ActualOvertimeWork:d "
    "ActualWork:d RemainingDuration:d RemainingWork:d ConstraintType:i CalendarUID:i ConstraintDate:m Deadline:m "
    "IgnoreResourceCalendar:b Notes:s PredecessorLink ExtendedAttribute Baseline TimephasedData",
    "PredecessorLink": "PredecessorUID:i Type:i CrossProject:b CrossProjectName:s LinkLag:i LagFormat:i",
    "ExtendedAttribute": "FieldID:s Value:s ValueGUID:s DurationFormat:i",
    "Resources": "Resource",
    "Resource": "UID!:i GUID:s ID:i Name:s Type:i IsNull:b Code:s Group:s MaxUnits:f Cost:f StandardRate:f "
    "OvertimeRate:f CostPerUse:f CalendarUID:i Notes:s IsGeneric:b ExtendedAttribute Baseline IsCostResource:b "
    "AvailabilityPeriods Rates TimephasedData",
    "AvailabilityPeriods": "AvailabilityPeriod",
    "AvailabilityPeriod": "AvailableFrom:m AvailableTo:m AvailableUnits:f",
    "Assignments": "Assignment",
    "Assignment": "UID!:i GUID:s TaskUID:i ResourceUID:i ActualFinish:m ActualStart:m ActualWork:d Delay:i Finish:m "
    "OvertimeWork:d Start:m Units:f Work:d ExtendedAttribute Baseline TimephasedData",
}
# An enumeration that stands in the schema as numbers.
_ONE_OF = {
    "Type": range(10), "DayType": range(8), "ConstraintType": range(8), "DurationFormat": range(3, 54),
    "LagFormat": range(3, 54), "OutlineLevel": range(65_536), "Priority": range(1001),
    "PercentComplete": range(101), "WeekStartDay": range(7), "WorkFormat": range(1, 6),
}  # fmt: skip
_LONGEST = {"Name": 512, "Title": 512, "Subject": 512, "Contact": 512, "Code": 512, "Group": 512, "Alias": 50,
            "CurrencyCode": 3, "OutlineNumber": 512}  # fmt: skip
_MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"
_FORMS = {
    "b": r"0|1|true|false", "i": r"-?\d+", "d": r"-?PT\d+H\d+M\d+S", "m": _MOMENT, "t": r"\d\d:\d\d:\d\d",
    "f": r"-?\d+(\.\d+)?", "s": r"(?s).*",
}  # fmt: skip


def faults_of_mspdi(data: bytes) -> list[str]:
    """Return what of a file the schema or another program would refuse, one line a fault."""
    project = ElementTree.fromstring(data)
    if project.tag != f"{{{NAMESPACE}}}Project":
        return [f"{project.tag}: expected a Project of {NAMESPACE}"]
    return [*_element(project, "Project", "Project"), *_references(project)]


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _element(element: ElementTree.Element, kind: str, place: str) -> list[str]:
    allowed = [part.partition(":") for part in _ORDER[kind].split()]
    order = [name.rstrip("!") for name, _, _ in allowed]
    forms = {name.rstrip("!"): form for name, _, form in allowed}
    found: list[str] = []
    at = 0
    for child in element:
        name = _local(child)
        here = f"{place}/{name}"
        if name not in order:
            found.append(f"{here}: not in the schema")
            continue
        if order.index(name) < at:
            found.append(f"{here}: after {order[at]}")
        at = max(at, order.index(name))
        if forms[name]:
            found += _value(name, forms[name], child.text or "", here)
        else:
            inner = f"Project/{name}" if kind == "ExtendedAttributes" else name
            found += _element(child, inner, here) if inner in _ORDER else []
    held = {_local(child) for child in element}
    found += [
        f"{place}: without {name[:-1]}"
        for name, _, _ in allowed
        if name.endswith("!") and name[:-1] not in held
    ]
    return found


def _value(name: str, form: str, text: str, here: str) -> list[str]:
    if not re.fullmatch(_FORMS[form], text):
        return [f"{here}: {text[:40]!r} is no {form}"]
    if name in _ONE_OF and int(text) not in _ONE_OF[name]:
        return [f"{here}: {text} is none of those there are"]
    if len(text) > _LONGEST.get(name, len(text)):
        return [f"{here}: longer than {_LONGEST[name]}"]
    return []


def _references(project: ElementTree.Element) -> list[str]:
    """Return numbers that name nothing, or two things: a program that reads them drops the link in silence."""
    ns = {"p": NAMESPACE}

    def all_of(path: str) -> list[str]:
        return [element.text or "" for element in project.findall(path, ns)]

    uids = {
        name: all_of(f"p:{name}s/p:{name}/p:UID") for name in ("Calendar", "Task", "Resource", "Assignment")
    }
    found = [f"{name}: a UID stands twice" for name, held in uids.items() if len(held) != len(set(held))]
    for name in ("Task", "Resource"):
        ids = all_of(f"p:{name}s/p:{name}/p:ID")
        if len(ids) != len(set(ids)):
            found.append(f"{name}: an ID stands twice")
    for path, held in (
        ("p:Tasks/p:Task/p:PredecessorLink/p:PredecessorUID", uids["Task"]),
        ("p:Tasks/p:Task/p:CalendarUID", [*uids["Calendar"], "-1"]),
        ("p:Resources/p:Resource/p:CalendarUID", [*uids["Calendar"], "-1"]),
        ("p:Calendars/p:Calendar/p:BaseCalendarUID", [*uids["Calendar"], "-1"]),
        ("p:Assignments/p:Assignment/p:TaskUID", uids["Task"]),
        ("p:Assignments/p:Assignment/p:ResourceUID", [*uids["Resource"], "-65535"]),
        ("p:CalendarUID", uids["Calendar"]),
    ):
        found += [f"{path}: {uid} is nobody's" for uid in all_of(path) if uid not in held]
    for calendar in project.findall("p:Calendars/p:Calendar", ns):
        base, own = (
            calendar.findtext("p:BaseCalendarUID", "", ns),
            calendar.findtext("p:IsBaseCalendar", "", ns),
        )
        if (own in ("1", "true")) != (base in ("-1", "0", "")):
            found.append("Calendar: a base calendar has no base (-1), every other has one")
    for task in project.findall("p:Tasks/p:Task", ns):
        number, level = task.findtext("p:OutlineNumber", "", ns), task.findtext("p:OutlineLevel", "0", ns)
        if number not in ("", "0") and number.count(".") + 1 != int(level):
            found.append(f"Task: {number} does not stand on level {level}")
    return found
