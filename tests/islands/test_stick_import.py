"""A stick carried from one island to another, and what comes of it."""

import os
import shutil
from pathlib import Path

import pytest
from carried import MINUTE_US, SATURDAY_0310_US, Isle, carry, introduce, isle

from releve.islands.exchange import parts
from releve.islands.exchange.identity import read_mirror_signer
from releve.islands.exchange.parts import StickError
from releve.islands.exchange.peers import read_peers
from releve.islands.exchange.puller import Puller
from releve.islands.exchange.stick import Exported
from releve.islands.sticks.taking_in import Arrived, import_stick
from releve.islands.sticks.writing import export_stick
from releve.journal.blobs import BlobStore
from releve.journal.folder import blobs_path, log_path
from releve.journal.reader import LogReader
from releve.journal.store import LogLock
from releve.journal.verify import verify_folder

# So that a few hundred entries fill several parts.
pytestmark = pytest.mark.usefixtures("small_parts")


@pytest.fixture
def c(tmp_path: Path) -> Isle:
    """Return a third island."""
    return isle(tmp_path, "c")


def take(usb: Path, reader: Isle, *, minute: int = 60, again: bool = False) -> Arrived:
    """Read the stick on an island."""
    peers = read_peers(reader.data)
    assert peers is not None
    now_us = SATURDAY_0310_US + minute * MINUTE_US
    return import_stick(
        reader.data,
        usb,
        peers=peers,
        puller=lambda: Puller(
            reader.data, peers, signer=read_mirror_signer(reader.data), now_us=lambda: now_us
        ),
        identity=reader.secret,
        recipients=(reader.identity.recipient, *(peer.recipient for peer in peers.peers)),
        now_us=now_us,
        again=again,
    )


def put(
    sender: Isle, usb: Path, *, since: str = "last", minute: int = 0, only: tuple[str, ...] = ()
) -> list[Exported]:
    """Write the stick on an island."""
    return export_stick(
        sender.data, usb, since=since, only=only, now_us=SATURDAY_0310_US + minute * MINUTE_US
    )


def same_log(one: Isle, other: Isle, origin: str) -> None:
    """Check that both islands hold the same log, and that all of it is as promised."""
    heads = []
    for isle_ in (one, other):
        with LogReader(log_path(isle_.data, origin, 1)) as reader:
            heads.append((reader.head().size, reader.head().root))
    assert heads[0] == heads[1]
    assert [str(finding) for finding in verify_folder(other.data)] == []


def test_a_stick_brings_one_islands_journal_to_another(a: Isle, b: Isle, usb: Path) -> None:
    """No cable, no network, one person who walks: the copy must be as good as over the network."""
    introduce(a, b)
    body = os.urandom(70_000)
    digest = a.record_blob(body)
    put(a, usb)

    told = take(usb, b)

    assert (told.exports, told.entries, told.bad, told.refused, told.receipt) == (1, 603, (), (), True)
    assert [(log.origin, log.carried, log.held, log.ended) for log in told.logs] == [("a", 603, 603, "whole")]
    same_log(a, b, "a")
    assert BlobStore(blobs_path(b.data)).get(digest) == body
    assert not (b.data / "incoming").exists()


def test_the_same_stick_twice_changes_nothing(a: Isle, b: Isle, usb: Path) -> None:
    """Nobody at night knows whether the stick was already read."""
    introduce(a, b)
    put(a, usb)
    take(usb, b)

    assert take(usb, b, minute=61).exports == 0
    told = take(usb, b, minute=62, again=True)
    assert (told.exports, told.entries, told.logs[0].ended) == (1, 0, "whole")


def test_a_stick_that_comes_back_with_a_receipt_takes_only_what_is_new(
    a: Isle, b: Isle, usb: Path, tmp_path: Path
) -> None:
    """The same stick goes back and forth each evening: it must not fill up, nor take an hour."""
    introduce(a, b)
    put(a, usb)
    take(usb, b)
    a.record(40, start=600)

    (again,) = put(a, usb, minute=90)
    other = tmp_path / "other"
    other.mkdir()
    (elsewhere,) = put(a, other, minute=91)  # what the receipt said is remembered

    assert again.entries == elsewhere.entries == 40
    assert take(other, b, minute=95).entries == 40
    same_log(a, b, "a")
    assert put(a, usb, minute=96) == []  # it lies on the stick already


def test_without_a_receipt_everything_is_taken(a: Isle, b: Isle, c: Isle, usb: Path, tmp_path: Path) -> None:
    """What nobody signed for may be lost: it is carried again, to whoever lacks it."""
    introduce(a, b, c)
    put(a, usb)
    take(usb, b)
    (usb / parts.FOLDER / parts.RECEIPTS).rename(tmp_path / "receipts")
    other = tmp_path / "other"
    other.mkdir()

    assert put(a, other, minute=90)[0].entries == 602
    shutil.copytree(tmp_path / "receipts", usb / parts.FOLDER / parts.RECEIPTS)
    shutil.rmtree(other / parts.FOLDER)
    put(a, usb, minute=91)
    assert put(a, other, minute=92)[0].entries == 602  # c has nothing yet
    shutil.rmtree(other / parts.FOLDER)
    assert put(a, other, minute=93, only=("b",)) == []


def test_a_relay_carries_everyones_journal(a: Isle, b: Isle, c: Isle, usb: Path, tmp_path: Path) -> None:
    """The island that is cut off is reached by whoever walks past."""
    introduce(a, b, c)
    put(a, usb)
    take(usb, b)
    other = tmp_path / "other"
    other.mkdir()
    put(b, other, minute=70)

    told = take(other, c, minute=80)

    assert [(log.origin, log.ended) for log in told.logs] == [("a", "whole"), ("b", "whole")]
    same_log(a, c, "a")


def test_what_lies_between_two_sticks_is_missed_and_told(a: Isle, b: Isle, usb: Path, tmp_path: Path) -> None:
    """A lost stick leaves a gap: nothing beyond it is believed, and whoever stands there is told what to ask for."""
    introduce(a, b)
    carry(a, usb, b, starts={("a", 1): 300})

    told = take(usb, b)

    assert [(log.ended, log.held) for log in told.logs] == [("gap", 0)]
    other = tmp_path / "other"
    other.mkdir()
    put(a, other, since="")
    assert take(other, b, minute=70).logs[0].ended == "whole"
    assert take(usb, b, minute=80).logs[0].ended == "whole"


def test_an_import_goes_on_where_the_stick_was_pulled_out(
    a: Isle, b: Isle, usb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was verified is kept; the rest comes when the stick is back."""
    introduce(a, b)
    a.record(900, start=600)
    (told,) = put(a, usb)
    hidden = usb.parent / "hidden"
    hidden.mkdir()
    for path in sorted(told.folder.glob("*.age"))[4:]:
        path.rename(hidden / path.name)

    first = take(usb, b)
    assert {bad.code for bad in first.bad} == {"missing"}
    assert first.entries == 0
    for path in hidden.iterdir():
        path.rename(told.folder / path.name)

    assert take(usb, b, minute=70).logs[0].ended == "whole"
    same_log(a, b, "a")


def test_a_part_that_was_tampered_with_costs_nothing_but_time(a: Isle, b: Isle, usb: Path) -> None:
    """Nothing of it gets in, and a stick that is whole mends it."""
    introduce(a, b)
    (told,) = put(a, usb)
    part = told.folder / "000002.age"
    raw = part.read_bytes()
    part.write_bytes(raw[:4000] + bytes([raw[4000] ^ 1]) + raw[4001:])

    first = take(usb, b)
    assert [bad.code for bad in first.bad] == ["torn"]
    assert first.logs == () or first.logs[0].ended == "gap"
    part.write_bytes(raw)

    assert take(usb, b, minute=70).logs[0].ended == "whole"


def test_a_forged_journal_on_a_stick_is_refused_and_the_honest_one_taken(
    a: Isle, b: Isle, usb: Path, tmp_path: Path
) -> None:
    """Whoever finds the stick can seal for us; nobody can sign for the island."""
    introduce(a, b)
    (tmp_path / "thief").mkdir()
    thief = isle(tmp_path / "thief", "a")  # same name, other key
    thief.record(700, text="faux")
    carry(thief, usb, b, minute=1)
    put(a, usb, minute=2)

    told = take(usb, b)

    assert [(one.what, one.origin) for one in told.refused] == [("signature", "a")]
    assert [(log.origin, log.held, log.ended) for log in told.logs] == [("a", 602, "whole")]
    same_log(a, b, "a")
    assert list((b.data / "evidence").rglob("why.json"))


def test_an_island_that_nobody_added_brings_nothing(a: Isle, b: Isle, c: Isle, usb: Path) -> None:
    """A stick cannot make an island belong here: only two managers can."""
    introduce(a, b)
    carry(c, usb, b)

    told = take(usb, b)

    assert [(log.origin, log.ended) for log in told.logs] == [("c", "unknown")]
    assert not (b.data / "journal" / "c").exists()


def test_a_restored_island_learns_from_a_stick_that_it_lost_entries(
    a: Isle, b: Isle, usb: Path, tmp_path: Path
) -> None:
    """A copy of last week's disk would write the same numbers again, for other entries."""
    introduce(a, b)
    copy = tmp_path / "copy"
    shutil.copytree(a.data, copy)
    a.record(25, start=600)
    put(a, usb)
    take(usb, b)
    back = tmp_path / "back"
    back.mkdir()
    put(b, back, since="", minute=80)

    told = take(back, a._replace(data=copy), minute=90)

    assert told.ahead == {"a/1": 627}
    assert [(log.origin, log.ended) for log in told.logs] == [("a", "own"), ("b", "whole")]


def test_one_import_at_a_time_and_beside_a_busy_puller(
    a: Isle, b: Isle, usb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The puller may have the same log in hand: the stick waits its turn, it does not fail."""
    introduce(a, b)
    put(a, usb)
    (b.data / "journal" / "a").mkdir()
    busy = LogLock(b.data / "journal" / "a")
    waits = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        busy.close()

    monkeypatch.setattr("releve.islands.sticks.taking_in.time.sleep", wait)

    assert take(usb, b).logs[0].ended == "whole"
    assert len(waits) == 1


def test_a_folder_that_is_no_stick_of_ours_is_told(a: Isle, b: Isle, usb: Path) -> None:
    """The wrong stick, or the wrong folder of it: one sentence says what is looked for."""
    introduce(a, b)
    with pytest.raises(StickError, match="export") as empty:
        take(usb, b)
    with pytest.raises(StickError, match="plugged in") as gone:
        take(usb / "nowhere", b)

    assert (empty.value.code, gone.value.code) == ("empty", "gone")


def test_a_stick_is_only_sealed_for_islands_that_belong(a: Isle, b: Isle, c: Isle, usb: Path) -> None:
    """An island that left, or that nobody added, must not read another evening."""
    with pytest.raises(StickError, match="expected another island"):
        put(a, usb)
    introduce(a, b)
    with pytest.raises(StickError, match="expected an island that belongs here: b"):
        put(a, usb, only=("c",))


def test_a_moment_to_begin_at_is_read_or_refused(a: Isle, b: Isle, usb: Path) -> None:
    """`--since yesterday` must not silently mean everything."""
    introduce(a, b)
    with pytest.raises(StickError, match="2026-11-21"):
        put(a, usb, since="yesterday")

    assert put(a, usb, since="2026-12-24") == []
    assert put(a, usb, since="2026-11-20T00:00")[0].entries == 602
