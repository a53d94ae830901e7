"""Small plots: what is drawn, what is said aloud."""

import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from releve.web import plots

HOUR = 3_600_000


def test_a_trend_is_well_formed_and_says_what_it_shows() -> None:
    """A screen reader reads the title; a drawing alone is nothing to it."""
    drawn = plots.trend(
        [(0, 4.1), (HOUR, 6.4)], low=3.5, high=5.1, urgent=True, title="K < 5 & plus", description="2 valeurs"
    )

    tree = ElementTree.fromstring(drawn)
    assert tree.get("aria-label") == "K < 5 & plus. 2 valeurs"
    assert tree.findtext("title") == "K < 5 & plus"
    assert tree.findtext("desc") == "2 valeurs"
    assert [part.get("class") for part in tree if part.tag == "circle"] == ["dot", "dot dot--urgent"]


def test_a_trend_keeps_time_to_scale() -> None:
    """Two values of one night close together, then nothing for four days: the gap must be seen."""
    drawn = plots.trend([(0, 1), (HOUR, 2), (100 * HOUR, 3)], title="t")

    places = [float(x) for x in re.findall(r'cx="([\d.]+)"', drawn)]
    assert places[1] - places[0] < 2
    assert places[2] - places[1] > 90


def test_the_expected_range_lies_where_the_values_are_normal() -> None:
    """A band drawn a little off makes a high value look normal."""
    drawn = ElementTree.fromstring(plots.trend([(0, 3.5), (1, 5.1)], low=3.5, high=5.1, title="t"))

    band = next(part for part in drawn if part.get("class") == "range")
    low, high = (float(part.get("cy", "0")) for part in drawn if part.tag == "circle")
    assert float(band.get("y", "0")) == high
    assert round(float(band.get("y", "0")) + float(band.get("height", "0")), 1) == low


@given(st.lists(st.tuples(st.integers(0, 10**12), st.floats(-1e6, 1e6)), max_size=40))
def test_a_trend_never_leaves_its_frame_nor_writes_a_style(points: list[tuple[int, float]]) -> None:
    """An inline style would be refused by the page's own policy, and a dot outside is a value not seen."""
    drawn = plots.trend(points, title="t")

    ElementTree.fromstring(drawn)
    assert "style" not in drawn
    assert "nan" not in drawn
    for x, y in re.findall(r'cx="([-\d.]+)" cy="([-\d.]+)"', drawn):
        assert 0 <= float(x) <= 104
        assert 0 <= float(y) <= 28


def test_an_hour_without_a_message_is_drawn_as_a_hole() -> None:
    """A blank could be a feed that sends little; a hole is a feed that stopped."""
    drawn = ElementTree.fromstring(plots.bars([0, 10, 5], title="t"))

    bars = [part for part in drawn if part.tag == "rect"]
    assert [bar.get("class") for bar in bars] == ["hush", None, None]
    assert float(bars[1].get("height", "0")) == 2 * float(bars[2].get("height", "0"))


def test_a_day_of_twenty_five_hours_has_twenty_five_bars() -> None:
    """On the night when summer time ends, an hour must not fall off."""
    drawn = ElementTree.fromstring(plots.bars([1] * 25, title="t"))

    assert len([part for part in drawn if part.tag == "rect"]) == 25
    assert drawn.get("viewBox") == "0 0 150 24"


def test_the_rule_turns_dark_past_the_usual_silence() -> None:
    """Silent beyond habit is what one looks for; a long silence at night may be usual."""
    usual = plots.silence_rule(299, 300, title="t")
    over = plots.silence_rule(301, 300, title="t")
    endless = ElementTree.fromstring(plots.silence_rule(10**6, 300, title="t"))

    assert 'class="ok"' in usual
    assert 'class="over"' in over
    assert [part.get("width") for part in endless if part.get("class") == "over"] == ["120"]
