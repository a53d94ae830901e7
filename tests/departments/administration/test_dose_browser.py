"""The doses in a real browser: a wedge scanner, a keyboard alone, the time it takes."""

import time
from collections.abc import Iterator

import pytest
from dose_island import MINUTE_MS, NOW_MS, PASSWORD, DoseIsland
from playwright.sync_api import Browser, Page

from browsing import faults, reach, screens
from thinned import whole

pytestmark = pytest.mark.browser
# The keystroke-level model, in seconds.
SCAN, KEY, DECISION = 0.5, 0.28, 1.35
PACK = "010340093405123417271130" + "10A1234B\x1d21XK9F7Q0001"


@pytest.fixture
def page(chromium: Browser, served: str, island: DoseIsland) -> Iterator[Page]:
    """Return a page where a nurse of 2140 is signed in, furosemide being due at three."""
    island.admit("8000201", "DELORME", "201")
    island.prescribe("8000201", "Furosémide", "0300", "0900", code="3400934051234")
    island.prescribe("8000201", "Chlorure de potassium 10 %", "0800", placer="P9", dose="1", unit="g")
    island.cut(at_ms=NOW_MS - 23 * MINUTE_MS)
    island.account("nurse1")
    with screens(chromium, served, PASSWORD, code="nurse1", next="/ward/2140/", locale="fr-FR") as browse:
        yield browse()


def wedge(page: Page, text: str) -> None:
    """Type as a scanner does: fast, a control key for the separator, Enter at the end."""
    for part in text.split("\x1d"):
        if part is not text.split("\x1d")[0]:
            page.keyboard.press("Control+BracketRight")
        page.keyboard.type(part)
    page.keyboard.press("Enter")


@pytest.mark.serial
def test_two_scans_and_enter_chart_a_dose_in_five_seconds(page: Page, island: DoseIsland) -> None:
    """From the board of the ward to the dose on the grid: what a nurse does thirty times a night."""
    waits = []

    begun = time.perf_counter()
    wedge(page, "RLV1|P|8000201|V8000201")
    page.wait_for_selector("#id_code:focus")
    waits.append(time.perf_counter() - begun)
    wedge(page, "3400893936047")  # somebody else's box: said in words, and the next one is read at once
    page.wait_for_selector(".scan-wrong")
    page.wait_for_selector("#id_code:focus")
    begun = time.perf_counter()
    wedge(page, PACK)
    page.wait_for_selector("#form button[value=given]:focus")
    waits.append(time.perf_counter() - begun)
    assert "Furosémide" in page.inner_text("#form")
    begun = time.perf_counter()
    page.keyboard.press("Enter")
    page.wait_for_selector("td .slot--given")
    waits.append(time.perf_counter() - begun)

    (dose,) = island.doses()
    assert (dose.lot, dose.expiry, dose.wristband) == ("A1234B", "2027-11-30", True)
    total = SCAN + SCAN + DECISION + KEY + sum(waits)
    print(
        f"two scans, one decision, one key: {total:.2f} s, of which waits {[round(one, 2) for one in waits]}"
    )
    assert total <= 5.0


def test_a_dose_is_charted_by_the_keyboard_alone(page: Page, island: DoseIsland) -> None:
    """No pointer at this trolley: Tab to the dose, Enter, Enter."""
    page.goto("/ward/2140/doses/")
    reach(page, "a.btn--main[href*='/grid/']")
    page.keyboard.press("Enter")
    page.wait_for_selector("#form button[value=given]:focus")
    page.keyboard.press("Enter")
    page.wait_for_selector("td .slot--given")

    assert [dose.status for dose in island.doses()] == ["given"]


def test_the_forms_work_without_scripts(
    chromium: Browser, served: str, island: DoseIsland, page: Page
) -> None:
    """An old browser, a blocked script: a dose is charted all the same."""
    state = page.context.storage_state()
    context = chromium.new_context(java_script_enabled=False, locale="fr-FR", storage_state=state)
    plain = context.new_page()
    plain.goto(f"{served}/ward/2140/doses/")
    plain.click("text=Ne pas donner")
    plain.select_option("[name=reason]", "fasting")
    plain.click("text=Enregistrer : non donné")

    plain.locator("td .slot--omitted").wait_for()
    assert [dose.reason_code for dose in island.doses()] == ["fasting"]
    context.close()


@pytest.mark.parametrize("width", [390, whole(1366)])
def test_no_page_of_doses_offends_axe_or_scrolls_sideways(page: Page, island: DoseIsland, width: int) -> None:
    """WCAG 2.2 AA, at a desk and on a phone: the grid, each form, a refusal, the doses of a ward."""
    page.set_viewport_size({"width": width, "height": 800})

    def look() -> None:
        assert faults(page) == []

    page.goto("/ward/2140/doses/")
    look()
    page.click("text=Ne pas donner")
    look()
    page.go_back()
    page.click("a.btn--main:has-text('Donner')")
    # A phone that shows the first hours alone shows a day without doses.
    now = page.locator(".mar thead .now").bounding_box()
    drugs = page.locator(".mar tbody th").first.bounding_box()
    assert now is not None
    assert drugs is not None
    assert drugs["x"] + drugs["width"] <= now["x"] + 1
    assert now["x"] + now["width"] <= width
    page.fill("[name=dose_value]", "200")
    page.click("button[value=given]")
    page.wait_for_selector("#form .warn")
    look()
    page.check("[name=sure]")
    page.click("button[value=given]")
    page.wait_for_selector("td .slot--given")
    look()
    page.click("td a.slot--given")
    look()
    page.click("td a.slot--two")
    look()
    page.fill("#id_code", "3400893936047")
    page.press("#id_code", "Enter")
    page.wait_for_selector(".scan-wrong")
    look()
