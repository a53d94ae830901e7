"""/islands/ and the page for a suspect one: what each says, in words, on the worst nights."""

import html
from collections.abc import Callable
from typing import get_args

import pytest
from django.test import Client
from neighbours import MINUTE_MS, NOW_MS, NeighbourIsland

from releve.islands.exchange.peers import Cut, Peer
from releve.islands.exchange.state import Copy, PeerState, Refusal, Trouble
from releve.islands.standing_words import REFUSAL_WORDS, TROUBLE_WORDS, refusal_words, trouble_words


def text_of(client: Client, address: str = "/islands/") -> str:
    """Return the words of a page, spaces and tags out."""
    import re

    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def test_one_island_only_is_said_there_and_nowhere_else(
    island: NeighbourIsland,
    nurse: Client,
) -> None:
    """A hospital with one island must know what that means, once."""
    assert "Un seul îlot" in text_of(nurse)
    assert "îlots" not in text_of(nurse, "/ward/2140/").lower()


def test_an_island_that_is_silent_says_what_exists_only_there(
    island: NeighbourIsland,
    nurse: Client,
) -> None:
    """If C burns, this is what burns with it: the crisis cell decides with it whether somebody walks there."""
    island.others()
    island.exchange(**island.c_silent())

    page = text_of(nurse)
    assert "Ce qui a été écrit sur l’îlot C depuis 02:41 (29 min) n’existe que là-bas." in page
    assert "pas de liaison : câble, commutateur, courant, ou îlot arrêté" in page
    assert "B · Les Saules à jour" in page
    assert "SSR" in page
    there = page.split("C · Logistique")[1]
    assert "1 inscription, signé à 02:41" in there
    assert "1 manquante" in there


def test_what_another_island_holds_of_the_silent_one_is_not_lost_with_it(
    island: NeighbourIsland,
    nurse: Client,
) -> None:
    """B was reached by C ten minutes longer than we were."""
    island.others()
    later = (NOW_MS - 19 * MINUTE_MS) * 1000
    said = island.c_silent()
    island.exchange(**said | {"copies": said["copies"] | {"c/1": {"b": Copy(720, later)}}})

    assert "depuis 02:51 (19 min) n’existe que là-bas" in text_of(nurse)


def test_who_holds_no_more_of_the_silent_one_does_not_make_its_loss_smaller(
    island: NeighbourIsland,
    nurse: Client,
) -> None:
    """B signs again for what it holds: the page said that three seconds were lost of an island dead for ten minutes."""
    island.others()
    said = island.c_silent()
    held = next(log.size for name, log in said["logs"].items() if name == "c/1")
    island.exchange(**said | {"copies": said["copies"] | {"c/1": {"b": Copy(held, NOW_MS * 1000)}}})

    assert "depuis 02:41 (29 min) n’existe que là-bas" in text_of(nurse)


def test_what_is_only_here_is_counted_from_its_first_entry(
    island: NeighbourIsland,
    nurse: Client,
) -> None:
    """Our own loss, if this machine goes now."""
    island.others()
    at = (NOW_MS - 1000) * 1000
    island.exchange(copies={"a/1": {"b": Copy(1, at), "c": Copy(1, at)}})

    assert "1 inscription n’est qu’ici, depuis" in text_of(nurse)


def test_what_an_earlier_epoch_left_only_here_is_counted_too(island: NeighbourIsland, nurse: Client) -> None:
    """A new epoch begins in trouble: just then the end of the one before is held by nobody else."""
    from releve.journal import folder

    folder.start_epoch(island.data, "test", NOW_MS * 1000)
    island.others()
    at = (NOW_MS - 1000) * 1000
    island.exchange(copies={"a/1": {"b": Copy(1, at)}, "a/2": {"b": Copy(2, at)}})

    assert "1 inscription n’est qu’ici" in text_of(nurse)


def test_the_bar_of_every_page_says_it_and_leads_there(
    island: NeighbourIsland,
    nurse: Client,
) -> None:
    """Nobody opens a page about islands at three in the morning without a reason."""
    island.others()
    island.exchange()
    assert "Îlots : A · B · C d’accord" in text_of(nurse, "/ward/2140/")
    island.exchange(**island.c_silent())

    assert "C muet depuis 02:41" in text_of(nurse, "/ward/2140/")
    assert 'href="/islands/"' in nurse.get("/ward/2140/").content.decode()
    poll = nurse.get("/shell/", headers={"X-Poll": "1"}).content.decode()
    assert 'id="islands"' in poll
    assert 'hx-swap-oob="true"' in poll


def test_a_dead_puller_is_said_with_its_hour(island: NeighbourIsland, nurse: Client) -> None:
    """ "In step" from before it died would be a lie."""
    island.others()
    island.exchange()
    island.now_ms += 5 * MINUTE_MS

    assert "Autres îlots : pas de nouvelles depuis 03:09" in text_of(nurse, "/ward/2140/")
    page = text_of(nurse)
    assert "l’échange de cet îlot est arrêté" in page
    assert "à 03:09 : il était à jour" in page


@pytest.mark.parametrize("what", get_args(Refusal))
def test_every_refusal_is_said_in_words_with_what_to_do_and_where_the_evidence_lies(
    island: NeighbourIsland,
    nurse: Client,
    what: str,
) -> None:
    """A code on a screen is a telephone call at night."""
    island.others()
    island.exchange(refused=(island.refuse(what, folder="evidence/c.1"),))

    page = text_of(nurse)
    words = refusal_words(what)
    assert all(" ".join(str(part).split()) in page for part in words)
    assert "evidence/c.1" in page


def test_no_code_of_the_exchange_is_without_words() -> None:
    """The page would show the code."""
    assert set(REFUSAL_WORDS) == set(get_args(Refusal))
    assert set(TROUBLE_WORDS) == set(get_args(Trouble)) - {""}
    assert trouble_words("newer") == "newer"
    assert refusal_words("newer").what == "newer"


def test_an_island_that_was_cut_off_shows_its_line(
    island: NeighbourIsland,
    nurse: Client,
) -> None:
    """Up to where it is believed is what every other island must say alike."""
    island.others(
        peers=(
            Peer(origin="b", name="B", epochs={"1": "b"}),
            Peer(origin="c", name="C", epochs={"1": "c"}, cuts={"1": Cut(size=38_900, root_b64="")}),
        )
    )
    island.exchange()

    page = text_of(nurse)
    assert "écarté" in page
    assert "38 900 inscriptions" in page
    assert "le reste est laissé de côté" in page
    assert "Îlots : A · B d’accord" in page


def test_an_island_that_was_cut_off_was_heard_once(island: NeighbourIsland, nurse: Client) -> None:
    """The page said that it never was, of an island whose journal lies here: when it was last heard is looked for."""
    said = island.c_silent()
    island.others(
        peers=(
            Peer(origin="b", name="B", epochs={"1": "b"}),
            Peer(origin="c", name="C", epochs={"1": "c"}, left=True),
        )
    )
    island.exchange(**said | {"peers": {"b": said["peers"]["b"]}})

    there = text_of(nurse).split("On ne lui demande")[1]
    assert "Dernier contact 02:41 , 29 min" in there


def test_no_survivor_calls_the_wards_of_a_lost_island_its_own(island: NeighbourIsland, nurse: Client) -> None:
    """Two islands said so of the same ward, and nobody had decided where it writes."""
    island.others(
        peers=(
            Peer(origin="b", name="B", epochs={"1": "b"}),
            Peer(origin="c", name="C", epochs={"1": "c"}, wards=("4140",), left=True),
        )
    )
    island.exchange()

    here, there = text_of(nurse).split("On ne lui demande")

    assert "SSR" in there
    assert "Chirurgie polyvalente" in here
    assert "SSR" not in here


def test_the_commands_for_a_suspect_island_name_none_that_is_well(
    island: NeighbourIsland,
    enter: Callable[..., Client],
) -> None:
    """Somebody copies them as they stand: with C silent, they named B, which would have been cut off."""
    island.others()
    island.exchange(**island.c_silent())

    assert "releve islands cutline c 1 700" in text_of(enter("crisis", ()), "/islands/suspect/")


def test_the_live_part_is_sent_once_and_then_only_when_it_changed(
    island: NeighbourIsland,
    nurse: Client,
) -> None:
    """It is asked every five seconds."""
    island.others()
    island.exchange()
    first = nurse.get("/islands/live/", headers={"X-Poll": "1"})

    assert first.status_code == 200
    again = nurse.get("/islands/live/", headers={"X-Poll": "1", "If-None-Match": first["ETag"]})
    assert again.status_code == 304
    island.exchange(**island.c_silent())
    changed = nurse.get("/islands/live/", headers={"X-Poll": "1", "If-None-Match": first["ETag"]})
    assert changed.status_code == 200


def test_an_act_says_where_it_is_saved_and_again_when_another_island_holds_it(
    island: NeighbourIsland,
    nurse: Client,
) -> None:
    """The nurse who reads "saved on 2 islands" may close the paper form."""
    handle = island.admit("501", "DURAND", "201")
    island.cut("DPI")
    island.others()
    island.exchange(copies={})
    answer = nurse.post(
        f"/patient/{handle}/statements/",
        {"what": "allergy", "state": "stated", "label": "Iode", "act_key": "k" * 24},
    )
    assert answer.status_code == 302
    page = nurse.get(answer["Location"]).content.decode()
    place = f"a/1#{len(island.entries) - 1}"
    assert ">Enregistré ici</b>" in page
    assert f'value="{place}"' in page

    at = (NOW_MS - 1000) * 1000
    island.exchange(copies={"a/1": {"b": Copy(len(island.entries), at)}})
    poll = nurse.get("/shell/", {"entry": place}, headers={"X-Poll": "1"}).content.decode()
    assert '<b id="held" hx-swap-oob="true">Enregistré sur 2 îlots</b>' in " ".join(poll.split())
    assert "enregistré sur 2 îlots" in text_of(nurse, f"/patient/{handle}/")


@pytest.mark.parametrize("entry", ["", "x", "a/1#-1", "a/1#" + "9" * 40, "#3", "a/1#1.5"])
def test_a_place_that_is_none_breaks_no_page(
    island: NeighbourIsland,
    nurse: Client,
    entry: str,
) -> None:
    """It comes back from a browser."""
    island.others()
    island.exchange()

    assert nurse.get("/shell/", {"entry": entry}).status_code == 200


def test_the_page_for_a_suspect_island_names_its_address_and_its_cut_line(
    island: NeighbourIsland,
    enter: Callable[..., Client],
) -> None:
    """Whoever goes to unplug it must find the machine; whoever draws the line, the entry."""
    island.others()
    island.exchange(refused=(island.refuse("equivocation"),))
    page = text_of(enter("crisis", ()), "/islands/suspect/")

    assert "Débranchez le câble réseau de l’îlot suspect." in page
    assert "10.0.3.1:8445" in page
    assert "c/1: 700 inscriptions" in page
    assert "Deux responsables" in page
    assert "releve islands cutline c 1 700 --mode flag" in page
    assert "tous les badges et tous les codes PIN cessent de compter" in page


def test_the_page_for_a_suspect_island_opens_on_an_island_alone(
    island: NeighbourIsland,
    nurse: Client,
) -> None:
    """It is printed before there are any."""
    assert "n’échange avec aucun autre" in text_of(nurse, "/islands/suspect/")


def test_an_island_that_does_not_answer_is_not_said_to_be_catching_up(
    island: NeighbourIsland, nurse: Client
) -> None:
    """Nobody walks to a machine that is said to be busy: seconds after it fell silent the word is another."""
    island.others()
    said = island.c_silent()
    at = (NOW_MS - 1000) * 1000
    twenty, forty = at - 20_000_000, at - 40_000_000
    reached = {"c": PeerState(name="Logistique", reached_us=twenty, tried_us=at, trouble="unreachable")}
    copies = {"a/1": {"b": Copy(2, at), "c": Copy(1, forty)}}
    island.exchange(**said | {"peers": said["peers"] | reached, "copies": copies})
    assert "C · Logistique muet depuis" in text_of(nurse)

    answers = {"c": PeerState(name="Logistique", reached_us=at, tried_us=at)}
    island.exchange(**said | {"peers": said["peers"] | answers, "copies": copies})
    assert "C · Logistique en retard depuis" in text_of(nurse)
