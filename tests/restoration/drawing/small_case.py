"""A hospital of three applications, small enough to be drawn by hand, and a plan of it."""

from datetime import UTC, datetime

from releve.restoration.case import Application, Case, Impact, Need, Person, Service, Skill, SkillCount, Task
from releve.restoration.plan import BackAt, Plan, PlannedTask

CASE = Case(
    name="Essai",
    starts_at=datetime(2026, 11, 21, 1, 44, tzinfo=UTC),
    now=30,
    skills=(Skill(id="net", name="Réseau"), Skill(id="sys", name="Systèmes")),
    people=(
        Person(id="p1", name="Marc", skills=("net",)),
        Person(id="p2", name="Lina", skills=("sys",)),
        Person(id="p3", name="Omar", skills=("sys",)),
    ),
    applications=(
        Application(id="RESEAU", name="Cœur de réseau", kind="technical", tier=1),
        Application(id="PACS", name="Archive d’images <PACS> & lecture", needs=(Need(application="RESEAU"),)),
        Application(id="SGL", name="Laboratoire", needs=(Need(application="RESEAU"),)),
    ),
    tasks=(
        Task(id="R1", application="RESEAU", kind="rebuild", name="Refaire le cœur", work_hours=20,
             team=(SkillCount(skill="net"),)),
        Task(id="P1", application="PACS", kind="restore", name="Recopier les images", work_hours=60),
        Task(id="P2", application="PACS", kind="scan", work_hours=30, team=(SkillCount(skill="sys"),)),
        Task(id="PG", application="PACS", kind="gate", name="Accord", work_hours=0, after=("P1", "P2"),
             evidence="rapport d’analyse sans alerte"),
        Task(id="S1", application="SGL", kind="rebuild", work_hours=24, team=(SkillCount(skill="sys", count=2),)),
        Task(id="SG", application="SGL", kind="gate", work_hours=0, after=("S1",)),
    ),
    services=(
        Service(id="imagerie", name="Imagerie", requires=("PACS",), impact=(Impact(from_day=0, per_day=310),),
                patients_per_day=350),
        Service(id="labo", name="Laboratoire", requires=("SGL",), impact=(Impact(from_day=0, per_day=90),),
                patients_per_day=150),
    ),
)  # fmt: skip

PLAN = Plan(
    id="plan-1",
    case="digest",
    order=("RESEAU", "SGL", "PACS"),
    tasks=(
        PlannedTask(task="R1", start=0, end=20, people=("p1",)),
        PlannedTask(task="S1", start=20, end=44, people=("p2", "p3")),
        PlannedTask(task="SG", start=44, end=44),
        PlannedTask(task="P1", start=20, end=80),
        PlannedTask(task="P2", start=44, end=74, people=("p2",)),
        PlannedTask(task="PG", start=80, end=80),
    ),
    applications=(BackAt(id="RESEAU", hour=20), BackAt(id="SGL", hour=44), BackAt(id="PACS", hour=80)),
    services=(BackAt(id="imagerie", hour=80, loss=1033), BackAt(id="labo", hour=44, loss=165)),
    loss=1198,
)
