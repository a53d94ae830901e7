"""Lines told by telephone, copied, judged and reconciled, in a real browser with the keyboard alone."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from line_island import HOUR_MS, NOW_MS, PASSWORD, LineIsland

from browsing import UNSEEN, Browse, go, reach, retype, screens
from releve.departments.prescribing.tables import MedicationRequest
from thinned import whole

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture
def browse(chromium: "Browser", served: str, island: LineIsland) -> Iterator[Browse]:
    """Return a function that opens the island on a fresh screen, this person signed in."""
    for code, role, family in (
        ("medecin", "physician", "VASSEUR"),
        ("nurse1", "nurse", "KERVELLA"),
        ("pharma", "pharmacist", "ROLLAND"),
    ):
        island.account(code, role, family=family)
    with screens(chromium, served, PASSWORD, locale="fr-FR") as browse:
        yield browse


def test_a_line_told_by_telephone_is_written_signed_and_judged_with_keys_alone(
    browse: Browse, island: LineIsland
) -> None:
    """The physician is at the other end of the line, the pharmacist in the basement; nobody has a mouse."""
    rose = island.admit("201", "MARTIN^ROSE", "201")
    island.cut("DPI", at_ms=NOW_MS - HOUR_MS)

    page = browse("nurse1", next=f"/patient/{rose}/prescribe/")
    page.locator("#id_q:focus").wait_for()
    page.keyboard.type("parac")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.locator("button[name=choose]:focus").wait_for()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    reach(page, "details.fold summary")
    page.keyboard.press("Enter")
    retype(page, "[name=told_by]", "Dr Vasseur")
    reach(page, "[name=read_back]")
    page.keyboard.press("Space")
    go(page, "main form button.btn--big")
    row = MedicationRequest.objects.get()
    assert (row.awaits, row.prescriber) == (True, "Dr Vasseur")

    page = browse("pharma", next=f"/patient/{rose}/")
    go(page, "th.med a")
    reach(page, "[name=opinion]")
    page.keyboard.press("Space")
    retype(page, "[name=text]", "Maximum 3 g par jour")
    go(page, "button[value=opinion]")
    assert island.last("prescription.opinion.1")["text"] == "Maximum 3 g par jour"

    page = browse("medecin", next=f"/patient/{rose}/")
    go(page, "th.med a")
    go(page, "button[value=countersign]")
    assert MedicationRequest.objects.get().awaits is False


def test_a_received_line_is_copied_and_reconciled_before_the_switch_with_keys_alone(
    browse: Browse, island: LineIsland
) -> None:
    """Each line is looked at again and decided on; forty times in a morning."""
    rose = island.admit("201", "MARTIN^ROSE", "201")
    island.cut("DPI", at_ms=NOW_MS - HOUR_MS)
    island.prescribe("201", "Ramipril 5 mg", "0800", code="LIV0031", dose="5", pattern="QD")

    page = browse("medecin", next=f"/patient/{rose}/prescribe/")
    go(page, "a[href$='/change/']")
    go(page, "main form button.btn--big")
    assert island.last("prescription.changed.1")["revalidated"]

    page.goto(f"/patient/{rose}/prescribe/")
    go(page, "a[href$='/reconcile/']")
    reach(page, "select[name^='decide.']")
    page.keyboard.press("ArrowDown")
    go(page, "main form button.btn--big")
    (decided,) = island.last("prescription.reconciled.1")["decided"]
    assert decided["label"] == "Ramipril 5 mg"


@pytest.mark.parametrize("size", ["screen", whole("phone")])
def test_whoever_goes_up_by_keys_is_never_under_the_banner(
    browse: Browse, island: LineIsland, size: str
) -> None:
    """The banner stays in sight; a button that has the keyboard behind it is pressed unread (WCAG 2.4.11)."""
    rose = island.admit("201", "MARTIN^ROSE", "201", extra="AL1|1|DA|PEN^Pénicilline^L|SV|Choc\r")
    island.admit("202", "MARTIN^ROSA", "202")  # one more alert: the banner grows
    island.cut("DPI", "GAM", at_ms=NOW_MS - HOUR_MS)
    page = browse("medecin", next=f"/patient/{rose}/observations/", size=size)
    page.emulate_media(reduced_motion="reduce")  # the page is there at once, it does not glide
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    hidden = []

    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if (why := page.evaluate(UNSEEN)) != "":
            hidden.append((page.evaluate("document.activeElement.textContent.trim()"), why))

    assert hidden == []
