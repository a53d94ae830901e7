from django.test import Client
from neighbours import NeighbourIsland

from releve.islands.exchange.peers import Peer
from releve.islands.exchange.state import Copy


def test_the_page_of_the_stick_leads_through_three_actions(nurse: Client, island: NeighbourIsland) -> None:
    """Whoever is sent with a stick at 03:10 never did it before: three actions, and what to type at each machine."""
    island.others(peers=(Peer(origin="b", name="Les Saules", recipient="age1b", epochs={"1": "b"}),))
    island.exchange(copies={"a/1": {"b": Copy(1, island.now_ms * 1000)}})

    text = nurse.get("/islands/stick/").content.decode()

    assert text.count('<h2 id="k-') == 5
    assert 'releve islands export <span class="nowrap">--data' in text
    assert 'releve islands import <span class="nowrap">--data' in text
    assert "Les Saules" in text


def test_an_island_that_lacks_nothing_is_told_to_need_no_stick(
    nurse: Client, island: NeighbourIsland
) -> None:
    """Nobody should walk through the night for what is there already."""
    island.others(
        peers=(
            Peer(origin="b", name="Les Saules", recipient="age1b", epochs={"1": "b"}),
            Peer(origin="c", name="Logistique", recipient="age1c", epochs={"1": "c"}, left=True),
        )
    )
    island.exchange(copies={"a/1": {"b": Copy(1_000, island.now_ms * 1000)}})

    text = nurse.get("/islands/stick/").content.decode()

    assert "aucune clé n’est nécessaire" in text
    assert "Logistique" not in text  # it left: nothing is sealed for it
