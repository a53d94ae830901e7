"""Numbers of blank forms and tubes: a digit written or read wrongly is noticed; numbers of before go on being read."""

import itertools

import pytest

from releve.codecs.identifiers.made_here import (
    TUBES_MAX,
    check_form,
    check_tube,
    form_key,
    form_number,
    is_tube,
    tube_drawn,
    tube_number,
    tubes_of,
)


def wrong_digits(number: str, places: range) -> list[str]:
    """Return the number with each other digit at each of these places."""
    return [
        number[:place] + digit + number[place + 1 :]
        for place in places
        if number[place].isdigit()
        for digit in "0123456789"
        if digit != number[place]
    ]


def test_one_wrong_digit_of_a_form_is_always_noticed() -> None:
    """What is keyed in under another sheet's number makes one sheet missing and another one come twice."""
    number = form_number("A2", 417)

    assert check_form(number) == []
    assert check_form(number.lower().replace("-", " ")) == []
    assert [one for one in wrong_digits(number, range(1, len(number))) if not check_form(one)] == []
    assert check_form("A2-000471" + number[-3:])


def test_one_wrong_digit_of_a_tube_is_always_noticed() -> None:
    """A tube read wrongly is another person's blood."""
    number = tube_number(68_430_304_770_003)

    assert check_tube(number) == []
    # The first digit says that there is a check digit at all.
    assert [one for one in wrong_digits(number, range(1, 16)) if not check_tube(one)] == []
    swapped = [number[:i] + number[i + 1] + number[i] + number[i + 2 :] for i in range(1, 15)]
    assert [one for one in swapped if one != number and not check_tube(one)] == []


@pytest.mark.parametrize("text", ["A-000417", "3B-000417", "9656840304770003", "", "bon bleu", "12"])
def test_numbers_of_before_and_other_papers_are_not_doubted(text: str) -> None:
    """Forms printed last month lie in the wards' folders, and any other paper may be copied from."""
    assert check_form(text) == check_tube(text) == []


def test_one_form_written_in_several_ways_is_one_form() -> None:
    """One writes the check digits, another leaves the noughts out, a third scans the page."""
    written = ("A-000417-74", "a 417", "A–000417", "RLV1|RX1|A-000417-74|2", " A-417-74 ")

    assert {form_key(text) for text in written} == {"A-000417"}
    assert form_key("A-000418") != "A-000417"
    assert form_key("  ") == ""


def test_every_short_name_and_epoch_has_tubes_of_its_own_that_no_drawn_number_enters() -> None:
    """Two islands that give one number to two tubes are one result for two persons."""
    signs = "abcdefghijklmnopqrstuvwxyz0123456789-"
    names = ["".join(name) for length in (1, 2, 3) for name in itertools.product(signs, repeat=length)]
    starts = [tubes_of(name, epoch) for name in names for epoch in (1, 2, 999)]

    assert None not in starts
    assert len(set(starts)) == len(starts)
    assert {start % (TUBES_MAX + 1) for start in starts if start is not None} == {0}
    last = max(start for start in starts if start is not None) + TUBES_MAX
    drawn = [tube_drawn(number) for number in (0, 1, 10**14 - 1, 10**14, 2**64 - 1)]
    assert all(is_tube(number) and not check_tube(number) for number in drawn)
    assert min(int(number[1:15]) for number in drawn) > last
    assert max(int(tube_number(start + TUBES_MAX)[1:15]) for start in starts if start is not None) == last


@pytest.mark.parametrize(("island", "epoch"), [("nord", 1), ("a", 1000), ("a", 0), ("A", 1)])
def test_no_tubes_are_reserved_where_two_islands_could_share_them(island: str, epoch: int) -> None:
    """A range that is cut short to fit sixteen figures is somebody else's too."""
    assert tubes_of(island, epoch) is None
