"""The overview, the feeds, what was not understood, who is missing: what they say, and to whom."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from crisis_island import MINUTE_MS, NOW_MS, PASSWORD, Island
from django.test import Client

from releve.bedside.horizon import Freshness
from releve.crisis import overview_page
from releve.crisis.feed_lines import HOUR_MS, line_of, rate
from releve.hospital.map import Feed
from releve.journal.entry import Draft

Enter = Callable[[str], Client]
CUT = {
    "status": "down", "applications": ["GAM"], "places": ["building:B"], "since": "", "reason": "attack", "note": "",
    "step": "declare", "second": "ylegoff", "second_pin": PASSWORD,
}  # fmt: skip


def text_of(answer: Any) -> str:
    """Return the words of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_the_overview_says_where_there_is_room_and_where_there_is_too_much(
    island: Island, enter: Enter
) -> None:
    """The question of every night: where can the next one go?"""
    for place, bed in enumerate(("P", "F", "F")):
        island.admit(f"10{place}", f"DURAND{place}", "2110", bed)
    island.admit("200", "MARTIN", "3110")

    words = text_of(enter("ylegoff").get("/hospital/"))

    assert "4 patients sur 8 places" in words
    assert "Orthopédie 3 /2 1 de trop" in words
    assert "1 service au-delà de ses places" in words
    assert "Pneumologie 1 /2 1 libre" in words
    assert "Urologie 0 /2 2 libres" in words


def test_before_any_movement_no_place_is_called_free(island: Island, enter: Enter) -> None:
    """The next ambulance must not be sent to a ward because nobody told this island who lies there."""
    from releve.hospital.tables import Sender

    Sender.objects.using("fold").all().delete()

    words = text_of(enter("ylegoff").get("/hospital/"))

    assert "On ne sait pas qui est là aucun mouvement reçu encore" in words
    assert "Urologie 2 inconnu rien reçu encore" in words
    assert re.search(r"B · Les Tilleuls \d+ places", words)
    assert "libres" not in words
    assert "0 /" not in words


def test_what_was_never_heard_and_is_cut_says_so_on_the_hospitals_page(island: Island, enter: Enter) -> None:
    """An island set up during the attack must not call what is cut a feed that is still to come."""
    from releve.hospital.tables import Sender

    client = enter("hvasseur")
    client.post("/declare/", CUT)
    Sender.objects.using("fold").all().delete()

    words = text_of(client.get("/hospital/"))

    assert "Orthopédie 2 inconnu coupé, jamais reçu" in words
    assert "Pneumologie 2 inconnu rien reçu encore" in words


def test_a_ward_whose_application_is_cut_is_frozen_and_the_others_are_not(
    island: Island, enter: Enter
) -> None:
    """Each building had its own network: what is known of one says nothing of the other."""
    island.hear("GAM", minutes_ago=26)
    island.hear("PRESC", minutes_ago=1)
    client = enter("hvasseur")
    client.post("/declare/", CUT)

    answer = client.get("/hospital/")

    words = text_of(answer)
    assert "Orthopédie 0 /2 2 libres figé 02:44" in words
    assert "Pneumologie 0 /2 2 libres 03:09" in words
    assert "1 coupée, 0 restaurée, 4 en service" in words
    assert "bâtiment B, Les Tilleuls" in words
    assert "Admissions" in words[words.index("1 coupée") :]


def test_two_cuts_of_one_application_each_say_their_hour(island: Island, enter: Enter) -> None:
    """One hour for both is wrong in one of the buildings, and decides there which doses are doubted."""
    island.hear("GAM", minutes_ago=26)
    client = enter("hvasseur")
    client.post("/declare/", {**CUT, "since": "02:20"})
    client.post("/declare/", {**CUT, "places": ["building:C"], "since": "02:50"})

    words = text_of(client.get("/hospital/applications/"))
    overview = text_of(client.get("/hospital/"))

    for said in (words, overview):
        assert re.search(r"bâtiment B, Les Tilleuls \S* ?02:20", said)
        assert re.search(r"bâtiment C, [^0-9]* 02:50", said)
    assert "1 coupée, 0 restaurée, 4 en service" in overview


def test_an_unchanged_overview_costs_a_word_and_a_changed_one_brings_the_band(
    island: Island, enter: Enter
) -> None:
    """Two hundred screens ask every ten seconds."""
    island.hear("GAM", minutes_ago=1)
    client = enter("hvasseur")
    etag = client.get("/hospital/")["ETag"]
    poll = {"X-Poll": "1", "If-None-Match": etag}

    unchanged = client.get("/hospital/live/", headers=poll)
    client.post("/declare/", CUT)
    changed = client.get("/hospital/live/", headers={"If-None-Match": etag})

    assert unchanged.status_code == 304
    assert unchanged.content == b""
    assert changed.status_code == 200
    assert changed["ETag"] != etag
    assert f'data-etag="{changed["ETag"].replace(chr(34), "&quot;")}"' in changed.content.decode()
    assert 'data-shell-mode="downtime"' in changed.content.decode()
    assert "hx-swap-oob" in changed.content.decode()


def test_a_language_and_a_role_have_their_own_overview(island: Island, enter: Enter) -> None:
    """A relay that gave one person's answer to another would show a button that is refused."""
    etags = {enter(code).get("/hospital/")["ETag"] for code in ("ylegoff", "andiaye", "mollivier")}

    assert len(etags) == 3


@pytest.mark.parametrize(("encrypted", "said"), [(False, True), (True, False), (None, False)])
def test_a_disk_that_is_not_encrypted_is_said_to_those_who_can_change_it(
    island: Island, enter: Enter, monkeypatch: pytest.MonkeyPatch, encrypted: bool | None, said: bool
) -> None:
    """It is read once by a manager and once by the IT department, not at each round by a nurse."""
    monkeypatch.setattr(overview_page, "disk_is_encrypted", lambda data: encrypted)

    words = {code: text_of(enter(code).get("/hospital/")) for code in ("ylegoff", "mollivier", "hvasseur")}

    assert [code for code, page in words.items() if "n’est pas chiffré" in page] == (
        ["ylegoff", "mollivier"] if said else []
    )


def test_a_process_that_is_started_in_vain_is_said_with_what_is_lost(island: Island, enter: Enter) -> None:
    """Packs that nobody sets are noticed at the cut, when it is too late."""
    from releve.web.database import data_folder
    from releve.web.ending_again import note_calm, note_ending

    note_ending(data_folder(), "packs")
    try:
        words = text_of(enter("ylegoff").get("/hospital/"))
    finally:
        note_calm(data_folder(), "packs")

    assert "Une partie de cet îlot ne fonctionne pas" in words
    assert "les classeurs ne sont plus composés (processus packs, depuis" in words
    assert "Une partie de cet îlot" not in text_of(enter("ylegoff").get("/hospital/"))


def test_each_feed_says_how_it_is_in_the_words_of_absence(island: Island, enter: Enter) -> None:
    """Silent, expected later, never received: three different things to do."""
    island.hear("GAM", minutes_ago=1)
    island.hear("SGL", minutes_ago=130)

    page = enter("mollivier").get("/feeds/")

    words = text_of(page)
    assert re.search(r"Laboratoire 10\.4\.2\.20 muet 01:00 2 h 10", words)
    assert re.search(r"Identité et mouvements 10\.4\.2\.20 en direct 03:09", words)
    assert re.search(r"Prescription aucune adresse connue jamais reçu jamais", words)
    assert words.index("Laboratoire 10") < words.index("Identité et mouvements 10"), "the worrying first"
    assert "1 flux muet" in words


@pytest.mark.parametrize(
    ("minutes", "state"),
    [(1, "receiving"), (15, "receiving"), (16, "later"), (120, "later"), (121, "silent")],
)
def test_a_feed_is_expected_before_it_is_silent(minutes: int, state: str) -> None:
    """A night's two hours are usual; an alarm at every quarter of an hour is soon switched off."""
    feed = Feed(code="ADT", name="Identité", application="GAM", sending_application="GAM")
    fresh = Freshness(
        feed=feed,
        last_at=NOW_MS - minutes * MINUTE_MS,
        usual_seconds=7200,
        silent=minutes > 120,
        senders=("GAM|",),
    )

    assert line_of(fresh, {}, now_ms=NOW_MS).state == state


def test_the_rate_does_not_fall_to_nothing_at_each_full_hour() -> None:
    """At 03:00 sharp the bucket of the hour is empty; the feed is not."""
    hour = NOW_MS // HOUR_MS

    assert rate({hour - 1: 60}, hour * HOUR_MS) == 60
    assert rate({hour - 1: 60, hour: 30}, hour * HOUR_MS + HOUR_MS // 2) == 60


def test_a_clock_that_is_off_is_told_beyond_a_minute(island: Island, enter: Enter) -> None:
    """Hours of two machines are compared by eye at the bedside."""
    from crisis_island import shell_hour

    for sender, seconds in (("GAM", 45), ("SGL", 300)):
        at = shell_hour(island.now_ms + seconds * 1000)
        island.hear(sender, body=f"MSH|^~\\&|{sender}||RELEVE||{at}||ZZZ^Z01|1|P|2.5\r".encode())

    words = text_of(enter("mollivier").get("/feeds/"))

    assert "son horloge avance de 5 min" in words
    assert words.count("horloge") == 1


def test_who_speaks_unannounced_stands_on_the_page(island: Island, enter: Enter) -> None:
    """A new machine, or somebody who tries."""
    island.hear("INCONNU", minutes_ago=3)

    words = text_of(enter("mollivier").get("/feeds/"))

    assert "1 émetteur que personne n’a annoncé" in words
    assert "INCONNU" in words


def test_what_was_not_understood_is_counted_and_opened_by_those_who_mend(
    island: Island, enter: Enter
) -> None:
    """Kept, counted, readable; and a patient's values only for whoever must look."""
    body = "MSH|^~\\&|GAM||RELEVE||20261121031000+0100||ZZZ^Z01|1|P|2.5\rPID|||42||<b>LÉVY</b>\x07^ROSE\r".encode()
    island.hear("GAM", body=body)
    island.hear("GAM", minutes_ago=2)
    address = f"/feeds/entry/a/1/{island.reader.size - 2}/"

    page = enter("mollivier").get("/feeds/")
    opened = enter("mollivier").get(address)
    raw = opened.content.decode()

    assert "no department reads ZZZ^Z01 yet" in text_of(page)
    assert "2 messages non compris" in text_of(page)
    assert address in page.content.decode()
    assert "LÉVY" not in page.content.decode()
    assert "&lt;b&gt;LÉVY&lt;/b&gt;⟦U+0007⟧^ROSE" in raw, (
        "escaped, and what a screen swallows is written as its code"
    )
    assert opened["Cache-Control"] == "no-store, private"
    for code in ("nkervella", "hvasseur", "andiaye"):
        assert enter(code).get(address).status_code == 403
        assert address not in enter(code).get("/feeds/").content.decode()
    assert Client().get(address).status_code == 302


@pytest.mark.parametrize("address", ["/feeds/entry/a/1/0/", "/feeds/entry/a/1/99999/", "/feeds/entry/b/1/1/"])
def test_only_received_messages_open(island: Island, enter: Enter, address: str) -> None:
    """An account's entry holds a sealed verifier: the raw page is for messages alone."""
    assert enter("mollivier").get(address).status_code == 404


def census(*lines: str) -> Draft:
    """Return the entry of a census."""
    head = "ipp;encounter;family;given;birth_date;sex;ward;bed;admitted_at"
    return Draft(
        kind="initial.census", body="\n".join([head, *lines]).encode() + b"\n", source="drop:census.csv"
    )


def test_who_is_missing_on_either_side_is_told_by_ward(island: Island, enter: Enter) -> None:
    """Somebody in a bed whom the boards do not know is the patient nobody treats."""
    island.admit("101", "DURAND", "2110")
    island.admit("102", "PETIT", "3110")
    island.append(
        [
            census(
                "101;V101;DURAND;Rose;1945-07-14;F;2110;P;2026-11-20T10:00",
                "300;V300;ABSENT;Jean;1950-01-01;M;2120;P;2026-11-20T10:00",
            )
        ]
    )

    care = text_of(enter("nkervella").get("/feeds/"))
    machine = text_of(enter("mollivier").get("/feeds/"))

    assert "2 patients sur une seule liste" in care
    assert re.search(r"Urologie 1 ABSENT Jean, lit P 300 personne", care)
    assert re.search(r"Pneumologie personne 1 PETIT ROSE, lit P 102", care)
    assert "DURAND" not in care
    assert "ABSENT" not in machine
    assert "Les noms sont montrés à ceux qui participent aux soins." in machine


def test_a_census_of_one_ward_says_nothing_of_the_others(island: Island, enter: Enter) -> None:
    """A ward that prints its own list at night must not make every other patient look lost."""
    island.admit("101", "DURAND", "2110")
    island.admit("102", "PETIT", "3110")
    island.append([census("101;V101;DURAND;Rose;1945-07-14;F;2110;P;2026-11-20T10:00")])

    words = text_of(enter("nkervella").get("/feeds/"))

    assert "PETIT" not in words
    assert "les deux listes nomment les mêmes personnes" in words


def test_a_confidential_stay_keeps_its_cover_name_there_too(island: Island, enter: Enter) -> None:
    """A list of differences must not give away who is in psychiatry."""
    island.admit("103", "CACHÉE", "3120")
    island.append([census("301;V301;SECRET;Jean;1950-01-01;M;3120;F;2026-11-20T10:00")])

    words = text_of(enter("nkervella").get("/feeds/"))

    assert "CACHÉE" not in words
    assert "SECRET" not in words
    assert words.count("CONFIDENTIEL") == 2
    assert "301" not in words


def test_a_person_known_by_another_number_is_not_missing(island: Island, enter: Enter) -> None:
    """Numbers change; the visit is the same."""
    island.admit("104", "DURAND", "2110")
    island.append([census("999;V104;DURAND;Rose;1945-07-14;F;2110;P;2026-11-20T10:00")])

    assert "les deux listes nomment les mêmes personnes" in text_of(enter("nkervella").get("/feeds/"))


def test_the_journal_s_figures_add_up(island: Island, enter: Enter) -> None:
    """Received, recorded, shown: a difference is a loss, and must be seen."""
    for _ in range(3):
        island.hear("GAM")
    words = text_of(enter("mollivier").get("/feeds/"))

    assert "3 messages reçus depuis minuit" in words
    assert f"{island.reader.size} inscriptions au journal, messages et actes" in words
    assert "0 inscriptions à l’abri au journal, pas encore sur les pages" in words


def test_before_any_map_the_pages_say_so(
    island: Island, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first minutes of an island are not an error."""
    for module in ("overview_page", "feeds_page", "declare_page", "packs_page"):
        monkeypatch.setattr(f"releve.crisis.{module}.island_now", lambda request: None)
    client = enter("ylegoff")

    for address in ("/hospital/", "/hospital/applications/", "/feeds/", "/declare/", "/packs/"):
        assert "Pas encore de carte de l’hôpital" in text_of(client.get(address))
    assert client.get("/hospital/live/").status_code == 204
