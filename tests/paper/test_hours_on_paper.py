from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec

from releve.paper.hours import column_of, grid_hours, local_text
from releve.paper.pack import Dose, WardPack
from releve.paper.render import set_sheets
from releve.paper.words import labels

PARIS = ZoneInfo("Europe/Paris")


def ms(*parts: int) -> int:
    """Return UTC milliseconds."""
    return int(datetime(*parts, tzinfo=UTC).timestamp() * 1000)  # type: ignore[misc]


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    """At 02:30 on the night of 25 October a dose is due at A or at B, an hour apart."""
    first, second = ms(2026, 10, 25, 0, 30), ms(2026, 10, 25, 1, 30)

    assert local_text(first, PARIS) == "2026-10-25T02:30A"
    assert local_text(second, PARIS) == "2026-10-25T02:30B"
    assert local_text(ms(2026, 10, 25, 2, 30), PARIS) == "2026-10-25T03:30"


def test_grids_have_24_hours_23_in_spring_and_25_in_autumn() -> None:
    """A grid with a wrong number of hours shifts every dose after it."""
    usual = grid_hours(ms(2026, 11, 21, 20), PARIS)
    autumn = grid_hours(ms(2026, 10, 24, 19), PARIS)
    spring = grid_hours(ms(2027, 3, 27, 20), PARIS)

    assert [len(usual), len(autumn), len(spring)] == [24, 25, 23]
    assert [column.at[11:] for column in autumn][4:8] == ["01", "02A", "02B", "03"]
    assert [column.at[11:] for column in spring][4:7] == ["01", "03", "04"]
    assert [column.at[11:] for column in usual if column.shift] == ["21", "07", "14"]
    assert autumn[-1].at == "2026-10-25T20"


def test_a_time_finds_its_column_and_none_outside() -> None:
    """The grid refuses what it cannot place rather than drop it."""
    autumn = grid_hours(ms(2026, 10, 24, 19), PARIS)

    assert column_of("2026-10-25T02:30A", autumn) == 5
    assert column_of("2026-10-25T02:30B", autumn) == 6
    assert column_of("2026-10-24T21:05", autumn) == 0
    assert column_of("2026-10-25T21:00", autumn) is None


def test_the_night_of_25_hours_prints_both_hours_and_says_why(
    one: Callable[..., WardPack], pages_text: Callable[[bytes], list[str]], fold: Callable[[str], str]
) -> None:
    """Two doses at "02:00" that night are one hour apart: the sheet must show two columns."""
    grid = grid_hours(ms(2026, 10, 24, 19), PARIS)
    doses = (Dose(at="2026-10-25T02:00A", state="given"), Dose(at="2026-10-25T02:00B", state="planned"))
    line = msgspec.structs.replace(one().patients[0].lines[0], doses=doses, last="2026-10-25T02:00A")
    pack = one({"grid": grid, "data_at": "2026-10-25T02:40B"}, lines=(line,))

    setting = set_sheets(pack)

    assert not setting.faults
    verso = next(text for text in pages_text(setting.pdf) if "8000412301|2" in text)
    assert verso.count("02 A") >= 1
    assert verso.count("02 B") >= 1
    assert fold(labels("fr")["legend_doubled"]) in verso
    assert fold("02 h 40 B") in verso
    assert verso.count("●") == 2
    assert fold("du 24 oct., 21 h 00 au 25 oct., 21 h 00") in verso


def test_the_night_of_23_hours_says_that_an_hour_is_missing(
    one: Callable[..., WardPack], pages_text: Callable[[bytes], list[str]], fold: Callable[[str], str]
) -> None:
    """Who looks for 02:00 that night must not think the sheet is wrong."""
    grid = grid_hours(ms(2027, 3, 27, 20), PARIS)

    verso = pages_text(set_sheets(one({"grid": grid}, lines=(one().patients[0].lines[3],))).pdf)[3]

    assert fold(labels("fr")["legend_skipped"]) in verso
