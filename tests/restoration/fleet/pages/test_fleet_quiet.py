"""The page of the fleet before anything is suspect: what is ready, what to prepare, in words."""

from django.test import Client
from fleet_island import FleetIsland

from releve.restoration.fleet.facts import BatchMade
from screens import words_of


def test_before_any_machine_is_suspect_the_page_says_what_is_ready_and_what_is_missing(
    island: FleetIsland, technician: Client
) -> None:
    """Seven columns of noughts tell nobody that a whole ward is missing on the list."""
    island.machines("T1", "T2")
    island.machines("X1", ward="", room="")

    said = words_of(technician.get("/fleet/"))

    assert "3 machines sont sur la liste postes 3" in said
    assert "1 poste de travail n’est dans aucun service" in said
    assert "1 service n’a aucune machine sur la liste : SSR" in said
    assert "Aucun lot n’est fait" in said
    assert "ré-imagé" not in said

    island.tell(
        BatchMade(act="b1", happened_at=island.now_ms, by="x", batch="B1", name="Chir", tags=("T1", "T2"))
    )
    batched = words_of(technician.get("/fleet/"))
    assert "Aucun lot n’est fait" not in batched
    assert "l’ordre des services est décidé" in batched

    island.tell(island.step("A", "suspect", ["T1"]))
    assert "à nettoyer" in words_of(technician.get("/fleet/"))
