"""The shell in a real browser: by keyboard, without JavaScript, at night, on a phone, read by axe."""

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
import web_specimen
from web_island import PASSWORD, Island

from browsing import Browse, focus_on, looks, reach, screens, violations
from releve.journal.note import Signer
from releve.web import shell
from releve.web.accounts.draft import draft_managers, draft_managers_removed, issue_first_code, signed
from thinned import wider_than_screen

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Starts a browser and looks at a clock: never beside others.
pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

Show = Callable[..., None]


@pytest.fixture(autouse=True)
def said(show: Show) -> None:
    """Show a downtime, so that band, rail and horizon are all drawn."""
    now = shell.now_ms()
    show(
        mode="downtime",
        since_ms=now - 23 * 60_000,
        down=8,
        data_until_ms=now - 26 * 60_000,
        overdue=True,
        exercise=True,
    )


@pytest.fixture
def browse(chromium: "Browser", served: str, island: Island) -> Iterator[Browse]:
    """Return a function that opens a page of the island in a fresh browser, Nadia at work or somebody else."""
    island.account("nkervella")
    island.account("mollivier", role="it", wards=(), given="Marc", family="OLLIVIER")
    with screens(chromium, served, PASSWORD, code="nkervella") as browse:
        yield browse


@pytest.mark.parametrize(("size", "night"), looks("zoom", True))
def test_no_page_of_the_shell_shuts_anybody_out(
    browse: Browse, island: Island, size: str, night: bool
) -> None:
    """Small screens, night colours and 200 % zoom are the rule in a ward, not the exception."""
    page = browse(size=size, night=night, code="")
    found = {"/sign-in/": violations(page)}
    page.get_by_role("button", name="Entrer").click()
    found["/sign-in/ with errors"] = violations(page)
    lost, *kept = (Signer.generate(f"manager/manager-{number}") for number in (1, 2, 3))
    removal = draft_managers_removed([lost.verifier.vkey], {}, "carte perdue")
    island.append([draft_managers(one.verifier.vkey for one in (lost, *kept)), signed(removal, kept, "a")])
    page = browse("mollivier", size=size, night=night)
    for address in (
        "/specimen/",
        "/post/",
        "/post/code/",
        "/accounts/",
        "/managers/",
        "/accounts/new/",
        "/no-such-page/",
    ):
        page.goto(address)
        found[address] = violations(page)
        assert wider_than_screen(page) == [], f"{address} scrolls sideways"
    page.goto("/post/")
    page.get_by_role("button", name="Verrouiller").click()
    found["/lock/"] = violations(page)

    assert {address: lines for address, lines in found.items() if lines} == {}


def test_the_first_administrator_page_reads_well(browse: Browse, island: Island) -> None:
    """It is the first page that anybody ever sees of an island."""
    issue_first_code(island.data)
    page = browse(code="")
    page.goto("/first/")

    assert violations(page) == []


def test_one_takes_and_leaves_her_post_by_keyboard_alone(browse: Browse) -> None:
    """Gloves, a broken mouse, a screen reader: the keyboard is what always works."""
    page = browse(code="")
    page.keyboard.press("Tab")
    focus_on(page, ".skip")
    page.keyboard.press("Enter")
    reach(page, "[name=badge]")
    page.keyboard.type("nkervella", delay=90)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD, delay=90)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)
    page.goto("/post/")  # where one lands depends on the rooms that are there

    outline = "getComputedStyle(document.activeElement).outlineStyle"
    for _ in range(40):
        page.keyboard.press("Tab")
        assert page.evaluate(outline) != "none", "the focus must be seen"
        if "Quitter" in page.evaluate("document.activeElement.textContent"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in/")


def test_everything_works_without_javascript(browse: Browse, island: Island) -> None:
    """A locked-down or broken browser is what is left on such a night."""
    page = browse(script=False)
    page.goto("/post/")
    page.get_by_role("button", name="English").click()
    page.get_by_role("heading", name="My post").wait_for()
    page.get_by_role("button", name="Night").click()
    page.locator("html[data-theme=night]").wait_for()
    page.get_by_role("link", name="Change my island code").click()
    page.get_by_label("Island code", exact=True).fill(PASSWORD)
    page.get_by_label("New island code").fill("phare-de-nuit")
    page.get_by_label("The same, once more").fill("phare-de-nuit")
    page.get_by_role("button", name="Take this code").click()
    page.get_by_text("Saved here").wait_for()
    assert island.entries[-1].kind == "account.password-changed.1"


def test_a_refused_form_leads_to_what_is_wrong(browse: Browse) -> None:
    """The summary takes the focus, and each line leads to its field."""
    page = browse(code="")
    page.get_by_role("button", name="Entrer").click()

    focus_on(page, ".errors")
    page.get_by_role("link", name=re.compile("Présentez le badge")).click()
    focus_on(page, "[name=badge]")
    assert page.locator("[name=badge]").get_attribute("aria-invalid") == "true"
    described = page.locator("[name=badge]").get_attribute("aria-describedby") or ""
    for place in described.split():
        assert page.locator(f"#{place}").count() == 1


def test_a_poll_carries_its_etag_and_is_nobody_s_act(browse: Browse) -> None:
    """Unchanged boards cost almost nothing, and the dead man's bar starts again."""
    web_specimen.asked.clear()
    page = browse()
    page.goto("/specimen/")
    page.evaluate("document.querySelector('.deadman').old = true")
    page.wait_for_function("() => !document.querySelector('.deadman').old")

    assert web_specimen.asked[0] == {"etag": '"v1"', "poll": "1"}
    assert page.locator("#live").inner_text() == "first", "an unchanged answer must not empty the board"


def test_a_page_that_is_no_longer_refreshed_says_so_by_itself(browse: Browse) -> None:
    """A frozen board looks exactly like a calm night."""
    page = browse()
    page.goto("/post/")
    assert not page.locator(".deadman").is_visible()
    # The delay is the stylesheet's; time is moved on, nothing else.
    page.evaluate("document.querySelector('.deadman').getAnimations()[0].currentTime = 45001")

    page.wait_for_function(
        "() => getComputedStyle(document.querySelector('.deadman')).visibility == 'visible'"
    )
    page.wait_for_function("() => document.getElementById('announce').textContent.includes('rafraîchie')")


def test_the_clock_goes_on_between_two_answers(browse: Browse) -> None:
    """A clock that stands still is worse than none."""
    page = browse()
    page.goto("/post/")
    page.evaluate("document.querySelector('[data-clock]').textContent = ''")

    page.wait_for_function("() => /^\\d\\d:\\d\\d$/.test(document.querySelector('[data-clock]').textContent)")
    assert "min" in page.locator("[data-age-from]").inner_text()


def test_a_scan_is_routed_from_anywhere_and_leaves_no_trace_in_the_field(
    browse: Browse,
) -> None:
    """The nurse scans; she does not first click into the right field."""
    web_specimen.scanned.clear()
    page = browse()
    page.goto("/post/code/")
    page.get_by_label("Nouveau code").focus()
    page.keyboard.type("RLV1|P|0084512703")
    page.keyboard.press("Enter")
    page.wait_for_url("**/scan/")

    assert web_specimen.scanned == ["RLV1|P|0084512703"]
    assert "0084512703" not in page.url


def test_a_scanner_left_on_the_american_keyboard_is_understood(browse: Browse) -> None:
    """On a French layout its digits arrive as signs: R, L, V, &, µ."""
    web_specimen.scanned.clear()
    page = browse()
    page.goto("/post/")
    # What a French layout makes of the physical keys that such a scanner presses.
    page.evaluate(
        """() => {
          const keys = [["R","KeyR",1],["L","KeyL",1],["V","KeyV",1],["&","Digit1",0],["µ","Backslash",1],
            ["P","KeyP",1],["µ","Backslash",1],["à","Digit0",0],["_","Digit8",0]];
          for (const [key, code, shiftKey] of keys)
            document.dispatchEvent(new KeyboardEvent("keydown", {key, code, shiftKey: !!shiftKey, bubbles: true}));
          document.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", code: "Enter", bubbles: true}));
        }"""
    )
    page.wait_for_url("**/scan/")

    assert web_specimen.scanned == ["RLV1|P|08"]


def test_a_poll_that_fails_keeps_what_is_being_read(browse: Browse) -> None:
    """An island that restarts must not wipe the last page the ward has."""
    page = browse()
    page.route(
        "**/specimen/live/", lambda route: route.fulfill(status=500, body="<main id='main'>fault</main>")
    )
    page.goto("/specimen/")
    with page.expect_response("**/specimen/live/"):
        pass
    page.wait_for_timeout(300)

    assert page.locator("#live").inner_text() == "first"
    assert page.get_by_role("heading", name="Specimen").is_visible()


def test_the_band_stays_in_sight_when_the_page_is_scrolled(browse: Browse) -> None:
    """Which mode one is in must not depend on where one is on the page."""
    page = browse()
    page.goto("/specimen/")
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<p class=\"x\"></p>'.repeat(400))"
    )
    page.evaluate(
        "document.querySelectorAll('.x').forEach(p => p.textContent = 'ligne'); window.scrollTo(0, 2000)"
    )
    page.wait_for_function("() => window.scrollY > 1000")

    assert abs(page.evaluate("document.querySelector('.band').getBoundingClientRect().top")) < 1


def test_paper_keeps_the_mode_and_the_exercise(browse: Browse) -> None:
    """What is printed from a screen goes to the bedside."""
    page = browse()
    page.goto("/specimen/")
    pdfium = pytest.importorskip("pypdfium2", reason="pypdfium2 is not installed")
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<p>ligne</p>'.repeat(120))"
    )

    document = pdfium.PdfDocument(page.pdf(prefer_css_page_size=True))
    sheets = [re.sub(r"\s", "", sheet.get_textpage().get_text_bounded()) for sheet in document]
    document.close()

    assert len(sheets) >= 2
    assert "Modedégradé" in sheets[0]
    for sheet in sheets:
        assert "EXERCICE" in sheet
    assert "Nuit" not in sheets[0], "what cannot be pressed is not printed"
