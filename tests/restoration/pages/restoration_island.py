"""An island whose catalogue holds three applications, with a plan of them as its planner would have recorded it."""

import sys
from pathlib import Path
from typing import Any

import msgspec

sys.path.insert(0, str(Path(__file__).parents[1] / "drawing"))
sys.path.insert(0, str(Path(__file__).parents[2] / "departments"))

from small_case import CASE, PLAN
from ward_island import HOSPITAL, HOUR_MS, NOW_MS, WardIsland

from releve.hospital.facts import HospitalMapImported, write_map
from releve.hospital.map import Application
from releve.restoration.case import Case
from releve.restoration.facts import (
    Dated,
    LineSaid,
    LinesSaid,
    PlanAdopted,
    PlanAsked,
    PlanMade,
    RestorationFact,
    TaskReported,
)
from releve.restoration.plan import Plan, write_plan
from releve.restoration.standing.lines import lines_of

CUT_MS = NOW_MS - 30 * HOUR_MS - 10 * 60_000  # hour 30 of the case is now
DATES = (
    Dated(kind="application", id="RESEAU", p50=22, p80=26, p95=40),
    Dated(kind="application", id="SGL", p50=46, p80=60, p95=70),
    Dated(kind="application", id="PACS", p50=90, p80=120, p95=150),
    Dated(kind="service", id="labo", p50=46, p80=60, p95=70),
    Dated(kind="service", id="imagerie", p50=90, p80=120, p95=150),
)


class RestorationIsland(WardIsland):
    """The island of a ward, whose map also knows what is to be brought back."""

    def __init__(self, data: Path) -> None:
        super().__init__(data)
        more = tuple(Application(code=one.id, name=one.name) for one in CASE.applications)
        hospital = msgspec.structs.replace(HOSPITAL, applications=(*HOSPITAL.applications, *more))
        self.say("hospital.map.1", write_map(HospitalMapImported(map=hospital)))

    def tell(self, fact: RestorationFact) -> str:
        """Record a fact; return the place of its entry."""
        self.say(str(fact.__struct_config__.tag), msgspec.msgpack.encode(fact))
        return f"a/1#{len(self.entries) - 1}"

    def catalogue(self, case: Case = CASE) -> None:
        """Say a whole catalogue."""
        lines = tuple(LineSaid(what=line.what, id=line.id, value=line.value) for line in lines_of(case))  # type: ignore[arg-type]
        self.tell(LinesSaid(lines=lines, by="mollivier"))

    def plan(self, *, adopted: bool = True, plan: Plan = PLAN, starts_ms: int = CUT_MS, **more: Any) -> str:
        """Say a plan as the planner process does, and put it in force; return the place of its entry."""
        asked = self.tell(PlanAsked(seconds=10, by="mollivier", by_name="Marc OLLIVIER"))
        entry = self.tell(
            PlanMade(
                asked=asked, plan=write_plan(plan).decode(), starts_at_us=starts_ms // HOUR_MS * HOUR_MS * 1000,
                now_hour=30, case_digest="d", dates=more.pop("dates", DATES), runs=2000, **more,
            )
        )  # fmt: skip
        if adopted:
            self.tell(PlanAdopted(plan=entry, by="ylegoff", by_name="Yann LE GOFF"))
        return entry

    def crisis(self) -> None:
        """Cut the three applications since thirty hours."""
        self.cut("RESEAU", "PACS", "SGL", at_ms=CUT_MS)

    def report(self, task: str, state: Any, *, hours_ago: float = 1, **more: Any) -> str:
        """Say what became of a task."""
        at_us = round((self.now_ms - hours_ago * HOUR_MS) * 1000)
        return self.tell(TaskReported(task=task, state=state, at_us=at_us, by="mollivier", **more))
