"""What every drawing of the restoration is made with: a scale of time with its days, text that fits. Pure.

No style stands in a drawing (the pages forbid it): classes, coloured by `restoration.css`, which prints too.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from html import escape
from typing import NamedTuple
from zoneinfo import ZoneInfo

from releve.restoration.case import HOUR_MS, Case
from releve.web import words

__all__ = ["TimeScale", "day_names", "fit", "fit_lines", "number", "open_svg", "scale_of", "text_of"]

# Widths of characters against the size of the letters, in DejaVu Sans: of the letters that a screen falls back on the
# widest, so that nothing runs over in others either.
_WIDE = {
    sign: width
    for signs, width in (
        ("ijlI|'’.,:; ", 0.32), ("()[]-ftr/", 0.41), ("cszJLéè", 0.62), ("mMW@%—…→", 1.0), ("w", 0.82),
        ("ABCDEFGHKNOPQRSTUVXYZÀÉÈÎÔÛ&<>+=", 0.76),
    )
    for sign in signs
}  # fmt: skip
_WIDE_ELSE = 0.64
_BOLD = 1.12
# What the name of a mark takes of the width ("15 mars"), in pixels; steps in days.
MARK = 58.0
DAY_SIZE = 10.5  # of its letters, as in `restoration.css`
STEPS = (1, 2, 7, 14, 28, 56, 91, 182, 364, 728)


class TimeScale(NamedTuple):
    """Hours of a case over so many pixels, from `left`."""

    starts_at: datetime
    zone: ZoneInfo
    from_hour: float
    to_hour: float
    left: float
    width: float
    language: str

    def x(self, hour: float) -> float:
        """Return where an hour stands; what lies outside stands at the edge."""
        span = max(1e-9, self.to_hour - self.from_hour)
        share = (hour - self.from_hour) / span
        return self.left + self.width * min(1.0, max(0.0, share))

    def ms(self, hour: float) -> int:
        """Return an hour of the case as UTC milliseconds."""
        return round(self.starts_at.timestamp() * 1000 + hour * HOUR_MS)

    def day(self, hour: float) -> str:
        """Return the day of an hour, "21 nov."."""
        return words.short_day(self.ms(hour), self.zone, self.language)

    def moment(self, hour: float) -> str:
        """Return day and hour, "21 nov. 02:44"."""
        at = self.ms(hour)
        return f"{words.short_day(at, self.zone, self.language)}{words.NBSP}{words.hour(at, self.zone)}"

    def marks(self) -> Iterator[tuple[float, str]]:
        """Yield where days, weeks or months begin, with their name, as many as there is room for."""
        days = max(1.0, (self.to_hour - self.from_hour) / 24)
        step = next((step for step in STEPS if days / step <= max(2.0, self.width / MARK)), STEPS[-1])
        first = words.local(self.ms(self.from_hour), self.zone)
        at = first.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        if step % 7 == 0:
            at -= timedelta(days=at.weekday())
        while True:
            hour = (
                at.replace(tzinfo=self.zone).timestamp() * 1000 - self.starts_at.timestamp() * 1000
            ) / HOUR_MS
            if hour > self.to_hour:
                return
            if hour >= self.from_hour:
                yield hour, self.day(hour)
            at += timedelta(days=step)


def scale_of(
    case: Case, hours: Iterable[float], *, left: float, width: float, language: str, from_hour: float = 0
) -> TimeScale:
    """Return the scale on which all these hours stand, two per cent of air behind the last."""
    last = max([*hours, from_hour + 24])
    return TimeScale(
        case.starts_at,
        ZoneInfo(case.zone),
        from_hour,
        last + (last - from_hour) * 0.02,
        left,
        width,
        language,
    )


def fit(text: str, pixels: float, size: float, *, bold: bool = False) -> str:
    """Return the text, cut with an ellipsis to what so many pixels hold at this size of letters.

    >>> fit("Archive d’images", 60, 10)
    'Archive d…'
    """
    if _width(text, size, bold) <= pixels:
        return text
    shown = text
    while len(shown) > 1 and _width(f"{shown.rstrip()}…", size, bold) > pixels:
        shown = shown[:-1]
    return f"{shown.rstrip()}…"


def fit_lines(text: str, pixels: float, size: float, *, bold: bool = False) -> tuple[str, ...]:
    """Return the text on one line or two, broken between words; what even two do not hold is cut with an ellipsis.

    >>> fit_lines("Archive d’images", 60, 10)
    ('Archive', 'd’images')
    """
    words_left = text.split(" ")
    first = words_left.pop(0)
    while words_left and _width(f"{first} {words_left[0]}", size, bold) <= pixels:
        first = f"{first} {words_left.pop(0)}"
    lines = (first, " ".join(words_left)) if words_left else (first,)
    return tuple(fit(line, pixels, size, bold=bold) for line in lines)


def _width(text: str, size: float, bold: bool) -> float:
    return sum(_WIDE.get(sign, _WIDE_ELSE) for sign in text) * size * (_BOLD if bold else 1.0)


def number(value: float) -> str:
    """Return a coordinate to a tenth of a pixel.

    >>> number(12.0), number(3.14159)
    ('12', '3.1')
    """
    return f"{value:.1f}".removesuffix(".0")


def text_of(value: str) -> str:
    """Return text as XML holds it, without signs that no XML holds."""
    return escape("".join(sign for sign in value if sign >= " "), quote=True)


def open_svg(width: float, height: float, *, name: str, title: str, description: str) -> str:
    """Return the opening of a drawing that says what it is to whoever cannot see it."""
    # No id: two drawings of one page would share it.
    label = text_of(f"{title}. {description}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="drawing {name}" width="{number(width)}" '
        f'height="{number(height)}" viewBox="0 0 {number(width)} {number(height)}" role="img" aria-label="{label}">'
        f"<title>{text_of(title)}</title><desc>{text_of(description)}</desc>"
    )


def day_names(scale: TimeScale, y: float, right: float) -> list[str]:
    """Return the names of a scale's marks as text right of them; what would run over the edge at `right` is left out.

    The mark itself is drawn all the same: half a name ("7 j") reads as another one.
    """
    return [
        f'<text x="{number(scale.x(hour) + 2)}" y="{number(y)}">{text_of(name)}</text>'
        for hour, name in scale.marks()
        if _width(name, DAY_SIZE, False) <= right - scale.x(hour) - 2
    ]
