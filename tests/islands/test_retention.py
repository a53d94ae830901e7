"""An epoch leaves an island: what matters is restated and proved, the rest is archived, two managers sign."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
from house_of_islands import House

from releve.app.audit_process import open_audit
from releve.app.clock import now_us
from releve.app.commands import retention
from releve.app.retention.archive import MANIFEST
from releve.departments.observations.facts import ObservationCharted
from releve.islands.exchange.dropping import drop_copies
from releve.islands.exchange.peers import read_peers
from releve.islands.exchange.publish import Publisher
from releve.islands.exchange.puller import Puller
from releve.islands.exchange.quota import Quota
from releve.islands.exchange.state import Copy, Exchange, PeerState, write_exchange
from releve.islands.retention_facts import EpochDropped
from releve.journal.blobs import BlobStore
from releve.journal.entry import Draft, Submission
from releve.journal.folder import log_path, logs
from releve.journal.reader import LogReader
from releve.journal.verify import verify_folder
from releve.record.acts import draft_of
from releve.record.tables import Encounter, Person
from releve.views.carried import entry_at
from releve.web.audit.facts import GlassBroken
from releve.web.audit.facts import draft_of as draft_of_audit


def message(trigger: str, ipp: str, day: str, *more: str, bed: str = "201") -> Draft:
    """Return a movement of somebody, as the hospital's identity application sends it."""
    text = "\r".join(
        [
            f"MSH|^~\\&|GAM|CHV|RELEVE||{day}||ADT^{trigger}|{ipp}-{trigger}-{day}|P|2.5",
            f"EVN||{day}",
            f"PID|||{ipp}^^^CHV^PI||NOM{ipp}^^^^^^L||19450714|F",
            f"PV1||I|2140^{bed}^{bed}^CHV||||||||||||||||V{ipp}|||||||||||||||||||||||||20250101100000",
            *more,
        ]
    )
    return Draft(kind="message.hl7v2", body=text.encode(), source="test", subjects=(ipp,))


LONG_AGO = "20250102100000"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return two islands; the first epoch of one tells of many who left long ago, and of one who is there."""
    made = House(tmp_path_factory.mktemp("kept"), "a", "b")
    made.join("2140", "")
    sheet = Draft(kind="message.hl7v2", body=b"x" * 40_000, source="test")  # of nobody: it stays behind
    made.say(
        "a",
        *(message("A01", str(ipp), LONG_AGO) for ipp in range(100, 160)),
        *(message("A03", str(ipp), "20250105100000") for ipp in range(101, 160)),
        message("A08", "100", LONG_AGO, "ZZZ|" + "y" * 40_000),  # a body of its own, which goes on with her
        sheet,
        *(message("A08", str(ipp), LONG_AGO) for ipp in range(101, 160)),
    )
    made.carry("a")
    made.run("b", "islands", "list")
    made.run("a", "epochs", "roll")
    made.run("a", "epochs", "carry")
    return made


@pytest.fixture
def house(made: House, tmp_path: Path) -> House:
    """Return a copy that a test may change."""
    return made.copy(tmp_path / "house")


def archive(house: House, where: Path, epoch: str = "1") -> None:
    """Archive an epoch of A, and let two managers confirm it."""
    house.run("a", "epochs", "archive", epoch, "--to", str(where))
    house.run("a", "epochs", "confirm", "--from", str(where / f"releve-a.{epoch}"), "--where", "coffre B", "--yes",
              signed=True)  # fmt: skip


def let_b_hold_all(house: House) -> None:
    """Let B pull everything, and A know of it."""
    house.carry("a")
    sizes = {}
    for log in logs(house.data("a")):
        with LogReader(log.path) as reader:
            sizes[log.name] = reader.size
    now = now_us()
    copies = {name: {"b": Copy(size, now)} for name, size in sizes.items()}
    state = PeerState(name="B", reached_us=now, tried_us=now)
    write_exchange(house.data("a"), Exchange(at_us=now, own="a", peers={"b": state}, copies=copies))


def drop(house: House, epoch: str = "1") -> dict[str, Any]:
    """Drop an epoch of A."""
    return house.run("a", "epochs", "drop", epoch, "--reason", "un an", "--yes", signed=True)


def seen(house: House, origin: str) -> tuple[list[str], list[str], str]:
    """Return who is present, who is known, and the hash of all views, on an island."""
    house.run(origin, "islands", "list")
    told = house.run(origin, "views", "hash")
    present = Encounter.objects.filter(status="present").values_list("person", flat=True)
    return sorted(present), sorted(Person.objects.values_list("id", flat=True)), told["hash"]


def test_what_matters_is_proved_and_the_rest_goes(house: House, tmp_path: Path) -> None:
    """The disk is not for ever; nobody in a bed may lose a line of her file for it."""
    archive(house, tmp_path / "vault")
    let_b_hold_all(house)
    first, data = log_path(house.data("a"), "a", 1), house.data("a")
    with LogReader(first) as reader:
        told = [entry for entry in reader.read(0, 500) if entry.subjects == ("100",)]
        blobs = [blob for (blob,) in reader.connection.execute("SELECT blob FROM entry WHERE blob NOT NULL")]
    for path in data.glob("blobs/*/*"):
        os.utime(path, (0, 0))

    gone = drop(house)

    assert gone["persons"] == 59
    assert not first.exists()
    assert not (data / "keys" / "a.1.key").exists()
    kept = [BlobStore(data / "blobs").intact(blob) for blob in blobs]
    assert sorted(kept) == [False, True]  # hers stays, for the entry that restates it; what was nobody's goes
    live = seen(house, "a")
    assert live[:2] == (["CHV:100"], ["CHV:100"])
    assert [entry_at(data, "a/1", entry.index) for entry in told] == told
    house.run("a", "views", "rebuild")
    assert seen(house, "a") == live
    assert list(verify_folder(data)) == []


def test_a_late_message_folds_her_again_from_what_was_restated(house: House, tmp_path: Path) -> None:
    """Folded again is all that was ever said of her, out of a file that is gone."""
    archive(house, tmp_path / "vault")
    let_b_hold_all(house)
    drop(house)
    house.say("a", message("A08", "100", "20250101110000", bed="202"))  # earlier than all that is known
    present, _, first = seen(house, "a")
    assert present == ["CHV:100"]
    house.run("a", "views", "rebuild")
    assert seen(house, "a")[2] == first


def test_what_was_restated_once_is_restated_again_by_the_epoch_after(house: House, tmp_path: Path) -> None:
    """Somebody who stays for a year passes through fifty files."""
    archive(house, tmp_path / "vault")
    let_b_hold_all(house)
    drop(house)
    before = seen(house, "a")
    house.run("a", "epochs", "roll")
    archive(house, tmp_path / "vault", "2")
    let_b_hold_all(house)
    drop(house, "2")
    assert [log.name for log in logs(house.data("a")) if log.origin == "a"] == ["a/3"]
    after = seen(house, "a")
    assert after[:2] == before[:2]
    house.run("a", "views", "rebuild")
    assert seen(house, "a") == after


def test_the_other_islands_remove_their_copy_by_the_same_act_and_do_not_pull_it_again(
    house: House, tmp_path: Path
) -> None:
    """What the hospital took out of its journal must not come back from the next building."""
    archive(house, tmp_path / "vault")
    let_b_hold_all(house)
    shutil.copytree(house.data("a") / "journal", tmp_path / "relay" / "journal")
    drop(house)
    house.carry("a")
    before = seen(house, "b")
    peers = read_peers(house.data("b"))
    assert peers is not None
    (peer,) = peers.peers

    assert drop_copies(house.data("b"), peer) == [1]

    assert not log_path(house.data("b"), "a", 1).exists()
    puller = Puller(house.data("b"), peers, quota=Quota(free_bytes_min=0))
    puller.pull_from(Publisher(tmp_path / "relay"), None)
    assert not log_path(house.data("b"), "a", 1).exists()
    assert puller.refused == []
    assert seen(house, "b") == before
    house.run("b", "views", "rebuild")
    present, known, _ = seen(house, "b")
    assert (present, known) == (["CHV:100"], ["CHV:100"])


def test_another_island_removes_nothing_that_was_not_signed_by_two_managers(house: House) -> None:
    """Whoever owns A must not empty the journals of the others."""
    with LogReader(log_path(house.data("a"), "a", 1)) as reader:
        head = reader.head()
    fact = EpochDropped(
        island="a", epoch=1, size=head.size, root=head.root, manifest=b"", removed={}, next_key="", reason=""
    )
    house.say("a", Draft(kind="islands.dropped.1", body=msgspec.msgpack.encode(fact), source="test"))
    house.carry("a")
    house.run("b", "islands", "list")
    peers = read_peers(house.data("b"))
    assert peers is not None
    assert peers.peers[0].dropped == {}


def test_every_reason_keeps_the_epoch_here_and_is_said_in_words(house: House) -> None:
    """Nobody may take out of the journal what a colleague, an application or another island still waits for."""
    data = house.data("a")
    refused = house.told("a", "epochs", "drop", "2", "--reason", "x", "--yes", signed=True)
    assert refused.exit_code == 1
    assert "expected a closed epoch" in refused.stderr
    act = ObservationCharted(
        act="abc", person="CHV:100", visit="V100", ward="2140", function="observe", applications=("DPI",),
        happened_at=now_us() // 1000, by="nurse.a", by_name="N. KERVELLA", note="calme",
    )  # fmt: skip
    house.say("a", draft_of(act))
    audit = open_audit(data, now_us())
    glass = draft_of_audit(
        GlassBroken(
            who="nurse.a", role="nurse", scope="patient", patient="CHV:100", ward="2140", reason="emergency", words="",
            address="", at_us=now_us(), until_us=now_us(),
        )
    )  # fmt: skip
    audit.append([Submission(glass.kind, glass.body, "test")], now_us())
    audit.close()
    house.run("a", "epochs", "roll")

    refused = house.told("a", "epochs", "drop", "2", "--reason", "x", "--yes", signed=True)

    assert refused.exit_code == 1
    lines = [line for line in refused.stderr.splitlines() if line.startswith("  ")]
    assert [line.rpartition("[")[2] for line in lines] == ["owed]", "audit]", "archive]", "peer]", "behind]"]
    assert log_path(data, "a", 2).exists()
    assert house.run("a", "epochs", "status")["epochs"][1]["reasons"][0]["code"] == "owed"


def test_without_the_proof_nothing_goes(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault in what restates is found before the file is gone, not by a nurse afterwards."""
    archive(house, tmp_path / "vault")
    let_b_hold_all(house)
    house.say(
        "a", message("A13", "101", "20250106100000")
    )  # who had left is back: her past is not restated yet
    assert house.told("a", "epochs", "prove", "1").exit_code == 1
    with monkeypatch.context() as patched:
        patched.setattr(retention, "_carry", lambda data, recent_days: None)
        refused = house.told("a", "epochs", "drop", "1", "--reason", "x", "--yes", signed=True)
    assert refused.exit_code == 1
    assert "the views would differ" in refused.stderr
    assert log_path(house.data("a"), "a", 1).exists()
    drop(house)
    assert "CHV:101" in seen(house, "a")[1]


def test_an_archive_that_was_changed_is_not_confirmed(house: House, tmp_path: Path) -> None:
    """The archive is all that will be left: it is read to the last byte before anybody signs for it."""
    house.run("a", "epochs", "archive", "1", "--to", str(tmp_path))
    folder = tmp_path / "releve-a.1"
    checked = subprocess.run(["sha256sum", "-c", MANIFEST], cwd=folder, check=False, capture_output=True)
    assert checked.returncode == 0
    blob = next(folder.glob("blobs/*/*"))
    blob.write_bytes(blob.read_bytes()[:-1] + b"!")
    refused = house.told(
        "a", "epochs", "confirm", "--from", str(folder), "--where", "coffre B", "--yes", signed=True
    )
    assert refused.exit_code == 1
    assert f"{blob.relative_to(folder)}: expected the bytes that the manifest names" in refused.stderr
    again = house.told("a", "epochs", "archive", "1", "--to", str(tmp_path))
    assert "nothing was overwritten" in again.stderr
