"""Lines of the catalogue as people type them on an application's page: needs, hours, teams, impacts."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec
from django.utils.translation import gettext

from releve.hospital.map import Application as MapApplication
from releve.restoration.case import Application, Case, Coverage, Impact, Need, Service, SkillCount, Task
from releve.restoration.facts import LineSaid

__all__ = ["Typed", "changed_lines", "new_application", "typed_of", "words_of_codes"]

HOURS_MAX = 10_000
_ID = re.compile(r"[^\s|,;:=]{1,60}")
_COUNTED = re.compile(r"(.+?)(?:\s*[x×*]\s*(\d{1,3}))?")  # a skill, and how many people have to have it


class Typed(NamedTuple):
    """What was read of a form: the lines that are different, and what is wrong by field."""

    lines: tuple[LineSaid, ...]
    errors: dict[str, str]


def typed_of(case: Case, own: Application) -> dict[str, str]:
    """Return an application and all that belongs to it as the fields of its form show it."""
    values = {
        "name": own.name,
        "owner": own.owner,
        "tier": str(own.tier),
        "needs": ", ".join(_need(need) for need in own.needs),
    }
    for task in case.tasks:
        if task.application == own.id:
            values |= {
                f"hours:{task.id}": str(task.work_hours),
                f"name:{task.id}": task.name,
                f"team:{task.id}": ", ".join(
                    one.skill if one.count == 1 else f"{one.skill} x{one.count}" for one in task.team
                ),
                f"after:{task.id}": ", ".join(task.after),
                f"evidence:{task.id}": task.evidence,
            }
    for service in case.services:
        if own.id in service.requires:
            values |= {
                f"impact:{service.id}": ", ".join(
                    f"{_figure(one.from_day)}: {_figure(one.per_day)}" for one in service.impact
                ),
                f"coverage:{service.id}": ", ".join(
                    f"{_figure(one.from_day)}: {_figure(one.share)}" for one in service.coverage
                ),
                f"patients:{service.id}": _figure(service.patients_per_day),
            }
    return values


def changed_lines(case: Case, own: Application, typed: Mapping[str, str]) -> Typed:
    """Return the lines that what was typed makes different, and what cannot be read, by field."""
    errors: dict[str, str] = {}
    lines: list[LineSaid] = []
    ids = {one.id for one in case.applications}
    after = _application(own, typed, ids, errors)
    if after != own:
        lines.append(line_of("application", after))
    for task in case.tasks:
        if task.application == own.id and f"hours:{task.id}" in typed:
            changed = _task(task, case, typed, errors)
            if changed != task:
                lines.append(line_of("task", changed))
    for service in case.services:
        if own.id in service.requires and f"impact:{service.id}" in typed:
            told = _service(service, typed, errors)
            if told != service:
                lines.append(line_of("service", told))
    return Typed(tuple(lines), errors)


def new_application(case: Case, id_: str, name: str, *, language: str) -> Typed:
    """Return the lines of an application nobody had thought of: the tasks of its template, as from the map.

    Where the catalogue has not the skills and means of the template: rebuilt, tested, its gate passed on evidence.
    """
    if not _ID.fullmatch(id_):
        return Typed((), {"new_id": gettext("A short code without spaces, such as PACS.")})
    if any(one.id == id_ for one in case.applications):
        return Typed((), {"new_id": gettext("This code stands in the catalogue already.")})
    if not name.strip():
        return Typed((), {"new_name": gettext("How do people call it?")})
    # Sixty templates, read when they are wanted.
    from releve.restoration.catalogue.matching import match
    from releve.restoration.catalogue.template_tasks import template_tasks

    template = match(MapApplication(code=id_, name=name.strip())).template
    own = Application(
        id=id_, name=name.strip(), kind=template.kind, tier=template.tier, owner=template.owner.said(language)
    )
    tasks = template_tasks(id_, template, language)
    skills, means = {one.id for one in case.skills}, {one.id for one in case.resources}
    if any(line.skill not in skills for task in tasks for line in task.team) or any(
        use.resource not in means for task in tasks for use in task.uses
    ):
        own = Application(id=id_, name=name.strip())
        tasks = [
            Task(id=f"{id_}-rebuild", application=id_, kind="rebuild", work_hours=8),
            Task(id=f"{id_}-test", application=id_, kind="test", work_hours=4, after=(f"{id_}-rebuild",)),
            Task(id=f"{id_}-gate", application=id_, kind="gate", work_hours=0, after=(f"{id_}-test",)),
        ]
    return Typed((line_of("application", own), *(line_of("task", task) for task in tasks)), {})


def line_of(what: Any, value: Any) -> LineSaid:
    """Return the line of the catalogue that a struct makes."""
    return LineSaid(what=what, id=value.id, value=msgspec.json.encode(value).decode())


def _application(
    own: Application, typed: Mapping[str, str], ids: Iterable[str], errors: dict[str, str]
) -> Application:
    known = set(ids)
    needs = []
    for part in _parts(typed.get("needs", "")):
        id_, _, before = part.partition(">")
        if id_.strip() not in known or id_.strip() == own.id:
            errors["needs"] = gettext("%s is no other application of the catalogue.") % id_.strip()
            continue
        needs.append(Need(application=id_.strip(), before=before.strip()))
    tier = typed.get("tier", "").strip()
    if tier not in ("1", "2", "3"):
        errors["tier"] = gettext("1, 2 or 3.")
        return own
    return msgspec.structs.replace(
        own,
        name=typed.get("name", "").strip()[:120],
        owner=typed.get("owner", "").strip()[:120],
        tier=int(tier),
        needs=tuple(needs),
    )


def _task(task: Task, case: Case, typed: Mapping[str, str], errors: dict[str, str]) -> Task:
    text = typed.get(f"hours:{task.id}", "").strip().removesuffix("h").strip()
    hours = int(text) if text.isascii() and text.isdigit() else -1
    if not 0 <= hours <= HOURS_MAX:
        errors[f"hours:{task.id}"] = gettext("Whole hours, 0 to 10,000.")
        return task
    skills = {one.id for one in case.skills} | {skill for one in case.people for skill in one.skills}
    team = []
    for part in _parts(typed.get(f"team:{task.id}", "")):
        found = _COUNTED.fullmatch(part)
        skill = found[1].strip() if found else part
        if skill not in skills:
            errors[f"team:{task.id}"] = gettext("%s is no team or skill of the catalogue.") % skill
            continue
        team.append(SkillCount(skill=skill, count=int(found[2] or 1) if found else 1))
    own = {one.id for one in case.tasks if one.application == task.application}
    after = _parts(typed.get(f"after:{task.id}", ""))
    for id_ in after:
        if id_ == task.id or (id_ not in own and id_ not in task.after):
            errors[f"after:{task.id}"] = gettext("%s is no other task of this application.") % id_
    return msgspec.structs.replace(
        task,
        work_hours=hours,
        name=typed.get(f"name:{task.id}", "").strip()[:160],
        team=tuple(team),
        after=tuple(after),
        evidence=typed.get(f"evidence:{task.id}", "").strip()[:300],
    )


def _service(service: Service, typed: Mapping[str, str], errors: dict[str, str]) -> Service:
    impact = _pairs(typed.get(f"impact:{service.id}", ""))
    coverage = _pairs(typed.get(f"coverage:{service.id}", ""))
    patients = _number(typed.get(f"patients:{service.id}", "") or "0")
    if impact is None or not impact or any(value < 0 for _, value in impact):
        errors[f"impact:{service.id}"] = gettext("Days and amounts, such as 0: 310, 7: 350.")
        return service
    if coverage is None or any(not 0 <= value <= 1 for _, value in coverage):
        errors[f"coverage:{service.id}"] = gettext("Days and shares from 0 to 1, such as 0: 0.114.")
        return service
    if patients is None or patients < 0:
        errors[f"patients:{service.id}"] = gettext("A number, 0 when nobody counts.")
        return service
    return msgspec.structs.replace(
        service,
        impact=tuple(Impact(from_day=day, per_day=value) for day, value in impact),
        coverage=tuple(Coverage(from_day=day, share=value) for day, value in coverage),
        patients_per_day=patients,
    )


def words_of_codes(text: str, names: Mapping[str, str], tasks: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the codes that a field holds with what people call them; those without another name are left out.

    `tasks`: what tasks are called, of a need that one task alone waits for.
    """
    found = {}
    for part in _parts(text) if names else ():
        code, _, before = (side.strip() for side in part.partition(">"))
        counted = _COUNTED.fullmatch(code)
        for one, of in ((code, names), (counted[1].strip() if counted else "", names), (before, tasks)):
            if of.get(one, one) != one:
                found[one] = of[one]
    return list(found.items())


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[,;\n]", text) if part.strip()]


def _pairs(text: str) -> list[tuple[float, float]] | None:
    """Return days and values of "0: 310; 7: 350", None when one cannot be read. A comma may be a decimal sign."""
    parts = re.split(r"[;\n]|,\s+", text)
    found = []
    for part in parts:
        if not part.strip():
            continue
        day, colon, value = part.partition(":")
        numbers = _number(day), _number(value)
        if not colon or numbers[0] is None or numbers[1] is None or numbers[0] < 0:
            return None
        found.append((numbers[0], numbers[1]))
    return sorted(found)


def _number(text: str) -> float | None:
    clean = text.strip().replace(",", ".").replace("\u202f", "").replace("\u00a0", "")
    return float(clean) if re.fullmatch(r"-?\d{1,9}(\.\d{1,6})?", clean) else None


def _figure(value: float) -> str:
    return f"{value:g}"


def _need(need: Need) -> str:
    return f"{need.application} > {need.before}" if need.before else need.application
