"""Dates that a calendar file brings to somebody, or to hours of work: shown first, recorded once confirmed."""

import html
import logging
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from msgspec.structs import replace
from restoration_island import RestorationIsland
from small_case import CASE

from releve.restoration.case import Calendar, Person, WorkingHours
from screens import words_of

ADDRESS = "/restoration/means/dates/"
VENDOR = Person(id="ed", name="Éditeur du PACS", kind="vendor", skills=("apps",))
HOURS = Calendar(
    id="week",
    name="Heures ouvrées",
    week=(WorkingHours(days=("mon", "tue", "wed", "thu", "fri"), from_hour=8, to_hour=18),),
)
TOLD = replace(CASE, people=(*CASE.people, VENDOR), calendars=(*CASE.calendars, HOURS))


def calendar(*events: str) -> SimpleUploadedFile:
    """Return a file of events: lines by `;`, one UID each."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Vendor//Agenda//FR"]
    for number, event in enumerate(events):
        lines += ["BEGIN:VEVENT", f"UID:{number}@vendor.example", *event.split("|"), "END:VEVENT"]
    return SimpleUploadedFile("visites.ics", "\r\n".join([*lines, "END:VCALENDAR", ""]).encode())


def sent(client: Client, file: Any, whom: str = "person:ed", kind: str = "there") -> Any:
    """Return the answer to a file."""
    return client.post(ADDRESS, {"step": "read", "whom": whom, "kind": kind, "file": file})


def confirmed(client: Client, review: Any, **more: Any) -> Any:
    """Return the answer to a review that is confirmed as it stands, but for what is said."""
    page = review.content.decode()
    form = {
        name: html.unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="(whom|kind|kept)" value="([^"]*)"', page)
    }
    form |= {"step": "say", "take": re.findall(r'name="take" value="(\d+)" checked', page), "act_key": "k1"}
    return client.post(ADDRESS, form | more)


DAYS = (
    "DTSTART;TZID=Europe/Paris:20261201T090000|DURATION:PT8H|SUMMARY:Reprise PACS|RRULE:FREQ=WEEKLY;COUNT=3",
)


@pytest.fixture
def told(island: RestorationIsland) -> RestorationIsland:
    """Return an island whose catalogue holds a vendor and hours of work."""
    island.catalogue(TOLD)
    return island


def test_a_vendors_visits_are_shown_in_local_time_and_recorded_once_confirmed(
    told: RestorationIsland, technician: Client
) -> None:
    """Nothing is written unseen; the windows then stand on her page."""
    before = told.kinds().count("restoration.lines.1")
    review = sent(technician, calendar(*DAYS))

    shown = words_of(review)
    assert "Éditeur du PACS" in shown
    assert "Rien n’est encore inscrit" in shown
    assert "1er déc. 2026 09:00 – 17:00" in shown
    assert told.kinds().count("restoration.lines.1") == before

    confirmed(technician, review)

    lines = told.last("restoration.lines.1")
    assert lines["come_from"] == "file"
    assert [line["what"] for line in lines["lines"]] == ["dates"] * 3
    page = words_of(technician.get("/restoration/means/person/?id=ed"))
    assert page.count("Reprise PACS") == 3


def test_only_what_is_ticked_is_taken(told: RestorationIsland, technician: Client) -> None:
    """An agenda holds more than leave; whoever plans says which of it counts."""
    review = sent(technician, calendar(*DAYS))

    confirmed(technician, review, take=["1"])

    assert len(told.last("restoration.lines.1")["lines"]) == 1
    nothing = confirmed(technician, review, take=[], act_key="k2")
    assert nothing.status_code == 422
    assert "Cochez-en au moins une" in words_of(nothing)


def test_a_file_brought_again_says_what_stands_and_what_was_moved(
    told: RestorationIsland, technician: Client
) -> None:
    """The vendor sends his file anew: two visits stand, one is new, the one that is gone can be taken out."""
    confirmed(technician, sent(technician, calendar(*DAYS)))
    moved = (
        DAYS[0] + "|EXDATE;TZID=Europe/Paris:20261215T090000",
        "DTSTART;TZID=Europe/Paris:20261217T090000|DURATION:PT8H",
    )

    review = sent(technician, calendar(*moved))
    shown = words_of(review)
    assert "1 date du fichier n’est pas encore au catalogue" in shown
    assert "2 y figurent déjà" in shown
    assert "Au catalogue, et pas dans le fichier" in shown

    gone = re.findall(r'name="drop" value="([^"]+)"', review.content.decode())
    assert len(gone) == 1
    confirmed(technician, review, drop=gone, act_key="k2")
    values = [line["value"] for line in told.last("restoration.lines.1")["lines"]]
    assert len(values) == 2
    assert values.count(None) == 1


def test_why_somebody_is_away_is_not_kept(
    told: RestorationIsland, technician: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """Her agenda says where she goes; the plan needs to know only that she is not there."""
    person = CASE.people[0].id
    file = calendar(
        "DTSTART;VALUE=DATE:20261224|DTEND;VALUE=DATE:20270102|SUMMARY:Oncologie",
        "DTSTART:x|SUMMARY:Oncologie",
    )

    with caplog.at_level(logging.DEBUG):
        review = sent(technician, file, f"person:{person}", "away")
    shown = words_of(review)
    assert "ligne 10" in shown
    assert "Oncologie" not in shown + caplog.text

    confirmed(technician, review)
    assert "Oncologie" not in str(told.last("restoration.lines.1"))


def test_holidays_close_the_hours_of_a_team(told: RestorationIsland, technician: Client) -> None:
    """As the government publishes them: free time in everybody’s agenda, and nobody works."""
    file = calendar("DTSTART;VALUE=DATE:20261225|SUMMARY:Noël|TRANSP:TRANSPARENT")

    confirmed(technician, sent(technician, file, "calendar:week", "closed"))

    page = words_of(technician.get("/restoration/means/hours/?id=week"))
    assert "Personne ne travaille" in page
    assert "Noël" in page


def test_what_does_not_fit_whose_dates_they_are_is_said(told: RestorationIsland, technician: Client) -> None:
    """A person is not closed; a file that holds nothing leaves all as it stands."""
    before = told.kinds()

    wrong_kind = sent(technician, calendar(*DAYS), "person:ed", "closed")
    no_file = sent(technician, "")
    no_calendar = sent(technician, SimpleUploadedFile("page.ics", b"<html></html>"))
    nobody = sent(technician, calendar(*DAYS), "person:nobody")

    assert [one.status_code for one in (wrong_kind, no_file, no_calendar, nobody)] == [422] * 4
    assert "Une personne est absente ou présente" in words_of(wrong_kind)
    assert "Choisissez un fichier" in words_of(no_file)
    assert "BEGIN:VCALENDAR" in words_of(no_calendar)
    assert told.kinds() == before


def test_a_form_that_was_changed_on_the_way_records_nothing(
    told: RestorationIsland, technician: Client
) -> None:
    """What is recorded is of the one it was shown for."""
    before = told.kinds()
    review = sent(technician, calendar(*DAYS))

    for more in ({"whom": "person:nobody"}, {"kind": "away"}, {"kept": "[{}]"}):
        answer = confirmed(technician, review, **more)
        assert answer.status_code == 422

    assert told.kinds() == before


def test_the_page_of_the_catalogue_says_where_a_calendar_is_brought(
    told: RestorationIsland, technician: Client
) -> None:
    """Whoever tries it at the catalogue is sent on."""
    answer = technician.post("/restoration/catalogue/bring/", {"from": "file", "file": calendar(*DAYS)})

    assert answer.status_code == 422
    assert "Équipes et moyens : Dates d’un agenda" in words_of(answer).replace("\u00a0", " ")


def test_the_form_opens_for_whom_it_was_opened(told: RestorationIsland, technician: Client) -> None:
    """From a vendor’s page it is her visits that are asked for; from hours, the days they are closed."""
    vendor = technician.get(f"{ADDRESS}?of=person&id=ed").content.decode()
    hours = technician.get(f"{ADDRESS}?of=calendar&id=week").content.decode()

    assert re.search(r'value="person:ed" selected', vendor)
    assert re.search(r'value="there" selected', vendor)
    assert re.search(r'value="closed" selected', hours)
    assert 'value="away"' not in hours
