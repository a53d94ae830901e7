"""`releve restoration dates`: a calendar file into a case, for scripts."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from told_case import told_case
from typer.testing import CliRunner, Result

from releve.app.cli import app
from releve.restoration.case import Window, read_case, write_case
from releve.restoration.exports.moments import Moments

CASE = told_case()
PERSON, CALENDAR = CASE.people[0].id, CASE.calendars[0].id


def run(*words: str | Path) -> Result:
    """Return what the command line answers."""
    return CliRunner().invoke(app, ["restoration", "dates", *(str(word) for word in words)])


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Return a case, and a calendar with two dates, of which the second is cancelled."""
    case, dates = tmp_path / "case.json", tmp_path / "dates.ics"
    case.write_bytes(write_case(CASE))
    begins = Moments.of(CASE).utc(CASE.now + 48) + timedelta(minutes=30)
    told = (
        "BEGIN:VEVENT\nUID:1\nSUMMARY:Oncologie\n"
        f"DTSTART:{begins:%Y%m%dT%H%M%SZ}\nDURATION:PT4H\nEND:VEVENT\n"
    )
    cancelled = told.replace("UID:1", "UID:2").replace("END:", "STATUS:CANCELLED\nEND:")
    dates.write_text(f"BEGIN:VCALENDAR\nVERSION:2.0\n{told}{cancelled}END:VCALENDAR\n", encoding="utf-8")
    return case, dates


def test_leave_becomes_hours_of_absence_and_what_is_not_taken_is_counted(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    """Half an hour of absence is an hour nobody plans; the case that was read stays as it is."""
    out = tmp_path / "out.json"

    result = run(*files, "--person", PERSON, "--as", "away", "--out", out, "--json", "--language", "fr")

    found = json.loads(result.stdout)
    assert (result.exit_code, found["taken"], found["lost"]) == (0, 1, 1)
    assert "ligne 9\u00a0: annulé" in result.stderr
    assert "Oncologie" not in result.output
    changed = read_case(out.read_bytes())
    hours = Window(from_hour=CASE.now + 48, to_hour=CASE.now + 53)
    assert changed.people[0].absences == (*CASE.people[0].absences, hours)
    assert changed.people[1:] == CASE.people[1:]
    assert read_case(files[0].read_bytes()) == CASE


def test_visits_are_the_whole_hours_within_them(files: tuple[Path, Path], tmp_path: Path) -> None:
    """Who comes at half past is planned from the next hour on."""
    out = tmp_path / "out.json"

    run(*files, "--person", PERSON, "--as", "there", "--out", out)
    again = run(out, files[1], "--person", PERSON, "--as", "there", "--out", out)

    hours = Window(from_hour=CASE.now + 49, to_hour=CASE.now + 52)
    assert again.exit_code == 0
    assert read_case(out.read_bytes()).people[0].windows == (*CASE.people[0].windows, hours)


def test_closed_days_go_to_a_calendar(files: tuple[Path, Path], tmp_path: Path) -> None:
    """With their name, which is that of a holiday."""
    out = tmp_path / "out.json"

    run(*files, "--calendar", CALENDAR, "--as", "closed", "--out", out)

    last = read_case(out.read_bytes()).calendars[0].exceptions[-1]
    assert (last.from_hour, last.to_hour, last.works, last.name) == (
        CASE.now + 48,
        CASE.now + 53,
        False,
        "Oncologie",
    )


def test_what_cannot_be_is_said_and_nothing_is_written(files: tuple[Path, Path], tmp_path: Path) -> None:
    """Each ends with what was expected."""
    out, page = tmp_path / "out.json", tmp_path / "page.ics"
    page.write_text("<html>", encoding="utf-8")

    answers = [
        run(*files, "--as", "away", "--out", out),
        run(*files, "--person", PERSON, "--as", "closed", "--out", out),
        run(*files, "--person", "nobody", "--as", "away", "--out", out),
        run(files[0], page, "--person", PERSON, "--as", "away", "--out", out),
        run(files[0], tmp_path / "none.ics", "--person", PERSON, "--as", "away", "--out", out),
    ]

    assert [answer.exit_code for answer in answers] == [2, 2, 2, 1, 1]
    assert "BEGIN:VCALENDAR" in answers[3].stderr
    assert not out.exists()
