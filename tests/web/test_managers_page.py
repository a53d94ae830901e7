"""The page of the managers: who holds a card, and what to do on the night when one is lost."""

import pytest
from django.test import Client
from web_island import PASSWORD, Island

from releve.journal.note import Signer
from releve.web.accounts.draft import draft_managers, draft_managers_removed, signed

ONE, TWO, THIRD = (Signer.generate(f"manager/{name}") for name in ("one", "two", "third"))
KEYS = [one.verifier.vkey for one in (ONE, TWO)]


@pytest.fixture
def crisis(client: Client, island: Island) -> Client:
    """Return the browser of somebody of the crisis cell."""
    island.account("cellule", role="crisis", wards=())
    client.post("/sign-in/", {"badge": "cellule", "pin": PASSWORD})
    return client


def test_the_page_says_who_holds_a_card_since_when_and_who_named_her(crisis: Client, island: Island) -> None:
    """Asked by telephone at three: whom do I wake?"""
    assert "personne" in crisis.get("/managers/").content.decode()

    island.append([draft_managers(KEYS)])
    two = crisis.get("/managers/").content.decode()
    island.append([signed(draft_managers([THIRD.verifier.vkey], source="command"), [ONE, TWO], "a")])
    three = crisis.get("/managers/").content.decode()

    assert "à la création de cet îlot" in two
    assert "Deux cartes seulement" in two, "a lost one could not be removed"
    assert "Deux cartes seulement" not in three
    assert "signé par one, two, sur l’îlot a" in three
    assert three.count("<time") >= 3
    assert "releve managers remove NAME" in three


def test_a_card_that_was_removed_stays_on_the_page_with_its_reason(crisis: Client, island: Island) -> None:
    """Found again in a drawer, it must not come into use again."""
    gone = draft_managers_removed([ONE.verifier.vkey], {"a/1": 99}, "carte perdue au parking")
    named = signed(draft_managers([THIRD.verifier.vkey], source="command"), [ONE, TWO], "a")
    island.append([draft_managers(KEYS), named, signed(gone, [TWO, THIRD], "a")])

    page = crisis.get("/managers/").content.decode()

    held, _, removed = page.partition("m-gone")
    assert "<b>one</b>" not in held
    assert "<b>one</b>" in removed
    assert "signé par third, two" in removed
    assert "carte perdue au parking" in removed


def test_what_nobody_signed_names_no_manager(crisis: Client, island: Island) -> None:
    """Whoever holds the island's key can record a name: the page must not repeat it as true."""
    stranger = Signer.generate("manager/stranger")
    island.append([draft_managers(KEYS), draft_managers([stranger.verifier.vkey])])

    assert "stranger" not in crisis.get("/managers/").content.decode()
