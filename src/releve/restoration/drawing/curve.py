"""The curve of care returned: what is back, what was planned, what the forecast allows, and what others lived. Pure."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from releve.restoration.case import Case
from releve.restoration.drawing.canvas import TimeScale, number, open_svg, scale_of, text_of

__all__ = ["CurvePoint", "CurveWords", "Lived", "curve_svg"]

Height = Callable[[float], float]  # of a share
LEFT, TOP, BOTTOM = 44.0, 14.0, 26.0


class CurvePoint(NamedTuple):
    """The share (0 to 1) that is back at an hour: in half of the runs, in 80 and in 95 % of them, at least."""

    hour: float
    p50: float
    p80: float
    p95: float


class Lived(NamedTuple):
    """What another hospital lived: that share of its systems was back so many days after its cut."""

    number: int
    day: float
    share: float
    name: str


class CurveWords(msgspec.Struct, frozen=True, kw_only=True):
    """The words of the drawing, in the language of whoever reads it."""

    title: str = "Care returned"
    description: str = "Share of care that is back over time: actual, and forecast with 50, 80 and 95 %."
    now: str = "now"
    percent: str = " %"  # as the language writes it behind a figure


def curve_svg(
    case: Case,
    points: Sequence[CurvePoint],
    *,
    actual: Sequence[tuple[float, float]] = (),
    planned: Sequence[tuple[float, float]] = (),
    lived: Sequence[Lived] = (),
    words: CurveWords | None = None,
    language: str = "fr",
    width: float = 720.0,
    height: float = 260.0,
) -> str:
    """Return the drawing. `actual` and `planned` are steps: from that hour on, that share (0 to 1) is back."""
    said = words or CurveWords()
    hours = [
        *(point.hour for point in points), *(hour for hour, _ in (*actual, *planned)),
        *(one.day * 24 for one in lived), case.now,
    ]  # fmt: skip
    scale = scale_of(case, hours, left=LEFT, width=width - LEFT - 10, language=language)
    deep = height - TOP - BOTTOM

    def y(share: float) -> float:
        return TOP + deep * (1 - min(1.0, max(0.0, share)))

    parts = [
        open_svg(width, height, name="curve", title=said.title, description=said.description),
    ]
    parts += _frame(scale, width, height, said, y)
    if points:
        middle = [(point.hour, point.p50) for point in points]
        p80 = [(point.hour, point.p80) for point in points]
        p95 = [(point.hour, point.p95) for point in points]
        parts += [
            f'<path class="band95" d="{_area(p80, p95, scale, y)}"/>',
            f'<path class="band80" d="{_area(middle, p80, scale, y)}"/>',
            f'<path class="p50" d="{_steps(middle, scale, y, scale.to_hour)}"/>',
        ]
    if planned:
        parts.append(f'<path class="planned" d="{_steps(planned, scale, y, scale.to_hour)}"/>')
    if actual:
        parts.append(f'<path class="actual" d="{_steps(actual, scale, y, case.now)}"/>')
    if case.now:
        x = number(scale.x(case.now))
        parts.append(
            f'<path class="now" d="M{x} {number(TOP - 4)}V{number(height - BOTTOM)}"/>'
            f'<text class="now-word" x="{x}" y="9" text-anchor="{_anchor(scale.x(case.now), width)}">'
            f"{text_of(said.now)}</text>"
        )
    for one in lived:
        x_, y_ = scale.x(one.day * 24), y(one.share)
        parts.append(
            f'<g class="lived"><title>{text_of(one.name)}</title><circle cx="{number(x_)}" cy="{number(y_)}" r="7.5"/>'
            f'<text x="{number(x_)}" y="{number(y_ + 3.6)}" text-anchor="middle">{one.number}</text></g>'
        )
    parts.append("</svg>")
    return "".join(parts)


def _frame(scale: TimeScale, width: float, height: float, said: CurveWords, y: Height) -> list[str]:
    levels = (0, 0.25, 0.5, 0.75, 1)
    lines = "".join(f"M{number(LEFT)} {number(y(level))}H{number(width - 10)}" for level in levels)
    marks = list(scale.marks())
    ticks = "".join(f"M{number(scale.x(hour))} {number(height - BOTTOM)}v4" for hour, _ in marks)
    shown = marks[:: 1 + len(marks) // max(1, int(width / 66))]
    return [
        f'<path class="grid" d="{lines}"/><path class="tick" d="{ticks}"/><g class="days">',
        *(
            f'<text x="{number(LEFT - 6)}" y="{number(y(level) + 4)}" text-anchor="end">'
            f"{round(level * 100)}{text_of(said.percent)}</text>"
            for level in levels
        ),
        *(
            f'<text x="{number(scale.x(hour))}" y="{number(height - 8)}" '
            f'text-anchor="{_anchor(scale.x(hour), width)}">{text_of(name)}</text>'
            for hour, name in shown
        ),
        "</g>",
    ]


def _anchor(x: float, width: float) -> str:
    """Return how a name stands under its mark without running over an edge."""
    if x < LEFT + 20:
        return "start"
    return "end" if x > width - 36 else "middle"


def _path(points: Sequence[tuple[float, float]], scale: TimeScale, y: Height, until: float) -> list[str]:
    """Return the corners of a line of steps, as "x y"."""
    found, last = [], 0.0
    for hour, share in points:
        if hour > until:
            break
        x = number(scale.x(hour))
        found += [f"{x} {number(y(last))}", f"{x} {number(y(share))}"]
        last = share
    found.append(f"{number(scale.x(until))} {number(y(last))}")
    return found


def _steps(points: Sequence[tuple[float, float]], scale: TimeScale, y: Height, until: float) -> str:
    return "M" + "L".join(_path(points, scale, y, until))


def _area(
    upper: Sequence[tuple[float, float]], lower: Sequence[tuple[float, float]], scale: TimeScale, y: Height
) -> str:
    above = _path(upper, scale, y, scale.to_hour)
    below = _path(lower, scale, y, scale.to_hour)
    return "M" + "L".join([*above, *reversed(below)]) + "z"
