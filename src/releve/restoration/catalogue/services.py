"""The services of a first case: one for each care function, and one for each application that carries it elsewhere.

A service is back when all it requires are back. Applications that a ward has for itself, or that may be missed much
longer than the others, would hold the whole function back: each is a service of its own with a part of its weight.
Pure.
"""

from collections.abc import Collection, Mapping, Sequence

from msgspec.structs import replace

from releve.hospital.care import care_function
from releve.hospital.map import Application, Directory
from releve.hospital.spreadsheet import fold_name
from releve.restoration.case import Impact, Service, Share
from releve.restoration.catalogue.templates.impacts import IMPACTS, CareImpact

__all__ = ["care_services"]

_SLOWER = 4  # missed so many times longer than the most urgent one of the function: it does not hold it back
_SLOW_PART = 0.1  # of the function's weight, for each of those, and for those not made for the function
_WARDS_PART_MIN = 0.02  # for an application of few wards; else the share of beds in them
_PARTS_MAX = 0.5  # all of them together: the function itself keeps half at least


def care_services(
    directory: Directory,
    usual: Mapping[str, Collection[str]],
    *,
    shares: tuple[Share, ...] = (),
    language: str,
) -> tuple[Service, ...]:
    """Return the services of a hospital.

    `usual` are the functions of the template each application was taken for; `shares` those of the workstations, for
    the function `workplace`.
    """
    services: list[Service] = []
    beds = len(directory.map.beds)
    for code, cost in IMPACTS.items():
        carriers = [
            application for application in directory.map.applications if code in application.care_functions
        ]
        if not carriers:
            continue
        parts = _parts(code, carriers, usual, directory)
        main = tuple(each.code for each in carriers if each.code not in parts)
        for application, weight in parts.items():
            own = _named_after(code, directory.applications[application], alone=not main, language=language)
            services.append(_service(f"{code}:{application}", own, cost, weight, (application,), beds))
        if main:
            name = care_function(code).label(language)
            whole = _service(code, name, cost, 1 - sum(parts.values()), main, beds)
            services.append(replace(whole, shares=shares) if code == "workplace" else whole)
    return tuple(services)


def _parts(
    code: str, carriers: Sequence[Application], usual: Mapping[str, Collection[str]], directory: Directory
) -> dict[str, float]:
    """Return the applications that are a service of their own, each with its part of the weight.

    What is left are those that bring the function back for the whole hospital, together.
    """
    # Where some are made for the function, the others only touch it: a worklist of emergencies in an image archive.
    made_for_it = [each for each in carriers if code in usual.get(each.code, ())] or list(carriers)
    for_all = [each for each in made_for_it if not each.wards]
    first = for_all or made_for_it
    borne = [each.mtpd_hours for each in first if each.mtpd_hours is not None]
    slow_from = _SLOWER * max(min(borne), 1) if borne else None
    main = [each for each in first if slow_from is None or (each.mtpd_hours or 0) < slow_from]
    parts: dict[str, float] = {}
    for application in carriers:
        if application in main:
            continue
        parts[application.code] = _SLOW_PART
        if for_all and application.wards and application in made_for_it:
            there = sum(len(directory.beds_of(ward)) for ward in application.wards)
            parts[application.code] = max(_WARDS_PART_MIN, there / max(len(directory.map.beds), 1))
    total = sum(parts.values())
    if total > _PARTS_MAX:
        parts = {application: part * _PARTS_MAX / total for application, part in parts.items()}
    if not for_all:  # each of them is the one of its own wards
        left = (1 - sum(parts.values())) / len(main)
        parts |= {application.code: left for application in main}
    return parts


def _named_after(code: str, application: Application, *, alone: bool, language: str) -> str:
    """Return the name of the part of a care function that one application carries, which says no name twice.

    `alone`: no service is called like the function itself.
    """
    name = care_function(code).label(language)
    if fold_name(application.name) != fold_name(name):
        return f"{name} ({application.name})"
    return name if alone else f"{name} ({application.code})"


def _service(
    id_: str, name: str, cost: CareImpact, weight: float, requires: tuple[str, ...], beds: int
) -> Service:
    return Service(
        id=id_,
        name=name,
        requires=requires,
        impact=tuple(
            Impact(from_day=step.from_day, per_day=round(step.per_day * weight, 4)) for step in cost.impact
        ),
        coverage=cost.coverage,
        patients_per_day=round(cost.patients_per_100_beds * beds / 100 * weight, 1),
    )
