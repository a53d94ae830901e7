"""What a tired reader stumbles on: pages too long for a telephone, names and moments said twice, signs mixed."""

import re

import msgspec
from django.test import Client
from restoration_island import RestorationIsland
from small_case import CASE

from releve.restoration.case import Application
from screens import words_of


def test_the_catalogue_folds_by_group_and_is_searched_without_a_script(
    island: RestorationIsland, technician: Client
) -> None:
    """A hundred and fifty applications are twenty-four thousand pixels of a telephone: nobody scrolls that far."""
    more = tuple(
        Application(id=f"WS-{n}", name=f"Postes d’une unité {n}", kind="workstations", owner="Parc")
        for n in range(30)
    )
    case = msgspec.structs.replace(CASE, applications=(*CASE.applications, *more))
    island.catalogue(case)

    page = technician.get("/restoration/catalogue/").content.decode()
    found = technician.get("/restoration/catalogue/", {"q": "recopier IMAGES lécture"})
    one = technician.get("/restoration/catalogue/", {"q": "image lecture"})
    care = technician.get("/restoration/catalogue/", {"q": "Imagerie"})
    opened = technician.get("/restoration/catalogue/", {"group": "workstations"}).content.decode()

    assert page.count('<details class="fold group"') == 3
    assert '<details class="fold group" id="g-1" open' not in page
    assert 'id="g-workstations" open' in opened
    assert "aucune ne porte ces mots" in words_of(found)
    assert "1 sur 33 porte « image lecture »" in words_of(one)
    assert "Archive d’images" in words_of(care)
    assert "Postes d’une unité 7" not in care.content.decode().partition('id="applications"')[2]


def test_a_short_catalogue_is_read_without_opening_anything(
    begun: RestorationIsland, technician: Client
) -> None:
    """Three lines behind a fold are three clicks for nothing."""
    page = technician.get("/restoration/catalogue/").content.decode().partition('id="applications"')[2]

    assert page.count('<details class="fold group"') == page.count(" open><summary>") == 2


def test_a_share_is_written_as_each_language_writes_it(begun: RestorationIsland, technician: Client) -> None:
    """ "80 %" is French and "80%" English: a page that mixes them reads as a bad copy."""
    french = technician.get("/restoration/plan/").content.decode()
    technician.cookies["django_language"] = "en"
    english = "".join(
        technician.get(address).content.decode()
        for address in (
            "/restoration/",
            "/restoration/plan/",
            "/restoration/application/?id=PACS",
            "/restoration/what-if/",
        )
    )

    assert "80\u202f% de chances" in french
    assert "80% chance" in english
    assert not re.findall(r"\d[ \u00a0\u202f]%", english)


def test_care_called_after_what_it_waits_for_says_it_once(begun: RestorationIsland, cell: Client) -> None:
    """ "Images (reading in three dimensions), waits for reading in three dimensions" is read twice by tired eyes."""
    named = tuple(
        msgspec.structs.replace(one, name="Imagerie (Archive d’images <PACS> & lecture)")
        if one.id == "imagerie"
        else one
        for one in CASE.services
    )
    assert "attend Archive d’images" in words_of(cell.get("/restoration/"))
    begun.catalogue(msgspec.structs.replace(CASE, services=named))

    said = words_of(cell.get("/restoration/"))

    assert "attend Archive d’images" not in said
    assert "Imagerie (Archive d’images" in said


def test_a_moment_is_written_once_where_it_begins_and_ends_at_once(
    begun: RestorationIsland, technician: Client
) -> None:
    """A gate takes no time: the same hour twice is looked at for a difference."""
    tasks = words_of(technician.get("/restoration/tasks/?show=all"))
    own = words_of(technician.get("/restoration/application/?id=SGL"))

    assert own.count("Porte porte à faire 17:00 ") == 1
    assert "Porte porte à faire 17:00 –" not in own
    assert "20 nov. 17:00 – 17:00" in own  # the task before it: from yesterday's hour to today's
    assert tasks.count("17:00 17:00") == 1  # that task, and not its gate


def test_what_is_done_says_when_beside_what_was_planned(begun: RestorationIsland, technician: Client) -> None:
    """ "Planned Monday", read alone beside "done", says that it was done on Monday."""
    begun.report("R1", "done", hours_ago=2)
    begun.report("S1", "started", hours_ago=1)

    tasks = words_of(technician.get("/restoration/tasks/?show=all"))
    own = words_of(technician.get("/restoration/application/?id=RESEAU"))
    overview = words_of(technician.get("/restoration/"))

    assert "faite 01:10" in tasks
    assert "faite 01:10" in own
    assert "en cours 02:10" in tasks
    assert "mis en vigueur par Yann LE GOFF" in overview
