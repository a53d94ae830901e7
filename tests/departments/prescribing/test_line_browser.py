"""Prescribing in a real browser: how long it takes, by keyboard alone, without JavaScript, read by axe."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from line_island import HOUR_MS, NOW_MS, PASSWORD, LineIsland

from browsing import Browse, faults, go, reach, screens
from releve.departments.prescribing.tables import MedicationRequest
from thinned import whole

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

KEY, POINT, DECIDE = 0.28, 1.1, 1.35  # keystroke-level model, seconds
SECONDS_MAX = 20.0

# What has the focus when a page comes: one Enter each is all it takes.
USUAL = "button[name=choose]:focus"
SIGN = "button.btn--big:focus"


class Hands:
    """A pair of hands that counts what it does; waits for pages are measured beside."""

    def __init__(self, page: Any) -> None:
        self.page, self.seconds, self.waited = page, 0.0, 0.0

    def decide(self) -> None:
        """Look and choose."""
        self.seconds += DECIDE

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self.page.keyboard.type(text)
        self.seconds += KEY * len(text)

    def _go(self, do: Callable[[], None]) -> None:
        began = time.perf_counter()
        with self.page.expect_navigation():
            do()
        self.waited += time.perf_counter() - began

    def enter(self, focus: str = "") -> None:
        """Press Enter, which leads to another page; `focus` is what has it there before anybody goes on."""
        self.seconds += KEY
        self._go(lambda: self.page.keyboard.press("Enter"))
        if focus:
            began = time.perf_counter()
            self.page.locator(focus).wait_for()
            self.waited += time.perf_counter() - began

    def point(self, what: str) -> None:
        """Point at something and press, which leads to another page."""
        self.seconds += POINT
        self._go(lambda: self.page.locator(what).first.click())


@pytest.fixture
def rose(island: LineIsland) -> str:
    """Return the address of somebody in bed 201, while the record is cut."""
    handle = island.admit("201", "MARTIN^ROSE", "201")
    island.cut("DPI", at_ms=NOW_MS - HOUR_MS)
    island.account("medecin", "physician", family="VASSEUR", given="Hélène")
    return handle


@pytest.fixture
def browse(chromium: Any, served: str) -> Iterator[Browse]:
    """Return a function that opens the island on a fresh screen, a physician signed in."""
    with screens(chromium, served, PASSWORD, code="medecin", locale="fr-FR") as browse:
        yield browse


@pytest.mark.parametrize("script", [True, False])
def test_a_common_line_takes_less_than_twenty_seconds(
    island: LineIsland, rose: str, browse: Browse, script: bool
) -> None:
    """Forty patients, one physician, one night; and any old browser, its scripts refused."""
    page = browse(script=script)
    page.goto(f"/patient/{rose}/")
    hands = Hands(page)
    hands.decide()
    hands.point(f"a[href='/patient/{rose}/prescribe/']")
    page.locator("#id_q:focus").wait_for()
    hands.type("parac")
    hands.enter(focus=USUAL)
    hands.decide()
    hands.enter(focus=SIGN)  # the first usual dose had the focus
    hands.decide()
    hands.enter()  # the line is filled in; the signature had the focus
    page.wait_for_url(lambda url: not url.endswith("/prescribe/"))
    row = MedicationRequest.objects.get()
    assert (row.label, row.dose_value, row.interval_hours) == ("Paracétamol 1 g", "1", 6.0)
    assert "Paracétamol 1 g" in page.content()
    total = hands.seconds + hands.waited
    print(f"script={script}: {hands.seconds:.2f} s of hands and eyes, {hands.waited:.2f} s of waits")
    assert total <= SECONDS_MAX, (hands.seconds, hands.waited)


def test_a_line_is_changed_and_stopped_by_keyboard_alone(
    island: LineIsland, rose: str, browse: Browse
) -> None:
    """A mouse is the first thing that a borrowed laptop lacks."""
    page = browse()
    page.goto(f"/patient/{rose}/prescribe/")
    for keys, focus in (("parac", "#id_q:focus"), ("", USUAL), ("", SIGN)):
        page.locator(focus).wait_for()
        page.keyboard.type(keys)
        with page.expect_navigation():
            page.keyboard.press("Enter")
    go(page, "th.med a")
    reach(page, "[name=reason]")
    page.keyboard.type("Douleur passée")
    go(page, "[value=stop]")
    assert MedicationRequest.objects.get().status == "stopped"


@pytest.mark.parametrize("width", [1366, whole(390)])
def test_no_page_of_prescribing_offends_axe_or_scrolls_sideways(
    island: LineIsland, rose: str, browse: Browse, width: int
) -> None:
    """WCAG 2.2 AA, at a desk and on a phone."""
    page = browse(size=(width, 768))

    def look() -> None:
        assert faults(page) == []

    page.goto(f"/patient/{rose}/prescribe/")
    look()
    for keys in ("parac", ""):
        page.keyboard.type(keys)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        look()
    page.fill("[name=dose_value]", "beaucoup")
    with page.expect_navigation():
        page.locator("button.btn--main").last.click()
    look()
    page.fill("[name=dose_value]", "1")
    with page.expect_navigation():
        page.locator("button.btn--main").last.click()
    with page.expect_navigation():
        page.locator("th.med a").first.click()
    look()
    for address in (f"/patient/{rose}/reconcile/", "/prescribing/checks/", "/ward/2140/to-sign/"):
        page.goto(address)
        look()
