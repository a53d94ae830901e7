"""The tasks that a template gives an application, or a batch of workstations. Pure."""

from math import ceil

from releve.restoration.case import SkillCount, Task, Use
from releve.restoration.catalogue.templates.staff import vendor_skill
from releve.restoration.catalogue.templates.template import TaskTemplate, Template

__all__ = ["task_id", "template_tasks"]


def task_id(application: str, key: str) -> str:
    """Return the id of a task of an application."""
    return f"{application}-{key}"


def template_tasks(
    application: str, template: Template, language: str, *, vendor: str = "", factor: float = 1.0
) -> list[Task]:
    """Return the tasks of a template for one application; `factor`: its hours against those of the template."""
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
