"""What is tried, said back in the reader's language from the events that were asked for."""

from collections.abc import Mapping
from typing import Any

import msgspec
from django.utils.translation import gettext, ngettext

from releve.restoration.case import Case, names_of

__all__ = ["tried_words"]


def tried_words(events: str, case: Case) -> str:
    """Return a change in words, "" when nothing can be said of it; `events`: JSON, as `replanning.events` reads it."""
    try:
        told = msgspec.json.decode(events or "[]", type=list[dict[str, Any]])
        return ", ".join(dict.fromkeys(filter(None, (_said(one, case) for one in told))))
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError):
        # Another island may have asked for what is not known here.
        return ""


def _said(event: Mapping[str, Any], case: Case) -> str:
    match event["event"]:
        case "people-added":
            skills = names_of(case.skills)
            had = [skills.get(id_, id_) for one in event["people"] for id_ in one.get("skills", ())]
            return gettext("%(n)d more: %(team)s") % {
                "n": len(event["people"]),
                "team": ", ".join(dict.fromkeys(had)),
            }
        case "vendor-late":
            days = _days(event["from_hour"] - event["window_from"])
            words = ngettext("%(who)s comes %(n)d day later", "%(who)s comes %(n)d days later", days)
            return words % {"who": _person(event, case), "n": days}
        case "person-absent":
            days = _days(event["to_hour"] - event["from_hour"])
            words = ngettext("%(who)s is away for %(n)d day", "%(who)s is away for %(n)d days", days)
            return words % {"who": _person(event, case), "n": days}
        case "backup-infected":
            id_ = event["application"]
            return gettext("the backup of %s is infected") % names_of(case.applications).get(id_, id_)
        case "resource-changed":
            id_, units = event["resource"], int(event["units"])
            words = ngettext("%(what)s: %(n)d unit", "%(what)s: %(n)d units", units)
            return words % {"what": names_of(case.resources).get(id_, id_), "n": units}
    return ""


def _person(event: Mapping[str, Any], case: Case) -> str:
    return names_of(case.people).get(event["person"], event["person"])


def _days(hours: int) -> int:
    return max(1, round(hours / 24))
