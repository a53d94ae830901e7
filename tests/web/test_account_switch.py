"""A badge at a real screen: scanned from any field, the colleague is in within two seconds."""

import os
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from web_island import PASSWORD, Island

from browsing import focus_on, go, reach, retype, screens, violations
from releve.web import shell
from releve.web.accounts.draft import draft_badge

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

TOKEN = "CY04VPH3XRDM5FN8"
PIN = "958274"
# A person at work reads the name and types six figures: 6 x 0.28 s, scan 0.5 s (keystroke-level model).
HANDS_SECONDS = 0.5 + 6 * 0.28


@pytest.fixture
def page(chromium: "Browser", served: str, island: Island, show: Callable[..., None]) -> "Iterator[Page]":
    """Return a page where Nadia is at work; Hélène has a badge."""
    show(mode="downtime", since_ms=shell.now_ms() - 60_000, down=8, data_until_ms=shell.now_ms() - 120_000)
    island.account("nkervella")
    island.account("hvasseur", role="physician", family="VASSEUR", given="Hélène")
    island.append([draft_badge(island.data, code="hvasseur", token=TOKEN, pin=PIN)])
    with screens(chromium, served, PASSWORD) as browse:
        yield browse("nkervella")


def scan(page: "Page", text: str) -> None:
    """Type as a reader does, in one go: on a busy machine a driver's single keys come too slowly for one."""
    page.evaluate(
        """text => {
          const press = (key) => (document.activeElement || document.body).dispatchEvent(
            new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
          for (const key of text) press(key);
          press("Enter");
        }""",
        text,
    )


def shot(page: "Page", name: str) -> None:
    """Keep a picture where somebody asked for it."""
    folder = os.environ.get("RELEVE_SHOTS")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_the_screen_changes_hands_within_two_seconds_of_waiting_and_typing(page: "Page") -> None:
    """Anything slower and the ward writes under one name all night."""
    page.goto("/post/code/")
    page.get_by_label("Nouveau code").focus()
    begun = time.monotonic()
    scan(page, f"RLV1|B|{TOKEN}")
    page.wait_for_url("**/badge/")
    focus_on(page, "#id_pin")
    page.keyboard.type(PIN)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "badge" not in url)
    waited = time.monotonic() - begun

    assert page.locator(".who").inner_text().startswith("Hélène VASSEUR")
    # The machine's own part; reader and fingers take what the model says.
    assert waited < 2.0, f"{waited:.2f} s of waiting, {waited + HANDS_SECONDS:.2f} s with hands"


def test_the_screen_changes_hands_with_keys_alone(page: "Page") -> None:
    """A reader that is broken leaves the badge in a drawer: whoever comes types, whoever goes is gone."""
    page.goto("/post/code/")
    reach(page, "[name=password]")
    page.keyboard.type(f"RLV1|B|{TOKEN}")  # what a reader types, or a hand that copies the badge
    with page.expect_navigation():
        page.keyboard.press("Enter")
    focus_on(page, "#id_pin")
    page.keyboard.type(PIN)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator(".who").inner_text().startswith("Hélène VASSEUR")

    page.goto("/post/")
    go(page, "form[action='/sign-out/'] button")
    retype(page, "[name=badge]", "nkervella")
    retype(page, "[name=pin]", PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator(".who").inner_text().startswith("Nadia KERVELLA")


def test_a_badge_in_a_field_that_asks_for_one_stays_there_and_the_code_is_typed_next(page: "Page") -> None:
    """A second person countersigns: her scan must not take the first one's screen."""
    page.goto("/post/")
    page.get_by_role("button", name="Quitter").click()
    page.wait_for_url("**/sign-in/")
    page.get_by_label("Badge, ou identifiant").focus()
    scan(page, f"RLV1|B|{TOKEN}")
    focus_on(page, "#id_pin")
    page.keyboard.type(PIN)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)

    assert page.locator(".who").inner_text().startswith("Hélène VASSEUR")


def test_the_pages_of_a_badge_shut_nobody_out(page: "Page") -> None:
    """They are read in the half second before six figures."""
    page.goto("/post/")
    scan(page, f"RLV1|B|{TOKEN}")
    page.wait_for_url("**/badge/")
    found = {"badge": violations(page)}
    shot(page, "badge")
    page.get_by_role("button", name="Entrer").click()
    found["badge with errors"] = violations(page)
    page.set_viewport_size({"width": 390, "height": 844})
    shot(page, "badge-phone")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    page.locator("#id_pin").fill(PIN)
    page.get_by_role("button", name="Entrer").click()
    page.wait_for_url(lambda url: "badge" not in url)
    page.goto("/post/pin/")
    found["change"] = violations(page)
    shot(page, "change-pin-phone")

    assert {address: lines for address, lines in found.items() if lines} == {}


def test_a_machine_is_tested_and_told_what_to_do(page: "Page", island: Island) -> None:
    """The tour of the machines is made before the crisis, by somebody who has two hundred of them to see."""
    from datetime import UTC, datetime

    from releve.app.authority import make_authority

    make_authority(
        island.data, hospital="CH", island="A", names=["localhost"], networks=["10.0.0.0/8"], passphrase="x" * 12,
        now=datetime(2026, 11, 21, tzinfo=UTC),
    )  # fmt: skip
    page.goto("/trust/")
    page.get_by_text("C’est la machine même de l’îlot.").wait_for()
    assert not page.get_by_text("commence par https:// et que").is_visible()
    found = violations(page)
    shot(page, "trust")
    page.set_viewport_size({"width": 390, "height": 844})
    shot(page, "trust-phone")

    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert found == []
