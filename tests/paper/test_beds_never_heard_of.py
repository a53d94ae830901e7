"""What paper says of beds in which nobody is known to lie."""

import sys
from datetime import timedelta
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).parent))

from paper_island import PSYCHIATRY, PaperIsland, admission, now

from releve.crisis.facts import CutDeclared
from releve.hospital.status import EVERYWHERE
from releve.journal.entry import Draft


def cut_of_admissions() -> Draft:
    """Return the declaration that the application of admissions is cut everywhere for an hour."""
    declared = CutDeclared(
        applications=("GAM",), places=(EVERYWHERE,), status="down", reason="attack", by="crise", second="direction",
        since_us=int((now() - timedelta(hours=1)).timestamp()) * 1_000_000,
    )  # fmt: skip
    return Draft(kind="crisis.declared.1", body=msgspec.msgpack.encode(declared), source="web")


def test_a_cut_frees_no_bed_of_which_nothing_was_ever_heard(tmp_path: Path) -> None:
    """A bed that paper calls free is given away, while somebody lies in it whom no feed ever told."""
    island = PaperIsland(tmp_path / "island")

    island.record(cut_of_admissions())

    assert {bed.state for bed in island.pack(PSYCHIATRY).beds} == {"unknown"}


def test_where_movements_were_heard_empty_beds_stay_free_through_a_cut(tmp_path: Path) -> None:
    """Since the cut who comes and goes is written on the island itself: it knows."""
    island = PaperIsland(tmp_path / "island")

    island.record(admission("100", "MARTIN", bed="301"), cut_of_admissions())

    assert {bed.state for bed in island.pack(PSYCHIATRY).beds} == {"free"}
