"""Who is on call, on the cover of a pack: from the map's list, for the hours of this pack, or said to be missing."""

import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from paper_island import MEDICINE, PARIS, PSYCHIATRY, small_hospital

from releve.hospital.map import Directory, OnCall
from releve.paper.gather_frame import Frame
from releve.paper.gather_ward import duties_of

# Saturday 21 November 2026, 03:10 in Paris; a grid of 24 h since the shift began at 21:00.
NOW_MS = 1_795_227_000_000
HOUR_MS = 3_600_000


def frame_of(*lines: OnCall) -> Frame:
    """Return the frame of a printing at 03:10, in a hospital with this list."""
    not_asked: Any = None
    return Frame(
        directory=Directory(msgspec.structs.replace(small_hospital(), on_call=lines)),
        statuses=not_asked,
        feeds=(),
        zone=PARIS,
        language="fr",
        words=not_asked,
        now_ms=NOW_MS,
        grid_ms=NOW_MS - 6 * HOUR_MS - 600_000,
        grid_end_ms=NOW_MS + 18 * HOUR_MS - 600_000,
        grid=(),
    )


def on_call(code: str, *, ward: str = "", start: str = "", end: str = "") -> OnCall:
    """Return a line of the list."""
    return OnCall(code=code, name=code, role="physician", number="45 12", ward=ward, start=start, end=end)


def test_the_cover_names_who_is_on_call_now_and_next() -> None:
    """Called at three in the morning, the name of the evening before answers from home, or not at all."""
    frame = frame_of(
        on_call("went home", end="2026-11-21T03:10"),
        on_call("next", start="2026-11-21T08:00"),
        on_call("now", start="2026-11-20T20:00", end="2026-11-21T08:00"),
        on_call("other ward", ward=PSYCHIATRY),
        on_call("tomorrow night", start="2026-11-21T21:00"),
        on_call("this ward", ward=MEDICINE),
    )

    staff, roster = duties_of(MEDICINE, frame)

    assert [one.name for one in staff] == ["this ward", "now", "next"]
    assert (staff[1].number, staff[1].end) == ("45 12", "2026-11-21T08:00")
    assert roster == "fed"


@pytest.mark.parametrize(
    ("lines", "word"), [((on_call("went home", end="2026-11-20T08:00"),), "over"), ((), "none")]
)
def test_a_list_that_ran_out_is_not_a_list_never_given(lines: tuple[OnCall, ...], word: str) -> None:
    """Whoever keeps the list must be told that it ran out; else all believe that names stand on the packs."""
    assert duties_of(MEDICINE, frame_of(*lines)) == ((), word)
