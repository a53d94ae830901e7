"""C chooses its name, its addresses, what it answers and what it claims: on A's screens that is text, and no more."""

import msgspec
import pytest
from django.test import Client
from neighbours import NOW_MS, NeighbourIsland
from test_introduction import SHOWN

from releve.islands.exchange.peers import Cut, Peer
from releve.islands.exchange.state import Copy, LogState, PeerState, Refused
from releve.islands.introduction import IntroductionError, checked

EVIL = (
    "<script>alert(1)</script>\u202e\u2066\x00\x1b[31m'\"><img src=x onerror=alert(1)>{{7*7}}{% csrf_token %}"
)
FAR = (1 << 57) - 1


def test_what_c_calls_itself_and_answers_is_shown_as_text(island: NeighbourIsland, nurse: Client) -> None:
    """A page for a suspect island is read on the worst night: it must not be the attacker's."""
    peer = Peer(
        origin="c", name=EVIL, addresses=(EVIL, "10.0.0.1:1"), epochs={"1": "c"}, wards=(EVIL,),
        cuts={"1": Cut(size=3, root_b64=EVIL)},
    )  # fmt: skip
    island.others(peers=(peer, Peer(origin="b", name="B", addresses=("10.0.2.1:1",), epochs={"1": "b"})))
    at = (NOW_MS - 1000) * 1000
    island.exchange(
        peers={"c": PeerState(name=EVIL, reached_us=at, tried_us=at, trouble="answer", detail=EVIL)},
        logs={"c/1": LogState(size=5, checkpoint_us=FAR, behind=10**15)},
        copies={"a/1": {"c": Copy(2, FAR), "b": Copy(2, 0)}},
        refused=(
            Refused(
                at_us=FAR, origin="c", epoch=1, what="tree", from_="c", detail=EVIL, folder=f"evidence/{EVIL}"
            ),
            Refused(
                at_us=0,
                origin="c",
                epoch=10**8,
                what="equivocation",
                from_="c",
                detail="x" * 10_000,
                folder="",
            ),
        ),
    )
    for address in ("/islands/", "/islands/suspect/", "/ward/2140/"):
        answer = nurse.get(address)
        assert answer.status_code == 200, address
        page = answer.content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert 'href="javascript' not in page


@pytest.mark.parametrize(
    "name", ["B\u202e", "\u2066B", "B\x00", "B\x1b[31m", "B\u200b", "B\u2028", "B\n", "\ue000"]
)
def test_a_name_that_turns_the_reading_round_is_no_name(name: str) -> None:
    """On a screen it could pass for another island's, and a line of figures be read from its end."""
    with pytest.raises(IntroductionError):
        checked(msgspec.structs.replace(SHOWN, name=name))
    with pytest.raises(IntroductionError):
        checked(msgspec.structs.replace(SHOWN, wards=("2140", "2\u202e")))
