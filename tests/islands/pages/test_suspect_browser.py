"""The islands in a real browser: read by axe at every size, and the marker of an act that follows by itself."""

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from neighbours import NOW_MS, NeighbourIsland
from ward_island import PASSWORD

from releve.islands.exchange.state import Copy
from screens import compile_french

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

# Starts a browser: never beside others.
pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = {"screen": (1366, 768), "zoom": (683, 384), "phone": (390, 844)}
EVERY = [(size, night) for size in SIZES for night in (False, True)]
LOOKS = EVERY if int(os.environ.get("RELEVE_ROUNDS", "10")) > 10 else [EVERY[0], EVERY[5]]
Browse = Callable[..., "Page"]


@pytest.fixture
def browse(chromium: "Browser", served: str, island: NeighbourIsland) -> "Iterator[Browse]":
    """Return a function that opens the island on a fresh screen, somebody signed in."""
    compile_french()
    opened: list[BrowserContext] = []

    def browse(role: str, *, size: str = "screen", night: bool = False) -> "Page":
        width, height = SIZES[size]
        island.account(f"{role}1", role, ("2140",))
        context = chromium.new_context(
            base_url=served,
            viewport={"width": width, "height": height},
            has_touch=size == "phone",
            color_scheme="dark" if night else "light",
        )
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.goto("/sign-in/")
        page.get_by_label("Badge, ou identifiant").fill(f"{role}1")
        page.get_by_label("Code de l’îlot").fill(PASSWORD)
        page.get_by_role("button", name="Entrer").click()
        page.wait_for_url(lambda url: "sign-in" not in url)
        return page

    yield browse
    for context in opened:
        context.close()


@pytest.mark.parametrize(("size", "night"), LOOKS)
def test_no_page_of_the_islands_shuts_anybody_out(
    browse: Browse, island: NeighbourIsland, size: str, night: bool
) -> None:
    """Read on a phone, at night, by whoever has to walk to the other building."""
    from axe_playwright_python.sync_playwright import Axe

    page = browse("crisis", size=size, night=night)
    found: dict[str, list[str]] = {}

    def look(name: str, address: str) -> None:
        page.goto(address)
        result: Any = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
        found[name] = [
            f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in result.response["violations"]
        ]
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, f"{name} scrolls sideways by {wider} px"

    look("alone", "/islands/")
    island.others()
    island.exchange(**island.c_silent(), refused=(island.refuse("tree", from_="folder"),))
    look("silent", "/islands/")
    island.exchange(**island.c_silent(), refused=(island.refuse("equivocation"),))
    look("suspect", "/islands/")
    look("what to do", "/islands/suspect/")

    assert {name: lines for name, lines in found.items() if lines} == {}


def test_the_marker_of_an_act_follows_without_a_reload(browse: Browse, island: NeighbourIsland) -> None:
    """She waits for it before she folds the paper form."""
    handle = island.admit("501", "DURAND", "201")
    island.cut("DPI")
    island.others()
    island.exchange(copies={})
    page = browse("nurse")
    page.goto(f"/patient/{handle}/statements/")
    page.get_by_label("Substance, avec les mots employés").fill("Iode")
    page.get_by_role("button", name="Déclarer", exact=True).first.click()
    page.locator("#held", has_text="Enregistré ici").wait_for()

    island.exchange(copies={"a/1": {"b": Copy(len(island.entries), (NOW_MS - 1000) * 1000)}})

    page.locator("#held", has_text="Enregistré sur 2").wait_for()
