"""The process that writes and reads sticks when a page asks it to."""

import os
import shutil
import threading
import time
from pathlib import Path

import pytest
from carried import Isle, introduce, isle

from releve.islands.exchange import parts, stick, unseal
from releve.islands.exchange.puller_process import PullerProcess
from releve.islands.exchange.state import read_exchange
from releve.islands.sticks.process import TRIES_MAX, CarrierProcess
from releve.islands.sticks.request import Carry, Job, Kind, Request, read_carry, write_carry, write_request
from releve.journal.folder import every_log
from releve.journal.reader import LogReader

# So that a few hundred entries fill several parts.
pytestmark = pytest.mark.usefixtures("small_parts")


@pytest.fixture
def isles(tmp_path: Path) -> tuple[Isle, Isle]:
    """Return two islands that know each other; the first holds 600 entries."""
    a, b = isle(tmp_path, "a"), isle(tmp_path, "b")
    a.record(600)
    introduce(a, b)
    return a, b


def ask(one: Isle, usb: Path, kind: Kind, key: str, since: str = "last") -> None:
    """Ask as the page does."""
    write_request(one.data, Request(key=key, kind=kind, path=str(usb), since=since, asked_us=1, by="it1"))


def worked(carrier: CarrierProcess, one: Isle, key: str) -> Job:
    """Let the carrier look until the job has ended; return how."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        carrier.turn()
        carry = read_carry(one.data)
        if carry is not None and carry.job is not None and carry.job.request.key == key and carry.job.ending:
            return carry.job
        time.sleep(0.02)
    raise AssertionError("the job did not end")


def carry(one: Isle, usb: Path, kind: Kind, key: str, since: str = "last") -> Job:
    """Ask, and let a carrier that was just started do it."""
    ask(one, usb, kind, key, since)
    return worked(CarrierProcess(one.data, folders=[str(usb)]), one, key)


def size_of(one: Isle, log: str) -> int:
    """Return how many entries of a log an island holds."""
    for found in every_log(one.data):
        if found.name == log:
            with LogReader(found.path) as reader:
                return reader.size
    return 0


def test_a_stick_goes_there_and_back_and_counts_as_a_copy(isles: tuple[Isle, Isle], usb: Path) -> None:
    """“Saved on two islands” must be true for those whom no network joins either."""
    a, b = isles
    written = carry(a, usb, "write", "1")
    read = carry(b, usb, "read", "2")

    assert (written.ending, written.trouble, written.entries) == ("done", "", size_of(a, "a/1"))
    assert (read.ending, read.trouble, read.complaints) == ("done", "", ())
    assert (read.entries, size_of(b, "a/1"), read.receipt) == (written.entries, written.entries, True)
    assert not (b.data / "incoming").exists()
    assert carry(b, usb, "read", "3").exports == 0  # read before

    again = carry(a, usb, "write", "4")
    assert (again.ending, again.exports) == ("done", 0)  # the receipt says that B holds it

    process = PullerProcess(a.data, threading.Event())
    process._follow_sticks()
    process._write()
    exchange = read_exchange(a.data)
    assert exchange is not None
    assert exchange.holders("a/1", written.entries - 1) == ("b",)
    assert exchange.copies["a/1"]["b"].at_us > 1_700_000_000_000_000


def test_the_page_sees_what_is_plugged_in_and_pressing_twice_is_one_job(
    isles: tuple[Isle, Isle], usb: Path
) -> None:
    """The form's key is the job's: a page that is sent again writes nothing again."""
    a, _ = isles
    carrier = CarrierProcess(a.data, folders=[str(usb)])
    carrier.turn()
    said = read_carry(a.data)
    assert said is not None
    assert said.job is None
    assert [medium.path for medium in said.media] == [str(usb)]

    ask(a, usb, "write", "1")
    first = worked(carrier, a, "1")
    ask(a, usb, "write", "1")
    carrier.turn()
    said = read_carry(a.data)
    assert said is not None
    assert said.job == first
    assert len(list((usb / parts.FOLDER).glob("a-*"))) == 1


def test_a_stick_pulled_out_is_told_so_and_goes_on_afterwards(
    isles: tuple[Isle, Isle], usb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the first thing that happens to somebody in a hurry: said in words, and nothing is copied twice."""
    a, b = isles
    write = stick._write

    def pulled_out(path: Path, content: bytes) -> None:
        if path.name == "000002.age":
            usb.rename(usb.with_name("in a pocket"))
        write(path, content)

    monkeypatch.setattr(stick, "_write", pulled_out)
    stopped = carry(a, usb, "write", "1")
    assert (stopped.ending, stopped.trouble) == ("stopped", "pulled")
    monkeypatch.setattr(stick, "_write", write)
    usb.with_name("in a pocket").rename(usb)
    before = {path.name: path.stat().st_ino for path in usb.rglob("*.age")}

    assert carry(a, usb, "write", "2").ending == "done"

    after = {path.name: path.stat().st_ino for path in usb.rglob("*.age")}
    assert len(before) == 2
    assert before.items() <= after.items()
    assert carry(b, usb, "read", "3").entries == size_of(a, "a/1")


def test_what_was_under_way_when_the_process_died_goes_on(isles: tuple[Isle, Isle], usb: Path) -> None:
    """The web may restart, the carrier may be killed: nobody stands beside it who would press again."""
    a, _ = isles
    ask(a, usb, "write", "1")
    request = Request(key="1", kind="write", path=str(usb), since="last", asked_us=1, by="it1")
    write_carry(a.data, Carry(at_us=1, job=Job(request=request)))

    carrier = CarrierProcess(a.data, folders=[str(usb)])
    carrier.begin_again()
    ended = worked(carrier, a, "1")
    assert (ended.ending, ended.tries) == ("done", 2)

    write_carry(a.data, Carry(at_us=1, job=Job(request=request, tries=TRIES_MAX)))
    carrier = CarrierProcess(a.data, folders=[str(usb)])
    carrier.begin_again()
    assert worked(carrier, a, "1").trouble == "gave-up"


@pytest.mark.parametrize(
    ("number", "trouble"), [(28, "room"), (30, "read-only"), (13, "rights"), (5, "gone")]
)
def test_what_is_wrong_with_a_stick_has_a_word(
    isles: tuple[Isle, Isle], usb: Path, monkeypatch: pytest.MonkeyPatch, number: int, trouble: str
) -> None:
    """Full, locked by its switch, not ours, failing: each needs another hand."""
    a, _ = isles

    def fails(path: Path, content: bytes) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(stick, "_write", fails)
    assert carry(a, usb, "write", "1").trouble == trouble


def test_a_stick_that_is_not_for_us_or_torn_or_empty_is_told_so(
    isles: tuple[Isle, Isle], usb: Path, tmp_path: Path
) -> None:
    """Each of them is somebody's mistake in another place."""
    a, b = isles
    assert carry(b, usb, "read", "0").trouble == "empty"
    carry(a, usb, "write", "1")
    c = isle(tmp_path, "c")
    introduce(c, a)
    told = carry(c, usb, "read", "2")
    assert [(one.code, one.of) for one in told.complaints] == [("not-for-us", "a")]

    part = next(usb.rglob("000002.age"))
    part.write_bytes(part.read_bytes()[:-9])
    told = carry(b, usb, "read", "3")
    assert {one.code for one in told.complaints} == {"torn", "gap"}

    shutil.rmtree(usb)
    assert carry(b, usb, "read", "4").trouble == "pulled"


def test_what_a_killed_import_left_on_the_disk_is_removed(isles: tuple[Isle, Isle], usb: Path) -> None:
    """It is a copy of what lies in the journal anyway, and takes the room of the next one."""
    a, b = isles
    carry(a, usb, "write", "1")
    (b.data / "incoming").mkdir()
    (b.data / "incoming" / "000001").write_bytes(b"left by an import that was killed")

    CarrierProcess(b.data, folders=[str(usb)]).begin_again()
    assert not (b.data / "incoming").exists()

    assert unseal.exports_on(usb / parts.FOLDER)
