"""A first case from the hospital's map and the templates, so that a first plan exists within the hour. Pure.

Needs are those of the map. Everything else (tasks, hours, people, impacts) is estimated by the project, to be corrected
by the hospital: `docs/reference/restoration-catalogue.md` says by which rules.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from releve.hospital.map import Application as MapApplication
from releve.hospital.map import Directory, HospitalMap, IdentityAuthority
from releve.hospital.spreadsheet import fold_name
from releve.restoration.case import Application, Case, Need, Person
from releve.restoration.catalogue.batches import batches_of, image_of
from releve.restoration.catalogue.matching import TEMPLATES, Match, match
from releve.restoration.catalogue.services import care_services
from releve.restoration.catalogue.template_tasks import task_id, template_tasks
from releve.restoration.catalogue.templates.staff import (
    calendars,
    first_people,
    resources,
    skills,
)
from releve.restoration.catalogue.templates.tolerance import MTPD_HOURS

__all__ = ["first_case", "usual_hospital"]

_BESIDE = 0.4  # of the template's hours, for a further application taken for the same template: estimate
_OWN_VENDORS = {"interne", "internal", "regie", "dsi"}  # folded words of a vendor that is the house itself


def first_case(
    hospital: HospitalMap,
    starts_at: datetime,
    *,
    people: Sequence[Person] | None = None,
    machines: Mapping[str, int] | None = None,
    turn: Sequence[str] = (),
    language: str = "",
) -> Case:
    """Return a first case of a hospital cut at `starts_at`.

    `people` replaces the invented ones (their skills must be those of the templates); `machines` tells the number of
    workstations by ward, where it is known, `turn` which wards come first. Names are in the map's language when none is
    asked.
    """
    spoken = language or hospital.language
    hospital = _with_tolerances(hospital)
    zone = ZoneInfo(hospital.zone)
    directory = Directory(hospital)
    matches = {application.code: match(application) for application in hospital.applications}
    full = _full_size(hospital, matches)
    vendors = _vendors(hospital)
    lines = [_application(each, directory, matches, spoken) for each in hospital.applications]
    tasks = [
        task
        for each in hospital.applications
        for task in template_tasks(
            each.code,
            matches[each.code].template,
            spoken,
            vendor=_vendor(each),
            factor=1.0 if each.code in full else _BESIDE,
        )
    ]
    batches = batches_of(directory, image_of(matches), machines or {}, language=spoken, turn=turn)
    return Case(
        name=hospital.name,
        starts_at=starts_at,
        zone=hospital.zone,
        calendars=calendars(starts_at, zone, spoken),
        skills=skills(vendors, spoken),
        people=tuple(people) if people is not None else first_people(vendors, spoken),
        resources=resources(spoken),
        applications=(*lines, *batches.applications),
        tasks=(*tasks, *batches.tasks),
        services=care_services(
            directory,
            {code: each.template.functions for code, each in matches.items()},
            shares=batches.shares,
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


def _vendors(hospital: HospitalMap) -> dict[str, str]:
    """Return the vendors by id, each under the name that the map gives it first."""
    names: dict[str, str] = {}
    for each in hospital.applications:
        # Where nobody said who sells it the application's own name stands for it, never its code.
        known = each.name if each.vendor == each.code else each.vendor
        names.setdefault(_vendor(each), known.strip())
    return {id_: names[id_] for id_ in sorted(names) if id_}


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
