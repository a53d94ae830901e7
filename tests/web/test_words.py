"""Dates, ages and figures as people read them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releve.web import typed, words
from releve.web.words import NBSP, NNBSP

PARIS = ZoneInfo("Europe/Paris")
TODAY = date(2026, 11, 21)


def ms(*parts: int) -> int:
    """Return UTC milliseconds of a UTC date."""
    return int(datetime(*parts, tzinfo=UTC).timestamp() * 1000)


NOW = ms(2026, 11, 21, 2, 10)  # 03:10 in Paris


def test_a_moment_is_written_with_its_date_in_the_hospital_s_zone() -> None:
    """A time in UTC would be an hour wrong at every bedside."""
    at = ms(2026, 11, 21, 1, 44)

    assert words.moment(at, PARIS, "fr") == "21 nov. 2026 02:44"
    assert words.moment(at, PARIS, "en") == "21 Nov 2026 02:44"
    assert words.weekday(at, PARIS, "fr") == "Samedi 21 nov. 2026"
    assert words.day(ms(1952, 1, 1, 12), PARIS, "fr") == "1er janv. 1952"


def test_the_hour_that_happens_twice_says_which_one() -> None:
    """On 25 October 2026, 02:30 comes twice; two doses an hour apart must not look like one."""
    first, second = ms(2026, 10, 25, 0, 30), ms(2026, 10, 25, 1, 30)

    assert words.hour(first, PARIS) == f"02:30{NBSP}A"
    assert words.hour(second, PARIS) == f"02:30{NBSP}B"
    assert words.hour(ms(2026, 10, 25, 2, 30), PARIS) == "03:30"
    # The night when an hour is skipped has no double.
    assert words.hour(ms(2026, 3, 29, 1, 30), PARIS) == "03:30"


def test_near_never_leaves_a_day_to_guess() -> None:
    """22:03 of yesterday, written as 22:03, is a dose given tonight."""
    assert words.near(ms(2026, 11, 21, 1, 44), NOW, PARIS, "fr") == "02:44"
    assert words.near(ms(2026, 11, 20, 21, 3), NOW, PARIS, "fr") == "20 nov. 22:03"
    assert words.near(ms(2025, 11, 21, 1, 44), NOW, PARIS, "fr") == "21 nov. 2025 02:44"


def test_recent_keeps_the_hour_alone_only_while_it_is_unambiguous() -> None:
    """A board has room for an hour; the same hour of the day before must not read alike."""
    assert words.recent(ms(2026, 11, 20, 22, 40), NOW, PARIS, "fr") == "23:40"
    assert words.recent(ms(2026, 11, 20, 2, 10), NOW, PARIS, "fr") == "20 nov. 03:10"


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, f"0{NBSP}s"), (12.9, f"12{NBSP}s"), (60, f"1{NBSP}min"), (1560, f"26{NBSP}min"), (3600, f"1{NBSP}h"),
        (11_400, f"3{NBSP}h{NBSP}10"), (72_000, f"20{NBSP}h"), (47 * 3600, f"47{NBSP}h"), (49 * 3600, f"2{NBSP}j"),
        (-40, f"0{NBSP}s"),
    ],
)  # fmt: skip
def test_an_age_has_the_grain_of_what_it_tells(seconds: float, written: str) -> None:
    """Nobody reads seconds of a day; everybody reads minutes of a silence."""
    assert words.age(seconds, "fr") == written


@given(st.integers(min_value=0, max_value=10**9))
def test_an_age_is_never_longer_than_eight_signs(seconds: int) -> None:
    """It stands in the narrowest column of the board, for up to ten years."""
    assert len(words.age(min(seconds, 9 * 365 * 86_400), "fr")) <= 8


@pytest.mark.parametrize(
    ("text", "french", "english"),
    [
        ("1945-07-14", f"14 juil. 1945 (81{NBSP}ans)", f"14 Jul 1945 (81{NBSP}y)"),
        ("19450714", f"14 juil. 1945 (81{NBSP}ans)", f"14 Jul 1945 (81{NBSP}y)"),
        ("1945-07", f"juil. 1945 (81{NBSP}ans)", f"Jul 1945 (81{NBSP}y)"),
        ("194507", f"juil. 1945 (81{NBSP}ans)", f"Jul 1945 (81{NBSP}y)"),
        ("1945", f"1945 (80 ou 81{NBSP}ans)", f"1945 (80 or 81{NBSP}y)"),
        ("19450000", f"1945 (80 ou 81{NBSP}ans)", f"1945 (80 or 81{NBSP}y)"),
        ("19450700", f"juil. 1945 (81{NBSP}ans)", f"Jul 1945 (81{NBSP}y)"),
        ("194507140830", f"14 juil. 1945 (81{NBSP}ans)", f"14 Jul 1945 (81{NBSP}y)"),
        ("2026-11-21", "21 nov. 2026 (aujourd’hui)", "21 Nov 2026 (today)"),
        ("2026-11-20", f"20 nov. 2026 (1{NBSP}j)", f"20 Nov 2026 (1{NBSP}d)"),
        ("2026-11-09", f"9 nov. 2026 (12{NBSP}j)", f"9 Nov 2026 (12{NBSP}d)"),
        ("2026-06-01", f"1er juin 2026 (5{NBSP}mois)", f"1 Jun 2026 (5{NBSP}mo)"),
        ("2024-11-22", f"22 nov. 2024 (23{NBSP}mois)", f"22 Nov 2024 (23{NBSP}mo)"),
        ("2024-11-21", f"21 nov. 2024 (2{NBSP}ans)", f"21 Nov 2024 (2{NBSP}y)"),
        ("2027-01-01", "1er janv. 2027", "1 Jan 2027"),
        ("environ 50 ans", "environ 50 ans", "environ 50 ans"),
        ("19451399", "19451399", "19451399"),
    ],
)
def test_a_birth_date_is_as_precise_as_it_was_received(text: str, french: str, english: str) -> None:
    """A day invented for a partial date becomes a strict identity trait by the next morning."""
    assert words.birth(text, TODAY, "fr") == french
    assert words.birth(text, TODAY, "en") == english


def test_somebody_born_tomorrow_seventy_years_ago_is_sixty_nine() -> None:
    """Doses follow the age; a birthday counts on its day, not before."""
    assert words.age_of("1956-11-22", TODAY, "fr") == f"69{NBSP}ans"
    assert words.age_of("1956-11-21", TODAY, "fr") == f"70{NBSP}ans"


@pytest.mark.parametrize(
    ("text", "french", "english"),
    [
        ("1956-10", f"70{NBSP}ans", f"70{NBSP}y"),
        ("1956-12", f"69{NBSP}ans", f"69{NBSP}y"),
        ("1956-11", f"69 ou 70{NBSP}ans", f"69 or 70{NBSP}y"),
        ("1956", f"69 ou 70{NBSP}ans", f"69 or 70{NBSP}y"),
        ("2025", None, None),
        ("2024-12", None, None),
    ],
)
def test_a_partial_birth_date_gives_the_age_that_is_certain(
    text: str, french: str | None, english: str | None
) -> None:
    """Whoever doses by age needs it; whoever reads one figure believes it."""
    assert words.age_of(text, TODAY, "fr") == french
    assert words.age_of(text, TODAY, "en") == english


@pytest.mark.parametrize(
    ("received", "french", "english"),
    [
        ("0.30-0.70", f"0,30{NBSP}–{NBSP}0,70", f"0.30{NBSP}–{NBSP}0.70"),
        ("3.5 - 5.1", f"3,5{NBSP}–{NBSP}5,1", f"3.5{NBSP}–{NBSP}5.1"),
        ("<5", "<5", "<5"),
        ("> 0.10", "> 0,10", "> 0.10"),
        ("2.5 mL/h", "2,5 mL/h", "2.5 mL/h"),
        ("négatif", "négatif", "négatif"),
        ("1.2.3", "1.2.3", "1.2.3"),
        ("3.50", "3,50", "3.50"),
    ],
)
def test_a_range_changes_its_signs_and_no_digit(received: str, french: str, english: str) -> None:
    """The decimal point beside a comma is read as a thousand."""
    assert words.figures(received, "fr") == french
    assert words.figures(received, "en") == english


@pytest.mark.parametrize(
    ("received", "french"),
    [
        ("6.4", "6,4"),
        ("6.40", "6,40"),
        ("<0.05", "<0,05"),
        ("148", "148"),
        ("1.2.3", "1.2.3"),
        ("O.K.", "O.K."),
        ("-0.5", "-0,5"),
    ],
)
def test_a_figure_changes_its_sign_and_nothing_else(received: str, french: str) -> None:
    """A rounded or padded result is another result."""
    assert words.figure(received, "fr") == french
    assert words.figure(received, "en") == received


def test_a_count_keeps_its_thousands_apart() -> None:
    """18 406 messages are read at a glance, 18406 are not."""
    assert words.count(18_406, "fr") == f"18{NNBSP}406"
    assert words.count(18_406, "en") == "18,406"


def test_the_day_of_admission_is_day_nought_by_the_calendar() -> None:
    """Somebody admitted at 23:50 is at J 1 ten minutes later, as on every sheet of the ward."""
    assert words.stay_day(ms(2026, 11, 20, 22, 50), ms(2026, 11, 20, 23, 5), PARIS, "fr") == f"J{NBSP}1"
    assert words.stay_day(NOW, NOW, PARIS, "en") == f"D{NBSP}0"


@pytest.mark.parametrize(
    "text",
    ["21 nov. 2026 02:44", "21/11/2026 2h44", "21/11/2026 à 02:44", "2026-11-21T02:44", "2026-11-21 02:44:00",
     "21 novembre 2026 02 h 44", "02:44", "21.11.2026 02:44", "21 Nov 2026 02:44"],
)  # fmt: skip
def test_a_moment_may_be_typed_as_it_comes(text: str) -> None:
    """At 3 a.m. nobody looks up a format."""
    read = typed.read_moment(text, PARIS, now_ms=NOW)

    assert read is not None
    assert read.at_us == ms(2026, 11, 21, 1, 44) * 1000
    assert not read.ambiguous


def test_the_doubled_hour_is_asked_for_and_the_skipped_one_refused() -> None:
    """Since when the cut lasts decides what counts as lost: an hour too many or too few is a patient's result."""
    plain = typed.read_moment("25/10/2026 02:30", PARIS, now_ms=NOW)
    second = typed.read_moment(f"25 oct. 2026 02:30{NBSP}B", PARIS, now_ms=NOW)

    assert plain is not None
    assert plain.ambiguous
    assert plain.at_us == ms(2026, 10, 25, 0, 30) * 1000
    assert second is not None
    assert not second.ambiguous
    assert second.at_us == ms(2026, 10, 25, 1, 30) * 1000
    assert typed.read_moment("29/03/2026 02:30", PARIS, now_ms=NOW) is None
    assert typed.read_moment("21/11/2026 02:44 B", PARIS, now_ms=NOW) is None


@pytest.mark.parametrize(
    "text", ["", "hier", "21/11/2026", "32/11/2026 02:44", "21/11/2026 25:00", "nov. 2026 02:44"]
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    """A guess here would date a declaration."""
    assert typed.read_moment(text, PARIS, now_ms=NOW) is None


@given(st.integers(min_value=ms(2000, 1, 1), max_value=ms(2090, 1, 1)))
def test_every_moment_we_print_can_be_typed_again(at_ms: int) -> None:
    """What a page shows is what people copy into the next form."""
    minute = at_ms // 60_000 * 60_000
    for language in ("fr", "en"):
        read = typed.read_moment(words.moment(minute, PARIS, language), PARIS, now_ms=NOW)
        assert read == typed.TypedMoment(minute * 1000, False)


@pytest.mark.parametrize(
    ("text", "read"),
    [("14/07/1945", "1945-07-14"), ("14 juil. 1945", "1945-07-14"), ("14071945", "1945-07-14"),
     ("19450714", "1945-07-14"),
     ("1er août 1962", "1962-08-01"), ("1945-07-14", "1945-07-14"), ("07/1945", "1945-07"), ("juil. 1945", "1945-07"),
     ("1945", "1945"), ("12121920", "1920-12-12"), ("31/02/1950", None),
     ("45", None), ("14/07/45", None), ("DELORME", None),
     ("9999", None)],
)  # fmt: skip
def test_a_birth_date_may_be_typed_as_it_comes(text: str, read: str | None) -> None:
    """The search begins with it; two figures for a year could be a child or her great-grandmother."""
    assert typed.read_birth(text) == read


def test_one_is_said_as_one_by_commands() -> None:
    """ "1 wards" makes whoever reads it doubt the count."""
    said = [words.counted(number, noun) for number in (0, 1, 2) for noun in ("ward", "entry", "day")]

    assert said == [
        "0 wards",
        "0 entries",
        "0 days",
        "1 ward",
        "1 entry",
        "1 day",
        "2 wards",
        "2 entries",
        "2 days",
    ]


@pytest.mark.parametrize(
    ("birth", "child"),
    [
        ("20261120", True), ("2011-11-22", True), ("2011-11-21", False), ("2012", True), ("2011", False),
        ("1952", False), ("20261230", False), ("non dite", False), ("", False),
    ],
)  # fmt: skip
def test_a_child_is_whoever_is_surely_below_fifteen(birth: str, child: bool) -> None:
    """A newborn called a man makes whoever reads it look for another patient."""
    assert words.is_child(birth, TODAY) is child
