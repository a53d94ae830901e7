"""How far the restoration is, on one leaf for the wall and for whoever asks by telephone: curve, next care, phases."""

from typing import Any

from django.utils.translation import get_language, gettext, ngettext

from releve.bedside.now import IslandNow
from releve.restoration.drawing.canvas import scale_of
from releve.restoration.forecast.forecast import Measure
from releve.restoration.pages.lived import lived_lines, lived_words
from releve.restoration.pages.progress_lines import (
    MEASURES,
    back_now,
    held_lines,
    measure_of,
    next_lines,
    phase_lines,
    shares_now,
)
from releve.restoration.pages.sentences import curve_words, percent
from releve.restoration.standing.measures import actual_steps, forecast_points, weights_of
from releve.restoration.standing.now import CutNow, RestorationNow
from releve.web import words

__all__ = ["report_data"]

WIDTH = 520.0  # of the curve on A4, in the pixels by which marks are spaced
HELD_MAX = 12
CARE_MAX = 8


def report_data(seen: RestorationNow, cut: CutNow, now: IslandNow, wanted: str) -> dict[str, Any]:
    """Return the data of `restoration-report.typ`. `wanted`: what the curve counts."""
    back = back_now(seen)
    measure = measure_of(seen, wanted)
    shares = shares_now(seen, back)
    held = held_lines(seen)
    language = get_language() or "fr"
    told = {
        "patients": gettext("Patients a day, of normal activity"),
        "services": gettext("Care functions"),
        "applications": gettext("Applications"),
    }
    return {
        "title": gettext("How far the restoration is"),
        "state": gettext("Cut since %s") % words.moment(cut.since_ms, now.zone, language),
        "facts": [
            (
                told[name],
                f"{words.count(shares[name][0], language)} / {words.count(shares[name][1], language)}",
            )
            for name in MEASURES
            if shares[name][1]
        ],
        "curve": _curve(seen, measure),
        "next": [
            {
                "name": one["name"],
                "p80": gettext("its date has gone by") if one["past"] else one["p80"],
                "waits": ", ".join(one["waits"]),
            }
            for one in next_lines(seen, now, back)
        ],
        "phases": [
            {
                "number": str(one["phase"].number),
                "span": f"{one['from']} – {one['to']}",
                "applications": f"{one['phase'].applications_back} / {one['phase'].applications}",
                "functions": f"{one['phase'].services_back} / {len(one['services'])}",
                "care": _few(one["services"]),
            }
            for one in phase_lines(seen, now, back)
        ],
        "held": [
            {
                "name": f"{one['application']}, {one['name']}",
                "why": ", ".join(
                    part for part in (str(one["why"]), one["said"].reason if one["said"] else "") if part
                ),
            }
            for one in held[:HELD_MAX]
        ],
        "held_title": ngettext("%(n)s task late or blocked", "%(n)s tasks late or blocked", len(held))
        % {"n": len(held)},
        "words": _words(),
    }


def _few(names: list[str]) -> str:
    """Return some names, and how many more there are: a phase of a large hospital returns sixty functions."""
    more = len(names) - CARE_MAX
    told = ", ".join(names[:CARE_MAX])
    return f"{told} {gettext('and %(n)s more') % {'n': more}}" if more > 0 else told


def _words() -> dict[str, str]:
    return {
        "now": gettext("now"),
        "actual": gettext("what came back"),
        "p50": gettext("forecast, one chance in two"),
        "p80": gettext("with %(share)s chance") % {"share": percent(0.8)},
        "p95": gettext("with %(share)s") % {"share": percent(0.95)},
        "next": gettext("Next care to return"),
        "care": gettext("Care"),
        "by80": gettext("Back by, with %(share)s chance") % {"share": percent(0.8)},
        "waits": gettext("Waits for"),
        "phases": gettext("Phases of three months"),
        "number": gettext("No."),
        "span": gettext("From, to"),
        "applications": gettext("Applications back"),
        "functions": gettext("Care functions back"),
        "phases_note": gettext(
            "By the date of each with %(share)s chance; what is back already, by the day it came."
        )
        % {"share": percent(0.8)},
        "task": gettext("Task"),
        "why": gettext("Why it is held up"),
        "rule": gettext("Dates are those that hold with %(share)s chance.") % {"share": percent(0.8)},
    }


def _curve(seen: RestorationNow, measure: Measure) -> dict[str, Any]:
    """Return the corners of the curve as shares of its width and height."""
    case, plan = seen.case, seen.in_force
    weights = weights_of(case, measure)
    points = forecast_points(measure, weights, plan.returned, plan.dates) if plan is not None else []
    actual = actual_steps(weights, *back_now(seen))
    lived = lived_lines(measure)
    scale = scale_of(
        case,
        [*(one.hour for one in points), *(one.day * 24 for one in lived), case.now],
        left=0,
        width=WIDTH,
        language=get_language() or "fr",
    )

    def x(hour: float) -> float:
        return scale.x(hour) / WIDTH

    def line(name: str) -> list[tuple[float, float]]:
        # To the right edge: what is back stays back.
        found = [(x(one.hour), float(getattr(one, name))) for one in points]
        return [*found, (1.0, found[-1][1])] if found else []

    said = curve_words(measure)
    return {
        "title": said.title,
        "description": said.description,
        "levels": [(level, percent(level)) for level in (0, 0.25, 0.5, 0.75, 1)],
        "p50": line("p50"),
        "p80": line("p80"),
        "p95": line("p95"),
        "actual": [*((x(hour), share) for hour, share in actual), (x(case.now), actual[-1][1])]
        if actual
        else [],
        "now": x(case.now),
        "ticks": [(x(hour), name) for hour, name in scale.marks() if x(hour) < 0.96],
        "lived": [
            {
                "number": str(one.number),
                "x": x(one.day * 24),
                "y": one.share,
                "words": lived_words(one),
            }
            for one in lived
        ],
    }
