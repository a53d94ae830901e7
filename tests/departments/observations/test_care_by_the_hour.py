"""Care that is due every two, four or six hours: each due hour counts, not the shift."""

from collections.abc import Callable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from django.test import Client
from test_care_plan import PLAN, say, text_of
from ward_island import HOUR_MS, NOW_MS, WardIsland

from releve.departments.observations.care_hours import due_hours, of_shift
from releve.departments.observations.fluids import shift_of

PARIS = ZoneInfo("Europe/Paris")
NIGHT = shift_of(NOW_MS, PARIS)  # 21:00 to 07:00; it is 03:10


class Said(msgspec.Struct):
    """What became of an action."""

    happened_at: Any
    done: bool = True


def clock(hours: Sequence[Any]) -> list[str]:
    """Return due hours as hours after 21:00, with a mark where something was said."""
    return [f"{(one.at_ms - NIGHT.from_ms) / HOUR_MS:g}{'*' * len(one.said)}" for one in hours]


def at(hours: float) -> int:
    """Return a moment so many hours after 21:00."""
    return round(NIGHT.from_ms + hours * HOUR_MS)


def night(planned: float, every: float, *said: float) -> list[str]:
    """Return the due hours of the night."""
    words = [Said(at(hours)) for hours in said]
    found = due_hours(at(planned), every, words, from_ms=NIGHT.from_ms, to_ms=NIGHT.to_ms, zone=PARIS)
    return clock(of_shift(found, NIGHT))


def test_each_due_hour_waits_for_its_own_word() -> None:
    """Turned once in a night, a patient who is to be turned every two hours lay for eight on the same hip."""
    assert night(0.4, 2, 1) == ["1*", "3", "5", "7", "9"]
    assert night(0.4, 4) == ["3", "7"]
    assert night(-30, 6) == ["3", "9"]


def test_due_hours_are_those_of_the_clock_whenever_it_was_planned() -> None:
    """A ward makes its round at midnight, two and four; each patient at her own odd hour is forgotten."""
    planned = [night(hours, 2) for hours in (-5, -4.2, -3.5)]

    assert planned == [["1", "3", "5", "7", "9"]] * 3  # 22:00, 00:00, 02:00, 04:00, 06:00
    assert night(3.2, 4) == ["7"]  # planned at 00:12, not due at midnight any more


def test_what_was_done_counts_for_the_nearest_due_hour() -> None:
    """The round of midnight is made at ten to twelve: it is the round of midnight."""
    assert night(1, 2, 2.8, 5.9) == ["1", "3*", "5*", "7", "9"]
    assert night(1, 2, 2) == ["1", "3*", "5", "7", "9"], "half-way: the earlier had its turn"
    assert night(0.5, 2, 0.2) == ["1*", "3", "5", "7", "9"], "done before it was first due"
    assert night(1, 2, 5, 5.2) == ["1", "3", "5**", "7", "9"], "both words are kept"
    assert night(-40, 2, -9) == ["1", "3", "5", "7", "9"], "yesterday's word is not tonight's"


def test_on_the_night_the_clock_goes_back_nobody_lies_longer() -> None:
    """Two o'clock comes twice: due only at the first, a patient would lie for three hours."""
    back = shift_of(1_792_890_000_000, PARIS)  # 25 October 2026, 21:00 to 07:00: eleven hours

    found = due_hours(back.from_ms, 2, (), from_ms=back.from_ms, to_ms=back.to_ms, zone=PARIS)

    assert [(one.at_ms - back.from_ms) // HOUR_MS for one in found] == [1, 3, 5, 6, 8, 10]


def test_on_the_night_the_clock_goes_forward_the_skipped_hour_is_not_skipped() -> None:
    """There is no two o'clock: without it four hours pass between two turns on the clock, three for the patient."""
    forward = shift_of(1_774_742_400_000, PARIS)  # 29 March 2026, 21:00 to 07:00: nine hours

    found = due_hours(forward.from_ms, 2, (), from_ms=forward.from_ms, to_ms=forward.to_ms, zone=PARIS)

    assert [(one.at_ms - forward.from_ms) // HOUR_MS for one in found] == [1, 3, 5, 6, 8]


@pytest.fixture
def handle(island: WardIsland) -> str:
    """Return somebody in bed 201, while her record is cut."""
    handle = island.admit("8001", "DELORME^Élise", "201")
    island.cut("DPI")
    return handle


def test_hours_of_which_nobody_spoke_are_named_until_somebody_does(
    island: WardIsland, enter: Callable[..., Client], handle: str
) -> None:
    """Done once does not close the shift: the page names each hour that is still owed, and the next one."""
    start = island.now_ms
    enter().post(f"/patient/{handle}/care/", PLAN | {"every": "hours-2"})
    island.now_ms = start + 1 * HOUR_MS  # 04:10: due at 04:00
    say(enter(), handle, "done", act_key="d1")
    once = text_of(enter().get(f"/patient/{handle}/care/"))
    island.now_ms = start + 3 * HOUR_MS  # 06:10: due again at 06:00
    owed = text_of(enter().get(f"/patient/{handle}/care/"))
    handed = text_of(enter().get("/ward/2140/handover/"))
    say(enter(), handle, "not-done", act_key="d2", reason="au bloc")
    said = text_of(enter().get(f"/patient/{handle}/care/"))

    assert "fait 1 fois sur 1" in once
    assert "prochaine fois 06:00" in once
    assert "à faire maintenant" not in once
    assert "fait 1 fois sur 2, rien de saisi pour 06:00" in owed
    assert "à faire maintenant" in owed
    assert "rien de saisi pour 06:00" in handed
    assert "06:00 non fait, au bloc" in said
    assert "prochaine fois 08:00" in said
    assert "à faire maintenant" not in said
    assert "à faire maintenant" not in text_of(enter().get(f"/patient/{handle}/"))
