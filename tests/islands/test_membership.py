"""Which islands belong, by what managers signed: the newest introduction, revoked wins, the narrower line."""

from pathlib import Path
from typing import Any

import house_of_islands  # noqa: F401  (sets Django up)
import msgspec
from test_introduction import SHOWN

from releve.hospital.belonging import Belonging, Said, decide
from releve.islands.membership import peers_of
from releve.journal.note import Signer
from releve.journal.power import Statement, origin_mark, told_for
from releve.web.accounts.managers import Managers, counted
from releve.web.database import origin_of

KEY_3 = Signer("releve/b/3", b"n" * 32).verifier.vkey
ROOT = "AAAA"


def said(place: str, kind: str, *, stamp: int = 0, counts: bool = True, **body: Any) -> Said:
    """Return one statement about B."""
    return Said(place=place, kind=f"islands.{kind}.1", island="b", body=body, stamp=stamp, counts=counts)


def joined(place: str, *, lifts: tuple[str, ...] = (), stamp: int = 0, **change: Any) -> Said:
    """Return that B belongs."""
    shown = msgspec.json.decode(msgspec.json.encode(msgspec.structs.replace(SHOWN, **change)))
    return said(place, "joined", stamp=stamp, introduction=shown, lifts=list(lifts))


def cut(place: str, size: int, *, epoch: int = 2, mode: str = "exclude") -> Said:
    """Return a cut line of B."""
    return said(place, "cut", epoch=epoch, size=size, root=ROOT, mode=mode, reason="")


def test_the_last_introduction_holds_and_every_key_stays_known() -> None:
    """An island that moved is reached at its new address; its old epoch is still verified."""
    peers = peers_of(
        "a", [joined("a/1#5"), joined("a/1#9", stamp=2, epoch=3, log=KEY_3, addresses=("10.0.0.9:1",))]
    )

    (b,) = peers.peers
    assert b.addresses == ("10.0.0.9:1",)
    assert b.epochs == {"2": SHOWN.log, "3": KEY_3}
    assert b.audit_epochs == {"7": SHOWN.audit}
    assert b.is_asked


def test_what_nobody_signed_changes_nothing() -> None:
    """An island that was taken over introduces friends."""
    claimed = msgspec.structs.replace(joined("c/1#1"), counts=False)

    assert peers_of("a", [claimed]).peers == ()
    (b,) = peers_of("a", [joined("a/1#5"), msgspec.structs.replace(cut("c/1#2", 1), counts=False)]).peers
    assert (b.left, b.cuts) == (False, {})


def test_of_leaving_and_joining_at_once_leaving_wins_until_it_is_lifted_by_name() -> None:
    """While the network is cut one cell lets an island in again that the other has shut out."""
    left = said("c/1#4", "left", reason="")
    later = joined("a/1#9", stamp=99)

    for order in ([left, later], [later, left]):
        (b,) = peers_of("a", order).peers
        assert (b.left, b.certificate, b.recipient, b.addresses) == (True, "", "", ())
    (b,) = peers_of("a", [left, later, joined("a/1#12", stamp=100, lifts=("c/1#4",))]).peers
    assert (b.left, b.certificate) == (False, SHOWN.certificate)


def test_of_two_lines_the_narrower_one_holds() -> None:
    """Two cells draw a line each; what one of them does not trust is not trusted."""
    belonging = decide([joined("a/1#1"), cut("a/1#2", 40, mode="flag"), cut("c/1#2", 30)])

    line = belonging.line_of("b/2")
    assert line is not None
    assert (line.size, line.mode) == (30, "exclude")
    assert belonging.beyond("b/2#30")
    assert belonging.beyond("b/2#29") is None
    assert belonging.leaves_out == "b/2<30"
    (b,) = peers_of("a", [joined("a/1#1"), cut("a/1#2", 40, mode="flag"), cut("c/1#2", 30)]).peers
    assert (b.cuts["2"].size, b.left) == (30, True)


def test_an_epoch_begun_after_the_line_counts_only_when_its_key_was_signed() -> None:
    """Whoever holds the key of a lost epoch can hand it over to another one of hers."""
    lost = [joined("a/1#1"), cut("a/1#2", 30)]
    named = joined("a/1#7", stamp=9, lifts=("a/1#2",), epoch=3, log=KEY_3)

    assert decide(lost).beyond("b/3#0")
    assert decide(lost).line_of("b/1") is None
    assert decide([*lost, named]).beyond("b/3#0") is None
    assert decide([*lost, named]).beyond("b/2#30")
    key = said("a/1#8", "key", epoch=3, vkey=KEY_3, audit=False)
    assert decide([*lost, key]).line_of("b/3") is None
    audit = said("a/1#8", "key", epoch=8, vkey="releve/b-audit/8+x", audit=True)
    (b,) = peers_of("a", [*lost, key, audit]).peers
    assert (b.epochs["3"], b.audit_epochs["8"]) == (KEY_3, "releve/b-audit/8+x")


def test_no_island_is_its_own_peer_and_an_unknown_log_is_not_bounded() -> None:
    """What is asked about a log of which nobody spoke must not stop the fold."""
    assert peers_of("b", [joined("a/1#1")]).peers == ()
    assert Belonging(islands={}, cuts={}, named={}).line_of("x/1") is None
    assert decide([joined("a/1#1"), cut("a/1#2", 30)]).line_of("x/1") is None


def test_a_signature_counts_where_it_was_meant_to_be_told_and_once() -> None:
    """Whoever copies the log of another island could tell its old statements again as its own."""
    keys = ("one", "two")
    managers = Managers(frozenset(keys))
    nonce = ("00" * 8) + origin_mark("a").hex()
    first, again = Statement("a/1#7", keys, nonce), Statement("a/2#1", keys, nonce)
    elsewhere = Statement("c/1#1", keys, nonce)

    assert told_for(nonce, "a")
    assert not told_for(nonce, "c")
    assert counted([elsewhere, again, first], managers) == {"a/1#7"}
    assert counted([Statement("a/1#7", ("one",), nonce)], managers) == frozenset()


def test_an_island_whose_keys_are_hidden_knows_its_name_by_its_settings(tmp_path: Path) -> None:
    """A process that may not see the key of the log must not take another island's map for its own."""
    assert origin_of(tmp_path) is None
    (tmp_path / "releve.toml").write_text('[island]\norigin = "b"\n', "utf-8")
    assert origin_of(tmp_path) is None
    (tmp_path / "journal" / "b").mkdir(parents=True)
    assert origin_of(tmp_path) == "b"
    (tmp_path / "releve.toml").write_text("[island", "utf-8")
    assert origin_of(tmp_path) is None
