"""What stands above a board, in words: look here first, what may be missing."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from releve.bedside.board import Board, BoardLine
from releve.bedside.horizon import Source
from releve.hospital.care import care_function
from releve.web.elsewhere import Neighbour
from releve.web.templatetags.releve import recent

__all__ = ["elsewhere_words", "first_of", "missing_words"]


def first_of(board: Board, language: str, apart: Neighbour | None = None) -> list[dict[str, Any]]:
    """Return the lines of "look here first": what needs somebody now, then what may be missing.

    `apart` is the island that keeps this ward when it is not in step: feeds of other wards look fresh all the same.
    """
    lines = board.patients
    items: list[dict[str, Any]] = []
    critical = [line for line in lines if line.critical]
    if critical:
        number = sum(len(line.critical) for line in critical)
        words = ngettext("%(n)s critical result since 24 h", "%(n)s critical results since 24 h", number)
        items.append({"strong": words % {"n": number}, "links": _links(critical)})
    grave = [line for line in lines if line.grave]
    if grave:
        words = ngettext(
            "vital signs of %(n)s patient call for somebody now",
            "vital signs of %(n)s patients call for somebody now",
            len(grave),
        )
        items.append({"strong": words % {"n": len(grave)}, "links": _links(grave)})
    stopped = [line for line in lines if line.facts.after_stop]
    if stopped:
        words = ngettext(
            "a stopped medicine was given to %(n)s patient",
            "stopped medicines were given to %(n)s patients",
            len(stopped),
        )
        items.append({"urgent": words % {"n": len(stopped)}, "strong": "", "links": _links(stopped)})
    late = [line for line in lines if line.dose.state == "late"]
    if late:
        number = sum(line.dose.waiting for line in late)
        words = ngettext("%(n)s late dose", "%(n)s late doses", number) % {"n": number}
        items.append({"strong": words, "links": _links(late)})
    twice = [line for line in lines if line.dose.twice]
    if twice:
        number = len(twice)
        words = ngettext(
            "a dose perhaps given twice to %(n)s patient",
            "doses perhaps given twice to %(n)s patients",
            number,
        )
        items.append({"strong": words % {"n": number}, "links": _links(twice)})
    asked = [line for line in lines if line.dose.state == "unknown"]
    if asked:
        number = sum(line.dose.waiting for line in asked)
        words = ngettext(
            "%(n)s dose whose charting is not received", "%(n)s doses whose charting is not received", number
        )
        items.append({"strong": words % {"n": number}, "links": _links(asked), "stale": True})
    unsigned = sum(line.facts.unsigned for line in lines)
    if unsigned:
        words = ngettext("%(n)s line awaits a signature", "%(n)s lines await a signature", unsigned) % {
            "n": unsigned
        }
        to_sign = reverse("ward-to-sign", args=[board.ward.code])
        items.append({"strong": words, "links": [], "buttons": [(_("See them"), to_sign)]})
    unsaid = [line for line in lines if line.facts.allergy_state == "not-said"]
    if unsaid:
        words = ngettext(
            "allergies of %(n)s patient not recorded", "allergies of %(n)s patients not recorded", len(unsaid)
        )
        items.append({"strong": words % {"n": len(unsaid)}, "links": _links(unsaid)})
    alike = [line for line in lines if line.homonyms]
    if alike:
        words = ngettext(
            "%(n)s patient with the name of another", "%(n)s patients of the same name", len(alike)
        )
        items.append({"strong": words % {"n": len(alike)}, "links": _links(alike)})
    double = [line for line in lines if line.also]
    if double:
        words = ngettext(
            "%(n)s patient with two open stays", "%(n)s patients with two open stays", len(double)
        )
        items.append({"strong": words % {"n": len(double)}, "links": _links(double)})
    nowhere = [line for line in lines if line.kind == "unknown"]
    if nowhere:
        words = ngettext(
            "%(n)s patient without a known bed", "%(n)s patients without a known bed", len(nowhere)
        )
        items.append({"strong": words % {"n": len(nowhere)}, "links": _links(nowhere)})
    if apart is not None:
        items.append(_apart_words(apart))
    if board.nothing_yet:
        items.append(
            {
                "strong": _("Nothing received yet"),
                "text": _("no application of this ward has spoken to this island so far"),
                "stale": True,
            }
        )
    elif board.frozen:
        items.append(
            {"strong": _("May be missing:"), "text": missing_words(board.frozen, language), "stale": True}
        )
    if board.given_elsewhere:
        items.append(elsewhere_words(board.given_elsewhere, language))
    return items


def _apart_words(keeper: Neighbour) -> dict[str, Any]:
    """Return what is missing of a ward whose own island is not in step with this one."""
    text = {
        "never": _("it was never reached, what is said there does not come here"),
        "behind": _("it is behind, what was said there last may not be here yet"),
        "suspect": _("it is suspect, ask the ward before you rely on what comes from there"),
    }.get(keeper.step) or _("silent since %(hour)s, what was said there since then is not here") % {
        "hour": recent(keeper.since_ms)
    }
    return {
        "strong": _("This ward is kept by island %(name)s:") % {"name": keeper.name},
        "text": text,
        "stale": True,
    }


def elsewhere_words(back: Sequence[Source], language: str) -> dict[str, Any]:
    """Return what is back while what was written meanwhile, on paper, is not here yet."""
    by_hour: dict[str, list[str]] = {}
    for source in back:
        by_hour.setdefault(recent(source.back_ms), []).append(care_function(source.function).label(language))
    parts = [
        _("%(what)s before %(hour)s") % {"what": ", ".join(labels), "hour": hour}
        for hour, labels in by_hour.items()
    ]
    return {"strong": _("On paper, not here yet:"), "text": _("; ").join(parts), "stale": True}


def missing_words(frozen: Sequence[Source], language: str) -> str:
    """Return what may have changed unheard: "prescriptions since 02:44, results since 02:31".

    Of what is declared cut and heard all the same, both are said: it may say some of what is done, or the past.
    """
    since: dict[tuple[str, str, bool], list[str]] = {}
    for source in frozen:
        label = care_function(source.function).label(language)
        cut = recent(source.cut_ms) if source.still_heard and source.cut_ms else ""
        hour = recent(source.heard_ms) if source.heard_ms else ""
        since.setdefault((hour, cut, source.awaited), []).append(label)
    parts = []
    for (hour, cut, awaited), labels in since.items():
        told = {"what": ", ".join(labels), "hour": hour, "cut": cut}
        if cut:
            parts.append(_("%(what)s since %(cut)s (declared cut, still heard at %(hour)s)") % told)
        elif hour:
            parts.append(_("%(what)s since %(hour)s") % told)
        elif awaited:
            parts.append(_("%(what)s, of which nothing was received yet") % told)
        else:
            parts.append(_("%(what)s, of which nothing was ever received") % told)
    return _("; ").join(parts)


LINKS_MAX = 6


def _links(lines: Sequence[BoardLine]) -> list[tuple[str, str]]:
    """Return a link to each bed while they are few; many are seen in the train."""
    if len(lines) > LINKS_MAX:
        return []
    return [(line.bed or _("no bed"), f"#{line.anchor}") for line in lines]
