"""A plan as iCalendar, read back by a strict reader of RFC 5545; and as one table."""

import csv
import io
import re
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace
from told_case import told_case, told_plan

from releve.restoration.exports.ics import NothingToShow, write_ics
from releve.restoration.exports.table import write_table

STAMP = datetime(2026, 10, 26, 12, 0, tzinfo=UTC)
_NAME = re.compile(r"[A-Z][A-Z0-9-]*")


def strict_events(data: bytes) -> list[dict[str, str]]:
    """Return the events of a calendar; fails on anything RFC 5545 forbids in what we write."""
    assert data.endswith(b"\r\n")
    pieces = data.split(b"\r\n")[:-1]
    assert all(len(piece) <= 75 for piece in pieces), "3.1: 75 octets without the break"
    assert not any(b"\n" in piece or b"\r" in piece for piece in pieces), "3.1: lines end with CRLF"
    for piece in pieces:
        piece.decode("utf-8")  # 3.1: no sign is cut in two
    unfolded = data.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]
    assert unfolded[:3] == ["BEGIN:VCALENDAR", "VERSION:2.0", unfolded[2]]
    assert unfolded[2].startswith("PRODID:"), "3.6: needed"
    assert unfolded[-1] == "END:VCALENDAR"
    events: list[dict[str, str]] = []
    inside = False
    event: dict[str, str] = {}
    for line in unfolded[3:-1]:
        name, _, value = line.partition(":")
        assert _NAME.fullmatch(name), line
        if line == "BEGIN:VEVENT":
            assert not inside
            inside, event = True, {}
        elif line == "END:VEVENT":
            assert {"UID", "DTSTAMP", "DTSTART"} <= set(event), "3.6.1: needed"
            events.append(event)
            inside = False
        elif inside:
            assert name not in event, "3.6.1: once"
            event[name] = text_of(value) if name in ("SUMMARY", "DESCRIPTION", "CATEGORIES") else value
        else:
            text_of(value)
    assert events, "3.6: at least one component"
    for event in events:
        start, end = event["DTSTART"], event.get("DTEND")
        assert re.fullmatch(r"\d{8}T\d{6}Z", start), "3.3.5: form 2, in UTC"
        assert end is None or (re.fullmatch(r"\d{8}T\d{6}Z", end) and end > start), (
            "3.8.2.2: later than its start"
        )
        assert event["STATUS"] in ("TENTATIVE", "CONFIRMED", "CANCELLED"), "3.8.1.11"
        assert event["SEQUENCE"].isdecimal(), "3.8.7.4"
    return events


def text_of(value: str) -> str:
    """Return a TEXT value unescaped; fails on a sign that must be escaped (3.3.11)."""
    assert re.fullmatch(r"(?:[^\\;,\x00-\x08\x0a-\x1f\x7f]|\\[\\;,nN])*", value), value
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value)


def test_everybodys_calendar_holds_every_task_of_the_plan() -> None:
    """The strict reader passes, and hours are moments in UTC whatever the clocks do."""
    events = strict_events(write_ics(told_case(), told_plan(), stamp=STAMP))

    assert len(events) == 5
    test = next(event for event in events if "Tester" in event["SUMMARY"])
    # Hour 131 of a case that begins at 03:10 in summer time (01:10 UTC) on 24 October.
    assert (test["DTSTART"], test["DTEND"]) == ("20261029T121000Z", "20261029T151000Z")


@pytest.mark.parametrize(
    ("of", "tasks"),
    [
        ({"person": "anne"}, 2),
        ({"skill": "radio, images"}, 2),
        ({"application": "PACS"}, 2),
        ({"person": "bruno", "application": "AD"}, 1),
    ],
)
def test_a_calendar_holds_only_what_was_asked_for(of: dict[str, str], tasks: int) -> None:
    """Somebody's telephone shows her own weeks, not those of two hundred applications."""
    assert len(strict_events(write_ics(told_case(), told_plan(), stamp=STAMP, **of))) == tasks  # type: ignore[arg-type]


def test_an_empty_calendar_is_refused_in_words() -> None:
    """A file without events looks like a week without work."""
    with pytest.raises(NothingToShow, match="person, skill or application"):
        write_ics(told_case(), told_plan(), stamp=STAMP, person="nobody")


def test_an_event_keeps_its_uid_when_the_plan_moves() -> None:
    """With a new UID the old date stays in the calendar beside the new one, and somebody comes on both."""
    moved = replace(
        told_plan(),
        tasks=tuple(replace(each, start=each.start, end=each.end + 5) for each in told_plan().tasks),
    )

    before = strict_events(write_ics(told_case(), told_plan(), stamp=STAMP))
    after = strict_events(write_ics(told_case(), moved, stamp=STAMP, sequence=1))

    assert {event["UID"] for event in before} == {event["UID"] for event in after}
    assert len({event["UID"] for event in before}) == 5


def test_every_event_says_that_its_date_is_not_announced() -> None:
    """More than half of the dates of any plan are earlier than their own median."""
    events = strict_events(write_ics(told_case(), told_plan(), stamp=STAMP, language="fr"))

    assert all(event["DESCRIPTION"].startswith("Date d’un plan, non annoncée") for event in events)
    begun = {event["SUMMARY"]: event["STATUS"] for event in events}
    assert begun["Annuaire, Reconstruire"] == "CONFIRMED"
    assert begun["Archive <d’images> & Cie, Tester à deux"] == "TENTATIVE"


def test_any_text_survives_the_lines_of_a_calendar() -> None:
    """A name with a comma, a long one in Greek, one with a line break."""
    name = "α" * 90 + ", b; c\\d\r\ne\x07" + "🏥" * 30
    case = told_case()
    case = replace(case, tasks=(replace(case.tasks[0], name=name), *case.tasks[1:]))

    events = strict_events(write_ics(case, told_plan(), stamp=STAMP))

    assert any(event["SUMMARY"].endswith("α, b; c\\d\ne" + "🏥" * 30) for event in events)


def test_a_moment_of_a_gate_has_no_end() -> None:
    """A calendar that ends when it begins is refused by some telephones."""
    events = strict_events(write_ics(told_case(), told_plan(), stamp=STAMP, application="AD"))

    assert ["DTEND" in event for event in events] == [True, False]


def test_a_plan_is_one_table_in_the_order_of_its_dates() -> None:
    """What is printed for the morning meeting."""
    data = write_table(told_case(), told_plan())

    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))

    assert [row["task"] for row in rows] == ["PACS-restore", "AD-1", "AD-gate", "RIS-1", "PACS-test"]
    assert rows[1] == {
        "application": "AD",
        "application_name": "Annuaire",
        "task": "AD-1",
        "task_name": "Reconstruire",
        "kind": "rebuild",
        "start": "2026-10-26 07:10",
        "end": "2026-10-26 12:10",
        "start_hour": "53",
        "end_hour": "58",
        "work_hours": "6",
        "people": "anne, bruno",
        "waited_for": "start",
        "waited_for_id": "",
        "state": "ended",
        "evidence": "",
    }
