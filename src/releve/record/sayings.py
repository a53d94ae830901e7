"""The statements that stand about persons, beds and doses, as the views hold them."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec

from releve.record.crossed import Saying, standing
from releve.record.tables import Statement

__all__ = ["sayings_of"]


def sayings_of(kind: str, persons: Sequence[str]) -> dict[str, tuple[Saying, ...]]:
    """Return the statements of a kind that stand about these persons (or "bed:CODE"), by what they are about."""
    found: dict[str, list[Saying]] = defaultdict(list)
    for row in Statement.objects.filter(person__in=list(persons), kind=kind):
        found[row.about or ""].append(_saying(row))
    return {about: standing(said) for about, said in found.items()}


def _saying(row: Any) -> Saying:
    return Saying(
        entry=f"{row.log}#{row.index}",
        log=row.log or "",
        index=row.index or 0,
        about=row.about or "",
        words=msgspec.json.decode(row.words or "{}", type=dict[str, str]),
        seen=None if row.seen is None else tuple(row.seen.split()),
        by=row.by or "",
        by_name=row.by_name or "",
        happened_at=row.happened_at,
        stamp=row.stamp,
    )
