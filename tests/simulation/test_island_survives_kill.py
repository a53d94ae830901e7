"""kill -9 of every process of an island at random moments, while messages come in and boards are read."""

import subprocess
import time
from collections import Counter

import pytest
from living_island import RELEVE, LivingIsland, Load, Visitor, chance_of, lived, wait_until

pytestmark = [pytest.mark.soak, pytest.mark.timeout(0)]

# "supervisor": `releve serve` alone; "all": every process in the same instant, as when the power goes.
VICTIMS = ("recorder", "gateway", "fold", "web", "packs", "audit", "supervisor", "all")


def test_kill_of_any_process_loses_nothing_and_it_comes_back_alone(island: LivingIsland, rounds: int) -> None:
    """Rule 1 of the house, for the whole island: what a sender was promised is there, byte for byte, once."""
    chance = chance_of()
    island.serve()
    visitor = Visitor(island)
    wait_until(lambda: visitor.get("/sign-in/")[0] == 200, "the page to sign in")
    visitor.sign_in()
    victims: list[str] = []

    with Load(island, lived(6 * rounds, patients=60)) as load:
        for _ in range(rounds):
            victims = victims or chance.sample(VICTIMS, len(VICTIMS))
            victim = victims.pop()
            time.sleep(chance.uniform(0.0, 0.5))
            end_and_wait(island, victim)
            load.wait_for_more(f"messages after {victim}")
            wait_until(lambda: visitor.answers("/ward/"), f"boards after {victim}")

    hold_to_promise(island, load)
    hold_to_a_rebuild(island)
    assert 500 not in visitor.statuses


def end_and_wait(island: LivingIsland, victim: str) -> None:
    """End a process without warning; return when another one stands in its place."""
    dead = island.kill(victim)
    if victim in ("supervisor", "all"):
        island.serve()  # what the machine's own service manager does
    else:
        wait_until(lambda: island.processes().get(victim, dead) != dead, f"{victim} to come back")


@pytest.mark.whole
def test_a_rebuild_that_is_killed_leaves_the_live_views_alone(island: LivingIsland) -> None:
    """Somebody closes the laptop; the boards do not notice, and the next rebuild clears up."""
    chance = chance_of()
    island.serve()
    with Load(island, lived(12, patients=60), lines=6, pause_seconds=0.005) as load:
        wait_until(lambda: island.folded() > 400, "something to rebuild")
        for _ in range(2):
            rebuilding = subprocess.Popen([*RELEVE, "views", "rebuild", "--data", str(island.data)])
            wait_until(lambda: len(list(island.data.glob("views.*.sqlite3"))) > 1, "a second generation")
            time.sleep(chance.uniform(0.0, 0.2))
            rebuilding.kill()
            rebuilding.wait()
            load.wait_for_more("messages")

    assert not load.acknowledged - island.messages()
    hold_to_a_rebuild(island)
    assert len(list(island.data.glob("views.*.sqlite3"))) == 1


def hold_to_promise(island: LivingIsland, load: Load) -> None:
    """Every acknowledged message is there once, byte for byte, and every seal holds."""
    stored: Counter[bytes] = island.messages()
    assert load.acknowledged
    assert not load.acknowledged - stored, "acknowledged and not in the journal"
    assert not stored - load.tried, "in the journal more often than it was sent"
    assert island.result("journal", "verify")["ok"]


def hold_to_a_rebuild(island: LivingIsland) -> None:
    """The live views are what the journal gives from the start."""
    island.wait_until_folded()
    live = island.result("views", "hash")
    island.result("views", "rebuild")
    again = island.result("views", "hash")
    assert (again["positions"], again["hash"]) == (live["positions"], live["hash"])
