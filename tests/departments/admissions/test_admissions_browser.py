"""In a real browser: how many gestures an admission costs, and that it needs no mouse."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from admissions_island import PASSWORD, AdmissionsIsland

from browsing import focus_on, go, reach
from releve.record.tables import Encounter

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

# The keystroke-level model as the project counts it (seconds): a key, a pointing, a decision.
KEY, POINT, DECIDE = 0.28, 1.1, 1.35


class Hand:
    """Types like a person, counting keys, pointings, decisions, and the time the island really took."""

    def __init__(self, page: "Page") -> None:
        self.page, self.seconds = page, 0.0

    def type(self, text: str) -> None:
        """Press these keys."""
        self.page.keyboard.type(text)
        self.seconds += KEY * len(text)

    def press(self, key: str, times: int = 1) -> None:
        """Press a key."""
        for _ in range(times):
            self.page.keyboard.press(key)
        self.seconds += KEY * times

    def decide(self) -> None:
        """Stop and read."""
        self.seconds += DECIDE

    def waits(self, act: Callable[[], Any]) -> None:
        """Do something that asks the island, and count the wait."""
        since = time.monotonic()
        with self.page.expect_navigation():
            act()
        self.seconds += time.monotonic() - since


def sign_in(browser: "Browser", served: str, width: int = 1366) -> "Page":
    """Return a page where a nurse of 2140 is signed in."""
    page = browser.new_page(viewport={"width": width, "height": 768}, locale="fr-FR")
    page.goto(f"{served}/sign-in/")
    page.fill("[name=badge]", "nkervella")
    page.fill("[name=pin]", PASSWORD)
    page.press("[name=pin]", "Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)
    return page


def test_somebody_unknown_is_admitted_by_keyboard_within_45_seconds(
    chromium: "Browser", served: str, island: AdmissionsIsland
) -> None:
    """The line grows at the counter; the mouse is on the other side of the desk."""
    page = sign_in(chromium, served)
    page.goto(f"{served}/admit/")
    hand = Hand(page)
    focus_on(page, "[name=birth]")

    hand.type("12031958")
    hand.press("Tab")
    hand.type("ber")
    hand.waits(lambda: hand.press("Enter"))
    hand.decide()
    focus_on(page, "[name=birth_name]")
    hand.type("bernardin")
    hand.press("Tab")
    hand.type("michelle")
    hand.press("Tab")
    hand.press("Space")  # female comes first
    hand.decide()
    hand.press("Tab", 2)  # the birth date was typed once
    hand.type("valombre")
    hand.press("Tab", 2)
    hand.type("c")  # carte d'identité
    hand.decide()
    hand.press("Tab")
    hand.decide()  # the bed proposed is right
    focus_on(page, "[name=bed]")
    hand.press("Tab")
    hand.waits(lambda: hand.press("Enter"))

    (act,) = island.entries("person.admitted.1")
    assert act["traits"]["birth_date"] == "1958-03-12"
    assert act["traits"]["status"] == "VALI"
    assert hand.seconds <= 45, hand.seconds
    print(f"unknown person admitted: {hand.seconds:.1f} s by the keystroke-level model")


def test_a_known_person_is_admitted_within_30_seconds(
    chromium: "Browser", served: str, island: AdmissionsIsland
) -> None:
    """Her file is there: only the bed is new."""
    island.known("8003", "DELORME", "Élise", birth="19450714")
    page = sign_in(chromium, served)
    page.goto(f"{served}/admit/")
    focus_on(page, "[name=birth]")
    hand = Hand(page)

    hand.type("14071945")
    hand.press("Tab")
    hand.type("del")
    hand.waits(lambda: hand.press("Enter"))
    hand.decide()
    hand.seconds += POINT
    hand.waits(lambda: page.click("text=C’est elle"))
    hand.decide()
    hand.seconds += POINT
    hand.waits(lambda: page.click("text=Admettre, puis les étiquettes"))

    assert island.entries("person.admitted.1")[0]["person"] == "CHV:8003"
    assert hand.seconds <= 30, hand.seconds
    print(f"known person admitted: {hand.seconds:.1f} s by the keystroke-level model")


def test_somebody_is_moved_and_goes_home_by_keyboard_alone(
    chromium: "Browser", served: str, island: AdmissionsIsland
) -> None:
    """Bed after bed in a night of transfers, with a scanner and keys."""
    island.known("8001", "DELORME", "Élise", ward="2140", bed="206")
    page = sign_in(chromium, served)

    page.goto(f"{served}/beds/2140/")
    go(page, "a.btn[href*='?who=']")
    go(page, "form:has(input[value='2140-208']) button")

    assert Encounter.objects.get().bed == "208"

    page.goto(f"{served}/beds/2140/")
    go(page, "td a[href$='/stay/']")
    reach(page, "details:has([value=A03]) summary")
    page.keyboard.press("Enter")
    reach(page, "[name=discharge_mode]")
    page.keyboard.press("ArrowDown")
    go(page, "form:has([value=A03]) button[type=submit]")

    assert Encounter.objects.get().status == "left"
