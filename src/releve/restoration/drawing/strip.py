"""One application between what it needs and what needs it: why it waits, and who waits for it. Pure."""

from collections.abc import Mapping, Sequence

import msgspec

from releve.restoration.case import Case
from releve.restoration.drawing.canvas import fit, fit_lines, number, open_svg, text_of

__all__ = ["StripWords", "strip_svg"]

BOX, HIGH, GAP, BETWEEN, TOP = 190.0, 48.0, 8.0, 70.0, 20.0
EDGE = 1.5  # room for the line of the outer boxes
SHOWN_MAX = 12  # of one side; the rest is counted


class StripWords(msgspec.Struct, frozen=True, kw_only=True):
    """The words of the drawing, in the language of whoever reads it."""

    title: str = "What it needs, and what needs it"
    description: str = "On the left what must be back before; on the right what waits for it."
    needs: str = "Needs"
    needed: str = "Needed by"
    more: str = "%(n)s more"


def strip_svg(
    case: Case,
    application: str,
    *,
    marks: Mapping[str, str] | None = None,
    states: Mapping[str, str] | None = None,
    words: StripWords | None = None,
) -> str:
    """Return the drawing. `marks`: a short word under each name, such as its P80; `states`: "back" or ""."""
    said = words or StripWords()
    marks, states = marks or {}, states or {}
    of = {one.id: one for one in case.applications}
    own = of.get(application)
    left = [need.application for need in own.needs] if own is not None else []
    right = [
        one.id for one in case.applications if any(need.application == application for need in one.needs)
    ]
    left, right = list(dict.fromkeys(left)), right
    lines = max(1, min(len(left), SHOWN_MAX + 1), min(len(right), SHOWN_MAX + 1))
    height = TOP + lines * (HIGH + GAP) + 4
    width = 3 * BOX + 2 * BETWEEN + 2 * EDGE
    middle = TOP + (lines * (HIGH + GAP) - GAP) / 2

    def box(id_: str, x: float, y: float, kind: str = "") -> str:
        name = of[id_].name or id_ if id_ in of else id_
        mark = marks.get(id_, "")
        classes = " ".join(filter(None, ("box", kind, states.get(id_, ""))))
        lines = fit_lines(name, BOX - 14, 12, bold=True)
        at = y + (HIGH - 14 * (len(lines) + bool(mark))) / 2 + 11
        rows = [
            f'<text x="{number(x + 8)}" y="{number(at + 14 * n)}">{text_of(line)}</text>'
            for n, line in enumerate(lines)
        ]
        if mark:
            under = number(at + 14 * len(lines))
            rows.append(
                f'<text class="mark" x="{number(x + 8)}" y="{under}">{text_of(fit(mark, BOX - 14, 11))}</text>'
            )
        return (
            f'<g class="{classes}"><title>{text_of(f"{name} {mark}".strip())}</title>'
            f'<rect x="{number(x)}" y="{number(y)}" width="{number(BOX)}" height="{number(HIGH)}"/>'
            f"{''.join(rows)}</g>"
        )

    def side(ids: Sequence[str], x: float, into: bool) -> list[str]:
        shown, made = ids[:SHOWN_MAX], []
        total = len(shown) + (len(ids) > SHOWN_MAX)
        y = middle - (total * (HIGH + GAP) - GAP) / 2
        for id_ in shown:
            start, end = (x + BOX, x + BOX + BETWEEN) if into else (x - BETWEEN, x)
            from_y, to_y = (y + HIGH / 2, middle) if into else (middle, y + HIGH / 2)
            bend = (start + end) / 2
            made.append(
                f'<path class="link" d="M{number(start)} {number(from_y)}C{number(bend)} {number(from_y)} '
                f'{number(bend)} {number(to_y)} {number(end)} {number(to_y)}"/>'
            )
            made.append(box(id_, x, y))
            y += HIGH + GAP
        if len(ids) > SHOWN_MAX:
            left_over = said.more % {"n": len(ids) - SHOWN_MAX}
            made.append(
                f'<text class="mark" x="{number(x + 8)}" y="{number(y + 14)}">{text_of(left_over)}</text>'
            )
        return made

    centre = EDGE + BOX + BETWEEN
    parts = [open_svg(width, height, name="strip", title=said.title, description=said.description)]
    if left:
        parts.append(f'<text class="head" y="11">{text_of(said.needs)}</text>')
    if right:
        parts.append(
            f'<text class="head" x="{number(centre + BOX + BETWEEN)}" y="11">{text_of(said.needed)}</text>'
        )
    parts += side(left, EDGE, True)
    parts += side(right, centre + BOX + BETWEEN, False)
    parts.append(box(application, centre, middle - HIGH / 2, "own"))
    parts.append("</svg>")
    return "".join(parts)
