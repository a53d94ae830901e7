"""What every page says of the island: mode of the page's own ward, horizon of what is down, silence."""

from collections.abc import Callable

import pytest
from bedside_island import DAY, HOUR, MINUTE, NOW_MS, BedsideIsland, small_hospital
from django.test import Client, RequestFactory

from releve.bedside import where
from releve.bedside.shell import provide, ward_of_page
from releve.web.opaque import seal
from screens import words_of


def test_an_ordinary_day_is_watch(island: BedsideIsland) -> None:
    """Nothing declared, everything heard."""
    shell = provide(RequestFactory().get("/ward/2140/"))

    assert (shell.mode, shell.down, shell.silent, shell.overdue) == ("watch", 0, 0, False)
    assert shell.data_until_ms == NOW_MS - MINUTE
    assert shell.hospital == "Centre hospitalier de Valombre"


def test_the_horizon_of_a_downtime_is_the_latest_message_of_what_is_down(island: BedsideIsland) -> None:
    """What still speaks must not make the page look fresh."""
    island.heard("PRESC", NOW_MS - 26 * MINUTE)
    island.heard("GAM", NOW_MS - 40 * MINUTE)

    island.declare("PRESC", "GAM")
    shell = provide(RequestFactory().get("/ward/2140/"))

    assert shell.mode == "downtime"
    assert shell.down == 2
    assert shell.data_until_ms == NOW_MS - 26 * MINUTE
    assert shell.since_ms == NOW_MS - 23 * MINUTE
    assert shell.overdue


def test_what_is_declared_cut_and_still_heard_says_both(island: BedsideIsland, nurse: Client) -> None:
    """Its minute-old hour would read as the present of the ward, while the ward writes elsewhere."""
    person = island.patient("1", ward="2140", bed="101")
    island.drug(person)
    island.heard("PRESC", NOW_MS - MINUTE)

    island.declare("PRESC")
    band, page = words_of(nurse.get("/shell/")), words_of(nurse.get("/ward/2140/"))
    lines = words_of(nurse.get(f"/patient/{seal(person)}/"))

    assert provide(RequestFactory().get("/ward/2140/")).heard_though_cut_since_ms == NOW_MS - 23 * MINUTE
    assert "Déclaré coupé 02:47, encore entendu 03:09" in band
    assert "Données jusqu’à" not in band
    assert "depuis 02:47 (déclaré coupé, encore entendu à 03:09)" in page
    assert "coupé, reçu 03:09" in page
    assert "coupé, reçu 03:09 , 1 min reçu de Prescription" in lines
    assert "figé" not in page


def test_what_fell_silent_before_it_was_declared_cut_is_frozen(island: BedsideIsland, nurse: Client) -> None:
    """The ordinary cut: nothing more was heard, and the page says until when."""
    island.patient("1", ward="2140", bed="101")
    island.heard("PRESC", NOW_MS - 26 * MINUTE)

    island.declare("PRESC")
    page = words_of(nurse.get("/ward/2140/"))

    assert provide(RequestFactory().get("/ward/2140/")).heard_though_cut_since_ms is None
    assert "Données jusqu’à 02:44" in page
    assert "figé 02:44" in page
    assert "encore entendu" not in page


def test_a_page_says_the_mode_of_its_own_ward(island: BedsideIsland) -> None:
    """One building is cut; in the other one still writes in the application."""
    person = island.patient("1", ward="2140")

    island.declare("PRESC", places='[{"kind": "building", "code": "D"}]')

    assert provide(RequestFactory().get("/ward/4140/")).mode == "downtime"
    assert provide(RequestFactory().get("/ward/2140/")).mode == "watch"
    assert provide(RequestFactory().get(f"/patient/{seal(person)}/grid/")).mode == "watch"
    assert provide(RequestFactory().get("/find/")).mode == "downtime"


def test_the_band_that_refreshes_itself_asks_for_the_page_it_stands_in(island: BedsideIsland) -> None:
    """Otherwise a ward's own mode would be lost fifteen seconds after the page opened."""
    request = RequestFactory().get(
        "/shell/", headers={"HX-Current-URL": "https://ilot:8443/ward/4140/?show=todo"}
    )

    assert ward_of_page(request) == "4140"


def test_nobody_is_sent_to_the_other_applications_when_there_are_none(island: BedsideIsland) -> None:
    """Every hospital that was attacked cut everything at once: "the others as usual" is then the first lie read."""
    every = [one.code for one in small_hospital().applications]

    def all_down(path: str) -> str:
        return provide(RequestFactory().get(path)).down_all

    island.declare("PRESC")
    assert (all_down("/ward/2140/"), all_down("/find/")) == ("", "")
    island.declare(*every, places='[{"kind": "building", "code": "D"}]')
    assert (all_down("/ward/4140/"), all_down("/ward/2140/"), all_down("/find/")) == ("here", "", "in places")
    island.declare(*every)
    assert (all_down("/ward/2140/"), all_down("/find/")) == ("here", "here")


def test_restored_and_not_yet_live_is_recovery(island: BedsideIsland) -> None:
    """The way back is a mode of its own."""
    island.declare("PRESC", at=NOW_MS - DAY)
    island.declare("PRESC", at=NOW_MS - HOUR, status="restored")

    shell = provide(RequestFactory().get("/ward/2140/"))

    assert (shell.mode, shell.down) == ("recovery", 0)


def test_one_silent_feed_is_told_while_the_others_carry_the_horizon(island: BedsideIsland) -> None:
    """Silence beyond habit is seen before anybody declares it."""
    island.heard("SGL", NOW_MS - 5 * HOUR)

    shell = provide(RequestFactory().get("/ward/2140/"))

    assert (shell.silent, shell.silent_since_ms, shell.overdue) == (1, NOW_MS - 5 * HOUR, False)


def test_a_recorder_that_does_not_answer_is_said_on_every_page(island: BedsideIsland, nurse: Client) -> None:
    """Nothing may look recorded that is not."""
    assert provide(RequestFactory().get("/")).cannot_record == "recorder"
    assert "stopped" in nurse.get("/ward/").content.decode()


def test_the_band_says_where_one_writes_in_this_ward(
    island: BedsideIsland, enter: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """ "Write here" on a page that cannot be written on loses the first hour of a downtime."""
    island.declare("PRESC", places='[{"kind": "building", "code": "D"}]')

    # What this island does not write itself goes to the numbered forms.
    monkeypatch.setattr(where, "OPEN_DEPARTMENTS", frozenset())
    cut, other, whole = (
        provide(RequestFactory().get(path)) for path in ("/ward/4140/", "/ward/2140/", "/hospital/")
    )
    page = enter(wards=("2140", "4140")).get("/ward/4140/").content.decode()

    assert (cut.write_place, other.write_place, whole.write_place) == ("paper", "", "paper")
    assert "On écrit sur les formulaires numérotés du classeur." in page
    assert "On écrit ici" not in page


def test_a_cut_that_takes_no_writing_from_a_ward_says_so(island: BedsideIsland) -> None:
    """Results alone: nobody should look for a form."""
    island.declare("SGL")

    assert provide(RequestFactory().get("/ward/2140/")).write_place == ""


def test_what_one_department_takes_and_what_paper_takes_are_told_apart(
    island: BedsideIsland, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The day a department opens, the band must not send everybody to it."""
    island.declare("PRESC", "GAM")
    monkeypatch.setattr(where, "OPEN_DEPARTMENTS", frozenset({"prescribing"}))

    assert provide(RequestFactory().get("/ward/2140/")).write_place == "several"
    monkeypatch.setattr(where, "OPEN_DEPARTMENTS", frozenset({"prescribing", "admissions"}))
    assert provide(RequestFactory().get("/ward/2140/")).write_place == "releve"
