"""Vital signs through the pages: charted, asked again, refused, corrected, seen by everybody."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from ward_island import HOUR_MS, NOW_MS, WardIsland

from releve.departments.observations.tables import Chart, Fluid
from releve.record.tables import Act, Measure

SIGNS = {
    "respiratory_rate": "22", "spo2": "94", "spo2_scale": "1", "oxygen": "oxygen", "oxygen_flow": "2",
    "systolic": "105", "diastolic": "62", "pulse": "112", "consciousness": "A", "temperature": "38,4",
    "pain": "4", "weight": "61,5", "glucose": "1,12", "glucose_unit": "g/L",
}  # fmt: skip


def text_of(answer: Any) -> str:
    """Return the words of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.fixture
def handle(island: WardIsland) -> str:
    """Return somebody in bed 201, while her record is cut."""
    handle = island.admit("8001", "DELORME^Élise", "201")
    island.cut("DPI")
    return handle


def chart(client: Client, handle: str, **said: str) -> Any:
    """Send the form."""
    return client.post(f"/patient/{handle}/observations/chart/", {**SIGNS, "act_key": "k1", **said})


def test_one_form_is_one_entry_with_codes_and_units(island: WardIsland, nurse: Client, handle: str) -> None:
    """What goes back to the record must say what was measured, not a bare number."""
    answer = chart(nurse, handle)

    assert answer.status_code == 302, text_of(answer)
    said = island.last("observation.charted.1")
    assert {(one["code"], one["loinc"], one["value"], one["unit"]) for one in said["values"]} >= {
        ("temperature", "8310-5", "38.4", "Cel"),
        ("systolic", "8480-6", "105", "mm[Hg]"),
        ("oxygen_flow", "3151-8", "2", "L/min"),
        ("glucose", "41653-7", "1.12", "g/L"),
    }
    assert (said["oxygen"], said["consciousness"], said["spo2_scale"]) == ("oxygen", "A", 1)
    assert (said["by"], said["ward"], said["applications"], said["visit"]) == (
        "nurse1",
        "2140",
        ["DPI"],
        "V8001",
    )
    assert Act.objects.get().kind == "observation.charted.1"


def test_the_page_shows_the_score_with_its_inputs_and_age(
    island: WardIsland, nurse: Client, handle: str
) -> None:
    """A number without its inputs cannot be checked at the bed."""
    chart(nurse, handle)
    island.now_ms += 14 * 60_000

    words = text_of(nurse.get(f"/patient/{handle}/observations/"))

    assert "NEWS2 9" in words  # 2 + 1 + 2 + 1 + 2 + 0 + 1
    assert "Fréquence respiratoire" in words
    assert "14 min" in words
    assert "appeler l’équipe d’urgence" in words


def test_the_same_form_sent_twice_is_one_row(island: WardIsland, nurse: Client, handle: str) -> None:
    """A slow page is pressed again by everybody."""
    chart(nurse, handle)
    chart(nurse, handle)

    assert island.kinds().count("observation.charted.1") == 1
    assert Chart.objects.count() == 1


def test_a_part_of_the_signs_gives_no_score(nurse: Client, handle: str) -> None:
    """Half a score looks like a good one."""
    empty = dict.fromkeys(SIGNS, "")
    chart(nurse, handle, **{**empty, "pulse": "72", "temperature": "37"})

    words = text_of(nurse.get(f"/patient/{handle}/observations/"))

    assert "NEWS2 non calculé" in words
    assert "manque Fréquence respiratoire, SpO₂, Air ou oxygène, Tension systolique, Conscience" in words


def test_the_weight_is_everybodys(nurse: Client, handle: str) -> None:
    """Doses per kilogram read it in the banner's table."""
    chart(nurse, handle)

    assert list(Measure.objects.values_list("code", "value", "unit", "measured_at")) == [
        ("weight", "61.5", "kg", NOW_MS)
    ]
    assert "61,5" in text_of(nurse.get(f"/patient/{handle}/"))


def test_an_unusual_figure_is_asked_again_and_then_taken(
    island: WardIsland, nurse: Client, handle: str
) -> None:
    """A finger slips more often than a heart beats 210."""
    asked = chart(nurse, handle, pulse="210")
    page = asked.content.decode()
    other = chart(nurse, handle, pulse="215", sure="pulse=210")
    taken = chart(nurse, handle, pulse="210", sure="pulse=210")

    assert asked.status_code == 422
    assert "Inhabituel" in page
    assert 'name="sure" value="pulse=210"' in page
    assert 'value="210"' in page, "what was typed is kept"
    assert other.status_code == 422, "another figure is asked by itself"
    assert taken.status_code == 302
    assert island.last("observation.charted.1")["confirmed"] == ["pulse=210"]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"pulse": "900"}, "Impossible"),
        ({"spo2": "101"}, "Impossible"),
        ({"temperature": "385"}, "Impossible"),
        ({"temperature": "38.55"}, "Au plus 1 décimales"),
        ({"pulse": "72.5"}, "chiffre entier"),
        ({"pulse": "soixante"}, "Écrivez un chiffre"),
        ({"pulse": "-5"}, "Écrivez un chiffre"),
        ({"pulse": "1e3"}, "Écrivez un chiffre"),
        ({"pulse": "٧٢"}, "Écrivez un chiffre"),
        ({"pulse": "<script>alert(1)</script>"}, "caractères"),
        ({"pulse": "1; DROP TABLE"}, "caractères"),
        ({"pulse": "7\x002"}, "nul"),
        ({"pulse": "7" * 10_000}, "caractères"),
        ({"temperature": "\u202e5.83"}, "Écrivez un chiffre"),
        ({"pulse": "😀"}, "Écrivez un chiffre"),
        ({"diastolic": "120"}, "La tension diastolique est plus basse"),
        ({"oxygen": "air"}, "Un débit est écrit"),
        ({"oxygen": ""}, "choisissez l’oxygène"),
        ({"oxygen": "helium"}, "n’en fait pas partie"),
        ({"consciousness": "Z"}, "n’en fait pas partie"),
        ({"note": "x" * 501}, "caractères"),
        ({"happened_at": "demain"}, "Une heure comme"),
        ({"happened_at": "23:59"}, "pas encore"),
        ({"happened_at": "31/02/2026 10:00"}, "Une heure comme"),
        ({"told_by": "Dr Vasseur"}, "puis cocher"),
    ],
)
def test_what_is_refused_stands_at_its_field_and_nothing_is_recorded(
    island: WardIsland, nurse: Client, handle: str, said: dict[str, str], words: str
) -> None:
    """Whatever is typed at night is answered in words, and what was typed is kept."""
    before = len(island.entries)

    answer = chart(nurse, handle, **said)

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert 'value="105"' in answer.content.decode(), "the other figures are kept"
    assert "<script>alert" not in answer.content.decode()
    assert len(island.entries) == before


def test_nothing_filled_in_is_not_an_act(island: WardIsland, nurse: Client, handle: str) -> None:
    """An empty form would say that somebody was looked at."""
    answer = chart(nurse, handle, **dict.fromkeys(SIGNS, ""))

    assert answer.status_code == 422
    assert "au moins un chiffre" in text_of(answer)


def test_a_correction_takes_the_place_and_the_old_figures_stay_readable(
    island: WardIsland, nurse: Client, handle: str
) -> None:
    """Nothing is edited: who corrected what must be seen."""
    chart(nurse, handle, weight="16,5", sure="weight=16.5")
    page = nurse.get(f"/patient/{handle}/observations/").content.decode()
    link = re.search(r'href="(/patient/[^"]+/observations/correct/[^"]+)"', page)
    assert link is not None
    island.now_ms += 60_000

    form = nurse.get(link[1])
    answer = nurse.post(link[1], {**SIGNS, "act_key": "k2", "what": "correct", "happened_at": "02:40"})

    assert form.status_code == 200
    assert 'value="16.5"' in form.content.decode()
    assert answer.status_code == 302, text_of(answer)
    assert Chart.objects.get(act="k1").corrected_by == "k2"
    assert Chart.objects.get(act="k1").weight == "16.5"
    assert Chart.objects.get(act="k2").happened_at == NOW_MS - 30 * 60_000
    weights = dict(Measure.objects.values_list("measured_at", "value"))
    assert weights == {NOW_MS: None, NOW_MS - 30 * 60_000: "61.5"}
    assert "61,5" in text_of(nurse.get(f"/patient/{handle}/"))
    again = nurse.post(link[1], {**SIGNS, "act_key": "k3", "what": "correct"})
    assert again.status_code == 422
    assert "corrigé entre-temps" in text_of(again)


def test_a_form_of_the_wrong_patient_is_withdrawn_with_a_reason(
    island: WardIsland, nurse: Client, handle: str
) -> None:
    """A score of the neighbour must not stand in her file."""
    chart(nurse, handle)
    page = nurse.get(f"/patient/{handle}/observations/").content.decode()
    link = re.search(r'href="(/patient/[^"]+/observations/correct/[^"]+)"', page)
    assert link is not None

    without = nurse.post(link[1], {"act_key": "k2", "what": "withdraw"})
    answer = nurse.post(link[1], {"act_key": "k2", "what": "withdraw", "reason": "mauvais patient"})
    words = text_of(nurse.get(f"/patient/{handle}/observations/"))

    assert without.status_code == 422
    assert answer.status_code == 302
    assert "Aucune constante relevée ici" in words
    assert "mauvais patient" in words


def test_while_the_record_answers_the_page_is_read_only(island: WardIsland, nurse: Client) -> None:
    """Two places to write are two truths."""
    handle = island.admit("8002", "MARTIN^Paul", "202")

    page = text_of(nurse.get(f"/patient/{handle}/observations/"))
    answer = chart(nurse, handle)

    assert "On écrit dans Dossier du patient" in page
    assert "Enregistrer" not in page
    assert answer.status_code == 422
    assert "observation.charted.1" not in island.kinds()


def test_what_was_done_during_the_cut_is_taken_after_it_and_marked_late(
    island: WardIsland, enter: Callable[..., Client], handle: str
) -> None:
    """A sheet found in a pocket is a fact too."""
    island.now_ms += 3 * HOUR_MS
    island.cut("DPI", status="live", at_ms=island.now_ms - 60_000)
    nurse = enter()

    page = nurse.get(f"/patient/{handle}/observations/?late=1").content.decode()
    answer = chart(nurse, handle, happened_at="21/11/2026 04:00", paper="K1-204")

    assert 'name="pulse"' in page
    assert answer.status_code == 302, text_of(answer)
    assert island.last("observation.charted.1")["late"] is True


def test_a_clerk_reads_and_does_not_chart(
    island: WardIsland, enter: Callable[..., Client], handle: str
) -> None:
    """Who did not measure cannot say what was measured."""
    clerk = enter("clerk")

    assert "Votre rôle lit ici" in text_of(clerk.get(f"/patient/{handle}/observations/"))
    assert chart(clerk, handle).status_code == 403
    assert clerk.post(f"/patient/{handle}/observations/fluid/", {}).status_code == 403


def test_volumes_are_summed_by_shift_and_day(island: WardIsland, nurse: Client, handle: str) -> None:
    """A balance is read at the change of shift."""
    for key, kind, volume, at in (
        ("f1", "in:infusion", "500", "20/11/2026 22:00"),
        ("f2", "out:urine", "300", "21/11/2026 01:00"),
        ("f3", "in:oral", "200", "20/11/2026 15:00"),
    ):
        answer = nurse.post(
            f"/patient/{handle}/observations/fluid/",
            {"act_key": key, "fluid-kind": kind, "fluid-volume": volume, "fluid-happened_at": at},
        )
        assert answer.status_code == 302, text_of(answer)

    words = text_of(nurse.get(f"/patient/{handle}/observations/"))

    assert Fluid.objects.count() == 3
    assert re.search(r"Nuit en cours .{0,40} 500 300 \+200", words), words
    assert re.search(r"Jour, depuis 07:00 en cours .{0,60} 700 300 \+400", words), words


@pytest.mark.parametrize("volume", ["", "0", "-200", "99999", "2,5", "beaucoup", "'; --", "5\x00"])
def test_a_volume_that_is_none_is_refused(
    island: WardIsland, nurse: Client, handle: str, volume: str
) -> None:
    """A volume of nothing or of a bathtub spoils the balance of the day."""
    answer = nurse.post(
        f"/patient/{handle}/observations/fluid/",
        {"act_key": "f1", "fluid-kind": "in:oral", "fluid-volume": volume},
    )

    assert answer.status_code == 422
    assert "fluid.charted.1" not in island.kinds()


def test_the_ward_board_calls_for_whoever_is_grave(island: WardIsland, nurse: Client, handle: str) -> None:
    """The score of somebody behind a closed door is seen from the desk."""
    island.admit("8002", "MARTIN^Paul", "202")
    chart(nurse, handle)

    board = text_of(nurse.get("/ward/2140/"))

    assert "les constantes de 1 patient appellent quelqu’un maintenant" in board
    assert re.search(r"NEWS2 9 03:10", board), board


def test_a_later_pulse_alone_does_not_hide_the_alarm_before_it(
    island: WardIsland, nurse: Client, handle: str
) -> None:
    """The last whole score goes on calling until a whole one says otherwise."""
    chart(nurse, handle)
    island.now_ms += 5 * 60_000
    nurse.post(f"/patient/{handle}/observations/chart/", {"act_key": "k2", "pulse": "80"})

    board = text_of(nurse.get("/ward/2140/"))
    page = text_of(nurse.get(f"/patient/{handle}/observations/"))

    assert re.search(r"NEWS2 9 03:10", board), board
    assert "Dernier complet : 9 à 03:10" in page


def test_the_timeline_shows_what_was_charted_and_by_whom(nurse: Client, handle: str) -> None:
    """The course of events has no hole where somebody was at the bed."""
    chart(nurse, handle)
    fluid = {"act_key": "f1", "fluid-kind": "out:urine", "fluid-volume": "300"}
    nurse.post(f"/patient/{handle}/observations/fluid/", fluid)

    words = text_of(nurse.get(f"/patient/{handle}/timeline/"))

    assert "NEWS2 9 , Fréquence respiratoire 22 /min" in words
    assert "−300 mL Urines , Nadia KERVELLA" in words


def test_a_volume_charted_by_mistake_is_withdrawn_and_no_sum_holds_it(
    island: WardIsland, nurse: Client, handle: str
) -> None:
    """A litre too many hides a kidney that stopped."""
    url = f"/patient/{handle}/observations/fluid/"
    nurse.post(url, {"act_key": "f1", "fluid-kind": "out:urine", "fluid-volume": "3000"})
    page = nurse.get(f"/patient/{handle}/observations/").content.decode()
    sealed = re.search(r'name="withdraws" value="([^"]+)"', page)
    assert sealed is not None
    island.now_ms += 60_000

    answer = nurse.post(url, {"act_key": "f2", "withdraws": sealed[1]})
    again = nurse.post(url, {"act_key": "f3", "withdraws": sealed[1]})

    assert answer.status_code == 302, text_of(answer)
    assert again.status_code == 422
    assert nurse.post(url, {"act_key": "f4", "withdraws": "forged"}).status_code == 404
    said = island.last("fluid.charted.1")
    assert (said["corrects"], said["volume_ml"], said["direction"]) == ("f1", 0, "out")
    assert Fluid.objects.get(act="f1").corrected_by == "f2"
    assert "Rien de relevé ces deux derniers jours" in text_of(nurse.get(f"/patient/{handle}/observations/"))


def test_what_waited_in_a_browser_is_taken_as_it_was_measured(
    island: WardIsland, nurse: Client, handle: str
) -> None:
    """An hour ago cannot be measured again: an unusual figure is kept, marked as not checked."""
    at = NOW_MS - 20 * 60_000
    late = {"outbox_at_ms": str(at), "outbox_clock_ms": str(at), "outbox_offset_ms": "0"}

    page = nurse.get(f"/patient/{handle}/observations/").content.decode()
    answer = chart(nurse, handle, pulse="210", happened_at="2026-11-21T02:50", **late)

    assert 'data-offline="given"' in page
    assert answer.status_code == 302, text_of(answer)
    said = island.last("observation.charted.1")
    assert said["offline"] is True
    assert said["happened_at"] == at
    assert chart(nurse, handle, act_key="k9", pulse="900", **late).status_code == 422, "nobody lives with 900"
