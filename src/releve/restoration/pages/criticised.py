"""What the checker says of a plan, for people: names for ids, days beside hours, the rules it was held against."""

import re
import time
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from releve.restoration.case import HOUR_MS, Case
from releve.restoration.catalogue.problems import what_remains
from releve.restoration.checker.check import Criticism, advised, faults
from releve.restoration.pages.troubles import Names
from releve.restoration.plan import Plan
from releve.web import words

__all__ = ["RULES", "Said", "criticise", "faults_of"]

# Against what a plan is held, in the order in which one would look.
RULES = (
    _("Each task has one date, or a reason to have none."),
    _("No task begins before those it follows, nor before the applications it needs are back."),
    _(
        "Nobody does two tasks at once, works outside her hours or while she is away, or does what she cannot."
    ),
    _("The hours of work fit between the beginning and the end of each task."),
    _("Shared means are never used more often than there are."),
    _("What was reported stands: begun, ended, blocked; no gate passes without evidence."),
    _("The dates of applications and care, and the care lost, follow from the dates of the tasks."),
)
# Not a fault of the plan: time went by, or something was reported since it was made.
_OVERTAKEN = frozenset({"before-now", "blocked", "gate-passed", "reported", "same-people"})
# Which facts of a sentence are hours: those that it calls so.
_HOURS = re.compile(r"(?:hour |says |not at |it is )%\((?!now\))(\w+)\)s")
# A page is waited for; of 1,200 tasks all advice takes some two seconds of a processor that has nothing else to do.
ADVICE_SECONDS = 1.5
_TASKS = ("task", "tasks", "rival", "other")


class Said(NamedTuple):
    """One criticism: what it is about, where that is read, and what is said of it."""

    place: str
    link: str
    text: str  # the rest of the sentence where that begins with the place


def faults_of(case: Case, plan: Plan, zone: Any) -> dict[str, Any]:
    """Return what is wrong with a plan, for the template: `wrong`, `overtaken`, `rules`."""
    remains, _left = what_remains(case)
    return _told(remains, faults(remains, plan), zone)


def criticise(case: Case, plan: Plan, zone: Any) -> dict[str, Any]:
    """Return all that is to be said against a plan, and what could be better as far as it is seen in a moment.

    `cut_short`: there was more to look at than a page waits for.
    """
    remains, _left = what_remains(case)
    found = faults(remains, plan)
    told = _told(remains, found, zone)
    # Advice about what cannot be carried out would be followed by nobody.
    began, stopped = time.monotonic(), False

    def over() -> bool:
        nonlocal stopped
        stopped = stopped or time.monotonic() - began > ADVICE_SECONDS
        return stopped

    better = [] if any(one.severity == "wrong" for one in found) else advised(remains, plan, over)
    return told | {"weak": [*told["weak"], *_lines(remains, better, zone)], "cut_short": stopped}


def _told(case: Case, found: list[Criticism], zone: Any) -> dict[str, Any]:
    wrong = [one for one in found if one.severity == "wrong"]
    begun = {f"tasks[{state.task}]" for state in case.states if state.started is not None}

    def overtaken(one: Criticism) -> bool:
        # Of a task under way its dates are no longer those that were planned.
        return one.rule in _OVERTAKEN or one.place in begun

    return {
        "wrong": _lines(case, (one for one in wrong if not overtaken(one)), zone),
        "overtaken": _lines(case, (one for one in wrong if overtaken(one)), zone),
        "weak": _lines(case, (one for one in found if one.severity != "wrong"), zone),
        "rules": RULES,
    }


def _lines(case: Case, found: Iterable[Criticism], zone: Any) -> list[Said]:
    names = Names(case)
    return [_line(one, names, case, zone) for one in found]


def _line(one: Criticism, names: Names, case: Case, zone: Any) -> Said:
    language = get_language() or "fr"
    hours = set(_HOURS.findall(one.said)) if "lost" not in one.said else set()
    facts = {key: _fact(key, value, names, case, zone, key in hours) for key, value in one.facts.items()}
    told = msgspec.structs.replace(one, facts=facts)
    list_, _bracket, id_ = one.place.partition("[")
    id_ = id_.rstrip("]")
    place = names.named(list_, id_) if id_ else gettext("The whole plan")
    text = told.sentence_in(language)
    text = text.removeprefix(place) if text.startswith(place) else gettext(": ") + text
    return Said(place=place, link=names.link(list_, id_) if id_ else "", text=text)


def _fact(key: str, value: Any, names: Names, case: Case, zone: Any, is_hour: bool) -> Any:
    if isinstance(value, str):
        parts = [names.any_of(part, task=key in _TASKS) for part in value.split(", ")]
        return ", ".join(parts)
    if is_hour and isinstance(value, int):
        at_ms = case.starts_at_ms + value * HOUR_MS
        return f"{value} ({words.moment(at_ms, zone, get_language() or 'fr')})"
    return value
