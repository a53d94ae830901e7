"""The charts of some persons as pages read them: newest first, those that were corrected set apart."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from releve.departments.observations.news2 import INPUTS, News2, age_years, news2
from releve.departments.observations.tables import Chart, Fluid

__all__ = ["SCORE_COLUMNS", "Standing", "age_on", "charts_of", "fluids_of", "score_of", "standing_of"]

SCORE_COLUMNS = (*INPUTS, "spo2_scale", "happened_at")


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody stands: the newest set with anything of the score, and the newest whole score."""

    at: int
    score: News2
    row: Any
    whole_at: int | None = None
    whole: News2 | None = None

    @property
    def urgent(self) -> bool:
        """The newest set calls for somebody; or it is not whole and the whole one before it did."""
        if self.score.total is None and not self.score.single and self.whole is not None:
            return self.whole.urgent
        return self.score.urgent


def age_on(birth: str | None, at_ms: int, zone: ZoneInfo) -> int | None:
    """Return the age in years at a moment, in the hospital's zone."""
    day: date = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone).date()
    return age_years(birth, day)


def charts_of(persons: Iterable[str], *, since_ms: int = 0, limit: int = 400) -> list[Chart]:
    """Return the forms of these persons, newest first, corrected ones too."""
    found = Chart.objects.filter(person__in=list(persons), happened_at__gte=since_ms)
    return list(found.order_by("-happened_at", "-recorded_at", "id")[:limit])


def fluids_of(persons: Iterable[str], *, since_ms: int) -> list[Fluid]:
    """Return what went in and out since a moment, newest first, corrected ones too."""
    found = Fluid.objects.filter(person__in=list(persons), happened_at__gte=since_ms)
    return list(found.order_by("-happened_at", "-recorded_at", "id"))


def score_of(row: Any, age: int | None = None) -> News2:
    """Return the score of one form (a row, or a mapping of its columns)."""
    said: Mapping[str, Any] = (
        row if isinstance(row, Mapping) else {name: getattr(row, name) for name in INPUTS}
    )
    scale = row["spo2_scale"] if isinstance(row, Mapping) else row.spo2_scale
    return news2({name: said[name] for name in INPUTS}, scale=scale or 1, age_years=age)


def standing_of(rows: Sequence[Any], age: int | None = None) -> Standing | None:
    """Return how somebody stands by her forms, newest first; None when no input of the score was charted.

    Inputs of two forms are never put together: a temperature of this morning is none of now.
    """
    first: tuple[Any, News2] | None = None
    for row in rows:
        if getattr(row, "corrected_by", None):
            continue
        score = score_of(row, age)
        if first is None:
            if not score.parts or (len(score.parts) == 1 and score.parts[0][0] == "oxygen"):
                continue
            first = row, score
        if score.total is not None:
            return Standing(
                at=first[0].happened_at or 0,
                score=first[1],
                row=first[0],
                whole_at=row.happened_at,
                whole=score,
            )
    return None if first is None else Standing(at=first[0].happened_at or 0, score=first[1], row=first[0])
