"""NEWS2 as its authors publish it: every step of every chart, and no score from a part of its inputs."""

from datetime import date

import pytest

from releve.departments.observations.news2 import age_years, news2

WELL = {
    "respiratory_rate": "16", "spo2": "97", "oxygen": "air", "systolic": "120", "pulse": "70",
    "consciousness": "A", "temperature": "37.0",
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("respiratory_rate", "8:3 9:1 11:1 12:0 20:0 21:2 24:2 25:3"),
        ("spo2", "91:3 92:2 93:2 94:1 95:1 96:0 100:0"),
        ("systolic", "90:3 91:2 100:2 101:1 110:1 111:0 219:0 220:3"),
        ("pulse", "40:3 41:1 50:1 51:0 90:0 91:1 110:1 111:2 130:2 131:3"),
        ("temperature", "35.0:3 35.1:1 36.0:1 36.1:0 38.0:0 38.1:1 39.0:1 39.1:2"),
        ("consciousness", "A:0 C:3 V:3 P:3 U:3"),
        ("oxygen", "air:0 oxygen:2"),
    ],
)
def test_each_step_of_the_chart_gives_the_points_that_are_published(name: str, steps: str) -> None:
    """A step that is off by one turns an emergency into a quiet night."""
    for step in steps.split():
        value, points = step.split(":")
        assert dict(news2({**WELL, name: value}).parts)[name] == int(points), step


@pytest.mark.parametrize(
    ("oxygen", "steps"),
    [
        ("air", "83:3 84:2 85:2 86:1 87:1 88:0 92:0 93:0 97:0 100:0"),
        ("oxygen", "83:3 84:2 85:2 86:1 87:1 88:0 92:0 93:1 94:1 95:2 96:2 97:3 100:3"),
    ],
)
def test_scale_2_counts_too_much_oxygen_and_only_when_oxygen_is_given(oxygen: str, steps: str) -> None:
    """In hypercapnic failure 97 % under oxygen is a danger, and on air it is none."""
    for step in steps.split():
        value, points = step.split(":")
        score = news2({**WELL, "oxygen": oxygen, "spo2": value}, scale=2)
        assert dict(score.parts)["spo2"] == int(points), step


@pytest.mark.parametrize("missing", list(WELL))
def test_without_one_input_there_is_no_total(missing: str) -> None:
    """A part of a score looks like a low score."""
    score = news2({**WELL, missing: None})

    assert score.total is None
    assert score.risk is None
    assert score.missing == (missing,)


def test_scale_2_above_92_without_air_or_oxygen_is_not_known() -> None:
    """The points depend on it: none may be guessed."""
    assert news2({**WELL, "oxygen": None, "spo2": "96"}, scale=2).missing == ("spo2", "oxygen")
    assert dict(news2({**WELL, "oxygen": None, "spo2": "86"}, scale=2).parts)["spo2"] == 1


@pytest.mark.parametrize(
    ("said", "total", "risk", "urgent"),
    [
        ({}, 0, "low", False),
        ({"pulse": "112", "temperature": "38.5"}, 3, "low", False),
        ({"consciousness": "C"}, 3, "low-medium", True),
        ({"pulse": "112", "temperature": "38.5", "respiratory_rate": "22"}, 5, "medium", True),
        ({"pulse": "131", "systolic": "88", "oxygen": "oxygen"}, 8, "high", True),
    ],
)
def test_the_thresholds_are_those_of_chart_2(
    said: dict[str, str], total: int, risk: str, urgent: bool
) -> None:
    """Five, or a single three, calls somebody; seven calls the emergency team."""
    score = news2({**WELL, **said})

    assert (score.total, score.risk, score.urgent) == (total, risk, urgent)


def test_a_single_grave_sign_calls_though_the_rest_is_missing() -> None:
    """Somebody who breathes 32 times a minute does not wait for her temperature."""
    score = news2({"respiratory_rate": "32"})

    assert score.total is None
    assert score.single == ("respiratory_rate",)
    assert score.urgent


def test_a_child_gets_no_score_and_no_alarm_of_adults() -> None:
    """A newborn breathes 40 times a minute in good health."""
    score = news2({**WELL, "respiratory_rate": "40"}, age_years=0)

    assert score.too_young
    assert score.total is None
    assert not score.urgent
    assert news2(WELL, age_years=16).total == 0


def test_an_unreadable_value_is_missing_and_not_nought() -> None:
    """What cannot be read must not look like a well patient."""
    assert news2({**WELL, "pulse": "vite"}).missing == ("pulse",)


def test_the_age_of_a_partial_birth_date_is_the_oldest_possible() -> None:
    """The score is refused to those who are certainly children, and to nobody else."""
    on = date(2026, 11, 21)

    assert age_years("2010-11-22", on) == 15
    assert age_years("2010-11-21", on) == 16
    assert age_years("2010", on) == 16
    assert age_years("", on) is None
    assert age_years("2030-01-01", on) is None
