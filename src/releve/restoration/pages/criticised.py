"""What the checker says of a plan, for people: names for ids, days for hours, the rules it was held against."""

import time
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from releve.restoration.case import HOUR_MS, Case
from releve.restoration.catalogue.problems import what_remains
from releve.restoration.checker.check import Criticism, advised, faults
from releve.restoration.checker.values import Fact, Moment, Named, Quantity, figure
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
# A page is waited for; of 1,200 tasks all advice takes half a second of a processor that has nothing else to do.
ADVICE_SECONDS = 1.5


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
    list_, _bracket, id_ = one.place.partition("[")
    id_ = id_.rstrip("]")
    # A line that begins with what it is about begins with its link.
    subject = one.subject if id_ else ""
    about = one.facts.get(subject)
    leads = isinstance(about, Named) and about.list == list_ and about.ids == (id_,)

    def said(key: str, fact: Fact) -> str:
        if leads and key == subject:
            return ""
        if isinstance(fact, Moment):
            return _moment(case, fact.hour, zone, language)
        if isinstance(fact, Quantity):
            return figure(_known(fact), language)
        if one.code == "lesser-care-first" and fact.list == "tasks":  # which names their applications itself
            return fact.each(names.of_task)
        return fact.each(lambda id_: names.named(fact.list, id_))

    text = one.told(language, said)
    return Said(
        place=names.named(list_, id_) if id_ else gettext("The whole plan"),
        link=names.link(list_, id_) if id_ else "",
        text=text if leads else gettext(": ") + text,
    )


def _known(quantity: Quantity) -> Quantity:
    """Return the care of a day as exactly as anybody knows it: a thousandth of it is more than that."""
    if quantity.unit != "care/day":
        return quantity
    value = round(quantity.value, 0 if abs(quantity.value) >= 10 else 2)
    return Quantity(value=value, unit=quantity.unit)


def _moment(case: Case, hour: int, zone: Any, language: str) -> str:
    """Return an hour of the case as a day and a time: nobody at a wall counts the hours since a cut."""
    at_ms = case.starts_at_ms + hour * HOUR_MS
    now_ms = case.starts_at_ms + case.now * HOUR_MS
    same_year = words.local(at_ms, zone).year == words.local(now_ms, zone).year
    day = (words.short_day if same_year else words.day)(at_ms, zone, language)
    return f"{day} {words.hour(at_ms, zone)}"
