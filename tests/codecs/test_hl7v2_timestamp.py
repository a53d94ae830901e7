"""Received times: nights with two 02:30, births known by the year, and text that is no time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releve.codecs.hl7v2.timestamp import Moment, read_moment

PARIS = ZoneInfo("Europe/Paris")


def read(text: str) -> Moment:
    """Return the moment of `text` read in Paris; fail when there is none."""
    moment = read_moment(text, PARIS)
    assert moment is not None
    return moment


def utc(*parts: int) -> int:
    """Return microseconds since 1970 of a UTC date and time."""
    return (datetime(*parts, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("text", "precision", "at_us"),
    [
        ("1950", "year", utc(1949, 12, 31, 23)),
        ("195003", "month", utc(1950, 2, 28, 23)),
        ("19500312", "day", utc(1950, 3, 11, 23)),
        ("2026112103", "hour", utc(2026, 11, 21, 2)),
        ("202607210310", "minute", utc(2026, 7, 21, 1, 10)),
        ("20261121031005", "second", utc(2026, 11, 21, 2, 10, 5)),
        ("20261121031005.1234", "fraction", utc(2026, 11, 21, 2, 10, 5, 123400)),
        ("20261121031005.123456789", "fraction", utc(2026, 11, 21, 2, 10, 5, 123456)),
        ("20261121031005+0000", "second", utc(2026, 11, 21, 3, 10, 5)),
        ("20261121031005.5-0330", "fraction", utc(2026, 11, 21, 6, 40, 5, 500000)),
        (" 20261121 ", "day", utc(2026, 11, 20, 23)),
        ("20261121+0100", "day", utc(2026, 11, 20, 23)),
    ],
)
def test_partial_times_keep_their_precision(text: str, precision: str, at_us: int) -> None:
    """A birth known by the year must not become the first of January on a wristband."""
    moment = read(text)

    assert (moment.text, moment.precision, moment.at_us) == (text, precision, at_us)
    assert not moment.ambiguous


def test_the_hour_that_comes_twice_is_marked_unless_its_offset_tells() -> None:
    """Two doses at 02:30 on the last Sunday of October are an hour apart."""
    doubtful, first, second = read("202610250230"), read("202610250230+0200"), read("202610250230+0100")

    assert doubtful.ambiguous
    assert doubtful.at_us == first.at_us
    assert second.at_us - first.at_us == 3_600_000_000
    assert not first.ambiguous
    assert not second.ambiguous
    assert not read("202610250159").ambiguous
    assert not read("202610250300").ambiguous
    assert not read("20261025").ambiguous


def test_the_hour_that_does_not_exist_is_marked() -> None:
    """Somebody wrote 02:30 on the night when the clock jumped: it is kept in order and shown as doubtful."""
    moment = read("202603290230")

    assert moment.skipped
    assert moment.at_us == utc(2026, 3, 29, 1, 30)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-01-15T14:30:00",
        "01/15/2025",
        "20250115 1430",
        "20260231",
        "20261301",
        "2026112124",
        "202611210360",
        "20261121031060",
        "0000",
        "20261",
        "20261121031005x",
        "20261121031005.",
        "20261121.5",
        "20261121031005+01",
        "20261121031005+0160",
        "20261121031005+9900",
        "２０２６",
        "1950²",
        "+0100",
    ],
)
def test_text_that_is_no_time_is_not_guessed(text: str) -> None:
    """A wrong hour is worse than the text as received."""
    assert read_moment(text, PARIS) is None


@given(
    st.datetimes(
        min_value=datetime.fromisoformat("1900-01-01"),
        max_value=datetime.fromisoformat("2200-01-01"),
        timezones=st.just(PARIS),
        allow_imaginary=False,
    )
)
def test_every_moment_of_paris_reads_back(moment: datetime) -> None:
    """The whole of two centuries, with their changes of hour."""
    moment = moment.replace(microsecond=0)
    offset = moment.utcoffset()
    assert offset is not None
    expected = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)

    found = read(moment.strftime("%Y%m%d%H%M%S").rjust(14, "0"))

    assert found.at_us == expected or (found.ambiguous and moment.fold == 1)


@given(st.text(alphabet="0123456789+-. ", max_size=24))
def test_any_text_is_survived(text: str) -> None:
    """Nothing that a sender writes ends the fold."""
    moment = read_moment(text, PARIS)

    assert moment is None or moment.text == text
