"""The page of an application: why it is not back before, and what another order would cost."""

import json

import msgspec
from django.test import Client
from restoration_island import RestorationIsland
from small_case import CASE, PLAN

from screens import words_of


def test_why_not_before_is_told_task_by_task(begun: RestorationIsland, technician: Client) -> None:
    """An order that cannot be explained is not followed."""
    from releve.restoration.plan import Binding

    tasks = tuple(
        msgspec.structs.replace(one, binding=Binding(kind="task", id="P1"))
        if one.task == "PG"
        else msgspec.structs.replace(one, binding=Binding(kind="application", id="RESEAU"))
        if one.task == "P1"
        else one
        for one in PLAN.tasks
    )
    begun.plan(plan=msgspec.structs.replace(PLAN, tasks=tasks))

    said = words_of(technician.get("/restoration/application/?id=PACS"))

    assert "suit Archive d’images &lt;PACS&gt; &amp; lecture, Recopier les images" in said
    assert "attend le retour de Cœur de réseau" in said


def test_of_other_ways_those_that_change_the_care_lost_stand_first(
    begun: RestorationIsland, technician: Client
) -> None:
    """Sixty lines of "the same" hide the three that a crisis cell would act on."""
    why = {
        "PACS": {
            "first": {"kind": "first", "id": "", "loss": 46.2, "hour": 30},
            "means": [
                {"kind": "person", "id": "reseau", "loss": -12.0, "hour": 20},
                {"kind": "person", "id": "labo", "loss": 0.1, "hour": 40},
            ],
        }
    }
    begun.plan(why=json.dumps(why))

    page = technician.get("/restoration/application/?id=PACS").content.decode()

    first, _, others = page.partition("Ce qui y changerait quelque chose")
    assert "46 unités de soin de plus seraient perdues" in first
    table, _, alike = others.partition("<details")
    assert "−12" in table
    assert "2 jours plus tôt" in table
    assert "labo" not in table
    assert "1 autre voie ne changerait rien" in alike
    assert "labo" in alike


def test_what_it_costs_to_put_one_first_names_those_who_would_wait(
    begun: RestorationIsland, technician: Client
) -> None:
    """At eight in the morning each head of department asks to be first; the others have names too."""
    later = [{"id": "labo", "loss": 40.0, "hours": 50}]
    first = {"kind": "first", "id": "", "loss": 46.2, "hour": 30, "later": later}
    begun.plan(why=json.dumps({"PACS": {"first": first, "swaps": []}}))

    page = words_of(technician.get("/restoration/application/?id=PACS"))

    assert "Elle serait de retour 2 jours plus tôt." in page
    assert "46 unités de soin de plus seraient perdues : 4 % de ce que perd le plan." in page
    assert "par ceux qui attendraient plus : Laboratoire (+ 2 jours)." in page


def test_how_much_the_date_said_lies_beyond_the_plan_is_told(
    begun: RestorationIsland, technician: Client
) -> None:
    """The plan's tasks end on the 24th and the date is the 26th: somebody adds up and finds two days too many."""
    page = words_of(technician.get("/restoration/application/?id=PACS"))

    assert "+ 2 jours jusqu’à la date dite plus haut" in page


def test_a_chain_longer_than_a_glance_says_how_much_more_there_is(
    begun: RestorationIsland, technician: Client
) -> None:
    """A list that stops without a word reads as if the rest held nothing up."""
    from releve.restoration.case import Task
    from releve.restoration.plan import Binding, PlannedTask

    steps = [
        Task(id=f"S{n}", name=f"Étape {n}", application="PACS", kind="test", work_hours=1) for n in range(15)
    ]
    begun.catalogue(msgspec.structs.replace(CASE, tasks=(*CASE.tasks, *steps)))
    lines = [
        PlannedTask(
            task=f"S{n}", start=900 + n, end=901 + n,
            binding=Binding(kind="task", id=f"S{n - 1}") if n else Binding(kind="start"),
        )
        for n in range(15)
    ]  # fmt: skip
    begun.plan(plan=msgspec.structs.replace(PLAN, tasks=(*PLAN.tasks, *lines)))

    page = technician.get("/restoration/application/?id=PACS").content.decode()

    why = page.partition("Pourquoi pas avant")[2]
    shown, _, chain = why.partition("<details")
    assert "son propre travail\u00a0: 15 tâches" in shown
    assert "Étape 14</b>" not in shown
    assert "de la dernière à la première\u00a0: 15" in chain
    assert all(f"Étape {n}</b>" in chain for n in range(15))


def test_of_what_was_not_weighed_the_page_says_so_and_how_to_ask(
    begun: RestorationIsland, technician: Client
) -> None:
    """Where nothing is said of a need, somebody reads that it costs nothing."""
    way = {"kind": "first", "id": "", "loss": 4.0, "hour": 30}
    why = {"PACS": {"first": way}, "SGL": {"first": way, "needs": [], "means": []}}
    begun.plan(why=json.dumps(why))

    pages = {id_: words_of(technician.get(f"/restoration/application/?id={id_}")) for id_ in ("PACS", "SGL")}

    assert "n’a été calculé que pour 1 des 2 applications" in pages["PACS"]
    assert "releve restoration explain case.json plan.json PACS" in pages["PACS"]
    assert "n’a été calculé" not in pages["SGL"]
