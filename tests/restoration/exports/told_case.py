"""A case that says something of everything a file can carry, and a plan of it; small enough to read."""

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
    Skill,
    SkillCount,
    Task,
    TaskState,
    Uncertainty,
    Use,
    Window,
    WorkingHours,
)
from releve.restoration.plan import Binding, Plan, PlannedTask

__all__ = ["told_case", "told_plan"]


def told_case() -> Case:
    """Return a case cut on the night before French clocks go back, so that hours and local times part ways."""
    return Case(
        name="Hôpital d’essai",
        starts_at=datetime(2026, 10, 24, 3, 10, tzinfo=ZoneInfo("Europe/Paris")),
        now=60,
        calendars=(
            Calendar(
                id="office",
                name="Heures ouvrées",
                week=(
                    WorkingHours(days=("mon", "tue", "wed", "thu"), from_hour=8, to_hour=12),
                    WorkingHours(days=("mon", "tue", "wed", "thu"), from_hour=14, to_hour=18),
                    WorkingHours(days=("fri",), from_hour=8, to_hour=12),
                ),
                exceptions=(
                    CalendarException(from_hour=189, to_hour=237, name="Toussaint"),
                    CalendarException(from_hour=30, to_hour=34, works=True, name="un dimanche"),
                ),
            ),
            Calendar(id="night", week=(WorkingHours(days=("mon", "sat"), from_hour=20, to_hour=24),)),
        ),
        skills=(
            Skill(id="systems", name="Systèmes"),
            Skill(id="radio, images"),
            Skill(id="vendor:contraste"),
        ),
        people=(
            Person(id="anne", name="Anne K.", skills=("systems",), calendar="office"),
            Person(
                id="bruno",
                skills=("systems", "radio, images"),
                calendar="office",
                absences=(Window(from_hour=54, to_hour=57), Window(from_hour=69, to_hour=117)),
            ),
            Person(
                id="visit",
                name="Contraste",
                kind="vendor",
                skills=("vendor:contraste",),
                calendar="night",
                windows=(Window(from_hour=64, to_hour=400),),
                no_show_probability=0.1,
            ),
            Person(id="expert", kind="expert", skills=()),
        ),
        resources=(Resource(id="bandwidth", name="Débit", units=3),),
        applications=(
            Application(id="AD", name="Annuaire", kind="technical", tier=1, owner="RSSI"),
            Application(id="EMPTY", name="Sans tâche", kind="workstations"),
            Application(
                id="PACS",
                name="Archive <d’images> & Cie",
                tier=2,
                spread=0.125,
                needs=(Need(application="AD"), Need(application="RIS", before="PACS-test")),
            ),
            Application(id="RIS", needs=(Need(application="AD", before="RIS-1"),)),
        ),
        tasks=(
            Task(
                id="AD-1",
                application="AD",
                kind="rebuild",
                name="Reconstruire",
                work_hours=6,
                team=(SkillCount(skill="systems", count=2),),
                calendar="office",
            ),
            Task(
                id="AD-gate",
                application="AD",
                kind="gate",
                work_hours=0,
                after=("AD-1",),
                evidence="rapport d’analyse; sans alerte, signé",
                fail_probability=0.1,
                rework=("AD-1",),
            ),
            Task(
                id="PACS-restore",
                application="PACS",
                kind="restore",
                work_hours=30,
                uses=(Use(resource="bandwidth", units=2),),
                not_before=12,
                spread=0.5,
            ),
            Task(
                id="PACS-test",
                application="PACS",
                kind="test",
                name="Tester à deux",
                work_hours=3,
                after=("PACS-restore", "RIS-1"),
                team=(SkillCount(skill="radio, images"), SkillCount(skill="systems")),
            ),
            Task(id="RIS-1", application="RIS", kind="workstations", work_hours=2, calendar="night"),
        ),
        services=(
            Service(
                id="images",
                name="Images",
                requires=("PACS", "RIS"),
                shares=(Share(application="RIS", share=0.25),),
                impact=(Impact(from_day=0, per_day=1.5), Impact(from_day=2, per_day=1 / 3)),
                coverage=(Coverage(from_day=0, share=0.114),),
                patients_per_day=350,
            ),
        ),
        states=(
            TaskState(task="AD-1", started=53, ended=58, people=("anne", "bruno")),
            TaskState(task="PACS-restore", started=14, remaining_hours=7),
            TaskState(task="RIS-1", blocked_until=70),
        ),
        published=(PublishedDate(id="PACS", p80=400), PublishedDate(kind="service", id="images", p80=410)),
        uncertainty=Uncertainty(task_sigma=0.3, reinfection_probability=0.02),
    )


def told_plan() -> Plan:
    """Return dates for it, made by hand."""
    return Plan(
        made_by="by hand",
        tasks=(
            PlannedTask(task="AD-1", start=53, end=58, people=("anne", "bruno")),
            PlannedTask(task="AD-gate", start=60, end=60, binding=Binding(kind="task", id="AD-1")),
            PlannedTask(task="PACS-restore", start=14, end=67),
            PlannedTask(task="PACS-test", start=131, end=134, people=("bruno", "anne")),
            PlannedTask(task="RIS-1", start=70, end=72),
        ),
    )
