"""Why an application is not back before, in words: what decides, what another way would cost and who would wait."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from django.utils.translation import get_language, gettext, ngettext

from releve.restoration.case import Case, names_of
from releve.restoration.pages.sentences import binding_words
from releve.restoration.pages.task_lines import task_label
from releve.restoration.standing.now import PlanSeen, RestorationNow
from releve.restoration.standing.why import Cause, causes, chain_of
from releve.web import words

__all__ = ["lasting", "told_why"]

_DECIDE = 3  # what somebody can say aloud at eight in the morning
_NAMED = 3
_HOURS_MAX = 24  # from there on days are counted


def lasting(hours: float) -> str:
    """Return how long something takes: hours up to a day, then days."""
    if hours < _HOURS_MAX:
        number = round(hours)
        said = ngettext("%(n)s hour", "%(n)s hours", number)
    else:
        number = round(hours / 24)
        said = ngettext("%(n)s day", "%(n)s days", number)
    return said % {"n": words.count(number, get_language() or "fr")}


def told_why(seen: RestorationNow, own: str) -> dict[str, Any]:
    """Return for the template why an application is back when the plan says so, and what other ways are worth."""
    shown, case = seen.shown, seen.case
    if shown is None:
        return {}
    line = chain_of(case, shown.plan, own)
    back = next((one.hour for one in shown.plan.applications if one.id == own), None)
    found = causes(case, line, own, now_hour=shown.now_hour if seen.cut is not None else 0)
    # What had gone by before anybody planned is nobody's decision.
    decide = [one for one in found if one.kind != "gone"][:_DECIDE]
    rest = [one for one in found if one not in decide]
    p80 = shown.dated("application").get(own)
    reasons = _reasons(shown)
    told = reasons.get(own, {})
    ways = _ways(shown, told, case, back)
    names = names_of(case.applications)
    return {
        "decides": [(lasting(one.hours), _cause(one, case)) for one in decide],
        "decides_rest": lasting(sum(one.hours for one in rest)) if rest else "",
        "rest": [(lasting(one.hours), _cause(one, case)) for one in rest],
        "margin": lasting(p80.p80 - back)
        if p80 is not None and back is not None and p80.p80 >= back + 12
        else "",
        "chain": [
            (
                f"{names.get(link.task.application, '')}, {task_label(link.task)}"
                if link.task
                else link.planned.task,
                binding_words(link.planned.binding, case, by_hand=bool(shown.by_hand)),
            )
            for link in line
        ],
        "first": _first(told.get("first"), shown, case, back),
        "ways": [way for way in ways if way["care"]],
        "ways_alike": [way["words"] for way in ways if not way["care"]],
        "unasked": _unasked(reasons, own),
        "of_hand": bool(shown.by_hand),
    }


def _cause(cause: Cause, case: Case) -> str:
    names = names_of(case.applications)
    of = _several([names.get(id_, id_) for id_ in cause.longest_first])
    match cause.kind:
        case "own":
            said = ngettext(
                "its own work: %(n)s task, with nights and days off in between",
                "its own work: %(n)s tasks, with nights and days off in between",
                cause.tasks,
            )
            return said % {"n": cause.tasks}
        case "needs":
            return gettext("what it needs comes back first: %(of)s") % {"of": of}
        case "people" if cause.id:
            skill = names_of(case.skills).get(cause.id, cause.id)
            return gettext("the same people (%(skill)s) work first on: %(of)s") % {"skill": skill, "of": of}
        case "people":
            return gettext("the same people work first on: %(of)s") % {"of": of}
        case "shared":
            what = names_of(case.resources).get(cause.id, cause.id)
            return gettext("shared means (%(what)s) are held first by: %(of)s") % {"what": what, "of": of}
        case "nobody":
            return gettext("nobody of its people works then: nights, days off, away")
        case "vendor":
            return gettext("its vendor or expert is not there before")
        case "named":
            return gettext("the catalogue names an hour before which it does not begin")
        case "blocked":
            return gettext("it was reported as blocked")
    return gettext("had gone by between the cut and this plan")


def _several(named: list[str]) -> str:
    said = ", ".join(named[:_NAMED])
    rest = len(named) - _NAMED
    if rest <= 0:
        return said
    return ngettext("%(said)s and %(n)s other", "%(said)s and %(n)s others", rest) % {"said": said, "n": rest}


def _first(
    way: Mapping[str, Any] | None, shown: PlanSeen, case: Case, back: int | None
) -> dict[str, Any] | None:
    """Return what it costs to take it up before all others: how much sooner, how much care, and who waits longer."""
    if way is None:
        return None
    loss = way.get("loss", 0.0)
    care = names_of(case.services)
    return {
        "care": abs(round(loss)),
        "more": loss > 0,
        "share": round(100 * abs(loss) / shown.plan.loss) if shown.plan.loss > 0 else 0,
        "sooner": _sooner(way.get("hour"), back),
        "later": [
            (care.get(one["id"], one["id"]), lasting(one["hours"]))
            for one in way.get("later", ())
            if one["hours"] > 0
        ],
    }


def _sooner(hour: int | None, back: int | None) -> str:
    """Return by how much something is back sooner or later, "" when by less than half a day."""
    if hour is None or back is None or abs(back - hour) < 12:
        return ""
    if hour < back:
        return gettext("%(lasting)s sooner") % {"lasting": lasting(back - hour)}
    return gettext("%(lasting)s later") % {"lasting": lasting(hour - back)}


def _reasons(shown: PlanSeen) -> dict[str, dict[str, Any]]:
    """Return by application what the planner computed of other ways; empty where it computed none."""
    try:
        return dict(msgspec.json.decode(shown.why)) if shown.why else {}
    except (msgspec.MsgspecError, TypeError, ValueError):
        return {}


def _unasked(reasons: Mapping[str, Mapping[str, Any]], own: str) -> dict[str, int]:
    """Return of how many applications, of how many, needs and people were weighed; empty when this is one of them."""
    if not reasons or "needs" in reasons.get(own, {}):
        return {}
    return {"weighed": sum("needs" in one for one in reasons.values()), "all": len(reasons)}


def _ways(shown: PlanSeen, told: Mapping[str, Any], case: Case, back: int | None) -> list[dict[str, Any]]:
    """Return what another order or another means would cost or gain, as the planner computed it."""
    names = names_of(case.applications)
    skills = names_of(case.skills)
    resources = names_of(case.resources)

    def words_of(one: Mapping[str, Any]) -> str:
        id_ = one.get("id", "")
        match one.get("kind"):
            case "swap":
                return gettext("in the place of %s") % names.get(id_, id_)
            case "need":
                return gettext("if %(of)s did not wait for %(id)s") % {
                    "of": names.get(one.get("of", ""), one.get("of", "")),
                    "id": names.get(id_, id_),
                }
            case "person":
                return gettext("with one more person: %s") % skills.get(id_, id_)
            case "resource":
                return gettext("with one unit more: %s") % resources.get(id_, id_)
        return ""

    ways: Iterable[Mapping[str, Any]] = (
        *told.get("means", ()), *told.get("swaps", ()), *told.get("needs", ())
    )  # fmt: skip
    return [
        {
            "words": said,
            "care": abs(round(one.get("loss", 0.0))),
            "more": one.get("loss", 0.0) > 0,
            "share": round(100 * abs(one.get("loss", 0.0)) / shown.plan.loss) if shown.plan.loss > 0 else 0,
            "sooner": _sooner(one.get("hour"), back),
        }
        for one in ways
        if (said := words_of(one))
    ]
