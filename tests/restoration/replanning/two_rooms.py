"""A restoration one can hold in mind: a directory, then a laboratory that needs it; two people and a vendor.

Hour 0 is Monday 2026-11-23 00:00 in Paris. Staff work 08:00 to 18:00 on weekdays: hours 8 to 17, 32 to 41, and so on.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from releve.restoration.case import (
    Application,
    Calendar,
    Case,
    Impact,
    Need,
    Person,
    Resource,
    Service,
    SkillCount,
    Task,
    Use,
    Window,
    WorkingHours,
)

SYSTEM = (SkillCount(skill="system"),)


def two_rooms() -> Case:
    """Return the case."""
    return Case(
        starts_at=datetime(2026, 11, 23, tzinfo=ZoneInfo("Europe/Paris")),
        calendars=(
            Calendar(
                id="office",
                week=(WorkingHours(days=("mon", "tue", "wed", "thu", "fri"), from_hour=8, to_hour=18),),
            ),
        ),
        people=(
            Person(id="anne", skills=("system",), calendar="office"),
            Person(id="bruno", skills=("system",), calendar="office"),
            Person(id="vendor", kind="vendor", skills=("lab",), windows=(Window(from_hour=48, to_hour=2000),)),
        ),
        resources=(Resource(id="bandwidth", units=1),),
        applications=(
            Application(id="AD", kind="technical", tier=1),
            Application(id="LAB", needs=(Need(application="AD", before="LAB-test"),)),
        ),
        tasks=(
            Task(id="AD-restore", application="AD", kind="restore", work_hours=20, team=SYSTEM),
            Task(id="AD-scan", application="AD", kind="scan", work_hours=4, after=("AD-restore",)),
            Task(
                id="AD-gate", application="AD", kind="gate", work_hours=0, after=("AD-scan",),
                rework=("AD-restore",),
            ),
            Task(
                id="LAB-restore", application="LAB", kind="restore", work_hours=10,
                uses=(Use(resource="bandwidth"),),
            ),
            Task(
                id="LAB-test", application="LAB", kind="test", work_hours=6, after=("LAB-restore",),
                team=(SkillCount(skill="lab"),),
            ),
        ),
        services=(
            Service(id="results", requires=("LAB",), impact=(Impact(from_day=0, per_day=10),)),
            Service(id="sign-in", requires=("AD",), impact=(Impact(from_day=0, per_day=1),)),
        ),
    )  # fmt: skip
