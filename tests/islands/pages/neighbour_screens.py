"""The islands on a screen: at every size, by day and by night, somebody signed in."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from neighbours import NeighbourIsland
from ward_island import PASSWORD

from browsing import Browse, looks, screens, violations

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["LOOKS", "Browse", "browse", "shut_out"]

LOOKS = looks("phone", True)


@pytest.fixture
def browse(chromium: "Browser", served: str, island: NeighbourIsland) -> Iterator[Browse]:
    """Return a function that opens the island on a fresh screen, somebody of this role signed in."""
    with screens(chromium, served, PASSWORD) as open_screen:

        def browse(role: str, **look: Any) -> "Page":
            island.account(f"{role}1", role, ("2140",))
            return open_screen(f"{role}1", **look)

        yield browse


def shut_out(page: "Page") -> list[str]:
    """Return what axe finds on a page, and that it scrolls sideways."""
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return violations(page) + ([f"scrolls sideways by {wider} px"] if wider > 0 else [])
