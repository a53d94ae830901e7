"""A lost island made anew on a bare machine."""

from pathlib import Path

import msgspec
import pytest
from carried import MINUTE_US, SATURDAY_0310_US, Isle, introduce, isle
from typer.testing import CliRunner

from releve.app.cli import app
from releve.islands.exchange.identity import read_mirror_signer
from releve.islands.exchange.peers import read_peers, write_peers
from releve.islands.exchange.publish import Publisher
from releve.islands.exchange.puller import Puller
from releve.islands.introduction import Introduction, read_text, write_text
from releve.islands.reborn import announce, begin, fetch, peer_of
from releve.islands.sticks.writing import export_stick
from releve.journal.errors import FolderError
from releve.journal.folder import log_path, own_log, start_epoch
from releve.journal.reader import LogReader
from releve.journal.verify import verify_folder


def shown(one: Isle) -> Introduction:
    """Return what an island shows of itself now."""
    log = own_log(one.data)
    with LogReader(log.path) as reader:
        key = reader.opened().key
    return Introduction(
        origin=log.origin, name=log.origin.upper(), epoch=log.epoch, log=key, mirror=one.identity.mirror_vkey,
        recipient=one.identity.recipient, certificate=one.identity.certificate_pem,
    )  # fmt: skip


def pull(reader: Isle, *others: Isle) -> None:
    """Let an island pull from others over what they publish."""
    peers = read_peers(reader.data)
    assert peers is not None
    puller = Puller(reader.data, peers, signer=read_mirror_signer(reader.data))
    for other in others:
        puller.pull_from(Publisher(other.data), other.identity.origin)


@pytest.fixture
def a(tmp_path: Path) -> Isle:
    """Return an island that survives; it holds what b and c recorded."""
    made = {origin: isle(tmp_path, origin) for origin in "abc"}
    for number, one in enumerate(made.values()):
        one.record(300 + number, text=f"îlot {number}")
    introduce(*made.values())
    pull(made["a"], made["b"], made["c"])
    return made["a"]


def test_a_bare_machine_becomes_the_island_that_was_lost(a: Isle, tmp_path: Path) -> None:
    """Everything that was pulled in time is there again, and nobody can go on with the lost key."""
    new = tmp_path / "new"
    said = announce(new, "b", 2, "B", (), ("2140",))
    assert announce(new, "b", 2, "B", (), ("2140",)) == said  # given twice: the same keys

    came, logs = fetch(new, Publisher(a.data), [shown(a)])
    begun = begin(new, [shown(a)], SATURDAY_0310_US + MINUTE_US)

    assert came == 302 + 303 + 304
    assert [(log.origin, log.ended) for log in logs] == [("a", "whole"), ("b", "whole"), ("c", "whole")]
    assert (begun.name, own_log(new).name) == ("b/2", "b/2")
    with LogReader(begun.path) as reader:
        opened = reader.opened()
    assert opened.key == said.log
    with LogReader(log_path(new, "b-audit", 2)) as reader:
        assert reader.opened().key == said.audit
    assert opened.before is not None
    assert opened.before.startswith("releve/b/1\n303\n")
    assert [str(finding) for finding in verify_folder(new)] == []
    peers = read_peers(new)
    assert peers is not None
    assert [peer.origin for peer in peers.peers] == ["a"]


def test_what_nobody_introduced_vouches_for_is_left_out(a: Isle, tmp_path: Path) -> None:
    """A survivor's folder may hold anything; on a bare machine only its own signature says what counts."""
    (a.data / "islands" / "cosigned" / "c.1").unlink()

    _, logs = fetch(tmp_path / "new", Publisher(a.data), [shown(a)])

    assert [(log.origin, log.ended) for log in logs] == [("a", "whole"), ("b", "whole"), ("c", "unknown")]


def test_a_survivor_with_earlier_epochs_is_copied_with_all_of_them(a: Isle, tmp_path: Path) -> None:
    """Its newest epoch restates the last checkpoint of the one before: that is who vouches for it."""
    start_epoch(a.data, "a week has passed", SATURDAY_0310_US + MINUTE_US)

    _, logs = fetch(tmp_path / "new", Publisher(a.data), [shown(a)])

    assert [(log.origin, log.epoch, log.ended) for log in logs][:2] == [("a", 1, "whole"), ("a", 2, "whole")]


def test_an_epoch_that_was_begun_before_is_refused(a: Isle, tmp_path: Path) -> None:
    """Two logs of one name would be the fork that nothing must ever bring about."""
    new = tmp_path / "new"
    announce(new, "b", 1, "B", (), ())
    fetch(new, Publisher(a.data), [shown(a)])

    with pytest.raises(FolderError, match="2 or later"):
        begin(new, [shown(a)], SATURDAY_0310_US)


def test_nothing_is_begun_without_a_copy(a: Isle, tmp_path: Path) -> None:
    """An empty island of the same name would look like one that lost everything."""
    with pytest.raises(FolderError, match="announced"):
        begin(tmp_path / "new", [shown(a)], SATURDAY_0310_US)
    announce(tmp_path / "new", "b", 2, "B", (), ())
    with pytest.raises(FolderError, match="introduced"):
        begin(tmp_path / "new", [shown(a)], SATURDAY_0310_US)


def test_the_command_shows_itself_then_copies_from_a_stick(a: Isle, tmp_path: Path) -> None:
    """Two managers must see the new machine's words before it is given anything."""
    usb, new = tmp_path / "usb", tmp_path / "new"
    usb.mkdir()
    (tmp_path / "a.txt").write_text(write_text(shown(a)), "utf-8")
    command = [
        "islands", "reseed", "--data", str(new), "--origin", "b", "--epoch", "2", "--introduction",
        str(tmp_path / "a.txt"), "--from", str(usb), "--json",
    ]  # fmt: skip

    first = CliRunner().invoke(app, command)
    assert first.exit_code == 3
    assert '"state":"announced"' in first.stdout
    said = read_text((new / "introduction.txt").read_text("utf-8"))
    peers = read_peers(a.data)
    assert peers is not None
    others = tuple(peer for peer in peers.peers if peer.origin != "b")
    write_peers(a.data, msgspec.structs.replace(peers, peers=(*others, peer_of(said))))
    export_stick(a.data, usb, since="", only=(), now_us=SATURDAY_0310_US)

    again = CliRunner().invoke(app, command)

    assert again.exit_code == 0, again.output
    assert '"state":"begun","log":"b/2"' in again.stdout
    assert (new / "releve.toml").read_text("utf-8").count('origin = "b"') == 1
    assert not (new / "incoming").exists()
    third = CliRunner().invoke(app, command)
    assert third.exit_code == 1
    assert "lives there" in third.output
