"""A plan as iCalendar: what somebody, a team or those who wait for an application put into their own calendar. Pure.

Source: RFC 5545. Times are in UTC, UIDs stay the same from plan to plan so that an event moves instead of doubling.
The dates are those of a plan, which are never announced: each event says so and is tentative until work has begun.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256

from releve.restoration.case import Case, Task
from releve.restoration.exports.moments import Moments
from releve.restoration.plan import Plan, PlannedTask

__all__ = ["NothingToShow", "write_ics"]

_OCTETS_A_LINE = 75  # RFC 5545, 3.1, without the line break
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_PRODUCT = "-//Releve//Restoration plan//EN"

_WORDS = {
    "en": {
        "planned": "Date of a plan, not announced: it may move.",
        "work": "{hours} h of work",
        "people": "With: {people}",
        "evidence": "Asked: {evidence}",
        "back": "Forecast: the application is back by {day} with 80 %.",
        "name": "Restoration",
    },
    "fr": {
        "planned": "Date d’un plan, non annoncée\u00a0: elle peut bouger.",
        "work": "{hours}\u00a0h de travail",
        "people": "Avec\u00a0: {people}",
        "evidence": "Demandé\u00a0: {evidence}",
        "back": "Prévision\u00a0: l’application est revenue le {day} à 80\u202f%.",
        "name": "Reprise",
    },
}


class NothingToShow(ValueError):
    """No task of the plan is meant by what was asked; an empty calendar is no calendar (RFC 5545, 3.6)."""


def write_ics(
    case: Case,
    plan: Plan,
    *,
    stamp: datetime,
    person: str = "",
    skill: str = "",
    application: str = "",
    p80: Mapping[str, int] | None = None,
    sequence: int = 0,
    language: str = "en",
) -> bytes:
    """Return the tasks of a plan as events: of one person, of all who have a skill, of one application, or all.

    `p80` are hours of the forecast by application. `stamp` is when the file is made, `sequence` counts the plans
    before this one, for a calendar that has them.

    Raises:
        NothingToShow: no task of the plan is asked for.
    """
    words = _WORDS["fr" if language.startswith("fr") else "en"]
    tasks = {task.id: task for task in case.tasks}
    able = {each.id for each in case.people if skill in each.skills}
    wanted = [
        (tasks[planned.task], planned)
        for planned in plan.tasks
        if planned.task in tasks
        and (not person or person in planned.people)
        and (not skill or able.intersection(planned.people))
        and (not application or tasks[planned.task].application == application)
    ]
    if not wanted:
        raise NothingToShow("expected a person, skill or application that the plan has tasks of")
    name = " ".join(part for part in (words["name"], case.name, person or skill or application) if part)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{_PRODUCT}", "METHOD:PUBLISH", f"NAME:{_text(name)}"]
    moments = Moments.of(case)
    begun = {state.task for state in case.states if state.started is not None or state.ended is not None}
    names = {each.id: each.name or each.id for each in case.applications}
    known = {each.id: each.name or each.id for each in case.people}
    for task, planned in sorted(wanted, key=lambda pair: (pair[1].start, pair[0].id)):
        lines += _event(
            task,
            planned,
            uid=_uid(case, task),
            moments=moments,
            stamp=stamp,
            sequence=sequence,
            begun=task.id in begun,
            title=f"{names.get(task.application, task.application)}, {task.name or task.id}",
            people=[known.get(id, id) for id in planned.people],
            back=(p80 or {}).get(task.application),
            words=words,
        )
    lines.append("END:VCALENDAR")
    return "".join(folded + "\r\n" for line in lines for folded in _folded(line)).encode()


def _event(
    task: Task,
    planned: PlannedTask,
    *,
    uid: str,
    moments: Moments,
    stamp: datetime,
    sequence: int,
    begun: bool,
    title: str,
    people: Iterable[str],
    back: int | None,
    words: dict[str, str],
) -> list[str]:
    told = [words["planned"]]
    if back is not None:
        told.append(words["back"].format(day=moments.local(back).date().isoformat()))
    if task.work_hours:
        told.append(words["work"].format(hours=task.work_hours))
    if planned.people:
        told.append(words["people"].format(people=", ".join(people)))
    if task.evidence:
        told.append(words["evidence"].format(evidence=task.evidence))
    lines = [
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"DTSTAMP:{_utc(stamp)}",
        f"DTSTART:{_utc(moments.utc(planned.start))}",
        f"SEQUENCE:{sequence}",
        f"SUMMARY:{_text(title)}",
        f"DESCRIPTION:{_text(chr(10).join(told))}",
        f"CATEGORIES:{_text(task.kind)}",
        f"STATUS:{'CONFIRMED' if begun else 'TENTATIVE'}",
        "END:VEVENT",
    ]
    # An event that takes no time has no end (RFC 5545, 3.6.1: DTEND is later than DTSTART).
    if planned.end > planned.start:
        lines.insert(4, f"DTEND:{_utc(moments.utc(planned.end))}")
    return lines


def _uid(case: Case, task: Task) -> str:
    """Return an id that stays the same for this task of this case, and tells nothing of the hospital."""
    told = f"{case.starts_at.astimezone(UTC).isoformat()} {case.name} {task.id}"
    return f"{sha256(told.encode()).hexdigest()[:32]}@releve"


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(text: str) -> str:
    """Return a TEXT value (RFC 5545, 3.3.11)."""
    clean = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return clean.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> list[str]:
    """Return a content line in pieces of 75 octets at most, no sign cut in two (RFC 5545, 3.1)."""
    pieces: list[str] = []
    piece, octets = "", 0
    for sign in line:
        size = len(sign.encode())
        if octets + size > _OCTETS_A_LINE:
            pieces.append(piece)
            piece, octets = " ", 1
        piece += sign
        octets += size
    return [*pieces, piece]
