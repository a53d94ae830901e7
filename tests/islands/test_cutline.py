"""An island is trusted up to an entry: the views without the rest, its keys and accounts refused, PINs replaced."""

import contextlib
import shutil
import sqlite3
import subprocess
import sys
import time
from base64 import b64encode
from pathlib import Path

import msgspec
import pytest
from house_of_islands import HOSPITAL, PASSWORD, RUNNER, House

from releve.app.cli import app
from releve.bedside.board import read_ward
from releve.hospital.map import Directory
from releve.hospital.standing import persons_beyond
from releve.islands.exchange.peers import read_peers
from releve.islands.facts import IslandCut
from releve.islands.membership import read_lines
from releve.journal.entry import Draft
from releve.journal.reader import LogReader
from releve.record.tables import Person
from releve.web.accounts import badges, signin
from releve.web.accounts.draft import draft_badge
from releve.web.accounts.ring import ring_of

PIN = "493817"


def admitted(number: str) -> Draft:
    """Return the message by which somebody is admitted."""
    text = (
        f"MSH|^~\\&|GAM|CHV|RELEVE||20261120100000||ADT^A01|{number}|P|2.5\rEVN||20261120100000\r"
        f"PID|||{number}^^^CHV^PI||LE GOFF^ANNE^^^^^L||19450714|F\r"
        f"PV1||I|2140^201^201^CHV||||||||||||||||V{number}|||||||||||||||||||||||||20261120100000\r"
        f"ZBE|M{number}|20261120100000||INSERT|N|A01|^^^^^^UF^^^2140||H\r"
    )
    return Draft(kind="message.hl7v2", body=text.encode(), source="mllp:10.0.0.5")


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return A, B and C that added one another; C recorded two persons, and a third after it was taken."""
    made = House.joined(tmp_path_factory.mktemp("cut"), "a", "b", "c", wards=("2140", "", "4140"))
    made.say("c", admitted("801"), admitted("802"))
    made.say("c", admitted("803"))
    made.carry("c")
    made.run("a", "islands", "list")
    made.run("b", "islands", "list")
    return made


@pytest.fixture
def house(joined: House, tmp_path: Path) -> House:
    """Return a copy of them that a test may change."""
    return joined.copy(tmp_path)


def size_of_c(house: House) -> int:
    """Return how many entries C wrote."""
    with LogReader(house.data("c") / "journal" / "c" / "1.sqlite3") as reader:
        return reader.size


def persons(house: House, origin: str) -> list[str]:
    """Return whom the views of an island know."""
    house.run(origin, "islands", "list")
    return sorted(Person.objects.values_list("id", flat=True))


def cut(house: House, mode: str, *more: str) -> dict[str, object]:
    """Let A draw the line before C's last entry, and carry that to B."""
    line = str(size_of_c(house) - 1)
    told = house.run("a", "islands", "cutline", "c", "1", line, "--mode", mode, "--reason", "pris à 02:00", "--yes",
                     *more, signed=True)  # fmt: skip
    house.carry("a")
    return told


def test_beyond_the_line_nothing_is_folded_on_any_island(house: House) -> None:
    """What the attacker wrote in the night must not be on a ward's board in the morning."""
    assert persons(house, "a") == ["CHV:801", "CHV:802", "CHV:803"]

    told = cut(house, "exclude")

    assert (told["beyond"], told["acts"], told["persons"]) == (1, 0, 1)
    assert persons(house, "a") == ["CHV:801", "CHV:802"]
    assert persons(house, "b") == ["CHV:801", "CHV:802"]
    counts = [house.run(origin, "views", "hash")["tables"]["record_person"] for origin in "ab"]
    assert counts[0] == counts[1]
    # What is drawn later, on the island that heard of it last, gives the same again.
    house.say("c", admitted("804"))
    house.carry("c")
    assert persons(house, "b") == ["CHV:801", "CHV:802"]


def test_what_an_owned_island_claims_of_others_to_one_of_them_only_leaves_the_views_equal(
    house: House,
) -> None:
    """It tells each another story; in the morning the islands compare one number, and must find it the same."""
    claimed = IslandCut(island="b", epoch=1, size=1, root=b"\0" * 32, mode="exclude", reason="panne")
    house.say("c", Draft(kind="islands.cut.1", body=msgspec.msgpack.encode(claimed), source="command"))
    shutil.copytree(house.data("c") / "journal" / "c", house.data("a") / "journal" / "c", dirs_exist_ok=True)
    house.run("a", "islands", "list")
    line = str(size_of_c(house) - 2)
    house.run(
        "a",
        "islands",
        "cutline",
        "c",
        "1",
        line,
        "--mode",
        "exclude",
        "--reason",
        "pris à 02:00",
        "--yes",
        signed=True,
    )
    house.carry("a")

    assert persons(house, "a") == persons(house, "b") == ["CHV:801", "CHV:802"]
    told = [house.run(origin, "views", "hash")["tables"]["hospital_island"] for origin in "ab"]
    assert told[0] == told[1]


def test_with_flags_all_is_shown_and_the_line_is_known(house: House) -> None:
    """A crisis cell may prefer to see everything, marked."""
    cut(house, "flag")

    assert persons(house, "a") == ["CHV:801", "CHV:802", "CHV:803"]
    lines = read_lines(house.data("a"))
    last = size_of_c(house) - 1
    assert lines.beyond(f"c/1#{last}") is not None
    assert lines.beyond(f"c/1#{last - 1}") is None
    assert lines.leaves_out == ""
    assert persons_beyond({"CHV:801", "CHV:802", "CHV:803"}) == {"CHV:803": "Îlot C"}
    directory = Directory(HOSPITAL)
    board = read_ward("2140", directory, {}, now_ms=1_795_227_000_000)
    assert board is not None
    marked = {line.present.head: line.beyond for line in board.lines if line.present is not None}
    assert marked == {"CHV:801": "", "CHV:802": "", "CHV:803": "Îlot C"}


def test_one_act_refuses_certificate_keys_and_accounts_of_the_lost_island(house: House) -> None:
    """At 02:10 nobody can remember five places to close."""
    line = size_of_c(house) - 1
    cut(house, "exclude")
    house.run("b", "islands", "list")

    for origin in "ab":
        peers = read_peers(house.data(origin))
        assert peers is not None
        (lost,) = [peer for peer in peers.peers if peer.origin == "c"]
        assert (lost.left, lost.certificate, lost.addresses) == (True, "", ())
        with LogReader(house.data("c") / "journal" / "c" / "1.sqlite3") as reader:
            root = _root(reader, line)
        assert (lost.cuts["1"].size, lost.cuts["1"].root_b64) == (line, root)
    listed = house.run("b", "islands", "list")["islands"]
    assert [(one["origin"], one["belongs"]) for one in listed] == [("a", True), ("b", True), ("c", False)]


def test_the_state_says_of_an_island_behind_a_line_that_it_is_and_up_to_where(house: House) -> None:
    """Told that it was never reached, somebody looks for a cable and plugs it in again."""
    before = house.run("a", "islands", "status")["islands"]
    assert [(one["step"], one["cut"]) for one in before] == [("unknown", []), ("unknown", [])]

    cut(house, "flag")
    house.run("a", "islands", "leave", "b", "--reason", "bâtiment fermé", "--yes", signed=True)

    told = {one["origin"]: one for one in house.run("a", "islands", "status")["islands"]}
    assert (told["b"]["step"], told["b"]["cut"]) == ("left", [])
    assert told["c"]["step"] == "cut"
    (line,) = told["c"]["cut"]
    said = RUNNER.invoke(app, ["islands", "status", "--data", str(house.data("a"))]).stdout.splitlines()
    rest = {"flag": "shown and marked", "exclude": "left out"}[line["mode"]]
    assert said[0].endswith("belongs no more: nothing is pulled from it or given to it")
    assert said[1].endswith(
        f"given to it; in epoch 1 trusted up to entry {line['size']:,}, the rest is {rest}"
    )


def test_the_lost_island_is_taken_in_again_only_when_managers_lift_the_line_by_name(house: House) -> None:
    """Its first introduction, told again by whoever holds it, must not bring it back."""
    cut(house, "exclude")
    again = house.run("b", "islands", "add", str(house.root / "c.txt"), "--yes", signed=True)

    assert again["added"] == ["c"]
    listed = {one["origin"]: one for one in house.run("b", "islands", "list")["islands"]}
    assert listed["c"]["belongs"]
    assert list(listed["c"]["cuts"]) == ["1"]


def test_after_pins_are_replaced_a_badge_opens_nothing_and_a_password_is_changed_first(house: House) -> None:
    """Whoever owned C held the key under which six figures were sealed."""
    token = badges.new_token()
    house.say("a", draft_badge(house.data("a"), code="nurse.a", token=token, pin=PIN))
    house.carry("a")
    house.run("a", "islands", "list")
    assert signin.enter_by_pin("nurse.a", PIN, address="x").person is not None
    before = set(ring_of(house.data("a")).keys)

    cut(house, "exclude", "--replace-pins")
    sealing = [next(iter(ring_of(house.data(origin)).keys)) for origin in "ab"]
    house.run("b", "islands", "list")
    after_b = next(iter(ring_of(house.data("b")).keys))
    house.run("a", "islands", "list")

    assert sealing[0] == after_b
    assert sealing[0] not in before
    assert signin.enter_by_pin("nurse.a", PIN, address="y").person is None
    assert signin.owner_of_badge(badges.symbol_of(token), address="z").replaced
    entered = signin.sign_in("nurse.a", PASSWORD, address="y", to_change=True).person
    assert entered is not None
    assert entered.once
    assert signin.sign_in("nurse.a", PASSWORD, address="w").first
    house.say("a", draft_badge(house.data("a"), code="nurse.a", token=badges.new_token(), pin=PIN))
    house.run("a", "islands", "list")
    assert signin.enter_by_pin("nurse.a", PIN, address="v").person is not None


def test_a_line_is_shown_before_it_is_drawn_and_needs_both_cards(house: House) -> None:
    """A line one entry too early takes a night's care off the boards."""
    line = str(size_of_c(house) - 1)

    told = house.told(
        "a", "islands", "cutline", "c", "1", line, "--mode", "exclude", "--reason", "x", "--yes"
    )
    far = house.told(
        "a", "islands", "cutline", "c", "1", "999999", "--mode", "flag", "--reason", "x", signed=True
    )
    own = house.told("a", "islands", "cutline", "a", "1", "5", "--mode", "flag", "--reason", "x", signed=True)

    assert told.exit_code == far.exit_code == own.exit_code == 1
    assert "1 entry, 0 of them acts, about 1 person" in told.stderr
    assert "two managers" in told.stderr
    assert "expected at most" in far.stderr
    assert read_lines(house.data("a")).cuts == {}


def test_the_fold_of_a_running_island_follows_a_line_that_arrives(house: House) -> None:
    """Nobody types a command on the island that only hears of it: its boards must change by themselves."""
    assert persons(house, "b") == ["CHV:801", "CHV:802", "CHV:803"]
    cut(house, "exclude")
    data = house.data("b")
    fold = subprocess.Popen([sys.executable, "-m", "releve.app.worker", "fold", "--data", str(data)])
    try:
        deadline = time.monotonic() + 60
        found: list[str] = []
        while len(found) != 2 and time.monotonic() < deadline:
            time.sleep(0.1)
            with (
                contextlib.suppress(sqlite3.Error),
                contextlib.closing(
                    sqlite3.connect(f"file:{data / 'views.sqlite3'}?mode=ro", uri=True)
                ) as views,
            ):
                found = [row[0] for row in views.execute("SELECT id FROM record_person ORDER BY id")]
    finally:
        fold.terminate()
        fold.wait(timeout=20)

    assert found == ["CHV:801", "CHV:802"]
    peers = read_peers(data)
    assert peers is not None
    assert [peer.left for peer in peers.peers] == [False, True]


def _root(reader: LogReader, size: int) -> str:
    from releve.journal.tree import edge_at

    return b64encode(edge_at(size, reader.tile_hashes()).root()).decode()
