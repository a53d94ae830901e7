"""The batches of the plan are the machines that the fleet counts, and are as far as the fleet says."""

import sys
from pathlib import Path

import msgspec
from django.test import Client

sys.path.insert(0, str(Path(__file__).parents[1] / "drawing"))

from fleet_island import IMAGE, REPORT_SHA, FleetIsland
from small_case import CASE
from ward_island import HOSPITAL, HOUR_MS

from releve.hospital.map import Directory
from releve.restoration.case import Case
from releve.restoration.catalogue.batches import batch_id, batches_of
from releve.restoration.facts import LineSaid, LinesSaid
from releve.restoration.fleet.facts import BatchMade
from releve.restoration.fleet.progress import Counted, ward_progress
from releve.restoration.standing.lines import lines_of
from releve.restoration.standing.now import CutNow, RestorationNow, restoration_now
from screens import words_of

DIRECTORY = Directory(HOSPITAL)


def _catalogue(island: FleetIsland) -> None:
    made = batches_of(DIRECTORY, "", {"2140": 20}, language="fr", supposed=False)
    case: Case = msgspec.structs.replace(
        CASE,
        applications=(*CASE.applications, *made.applications),
        tasks=(*CASE.tasks, *made.tasks),
        services=(
            msgspec.structs.replace(CASE.services[0], id="workplace", shares=made.shares),
            *CASE.services,
        ),
    )
    lines = tuple(LineSaid(what=line.what, id=line.id, value=line.value) for line in lines_of(case))  # type: ignore[arg-type]
    said = LinesSaid(lines=lines, by="x")
    island.say("restoration.lines.1", msgspec.msgpack.encode(said))


def _now(island: FleetIsland) -> RestorationNow:
    cut = CutNow(since_ms=island.now_ms - 30 * HOUR_MS, down=frozenset({"PACS"}), restored={})
    return restoration_now(now_ms=island.now_ms, cut=cut)


def test_a_batch_is_as_far_as_its_machines_and_nobody_says_so_twice(
    island: FleetIsland, technician: Client
) -> None:
    """Four people scan; a second list kept by hand is wrong by noon."""
    _catalogue(island)
    island.machines("T1", "T2")
    island.machines("P1", kind="printer")
    island.cut("DPI", at_ms=island.now_ms - 30 * HOUR_MS)
    work, gate = (f"{batch_id('2140')}-{key}" for key in ("workstations", "gate"))
    assert (_now(island).tasks[work].state, _now(island).tasks[gate].state) == ("todo", "todo")

    island.tell(
        island.step("A", "reimaged", ["T1"], done=("isolated", "collected", "wiped"), image_sha256=IMAGE)
    )
    half = _now(island)

    assert half.tasks[work].state == "started"
    state = next(one for one in half.case.states if one.task == work)
    assert state.remaining_hours == 4  # of the eight hours that twenty supposed machines take
    assert half.told_at(half.case.starts_at_ms)[work] == half.case.now, "counted now, not when the first came"
    page = technician.get(f"/restoration/task/?id={work}")
    assert "1 sur 2 machines" in words_of(page)
    assert b'name="state"' not in page.content
    refused = technician.post("/restoration/tasks/report/", {"task": work, "state": "done", "act_key": "k1"})
    assert refused.status_code == 422
    assert "restoration.task.1" not in island.kinds()

    island.report("R1", "T1", "T2")
    island.tell(
        island.step("B", "checked", ["T1", "T2"], seen=["A"], image_sha256=IMAGE, report="R1",
                    report_sha256=REPORT_SHA)
    )  # fmt: skip
    proved = _now(island)

    assert (proved.tasks[work].state, proved.tasks[gate].state) == ("done", "done")
    assert proved.tasks[f"{batch_id('2140')}-test"].state == "todo"


def test_machines_of_a_crisis_that_is_over_prove_nothing_in_the_next() -> None:
    """They were clean last year."""
    machine = Counted(tag="T1", ward="2140", state="returned", proved=True)

    before = ward_progress([machine], [("T1", "returned", 5)], since_ms=10)["2140"]
    since = ward_progress([machine], [("T1", "suspect", 20), ("T1", "returned", 30)], since_ms=10)["2140"]

    assert (before.reached["collected"].machines, before.proved.machines) == (0, 0)
    assert (since.reached["collected"].first_ms, since.proved.last_ms) == (30, 30)


def test_a_machine_that_went_back_has_not_come_so_far_any_more() -> None:
    """Checked on Monday, infected again on Tuesday: its batch is not done."""
    machine = Counted(tag="T1", ward="2140", state="suspect", proved=False)

    told = ward_progress([machine], [("T1", "checked", 10), ("T1", "suspect", 20)], since_ms=0)["2140"]

    assert told.reached["suspect"].machines == 1
    assert told.reached["collected"].machines == 0


def test_the_catalogue_takes_its_batches_from_what_the_fleet_counts(
    island: FleetIsland, technician: Client
) -> None:
    """The plan stood for twenty machines; the ward has two."""
    _catalogue(island)
    assert b'value="fleet"' not in technician.get("/restoration/catalogue/").content

    island.machines("T1", "T2")
    assert "2 postes de travail sont comptés" in words_of(technician.get("/restoration/catalogue/"))
    assert technician.post("/restoration/catalogue/bring/", {"from": "fleet"}).status_code == 200
    technician.post("/restoration/catalogue/bring/", {"from": "fleet", "step": "say", "act_key": "k1"})

    case = _now(island).case
    assert next(one.name for one in case.applications if one.id == batch_id("2140")).endswith("(2)")
    assert all(one.id != batch_id("4140") for one in case.applications)
    assert "Les lots du plan sont ceux-là" in words_of(technician.get("/restoration/catalogue/"))


def test_the_ward_that_comes_first_weighs_more(island: FleetIsland, technician: Client) -> None:
    """Emergencies before the offices, as somebody decided in the fleet, not a second time in the plan."""
    _catalogue(island)
    island.machines("T1", "T2")
    island.machines("S1", "S2", ward="4140")
    island.tell(
        BatchMade(act="b1", happened_at=island.now_ms, by="x", batch="B1", name="SSR", tags=("S1", "S2"))
    )
    island.tell(
        BatchMade(act="b2", happened_at=island.now_ms + 1, by="x", batch="B2", name="Chir", tags=("T1", "T2"))
    )

    technician.post("/restoration/catalogue/bring/", {"from": "fleet", "step": "say", "act_key": "k1"})

    (workplace,) = (one for one in _now(island).case.services if one.id == "workplace")
    shares = {one.application: one.share for one in workplace.shares}
    assert shares[batch_id("4140")] > shares[batch_id("2140")] > 0
    assert sum(shares.values()) <= 1
