"""C says whatever gives power, by itself or with one stolen card: nothing of it holds on A or B."""

import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from house_of_islands import HOSPITAL, PASSPHRASE, PASSWORD, House

from releve.crisis.facts import CutConfirmed, CutDeclared, CutWithdrawn
from releve.departments.prescribing.formulary import Formulary, write_formulary
from releve.departments.prescribing.formulary_now import formulary_in_force, switched_in_force
from releve.departments.prescribing.hospital_fold import ChecksEnabled
from releve.hospital.facts import HospitalMapImported, write_map
from releve.hospital.in_force import latest_map
from releve.hospital.map import Directory
from releve.hospital.standing import belonging_now, map_told, statuses_now
from releve.hospital.status import Place
from releve.islands.exchange.peers import Peers, read_peers
from releve.islands.facts import IslandCut, IslandJoined, IslandKey, IslandLeft
from releve.islands.introduction import Introduction, read_text
from releve.journal.cards import make_card, open_card, sign_with
from releve.journal.entry import Draft
from releve.journal.note import Signer
from releve.journal.power import origin_mark, sign_power
from releve.journal.reader import LogReader
from releve.views.acts import acts_of
from releve.web.accounts import badges, signin
from releve.web.accounts.draft import (
    draft_account,
    draft_badge,
    draft_disabled,
    draft_managers,
    draft_password,
    draft_pin,
    draft_reopened,
)
from releve.web.accounts.trust import managers_now

NOW_US = 1_795_227_000_000_000
DIRECTORY = Directory(HOSPITAL)
DEEP = b"\x91" * 30_000 + b"\xc0"
POWERS = ("hospital.map.1", "hospital.formulary.1", "account.managers.1", "account.created.1", "islands.joined.1",
          "islands.cut.1", "crisis.declared.1", "carried.act.1", "carried.epoch.1", "islands.compared.1",
          "observation.charted.1", "crisis.withdrawn.1", "islands.dropped.1")  # fmt: skip


def card(house: House, number: int) -> Signer:
    """Return a manager's card, opened."""
    return open_card((house.root / "cards" / f"manager-{number}.card").read_text(), PASSPHRASE)


def entry(kind: str, fact: Any, **more: Any) -> Draft:
    """Return an entry of C's."""
    body = fact if isinstance(fact, bytes) else msgspec.msgpack.encode(fact)
    return Draft(kind=kind, body=body, source="evil", **more)


def everything(house: House) -> list[Draft]:
    """Return all that C says: each power unsigned, with one stolen card, with cards of its own, copied, poisoned."""
    data = house.data("c")
    own = [open_card(make_card(f"own-{one}", "x"), "x") for one in (1, 2)]
    stolen = card(house, 1)
    thief = Signer.generate("releve/a/1").verifier.vkey
    shown: Introduction = read_text((house.root / "c.txt").read_text())
    fourth = msgspec.structs.replace(
        shown, origin="d", name="D", log=Signer.generate("releve/d/1").verifier.vkey
    )
    about_a = msgspec.structs.replace(
        read_text((house.root / "a.txt").read_text()), log=thief, certificate=shown.certificate, wards=()
    )
    redrawn = msgspec.structs.replace(
        HOSPITAL, name="Redessiné", wards=(), confidential=type(HOSPITAL.confidential)(), exercise=False
    )
    everywhere = (Place(kind="all"),)
    said = {"applications": ("DPI",), "places": everywhere, "since_us": NOW_US, "by": "x", "second": "y"}
    powers = [
        draft_account(data, code="attacker", family="X", given="", role="it", password=PASSWORD),
        draft_account(data, code="nurse.a", family="X", given="", role="it", wards=("2140",), password="another-9"),
        draft_disabled(code="nurse.b"),
        draft_reopened(code="leaver.a", disabling="a/1#9"),
        draft_password(data, code="nurse.a", password="another-9"),
        draft_badge(data, code="nurse.a", token=badges.new_token(), pin="493817"),
        draft_pin(data, code="nurse.a", pin="493817"),
        draft_managers([one.verifier.vkey for one in own]),
        entry("hospital.map.1", write_map(HospitalMapImported(map=redrawn))),
        entry("hospital.formulary.1", write_formulary(Formulary())),
        entry("prescription.checks-enabled.1", ChecksEnabled(checks=("duplicate",), second_at="prescription", by="x",
                                                             by_name="Forgé")),
        entry("crisis.declared.1", CutDeclared(status="down", reason="attack", **said)),
        entry("crisis.declared.1", CutDeclared(status="live", reason="attack", **{**said, "since_us": NOW_US * 9})),
        entry("islands.joined.1", IslandJoined(introduction=fourth)),
        entry("islands.joined.1", IslandJoined(introduction=about_a, lifts=("b/1#9",))),
        entry("islands.left.1", IslandLeft(island="b", reason="x")),
        entry("islands.left.1", IslandLeft(island="a", reason="x")),
        entry("islands.cut.1", IslandCut(island="a", epoch=1, size=1, root=bytes(32), mode="exclude", reason="x",
                                         pins_replaced=True, retires=("k",))),
        entry("islands.key.1", IslandKey(island="a", epoch=2, vkey=thief)),
        entry("islands.key.1", IslandKey(island="b", epoch=1, vkey=thief)),
    ]  # fmt: skip
    by_one = [_signed(draft, [stolen, own[0]]) for draft in powers]
    by_own = [_signed(draft, own) for draft in powers]
    twice = [_signed_twice(draft, stolen) for draft in powers]
    # What two managers truly signed, for A or in A's name, told again by C.
    copied = [
        Draft(kind=act.entry.kind, body=act.entry.body, source="evil")
        for act in acts_of(house.data("a"), ("islands.joined.1", "account.created.1", "account.managers.1"))
        if act.log.startswith(("a/", "b/"))
    ]
    shapes = [DEEP, b"", b"\xc1", b"\x80", b"\x81\xa5power\xc0", b"\x82\xa5power\x80\xa1x\x82\x01\x02\xa1a\x03",
              b"\x82\xa5power\x80\xa1x" + DEEP, b"\xff" * 100]  # fmt: skip
    real = msgspec.msgpack.decode(copied[0].body) | {"x": {1: 2, "a": 3}}
    poisoned = [entry(kind, shape) for kind in POWERS for shape in (*shapes, msgspec.msgpack.encode(real))]
    return [*poisoned, *powers, *by_one, *by_own, *twice, *copied, *poisoned]


def _signed(draft: Draft, cards: list[Signer]) -> Draft:
    return msgspec.structs.replace(draft, body=sign_with(draft.kind, draft.body, cards, "c"))


def _signed_twice(draft: Draft, one: Signer) -> Draft:
    """Return a draft on which one manager's signature stands two times, the second under a name of his own."""
    other = Signer(one.verifier.name + "-2", one._seed)
    nonce = bytes(8) + origin_mark("c")
    return msgspec.structs.replace(draft, body=sign_power(draft.kind, draft.body, [one, other], nonce=nonce))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return A, B and C that added one another, after C said all it could and it was carried."""
    made = House(tmp_path_factory.mktemp("power"), "a", "b", "c")
    made.join("2140", "4140")
    made.say("a", draft_disabled(code="nurse.a2"))
    made.before = {one: read_peers(made.data(one)) for one in "ab"}  # type: ignore[attr-defined]
    made.say("c", *everything(made))
    made.carry()
    return made


@pytest.fixture(params=["a", "b"])
def island(house: House, request: pytest.FixtureRequest) -> str:
    """Return an island whose views are in force, folded with all that C said."""
    house.run(request.param, "islands", "list")
    return str(request.param)


def test_no_account_of_the_attacker_opens_a_door(island: str) -> None:
    """As administrator, unsigned, with one card, with cards of its own, with one card counted twice."""
    assert signin.load_person("attacker") is None
    assert signin.sign_in("attacker", PASSWORD, address="x").person is None


def test_nobodys_role_is_raised_and_nobodys_secret_replaced(house: House, island: str) -> None:
    """Whoever knows the forged password or PIN of A's nurse is nobody; she herself still enters."""
    assert signin.sign_in("nurse.a", "another-9", address="y").person is None
    assert signin.enter_by_pin("nurse.a", "493817", address="y").person is None
    nurse = signin.sign_in("nurse.a", PASSWORD, address="z").person
    assert nurse is not None
    assert (nurse.role, nurse.wards) == ("nurse", ("2140",))


def test_nobody_is_shut_out(island: str) -> None:
    """A disabling by C of who is B's: she works on."""
    assert signin.sign_in("nurse.b", PASSWORD, address="w").person is not None


def test_who_manages_stays(house: House, island: str) -> None:
    """Two cards of the attacker's own are no managers', whoever countersigned."""
    assert managers_now().keys == {card(house, 1).verifier.vkey, card(house, 2).verifier.vkey}


def test_the_map_stays(house: House, island: str) -> None:
    """Wards, identity authority, what is confidential: none of it is redrawn; poisoned maps stop no fold."""
    assert latest_map(house.data(island)).name == HOSPITAL.name
    assert map_told() in {"a/1#3", "b/1#3", "c/1#3"}, "the one that each was made with, signed"


def test_the_formulary_and_the_checks_stay(house: House, island: str) -> None:
    """An empty formulary knows no limit and no product that two people give."""
    formulary = formulary_in_force()
    assert formulary is None or formulary.drugs
    assert switched_in_force().by_name != "Forgé"


def test_no_ward_of_another_changes_its_status(island: str) -> None:
    """C keeps no ward: down or live, early or late, its word is a claim."""
    statuses = statuses_now(DIRECTORY, now_us=NOW_US * 10)
    assert {ward: statuses.at("DPI", ward).status for ward in ("2140", "4140")} == {
        "2140": "live",
        "4140": "live",
    }


def test_who_belongs_stays(house: House, island: str) -> None:
    """No fourth island, nobody gone, no line against A, no key of A or B replaced, no certificate changed."""
    assert read_peers(house.data(island)) == house.before[island]  # type: ignore[attr-defined]
    peers: Peers = house.before[island]  # type: ignore[attr-defined]
    assert {peer.origin for peer in peers.peers} == {"a", "b", "c"} - {island}
    belonging = belonging_now()
    assert set(belonging.islands) == {"a", "b", "c"}
    assert belonging.cuts == {}
    listed = house.run(island, "islands", "list")
    assert all(one["belongs"] and not one["cuts"] for one in listed["islands"])
    assert listed["claimed"], "and all of it is shown as claimed"


def test_a_withdrawal_by_c_lifts_nothing(house: House, tmp_path: Path) -> None:
    """A declared that the application is down; C says that it was withdrawn, confirmed otherwise, restored."""
    copy = house.copy(tmp_path)
    down = CutDeclared(
        applications=("DPI",), places=(Place(kind="all"),), status="down", since_us=NOW_US, reason="attack", by="x",
        second="y",
    )  # fmt: skip
    (receipt,) = copy.say("a", entry("crisis.declared.1", down))
    place = f"a/1#{receipt.index}"
    copy.say(
        "c",
        entry("crisis.withdrawn.1", CutWithdrawn(declaration=place, by="x", second="y")),
        entry("crisis.confirmed.1", CutConfirmed(declaration=place, by="x")),
        entry(
            "crisis.declared.1",
            msgspec.structs.replace(down, status="live", since_us=NOW_US * 2, answers=(place,)),
        ),
    )
    copy.carry()
    copy.run("a", "islands", "list")
    assert statuses_now(DIRECTORY, now_us=NOW_US * 10).at("DPI", "2140").status == "down"


def test_joining_again_after_being_cut_needs_two_managers(house: House, tmp_path: Path) -> None:
    """Revoked and granted at once: C tells its own old introduction, truly signed, after it was cut off."""
    copy = house.copy(tmp_path)
    with LogReader(copy.data("c") / "journal" / "c" / "1.sqlite3") as reader:
        size = reader.size
    copy.run(
        "a",
        "islands",
        "cutline",
        "c",
        "1",
        str(size),
        "--mode",
        "exclude",
        "--reason",
        "x",
        "--yes",
        signed=True,
    )
    copy.carry("a")
    again = [
        Draft(kind=act.entry.kind, body=act.entry.body, source="evil")
        for act in acts_of(copy.data("b"), ("islands.joined.1",))
        if act.log.startswith(("a/", "b/"))
    ]
    copy.say("c", *again)
    copy.carry("c")
    for origin in "ab":
        listed = {one["origin"]: one for one in copy.run(origin, "islands", "list")["islands"]}
        assert not listed["c"]["belongs"]


def test_the_views_of_a_and_b_are_equal_after_all_of_it(house: House) -> None:
    """Whatever C wrote, both say the same of it."""
    counted = [house.run(origin, "views", "hash")["tables"] for origin in "ab"]
    for table in (
        "crisis_declaration",
        "hospital_island",
        "web_managers",
        "prescribing_formulary",
        "hospital_map",
    ):
        assert counted[0].get(table) == counted[1].get(table), table
