"""A plan made by hand: shown with what is wrong first, refused where it is not safe, in force only by a yes."""

import html
import re
from typing import Any

import msgspec
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from restoration_island import DATES, RestorationIsland
from small_case import CASE, PLAN

from releve.restoration.facts import PlanMade
from releve.restoration.making.runtime_files import planner_wanted
from releve.restoration.plan import Plan, PlannedTask, read_plan, write_plan
from screens import words_of

CHECK = "/restoration/plan/check/"


def _moved(**dates: tuple[int, int]) -> Plan:
    """Return the plan in force with these tasks elsewhere, as a file that says nothing else would hold it."""
    tasks = tuple(
        msgspec.structs.replace(one, start=dates[one.task][0], end=dates[one.task][1])
        if one.task in dates
        else one
        for one in PLAN.tasks
    )
    return Plan(tasks=tasks)


def _brought(client: Client, plan: Plan) -> Any:
    return client.post(CHECK, {"file": SimpleUploadedFile("plan.json", write_plan(plan))})


def _kept(client: Client, plan: Plan, **more: str) -> Any:
    shown = _brought(client, plan).content.decode()
    kept = re.search(r'name="kept" value="([^"]+)"', shown)
    text = html.unescape(kept[1]) if kept else write_plan(plan).decode()
    form = {"kept": text, "file": "plan.json", "made_by": "Claire KERMARREC", "act_key": "k1", "step": "keep"}
    return client.post(CHECK, form | more)


def _made(island: RestorationIsland, **more: Any) -> str:
    """Answer the last request as the planner process does; return the place of the plan."""
    asked = island.last("restoration.plan-asked.1")
    return island.tell(
        PlanMade(
            asked=f"a/1#{len(island.entries) - 1}", plan=asked["plan"], starts_at_us=asked["starts_at_us"], now_hour=30,
            case_digest="d", dates=DATES, runs=2000, by_hand=asked["made_by"], **more,
        )
    )  # fmt: skip


def _done(island: RestorationIsland) -> None:
    """Report what the plan in force says of the first thirty hours, so that nothing of it has gone by."""
    island.report("R1", "done", hours_ago=10.2)
    island.report("S1", "started", hours_ago=10.1)
    island.report("P1", "started", hours_ago=10.1)


def test_a_plan_made_by_hand_is_kept_with_its_maker_and_its_parent_and_is_not_in_force(
    begun: RestorationIsland, technician: Client
) -> None:
    """What was moved in another program counts only once it has a name, a forecast and somebody's decision."""
    wanted = planner_wanted(begun.data, after_seconds=1e6)

    answer = _kept(technician, _moved(P2=(50, 80), PG=(80, 80)))

    assert answer.status_code == 302
    asked = begun.last("restoration.plan-asked.1")
    plan = read_plan(asked["plan"].encode())
    assert (asked["made_by"], asked["by_name"], plan.made_by) == (
        "Claire KERMARREC", "Marc OLLIVIER", "Claire KERMARREC",
    )  # fmt: skip
    assert (plan.parent, asked["base"]) == ("plan-1", "a/1#5")
    assert {one.id: one.hour for one in plan.applications}["PACS"] == 80
    assert wanted()
    begun.now_ms += 60_000
    _made(begun)
    said = words_of(technician.get("/restoration/plan/"))
    assert "Un plan plus récent, fait à" in said
    assert "fait à la main par Claire KERMARREC" in said
    assert begun.kinds().count("restoration.adopted.1") == 1
    own = words_of(technician.get("/restoration/plan/", {"plan": f"a/1#{len(begun.entries) - 1}"}))
    assert "Fait à la main par Claire KERMARREC , apporté par Marc OLLIVIER, à partir du plan de 03:10" in own


def test_a_file_descends_from_the_plan_it_names_though_another_is_in_force(
    begun: RestorationIsland, technician: Client
) -> None:
    """The file was written on Monday, another plan adopted on Tuesday: what was moved was moved in Monday's."""
    begun.plan(plan=msgspec.structs.replace(PLAN, id="plan-2"))
    named = msgspec.structs.replace(_moved(P2=(50, 80), PG=(80, 80)), parent="plan-1")

    assert _kept(technician, named).status_code == 302

    asked = begun.last("restoration.plan-asked.1")
    assert (read_plan(asked["plan"].encode()).parent, asked["base"]) == ("plan-1", "a/1#5")
    own = technician.get("/restoration/file/plan.xml").content.decode()
    assert re.search(r"<Subject>[^<]* plan=plan-2 made=2026-11-21T03:10:\d\d[+]01:00</Subject>", own)


def test_a_plan_out_of_order_or_with_nobody_there_is_refused_in_words(
    begun: RestorationIsland, technician: Client
) -> None:
    """Images restored before the network is clean are lost a second time: nobody can agree to that."""
    entries = len(begun.entries)

    shown = words_of(_brought(technician, _moved(PG=(60, 60))))
    refused = _kept(technician, _moved(PG=(60, 60)))
    nobody = _kept(technician, Plan(tasks=tuple(one for one in PLAN.tasks if one.task != "R1")))
    foreign = _kept(technician, Plan(tasks=(*PLAN.tasks, msgspec.structs.replace(PLAN.tasks[0], task="X"))))

    assert "Il ne peut pas être mis en vigueur" in shown
    assert 'value="keep"' not in _brought(technician, _moved(PG=(60, 60))).content.decode()
    assert (refused.status_code, nobody.status_code, foreign.status_code) == (422, 422, 422)
    assert "Ce plan n’est pas sûr" in words_of(refused)
    assert "ne revient jamais" in words_of(nobody)
    assert "celui d’un autre catalogue" in words_of(foreign)
    assert len(begun.entries) == entries


def test_what_else_is_found_takes_a_yes_to_that_very_list(begun: RestorationIsland, cell: Client) -> None:
    """Who overrules the checker has read what it found, and the journal says what that was."""
    _done(begun)
    _kept(cell, _moved(P2=(40, 70)))  # Lina is on two tasks for four hours
    begun.now_ms += 60_000
    entry = _made(begun)
    adopt = {"plan": entry, "act_key": "k2"}

    page = cell.get("/restoration/plan/", {"plan": entry}).content.decode()
    agreed = re.search(r'name="agreed" value="(\w+)"', page)
    assert agreed
    without = cell.post("/restoration/plan/adopt/", adopt)
    other = cell.post("/restoration/plan/adopt/", adopt | {"agreed": "0" * 16})
    assert (without.status_code, other.status_code) == (422, 422)
    assert "Lisez ce qui est trouvé plus bas" in words_of(without)
    assert "Lina est pris par" in words_of(without)

    cell.post("/restoration/plan/adopt/", adopt | {"agreed": agreed[1]})

    said = begun.last("restoration.adopted.1")
    assert (said["plan"], said["despite"]) == (entry, ["double-booking people[p2]"])
    shown = words_of(cell.get("/restoration/plan/"))
    assert "qui a lu 1 remarque du contrôle et a dit oui" in shown
    assert "en vigueur , fait à la main par Claire KERMARREC" in shown
    assert "fait à la main par Claire KERMARREC" in words_of(cell.get("/restoration/"))
    assert "elle a été mise à cette heure à la main" in words_of(
        cell.get("/restoration/application/?id=PACS")
    )


def test_a_plan_that_has_become_unsafe_meanwhile_is_not_put_in_force(
    begun: RestorationIsland, cell: Client
) -> None:
    """Between keeping it and deciding on it somebody may have changed what waits for what."""
    _done(begun)
    _kept(cell, _moved())
    begun.now_ms += 60_000
    entry = _made(begun)
    waits = tuple(
        msgspec.structs.replace(one, after=("P1",)) if one.id == "P2" else one for one in CASE.tasks
    )
    begun.catalogue(msgspec.structs.replace(CASE, tasks=waits))

    refused = cell.post("/restoration/plan/adopt/", {"plan": entry, "act_key": "k2"})

    assert refused.status_code == 422
    assert "Ce plan n’est pas sûr" in words_of(refused)
    assert "Pourquoi il ne peut pas être mis en vigueur" in words_of(refused)
    begun.catalogue()
    assert cell.post("/restoration/plan/adopt/", {"plan": entry, "act_key": "k3"}).status_code == 302


def test_a_plan_by_hand_has_a_maker_and_what_was_brought_is_not_lost(
    begun: RestorationIsland, technician: Client
) -> None:
    """Whoever works by it must know whom to ask; one field left empty costs no second upload."""
    answer = _kept(technician, _moved(), made_by="  ")

    assert answer.status_code == 422
    assert "Écrivez qui a fait ce plan" in words_of(answer)
    assert 'name="kept"' in answer.content.decode()
    assert _kept(technician, _moved(), kept="{}").status_code == 422


def test_a_plan_made_by_hand_is_checked_and_not_kept(begun: RestorationIsland, technician: Client) -> None:
    """The project came back from another program on a stick: is it still a plan?"""
    given = technician.get("/restoration/file/plan.xml").content
    entries = len(begun.entries)

    def told(content: bytes, name: str) -> tuple[int, str]:
        answer = technician.post("/restoration/plan/check/", {"file": SimpleUploadedFile(name, content)})
        return answer.status_code, words_of(answer)

    assert told(given, "plan.xml")[0] == 200
    assert "plan du fichier plan.xml, qui n’est pas encore gardé" in told(given, "plan.xml")[1]
    by_hand = Plan(tasks=(PlannedTask(task="PG", start=0, end=0),))
    status, said = told(write_plan(by_hand), "plan.json")
    assert status == 200
    assert "laissée de côté" in said
    assert "unités de soin perdues" not in said  # it says none, and is not held to it
    assert told(b"<plan/>", "plan.xml")[0] == 422
    assert told(b"", "plan.json")[0] == 422
    assert len(begun.entries) == entries


def test_where_a_plan_made_by_hand_stands_beside_a_computed_one_the_page_says_how_far_they_compare(
    begun: RestorationIsland, technician: Client
) -> None:
    """A director who reads "two days sooner" must know what of it comes of the way it was played."""
    later = tuple(msgspec.structs.replace(one, p80=one.p80 + 48) for one in DATES)
    computed = msgspec.structs.replace(PLAN, id="plan-2", parent="plan-1")
    begun.plan(plan=computed, dates=later)
    alike = words_of(technician.get("/restoration/plan/"))
    tried_alike = words_of(technician.get("/restoration/what-if/"))
    by_hand = msgspec.structs.replace(PLAN, id="plan-3", parent="plan-1")

    begun.plan(plan=by_hand, dates=later, by_hand="Claire KERMARREC")
    said = words_of(technician.get("/restoration/plan/"))
    tried = words_of(technician.get("/restoration/what-if/"))

    assert "Ce qui a bougé depuis le plan d’avant L’un des deux a été fait à la main." in said
    assert "Le plan en vigueur a été fait à la main par Claire KERMARREC. Ce qui s’essaie ici" in tried
    assert "L’un des deux" not in alike
    assert "fait à la main" not in tried_alike
