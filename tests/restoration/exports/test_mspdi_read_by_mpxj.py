"""Our projects read, and given back, by MPXJ: a reader and writer of MSPDI that other tools are made of."""

import importlib.util
import json
import shutil
import subprocess
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from told_case import told_case, told_plan

from releve.restoration.case import Case
from releve.restoration.exports.mspdi import read_mspdi, write_mspdi
from releve.restoration.invented import generate
from releve.restoration.plan import Plan
from releve.restoration.planner.calendars import calendar_masks, person_mask
from releve.restoration.planner.decode import decode

HORIZON = 3000
PEOPLE = "Ingénieur, de nuit [bât. B]"

_mpxj = importlib.util.find_spec("mpxj")
LIBRARIES = Path(_mpxj.origin).parent / "lib" if _mpxj is not None and _mpxj.origin else None
pytestmark = [
    pytest.mark.skipif(LIBRARIES is None, reason="mpxj is not here: MSPDI is read by our own reader alone"),
    pytest.mark.skipif(shutil.which("java") is None, reason="java is not here: MSPDI is read by our own reader alone"),
]  # fmt: skip


def _converted(content: bytes, folder: Path, ending: str) -> bytes:
    """Return what MPXJ writes of a project that it has read."""
    (folder / "ours.xml").write_bytes(content)
    made = folder / f"theirs.{ending}"
    command = ["java", "-Xshare:auto", "-cp", f"{LIBRARIES}/*", "org.mpxj.sample.MpxjConvert"]
    subprocess.run(
        [*command, str(folder / "ours.xml"), str(made)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return made.read_bytes()


def _case() -> tuple[Case, Plan]:
    case = generate(20, 5)
    named = (msgspec.structs.replace(case.people[0], name=PEOPLE), *case.people[1:])
    case = msgspec.structs.replace(case, people=named)
    return case, decode(case)


def _local(case: Case, hour: int) -> str:
    at = (case.starts_at.astimezone(UTC) + timedelta(hours=hour)).astimezone(ZoneInfo(case.zone))
    return f"{at:%Y-%m-%dT%H:%M:%S}.0"


def test_another_reader_finds_every_task_with_its_dates_its_links_and_its_people(tmp_path: Path) -> None:
    """A file that only its writer can read is not an exchange."""
    case, plan = _case()

    read: dict[str, Any] = json.loads(_converted(write_mspdi(case, plan), tmp_path, "json"))

    tasks = {
        task["text1"]: task
        for task in read["tasks"]
        if task.get("text2") in {each.kind for each in case.tasks}
    }
    assert set(tasks) == {task.id for task in case.tasks}
    dated = {each.task: (tasks[each.task]["start"], tasks[each.task]["finish"]) for each in plan.tasks}
    assert dated == {each.task: (_local(case, each.start), _local(case, each.end)) for each in plan.tasks}
    named = {task["unique_id"]: id_ for id_, task in tasks.items()}
    links = {
        (named[link["predecessor_task_unique_id"]], id_)
        for id_, task in tasks.items()
        for link in task.get("predecessors", ())
        if link["predecessor_task_unique_id"] in named
    }
    assert links == {(before, task.id) for task in case.tasks for before in task.after}
    codes = {one["unique_id"]: one["code"] for one in read["resources"] if one.get("code")}
    given = {(named[one["task_unique_id"]], codes[one["resource_unique_id"]]) for one in read["assignments"]}
    used = {(task.id, use.resource) for task in case.tasks for use in task.uses}
    assert given == {(each.task, person) for each in plan.tasks for person in each.people} | used


@pytest.mark.parametrize("told", [_case, lambda: (told_case(), told_plan())], ids=["invented", "told"])
def test_what_another_writer_makes_of_it_comes_back_as_it_went(tmp_path: Path, told: Any) -> None:
    """Somebody opened it elsewhere and saved it: that alone has changed nothing."""
    case, plan = told()

    theirs = _converted(write_mspdi(case, plan), tmp_path, "xml")
    alone = read_mspdi(theirs)
    reading = read_mspdi(theirs, base=case)

    assert {task.id: task for task in alone.case.tasks} == {task.id: task for task in case.tasks}
    assert {one.id: set(one.needs) for one in alone.case.applications} == {
        one.id: set(one.needs) for one in case.applications
    }
    masks = calendar_masks(case, HORIZON)
    assert calendar_masks(alone.case, HORIZON) == masks
    there = {
        person.id: (person.name, person.skills, person_mask(person, masks, HORIZON)) for person in case.people
    }
    assert there == {
        person.id: (
            person.name,
            person.skills,
            person_mask(person, calendar_masks(alone.case, HORIZON), HORIZON),
        )
        for person in alone.case.people
    }
    assert reading.plan == read_mspdi(write_mspdi(case, plan), base=case).plan
    assert {(each.task, each.start, each.end) for each in reading.plan.tasks} == {
        (each.task, each.start, each.end) for each in plan.tasks
    }
    assert [one for one in reading.remarks if one.severity == "lost"] == []
