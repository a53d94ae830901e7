"""What MSPDI has no element for, in custom text fields that other tools show and keep. Pure.

Field numbers are those of Microsoft Project: Text1 to Text5 of a task, Text1 to Text3 of a resource.
"""

import re
from typing import Literal, get_args

from releve.restoration.case import Application, Person, Task

__all__ = [
    "APPLICATION_KINDS", "NAMESPACE", "PLAN_ID", "RESOURCE_FIELDS", "TASK_FIELDS", "application_facts",
    "name_of_resource", "person_facts", "read_facts", "task_facts",
]  # fmt: skip

ApplicationKind = Literal["application", "technical", "workstations"]
NAMESPACE = "http://schemas.microsoft.com/project"
# What of a plan's id goes into the subject of a project, between spaces; ours are sixteen hexadecimal signs.
PLAN_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)
# alias → (FieldID, FieldName); the alias tells our fields from those another tool put in the same place
TASK_FIELDS: dict[str, tuple[str, str]] = {
    "Relève id": ("188743731", "Text1"),
    "Relève kind": ("188743734", "Text2"),
    "Relève team": ("188743737", "Text3"),
    "Relève facts": ("188743740", "Text4"),
    "Relève rework": ("188743743", "Text5"),
}
RESOURCE_FIELDS: dict[str, tuple[str, str]] = {
    "Relève kind": ("205520904", "Text1"),
    "Relève skills": ("205520905", "Text2"),
    "Relève name": ("205520926", "Text3"),
}
# The kinds of a summary task; “workstations” alone is a kind of task.
APPLICATION_KINDS = {f"application/{kind}": kind for kind in get_args(ApplicationKind)}


def task_facts(task: Task, blocked_until: int | None) -> str:
    """Return what else is told of a task, as `not-before=24 fails=0.1`."""
    facts: dict[str, float | int | None] = {
        "not-before": task.not_before or None,
        "fails": task.fail_probability or None,
        "spread": task.spread,
        "blocked-until": blocked_until,
    }
    return " ".join(f"{name}={value!r}" for name, value in facts.items() if value is not None)


def application_facts(application: Application) -> str:
    """Return what else is told of an application."""
    spread = f" spread={application.spread!r}" if application.spread is not None else ""
    return f"tier={application.tier}{spread}"


def name_of_resource(name: str) -> str:
    """Return a name as that of a resource: without what separates resources in a list, and opens their units.

    >>> name_of_resource("Équipe 1, personne 2 [nuit]")
    'Équipe 1 - personne 2 (nuit)'
    """
    return re.sub(r"\s*[,;]\s*", " - ", name).replace("[", "(").replace("]", ")")


def person_facts(person: Person) -> str:
    """Return what else is told of somebody."""
    return f"no-show={person.no_show_probability!r}" if person.no_show_probability else ""


def read_facts(text: str) -> dict[str, float]:
    """Return the numbers told in such a text, by name; what is none is left out."""
    facts: dict[str, float] = {}
    for part in text.split():
        name, _, value = part.partition("=")
        try:
            number = float(value)
        except ValueError:
            continue
        if abs(number) < 1e12:
            facts[name] = number
    return facts
