"""The words of this room that a code stands for: kinds of tasks, states, reasons to say no, why something waits."""

from typing import Any

from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from releve.restoration.case import Case, names_of
from releve.restoration.drawing.curve import CurveWords
from releve.restoration.forecast.forecast import Measure
from releve.restoration.plan import Binding

__all__ = [
    "FAILURES", "KINDS", "REFUSALS", "STATES", "WHATS", "WHY_OVERDUE", "binding_words", "curve_words", "kind_name",
    "percent", "refusal_text",
]  # fmt: skip

KINDS: dict[str, Any] = {
    "contain": _("contain"),
    "rebuild": _("rebuild"),
    "restore": _("restore data"),
    "scan": _("scan"),
    "harden": _("harden"),
    "test": _("test"),
    "reopen": _("reopen interfaces"),
    "catch-up": _("catch up"),
    "gate": _("gate"),
    "workstations": _("workstations"),
    "other": _("other task"),
}
STATES: dict[str, Any] = {
    "todo": pgettext_lazy("task", "to do"),
    "started": pgettext_lazy("task", "under way"),
    "late": pgettext_lazy("task", "late"),
    "blocked": pgettext_lazy("task", "blocked"),
    "done": pgettext_lazy("task", "done"),
    "undone": pgettext_lazy("task", "taken back"),
}
WHATS: dict[str, Any] = {
    "case": _("the catalogue itself"),
    "calendar": _("calendar"),
    "skill": _("skill"),
    "person": _("person"),
    "resource": _("shared means"),
    "dates": _("dates of people and calendars"),
    "application": _("application"),
    "task": _("task"),
    "service": _("care function"),
    "uncertainty": _("uncertainty"),
}
WHY_OVERDUE: dict[str, Any] = {
    "blocked": pgettext_lazy("task", "blocked"),
    "late": pgettext_lazy("task", "late"),
    "not-ended": _("should have ended"),
    "not-started": _("should have begun"),
}
FAILURES: dict[str, Any] = {
    "problems": _(
        "The catalogue leaves nothing to plan: mend what is listed under Catalogue, then ask again."
    ),
    "too-long": _("It took far longer than asked and was stopped. Ask again with more time."),
    "broke": _("The planner stopped on this catalogue. The plan in force stands; tell the person in charge."),
    "no-catalogue": _("There is no catalogue yet: begin under Catalogue."),
}
REFUSALS: dict[str, Any] = {
    "not-your-role": _("Your role reads this page. The crisis cell and the information systems write here."),
    "nothing-changed": _("Nothing is different from what stands already."),
    "too-many-lines": _("More than 20,000 lines: import it in parts."),
    "seconds-out-of-range": _("Between 1 second and 10 minutes."),
    "no-catalogue": _("There is no catalogue yet: begin under Catalogue."),
    "plan-running": _("A plan is being made already. Wait until it is there."),
    "unknown-plan": _("This plan is not known on this island. Open the page again."),
    "what-if-plan": _("This plan only tries something: make a real one first."),
    "already-in-force": _("This plan is in force already."),
    "no-plan-in-force": _("No plan is in force: adopt one first."),
    "no-forecast": _("This plan has no forecast: no date of it can be announced."),
    "unknown-date": _("Tick at least one date of the plan in force."),
    "unknown-task": _("This task is not in the catalogue. Scan again, or look for it in the list."),
    "no-cut": _("Nothing is declared cut: there is no restoration to report on. A plan can be rehearsed."),
    "at-unreadable": _("Write a day and an hour, such as 21/11/2026 02:44, or an hour alone for today."),
    "at-in-the-future": _("This hour has not come yet."),
    "at-too-old": _("More than a year ago: check the day."),
    "remaining-needed": _("How many hours of work remain?"),
    "remaining-out-of-range": _("Between 1 and 2,000 hours of work."),
    "reason-needed": _("Say why in a few words: whoever plans reads it."),
    "until-past": _("This hour has gone by. Leave it empty when nobody knows."),
    "until-too-far": _("More than a year ahead: check the day."),
    "evidence-needed": _("A gate passes only with its evidence: write what was found, or attach the report."),
    "before-it-started": _("It cannot end before it was said to begin: check the hour."),
    "already-so": _("Somebody has said so already."),
    "nothing-to-undo": _("Nothing was reported of this task yet."),
    "unknown-application": _("This application is not in the catalogue."),
    "words-needed": _("Say on what ground: who tried it, where, what was found."),
    "gate-open": _("Its gate has not passed with evidence yet."),
    "seen-since": _(
        "A colleague has said something else meanwhile: read it above, then say it again if it still holds."
    ),
    "by-the-fleet": _("The machines themselves say it: scan them under Fleet."),
    "unsafe-plan": _(
        "This plan is not safe: what is found below cannot be agreed to. Mend it in the file, bring it again."
    ),
    "not-this-catalogue": _(
        "This plan is of another catalogue: it names tasks that are not here, or names one twice."
    ),
    "maker-needed": _("Write who made this plan: whoever works by it asks that person."),
    "found-since": _(
        "Read what was found below, then say yes to it: it may have changed since you opened the page."
    ),
}


def percent(share: float) -> str:
    """Return a share as the language of the page writes it, "80 %"."""
    return (
        f"{round(share * 100)}\u202f%"
        if (get_language() or "fr").startswith("fr")
        else f"{round(share * 100)}%"
    )


def refusal_text(code: str) -> str:
    """Return the sentence of a refusal."""
    return str(REFUSALS[code])


def kind_name(kind: str) -> str:
    """Return a kind of task in words."""
    return str(KINDS.get(kind, KINDS["other"]))


def binding_words(binding: Binding, case: Case, *, by_hand: bool = False) -> str:
    """Return why a task starts no earlier, in words; `by_hand`: in a plan that a person made."""
    tasks = {task.id: task for task in case.tasks}
    applications = names_of(case.applications)

    def task_name(id_: str) -> str:
        task = tasks.get(id_)
        if task is None:
            return id_
        own = applications.get(task.application, task.application)
        return f"{own}, {task.name or kind_name(task.kind)}"

    match binding.kind:
        case "task":
            return gettext("follows %s") % task_name(binding.id)
        case "application":
            return gettext("needs %s back") % applications.get(binding.id, binding.id)
        case "person":
            return gettext("its people are on %s") % task_name(binding.id)
        case "resource":
            return gettext("shared means are held by %s") % task_name(binding.id)
        case "calendar":
            return gettext("nobody works before")
        case "window":
            return gettext("the vendor or expert is not there before")
        case "not-before":
            return gettext("not before an hour that the catalogue names")
        case "blocked":
            return gettext("it is blocked until then")
        case "now":
            return gettext("it can begin now")
    if by_hand:
        return gettext("it was put at this hour by hand")
    return gettext("nothing holds it: it begins at once")


def curve_words(measure: Measure) -> CurveWords:
    """Return the words of the curve that counts this."""
    what = {
        "patients": gettext("Patients a day, of normal activity"),
        "services": gettext("Care functions returned"),
        "applications": gettext("Applications returned"),
    }[measure]
    return CurveWords(
        title=what,
        description=gettext(
            "What came back, and the forecast: the line in half of the runs, the bands in 80 and in 95%."
        ),
        now=gettext("now"),
        percent=percent(1).removeprefix("100"),
    )
