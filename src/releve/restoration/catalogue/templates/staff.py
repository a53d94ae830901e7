"""Who is there to begin with, and when: six people of the department of information, two experts, the vendors. Pure.

Invented and small on purpose, to be replaced by the hospital's own people: Rouen worked with 20 to 30.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from releve.restoration.case import (
    Calendar,
    CalendarException,
    Person,
    Resource,
    Skill,
    Weekday,
    Window,
    WorkingHours,
)
from releve.restoration.catalogue.french import of_name
from releve.restoration.catalogue.holidays import public_holidays
from releve.restoration.catalogue.templates.template import Words

__all__ = ["CRISIS", "OFFICE", "calendars", "first_people", "resources", "skills", "vendor_skill"]

OFFICE = "office"
CRISIS = "crisis"
_WEEK: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
_VENDORS_AFTER_HOURS = 48  # vendors reconnect nobody before two days, usually: estimate by the project

_SKILLS: dict[str, Words] = {
    "systems": Words("Servers and storage", "Serveurs et stockage"),
    "network": Words("Networks", "Réseaux"),
    "security": Words("Security", "Sécurité"),
    "database": Words("Databases", "Bases de données"),
    "application": Words("Applications", "Applications"),
    "interfaces": Words("Interfaces between applications", "Interfaces entre applications"),
    "workstations": Words("Workstations", "Postes de travail"),
    "key-user": Words("User of reference", "Référent métier"),
}

# id, English, French, skills, kind
_PEOPLE: tuple[tuple[str, str, str, tuple[str, ...], str], ...] = (
    ("it-1", "Systems engineer 1", "Ingénieur systèmes 1", ("systems",), "staff"),
    ("it-2", "Systems engineer 2", "Ingénieur systèmes 2", ("systems", "database"), "staff"),
    ("it-3", "Network engineer", "Ingénieur réseaux", ("network", "security"), "staff"),
    ("it-4", "Application engineer 1", "Ingénieur applications 1", ("application", "interfaces"), "staff"),
    ("it-5", "Application engineer 2", "Ingénieur applications 2", ("application", "database"), "staff"),
    ("it-6", "Workstation technician", "Technicien de parc", ("workstations", "systems"), "staff"),
    ("expert-1", "Incident response expert 1", "Expert en réponse à incident 1", ("security",), "expert"),
    ("expert-2", "Incident response expert 2", "Expert en réponse à incident 2", ("security", "systems"), "expert"),
    ("user-1", "User of reference, wards", "Référent, unités de soins", ("key-user",), "staff"),
    ("user-2", "User of reference, technical departments", "Référent, plateaux techniques", ("key-user",), "staff"),
    ("user-3", "User of reference, administration", "Référent, administration", ("key-user",), "staff"),
)  # fmt: skip


def vendor_skill(vendor: str) -> str:
    """Return the id of the skill that is knowing the software of this vendor."""
    return f"vendor:{vendor}"


def skills(vendors: Mapping[str, str], language: str) -> tuple[Skill, ...]:
    """Return the skills of a first case: the usual ones, and one for each vendor. `vendors`: names by id."""
    return (
        *(Skill(id=id, name=words.said(language)) for id, words in _SKILLS.items()),
        *(
            Skill(
                id=vendor_skill(vendor),
                name=Words(f"Software of {name}", f"Logiciels {of_name(name)}").said(language),
            )
            for vendor, name in vendors.items()
        ),
    )


def first_people(vendors: Mapping[str, str], language: str) -> tuple[Person, ...]:
    """Return six people of the department, two experts, three users of reference, and one person of each vendor."""
    people = []
    for id, english, french, able, kind in _PEOPLE:
        user = "key-user" in able
        people.append(
            Person(
                id=id,
                name=Words(english, french).said(language),
                kind="expert" if kind == "expert" else "staff",
                skills=able,
                calendar=OFFICE if user else CRISIS,
                absences=(Window(from_hour=0, to_hour=24),) if kind == "expert" else (),
            )
        )
    for vendor, name in vendors.items():
        people.append(
            Person(
                id=f"vendor-{vendor}",
                name=name,
                kind="vendor",
                skills=(vendor_skill(vendor),),
                calendar=OFFICE,
                absences=(Window(from_hour=0, to_hour=_VENDORS_AFTER_HOURS),),
                no_show_probability=0.1,
            )
        )
    return tuple(people)


def resources(language: str) -> tuple[Resource, ...]:
    """Return what is shared: restores at once, scanning benches, places on the benches of workstations."""
    return (
        Resource(
            id="restore-bandwidth",
            name=Words("Restores at the same time", "Restaurations simultanées").said(language),
            units=3,
        ),
        Resource(id="scan-bench", name=Words("Scanning benches", "Bancs d’analyse").said(language), units=4),
        Resource(id="bench", name=Words("Workstation benches", "Bancs de postes").said(language), units=3),
    )


def calendars(starts_at: datetime, zone: ZoneInfo, language: str, days: int = 400) -> tuple[Calendar, ...]:
    """Return office hours without the public holidays of the next `days`, and the hours of a crisis team.

    The crisis team works on holidays: Monday to Saturday from 8 to 20.
    """
    first = starts_at.astimezone(zone).date()
    last = first + timedelta(days=days)
    exceptions = []
    for day, name in public_holidays(first, last, language):
        start, end = _hour_of(day, starts_at, zone), _hour_of(day + timedelta(days=1), starts_at, zone)
        exceptions.append(CalendarException(from_hour=max(start, 0), to_hour=end, name=name))
    return (
        Calendar(
            id=OFFICE,
            name=Words("Office hours", "Heures ouvrées").said(language),
            week=(WorkingHours(days=_WEEK, from_hour=8, to_hour=18),),
            exceptions=tuple(exceptions),
        ),
        Calendar(
            id=CRISIS,
            name=Words("Crisis team", "Équipe de crise").said(language),
            week=(WorkingHours(days=(*_WEEK, "sat"), from_hour=8, to_hour=20),),
        ),
    )


def _hour_of(day: date, starts_at: datetime, zone: ZoneInfo) -> int:
    """Return the first hour of the case that begins on this day."""
    # In UTC: two moments of one zone would be subtracted as if its clocks never changed.
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    return ceil((midnight - starts_at.astimezone(UTC)).total_seconds() / 3600)
