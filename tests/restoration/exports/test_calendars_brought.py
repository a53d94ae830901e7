"""Calendar files (iCalendar) of other programs, read as dates of somebody or of hours of work."""

import random
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from told_case import told_case, told_plan

from releve.restoration.exports.ics import write_ics
from releve.restoration.exports.ics_read import DATES_MAX, IcsReading, Use, read_ics
from releve.restoration.exports.remarks import line

SAMPLES = Path(__file__).parent / "samples"
PARIS = ZoneInfo("Europe/Paris")
SINCE = datetime(2026, 11, 23, tzinfo=PARIS)
UNTIL = datetime(2029, 11, 23, tzinfo=PARIS)
SECRET = "Cancérologie Mme Durand"


def event(*lines: str, uid: str = "one@vendor.example") -> str:
    """Return an event with its lines."""
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20261101T080000Z", *lines, "END:VEVENT", ""])


def calendar(*events: str, told: str = "") -> bytes:
    """Return a calendar of events; the first begins on line 4."""
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{told}{''.join(events)}END:VCALENDAR\r\n".encode()


def read(data: bytes, use: Use = "there", since: datetime = SINCE, until: datetime = UNTIL) -> IcsReading:
    """Return what is read of a file."""
    return read_ics(data, use=use, zone=PARIS, since=since, until=until)


def spans(reading: IcsReading) -> list[str]:
    """Return the dates in the time of the hospital."""
    return [
        f"{one.begins.astimezone(PARIS):%Y-%m-%d %H:%M} {one.ends.astimezone(PARIS):%Y-%m-%d %H:%M}"
        for one in reading.dates
    ]


def said(reading: IcsReading) -> list[tuple[str, int]]:
    """Return what was said, with its lines."""
    return [(one.code, one.line) for one in reading.remarks]


def test_the_visits_that_khal_wrote_are_read_with_their_week() -> None:
    """A vendor comes each Tuesday until Christmas."""
    reading = read((SAMPLES / "khal-visits.ics").read_bytes())

    assert spans(reading) == [
        "2026-12-01 09:00 2026-12-01 17:00",
        "2026-12-08 09:00 2026-12-08 17:00",
        "2026-12-15 09:00 2026-12-15 17:00",
    ]
    assert {one.name for one in reading.dates} == {"Visite éditeur"}
    assert reading.remarks == ()


def test_the_leave_that_khal_wrote_is_whole_days_and_keeps_no_reason() -> None:
    """Why somebody is away is hers."""
    reading = read((SAMPLES / "khal-leave.ics").read_bytes(), "away")

    assert spans(reading) == ["2026-12-24 00:00 2027-01-03 00:00"]
    assert [one.name for one in reading.dates] == [""]


@pytest.mark.parametrize(
    ("package", "name", "expected"),
    [
        ("icalendar", "issue_836_do_not_quote_tzid", ["2024-10-28 22:00 2024-10-28 23:00"]),  # Exchange
        (
            "recurring_ical_events",
            "duration_edited",  # Nextcloud (SabreDAV): a day of the series is longer
            [
                "2019-03-18 04:00 2019-03-18 05:00",
                "2019-03-19 04:00 2019-03-19 07:00",
                "2019-03-20 04:00 2019-03-20 05:00",
            ],
        ),
        ("recurring_ical_events", "issue_86_x_wr_timezone_without_time_zone_in_dt", None),
        ("icalendar", "alarm_thunderbird_future", ["2024-10-23 16:00 2024-10-23 17:00"]),
        ("icalendar", "timezoned", ["2012-02-13 10:00 2012-02-17 18:00"]),  # Plone, with a zone of its own
        ("icalendar", "issue_321_assert_dst_offset_is_not_false", ["2020-04-03 10:20 2020-04-03 11:30"]),
    ],
)
def test_files_of_other_programs_are_read(package: str, name: str, expected: list[str] | None) -> None:
    """Of Exchange, Nextcloud, Thunderbird, Plone, khal: as the library that parses them ships them."""
    folder = "tests/calendars" if package == "icalendar" else "test/calendars"
    data = (files(package) / folder / f"{name}.ics").read_bytes()

    reading = read(data, since=datetime(2010, 1, 1, tzinfo=PARIS), until=datetime(2026, 1, 1, tzinfo=PARIS))

    assert len(reading.dates) == 1 if expected is None else spans(reading) == expected


def test_holidays_as_a_publisher_writes_them_are_days_on_which_nobody_works() -> None:
    """An empty RRULE, and an end on the day of the beginning, as one of the largest publishers writes them."""
    data = (files("recurring_ical_events") / "test/calendars/Germany_Holidays.ics").read_bytes()

    reading = read(data, "closed", since=datetime(2019, 12, 1, tzinfo=PARIS))

    assert "2019-12-25 00:00 2019-12-26 00:00" in spans(reading)
    assert "Christmas Day" in {one.name for one in reading.dates}


def test_a_series_leaves_out_its_exceptions_and_follows_what_was_moved() -> None:
    """EXDATE, RDATE, RECURRENCE-ID: the visit of the 10th falls out, that of the 17th is in the afternoon."""
    reading = read(
        calendar(
            event(
                "DTSTART;TZID=Europe/Paris:20261203T090000",
                "DTEND;TZID=Europe/Paris:20261203T120000",
                "RRULE:FREQ=WEEKLY;COUNT=4",
                "EXDATE;TZID=Europe/Paris:20261210T090000",
                "RDATE;TZID=Europe/Paris:20261211T090000",
            ),
            event(
                "RECURRENCE-ID;TZID=Europe/Paris:20261217T090000",
                "DTSTART;TZID=Europe/Paris:20261217T140000",
                "DTEND;TZID=Europe/Paris:20261217T180000",
            ),
            event(
                "RECURRENCE-ID;TZID=Europe/Paris:20261224T090000",
                "DTSTART;TZID=Europe/Paris:20261224T090000",
                "STATUS:CANCELLED",
            ),
        )
    )

    assert spans(reading) == [
        "2026-12-03 09:00 2026-12-03 12:00",
        "2026-12-11 09:00 2026-12-11 12:00",
        "2026-12-17 14:00 2026-12-17 18:00",
    ]
    assert said(reading) == [("ics-cancelled", 20)]


def test_times_are_read_in_their_zone_in_utc_or_in_that_of_the_hospital() -> None:
    """The same nine o’clock is four different moments; a zone of Exchange is known by its own name."""
    reading = read(
        calendar(
            event("DTSTART:20261201T090000", "DURATION:PT2H", uid="floating"),
            event("DTSTART:20261202T090000Z", "DURATION:PT2H", uid="utc"),
            event("DTSTART;TZID=America/New_York:20261203T090000", "DURATION:PT2H", uid="tzid"),
            event("DTSTART;TZID=Romance Standard Time:20261204T090000", "DURATION:PT2H", uid="exchange"),
            event("DTSTART;TZID=Salle des machines:20261205T090000", "DURATION:PT2H", uid="nobody"),
        )
    )

    assert [each.partition(" ")[2][:5] for each in spans(reading)] == [
        "09:00",
        "10:00",
        "15:00",
        "09:00",
        "09:00",
    ]
    assert said(reading) == [("ics-zone", 28)]


def test_a_zone_of_the_files_own_is_of_that_file_alone() -> None:
    """Two files call different zones by the same name; each is read as it says."""

    def zone(offset: str) -> str:
        return (
            "BEGIN:VTIMEZONE\r\nTZID:Ours\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
            f"TZOFFSETFROM:{offset}\r\nTZOFFSETTO:{offset}\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
        )

    visit = event("DTSTART;TZID=Ours:20261201T090000", "DTEND;TZID=Ours:20261201T110000")

    assert spans(read(calendar(visit, told=zone("+0300")))) == ["2026-12-01 07:00 2026-12-01 09:00"]
    assert spans(read(calendar(visit, told=zone("-0200")))) == ["2026-12-01 12:00 2026-12-01 14:00"]


def test_lines_are_unfolded_whatever_ends_them_and_several_calendars_are_read() -> None:
    """Folded lines, a mark of UTF-8, line feeds alone, a second calendar in the file."""
    one = event(
        "DTSTART;TZID=Euro\r\n pe/Paris:20261201T\r\n\t090000", "DURATION:PT2H", "SUMMARY:Éditeur\r\n  PACS"
    )
    two = event("DTSTART;VALUE=DATE:20261202", "DURATION:P2D")
    data = b"\xef\xbb\xbf" + (calendar(one) + calendar(two)).replace(b"\r\n", b"\n")

    reading = read(data)

    assert spans(reading) == ["2026-12-01 09:00 2026-12-01 11:00", "2026-12-02 00:00 2026-12-04 00:00"]
    assert [each.name for each in reading.dates] == ["Éditeur PACS", ""]
    assert [each.line for each in reading.dates] == [4, 18]


def test_hours_hold_when_the_clocks_change() -> None:
    """A visit each Saturday at nine is at nine before and after the last Sunday of March."""
    reading = read(
        calendar(
            event("DTSTART;TZID=Europe/Paris:20270320T090000", "DURATION:PT3H", "RRULE:FREQ=WEEKLY;COUNT=3")
        )
    )

    assert [each[:16] for each in spans(reading)] == [
        "2027-03-20 09:00",
        "2027-03-27 09:00",
        "2027-04-03 09:00",
    ]


def test_free_time_and_work_elsewhere_are_no_absence() -> None:
    """A birthday in somebody's agenda keeps nobody at home; a holiday counts as free with whoever publishes it."""
    data = calendar(
        event("DTSTART;VALUE=DATE:20261201", "TRANSP:TRANSPARENT", uid="a"),
        event("DTSTART;VALUE=DATE:20261202", "X-MICROSOFT-CDO-BUSYSTATUS:FREE", uid="b"),
        event("DTSTART;VALUE=DATE:20261203", "X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE", uid="c"),
        event("DTSTART;VALUE=DATE:20261204", "X-MICROSOFT-CDO-BUSYSTATUS:OOF", uid="d"),
    )

    away, closed = read(data, "away"), read(data, "closed")

    assert [each[:10] for each in spans(away)] == ["2026-12-04"]
    assert said(away) == [("ics-free", 4), ("ics-free", 10), ("ics-elsewhere", 16)]
    assert len(closed.dates) == 4


VISIT = ("DTSTART:20261201T090000Z", "DTEND:20261201T110000Z")
BROKEN = {
    "a page of a web site": (b"<!DOCTYPE html>\n<html><body>Sign in</body></html>", "ics-none", 1),
    "nothing of a calendar": (bytes(range(256)) * 40, "ics-none", 1),
    "cut in the middle of an event": (calendar(event(*VISIT))[:90], "ics-cut", 4),
    "without a beginning": (calendar(event("DTEND:20261201T110000Z")), "ics-value", 4),
    "a date in words": (calendar(event("DTSTART:1er décembre", "DURATION:PT2H")), "ics-value", 4),
    "a month that is none": (calendar(event("DTSTART:20261301T090000Z", "DURATION:PT2H")), "ics-value", 4),
    "an end before the beginning": (
        calendar(event("DTSTART:20261201T090000Z", "DTEND:20261201T080000Z")),
        "ics-backwards",
        4,
    ),
    "a negative duration": (
        calendar(event("DTSTART:20261201T090000Z", "DURATION:-PT2H")),
        "ics-backwards",
        4,
    ),
    "a day until an hour": (
        calendar(event("DTSTART;VALUE=DATE:20261201", "DTEND:20261202T080000Z")),
        "ics-value",
        4,
    ),
    "a rule of no kind": (calendar(event(*VISIT, "RRULE:FREQ=SOMETIMES")), "ics-value", 4),
    "a rule by the second": (calendar(event(*VISIT, "RRULE:FREQ=SECONDLY")), "ics-value", 4),
    "an interval of nothing": (calendar(event(*VISIT, "RRULE:FREQ=DAILY;INTERVAL=0")), "ics-value", 4),
    "two beginnings": (calendar(event(*VISIT, "DTSTART:20261202T090000Z")), "ics-value", 4),
    "longer than anybody is away": (
        calendar(event("DTSTART:20261201T090000Z", "DTEND:20361201T090000Z")),
        "ics-long",
        4,
    ),
    "tasks to do": (
        b"BEGIN:VCALENDAR\nBEGIN:VTODO\nUID:1\nEND:VTODO\nEND:VCALENDAR\n",
        "ics-component",
        2,
    ),
    "an answer": (calendar(event(*VISIT), told="METHOD:REPLY\r\n"), "ics-method", 1),
    "of another calendar than ours": (calendar(event(*VISIT), told="CALSCALE:HEBREW\r\n"), "ics-scale", 1),
    "an empty calendar": (calendar(), "ics-empty", 0),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_said_with_its_line_and_what_was_expected(name: str) -> None:
    """Each in a sentence of both languages, and never with what stands in the file."""
    data, code, at = BROKEN[name]
    data = data.replace(b"DTSTAMP:", f"SUMMARY:{SECRET}\r\nDTSTAMP:".encode())

    reading = read(data)

    assert reading.dates == ()
    assert (code, at) in said(reading)
    for remark in reading.remarks:
        for language, word in (("en", "expected"), ("fr", "attendu")):
            sentence = line(remark, language)
            assert word in sentence
            assert not any(part in sentence for part in (*SECRET.split(), "décembre", "SOMETIMES"))


def test_one_broken_event_takes_no_other_with_it() -> None:
    """The vendor's other visits are dates all the same."""
    reading = read(
        calendar(
            event(*VISIT, uid="a"),
            event("DTSTART:soon", uid="b"),
            event("DTSTART:20261203T090000Z", "DURATION:PT2H", uid="c"),
        )
    )

    assert len(reading.dates) == 2
    assert said(reading) == [("ics-value", 10)]


def test_tasks_of_our_own_plan_are_nobodys_dates() -> None:
    """A plan given out and brought back would make windows of what a plan only supposes."""
    reading = read(write_ics(told_case(), told_plan(), stamp=datetime(2026, 11, 1, tzinfo=UTC)))

    assert reading.dates == ()
    assert said(reading) == [("ics-plan", 1)]


def test_what_is_cancelled_gone_by_or_far_is_said_and_what_is_not_confirmed_is_taken() -> None:
    """Nothing is left out in silence."""
    reading = read(
        calendar(
            event(*VISIT, "STATUS:CANCELLED", uid="a"),
            event("DTSTART:20261202T090000Z", "DURATION:PT2H", "STATUS:TENTATIVE", uid="b"),
            event("DTSTART:20251202T090000Z", "DURATION:PT2H", uid="c"),
            event("DTSTART:20351202T090000Z", "DURATION:PT2H", uid="d"),
            event("DTSTART:20261202T120000Z", "DURATION:PT30M", uid="e"),
        )
    )

    assert [each[:10] for each in spans(reading)] == ["2026-12-02"]
    assert {code for code, _line in said(reading)} == {
        "ics-cancelled", "ics-tentative", "ics-past", "ics-far", "ics-short",
    }  # fmt: skip


def test_events_that_share_one_uid_are_each_a_date() -> None:
    """Some programs give all their events the same name."""
    reading = read(calendar(event(*VISIT), event("DTSTART:20261203T090000Z", "DURATION:PT2H")))

    assert len(reading.dates) == 2


def test_what_recurs_without_end_stops_where_the_page_looks_no_further() -> None:
    """Of a day each day for ever, four hundred; the first that is not taken is named."""
    reading = read(calendar(event("DTSTART;VALUE=DATE:20261201", "RRULE:FREQ=DAILY")))

    assert len(reading.dates) == DATES_MAX
    assert {code for code, _line in said(reading)} == {"ics-endless", "ics-more"}
    assert next(one.facts["day"] for one in reading.remarks if one.code == "ics-more") == "2028-01-05"


@pytest.mark.serial
@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=WEEKLY;INTERVAL=999999999",
        "FREQ=DAILY;BYHOUR=1,2,3,4;BYMINUTE=1,2,3;BYSECOND=1,2",
    ],
)
def test_five_thousand_rules_are_read_in_seconds(rule: str) -> None:
    """A file made to stop an island: without its bound the fourth took two minutes."""
    data = calendar(
        *(
            event("DTSTART:19000101T090000", "DURATION:PT2H", f"RRULE:{rule}", uid=str(number))
            for number in range(5_000)
        )
    )

    begun = process_time()
    reading = read(data)

    assert process_time() - begun < 30
    assert any(one.severity == "lost" for one in reading.remarks)


@pytest.mark.parametrize("seed", range(40))
def test_a_spoiled_file_is_dates_or_sentences(seed: int) -> None:
    """Bytes changed, doubled or cut out anywhere: never a traceback."""
    chance = random.Random(seed)
    whole = (SAMPLES / "khal-visits.ics").read_bytes() + (SAMPLES / "khal-leave.ics").read_bytes()
    data = bytearray(whole)
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(len(data))
        how = chance.randrange(3)
        if how == 0:
            data[at] = chance.randrange(256)
        elif how == 1:
            data[at:at] = data[at : at + chance.randrange(80)]
        else:
            del data[at : at + chance.randrange(80)]

    reading = read(bytes(data))

    assert all(one.begins < one.ends for one in reading.dates)
    assert all(line(one, "fr") and line(one, "en") for one in reading.remarks)
