"""The fleet in a real browser: a scanner as a keyboard, without JavaScript, on a telephone, read by axe."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from fleet_island import FleetIsland
from ward_island import PASSWORD

from browsing import Browse, focus_on, looks, screens, violations
from releve.restoration.fleet.facts import BatchMade
from thinned import wider_than_screen

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Starts a browser and looks at a clock: never beside others.
pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

LOOK = ("phone", True)


@pytest.fixture
def browse(chromium: "Browser", served: str, island: FleetIsland) -> Iterator[Browse]:
    """Return a function that opens the island on a fresh screen, a technician signed in."""
    island.account("tech1", "it", (), family="OLLIVIER", given="Marc")
    with screens(chromium, served, PASSWORD, code="tech1") as browse:
        yield browse


@pytest.mark.parametrize(("size", "night"), looks(*LOOK))
def test_no_page_of_the_fleet_shuts_anybody_out(
    browse: Browse, island: FleetIsland, size: str, night: bool
) -> None:
    """A technician in a corridor holds a telephone in one hand and a machine in the other."""
    island.machines("PC-1", "PC-2", "PC-3")
    island.tell(BatchMade(act="B", happened_at=1, by="x", batch="B", name="Chirurgie", tags=("PC-1", "PC-2")))
    island.tell(island.step("S1", "isolated", ["PC-1", "PC-2"]))
    island.told(island.step("S2", "returned", ["PC-2"], ["S1"]))
    island.told(island.step("S3", "suspect", ["PC-1"]), index=1)
    page = browse(size=size, night=night)
    found = {}
    whole_look = (size, night) != LOOK

    for address in (
        "/fleet/stuck/", "/fleet/batches/", "/fleet/batches/new/", "/fleet/ward/2140/",
        "/fleet/", "/fleet/scan/?tag=PC-2&to=reimaged", "/fleet/batch/B/?to=collected", "/fleet/machines/",
        "/fleet/labels/?batch=B", "/fleet/machine/PC-1/?to=wiped",
    ):  # fmt: skip
        page.goto(address)
        assert wider_than_screen(page) == [], f"{address} scrolls sideways"
        # The lists are made of the same parts as the pages of wards and batches: `make soak` reads them too.
        if whole_look or address not in (
            "/fleet/stuck/",
            "/fleet/batches/",
            "/fleet/batches/new/",
            "/fleet/ward/2140/",
        ):
            found[address] = violations(page)
    page.get_by_role("button", name="Enregistrer :").click()
    found["refused"] = violations(page)

    assert {address: lines for address, lines in found.items() if lines} == {}


def test_a_scanner_that_is_a_keyboard_is_all_it_takes(browse: Browse, island: FleetIsland) -> None:
    """Scan, Enter, scan, Enter: gloves stay on, and the hand never goes to a mouse."""
    island.machines("PC-1", "PC-2")
    page = browse()

    page.goto("/fleet/")
    page.keyboard.type("RLV1|M|PC-1")
    page.keyboard.press("Enter")
    page.wait_for_selector("#h-machine")
    page.keyboard.press("Enter")
    page.wait_for_selector(".saved")
    assert island.row("PC-1").state == "suspect"
    for _ in range(2):  # a label without our prefix, then the same once more: it confirms
        focus_on(page, "#code")
        page.keyboard.type("PC-2")
        page.keyboard.press("Enter")
        page.wait_for_selector("#h-machine, .saved >> text=PC-2")
    page.wait_for_selector(".saved")

    assert island.row("PC-2").state == "suspect"
    focus_on(page, "#code")


def test_without_javascript_a_step_with_a_report_is_recorded(browse: Browse, island: FleetIsland) -> None:
    """The oldest machine of the workshop is the one beside the scanner."""
    island.machines("PC-1")
    island.tell(island.step("S1", "reimaged", ["PC-1"], image_sha256="ab" * 32))
    page = browse(script=False)

    page.goto("/fleet/scan/?tag=PC-1")
    page.set_input_files(
        "[name=report_file]", {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    )
    page.get_by_role("button", name="Contrôlée par l’antivirus").first.click()

    assert island.row("PC-1").state == "checked"
    assert island.row("PC-1").report
