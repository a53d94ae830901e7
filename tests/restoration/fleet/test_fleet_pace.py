"""When a ward has its machines again: a range that holds, or words."""

import random

from releve.restoration.fleet.pace import Pace, forecast, pace_of, wards_in_turn


def test_too_little_is_said_in_words_and_gives_no_date() -> None:
    """A date made of two days is believed like any other."""
    assert forecast(pace_of([12, 14]), 50).state == "too-little"
    assert forecast(pace_of([1, 1, 1, 1]), 50).state == "too-little"
    assert forecast(pace_of([]), 50).state == "too-little"
    assert forecast(pace_of([12, 14, 13]), 50).state == "dated"
    assert forecast(pace_of([12, 14, 13]), 0).state == "done"


def test_weekends_without_work_are_part_of_the_pace() -> None:
    """A pace of working days alone promises the date two days too early each week."""
    assert pace_of([20, 20, 20, 20, 20, 0, 0]).a_day == 100 / 7


def test_days_so_uneven_that_nothing_can_be_promised_give_no_p80() -> None:
    """Two hundred in one day and nothing for a week: half-way is a date, four in five is not."""
    found = forecast(Pace(days=4, returned=30, a_day=7.5, spread=60.0), 500)

    assert found.state == "dated"
    assert found.p50_days is not None
    assert found.p80_days is None


def test_a_ward_waits_for_those_that_come_before_it() -> None:
    """The order of the batches is the promise: the last ward must not read the first one’s date."""
    pace = pace_of([10, 12, 8, 10])

    found = wards_in_turn(["urg", "rea", "ssr"], {"urg": 20, "rea": 0, "ssr": 30}, pace)

    assert found["rea"].state == "done"
    assert (found["urg"].p50_days, found["ssr"].p50_days) == (2.0, 5.0)


def test_four_times_in_five_the_ward_has_its_machines_by_the_date_told() -> None:
    """A date that holds one time in two is no date; one that always holds is a month too late."""
    rng = random.Random(7)
    held = dated = 0
    for _ in range(600):
        mean = rng.choice((15, 40, 90))
        days = [max(0, round(rng.gauss(mean, mean * 0.35))) for _ in range(rng.randint(6, 14))]
        found = forecast(pace_of(days), machines := rng.choice((100, 300, 800)))
        if found.p80_days is None:
            continue
        done, day = 0.0, 0
        while done < machines:
            count = max(0, round(rng.gauss(mean, mean * 0.35)))
            left = machines - done
            day_part = left / count if count and left <= count else 1.0
            done, day = done + count, day + day_part  # type: ignore[assignment]
        dated += 1
        held += day <= found.p80_days

    assert dated > 550
    assert 0.74 <= held / dated <= 0.88
