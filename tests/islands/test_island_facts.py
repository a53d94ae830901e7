"""What an entry about an island becomes: one row, and a reason in words when it cannot be read."""

from zoneinfo import ZoneInfo

import msgspec
from test_introduction import SHOWN

from releve.islands.facts import IslandCut, IslandJoined, subject
from releve.islands.fold import FOLDS, read
from releve.journal.cards import sign_with
from releve.journal.entry import Entry
from releve.journal.note import Signer
from releve.views.reading import Context, NotRead

ONE, TWO = (Signer.generate(f"manager/{name}") for name in ("one", "two"))


def entry(kind: str, body: bytes) -> Entry:
    """Return an entry of A's log."""
    return Entry(
        version=1, origin="a", epoch=1, index=7, hlc=(1, 0), occurred_at_us=None, recorded_at_us=1, author="",
        recorder="test", source="command", kind=kind, subjects=(), body=body,
    )  # fmt: skip


CONTEXT = Context(zone=ZoneInfo("UTC"), namespace="", log="a/1", index=7)


def test_a_statement_is_one_row_with_the_keys_whose_signature_holds() -> None:
    """That these are managers is decided where the row is read: keys may become known later."""
    body = sign_with(
        "islands.joined.1",
        msgspec.msgpack.encode(IslandJoined(introduction=SHOWN, sealed=b"x")),
        [ONE, TWO],
        "a",
    )

    (said,) = read(entry("islands.joined.1", body), CONTEXT)
    (row,) = FOLDS[type(said)](said, CONTEXT)

    assert (row.table, row.id) == ("hospital_island", "a/1#7")
    assert row.values["island"] == "b"
    assert set(msgspec.json.decode(row.values["signed_by"])) == {ONE.verifier.vkey, TWO.verifier.vkey}
    assert len(row.values["statement"]) == 32
    assert msgspec.json.decode(row.values["body"])["introduction"]["name"] == "Îlot B"


def test_what_cannot_be_read_is_said_without_its_words() -> None:
    """One entry made to break the fold would blind every island."""
    wrong = msgspec.structs.replace(SHOWN, log="releve/x/1+00000000+AAAA")
    for kind, body in (
        ("islands.joined.1", b"\xc1"),
        ("islands.joined.1", msgspec.msgpack.encode({"type": "islands.joined.1"})),
        ("islands.joined.1", msgspec.msgpack.encode(IslandJoined(introduction=wrong))),
    ):
        (told,) = read(entry(kind, body), CONTEXT)
        assert isinstance(told, NotRead)
        assert told.reason == f"{kind}: expected the fields of this version of Relève"


def test_all_that_is_said_of_an_island_is_one_subject() -> None:
    """A line drawn on two islands is folded in one order on each."""
    cut = IslandCut(island="b", epoch=1, size=3, root=b"r" * 32, mode="flag", reason="x")

    (said,) = read(entry("islands.cut.1", msgspec.msgpack.encode(cut)), CONTEXT)

    assert said.person == subject("b") == "island:b"
