"""The restoration in a real browser: read by axe, without JavaScript, on a telephone."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec
import pytest
from restoration_island import RestorationIsland
from small_case import CASE
from ward_island import PASSWORD

from browsing import Browse, looks, screens, violations
from releve.restoration.facts import PlanAsked, PlanFailed
from releve.restoration.sheets import symbol_of
from thinned import wider_than_screen

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Starts a browser and looks at a clock: never beside others.
pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

LOOK = ("phone", True)
PAGES = (
    "/restoration/", "/restoration/plan/", "/restoration/tasks/?show=all", "/restoration/task/?id=PG",
    "/restoration/application/?id=PACS", "/restoration/catalogue/", "/restoration/catalogue/edit/?id=PACS",
    "/restoration/what-if/", "/restoration/means/", "/restoration/means/person/?id=p1", "/restoration/means/hours/",
    "/restoration/means/skill/?id=sys", "/restoration/means/dates/?of=person&id=p1", "/restoration/labels/?show=all",
)  # fmt: skip
READ = ("/restoration/", "/restoration/plan/", "/restoration/task/?id=PG", "/restoration/means/person/?id=p1")


@pytest.fixture
def browse(chromium: "Browser", served: str, island: RestorationIsland) -> Iterator[Browse]:
    """Return a function that opens the island on a fresh screen, somebody of the information systems signed in."""
    island.account("tech1", "it", (), family="OLLIVIER", given="Marc")
    with screens(chromium, served, PASSWORD, code="tech1") as browse:
        yield browse


@pytest.mark.parametrize(("size", "night"), looks(*LOOK))
def test_no_page_of_the_restoration_shuts_anybody_out(
    browse: Browse, island: RestorationIsland, size: str, night: bool
) -> None:
    """The crisis cell reads it at night, on whatever screen is left."""
    island.catalogue()
    island.crisis()
    island.plan()
    island.report("P1", "blocked", reason="Baie en panne")
    island.report("PG", "done", evidence="Analyse sans alerte")
    page = browse(size=size, night=night)
    found = {}

    for address in PAGES:
        page.goto(address)
        # The lists are made of the same parts as these: `make soak` reads them too.
        if (size, night) != LOOK or address in READ:
            found[address] = violations(page)
        if wider_than_screen(page):
            found.setdefault(address, []).append("wider than the screen")

    assert {address: lines for address, lines in found.items() if lines} == {}


def test_a_task_is_done_without_javascript(browse: Browse, island: RestorationIsland) -> None:
    """The screen of the basement is ten years old."""
    island.catalogue()
    island.crisis()
    island.plan()
    page = browse(script=False)

    page.goto("/restoration/tasks/")
    page.locator('form:has(input[value="R1"]) button[value="done"]').click()

    assert page.url.endswith("/restoration/tasks/")
    assert island.last("restoration.task.1")["task"] == "R1"


def test_the_page_comes_back_by_itself_once_the_plan_is_there(
    browse: Browse, island: RestorationIsland
) -> None:
    """Whoever waits for a plan must not sit there pressing a key."""
    island.catalogue()
    island.crisis()
    asked = island.tell(PlanAsked(seconds=10, by="x"))
    page = browse()
    page.goto("/restoration/plan/")
    assert page.get_by_text("Un plan se prépare").is_visible()

    island.tell(PlanFailed(asked=asked, reason="too-long"))

    page.get_by_text("La dernière demande n’a pas donné de plan").wait_for()


def test_the_overview_is_read_again_each_minute(browse: Browse, island: RestorationIsland) -> None:
    """On the wall of the crisis cell nobody presses a key."""
    island.catalogue()
    island.crisis()
    island.plan()
    page = browse()
    page.clock.install()
    page.goto("/restoration/")
    page.get_by_text("0 / 2", exact=True).first.wait_for()
    declare = page.get_by_text("La déclarer restaurée")
    assert declare.count() == 0
    page.evaluate("document.body.dataset.here = 'the same page'")

    island.report("S1", "done")
    island.report("SG", "done", evidence="Analyse sans alerte")
    page.clock.fast_forward(61_000)

    declare.first.wait_for()
    assert declare.first.is_visible()
    assert page.evaluate("document.body.dataset.here") == "the same page", "read again, not loaded again"


def test_a_sheet_scanned_on_any_page_leads_to_its_task(browse: Browse, island: RestorationIsland) -> None:
    """The scanner lies on the table; nobody looks for the right page first."""
    island.catalogue()
    island.crisis()
    island.plan()
    page = browse()
    page.goto("/restoration/catalogue/")

    page.keyboard.type(symbol_of("P1"))
    page.keyboard.press("Enter")

    page.wait_for_url("**/restoration/task/?id=P1&say=done")
    assert "Recopier les images" in page.get_by_role("heading", level=1).inner_text()
    assert page.get_by_label("Elle est faite").is_checked()


def test_no_name_runs_over_its_box_between_what_it_needs_and_what_needs_it(
    browse: Browse, island: RestorationIsland
) -> None:
    """Half a name beside the next box is the name of nothing."""
    names = {
        "RESEAU": "Centrale de surveillance de réanimation et de soins continus (bâtiment principal)",
        "PACS": "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
    }
    applications = [
        msgspec.structs.replace(one, name=names.get(one.id, one.name)) for one in CASE.applications
    ]
    island.catalogue(msgspec.structs.replace(CASE, applications=tuple(applications)))
    island.crisis()
    island.plan()
    page = browse(size="screen")

    page.goto("/restoration/application/?id=RESEAU")

    assert not page.locator(".sides").is_visible()
    boxes = page.evaluate("""() => [...document.querySelectorAll(".strip .box")].map(box => {
        const frame = box.querySelector("rect").getBBox();
        const lines = [...box.querySelectorAll("text")].map(text => text.getBBox());
        return lines.every(line => line.x >= frame.x && line.x + line.width <= frame.x + frame.width
            && line.y >= frame.y && line.y + line.height <= frame.y + frame.height);
    })""")
    assert boxes == [True, True, True]
    assert "Centrale de surveillance" in (page.locator(".strip .own").text_content() or "")


def test_on_a_telephone_what_needs_an_application_is_a_list(
    browse: Browse, island: RestorationIsland
) -> None:
    """Of a drawing twice as wide as the screen, who waits lies outside of it."""
    island.catalogue()
    island.crisis()
    island.plan()
    page = browse(size="phone")

    page.goto("/restoration/application/?id=RESEAU")

    assert not page.locator("svg.strip").is_visible()
    page.locator(".sides").get_by_role("link", name="Laboratoire").click()
    page.wait_for_url("**/restoration/application/?id=SGL")
    assert page.locator(".sides").get_by_role("link", name="Cœur de réseau").is_visible()
