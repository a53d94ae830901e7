"""The islands on a screen: at every size, by day and by night, somebody signed in."""

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from neighbours import NeighbourIsland
from ward_island import PASSWORD

from screens import compile_french

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

__all__ = ["EVERY", "LOOKS", "SIZES", "Browse", "browse", "shut_out"]

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = {"screen": (1366, 768), "zoom": (683, 384), "phone": (390, 844)}
EVERY = [(size, night) for size in SIZES for night in (False, True)]
LOOKS = EVERY if int(os.environ.get("RELEVE_ROUNDS", "10")) > 10 else [EVERY[5]]
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


def shut_out(page: "Page") -> list[str]:
    """Return what axe finds on a page, and that it scrolls sideways."""
    from axe_playwright_python.sync_playwright import Axe

    result: Any = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
    found = [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in result.response["violations"]]
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found + ([f"scrolls sideways by {wider} px"] if wider > 0 else [])
