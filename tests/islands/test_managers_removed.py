"""A manager's card is lost: two others remove it, and what it signs from then on counts on no island."""

import json
from pathlib import Path

import msgspec
import pytest
from house_of_islands import CARDS_OPEN, PASSPHRASE, PASSWORD, RUNNER, House

from releve.app.cli import app
from releve.hospital.in_force import managers_of
from releve.islands.facts import IslandCut
from releve.journal.cards import make_card, open_card, sign_with
from releve.journal.entry import Draft
from releve.journal.note import Signer
from releve.journal.reader import LogReader
from releve.views.acts import acts_of
from releve.web.accounts import signin
from releve.web.accounts.draft import draft_account, signed
from releve.web.accounts.fold import MANAGERS_KINDS
from releve.web.accounts.trust import managers_now

NEW = {**CARDS_OPEN, "RELEVE_CARD_NEW": PASSPHRASE}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return A, B and C with a third manager; A made an account that the first and the third signed."""
    made = House.joined(tmp_path_factory.mktemp("removed"), "a", "b", "c", wards=("2140", "", "4140"))
    told = managers(made, "a", "add", "third", "--card", str(card_of(made, "third")), "--yes", by=(1, 2))
    assert told["count"] == 3
    account = draft_account(
        made.data("a"), code="hired", family="LE GOFF", given="Anne", role="nurse", wards=("2140",), password=PASSWORD
    )  # fmt: skip
    made.say("a", signed(account, [opened(made, "manager-1"), opened(made, "third")], "a"))
    made.carry("a")
    return made


def card_of(house: House, name: str) -> Path:
    """Return where a manager's card lies."""
    return house.root / "cards" / f"{name}.card"


def opened(house: House, name: str) -> Signer:
    """Return a manager's card, opened."""
    return open_card(card_of(house, name).read_text(), PASSPHRASE)


def managers(house: House, origin: str, *words: str, by: tuple[int | str, int | str] | None = None) -> dict:
    """Run `releve managers …`, signed by two cards."""
    names = [f"manager-{one}" if isinstance(one, int) else one for one in by or ()]
    cards = [word for name in names for word in ("--sign-with", str(card_of(house, name)))]
    told = RUNNER.invoke(
        app, ["managers", *words, *cards, "--data", str(house.data(origin)), "--json"], env=NEW
    )
    return json.loads(told.stdout.splitlines()[-1]) if told.exit_code == 0 else {"refused": told.stderr}


def cut_of_a(house: House, *by: Signer, told_by: str) -> Draft:
    """Return a line against A after its first entries, as whoever has these cards signs it."""
    with LogReader(house.data("a") / "journal" / "a" / "1.sqlite3") as reader:
        head = reader.head()
    fact = IslandCut(island="a", epoch=1, size=head.size, root=head.root, mode="exclude", reason="x")
    body = sign_with("islands.cut.1", msgspec.msgpack.encode(fact), list(by), told_by)
    return Draft(kind="islands.cut.1", body=body, source="evil")


def cuts(house: House, origin: str) -> list[str]:
    """Return the islands against which a line counts, as an island has it."""
    return [one["origin"] for one in house.run(origin, "islands", "list")["islands"] if one["cuts"]]


def test_the_card_that_was_removed_signs_no_cut_line_even_where_the_removal_arrives_later(
    house: House,
) -> None:
    """With one more card whoever has it would cut off the hospital's first island."""
    stolen, other = opened(house, "manager-1"), opened(house, "manager-2")
    assert "expected the cards of two others" in managers(
        house, "a", "remove", "manager-1", "--reason", "card lost", "--yes", by=(1, 2)
    )["refused"]  # fmt: skip
    told = managers(house, "a", "remove", "manager-1", "--reason", "card lost", "--yes", by=(2, "third"))
    assert told["count"] == 2

    # C, owned, tells a line with the lost card; B hears C before it hears of the removal.
    house.say("c", cut_of_a(house, stolen, other, told_by="c"))
    house.carry("c")
    assert cuts(house, "a") == []
    assert cuts(house, "b") == ["a"], "nobody told B yet"
    house.carry("a")
    assert cuts(house, "b") == []

    # Signed on the very islands, with the command itself.
    refused = house.told("b", "islands", "cutline", "a", "1", "3", "--mode", "exclude", "--reason", "x", "--yes",
                         signed=True)  # fmt: skip
    assert refused.exit_code == 1
    assert "card 1" in refused.stderr
    for origin in ("a", "b"):
        house.run(origin, "islands", "list")
        assert managers_now().keys == {other.verifier.vkey, opened(house, "third").verifier.vkey}
        acts = acts_of(house.data(origin), MANAGERS_KINDS)
        assert managers_of(acts, origin) == managers_now(), "the same from the journal alone"
        # What she signed in her time stays.
        assert signin.sign_in("hired", PASSWORD, address=origin).person is not None

    # A itself is cut off before it named the third and removed the first: what two managers signed stands all the same.
    cards = [word for name in ("manager-2", "third") for word in ("--sign-with", str(card_of(house, name)))]
    words = ["islands", "cutline", "a", "1", "3", "--mode", "exclude", "--reason", "taken", "--yes"]
    cut = RUNNER.invoke(app, [*words, *cards, "--data", str(house.data("b")), "--json"], env=NEW)
    assert cut.exit_code == 0, cut.output
    assert cuts(house, "b") == ["a"]
    assert managers_now().keys == {other.verifier.vkey, opened(house, "third").verifier.vkey}

    listed = managers(house, "b", "list")
    assert [one["name"] for one in listed["managers"]] == ["manager-2", "third", "manager-1"]
    assert listed["managers"][-1]["reason"] == "card lost"
    assert "expected a third manager" in managers(
        house, "b", "remove", "third", "--reason", "x", "--yes", by=(2, "third")
    )["refused"]  # fmt: skip
    again = managers(house, "b", "add", "back", "--card", str(card_of(house, "manager-1")), by=(2, "third"))
    assert "never counts again" in again["refused"]
    card_of(house, "stranger").write_text(make_card("stranger", PASSPHRASE))
    assert "card 2" in managers(house, "b", "add", "x", "--card", "x", by=(2, "stranger"))["refused"]
