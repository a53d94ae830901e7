"""The grid of a sheet on ordinary nights and on the two that are longer or shorter."""

import sys
from datetime import datetime
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from paper_island import PARIS

from releve.bedside.census import Present
from releve.bedside.files import PersonFile
from releve.departments.prescribing.tables import MedicationAdministration, MedicationRequest
from releve.hospital.map import Directory, HospitalMap, IdentityAuthority
from releve.hospital.status import Statuses
from releve.paper.gather_frame import Frame
from releve.paper.gather_treatment import dose_of, lines_of
from releve.paper.gather_ward import shift_start, shifts_of
from releve.paper.gather_words import words_of
from releve.paper.hours import column_of, grid_hours
from releve.record.tables import Encounter, Person

HOUR_MS = 3_600_000


def ms(year: int, month: int, day: int, hour: int, minute: int = 0, *, fold: int = 0) -> int:
    """Return a time of the hospital's wall as UTC milliseconds."""
    return int(datetime(year, month, day, hour, minute, tzinfo=PARIS, fold=fold).timestamp() * 1000)


def frame_at(now_ms: int) -> Frame:
    """Return the frame of a gathering at this moment."""
    directory = Directory(HospitalMap(name="H", identity=IdentityAuthority(feed="ADT", namespace="VAL")))
    start = shift_start(now_ms, PARIS)
    grid = grid_hours(start, PARIS)
    return Frame(
        directory=directory,
        statuses=Statuses((), directory, at_us=now_ms * 1000),
        feeds=(),
        zone=PARIS,
        language="fr",
        words=words_of("fr"),
        now_ms=now_ms,
        grid_ms=start,
        grid_end_ms=start + len(grid) * HOUR_MS,
        grid=grid,
    )


def file_of(request: MedicationRequest, *doses: MedicationAdministration) -> PersonFile:
    """Return the file of somebody with one line and these doses."""
    present = Present(
        head="VAL:1",
        persons=("VAL:1",),
        person=Person(id="VAL:1", person="VAL:1"),
        encounter=Encounter(id="VAL:1/V1", person="VAL:1", visit="V1", status="present"),
        ipp="1",
    )
    return PersonFile(present=present, lines=[request], doses={request.id: list(doses)})


def line(**columns: object) -> MedicationRequest:
    """Return an active line of the views."""
    return MedicationRequest(
        id="VAL:1/P1", person="VAL:1", label="X", dose_value="1", dose_unit="g", status="active", **columns
    )


@pytest.mark.parametrize(
    ("now", "hours", "shift"),
    [
        (ms(2026, 11, 22, 2, 47), 24, "2026-11-21T21"),
        (ms(2026, 11, 22, 7, 0), 24, "2026-11-22T07"),
        (ms(2026, 10, 25, 1, 30), 25, "2026-10-24T21"),
        (ms(2026, 3, 29, 1, 30), 23, "2026-03-28T21"),
    ],
)
def test_the_grid_starts_with_the_shift_and_has_as_many_hours_as_the_night(
    now: int, hours: int, shift: str
) -> None:
    """On two nights a year a grid of 24 columns puts a dose at the wrong hour."""
    frame = frame_at(now)

    assert len(frame.grid) == hours
    assert frame.grid[0].at == shift
    shifts = shifts_of(frame)
    assert [one.key for one in shifts] == (["N", "M", "S"] if "T21" in shift else ["M", "S", "N"])
    assert shifts[0].start == f"{shift}:00"


def test_every_six_hours_stay_six_hours_apart_over_the_doubled_hour() -> None:
    """Counting on the wall would make seven hours of six."""
    frame = frame_at(ms(2026, 10, 25, 1, 0))
    request = line(interval_hours=6.0, schedule_text="Q6H", start_at=ms(2026, 10, 24, 21))

    (made,) = lines_of(file_of(request), frame, heard_ms=None)

    assert [dose.at for dose in made.doses] == [
        "2026-10-24T21:00", "2026-10-25T02:00B", "2026-10-25T08:00", "2026-10-25T14:00", "2026-10-25T20:00",
    ]  # fmt: skip
    assert all(column_of(dose.at, frame.grid) is not None for dose in made.doses)


def test_each_dose_says_whether_it_is_due_given_refused_or_unheard_of() -> None:
    """A dose whose hour has passed without a record may have been given: the nurse must ask, not give."""
    now = ms(2026, 11, 22, 14, 30)
    frame = frame_at(ms(2026, 11, 22, 13, 30))
    request = line(times='["08:00","10:00","12:00","20:00"]', start_at=ms(2026, 11, 20, 8))
    doses = [
        MedicationAdministration(id="a", person="VAL:1", given_at=ms(2026, 11, 22, 8, 4), status="given"),
        MedicationAdministration(id="b", person="VAL:1", given_at=ms(2026, 11, 22, 10, 0), status="refused"),
    ]

    (made,) = lines_of(file_of(request, *doses), frame, heard_ms=now)

    assert [(dose.at[11:], dose.state) for dose in made.doses] == [
        ("08:00", "given"), ("10:00", "omitted"), ("12:00", "untraced"), ("20:00", "planned"),
    ]  # fmt: skip
    assert made.last == "2026-11-22T08:04"


def test_what_is_past_its_end_is_asked_about_and_what_ends_in_the_grid_stops_there() -> None:
    """An antibiotic that ended yesterday is not given today; but nobody said stop, and it may have been prolonged."""
    frame = frame_at(ms(2026, 11, 22, 8))

    (over,) = lines_of(file_of(line(times='["12:00"]', end_at=ms(2026, 11, 21, 20))), frame, heard_ms=None)
    long_over = lines_of(file_of(line(times='["12:00"]', end_at=ms(2026, 11, 15, 20))), frame, heard_ms=None)
    (today,) = lines_of(
        file_of(line(times='["12:00","20:00"]', end_at=ms(2026, 11, 22, 18))), frame, heard_ms=None
    )

    assert (over.mode, over.doses, over.blanks) == ("ended", (), 0)
    assert "21/11/2026" in over.mode_words
    assert long_over == ()
    assert [dose.at[11:] for dose in today.doses] == ["12:00"]
    assert today.end == "2026-11-22T18:00"


def test_a_weekly_line_has_a_dose_only_on_its_day() -> None:
    """Methotrexate every day instead of every week kills."""
    monday = frame_at(ms(2026, 11, 23, 8))
    tuesday = frame_at(ms(2026, 11, 24, 8))
    request = line(interval_hours=168.0, schedule_text="Q168H", start_at=ms(2026, 11, 16, 9))

    (on_its_day,) = lines_of(file_of(request), monday, heard_ms=None)
    (other,) = lines_of(file_of(request), tuesday, heard_ms=None)

    assert (on_its_day.mode, len(on_its_day.doses)) == ("scheduled", 1)
    assert (other.mode, other.doses, other.schedule) == ("weekly", (), "tous les 7 jours")


@pytest.mark.parametrize(
    ("value", "unit", "safe", "received"),
    [
        ("1.0", "mg", ("1", "mg"), ""),
        (".5", "mg", ("0.5", "mg"), ""),
        ("1000", "µg", ("1000", "ug"), ""),
        ("4000", "UI", ("4000", "[iU]"), ""),
        ("1,000", "UI", None, "1,000 UI"),
        ("1-2", "mg", None, "1-2 mg"),
        ("5", "cuillère", None, "5 cuillère"),
        (None, None, None, ""),
    ],
)
def test_a_dose_is_safe_only_when_it_can_be_read_for_sure(
    value: str | None, unit: str | None, safe: tuple[str, str] | None, received: str
) -> None:
    """What cannot be read for sure is printed as it came, and said to be unread."""
    quantity, text = dose_of(value, unit)

    assert (None if quantity is None else (quantity.value, quantity.unit)) == safe
    assert text == received
