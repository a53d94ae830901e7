"""The ward's board: every bed, nobody lost, nothing told to whom it must not be, and words for what is not known."""

import re
from collections.abc import Callable

import pytest
from bedside_island import DAY, HOUR, MINUTE, NOW_MS, BedsideIsland, page_of, row_of, small_hospital
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from releve.bedside.live import BoardCache
from releve.hospital.map import Application, ConfidentialRules
from releve.record.tables import Allergy, Encounter, Link
from releve.web.opaque import seal

POLL = {"HTTP_X_POLL": "1", "HTTP_HX_REQUEST": "true"}


def test_every_bed_has_its_line_free_ones_too(island: BedsideIsland, nurse: Client) -> None:
    """A bed that is missing from the board is where somebody will be put by mistake."""
    island.patient("1", "203")

    html = page_of(nurse)

    order = re.findall(r'<tr id="(b2140[^"]+)"', html)
    assert order == ["b2140-201", "b2140-202", "b2140-202B", "b2140-203", "b2140-204"]
    assert "DELORME" in row_of(html, "b2140-203")
    assert "Libre" in row_of(html, "b2140-201")
    assert "3 libres" in html


def test_a_patient_whose_bed_nobody_said_is_on_the_board(island: BedsideIsland, nurse: Client) -> None:
    """Who is in no bed of the map is in the ward all the same, and must get her drugs."""
    island.patient("1", None)
    island.patient("2", "999", name="KOWALCZYK")

    html = page_of(nurse)

    assert "lit non reçu" in row_of(html, "other-1") or "lit non reçu" in row_of(html, "other-2")
    # Below two dozen free beds nobody would look for her.
    assert html.index('id="other-1"') < html.index('<tr id="b')
    assert "hors de la carte" in html
    assert "2 patients sans lit connu" in html


def test_a_patient_of_whom_only_the_number_is_known_is_on_the_board(
    island: BedsideIsland, nurse: Client
) -> None:
    """A movement may arrive before the identity: the bed is not free."""
    island.row(
        Encounter,
        id="CHV:77/V77",
        person="CHV:77",
        visit="V77",
        status="present",
        ward="2140",
        room="201",
        bed="201",
    )
    island.changed("2140")

    assert "Nom non reçu" in row_of(page_of(nurse), "b2140-201")


def test_two_patients_in_one_bed_are_both_shown_and_told(island: BedsideIsland, nurse: Client) -> None:
    """A transfer that was not sent must be seen, not hide one of the two."""
    island.patient("1", "201", name="AUBRY")
    island.patient("2", "201", name="PERRIN")

    html = page_of(nurse)

    assert "AUBRY" in html
    assert "PERRIN" in html
    assert html.count("deux patients dans ce lit") == 2


def test_allergies_are_told_in_three_different_words(island: BedsideIsland, nurse: Client) -> None:
    """ "None known" was asked; "not recorded" was not: taking one for the other kills."""
    stated, none = island.patient("1", "201"), island.patient("2", "202", name="BERNARD")
    island.patient("3", "203", name="DIALLO")
    island.row(
        Allergy, id=f"{stated}/x", person=stated, label="Pénicilline", reaction="œdème", state="stated"
    )
    island.row(
        Allergy, id=f"{none}/none", person=none, label="-", state="none-known", stated_at=NOW_MS - 3 * DAY
    )

    html = page_of(nurse)

    assert "Pénicilline" in row_of(html, "b2140-201")
    assert "aucune connue" in row_of(html, "b2140-202")
    assert "demandé 18 nov." in row_of(html, "b2140-202")
    assert "non renseignées" in row_of(html, "b2140-203")
    assert "aucune connue" not in row_of(html, "b2140-203")


def test_homonyms_are_told_but_not_mother_and_child(island: BedsideIsland, nurse: Client) -> None:
    """Two of one name are taken for each other; a mother and her newborn are told as such."""
    island.patient("1", "201", name="BERNARD", given="Michel")
    island.patient("2", "204", name="BERNARD", given="Maurice")
    mother = island.patient("3", "202", name="AZZOUZ", given="Samira")
    child = island.patient("4", "202B", name="AZZOUZ", given="Inès", birth_date="2026-11-20")
    island.row(Link, id="link", person=mother, other=child, kind="mother", status="active")

    html = page_of(nurse)

    assert "Homonyme lit 204" in row_of(html, "b2140-201")
    assert "Homonyme" not in row_of(html, "b2140-202B")
    assert "Mère lit 202" in row_of(html, "b2140-202B")
    assert "Bébé lit 202B" in row_of(html, "b2140-202")


def test_of_many_of_one_name_three_beds_and_the_number_of_the_others_are_told(
    island: BedsideIsland, nurse: Client
) -> None:
    """Forty tags in a line hide the allergy beside them."""
    for number in range(1, 8):
        island.patient(str(number), f"20{number}", name="BERNARD", given=f"Michel{number}")

    line = row_of(page_of(nurse), "b2140-201")

    assert line.count("Homonyme lit") == 3
    assert "3 autres homonymes" in line


def test_a_newborn_without_a_bed_is_told_beside_the_mother(island: BedsideIsland, nurse: Client) -> None:
    """ "Baby bed", and nothing after it: half a sentence about where a child is."""
    mother = island.patient("3", "202", name="AZZOUZ", given="Samira")
    child = island.patient("4", None, name="AZZOUZ", given="Inès", birth_date="2026-11-20")
    island.row(Link, id="link", person=mother, other=child, kind="mother", status="active")

    html = page_of(nurse)

    assert "Bébé ici, sans lit" in row_of(html, "b2140-202")
    assert "Mère lit 202" in html


@pytest.mark.parametrize("whole_ward", [False, True], ids=["stay", "ward"])
def test_a_confidential_stay_keeps_its_cover_outside_the_ward_in_charge(
    island: BedsideIsland, enter: Callable[..., Client], whole_ward: bool
) -> None:
    """Who is here is itself a secret; a homonym's flag would tell the name."""
    hidden = None if whole_ward else "PV1-16 I"
    if whole_ward:
        island.map(small_hospital(confidential=ConfidentialRules(wards=("2140",), cover_name="CONFIDENTIEL")))
    island.patient("1", "201", name="BERNARD", given="Michel", confidential=hidden)
    if not whole_ward:
        island.patient("2", "202", name="BERNARD", given="Maurice")

    inside = page_of(enter(wards=("2140",)))
    outside = page_of(enter(role="physician", wards=("4140",)))

    assert "Michel" in inside
    assert "Confidentiel" in inside
    assert "Michel" not in outside
    assert "CONFIDENTIEL" in row_of(outside, "b2140-201")
    assert "1945" not in row_of(outside, "b2140-201")
    assert "Homonyme" not in outside


def test_a_dose_over_its_hour_is_late_only_while_charting_is_heard(
    island: BedsideIsland, nurse: Client
) -> None:
    """A dose called due although it was given is given twice."""
    person = island.patient("1")
    island.drug(person, times=["01:00", "09:00"])
    heard = row_of(page_of(nurse), "b2140-201")

    island.declare("PRESC")
    island.heard("PRESC", NOW_MS - 100 * MINUTE)
    unheard = row_of(page_of(nurse), "b2140-201")

    assert "01:00 en retard" in heard
    assert "01:00 donné ?" in unheard
    assert "en retard" not in unheard


def test_a_critical_result_stands_first(island: BedsideIsland, nurse: Client) -> None:
    """It must be seen from the door."""
    person = island.patient("1")
    island.result(person, "Sodium", "140", at=NOW_MS - 10 * MINUTE)
    island.result(person, "Potassium", "6.4", flag="critical-high")

    html = page_of(nurse)

    urgent = re.search(r'<span class="urgent">.*?</span></span>', row_of(html, "b2140-201"))
    assert urgent is not None
    assert re.sub(r"<[^>]*>", "", urgent[0]) == "Potassium 6,4 mmol/L"
    assert "1 résultat critique depuis 24 h" in html
    assert 'coach--act" id="c-b2140-201"' in html


def test_what_is_frozen_says_until_when_and_what_may_be_missing(island: BedsideIsland, nurse: Client) -> None:
    """A silent feed makes the board stale, never empty."""
    island.patient("1")
    island.heard("SGL", NOW_MS - 5 * HOUR)

    html = page_of(nurse)

    assert "figé" in row_of(html, "b2140-201")
    assert "Peut manquer :" in html
    assert "Résultats de biologie depuis 22:09" in html or "Résultats de biologie depuis 22:10" in html


def test_the_filters_work_without_script(island: BedsideIsland, nurse: Client) -> None:
    """They are addresses: "to do", "leaving"."""
    island.patient("1", "201", name="AUBRY", expected_discharge_at=NOW_MS + 6 * HOUR)
    late = island.patient("2", "202", name="PERRIN")
    for person in ("CHV:1", "CHV:2"):
        island.row(Allergy, id=f"{person}/none", person=person, label="-", state="none-known")
    island.drug(late, times=["01:00"])

    todo, leaving = page_of(nurse, show="todo"), page_of(nurse, show="leaving")

    assert "PERRIN" in todo
    assert "AUBRY" not in todo
    assert "AUBRY" in leaving
    assert "PERRIN" not in leaving


def test_each_care_function_has_one_place_to_write(island: BedsideIsland, nurse: Client) -> None:
    """At any moment a ward knows where to write: the application, this island, or a form for what it does not do."""
    before = page_of(nurse)

    island.declare("PRESC", "SGL")
    after = page_of(nurse)

    assert "Feuille de prescription" not in before
    assert "<b>Prescription</b>" in before
    assert "Feuille de prescription" not in after
    assert "On écrit ici" in after
    assert "Prescription : application coupée" in after


def test_applications_cut_at_different_hours_each_say_theirs(island: BedsideIsland, nurse: Client) -> None:
    """Where to write says since when: an hour of another application is the wrong page of the paper to look at."""
    second = Application(
        code="REA", name="Prescription de réanimation", care_functions=("prescribe", "administer")
    )
    island.map(small_hospital(applications=(*small_hospital().applications, second)))
    island.declare("PRESC", at=NOW_MS - 60 * MINUTE)
    island.declare("REA", at=NOW_MS - 20 * MINUTE)

    html = page_of(nurse)

    assert (
        "Prescription : application coupée depuis 02:10 ; "
        "Prescription de réanimation : application coupée depuis 02:50"
    ) in html


def test_an_unchanged_poll_is_answered_304_with_three_small_queries(
    island: BedsideIsland, nurse: Client
) -> None:
    """Two hundred screens ask every five seconds."""
    island.patient("1")
    first = nurse.get("/ward/2140/live/", **POLL)

    with (
        CaptureQueriesContext(connections["default"]) as views,
        CaptureQueriesContext(connections["runtime"]) as own,
    ):
        second = nurse.get("/ward/2140/live/", HTTP_IF_NONE_MATCH=first["ETag"], **POLL)

    assert first.status_code == 200
    assert f'data-etag="{first["ETag"]}"'.replace('""', '"').replace(
        '"', ""
    ) in first.content.decode().replace("&quot;", "").replace('"', "")
    assert (second.status_code, second.content) == (304, b"")
    assert len(views) + len(own) <= 3


def test_a_change_in_the_ward_gives_another_etag_and_the_new_board(
    island: BedsideIsland, nurse: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An ETag that forgets something keeps an old board on the wall."""
    for share in ("SHARE", "SHARE_OF_ALL"):
        monkeypatch.setattr(f"releve.bedside.live.{share}", 1e9)  # no pause between two readings
    person = island.patient("1")
    tags = [nurse.get("/ward/2140/live/", **POLL)["ETag"]]

    island.result(person, flag="critical-high")
    island.changed("2140")
    answer = nurse.get("/ward/2140/live/", HTTP_IF_NONE_MATCH=tags[0], **POLL)
    tags.append(answer["ETag"])
    island.declare("SGL")
    tags.append(nurse.get("/ward/2140/", HTTP_IF_NONE_MATCH="x").headers.get("ETag", "page"))
    tags.append(nurse.get("/ward/2140/live/", HTTP_IF_NONE_MATCH=tags[1], **POLL)["ETag"])
    nurse.post("/choose/", {"language": "en", "next": "/"})
    tags.append(nurse.get("/ward/2140/live/", HTTP_IF_NONE_MATCH=tags[3], **POLL)["ETag"])

    assert answer.status_code == 200
    assert b"Potassium" in answer.content
    assert len(set(tags)) == len(tags)


def test_readers_with_other_rights_never_share_a_fragment(
    island: BedsideIsland, enter: Callable[..., Client]
) -> None:
    """The cache is where a cover name would be lost."""
    island.patient("1", name="BERNARD", given="Michel", confidential="PV1-16 I")
    inside, outside = enter(wards=("2140",)), enter(role="physician", wards=("4140",))

    known = inside.get("/ward/2140/live/", **POLL)
    covered = outside.get("/ward/2140/live/", HTTP_IF_NONE_MATCH=known["ETag"], **POLL)

    assert covered.status_code == 200
    assert b"Michel" in known.content
    assert b"Michel" not in covered.content


def test_no_address_holds_a_value_of_the_patient(island: BedsideIsland, nurse: Client) -> None:
    """Addresses stay in histories, logs and proxies."""
    island.patient("8000412301", name="DELORME")

    html = page_of(nurse)

    addresses = re.findall(r'(?:href|hx-get|action|src)="([^"]*)"', html)
    assert any("/patient/" in address for address in addresses)
    assert not [address for address in addresses if "8000412301" in address or "DELORME" in address.upper()]


def test_somebody_outside_care_sees_no_board(island: BedsideIsland, enter: Callable[..., Client]) -> None:
    """Those who repair the computers do not read the patients."""
    island.patient("1")

    assert enter(role="it", wards=()).get("/ward/2140/").status_code == 403


def test_the_list_of_wards_tells_patients_and_beds(island: BedsideIsland, nurse: Client) -> None:
    """From one's own wards to all of the hospital, and wards nobody drew on the map."""
    island.patient("1")
    island.patient("2", "X", name="PERRIN", ward="9999")

    html = re.sub(r"\s+", " ", nurse.get("/ward/").content.decode())

    assert "Mes services" in html
    assert "<b>1</b> / 4" in html
    assert "9999" in html


def test_an_unknown_ward_is_not_found(island: BedsideIsland, enter: Callable[..., Client]) -> None:
    """A mistyped ward must not look like an empty one."""
    assert enter(role="physician").get("/ward/0000/").status_code == 404


def test_a_covered_line_tells_neither_why_she_is_here_nor_what_was_found(
    island: BedsideIsland, enter: Callable[..., Client]
) -> None:
    """A reason or an analysis names somebody as surely as her name."""
    mother = island.patient("1", "202", name="BERNARD", given="Claire", confidential="PV1-16 I")
    island.stay(mother, "202", confidential="PV1-16 I", reason="Accouchement sous X")
    child = island.patient("2", "202B", name="BERNARD", given="Bébé")
    island.row(Link, id="m", person=mother, other=child, kind="mother", status="active")
    island.result(mother, "Sérologie", "6.4", flag="critical-high")
    island.drug(mother, "Oxytocine", times=["03:15"])

    html = page_of(enter(role="physician", wards=("4140",)))

    line = row_of(html, "b2140-202")
    assert "motif confidentiel" in line
    assert "critique" in line
    assert "prévenir le service en charge" in line
    assert "Oxytocine" in line
    for secret in ("sous X", "Sérologie", "6,4", "Bébé lit", "BERNARD"):
        assert secret not in line, secret
    assert "Mère lit" not in row_of(html, "b2140-202B")


def test_a_line_past_its_end_is_counted_apart_and_never_due(island: BedsideIsland, nurse: Client) -> None:
    """What has ended must not send a nurse to the bed with a syringe, nor vanish."""
    person = island.patient("1", "201")
    island.drug(person, "Ceftriaxone 1 g", placer="P1", times=["01:00"], end_at=NOW_MS - HOUR)
    other = island.patient("2", "202", name="AUBRY")
    island.drug(other, "Ceftriaxone 1 g", placer="P1", times=["01:00"], end_at=NOW_MS - HOUR)
    island.drug(other, "Bisoprolol", placer="P2", times=["08:00"])

    html = page_of(nurse)

    assert "aucune ligne en cours" in row_of(html, "b2140-201")
    assert "08:00" in row_of(html, "b2140-202")
    for anchor in ("b2140-201", "b2140-202"):
        assert "1 à fin dépassée" in row_of(html, anchor)
        assert "en retard" not in row_of(html, anchor)


def test_a_result_that_is_a_text_says_to_read_it(island: BedsideIsland, nurse: Client) -> None:
    """A culture with a page of text is not a culture without a result."""
    person = island.patient("1", "201")
    island.result(person, "Hémoculture", "1", number=None)
    from releve.departments.laboratory.tables import Result

    Result.objects.using("fold").update(value="Staphylococcus aureus, 2 flacons sur 4, antibiogramme suit")
    island.changed("2140")

    line = row_of(page_of(nurse), "b2140-201")

    assert "à lire" in line
    assert "non renseigné<" not in line


def test_a_dose_due_during_the_cut_is_asked_about_when_the_application_is_back(
    island: BedsideIsland, nurse: Client
) -> None:
    """It was charted on paper, which is not here: called late, it would be given twice."""
    person = island.patient("1", "201")
    island.drug(person, times=["01:00", "08:00"])
    island.declare("PRESC", at=NOW_MS - 3 * HOUR)
    island.declare("PRESC", at=NOW_MS - 10 * MINUTE, status="restored")

    html = page_of(nurse)
    island.declare("PRESC", at=NOW_MS - 5 * MINUTE, status="live")
    island.changed("2140")
    live = page_of(nurse)

    assert "01:00 donné ?" in row_of(html, "b2140-201")
    assert "Sur papier, pas encore ici :" in html
    assert "Prescription, Administration avant 03:00" in html
    assert "01:00 donné ?" in row_of(live, "b2140-201")
    assert "Sur papier, pas encore ici" not in live
    assert "01:00 en retard" not in html + live


def test_a_dose_missed_after_the_application_came_back_is_late(island: BedsideIsland, nurse: Client) -> None:
    """Doubt ends where charting is heard again."""
    person = island.patient("1", "201")
    island.drug(person, times=["01:00"])
    island.declare("PRESC", at=NOW_MS - 9 * HOUR)
    island.declare("PRESC", at=NOW_MS - 4 * HOUR, status="restored")

    assert "01:00 en retard" in row_of(page_of(nurse), "b2140-201")


def test_two_stays_open_at_once_are_said_on_both_boards_and_on_her_page(
    island: BedsideIsland, nurse: Client
) -> None:
    """She is in one bed: the other line is a ghost that gets doses, and only the wards know which it is."""
    person = island.patient("1", "201")
    island.stay(person, "7", ward="2150", visit="V-other")
    island.patient("2", "202", name="KOWALCZYK")
    consultation = island.stay("CHV:2", None, ward="2150", visit="V-consultation", class_code="O")
    assert consultation

    html = page_of(nurse)

    assert "Deux séjours ouverts : voir aussi" in row_of(html, "b2140-201")
    assert "1 patient avec deux séjours ouverts" in html
    assert "Deux séjours" not in row_of(html, "b2140-202")
    page = re.sub(r"[\u00a0\u202f\s]+", " ", nurse.get(f"/patient/{seal(person)}/").content.decode())
    assert "Deux séjours ouverts : voir aussi" in page


def test_a_confidential_stay_elsewhere_is_told_on_no_board(island: BedsideIsland, nurse: Client) -> None:
    """The contradiction is real, but saying it would say that she is there."""
    person = island.patient("1", "201")
    island.stay(person, "7", ward="2150", visit="V-other", confidential="PV1-16 I")

    assert "Deux séjours" not in page_of(nurse)


def test_a_screen_is_told_to_come_again_while_a_new_process_sets_other_boards(
    island: BedsideIsland, nurse: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a start every screen of the hospital asks at once; what hers shows stands for a moment longer."""
    island.patient("1")
    new = BoardCache()
    monkeypatch.setattr("releve.bedside.pages.boards", new)

    with new._setting:
        told = nurse.get("/ward/2140/live/", HTTP_IF_NONE_MATCH='"before"', **POLL)
    after = nurse.get("/ward/2140/live/", HTTP_IF_NONE_MATCH='"before"', **POLL)

    assert (told.status_code, told["ETag"]) == (304, '"before"')
    assert after.status_code == 200
    assert b"data-etag" in after.content
