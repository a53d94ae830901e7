"""Declaring through the pages: two steps, two people, one act; confirming, withdrawing, coming back."""

import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from crisis_island import MINUTE_MS, NOW_MS, PASSWORD, Island
from django.test import Client

from releve.crisis.facts import CutConfirmed, CutDeclared, CutWithdrawn
from releve.hospital.standing import declarations
from releve.hospital.status import Place
from releve.hospital.tables import Declaration
from releve.journal.entry import Draft
from releve.web.runtime.tables import FailedEntry

Enter = Callable[[str], Client]


def chosen(**said: Any) -> dict[str, Any]:
    """Return what a form sends for a suspected attack on identity, everywhere, since the last message."""
    form = {
        "status": "down", "applications": ["GAM"], "places": ["all"], "since": "", "reason": "attack",
        "note": "réseau muet", "step": "declare", "second": "ylegoff", "second_pin": PASSWORD,
    }  # fmt: skip
    return {**form, **said}


def text_of(answer: Any) -> str:
    """Return the words of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def declared(island: Island, enter: Enter, **said: Any) -> str:
    """Declare, and return the address of the declaration."""
    answer = enter("hvasseur").post("/declare/", chosen(**said))
    assert answer.status_code == 302, text_of(answer)
    return f"/declare/a/1/{island.reader.size - 1}/"


def test_a_silent_feed_proposes_its_application_and_its_last_message(island: Island, enter: Enter) -> None:
    """Whoever declares at night should have to type as little as possible."""
    island.hear("GAM", minutes_ago=80)
    island.hear("SGL", minutes_ago=1)
    # Seventy minutes of silence are usual at night for nobody here: the map says two hours, so wait longer.
    island.now_ms += 60 * MINUTE_MS

    page = enter("hvasseur").get("/declare/").content.decode()

    assert re.search(r'value="GAM" checked', page)
    assert not re.search(r'value="SGL" checked', page)
    assert 'value="21 nov. 2026 01:50"' in page


def test_the_figures_come_before_anything_is_recorded(island: Island, enter: Enter) -> None:
    """A button that changes every screen of a hospital shows first what it will do."""
    island.hear("GAM", minutes_ago=26)
    client = enter("hvasseur")
    size = island.reader.size

    answer = client.post("/declare/", chosen(step="review", second="", second_pin=""))

    words = text_of(answer)
    assert answer.status_code == 200
    assert island.reader.size == size
    assert "1 écran en service passe en mode dégradé" in words
    assert "4 services concernés" in words
    assert "2 fonctions s’écrivent ici" in words
    assert "aucune" in words or "0 fonction" in words
    assert "4 classeurs à imprimer" in words
    assert "26 min peut-être perdues" in words
    assert "2 applications en service ont besoin de l’une d’elles" in words
    assert 'value="21 nov. 2026 02:44"' in answer.content.decode(), "date and hour are there to be confirmed"
    assert PASSWORD not in answer.content.decode()


def test_two_people_at_one_screen_declare_one_act(island: Island, enter: Enter) -> None:
    """The entry says who, who stood by, what, where and since when."""
    island.hear("GAM", minutes_ago=26)

    answer = enter("hvasseur").post("/declare/", chosen(), follow=True)

    said = island.last(CutDeclared)
    assert said == CutDeclared(
        applications=("GAM",), places=(Place(kind="all"),), status="down", since_us=(NOW_MS - 26 * MINUTE_MS) * 1000,
        reason="attack", note="réseau muet", by="hvasseur", second="ylegoff",
    )  # fmt: skip
    assert "1 application déclarée coupée" in text_of(answer)
    assert "Mode dégradé" in text_of(answer)
    assert "Yann LE GOFF" in text_of(answer)


def test_a_return_keeps_the_reason_of_its_cut(island: Island, enter: Enter) -> None:
    """They come back from what they were cut for; asked again, somebody answers something else."""
    declared(island, enter, reason="breakdown")

    page = enter("hvasseur").get("/declare/?status=restored&application=GAM").content.decode()
    other = enter("hvasseur").get("/declare/?status=restored&application=SGL").content.decode()

    assert re.search(r'name="reason" value="breakdown"[^>]* checked', page)
    assert not re.search(r'name="reason"[^>]* checked', other)


def test_what_a_link_ticked_is_not_said_to_be_ticked_for_its_silence(island: Island, enter: Enter) -> None:
    """ "Ticked because its feed is silent", of an application that is back: whoever reads that stops."""
    island.hear("GAM", minutes_ago=80)
    island.now_ms += 60 * MINUTE_MS
    cut = text_of(enter("hvasseur").get("/declare/"))
    declared(island, enter, reason="breakdown")

    back = text_of(enter("hvasseur").get("/declare/?status=restored&application=GAM"))

    assert "car son flux est muet" in cut
    assert "car son flux est muet" not in back
    assert "Cochez celles dont vous déclarez l’état" in back


def test_pressing_twice_is_one_declaration(island: Island, enter: Enter) -> None:
    """A slow page is pressed again by everybody."""
    client = enter("hvasseur")
    for _ in range(2):
        client.post("/declare/", chosen(act_key="same"))

    assert island.kinds().count("crisis.declared.1") == 1


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"applications": []}, "Cochez au moins une application."),
        ({"applications": ["NOPE"]}, "n’est plus sur la carte"),
        ({"places": []}, "Dites où"),
        ({"since": "hier soir"}, "Écrivez un jour et une heure"),
        ({"since": "20/11/2025 02:44"}, "Il y a plus de 31"),
        ({"since": "03:30"}, "n’est pas encore venue"),
        ({"reason": ""}, "Choisissez une raison."),
        ({"second": "", "second_pin": ""}, "Il faut deux personnes pour ces lieux"),
        ({"second_pin": ""}, "Badge et code vont ensemble"),
        ({"second_pin": "wrong-code"}, "L’identifiant et le code ne vont pas ensemble"),
        ({"second": "hvasseur"}, "quelqu’un d’autre"),
        ({"second": "nkervella"}, "ne peut pas s’engager"),
        ({"second": "andiaye"}, "ne peut pas s’engager"),
    ],
)
def test_what_is_refused_is_said_in_words_and_nothing_is_recorded(
    island: Island, enter: Enter, said: dict[str, Any], words: str
) -> None:
    """The page leads to what is to be mended."""
    client = enter("hvasseur")
    size = island.reader.size

    answer = client.post("/declare/", chosen(**said))

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert island.reader.size == size
    for target in re.findall(r'<li><a href="#([^"]*)"', answer.content.decode()):
        assert f'id="{target}"' in answer.content.decode(), (
            f"the summary leads to #{target}, which is not there"
        )


def test_an_hour_that_happens_twice_is_asked_for(island: Island, enter: Enter) -> None:
    """On 25 October 02:30 is two moments, an hour apart."""
    island.now_ms = 1_792_913_400_000  # 25 October 2026, 08:30 in Paris

    client = enter("hvasseur")
    refused = client.post("/declare/", chosen(since="25/10/2026 02:30"))
    client.post("/declare/", chosen(since="25/10/2026 02:30 B"))

    assert "existe deux fois" in text_of(refused)
    assert island.last(CutDeclared).since_us == 1_792_891_800_000_000


def test_nobody_guesses_the_code_of_the_second_person(island: Island, enter: Enter) -> None:
    """The form must not be a way around the limit of signing in."""
    client = enter("hvasseur")
    for attempt in range(5):
        client.post("/declare/", chosen(second_pin=f"wrong-code-{attempt}"))

    answer = client.post("/declare/", chosen())

    assert "Trop d’essais" in text_of(answer)
    assert FailedEntry.objects.count() == 5
    assert "crisis.declared.1" not in island.kinds()


def test_a_nurse_alone_declares_for_her_ward_and_it_waits_for_somebody(island: Island, enter: Enter) -> None:
    """Nobody is there: the ward must still know where to write, and everybody that it is one voice."""
    client = enter("nkervella")
    alone = chosen(places=["ward:2110"], second="", second_pin="")

    refused = client.post("/declare/", alone)
    wider = client.post("/declare/", chosen(places=["ward:2120"], second="", second_pin="", alone="on"))
    answer = client.post("/declare/", {**alone, "alone": "on"}, follow=True)

    assert "cochez que personne n’est là" in text_of(refused)
    assert wider.status_code == 422
    assert "pas encore confirmé" in text_of(answer)
    assert island.last(CutDeclared).second == ""
    assert "1 déclaration non confirmée" in text_of(enter("andiaye").get("/hospital/"))


def test_a_colleague_confirms_on_her_own_screen(island: Island, enter: Enter) -> None:
    """One press, once, and the flag is gone."""
    enter("nkervella").post("/declare/", chosen(places=["ward:2110"], second="", second_pin="", alone="on"))
    address = f"/declare/a/1/{island.reader.size - 1}/"

    own = enter("nkervella").post(address, {"act": "confirm"})
    answer = enter("srousseau").post(address, {"act": "confirm"}, follow=True)
    again = enter("ylegoff").post(address, {"act": "confirm"})

    assert "quelqu’un d’autre" in text_of(own)
    assert island.last(CutConfirmed).by == "srousseau"
    assert "Solène ROUSSEAU" in text_of(answer)
    assert "Quelqu’un l’a confirmée" in text_of(again)


def test_the_second_person_may_confirm_at_the_first_one_s_screen(island: Island, enter: Enter) -> None:
    """There is one working computer in the ward."""
    client = enter("nkervella")
    client.post("/declare/", chosen(places=["ward:2110"], second="", second_pin="", alone="on"))
    address = f"/declare/a/1/{island.reader.size - 1}/"

    client.post(address, {"act": "confirm", "second": "ylegoff", "second_pin": PASSWORD})

    assert island.last(CutConfirmed) == CutConfirmed(
        declaration=f"a/1#{island.reader.size - 2}", by="ylegoff"
    )


def test_what_two_declared_two_withdraw_while_nothing_was_recorded(island: Island, enter: Enter) -> None:
    """A false alarm must leave no ward on paper; and a single stolen code must not end a real one."""
    address = declared(island, enter)
    client = enter("hvasseur")

    refused = client.post(address, {"act": "withdraw"})
    answer = client.post(
        address, {"act": "withdraw", "withdrawal": "fausse alerte", "second": "ylegoff", "second_pin": PASSWORD},
        follow=True,
    )  # fmt: skip

    assert "Il faut deux personnes" in text_of(refused)
    assert island.last(CutWithdrawn).second == "ylegoff"
    assert "Veille" in text_of(answer)
    assert "Déclarations passées" in text_of(answer)


def test_nothing_is_withdrawn_once_care_was_recorded(island: Island, enter: Enter) -> None:
    """What was written under it would lose its place. An act of which this version knows nothing counts too."""
    address = declared(island, enter)
    client = enter("hvasseur")
    island.append([Draft(kind="medication.given.7", body=b"\x80", source="screen:2110")])

    answer = client.post(address, {"act": "withdraw", "second": "ylegoff", "second_pin": PASSWORD})

    assert answer.status_code == 422
    assert "elle ne peut plus être retirée" in text_of(answer)
    assert "crisis.withdrawn.1" not in island.kinds()


def test_an_application_comes_back_by_the_same_form(island: Island, enter: Enter) -> None:
    """Restored, then in service: two declarations, two people each time."""
    declared(island, enter)
    island.now_ms += 3 * 3_600_000
    client = enter("hvasseur")

    alone = client.post(
        "/declare/", chosen(status="restored", places=["ward:2110"], second="", second_pin="", alone="on")
    )
    review = client.post("/declare/", chosen(status="restored", step="review"))
    restored = client.post("/declare/", chosen(status="restored"), follow=True)
    island.now_ms += 3_600_000
    live = enter("hvasseur").post("/declare/", chosen(status="live"), follow=True)

    assert "Il faut deux personnes pour renvoyer" in text_of(alone)
    assert "2 fonctions s’écrivent de nouveau dans l’application" in text_of(review)
    assert "Reprise" in text_of(restored)
    assert "Veille" in text_of(live)


def test_an_announced_stop_waits_for_its_hour(island: Island, enter: Enter) -> None:
    """Maintenance at six must not put the wards on paper at three."""
    answer = enter("hvasseur").post(
        "/declare/", chosen(since="21/11/2026 06:00", reason="planned"), follow=True
    )

    assert "annoncée" in text_of(answer)
    assert "Veille" in text_of(answer)
    island.now_ms += 3 * 3_600_000
    assert "Mode dégradé" in text_of(enter("hvasseur").get("/hospital/"))


def test_the_form_keeps_what_was_filled_in_when_one_goes_back(island: Island, enter: Enter) -> None:
    """Going back to correct a tick must not cost the note."""
    page = (
        enter("hvasseur")
        .post("/declare/", chosen(step="mend", applications=["PRESC"], places=["building:B"]))
        .content.decode()
    )

    assert re.search(r'value="PRESC" checked', page)
    assert re.search(r'value="building:B" checked', page)
    assert 'value="réseau muet"' in page


@pytest.mark.parametrize("code", ["andiaye"])
def test_other_roles_neither_see_nor_declare(island: Island, enter: Enter, code: str) -> None:
    """Hiding the link is not enough."""
    client = enter(code)

    assert client.get("/declare/").status_code == 403
    assert client.post("/declare/", chosen()).status_code == 403
    assert 'href="/declare/"' not in client.get("/hospital/").content.decode()


def test_a_nurse_is_offered_her_own_wards_only(island: Island, enter: Enter) -> None:
    """What she may not declare is not proposed to her."""
    page = enter("nkervella").get("/declare/").content.decode()

    assert re.search(r'value="ward:2110" checked', page)
    assert 'value="all"' not in page
    assert 'value="ward:2120"' not in page


def test_another_island_confirms_and_withdraws_nothing_by_itself(island: Island, enter: Enter) -> None:
    """An island that was taken over must not send the wards of the others back to applications that are down."""
    enter("nkervella").post("/declare/", chosen(places=["ward:2110"], second="", second_pin="", alone="on"))
    id_ = f"a/1#{island.reader.size - 1}"
    encode = msgspec.msgpack.Encoder().encode
    early, late = (CutConfirmed(declaration=id_, by=code) for code in ("srousseau", "ylegoff"))
    hour = island.now_ms
    some = island.reader.get(island.reader.size - 1)

    withdrawn = CutWithdrawn(declaration=id_, by="attacker", second="nobody")
    for index, said in enumerate((late, early, withdrawn)):
        entry = msgspec.structs.replace(
            some,
            kind="crisis.withdrawn.1" if said is withdrawn else "crisis.confirmed.1",
            body=encode(said),
            recorded_at_us=(hour + index * 60_000) * 1000,
            occurred_at_us=None,
            origin="b",
            index=index,
        )
        island.receive("b/1", [entry])

    row = Declaration.objects.get(id=id_)
    assert (row.confirmed_by, row.withdrawn_by) == (None, None)
    (said_here,) = declarations()
    assert (said_here.confirmed, said_here.withdrawn, said_here.wards_only) == (False, False, None)


def test_what_another_island_claims_is_shown_in_words_and_changes_nothing(
    island: Island, enter: Enter
) -> None:
    """Whoever reads the list at three must see at once that nobody here needs to go to paper for it."""
    said = CutDeclared(
        applications=("PRESC",), places=(Place(kind="all"),), status="down", since_us=island.now_ms * 1000,
        reason="attack", by="attacker", second="nobody",
    )  # fmt: skip
    some = island.reader.get(island.reader.size - 1)
    body = msgspec.msgpack.Encoder().encode(said)
    entry = msgspec.structs.replace(
        some, kind="crisis.declared.1", body=body, origin="b", index=3, occurred_at_us=None
    )
    island.receive("b/1", [entry])

    client = enter("hvasseur")

    assert "dit par l’îlot b sans la signature des responsables : ne change rien ici" in text_of(
        client.get("/declare/")
    )
    assert "Un autre îlot le dit" in text_of(client.get("/declare/b/1/3/"))


@pytest.mark.parametrize(
    ("applications", "said"), [(["GAM"], "Elle est revenue"), (["GAM", "AD"], "Elles sont revenues")]
)
def test_one_application_that_is_back_is_spoken_of_as_one(
    island: Island, enter: Enter, applications: list[str], said: str
) -> None:
    """ "They are back" beside a single name: one looks for the others."""
    declared(island, enter, applications=applications)

    words = text_of(enter("hvasseur").get("/declare/"))

    stands = words.partition("Ce qui est déclaré")[2].partition("Quelles applications")[0]
    assert said in stands
