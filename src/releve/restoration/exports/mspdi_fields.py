"""What MSPDI has no element for, in custom text fields that other tools show and keep. Pure.

Field numbers are those of Microsoft Project: Text1 to Text6 of a task, Text1 and Text2 of a resource.
"""

from collections.abc import Iterable
from typing import Literal, get_args

from releve.restoration.case import Application, Person, SkillCount, Task

__all__ = [
    "APPLICATION_KINDS", "NAMESPACE", "RESOURCE_FIELDS", "TASK_FIELDS", "application_facts", "person_facts",
    "read_facts", "read_ids", "read_team", "task_facts", "write_ids", "write_team",
]  # fmt: skip

ApplicationKind = Literal["application", "technical", "workstations"]
NAMESPACE = "http://schemas.microsoft.com/project"
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
}
# The kinds of a summary task; “workstations” alone is a kind of task.
APPLICATION_KINDS = {f"application/{kind}": kind for kind in get_args(ApplicationKind)}


def write_team(team: tuple[SkillCount, ...]) -> str:
    """Return a team as one text.

    >>> write_team((SkillCount(skill="systems", count=2), SkillCount(skill="security")))
    '2 systems, 1 security'
    """
    return write_ids(f"{each.count} {each.skill}" for each in team)


def read_team(text: str) -> tuple[SkillCount, ...]:
    """Return the team written by `write_team`; what is no number and skill counts as one of that skill."""
    team = []
    for part in read_ids(text):
        count, _, skill = part.partition(" ")
        if count.isdecimal() and len(count) < 7 and skill:
            team.append(SkillCount(skill=skill, count=int(count)))
        else:
            team.append(SkillCount(skill=part))
    return tuple(team)


def write_ids(ids: Iterable[str]) -> str:
    """Return ids as one text, with a comma between them; a comma in one is written %2C."""
    return ", ".join(id.replace("%", "%25").replace(",", "%2C") for id in ids)


def read_ids(text: str) -> tuple[str, ...]:
    """Return the ids written by `write_ids`."""
    parts = (part.strip().replace("%2C", ",").replace("%25", "%") for part in text.split(","))
    return tuple(part for part in parts if part)


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
