"""A restoration one can hold in mind: four applications, four people, a vendor, one bench; and a plan by hand.

Hour 0 is Monday 2026-11-23 00:00 in Paris. Staff work 08:00 to 18:00 on weekdays: hours 8 to 17, 32 to 41, and so on.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from releve.restoration.case import (
    Application,
    Calendar,
    CalendarException,
    Case,
    Coverage,
    Impact,
    Need,
    Person,
    PublishedDate,
    Resource,
    Service,
    Share,
    SkillCount,
    Task,
    Use,
    Window,
    WorkingHours,
)
from releve.restoration.plan import BackAt, Plan, PlannedTask

DAYS = ("mon", "tue", "wed", "thu", "fri")


def small_case() -> Case:
    """Return the case."""
    return Case(
        name="small",
        starts_at=datetime(2026, 11, 23, tzinfo=ZoneInfo("Europe/Paris")),
        calendars=(
            Calendar(
                id="office",
                week=(WorkingHours(days=DAYS, from_hour=8, to_hour=18),),
                exceptions=(CalendarException(from_hour=56, to_hour=66, name="a holiday"),),  # Wednesday
            ),
        ),
        people=(
            Person(id="anne", skills=("system",), calendar="office"),
            Person(id="bruno", skills=("system", "network"), calendar="office"),
            Person(
                id="chloe", skills=("network",), calendar="office", absences=(Window(from_hour=8, to_hour=10),)
            ),
            Person(
                id="vendor", kind="vendor", skills=("pacs",), windows=(Window(from_hour=32, to_hour=80),)
            ),
        ),
        resources=(Resource(id="bandwidth", units=2),),
        applications=(
            Application(id="AD", kind="technical", tier=1),
            Application(id="PACS", needs=(Need(application="AD", before="PACS-2"),)),
            Application(id="LAB", needs=(Need(application="AD"),)),
            Application(id="INTRANET", needs=(Need(application="AD"),)),
        ),
        tasks=(
            Task(
                id="AD-1", application="AD", kind="rebuild", work_hours=4, team=(SkillCount(skill="system"),),
                calendar="office",
            ),
            Task(id="AD-gate", application="AD", kind="gate", work_hours=0, after=("AD-1",), evidence="report"),
            Task(
                id="PACS-1", application="PACS", kind="restore", work_hours=20,
                uses=(Use(resource="bandwidth", units=2),),
            ),
            Task(
                id="PACS-2", application="PACS", kind="test", work_hours=6, after=("PACS-1",),
                team=(SkillCount(skill="pacs"), SkillCount(skill="network")), calendar="office",
            ),
            Task(
                id="LAB-1", application="LAB", kind="restore", work_hours=8,
                uses=(Use(resource="bandwidth"),), not_before=2,
            ),
            Task(id="LAB-2", application="LAB", kind="test", work_hours=12, after=("LAB-1",),
                 team=(SkillCount(skill="system"),)),
            Task(id="INTRANET-1", application="INTRANET", kind="rebuild", work_hours=10,
                 team=(SkillCount(skill="system", count=2),)),
        ),
        services=(
            Service(
                id="imaging", requires=("PACS",),
                impact=(Impact(from_day=0, per_day=10), Impact(from_day=1, per_day=20)),
                coverage=(Coverage(from_day=0.5, share=0.1),),
            ),
            Service(id="laboratory", requires=("LAB",), impact=(Impact(from_day=0, per_day=12),)),
            Service(
                id="news", requires=("AD",), shares=(Share(application="INTRANET", share=0.5),),
                impact=(Impact(from_day=0, per_day=0.5),),
            ),
        ),
        published=(PublishedDate(id="PACS", p80=120),),
    )  # fmt: skip


def small_plan() -> Plan:
    """Return a plan of it that holds, made by hand.

    AD: Monday 08 to 12 by Anne, who is the least flexible. The vendor comes on Tuesday; with Chloé six hours from 08.
    LAB copies from hour 20 (PACS holds both units until then) to 28, then Anne: Tuesday 08 to 18, two hours on
    Thursday (Wednesday is a holiday). INTRANET takes both system people from Thursday 10: until Friday 10.
    """
    return Plan(
        made_by="by hand",
        order=("AD", "PACS", "LAB", "INTRANET"),
        tasks=(
            PlannedTask(task="AD-1", start=8, end=12, people=("anne",)),
            PlannedTask(task="AD-gate", start=12, end=12),
            PlannedTask(task="PACS-1", start=0, end=20),
            PlannedTask(task="PACS-2", start=32, end=38, people=("vendor", "chloe")),
            PlannedTask(task="LAB-1", start=20, end=28),
            PlannedTask(task="LAB-2", start=32, end=82, people=("anne",)),
            PlannedTask(task="INTRANET-1", start=82, end=106, people=("anne", "bruno")),
        ),
        applications=(
            BackAt(id="AD", hour=12),
            BackAt(id="PACS", hour=38),
            BackAt(id="LAB", hour=82),
            BackAt(id="INTRANET", hour=106),
        ),
        services=(
            # Half a day at 10, half at 9, then 14 hours at 18 a day.
            BackAt(id="imaging", hour=38, loss=5 + 4.5 + 18 * 14 / 24),
            BackAt(id="laboratory", hour=82, loss=12 * 82 / 24),
            BackAt(id="news", hour=106, loss=0.25 * 12 / 24 + 0.25 * 106 / 24),
        ),
        loss=5 + 4.5 + 10.5 + 41 + 0.25 * 118 / 24,
        bound=30.0,
    )
