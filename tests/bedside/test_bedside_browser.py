"""Board, patient and search in a real browser: read by axe, on a phone, at night, zoomed, without script, live."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from bedside_island import DAY, MINUTE, NOW_MS, PASSWORD, BedsideIsland

from browsing import Browse, focus_on, looks, screens, violations
from releve.departments.documents.tables import Document
from releve.departments.prescribing.tables import MedicationSheet
from releve.record.tables import Alert, Allergy, Link
from releve.web.opaque import seal
from thinned import wider_than_screen

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# Starts a browser and looks at a clock: never beside others.
pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

NURSE = "nkervella"


@pytest.fixture
def ward(island: BedsideIsland) -> str:
    """Fill the ward with one of each difficulty, in a downtime; return the key of the first patient."""
    island.account(NURSE)
    first = island.patient("8000412301", "201", used_name="MARCHAND")
    island.row(Allergy, id=f"{first}/p", person=first, label="Pénicilline", reaction="œdème", state="stated")
    island.row(Alert, id=f"{first}/i", person=first, label="Isolement contact", strong=True, status="active")
    island.row(
        Document, id=f"{first}/D", person=first, title="Lettre", body="Texte.", written_at=NOW_MS - DAY
    )
    for hours in (2, 26, 50):
        island.result(first, at=NOW_MS - hours * 60 * MINUTE, flag="critical-high")
    island.drug(first, times=["01:00", "03:00", "09:00"], high_alert=True, dose_value="20", dose_unit="mg")
    island.drug(first, "Ceftriaxone 1 g", placer="P2", times=["10:00"], end_at=NOW_MS - DAY)
    island.row(
        MedicationSheet, id="W", person=None, ward="2140", media_type="application/pdf", dated_at=NOW_MS - 60 * MINUTE
    )  # fmt: skip
    island.row(
        MedicationSheet, id="P", person=first, media_type="application/xml", dated_at=NOW_MS - 60 * MINUTE
    )
    second = island.patient("2", "202", name="BERNARD", given="Michel", confidential="PV1-16 I")
    other = island.person("22", cluster=second, birth_date="1946")
    island.row(Link, id="m", person=second, other=other, kind="merge", status="active")
    # What analysers and senders call things fits no phone on one line; beds off the map bring their own names.
    island.result(
        first,
        "DFG estimé (CKD-EPI 2021)",
        "10",
        unit="mL/min/1,73 m²",
        flag="critical-low",
        at=NOW_MS - MINUTE,
    )
    island.patient("429", "429P", name="LEFEBVRE-DUBOIS", given="Marguerite")
    island.patient("430", "12345-67", name="KOWALCZUK", given="Jan")
    island.patient("3", None, name="BERNARD", given="Maurice", birth_date="1955")
    island.heard("PRESC", NOW_MS - 26 * MINUTE)
    island.declare("PRESC", "SGL")
    return first


@pytest.fixture
def browse(chromium: "Browser", served: str, ward: str) -> Iterator[Browse]:
    """Return a function that opens the board on a fresh screen, a nurse signed in."""
    with screens(chromium, served, PASSWORD, code=NURSE, next="/ward/2140/") as browse:
        yield browse


def beds_over_names(page: "Page") -> list[str]:
    """Return the beds whose name runs into the person's on a phone."""
    before = page.viewport_size
    page.set_viewport_size({"width": 390, "height": 844})
    over: list[str] = page.eval_on_selector_all(
        "#board tbody th.bed",
        """beds => beds.filter(bed => {
          const at = bed.getBoundingClientRect(), name = bed.nextElementSibling.getBoundingClientRect();
          return at.right > name.left && at.bottom > name.top + 1;
        }).map(bed => bed.textContent.trim())""",
    )
    if before is not None:
        page.set_viewport_size(before)
    return over


@pytest.mark.parametrize(("size", "night"), looks("screen", True))
def test_every_page_is_accessible_and_never_wider_than_its_screen(
    browse: Browse, ward: str, size: str, night: bool
) -> None:
    """At 200 % on an old laptop, on a phone in a corridor, at night."""
    page = browse(size=size, night=night)
    handle = seal(ward)

    for address in (
        "/ward/", "/ward/2140/", "/find/", *(f"/patient/{handle}/{one}" for one in
        ("", "grid/", "results/", "timeline/", "identity/", f"sheet/{seal('P', 'sheet')}/")),
        f"/ward/2140/sheet/{seal('W', 'sheet')}/",
    ):  # fmt: skip
        page.goto(address)
        assert violations(page) == [], address
        assert wider_than_screen(page) == [], address
        if address == "/ward/2140/":
            assert beds_over_names(page) == [], "a bed hides whose it is"


def test_a_recovery_is_as_readable_as_a_cut(browse: Browse, ward: str, island: BedsideIsland) -> None:
    """What is on paper and not here yet is told to everybody, by whatever means she reads."""
    island.declare("PRESC", "SGL", at=NOW_MS - 5 * MINUTE, status="restored")
    island.changed("2140")
    page = browse()

    for address in ("/ward/2140/", f"/patient/{seal(ward)}/", f"/patient/{seal(ward)}/grid/"):
        page.goto(address)
        assert page.get_by_text(re.compile("sur papier", re.I)).first.is_visible(), address
        assert violations(page) == [], address


def test_everything_needed_works_without_script(browse: Browse) -> None:
    """A workstation whose scripts are blocked must still tell where the patients are."""
    page = browse(script=False)

    page.get_by_role("link", name="À faire").click()
    page.get_by_role("link", name="DELORME").click()
    page.get_by_role("link", name="Administration, 24 h").click()
    page.get_by_role("link", name="Chercher").first.click()
    page.get_by_label("Premières lettres des noms").fill("delo")
    page.get_by_role("button", name="Chercher").click()
    page.get_by_role("link", name="DELORME").click()

    heading = page.get_by_role("heading", name="DELORME")
    heading.wait_for()
    assert heading.is_visible()


def test_the_board_changes_by_itself(browse: Browse, island: BedsideIsland) -> None:
    """Nobody presses "reload" at three in the morning."""
    page = browse()
    assert page.get_by_text("KOWALCZYK").count() == 0

    island.patient("9", "204", name="KOWALCZYK")

    page.get_by_text("KOWALCZYK").first.wait_for(timeout=12_000)


def test_focus_stays_on_the_patient_when_the_board_is_refreshed(
    browse: Browse, island: BedsideIsland
) -> None:
    """Who walks the board by keyboard must not be thrown back to its top every five seconds."""
    page = browse()
    page.locator("#p-b2140-201").focus()

    island.patient("9", "204", name="KOWALCZYK")
    page.get_by_text("KOWALCZYK").first.wait_for(timeout=12_000)

    focus_on(page, "#p-b2140-201")
    assert page.evaluate("document.activeElement.id") == "p-b2140-201"


@pytest.mark.parametrize("script", [False, True], ids=["without-script", "with-script"])
def test_a_phone_opens_the_grid_at_the_present_hour(browse: Browse, ward: str, script: bool) -> None:
    """Its first four hours alone read as a day without doses; the link does it by keyboard, in any browser."""
    page = browse(size="phone", script=script)
    page.goto(f"/patient/{seal(ward)}/grid/")

    def seen() -> bool:
        now = page.locator(".mar thead .now").bounding_box()
        drugs = page.locator(".mar tbody th").first.bounding_box()
        assert now is not None
        assert drugs is not None
        return drugs["x"] + drugs["width"] <= now["x"] - now["width"] + 1 and now["x"] + now["width"] <= 390

    def top() -> float:
        return page.locator(".mar thead .now").evaluate("one => one.getBoundingClientRect().y")  # type: ignore[no-any-return]

    assert seen()
    page.locator(".to-now a").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**#now")
    for _ in range(60):  # it may glide there
        if seen() and top() < 844:
            break
    assert seen()
    assert top() < 844


def test_the_head_of_a_phone_holds_an_application_that_is_cut_and_still_heard(
    browse: Browse, island: BedsideIsland
) -> None:
    """Said on one line it pushed the hour of day off the screen."""
    island.heard("SGL", NOW_MS - MINUTE)
    page = browse(size="phone")

    said = page.locator(".horizon dt").first.inner_text()
    clock = page.locator(".horizon dd").last.bounding_box()

    assert "encore entendu" in said
    assert clock is not None
    assert clock["x"] + clock["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert beds_over_names(page) == []
    lines = page.eval_on_selector_all(
        "#board tbody th.bed:not(.bed--long):not(:has(small))",
        "all => all.map(one => one.getClientRects()[0].height / parseFloat(getComputedStyle(one).lineHeight))",
    )
    assert all(height < 1.9 for height in lines), lines  # 202, 429P: on one line
