"""How much of each team a plan holds, week after week: where it is tight, and where nobody is asked anything. Pure."""

from collections import defaultdict

import msgspec

from releve.restoration.case import Case, names_of
from releve.restoration.drawing.canvas import day_names, fit, number, open_svg, scale_of, text_of
from releve.restoration.plan import Plan

__all__ = ["LoadWords", "load_svg", "team_load"]

ROW, GAP, TOP, GUTTER = 22.0, 8.0, 24.0, 190.0
# More bars than this are no longer told apart: days are then put together.
BARS_MAX = 120


class LoadWords(msgspec.Struct, frozen=True, kw_only=True):
    """The words of the drawing, in the language of whoever reads it."""

    title: str = "What the plan asks of each team"
    description: str = "A line a skill; the higher the bar, the more of its people are held that day."
    held: str = "%(skill)s, %(day)s: %(held)s of %(people)s held"


def team_load(case: Case, plan: Plan) -> dict[str, list[float]]:
    """Return of each skill how many of its people are held on each day of the case, by the plan's own people."""
    skills = {person.id: person.skills for person in case.people}
    last = max([planned.end for planned in plan.tasks], default=0)
    days = last // 24 + 1
    # Somebody with two skills counts in both: held is held, whatever for.
    held: dict[str, list[float]] = {skill.id: [0.0] * days for skill in case.skills}
    for planned in plan.tasks:
        if planned.end <= planned.start:
            continue
        of: dict[str, int] = defaultdict(int)
        for person in planned.people:
            for skill in skills.get(person, ()):
                of[skill] += 1
        for day in range(planned.start // 24, (planned.end - 1) // 24 + 1):
            share = (min(planned.end, day * 24 + 24) - max(planned.start, day * 24)) / 24
            for skill, people in of.items():
                if skill in held:
                    held[skill][day] += people * share
    return held


def load_svg(
    case: Case, plan: Plan, *, words: LoadWords | None = None, language: str = "fr", width: float = 1180.0
) -> str:
    """Return the drawing: a line a skill, a bar a day (or a few days), as high as the share of its people held."""
    said = words or LoadWords()
    held = {skill: days for skill, days in team_load(case, plan).items() if any(days)}
    people = {skill.id: sum(1 for one in case.people if skill.id in one.skills) for skill in case.skills}
    names = names_of(case.skills)
    height = TOP + len(held) * (ROW + GAP) + 2
    hours = [len(days) * 24 for days in held.values()]
    scale = scale_of(case, [*hours, case.now], left=GUTTER, width=width - GUTTER - 8, language=language)
    lines = "".join(
        f"M{number(scale.x(hour))} {number(TOP - 6)}V{number(height)}" for hour, _ in scale.marks()
    )
    parts = [
        open_svg(width, height, name="load", title=said.title, description=said.description),
        f'<path class="grid" d="{lines}"/><g class="days">',
        *day_names(scale, 16, width),
        "</g>",
    ]
    for place, (skill, days) in enumerate(held.items()):
        bottom = TOP + place * (ROW + GAP) + ROW
        whole = max(1, people[skill])
        parts.append(
            f'<text class="name" y="{number(bottom - 6)}">{text_of(fit(names[skill], GUTTER - 8, 11))}</text>'
            f'<path class="base" d="M{number(GUTTER)} {number(bottom)}H{number(width - 8)}"/>'
        )
        step = max(1, -(-len(days) // BARS_MAX))
        for first in range(0, len(days), step):
            part = days[first : first + step]
            mean = sum(part) / len(part)
            if not mean:
                continue
            share = min(1.0, mean / whole)
            x = scale.x(first * 24)
            wide = max(1.0, scale.x((first + len(part)) * 24) - x - 0.6)
            told = number(mean).replace(".", ",") if language.startswith("fr") else number(mean)
            tip = said.held % {
                "skill": names[skill], "day": scale.day(first * 24), "held": told, "people": whole,
            }  # fmt: skip
            parts.append(
                f'<rect class="{"full" if share > 0.9 else "held"}" x="{number(x)}" '
                f'y="{number(bottom - ROW * share)}" width="{number(wide)}" '
                f'height="{number(ROW * share)}"><title>{text_of(tip)}</title></rect>'
            )
    parts.append("</svg>")
    return "".join(parts)
