"""A figure in another unit than the one chosen: asked about before it stands, kept with the unit it was measured in."""

import pytest

from releve.departments.observations.rules import check_values
from releve.departments.observations.signs import GLUCOSE_UNITS


def glucose(value: str, unit: str, *confirmed: str):
    """Return the measurements and refusals of a glucose alone."""
    return check_values(
        {"glucose": value}, glucose_unit=unit, oxygen="", consciousness="", confirmed=confirmed
    )


@pytest.mark.parametrize(
    ("value", "unit"), [("5,5", "g/L"), ("12", "g/L"), ("1,0", "mmol/L"), ("2,5", "mmol/L")]
)
def test_a_glucose_read_in_the_other_unit_is_asked_about(value: str, unit: str) -> None:
    """5.5 mmol/L is normal, 5.5 g/L is a coma: insulin is given on that difference."""
    _, refused = glucose(value, unit)

    assert [one.code for one in refused] == ["unusual"]


@pytest.mark.parametrize(("value", "unit"), [("1,12", "g/L"), ("6,2", "mmol/L")])
def test_a_glucose_keeps_the_unit_it_was_measured_in(value: str, unit: str) -> None:
    """The meter shows one unit; what is recorded is what was read, with its own code."""
    (measured,), refused = glucose(value, unit)

    assert refused == ()
    assert (measured.value, measured.unit) == (value.replace(",", "."), unit)
    assert measured.loinc == GLUCOSE_UNITS[unit].loinc


def test_a_weight_in_grams_or_of_another_person_is_asked_about() -> None:
    """3500 for a newborn is grams; a dose per kilogram would be a thousand times too much."""
    for value, code in (("3500", "impossible"), ("250", "unusual"), ("1,2", "unusual")):
        _, refused = check_values(
            {"weight": value}, glucose_unit="g/L", oxygen="", consciousness="", confirmed=()
        )
        assert [one.code for one in refused] == [code], value
