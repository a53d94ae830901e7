"""What another island says by itself gives no power here: accounts, map, statuses, managers, islands. Real logs."""

from pathlib import Path

import msgspec
import pytest
from house_of_islands import HOSPITAL, PASSWORD, House

from releve.crisis.facts import CutDeclared, CutWithdrawn
from releve.hospital.facts import HospitalMapImported, write_map
from releve.hospital.in_force import latest_map
from releve.hospital.map import Directory
from releve.hospital.standing import declarations, heeded, map_told, statuses_now
from releve.hospital.status import Place
from releve.islands.facts import IslandCut
from releve.journal.cards import make_card, open_card
from releve.journal.entry import Draft
from releve.journal.reader import LogReader
from releve.web.accounts import signin
from releve.web.accounts.draft import (
    draft_account,
    draft_badge,
    draft_disabled,
    draft_managers,
    draft_password,
    signed,
)

NOW_US = 1_795_227_000_000_000
DIRECTORY = Directory(HOSPITAL)


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return islands A (ward 2140) and B (ward 4140) that added one another."""
    return House.joined(tmp_path_factory.mktemp("across"), "a", "b", wards=("2140", "4140"))


@pytest.fixture
def house(joined: House, tmp_path: Path) -> House:
    """Return a copy of them that a test may change."""
    return joined.copy(tmp_path)


def declared(status: str, *places: str, at_us: int = NOW_US, **more: object) -> Draft:
    """Return the entry by which the DPI has a status in these wards, or everywhere."""
    where = tuple(Place(kind="ward", code=code) for code in places) or (Place(kind="all"),)
    said = CutDeclared(
        applications=("DPI",), places=where, status=status, since_us=at_us, reason="attack", by="x", second="y",
        **more,  # type: ignore[arg-type]
    )  # fmt: skip
    return Draft(kind="crisis.declared.1", body=msgspec.msgpack.encode(said), source="test")


def status(house: House, origin: str) -> dict[str, str]:
    """Return what each ward sees of the DPI on an island."""
    house.run(origin, "islands", "list")
    statuses = statuses_now(DIRECTORY, now_us=NOW_US * 2)
    return {ward: statuses.at("DPI", ward).status for ward in ("2140", "4140")}


def test_an_island_declares_for_its_own_wards_and_only_claims_beyond_them(house: House) -> None:
    """An island that was taken over must not send the wards of the others to paper, nor back to what is down."""
    house.say("b", declared("down"))
    house.carry("b")

    assert status(house, "b") == {"2140": "down", "4140": "down"}
    assert status(house, "a") == {"2140": "live", "4140": "down"}
    (said,) = declarations()
    assert said.wards_only == {"4140"}
    assert heeded() == [said.id]


def test_two_managers_declare_for_every_island(house: House) -> None:
    """One word of the hospital's own must reach all wards, whichever island it was said on."""
    cards = [
        open_card((house.root / "cards" / f"manager-{one}.card").read_text(), "marée haute") for one in (1, 2)
    ]
    for_b = signed(declared("down"), cards, "b")
    house.say("b", for_b)
    house.carry("b")

    assert status(house, "a") == {"2140": "down", "4140": "down"}

    # The same signed words, told by another island or a second time, are an old statement repeated.
    up = signed(declared("live", at_us=NOW_US + 60_000_000), cards, "a")
    house.say("b", up)
    house.carry("b")
    assert status(house, "a")["2140"] == "down"


def test_a_foreign_withdrawal_lifts_nothing_that_was_declared_here(house: House) -> None:
    """The wards would write into an application that an attacker holds."""
    (receipt,) = house.say("a", declared("down"))
    withdrawn = CutWithdrawn(declaration=f"a/1#{receipt.index}", by="x", second="y")
    house.say("b", Draft(kind="crisis.withdrawn.1", body=msgspec.msgpack.encode(withdrawn), source="test"))
    house.carry()

    assert status(house, "a") == {"2140": "down", "4140": "live"}
    # Where it was said, by two people on the spot, it counts.
    assert status(house, "b") == {"2140": "live", "4140": "live"}


def test_down_wins_over_a_live_that_did_not_know_of_it(house: House) -> None:
    """While the network is cut two cells decide at once: the doubt is read as down."""
    (down,) = house.say("a", declared("down", "2140"))
    later = NOW_US * 1_000  # far after anything recorded now
    cards = [
        open_card((house.root / "cards" / f"manager-{one}.card").read_text(), "marée haute") for one in (1, 2)
    ]
    house.say("b", signed(declared("live", at_us=later), cards, "b"))
    house.carry()
    house.run("a", "islands", "list")
    assert statuses_now(DIRECTORY, now_us=later * 2).at("DPI", "2140").status == "down"

    known = declared("live", at_us=later, answers=(f"a/1#{down.index}",))
    house.say("b", signed(known, cards, "b"))
    house.carry()
    house.run("a", "islands", "list")
    assert statuses_now(DIRECTORY, now_us=later * 2).at("DPI", "2140").status == "live"


def test_a_foreign_map_without_signatures_never_comes_into_force(house: House) -> None:
    """A map says who lies where and where each ward writes."""
    redrawn = msgspec.structs.replace(HOSPITAL, name="Redessiné")
    draft = Draft(kind="hospital.map.1", body=write_map(HospitalMapImported(map=redrawn)), source="test")
    house.say("b", draft)
    house.carry("b")
    house.run("a", "islands", "list")

    assert latest_map(house.data("a")).name == HOSPITAL.name
    here = map_told()
    assert here is not None
    assert here.startswith("a/1#") or here == "b/1#3"
    assert latest_map(house.data("b")).name == "Redessiné"

    cards = [
        open_card((house.root / "cards" / f"manager-{one}.card").read_text(), "marée haute") for one in (1, 2)
    ]
    house.say("b", signed(draft, cards, "b"))
    house.carry("b")
    house.run("a", "islands", "list")
    assert latest_map(house.data("a")).name == "Redessiné"
    assert (map_told() or "").startswith("b/1#")


def test_a_forged_account_enters_nowhere_else_and_takes_no_account_away(house: House) -> None:
    """Who owns an island can write anything in its log: it must open no door elsewhere, and shut none."""
    data = house.data("b")
    forged = draft_account(data, code="attacker", family="X", given="", role="it", password=PASSWORD)
    restated = draft_account(data, code="nurse.a", family="X", given="", role="it", password="another-9")
    shut = draft_disabled(code="nurse.a")
    unbadged = draft_badge(data, code="nurse.a", token=None, pin="")
    changed = draft_password(data, code="nurse.a", password="another-9")
    house.say("b", forged, restated, shut, unbadged, changed)
    house.carry("b")
    house.run("a", "islands", "list")

    assert signin.load_person("attacker") is None
    assert signin.sign_in("attacker", PASSWORD, address="x").person is None
    assert signin.sign_in("nurse.a", "another-9", address="x").person is None
    nurse = signin.sign_in("nurse.a", PASSWORD, address="y").person
    assert nurse is not None
    assert (nurse.role, nurse.wards) == ("nurse", ("2140",))


def test_an_account_of_another_island_enters_here_with_its_own_password(house: House) -> None:
    """Her ward moved to this island at night: she has one password."""
    house.run("a", "islands", "list")

    person = signin.sign_in("nurse.b", PASSWORD, address="x").person

    assert person is not None
    assert person.code == "nurse.b"


def test_the_island_that_made_an_account_shuts_it_everywhere(house: House) -> None:
    """Somebody leaves the hospital: her code must not open the other building."""
    house.say("b", draft_disabled(code="nurse.b"))
    house.carry("b")
    house.run("a", "islands", "list")

    assert signin.sign_in("nurse.b", PASSWORD, address="x").person is None


def test_managers_and_cut_lines_of_an_island_that_signed_by_itself_change_nothing(house: House) -> None:
    """An attacker makes cards too."""
    own = [open_card(make_card(f"own-{one}", "x"), "x") for one in (1, 2)]
    with LogReader(house.data("a") / "journal" / "a" / "1.sqlite3") as reader:
        size = reader.size
    cut = IslandCut(island="a", epoch=1, size=1, root=b"\0" * 32, mode="exclude", reason="")
    draft = Draft(kind="islands.cut.1", body=msgspec.msgpack.encode(cut), source="test")
    house.say("b", draft_managers([one.verifier.vkey for one in own]), signed(draft, own, "b"))
    house.carry("b")

    listed = house.run("a", "islands", "list")

    assert all(not island["cuts"] and island["belongs"] for island in listed["islands"])
    assert listed["claimed"] == ["b/1#" + listed["claimed"][0].partition("#")[2]]
    assert size > 1
