"""A first case from the hospital's map and the templates, so that a first plan exists within the hour. Pure.

Needs are those of the map. Everything else (tasks, hours, people, impacts) is estimated by the project, to be corrected
by the hospital: `docs/reference/restoration-catalogue.md` says by which rules.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import ceil
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from releve.hospital.map import Application as MapApplication
from releve.hospital.map import Directory, HospitalMap, IdentityAuthority, Ward
from releve.hospital.spreadsheet import fold_name
from releve.restoration.case import Application, Case, Need, Person, Share, SkillCount, Task, Use
from releve.restoration.catalogue.matching import TEMPLATES, Match, match
from releve.restoration.catalogue.services import care_services
from releve.restoration.catalogue.templates.offices import BATCH
from releve.restoration.catalogue.templates.staff import (
    calendars,
    first_people,
    resources,
    skills,
    vendor_skill,
)
from releve.restoration.catalogue.templates.template import TaskTemplate, Template
from releve.restoration.catalogue.templates.tolerance import MTPD_HOURS

__all__ = ["batch_id", "first_case", "machines_of", "task_id", "usual_hospital"]

_MACHINES_OF_A_TEMPLATE = 10  # the batch template counts hours for ten machines
_MACHINES_A_BED = 0.6  # estimate by the project
_MACHINES_WITHOUT_BEDS = 15  # of a ward without beds: consultations, technical departments, offices
_BESIDE = 0.4  # of the template's hours, for a further application taken for the same template: estimate
_OWN_VENDORS = {"interne", "internal", "regie", "dsi"}  # folded words of a vendor that is the house itself


def first_case(
    hospital: HospitalMap,
    starts_at: datetime,
    *,
    people: Sequence[Person] | None = None,
    machines: Mapping[str, int] | None = None,
    language: str = "",
) -> Case:
    """Return a first case of a hospital cut at `starts_at`.

    `people` replaces the invented ones (their skills must be those of the templates); `machines` tells the number of
    workstations by ward, where it is known. Names are in the map's language when none is asked.
    """
    spoken = language or hospital.language
    hospital = _with_tolerances(hospital)
    zone = ZoneInfo(hospital.zone)
    directory = Directory(hospital)
    matches = {application.code: match(application) for application in hospital.applications}
    full = _full_size(hospital, matches)
    vendors = tuple(sorted({_vendor(each) for each in hospital.applications} - {""}))
    lines = [_application(each, directory, matches, spoken) for each in hospital.applications]
    tasks = [
        task
        for each in hospital.applications
        for task in _tasks(
            each.code,
            matches[each.code].template,
            spoken,
            vendor=_vendor(each),
            factor=1.0 if each.code in full else _BESIDE,
        )
    ]
    batches, batch_tasks = _batches(directory, matches, machines or {}, spoken)
    return Case(
        name=hospital.name,
        starts_at=starts_at,
        zone=hospital.zone,
        calendars=calendars(starts_at, zone, spoken),
        skills=skills(vendors, spoken),
        people=tuple(people) if people is not None else first_people(vendors, spoken),
        resources=resources(spoken),
        applications=(*lines, *(line for line, _ in batches)),
        tasks=(*tasks, *batch_tasks),
        services=care_services(
            directory,
            {code: each.template.functions for code, each in matches.items()},
            shares=_shares(batches),
            language=spoken,
        ),
    )


def usual_hospital(language: str = "en") -> HospitalMap:
    """Return the map of a hospital that has every template once and no ward: where nothing is known, a beginning."""
    return HospitalMap(
        name="",
        identity=IdentityAuthority(feed="", namespace=""),
        language=language,
        applications=tuple(
            MapApplication(
                code=template.code,
                name=template.name.said(language),
                care_functions=template.functions,
                needs=template.needs,
                vendor="" if template.kind == "technical" else template.code,
            )
            for template in TEMPLATES
        ),
    )


def machines_of(ward: Ward, beds: int) -> int:
    """Return how many workstations a ward is supposed to have, until somebody has counted."""
    return max(2, ceil(beds * _MACHINES_A_BED)) if beds else _MACHINES_WITHOUT_BEDS


def batch_id(ward: str) -> str:
    """Return the id of the workstations of a ward, as an application of the case."""
    return f"WS-{ward}"


def _with_tolerances(hospital: HospitalMap) -> HospitalMap:
    """Return the map with what the project estimates of an application's MTPD where nobody has said it."""
    return replace(
        hospital,
        applications=tuple(
            each
            if each.mtpd_hours is not None
            else replace(each, mtpd_hours=MTPD_HOURS.get(match(each).template.code))
            for each in hospital.applications
        ),
    )


def _full_size(hospital: HospitalMap, matches: Mapping[str, Match]) -> set[str]:
    """Return for each template the application it describes: of those taken for it the one for all wards, most urgent.

    The others are parts beside it: a worklist beside the image archive has no images to restore.
    """
    best: dict[str, tuple[bool, float, int, str]] = {}
    for place, each in enumerate(hospital.applications):
        hours = each.mtpd_hours if each.mtpd_hours is not None else float("inf")
        rank = (bool(each.wards), hours, place, each.code)
        template = matches[each.code].template.code
        best[template] = min(best.get(template, rank), rank)
    return {code for *_, code in best.values()}


def _vendor(application: MapApplication) -> str:
    """Return the vendor as an id; "" when there is none or the house does it itself."""
    folded = fold_name(application.vendor)
    return "" if _OWN_VENDORS.intersection(folded.split("_")) else folded


def _application(
    application: MapApplication, directory: Directory, matches: Mapping[str, Match], language: str
) -> Application:
    template = matches[application.code].template
    keys = {task.key for task in template.tasks}
    needs = []
    for other in application.needs:
        if other not in matches or other == application.code:
            continue
        # An application is rebuilt beside the others and waits for them to reopen; the ground must be there first.
        ground = matches[other].template.kind == "technical"
        before = "" if ground or "reopen" not in keys else task_id(application.code, "reopen")
        needs.append(Need(application=other, before=before))
    backup = next((code for code, each in matches.items() if each.template.code == "backup"), "")
    # Restores are read from the backup, whether the map says so or not; never in a circle.
    closure = directory.needs_of(backup)
    if "restore" in keys and backup and application.code not in {backup, *closure}:
        needs = [need for need in needs if need.application != backup]
        needs.append(Need(application=backup, before=task_id(application.code, "restore")))
    return Application(
        id=application.code,
        name=application.name,
        kind=template.kind,
        tier=template.tier,
        needs=tuple(needs),
        owner=template.owner.said(language),
    )


def task_id(application: str, key: str) -> str:
    """Return the id of a task of an application."""
    return f"{application}-{key}"


def _tasks(
    application: str, template: Template, language: str, *, vendor: str = "", factor: float = 1.0
) -> list[Task]:
    return [_task(application, each, language, vendor, factor) for each in template.tasks]


def _task(application: str, each: TaskTemplate, language: str, vendor: str, factor: float) -> Task:
    asked: dict[str, int] = {}
    for skill in each.team:
        if skill == "vendor":
            if not vendor:
                continue
            skill = vendor_skill(vendor)
        asked[skill] = asked.get(skill, 0) + 1
    return Task(
        id=task_id(application, each.key),
        application=application,
        kind=each.kind,
        name=each.name.said(language),
        work_hours=ceil(each.work_hours * factor) if each.work_hours else 0,
        after=tuple(task_id(application, key) for key in each.after),
        team=tuple(SkillCount(skill=skill, count=count) for skill, count in asked.items()),
        uses=tuple(Use(resource=resource) for resource in each.uses),
        evidence=each.evidence.said(language),
        fail_probability=each.fail_probability,
        rework=tuple(task_id(application, key) for key in each.rework),
    )


def _batches(
    directory: Directory, matches: Mapping[str, Match], machines: Mapping[str, int], language: str
) -> tuple[list[tuple[Application, int]], list[Task]]:
    """Return the workstations of each ward, with how many they are, and their tasks."""
    image = [code for code, each in matches.items() if each.template.code == "workstation-image"]
    lines: list[tuple[Application, int]] = []
    tasks: list[Task] = []
    for ward in directory.map.wards:
        number = machines.get(ward.code, machines_of(ward, len(directory.beds_of(ward.code))))
        if number <= 0:
            continue
        id = batch_id(ward.code)
        waiting = task_id(id, "workstations")
        line = Application(
            id=id,
            name=f"{BATCH.name.said(language)} {ward.code} {ward.name} ({number})",
            kind="workstations",
            tier=BATCH.tier,
            needs=tuple(Need(application=code, before=waiting) for code in image[:1]),
            owner=BATCH.owner.said(language),
        )
        lines.append((line, number))
        tasks += _tasks(id, BATCH, language, factor=number / _MACHINES_OF_A_TEMPLATE)
    return lines, tasks


def _shares(batches: Sequence[tuple[Application, int]]) -> tuple[Share, ...]:
    """Return which share of all workstations each batch is, rounded down so that they never add up to more than 1."""
    total = sum(number for _, number in batches)
    return tuple(
        Share(application=line.id, share=number * 10**6 // total / 10**6)
        for line, number in batches
        if number * 10**6 >= total
    )
