"""Small plots as SVG text: a trend, the messages of 24 hours, silence against habit. Pure, no script, no inline style.

Colours and sizes are in the stylesheet (`.trend`, `.bars`, `.rule-svg`). Every plot carries its words (`<title>` and
`<desc>`), which say what the drawing shows: read aloud, it must be as useful as seen.
"""

from collections.abc import Sequence
from html import escape

__all__ = ["bars", "silence_rule", "trend"]


def _n(value: float) -> str:
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


def _labelled(kind: str, box: str, title: str, description: str, inside: str, extra: str = "") -> str:
    # No id: two plots of one page would share it. The title names the image; the description follows it.
    words = f"<title>{escape(title)}</title>" + (f"<desc>{escape(description)}</desc>" if description else "")
    label = escape(f"{title}. {description}" if description else title, quote=True)
    return f'<svg class="{kind}" viewBox="{box}" role="img" aria-label="{label}"{extra}>{words}{inside}</svg>'


_TREND_W, _TREND_H = 104.0, 28.0
_MARGIN_X, _MARGIN_Y = 4.0, 1.9


def trend(
    points: Sequence[tuple[int, float]],
    *,
    low: float | None = None,
    high: float | None = None,
    urgent: bool = False,
    title: str,
    description: str = "",
) -> str:
    """Return the plot of values in time, oldest first, with the expected range as a band.

    `points` are (UTC milliseconds, value); one point is drawn as a dot, none as an empty plot that keeps its words.
    Time is to scale: two values of one night stand close together. `urgent` marks the last dot.
    """
    ordered = sorted(points)
    values = [value for _, value in ordered]
    bounds = [bound for bound in (low, high) if bound is not None]
    if not values:
        return _labelled("trend", f"0 0 {_n(_TREND_W)} {_n(_TREND_H)}", title, description, "")
    bottom, top = min(values + bounds), max(values + bounds)
    span = (top - bottom) or 1.0
    usable = _TREND_H - 2 * _MARGIN_Y

    def y_of(value: float) -> float:
        return _TREND_H - _MARGIN_Y - (value - bottom) / span * usable

    start, end = ordered[0][0], ordered[-1][0]

    def x_of(at_ms: int) -> float:
        if end == start:
            return _TREND_W - _MARGIN_X
        return _MARGIN_X + (at_ms - start) / (end - start) * (_TREND_W - 2 * _MARGIN_X)

    drawn: list[str] = []
    if bounds:
        upper = y_of(high) if high is not None else _MARGIN_Y
        lower = y_of(low) if low is not None else _TREND_H - _MARGIN_Y
        drawn.append(
            f'<rect class="range" x="0" y="{_n(upper)}" width="{_n(_TREND_W)}" height="{_n(max(0.8, lower - upper))}"/>'
        )
    places = [(x_of(at_ms), y_of(value)) for at_ms, value in ordered]
    if len(places) > 1:
        drawn.append(f'<polyline class="line" points="{" ".join(f"{_n(x)},{_n(y)}" for x, y in places)}"/>')
    for x, y in places[:-1]:
        drawn.append(f'<circle class="dot" cx="{_n(x)}" cy="{_n(y)}" r="1.5"/>')
    kind = "dot dot--urgent" if urgent else "dot"
    drawn.append(f'<circle class="{kind}" cx="{_n(places[-1][0])}" cy="{_n(places[-1][1])}" r="3.2"/>')
    return _labelled("trend", f"0 0 {_n(_TREND_W)} {_n(_TREND_H)}", title, description, "".join(drawn))


_BAR_STEP, _BAR_W, _BAR_H, _BAR_MIN = 6.0, 5.0, 24.0, 1.5


def bars(counts: Sequence[int], *, title: str, description: str = "") -> str:
    """Return one bar an hour, oldest first (24, or 23 and 25 on the nights when the clock changes).

    An hour without any message is an outlined gap over the whole height: silence is drawn, never left blank.
    """
    top = max(counts, default=0)
    drawn = []
    for place, number in enumerate(counts):
        x = _n(place * _BAR_STEP)
        if number <= 0:
            drawn.append(f'<rect class="hush" x="{x}" y="1" width="{_n(_BAR_W)}" height="{_n(_BAR_H - 2)}"/>')
            continue
        height = max(_BAR_MIN, number / top * (_BAR_H - 2))
        drawn.append(f'<rect x="{x}" y="{_n(_BAR_H - height)}" width="{_n(_BAR_W)}" height="{_n(height)}"/>')
    width = max(1, len(counts)) * _BAR_STEP
    return _labelled("bars", f"0 0 {_n(width)} {_n(_BAR_H)}", title, description, "".join(drawn))


_RULE_W = 120.0


def silence_rule(silent_seconds: float, usual_seconds: float, *, title: str, description: str = "") -> str:
    """Return the silence so far as a length, with a tick at the silence that is usual at this hour.

    The whole rule is five times the usual silence; what is longer fills it. Past the tick the length is dark.
    """
    whole = max(usual_seconds, 1.0) * 5
    length = min(1.0, max(0.0, silent_seconds) / whole) * _RULE_W
    over = silent_seconds > usual_seconds
    drawn = (
        f'<rect class="ground" x="0" y="3" width="{_n(_RULE_W)}" height="8"/>'
        f'<rect class="{"over" if over else "ok"}" x="0" y="3" width="{_n(length)}" height="8"/>'
        f'<rect class="tick" x="{_n(usual_seconds / whole * _RULE_W)}" y="0" width="2" height="14"/>'
    )
    return _labelled(
        "rule-svg", f"0 0 {_n(_RULE_W)} 14", title, description, drawn, ' preserveAspectRatio="none"'
    )
