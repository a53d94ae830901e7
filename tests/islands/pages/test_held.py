"""What is known of the other islands, read for every page: cheap, never in the way, never more than was signed."""

import os
import re
from collections.abc import Callable, Iterator

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils.translation import override
from neighbours import MINUTE_MS, NOW_MS, NeighbourIsland

from releve.bedside.board_words import _apart_words
from releve.islands import held
from releve.islands.exchange.peers import Cut, Peer
from releve.islands.exchange.state import Copy, Exchange, PeerState, exchange_path
from releve.paper.gather import gather
from releve.paper.pack import KeeperApart
from releve.web.elsewhere import Neighbour, Step


@pytest.fixture
def known(island: NeighbourIsland) -> Iterator[NeighbourIsland]:
    """Return the island that knows B and C, all in step."""
    island.others()
    island.exchange()
    return island


def bar() -> str:
    """Return what the bar would say, shortly."""
    said = held.elsewhere()
    assert said is not None
    if said.unknown_since_ms is not None:
        return f"unknown {said.unknown_since_ms}"
    return f"{said.names} | " + ", ".join(f"{one.name} {one.step} {one.since_ms}" for one in said.apart)


def test_an_island_alone_says_nothing_of_others(island: NeighbourIsland) -> None:
    """A word about islands on the page of a small hospital that has one is noise."""
    assert held.elsewhere() is None
    assert held.copies_of("a/1", 0) is None
    assert held.island_of("b/1") == ""


def test_all_in_step_is_said_in_one_line(known: NeighbourIsland) -> None:
    """What is well must not take the place of what is not."""
    assert bar() == "A · B · C | "


def test_an_island_that_is_not_reached_is_silent_since_its_last_contact(known: NeighbourIsland) -> None:
    """From that minute on nobody knows what is written there."""
    known.exchange(**known.c_silent())

    assert bar() == f"A · B | C silent {NOW_MS - 29 * MINUTE_MS}"


def test_an_island_that_lacks_our_entries_is_behind(known: NeighbourIsland) -> None:
    """It answers, and holds nothing of the last hour: the loss would be ours."""
    at, then = (NOW_MS - 1000) * 1000, (NOW_MS - 10 * MINUTE_MS) * 1000
    known.exchange(copies={"a/1": {"b": Copy(1, then), "c": Copy(2, at)}})

    assert bar() == f"A · C | B behind {NOW_MS - 10 * MINUTE_MS}"


def test_an_island_never_reached_is_not_called_silent(known: NeighbourIsland) -> None:
    """It may have been added a minute ago."""
    known.exchange(
        peers={"b": PeerState(name="B", reached_us=(NOW_MS - 1000) * 1000), "c": PeerState(name="C")}
    )

    assert bar() == "A · B | C never None"


def test_a_puller_that_died_says_since_when_nothing_is_known(known: NeighbourIsland) -> None:
    """Green from an hour ago is worse than nothing."""
    known.now_ms += 5 * MINUTE_MS

    assert bar() == f"unknown {NOW_MS - 1000}"


@pytest.mark.parametrize("torn", [b"", b'{"at_us": 1', b"\xff\xfe", b'{"own": 3}'])
def test_a_torn_file_leaves_what_was_read_last(known: NeighbourIsland, torn: bytes) -> None:
    """Whatever another process did to its file, the ward's page comes out."""
    assert bar() == "A · B · C | "
    exchange_path(known.data).write_bytes(torn)

    assert bar() == "A · B · C | "
    assert held.copies_of("a/1", 1) == 3


def test_a_file_that_is_gone_and_never_was_read_is_not_known(island: NeighbourIsland) -> None:
    """The first minute of a new neighbour."""
    island.others()

    assert bar() == "unknown 0"
    assert held.copies_of("a/1", 0) == 1


def test_peers_that_cannot_be_read_are_not_believed_to_be_none(known: NeighbourIsland) -> None:
    """An unreadable list must not turn three islands into one that is well."""
    assert bar() == "A · B · C | "
    (known.data / "islands" / "peers.json").write_text("{")

    assert bar().startswith("unknown")


def test_a_file_that_did_not_change_is_not_read_again(
    known: NeighbourIsland, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hundred screens ask every few seconds."""
    held.held_now()

    def never(*_: object) -> Exchange:
        raise AssertionError("read again")

    monkeypatch.setattr(held, "read_exchange", never)
    monkeypatch.setattr(held, "read_peers", never)

    assert held.held_now().peers is not None
    os.utime(exchange_path(known.data), ns=(1, 1))
    with pytest.raises(AssertionError, match="read again"):
        held.held_now()


def test_an_entry_is_counted_where_it_is_signed_for(known: NeighbourIsland) -> None:
    """ "Saved on 2 islands" is why somebody does not write it on paper too."""
    at = (NOW_MS - 1000) * 1000
    known.exchange(copies={"a/1": {"b": Copy(2, at), "c": Copy(1, at)}, "b/1": {"c": Copy(10, at)}})

    assert [held.copies_of("a/1", index) for index in (0, 1, 2)] == [3, 2, 1]
    # What B wrote: B, here, and C up to its tenth.
    assert [held.copies_of("b/1", index) for index in (9, 10)] == [3, 2]


def test_an_island_that_left_or_was_cut_off_holds_nothing_for_us(known: NeighbourIsland) -> None:
    """Nobody will ask it for a copy any more."""
    known.others(
        peers=(
            Peer(origin="b", name="B", epochs={"1": "b"}, left=True),
            Peer(origin="c", name="C", epochs={"1": "c"}, cuts={"1": Cut(size=5, root_b64="")}),
        )
    )

    assert held.copies_of("a/1", 0) == 1
    assert held.copies_of("c/1", 0) == 1


@pytest.mark.parametrize("what", ["equivocation", "rollback", "order", "entry"])
def test_what_only_its_own_key_can_have_signed_makes_an_island_suspect_until_it_is_cut(
    known: NeighbourIsland, what: str
) -> None:
    """Whoever relayed it; and a cut line is the managers' answer."""
    refused = known.refuse(what, from_="b", at_us=(NOW_MS - 48 * 60 * MINUTE_MS) * 1000)
    known.exchange(refused=(refused,))
    assert bar().startswith("A · B | C suspect")

    known.others(
        peers=(
            Peer(origin="b", name="B", epochs={"1": "b"}),
            Peer(origin="c", name="C", epochs={"1": "c"}, cuts={"1": Cut(size=5, root_b64="", mode="flag")}),
        )
    )
    assert bar() == "A · B · C | "


def test_what_a_failing_disk_does_too_makes_its_holder_suspect_for_a_day(known: NeighbourIsland) -> None:
    """A bit that flips on B is no reason to call C suspect, nor B for ever."""
    known.exchange(refused=(known.refuse("tree", from_="b"),))
    assert bar().startswith("A · C | B suspect")

    known.exchange(refused=(known.refuse("tree", from_="b", at_us=(NOW_MS - 25 * 60 * MINUTE_MS) * 1000),))
    assert bar() == "A · B · C | "


def test_a_stick_or_a_clock_makes_nobody_suspect(known: NeighbourIsland) -> None:
    """The word must keep its weight."""
    known.exchange(refused=(known.refuse("tree", from_="folder"), known.refuse("clock")))

    assert bar() == "A · B · C | "


def test_the_board_of_a_ward_whose_island_is_silent_says_so_and_since_when(
    island: NeighbourIsland, nurse: Client
) -> None:
    """Feeds of other wards look fresh: an empty list of new results would be taken for good news."""
    island.others(peers=(Peer(origin="c", name="Logistique", addresses=("10.0.3.1:8445",), epochs={"1": "c"},
                              wards=("2140",)),))  # fmt: skip
    island.exchange(
        peers={"c": PeerState(name="Logistique", reached_us=NOW_MS * 1000, tried_us=NOW_MS * 1000)}
    )
    before = nurse.get("/ward/2140/live/")
    assert "Service tenu par" not in before.content.decode()

    silent = island.c_silent()
    island.exchange(**silent | {"peers": {"c": silent["peers"]["c"]}})

    page = nurse.get("/ward/2140/").content.decode()
    assert re.search(
        r"Service tenu par l’îlot C\u00a0:</strong> muet depuis 02:41, ce qui y a été dit depuis n’est pas ici",
        page,
    ), page
    assert "Service tenu par" not in nurse.get("/ward/4140/").content.decode()
    # A screen that stands open is told at its next poll: nothing of the ward itself has changed.
    live = nurse.get("/ward/2140/live/", headers={"If-None-Match": before["ETag"]})
    assert live.status_code == 200
    assert "Service tenu par" in live.content.decode()
    assert nurse.get("/ward/2140/live/", headers={"If-None-Match": live["ETag"]}).status_code == 304


def text_of(answer: HttpResponse) -> str:
    """Return the words of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def with_c_keeping_2140(island: NeighbourIsland) -> None:
    """Let C keep ward 2140, and be in step."""
    island.others(peers=(Peer(origin="c", name="Logistique", addresses=("10.0.3.1:8445",), epochs={"1": "c"},
                              wards=("2140",)),))  # fmt: skip
    island.exchange(
        peers={"c": PeerState(name="Logistique", reached_us=NOW_MS * 1000, tried_us=NOW_MS * 1000)}
    )


def test_the_lists_of_wards_name_the_island_that_is_silent_instead_of_a_fresh_hour(
    island: NeighbourIsland, enter: Callable[[str], Client]
) -> None:
    """A head nurse read "up to date" of a ward whose island had said nothing for half an hour."""
    with_c_keeping_2140(island)
    cell, nurse, cadre = "îlot C muet 02:41", enter("nurse"), enter("crisis")
    before = cadre.get("/hospital/live/")
    assert cell not in text_of(before)
    assert cell not in text_of(nurse.get("/ward/"))

    silent = island.c_silent()
    island.exchange(**silent | {"peers": {"c": silent["peers"]["c"]}})

    # Among her wards, and in its building.
    assert (
        len(
            re.findall(
                r'<td class="num is-stale keeper">\s*îlot C muet <', nurse.get("/ward/").content.decode()
            )
        )
        == 2
    )
    page = cadre.get("/hospital/live/", headers={"If-None-Match": before["ETag"]})
    words = text_of(page)
    assert len(re.findall(r'<td class="num is-stale keeper">\s*îlot C muet <', page.content.decode())) == 1
    assert re.search(
        r"L’îlot C tient 1 service\s: muet depuis 02:41, ce qui y a été dit depuis n’est pas ici", words
    ), words


def test_a_printed_pack_says_that_the_island_of_its_ward_is_silent_and_goes_no_further(
    island: NeighbourIsland,
) -> None:
    """Paper is carried to the bed and believed: its great hour must not be that of other wards' feeds."""
    with_c_keeping_2140(island)
    at = gather(now_ms=NOW_MS, wards=["2140", "4140"], language="fr")
    before = at.ward("2140", pack_id="1", printed_ms=NOW_MS).pack
    assert before.apart is None

    silent = island.c_silent()
    island.exchange(**silent | {"peers": {"c": silent["peers"]["c"]}})

    pack = at.ward("2140", pack_id="2", printed_ms=NOW_MS).pack
    assert pack.apart == KeeperApart(name="C", step="silent", since="2026-11-21T02:41")
    assert (before.data_at > "2026-11-21T02:41", pack.data_at) == (True, "2026-11-21T02:41")
    assert at.ward("4140", pack_id="3", printed_ms=NOW_MS).pack.apart is None


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("never", "jamais joint"),
        ("behind", "en retard"),
        ("suspect", "demander au service"),
        ("silent", "muet depuis"),
    ],
)
def test_each_way_of_not_being_in_step_has_its_words_on_the_board(step: Step, words: str) -> None:
    """What to do differs: wait, call, or not believe."""
    with override("fr"):
        said = _apart_words(Neighbour(name="C", step=step, since_ms=NOW_MS))

    assert words in said["text"]
    assert said["stale"]
