import shutil
from pathlib import Path

import pytest

from releve.app import own_log as watching
from releve.app.own_log import OwnLog, lost_entries
from releve.islands.exchange.peers import Peer, Peers, write_peers
from releve.islands.exchange.publish import Publisher
from releve.islands.exchange.puller import Puller
from releve.islands.exchange.state import Exchange, PeerState, write_exchange
from releve.islands.taking_back import take_back
from releve.journal.entry import Submission
from releve.journal.folder import Log, create_island, log_path, open_writer, own_log, read_key
from releve.journal.reader import LogReader
from releve.journal.verify import verify_folder

SATURDAY_0310_US = 1_795_226_999_000_000  # 2026-11-21T02:09:59Z


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return an island that was restored from last week's copy, and has a peer."""
    data = tmp_path / "a"
    create_island(data, "a", True, "Centre hospitalier de Valmont", SATURDAY_0310_US)
    write_peers(data, Peers(own="a", peers=(Peer(origin="b", name="B", addresses=("10.0.0.2:8443",)),)))
    return data


def record(data: Path, text: str, count: int = 1) -> None:
    """Record one entry, or several."""
    writer = open_writer(data)
    entry = Submission("message.hl7v2", text.encode(), "mllp:10.0.0.5")
    writer.append([entry] * count, SATURDAY_0310_US)
    writer.close()


def learn(data: Path, holder: Path) -> None:
    """Let the puller look at what another one holds of this island's log."""
    peers = Peers(own="a", peers=(Peer(origin="b", name="B"),))
    puller = Puller(data, peers)
    puller.pull_from(Publisher(holder), "b")
    write_exchange(data, Exchange(at_us=0, own="a", ahead=dict(puller.ahead), refused=tuple(puller.refused)))


def test_a_restored_island_goes_on_in_a_new_epoch_by_itself(data: Path, tmp_path: Path) -> None:
    """The same numbers for other entries would make two histories of one log: whoever holds the other is refused."""
    later = tmp_path / "later"
    shutil.copytree(data, later)
    record(later, "after the copy was made")
    before = read_key(data, own_log(data)).signer.verifier.vkey
    own = OwnLog(data, own_log, waits=False)
    assert own.may_write()
    assert own_log(data).epoch == 1

    learn(data, later)

    assert own.must_stop()
    assert own.may_write()
    newest = own_log(data)
    assert newest.epoch == 2
    with LogReader(newest.path) as reader:
        opened = reader.opened()
    assert opened.key != before
    assert opened.reason == "an older copy: others hold 3 entries, 2 are here"
    assert OwnLog(data, own_log, waits=False).must_stop() is False  # once is enough


def test_a_clone_that_wrote_other_entries_goes_on_in_a_new_epoch(data: Path, tmp_path: Path) -> None:
    """Two machines from one snapshot: the one that finds the other's entries steps aside."""
    clone = tmp_path / "clone"
    shutil.copytree(data, clone)
    record(data, "here")
    record(clone, "there")

    learn(data, clone)

    assert OwnLog(data, own_log, waits=False).may_write()
    assert own_log(data).epoch == 2


def test_no_other_island_can_make_this_one_change_its_key(data: Path, tmp_path: Path) -> None:
    """An owned island that shows a longer log of ours, signed with a key of its own, changes nothing."""
    forged = tmp_path / "forged"
    create_island(forged, "a", True, "Centre hospitalier de Valmont", SATURDAY_0310_US)
    record(forged, "never said")

    learn(data, forged)

    assert lost_entries(data, own_log(data)) == ""
    assert OwnLog(data, own_log, waits=False).may_write()
    assert own_log(data).epoch == 1


def test_at_a_start_the_others_are_asked_first_but_not_for_long(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry written before the others were asked is one too many; an island alone must come up all the same."""
    now = [100.0]
    own = OwnLog(data, own_log, monotonic=lambda: now[0])
    assert not own.may_write()
    now[0] += watching.FIRST_PULL_SECONDS + 0.1
    assert own.may_write()

    asked = OwnLog(data, own_log, monotonic=lambda: now[0])
    assert not asked.may_write()
    write_exchange(data, Exchange(at_us=1, own="a", peers={"b": PeerState(name="B", tried_us=1 << 60)}))
    assert asked.may_write()

    write_peers(data, Peers(own="a"))
    assert OwnLog(data, own_log, monotonic=lambda: now[0]).may_write()


def test_without_a_new_epoch_nothing_is_recorded(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk keeps the new epoch from beginning: going on in the old one would be worse than waiting."""
    later = tmp_path / "later"
    shutil.copytree(data, later)
    record(later, "after the copy was made")
    learn(data, later)

    def no_room(*_: object) -> None:
        raise watching.JournalError("no room on the disk")

    monkeypatch.setattr(watching, "start_epoch", no_room)
    own = OwnLog(data, own_log, waits=False)

    assert not own.may_write()
    assert not own.may_write()
    assert own.must_stop()


def test_what_others_hold_of_a_restored_island_is_taken_back(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was acknowledged before the disk was put back is shown again, and nothing of it is typed twice."""
    later = tmp_path / "later"
    shutil.copytree(data, later)
    record(later, "after the copy was made", 300)
    learn(data, later)

    def from_later(data: Path, log: Log, now_us: int) -> int:
        return take_back(data, log, now_us, lambda *_: iter([("b", Publisher(later))]))

    monkeypatch.setattr(watching, "take_back", from_later)

    assert OwnLog(data, own_log, waits=False).may_write()

    assert own_log(data).epoch == 2
    with LogReader(log_path(data, "a", 1)) as here, LogReader(log_path(later, "a", 1)) as there:
        assert (here.head().size, here.head().root) == (there.head().size, there.head().root)
    assert [str(finding) for finding in verify_folder(data)] == []
    record(data, "goes on")


def test_a_former_epoch_that_is_another_history_stays_as_it_is(data: Path, tmp_path: Path) -> None:
    """What a clone wrote is for people to compare; nothing of ours is overwritten by it."""
    clone = tmp_path / "clone"
    shutil.copytree(data, clone)
    record(data, "here")
    record(clone, "there", 5)
    former = own_log(data)

    assert take_back(data, former, SATURDAY_0310_US, lambda *_: iter([("b", Publisher(clone))])) == 0
    assert [str(finding) for finding in verify_folder(data)] == []
