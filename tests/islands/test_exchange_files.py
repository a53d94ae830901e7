"""The small files of the exchange: whom we know, how it stands, what was refused; what one log may take a second."""

from pathlib import Path

import pytest

from releve.islands.exchange.belief import Refused
from releve.islands.exchange.bounded import Bounded
from releve.islands.exchange.evidence import FOLDERS_MAX, evidence_folder, keep_evidence
from releve.islands.exchange.peers import Cut, Peer, Peers, PeersError, peers_path, read_peers, write_peers
from releve.islands.exchange.quota import Bucket
from releve.islands.exchange.source import SourceGone
from releve.islands.exchange.state import Copy, Exchange, exchange_path, read_exchange, write_exchange

C = Peer(
    origin="c",
    name="C",
    epochs={"1": "k1", "2": "k2"},
    audit_epochs={"1": "ka"},
    cuts={"1": Cut(size=3, root_b64="")},
)


def test_whom_we_know_is_read_back_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    """The file says whom we believe: another mode, a doubled island or an odd epoch is an error, never a guess."""
    assert read_peers(tmp_path) is None
    known = Peers(own="a", peers=(C,))
    write_peers(tmp_path, known)
    assert read_peers(tmp_path) == known
    path = peers_path(tmp_path)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    with pytest.raises(PeersError, match="mode 0600"):
        read_peers(tmp_path)
    for wrong in (
        Peers(own="a", peers=(C, C)),
        Peers(own="c", peers=(C,)),
        Peers(own="a", peers=(Peer(origin="b", name="B", epochs={"01": "k"}),)),
    ):
        path.unlink()
        write_peers(tmp_path, wrong)
        with pytest.raises(PeersError, match=r"islands/peers\.json"):
            read_peers(tmp_path)
    path.write_text("{")
    with pytest.raises(PeersError, match=r"islands/peers\.json"):
        read_peers(tmp_path)


def test_an_island_that_left_or_whose_newest_epoch_is_cut_off_is_not_asked() -> None:
    """What the attacker holds is not asked again; what was reborn in a new epoch is."""
    assert C.is_asked
    assert C.keys_of("c") == {"1": "k1", "2": "k2"}
    assert C.keys_of("c-audit") == {"1": "ka"}
    assert not Peer(origin="c", name="C", left=True).is_asked
    assert not Peer(origin="c", name="C", epochs={"1": "k"}, cuts={"1": Cut(size=1, root_b64="")}).is_asked
    assert Peer(
        origin="c", name="C", epochs={"1": "k"}, cuts={"1": Cut(size=1, root_b64="", mode="flag")}
    ).is_asked
    known = Peers(own="a", peers=(C,))
    assert known.of_log("c-audit") == C
    assert known.of_log("d") is None


def test_how_it_stands_is_read_back_and_who_holds_an_entry_is_said(tmp_path: Path) -> None:
    """The marker "saved on two islands" comes from here; without the file nothing is claimed."""
    (tmp_path / "runtime").mkdir()
    assert read_exchange(tmp_path) is None
    exchange = Exchange(at_us=5, own="a", copies={"a/1": {"b": Copy(10, 1), "c": Copy(11, 2)}})
    write_exchange(tmp_path, exchange)
    assert read_exchange(tmp_path) == exchange
    assert exchange.holders("a/1", 9) == ("b", "c")
    assert exchange.holders("a/1", 10) == ("c",)
    assert exchange.holders("a/1", 11) == exchange.holders("b/1", 0) == ()
    exchange_path(tmp_path).write_bytes(b"{")
    assert read_exchange(tmp_path) is None


def test_evidence_is_kept_once_whole_and_never_without_end(tmp_path: Path) -> None:
    """A refusal a second for a night must not fill the disk of the island that refuses."""
    first = Refused("tree", "expected", {"checkpoint": b"x"})
    kept = keep_evidence(tmp_path, first, "c", 1, "b", 7)
    assert kept is not None
    assert (tmp_path / kept / "checkpoint").read_bytes() == b"x"
    assert b'"pulled_from": "b"' in (tmp_path / kept / "why.json").read_bytes()
    assert keep_evidence(tmp_path, first, "c", 1, "b", 8) is None
    for number in range(FOLDERS_MAX + 5):
        again = keep_evidence(
            tmp_path, Refused("tree", "expected", {"checkpoint": b"%d" % number}), "c", 1, "b", 9
        )
    assert again == ""
    assert len(list(evidence_folder(tmp_path, "c", 1).iterdir())) == FOLDERS_MAX


class Full:
    """A source that has everything."""

    def get(self, path: str, limit: int) -> bytes | None:
        """Return a hundred bytes."""
        return bytes(100)

    def close(self) -> None:
        """Nothing is open."""


def test_a_source_gives_no_more_a_second_than_is_allowed_and_not_for_ever() -> None:
    """One island at full speed must leave the line and the time of the others alone."""
    clock = [0.0]
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock[0] += seconds

    bounded = Bounded(Full(), b"checkpoint", (Bucket(1000), Bucket(10_000)), lambda: clock[0], 60.0, sleep)
    assert bounded.get("a/1/checkpoint", 100) == b"checkpoint"
    for _ in range(100):
        bounded.get("a/1/tile/0/000", 8192)
    assert clock[0] == pytest.approx(9.0, abs=0.2), (
        "10,000 bytes at 1,000 a second, the first second for free"
    )
    for _ in range(200):
        bounded.get("a/1/tile/entries/000", 8192)
    assert clock[0] == pytest.approx(30.0, abs=2.0)
    clock[0] = 61.0
    with pytest.raises(SourceGone) as gone:
        bounded.get("a/1/tile/0/000", 8192)
    assert gone.value.trouble == "slow"
