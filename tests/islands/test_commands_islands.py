"""`releve islands`: introduced, added, left, listed, as managers type it on real journals."""

import json
from pathlib import Path

import pytest
from house_of_islands import CARDS_OPEN, RUNNER, House

from releve.app.cli import app
from releve.islands.exchange.peers import read_peers
from releve.journal.note import Signer


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return two islands that added one another."""
    return House.joined(tmp_path_factory.mktemp("commands"), "a", "b", wards=("2140", "4140"))


def test_two_islands_that_added_one_another_know_how_to_reach_and_to_verify_each_other(house: House) -> None:
    """What the puller reads is only what two managers signed."""
    peers = read_peers(house.data("a"))

    assert peers is not None
    assert peers.own == "a"
    (b,) = peers.peers
    assert (b.origin, b.name, b.addresses, b.wards, b.left) == (
        "b",
        "Îlot B",
        ("10.0.0.2:8443",),
        ("4140",),
        False,
    )
    assert b.certificate.startswith("-----BEGIN CERTIFICATE")
    assert b.epochs["1"].startswith("releve/b/1+")
    assert (house.data("a") / "islands" / "peers.json").stat().st_mode & 0o777 == 0o600


def test_the_list_names_them_and_the_second_time_nothing_is_added(house: House) -> None:
    """At 03:10 the same command is typed twice."""
    known = house.run("a", "islands", "list")
    again = house.run("a", "islands", "add", str(house.root / "b.txt"), "--yes")

    assert [(one["origin"], one["own"], one["belongs"]) for one in known["islands"]] == [
        ("a", True, True),
        ("b", False, True),
    ]
    assert known["claimed"] == []
    assert again == {"added": [], "known": ["b"]}


def test_without_both_cards_nothing_is_added_and_the_words_to_compare_are_shown(
    house: House, tmp_path: Path
) -> None:
    """One manager alone, or an attacker at the keyboard, must not let an island in."""
    changed = (house.root / "b.txt").read_text("utf-8").replace("10.0.0.2:8443", "10.9.9.9:8443")
    (tmp_path / "other.txt").write_text(changed, "utf-8")

    refused = house.told("a", "islands", "add", str(tmp_path / "other.txt"), "--yes")

    assert refused.exit_code == 1
    assert "two managers" in refused.stderr
    assert "in words" in refused.stderr
    peers = read_peers(house.data("a"))
    assert peers is not None
    assert peers.peers[0].addresses == ("10.0.0.2:8443",)


def test_an_introduction_is_printed_to_be_carried_by_hand(house: House) -> None:
    """A stick may be missing; a page can be typed."""
    shown = RUNNER.invoke(
        app, ["islands", "introduce", "--data", str(house.data("a")), "--ward", "2140"], env=CARDS_OPEN
    )

    assert shown.exit_code == 0
    assert shown.stdout.startswith("RELEVE-ISLAND 1\norigin: a\nname: Îlot A\nepoch: 1\n")
    assert "in words" in shown.stderr
    wrong = house.told("a", "islands", "introduce", "--address", "nowhere")
    assert wrong.exit_code == 1
    assert "address" in wrong.stderr


def test_the_state_says_in_plain_words_what_is_saved_only_here(house: House) -> None:
    """Whoever decides to move patients must know what would be lost with this machine."""
    told = RUNNER.invoke(app, ["islands", "status", "--data", str(house.data("a"))])
    line = json.loads(house.told("a", "islands", "status").stdout.strip().splitlines()[-1])

    assert told.exit_code == 0, told.output
    assert "never reached" in told.stdout
    assert "nothing of this island is known to be saved elsewhere" in told.stdout
    assert line["loss_window_minutes"] is None
    assert line["islands"][0]["in_step"] is False
    assert line["exchange_runs"] is False


def test_equal_views_at_equal_entries_are_said_to_be_equal(tmp_path: Path) -> None:
    """Two islands that show different patients are worse than one: the difference must be seen, not met."""
    house = House.joined(tmp_path, "a", "b", wards=("2140", "4140"))

    first = house.run("a", "islands", "status", "--compare")
    house.carry("a")
    second = house.run("b", "islands", "status", "--compare")
    house.carry("b")
    third = house.run("a", "islands", "status")

    assert first["islands"][0]["views"] == "not compared"
    assert second["islands"][0]["views"] == "equal"
    assert third["islands"][0]["views"] == "equal"
    house.run("a", "islands", "leave", "b", "--reason", "bâtiment fermé", "--yes", signed=True)
    house.run("a", "islands", "status", "--compare")
    house.carry("a")
    assert house.run("b", "islands", "status")["islands"][0]["views"].startswith("not comparable")
    peers = read_peers(house.data("a"))
    assert peers is not None
    assert (peers.peers[0].left, peers.peers[0].certificate) == (True, "")


def test_two_managers_name_the_key_of_an_epoch_that_nobody_handed_over(house: House, tmp_path: Path) -> None:
    """An island that began again without its former key would be refused by all others for ever."""
    islands = house.copy(tmp_path)
    own = islands.run("b", "islands", "key")
    assert own["log"].startswith("releve/b/1+")
    vkey = Signer.generate("releve/b/2").verifier.vkey

    alone = islands.told("a", "islands", "key", vkey, "--yes")
    other = islands.told("a", "islands", "key", Signer.generate("releve/b/1").verifier.vkey, "--yes")
    stranger = islands.told("a", "islands", "key", Signer.generate("releve/z/1").verifier.vkey, "--yes")
    known = islands.run("a", "islands", "key", own["log"], "--yes")
    torn = islands.told("a", "islands", "key", vkey[:-6], "--yes")
    named = islands.run("a", "islands", "key", vkey, "--yes", signed=True)

    assert [one.exit_code for one in (alone, other, stranger, torn)] == [1, 1, 1, 1]
    assert "expected two cards" in alone.output
    assert "another key is known for b/1" in other.output
    assert known["entry"] is None
    assert (named["origin"], named["epoch"], named["audit"]) == ("b", 2, False)
    peers = read_peers(islands.data("a"))
    assert peers is not None
    assert peers.peers[0].epochs == {"1": own["log"], "2": vkey}
