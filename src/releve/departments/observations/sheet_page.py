"""What the page of vital signs shows: how she stands, and the course by sign, newest first."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from releve.departments.observations.news2 import News2
from releve.departments.observations.reading import Standing, score_of
from releve.departments.observations.signs import SIGNS
from releve.departments.observations.tables import Chart, Fluid
from releve.departments.observations.words import (
    ACVPU,
    LABELS,
    RISKS,
    fluid_kinds,
    missing_words,
    score_words,
    unit_of,
)
from releve.web import words
from releve.web.opaque import seal

__all__ = ["Course", "chart_words", "course_of", "input_lines", "standing_words", "volume_words"]

COLUMNS = 7  # forms side by side: what fits beside the names on a laptop


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One sign in time."""

    code: str
    label: str
    unit: str
    cells: tuple[tuple[str, bool], ...]  # words, and whether it scores 3
    points: tuple[tuple[int, float], ...]
    last: str


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One form: when, who, its score."""

    row: Chart
    score: News2
    missing: str
    handle: str


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """The table of a person's forms, and those that were corrected."""

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    corrected: tuple[tuple[Chart, Chart | None], ...]  # the old form, the one that took its place
    total: int


def course_of(rows: Sequence[Chart], age: int | None, language: str, *, may: bool) -> Course:
    """Return the course of a person by her forms, newest first."""
    standing = [row for row in rows if not row.corrected_by and not _withdrawal(row)]
    by_act = {row.act: row for row in rows}
    shown = standing[:COLUMNS]
    scores = {row.id: score_of(row, age) for row in shown}
    columns = tuple(
        Column(
            row=row,
            score=scores[row.id],
            missing=""
            if scores[row.id].total is not None or not scores[row.id].parts
            else missing_words(scores[row.id]),
            handle=seal(row.id, "observation") if may else "",
        )
        for row in shown
    )
    lines = []
    for code in _CODES:
        numbers = tuple(
            (row.happened_at or 0, float(Decimal(text)))
            for row in standing
            if code not in ("oxygen", "consciousness")
            and (text := getattr(row, code))
            and _same_unit(row, standing, code)
        )
        cells = tuple((cell(row, code, language), code in scores[row.id].single) for row in shown)
        if any(text for text, _strong in cells) or numbers:
            last = next((text for text, _strong in cells if text), "")
            lines.append(
                Line(
                    code=code, label=str(LABELS[code]), unit=unit_of(code, language) if code != "glucose" else "",
                    cells=cells, points=numbers, last=last,
                )
            )  # fmt: skip
    corrected = tuple((row, by_act.get(row.corrected_by)) for row in rows if row.corrected_by)
    return Course(columns=columns, lines=tuple(lines), corrected=corrected, total=len(standing))


_CODES = (
    "respiratory_rate", "spo2", "oxygen", "systolic", "diastolic", "pulse", "consciousness", "temperature", "pain",
    "weight", "glucose",
)  # fmt: skip
assert {*_CODES, "oxygen_flow"} >= {sign.code for sign in SIGNS}


def _withdrawal(row: Chart) -> bool:
    return bool(row.corrects) and not any(getattr(row, code) for code in (*_CODES, "note"))


def _same_unit(row: Chart, rows: Sequence[Chart], code: str) -> bool:
    # Two meters, two units: one plot shows the unit that was used last.
    if code != "glucose":
        return True
    return row.glucose_unit == next((one.glucose_unit for one in rows if one.glucose), None)


def cell(row: Any, code: str, language: str) -> str:
    """Return one sign of one form in words; "" when it was not measured."""
    value = getattr(row, code)
    if not value:
        return ""
    if code == "oxygen":
        if value == "air":
            return _("Air")
        flow = f" {words.figures(row.oxygen_flow, language)}{words.NBSP}L/min" if row.oxygen_flow else ""
        return _("Oxygen") + flow
    if code == "consciousness":
        return str(ACVPU.get(value, value))
    shown = words.figures(str(value), language)
    if code == "spo2" and row.spo2_scale == 2:
        return _("%(value)s (scale 2)") % {"value": shown}
    if code == "glucose":
        return f"{shown}{words.NBSP}{unit_of(code, language, row.glucose_unit or '')}"
    return shown


def input_lines(standing: Standing, language: str) -> list[tuple[str, str, int]]:
    """Return name, words and points of each input that was measured."""
    lines = []
    for name, points in standing.score.parts:
        text = cell(standing.row, name, language)
        unit = unit_of(name, language) if name != "glucose" else ""
        lines.append((str(LABELS[name]), f"{text}{words.NBSP}{unit}" if unit else text, points))
    return lines


def standing_words(standing: Standing | None, language: str) -> dict[str, Any]:
    """Return how she stands in words: total, risk, inputs, what is missing, which signs are grave alone."""
    if standing is None:
        return {}
    score = standing.score
    labels = dict(LABELS)
    return {
        "total": score.total,
        "urgent": standing.urgent,
        "risk": str(RISKS[score.risk]) if score.risk else "",
        "missing": "" if score.total is not None else missing_words(score),
        "single": ", ".join(str(labels[name]) for name in score.single),
        "inputs": input_lines(standing, language),
        "points": score_words(score),
        "at": standing.at,
        "whole": standing.whole.total if standing.whole is not None and score.total is None else None,
        "whole_at": standing.whole_at,
        "scale": score.scale,
    }


def chart_words(row: Chart, language: str) -> tuple[str, str, bool]:
    """Return one form on a line: title, its figures, whether it calls for somebody; no title when it is withdrawn."""
    if _withdrawal(row):
        return "", "", False
    score = score_of(row)
    parts = []
    for code in _CODES:
        text = cell(row, code, language)
        unit = unit_of(code, language) if code != "glucose" else ""
        if text:
            parts.append(f"{LABELS[code]} {text}{words.NBSP + unit if unit else ''}")
    title = _("Vital signs") if score.total is None else f"NEWS2 {score.total}"
    return title, ", ".join(parts), score.urgent


def volume_words(row: Fluid) -> str:
    """Return one volume: "+250 mL Infusion"."""
    kinds = {code: label for pairs in fluid_kinds().values() for code, label in pairs}
    sign = "+" if row.direction == "in" else "−"
    return f"{sign}{row.volume_ml}{words.NBSP}mL {kinds.get(row.kind or '', row.kind or '')}"
