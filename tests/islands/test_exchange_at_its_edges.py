"""What the exchange's small pieces refuse, and what they wait for."""

import base64
import sys
import threading
from pathlib import Path

import pytest
from carried import isle
from grown import island

from releve.islands.exchange import parts
from releve.islands.exchange.belief import Refused, Terms, check_opened
from releve.islands.exchange.cosign import Cosigner
from releve.islands.exchange.dropping import drop_copies, remove_log
from releve.islands.exchange.layout import LogSize
from releve.islands.exchange.parts import StickError
from releve.islands.exchange.peers import Dropped, Peer, Peers, write_peers
from releve.islands.exchange.puller_process import PullerProcess, _signer
from releve.islands.exchange.quota import Quota
from releve.islands.exchange.state import read_exchange
from releve.islands.exchange.turns import ORIGIN_SECONDS, Turns
from releve.journal.errors import CorruptLog, FolderError, NoteError
from releve.journal.note import Checkpoint, Signer

sys.path.append(str(Path(__file__).parent / "attacks"))
from owned import opened_entry


def test_a_first_entry_that_names_a_key_of_another_log_is_refused() -> None:
    """Signed with it, checkpoints of one log would count for the other."""
    elsewhere = Signer("releve/x/1", bytes(32))
    terms = Terms("c", 1, None, None, None, True, True, Quota(), 1 << 30, 50)

    with pytest.raises(Refused, match="name a key of releve/c/1"):
        check_opened(opened_entry(elsewhere, epoch=1), terms, None)


@pytest.mark.parametrize("vkey", ["", "b", "b+00+!", "b+00+" + base64.b64encode(b"\4short").decode()])
def test_what_is_no_key_of_a_mirror_holds_for_nobody(vkey: str) -> None:
    """It stands in an introduction that was typed or carried."""
    with pytest.raises(NoteError):
        Cosigner(vkey)


def test_a_stick_is_sealed_for_somebody_or_not_at_all(tmp_path: Path) -> None:
    """Sealed for nobody it is lost; open to everybody it is a car park's reading."""
    for recipients in ([], ["age1nobody"]):
        with pytest.raises(StickError) as refused:
            parts.seal(b"x", recipients)
        assert refused.value.code == "recipient"
    sealed = parts.seal(b"x", [isle(tmp_path, "a").identity.recipient])
    for raw, identity, code in (
        (b"no age", "x", "foreign"),
        (sealed[:30] + b"x" * (1 << 17), "x", "foreign"),
        (sealed, "no identity", "identity"),
    ):
        with pytest.raises(StickError) as refused:
            parts.unseal(raw, identity)
        assert refused.value.code == code
    with pytest.raises(StickError):
        parts.read_plan(b"")


def test_what_managers_did_not_sign_for_is_not_removed(tmp_path: Path) -> None:
    """The same name, another history: it is the only proof that there are two."""
    log = island(tmp_path / "b", "b", entries=3)
    peer = Peer(
        origin="b", name="B", certificate="", mirror_key="", recipient="",
        dropped={
            "1": Dropped(size=4, root_b64=base64.b64encode(bytes(32)).decode()),
            "7": Dropped(size=1, root_b64=""),
        },
    )  # fmt: skip

    assert drop_copies(tmp_path / "b", peer) == []
    with pytest.raises(CorruptLog):
        remove_log(tmp_path / "b", "b", 1, 5, bytes(32))
    assert log.path.exists()


def test_what_a_relay_shows_beyond_its_island_is_taken_after_a_while() -> None:
    """An island came back from a copy and lists less than the others hold: what it lost is theirs to bring."""
    turns, listed = Turns(), LogSize("c", 1, 9)
    note = Signer("releve/c/1", bytes(32)).sign(Checkpoint("releve/c/1", 9, bytes(32)).text()).encode()
    turns.reached("c", 0.0)

    assert not turns.grows(listed, "a", b"no checkpoint", 5, 1.0)
    assert not turns.grows(listed, "a", note, 9, 1.0), "the island lists it itself"
    assert not turns.grows(listed, "a", note, 5, 1.0)
    turns.reached("c", 1.0 + ORIGIN_SECONDS / 2)
    assert not turns.grows(listed, "a", note, 5, 1.0 + ORIGIN_SECONDS / 2)
    turns.reached("c", 1.0 + ORIGIN_SECONDS)
    assert turns.grows(listed, "a", note, 5, 1.0 + ORIGIN_SECONDS)


def test_a_puller_without_a_mirror_key_pulls_and_signs_for_nothing(tmp_path: Path) -> None:
    """A key was not restored: copies are better than none, and nobody is told that they are signed for."""
    island(tmp_path / "a", "a")

    assert _signer(tmp_path / "a") is None


def test_a_file_that_fails_holds_up_one_island_and_is_told(tmp_path: Path) -> None:
    """The thread that asks must not end: nobody would notice until the copies are needed."""
    data = tmp_path / "a"
    isle(tmp_path, "a")
    other = isle(tmp_path, "b")
    stop = threading.Event()
    peer = Peer(
        origin="b", name="B", addresses=("192.0.2.1:1",), certificate=other.identity.certificate_pem,
        mirror_key=other.identity.mirror_vkey, recipient=other.identity.recipient, epochs={"1": other.vkey},
    )  # fmt: skip

    class Failing:
        """A source whose files cannot be read."""

        def get(self, path: str, limit: int) -> bytes | None:
            """Fail, and let the process end."""
            threading.Timer(0.2, stop.set).start()
            raise FolderError("expected a file that can be read")

        def close(self) -> None:
            """Nothing is open."""

    process = PullerProcess(data, stop, poll_ms=10, make_source=lambda *_: Failing())
    process._follow_peers()  # nobody is known yet
    write_peers(data, Peers(own="a", peers=(peer,)))
    process.run()

    state = read_exchange(data)
    assert state is not None
    assert state.peers["b"].trouble == "file"
