"""A board's lines are kept one by one: what changed must show, what did not must not cost."""

import pytest
from bedside_island import NOW_MS

from releve.bedside.board import BoardLine
from releve.bedside.board_lines import line_set
from releve.hospital.map import Ward

MINUTE_MS = 60_000
CONTEXT = {
    "ward": Ward(code="w1", name="Cardiologie", building="A"),
    "unknown": False,
    "frozen_ms": None,
    "is_frozen": False,
    "handle": "",
    "to_dose": "",
}  # fmt: skip


def _set(line: BoardLine, at: int = NOW_MS, **context: object) -> str:
    return line_set(line, CONTEXT | context, language="fr", now_ms=at)


@pytest.mark.usefixtures("island")
def test_a_line_is_set_again_when_its_bed_its_feed_or_the_minute_changed() -> None:
    """A nurse must never read the bed next door, nor hours of a feed that fell silent."""
    line = BoardLine(anchor="b201", bed="201")
    first = _set(line)
    assert _set(BoardLine(anchor="b201", bed="201")) is first, "the same bed is not set twice"
    assert "202" in _set(BoardLine(anchor="b202", bed="202"))
    assert _set(line, is_frozen=True, frozen_ms=NOW_MS) != first
    assert _set(line, unknown=True) != first
    assert _set(line, NOW_MS + MINUTE_MS) is not first
