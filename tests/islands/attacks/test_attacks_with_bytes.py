"""C serves and signs bytes made to break whoever reads them: bombs, lies about lengths, what never was an entry."""

import contextlib
import resource
import struct
from hashlib import sha256
from pathlib import Path

import pytest
import zstandard

from owned import SECRET, Owned, Served, Stage
from releve.islands.exchange.bounded import Bounded, TurnOver
from releve.islands.exchange.puller_process import PROCESSOR_SHARE
from releve.islands.exchange.quota import Bucket
from releve.islands.exchange.source import SourceTooLarge
from releve.journal import facts, folder
from releve.journal.blobs import BlobStore
from releve.journal.entry import Submission

DEEP = b"\x91" * 40_000 + b"\xc0"


def at_end(stage: Stage) -> int:
    """Return the index behind C's true log."""
    return len(stage.owned.true)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: raw[:-1],
        lambda raw: raw + b"\0",
        lambda raw: raw + b"\0\1x",
        lambda raw: b"",
        lambda raw: b"\xff\xff" + raw[2:],
        lambda raw: raw[: len(raw) // 2],
        lambda raw: raw * 2,
        lambda raw: raw[::-1],
        lambda raw: b"<html><body>200 OK</body></html>",
    ],
)
def test_a_bundle_whose_lengths_lie_gives_nothing(stage: Stage, spoil) -> None:
    """Too many entries, too few, half of one, a page of a hotel's network instead."""
    served = stage.owned.log(
        *stage.owned.messages(7), instead=lambda path, raw: spoil(raw) if "/entries/" in path else raw
    )
    stage.attack(served)
    assert stage.held() == 0
    assert stage.told() == ["tree"]


@pytest.mark.parametrize("what", ["/tile/1/", "/tile/0/"])
@pytest.mark.parametrize("spoil", [lambda raw: raw[:-1], lambda raw: raw + raw, lambda raw: bytes(len(raw))])
def test_tiles_that_are_no_tiles_give_nothing(stage: Stage, what: str, spoil) -> None:
    """Hashes cut short, doubled, all zero."""
    served = stage.owned.log(
        *stage.owned.messages(300), instead=lambda path, raw: spoil(raw) if what in path else raw
    )
    stage.attack(served)
    assert stage.held() == 0
    assert set(stage.told()) | set(stage.troubles) == {"tree"} or stage.troubles == ["answer"] * 6


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("entry", {"origin": "a"}),
        ("entry", {"origin": "c-audit"}),
        ("entry", {"epoch": 2}),
        ("entry", {"index": 0}),
        ("entry", {"index": 10**12}),
        ("entry", {"kind": "message.hl7v2\n2026-11-22 ERROR forged"}),
        ("entry", {"kind": "x" * 5000}),
        ("entry", {"kind": ""}),
        ("entry", {"author": "Dr " + "x" * 60_000}),
        ("entry", {"source": "x" * 9000}),
        ("entry", {"recorder": "x" * 9000}),
        ("entry", {"subjects": ("CHV:1",) * 5000}),
        ("entry", {"subjects": ("x" * 5000,)}),
        ("entry", {"encoding": 2, "body": b"no digest", "size": 50_000}),
        ("entry", {"encoding": 2, "body": bytes(32), "size": 100 << 30}),
        ("entry", {"encoding": 9}),
        ("entry", {"encoding": -1}),
        ("entry", {"size": 0}),
        ("entry", {"size": -1}),
        ("entry", {"dictionary": 10**6}),
        ("entry", {"dictionary": -1}),
        ("entry", {"recorded_at_us": 2**63}),
        ("entry", {"recorded_at_us": -1}),
        ("entry", {"wall_ms": 2**63}),
        ("entry", {"counter": 2**63}),
        ("entry", {"occurred_at_us": 2**63}),
        ("entry", {"occurred_at_us": -(2**63)}),
        ("order", {"wall_ms": 0}),
    ],
)
def test_an_envelope_no_recorder_writes_stops_the_log_there(stage: Stage, what: str, change: dict) -> None:
    """Numbers that fit no table, texts that fit no line, places that are another's: kept, every fold would stumble."""
    at = at_end(stage)
    if "dictionary" in change:
        change = {"encoding": 1, "body": b"no frame"} | change
    stage.attack(stage.owned.log(*stage.owned.messages(3), Owned.envelope(at + 3, **change)))
    assert stage.held() == 0
    assert stage.told() == [what]
    assert {path.name for path in stage.evidence()[0].iterdir()} >= {"why.json"}


@pytest.mark.parametrize(
    "raw",
    [
        b"\x00",
        b"\xc1" * 50,
        b"\x94\x02\xa1c\x01\x02",
        b"\x95\x02\xa1c\x01\x02" + DEEP,
        b"\xdc\x00\x13" + Owned.envelope(2)[3:] + DEEP,
        b"\xdd\xff\xff\xff\xff",
        b"\x95\x01\xa1c\x01\x02\xa1x",
        b"\xd9\xff" + b"x" * 100,
        bytes(65_535),
        b"\xdf\xff\xff\xff\xff" + b"x" * 65_000,
        b"\x94\x02\xa1c\x01\xcf" + b"\xff" * 8,
        b"\x94\xd3" + b"\x80" + bytes(7) + b"\xa1c\x01\x02",
    ],
)
def test_bytes_that_are_no_entry_stop_nothing_but_c(stage: Stage, raw: bytes) -> None:
    """Nested forty thousand deep, claiming four thousand million elements, a byte MessagePack never uses."""
    served = stage.owned.log(raw)
    stage.attack(served)
    later = raw[:2] in (b"\x94\x02", b"\x95\x02") and raw not in (b"\x94\x02\xa1c\x01\xcf" + b"\xff" * 8,)
    if later and len(raw) < 50:
        assert stage.held() == at_end(stage) + 1, "an entry of a later version is kept unread"
    else:
        assert stage.held() == 0
        assert stage.told() == ["entry"]


@pytest.mark.parametrize("claimed", [None, 1 << 30, 1 << 40, 1 << 62])
def test_a_zstd_bomb_takes_no_memory(stage: Stage, claimed: int | None) -> None:
    """Sixteen thousand bytes that unfold to half a gigabyte, or say so."""
    if claimed is None:
        body = zstandard.ZstdCompressor(level=1).compress(bytes(1 << 29))
    else:
        body = b"\x28\xb5\x2f\xfd\xe0" + struct.pack("<Q", claimed) + b"\x01\x00\x00"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    stage.attack(
        stage.owned.log(Owned.envelope(at_end(stage), encoding=1, body=body, size=65_535)),
        rounds=1,
        victims="a",
    )
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 << 10
    assert stage.told() == ["entry"]


def dictionary(index: int) -> bytes:
    """Return an entry that holds a dictionary."""
    body = facts.encode(facts.JournalDictionary(name="x", dictionary=struct.pack("<I", index) * 8000))
    packed = zstandard.ZstdCompressor(level=1, write_content_size=False).compress(body)
    return Owned.envelope(index, "journal.dictionary.1", packed, encoding=1, size=len(body))


def test_dictionaries_without_end_take_no_memory(stage: Stage) -> None:
    """Each is a hundred bytes on the wire and eighty thousand once it is at hand."""
    at = at_end(stage)
    entries = [dictionary(index) for index in range(at, at + 2000)]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    stage.attack(stage.owned.log(*entries), rounds=1, victims="a")
    assert stage.held() == at + 2000
    with folder.LogReader(folder.log_path(stage.a.data, "c", 1)) as reader:
        assert len(reader.read(0, 3000)) == at + 2000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60 << 10


def test_a_dictionary_of_another_kind_or_later_is_none(stage: Stage) -> None:
    """A body compressed with what no reader will find."""
    at = at_end(stage)
    for index in (at - 1, at + 1, 0):
        stage.attack(
            stage.owned.log(Owned.envelope(at, encoding=1, dictionary=index, body=b"(\xb5/\xfd", size=9)),
            rounds=1,
        )
    assert stage.held() in (0, at)
    assert set(stage.told()) <= {"entry", "equivocation"}


def test_the_longest_entries_there_can_be_are_bounded(stage: Stage) -> None:
    """65,535 bytes each, as many as the framing lets through: kept, within C's share, and nothing else moves."""
    at = at_end(stage)
    entry = [Owned.envelope(at + number, body=bytes(65_000)) for number in range(40)]
    stage.attack(stage.owned.log(*entry))
    assert stage.held() == at + 40


def test_a_redaction_of_what_is_not_there_removes_nothing(stage: Stage) -> None:
    """Of the future, of itself, of nobody, of a minus."""
    at = at_end(stage)
    victim = stage.owned.messages(1)[0]
    for target in (at + 1, at + 5, 10**9, -1):
        stage.attack(
            stage.owned.log(victim, stage.owned.redaction(at + 1, target, victim)), rounds=1, pause=100
        )
    assert stage.held() == 0
    assert set(stage.told()) == {"removed"}


@pytest.mark.parametrize(
    "change",
    [
        {"leaf": bytes(32)},
        {"envelope": Owned.envelope(2, origin="b")},
        {"envelope": Owned.envelope(0)},
        {"envelope": Owned.envelope(2, "journal.opened.1")},
        {"envelope": Owned.envelope(2, "account.created.1")},
        {"envelope": b""},
        {"envelope": b"\x95\x02\xa1c\x01\x02" + DEEP},
    ],
)
def test_a_redaction_that_lies_about_its_target_removes_nothing(stage: Stage, change: dict) -> None:
    """Restated as another lane, another island's, the log's own opening: what is read afterwards would be the lie."""
    at = at_end(stage)
    victim = stage.owned.messages(1)[0]
    stage.attack(stage.owned.log(victim))
    stage.attack(stage.owned.log(victim, stage.owned.redaction(at + 1, at, victim, **change)))
    assert stage.stored(at) == victim
    assert stage.told() in (["removed"], ["entry"])


def test_the_first_entry_and_the_dictionaries_cannot_be_removed(stage: Stage) -> None:
    """Without them nobody could read the rest."""
    at = at_end(stage)
    for index in (0, 1):
        target = stage.owned.true[index]
        stage.attack(stage.owned.log(stage.owned.redaction(at, index, target)), rounds=1, pause=100)
    assert stage.held() == 0
    assert set(stage.told()) == {"removed"}


def test_bytes_that_are_simply_gone_are_told(stage: Stage) -> None:
    """An entry without bytes and no redaction that says why: the rest of the log waits, and somebody is told."""
    served = stage.owned.log(*stage.owned.messages(5))
    served.stored[at_end(stage) + 2] = None
    stage.attack(served, rounds=45)
    assert stage.held() == 0
    assert stage.told() == ["removed"]


def test_a_wave_of_redactions_is_refused(stage: Stage) -> None:
    """C removes its whole past, and with it what the boards show of it."""
    at = at_end(stage)
    past = stage.owned.messages(80)
    stage.attack(stage.owned.log(*past))
    acts = [stage.owned.redaction(at + 80 + number, at + number, past[number]) for number in range(80)]
    stage.attack(stage.owned.log(*past, *acts))
    assert stage.held() == at + 80
    assert stage.stored(at + 3) == past[3]
    assert stage.told() == ["redactions"]


def blob_entry(index: int, digest: bytes, size: int = 40_000) -> bytes:
    """Return an entry that names a blob."""
    return Owned.envelope(index, "message.dicom", digest, encoding=2, size=size)


def test_a_body_that_is_not_what_its_name_says_is_refused(stage: Stage) -> None:
    """Another picture under the name of this one."""
    served = stage.owned.log(blob_entry(at_end(stage), sha256(b"true").digest()))
    served._blobs[sha256(b"true").digest()] = SECRET.encode() * 3000
    stage.attack(served)
    assert stage.held() == at_end(stage) + 1
    assert list((stage.a.data / "blobs").rglob("*-*")) == []
    assert not any(path.is_file() for path in (stage.a.data / "blobs").rglob("*"))
    assert stage.told() == ["blob"]
    assert stage.a.puller is not None
    assert stage.a.puller.logs()["c/1"].whole == at_end(stage), "not cosigned: it is not held"


def test_a_body_without_end_is_cut_off(stage: Stage) -> None:
    """A hundred gigabytes under one name."""
    entries = [*stage.owned.true, blob_entry(at_end(stage), bytes(32), size=1 << 32)]

    class Endless(Served):
        def get(self, path: str, limit: int) -> bytes | None:
            if path.startswith("blobs/"):
                assert limit <= 256 << 20, "what is asked for is bounded"
                raise SourceTooLarge(path, limit)
            return super().get(path, limit)

    stage.attack(Endless(entries, stage.owned.key))
    assert stage.held() == at_end(stage) + 1


def test_naming_and_removing_anothers_body_takes_it_from_nobody(stage: Stage) -> None:
    """C names A's document in an entry of its own, and redacts that one."""
    at, body = at_end(stage), b"A" * 40_000
    digest = BlobStore(stage.a.data / "blobs").put(body)
    stage.a.writer.append([Submission("message.dicom", digest, "x", blob_bytes=len(body))], stage.clock.us)
    stage.b.pull(stage.a)
    named = blob_entry(at, digest)
    stage.attack(stage.owned.log(named, blobs=[body]))
    stage.attack(stage.owned.log(named, stage.owned.redaction(at + 1, at, named)))
    assert stage.stored(at) is None
    for island in stage.victims:
        assert BlobStore(island.data / "blobs").get(digest) == body
    stage.a.writer.redact(stage.a.writer.size - 1, "x", "x", stage.clock.us)
    stage.b.pull(stage.a)


def test_names_that_are_paths_reach_no_file(stage: Stage, tmp_path: Path) -> None:
    """What is listed is made into no path before it is a name of the layout."""
    wrong = [
        "../../etc/1 9",
        "c/../1 9",
        "c/1/../../a 9",
        "C/1 9",
        "c/0 9",
        "c/01 9",
        "é/1 9",
        "c/1 -1",
        "c/1 ٣",
        "c 1",
    ]
    for line in (*wrong, "a\0/1 9", "c/1 99999999999999999999"):
        served = stage.owned.log(
            instead=lambda path, raw, line=line: f"{line}\n".encode() if path == "logs" else raw
        )
        stage.attack(served, rounds=1)
    assert set(stage.troubles) == {"answer"}
    assert sorted(path.name for path in (stage.a.data / "journal").iterdir()) == ["a", "b"]


def test_a_list_of_logs_that_is_rubbish_is_an_answer_that_is_none(stage: Stage) -> None:
    """A megabyte of something."""
    for raw in (b"\xff" * 1000, b"<html>", b"c/1 9\n\n", b"\0"):
        stage.attack(
            stage.owned.log(instead=lambda path, found, raw=raw: raw if path == "logs" else found), rounds=1
        )
    assert set(stage.troubles) == {"answer"}


@pytest.mark.parametrize(
    "note",
    [b"", b"\n\n", b"\xff\xfe", b"releve/c/1\n5\n", b"x" * 16_000, "releve/c/1\n5\nAAAA\n\n— x y\n".encode()],
)
def test_a_checkpoint_that_is_none_is_refused(stage: Stage, note: bytes) -> None:
    """Empty, no UTF-8, half of it."""
    stage.attack(stage.owned.log(instead=lambda path, raw: note if path.endswith("checkpoint") else raw))
    assert stage.told() == ["signature"]


def test_ten_thousand_signature_lines_cost_nothing(stage: Stage) -> None:
    """A checkpoint as long as may be, full of cosignatures of nobody."""
    lines = [f"— releve/{number}/mirror AAAAAAAAAAAAAAAA" for number in range(300)]
    stage.attack(stage.owned.log(*stage.owned.messages(3), lines=lines))
    assert stage.held() == at_end(stage) + 3
    kept = (stage.a.data / "islands" / "cosigned" / "c.1").read_text().splitlines()
    assert len(kept) == 2, "its size, and our own line"


def test_a_flood_of_small_entries_ends_at_its_share_and_holds_up_nobody(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Millions of tiny entries would fill the disk that our own journal needs."""
    from releve.islands.exchange.place import DiskPlace

    # The share is each island's, and A and B may have written any amount in the tests before this one.
    taken = DiskPlace.taken_bytes
    monkeypatch.setattr(
        DiskPlace, "taken_bytes", lambda place, island: taken(place, island) if island == "c" else 0
    )
    stage.knows(stage.c.card(), share_bytes=200_000)
    flood = stage.owned.messages(20_000, text="x")
    for size in (2000, 5000, 10_000, 20_000):
        stage.attack(stage.owned.log(*flood[:size]), rounds=1)
    assert 0 < stage.held() < 20_000
    assert "size" in stage.told()
    assert sum(path.stat().st_size for path in (stage.a.data / "journal" / "c").iterdir()) < 8_000_000
    stage.knows(stage.c.card())


def test_no_island_takes_more_than_a_quarter_of_what_is_free(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its share alone could be all there is; then B's entries would find no room on A either."""
    from releve.islands.exchange.place import DiskPlace

    disk = 12_000_000

    def free(place: DiskPlace) -> int:
        return max(0, disk - place.taken_bytes("c") - place.taken_bytes("b"))

    stage.knows(stage.c.card())
    monkeypatch.setattr(DiskPlace, "free_bytes", free)
    flood = stage.owned.messages(20_000, text="x" * 200)
    for size in range(4000, 20_001, 4000):
        stage.attack(stage.owned.log(*flood[:size]), rounds=1, victims="a")
    assert "size" in stage.told()
    assert free(DiskPlace(stage.a.data)) > disk // 10, "SQLite's own pages come on top"


def test_a_flood_costs_little_of_a_processor_in_the_long_run(stage: Stage) -> None:
    """What checking C's entries costs is taken from those who record on A: a minute at once, then a small part."""
    clock, worked = [0.0], [0.0]

    class Costly:
        def get(self, path: str, limit: int) -> bytes:
            clock[0] += 0.2
            worked[0] += 0.2  # each bundle costs as long as it takes: a whole processor
            return b""

        def close(self) -> None:
            """Nothing is open."""

    def sleep(seconds: float) -> None:
        assert seconds <= 5.0, "an end of the process is not waited for"
        clock[0] += seconds

    processor = Bucket(PROCESSOR_SHARE, 60.0)
    while clock[0] < 36_000:
        bounded = Bounded(
            Costly(), b"", (Bucket(10**9), Bucket(10**9)), lambda: clock[0], 1e9, sleep,
            processor=processor, worked=lambda: worked[0],
        )  # fmt: skip
        with contextlib.suppress(TurnOver):
            while clock[0] < 36_000:
                bounded.get("c/1/tile/entries/000", 100)
        clock[0] += 0.5  # until its turn comes again
    assert 60 < worked[0] < 60 + 1.01 * PROCESSOR_SHARE * 36_000
