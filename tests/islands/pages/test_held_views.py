"""Whether two islands show the same: said only when both counted the same entries with the same version."""

import contextlib
import html
from pathlib import Path

import msgspec
import pytest
from django.test import Client
from neighbours import NOW_MS, NeighbourIsland

from releve.islands import compared
from releve.islands.compared import compared_now, verdict
from releve.islands.facts import ViewsCompared
from releve.journal import folder
from releve.journal.blobs import BlobStore
from releve.journal.client import _submission
from releve.journal.entry import Draft


def counted(**more: object) -> ViewsCompared:
    """Return a count of the views."""
    said = {"positions": {"a/1": 5, "b/1": 7}, "version": "1", "hash": "h", "rows": 9, "at_us": NOW_MS * 1000}
    return ViewsCompared(**said | more)  # type: ignore[arg-type]


def record(data: Path, *counts: ViewsCompared) -> None:
    """Record counts in the log that this folder writes."""
    with contextlib.closing(folder.open_writer(data)) as writer:
        blobs = BlobStore(folder.blobs_path(data))
        drafts = [
            Draft(kind="islands.compared.1", body=msgspec.msgpack.encode(one), source="t") for one in counts
        ]
        writer.append([_submission(draft, blobs) for draft in drafts], NOW_MS * 1000)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, "equal"),
        ({"hash": "other"}, "different"),
        ({"version": "2", "hash": "other"}, "other-version"),
        ({"positions": {"a/1": 6}, "hash": "other"}, "other-entries"),
    ],
)
def test_two_counts_are_compared_only_where_they_can_be(said: dict[str, object], expected: str) -> None:
    """An alarm because the other island is a minute behind would be the last that anybody reads."""
    assert verdict(counted(**said), [counted(at_us=1), counted(positions={"a/1": 1})]) == expected


def test_what_another_island_counted_is_on_its_panel(
    island: NeighbourIsland, nurse: Client, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Two islands that show different doses for one patient: the worst that can happen, said in red."""
    other = tmp_path_factory.mktemp("b")
    folder.create_island(other, "b", True, "Valombre", NOW_MS * 1000)
    record(other, counted(hash="other"))
    mirrored = folder.log_path(island.data, "b", 1)
    mirrored.parent.mkdir()
    mirrored.write_bytes(folder.log_path(other, "b", 1).read_bytes())
    record(island.data, counted())
    island.others()
    island.exchange()

    page = html.unescape(nurse.get("/islands/").content.decode())

    assert "autre chose qu’ici" in page
    assert "compté à 03:10" in " ".join(page.split())


def test_reading_the_counts_goes_on_where_it_stopped(
    island: NeighbourIsland, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page is asked every five seconds; a year of acts is read once."""
    monkeypatch.setattr(compared, "ACTS_AT_ONCE", 1)
    monkeypatch.setattr(compared, "SECONDS_AT_ONCE", 0.0)
    record(island.data, counted(), counted(hash="new"))

    for _ in range(20):
        assert compared_now(island.data, "b") is not None
    found = compared_now(island.data, "b")

    assert set(found) == {"a"}
    assert found["a"].at_ms == NOW_MS
    assert compared_now(island.data, "a") == {}
