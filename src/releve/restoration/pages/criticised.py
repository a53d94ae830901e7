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
from releve.restoration.checker.sentences import Hour
from releve.restoration.pages.troubles import Names
from releve.restoration.plan import Plan
from releve.web import words

__all__ = ["RULES", "Said", "criticise", "faults_of", "said_of"]

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
_HOURS = re.compile(r"(?:hour |says |not at |and not |it is )%\((?!now\))(\w+)\)s")
# A page is waited for; of 1,200 tasks all advice takes half a second of a processor that has nothing else to do.
ADVICE_SECONDS = 1.5
# From how French says an hour of a case to how it says a day.
_FRENCH_DAYS = (
    ("jusqu’à l’heure \0", "jusqu’au \0"), ("de l’heure \0", "du \0"), ("à l’heure \0", "le \0"),
    ("l’heure \0", "le \0"), ("à partir de \0", "à partir du \0"), (" à \0", " le \0"),
    (" et non \0", " et non le \0"), (" dit \0", " dit le \0"), (" c’est \0", " c’est le \0"),
)  # fmt: skip
_CARE = ("care_per_day", "other_care_per_day")
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
    return told | {"weak": [*told["weak"], *said_of(remains, better, zone)], "cut_short": stopped}


def said_of(case: Case, found: Iterable[Criticism], zone: Any) -> list[Said]:
    """Return these criticisms for people."""
    names = Names(case)
    return [_line(one, names, case, zone) for one in found]


def _told(case: Case, found: list[Criticism], zone: Any) -> dict[str, Any]:
    wrong = [one for one in found if one.severity == "wrong"]
    begun = {f"tasks[{state.task}]" for state in case.states if state.started is not None}

    def overtaken(one: Criticism) -> bool:
        # Of a task under way its dates are no longer those that were planned.
        return one.rule in _OVERTAKEN or one.place in begun

    return {
        "wrong": said_of(case, (one for one in wrong if not overtaken(one)), zone),
        "overtaken": said_of(case, (one for one in wrong if overtaken(one)), zone),
        "weak": said_of(case, (one for one in found if one.severity != "wrong"), zone),
        "rules": RULES,
    }


def _line(one: Criticism, names: Names, case: Case, zone: Any) -> Said:
    language = get_language() or "fr"
    hours = set(_HOURS.findall(one.said)) if "lost" not in one.said else set()
    # Where the sentence names the application itself, its tasks are called by their own names.
    own = ("task", "rival") if one.rule == "lesser-care-first" else ()

    def told_of(key: str, value: Any) -> Any:
        if isinstance(value, str):
            return ", ".join(
                names.of_task(part) if key in own else names.any_of(part, task=key in _TASKS)
                for part in value.split(", ")
            )
        if isinstance(value, Hour) or (key in hours and isinstance(value, int)):
            return _moment(case, value.hour if isinstance(value, Hour) else value, zone, language)
        # A thousandth of the care of a day is more than anybody knows of it.
        return round(value, 0 if value >= 10 else 2) if key in _CARE else value

    told = msgspec.structs.replace(one, facts={key: told_of(key, value) for key, value in one.facts.items()})
    list_, _bracket, id_ = one.place.partition("[")
    id_ = id_.rstrip("]")
    place = names.named(list_, id_) if id_ else gettext("The whole plan")
    text = _with_moments(told.sentence_in(language), language)
    text = text.removeprefix(place) if text.startswith(place) else gettext(": ") + text
    return Said(place=place, link=names.link(list_, id_) if id_ else "", text=text)


def _moment(case: Case, hour: int, zone: Any, language: str) -> str:
    """Return an hour of the case as a day and a time, between signs that no text holds."""
    at_ms = case.starts_at_ms + hour * HOUR_MS
    now_ms = case.starts_at_ms + case.now * HOUR_MS
    same_year = words.local(at_ms, zone).year == words.local(now_ms, zone).year
    day = (words.short_day if same_year else words.day)(at_ms, zone, language)
    return f"\0{day} {words.hour(at_ms, zone)}\0"


def _with_moments(text: str, language: str) -> str:
    """Return a sentence of hours of a case as one of days: nobody at a wall counts the hours since a cut."""
    for hour, day in _FRENCH_DAYS if language.startswith("fr") else (("hour \0", "\0"),):
        text = text.replace(hour, day)
    if language.startswith("fr"):
        text = re.sub("du (\0[^\0]*\0) le \0", "du \\1 au \0", text)
    return text.replace("\0", "")
