"""What islands said of machines becomes the same rows on every island."""

import random
from typing import Any

import msgspec
from fleet_island import IMAGE, REPORT_SHA, FleetIsland

from releve.journal.entry import Draft
from releve.restoration.fleet.desk import batches_in_order, find_machines, open_batch_of, stuck_machines
from releve.restoration.fleet.facts import (
    BatchesOrdered,
    BatchMade,
    Machine,
    MachinesListed,
    ReportAttached,
    StepsWithdrawn,
    draft_of,
)
from releve.restoration.fleet.fold import read_fleet
from releve.restoration.fleet.tables import MachineRow, StepRow
from releve.views.reading import Context, NotRead

DAY_MS = 86_400_000


def test_fifty_machines_move_by_one_entry(island: FleetIsland) -> None:
    """Fifty entries for one door would be fifty times the paper, and fifty times to be pulled."""
    tags = [f"PC-{number:03d}" for number in range(60)]
    island.machines(*tags)
    before = len(island.entries)

    island.tell(island.step("S1", "isolated", tags, place="Les Tilleuls"))

    assert len(island.entries) == before + 1
    assert MachineRow.objects.filter(state="isolated", last_place="Les Tilleuls").count() == 60


def test_a_return_claimed_by_another_island_without_evidence_does_not_count(island: FleetIsland) -> None:
    """An island in the attacker’s hands declares every machine clean."""
    island.machines("PC-1")
    island.tell(island.step("S1", "checked", ["PC-1"], done=("isolated",)))

    island.told(island.step("S2", "returned", ["PC-1"], ["S1"]))

    row = island.row("PC-1")
    assert (row.state, row.claimed) == ("checked", True)


def test_a_report_that_comes_after_the_step_proves_it_then(island: FleetIsland) -> None:
    """Logs arrive in any order: what was proved there is proved here once its report is here."""
    island.machines("PC-1")
    proof = {"image_sha256": IMAGE, "report": "R1", "report_sha256": REPORT_SHA}
    island.told(island.step("S1", "returned", ["PC-1"], **proof))
    assert island.row("PC-1").claimed

    island.report("R1", "PC-1")

    row = island.row("PC-1")
    assert (row.state, row.claimed, row.report) == ("returned", None, "R1")


def test_a_report_whose_bytes_are_others_proves_nothing(island: FleetIsland) -> None:
    """The hash is that of what is there, whatever the entry says of itself."""
    island.machines("PC-1")
    forged = ReportAttached(
        act="R1", happened_at=island.now_ms, by="x", name="r", media_type="text/plain", sha256=REPORT_SHA, content=b"!"
    )  # fmt: skip
    island.told(forged)
    island.told(
        island.step("S1", "returned", ["PC-1"], image_sha256=IMAGE, report="R1", report_sha256=REPORT_SHA),
        index=1,
    )

    assert island.row("PC-1").claimed


def test_two_reports_stand_until_a_person_settles(island: FleetIsland) -> None:
    """The last to arrive must not win."""
    island.machines("PC-1")
    island.tell(island.step("S1", "isolated", ["PC-1"]))
    island.tell(island.step("S2", "wiped", ["PC-1"], ["S1"]))
    island.told(island.step("S3", "collected", ["PC-1"], ["S1"]))
    row = island.row("PC-1")
    assert (row.two, row.state) == ("wiped collected", "collected")

    island.tell(island.step("S4", "wiped", ["PC-1"], ["S2", "S3"], settles=True, reason="looked at it"))

    row = island.row("PC-1")
    assert (row.two, row.state, row.standing) == (None, "wiped", "S4")


def test_a_machine_described_twice_shows_it_until_somebody_decides(island: FleetIsland) -> None:
    """Two islands read two inventories; the room written last is not the room that is right."""
    island.machines("PC-1", room="201")
    island.told(
        MachinesListed(
            act="L2",
            happened_at=island.now_ms,
            by="y",
            machines=(Machine(tag="PC-1", ward="2140", room="305"),),
        )
    )
    assert island.row("PC-1").described_twice

    island.tell(
        MachinesListed(
            act="L3", happened_at=island.now_ms, by="z", machines=(Machine(tag="PC-1", ward="2140", room="305"),),
            seen=("list-PC-1", "L2"),
        )
    )  # fmt: skip

    row = island.row("PC-1")
    assert (row.described_twice, row.room) == (None, "305")


def test_a_step_taken_back_stays_readable_and_counts_no_more(island: FleetIsland) -> None:
    """The wrong label was scanned."""
    island.machines("PC-1", "PC-2")
    island.tell(island.step("S1", "isolated", ["PC-1", "PC-2"]))

    island.tell(
        StepsWithdrawn(
            act="C1", happened_at=island.now_ms, by="x", step="S1", tags=("PC-2",), reason="the other label"
        )
    )

    assert (island.row("PC-1").state, island.row("PC-2").state) == ("isolated", None)
    assert StepRow.objects.get(id="PC-2/S1").withdrawn_why == "the other label"


def test_a_batch_is_what_was_last_said_and_work_follows_the_order_told(island: FleetIsland) -> None:
    """The emergency department waits for nobody because its batch was made last."""
    island.machines("PC-1", "PC-2", "PC-3")

    def batch(act: str, code: str, *tags: str, **more: Any) -> None:
        island.now_ms += 1000
        island.tell(
            BatchMade(act=act, happened_at=island.now_ms, by="x", batch=code, name=code, tags=tags, **more)
        )

    batch("1", "ssr", "PC-1", "PC-2")
    batch("2", "urgences", "PC-2", "PC-3")
    island.tell(BatchesOrdered(act="3", happened_at=island.now_ms, by="x", batches=("urgences", "ssr")))

    batches = batches_in_order()
    assert [one.id for one in batches] == ["urgences", "ssr"]
    assert open_batch_of(batches)["PC-2"].id == "urgences"
    batch("4", "urgences", closed=True)
    assert [one.id for one in batches_in_order()] == ["ssr"]


def test_machines_without_a_step_for_days_are_named(island: FleetIsland) -> None:
    """A machine forgotten in a corridor is the one the ward asks for."""
    island.machines("PC-1", "PC-2", "PC-3")
    island.tell(island.step("S1", "isolated", ["PC-1"], happened_at=island.now_ms - 5 * DAY_MS))
    island.tell(island.step("S2", "isolated", ["PC-2"], happened_at=island.now_ms - DAY_MS))

    assert [row.id for row in stuck_machines(island.now_ms)] == ["PC-1"]


def test_a_scan_finds_a_machine_however_the_keyboard_wrote_it(island: FleetIsland) -> None:
    """A scanner left on a US keyboard types signs instead of digits on a French one."""
    island.machines("PC-042", serial="5CG1234XYZ")

    assert [row.id for row in find_machines(" PC-042 ")] == ["PC-042"]
    assert [row.id for row in find_machines("pc-042")] == ["PC-042"]
    assert [row.id for row in find_machines("RLV1|M|PC-042")] == ["PC-042"]
    assert [row.id for row in find_machines("PC)à'é")] == ["PC-042"]
    assert [row.id for row in find_machines("5cg1234xyz")] == ["PC-042"]
    assert find_machines("PC-999") == []
    assert find_machines("  ") == []


def test_every_order_of_arrival_gives_the_same_machines(island: FleetIsland) -> None:
    """Two islands that folded the same entries must show the same fleet."""
    told: list[tuple[str, Any]] = [
        ("a", MachinesListed(act="L", happened_at=1, by="x", machines=(Machine(tag="P", ward="2140"),))),
        ("a", island.step("1", "isolated", ["P"], happened_at=10)),
        ("a", island.step("2", "wiped", ["P"], ["1"], happened_at=20)),
        ("b", island.step("3", "collected", ["P"], ["1"], happened_at=15)),
        ("b", StepsWithdrawn(act="4", happened_at=30, by="x", step="3", tags=("P",), reason="r")),
        ("c", island.step("5", "reimaged", ["P"], ["2"], happened_at=25, image_sha256=IMAGE)),
    ]
    columns = ("state", "two", "standing", "image_sha256", "last_at", "ward", "last_by")
    results = set()
    rng = random.Random(3)
    for round_ in range(6):
        order = list(enumerate(told))
        if round_:
            rng.shuffle(order)
        # Each round has a machine of its own, so that one island serves all rounds.
        for place, (origin, fact) in order:
            renamed = _renamed(fact, f"P{round_}")
            island.told(renamed, f"{origin}{round_}", place)
        results.add(MachineRow.objects.values_list(*columns).get(id=f"P{round_}"))

    assert len(results) == 1
    assert results.pop()[:2] == ("reimaged", None)


def _renamed(fact: Any, tag: str) -> Any:
    if isinstance(fact, MachinesListed):
        return msgspec.structs.replace(fact, machines=(Machine(tag=tag, ward="2140"),))
    return msgspec.structs.replace(fact, tags=(tag,))


def test_an_entry_that_cannot_be_read_is_listed_and_stops_nothing(island: FleetIsland) -> None:
    """Another island’s key signs anything."""
    many = msgspec.msgpack.encode(
        {"type": "fleet.order.1", "act": "a/b", "happened_at": 1, "by": "x", "batches": ()}
    )
    for body in (b"\xc1", b"\x80", many, draft_body(island)):
        entry = island.entries[0]
        broken = msgspec.structs.replace(entry, kind="fleet.order.1", body=body)
        found = list(read_fleet(broken, Context(zone=None, namespace="")))  # type: ignore[arg-type]
        assert len(found) == 1
        assert isinstance(found[0], NotRead)


def draft_body(island: FleetIsland) -> bytes:
    """Return the body of another kind than the entry says."""
    draft: Draft = draft_of(island.step("S", "isolated", ["PC-1"]))
    return draft.body
