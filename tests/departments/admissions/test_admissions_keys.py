"""What a counter and a ward do all night, in a real browser with the keyboard alone."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec
import pytest
from admissions_island import PASSWORD, AdmissionsIsland
from django.test import Client
from test_admissions_admit import admit
from test_admissions_labels import Printer

from browsing import Browse, focus_on, go, reach, retype, screens
from releve.departments.admissions.tables import BedKept
from releve.record.tables import Person
from releve.web.opaque import seal

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture
def browse(chromium: "Browser", served: str, island: AdmissionsIsland) -> Iterator[Browse]:
    """Return a function that opens the island on a fresh screen, this person signed in."""
    with screens(chromium, served, PASSWORD, locale="fr-FR") as browse:
        yield browse


def test_an_identity_is_corrected_a_child_admitted_and_her_wristband_printed_with_keys_alone(
    browse: Browse, island: AdmissionsIsland
) -> None:
    """All from the stay of the mother, on a workstation without a mouse."""
    mother = island.known("8001", "DELORME", "Élise", birth="19900714", ward="2140", bed="206")
    printer = Printer()
    machine = msgspec.structs.replace(island.map.printers[0], address=printer.address)
    island.change_map(msgspec.structs.replace(island.map, printers=(machine,)))
    page = browse("nkervella", next=f"/patient/{seal(mother)}/stay/")

    go(page, "a[href$='/identity/correct/']")
    retype(page, "[name=used_name]", "Marchal")
    go(page, "main form button.btn--main")
    assert Person.objects.get(id=mother).used_name == "MARCHAL"

    page.goto(f"/patient/{seal(mother)}/stay/")
    go(page, "a[href*='/admit/newborn/']")
    retype(page, "[name=given_name]", "Zoé")
    reach(page, "[name=sex]")
    page.keyboard.press("Space")
    retype(page, "[name=birth_date]", "21112026")
    reach(page, "[name=bed]")
    page.keyboard.press("End")
    go(page, "#admission button.btn--big")
    (born,) = island.entries("person.admitted.1")
    assert (born["mother"], born["traits"]["given_name"]) == (mother, "Zoé")

    # The labels come next, and the wristband has the keyboard: one key. Then her sheet of labels, on plain paper.
    focus_on(page, "button.btn--big")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    printer.close()
    assert [job[:6] for job in printer.jobs] == [b"^XA^CI"]
    reach(page, "a[href$='/labels/sheet/']")
    with page.expect_response("**/labels/sheet/") as asked:
        page.keyboard.press("Enter")
    assert asked.value.headers["content-type"] == "application/pdf"


def test_duplicates_isolation_and_a_patient_of_another_ward_need_no_mouse(
    browse: Browse, island: AdmissionsIsland, nurse: Client
) -> None:
    """Two numbers are linked, a bed is isolated, and the page of somebody elsewhere opens once the reason is said."""
    island.known("8009", "BERNARDIN", "Michelle", birth="19580312")
    assert admit(nurse).status_code == 302
    elsewhere = island.known("8002", "PETIT", "Paul", ward="1110", bed="1")
    page = browse("nkervella", next="/duplicates/")

    go(page, "button[value=link]")
    assert Person.objects.get(id="RELEVE-A:AP000001").cluster == "CHV:8009"

    page.goto("/beds/2140/")
    go(page, "a[href$='/beds/2140/2140-207/']")
    reach(page, "[name=isolation]")
    page.keyboard.press("ArrowDown")
    go(page, "main form button.btn--main")
    assert BedKept.objects.get(id="2140-207").isolation

    page.goto(f"/patient/{seal(elsewhere)}/")
    go(page, "button[value=emergency]")
    page.get_by_role("heading", name="PETIT").wait_for()


def test_the_account_of_the_downtime_is_taken_with_keys_alone(browse: Browse, nurse: Client) -> None:
    """The clerk who keys it in again has both hands on them already."""
    assert admit(nurse).status_code == 302
    page = browse("andiaye", next="/account/")

    reach(page, "main a[href*='csv']")
    with page.expect_download() as asked:
        page.keyboard.press("Enter")

    assert asked.value.suggested_filename.endswith(".csv")
