"""Numbers of two islands: never the same one, and somebody is told before there are none left."""

import contextlib
import itertools
from pathlib import Path

import pytest
from django.test import Client
from neighbours import NeighbourIsland

from releve.codecs.identifiers.made_here import TUBES_MAX, tube_number, tubes_of
from releve.crisis import number_ranges
from releve.crisis.number_ranges import ranges_now
from releve.departments.admissions.facts import NumbersTaken
from releve.departments.admissions.ranges import numbers_of
from releve.departments.prescribing.line_facts import order_number
from releve.journal import folder
from releve.journal.blobs import BlobStore
from releve.journal.client import _submission
from releve.journal.entry import Draft
from releve.journal.folder import Log
from releve.paper.facts import FormNumbersTaken, TubeNumbersTaken, encode
from releve.paper.numbers import FORM_NUMBER_MAX, Counters, drafts_of, prefix_of

# Names that a hurried hospital gives its islands, chosen to read into one another's numbers.
ORIGINS = ("a", "a1", "a4", "a41", "ap", "av", "am", "p", "p-a", "a-2", "a2", "b", "1", "11")
COUNTERS = (1, 11, 41, 111, 2_000_001, 1_000_001, 999_999)


def test_two_islands_never_give_the_same_number() -> None:
    """Two persons under one number is one file with the allergies of two."""
    seen: dict[str, tuple[str, int, int]] = {}
    for origin, epoch, counter in itertools.product(ORIGINS, (1, 2, 11), COUNTERS):
        prefix = prefix_of(Log(origin, epoch, Path()))
        given = numbers_of(
            NumbersTaken(act="", prefix=prefix.rstrip("."), person=counter, visit=counter, movement=counter),
            origin,
        )
        counters = Counters(prefix=prefix, printing=counter, first_form=min(counter, FORM_NUMBER_MAX))
        forms, _left = counters.forms().take(1)
        for number in (given.ipp, given.visit, given.movement, counters.pack_id("3120")):
            assert number not in seen, (number, seen[number], (origin, epoch, counter))
            seen[number] = (origin, epoch, counter)
        start = tubes_of(origin, epoch)
        tubes = () if start is None else (tube_number(start + min(counter, TUBES_MAX)),)
        for number in (*forms, *tubes) if counter <= FORM_NUMBER_MAX else ():
            assert number not in seen, (number, seen[number], (origin, epoch, counter))
            seen[number] = (origin, epoch, counter)


def record(island: NeighbourIsland, *drafts: Draft) -> None:
    """Record in the island's own log on disk."""
    with contextlib.closing(folder.open_writer(island.data)) as writer:
        blobs = BlobStore(folder.blobs_path(island.data))
        writer.append([_submission(draft, blobs) for draft in drafts], island.now_ms * 1000)


def forms_taken(last: int) -> Draft:
    """Return the act that takes forms up to a number."""
    fact = FormNumbersTaken(ward="2140", pack="2140-A1", prefix="A", first=1, last=last)
    (draft,) = drafts_of(fact)
    assert draft.body == encode(fact)
    return draft


def tubes_taken(last: int, prefix: str = "A") -> Draft:
    """Return the act that takes tubes up to a number."""
    (draft,) = drafts_of(TubeNumbersTaken(act="t", prefix=prefix, first=1, last=last))
    return draft


def test_what_was_given_is_counted_and_the_next_is_named(island: NeighbourIsland) -> None:
    """An auditor asks how many numbers the downtime used."""
    import msgspec

    taken = NumbersTaken(act="k", prefix="A", person=118, visit=342, movement=7)
    other = NumbersTaken(act="k", prefix="A.2", person=900, visit=900, movement=900)
    kind = "admissions.numbers.1"
    drafts = [Draft(kind=kind, body=msgspec.msgpack.encode(one), source="") for one in (taken, other)]
    record(island, *drafts, forms_taken(40), tubes_taken(12), tubes_taken(800, "A.2."))

    found = ranges_now(island.data)
    assert found.complete
    assert [(line.given, line.example) for line in found.lines] == [
        (118, "AP000119"), (342, "AV000343"), (7, "AM000008"), (40, "A-000041-38"),
        (12, tube_number(1_001_000_013)),
    ]  # fmt: skip


def test_the_page_says_why_orders_have_no_range(island: NeighbourIsland, nurse: Client) -> None:
    """Whoever looks for the range of orders must not think that it was forgotten; and the chance is what we say."""
    page = nurse.get("/islands/").content.decode()

    assert "pas de plage, et elles ne s’épuisent jamais" in page
    signs = order_number("one act").removeprefix("RLV")
    orders, numbers = 1_000_000, 32 ** len(signs)
    assert 2_000_000 < 1 / (orders * orders / 2 / numbers) < 3_000_000
    # The numbers really are spread over all of them: no sign stands still.
    many = [order_number(f"act {one}") for one in range(2_000)]
    assert all(len({number[place] for number in many}) == 32 for place in range(3, 15))


def test_the_last_tenth_raises_an_alarm_on_the_islands_page_and_the_overview(
    island: NeighbourIsland,
    nurse: Client,
) -> None:
    """On the night when there are none left the pack comes out without forms."""
    record(island, forms_taken(899_999))
    assert "bientôt" not in nurse.get("/hospital/").content.decode()

    record(island, forms_taken(900_001))

    assert "sorte de numéros bientôt épuisée" in nurse.get("/hospital/").content.decode()
    page = nurse.get("/islands/").content.decode()
    assert "Bientôt il n’y en aura plus." in page
    assert "releve journal new-epoch" in page


def test_the_last_tenth_of_the_tubes_raises_the_same_alarm(island: NeighbourIsland, nurse: Client) -> None:
    """Afterwards their numbers are drawn by lot, which no island is told of."""
    record(island, tubes_taken(899_999))
    assert ranges_now(island.data).low == ()

    record(island, tubes_taken(900_001))

    assert [line.left for line in ranges_now(island.data).low] == [99_998]
    assert "sorte de numéros bientôt épuisée" in nurse.get("/hospital/").content.decode()


def test_an_island_with_a_long_name_is_told_that_its_tubes_have_no_range(
    island: NeighbourIsland, monkeypatch: pytest.MonkeyPatch, nurse: Client
) -> None:
    """A table that leaves tubes out would read as if nothing were to be known of them."""
    assert "tirés au sort" not in nurse.get("/islands/").content.decode()

    monkeypatch.setattr(number_ranges, "tubes_of", lambda _island, _epoch: None)

    assert len(ranges_now(island.data).lines) == 4
    assert "tirés au sort" in nurse.get("/islands/").content.decode()


def test_counting_never_holds_a_page_up(
    island: NeighbourIsland,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After a restart a year of acts lies unread: the overview must not wait for it."""
    record(island, *(forms_taken(number) for number in range(1, 8)))
    monkeypatch.setattr(number_ranges, "ACTS_AT_ONCE", 2)
    monkeypatch.setattr(number_ranges, "SECONDS_AT_ONCE", 0.0)

    first = ranges_now(island.data)
    assert not first.complete
    given = [first.lines[3].given]
    while not (found := ranges_now(island.data)).complete:
        given.append(found.lines[3].given)
    assert given == sorted(given)
    assert found.lines[3].given == 7


def test_an_island_without_a_journal_counts_nothing(tmp_path: Path) -> None:
    """The page comes out on the day when the disk is being put back."""
    assert not ranges_now(tmp_path).complete
