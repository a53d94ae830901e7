"""The weight that doses per kilogram are compared with: its unit, its correction, and none rather than a wrong one."""

from types import SimpleNamespace
from typing import Any

import pytest
from line_island import HOUR_MS, NOW_MS, PARIS, LineIsland

from releve.departments.prescribing.line_state import known_of
from releve.record.tables import Measure


@pytest.fixture
def chart(island: LineIsland) -> Any:
    """Return the chart of somebody without any weight."""
    island.admit("201", "MARTIN^ROSE", "201", born="20240514")
    return SimpleNamespace(
        persons=("CHV:201",), person="CHV:201", here=SimpleNamespace(now_ms=NOW_MS, zone=PARIS)
    )


def weigh(value: str | None, unit: str | None, hours_ago: int = 1) -> None:
    """Put a weight in the views."""
    Measure.objects.using("fold").create(
        id=f"CHV:201/w{hours_ago}", person="CHV:201", code="weight", value=value, unit=unit,
        measured_at=NOW_MS - hours_ago * HOUR_MS, stamp=hours_ago, log="a/1", index=hours_ago,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "unit", "kilograms"),
    [
        ("12.4", "kg", 12.4), ("12,4", None, 12.4), ("3500", "g", 3.5), ("27", "[lb_av]", None), ("27", "lb", None),
        ("3500", "kg", None), ("0", "kg", None), ("douze", "kg", None),
    ],
)  # fmt: skip
def test_a_weight_is_read_in_its_own_unit_or_not_at_all(
    chart: Any, value: str, unit: str | None, kilograms: float | None
) -> None:
    """Pounds taken for kilograms are twice the dose; without a weight the comparison is said not to be made."""
    weigh(value, unit)

    assert known_of(chart, None).weight_kg == kilograms


def test_a_weight_that_was_put_right_is_not_hidden_by_its_own_correction(chart: Any) -> None:
    """What was charted on the wrong patient is emptied; the weight before it is hers."""
    weigh("12.4", "kg", 3)
    weigh(None, "kg", 1)

    assert known_of(chart, None).weight_kg == 12.4
