"""What another island or a relay may try, and what is believed of it: nothing. The copy stays, the bytes are kept."""

import base64
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from three_islands import Island, islands

from releve.islands.exchange import belief
from releve.islands.exchange.mirror import open_mirror
from releve.islands.exchange.peers import Cut
from releve.islands.exchange.publish import Publisher
from releve.islands.exchange.quota import Quota
from releve.journal import entry as entries
from releve.journal import folder, verify
from releve.journal.batch import Batch
from releve.journal.entry import Submission
from releve.journal.errors import FolderError
from releve.journal.note import Signer
from releve.journal.tree import leaf_hash

Change = Callable[[entries.Envelope], entries.Envelope]


@pytest.fixture
def three(tmp_path: Path) -> Iterator[list[Island]]:
    """Return islands a, b and c that know one another."""
    made = islands(tmp_path, "a", "b", "c")
    yield made
    for island in made:
        island.close()


class Changed:
    """A source that gives other bytes for some names."""

    def __init__(self, source: Publisher, change: Callable[[str, bytes], bytes | None]) -> None:
        self._source = source
        self._change = change

    def get(self, path: str, limit: int) -> bytes | None:
        """Return the file as it was changed."""
        found = self._source.get(path, limit)
        return None if found is None else self._change(path, found)

    def close(self) -> None:
        """Nothing is open."""


def refusals(island: Island) -> list[tuple[str, str]]:
    """Return what was refused, of which island's log."""
    assert island.puller is not None
    return [(told.what, told.origin) for told in island.puller.refused]


def forge(island: Island, change: Change, *, now_us: int | None = None) -> None:
    """Let the owner of an island's key append an entry no recorder would write, properly signed."""
    writer = island.writer
    batch = Batch(
        origin=island.origin, epoch=1, recorder="evil", edge=writer._edge, clock=writer._clock,
        packer=writer._packer, now_us=now_us or island.clock.us, random=bytes,
    )  # fmt: skip
    batch.add([Submission("message.hl7v2", b"MSH|evil", "evil")])
    index, lane, stored, _, blob = batch.rows[0]
    other = entries.encode(change(entries.decode(stored)))
    batch.rows[0] = (index, lane, other, leaf_hash(other), blob)
    batch.edge = writer._edge.copy()
    batch.tiles = batch.edge.append(leaf_hash(other))
    writer._commit(batch)


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("entry", lambda one: msgspec.structs.replace(one, origin="b")),
        ("entry", lambda one: msgspec.structs.replace(one, epoch=2)),
        ("entry", lambda one: msgspec.structs.replace(one, index=one.index + 1)),
        ("order", lambda one: msgspec.structs.replace(one, wall_ms=0)),
        ("entry", lambda one: msgspec.structs.replace(one, encoding=1, body=b"no frame")),
        ("entry", lambda one: msgspec.structs.replace(one, encoding=1, size=1 << 40)),
        ("entry", lambda one: msgspec.structs.replace(one, encoding=7)),
        ("entry", lambda one: msgspec.structs.replace(one, dictionary=0)),
        ("entry", lambda one: msgspec.structs.replace(one, dictionary=10**6)),
        ("entry", lambda one: msgspec.structs.replace(one, encoding=2, body=b"short", size=40_000)),
        ("entry", lambda one: msgspec.structs.replace(one, size=one.size + 1)),
        ("entry", lambda one: msgspec.structs.replace(one, kind="journal.dictionary.1", body=b"x", size=1)),
        ("entry", lambda one: msgspec.structs.replace(one, kind="journal.redaction.1", body=b"x", size=1)),
    ],
)
def test_an_entry_that_a_fold_could_not_read_is_not_kept_even_when_it_is_signed(
    three: list[Island], what: str, change: Change
) -> None:
    """One entry with a bad frame would otherwise stop the fold of every island that pulled it."""
    a, b, _ = three
    a.record(3)
    b.pull(a)
    forge(a, change)
    b.pull(a)
    assert b.size("a") == 5
    assert refusals(b) == [(what, "a")]
    assert list(verify.verify_folder(b.data)) == []


def test_what_was_refused_is_kept_once_with_its_reason(three: list[Island]) -> None:
    """Whoever investigates has the bytes; a thousand tries fill no disk."""
    a, b, _ = three
    a.record(3)
    b.pull(a)
    forge(a, lambda one: msgspec.structs.replace(one, index=0))
    for _ in range(300):
        b.pull(a)
    (folder_kept,) = (b.data / "evidence" / "a.1").iterdir()
    assert {path.name for path in folder_kept.iterdir()} == {"entry", "why.json"}
    why = msgspec.json.decode((folder_kept / "why.json").read_bytes())
    assert (why["what"], why["origin"], why["pulled_from"]) == ("entry", "a", "a")
    assert len(refusals(b)) == 1


def test_a_relay_cannot_change_an_entry_nor_put_the_blame_on_its_island(three: list[Island]) -> None:
    """C carries A's log and flips one bit of it: B refuses C's bytes and still takes A's."""
    a, b, _ = three
    a.record(600)
    relay = Changed(
        a.publisher, lambda path, raw: raw[:-1] + bytes([raw[-1] ^ 1]) if "/entries/" in path else raw
    )
    b.pull(relay, "c")  # type: ignore[arg-type]
    assert b.size("a") == 0
    assert refusals(b) == [("tree", "a")]
    assert b.puller is not None
    assert b.puller.refused[0].from_ == "c"
    b.pull(a)
    assert b.size("a") == 602


def test_hashes_that_do_not_belong_together_accuse_nobody(three: list[Island]) -> None:
    """A relay that gives any hashes at all must not make us call the island a liar."""
    a, b, _ = three
    a.record(600)
    b.pull(a)
    a.record(600)
    relay = Changed(a.publisher, lambda path, raw: bytes(len(raw)) if "/tile/1/" in path else raw)
    b.clock.us += 15_000_000  # while A answers itself no relay is asked
    for _ in range(8):
        b.pull(relay, "c")  # type: ignore[arg-type]
    assert {what for what, _ in refusals(b)} == {"tree"}
    assert b.size("a") == 602


def test_a_checkpoint_another_key_signed_is_refused(three: list[Island]) -> None:
    """Only the key the managers named speaks for an island."""
    a, b, _ = three
    a.record(3)
    evil = Signer.generate("releve/a/1")

    def sign(path: str, raw: bytes) -> bytes:
        if not path.endswith("checkpoint"):
            return raw
        return evil.sign(raw.decode().partition("\n\n")[0] + "\n").encode()

    b.pull(Changed(a.publisher, sign), "a")  # type: ignore[arg-type]
    assert refusals(b) == [("signature", "a")]
    assert b.size("a") == 0


def rewound(island: Island, root: Path, size: int) -> tuple[Island, Publisher]:
    """Return a copy of an island's folder as it was, to be gone on with by whoever has its key."""
    import shutil

    island.writer.close()
    twin = root / "twin" / island.origin
    shutil.copytree(island.data, twin, ignore=shutil.ignore_patterns("*.sock"))
    island.writer = folder.open_writer(island.data)
    return island, Publisher(twin)


def test_an_island_that_shows_less_than_before_is_a_rollback_and_a_relay_that_lags_is_not(
    three: list[Island], tmp_path: Path
) -> None:
    """A restored snapshot forgets what others hold; a relay may simply not be there yet."""
    a, b, _ = three
    a.record(300)
    _, old = rewound(a, tmp_path, 302)
    a.record(300)
    b.pull(a)
    b.clock.us += 31_000_000
    b.pull(old, "c")
    assert refusals(b) == []
    b.clock.us += 31_000_000
    b.pull(old, "a")
    assert refusals(b) == [("rollback", "a")]
    assert b.size("a") == 602


def test_only_an_island_itself_says_up_to_when_nothing_of_it_is_missing(three: list[Island]) -> None:
    """What another one holds of an island that burnt is the same for days: it is no news of that island."""
    a, b, c = three
    a.record(20)
    written_us = a.clock.us
    c.pull(a)
    b.clock.us += 60_000_000

    b.pull(c)

    assert (b.size("a"), b.puller and b.puller.logs()["a/1"].checkpoint_us) == (22, written_us // 1000 * 1000)
    b.pull(a)
    heard_us = b.clock.us
    b.clock.us += 600_000_000
    b.pull(c)
    assert b.puller is not None
    assert b.puller.logs()["a/1"].checkpoint_us == heard_us


@pytest.mark.parametrize("more", [1, 298, 299, 300, 700])
def test_two_signed_histories_are_found_whatever_their_lengths(
    three: list[Island], tmp_path: Path, more: int
) -> None:
    """An owned island tells A one thing and B another: the two checkpoints together prove it, for anyone."""
    a, b, _ = three
    a.record(10)
    twin_data = tmp_path / "twin" / "a"
    rewound(a, tmp_path, 12)
    a.record(300)
    b.pull(a)
    writer = folder.open_writer(twin_data)
    writer.append([Submission("message.hl7v2", b"MSH|other %d" % at, "x") for at in range(more)], a.clock.us)
    b.clock.us += 31_000_000
    b.pull(Publisher(twin_data), "a")
    assert refusals(b)[0] == ("equivocation", "a")
    assert b.size("a") == 312
    (kept,) = (b.data / "evidence" / "a.1").iterdir()
    for name in ("checkpoint", "held"):
        assert belief.checkpoint_of((kept / name).read_bytes()) is not None
    writer.close()


def test_nothing_beyond_a_cut_line_is_pulled_from_anyone(three: list[Island]) -> None:
    """Once managers cut an island off, what its stolen key signs afterwards reaches nobody."""
    a, b, c = three
    a.record(50)
    b.pull(a)
    cut = Cut(size=52, root_b64=base64.b64encode(a.writer.root).decode())
    a.record(10)
    c.pull(a)
    b.meet([a.card(cuts={"1": cut})])
    b.clock.us += 5_000_000
    for _ in range(8):
        b.pull(c)
        b.pull(a)
    assert b.size("a") == 52
    assert ("cut", "a") in refusals(b)


def test_who_lags_behind_a_cut_line_still_gets_what_counts(three: list[Island]) -> None:
    """The bare machine that is put in the place of a lost island must get the trusted part from a survivor."""
    a, b, c = three
    a.record(300)
    cut = Cut(size=302, root_b64=base64.b64encode(a.writer.root).decode())
    a.record(10)
    b.pull(a)
    c.meet([a.card(cuts={"1": cut})])
    c.pull(b)
    assert c.size("a") == 312
    other = Cut(size=302, root_b64=base64.b64encode(bytes(32)).decode())
    fresh = islands(c.data.parent / "more", "d")[0]
    fresh.meet([a.card(cuts={"1": other}), b.card()])
    fresh.pull(b)
    assert fresh.size("a") == 0, "a history the managers did not mean"
    assert refusals(fresh) == [("cut", "a")]
    fresh.close()


def test_an_epoch_without_handover_or_after_a_cut_is_refused(three: list[Island], tmp_path: Path) -> None:
    """A thief may begin any epoch; only the old key's word, while it counts, or two managers make it ours."""
    a, b, c = three
    a.record(3)
    b.pull(a)
    a.new_epoch()
    b.meet([a.card(epochs={"1": b.known["a"].epochs["1"]}, cuts={"1": Cut(size=5, root_b64="")})])
    b.pull(a)
    assert b.size("a", 2) == 0
    assert ("epoch", "a") in refusals(b)
    c.pull(a)
    assert c.size("a", 2) == 2
    c.meet([a.card(epochs={"1": c.known["a"].epochs["1"]}, cuts={"1": Cut(size=5, root_b64="")})])
    a.record(1)
    c.pull(a)
    assert c.size("a", 2) == 2, "what came out of an epoch that is cut off stops with it"
    b.meet([a.card(epochs={"1": b.known["a"].epochs["1"], "2": a.vkey})])
    b.clock.us += 70_000_000
    b.pull(a)
    assert b.size("a", 2) == 3, "managers named the key"


def test_an_island_cannot_have_its_whole_past_removed_here_by_redacting_it(three: list[Island]) -> None:
    """A stolen key signs a redaction of everything: a few a day are carried out, a wave is refused and told."""
    a, b, _ = three
    b.meet([], quota=Quota(free_bytes_min=0, redactions_per_day=3))
    a.record(20)
    b.pull(a)
    a.writer.redact(5, "x", "x", a.clock.us)
    b.pull(a)
    assert b.size("a") == 23
    for index in range(6, 12):
        a.writer.redact(index, "x", "x", a.clock.us)
    b.pull(a)
    assert ("redactions", "a") in refusals(b)
    assert b.size("a") == 23
    with folder.LogReader(folder.log_path(b.data, "a", 1)) as reader:
        assert reader.stored(6) is not None
        assert reader.stored(5) is None


def test_a_redaction_of_another_islands_document_takes_nothing_here(three: list[Island]) -> None:
    """C names A's document in an entry of its own and redacts that: A's document must stay on B."""
    a, b, c = three
    for island in (a, c):
        island.record(1, size=40_000)
        b.pull(island)
    c.writer.redact(2, "x", "x", c.clock.us)
    b.pull(c)
    assert list(verify.verify_folder(b.data)) == []
    assert len(list((b.data / "blobs").glob("*/*"))) == 1


def test_an_exercise_never_gets_among_the_real(tmp_path: Path) -> None:
    """Invented patients beside real ones would cost lives."""
    a, b = islands(tmp_path, "a", "b")
    a.record(3)
    b.puller._exercise = False  # type: ignore[union-attr]
    b.pull(a)
    assert b.size("a") == 0
    assert refusals(b) == [("exercise", "a")]
    for island in (a, b):
        island.close()


def test_a_clock_two_days_ahead_is_told_and_moves_nothing(three: list[Island]) -> None:
    """What was recorded there counts; its hour is doubtful, and ours must not follow it."""
    a, b, _ = three
    seen: list[tuple[int, int]] = []
    assert b.puller is not None
    b.puller._observe = lambda wall_ms, counter: seen.append((wall_ms, counter))
    a.writer.append([Submission("message.hl7v2", b"MSH|1", "x")], a.clock.us + 2 * 86_400_000_000)
    b.pull(a)
    assert b.size("a") == 3
    assert refusals(b) == [("clock", "a")]
    assert len(seen) == 1, "the recorder is told, and judges by its own bound"


def test_the_share_of_the_disk_bounds_a_log_and_its_documents(three: list[Island]) -> None:
    """An owned island floods: its log stops at its share, the others' go on."""
    a, b, c = three
    b.meet([], quota=Quota(free_bytes_min=0, share_bytes=400_000))
    a.record(5, size=200_000)
    b.pull(a)
    blobs = sum(path.stat().st_size for path in (b.data / "blobs").glob("*/*"))
    assert blobs <= 400_000
    a.record(4000)
    b.pull(a)
    assert b.size("a") < 4007
    assert ("size", "a") in refusals(b)
    c.record(3)
    assert b.pull(c) == 5


def test_a_log_nobody_introduced_is_not_pulled_and_our_own_never_written(three: list[Island]) -> None:
    """Whoever can name a log in a list could otherwise fill our disk, or our own log."""
    a, b, _ = three
    stranger = islands(b.data.parent / "far", "z")[0]
    stranger.record(1)
    assert b.pull(stranger) == 0
    with pytest.raises(FolderError):
        open_mirror(b.data, "b", 1, None)
    with pytest.raises(FolderError):
        open_mirror(b.data, "b-audit", 1, None)
    twin = Changed(a.publisher, lambda path, raw: raw.replace(b"a/1", b"b/1"))
    b.pull(twin, "a")  # type: ignore[arg-type]
    assert b.size("b") == b.writer.size
    stranger.close()


def test_an_own_log_that_is_longer_elsewhere_was_lost_here(three: list[Island], tmp_path: Path) -> None:
    """A restored snapshot of our own island: others hold, signed by our key, what we do not know any more."""
    a, b, _ = three
    a.record(5)
    _, old = rewound(a, tmp_path, 7)
    a.record(5)
    b.pull(a)
    twin = three[2]
    twin_place = old._data
    from releve.islands.exchange.puller import Puller

    again = Puller(twin_place, a.puller._peers, quota=Quota(free_bytes_min=0))  # type: ignore[union-attr]
    again.pull_from(b.publisher, "b")
    assert again.ahead == {"a/1": 12}
    assert a.puller is not None
    a.pull(b)
    assert a.puller.ahead == {}
    assert twin.origin == "c"
