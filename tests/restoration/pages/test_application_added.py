"""An application nobody had thought of is added by its name: it gets the tasks of its template, as from the map."""

import json

from django.test import Client
from restoration_island import RestorationIsland

CATALOGUE = "/restoration/catalogue/"
NEW = {"new_id": "LABO2", "new_name": "Laboratoire du site nord", "act_key": "k2"}


def lines_said(island: RestorationIsland) -> dict[str, list[dict[str, object]]]:
    """Return the values last said, by what they are."""
    said: dict[str, list[dict[str, object]]] = {}
    for line in island.last("restoration.lines.1")["lines"]:
        said.setdefault(line["what"], []).append(json.loads(line["value"]))
    return said


def test_an_application_that_is_added_has_the_tasks_of_its_template(
    island: RestorationIsland, technician: Client
) -> None:
    """Three tasks without a team plan themselves in a day: nobody does them, and the date is a lie."""
    technician.post("/restoration/catalogue/bring/", {"from": "map", "step": "say", "act_key": "k1"})

    answer = technician.post(CATALOGUE, NEW)

    assert answer.status_code == 302
    said = lines_said(island)
    assert [one["owner"] for one in said["application"]] == ["biologiste responsable"]
    kinds = {one.get("kind") for one in said["task"]}
    assert kinds >= {"contain", "rebuild", "restore", "scan", "gate", "harden", "test", "reopen"}
    assert all(one.get("team") for one in said["task"] if one.get("kind") in ("rebuild", "test"))
    assert all(one.get("evidence") for one in said["task"] if one.get("kind") == "gate")


def test_where_the_catalogue_has_other_skills_it_has_three_tasks_to_correct(
    begun: RestorationIsland, technician: Client
) -> None:
    """A skill that nobody has would stop it: the hospital's own skills are chosen on its page."""
    technician.post(CATALOGUE, NEW)

    said = lines_said(begun)
    assert [one.get("kind") for one in said["task"]] == ["rebuild", "test", "gate"]
