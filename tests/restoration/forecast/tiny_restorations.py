"""Restorations so small that their forecasts can be computed on paper. Hour 0 is Monday midnight in Paris."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from releve.restoration.case import (
    Application,
    Case,
    Impact,
    Person,
    Service,
    SkillCount,
    Task,
    Uncertainty,
)  # fmt: skip

START = datetime(2026, 11, 23, tzinfo=ZoneInfo("Europe/Paris"))
SURE = Uncertainty(task_sigma=0.0, application_sigma=0.0, kind_sigma=0.0, common_sigma=0.0)
SYSTEM = (SkillCount(skill="system"),)


def one_task(work_hours: int = 100, uncertainty: Uncertainty = SURE, **changes: Any) -> Case:
    """Return one application of one task for one person who is always there; each day without it costs 24."""
    task = Task(id="A-1", application="A", work_hours=work_hours, team=SYSTEM)
    return Case(
        starts_at=START,
        people=(Person(id="anne", skills=("system",)),),
        applications=(Application(id="A"),),
        tasks=(Task(**{name: getattr(task, name) for name in task.__struct_fields__} | changes),),
        services=(Service(id="care", requires=("A",), impact=(Impact(from_day=0, per_day=24.0),)),),
        uncertainty=uncertainty,
    )
