"""Whose entries are restated when a part of the journal is to go."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "departments"))

import ward_room  # noqa: F401  (sets Django up)
from ward_island import DAY_MS, NOW_MS, WardIsland

from releve.app.retention.mattering import mattering
from releve.departments.appointments.tables import Appointment
from releve.departments.prescribing.tables import MedicationRequest
from releve.record.tables import Act, Encounter, Link, Person, ServiceRequest
from releve.views.tables import Subject, SubjectEntry
from releve.web.database import follow_views

LONG_AGO = NOW_MS - 400 * DAY_MS
SHE = "CHV:7"
AGAIN = "CHV:8"
LEAVING = frozenset({"a/1"})

Told = Callable[[], object]


@pytest.fixture
def island(tmp_path: Path) -> WardIsland:
    """Return an island that heard of two persons long ago, and of nothing that is open."""
    made = WardIsland(tmp_path / "data")
    for index, person in enumerate((SHE, AGAIN)):
        Person.objects.using("fold").create(id=person, person=person)
        Encounter.objects.using("fold").create(id=f"{person}/V", person=person, visit="V", status="left")
        Subject.objects.using("fold").create(
            key=person, stamp=LONG_AGO, log="a/1", index=900 + index, entries=1
        )
        SubjectEntry.objects.using("fold").create(
            subject=person, stamp=LONG_AGO, log="a/1", index=900 + index
        )
    return made


def persons(*, recent_days: int = 30) -> set[str]:
    """Return who of the two matters."""
    follow_views()
    found = mattering(LEAVING, now_ms=NOW_MS, recent_days=recent_days)
    assert "hospital:map" in found.subjects  # what is no person always does
    assert (found.persons, found.persons_known) == (len(found.subjects & {SHE, AGAIN}), 2)
    return set(found.subjects & {SHE, AGAIN})


def test_who_left_long_ago_with_nothing_open_stays_behind(island: WardIsland) -> None:
    """That is what an archive is for."""
    assert persons() == set()


@pytest.mark.parametrize(
    "told",
    [
        lambda: Encounter.objects.using("fold").filter(person=SHE).update(status="present"),
        lambda: Encounter.objects.using("fold").filter(person=SHE).update(status="leave"),
        lambda: Encounter.objects.using("fold").filter(person=SHE).update(status="planned"),
        lambda: ServiceRequest.objects.using("fold").create(id=f"{SHE}/R", person=SHE, status="requested"),
        lambda: MedicationRequest.objects.using("fold").create(id=f"{SHE}/P", person=SHE, status="active"),
        lambda: MedicationRequest.objects.using("fold").create(
            id=f"{SHE}/P", person=SHE, status="suspended", end_at=NOW_MS + DAY_MS
        ),
        lambda: Appointment.objects.using("fold").create(
            id=f"{SHE}/A", person=SHE, status="booked", start_at=NOW_MS + 90 * DAY_MS
        ),
        lambda: Act.objects.using("fold").create(id=f"{SHE}/X", person=SHE, applications='["DPI"]'),
        lambda: Subject.objects.using("fold").filter(key=SHE).update(stamp=NOW_MS - 29 * DAY_MS),
        lambda: SubjectEntry.objects.using("fold").create(subject=SHE, stamp=LONG_AGO, log="a/2", index=5),
        lambda: SubjectEntry.objects.using("fold").create(subject=SHE, stamp=LONG_AGO, log="b/1", index=5),
    ],
    ids=[
        "present", "on leave", "expected", "ordered", "line", "line that waits", "appointment", "owed", "recent",
        "in the next epoch", "on another island",
    ],
)  # fmt: skip
def test_whoever_has_something_open_is_carried(island: WardIsland, told: Told) -> None:
    """Each of these is somebody for whom a nurse, a physician or an application still has to do something."""
    told()
    assert persons() == {SHE}


@pytest.mark.parametrize(
    "told",
    [
        lambda: ServiceRequest.objects.using("fold").create(id=f"{SHE}/R", person=SHE, status="completed"),
        lambda: MedicationRequest.objects.using("fold").create(
            id=f"{SHE}/P", person=SHE, status="active", end_at=LONG_AGO
        ),
        lambda: Appointment.objects.using("fold").create(
            id=f"{SHE}/A", person=SHE, status="booked", start_at=LONG_AGO
        ),
        lambda: Act.objects.using("fold").create(id=f"{SHE}/X", person=SHE, applications=None),
    ],
    ids=["done", "line that ended", "appointment that was", "owed to nobody"],
)
def test_what_is_over_carries_nobody(island: WardIsland, told: Told) -> None:
    """Else nothing would ever leave."""
    told()
    assert persons() == set()


def test_after_a_roll_who_is_merely_recent_is_not_carried(island: WardIsland) -> None:
    """Nearly everybody of a week is recent: it would be written anew each week."""
    Subject.objects.using("fold").filter(key=SHE).update(stamp=NOW_MS - 2 * DAY_MS)
    assert persons(recent_days=0) == set()


@pytest.mark.parametrize("how", ["linked", "the same entry"])
def test_whoever_belongs_to_her_goes_with_her(island: WardIsland, how: str) -> None:
    """Half of a mother and child, or of two numbers of one person, is a wrong file."""
    Encounter.objects.using("fold").filter(person=SHE).update(status="present")
    if how == "linked":
        Link.objects.using("fold").create(
            id=f"{AGAIN}/L", person=AGAIN, other=SHE, kind="mother", status="active"
        )
    else:
        SubjectEntry.objects.using("fold").create(subject=AGAIN, stamp=LONG_AGO, log="a/1", index=900)
    assert persons() == {SHE, AGAIN}
